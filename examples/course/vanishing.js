// Vanishing gradients: twenty sigmoid layers, the same with ReLU and He's rule, the same with residual blocks.
//
//   npx feedforward course vanishing
//
// Each sigmoid layer multiplies the gradient by at most 1/4 (its steepest slope) times its weights, so what reaches the first
// of twenty layers is next to nothing. ReLU's slope is 0 or 1, and He's rule makes up for the half it cuts off; a residual
// block passes the gradient on whatever happens inside it. model.diagnose measures it and says so in words.

import { MLP, activation, adam, batchNorm, datasets, dense, residual } from 'feedforward';
import { say, show, table } from './support/page.js';

const depth = 20;
const width = 32;
const { X, y } = datasets.moons({ samples: 1000, noise: 0.15, seed: 1 });

const layersOf = (name) => Array.from({ length: depth }, () => dense(width, { activation: name }));
const block = () => residual([dense(width, { activation: 'sigmoid' }), dense(width)]);
const nets = {
  sigmoid: layersOf('sigmoid'),
  'relu, He': layersOf('relu'),
  'sigmoid, batch norm': Array.from({ length: depth }, () => [dense(width), batchNorm(), activation('sigmoid')]).flat(),
  'sigmoid, residual': [dense(width), ...Array.from({ length: (depth - 2) / 2 }, block), dense(width, { activation: 'sigmoid' })],
};

const facts = {};
const rows = [['20 layers of 32 units', 'gradient, first / last', 'loss after 20 epochs', 'accuracy']];
const series = Object.entries(nets).map(([name, layers]) => {
  const model = new MLP({
    inputs: 2,
    layers: [...layers, dense(1, { activation: 'sigmoid' })],
    loss: 'binaryCrossEntropy',
    metrics: ['accuracy'],
    optimizer: adam({ learningRate: 3e-3 }),
    seed: 1,
  });
  const diagnosis = model.diagnose(X, y);
  // Layers with a weight matrix, the gradient of each as a root mean square over its weights.
  const gradients = diagnosis.layers
    .filter(({ kind, gradientPerWeight }) => kind.startsWith('dense') && gradientPerWeight > 0)
    .map((l) => l.gradientPerWeight);
  const ratio = gradients[0] / gradients.at(-1);
  const { loss } = model.fitSync(X, y, { epochs: 20 }).last;
  const { accuracy } = model.evaluate(X, y);
  facts[name] = { ratio, loss, accuracy, healthy: diagnosis.healthy, problems: diagnosis.problems.map(({ kind }) => kind) };
  rows.push([name, ratio.toExponential(1), loss.toFixed(3), `${(100 * accuracy).toFixed(1)} %`]);
  say(`${name}: ${diagnosis.verdict}\n`);
  return { name, points: gradients.map((gradient, i) => [i + 1, gradient]) };
});
say(table(rows));

await show(
  [
    {
      title: 'Gradient of a weight, by layer',
      x: { label: 'layer, from the inputs' },
      y: { label: 'root mean square', log: true },
      series,
    },
  ],
  facts,
);
