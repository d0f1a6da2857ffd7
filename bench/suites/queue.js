// What a queue costs a search: a tiny net on Redis and PostgreSQL (what each trial takes of the search, a worker and the server, and the memory that
// they hold on the way), and how trials of 100 ms and more go faster with a second worker.
//
//   npm run bench -- queue [--trials N]      10,000 trials of a tiny net on Redis, a tenth of them on PostgreSQL; needs Linux and Debian's servers
//
// CPU seconds are those of the processes, so that they hold on a machine with other work too; times of the wall and what is made of them do not.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Redis } from 'ioredis';
import { datasets, MLPClassifier } from '../../dist/index.js';
import { bullmq, here, search } from '../../dist/search.js';
import { found, startPostgres, startRedis } from '../../tests/support/servers.mjs';
import { table } from '../support/report.js';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const folds = 2;
const space = { learningRate: { logUniform: [1e-3, 0.1] } };

/** CPU seconds of a process and of all it started. */
function cpuOf(pid) {
  const ticks = (one) => {
    const [, ...rest] = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return Number(rest[10]) + Number(rest[11]);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return ticks(pid) / 100 + children.reduce((sum, child) => sum + cpuOf(child), 0);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Resident memory of a process, in MB. */
const residentOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Worker processes, ready for trials. */
async function startWorkers(count, url) {
  const words = ['worker', '--connection', url];
  const flags = process.execArgv.filter((flag) => flag.includes('relaxed'));
  const processes = Array.from({ length: count }, () =>
    spawn(process.execPath, [...flags, cli, ...words], { stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  await Promise.all(processes.map((child) => new Promise((resolve) => child.stderr.once('data', resolve))));
  for (const child of processes) child.stderr.resume();
  return processes;
}

async function endAll(processes) {
  await Promise.all(
    processes.map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return gone;
    }),
  );
}

/** A search of so many trials, each one candidate on one fold. */
async function searched(estimator, samples, trials, runner, ended = () => {}) {
  const { X, y } = datasets.moons({ samples, seed: 1 });
  const settings = { sampler: 'random', trials: trials / folds, roundSize: Math.min(trials / folds, 500), folds, seed: 1 };
  const quiet = { refit: false, baselines: false, verify: 0 };
  let done = 0;
  const began = performance.now();
  const { trials: all } = await search(space, estimator, {
    ...{ data: { X, y: y.data }, runner, ...settings, ...quiet },
    onProgress: () => ended(++done),
  });
  const failed = all.filter(({ state }) => state !== 'complete').length;
  if (failed > 0 || done !== trials) throw new Error(`${failed} candidates failed, and ${done} of ${trials} trials ended`);
  return (performance.now() - began) / 1000;
}

/** What a server counts: commands and bytes of Redis. */
async function countedBy(client) {
  const info = await client?.info();
  const field = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1] ?? Number.NaN);
  return {
    commands: field('total_commands_processed'),
    bytes: field('total_net_input_bytes') + field('total_net_output_bytes'),
    memory: field('used_memory'),
  };
}

/** Tiny trials: what each takes. */
async function overheads(kind, trials) {
  const tiny = new MLPClassifier({ hiddenLayers: [4], epochs: 2, earlyStopping: false, onWarning: false, seed: 1 });
  const some = Math.min(trials, 1000);
  const own = process.cpuUsage();
  await searched(tiny, 40, some, here());
  const spent = process.cpuUsage(own);
  const alone = (spent.user + spent.system) / 1e6 / some;
  const server = await (kind === 'redis' ? startRedis() : startPostgres());
  const client = kind === 'redis' ? new Redis(server.url) : undefined;
  const processes = await startWorkers(1, server.url);
  const pids = { search: process.pid, worker: processes[0].pid, server: server.process.pid };
  const cpu = () => ({
    ...Object.fromEntries(['worker', 'server'].map((name) => [name, cpuOf(pids[name])])),
    search: process.cpuUsage(),
  });
  const memory = [];
  const look = (done) => {
    collect();
    const kept = process.memoryUsage().heapUsed / 2 ** 20;
    memory.push([done, kept.toFixed(1), ...Object.values(pids).map((pid) => Math.round(residentOf(pid)))]);
  };
  try {
    // The first trials bring the data, threads and code that is not compiled yet.
    await searched(tiny, 40, 100, bullmq({ connection: server.url }));
    const before = [cpu(), await countedBy(client)];
    const wall = await searched(tiny, 60, trials, bullmq({ connection: server.url }), (done) => {
      if (done === 1 || done % (trials / 10) === 0) look(done);
    });
    const after = [cpu(), await countedBy(client)];
    const each = (name) => (1000 * (after[0][name] - before[0][name])) / trials;
    const search =
      (after[0].search.user + after[0].search.system - before[0].search.user - before[0].search.system) / 1000 / trials;
    const counted = (name) => (after[1][name] - before[1][name]) / trials;
    return {
      trials,
      milliseconds: (1000 * wall) / trials,
      alone: 1000 * alone,
      cpu: { search, worker: each('worker'), server: each('server') },
      overhead: search + each('worker') + each('server') - 1000 * alone,
      ...{ commands: counted('commands'), bytes: counted('bytes'), kept: counted('memory') },
      memory,
    };
  } finally {
    await endAll(processes);
    client?.disconnect();
    await server.stop();
  }
}

/** Trials that take a while, on one worker and on two. */
async function scaling(trials) {
  const slow = new MLPClassifier({
    hiddenLayers: [64, 64],
    epochs: 80,
    batchSize: 16,
    earlyStopping: false,
    onWarning: false,
    seed: 1,
  });
  const rows = [];
  for (const count of [1, 2]) {
    const server = await startRedis();
    const processes = await startWorkers(count, server.url);
    try {
      await searched(slow, 1100, 2 * count, bullmq({ connection: server.url }));
      const used = () => processes.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
      const [before, own, there] = [used(), process.cpuUsage(), cpuOf(server.process.pid)];
      const wall = await searched(slow, 1000, trials, bullmq({ connection: server.url }));
      const mine = process.cpuUsage(own);
      const others = (mine.user + mine.system) / 1e6 + cpuOf(server.process.pid) - there;
      rows.push({ count, wall, cpu: used() - before, others, trials });
    } finally {
      await endAll(processes);
      await server.stop();
    }
  }
  return rows;
}

export async function queues({ trials: many }) {
  const trials = 20 * Math.ceil(Number(many ?? 10_000) / 20);
  const result = {};
  const kinds = ['redis', 'postgres'].filter((kind) => {
    if (found[kind] === undefined) console.log(`there is no ${kind} server here: left out`);
    return found[kind] !== undefined;
  });
  for (const kind of kinds)
    result[kind] = await overheads(kind, kind === 'redis' ? trials : Math.max(20, 20 * Math.ceil(trials / 200)));
  const two = (value) => (Number.isNaN(value) ? '' : value.toFixed(2));
  const rows = [
    [
      'milliseconds of CPU per trial',
      'trials',
      'on one thread',
      'search',
      'worker',
      'server',
      'overhead',
      'wall',
      'commands',
      'kB moved',
      'kB kept',
    ],
    ...kinds.map((kind) => {
      const { trials: n, alone, cpu, overhead, milliseconds, commands, bytes, kept } = result[kind];
      const figures = [alone, cpu.search, cpu.worker, cpu.server, overhead, milliseconds, commands, bytes / 1000, kept / 1000];
      return [kind, n, ...figures.map(two)];
    }),
  ];
  console.log(`\nqueue: tiny nets, one worker process\n${table(rows)}`);
  for (const kind of kinds)
    console.log(
      `\nresident MB, ${kind}\n${table([['trials', 'heap of the search', 'search', 'worker', 'server'], ...result[kind].memory])}`,
    );
  if (kinds.includes('redis')) {
    result.scaling = await scaling(60);
    const [one, both] = result.scaling;
    const longer = result.scaling.map(({ count, wall, cpu, others, trials: n }) => [
      count,
      n,
      ((1000 * cpu) / n).toFixed(0),
      ((1000 * others) / n).toFixed(1),
      ((1000 * wall) / n).toFixed(0),
      `${Math.round((100 * cpu) / wall / count)} %`,
    ]);
    const heads = ['workers', 'trials', 'worker CPU, ms per trial', 'search and server', 'wall', 'CPU that a worker got'];
    console.log(`\n${table([heads, ...longer])}`);
    const each = (one.cpu / one.trials + both.cpu / both.trials) / 2;
    const beside = both.others / both.trials;
    console.log(
      `two workers: ${(one.wall / both.wall).toFixed(2)} times as fast by the wall; ${((both.trials * each) / both.wall).toFixed(2)} times as fast as one can be, which computes without a pause; on two cores that do nothing else, by CPU time, ${((2 * each) / (each + beside)).toFixed(2)} times`,
    );
  }
  return result;
}
