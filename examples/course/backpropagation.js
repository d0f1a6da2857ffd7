// Backpropagation by its four equations, beside what the library computes; and what it saves against differences.
//
//   npx feedforward course backpropagation
//
// z = x W + b and a = f(z) in each layer. delta is d loss / d z:
//   BP1  delta of the last layer  = d loss / d a * f'(z)
//   BP2  delta of another layer   = (delta of the next) W_next^T * f'(z)
//   BP3  d loss / d b             = delta, summed over the rows
//   BP4  d loss / d W             = (a of the layer before)^T delta
// See: Nielsen, Neural Networks and Deep Learning, chapter 2; W here is [inputs, units], the transpose of his.

import { MLP, dense, gradientCheck, sgd, workOf } from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { clock, say, show, slope, table } from './support/page.js';

const facts = {};
const widths = [5, 4, 3];
const options = { inputs: 4, layers: [dense(5, { activation: 'tanh' }), dense(4, { activation: 'sigmoid' }), dense(3)], seed: 2 };
const model = new PlainMLP(options, { precision: 'float64' });
const X = Array.from({ length: 6 }, (_, r) => Array.from({ length: 4 }, (_, j) => Math.cos(2 * r + 5 * j)));
const y = X.map(([a, b, c]) => [a * b, b - c, a]);

// ---- by hand, in loops ---------------------------------------------------------------------------------------------------

const f = [Math.tanh, (z) => 1 / (1 + Math.exp(-z)), (z) => z];
const slopeOf = [(a) => 1 - a * a, (a) => a * (1 - a), () => 1]; // f'(z), written in a = f(z)
const tensors = model.parameters();
const W = (layer, i, j) => tensors[2 * layer].values[i * widths[layer] + j];
const z = [];
const a = [X];
for (let layer = 0; layer < 3; layer++) {
  z[layer] = X.map((_, r) =>
    Array.from({ length: widths[layer] }, (_, j) => {
      let sum = tensors[2 * layer + 1].values[j];
      for (let i = 0; i < a[layer][r].length; i++) sum += a[layer][r][i] * W(layer, i, j);
      return sum;
    }),
  );
  a[layer + 1] = z[layer].map((row) => row.map(f[layer]));
}
const count = X.length * 3; // the mean squared error is a mean over rows and outputs
const delta = [];
delta[2] = a[3].map((row, r) => row.map((v, j) => ((2 * (v - y[r][j])) / count) * slopeOf[2](v))); // BP1
for (const layer of [1, 0])
  delta[layer] = a[layer + 1].map((row, r) =>
    row.map((v, i) => delta[layer + 1][r].reduce((sum, d, j) => sum + d * W(layer + 1, i, j), 0) * slopeOf[layer](v)),
  ); // BP2
const bias = delta.map((rows) => rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0))); // BP3
const weight = delta.map((rows, layer) =>
  a[layer][0].flatMap((_, i) => rows[0].map((_, j) => rows.reduce((sum, row, r) => sum + a[layer][r][i] * row[j], 0))),
); // BP4

// ---- by the library --------------------------------------------------------------------------------------------------------

model.zeroGrad();
model.forward(X, { training: true });
const loss = model.loss(y);
model.backward();
const layers = model.activations(X);
const gradients = model.gradients();
const apart = (mine, theirs) => mine.flat().reduce((most, v, i) => Math.max(most, Math.abs(v - theirs[i])), 0);
const worst = (of) => Math.max(...[0, 1, 2].map(of));
facts.apart = {
  'net inputs z': worst((k) => apart(z[k], layers[k].netInputs.data)),
  'activations a': worst((k) => apart(a[k + 1], layers[k].activations.data)),
  'BP1, last delta': apart(delta[2], layers[2].deltas.data),
  'BP2, other deltas': Math.max(apart(delta[1], layers[1].deltas.data), apart(delta[0], layers[0].deltas.data)),
  'BP3, biases': worst((k) => apart(bias[k], gradients[2 * k + 1].values)),
  'BP4, weights': worst((k) => apart(weight[k], gradients[2 * k].values)),
};
facts.loss = loss;
const shown = (values) =>
  [...values]
    .slice(0, 3)
    .map((v) => v.toFixed(6))
    .join(' ');
