// How fast gradient descent converges on a strongly convex least-squares problem, against the theory.
//
//   npx feedforward course gradient-descent
//
// Plain gradient descent with rate h on a quadratic with curvatures between mu and L multiplies the error along each axis by
// 1 - h lambda, so the loss above its minimum shrinks by max(|1 - h mu|, |1 - h L|)^2 a step: a straight line on a logarithmic
// axis. Stochastic gradient descent with a fixed rate stalls at a height proportional to the rate; with rates c / k it converges
// like 1 / k, no faster. See: Bottou, Curtis & Nocedal 2018, https://arxiv.org/abs/1606.04838, theorems 4.6 and 4.7.

import { MLP, Random, dense, gd, inverseTimeDecay, sgd } from 'feedforward';
import { say, show, slope, table } from './support/page.js';

// ---- the whole gradient ----------------------------------------------------------------------------------------------

const kappa = 20;
const curvatures = Array.from({ length: 8 }, (_, i) => kappa ** (i / 7)); // 1 … 20
const rows = curvatures.length;
// Row i touches weight i alone: the mean squared error is sum of lambda_i (w_i - 1)^2 / 2, its Hessian diagonal.
const X = curvatures.map((lambda, i) => curvatures.map((_, j) => (i === j ? Math.sqrt((rows * lambda) / 2) : 0)));
const y = X.map((row, i) => [row[i]]);

/** Loss above the minimum after each of `steps` steps, from weights of 0. */
function descend(rate, steps) {
  const model = new MLP({
    inputs: rows,
    layers: [dense(1, { bias: false, weightInit: 'zeros' })],
    optimizer: sgd({ learningRate: rate }),
  });
  return Array.from({ length: steps + 1 }, (_, k) => {
    if (k > 0) model.trainStep(X, y);
    const { values } = model.parameters()[0];
    return [k, curvatures.reduce((sum, lambda, i) => sum + (lambda * (values[i] - 1) ** 2) / 2, 0)];
  });
}

const rates = { '1 / L': 1 / kappa, '2 / (L + mu)': 2 / (kappa + 1) };
const linear = [['rate', 'factor per step', 'theory: max (1 - h lambda)^2']];
const facts = { linear: {} };
const lines = Object.entries(rates).map(([name, rate]) => {
  const points = descend(rate, 200);
  const tail = points.filter(([k, gap]) => k >= 40 && gap > 1e-11);
  const measured = Math.exp(slope(tail.map(([k, gap]) => [k, Math.log(gap)])));
  const theory = Math.max((1 - rate) ** 2, (1 - rate * kappa) ** 2);
  facts.linear[name] = { measured, theory };
  linear.push([`h = ${name}`, measured.toFixed(5), theory.toFixed(5)]);
  return { name: `h = ${name}`, points };
});
say(`Gradient descent, curvatures from mu = 1 to L = ${kappa}\n${table(linear)}`);

// ---- where it ends, and how long its steps are -----------------------------------------------------------------------------------------

const tolerance = 1e-4;
/** Steps until the norm of the gradient is below the tolerance. */
function stepsOf(optimizer) {
  const model = new MLP({ inputs: rows, layers: [dense(1, { bias: false, weightInit: 'zeros' })], optimizer });
  const history = model.fitSync(X, y, { epochs: 5000, batchSize: rows, gradientTolerance: tolerance, reportMetrics: false });
  const { values } = model.parameters()[0];
  const norm = Math.hypot(...curvatures.map((lambda, i) => lambda * (values[i] - 1)));
  return { steps: history.epochs.length, norm, stoppedBy: history.stoppedBy };
}
/** Along an axis the gradient after k steps of rate h is lambda (1 - h lambda)^k. */
const predicted = (rate) => {
  let k = 0;
  while (Math.hypot(...curvatures.map((lambda) => lambda * (1 - rate * lambda) ** k)) > tolerance) k++;
  return k;
};
facts.ends = {};
const ended = [[`until the gradient's norm is below ${tolerance}`, 'steps', 'predicted']];
for (const [name, rate] of Object.entries(rates)) {
  facts.ends[name] = { ...stepsOf(gd({ learningRate: rate })), predicted: predicted(rate) };
  ended.push([`h = ${name}`, facts.ends[name].steps, facts.ends[name].predicted]);
}
facts.ends.armijo = stepsOf(gd({ lineSearch: 'armijo' }));
ended.push(["Armijo's line search", facts.ends.armijo.steps, '-']);
say(`\n${table(ended)}`);

