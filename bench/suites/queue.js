// What a queue costs a search: a tiny net on Redis and PostgreSQL (what each trial takes of the search, a worker and the server, and the memory that
// they hold on the way), and how trials of 100 ms and more go faster with a second worker.
//
//   npm run bench -- queue [--trials N]      10,000 trials of a tiny net on Redis, a tenth of them on PostgreSQL; needs Linux and Debian's servers
//
// CPU seconds are those of the processes, so that they hold on a machine with other work too; times of the wall and what is made of them do not.

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Redis } from 'ioredis';
import { MLPClassifier } from '../../dist/index.js';
import { bullmq, here } from '../../dist/search.js';
import { found, startPostgres, startRedis } from '../../tests/support/servers.mjs';
import { cpuOf, endAll, searched, startWorkers } from '../support/queueProcesses.js';
import { scaling, scalingTable } from '../support/queueScaling.js';
import { table } from '../support/report.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Resident memory of a process, in MB. */
const residentOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

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
  await searched(tiny, 40, some, { runner: here() });
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
    const runner = bullmq({ connection: server.url });
    // The first trials bring the data, threads and code that is not compiled yet.
    await searched(tiny, 40, 100, { runner });
    const before = [cpu(), await countedBy(client)];
    const ended = (done) => {
      if (done === 1 || done % (trials / 10) === 0) look(done);
    };
    const wall = await searched(tiny, 60, trials, { runner, ended });
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

/** How many trials of a tenth of a second one worker has, and two workers have. */
const slowTrials = 20;

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
    result.scaling = await scaling(slowTrials);
    console.log(`\n${scalingTable(result.scaling)}`);
  }
  return result;
}
