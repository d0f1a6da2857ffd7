// L-BFGS against Adam on a small smooth regression: the same network, data and loss to reach, and the clock.
//
//   node examples/course/lbfgs.js [--svg FILE] [--json]
//   node examples/course/lbfgs.js --seconds 600      gives each form of Adam ten minutes to get there, instead of three seconds
//
// Near a minimum a smooth loss is a quadratic, and descent takes as many steps as its curvatures are apart. L-BFGS learns the
// curvatures from its own last steps and takes nearly Newton's. It needs the whole gradient each time: for small data.
// See: Liu & Nocedal 1989; Nocedal & Wright, chapter 7.

import { MLP, adam, cosineDecay, datasets, dense, lbfgs } from '../../dist/index.js';
import { pageOptions, show, table } from '../support/page.js';

const options = pageOptions({ seconds: { type: 'string', default: '3' } });
const target = 4e-7;
const patience = Number(options.seconds);
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

/** Trains in portions until the loss is reached, training ends by itself, or time is up. */
function race(optimizer, epochs, limit, fit = {}) {
  const model = network(optimizer);
  const points = [];
  const started = performance.now();
  let seconds = 0;
  let best = Infinity;
  let ended = false;
  while (best > target && seconds < limit && !ended) {
    const history = model.fitSync(X, y, { epochs, ...fit });
    seconds = (performance.now() - started) / 1000;
    best = Math.min(best, ...history.values('loss'));
    points.push([seconds, best]);
    ended = history.stoppedBy !== 'epochs';
  }
  return { seconds, best, reached: best <= target, epochs: model.epoch, points };
}

const runs = {
  'L-BFGS, 30 pairs': race(lbfgs({ historySize: 30 }), 10, 60),
  'Adam, 1e-2, all rows': race(adam({ learningRate: 1e-2 }), 50, patience, { batchSize: 500 }),
  'Adam, 1e-3, batches of 32': race(adam({ learningRate: 1e-3 }), 20, patience, { batchSize: 32 }),
  'Adam, cosine from 3e-3, 32': race(adam({ learningRate: cosineDecay(3e-3, { over: 1000 * patience }) }), 20, patience, {
    batchSize: 32,
  }),
};

const rows = [[`2-16-16-1, 500 rows, to a loss of ${target}`, 'seconds', 'passes over the data', 'loss']];
for (const [name, { seconds, reached, epochs, best }] of Object.entries(runs))
  rows.push([name, `${reached ? '' : '> '}${seconds.toFixed(2)}`, epochs, best.toExponential(1)]);
console.log(table(rows));

const facts = Object.fromEntries(Object.entries(runs).map(([name, { points, ...rest }]) => [name, rest]));
show(
  options,
  [
    {
      title: 'L-BFGS and Adam by the clock',
      x: { label: 'seconds', log: true },
      y: { label: 'mean squared error', log: true },
      series: Object.entries(runs).map(([name, { points }]) => ({ name, points })),
    },
  ],
  facts,
);
