// Losses of y times t for targets of -1 and 1, in both backends, against scikit-learn: values by evaluate, derivatives by the step loop.

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import type { LossName } from '../../src/plan/losses.js';
import { refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

const { outputs, margins } = fixture<{
  outputs: number[];
  margins: { loss: string; target: number; values: number[]; derivatives: number[] }[];
}>('course-rows.json');

describe.each([
  ['the core', (loss: LossName) => new MLP({ inputs: 1, layers: [dense(1)], loss })],
  ['the baseline', (loss: LossName) => new PlainMLP({ inputs: 1, layers: [dense(1)], loss })],
] as const)('margin losses on %s', (_, make) => {
  /** A network that answers with its input. */
  function identity(loss: LossName) {
    const model = make(loss);
    model.parameters()[0]!.set([1]);
    return model;
  }

  test('have the values of scikit-learn, and modified Huber its derivative', () => {
    for (const { loss, target, values, derivatives } of margins) {
      if (loss === 'log') continue; // binaryCrossEntropy, whose targets are 0 and 1
      const model = identity(loss as LossName);
      outputs.forEach((y, i) => {
        expect(model.evaluate([[y]], [[target]]).loss).toBeCloseTo(values[i]!, 6);
        if (loss !== 'modifiedHuber') return; // at the kinks of the others the sides are a matter of taste
        model.zeroGrad();
        model.forward([[y]], { training: true });
        model.loss([[target]]);
        model.backward();
        expect(model.gradients()[1]!.values[0]).toBeCloseTo(derivatives[i]!, 6);
      });
    }
  });

  test('zeroOne is the share of wrong signs, 1 - accuracy, 0 counting as a minus', () => {
    const X = [[-2], [-0.5], [0], [0], [3]];
    const y = [[1], [-1], [1], [-1], [1]];
    const model = identity('zeroOne');
    expect(model.evaluate(X, y).loss).toBeCloseTo(0.4, 12);
    expect(model.evaluate(X.slice(2, 3), [[1]]).loss).toBe(1);
    expect(model.evaluate(X.slice(3, 4), [[-1]]).loss).toBe(0);
    expect(identity('zeroOne').evaluate(X, [[1], [0], [1], [0], [1]]).loss).toBeCloseTo(0.4, 12); // 0 and 1 will do
  });

  test('zeroOne is refused for training by name, everywhere, and passes no other way', () => {
    const model = identity('zeroOne');
    for (const train of [
      () => model.fitSync([[1]], [[1]]),
      () => model.trainStep([[1]], [[1]]),
      () => model.diagnose([[1], [2]], [[1], [-1]]),
      () => {
        model.forward([[1]], { training: true });
        model.loss([[1]]);
        model.backward();
      },
    ]) {
      const { code, message } = refusal(train);
      expect(code).toBe('ERR_OPTION');
      expect(message).toMatch(/^loss: "zeroOne" can be evaluated but not trained.*"modifiedHuber"/);
    }
    expect(model.inputGradient([[1]]).toArray()).toEqual([[1]]); // of the output, which the loss has no part in
    expect((model.constructor as typeof MLP).load(model.save()).evaluate([[1]], [[-1]]).loss).toBe(1);
  });

  test('modified Huber trains: it separates what a hinge separates', () => {
    const X = Array.from({ length: 40 }, (_, i) => [(i - 19.5) / 10]);
    const y = X.map(([x]) => [x! > 0.3 ? 1 : -1]);
    const model = make('modifiedHuber');
    model.fitSync(X, y, { epochs: 300, batchSize: 40 });
    expect(model.evaluate(X, y).loss).toBeLessThan(0.5);
    expect(model.diagnose(X, y).verdict).toBeTypeOf('string');
  });
});
