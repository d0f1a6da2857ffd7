// Mistakes in the lab on momentum.

import type { Row } from './row.js';

export const momentumMistakes: readonly Row[] = [
  [
    'the velocity is a copy of the network',
    'still',
    ['row.map(() => 0)', 'row.map((w) => w)'],
    ['b.map(() => 0)', 'b.map((w) => w)'],
  ],
  ['the velocity starts from 1', 'still', ['(() => 0)', '(() => 1)']],
  ['the old velocity is forgotten', 'momentumStep', ['momentum * v + g', 'g']],
  ['the gradient is weighted with 1 - beta', 'momentumStep', ['momentum * v + g', 'momentum * v + (1 - momentum) * g']],
  ['the gradient is subtracted from the velocity', 'momentumStep', ['momentum * v + g', 'momentum * v - g']],
  [
    'the velocity is negative and holds the learning rate: another form',
    'momentumStep',
    ['momentum * v + g', 'momentum * v - learningRate * g'],
    ['theta - learningRate * v', 'theta + v'],
  ],
  [
    'the learning rate stands in the velocity',
    'momentumStep',
    ['momentum * v + g', 'momentum * v + learningRate * g'],
    ['theta - learningRate * v', 'theta - v'],
  ],
  ['the whole old velocity is kept', 'momentumStep', ['momentum * v + g', 'v + g']],
  ['beta weighs the gradient in place of the velocity', 'momentumStep', ['momentum * v + g', 'v + momentum * g']],
  ['beta weighs both', 'momentumStep', ['momentum * v + g', 'momentum * (v + g)']],
  ['beta and 1 - beta are swapped', 'momentumStep', ['momentum * v + g', '(1 - momentum) * v + g']],
  ['the step goes along the old velocity', 'momentumStep', ['layer, next[l]!', 'layer, velocity[l]!']],
  ['the step goes along the gradient, not the velocity', 'momentumStep', ['layer, next[l]!', 'layer, gradient[l]!']],
  ['the step goes uphill', 'momentumStep', ['theta - learningRate', 'theta + learningRate']],
  ['the learning rate is missing in the step', 'momentumStep', ['theta - learningRate * v', 'theta - v']],
  [
    "the step is Nesterov's",
    'momentumStep',
    ['layer, next[l]!', 'layer, zip((v, g) => momentum * v + g, next[l]!, gradient[l]!)'],
  ],
  ['beta is applied in the step once more', 'momentumStep', ['theta - learningRate * v', 'theta - learningRate * momentum * v']],
  [
    'the biases have no momentum',
    'momentumStep',
    [
      'zip((v, g) => momentum * v + g, old, gradient[l]!)',
      '({ W: zip((v, g) => momentum * v + g, old, gradient[l]!).W, b: gradient[l]!.b })',
    ],
  ],
  ['the velocity is set back before each step', 'train', ['const batch =', 'velocity = still(layers);\n      const batch =']],
  [
    'the velocity is set back before each epoch',
    'train',
    ['for (const order of orders) {', 'for (const order of orders) {\n    velocity = still(layers);'],
  ],
  [
    'the gradient is taken at the look-ahead point',
    'train',
    [
      'gradient(now, rows',
      'gradient(now.map((layer, l) => ({ ...zip((w, v) => w - learningRate * momentum * v, layer, velocity[l]!), activation: layer.activation })), rows',
    ],
  ],
  [
    'every epoch has the order of the first',
    'train',
    ['for (const order of orders) {', 'for (const _ of orders) {\n    const order = orders[0]!;'],
  ],
  ['there is one epoch only', 'train', ['of orders)', 'of orders.slice(0, 1))']],
  ['the order is ignored', 'train', ['const batch = order', 'const batch = X.map((_, i) => i)']],
  ['the rows that are left over at the end are dropped', 'train', ['start < order.length', 'start + batchSize <= order.length']],
  [
    'gradients are summed, not averaged',
    'train',
    ['velocity, g, {', 'velocity, g.map((one) => zip((a) => a * batch.length, one, one)), {'],
  ],
];
