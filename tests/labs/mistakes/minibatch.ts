// Mistakes in the lab on mini-batch gradient descent.

import type { Row } from './row.js';

export const minibatchMistakes: readonly Row[] = [
  [
    'the rows that are left over at the end are dropped',
    'batches',
    ['start < order.length', 'start + batchSize <= order.length'],
  ],
  [
    'the order is ignored',
    'batches',
    ['all.push(order.slice(start, start + batchSize))', 'all.push(order.map((_, i) => i).slice(start, start + batchSize))'],
  ],
  ['the batches overlap: they begin one row apart', 'batches', ['start += batchSize', 'start++']],
  [
    'batches begin at the right places, but go to the end',
    'batches',
    ['order.slice(start, start + batchSize)', 'order.slice(start)'],
  ],
  [
    'batchSize is taken for the number of batches',
    'batches',
    ['const all: number[][] = [];', 'const all: number[][] = []; batchSize = Math.ceil(order.length / batchSize);'],
  ],
  [
    'rows are dealt out in turn',
    'batches',
    [
      'all.push(order.slice(start, start + batchSize))',
      'const count = Math.ceil(order.length / batchSize); all.push(order.filter((_, i) => i % count === start / batchSize))',
    ],
  ],
  [
    'only the first batch is there',
    'batches',
    ['all.push(order.slice(start, start + batchSize))', 'return [order.slice(start, start + batchSize)]'],
  ],
  ['every row is a batch', 'batches', ['const all: number[][] = [];', 'const all: number[][] = []; batchSize = 1;']],
  ['batches have one row too many', 'batches', ['start + batchSize)', 'start + batchSize + 1)']],
  ['gradients are summed, not averaged', 'gradient', ['const m = X.length', 'const m = 1']],
  ['the mean is divided by the rows once more', 'gradient', ['g / m', 'g / m / m']],
  ['the divisor is one too small', 'gradient', ['const m = X.length', 'const m = X.length - 1']],
  ['the mean is divided by the outputs, too', 'gradient', ['const m = X.length', 'const m = X.length * T[0]!.length']],
  ['only the last row counts', 'gradient', ['+= one', '= one'], ['const m = X.length', 'const m = 1']],
  [
    'only the first row counts',
    'gradient',
    ['const one = backward(layers, X[r]!, T[r]!).gradient;', 'return backward(layers, X[r]!, T[r]!).gradient;'],
  ],
  ['the last row is left out', 'gradient', ['r < X.length; r', 'r < X.length - 1; r']],
  ['every row is held against the first target', 'gradient', ['T[r]!', 'T[0]!']],
  ['the biases are summed, not averaged', 'gradient', ['b.map((g) => g / m)', 'b']],
  ['the weights are summed, not averaged', 'gradient', ['W.map((row) => row.map((g) => g / m))', 'W']],
  [
    'the mean so far and the next row are averaged, which counts late rows more',
    'gradient',
    ['W[i]![j]! += one[l]!.W[i]![j]!', 'W[i]![j] = r === 0 ? one[l]!.W[i]![j]! : (W[i]![j]! + one[l]!.W[i]![j]!) / 2'],
    ['b[j]! += one[l]!.b[j]!', 'b[j] = r === 0 ? one[l]!.b[j]! : (b[j]! + one[l]!.b[j]!) / 2'],
    ['const m = X.length', 'const m = 1'],
  ],
  [
    'the last batch is divided by batchSize, not by its rows',
    'epoch',
    ['learningRate * g[l]', 'learningRate * (batch.length / batchSize) * g[l]'],
  ],
  ['gradients are summed, not averaged', 'epoch', ['learningRate * g[l]', 'learningRate * batch.length * g[l]']],
  ['every batch uses gradients of the network at the start', 'epoch', ['gradient(now, rows', 'gradient(layers, rows']],
  [
    'the rows that are left over at the end are dropped',
    'epoch',
    ['const rows = batch', 'if (batch.length < batchSize) continue;\n    const rows = batch'],
  ],
  ['the order is ignored', 'epoch', ['batches(order, batchSize)', 'batches(X.map((_, i) => i), batchSize)']],
  [
    'rows are taken in the given order, targets are not',
    'epoch',
    ['batch.map((i) => T[i]!)', 'batch.map((i) => T[order.indexOf(i)]!)'],
  ],
  ['there is one step, on all rows', 'epoch', ['batches(order, batchSize)', '[order]']],
  ['there is a step for each row', 'epoch', ['batches(order, batchSize)', 'batches(order, 1)']],
  ['only the first batch is used', 'epoch', ['batches(order, batchSize)', 'batches(order, batchSize).slice(0, 1)']],
  ['the gradient is added: uphill', 'epoch', ['w - learningRate', 'w + learningRate']],
  ['the learning rate is missing', 'epoch', ['learningRate * g[l]', 'g[l]']],
  ['the biases stay as they were', 'epoch', ['w - learningRate * g[l]!.b[j]!', 'w']],
  ['the weights stay as they were', 'epoch', ['w - learningRate * g[l]!.W[i]![j]!', 'w']],
];
