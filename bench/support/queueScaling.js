// How trials that take a while go faster with a second worker, beside the same trials in bare processes, with no queue between them: what two of those reach
// is the most that two workers can, on cores that share caches, memory and clock.

import { fork } from 'node:child_process';
import { bullmq } from '../../dist/search.js';
import { startRedis } from '../../tests/support/servers.mjs';
import { cpuOf, endAll, flags, searched, startWorkers } from './queueProcesses.js';
import { rates, samples, slow } from './queueTrials.js';
import { table } from './report.js';
import { median } from './scores.js';

const script = new URL('./queueTrials.js', import.meta.url).pathname;

/** CPU seconds of processes. */
const cpuOfAll = (processes) => processes.reduce((sum, { pid }) => sum + cpuOf(pid), 0);

/** Trials that bare processes share. */
async function bare(processes, trials, first) {
  const before = cpuOfAll(processes);
  const began = performance.now();
  await Promise.all(
    processes.map((child, i) => {
      const done = new Promise((resolve) => child.once('message', resolve));
      child.send({ first: first + i * trials, trials: trials / processes.length });
      return done;
    }),
  );
  return { wall: (performance.now() - began) / 1000, cpu: cpuOfAll(processes) - before, others: 0 };
}

/** Trials that workers of a queue share. */
async function queued(server, queue, processes, trials, first) {
  const [before, own, there] = [cpuOfAll(processes), process.cpuUsage(), cpuOf(server.process.pid)];
  const runner = bullmq({ connection: server.url, queue });
  const wall = await searched(slow, samples, trials, { sampler: rates(first), runner });
  const mine = process.cpuUsage(own);
  return {
    wall,
    cpu: cpuOfAll(processes) - before,
    others: (mine.user + mine.system) / 1e6 + cpuOf(server.process.pid) - there,
  };
}

/** What one and two do, bare and through a queue, in turns: all have the data, and compiled code, before anything is timed. */
export async function scaling(trials, turns = 9) {
  const server = await startRedis();
  const children = [fork(script, { execArgv: flags }), fork(script, { execArgv: flags })];
  const [one, both] = [await startWorkers(1, server.url, 'one'), await startWorkers(2, server.url, 'both')];
  let used = 0;
  const first = () => (used += 10 * trials);
  try {
    await bare(children, 8, first());
    await queued(server, 'one', one, 8, first());
    await queued(server, 'both', both, 16, first());
    const runs = { bare: [[], []], queue: [[], []] };
    for (let turn = 0; turn < turns; turn++) {
      runs.bare[0].push(await bare(children.slice(0, 1), trials / 2, first()));
      runs.queue[0].push(await queued(server, 'one', one, trials / 2, first()));
      runs.bare[1].push(await bare(children, trials, first()));
      runs.queue[1].push(await queued(server, 'both', both, trials, first()));
    }
    return { trials, runs };
  } finally {
    await endAll([...one, ...both]);
    for (const child of children) child.kill();
    await server.stop();
  }
}

/** Milliseconds for each trial, medians over the turns, and how much faster two are. */
export function scalingTable({ trials, runs }) {
  const each = (some, name, of) => (1000 * median(some.map((run) => run[name]))) / of;
  const rows = Object.entries(runs).map(([kind, [one, two]]) => {
    const walls = [each(one, 'wall', trials / 2), each(two, 'wall', trials)];
    const figures = [...walls, each(one, 'cpu', trials / 2), each(two, 'cpu', trials), each(two, 'others', trials)];
    return [kind, ...figures.map((value) => value.toFixed(1)), (walls[0] / walls[1]).toFixed(2)];
  });
  const heads = ['', 'wall of one', 'of two', 'CPU of one', 'of two', 'search and server', 'times as fast'];
  const least = (kind, count) => each(runs[kind][count - 1], 'wall', count === 1 ? trials / 2 : trials);
  const share = (count) => `${(100 * (1 - least('bare', count) / least('queue', count))).toFixed(0)} %`;
  return `${table([heads, ...rows])}\nof a wall with the queue, the queue itself takes ${share(1)} with one worker and ${share(2)} with two`;
}
