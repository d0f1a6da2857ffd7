// Batches: how many steps an epoch has, what a step costs, how noisy it is, and when one row at a time is the cheaper way down.
//
//   npx feedforward course batch-size
//
// Least squares, 1/2 |X theta - y|^2 with n rows and m columns: a step of gradient descent takes about 2 n m products, one row of it 2 m,
// whatever n. A precision eps takes gradient descent log(1 / eps) steps and stochastic descent 1 / eps: n m log(1 / eps) products against
// m / eps. So one row at a time wins where n is large and the precision low. The noise of a step falls like 1 / sqrt(batch).
// See: Bottou & Bousquet 2007, The tradeoffs of large scale learning.

import { MLP, Random, dense, gd, inverseTimeDecay, sgd, workOf } from 'feedforward';
import { clock, say, show, slope, table } from './support/page.js';
import { surface } from './support/surface.js';

const facts = {};
const random = new Random(1, 'data');
const [rows, truth] = [400, [1, -2]];
const X = Array.from({ length: rows }, () => [2 * random.normal(), 0.8 * random.normal()]);
const y = X.map(([a, b]) => [truth[0] * a + truth[1] * b + 0.5 * random.normal()]);
const line = (optimizer, seed = 1) =>
  new MLP({ inputs: 2, layers: [dense(1, { bias: false, weightInit: 'zeros' })], optimizer, seed });

// ---- steps and epochs --------------------------------------------------------------------------------------------------

let batches = 0;
const orders = [];
const own = (yTrue, yPred) => {
  batches++;
  orders.push([...yTrue.data]);
  const gradient = yPred.data.map((p, k) => (2 * (p - yTrue.data[k])) / yPred.data.length);
  return {
    value: yPred.data.reduce((sum, p, k) => sum + (p - yTrue.data[k]) ** 2, 0) / yPred.data.length,
    gradient: { data: gradient, shape: yPred.shape },
  };
};
const counted = new MLP({ inputs: 2, layers: [dense(1)], loss: own, optimizer: sgd({ learningRate: 0.01 }), seed: 1 });
counted.fitSync(X.slice(0, 100), y.slice(0, 100), { epochs: 3, batchSize: 32, reportMetrics: false });
const epochsSeen = [0, 1, 2].map((epoch) => orders.slice(4 * epoch, 4 * epoch + 4).flat());
const sorted = (list) => [...list].sort((p, q) => p - q).join();
facts.steps = {
  batches,
  sizes: orders.slice(0, 4).map(({ length }) => length),
  newOrder: epochsSeen[0].join() !== epochsSeen[1].join(),
  sameRows: epochsSeen.every((seen) => sorted(seen) === sorted(epochsSeen[0])),
};
say(
  `100 rows in batches of 32, 3 epochs: ${batches} steps, of ${facts.steps.sizes.join(', ')} rows; each epoch has every row once, in a new order: ${facts.steps.newOrder && facts.steps.sameRows}\n`,
);

// ---- the minimum, by the normal equations, and by steps -------------------------------------------------------------------

const [aa, ab, bb] = [
  [0, 0],
  [0, 1],
  [1, 1],
].map(([i, j]) => X.reduce((sum, row) => sum + row[i] * row[j], 0));
const [ay, by] = [0, 1].map((i) => X.reduce((sum, row, r) => sum + row[i] * y[r][0], 0));
const best = [(bb * ay - ab * by) / (aa * bb - ab * ab), (aa * by - ab * ay) / (aa * bb - ab * ab)];
const lossAt = ([u, v]) => X.reduce((sum, [a, b], r) => sum + (a * u + b * v - y[r][0]) ** 2, 0) / rows;
const trained = line(gd({ learningRate: 0.1 }));
trained.fitSync(X, y, { epochs: 400, reportMetrics: false });
facts.normal = { exact: best, trained: [...trained.getVector()] };
say(
  `Normal equations: ${best.map((v) => v.toFixed(5)).join(', ')}; 400 steps of gradient descent: ${facts.normal.trained.map((v) => v.toFixed(5)).join(', ')}\n`,
);

/** Weights after each of some steps on batches drawn with replacement. */
function path(batch, steps, rate) {
  const model = line(sgd({ learningRate: rate }));
  model.setVector([-2, 2.5]);
  const draw = new Random(batch, 'rows');
  const points = [[-2, 2.5]];
  for (let k = 0; k < steps; k++) {
    const picked = batch === rows ? X.map((_, i) => i) : Array.from({ length: batch }, () => draw.below(rows));
    model.trainStep(
      picked.map((i) => X[i]),
      picked.map((i) => y[i]),
    );
    points.push([...model.getVector()]);
  }
  return points;
}
const paths = { 'one row': path(1, 80, 0.04), '16 rows': path(16, 60, 0.1), 'all 400': path(rows, 60, 0.1) };

