// Classic mistakes, made in the code of the solutions, are each called by name. The solution itself passes, whatever is hidden.

import { describe, expect, test } from 'vitest';
import { labs } from '../../src/labs/lessons/labs.js';
import { failureOf, labOf, verdictOn } from '../support/labs.js';

/** What is written in place of what, in which function it is found, and the name of the mistake. */
type Row = readonly [mistake: string, found: string, ...changes: (readonly [string, string])[]];

const mistakes: Readonly<Record<number, readonly Row[]>> = {
  1: [
    ['this is the derivative', 'activate', ['Math.max(0, zeta)', '(zeta > 0 ? 1 : 0)']],
    ['the exponent of the sigmoid has the wrong sign', 'activate', ['Math.exp(-zeta)', 'Math.exp(zeta)']],
    ['the sigmoid lacks the 1 in its denominator', 'activate', ['1 / (1 + Math.exp(-zeta))', '1 / Math.exp(-zeta)']],
    ['relu lets negative numbers through with their sign turned', 'activate', ['Math.max(0, zeta)', 'Math.abs(zeta)']],
    ['relu keeps the smaller of the two numbers', 'activate', ['Math.max', 'Math.min']],
    ['tanh is a sigmoid here', 'activate', ['Math.tanh(zeta)', '1 / (1 + Math.exp(-zeta))']],
    ['nothing is done to zeta', 'activate', ['Math.max(0, zeta)', 'zeta']],
    ['W is transposed', 'forward', ['W[i]![j]!', 'W[j]![i]!']],
    ['the bias is missing', 'forward', ['sum + b[j]!', 'sum']],
    [
      'the bias is added after the activation',
      'forward',
      ['sum + b[j]!', 'sum'],
      ['activate(activation, zeta[j]!)', 'activate(activation, zeta[j]!) + b[j]!'],
    ],
    [
      'the bias is added once for each input',
      'forward',
      ['W[i]![j]! * inputs[i]!', 'W[i]![j]! * inputs[i]! + b[j]!'],
      ['sum + b[j]!', 'sum'],
    ],
    ['every unit gets the bias of the first one', 'forward', ['sum + b[j]!', 'sum + b[0]!']],
    ['the activation is missing', 'forward', ['alpha.push(activate(activation, zeta[j]!))', 'alpha.push(zeta[j]!)']],
    [
      'the activation is applied twice',
      'forward',
      ['alpha.push(activate(activation, zeta[j]!))', 'alpha.push(activate(activation, activate(activation, zeta[j]!)))'],
    ],
    ['the next layer is given zeta in place of alpha', 'forward', ['inputs = alpha', 'inputs = zeta']],
    ['every layer is given x', 'forward', ['inputs = alpha', 'inputs = x']],
    [
      'the sum of a unit is not set back before the next unit',
      'forward',
      ['let sum = 0;\n      for (let i', 'for (let i'],
      ['const alpha: number[] = [];', 'const alpha: number[] = []; let sum = 0;'],
      ['zeta.push(sum + b[j]!)', 'sum += b[j]!; zeta.push(sum)'],
    ],
    ['the first input is left out', 'forward', ['let i = 0; i < inputs', 'let i = 1; i < inputs']],
    [
      "every layer has the first one's activation",
      'forward',
      ['activate(activation, zeta[j]!)', 'activate(layers[0]!.activation, zeta[j]!)'],
    ],
    ['B is transposed', 'product', ['B[k]![j]!', 'B[j]![k]!']],
    ['A is transposed', 'product', ['A[i]![k]!', 'A[k]![i]!']],
    ['the factors are in the other order: this is B A', 'product', ['A[i]![k]! * B[k]![j]!', 'B[i]![k]! * A[k]![j]!']],
    ['elements are multiplied one by one', 'product', ['row.push(sum)', 'row.push(A[i]![j]! * B[i]![j]!)']],
    ['only the last term of each sum is kept', 'product', ['sum += A', 'sum = A']],
    ['the last term of each sum is left out', 'product', ['k < B.length', 'k < B.length - 1']],
    ['the first term of each sum is left out', 'product', ['let k = 0', 'let k = 1']],
    [
      'b is read by the row',
      'forwardBatch',
      ['(row) => row.map((value, j) => value + b[j]!)', '(row, r) => row.map((value) => value + b[r]!)'],
    ],
    [
      'the bias is added to the first row only',
      'forwardBatch',
      ['(row) => row.map((value, j) => value + b[j]!)', '(row, r) => row.map((value, j) => value + (r === 0 ? b[j]! : 0))'],
    ],
    ['every row is computed from the first one', 'forwardBatch', ['let A = X', 'let A = X.map(() => X[0]!)']],
    ['the bias is missing', 'forwardBatch', ['value + b[j]!', 'value']],
    ['every layer is given x', 'forwardBatch', ['product(A, W)', 'product(X, W)']],
  ],
  2: [
    ['this is the activation itself, not its derivative', 'derivative', ['alpha * (1 - alpha)', 'alpha']],
    ['the derivative is written in alpha, but given zeta', 'derivative', ['alpha * (1 - alpha)', 'zeta * (1 - zeta)']],
    ['the square of tanh is missing', 'derivative', ['1 - alpha * alpha', '1 - alpha']],
    ['relu has slope 1 on both sides', 'derivative', ['zeta > 0 ? 1 : 0', '1']],
    ['relu has slope -1 below 0', 'derivative', ['zeta > 0 ? 1 : 0', 'Math.sign(zeta)']],
    ['the sigmoid is squared, and that is all', 'derivative', ['alpha * (1 - alpha)', 'alpha * alpha']],
    ['1 + s in place of 1 - s', 'derivative', ['alpha * (1 - alpha)', 'alpha * (1 + alpha)']],
    [
      "f' is missing in BP1",
      'backward',
      ['e * derivative(activation, zetas[l]![i]!)', 'e * (l === last ? 1 : derivative(activation, zetas[l]![i]!))'],
    ],
    ['the error is turned round: t - alpha', 'backward', ['alphas[l]![i]! - t[i]!', 't[i]! - alphas[l]![i]!']],
    ['the error is doubled', 'backward', ['alphas[l]![i]! - t[i]!', '2 * (alphas[l]![i]! - t[i]!)']],
    [
      'the error is divided by the number of outputs',
      'backward',
      ['alphas[l]![i]! - t[i]!', '(alphas[l]![i]! - t[i]!) / t.length'],
    ],
    ['the error is taken at zeta: zeta - t', 'backward', ['alphas[l]![i]! - t[i]!', 'zetas[l]![i]! - t[i]!']],
    ["f' is missing in BP1 and BP2", 'backward', ['e * derivative(activation, zetas[l]![i]!)', 'e']],
    [
      "f' is taken at alpha, not at zeta",
      'backward',
      ['derivative(activation, zetas[l]![i]!)', 'derivative(activation, alphas[l]![i]!)'],
    ],
    [
      "f' is missing in BP2",
      'backward',
      ['e * derivative(activation, zetas[l]![i]!)', 'e * (l < last ? 1 : derivative(activation, zetas[l]![i]!))'],
    ],
    ['W is transposed in BP2', 'backward', ['W[i]![j]! * deltas', 'W[j]![i]! * deltas']],
    ['BP2 takes the W of the layer itself', 'backward', ['layers[l + 1]!.W[i]', 'layers[l]!.W[i]']],
    [
      "BP2 takes the f' of the next layer",
      'backward',
      [
        'derivative(activation, zetas[l]![i]!)',
        'derivative(layers[Math.min(l + 1, last)]!.activation, zetas[Math.min(l + 1, last)]![i]!)',
      ],
    ],
    ['the bias gradient is 1', 'backward', ['delta.map((d) => d)', 'delta.map(() => 1)']],
    ['the bias gradient is multiplied by the bias', 'backward', ['delta.map((d) => d)', 'delta.map((d, j) => d * b[j]!)']],
    [
      'the bias gradient is multiplied by an activation',
      'backward',
      ['delta.map((d) => d)', 'delta.map((d, j) => d * input[j]!)'],
    ],
    ["BP4 takes the layer's own alpha", 'backward', ['l === 0 ? x : alphas[l - 1]!', 'alphas[l]!']],
    ['BP4 takes zeta in place of alpha', 'backward', ['alphas[l - 1]!', 'zetas[l - 1]!']],
    [
      'dC/dW is transposed',
      'backward',
      ['input.map((a) => delta.map((d) => a * d))', 'delta.map((d) => input.map((a) => a * d))'],
    ],
    ['BP4 lacks the activation', 'backward', ['a * d', 'd']],
    ['the gradient is added: uphill', 'step', ['w - learningRate', 'w + learningRate']],
    ['the learning rate is missing', 'step', ['learningRate * gradient', 'gradient']],
    ['the biases stay as they were', 'step', ['w - learningRate * gradient[l]!.b[j]!', 'w']],
    ['the weights stay as they were', 'step', ['w - learningRate * gradient[l]!.W[i]![j]!', 'w']],
    [
      'the first layer stays as it was',
      'step',
      [
        'return layers.map(({ W, b, activation }, l) => (',
        'return layers.map(({ W, b, activation }, l) => l === 0 ? layers[0]! : (',
      ],
    ],
    [
      'the last layer stays as it was',
      'step',
      [
        'return layers.map(({ W, b, activation }, l) => (',
        'return layers.map(({ W, b, activation }, l) => l === layers.length - 1 ? layers[l]! : (',
      ],
    ],
    ['the answer is the change, not the new network', 'step', ['w - learningRate', '-learningRate']],
    [
      'weights are updated before all gradients are computed',
      'step',
      [
        'return layers.map(({ W, b, activation }, l) => ({',
        'if (layers.length > 1) { const last = layers.length - 1; const early = layers.map((layer, l) => ({ ...layer, W: layer.W.map((row, i) => row.map((w, j) => (l === last ? w - learningRate * gradient[l]!.W[i]![j]! : w))) })); const { alphas, zetas } = forward(layers, x); for (let l = last - 1; l >= 0; l--) { const input = l === 0 ? x : alphas[l - 1]!; const delta = early[l]!.b.map((_, i) => early[l + 1]!.W[i]!.reduce((sum, w, j) => sum + w * gradient[l + 1]!.b[j]!, 0) * derivative(layers[l]!.activation, zetas[l]![i]!)); gradient[l] = { W: input.map((a) => delta.map((d) => a * d)), b: delta }; early[l]!.W = layers[l]!.W.map((row, i) => row.map((w, j) => w - learningRate * gradient[l]!.W[i]![j]!)); } }\n  return layers.map(({ W, b, activation }, l) => ({',
      ],
    ],
    [
      'every step uses the gradients of the network at the start',
      'sgd',
      [
        'now = step(now, X[i]!, T[i]!, learningRate)',
        'const { gradient } = backward(layers, X[i]!, T[i]!); now = now.map((layer, l) => ({ ...layer, W: layer.W.map((row, k) => row.map((w, j) => w - learningRate * gradient[l]!.W[k]![j]!)), b: layer.b.map((w, j) => w - learningRate * gradient[l]!.b[j]!) }))',
      ],
    ],
    ['every step starts from the network at the start: only the last row counts', 'sgd', ['step(now, X', 'step(layers, X']],
    [
      'only the first row is used',
      'sgd',
      ['now = step(now, X[i]!, T[i]!, learningRate)', 'return step(now, X[i]!, T[i]!, learningRate)'],
    ],
    ['the last row is left out', 'sgd', ['i < X.length; i', 'i < X.length - 1; i']],
    ['the first row is left out', 'sgd', ['let i = 0; i < X.length', 'let i = 1; i < X.length']],
    [
      'the rows are taken from the last to the first',
      'sgd',
      ['let i = 0; i < X.length; i++', 'let i = X.length - 1; i >= 0; i--'],
    ],
    ['every row is trained towards the first target', 'sgd', ['T[i]!, learningRate', 'T[0]!, learningRate']],
  ],
  3: [
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
  ],
  4: [
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
    [
      'beta is applied in the step once more',
      'momentumStep',
      ['theta - learningRate * v', 'theta - learningRate * momentum * v'],
    ],
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
    [
      'the rows that are left over at the end are dropped',
      'train',
      ['start < order.length', 'start + batchSize <= order.length'],
    ],
    [
      'gradients are summed, not averaged',
      'train',
      ['velocity, g, {', 'velocity, g.map((one) => zip((a) => a * batch.length, one, one)), {'],
    ],
  ],
  5: [
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
      [
        'w - learningRate * velocity[l]!.W[i]![j]!',
        'w - learningRate * (lambda / n) * w - learningRate * velocity[l]!.W[i]![j]!',
      ],
    ],
    ['the 2 of lambda / 2n is kept', 'train', ['now, lambda, n)', 'now, lambda, 2 * n)']],
    ['the penalty has the wrong sign', 'train', ['now, lambda, n)', 'now, -lambda, n)']],
    ['the velocity is set back before each step', 'train', ['momentum * v + g', 'g']],
    [
      'the rows that are left over at the end are dropped',
      'train',
      ['start < order.length', 'start + batchSize <= order.length'],
    ],
    ['the order is ignored', 'train', ['const batch = order', 'const batch = X.map((_, i) => i)']],
  ],
  6: [
    ['the payoff is not discounted', 'monteCarlo', ['Math.exp(-rate * maturity)', '1']],
    ['the payoff is discounted twice', 'monteCarlo', ['discount * Math.max', 'discount * discount * Math.max']],
    ['the discount grows: e^(+rT)', 'monteCarlo', ['Math.exp(-rate', 'Math.exp(rate']],
    ['the - sigma^2 / 2 of the drift is missing', 'monteCarlo', ['rate - volatility ** 2 / 2', 'rate']],
    ['sigma^2 / 2 is added to the drift', 'monteCarlo', ['rate - volatility ** 2', 'rate + volatility ** 2']],
    ['the rate is missing in the drift', 'monteCarlo', ['rate - volatility ** 2', '-(volatility ** 2)']],
    ['sigma is multiplied by T, not by its root', 'monteCarlo', ['Math.sqrt(maturity)', 'maturity']],
    ['sigma^2 stands for sigma', 'monteCarlo', ['volatility * Math.sqrt', 'volatility * volatility * Math.sqrt']],
    ['the mirror images -z are missing', 'monteCarlo', ['(payoff(z) + payoff(-z)) / 2', 'payoff(z)']],
    [
      'this is a put',
      'monteCarlo',
      ['spot * Math.exp(drift + spread * z) - strike', 'strike - spot * Math.exp(drift + spread * z)'],
    ],
    [
      'the payoff falls below 0',
      'monteCarlo',
      ['Math.max(spot * Math.exp(drift + spread * z) - strike, 0)', '(spot * Math.exp(drift + spread * z) - strike)'],
    ],
    [
      'the payoff is that of the mean share',
      'monteCarlo',
      [
        '(payoff(z) + payoff(-z)) / 2',
        'discount * Math.max((spot * Math.exp(drift + spread * z) + spot * Math.exp(drift - spread * z)) / 2 - strike, 0)',
      ],
    ],
    ['a pair counts twice', 'monteCarlo', ['(payoff(z) + payoff(-z)) / 2', 'payoff(z) + payoff(-z)']],
    ['the standard error is the deviation of one pair', 'monteCarlo', ['Math.sqrt(variance / n)', 'Math.sqrt(variance)']],
    ['the variance is divided by n, not by n - 1', 'monteCarlo', ['(n - 1)', 'n']],
    [
      'z and -z are counted as independent',
      'monteCarlo',
      ['normals.map((z) => (payoff(z) + payoff(-z)) / 2)', 'normals.flatMap((z) => [payoff(z), payoff(-z)])'],
    ],
    ['the standard error is not discounted', 'monteCarlo', ['Math.sqrt(variance / n)', 'Math.sqrt(variance / n) / discount']],
    ['the variance is divided by n - 1', 'fitScaler', ['** 2, 0) / column.length', '** 2, 0) / (column.length - 1)']],
    ['the scale is the variance', 'fitScaler', ['Math.sqrt(variance) || 1', 'variance || 1']],
    ['the scale is turned over: 1 / deviation', 'fitScaler', ['Math.sqrt(variance) || 1', '1 / Math.sqrt(variance)']],
    ['the scale is the range', 'fitScaler', ['Math.sqrt(variance) || 1', 'Math.max(...column) - Math.min(...column) || 1']],
    ['columns are not told apart', 'fitScaler', ['X.map((row) => row[j]!)', 'X.flat()']],
    ['the deviation is taken around 0', 'fitScaler', ['(x - center) ** 2', 'x ** 2']],
    ['a constant column has scale 0', 'fitScaler', ['Math.sqrt(variance) || 1', 'Math.sqrt(variance)']],
    ['the mean is 0', 'fitScaler', ['mean.push(center)', 'mean.push(0)']],
    ['the row is not scaled', 'price', ['network.value(scaled)', 'network.value(row)']],
    ['the answer is not scaled back', 'price', ['y.mean + y.scale * network', 'network']],
    ['the mean of y is missing', 'price', ['y.mean + y.scale * network', 'y.scale * network']],
    ['the scale of y is missing', 'price', ['y.mean + y.scale * network', 'y.mean + network']],
    [
      'the answer is scaled once more, not back',
      'price',
      ['y.mean + y.scale * network.value(scaled)', '(network.value(scaled) - y.mean) / y.scale'],
    ],
    [
      'the means of x are not subtracted',
      'price',
      ['scaled = row.map((value, j) => (value - x.mean[j]!)', 'scaled = row.map((value, j) => value'],
    ],
    [
      'the row is not divided by the scales of x',
      'price',
      ['scaled = row.map((value, j) => (value - x.mean[j]!) / x.scale[j]!', 'scaled = row.map((value, j) => value - x.mean[j]!'],
    ],
    [
      'the row is multiplied by the scales of x',
      'price',
      ['scaled = row.map((value, j) => (value - x.mean[j]!) /', 'scaled = row.map((value, j) => (value - x.mean[j]!) *'],
    ],
    [
      'the mean is added before scaling back',
      'price',
      ['y.mean + y.scale * network.value(scaled)', 'y.scale * (y.mean + network.value(scaled))'],
    ],
    [
      'the derivative is that of the scaled network: the delta is not unscaled',
      'delta',
      ['(y.scale * network.gradient(inner)[0]!) / x.scale[0]!', 'network.gradient(inner)[0]!'],
    ],
    ['the scale of the spot is forgotten', 'delta', [' / x.scale[0]!', '']],
    ['the scale of the price is forgotten', 'delta', ['(y.scale * network.gradient(inner)[0]!)', 'network.gradient(inner)[0]!']],
    [
      'the scales are the wrong way round',
      'delta',
      ['(y.scale * network.gradient(inner)[0]!) / x.scale[0]!', '(x.scale[0]! * network.gradient(inner)[0]!) / y.scale'],
    ],
    ['both scales multiply', 'delta', ['/ x.scale[0]!', '* x.scale[0]!']],
    [
      'both scales divide',
      'delta',
      ['(y.scale * network.gradient(inner)[0]!) / x.scale[0]!', 'network.gradient(inner)[0]! / y.scale / x.scale[0]!'],
    ],
    ['the mean of the price is added', 'delta', ['return (y.scale', 'return y.mean + (y.scale']],
    ['the gradient is taken at the row as it is', 'delta', ['network.gradient(inner)', 'network.gradient(row)']],
    ['this is the derivative in the last input', 'delta', ['(inner)[0]!) / x.scale[0]!', '(inner).at(-1)!) / x.scale.at(-1)!']],
    [
      'the derivatives in all inputs are added up',
      'delta',
      [
        '(y.scale * network.gradient(inner)[0]!) / x.scale[0]!',
        'network.gradient(inner).reduce((sum, g, j) => sum + (y.scale * g) / x.scale[j]!, 0)',
      ],
    ],
    ['the proxy is judged by the rows that it has learnt from', 'errorsByRows', ['const off = test.map', 'const off = rows.map']],
    ['all rows are learnt from, whatever the size', 'errorsByRows', ['X.slice(0, n)', 'X']],
    ['the last n rows are learnt from', 'errorsByRows', ['X.slice(0, n)', 'X.slice(-n)']],
    ['the proxy learns from the test rows', 'errorsByRows', ['X.slice(0, n)', 'test.slice(0, n)']],
    ['the test rows are learnt from, too', 'errorsByRows', ['X.slice(0, n)', '[...X.slice(0, n), ...test]']],
    [
      'the root is missing',
      'errorsByRows',
      ['Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length)', 'off.reduce((sum, e) => sum + e * e, 0) / off.length'],
    ],
    [
      'errors are averaged without their sign, not squared',
      'errorsByRows',
      [
        'Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length)',
        'off.reduce((sum, e) => sum + Math.abs(e), 0) / off.length',
      ],
    ],
    [
      'errors are averaged with their sign',
      'errorsByRows',
      ['Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length)', 'off.reduce((sum, e) => sum + e, 0) / off.length'],
    ],
    [
      'this is the largest error',
      'errorsByRows',
      ['Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length)', 'Math.max(...off.map(Math.abs))'],
    ],
    ['squares are added up, not averaged', 'errorsByRows', ['e * e, 0) / off.length)', 'e * e, 0))']],
    ['the root is taken before dividing', 'errorsByRows', ['e * e, 0) / off.length)', 'e * e, 0)) / off.length']],
    ['the prices that were learnt from are not counted', 'breakEven', ['(rows * call + training)', 'training']],
    ['learning is not counted', 'breakEven', ['(rows * call + training)', '(rows * call)']],
    ['the price by the proxy is not counted', 'breakEven', ['(call - prediction)', 'call']],
    ['it is not rounded', 'breakEven', ['Math.ceil', '']],
    ['it is rounded down', 'breakEven', ['Math.ceil', 'Math.floor']],
    ['the two prices are added in the divisor', 'breakEven', ['(call - prediction)', '(call + prediction)']],
    ['the proxy is taken to pay although it is no cheaper', 'breakEven', ['if (prediction >= call) return Infinity;', '']],
    ['the rows were priced by the proxy', 'breakEven', ['rows * call', 'rows * prediction']],
  ],
};

describe.each(labs)('lab $number', (lab) => {
  test('the solution passes, on whatever networks, rows and numbers are hidden', async () => {
    for (const seed of [0, 1, 2, 99, -7]) {
      const verdict = await verdictOn(lab, [], seed);
      expect(failureOf(verdict)).toBeUndefined();
      expect(verdict.passed).toBe(true);
    }
  });

  test('at least six mistakes in it are called by name', () => {
    expect(new Set(mistakes[lab.number]!.map(([name]) => name)).size).toBeGreaterThanOrEqual(6);
  });

  test.each(mistakes[lab.number]!.map((row) => [row[0], row[1], row.slice(2)] as const))(
    '%s, in %s',
    async (mistake, found, changes) => {
      for (const seed of [0, 5]) {
        const failure = failureOf(await verdictOn(labOf(lab.number), changes as [string, string][], seed));
        expect(failure).toMatchObject({ function: found, mistake });
        expect(failure!.hint).toMatch(/./);
        expect(failure!.message).toMatch(/your code gives .* expected |has length \d+, expected \d+/);
      }
    },
  );
});
