// What benchmarks of a queue start and look at: worker processes, searches through it, CPU time.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { datasets } from '../../dist/index.js';
import { search } from '../../dist/search.js';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const folds = 2;
const space = { learningRate: { logUniform: [1e-3, 0.1] } };

/** CPU seconds of a process and of all it started. */
export function cpuOf(pid) {
  const ticks = (one) => {
    const [, ...rest] = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return Number(rest[10]) + Number(rest[11]);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return ticks(pid) / 100 + children.reduce((sum, child) => sum + cpuOf(child), 0);
}

/** Flags of Node by which processes compute as the benchmark does: fused multiply-add (relaxed.js). */
export const flags = Number.parseInt(process.versions.node, 10) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];

/** Worker processes, ready for trials. */
export async function startWorkers(count, url, queue = 'feedforward') {
  const words = ['worker', '--connection', url, '--queue', queue];
  const processes = Array.from({ length: count }, () =>
    spawn(process.execPath, [...flags, cli, ...words], { stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  await Promise.all(processes.map((child) => new Promise((resolve) => child.stderr.once('data', resolve))));
  for (const child of processes) child.stderr.resume();
  return processes;
}

export async function endAll(processes) {
  await Promise.all(
    processes.map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return gone;
    }),
  );
}

/** A search of so many trials, each one candidate on one fold: the seconds that it took. Of the same rows and estimator, samplers have trials of their own. */
export async function searched(estimator, samples, trials, { ended = () => {}, sampler = 'random', runner }) {
  const { X, y } = datasets.moons({ samples, seed: 1 });
  const settings = { sampler, trials: trials / folds, roundSize: Math.min(trials / folds, 500), folds, seed: 1 };
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
