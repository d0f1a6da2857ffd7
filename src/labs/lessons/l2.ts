// Lab 5: L2.

import { descend, penaltyGradient, type DescentSlips, type PenaltySlips, type Settings } from '../descent.js';
import { givenGradient } from '../given.js';
import type { Case, Check, Expected, Lab, Mistake, Quantity } from '../lab.js';
import { combine, describe, Draw, shapes, type Network } from '../network.js';
import { Oracle } from '../oracle.js';
import { skeleton } from '../skeletons/l2.js';
import { learnt, trained, trainings } from './minibatch.js';
import { trainSlips } from './momentum.js';

// ---- penalty ----------------------------------------------------------------------------------------------------

const sum = (network: Network, of: (w: number) => number) =>
  network.reduce((total, { W }) => total + W.flat().reduce((part, w) => part + of(w), 0), 0);
const square = (w: number) => w * w;

const penaltyMistakes: readonly [string, string, (network: Network, lambda: number, n: number) => number][] = [
  [
    'the 2 is missing: lambda / n',
    'lambda / 2n, so that the derivative has no 2.',
    (net, lambda, n) => (lambda / n) * sum(net, square),
  ],
  [
    'n is missing: lambda / 2',
    'The penalty is weighed against the mean over n rows.',
    (net, lambda) => (lambda / 2) * sum(net, square),
  ],
  ['n and 2 are missing', 'lambda / 2n.', (net, lambda) => lambda * sum(net, square)],
  ['lambda is missing', 'lambda / 2n.', (net, _lambda, n) => sum(net, square) / (2 * n)],
  [
    'the biases are penalised, too',
    'A bias makes no function steep. Only weights are penalised.',
    (net, lambda, n) =>
      (lambda / (2 * n)) * (sum(net, square) + net.reduce((total, { b }) => total + b.reduce((part, w) => part + w * w, 0), 0)),
  ],
  ['this is L1: absolute values', 'L2 is a sum of squares.', (net, lambda, n) => (lambda / (2 * n)) * sum(net, Math.abs)],
  ['weights are summed as they are', 'L2 is a sum of squares.', (net, lambda, n) => (lambda / (2 * n)) * sum(net, (w) => w)],
  [
    'the root of the sum is taken',
    'The square of the norm, not the norm.',
    (net, lambda, n) => (lambda / (2 * n)) * Math.sqrt(sum(net, square)),
  ],
  [
    'only the last layer counts',
    'Is each layer added, or does it take the place of those before?',
    (net, lambda, n) => (lambda / (2 * n)) * sum(net.slice(-1), square),
  ],
  [
    'only the first layer counts',
    'Does return stand inside of the loop?',
    (net, lambda, n) => (lambda / (2 * n)) * sum(net.slice(0, 1), square),
  ],
];

/** By the baseline: the work that its penalty's gradient does on the way from 0 to the weights. */
function penaltyOf(network: Network, lambda: number, n: number): number {
  const decay = lambda / n;
  const still = network.map((layer) => ({ ...layer, activation: 'identity' as const }));
  const [with_, without] = [decay, 0].map((each) => {
    const oracle = new Oracle(still, { learningRate: 1, decay: each });
    oracle.step([still[0]!.W.map(() => 0)], [still.at(-1)!.b.map(() => 0)]);
    return oracle.parameters();
  });
  const pulls = combine((a, b) => a - b, without!, with_!); // decay times W
  return network.reduce(
    (total, { W }, l) =>
      total + W.reduce((part, row, i) => part + row.reduce((s, w, j) => s + (w * pulls[l]!.W[i]![j]!) / 2, 0), 0),
    0,
  );
}

function* penaltyCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'penalty');
  for (const [k, shape] of shapes(draw).entries()) {
    const network = draw.network(shape);
    const lambda = k === 2 ? 0 : draw.number(0.1, 4);
    const n = draw.whole(3, 50);
    yield {
      about: `${describe(shape)}, lambda ${lambda}, n ${n}`,
      args: [network, lambda, n],
      expected: penaltyOf(network, lambda, n),
      quantities: [
        {
          name: 'the penalty',
          equation: 'lambda / 2n times the sum of the squares of all W',
          path: [],
          hint: 'Of every weight of every layer, and of no bias.',
        },
      ],
      mistakes: penaltyMistakes.map(([name, hint, of]) => ({ name, hint, answer: () => of(network, lambda, n) })),
    };
  }
}

// ---- regularised ------------------------------------------------------------------------------------------------