// Noise: the spread of the gradient of a batch, at one point.
const gradientOf = (picked) =>
  picked.reduce((sum, i) => sum + (2 * X[i][0] * (X[i][0] * -2 + X[i][1] * 2.5 - y[i][0])) / picked.length, 0);
const draw = new Random(7, 'noise');
const noise = [1, 4, 16, 64].map((batch) => {
  const values = Array.from({ length: 3000 }, () => gradientOf(Array.from({ length: batch }, () => draw.below(rows))));
  const mean = values.reduce((a, b) => a + b) / values.length;
  return [batch, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)];
});
facts.noise = slope(noise.map(([batch, spread]) => [Math.log(batch), Math.log(spread)]));
say(
  `Spread of a step's gradient by batch: ${noise.map(([batch, spread]) => `${batch}: ${spread.toFixed(1)}`).join(', ')}: batch^${facts.noise.toFixed(2)}, theory -0.5\n`,
);

// ---- products to a precision ------------------------------------------------------------------------------------------------

const gap = (model) => {
  const [u, v] = model.getVector().map((w, j) => w - best[j]);
  return (aa * u * u + 2 * ab * u * v + bb * v * v) / rows;
};
const whole = line(sgd({ learningRate: 0.1 }));
const descent = Array.from({ length: 60 }, () => {
  whole.trainStep(X, y);
  return gap(whole);
});
/** Mean gap of several runs of one row at a time, with rates c / k, at each of the marks. */
const marks = [...new Set(Array.from({ length: 110 }, (_, i) => Math.round(1.11 ** i)))];
const single = marks.map(() => 0);
for (let seed = 0; seed < 12; seed++) {
  const model = line(sgd({ learningRate: inverseTimeDecay(0.08, { decay: 0.08, per: 'step' }) }), seed);
  const order = new Random(seed, 'single');
  marks.forEach((mark, m) => {
    const picked = Array.from({ length: mark - (marks[m - 1] ?? 0) }, () => order.below(rows));
    model.partialFit(
      picked.map((i) => X[i]),
      picked.map((i) => y[i]),
      { batchSize: 1, shuffle: false },
    );
    single[m] += gap(model) / 12;
  });
}
const each = workOf(whole, { rows: 1 }).step.multiplyAdds;
const precisions = [1, 0.1, 0.01, 1e-3, 1e-4].map((eps) => {
  const steps = descent.findIndex((value) => value <= eps) + 1;
  const draws = marks[single.findIndex((value) => value <= eps)];
  return { eps, steps, descent: steps * each * rows, draws, stochastic: draws * each };
});
facts.precisions = precisions;
say(
  `Products until the loss is within eps of its least, 400 rows\n${table([
    ['eps', 'whole gradients', 'products', 'single rows, mean of 12 runs', 'products'],
    ...precisions.map(({ eps, steps, descent, draws, stochastic }) => [eps, steps, descent, draws, stochastic]),
  ])}`,
);

const cost = [1000, 10_000, 100_000].map((n) => {
  const wide = new MLP({ inputs: 50, layers: [dense(1)], optimizer: sgd({ learningRate: 1e-3 }) });
  const [gradient, single] = [n, 1].map((count) => workOf(wide, { rows: count }).step.multiplyAdds);
  const data = { data: Float32Array.from({ length: n * 50 }, (_, i) => Math.sin(i)), shape: [n, 50] };
  const target = { data: new Float32Array(n), shape: [n, 1] };
  const time = (call, times) => {
    const started = performance.now();
    for (let i = 0; i < times; i++) call();
    return (1000 * (performance.now() - started)) / times;
  };
  const one = [{ data: data.data.subarray(0, 50), shape: [1, 50] }, [[0]]];
  clock(
    `${n} rows of 50: a step on all of them takes ${time(() => wide.trainStep(data, target), 3).toFixed(0)} us here, on one ${time(() => wide.trainStep(...one), 500).toFixed(1)}.`,
  );
  return { n, gradient, single };
});
facts.cost = cost;
say(
  `\nProducts of a step, m = 50: ${cost.map(({ n, gradient, single }) => `${n} rows ${gradient}, one of them ${single}`).join('; ')}`,
);

await show(
  [
    {
      title: 'Paths over the loss, by batch',
      x: { label: 'theta 1' },
      y: { label: 'theta 2' },
      surface: surface((points) => points.map(lossAt), { x: [-2.5, 2], y: [-3, 3], levels: [0.5, 1, 2, 4, 8, 16, 32] }),
      series: Object.entries(paths).map(([name, points]) => ({ name, points })),
    },
    {
      title: 'Products to a precision',
      x: { label: 'eps', log: true },
      y: { label: 'products', log: true },
      series: [
        { name: 'whole gradients', points: precisions.map(({ eps, descent }) => [eps, descent]) },
        { name: 'one row at a time', points: precisions.map(({ eps, stochastic }) => [eps, stochastic]) },
      ],
    },
  ],
  facts,
);
