// Averaged weights, against the recurrence written out.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { readModelFile } from '../../src/formats/modelFile.js';

const X = [[1], [2], [-1], [0.5]];
const y = [[2], [3], [-1], [1]];
const options = (more: object): MLPOptions => ({
  inputs: 1,
  layers: [dense(1)],
  optimizer: { name: 'sgd', learningRate: 0.05 },
  seed: 2,
  ...more,
});

/** The average after each of `steps` steps on all rows, by the recurrence, from the weights of a model that keeps none. */
function expected(decayAt: (step: number) => number, steps: number, more: object): number[][] {
  const model = new MLP(options(more));
  let average = model.parameters().map(({ values }) => values[0]!);
  return Array.from({ length: steps }, (_, i) => {
    model.fitSync(X, y, { epochs: 1, batchSize: 4, shuffle: false });
    const decay = decayAt(i + 1);
    average = model.parameters().map(({ values }, k) => decay * average[k]! + (1 - decay) * values[0]!);
    return average;
  });
}

const warmUp = (decay: number) => (t: number) => Math.min(decay, (1 + t) / (10 + t));

// L-BFGS is at the minimum after three iterations, and takes no more.
describe.each([
  ['sgd', 12, {}],
  ['sgd with max-norm', 12, { maxNorm: 1.2 }],
  ['adam', 12, { optimizer: { name: 'adam', learningRate: 0.05 } }],
  ['lbfgs', 2, { optimizer: 'lbfgs' }],
])('weight averaging, %s', (_, steps, more) => {
  test.each([
    ['warm-up by default', { decay: 0.999 }, warmUp(0.999)],
    ['warm-up to a small decay', { decay: 0.3 }, warmUp(0.3)],
    ['no warm-up', { decay: 0.9, warmUp: false }, () => 0.9],
  ] as const)('%s: predictions come from the average', (_, weightAveraging, decayAt) => {
    const model = new MLP(options({ ...more, weightAveraging }));
    for (const [weight, bias] of expected(decayAt, steps, more)) {
      model.fitSync(X, y, { epochs: 1, batchSize: 4, shuffle: false });
      expect(model.predict([[3]]).data[0]).toBeCloseTo(3 * weight! + bias!, 5);
    }
  });
});

test('the plain backend warms up as the core does', () => {
  const plan = resolveNetwork(options({ weightAveraging: {} }));
  const backend = new PlainBackend(plan, { precision: 'float64' });
  backend.reserve(4, 4, true);
  backend.writeTensor(0, [1]);
  let average = 1;
  for (let t = 1; t <= 5; t++) {
    backend.zeroGradients();
    X.flat().forEach((x, i) => {
      backend.x[i] = x;
      backend.targets[i] = y[i]![0]!;
    });
    backend.forward(0, 4, true);
    backend.loss(0, false, 4);
    backend.backward(false, true);
    backend.step(0.05, 4);
    const decay = warmUp(0.999)(t);
    average = decay * average + (1 - decay) * backend.readTensor(0)[0]!;
    expect(backend.readAverage(0)[0]).toBeCloseTo(average, 12);
  }
});

test('after 960 steps of the default decay, next to nothing of the first weights is left', () => {
  // Weights that jump to 0 in the first step and stay: the average is the share of the first ones.
  let share = 1;
  for (let t = 1; t <= 960; t++) share *= warmUp(0.999)(t);
  expect(share).toBeLessThan(1e-12);
  const model = new MLP(options({ weightAveraging: {}, layers: [dense(1, { bias: false })] }));
  model.fitSync(X, y, { epochs: 960, batchSize: 4, shuffle: false });
  const [weight] = model.parameters();
  expect(model.predict([[1]]).data[0]).toBeCloseTo(weight!.values[0]!, 5);
});

test('files say whether averages warm up; those of 0.1.0, which do not say, went and go on without', () => {
  const saved = readModelFile(new MLP(options({ weightAveraging: { decay: 0.9 } })).save());
  expect(saved.options.weightAveraging).toEqual({ decay: 0.9, warmUp: true });
  const without = readModelFile(new MLP(options({ weightAveraging: { decay: 0.9, warmUp: false } })).save());
  expect(without.options.weightAveraging).toEqual({ decay: 0.9, warmUp: false });
});