const penaltySlips: readonly [string, string, PenaltySlips][] = [
  ['the 2 of lambda / 2n is kept', 'The derivative of w^2 is 2 w.', { factor: 0.5 }],
  ['there is a 2 too many', 'The derivative of lambda / 2n w^2?', { factor: 2 }],
  ['the penalty has the wrong sign', 'It makes weights smaller.', { factor: -1 }],
  ['n is missing', 'lambda / n.', { withoutN: true }],
  ['the biases are penalised, too', 'Only weights are.', { onBiases: true }],
  ['this is the gradient of L1', 'The derivative of w^2 is 2 w.', { l1: true }],
  ['nothing is added', 'The gradient of the penalty is lambda / n W.', { left: true }],
  ['the first layer is left out', 'Every layer is penalised.', { firstLayerOut: true }],
];

const gradientQuantities = (network: Network): Quantity[] =>
  network.flatMap((_, l) => [
    {
      name: `the gradient of b of layer ${l + 1}`,
      equation: 'dC/db = dC0/db',
      path: [l, 'b'],
      hint: 'Biases are not penalised.',
    },
    {
      name: `the gradient of W of layer ${l + 1}`,
      equation: 'dC/dW = dC0/dW + lambda/n W',
      path: [l, 'W'],
      hint: 'What is the derivative of lambda / 2n w^2?',
    },
  ]);

function* regularisedCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'regularised');
  for (const [k, shape] of shapes(draw).entries()) {
    const network = draw.network(shape);
    const gradient = draw.network(shape).map(({ W, b }) => ({ W, b }));
    const lambda = k === 2 ? 0 : draw.number(0.5, 4);
    const n = draw.whole(3, 50);
    const add = (slip: PenaltySlips) => combine((g, p) => g + p, gradient, penaltyGradient(network, lambda, n, slip));
    const [x, t] = [draw.list(shape.widths[0]!), draw.list(shape.widths.at(-1)!)];
    const [bare, penalised] = [0, lambda / n].map((decay) => {
      const oracle = new Oracle(network, { learningRate: 1, decay });
      oracle.step([x], [t]);
      return oracle.parameters();
    });
    yield {
      about: `${describe(shape)}, lambda ${lambda}, n ${n}`,
      args: [gradient, network, lambda, n],
      // What the baseline's step with a penalty goes further than its step without.
      expected: combine((g, without, with_) => g + (without - with_), gradient, bare!, penalised!) as unknown as Expected,
      quantities: gradientQuantities(network),
      mistakes: [
        ...penaltySlips.map(([name, hint, slip]): Mistake => ({ name, hint, answer: () => add(slip) })),
        {
          name: 'the gradient of the cost is gone',
          hint: 'The penalty is added to it.',
          answer: () => penaltyGradient(network, lambda, n),
        },
      ],
    };
  }
}

// ---- train ------------------------------------------------------------------------------------------------------

const slips: readonly [string, string, DescentSlips][] = [
  ['lambda is divided by the rows of the batch, not of X', 'n is the number of all rows.', { penalty: { byBatch: true } }],
  ...penaltySlips.map(([name, hint, penalty]): [string, string, DescentSlips] => [
    name === 'nothing is added' ? 'the penalty is left out' : name,
    hint,
    { penalty },
  ]),
  [
    'the weights decay beside the velocity',
    'Decoupled decay is another method (AdamW). Here the penalty is part of the gradient that the velocity takes in.',
    { penalty: { decoupled: true } },
  ],
  ['the penalty is that of the weights at the start', 'It follows the weights.', { penalty: { ofStart: true } }],
  ...trainSlips,
];

function* trainCases(seed: number): Iterable<Case> {
  for (const { n, draw, shape, network, rows, batchSize, orders, X, T, learningRate } of trainings(seed, 'train with L2', 2)) {
    const momentum = n === 3 ? 0 : draw.number(0.3, 0.9);
    const lambda = n === 2 ? 0 : draw.number(0.2, 1);
    const settings: Settings = { orders, batchSize, learningRate, momentum, lambda };
    yield {
      about: `${describe(shape)}, ${rows} rows, batches of ${batchSize}, 2 epochs, learning rate ${learningRate}, momentum ${momentum}, lambda ${lambda}`,
      args: [network, X, T, { orders, batchSize, learningRate, momentum, lambda, gradient: givenGradient(network) }],
      expected: learnt(network, X, T, settings) as unknown as Expected,
      quantities: trained(network, 'the training'),
      mistakes: slips.map(
        ([name, hint, slip]): Mistake => ({ name, hint, answer: () => descend(network, X, T, settings, slip) }),
      ),
    };
  }
}

const checks: readonly Check[] = [
  { function: 'penalty', title: 'what L2 adds to the cost', cases: penaltyCases },
  { function: 'regularised', title: 'the gradient with that of the penalty', cases: regularisedCases },
  { function: 'train', title: 'mini-batches with momentum and L2', cases: trainCases },
];

export const l2Lab: Lab = { number: 5, title: 'L2', file: 'lab5-l2', skeleton, checks };
