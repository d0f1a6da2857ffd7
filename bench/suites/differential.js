// Training on values and derivatives beside training on values alone, as Huge and Savine measured it: four hidden layers of twenty softplus
// units, 100 epochs, Adam, one path for each sample. Root mean squared errors of price and delta (x 100) against closed forms, medians over
// seeds, ratios seed by seed since each seed draws another basket; and the seconds of a training beside PyTorch's (its double backward) on the same rows: bench/differential.py.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MLP as BaselineMLP } from '../../dist/baseline.js';
import { MLP, Random, StandardScaler, adam, dense } from '../../dist/index.js';
import { bachelierPaths, blackScholesPaths } from '../support/payoffs.js';
import { medians, microseconds, table } from '../support/report.js';

const EPOCHS = 100;
const ROWS = 8192;
const SEEDS = Number(process.env.SEEDS ?? 10);

const cases = {
  'Bachelier, 7 assets': (seed) => bachelierPaths(7, ROWS, seed),
  'Bachelier, 20 assets': (seed) => bachelierPaths(20, ROWS, seed),
  'Black-Scholes': (seed) => blackScholesPaths(ROWS, seed, false),
};

/** The paper's learning rate: straight lines through these points of (share of the epochs, rate). */
const points = [
  [0, 1e-8],
  [0.2, 0.1],
  [0.6, 0.01],
  [0.9, 1e-6],
  [1, 1e-8],
];

function rate(epoch) {
  const share = epoch / EPOCHS;
  const next = points.findIndex(([at]) => at > share);
  const [[a, from], [b, to]] = [points[next - 1], points[next]];
  return from + ((to - from) * (share - a)) / (b - a);
}

/** A network on scaled rows, and the scales: d y / d x of scaled numbers is that of the numbers times x's scale over y's. */
function prepared({ X, y, gradients }) {
  const xScaler = new StandardScaler().fit(X);
  const yScaler = new StandardScaler().fit(y);
  const [rows, inputs] = X.shape;
  const scaled = Float32Array.from(
    { length: rows * inputs },
    (_, k) => (gradients.data[k] * xScaler.scale[k % inputs]) / yScaler.scale[0],
  );
  return {
    xScaler,
    yScaler,
    X: xScaler.transform(X),
    y: yScaler.transform(y),
    gradients: { data: scaled, shape: [rows, inputs] },
  };
}

function train(rows, seed, learnsDerivatives) {
  const inputs = rows.X.shape[1];
  const hidden = Array.from({ length: 4 }, () => dense(20, { activation: 'softplus', weightInit: 'lecunNormal' }));
  const model = new MLP({
    inputs,
    layers: [...hidden, dense(1, { weightInit: 'lecunNormal' })],
    optimizer: adam({ learningRate: (_step, epoch) => rate(epoch) }),
    seed,
  });
  const options = { epochs: EPOCHS, batchSize: Math.max(256, ROWS / 16), shuffle: false };
  const begun = performance.now();
  model.fitSync(
    rows.X,
    rows.y,
    learnsDerivatives ? { ...options, inputGradients: rows.gradients, derivativeWeight: 'balanced' } : options,
  );
  return { model, seconds: (performance.now() - begun) / 1000 };
}

/** Root mean squared errors, times 100, of the price and of the delta in the first asset. */
function errors(model, { xScaler, yScaler }, test) {
  const X = xScaler.transform(test.X);
  const inputs = test.X.shape[1];
  const prices = yScaler.inverseTransform(model.predict(X)).data;
  const slopes = model.inputGradient(X).data;
  const unit = yScaler.scale[0] / xScaler.scale[0];
  const rmse = (found, wanted) => 100 * Math.sqrt(wanted.reduce((sum, w, i) => sum + (found(i) - w) ** 2, 0) / wanted.length);
  return { price: rmse((i) => prices[i], test.prices), delta: rmse((i) => slopes[i * inputs] * unit, test.deltas) };
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** Seconds that PyTorch takes for the two trainings, and its errors; undefined where there is none. */
function torch(data, folder) {
  const { X, y, gradients, test } = data;
  const lists = {
    inputs: X.shape[1],
    X: X.data,
    y: y.data,
    gradients: gradients.data,
    testX: test.X.data,
    prices: test.prices,
    deltas: test.deltas,
  };
  const file = join(folder, 'rows.json');
  writeFileSync(
    file,
    JSON.stringify(lists, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)),
  );
  const run = spawnSync('/usr/bin/python3', [join(import.meta.dirname, '..', 'differential.py'), file], { encoding: 'utf8' });
  return run.status === 0 ? JSON.parse(run.stdout) : undefined;
}

