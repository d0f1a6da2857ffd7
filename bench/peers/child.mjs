// One engine in a process of its own: reads commands, one a line, answers each with a line of JSON.
//   node child.mjs ENGINE[:VARIANT] DATA_FOLDER
//   check NET BATCH STEPS      { losses, predictions }     the loss before each step; outputs for the first rows afterwards
//   train NET BATCH MS LIMIT   { us, count }               microseconds per training step, loss read once at the end
//   forward NET BATCH MS LIMIT { us, count }               outputs of a prepared batch, as numbers in JavaScript
//   predict NET MS LIMIT       { us, count, predictions }  one row in, outputs as numbers out
//   product N MS LIMIT         { us, count, sample }
//   first NET                  { ms, predictions }         import to first prediction, in a fresh process
//   memory NET BATCH STEPS     { bytes }                   peak resident memory after that many steps
//   mnist NET BATCH            { seconds, loss }           one epoch over MNIST; the mean loss of the last hundred steps
//   peak MS                    { simd, relaxed, version }  multiply-adds in registers, GFLOP/s
//   about                      { version, info? }
// An engine offers open(variant) -> { version, train?, forward?, predict?, product? }; see engines/naive.mjs for the shapes.

import { createInterface } from 'node:readline';
import { batches, parse, readData, readMnist, readSquares } from './nets.mjs';
import { registerPeak } from './peak.mjs';

const [name, folder] = process.argv.slice(2);
const [module, variant] = name.split(':');
const data = new Map();
let engine = null;

const load = (net) => {
  if (!data.has(net.spec)) data.set(net.spec, readData(folder, net));
  return data.get(net.spec);
};
const opened = async () => (engine ??= await (await import(`./engines/${module}.mjs`)).open(variant));

const commands = {
  about: async () => ({ version: (await opened()).version, info: engine.info?.() }),

  async check(spec, rows, steps) {
    const net = parse(spec);
    const trainer = await engine.train(net, load(net), batches(net, load(net), +rows));
    const losses = [];
    for (let i = 0; i < +steps; i++) {
      await trainer.step();
      losses.push(Number(await trainer.loss()));
    }
    const predictions = Array.from(await trainer.predictions()).slice(0, 4 * net.outputs);
    await trainer.dispose?.();
    return { losses, predictions };
  },

  async train(spec, rows, ms, limit) {
    const net = parse(spec);
    const trainer = await engine.train(net, load(net), batches(net, load(net), +rows));
    const result = await timed(trainer.step, +ms, +limit, trainer.loss);
    await trainer.dispose?.();
    return result;
  },

  async forward(spec, rows, ms, limit) {
    const net = parse(spec);
    const [batch] = batches(net, load(net), +rows);
    const run = await engine.forward(net, load(net), batch);
    const predictions = Array.from(await run()).slice(0, 4 * net.outputs);
    return { ...(await timed(run, +ms, +limit)), predictions };
  },

  async predict(spec, ms, limit) {
    const net = parse(spec);
    const run = await engine.predict(net, load(net));
    const rows = batches(net, load(net), 1).map((batch) => batch.x);
    const predictions = [];
    for (const row of rows.slice(0, 4)) predictions.push(...(await run(row)));
    let i = 0;
    return { ...(await timed(() => run(rows[i++ & 1023]), +ms, +limit)), predictions };
  },

  async product(n, ms, limit) {
    const run = await engine.product(+n, ...readSquares(folder));
    const sample = Array.from(await run()).slice(0, 4);
    return { ...(await timed(run, +ms, +limit)), sample };
  },

  async first(spec) {
    const net = parse(spec);
    load(net);
    const start = performance.now();
    const run = await (await opened()).predict(net, load(net));
    const predictions = Array.from(await run(load(net).x.slice(0, net.inputs)));
    return { ms: performance.now() - start, predictions };
  },

  async memory(spec, rows, steps) {
    const net = parse(spec);
    if (engine.train) {
      const trainer = await engine.train(net, load(net), batches(net, load(net), +rows));
      for (let i = 0; i < +steps; i++) await trainer.step();
      await trainer.loss();
    } else {
      const run = await engine.predict(net, load(net));
      for (let i = 0; i < +steps * +rows; i++) await run(load(net).x.slice(0, net.inputs));
    }
    return { bytes: process.resourceUsage().maxRSS * 1024 };
  },

  async mnist(spec, rows) {
    const net = parse(spec);
    const prepared = batches(net, readMnist(folder), +rows);
    const trainer = await engine.train(net, load(net), prepared);
    const start = performance.now();
    const losses = [];
    for (let i = 0; i < prepared.length; i++) {
      const waiting = trainer.step();
      if (waiting instanceof Promise) await waiting;
      if (i >= prepared.length - 100) losses.push(Number(await trainer.loss()));
    }
    return { seconds: (performance.now() - start) / 1000, loss: losses.reduce((a, b) => a + b) / losses.length };
  },

  peak: async (ms) => ({ ...registerPeak(+ms), version: `Node ${process.versions.node}` }),
};

/** Runs for `ms` or `limit` calls, whichever comes first, at least once after a first call that does not count. */
async function timed(run, ms, limit, finish = () => {}) {
  const first = run();
  const waits = first instanceof Promise;
  await first;
  await finish();
  let count = 0;
  let us = 0;
  for (let chunk = 1; count < limit && us < ms * 1000; ) {
    chunk = Math.min(chunk, limit - count);
    const start = performance.now();
    if (waits) for (let i = 0; i < chunk; i++) await run();
    else for (let i = 0; i < chunk; i++) run();
    await finish();
    const elapsed = (performance.now() - start) * 1000;
    us += elapsed;
    count += chunk;
    if (elapsed < ms * 100) chunk *= 2;
  }
  return { us: us / count, count };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.trim().split(/\s+/);
  let answer;
  try {
    if (command !== 'first' && command !== 'peak') await opened();
    const needs = command === 'check' || command === 'mnist' ? 'train' : command;
    const missing = ['train', 'forward', 'predict', 'product'].includes(needs) && !engine[needs];
    answer = missing ? { unsupported: true } : await commands[command](...words);
  } catch (error) {
    answer = error.unsupported
      ? { unsupported: true }
      : {
          error: String(error.stack ?? error)
            .split('\n')
            .slice(0, 4)
            .join(' | '),
        };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
