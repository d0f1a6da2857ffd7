// Exponential moving averages, and the momentum that is one: their conventions, their memory, and what they do to gradients.
//
//   npx feedforward course ema
//
// s(k) = beta s(k-1) + (1 - beta) y(k) remembers some 1 / (1 - beta) values. The heavy ball is an average of gradients times 1 / (1 - beta):
// theta(k+1) = theta(k) - alpha g(k) + beta (theta(k) - theta(k-1)), or alpha sum of beta^(k-j) g(j). Gradients of one sign add up to
// 1 / (1 - beta) times one, alternating ones to 1 / (1 + beta). Nesterov takes the gradient where the momentum is about to lead.

import { MLP, Random, adagrad, adam, dense, ema, rmsprop, sgd } from 'feedforward';
import { say, show, table } from './support/page.js';
import { surface } from './support/surface.js';

const facts = {};

// ---- a noisy sequence ------------------------------------------------------------------------------------------------------

const random = new Random(1, 'data');
const y = Array.from({ length: 120 }, (_, k) => Math.sin(k / 15) + 0.4 * random.normal());
const averages = {
  's(1) = y(1)': ema(y, { beta: 0.9 }),
  's(0) = 0': ema(y, { beta: 0.9, start: 'zero' }),
  's(0) = 0, corrected': ema(y, { beta: 0.9, start: 'zero', biasCorrection: true }),
};
const hand = [y[0]];
for (const value of y.slice(1)) hand.push(0.9 * hand.at(-1) + 0.1 * value);
facts.ema = { apart: Math.max(...hand.map((s, k) => Math.abs(s - averages['s(1) = y(1)'][k]))), first: y[0] };
const rows = [['average of 120 values, beta 0.9', 's(1)', 's(10)', 's(120)']];
for (const [name, s] of Object.entries(averages)) rows.push([name, ...[0, 9, 119].map((k) => s[k].toFixed(4))]);
say(table(rows));
facts.starts = Object.fromEntries(Object.entries(averages).map(([name, s]) => [name, s[0] / y[0]]));
facts.memory = [0.1, 0.9].map((beta) => beta ** 2);
say(
  `\nOf a value two steps back beta 0.1 keeps ${(100 * facts.memory[0]).toFixed(0)} % of its weight, beta 0.9 ${(100 * facts.memory[1]).toFixed(0)} %.`,
);

// ---- momentum, form by form ------------------------------------------------------------------------------------------------

const X = [
  [1, 0],
  [0, 2],
  [1, 1],
];
const targets = [[1], [1], [3]];
const [alpha, beta, steps] = [0.05, 0.9, 15];
const gradientAt = (w) => {
  const errors = X.map((row, r) => row[0] * w[0] + row[1] * w[1] - targets[r][0]);
  return [0, 1].map((j) => (2 / 3) * X.reduce((sum, row, r) => sum + row[j] * errors[r], 0));
};
/** The library's weights after each step, from weights of 0. */
function weights(optimizer) {
  const model = new MLP({ inputs: 2, layers: [dense(1, { bias: false, weightInit: 'zeros' })], optimizer });
  return Array.from({ length: steps }, () => {
    model.trainStep(X, targets);
    return [...model.getVector()];
  });
}
const each = (f) => [0, 1].map(f);
/** Weights after each step of a rule written out: step({ w, g, k, before, state }) gives the next; state is the rule's own. */
function written(step, state = {}) {
  const all = [[0, 0]];
  for (let k = 1; k <= steps; k++) {
    const w = all.at(-1);
    all.push(step({ w, g: gradientAt(w), k, before: all.at(-2) ?? w, state }));
  }
  return all.slice(1);
}
const average = (old, g, share) => each((j) => share * old[j] + (1 - share) * g[j]);
const square = (g) => each((j) => g[j] ** 2);
const less = (w, v) => each((j) => w[j] - alpha * v[j]);

