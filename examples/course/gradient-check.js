// Checking backpropagation: its gradients against central differences, and why the step of a difference must be neither large
// nor small.
//
//   npx feedforward course gradient-check
//
// (L(w + h) - L(w - h)) / 2h is off by L''' h^2 / 6; gradientCheck takes two, at h and h / 2, of which (4 narrow - wide) / 3 is
// off by a term in h^4 only. The rounding of L adds about 1e-16 / h. In float64 the sum is least near h = 1e-3; gradientCheck's
// 1e-5 leaves room for sharper losses. A wrong factor of 2 in a gradient is an error of 1 or 0.5.

import { MLP, Random, activation, batchNorm, dense, dropout, gradientCheck, layerNorm, residual } from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { say, show, slope, table } from './support/page.js';

const random = new Random(1, 'data');
const X = Array.from({ length: 12 }, () => Array.from({ length: 4 }, () => random.normal()));
const y = X.map(([a, b]) => [a * b, Math.sin(a)]);
const ids = X.map(([a, b]) => [a > 0 ? 0 : b > 0 ? 1 : 2]);

const nets = {
  'dense, tanh': { layers: [dense(8, { activation: 'tanh' }), dense(2)] },
  'every layer kind': {
    layers: [
      dense(8, { activation: 'gelu' }),
      batchNorm(),
      dropout(0.3),
      residual([layerNorm(), dense(6, { activation: 'silu' }), residual([dense(6, { activation: 'mish' })]), dense(5)]),
      activation({ name: 'prelu', shared: false }),
      dense(2),
    ],
  },
  'softmax and cross-entropy': {
    layers: [dense(8, { activation: 'elu' }), dense(3, { activation: 'softmax' })],
    loss: 'sparseCategoricalCrossEntropy',
    y: ids,
  },
  'ReLU: kinks are skipped': { layers: [dense(8, { activation: 'relu' }), dense(2)] },
};
const facts = {};
const rows = [['', 'largest relative error', 'verdict']];
for (const [name, { y: targets = y, ...network }] of Object.entries(nets)) {
  const check = gradientCheck(new MLP({ inputs: 4, seed: 1, ...network }), X, targets);
  facts[name] = check.maxRelativeError;
  rows.push([name, check.maxRelativeError.toExponential(1), check.ok ? 'right' : 'wrong']);
}
say(table(rows));

const model = new MLP({ inputs: 4, layers: [dense(8, { activation: 'tanh' }), dense(2)], seed: 1 });
say(`\n${gradientCheck(model, X, y)}`);

// The core's gradients are float32, which hides the bottom of the valley; the plain model in float64 shows it.
const plain = new PlainMLP(
  { inputs: 4, layers: [dense(8, { activation: 'tanh' }), dense(2)], seed: 1 },
  { precision: 'float64' },
);
const steps = Array.from({ length: 31 }, (_, i) => 10 ** (-0.5 - i / 2.5));
const errorsOf = (checked) =>
  steps.map((epsilon) => [epsilon, gradientCheck(checked, X, y, { epsilon, tolerance: 1e9 }).maxRelativeError]);
const points = errorsOf(plain);
const [best, least] = points.reduce((lowest, point) => (point[1] < lowest[1] ? point : lowest));
const powers = (from, to) =>
  slope(points.filter(([h]) => h > from && h < to).map(([h, error]) => [Math.log(h), Math.log(error)]));
facts.valley = { best, least, rising: powers(4e-3, 0.15), falling: powers(1e-12, 1e-5) };
say(
  `\nIn float64 the best step is ${best.toExponential(0)}, with a relative error of ${least.toExponential(0)}; the error goes like h^${facts.valley.rising.toFixed(1)} above it and h^${facts.valley.falling.toFixed(1)} below.`,
);

// A custom loss whose gradient is wrong by a factor of 2: the check finds it.
const wrong = (yTrue, yPred) => {
  const gradient = yPred.data.map((p, k) => (p - yTrue.data[k]) / yPred.data.length); // of the mean square it should be twice that
  const value = yPred.data.reduce((sum, p, k) => sum + (p - yTrue.data[k]) ** 2, 0) / yPred.data.length;
  return { value, gradient: { data: gradient, shape: yPred.shape } };
};
const caught = gradientCheck(
  new MLP({ inputs: 4, layers: [dense(8, { activation: 'tanh' }), dense(2)], loss: wrong, seed: 1 }),
  X,
  y,
);
facts.wrong = { ok: caught.ok, error: caught.maxRelativeError };
say(
  `\nA loss with half its gradient: ${caught.ok ? 'not noticed' : `found out, relative error ${caught.maxRelativeError.toFixed(2)}`}.`,
);

await show(
  [
    {
      title: 'Error of a difference by its step',
      x: { label: 'step h', log: true },
      y: { label: 'relative error', log: true },
      series: [
        { name: 'float64 model', points },
        { name: 'float32 core', points: errorsOf(model) },
      ],
    },
  ],
  facts,
);
