// The nets every suite runs, with seeded data: the same for every engine.

import { Random, adam, dense } from '../../dist/index.js';

export const nets = {
  '2-16-16-1': { inputs: 2, widths: [16, 16, 1], hidden: 'tanh', output: 'identity', loss: 'meanSquaredError' },
  '10-64-64-1': { inputs: 10, widths: [64, 64, 1], hidden: 'relu', output: 'identity', loss: 'meanSquaredError' },
  '784-128-10': { inputs: 784, widths: [128, 10], hidden: 'relu', output: 'softmax', loss: 'sparseCategoricalCrossEntropy' },
  '784-512-512-10': {
    inputs: 784,
    widths: [512, 512, 10],
    hidden: 'relu',
    output: 'softmax',
    loss: 'sparseCategoricalCrossEntropy',
  },
};

/** Options of a model of that net. */
export function optionsOf(name, deterministic) {
  const { inputs, widths, hidden, output, loss } = nets[name];
  const layers = widths.map((units, i) => dense(units, { activation: i < widths.length - 1 ? hidden : output }));
  return { inputs, layers, loss, optimizer: adam(), seed: 1, deterministic };
}

/** Seeded rows and targets for that net; `seed`: which of them. */
export function dataOf(name, rows, seed = 1) {
  const { inputs, loss } = nets[name];
  const random = new Random(seed, `${name} ${rows}`);
  const X = { data: Float32Array.from({ length: rows * inputs }, () => random.uniform()), shape: [rows, inputs] };
  const classes = loss === 'sparseCategoricalCrossEntropy';
  const y = {
    data: Float32Array.from({ length: rows }, () => (classes ? random.below(10) : random.uniform())),
    shape: [rows, 1],
  };
  return { X, y };
}
