// What threads bring: the training step and the prediction of several nets and batches with one thread and with more, in
// turn. Where sharing does not pay the library leaves a net to one thread (SHARED_… in src/core/backend.ts), and the
// ratio is 1.
//
//   node bench/threads.js [threads]      default 2; on an otherwise idle machine

import { MLP, engineInfo, init } from '../dist/index.js';
import { dataOf, nets, optionsOf } from './support/nets.js';
import { machine, microseconds, table } from './support/report.js';

const threads = Number(process.argv[2] ?? 2);
const { processor, cores, runtime, date } = machine();
console.log(`${processor}, ${cores} cores, ${runtime}, ${date}\nnode bench/threads.js ${threads}`);

const rounds = 4;
const cases = Object.keys(nets).flatMap((name) =>
  [32, 256].map((batch) => ({ name, batch, data: dataOf(name, batch), times: { 1: [[], []], [threads]: [[], []] } })),
);

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/** Median microseconds of `work` over a quarter of a second. */
function time(work) {
  const samples = [];
  for (const end = performance.now() + 250; performance.now() < end || samples.length < 5; ) {
    const start = performance.now();
    work();
    samples.push((performance.now() - start) * 1000);
  }
  return median(samples);
}

for (let round = 0; round < rounds; round++)
  for (const count of [1, threads]) {
    await init({ threads: count });
    for (const { name, batch, data, times } of cases) {
      const model = new MLP(optionsOf(name, false));
      const out = new Float32Array(batch * nets[name].widths.at(-1));
      // Compiled code arrives, and the second core wakes up, in the first second.
      for (const end = performance.now() + 700; performance.now() < end; ) model.trainStep(data.X, data.y);
      times[count][0].push(time(() => model.trainStep(data.X, data.y)));
      times[count][1].push(time(() => model.predictInto(data.X.data, out)));
    }
  }
await init({ threads: 1 });

const rows = [['us', 'step, 1', `step, ${threads}`, 'ratio', 'predict, 1', `predict, ${threads}`, 'ratio']];
for (const { name, batch, times } of cases) {
  // The quietest round of each: another program on a core is no fault of the threads.
  const [step1, predict1] = times[1].map((of) => Math.min(...of));
  const [stepN, predictN] = times[threads].map((of) => Math.min(...of));
  rows.push([
    `${name}, batch ${batch}`,
    microseconds(step1),
    microseconds(stepN),
    `${(step1 / stepN).toFixed(2)}x`,
    microseconds(predict1),
    microseconds(predictN),
    `${(predict1 / predictN).toFixed(2)}x`,
  ]);
}
console.log(`${engineInfo().build}, ${engineInfo().tile}\n\n${table(rows)}`);
