// Losses: the margin losses beside each other, what their minima are, and what the lectures' conventions come to here.
//
//   npx feedforward course losses
//
// With labels t = +1 or -1 and answers f, a loss of the margin t f bounds the number of mistakes from above, and can be descended where
// counting cannot. The perceptron's is one of them: its step on one row is Rosenblatt's rule. A neuron with a sigmoid and the cross-entropy
// is logistic regression. Factors differ: 1/n, 1/(2n), sums over outputs, bits or nats, lambda / 2m; here is what each comes to.

import { MLP, Perceptron, Random, datasets, dense, lbfgs, sgd } from 'feedforward';
import { say, show, slope, table } from './support/page.js';

const facts = { margins: {}, conventions: {} };

// ---- losses of the margin --------------------------------------------------------------------------------------------------

/** What the library says of one row with label 1 and answer m. */
function lossOf(loss, m) {
  const model = new MLP({ inputs: 1, layers: [dense(1, { bias: false })], loss });
  model.setVector([m]);
  return model.evaluate([[1]], [[1]]).loss;
}
const logistic = (m) => {
  const model = new MLP({ inputs: 1, layers: [dense(1, { bias: false, activation: 'sigmoid' })], loss: 'binaryCrossEntropy' });
  model.setVector([m]);
  return model.evaluate([[1]], [[1]]).loss;
};
const formulas = {
  zeroOne: (m) => Number(m <= 0),
  hinge: (m) => Math.max(0, 1 - m),
  squaredHinge: (m) => Math.max(0, 1 - m) ** 2,
  perceptron: (m) => Math.max(0, -m),
  modifiedHuber: (m) => (m < -1 ? -4 * m : Math.max(0, 1 - m) ** 2),
  logistic: (m) => Math.log(1 + Math.exp(-m)),
};
const at = [-2, -1, 0, 0.5, 1, 2];
const rows = [['loss', ...at.map((m) => `margin ${m}`), 'from its formula']];
const range = Array.from({ length: 121 }, (_, i) => -2 + i / 30);
const series = Object.entries(formulas).map(([name, formula]) => {
  const of = (m) => (name === 'logistic' ? logistic(m) : lossOf(name, m));
  const values = at.map(of);
  facts.margins[name] = { values, off: Math.max(...range.map((m) => Math.abs(of(m) - formula(m)))) };
  rows.push([name, ...values.map((v) => v.toFixed(3)), facts.margins[name].off.toExponential(0)]);
  return { name, points: range.map((m) => [m, of(m)]), dashed: ['zeroOne', 'modifiedHuber'].includes(name) };
});
say(`${table(rows)}\n`);

// ---- the perceptron as descent ------------------------------------------------------------------------------------------------

const { X, y } = datasets.gaussians({ samples: 60, classes: 2, deviation: 3, seed: 4 });
const points = X.toArray();
const signs = [...y.data].map((id) => (id > 0.5 ? 1 : -1));
const neuron = (loss, optimizer) => new MLP({ inputs: 2, layers: [dense(1, { weightInit: 'zeros' })], loss, optimizer });
const descent = neuron('perceptron', sgd({ learningRate: 1 }));
const rule = new Perceptron({ epochs: 5 }).partialFit(points, signs);
descent.setVector([0, 0, 0]);
descent.partialFit(
  points,
  signs.map((s) => [s]),
  { batchSize: 1, shuffle: false },
);
facts.rosenblatt = { rule: [...rule.weights, rule.bias], descent: [...descent.getVector()] };
const shown = (list) => list.map((v) => v.toFixed(4)).join(' ');
say(
  `After one pass, w1 w2 b: Rosenblatt's rule ${shown(facts.rosenblatt.rule)}; SGD on the perceptron loss ${shown(facts.rosenblatt.descent)}`,
);

const scaled = (factor) => {
  const model = neuron('perceptron', sgd({ learningRate: 1 }));
  model.setVector([0.3, -0.7, 0.2].map((w) => factor * w));
  return model.evaluate(
    points,
    signs.map((s) => [s]),
  ).loss;
};
facts.homogeneous = [1, 3, 0].map(scaled);
say(`That loss at w, 3 w and 0: ${facts.homogeneous.map((v) => v.toFixed(6)).join(', ')}: of degree 1, and least where all is 0`);

// Where the slope jumps, a fixed rate wanders; 1 / k settles.
const wander = (rate) => {
  const model = new MLP({
    inputs: 2,
    layers: [dense(1, { weightInit: 'zeros' })],
    loss: 'hinge',
    optimizer: sgd({ learningRate: rate }),
  });
  return model
    .fitSync(
      points,
      signs.map((s) => [s]),
      { epochs: 3000, batchSize: 60, reportMetrics: false },
    )
    .values('loss')
    .slice(-100);
};
const [fixed, falling] = [wander(0.5), wander((step) => 20 / (step + 40))];
const span = (list) => [Math.min(...list), Math.max(...list)];
facts.wander = { fixed: span(fixed), falling: span(falling) };
say(
  `Hinge loss, the last 100 of 3000 steps: rate 0.5 between ${shown(facts.wander.fixed)}, rate 20 / (k + 40) between ${shown(facts.wander.falling)}\n`,
);

// ---- a neuron is logistic regression -------------------------------------------------------------------------------------------

