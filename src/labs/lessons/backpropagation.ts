// Lab 2: backpropagation for stochastic gradient descent, by the four equations.

import type { Case, Check, Expected, Lab, Mistake, Quantity } from '../lab.js';
import {
  activationNames,
  combine,
  copyNetwork,
  describe,
  Draw,
  shapes,
  steadyShapes,
  withParameters,
  type ActivationName,
  type Network,
  type Parameters,
} from '../network.js';
import { Oracle } from '../oracle.js';
import { skeleton } from '../skeletons/backpropagation.js';
import { activations, backward, type BackwardSlips } from '../textbook.js';

// ---- derivative -------------------------------------------------------------------------------------------------

const sigmoid = activations.sigmoid.value;

const derivativeMistakes: readonly [string, string, (name: ActivationName, z: number) => number][] = [
  ['this is the activation itself, not its derivative', 'How fast does it rise there?', (name, z) => activations[name].value(z)],
  [
    'the derivative is written in alpha, but given zeta',
    'alpha (1 - alpha) and 1 - alpha^2 are right for alpha. This function is given zeta: what is alpha there?',
    (name, z) => ({ identity: 1, sigmoid: z * (1 - z), tanh: 1 - z * z, relu: activations.relu.derivative(z) })[name],
  ],
  ['the square of tanh is missing', "tanh' = 1 - tanh^2.", (name, z) => (name === 'tanh' ? 1 - Math.tanh(z) : Number.NaN)],
  [
    'the sigmoid is squared, and that is all',
    "s' = s (1 - s).",
    (name, z) => (name === 'sigmoid' ? sigmoid(z) ** 2 : Number.NaN),
  ],
  ['1 + s in place of 1 - s', "s' = s (1 - s).", (name, z) => (name === 'sigmoid' ? sigmoid(z) * (1 + sigmoid(z)) : Number.NaN)],
  ['relu has slope 1 on both sides', 'What does relu do below 0?', (name) => (name === 'relu' ? 1 : Number.NaN)],
  ['relu has slope -1 below 0', 'relu is flat below 0.', (name, z) => (name === 'relu' ? Math.sign(z) : Number.NaN)],
  ['it is 0 everywhere', 'Is there a branch for this name?', () => 0],
];

/** d alpha / d zeta by the baseline: the bias gradient of 1/2 (alpha - t)^2 where alpha - t is 1. */
function slopeOf(activation: ActivationName, z: number): number {
  const network: Network = [{ W: [[1]], b: [0], activation }];
  const oracle = new Oracle(network);
  const alpha = oracle.activations([[z]])[0]![0]![0]!;
  const t = Math.fround(alpha - 1);
  return oracle.backward([[z]], [[t]]).deltas[0]![0]! / (alpha - t);
}

function* derivativeCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'derivative');
  const points = [0.75, -1.5, 2.25, -0.25, ...draw.list(6, -4, 4)];
  for (const name of activationNames)
    for (const z of name === 'relu' ? [...points, 0] : points)
      yield {
        about: `${name}, zeta = ${z}`,
        args: [name, z],
        expected: slopeOf(name, z),
        quantities: [{ name: `the derivative of ${name} at ${z}`, equation: "f'(zeta)", path: [] }],
        mistakes: derivativeMistakes.map(([title, hint, of]) => ({ name: title, hint, answer: () => of(name, z) })),
      };
}

// ---- backward ---------------------------------------------------------------------------------------------------

const slips: readonly [string, string, BackwardSlips][] = [
  ["f' is missing in BP1", 'The error of an output goes back through its activation.', { noOutputDerivative: true }],
  ['the error is turned round: t - alpha', 'C = 1/2 sum (alpha - t)^2. Its derivative in alpha?', { errorTurned: true }],
  ['the error is doubled', 'The 1/2 in C is there for a reason.', { errorDoubled: true }],
  [
    'the error is divided by the number of outputs',
    'C of the course is a sum over the outputs, not their mean.',
    { meanOverOutputs: true },
  ],
  [
    'the error is taken at zeta: zeta - t',
    'What is compared with the target is what the network answers.',
    { errorOfZeta: true },
  ],
  ["f' is missing in BP1 and BP2", "Both of them end in f'(zeta).", { noDerivative: true }],
  ["f' is taken at alpha, not at zeta", 'derivative is a function of the net input.', { derivativeAtAlpha: true }],
  ["f' is missing in BP2", 'The error of a hidden unit goes back through its activation, too.', { noHiddenDerivative: true }],
  ['W is transposed in BP2', 'delta_i collects from all units j of the next layer: along W[i][j].', { transposed: true }],
  [
    'BP2 takes the W of the layer itself',
    'Errors come back along the edges by which the activations left.',
    { ownWeights: true },
  ],
  ["BP2 takes the f' of the next layer", "delta^l ends in f' of zeta^l.", { nextDerivative: true }],
  ['the bias gradient is 1', 'BP3: d zeta / d b is 1. And d C / d zeta?', { biasIsOne: true }],
  ['the bias gradient is multiplied by the bias', 'zeta = … + b: what is the derivative of that in b?', { biasTimesBias: true }],
  ['the bias gradient is multiplied by an activation', 'A bias has no input.', { biasTimesAlpha: true }],
  ["BP4 takes the layer's own alpha", 'An edge carries the activation of where it comes from.', { ownAlpha: true }],
  [
    'BP4 takes zeta in place of alpha',
    'What does an edge carry: what went into the activation, or what came out of it?',
    { zetaInput: true },
  ],
  ['dC/dW is transposed', 'It has the shape of W: [inputs, outputs].', { weightTransposed: true }],
  ['BP4 lacks the activation', 'BP4 is a product of two: of what goes in, and of the delta.', { noInput: true }],
];

