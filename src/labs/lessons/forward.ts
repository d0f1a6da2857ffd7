// Lab 1: forward propagation, by loops and then by matrices.

import type { Case, Check, Lab, Mistake, Quantity } from '../lab.js';
import { activationNames, describe, Draw, shapes, type ActivationName, type Network } from '../network.js';
import { Oracle } from '../oracle.js';
import { skeleton } from '../skeletons/forward.js';
import { activations, forward, type ForwardSlips } from '../textbook.js';

const zetaFormula = 'zeta = alpha W + b';
const alphaFormula = 'alpha = f(zeta)';

// ---- activate ---------------------------------------------------------------------------------------------------

/** What is given for another function of each activation. */
const activateMistakes: readonly [string, string, (name: ActivationName, z: number) => number][] = [
  ['this is the derivative', 'activate answers f(zeta); its slope comes in lab 2.', (name, z) => activations[name].derivative(z)],
  [
    'the exponent of the sigmoid has the wrong sign',
    'Which way does the sigmoid go for large zeta?',
    (name, z) => (name === 'sigmoid' ? 1 - activations.sigmoid.value(z) : Number.NaN),
  ],
  [
    'the sigmoid lacks the 1 in its denominator',
    'The sigmoid is 1/2 at 0. What is yours there?',
    (name, z) => (name === 'sigmoid' ? Math.exp(z) : Number.NaN),
  ],
  ['nothing is done to zeta', 'Is there a branch for this name?', (_, z) => z],
  [
    'relu lets negative numbers through with their sign turned',
    'relu(-2) is 0.',
    (name, z) => (name === 'relu' ? Math.abs(z) : Number.NaN),
  ],
  [
    'relu keeps the smaller of the two numbers',
    'relu(2) is 2 and relu(-2) is 0: maximum or minimum?',
    (name, z) => (name === 'relu' ? Math.min(0, z) : Number.NaN),
  ],
  [
    'tanh is a sigmoid here',
    'tanh goes from -1 to 1.',
    (name, z) => (name === 'tanh' ? activations.sigmoid.value(z) : Number.NaN),
  ],
];

function* activateCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'activate');
  const points = [0.75, -1.5, 2, -0.25, ...draw.list(6, -4, 4), -30, 30];
  for (const name of activationNames) {
    const alphas = new Oracle([{ W: [[1]], b: [0], activation: name }]).activations(points.map((z) => [z]))[0]!;
    for (const [n, z] of points.entries())
      yield {
        about: `${name} at ${z}`,
        args: [name, z],
        expected: alphas[n]![0]!,
        quantities: [{ name: `${name}(${z})`, equation: alphaFormula, path: [] }],
        mistakes: activateMistakes.map(([title, hint, of]) => ({ name: title, hint, answer: () => of(name, z) })),
      };
  }
}

// ---- forward ----------------------------------------------------------------------------------------------------

/** Slips of the way forward, for one row and for many. */
const slips: readonly [string, string, ForwardSlips][] = [
  ['W is transposed', 'W is [inputs, outputs]: W[i][j] leads from input i to unit j.', { transposed: true }],
  ['the bias is missing', 'What does a unit answer when all its inputs are 0?', { noBias: true }],
  ['the bias is added after the activation', 'f is applied to the whole of zeta.', { biasAfterActivation: true }],
  [
    'the bias is added once for each input',
    'Does the line that adds b stand inside of the loop over the inputs?',
    { biasPerInput: true },
  ],
  ['every unit gets the bias of the first one', 'Which index does b have?', { firstBiasOnly: true }],
  ['the activation is missing', 'alpha is f(zeta).', { noActivation: true }],
  ['the activation is applied twice', 'How often is activate called for a unit?', { twice: true }],
  [
    'the next layer is given zeta in place of alpha',
    'What goes into the next layer is what came out of this one.',
    { passesZeta: true },
  ],
  ['every layer is given x', 'Only the first layer reads x.', { stuckAtX: true }],
  ['the sum of a unit is not set back before the next unit', 'Where does each sum begin?', { runningSum: true }],
  ['the first input is left out', 'Lists begin at 0.', { skipsFirst: true }],
  ["every layer has the first one's activation", 'Each layer has an activation of its own.', { firstActivation: true }],
];

const layerHint = 'Look at one unit j: all its inputs, each times W[i][j], and its bias.';

/** zeta and alpha of each layer, in order. */
function passesOf(network: Network): Quantity[] {
  return network.flatMap((_, l) => [
    { name: `zeta of layer ${l + 1}`, equation: zetaFormula, path: ['zetas', l], hint: layerHint },
    { name: `alpha of layer ${l + 1}`, equation: alphaFormula, path: ['alphas', l], hint: 'Is it f(zeta), of the same layer?' },
  ]);
}

function* forwardCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'forward');
  for (const shape of shapes(draw)) {
    const network = draw.network(shape);
    const x = draw.list(shape.widths[0]!);
    const { zetas, alphas } = new Oracle(network).forward([x]);
    yield {
      about: describe(shape),
      args: [network, x],
      expected: { zetas: zetas.map((rows) => rows[0]!), alphas: alphas.map((rows) => rows[0]!) },
      quantities: passesOf(network),
      mistakes: slips.map(([name, hint, slip]): Mistake => ({ name, hint, answer: () => forward(network, x, slip) })),
    };
  }
}

