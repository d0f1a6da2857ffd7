// L-BFGS against Adam on a small smooth regression: the same network, data and loss to reach.
//
//   npx feedforward course lbfgs
//
// Near a minimum a smooth loss is a quadratic, and descent takes as many steps as its curvatures are apart. L-BFGS learns the
// curvatures from its own last steps and takes nearly Newton's. It needs the whole gradient each time: for small data.
// See: Liu & Nocedal 1989; Nocedal & Wright, chapter 7.

import { MLP, adam, cosineDecay, datasets, dense, lbfgs } from 'feedforward';
import { clock, say, show, table } from './support/page.js';

const target = 4e-7;
const patience = 3000; // epochs
const { X, y } = datasets.functionSamples((a, b) => Math.sin(2 * a) + 0.5 * b * b, {
  domain: [
    [-1, 1],
    [-1, 1],
  ],
  samples: 500,
  seed: 1,
});
const network = (optimizer) =>
  new MLP({
    inputs: 2,
    layers: [dense(16, { activation: 'tanh' }), dense(16, { activation: 'tanh' }), dense(1)],
    optimizer,
    seed: 1,
  });

/** Trains epoch by epoch until the loss is reached or patience ends. The loss is that of all rows. */
function race(optimizer, batchSize) {
  const model = network(optimizer);
  const points = [];
  const started = performance.now();
  model.fitSync(X, y, {
    epochs: patience,
    batchSize,
    onEpochEnd: ({ epoch, loss }) => {
      points.push([epoch, Math.min(loss, points.at(-1)?.[1] ?? Infinity)]);
      if (loss <= target) model.stop();
    },
  });
  const best = points.at(-1)[1];
  return { epochs: points.length, best, reached: best <= target, seconds: (performance.now() - started) / 1000, points };
}

const runs = {
  'L-BFGS, 30 pairs': race(lbfgs({ historySize: 30 })),
  'Adam, 1e-2, all rows': race(adam({ learningRate: 1e-2 }), 500),
  'Adam, 1e-3, batches of 32': race(adam({ learningRate: 1e-3 }), 32),
  'Adam, cosine from 3e-3, 32': race(adam({ learningRate: cosineDecay(3e-3, { over: 16 * patience }) }), 32),
};

const marks = [10, 100, 1000, patience];
const rows = [[`2-16-16-1, 500 rows, to a loss of ${target}`, 'passes', ...marks.map((k) => `loss after ${k}`)]];
for (const [name, { points, reached }] of Object.entries(runs)) {
  const losses = marks.map((k) => points[k - 1]?.[1].toExponential(1) ?? '-');
  rows.push([name, `${reached ? '' : '> '}${points.length}`, ...losses]);
}
say(table(rows));
clock(
  `\nSeconds here: ${Object.entries(runs)
    .map(([name, { seconds }]) => `${name} ${seconds.toFixed(1)}`)
    .join('; ')}.`,
);

const facts = Object.fromEntries(Object.entries(runs).map(([name, { points, ...rest }]) => [name, rest]));
await show(
  [
    {
      title: 'L-BFGS and Adam',
      x: { label: 'passes over the rows', log: true },
      y: { label: 'least mean squared error so far', log: true },
      rules: [{ y: target, label: 'to reach' }],
      series: Object.entries(runs).map(([name, { points }]) => ({ name, points })),
    },
  ],
  facts,
);
