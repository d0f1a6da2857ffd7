// Lab 3: mini-batch gradient descent.

import { cut, descend, meanGradient, type DescentSlips, type GradientSlips, type Settings } from '../descent.js';
import { givenBackward } from '../given.js';
import type { Case, Check, Expected, Lab, Mistake, Quantity } from '../lab.js';
import { describe, Draw, shapes, steadyShapes, withParameters, type Network } from '../network.js';
import { Oracle } from '../oracle.js';
import { skeleton } from '../skeletons/minibatch.js';

// ---- batches ----------------------------------------------------------------------------------------------------

const batchMistakes: readonly [string, string, (order: number[], size: number) => number[][]][] = [
  [
    'the rows that are left over at the end are dropped',
    'The last batch may be smaller.',
    (order, size) => cut(order, size).filter(({ length }) => length === size),
  ],
  [
    'the order is ignored',
    'order says which row comes first.',
    (order, size) =>
      cut(
        order.map((_, i) => i),
        size,
      ),
  ],
  [
    'the batches overlap: they begin one row apart',
    'By how much does the start of a batch move on?',
    (order, size) => order.map((_, i) => order.slice(i, i + size)),
  ],
  [
    'batches begin at the right places, but go to the end',
    'slice takes where to begin and where to end.',
    (order, size) => cut(order, size).map((_, k) => order.slice(k * size)),
  ],
  [
    'batchSize is taken for the number of batches',
    'How many rows are in a batch?',
    (order, size) => cut(order, Math.ceil(order.length / size)),
  ],
  [
    'rows are dealt out in turn',
    'A batch is made of neighbours in the order.',
    (order, size) => cut(order, size).map((_, k, all) => order.filter((_row, i) => i % all.length === k)),
  ],
  ['only the first batch is there', 'Does return stand inside of the loop?', (order, size) => [order.slice(0, size)]],
  ['every row is a batch', 'How many rows are in a batch?', (order) => order.map((row) => [row])],
  [
    'batches have one row too many',
    'slice leaves out where it ends.',
    (order, size) => cut(order, size).map((_, k) => order.slice(k * size, (k + 1) * size + 1)),
  ],
];

function* batchesCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'batches');
  const sizes = [
    [8, 3],
    [6, 3],
    [5, 1],
    [4, 7],
    [1, 1],
    [draw.whole(2, 12), draw.whole(1, 5)],
  ] as const;
  for (const [rows, size] of sizes) {
    const order = draw.order(rows);
    yield {
      about: `${rows} rows, batches of ${size}`,
      args: [order, size],
      expected: cut(order, size),
      quantities: [
        {
          name: 'the list of batches',
          path: [],
          hint: 'Each row stands in one batch, in the given order; the last batch may be smaller.',
        },
      ],
      mistakes: batchMistakes.map(([name, hint, of]) => ({ name, hint, answer: () => of(order, size) })),
    };
  }
}

// ---- gradient ---------------------------------------------------------------------------------------------------

const gradientSlips: readonly [string, string, GradientSlips][] = [
  ['gradients are summed, not averaged', 'How many rows has the batch?', { summed: true }],
  ['the mean is divided by the rows once more', 'Where is it divided, and is it so twice?', { dividedTwice: true }],
  ['the divisor is one too small', 'How many rows has the batch?', { oneTooFew: true }],
  ['the mean is divided by the outputs, too', 'C is a mean over rows only.', { byOutputs: true }],
  ['only the last row counts', 'Is each gradient added, or does it take the place of those before?', { lastRowOnly: true }],
  ['only the first row counts', 'Does return stand inside of the loop?', { firstRowOnly: true }],
  ['the last row is left out', 'Where does the loop end?', { lastRowOut: true }],
  [
    'the mean so far and the next row are averaged, which counts late rows more',
    'Add all up first, then divide.',
    { runningHalves: true },
  ],
  ['every row is held against the first target', 'Which target belongs to row i?', { firstTarget: true }],
  ['the biases are summed, not averaged', 'b is averaged as W is.', { biasSummed: true }],
  ['the weights are summed, not averaged', 'W is averaged as b is.', { weightSummed: true }],
];

const gradientQuantities = (network: Network): Quantity[] =>
  network.flatMap((_, l) => [
    {
      name: `dC/db of layer ${l + 1}`,
      equation: 'the mean of BP3 over the batch',
      path: [l, 'b'],
      hint: 'Add up what backward says of each row, then divide by the rows of the batch.',
    },
    {
      name: `dC/dW of layer ${l + 1}`,
      equation: 'the mean of BP4 over the batch',
      path: [l, 'W'],
      hint: 'Add up what backward says of each row, then divide by the rows of the batch.',
    },
  ]);

function* gradientCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'gradient');
  for (const [n, shape] of shapes(draw).entries()) {
    const network = draw.network(shape);
    const rows = [4, 3, 1, 5][n] ?? draw.whole(1, 7);
    const X = draw.matrix(rows, shape.widths[0]!);
    const T = draw.matrix(rows, shape.widths.at(-1)!);
    yield {
      about: `${describe(shape)}, a batch of ${rows}`,
      args: [network, X, T, givenBackward(network)],
      expected: new Oracle(network).backward(X, T).gradient as unknown as Expected,
      quantities: gradientQuantities(network),
      mistakes: gradientSlips.map(
        ([name, hint, slip]): Mistake => ({ name, hint, answer: () => meanGradient(network, X, T, slip) }),
      ),
    };
  }
}

