// Exact Shapley values, seconds per row: explain beside the same written in plain user code on predictInto, checked against each other first.
// Where the first layer is most of the work, explain adds a column per coalition in place of a product; elsewhere its rows per second stand
// beside those of predictInto alone.

import { MLP, Random, dense, explain } from '../../dist/index.js';
import { table } from '../support/report.js';

const nets = {
  '64 relu': [dense(64, { activation: 'relu' }), dense(1)],
  '64 tanh': [dense(64, { activation: 'tanh' }), dense(1)],
  '64-64 relu': [dense(64, { activation: 'relu' }), dense(64, { activation: 'relu' }), dense(1)],
  '3 x 256 relu': [256, 256, 256].map((units) => dense(units, { activation: 'relu' })).concat(dense(1)),
};
const backgroundRows = 100;

function rowsOf(rows, columns, purpose) {
  const random = new Random(1, purpose);
  return { data: Float32Array.from({ length: rows * columns }, () => random.normal()), shape: [rows, columns] };
}

/**
 * The plain way, as fast as user code gets: float32 rows in chunks that fit the cache, one buffer, no objects in the loop, and the values from
 * the worth of all coalitions in one pass.
 */
function plain(model, X, background) {
  const features = X.shape[1];
  const size = 2 ** features;
  const chunk = Math.min(size, 256);
  const x = new Float32Array(chunk * features);
  const y = new Float32Array(chunk);
  const worth = new Float64Array(size);
  for (let b = 0; b < backgroundRows; b++) {
    const row = background.data.subarray(b * features, (b + 1) * features);
    for (let first = 0; first < size; first += chunk) {
      for (let i = 0, at = 0; i < chunk; i++)
        for (let j = 0, S = first + i; j < features; j++, S >>= 1) x[at++] = S & 1 ? X.data[j] : row[j];
      model.predictInto(x, y);
      for (let i = 0; i < chunk; i++) worth[first + i] += y[i];
    }
  }
  const weights = [1 / features];
  for (let s = 1; s < features; s++) weights.push((weights[s - 1] * s) / (features - s));
  const values = new Float64Array(features);
  for (let S = 0; S < size; S++) {
    let members = 0;
    for (let rest = S; rest > 0; rest &= rest - 1) members++;
    const joins = members > 0 ? weights[members - 1] * worth[S] : 0;
    const stays = members < features ? weights[members] * worth[S] : 0;
    for (let j = 0; j < features; j++) values[j] += (S >> j) & 1 ? joins : -stays;
  }
  return values.map((value) => value / backgroundRows);
}

/** Microseconds of each task, the lower quartile of rounds in which they take turns: some of them take seconds. */
function inTurns(tasks, rounds = 8, seconds = 0.05) {
  const samples = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  const begun = performance.now();
  for (let round = 0; round < rounds && (round < 2 || performance.now() - begun < 5000); round++)
    for (const [name, run] of Object.entries(tasks)) {
      let runs = 0;
      const started = performance.now();
      do run();
      while (++runs && performance.now() - started < 1000 * seconds);
      samples[name].push((1000 * (performance.now() - started)) / runs);
    }
  return Object.fromEntries(Object.entries(samples).map(([name, of]) => [name, of.sort((a, b) => a - b)[of.length >> 2]]));
}

export function shapley() {
  const rows = [['exact, 100 background rows', 'explain, s/row', 'plain, s/row', 'plain / explain', 'rows/s of predictInto']];
  const figures = {};
  for (const [name, layers] of Object.entries(nets))
    for (const features of [8, 10, 13]) {
      const model = new MLP({ inputs: features, layers, seed: 1 });
      const X = rowsOf(1, features, 'row');
      const background = rowsOf(backgroundRows, features, 'background');
      const once = () => explain(model, X, { background, method: 'exact' });
      const own = once().values.row(0);
      for (const [j, value] of plain(model, X, background).entries())
        if (Math.abs(value - own[j]) > 1e-5) throw new Error(`${name}, ${features} features: ${own[j]} is not ${value}`);
      const chunk = rowsOf(1024, features, 'chunk').data;
      const y = new Float32Array(1024);
      const many = Math.ceil((2 ** features * backgroundRows) / 1024);
      const rate = () => {
        for (let i = 0; i < many; i++) model.predictInto(chunk, y);
      };
      const times = inTurns({ explain: once, plain: () => plain(model, X, background), predictInto: rate });
      rows.push([
        `${name}, ${features} features`,
        (times.explain / 1e6).toPrecision(3),
        (times.plain / 1e6).toPrecision(3),
        `${(times.plain / times.explain).toFixed(1)}x`,
        (times.predictInto / times.explain).toFixed(2),
      ]);
      figures[`${name} ${features}`] = times;
    }
  console.log(`\n${table(rows)}`);
  return figures;
}