/** A step on values and derivatives beside one on values, and beside the baseline's. */
async function steps() {
  const rows = [['training step, us', 'baseline, both', 'values', 'both', 'both / values', 'baseline / both']];
  const figures = {};
  for (const [inputs, units, activation] of [
    [7, [20, 20, 20, 20], 'softplus'],
    [10, [64, 64], 'tanh'],
  ])
    for (const batch of [32, 256]) {
      const random = new Random(1, 'steps');
      const numbers = (columns) => ({
        data: Float32Array.from({ length: batch * columns }, () => random.normal()),
        shape: [batch, columns],
      });
      const options = { inputs, layers: [...units.map((n) => dense(n, { activation })), dense(1)], optimizer: 'adam' };
      const [X, y, inputGradients] = [numbers(inputs), numbers(1), numbers(inputs)];
      const models = [new BaselineMLP(options), new MLP(options), new MLP(options)];
      const times = await medians({
        baseline: () => models[0].trainStep(X, y, { inputGradients }),
        values: () => models[1].trainStep(X, y),
        both: () => models[2].trainStep(X, y, { inputGradients }),
      });
      const name = `${[inputs, ...units, 1].join('-')} ${activation}, batch ${batch}`;
      figures[name] = times;
      rows.push([
        name,
        ...[times.baseline, times.values, times.both].map(microseconds),
        (times.both / times.values).toFixed(2),
        (times.baseline / times.both).toFixed(1),
      ]);
    }
  console.log(`\n${table(rows)}`);
  return figures;
}

export async function differential() {
  const folder = mkdtempSync(join(tmpdir(), 'differential-'));
  const found = { steps: await steps() };
  const rows = [
    ['', 'price', 'delta', 'with derivatives', 'delta', 'ratio', 'delta', 'worst', 'seconds', 'seconds', 'PyTorch', 'PyTorch'],
  ];
  for (const [name, make] of Object.entries(cases)) {
    const runs = [];
    let peer;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const data = make(seed);
      const scaled = prepared(data);
      const [values, both] = [false, true].map((learns) => {
        const { model, seconds } = train(scaled, seed, learns);
        return { ...errors(model, scaled, data.test), seconds };
      });
      runs.push({ values, both });
      if (seed === 1) peer = torch(data, folder);
    }
    const of = (pick) => median(runs.map(pick));
    const figures = {
      price: of(({ values }) => values.price),
      delta: of(({ values }) => values.delta),
      priceWithDerivatives: of(({ both }) => both.price),
      deltaWithDerivatives: of(({ both }) => both.delta),
      priceRatio: of(({ values, both }) => values.price / both.price),
      deltaRatio: of(({ values, both }) => values.delta / both.delta),
      worstRatio: Math.max(...runs.map(({ values, both }) => both.price / values.price)),
      seconds: of(({ values }) => values.seconds),
      secondsWithDerivatives: of(({ both }) => both.seconds),
      torch: peer,
    };
    found[name] = figures;
    rows.push([
      name,
      figures.price.toFixed(3),
      figures.delta.toFixed(3),
      figures.priceWithDerivatives.toFixed(3),
      figures.deltaWithDerivatives.toFixed(3),
      figures.priceRatio.toFixed(1),
      figures.deltaRatio.toFixed(1),
      figures.worstRatio.toFixed(2),
      figures.seconds.toFixed(2),
      figures.secondsWithDerivatives.toFixed(2),
      ...(peer === undefined ? ['-', '-'] : [peer.seconds.toFixed(2), peer.secondsWithDerivatives.toFixed(2)]),
    ]);
  }
  rmSync(folder, { recursive: true });
  console.log(
    `\n${ROWS} samples, one path each, medians of ${SEEDS} seeds; errors x 100; worst: price error with derivatives over that without\n`,
  );
  console.log(table(rows));
  return found;
}
