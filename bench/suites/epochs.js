// Epochs of fit on 1,000 rows against as many bare steps of the core on rows that lie in its memory: what shuffling, copying rows,
// keeping weights to go back to and recording cost. CPU time, since epochs are short and machines are shared.

import { MLP, dense, matrix, Random } from '../../dist/index.js';
import { table } from '../support/report.js';

const ROWS = 1000;
const EPOCHS = 400;
const ROUNDS = 25;

function run(widths) {
  const [inputs] = widths;
  const random = new Random(1, 'epochs');
  const X = matrix({ data: Float32Array.from({ length: ROWS * inputs }, () => random.between(-1, 1)), shape: [ROWS, inputs] });
  const y = Float32Array.from({ length: ROWS }, (_, i) => X.data[i * inputs] * X.data[i * inputs + 1]);
  const make = () =>
    new MLP({
      inputs,
      layers: widths.slice(1).map((units, i, { length }) => dense(units, i < length - 1 ? { activation: 'relu' } : {})),
      seed: 1,
    });
  const options = { epochs: EPOCHS, batchSize: 32 };
  const ordered = make();
  const shuffled = make();
  const bare = make();
  bare.fitSync(X, y, { ...options, epochs: 1, shuffle: false }); // its rows now lie in the core's memory
  const request = { rows: ROWS, batchSize: 32, accumulate: 1, weighted: false, keepOutputs: false, ignoreDivergence: false };
  const tasks = {
    bare: () => {
      for (let i = 0; i < EPOCHS; i++) bare.trainer.backend.train(request);
    },
    ordered: () => ordered.fitSync(X, y, { ...options, shuffle: false }),
    shuffled: () => shuffled.fitSync(X, y, options),
  };
  const times = { bare: [], ordered: [], shuffled: [] };
  for (let round = -3; round < ROUNDS; round++)
    for (const [name, task] of Object.entries(tasks)) {
      const before = process.cpuUsage();
      task();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times[name].push((user + system) / EPOCHS);
    }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, all.sort((a, b) => a - b)[Math.floor(ROUNDS / 4)]]),
  );
}

export function epochs() {
  const rows = [['us an epoch of 1,000 rows, batch 32', 'bare steps', 'fit, in order', '', 'fit, shuffled', '']];
  const figures = {};
  for (const widths of [
    [2, 16, 16, 1],
    [10, 64, 64, 1],
  ]) {
    const times = run(widths);
    const share = (name) => `+${(100 * (times[name] / times.bare - 1)).toFixed(0)} %`;
    rows.push([
      widths.join('-'),
      times.bare.toFixed(1),
      times.ordered.toFixed(1),
      share('ordered'),
      times.shuffled.toFixed(1),
      share('shuffled'),
    ]);
    figures[widths.join('-')] = times;
  }
  console.log(`\n${table(rows)}`);
  return figures;
}