const regression = new MLP({
  inputs: 2,
  layers: [dense(1, { activation: 'sigmoid' })],
  loss: 'binaryCrossEntropy',
  optimizer: lbfgs(),
  seed: 1,
});
regression.fitSync(
  points,
  [...y.data].map((id) => [id]),
  { epochs: 100, reportMetrics: false },
);
// Newton's method on the same likelihood, as the oracle.
let w = [0, 0, 0];
for (let k = 0; k < 15; k++) {
  const p = points.map(([a, b]) => 1 / (1 + Math.exp(-(a * w[0] + b * w[1] + w[2]))));
  const lifted = points.map(([a, b]) => [a, b, 1]);
  const g = [0, 1, 2].map((j) => lifted.reduce((sum, row, i) => sum + row[j] * (y.data[i] - p[i]), 0));
  const H = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => lifted.reduce((sum, row, r) => sum + row[i] * row[j] * p[r] * (1 - p[r]), 0)),
  );
  w = w.map((v, j) => v + solve(H, g)[j]);
}
/** Cramer's rule for three unknowns. */
function solve(A, b) {
  const det = ([[a, c, d], [e, f, g], [h, i, j]]) => a * (f * j - g * i) - c * (e * j - g * h) + d * (e * i - f * h);
  return [0, 1, 2].map((k) => det(A.map((row, r) => row.map((v, j) => (j === k ? b[r] : v)))) / det(A));
}
facts.logistic = { neuron: [...regression.getVector()], newton: w };
say(`A sigmoid with cross-entropy: ${shown(facts.logistic.neuron)}; logistic regression by Newton's method: ${shown(w)}\n`);

// ---- conventions ---------------------------------------------------------------------------------------------------------------

const random = new Random(2, 'data');
const inputs = Array.from({ length: 10 }, () => [random.normal(), random.normal()]);
const targets = inputs.map(([a, b]) => [a - b, a * b]);
const two = (options) => {
  const model = new MLP({ inputs: 2, layers: [dense(2)], ...options });
  model.setVector([0.5, -1, 0.25, 2, 0.1, -0.2]);
  return model;
};
const outputs = two().predict(inputs).toArray();
const squares = outputs.reduce((sum, row, r) => sum + row.reduce((s, v, j) => s + (v - targets[r][j]) ** 2, 0), 0);
const mse = two().evaluate(inputs, targets).loss;
const m = inputs.length;
const lambda = 0.3;
const weights = [0.5, -1, 0.25, 2];
const penalty = (options) => two(options).penalty();
const bits = new MLP({ inputs: 1, layers: [dense(1, { activation: 'sigmoid' })], loss: 'binaryCrossEntropy' });
bits.setVector([0.8, -0.1]);
const nats = bits.evaluate([[1], [-2], [0.5]], [[1], [0], [0]]).loss;
facts.conventions = {
  'meanSquaredError, a mean over rows and outputs': [mse, squares / (2 * m)],
  '1/N sum |y - f|^2, of two outputs twice that': [2 * mse, squares / m],
  '1/(2n) sum |y - f|^2': [mse, squares / (2 * m)],
  'lambda/(2m) sum |w|: l1 = lambda/(2m)': [
    penalty({ l1: lambda / (2 * m) }),
    (lambda / (2 * m)) * weights.reduce((s, v) => s + Math.abs(v), 0),
  ],
  'lambda/(2m) sum w^2: l2 = lambda/m': [
    penalty({ l2: lambda / m }),
    (lambda / (2 * m)) * weights.reduce((s, v) => s + v * v, 0),
  ],
  'cross-entropy in bits: nats / ln 2': [
    nats / Math.LN2,
    -[
      [1, 1],
      [-2, 0],
      [0.5, 0],
    ].reduce((sum, [x, t]) => {
      const p = 1 / (1 + Math.exp(-(0.8 * x - 0.1)));
      return sum + (t === 1 ? Math.log2(p) : Math.log2(1 - p)) / 3;
    }, 0),
  ],
};
say(
  table([
    ['convention', 'library', 'formula'],
    ...Object.entries(facts.conventions).map(([name, pair]) => [name, ...pair.map((v) => v.toFixed(6))]),
  ]),
);

// The picture of a loss: J(w, b) of one neuron, by set and evaluate.
const model = new MLP({ inputs: 1, layers: [dense(1)] });
const xs = [[-1], [0], [2]];
const ys = [[-1], [1], [3]];
const J = (u, v) => {
  model.setVector([u, v]);
  return model.evaluate(xs, ys).loss;
};
facts.landscape = [J(1, 1), J(0, 0)];
const walk = Array.from({ length: 40 }, (_, i) => J(-1 + i / 10, 0.8));
facts.parabola = slope(walk.slice(1).map((v, i) => [i, v - walk[i]])) / 0.01; // second difference over step^2: the curvature
say(
  `\nJ(w, b) of one neuron on three rows: J(1, 1) = ${facts.landscape[0].toFixed(4)}, J(0, 0) = ${facts.landscape[1].toFixed(4)}, curvature in w ${facts.parabola.toFixed(3)} = 2 mean x^2`,
);

await show([{ title: 'Losses of the margin', x: { label: 'margin t f' }, y: { label: 'loss' }, series }], facts);
