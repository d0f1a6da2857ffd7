// Width and depth: what more units buy, what more inputs cost, and functions that are cheap in depth alone.
//
//   npx feedforward course width
//
// Universal approximation says that some width is enough, not how much. Trained networks of K tanh units follow a smooth function ever closer;
// the same K does worse the more inputs there are. A tent map applied k times has 2^k pieces: two ReLUs a layer do it exactly in depth k, one
// hidden layer needs a unit for each piece. Width 1 cannot learn |x| however deep: a ReLU network needs width max(n + 1, m).
// See: Telgarsky 2016; Eldan & Shamir 2016; Lu et al. 2017.

import { MLP, Random, adam, dense, lbfgs } from 'feedforward';
import { say, show, table } from './support/page.js';

const facts = { width: {}, inputs: {} };
const rms = (model, X, y) => Math.sqrt(model.evaluate(X, y).loss);

// ---- width, trained ----------------------------------------------------------------------------------------------------------

const f = (x) => Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x);
const grid = Array.from({ length: 200 }, (_, i) => [i / 199]);
const values = grid.map(([x]) => [f(x)]);
const rows = [['hidden units K', 'root mean squared error', 'weights']];
for (const units of [1, 2, 4, 8, 16]) {
  const best = Math.min(
    ...[0, 1, 2].map((seed) => {
      const model = new MLP({
        inputs: 1,
        layers: [dense(units, { activation: 'tanh' }), dense(1, { bias: false })],
        optimizer: lbfgs(),
        seed,
      });
      model.fitSync(grid, values, { epochs: 1000, reportMetrics: false });
      return rms(model, grid, values);
    }),
  );
  facts.width[units] = best;
  rows.push([units, best.toExponential(1), 3 * units]);
}
const tensors = new MLP({ inputs: 1, layers: [dense(4, { activation: 'tanh' }), dense(1, { bias: false })] }).parameters().length;
facts.tensors = tensors;
say(`sin 2 pi x + sin 6 pi x / 2 by one hidden layer without an output bias (${tensors} tensors)\n${table(rows)}\n`);

const random = new Random(5, 'data');
const dimensions = [['inputs', 'root mean squared error with K = 16']];
for (const inputs of [1, 2, 3]) {
  const X = Array.from({ length: 800 }, () => Array.from({ length: inputs }, () => random.between(-1, 1)));
  const y = X.map((row) => [row.reduce((product, x) => product * Math.sin(Math.PI * x), 1)]);
  const model = new MLP({ inputs, layers: [dense(16, { activation: 'tanh' }), dense(1)], optimizer: lbfgs(), seed: 1 });
  model.fitSync(X, y, { epochs: 300, reportMetrics: false });
  facts.inputs[inputs] = rms(model, X, y);
  dimensions.push([inputs, facts.inputs[inputs].toExponential(1)]);
}
say(`The product of sin pi x over the inputs, 800 points\n${table(dimensions)}\n`);

// ---- depth, by hand ------------------------------------------------------------------------------------------------------------

/** The tent map k times: two ReLUs a layer, 2 relu(x) - 4 relu(x - 1/2) of what comes in. */
function tent(k) {
  const model = new MLP({ inputs: 1, layers: [...Array.from({ length: k }, () => dense(2, { activation: 'relu' })), dense(1)] });
  const vector = [1, 1, 0, -0.5];
  for (let layer = 1; layer < k; layer++) vector.push(2, 2, -4, -4, 0, -0.5);
  model.setVector([...vector, 2, -4, 0]);
  return model;
}
const fold = (x) => (x < 0.5 ? 2 * x : 2 - 2 * x);
const deep = tent(6);
const fine = Array.from({ length: 1025 }, (_, i) => [i / 1024]);
const drawn = [...deep.predict(fine).data];
const exact = fine.map(([x]) => Array.from({ length: 6 }).reduce((v) => fold(v), x));
const slopes = drawn.slice(1).map((v, i) => Math.sign(v - drawn[i]));
facts.tent = {
  pieces: 1 + slopes.slice(1).filter((s, i) => s !== slopes[i]).length,
  units: 12,
  off: Math.max(...drawn.map((v, i) => Math.abs(v - exact[i]))),
};
say(
  `A tent map six times: ${facts.tent.pieces} pieces with ${facts.tent.units} ReLUs in six layers, off by ${facts.tent.off}; one hidden layer needs ${facts.tent.pieces - 1} units`,
);

// ---- too narrow ------------------------------------------------------------------------------------------------------------------

const xs = Array.from({ length: 81 }, (_, i) => [-1 + i / 40]);
const ys = xs.map(([x]) => [Math.abs(x)]);
facts.narrow = Object.fromEntries(
  [1, 2].map((units) => {
    const losses = Array.from({ length: 20 }, (_, seed) => {
      const layers = [...Array.from({ length: 3 }, () => dense(units, { activation: 'relu' })), dense(1)];
      const model = new MLP({ inputs: 1, layers, optimizer: adam({ learningRate: 0.02 }), seed });
      return model.fitSync(xs, ys, { epochs: 600, batchSize: 81, reportMetrics: false }).last.loss;
    });
    return [units, Math.min(...losses)];
  }),
);
say(
  `|x| by four layers, best of 20 starts: width 1 ${facts.narrow[1].toExponential(1)}, width 2 ${facts.narrow[2].toExponential(1)}`,
);

await show(
  [
    {
      title: 'One hidden layer, trained',
      x: { label: 'hidden units', log: true },
      y: { label: 'root mean squared error', log: true },
      series: [{ name: '', points: Object.entries(facts.width).map(([units, error]) => [Number(units), error]) }],
    },
    {
      title: 'A tent map six times: 12 ReLUs',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [{ name: '', points: drawn.map((v, i) => [i / 1024, v]) }],
    },
  ],
  facts,
);
