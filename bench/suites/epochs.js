// Epochs of fit on 1,000 rows against as many bare steps of the core on rows that lie in its memory: what shuffling, copying rows,
// keeping weights to go back to and recording cost. CPU time, since epochs are short and machines are shared. Then what share of their
// time cross-validations and searches of small networks spend inside the core.

import { MLP, dense, matrix, Random } from '../../dist/index.js';
import { coreShares } from '../support/coreShares.js';
import { table } from '../support/report.js';

const ROWS = 1000;
const EPOCHS = 400;
const FEW = 100;
const ROUNDS = 25;

async function run(widths) {
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
  const awaited = make();
  const bare = make();
  bare.fitSync(X, y, { ...options, epochs: 1, shuffle: false }); // its rows now lie in the core's memory
  const request = { rows: ROWS, batchSize: 32, accumulate: 1, weighted: false, keepOutputs: false, ignoreDivergence: false };
  const steps = (epochs) => () => {
    for (let i = 0; i < epochs; i++) bare.trainer.backend.train(request);
  };
  const tasks = {
    bare: steps(EPOCHS),
    few: steps(FEW), // short runs find less of them in the processor's caches
    ordered: () => ordered.fitSync(X, y, { ...options, shuffle: false }),
    shuffled: () => shuffled.fitSync(X, y, options),
    awaited: () => awaited.fit(X, y, { ...options, epochs: FEW }),
  };
  const times = { bare: [], few: [], ordered: [], shuffled: [], awaited: [] };
  for (let round = -3; round < ROUNDS; round++)
    for (const [name, task] of Object.entries(tasks)) {
      const before = process.cpuUsage();
      await task();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times[name].push((user + system) / (name === 'awaited' || name === 'few' ? FEW : EPOCHS));
    }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, all.sort((a, b) => a - b)[Math.floor(ROUNDS / 4)]]),
  );
}

export async function epochs() {
  const rows = [
    [
      ...['us an epoch of 1,000 rows, batch 32', 'bare steps', 'fit, in order', '', 'fit, shuffled', ''],
      ...[`await fit, shuffled, ${FEW} epochs`, ''],
    ],
  ];
  const figures = {};
  for (const widths of [
    [2, 16, 16, 1],
    [10, 64, 64, 1],
  ]) {
    const times = await run(widths);
    const share = (name, of = times.bare) => `+${(100 * (times[name] / of - 1)).toFixed(1)} %`;
    rows.push([
      widths.join('-'),
      times.bare.toFixed(1),
      times.ordered.toFixed(1),
      share('ordered'),
      times.shuffled.toFixed(1),
      share('shuffled'),
      times.awaited.toFixed(1),
      share('awaited', times.few),
    ]);
    figures[widths.join('-')] = times;
  }
  console.log(`\n${table(rows)}`);
  figures.shares = await coreShares();
  return figures;
}
