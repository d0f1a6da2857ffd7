// Lab 6, what the network says: prices and deltas.

import type { Case, Mistake } from '../../lab.js';
import { Draw, type ActivationName, type Network } from '../../network.js';
import { Oracle } from '../../oracle.js';
import type { ScaledNetwork, Scalers } from '../../proxy.js';
import { givenNetwork } from '../../given.js';

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

export function* networkCases(seed: number, what: 'price' | 'delta'): Iterable<Case> {
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