const momentum = sgd({ learningRate: alpha, momentum: beta });
/** Each rule as the course writes it, and the library's optimizer. */
const rules = {
  'differences of theta': [written(({ w, g, before }) => each((j) => w[j] - alpha * g[j] + beta * (w[j] - before[j]))), momentum],
  'alpha sum of beta^(k-j) g(j)': [
    written(
      ({ w, g, k, state }) => {
        state.past.push(g);
        return less(
          w,
          each((j) => state.past.reduce((sum, old, i) => sum + beta ** (k - 1 - i) * old[j], 0)),
        );
      },
      { past: [] },
    ),
    momentum,
  ],
  'beta(k) = 1 - 2 / (k + 3), a schedule': [
    written(({ w, g, k, before }) => each((j) => w[j] - alpha * g[j] + (1 - 2 / (k + 2)) * (w[j] - before[j]))),
    sgd({ learningRate: alpha, momentum: (step) => 1 - 2 / (step + 3) }),
  ],
  "average of gradients, form 'ema'": [
    written(
      ({ w, g, state }) => {
        state.m = average(state.m, g, beta);
        return less(w, state.m);
      },
      { m: [0, 0] },
    ),
    sgd({ learningRate: alpha, momentum: beta, form: 'ema' }),
  ],
  'average from s(1) = g(1), dampening': [
    written(({ w, g, state }) => {
      state.m = state.m === undefined ? g : average(state.m, g, beta);
      return less(w, state.m);
    }),
    sgd({ learningRate: alpha, momentum: beta, dampening: beta }),
  ],
  // v = beta v - alpha g(theta + beta v), theta = theta + v; the library keeps the point theta + beta v.
  'Nesterov, its look-ahead point': [
    written(
      ({ g, state }) => {
        state.v = each((j) => beta * state.v[j] - alpha * g[j]);
        state.theta = each((j) => state.theta[j] + state.v[j]);
        return each((j) => state.theta[j] + beta * state.v[j]);
      },
      { v: [0, 0], theta: [0, 0] },
    ),
    sgd({ learningRate: alpha, momentum: beta, nesterov: true, form: 'velocity' }),
  ],
  'Adagrad: a sum of squares': [
    written(
      ({ w, g, state }) => {
        state.sum = each((j) => state.sum[j] + g[j] ** 2);
        return less(
          w,
          each((j) => g[j] / (Math.sqrt(state.sum[j]) + 1e-7)),
        );
      },
      { sum: [0, 0] },
    ),
    adagrad({ learningRate: alpha, epsilon: 1e-7, initialAccumulator: 0 }),
  ],
  'RMSprop: an average of squares': [
    written(
      ({ w, g, state }) => {
        state.v = average(state.v, square(g), 0.9);
        return less(
          w,
          each((j) => g[j] / (Math.sqrt(state.v[j]) + 1e-7)),
        );
      },
      { v: [0, 0] },
    ),
    rmsprop({ learningRate: alpha, rho: 0.9, epsilon: 1e-7 }),
  ],
  'Adam: both, corrected': [
    written(
      ({ w, g, k, state }) => {
        state.m = average(state.m, g, 0.9);
        state.v = average(state.v, square(g), 0.999);
        return less(
          w,
          each((j) => state.m[j] / (1 - 0.9 ** k) / (Math.sqrt(state.v[j] / (1 - 0.999 ** k)) + 1e-8)),
        );
      },
      { m: [0, 0], v: [0, 0] },
    ),
    adam({ learningRate: alpha, epsilon: 1e-8 }),
  ],
};
const apart = (A, B) => Math.max(...A.flatMap((w, k) => w.map((v, j) => Math.abs(v - B[k][j]))));
facts.forms = Object.fromEntries(
  Object.entries(rules).map(([name, [hand, optimizer]]) => [name, apart(hand, weights(optimizer))]),
);
const off = Object.entries(facts.forms).map(([name, most]) => [name, most.toExponential(0)]);
say(`\nWeights over ${steps} steps: the largest difference between a rule written out and the library\n${table(off)}`);

// ---- the same sign, or another -----------------------------------------------------------------------------------------------

/** What 400 gradients of +1, or of +1 and -1 by turns, come to in the velocity. */
const velocity = (sign) => Array.from({ length: 400 }).reduce((v, _, k) => beta * v + sign(k), 0);
facts.signs = { same: velocity(() => 1), alternating: Math.abs(velocity((k) => (-1) ** k)) };
say(
  `\nGradients of 1 come to ${facts.signs.same.toFixed(4)} = 1 / (1 - 0.9), of +1 and -1 by turns to ${facts.signs.alternating.toFixed(4)} = 1 / 1.9`,
);

/** A valley of curvatures 1 and 25, descended from (10, 1). */
function path(momentum) {
  const V = [
    [1, 0],
    [0, 5],
  ];
  const model = new MLP({ inputs: 2, layers: [dense(1, { bias: false })], optimizer: sgd({ learningRate: 0.07, momentum }) });
  model.setVector([10, 1]);
  const points = [[10, 1]];
  for (let k = 0; k < 30; k++) {
    model.trainStep(V, [[0], [0]]);
    points.push([...model.getVector()]);
  }
  return points;
}
const [jitter, ball] = [path(0), path(0.5)];
facts.valley = { plain: jitter.at(-1)[0], momentum: ball.at(-1)[0] };
say(
  `\nAlong a valley of curvatures 1 and 25, 30 steps from 10 lead to ${facts.valley.plain.toFixed(2)}, with momentum 0.5 to ${facts.valley.momentum.toFixed(2)}.`,
);
const valley = surface((points) => points.map(([u, v]) => (u * u + 25 * v * v) / 2), {
  ...{ x: [-2, 11], y: [-1.5, 1.5], levels: [0.5, 2, 5, 10, 20, 35, 55] },
});
await show(
  [
    {
      title: 'Averages of a noisy sequence, beta 0.9',
      x: { label: 'k' },
      y: { label: 'value' },
      series: [
        { name: 'y(k)', points: y.map((v, k) => [k + 1, v]), dots: true },
        ...Object.entries(averages).map(([name, s], i) => ({ name, points: [...s].map((v, k) => [k + 1, v]), dashed: i === 2 })),
      ],
    },
    {
      title: 'Jitter across a valley, plateau along it',
      x: { label: 'w1', from: -2, to: 11 },
      y: { label: 'w2', from: -1.5, to: 1.5 },
      surface: valley,
      series: [
        { name: 'gradient descent', points: jitter },
        { name: 'momentum 0.5', points: ball },
      ],
    },
  ],
  facts,
);
