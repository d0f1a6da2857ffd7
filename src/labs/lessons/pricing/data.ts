// Lab 6, the rows to learn from: simulated prices, and scalers.

import type { Case, Expected, Mistake, Quantity } from '../../lab.js';
import { Draw } from '../../network.js';
import { scalerOf, simulate, type Call, type ScalerSlips, type SimulationSlips } from '../../proxy.js';

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

export function* simulationCases(seed: number): Iterable<Case> {
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

export function* scalerCases(seed: number): Iterable<Case> {
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
