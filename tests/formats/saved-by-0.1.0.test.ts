// What 0.1.0 saved opens for good: the same bits from its files, and the same bits after its trainings go on.
// scripts/fixtures/models_0_1_0.mjs made the fixture with 0.1.0 itself.

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP, type FitOptions } from '../../src/entries/index.js';
import { fixture } from '../support/fixtures.js';

interface Saved {
  readonly X: number[][];
  readonly y: number[][];
  readonly numbers: number[][];
  readonly models: readonly { name: string; file: string; predictions: string; fit: FitOptions; resumed: string }[];
  readonly estimators: readonly {
    kind: 'classifier' | 'regressor';
    file: string;
    answers: (string | number)[];
    probabilities?: string;
  }[];
}

const { X, y, numbers, models, estimators } = fixture<Saved>('saved-by-0.1.0.json');
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const bits = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');

describe('what 0.1.0 saved', () => {
  test.each(models)('a model with $name predicts the same bits, and its training goes on to the same bits', (saved) => {
    const model = MLP.load(bytes(saved.file));
    expect(bits(model.predict(X).data)).toBe(saved.predictions);
    model.fitSync(X, y, saved.fit);
    expect(bits(model.predict(X).data)).toBe(saved.resumed);
  });

  test.each(models)('a model with $name is read by the baseline, and predicts the same numbers there', (saved) => {
    const expected = new Float32Array(bytes(saved.predictions).buffer);
    const { data } = PlainMLP.load(bytes(saved.file)).predict(X);
    for (const [i, value] of data.entries())
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
  });

  test.each(estimators)('a $kind gives the same answers', (saved) => {
    if (saved.kind === 'regressor') {
      expect(Array.from(MLPRegressor.load(bytes(saved.file)).predict(numbers) as ArrayLike<number>)).toEqual(saved.answers);
      return;
    }
    const classifier = MLPClassifier.load(bytes(saved.file));
    expect(classifier.predict(numbers)).toEqual(saved.answers);
    const { data, shape } = classifier.predictProba(numbers);
    if (shape[1] > 2) {
      expect(bits(data)).toBe(saved.probabilities);
      return;
    }
    // Of two classes the second keeps its bits; the first was 1 - p, and comes from the logit now.
    const before = new Float32Array(bytes(saved.probabilities!).buffer);
    for (const [i, p] of data.entries()) {
      if (i % 2 === 1) expect(p).toBe(before[i]);
      else expect(Math.abs(p - before[i]!)).toBeLessThan(1e-7);
    }
  });
});