/** delta from the last layer to the first, then BP3 and BP4 of each. */
function gradientQuantities(network: Network): Quantity[] {
  const last = network.length - 1;
  const layers = network.map((_, l) => l);
  return [
    ...[...layers].reverse().map((l) => ({
      name: `delta of layer ${l + 1}`,
      equation: l === last ? 'BP1' : 'BP2',
      path: ['deltas', l],
      hint:
        l === last
          ? "BP1: did you multiply by f'(zeta), and is it alpha - t?"
          : "BP2: did you transpose W, take the next layer's delta and W, and multiply by f'(zeta)?",
    })),
    ...layers.map((l) => ({
      name: `dC/db of layer ${l + 1}`,
      equation: 'BP3',
      path: ['gradient', l, 'b'],
      hint: 'BP3: the derivative of zeta in b is 1.',
    })),
    ...layers.map((l) => ({
      name: `dC/dW of layer ${l + 1}`,
      equation: 'BP4',
      path: ['gradient', l, 'W'],
      hint: 'BP4: is it the alpha that goes into the layer (x, for the first), and has it the shape of W?',
    })),
  ];
}

function* backwardCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'backward');
  for (const shape of shapes(draw)) {
    const network = draw.network(shape);
    const x = draw.list(shape.widths[0]!);
    const t = draw.list(shape.widths.at(-1)!);
    yield {
      about: describe(shape),
      args: [network, x, t],
      expected: new Oracle(network).backward([x], [t]) as unknown as Expected,
      quantities: gradientQuantities(network),
      mistakes: slips.map(([name, hint, slip]): Mistake => ({ name, hint, answer: () => backward(network, x, t, slip) })),
    };
  }
}

// ---- step, sgd --------------------------------------------------------------------------------------------------

/** What a step leaves, first layer first. */
const parametersOf = (network: Network): Quantity[] =>
  network.flatMap((_, l) => [
    {
      name: `b of layer ${l + 1} after the step`,
      equation: 'b - gamma dC/db',
      path: [l, 'b'],
      hint: 'Which gradient was it that you subtracted, and times what?',
    },
    {
      name: `W of layer ${l + 1} after the step`,
      equation: 'W - gamma dC/dW',
      path: [l, 'W'],
      hint: 'Were all gradients computed before the first weight changed?',
    },
  ]);

const moved = (network: Network, gradient: readonly Parameters[], of: (theta: number, g: number) => number): Network =>
  withParameters(network, combine(of, network, gradient));

/** A step done wrongly. */
const stepMistakes: readonly [string, string, (network: Network, x: number[], t: number[], rate: number) => Network][] = [
  [
    'the gradient is added: uphill',
    'Which way does the cost fall?',
    (n, x, t, rate) => moved(n, backward(n, x, t).gradient, (w, g) => w + rate * g),
  ],
  ['the learning rate is missing', 'How large is the step?', (n, x, t) => moved(n, backward(n, x, t).gradient, (w, g) => w - g)],
  [
    'weights are updated before all gradients are computed',
    'BP2 needs the W that the forward pass used. When may it change?',
    (n, x, t, rate) => moved(n, backward(n, x, t, { stepsTooEarly: rate }).gradient, (w, g) => w - rate * g),
  ],
  [
    'the biases stay as they were',
    'BP3 is there for them.',
    (n, x, t, rate) => moved(n, backward(n, x, t).gradient, (w, g) => w - rate * g).map((layer, l) => ({ ...layer, b: n[l]!.b })),
  ],
  [
    'the weights stay as they were',
    'BP4 is there for them.',
    (n, x, t, rate) => moved(n, backward(n, x, t).gradient, (w, g) => w - rate * g).map((layer, l) => ({ ...layer, W: n[l]!.W })),
  ],
  [
    'the first layer stays as it was',
    'Where does your loop over the layers end?',
    (n, x, t, rate) => moved(n, backward(n, x, t).gradient, (w, g) => w - rate * g).map((layer, l) => (l === 0 ? n[0]! : layer)),
  ],
  [
    'the last layer stays as it was',
    'Where does your loop over the layers begin?',
    (n, x, t, rate) =>
      moved(n, backward(n, x, t).gradient, (w, g) => w - rate * g).map((layer, l) => (l === n.length - 1 ? n[l]! : layer)),
  ],
  [
    'the answer is the change, not the new network',
    'theta - gamma g, with theta.',
    (n, x, t, rate) => moved(n, backward(n, x, t).gradient, (_, g) => -rate * g),
  ],
  ['nothing has changed', 'Are the new numbers in what you return?', (n) => n],
];

function* stepCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'step');
  for (const shape of shapes(draw)) {
    const network = draw.network(shape);
    const x = draw.list(shape.widths[0]!);
    const t = draw.list(shape.widths.at(-1)!);
    const learningRate = draw.number(0.1, 0.9);
    const oracle = new Oracle(network, { learningRate });
    oracle.step([x], [t]);
    yield {
      about: `${describe(shape)}, learning rate ${learningRate}`,
      args: [network, x, t, learningRate],
      expected: withParameters(network, oracle.parameters()) as unknown as Expected,
      quantities: parametersOf(network),
      mistakes: stepMistakes.map(([name, hint, of]) => ({ name, hint, answer: () => of(network, x, t, learningRate) })),
    };
  }
}

function* sgdCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'sgd');
  for (const [n, shape] of steadyShapes(draw).entries()) {
    const network = draw.network(shape);
    const rows = n === 0 ? 4 : n === 1 ? 15 : draw.whole(1, 8);
    const X = draw.matrix(rows, shape.widths[0]!);
    const T = draw.matrix(rows, shape.widths.at(-1)!);
    const learningRate = draw.number(0.1, 0.5);
    const oracle = new Oracle(network, { learningRate });
    X.forEach((x, i) => oracle.step([x], [T[i]!]));
    const go = (order: readonly number[], of: (now: Network, i: number) => Parameters[]) =>
      order.reduce((now, i) => moved(now, of(now, i), (w, g) => w - learningRate * g), copyNetwork(network));
    const order = X.map((_, i) => i);
    const usual = (now: Network, i: number) => backward(now, X[i]!, T[i]!).gradient;
    yield {
      about: `${describe(shape)}, ${rows} rows, learning rate ${learningRate}`,
      args: [network, X, T, learningRate],
      expected: withParameters(network, oracle.parameters()) as unknown as Expected,
      quantities: parametersOf(network).map((each) => ({ ...each, name: each.name.replace('the step', 'the last row') })),
      mistakes: [
        {
          name: 'every step uses the gradients of the network at the start',
          hint: 'Each row sees the network that the row before has left.',
          answer: () => go(order, (_, i) => usual(network, i)),
        },
        {
          name: 'every step starts from the network at the start: only the last row counts',
          hint: 'Which network goes into the next step?',
          answer: () => go([rows - 1], usual),
        },
        { name: 'only the first row is used', hint: 'Does return stand inside of the loop?', answer: () => go([0], usual) },
        { name: 'the last row is left out', hint: 'Where does the loop end?', answer: () => go(order.slice(0, -1), usual) },
        { name: 'the first row is left out', hint: 'Lists begin at 0.', answer: () => go(order.slice(1), usual) },
        {
          name: 'the rows are taken from the last to the first',
          hint: 'This function takes them in the order they stand in.',
          answer: () => go([...order].reverse(), usual),
        },
        {
          name: 'every row is trained towards the first target',
          hint: 'Which target belongs to row i?',
          answer: () => go(order, (now, i) => backward(now, X[i]!, T[0]!).gradient),
        },
        ...stepMistakes.map(
          ([name, hint, of]): Mistake => ({
            name,
            hint,
            answer: () => order.reduce((now, i) => of(now, X[i]!, T[i]!, learningRate), network),
          }),
        ),
      ],
    };
  }
}

const checks: readonly Check[] = [
  { function: 'derivative', title: 'of the activations', cases: derivativeCases },
  { function: 'backward', title: 'deltas and gradient of one row, BP1 to BP4', cases: backwardCases },
  { function: 'step', title: 'one step of gradient descent', cases: stepCases },
  { function: 'sgd', title: 'one pass over the rows, a step for each', cases: sgdCases },
];

export const backpropagationLab: Lab = {
  number: 2,
  title: 'backpropagation for SGD',
  file: 'lab2-backpropagation',
  skeleton,
  checks,
};
