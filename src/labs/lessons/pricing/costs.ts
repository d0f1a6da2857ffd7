// Lab 6, from which number of calls on the network pays.

import type { Case } from '../../lab.js';
import { Draw } from '../../network.js';
import { paysFrom, type Costs } from '../../proxy.js';

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

export function* costCases(seed: number): Iterable<Case> {
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
