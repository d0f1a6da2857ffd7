// What a worker costs: starting one, a question and its answer, rows copied or moved, and a fit against one on this thread.
//
//     npm run build && node bench/worker.mjs [--rounds 7]
//
// Figures are the best of several rounds.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import './support/relaxed.js';
import { dense, MLP, Random } from '../dist/index.js';
import { WorkerMLP } from '../dist/worker.js';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(options.rounds);

/** Milliseconds of one run, the best of `rounds` times `runs`. */
async function best(runs, run, prepare = () => undefined) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const prepared = Array.from({ length: runs }, prepare);
    const started = performance.now();
    for (let i = 0; i < runs; i++) await run(prepared[i]);
    least = Math.min(least, (performance.now() - started) / runs);
  }
  return least;
}

const row = (what, milliseconds) =>
  console.log(
    `${what.padEnd(62)} ${milliseconds < 1 ? `${(1000 * milliseconds).toFixed(1)} us` : `${milliseconds.toFixed(2)} ms`}`,
  );

console.log(`${cpus()[0].model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`);
console.log(`node ${[...process.execArgv, 'bench/worker.mjs', ...process.argv.slice(2)].join(' ')}`);

const small = { inputs: 4, layers: [dense(16, { activation: 'tanh' }), dense(1)] };
row('a worker, from nothing to ready, and its end', await best(5, async () => (await WorkerMLP.create(small)).terminate()));
{
  const here = new MLP(small);
  const there = await WorkerMLP.create(small);
  const x = [[0.1, 0.2, 0.3, 0.4]];
  row('predict, 1 row of 4: on this thread', await best(2000, () => here.predict(x)));
  row('predict, 1 row of 4: there and back', await best(500, () => there.predict(x)));
  row('trainStep, 1 row of 4: on this thread', await best(2000, () => here.trainStep(x, [[1]])));
  row('trainStep, 1 row of 4: there and back', await best(500, () => there.trainStep(x, [[1]])));
  const train = (model, callbacks) => model.fit(x, [[1]], { epochs: 200, ...callbacks });
  const without = await best(3, () => train(there, {}));
  row('onEpochEnd of a fit in the worker, each', ((await best(3, () => train(there, { onEpochEnd() {} }))) - without) / 200);
  await there.terminate();
}
{
  const large = { inputs: 784, layers: [dense(128, { activation: 'relu' }), dense(10)] };
  const here = new MLP(large);
  const there = await WorkerMLP.create(large);
  const random = new Random(1);
  const X = { data: Float32Array.from({ length: 1000 * 784 }, () => random.normal()), shape: [1000, 784] };
  const y = { data: Float32Array.from({ length: 1000 * 10 }, () => random.normal()), shape: [1000, 10] };
  const copy = () => ({ data: X.data.slice(), shape: X.shape });
  row('predict, 1000 rows of 784: on this thread', await best(20, () => here.predict(X)));
  row('predict, 1000 rows of 784: there and back, copied', await best(20, () => there.predict(X)));
  row('predict, 1000 rows of 784: there and back, moved', await best(20, (x) => there.predict(x, { transfer: true }), copy));
  row('fit, 1000 rows, 784-128-10, 5 epochs: on this thread', await best(1, () => here.fit(X, y, { epochs: 5 })));
  row('fit, 1000 rows, 784-128-10, 5 epochs: in the worker', await best(1, () => there.fit(X, y, { epochs: 5 })));
  await there.terminate();
}