// ---- epoch ------------------------------------------------------------------------------------------------------

/** What goes wrong between batches, with and without momentum. */
export const batchSlips: readonly [string, string, DescentSlips][] = [
  ['the last batch is divided by batchSize, not by its rows', 'How many rows has this batch?', { byBatchSize: true }],
  ['gradients are summed, not averaged', 'How many rows has the batch?', { gradient: { summed: true } }],
  [
    'every batch uses gradients of the network at the start',
    'Each batch sees the network that the batch before has left.',
    { startGradients: true },
  ],
  ['the rows that are left over at the end are dropped', 'The last batch may be smaller.', { dropsRest: true }],
  ['the order is ignored', 'Rows are taken as order says.', { ignoresOrder: true }],
  ['rows are taken in the given order, targets are not', 'The target of row i is T[i].', { targetsByPosition: true }],
  ['there is one step, on all rows', 'A step for each batch.', { allAtOnce: true }],
  ['there is a step for each row', 'A step for each batch.', { rowByRow: true }],
  ['only the first batch is used', 'Does return stand inside of the loop?', { firstBatchOnly: true }],
  [
    'the gradient is added: uphill',
    'Which way does the cost fall?',
    { rule: { theta: (theta, v, _g, _m, rate) => theta + rate * v } },
  ],
  ['the learning rate is missing', 'How large is the step?', { rule: { theta: (theta, v) => theta - v } }],
  ['the biases stay as they were', 'b has a gradient, too.', { biasesStay: true }],
  ['the weights stay as they were', 'W has a gradient, too.', { weightsStay: true }],
];

/** The network in the end. */
export const trained = (network: Network, when: string): Quantity[] =>
  network.flatMap((_, l) => [
    {
      name: `b of layer ${l + 1} after ${when}`,
      path: [l, 'b'],
      hint: 'Do the other functions of this lab hold? Then look at what goes from one batch to the next.',
    },
    {
      name: `W of layer ${l + 1} after ${when}`,
      path: [l, 'W'],
      hint: 'Do the other functions of this lab hold? Then look at what goes from one batch to the next.',
    },
  ]);

/** What trainings are checked on: rows, batch sizes and epochs of each shape. */
export function* trainings(seed: number, purpose: string, epochs: number) {
  const draw = new Draw(seed, purpose);
  for (const [n, shape] of steadyShapes(draw).entries()) {
    const network = draw.network(shape);
    const [rows, batchSize] = (
      [
        [7, 3],
        [15, 4],
        [4, 1],
        [3, 5],
        [6, 3],
      ] as const
    )[n] ?? [draw.whole(1, 9), draw.whole(1, 4)];
    const orders = Array.from({ length: epochs }, () => draw.order(rows));
    const X = draw.matrix(rows, shape.widths[0]!);
    const T = draw.matrix(rows, shape.widths.at(-1)!);
    const learningRate = draw.number(0.1, 0.5);
    yield { n, draw, shape, network, rows, batchSize, orders, X, T, learningRate };
  }
}

/** What the oracle has learnt from batches. */
export function learnt(
  network: Network,
  X: number[][],
  T: number[][],
  { orders, batchSize, learningRate, momentum, lambda }: Settings,
): Network {
  const oracle = new Oracle(network, { learningRate, momentum, decay: lambda / X.length });
  for (const order of orders)
    for (const batch of cut(order, batchSize))
      oracle.step(
        batch.map((i) => X[i]!),
        batch.map((i) => T[i]!),
      );
  return withParameters(network, oracle.parameters());
}

function* epochCases(seed: number): Iterable<Case> {
  for (const { shape, network, rows, batchSize, orders, X, T, learningRate } of trainings(seed, 'epoch', 1)) {
    const settings: Settings = { orders, batchSize, learningRate, momentum: 0, lambda: 0 };
    yield {
      about: `${describe(shape)}, ${rows} rows, batches of ${batchSize}, learning rate ${learningRate}`,
      args: [network, X, T, { order: orders[0], batchSize, learningRate, backward: givenBackward(network) }],
      expected: learnt(network, X, T, settings) as unknown as Expected,
      quantities: trained(network, 'the epoch'),
      mistakes: batchSlips.map(
        ([name, hint, slip]): Mistake => ({ name, hint, answer: () => descend(network, X, T, settings, slip) }),
      ),
    };
  }
}

const checks: readonly Check[] = [
  { function: 'batches', title: 'rows cut into mini-batches', cases: batchesCases },
  { function: 'gradient', title: 'the mean over a batch', cases: gradientCases },
  { function: 'epoch', title: 'a step for each batch', cases: epochCases },
];

export const minibatchLab: Lab = { number: 3, title: 'mini-batch gradient descent', file: 'lab3-minibatch', skeleton, checks };
