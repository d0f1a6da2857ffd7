// Mistakes in the lab on forward propagation.

import type { Row } from './row.js';

export const forwardMistakes: readonly Row[] = [
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
];
