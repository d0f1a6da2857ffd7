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
        expect(failure!.message).toMatch(/ is wrong.*: at |your code gives .* expected /);
      }
    },
  );
});