say(
  `4-5-4-3, six rows, mean squared error ${loss.toFixed(6)}\n${table([
    ['', 'by hand', 'gradients()', 'largest difference'],
    ['BP1: delta 3, row 0', shown(delta[2][0]), shown(layers[2].deltas.row(0)), facts.apart['BP1, last delta'].toExponential(0)],
    [
      'BP2: delta 1, row 0',
      shown(delta[0][0]),
      shown(layers[0].deltas.row(0)),
      facts.apart['BP2, other deltas'].toExponential(0),
    ],
    ['BP3: b1', shown(bias[0]), shown(gradients[1].values), facts.apart['BP3, biases'].toExponential(0)],
    ['BP4: W1', shown(weight[0]), shown(gradients[0].values), facts.apart['BP4, weights'].toExponential(0)],
  ])}\n`,
);

// A perceptron with a ReLU, one row: d loss / d w = 2 (a - y) [z > 0] x, d loss / d b without the x.
const one = new MLP({ inputs: 2, layers: [dense(1, { activation: 'relu' })], seed: 4 });
one.setVector([0.5, -0.25, 0.125]);
one.zeroGrad();
one.forward([[1, 2]], { training: true });
one.loss([[1]]);
one.backward();
facts.one = one.gradients().flatMap(({ values }) => [...values]);
say(
  `relu(w x + b) at x = (1, 2), w = (0.5, -0.25), b = 0.125, y = 1: dL/dw, dL/db by hand -1.75 -3.5 -1.75, gradients() ${facts.one.join(' ')}\n`,
);

// ---- what differences would cost -------------------------------------------------------------------------------------------

const rows = [['network', 'weights', 'forward passes of one-sided differences', 'a step of SGD / a forward pass, in products']];
facts.cost = {};
for (const [name, net] of Object.entries({ '4-16-16-1': [4, 16, 16, 1], '784-10': [784, 10], '784-128-10': [784, 128, 10] })) {
  const [inputs, ...units] = net;
  const counted = new MLP({ inputs, layers: units.map((n) => dense(n)), optimizer: sgd({ learningRate: 0.1 }) });
  const work = workOf(counted, { rows: 1 });
  const weights = counted.getVector().length;
  const ratio = work.step.multiplyAdds / work.predict.multiplyAdds;
  facts.cost[name] = { weights, passes: weights + 1, ratio };
  rows.push([name, weights, weights + 1, ratio.toFixed(2)]);
}
say(
  `Forward: one product a weight. Backward: two, for the delta before and for the gradient; the first layer needs no delta before.\n${table(rows)}\n`,
);

const check = (differences, epsilon) => gradientCheck(model, X, y, { differences, epsilon, tolerance: 1e9 }).maxRelativeError;
const steps = Array.from({ length: 23 }, (_, i) => 10 ** (-1 - i / 2));
const series = ['forward', 'central'].map((differences) => ({
  name: differences === 'forward' ? '(L(w + h) - L(w)) / h' : 'central, extrapolated',
  points: steps.map((h) => [h, check(differences, h)]),
}));
const rising = slope(series[0].points.filter(([h]) => h > 1e-6 && h < 3e-3).map(([h, error]) => [Math.log(h), Math.log(error)]));
facts.oneSided = { order: rising, at: check('forward', 1e-3) };
say(
  `A one-sided difference at h = 1e-3 is off by ${facts.oneSided.at.toExponential(0)}, and by h^${rising.toFixed(2)} in general.`,
);

const timed = new MLP({ inputs: 784, layers: [dense(128, { activation: 'relu' }), dense(10)], seed: 1 });
const images = Array.from({ length: 32 }, (_, r) => Array.from({ length: 784 }, (_, j) => Math.sin(r * j)));
const targets = images.map((row) => row.slice(0, 10));
const median = (call) => {
  const times = Array.from({ length: 60 }, () => {
    const started = performance.now();
    call();
    return performance.now() - started;
  });
  return times.sort((p, q) => p - q)[30];
};
const forward = () => {
  timed.forward(images, { training: true });
  timed.loss(targets);
};
const forth = median(forward);
const both = median(() => {
  forward();
  timed.backward();
});
clock(`\nHere forward, loss and backward of 784-128-10 take ${(both / forth).toFixed(2)} times as long as forward and loss.`);

await show(
  [
    {
      title: 'Error of a difference by its step',
      x: { label: 'step h', log: true },
      y: { label: 'relative error', log: true },
      series,
    },
  ],
  facts,
);
