// Mistakes in the lab on L2.

import type { Row } from './row.js';

export const l2Mistakes: readonly Row[] = [
  ['the 2 is missing: lambda / n', 'penalty', ['2 * n', 'n']],
  ['n is missing: lambda / 2', 'penalty', ['lambda / (2 * n)', 'lambda / 2']],
  ['n and 2 are missing', 'penalty', ['(lambda / (2 * n))', 'lambda']],
  ['lambda is missing', 'penalty', ['lambda / (2 * n)', '1 / (2 * n)']],
  [
    'the biases are penalised, too',
    'penalty',
    ['for (const { W } of layers) {', 'for (const { W, b } of layers) {\n    for (const w of b) sum += w * w;'],
  ],
  ['this is L1: absolute values', 'penalty', ['sum += w * w', 'sum += Math.abs(w)']],
  ['weights are summed as they are', 'penalty', ['sum += w * w', 'sum += w']],
  ['the root of the sum is taken', 'penalty', ['* sum', '* Math.sqrt(sum)']],
  ['only the last layer counts', 'penalty', ['for (const { W } of layers) {', 'for (const { W } of layers) {\n    sum = 0;']],
  ['only the first layer counts', 'penalty', ['for (const { W } of layers) {', 'for (const { W } of layers.slice(0, 1)) {']],
  ['the 2 of lambda / 2n is kept', 'regularised', ['lambda / n', 'lambda / (2 * n)']],
  ['there is a 2 too many', 'regularised', ['(lambda / n)', '((2 * lambda) / n)']],
  ['the penalty has the wrong sign', 'regularised', ['g + (lambda / n)', 'g - (lambda / n)']],
  ['n is missing', 'regularised', ['(lambda / n)', 'lambda']],
  ['the biases are penalised, too', 'regularised', ['b.map((g) => g)', 'b.map((g, j) => g + (lambda / n) * layers[l]!.b[j]!)']],
  [
    'this is the gradient of L1',
    'regularised',
    ['(lambda / n) * layers[l]!.W[i]![j]!', '(lambda / n) * Math.sign(layers[l]!.W[i]![j]!)'],
  ],
  ['nothing is added', 'regularised', ['g + (lambda / n) * layers[l]!.W[i]![j]!', 'g']],
  ['the first layer is left out', 'regularised', ['g + (lambda / n)', 'g + (l === 0 ? 0 : lambda / n)']],
  [
    'the gradient of the cost is gone',
    'regularised',
    ['g + (lambda / n)', '(lambda / n)'],
    ['b.map((g) => g)', 'b.map(() => 0)'],
  ],
  ['lambda is divided by the rows of the batch, not of X', 'train', ['now, lambda, n)', 'now, lambda, batch.length)']],
  [
    'the penalty is left out',
    'train',
    ['regularised(gradient(now, rows, targets), now, lambda, n)', 'gradient(now, rows, targets)'],
  ],
  ['the penalty is that of the weights at the start', 'train', ['targets), now, lambda', 'targets), layers, lambda']],
  [
    'the weights decay beside the velocity',
    'train',
    ['regularised(gradient(now, rows, targets), now, lambda, n)', 'gradient(now, rows, targets)'],
    ['w - learningRate * velocity[l]!.W[i]![j]!', 'w - learningRate * (lambda / n) * w - learningRate * velocity[l]!.W[i]![j]!'],
  ],
  ['the 2 of lambda / 2n is kept', 'train', ['now, lambda, n)', 'now, lambda, 2 * n)']],
  ['the penalty has the wrong sign', 'train', ['now, lambda, n)', 'now, -lambda, n)']],
  ['the velocity is set back before each step', 'train', ['momentum * v + g', 'g']],
  ['the rows that are left over at the end are dropped', 'train', ['start < order.length', 'start + batchSize <= order.length']],
  ['the order is ignored', 'train', ['const batch = order', 'const batch = X.map((_, i) => i)']],
];
