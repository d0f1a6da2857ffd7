// Lab 6, how errors fall with the number of rows.

import type { Case, Quantity } from '../../lab.js';
import { Draw } from '../../network.js';
import { measures } from '../../proxy.js';
import { givenLearner, givenNetwork } from '../../given.js';

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

export function* curveCases(seed: number): Iterable<Case> {
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
