// Mistakes in the lab on backpropagation.

import type { Row } from './row.js';

export const backpropagationMistakes: readonly Row[] = [
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
  ['the bias gradient is multiplied by an activation', 'backward', ['delta.map((d) => d)', 'delta.map((d, j) => d * input[j]!)']],
  ["BP4 takes the layer's own alpha", 'backward', ['l === 0 ? x : alphas[l - 1]!', 'alphas[l]!']],
  ['BP4 takes zeta in place of alpha', 'backward', ['alphas[l - 1]!', 'zetas[l - 1]!']],
  ['dC/dW is transposed', 'backward', ['input.map((a) => delta.map((d) => a * d))', 'delta.map((d) => input.map((a) => a * d))']],
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
  ['the rows are taken from the last to the first', 'sgd', ['let i = 0; i < X.length; i++', 'let i = X.length - 1; i >= 0; i--']],
  ['every row is trained towards the first target', 'sgd', ['T[i]!, learningRate', 'T[0]!, learningRate']],
];
