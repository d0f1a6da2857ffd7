// Lab 4: momentum.

import { descend, heavyBall, zeros, type DescentSlips, type MomentumRule, type Settings } from '../descent.js';
import { givenGradient } from '../given.js';
import type { Case, Check, Expected, Lab, Mistake, Quantity } from '../lab.js';
import { combine, describe, Draw, shapes, withParameters, type Network, type Parameters } from '../network.js';
import { Oracle } from '../oracle.js';
import { skeleton } from '../skeletons/momentum.js';
import { batchSlips, learnt, trained, trainings } from './minibatch.js';

// ---- still ------------------------------------------------------------------------------------------------------

const velocityQuantities = (network: Network, at: readonly (string | number)[], when: string): Quantity[] =>
  network.flatMap((_, l) => [
    {
      name: `velocity of b of layer ${l + 1}${when}`,
      equation: 'v = beta v + dC/db',
      path: [...at, l, 'b'],
      hint: 'How much of the old velocity is kept, and how much of the gradient comes in?',
    },
    {
      name: `velocity of W of layer ${l + 1}${when}`,
      equation: 'v = beta v + dC/dW',
      path: [...at, l, 'W'],
      hint: 'How much of the old velocity is kept, and how much of the gradient comes in?',
    },
  ]);

function* stillCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'still');
  for (const shape of shapes(draw)) {
    const network = draw.network(shape);
    yield {
      about: describe(shape),
      args: [network],
      expected: zeros(network) as unknown as Expected,
      quantities: velocityQuantities(network, [], ' at the start').map(({ name, path }) => ({
        name,
        path,
        hint: 'Before the first step nothing moves, in any W or b.',
      })),
      mistakes: [
        { name: 'the velocity is a copy of the network', hint: 'Before the first step nothing moves.', answer: () => network },
        {
          name: 'the velocity starts from 1',
          hint: 'Before the first step nothing moves.',
          answer: () => combine(() => 1, network),
        },
      ],
    };
  }
}

// ---- momentumStep -----------------------------------------------------------------------------------------------

const rules: readonly [string, string, Partial<MomentumRule>][] = [
  ['the old velocity is forgotten', 'What does momentum do if not keep some of it?', { velocity: (_v, g) => g }],
  [
    'the gradient is weighted with 1 - beta',
    'That is the average of gradients, another form. The velocity of the lecture takes the whole gradient.',
    { velocity: (v, g, beta) => beta * v + (1 - beta) * g },
  ],
  [
    'the gradient is subtracted from the velocity',
    'theta = theta - gamma v turns the sign already.',
    { velocity: (v, g, beta) => beta * v - g },
  ],
  [
    'the velocity is negative and holds the learning rate: another form',
    'v = beta v - gamma g with theta = theta + v is the other form. Here the rate stands in the step.',
    { velocity: (v, g, beta, rate) => beta * v - rate * g, theta: (theta, v) => theta + v },
  ],
  [
    'the learning rate stands in the velocity',
    'It stands in the step.',
    { velocity: (v, g, beta, rate) => beta * v + rate * g, theta: (theta, v) => theta - v },
  ],
  ['the whole old velocity is kept', 'Without friction nothing ever comes to rest.', { velocity: (v, g) => v + g }],
  [
    'beta weighs the gradient in place of the velocity',
    'What is it that beta keeps?',
    { velocity: (v, g, beta) => v + beta * g },
  ],
  [
    'beta weighs both',
    'beta keeps a part of the velocity; the gradient comes in whole.',
    { velocity: (v, g, beta) => beta * (v + g) },
  ],
  ['beta and 1 - beta are swapped', 'A beta near 1 keeps nearly all.', { velocity: (v, g, beta) => (1 - beta) * v + g }],
  [
    'the step goes along the old velocity',
    'The new velocity has seen the gradient.',
    { theta: (theta, _v, _g, _beta, rate, before) => theta - rate * before },
  ],
  [
    'the step goes along the gradient, not the velocity',
    'What is the velocity for?',
    { theta: (theta, _v, g, _beta, rate) => theta - rate * g },
  ],
  ['the step goes uphill', 'Which way does the cost fall?', { theta: (theta, v, _g, _beta, rate) => theta + rate * v }],
  ['the learning rate is missing in the step', 'How large is the step?', { theta: (theta, v) => theta - v }],
  [
    "the step is Nesterov's",
    'It looks one step further: gradient + beta v. This lab has the heavy ball.',
    { theta: (theta, v, g, beta, rate) => theta - rate * (g + beta * v) },
  ],
  [
    'beta is applied in the step once more',
    'It stands in the velocity.',
    { theta: (theta, v, _g, beta, rate) => theta - rate * beta * v },
  ],
];

interface Step {
  readonly network: Network;
  readonly velocity: Parameters[];
  readonly gradient: Parameters[];
  readonly momentum: number;
  readonly learningRate: number;
}

