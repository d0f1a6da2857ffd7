// The estimators of feedforward/baseline: all that those on the core do, on plain JavaScript, with the same files.

import { describe, expect, test } from 'vitest';
import * as baseline from '../../src/entries/baseline.js';
import * as core from '../../src/entries/index.js';

const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(2 * i), (i % 7) / 7]);
const labels = X.map(([a, b]) => (a! * b! > 0.1 ? 'yes' : a! + b! > 0.5 ? 'perhaps' : 'no'));
const numbers = X.map(([a, b, c]) => 100 + 3 * a! - b! * c!);
const options = { hiddenLayers: [7], epochs: 15, seed: 4, deterministic: true } as const;

/** The largest difference of two lists of numbers. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describe('a classifier', () => {
  test('learns as on the core, up to rounding, and loads what the core saved, and the other way round', async () => {
    const plain = await new baseline.MLPClassifier(options).fit(X, labels);
    const fast = await new core.MLPClassifier(options).fit(X, labels);
    expect(plain.predict(X)).toEqual(fast.predict(X));
    expect(apart(plain.predictProba(X).data, fast.predictProba(X).data)).toBeLessThan(1e-4);
    expect(plain.score(X, labels)).toBe(fast.score(X, labels));
    const there = baseline.MLPClassifier.load(fast.save());
    expect(there).toBeInstanceOf(baseline.MLPClassifier);
    expect(apart(there.predictProba(X).data, fast.predictProba(X).data)).toBeLessThan(1e-6);
    const back = core.MLPClassifier.load(plain.save());
    expect(apart(back.predictProba(X).data, plain.predictProba(X).data)).toBeLessThan(1e-6);
    expect(baseline.loadEstimator(plain.save()).predict(X)).toEqual(plain.predict(X));
  });

  test('of two classes reads both probabilities from the logit, by a model of its own kind', () => {
    const two = labels.map((label) => label === 'yes');
    const plain = new baseline.MLPClassifier(options).fitSync(X, two);
    const fast = new core.MLPClassifier(options).fitSync(X, two);
    expect(apart(plain.predictProba(X).data, fast.predictProba(X).data)).toBeLessThan(1e-4);
  });

  test('is cloned, trained in portions, searched and explained as it is', async () => {
    const plain = new baseline.MLPClassifier(options);
    expect(plain.clone({ seed: 5 })).toBeInstanceOf(baseline.MLPClassifier);
    plain.partialFit(X, labels);
    expect(plain.predict(X)).toHaveLength(60);
    const { scores } = await baseline.crossValidate(new baseline.MLPClassifier(options), X, labels, { folds: 3 });
    expect(scores).toHaveLength(3);
    expect(baseline.permutationImportance(await plain.clone().fit(X, labels), X, labels)).toHaveLength(3);
  });
});

test('a regressor learns as on the core, up to rounding, and the files are the same', async () => {
  const plain = await new baseline.MLPRegressor(options).fit(X, numbers);
  const fast = await new core.MLPRegressor(options).fit(X, numbers);
  const outputs = fast.predict(X) as Float64Array;
  expect(apart(plain.predict(X) as Float64Array, outputs)).toBeLessThan(1e-3);
  expect(apart(baseline.MLPRegressor.load(fast.save()).predict(X) as Float64Array, outputs)).toBeLessThan(1e-4);
  expect(apart(core.MLPRegressor.load(plain.save()).predict(X) as Float64Array, plain.predict(X) as Float64Array)).toBeLessThan(
    1e-4,
  );
});

test('a file of a plain network is refused by name', () => {
  const { MLP, dense, loadEstimator } = baseline;
  expect(() => loadEstimator(new MLP({ inputs: 1, layers: [dense(1)] }).save())).toThrow(/Use MLP.load/);
});