// ---- one row at a time -------------------------------------------------------------------------------------------------

const spreads = [1, 0.7, 0.5, 0.35, 0.25]; // variances of the inputs: curvatures are twice that
const noise = 1;
const c = 4;
const first = 0.05;
const runs = 12;
const marks = Array.from({ length: 26 }, (_, i) => Math.round(10 ** (1 + i / 6.25))); // 10 … 100,000 steps

/** Mean loss above the minimum over several runs, at each of the marks: every row is new, seen once. */
function stochastic(learningRate) {
  const gaps = marks.map(() => 0);
  for (let seed = 0; seed < runs; seed++) {
    const random = new Random(seed, 'rows');
    const model = new MLP({
      inputs: spreads.length,
      layers: [dense(1, { bias: false, weightInit: 'zeros' })],
      optimizer: sgd({ learningRate }),
      seed,
    });
    marks.forEach((until, i) => {
      const count = until - (marks[i - 1] ?? 0);
      const data = new Float32Array(count * spreads.length);
      const targets = new Float32Array(count);
      for (let r = 0; r < count; r++) {
        let sum = noise * random.normal();
        for (let j = 0; j < spreads.length; j++)
          sum += data[r * spreads.length + j] = Math.fround(Math.sqrt(spreads[j]) * random.normal());
        targets[r] = sum;
      }
      model.partialFit(
        { data, shape: [count, spreads.length] },
        { data: targets, shape: [count, 1] },
        { batchSize: 1, shuffle: false },
      );
      const { values } = model.parameters()[0];
      gaps[i] += spreads.reduce((sum, variance, j) => sum + variance * (values[j] - 1) ** 2, 0) / runs;
    });
  }
  return marks.map((k, i) => [k, gaps[i]]);
}

const constant = stochastic(first);
const falling = stochastic(inverseTimeDecay(first, { decay: first / c, per: 'step' })); // c / (k + c / first)
const late = falling.filter(([k]) => k >= 1000);
const measured = slope(late.map(([k, gap]) => [Math.log(k), Math.log(gap)]));
// Along an axis of variance s: gradient noise 4 s noise^2, curvature 2 s. See: Bottou et al., section 4.2.
const height = spreads.reduce((sum, s) => sum + (s * c * c * 4 * s * noise ** 2) / (2 * c * 2 * s - 1), 0);
const ends = late.slice(-6).reduce((sum, [k, gap]) => sum + k * gap, 0) / 6;
const floor = constant.slice(-6).reduce((sum, [, gap]) => sum + gap, 0) / 6;
const floorTheory = spreads.reduce((sum, s) => sum + first * s * noise ** 2, 0) / (1 - first * spreads.reduce((a, b) => a + b));
facts.sgd = { slope: measured, height: ends, heightTheory: height, floor, floorTheory };
say(
  `\nStochastic gradient descent, one row a step, mean of ${runs} runs\n${table([
    ['rates', 'measured', 'theory'],
    [`c / k, c = ${c}: power of k`, measured.toFixed(3), '-1'],
    ['c / k: k times the loss', ends.toFixed(2), height.toFixed(2)],
    [`fixed at ${first}: where it stalls`, floor.toFixed(4), floorTheory.toFixed(4)],
  ])}`,
);

await show(
  [
    {
      title: 'Gradient descent: linear',
      x: { label: 'step' },
      y: { label: 'loss above the minimum', log: true },
      rules: [{ y: lines[1].points.at(-1)[1], label: 'float32 goes no lower' }],
      series: lines,
    },
    {
      title: 'SGD: 1 / k, or a floor',
      x: { label: 'step', log: true },
      y: { label: 'loss above the minimum', log: true },
      series: [
        { name: `rate ${first}`, points: constant },
        { name: 'rate c / k', points: falling },
        { name: 'theory', points: marks.filter((k) => k >= 300).map((k) => [k, height / k]), dashed: true },
      ],
    },
  ],
  facts,
);