function stepped({ network, velocity, gradient, momentum, learningRate }: Step, rule: Partial<MomentumRule>, biases = true) {
  const { velocity: next, theta } = { ...heavyBall, ...rule };
  const all = combine((v, g) => next(v, g, momentum, learningRate), velocity, gradient);
  const v = all.map(({ W, b }, l) => ({ W, b: biases ? b : gradient[l]!.b }));
  const moved = combine((w, u, g, old) => theta(w, u, g, momentum, learningRate, old), network, v, gradient, velocity);
  return { layers: withParameters(network, moved), velocity: v };
}

/** Two steps of the baseline from rest: the velocity is what moved the parameters, by the learning rate. */
function* stepCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'momentumStep');
  for (const [n, shape] of shapes(draw).entries()) {
    const first = draw.network(shape);
    const X = draw.matrix(3, shape.widths[0]!);
    const T = draw.matrix(3, shape.widths.at(-1)!);
    const momentum = n === 2 ? 0 : draw.number(0.3, 0.95);
    const learningRate = 0.25;
    const oracle = new Oracle(first, { learningRate, momentum });
    const speed = (from: readonly Parameters[], to: readonly Parameters[]) => combine((a, b) => (a - b) / learningRate, from, to);
    oracle.step(X, T);
    const second = oracle.parameters();
    const network = withParameters(first, second);
    const gradient = new Oracle(network).backward(X, T).gradient;
    oracle.step(X, T);
    const third = oracle.parameters();
    const step: Step = { network, velocity: speed(first, second), gradient, momentum, learningRate };
    yield {
      about: `${describe(shape)}, momentum ${momentum}, learning rate ${learningRate}`,
      args: [network, step.velocity, gradient, { learningRate, momentum }],
      expected: { velocity: speed(second, third), layers: withParameters(network, third) } as unknown as Expected,
      quantities: [
        ...velocityQuantities(network, ['velocity'], ''),
        ...network.flatMap((_, l) => [
          {
            name: `b of layer ${l + 1}`,
            equation: 'theta = theta - gamma v',
            path: ['layers', l, 'b'],
            hint: 'The step is gamma times the new velocity, downhill.',
          },
          {
            name: `W of layer ${l + 1}`,
            equation: 'theta = theta - gamma v',
            path: ['layers', l, 'W'],
            hint: 'The step is gamma times the new velocity, downhill.',
          },
        ]),
      ],
      mistakes: [
        ...rules.map(([name, hint, rule]): Mistake => ({ name, hint, answer: () => stepped(step, rule) })),
        { name: 'the biases have no momentum', hint: 'b has a velocity, as W has.', answer: () => stepped(step, {}, false) },
      ],
    };
  }
}

// ---- train ------------------------------------------------------------------------------------------------------

/** What goes wrong from step to step. */
export const trainSlips: readonly [string, string, DescentSlips][] = [
  ['the velocity is set back before each step', 'Where is it made? It must outlive the batch.', { resetEachStep: true }],
  ['the velocity is set back before each epoch', 'Where is it made? It must outlive the epoch.', { resetEachEpoch: true }],
  [
    'the gradient is taken at the look-ahead point',
    "That is Nesterov's. The heavy ball takes it where the network stands.",
    { looksAhead: true },
  ],
  ['every epoch has the order of the first', 'orders has one for each epoch.', { firstOrder: true }],
  ['there is one epoch only', 'orders has one order for each epoch.', { firstEpochOnly: true }],
  ...batchSlips,
  ...rules.map(([name, hint, rule]): [string, string, DescentSlips] => [name, hint, { rule }]),
  ['the biases have no momentum', 'b has a velocity, as W has.', { biasWithoutMomentum: true }],
];

function* trainCases(seed: number): Iterable<Case> {
  for (const { n, draw, shape, network, rows, batchSize, orders, X, T, learningRate } of trainings(
    seed,
    'train with momentum',
    3,
  )) {
    const settings: Settings = { orders, batchSize, learningRate, momentum: n === 2 ? 0 : draw.number(0.3, 0.95), lambda: 0 };
    const { momentum } = settings;
    yield {
      about: `${describe(shape)}, ${rows} rows, batches of ${batchSize}, 3 epochs, learning rate ${learningRate}, momentum ${momentum}`,
      args: [network, X, T, { orders, batchSize, learningRate, momentum, gradient: givenGradient(network) }],
      expected: learnt(network, X, T, settings) as unknown as Expected,
      quantities: trained(network, 'the training'),
      mistakes: trainSlips.map(
        ([name, hint, slip]): Mistake => ({ name, hint, answer: () => descend(network, X, T, settings, slip) }),
      ),
    };
  }
}

const checks: readonly Check[] = [
  { function: 'still', title: 'the velocity before the first step', cases: stillCases },
  { function: 'momentumStep', title: 'one step of the heavy ball', cases: stepCases },
  { function: 'train', title: 'epochs of mini-batches with momentum', cases: trainCases },
];

export const momentumLab: Lab = { number: 4, title: 'momentum', file: 'lab4-momentum', skeleton, checks };
