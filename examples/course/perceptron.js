// Rosenblatt's perceptron: it learns whatever a line can separate, after a bounded number of mistakes, and nothing else.
//
//   npx feedforward course perceptron
//
// With rows no longer than R and a separating line w that keeps them delta away, at most (R |w| / delta)^2 mistakes are made,
// in whatever order the rows come (Novikoff 1962). Clouds that come closer take more mistakes; exclusive or is never learnt.

import { Perceptron, Random, datasets } from 'feedforward';
import { say, show, table } from './support/page.js';

const facts = { margins: [] };

/** Points in the square [-1, 1]^2 at least `margin` from the line through the origin at 30 degrees, with their side. */
function separable(margin, samples, seed) {
  const random = new Random(seed, 'points');
  const line = [-0.5, Math.sqrt(3) / 2];
  const X = [];
  const y = [];
  while (X.length < samples) {
    const point = [random.between(-1, 1), random.between(-1, 1)];
    const distance = point[0] * line[0] + point[1] * line[1];
    if (Math.abs(distance) < margin) continue;
    X.push(point);
    y.push(distance > 0 ? 1 : 0);
  }
  return { X, y, separator: { weights: line, bias: 0 } };
}

const rows = [['margin', 'mistakes', 'most of 20 orders', 'bound', 'epochs']];
for (const margin of [0.3, 0.1, 0.03, 0.01, 0.003]) {
  const { X, y, separator } = separable(margin, 300, 1);
  const runs = Array.from({ length: 20 }, (_, seed) =>
    new Perceptron({ shuffle: true, seed, epochs: 100_000, bias: false }).fitSync(X, y, { separator }),
  );
  const most = Math.max(...runs.map(({ mistakes }) => mistakes));
  const [{ mistakes, bound, epochs }] = runs;
  rows.push([margin, mistakes, most, Math.floor(bound), epochs]);
  facts.margins.push({ margin, mistakes, most, bound, converged: runs.every(({ converged }) => converged) });
}
say(table(rows));

const { X, y } = datasets.xor();
const xor = new Perceptron().fitSync(X, [...y.data]);
facts.xor = { converged: xor.converged, separable: xor.separable, verdict: xor.verdict };
say(`\nexclusive or: ${xor.verdict}`);

// Two rules for a mistake, y (w x + b) <= 0 and < 0: from weights of 0 the second never makes one. And a start of one's own.
const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const and = [0, 0, 0, 1];
const runs = {
  'y f(x) <= 0, from 0': new Perceptron().fitSync(corners, and),
  'y f(x) < 0, from 0': new Perceptron({ strict: true }).fitSync(corners, and),
  'y f(x) < 0, from (1, -1), b = 1': new Perceptron({ strict: true }).fitSync(corners, and, {
    start: { weights: [1, -1], bias: 1 },
  }),
  'y f(x) <= 0, from 0, rate 0.1': new Perceptron({ learningRate: 0.1 }).fitSync(corners, and),
};
facts.rules = Object.fromEntries(
  Object.entries(runs).map(([name, { weights, bias, mistakes, epochs, converged }]) => [
    name,
    { weights: [...weights, bias], mistakes, epochs, right: converged },
  ]),
);
say(
  `\n${table([
    ['AND, mistakes are rows with', 'w1 w2 b', 'mistakes', 'epochs'],
    ...Object.entries(facts.rules).map(([name, { weights, mistakes, epochs }]) => [
      name,
      weights.map((w) => Number(w.toFixed(4))).join(' '),
      mistakes,
      epochs,
    ]),
  ])}`,
);

const { X: points, y: sides } = separable(0.05, 150, 2);
const learnt = new Perceptron({ shuffle: true, seed: 1 }).fitSync(points, sides);
const [a, b] = learnt.weights;
const boundary = [-1, 1].map((x) => [x, -(a * x + learnt.bias) / b]);
say(`\n150 points, margin 0.05: ${learnt.verdict}`);
const side = (which) => points.filter((_, i) => sides[i] === which);

await show(
  [
    {
      title: 'A line learnt from mistakes',
      x: { label: 'x1', from: -1, to: 1 },
      y: { label: 'x2', from: -1, to: 1 },
      series: [
        { name: 'one side', points: side(0), dots: true },
        { name: 'the other', points: side(1), dots: true },
        { name: 'learnt', points: boundary },
      ],
    },
    {
      title: 'Mistakes by margin',
      x: { label: 'margin', log: true },
      y: { label: 'mistakes', log: true },
      series: [
        { name: 'most of 20 orders', points: facts.margins.map(({ margin, most }) => [margin, most]) },
        { name: 'bound', points: facts.margins.map(({ margin, bound }) => [margin, bound]), dashed: true },
      ],
    },
  ],
  facts,
);
