// What other graphs than a sequence cost beside it: one training step, microseconds, of the baseline and the core. 64-256-256-10, batches of 32.

import { MLP as BaselineMLP } from '../../dist/baseline.js';
import { MLP, Random, dense } from '../../dist/index.js';
import { medians, microseconds, table } from '../support/report.js';

const [inputs, units, classes, rows] = [64, 256, 10, 32];
const hidden = (options) => dense(units, { activation: 'relu', ...options });
const out = (options) => dense(classes, { activation: 'softmax', ...options });
const graphs = {
  'a sequence': [hidden(), hidden(), out()],
  'a tenth of the connections': [hidden({ sparse: 0.1 }), hidden({ sparse: 0.1 }), out()],
  'half of the connections dropped': [hidden({ dropConnect: 0.5 }), hidden({ dropConnect: 0.5 }), out()],
  'the last layer reads all': [hidden({ name: 'a' }), hidden({ name: 'b' }), out({ from: ['input', 'a', 'b'] })],
};

export async function graphsOfLayers() {
  const random = new Random(1, 'graphs');
  const X = { data: Float32Array.from({ length: rows * inputs }, () => random.normal()), shape: [rows, inputs] };
  const y = { data: Float32Array.from({ length: rows }, () => random.below(classes)), shape: [rows, 1] };
  const lines = [['training step, us', 'baseline', 'core', 'core / baseline']];
  const figures = {};
  for (const [name, layers] of Object.entries(graphs)) {
    const options = { inputs, layers, loss: 'sparseCategoricalCrossEntropy', seed: 1 };
    const models = { baseline: new BaselineMLP(options), core: new MLP(options) };
    const tasks = Object.fromEntries(Object.entries(models).map(([engine, model]) => [engine, () => model.trainStep(X, y)]));
    const times = await medians(tasks);
    figures[name] = times;
    lines.push([
      name,
      microseconds(times.baseline),
      microseconds(times.core),
      `${(times.baseline / times.core).toFixed(1)}x as fast`,
    ]);
  }
  console.log(`\n${table(lines)}`);
  return figures;
}
