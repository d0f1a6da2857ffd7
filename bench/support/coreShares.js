// What share of its time a cross-validation or a search of small networks spends inside the core: of this thread's busy time by V8's profiler, with all
// trainings here. Beside it the processor's time of the process with the workers that it takes by itself: threads where they pay. Each runs once before.

import { Session } from 'node:inspector/promises';
import { crossValidate, gridSearch, MLPRegressor, Random } from '../../dist/index.js';
import { here, search } from '../../dist/search.js';
import { table } from './report.js';

const ROWS = 1000;
const SECONDS = 1.5; // of each measurement, at least

const random = new Random(1, 'shares');
const X = Array.from({ length: ROWS }, () => [random.between(-1, 1), random.between(-1, 1)]);
const y = X.map(([a, b]) => a * b + 0.1 * random.normal());
const net = (options) => new MLPRegressor({ hiddenLayers: [16, 16], preset: 'none', onWarning: false, seed: 1, ...options });
const plain = (epochs) => net({ epochs, earlyStopping: false });
const space = { learningRate: { logUniform: [1e-3, 1e-1] }, hiddenLayers: [[8], [16], [16, 16]] };
const grid = { learningRate: [1e-3, 1e-2], l2: [0, 1e-3] };

/** By name; each takes the workers to use: 0, or 'auto'. */
const runs = {
  'crossValidate, 5 folds of 100 epochs': (workers) => crossValidate(plain(100), X, y, { workers }),
  '5 folds of 3,000 epochs': (workers) => crossValidate(plain(3000), X, y, { workers }),
  '5 folds, early stopping': (workers) => crossValidate(net({}), X, y, { workers }),
  '2 folds of preset default, 300 rows': (workers) =>
    crossValidate(new MLPRegressor({ onWarning: false, seed: 1 }), X.slice(0, 300), y.slice(0, 300), { folds: 2, workers }),
  'gridSearch, 12 fits of 100 epochs': (workers) => gridSearch(plain(100), grid, X, y, { folds: 3, refit: false, workers }),
  'gridSearch, 12 fits of 1,000 epochs': (workers) => gridSearch(plain(1000), grid, X, y, { folds: 3, refit: false, workers }),
  'search, 24 fits of 100 epochs': (workers) =>
    search(space, plain(100), {
      ...{ data: { X, y }, folds: 3, trials: 8, seed: 1, refit: false, baselines: false },
      ...(workers === 0 ? { runner: here() } : {}),
    }),
};

/** Runs it for some time. Returns how often. */
async function repeat(run) {
  const from = performance.now();
  let times = 0;
  do {
    await run();
    times++;
  } while (performance.now() - from < 1000 * SECONDS);
  return times;
}

/** Milliseconds of one run on this thread, and those of them inside the core. */
async function profiled(run) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const times = await repeat(run);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const sums = { busy: 0, core: 0 };
  profile.samples.forEach((id, i) => {
    const { functionName, url } = nodes.get(id);
    if (functionName === '(idle)' || url === 'node:inspector') return;
    sums.busy += profile.timeDeltas[i];
    if (url.startsWith('wasm')) sums.core += profile.timeDeltas[i];
  });
  return { busy: sums.busy / times / 1000, core: sums.core / times / 1000 };
}

export async function coreShares() {
  const rows = [['milliseconds, 2-16-16-1', 'core', 'this thread', 'in the core', "the process, workers 'auto'"]];
  const figures = {};
  for (const [name, run] of Object.entries(runs)) {
    await run(0);
    const { busy, core } = await profiled(() => run(0));
    await run('auto');
    const before = process.cpuUsage();
    const times = await repeat(() => run('auto'));
    const { user, system } = process.cpuUsage(before);
    const processor = (user + system) / times / 1000;
    rows.push([name, core.toFixed(0), busy.toFixed(0), `${((100 * core) / busy).toFixed(0)} %`, processor.toFixed(0)]);
    figures[name] = { core, busy, processor };
  }
  console.log(`\n${table(rows)}`);
  return figures;
}
