// One training step of a 10-64-64 network, microseconds: losses and options that came after the first ones, beside the mean squared error of
// a network of its size.

import { MLP, adam, dense, engineInfo, orderedOutputs, Random } from '../../dist/index.js';
import { MLP as BaselineMLP } from '../../dist/baseline.js';
import { medians, microseconds, table } from '../support/report.js';

const levels = [0.05, 0.5, 0.95];
const [inputs, units] = [10, 64];
const hidden = (options = {}) => dense(units, { activation: 'tanh', ...options });
const halves = [units / 2, units / 2];

/** Layers and loss of each row. Columns 0 to 4 have the shapes. */
const cases = {
  'meanSquaredError, 1 output': { layers: [hidden(), hidden(), dense(1)], loss: 'meanSquaredError' },
  'meanSquaredError, 3 outputs': { layers: [hidden(), hidden(), dense(3)], loss: 'meanSquaredError' },
  'pinball, one level': { layers: [hidden(), hidden(), dense(1)], loss: { name: 'pinball', levels: [0.9] } },
  'pinball, three quantiles in order': {
    layers: [hidden(), hidden(), ...orderedOutputs(3)],
    loss: { name: 'pinball', levels },
  },
  gaussianNll: { layers: [hidden(), hidden(), dense(2)], loss: 'gaussianNll' },
  'ordinal, four classes': {
    layers: [hidden(), hidden(), ...ordinalOutputs(3)],
    loss: 'binaryCrossEntropy',
    targets: 3,
    binary: true,
  },
  'monotone in 5 of 10 columns': {
    layers: [
      hidden({
        signs: {
          inputs: [5, 5],
          units: halves,
          signs: [
            [1, -1],
            [0, 0],
          ],
        },
      }),
      hidden({
        signs: {
          inputs: halves,
          units: halves,
          signs: [
            [1, -1],
            [-1, 1],
          ],
        },
      }),
      dense(1, { signs: { inputs: halves, signs: [[1], [-1]] } }),
    ],
    loss: 'meanSquaredError',
  },
  'convex in 5 of 10 columns': {
    layers: [
      hidden({
        activation: 'relu',
        signs: {
          inputs: [5, 5],
          units: halves,
          signs: [
            [null, 0],
            [0, null],
          ],
        },
      }),
      hidden({
        activation: 'relu',
        signs: {
          inputs: halves,
          units: halves,
          signs: [
            [0, null],
            [null, 1],
          ],
        },
      }),
      dense(1, { signs: { inputs: halves, signs: [[0], [1]] } }),
    ],
    loss: 'meanSquaredError',
  },
};

/** Thresholds in order less one number of the row: what MLPClassifier makes of `ordinal`. */
function ordinalOutputs(thresholds) {
  const [front, sums] = orderedOutputs(thresholds, { signs: { units: [2, thresholds - 1], signs: [[0, null]] } });
  return [front, { ...sums, activation: 'sigmoid' }];
}

function dataOf({ loss, targets = 1, binary = false, layers }, rows, name) {
  const random = new Random(1, `${name} ${rows}`);
  const columns = loss === 'meanSquaredError' ? layers.at(-1).units : targets;
  const X = { data: Float32Array.from({ length: rows * inputs }, () => random.normal()), shape: [rows, inputs] };
  const y = Float32Array.from({ length: rows * columns }, () => (binary ? random.below(2) : random.normal()));
  return { X, y: { data: y, shape: [rows, columns] } };
}

export async function losses() {
  const rows = [['training step, us', 'baseline', 'simd', 'relaxed', 'best / baseline']];
  const figures = {};
  for (const [name, given] of Object.entries(cases))
    for (const batch of [32, 256]) {
      const { layers, loss } = given;
      const { X, y } = dataOf(given, batch, name);
      const options = (deterministic) => ({ inputs, layers, loss, optimizer: adam(), seed: 1, deterministic });
      const models = { baseline: new BaselineMLP(options(false)), simd: new MLP(options(true)) };
      if (engineInfo().build === 'relaxed') models.relaxed = new MLP(options(false));
      const times = await medians(
        Object.fromEntries(Object.entries(models).map(([engine, model]) => [engine, () => model.trainStep(X, y)])),
      );
      const cell = (engine) => (times[engine] === undefined ? '-' : microseconds(times[engine]));
      rows.push([
        `${name}, batch ${batch}`,
        ...['baseline', 'simd', 'relaxed'].map(cell),
        `${(times.baseline / (times.relaxed ?? times.simd)).toFixed(1)}x`,
      ]);
      figures[`${name} ${batch}`] = times;
    }
  console.log(`\n${table(rows)}`);
  return figures;
}