// ---- product ----------------------------------------------------------------------------------------------------

const dot = (length: number, of: (k: number) => number) => Array.from({ length }, (_, k) => of(k)).reduce((sum, v) => sum + v, 0);

/** C[i][j] of what is computed in place of A B. */
const productMistakes: readonly [string, string, (A: number[][], B: number[][], i: number, j: number) => number][] = [
  ['B is transposed', 'Row i of A meets column j of B.', (A, B, i, j) => dot(B.length, (k) => A[i]![k]! * B[j]![k]!)],
  ['A is transposed', 'Row i of A meets column j of B.', (A, B, i, j) => dot(B.length, (k) => A[k]![i]! * B[k]![j]!)],
  [
    'the factors are in the other order: this is B A',
    'A B is not B A.',
    (A, B, i, j) => dot(A.length, (k) => B[i]![k]! * A[k]![j]!),
  ],
  ['elements are multiplied one by one', 'An element of the product is a sum.', (A, B, i, j) => A[i]![j]! * B[i]![j]!],
  [
    'only the last term of each sum is kept',
    'Is each term added, or does it take the place of those before?',
    (A, B, i, j) => A[i]!.at(-1)! * B.at(-1)![j]!,
  ],
  [
    'the last term of each sum is left out',
    'How many terms has the sum?',
    (A, B, i, j) => dot(B.length - 1, (k) => A[i]![k]! * B[k]![j]!),
  ],
  [
    'the first term of each sum is left out',
    'Lists begin at 0.',
    (A, B, i, j) => dot(B.length - 1, (k) => A[i]![k + 1]! * B[k + 1]![j]!),
  ],
];

function* productCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'product');
  const sizes = [
    [3, 3, 3],
    [2, 4, 3],
    [1, 1, 1],
    [5, 1, 2],
    [1, 6, 1],
    [draw.whole(1, 6), draw.whole(1, 6), draw.whole(1, 6)],
  ] as const;
  for (const [rows, inner, columns] of sizes) {
    const A = draw.matrix(rows, inner);
    const B = draw.matrix(inner, columns);
    const W = Array.from({ length: columns }, (_, j) => B.map((row) => row[j]!));
    // Each column is a unit without bias: the baseline's product.
    const expected = new Oracle([{ W: B, b: W.map(() => 0), activation: 'identity' }]).activations(A)[0]!;
    const each = (of: (i: number, j: number) => number) => expected.map((row, i) => row.map((_, j) => of(i, j)));
    yield {
      about: `A [${rows}, ${inner}], B [${inner}, ${columns}]`,
      args: [A, B],
      expected,
      quantities: [{ name: 'A B', path: [], hint: 'Element (i, j) is the sum over k of A[i][k] B[k][j].' }],
      mistakes: productMistakes.map(([name, hint, of]) => ({ name, hint, answer: () => each((i, j) => of(A, B, i, j)) })),
    };
  }
}

// ---- forwardBatch -----------------------------------------------------------------------------------------------

function* batchCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'forwardBatch');
  for (const [n, shape] of shapes(draw).entries()) {
    const network = draw.network(shape);
    const X = draw.matrix([3, 5, 1, 4, 2][n] ?? draw.whole(1, 7), shape.widths[0]!);
    const passes = (of: (x: number[], row: number) => ReturnType<typeof forward>) => {
      const rows = X.map(of);
      return {
        zetas: network.map((_, l) => rows.map(({ zetas }) => zetas[l]!)),
        alphas: network.map((_, l) => rows.map(({ alphas }) => alphas[l]!)),
      };
    };
    const one = slips.map(
      ([name, hint, slip]): Mistake => ({ name, hint, answer: () => passes((x) => forward(network, x, slip)) }),
    );
    const biasByRow = (x: number[], row: number) =>
      forward(
        network.map((layer) => ({ ...layer, b: layer.b.map(() => layer.b[row]!) })),
        x,
      );
    yield {
      about: `${describe(shape)}, ${X.length} rows`,
      args: [network, X],
      expected: new Oracle(network).forward(X),
      quantities: passesOf(network),
      mistakes: [
        {
          name: 'the bias is added to the first row only',
          hint: 'Each row is an example of its own.',
          answer: () => passes((x, row) => forward(network, x, { noBias: row > 0 })),
        },
        {
          name: 'b is read by the row',
          hint: 'A bias belongs to a unit: which of the two indices is that?',
          answer: () => passes(biasByRow),
        },
        {
          name: 'every row is computed from the first one',
          hint: 'Which row of X goes in?',
          answer: () => passes(() => forward(network, X[0]!)),
        },
        ...one,
      ],
    };
  }
}

const checks: readonly Check[] = [
  { function: 'activate', title: 'identity, sigmoid, tanh and relu of a number', cases: activateCases },
  { function: 'forward', title: 'one row, by loops', cases: forwardCases },
  { function: 'product', title: 'of two matrices', cases: productCases },
  { function: 'forwardBatch', title: 'many rows, by matrices', cases: batchCases },
];

export const forwardLab: Lab = { number: 1, title: 'forward propagation', file: 'lab1-forward', skeleton, checks };
