// Lab 6: a network in place of a costly pricing function.

import type { Case, Check, Expected, Lab, Mistake, Quantity } from '../lab.js';
import { Draw, type ActivationName, type Network } from '../network.js';
import { Oracle } from '../oracle.js';
import {
  measures,
  paysFrom,
  scalerOf,
  simulate,
  type Call,
  type Costs,
  type ScaledNetwork,
  type Scalers,
  type ScalerSlips,
  type SimulationSlips,
} from '../proxy.js';
import { givenLearner, givenNetwork } from '../given.js';
import { skeleton } from '../skeletons/pricing.js';

// ---- monteCarlo -------------------------------------------------------------------------------------------------

const simulationSlips: readonly [string, string, SimulationSlips][] = [
  ['the payoff is not discounted', 'It is paid at maturity. What is it worth today?', { undiscounted: true }],
  ['the payoff is discounted twice', 'Where is it discounted, and is it so twice?', { discountedTwice: true }],
  ['the discount grows: e^(+rT)', 'A euro tomorrow is worth less than one today.', { compounded: true }],
  ['the - sigma^2 / 2 of the drift is missing', 'The mean of e^(sigma W) is not 1.', { noCorrection: true }],
  [
    'sigma^2 / 2 is added to the drift',
    'Which sign makes the mean of the discounted share the share of today?',
    { correctionAdded: true },
  ],
  ['the rate is missing in the drift', 'A share grows at the rate here.', { noDrift: true }],
  ['sigma is multiplied by T, not by its root', 'The variance grows like T. And the deviation?', { linearTime: true }],
  ['sigma^2 stands for sigma', 'volatility is the deviation, not the variance.', { varianceForVolatility: true }],
  ['the mirror images -z are missing', 'Antithetic: every z comes with -z.', { notAntithetic: true }],
  ['this is a put', 'A call pays where the share ends above the strike.', { put: true }],
  ['the payoff falls below 0', 'A call need not be exercised.', { noFloor: true }],
  ['the payoff is that of the mean share', 'The mean of the payoffs, not the payoff of the mean.', { payoffOfMean: true }],
  ['a pair counts twice', 'The value of a pair is the mean of its two payoffs.', { summedPair: true }],
  ['the standard error is the deviation of one pair', 'The error of a mean of n falls like 1 / root of n.', { deviation: true }],
  ['the variance is divided by n, not by n - 1', 'One of the n went into the mean.', { divisorN: true }],
  ['z and -z are counted as independent', 'They are not. The pairs are.', { pairsAsTwo: true }],
  ['the standard error is not discounted', 'It is one of the price, of today.', { errorUndiscounted: true }],
];

function* simulationCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'monteCarlo');
  for (let k = 0; k < 6; k++) {
    const option: Call = {
      spot: k === 0 ? draw.number(85, 95) : draw.number(80, 120), // of the first, pairs end on either side of the strike
      strike: k === 0 ? draw.number(100, 110) : draw.number(85, 115),
      rate: k === 2 ? 0 : draw.number(0.02, 0.08),
      volatility: draw.number(0.15, 0.5),
      maturity: draw.number(0.3, 2),
    };
    const normals = draw.normals([40, 2, 11, 3, 100, 7][k]!);
    yield {
      about: `${normals.length} pairs, ${Object.entries(option)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
      args: [option, normals],
      expected: simulate(option, normals) as unknown as Expected,
      quantities: [
        {
          name: 'the price',
          equation: 'the mean of e^(-rT) max(S_T - K, 0)',
          path: ['price'],
          hint: 'S_T = S e^((r - sigma^2 / 2) T + sigma root(T) z), for z and for -z.',
        },
        {
          name: 'the standard error',
          equation: 'root(variance of the pairs / n)',
          path: ['standardError'],
          hint: 'The deviation of the discounted values of the pairs, over the root of their number.',
        },
      ],
      mistakes: simulationSlips.map(
        ([name, hint, slip]): Mistake => ({ name, hint, answer: () => simulate(option, normals, slip) }),
      ),
    };
  }
}

// ---- fitScaler --------------------------------------------------------------------------------------------------

const scalerSlips: readonly [string, string, ScalerSlips][] = [
  ['the variance is divided by n - 1', 'Scalers divide by n.', { sample: true }],
  ['the scale is the variance', 'Its root.', { variance: true }],
  ['the scale is turned over: 1 / deviation', 'Inputs are divided by scale.', { inverse: true }],
  ['the scale is the range', 'The standard deviation.', { range: true }],
  ['columns are not told apart', 'One mean and one scale for each column.', { together: true }],
  ['the deviation is taken around 0', 'Around the mean.', { aroundZero: true }],
  ['a constant column has scale 0', 'What comes out when that is divided by?', { zeroScale: true }],
  ['the mean is 0', 'Add up, and divide by the rows.', { noMean: true }],
];

function* scalerCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'fitScaler');
  for (const [rows, columns] of [
    [6, 3],
    [9, 2],
    [2, 1],
    [1, 2],
    [5, 4],
  ] as const) {
    const X = draw.matrix(rows, columns, -3, 8);
    if (columns === 4) for (const row of X) row[2] = 1.5;
    const each = (what: 'mean' | 'scale', name: string, hint: string): Quantity[] =>
      Array.from({ length: columns }, (_, j) => ({ name: `${name} of column ${j}`, path: [what, j], hint }));
    yield {
      about: `${rows} rows of ${columns}${columns === 4 ? ', one column constant' : rows === 1 ? ': every column is constant' : ''}`,
      args: [X],
      expected: scalerOf(X) as unknown as Expected,
      quantities: [
        ...each('mean', 'the mean', 'Column by column.'),
        ...each('scale', 'the scale', 'The root of the mean squared distance from the mean; 1 where that is 0.'),
      ],
      mistakes: scalerSlips.map(([name, hint, slip]): Mistake => ({ name, hint, answer: () => scalerOf(X, slip) })),
    };
  }
}

// ---- price, delta -----------------------------------------------------------------------------------------------

const scaledRow = ({ x }: Scalers, row: readonly number[]) => row.map((v, j) => (v - x.mean[j]!) / x.scale[j]!);

type Slip = readonly [string, string, (net: ScaledNetwork, s: Scalers, row: number[]) => number];

const priceMistakes: readonly Slip[] = [
  ['the row is not scaled', 'The network has learnt from scaled rows.', (net, { y }, row) => y.mean + y.scale * net.value(row)],
  ['the answer is not scaled back', 'The network gives a scaled price.', (net, s, row) => net.value(scaledRow(s, row))],
  [
    'the mean of y is missing',
    'Scaling back undoes both: what was divided, and what was subtracted.',
    (net, s, row) => s.y.scale * net.value(scaledRow(s, row)),
  ],
  [
    'the scale of y is missing',
    'Scaling back undoes both: what was divided, and what was subtracted.',
    (net, s, row) => s.y.mean + net.value(scaledRow(s, row)),
  ],
  [
    'the answer is scaled once more, not back',
    'Which way round?',
    (net, s, row) => (net.value(scaledRow(s, row)) - s.y.mean) / s.y.scale,
  ],
  [
    'the means of x are not subtracted',
    'First the mean, then the scale.',
    (net, s, row) => s.y.mean + s.y.scale * net.value(row.map((v, j) => v / s.x.scale[j]!)),
  ],
  [
    'the row is not divided by the scales of x',
    'First the mean, then the scale.',
    (net, s, row) => s.y.mean + s.y.scale * net.value(row.map((v, j) => v - s.x.mean[j]!)),
  ],
  [
    'the row is multiplied by the scales of x',
    'Large scales make small numbers.',
    (net, s, row) => s.y.mean + s.y.scale * net.value(row.map((v, j) => (v - s.x.mean[j]!) * s.x.scale[j]!)),
  ],
  [
    'the mean is added before scaling back',
    'In which order was it done?',
    (net, s, row) => s.y.scale * (s.y.mean + net.value(scaledRow(s, row))),
  ],
];

const first = (net: ScaledNetwork, s: Scalers, row: readonly number[]) => net.gradient(scaledRow(s, row))[0]!;

const deltaMistakes: readonly Slip[] = [
  [
    'the derivative is that of the scaled network: the delta is not unscaled',
    'How fast does the price move with the spot, and how fast the scaled price with the scaled spot?',
    first,
  ],
  ['the scale of the spot is forgotten', 'd(scaled spot) / d(spot)?', (net, s, row) => s.y.scale * first(net, s, row)],
  ['the scale of the price is forgotten', 'd(price) / d(scaled price)?', (net, s, row) => first(net, s, row) / s.x.scale[0]!],
  [
    'the scales are the wrong way round',
    'The chain rule: which scale multiplies, and which divides?',
    (net, s, row) => (first(net, s, row) * s.x.scale[0]!) / s.y.scale,
  ],
  [
    'both scales multiply',
    'The chain rule: which scale multiplies, and which divides?',
    (net, s, row) => first(net, s, row) * s.x.scale[0]! * s.y.scale,
  ],
  [
    'both scales divide',
    'The chain rule: which scale multiplies, and which divides?',
    (net, s, row) => first(net, s, row) / s.x.scale[0]! / s.y.scale,
  ],
  [
    'the mean of the price is added',
    'What does a constant add to a derivative?',
    (net, s, row) => s.y.mean + (s.y.scale * first(net, s, row)) / s.x.scale[0]!,
  ],
  [
    'the gradient is taken at the row as it is',
    'The network takes scaled rows, for its gradient, too.',
    (net, s, row) => (s.y.scale * net.gradient(row)[0]!) / s.x.scale[0]!,
  ],
  [
    'this is the derivative in the last input',
    'The spot is column 0.',
    (net, s, row) => (s.y.scale * net.gradient(scaledRow(s, row)).at(-1)!) / s.x.scale.at(-1)!,
  ],
  [
    'the derivatives in all inputs are added up',
    'Delta is the derivative in the spot alone.',
    (net, s, row) => net.gradient(scaledRow(s, row)).reduce((sum, g, j) => sum + (s.y.scale * g) / s.x.scale[j]!, 0),
  ],
];

/** A network with its scalers built into its first and last layer: what the oracle is asked. */
function folded(network: Network, { x, y }: Scalers): Network {
  const layers = network.map((layer) => ({ ...layer }));
  const [start] = layers;
  start!.b = start!.b.map((b, j) => start!.W.reduce((sum, row, i) => sum - (x.mean[i]! / x.scale[i]!) * row[j]!, b));
  start!.W = start!.W.map((row, i) => row.map((w) => w / x.scale[i]!));
  const end = layers.at(-1)!;
  end.W = end.W.map((row) => row.map((w) => w * y.scale));
  end.b = end.b.map((b) => b * y.scale + y.mean);
  return layers;
}

function* networkCases(seed: number, what: 'price' | 'delta'): Iterable<Case> {
  const draw = new Draw(seed, what);
  const shapes: readonly (readonly number[])[] = [
    [3, 4, 1],
    [2, 5, 3, 1],
    [1, 2, 1],
    [4, 1, 1],
    [draw.whole(1, 5), draw.whole(1, 6), 1],
  ];
  for (const [k, widths] of shapes.entries()) {
    const activations = widths
      .slice(1)
      .map((_, l): ActivationName => (l === widths.length - 2 ? 'identity' : k % 2 === 0 ? 'tanh' : 'sigmoid'));
    const network = draw.network({ widths, activations });
    const scalers: Scalers = {
      x: { mean: draw.list(widths[0]!, 0.25, 1), scale: draw.list(widths[0]!, 0.5, 3) },
      y: { mean: draw.number(1, 9), scale: draw.number(2, 6) },
    };
    const row = draw.list(widths[0]!, -0.5, 2);
    const whole = folded(network, scalers);
    const oracle = new Oracle(whole);
    const price = oracle.activations([row]).at(-1)![0]![0]!;
    const t = Math.fround(price - 1); // so that d C / d price is 1, nearly
    const { deltas } = oracle.backward([row], [[t]]);
    const delta = whole[0]!.W[0]!.reduce((sum, w, j) => sum + w * deltas[0]![j]!, 0) / (price - t);
    const net = givenNetwork(network);
    yield {
      about: `a network ${widths.join('-')} on scaled rows`,
      args: [net, scalers, row],
      expected: what === 'price' ? price : delta,
      quantities:
        what === 'price'
          ? [
              {
                name: 'the price',
                equation: 'mean_y + scale_y f((x - mean_x) / scale_x)',
                path: [],
                hint: 'Scale the row, ask the network, scale its answer back.',
              },
            ]
          : [
              {
                name: 'delta',
                equation: 'the chain rule through the scalers',
                path: [],
                hint: 'Three factors: price by scaled price, that by scaled spot, that by spot.',
              },
            ],
      mistakes: (what === 'price' ? priceMistakes : deltaMistakes).map(
        ([name, hint, of]): Mistake => ({ name, hint, answer: () => of(net, scalers, row) }),
      ),
    };
  }
}

// ---- errorsByRows -----------------------------------------------------------------------------------------------

type Learner = ReturnType<typeof givenLearner>;
interface Curve {
  readonly learn: Learner;
  readonly price: (row: number[]) => number;
  readonly X: number[][];
  readonly test: number[][];
  readonly sizes: number[];
}

function curve(
  { learn, price, X, test, sizes }: Curve,
  how: { measure?: keyof typeof measures; trainOn?: (n: number) => number[][]; testOn?: (n: number) => number[][] } = {},
): number[] {
  return sizes.map((n) => {
    const rows = how.trainOn?.(n) ?? X.slice(0, n);
    const proxy = learn(rows, rows.map(price));
    return measures[how.measure ?? 'rms']((how.testOn?.(n) ?? test).map((row) => proxy(row) - price(row)));
  });
}

const curveMistakes: readonly [string, string, (of: Curve) => number[]][] = [
  [
    'the proxy is judged by the rows that it has learnt from',
    'Of those it may know the answers by heart. Which rows has it not seen?',
    (of) => curve(of, { testOn: (n) => of.X.slice(0, n) }),
  ],
  ['all rows are learnt from, whatever the size', 'The first n rows.', (of) => curve(of, { trainOn: () => of.X })],
  [
    'the last n rows are learnt from',
    'The first n rows, so that a larger size has all rows of a smaller one.',
    (of) => curve(of, { trainOn: (n) => of.X.slice(-n) }),
  ],
  [
    'the proxy learns from the test rows',
    'Test rows are there to judge by.',
    (of) => curve(of, { trainOn: (n) => of.test.slice(0, n) }),
  ],
  [
    'the test rows are learnt from, too',
    'Test rows are there to judge by.',
    (of) => curve(of, { trainOn: (n) => [...of.X.slice(0, n), ...of.test] }),
  ],
  ['the root is missing', 'Root mean squared error: in the units of the price.', (of) => curve(of, { measure: 'meanSquare' })],
  [
    'errors are averaged without their sign, not squared',
    'Root mean squared error.',
    (of) => curve(of, { measure: 'meanAbsolute' }),
  ],
  ['errors are averaged with their sign', 'Errors up and down cancel.', (of) => curve(of, { measure: 'mean' })],
  ['this is the largest error', 'Root mean squared error.', (of) => curve(of, { measure: 'largest' })],
  ['squares are added up, not averaged', 'How many test rows are there?', (of) => curve(of, { measure: 'rootOfSum' })],
  ['the root is taken before dividing', 'First the mean, then the root.', (of) => curve(of, { measure: 'sumOverRoot' })],
];

function* curveCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'errorsByRows');
  for (const [inputs, rows, tests, sizes] of [
    [2, 12, 5, [3, 6, 12]],
    [1, 6, 1, [1, 4]],
    [3, 9, 7, [9]],
  ] as const) {
    const [X, test] = [draw.matrix(rows, inputs), draw.matrix(tests, inputs)];
    const network = draw.network({ widths: [inputs, 4, 1], activations: ['tanh', 'identity'] });
    const costly = draw.network({ widths: [inputs, 3, 1], activations: ['sigmoid', 'identity'] });
    const price = givenNetwork(costly).value;
    const of: Curve = { learn: givenLearner(network), price, X, test, sizes: [...sizes] };
    yield {
      about: `${rows} rows of ${inputs}, ${tests} test rows, sizes ${sizes.join(', ')}`,
      args: [of.learn, of.price, X, test, of.sizes],
      expected: curve(of),
      quantities: sizes.map(
        (n, k): Quantity => ({
          name: `the error after learning from ${n} rows`,
          equation: 'root mean squared error',
          path: [k],
          hint: 'Learn from the first n rows and their prices; judge on every test row.',
        }),
      ),
      mistakes: curveMistakes.map(([name, hint, answer]) => ({ name, hint, answer: () => answer(of) })),
    };
  }
}

// ---- breakEven --------------------------------------------------------------------------------------------------

const costMistakes: readonly [string, string, (costs: Costs) => number][] = [
  [
    'the prices that were learnt from are not counted',
    'Somebody has computed them, by the costly function.',
    (c) => paysFrom({ ...c, rows: 0 }),
  ],
  ['learning is not counted', 'It costs once, before the first price.', (c) => paysFrom({ ...c, training: 0 })],
  ['the price by the proxy is not counted', 'It is small, but not 0.', (c) => paysFrom({ ...c, prediction: 0 })],
  [
    'it is not rounded',
    'There is no half price.',
    ({ rows, call, training, prediction }) =>
      prediction >= call ? Number.POSITIVE_INFINITY : (rows * call + training) / (call - prediction),
  ],
  [
    'it is rounded down',
    'One price less, and the proxy has cost more.',
    ({ rows, call, training, prediction }) =>
      prediction >= call ? Number.POSITIVE_INFINITY : Math.floor((rows * call + training) / (call - prediction)),
  ],
  [
    'the two prices are added in the divisor',
    'What is saved by each price?',
    ({ rows, call, training, prediction }) => Math.ceil((rows * call + training) / (call + prediction)),
  ],
  [
    'the proxy is taken to pay although it is no cheaper',
    'What if a price by the proxy costs as much, or more?',
    ({ rows, call, training, prediction }) => Math.ceil((rows * call + training) / (call - prediction)),
  ],
  [
    'the rows were priced by the proxy',
    'The costly function has priced them.',
    ({ rows, call, training, prediction }) =>
      prediction >= call ? Number.POSITIVE_INFINITY : Math.ceil((rows * prediction + training) / (call - prediction)),
  ],
];

function* costCases(seed: number): Iterable<Case> {
  const draw = new Draw(seed, 'breakEven');
  const drawn = (): Costs => ({
    rows: draw.whole(20, 900),
    call: draw.number(0.5, 4),
    training: draw.number(20, 300),
    prediction: draw.number(0.03, 0.3),
  });
  const all: Costs[] = [
    drawn(),
    drawn(),
    { rows: 64, call: 2, training: 22, prediction: 0.5 }, // 100 exactly
    { rows: 10, call: 0.25, training: 3, prediction: 0.25 },
    { rows: 10, call: 0.25, training: 3, prediction: 0.5 },
    { rows: 0, call: 1, training: 0, prediction: 0.5 },
  ];
  for (const costs of all)
    yield {
      about: Object.entries(costs)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
      args: [costs],
      expected: paysFrom(costs),
      quantities: [
        {
          name: 'the break-even',
          equation: 'rows call + training + N prediction <= N call',
          path: [],
          hint: 'What has been spent before the first price, and what does each price save?',
        },
      ],
      mistakes: costMistakes.map(([name, hint, of]) => ({ name, hint, answer: () => of(costs) })),
    };
}

const checks: readonly Check[] = [
  { function: 'monteCarlo', title: 'the costly function: a call by simulation, antithetic', cases: simulationCases },
  { function: 'fitScaler', title: 'means and deviations of columns', cases: scalerCases },
  { function: 'price', title: 'of a network on scaled values', cases: (seed) => networkCases(seed, 'price') },
  { function: 'delta', title: 'by the chain rule through the scalers', cases: (seed) => networkCases(seed, 'delta') },
  { function: 'errorsByRows', title: 'error against rows of training', cases: curveCases },
  { function: 'breakEven', title: 'prices after which the proxy pays, in seconds or joules', cases: costCases },
];

export const pricingLab: Lab = { number: 6, title: 'pricing', file: 'lab6-pricing', skeleton, checks };
