// Searches on worker threads, from the built package: what they find is what one thread finds, whatever happens to the threads.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SearchFindings, SearchSettings, Space } from '../../src/entries/search.js';
import { functionStudy, jobsOf } from './queue/studies.js';

const built = (file: string) => new URL(`../../dist/${file}`, import.meta.url).href;
const { search, here, workers } = (await import(
  /* @vite-ignore */ built('search.js')
)) as typeof import('../../src/entries/search.js');
const { datasets, MLPClassifier } = (await import(
  /* @vite-ignore */ built('index.js')
)) as typeof import('../../src/entries/index.js');
const { openThreads } = (await import(
  /* @vite-ignore */ built('search-pool.js')
)) as typeof import('../../src/search/threadPool.js');

const folder = mkdtempSync(join(tmpdir(), 'threads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const module = new URL('./objectives.js', import.meta.url);

const { X, y } = datasets.spirals({ samples: 240, turns: 1, seed: 1 });
const data = { X, y: y.data };
const clf = new MLPClassifier({ epochs: 30, hiddenLayers: [16], earlyStopping: { patience: 8 }, onWarning: false, seed: 3 });
const space: Space = {
  learningRate: { logUniform: [1e-3, 0.1] },
  l2: { logUniform: [1e-6, 1e-1] },
  activation: ['tanh', 'relu'],
};
const settings: SearchSettings = { data, folds: 3, trials: 16, roundSize: 8, seed: 5 };

const core = ({ trials, best, endedBy }: SearchFindings) => ({
  trials: trials.map(({ seconds: _, ...trial }) => trial),
  best: [best.number, best.sha256],
  endedBy,
});

/** Threads of the pool are ended after so many messages, as long as there are numbers left. */
const lifetimes: number[] = [];
const wt = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof import('node:worker_threads').Worker };
const { Worker } = wt;
beforeEach(() => {
  lifetimes.length = 0;
  wt.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      let left = lifetimes.pop() ?? Infinity;
      this.on('message', () => --left === 0 && void this.terminate());
    }
  };
});
afterEach(() => {
  wt.Worker = Worker;
});

describe('a search on worker threads', () => {
  const alone = search(space, clf, { ...settings, runner: here() });

  test('comes to the trials, the best and the model of one thread: on 1, 2 and 3, with a pruner and without', async () => {
    for (const count of [1, 2, 3])
      expect(core(await search(space, clf, { ...settings, runner: workers(count) }))).toEqual(core(await alone));
    const pruner = { name: 'halving', factor: 2, least: 4 } as const;
    const cut = await search(space, clf, { ...settings, pruner, runner: here() });
    expect(cut.trials.some(({ state }) => state === 'pruned')).toBe(true);
    expect(core(await search(space, clf, { ...settings, pruner, runner: workers(2) }))).toEqual(core(cut));
  }, 120_000);

  test('comes to the same when threads are killed at any moment, and loses no trial nor counts one twice', async () => {
    const storage = join(folder, 'killed.jsonl');
    lifetimes.push(4, 2, 9, 3, 17, 5, 2, 6);
    const killed = await search(space, clf, { ...settings, storage, runner: workers(2), checkpointSeconds: 0.005 });
    expect(lifetimes).toEqual([]);
    expect(core(killed)).toEqual(core(await alone));
    const jobs = readFileSync(storage, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => (JSON.parse(line) as { job: string }).job);
    expect(jobs.length).toBe(48);
    expect(new Set(jobs).size).toBe(48);
    expect(existsSync(`${storage}.checkpoints`)).toBe(false);
  }, 120_000);

  test('takes a trial up from its last checkpoint when its thread exits', async () => {
    const once = join(folder, 'once');
    const over = { x: [1, 2, 3], once: [once] };
    const died = await search(over, { module, name: 'fragile' }, { sampler: 'grid', runner: workers(2) });
    for (const x of [1, 2, 3]) expect(readFileSync(`${once}-${x}`, 'utf8')).toBe('4');
    const calm = await search(over, { module, name: 'fragile' }, { sampler: 'grid', runner: here() });
    expect(core(died)).toEqual(core(calm));
  });

  test('reports a trial whose threads die three times, with the reason, and goes on', async () => {
    const { trials, best } = await search(
      { x: [1, 2, 3, 4] },
      { module, name: 'poison' },
      { sampler: 'grid', runner: workers(2) },
    );
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'failed', 'failed', 'complete']);
    expect(trials[1]!.error).toBe('Its workers died 3 times. The last one: it exited with code 9');
    expect(trials[2]!.error).toMatch(/died 3 times.*thrown where nobody waits/);
    expect(best.number).toBe(3);
  }, 30_000);

  test('stops when it is aborted, with checkpoints, and goes on', async () => {
    const storage = join(folder, 'stop.jsonl');
    const controller = new AbortController();
    const stopped = search(space, clf, {
      ...{ ...settings, storage, runner: workers(2), signal: controller.signal },
      onProgress: ({ done }) => done === 9 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(core(await search(space, clf, { ...settings, storage, runner: workers(2) }))).toEqual(core(await alone));
  }, 60_000);

  test('runs no function that it was not given, and none that cannot be sent', async () => {
    const refused = async (...args: Parameters<typeof search>) => {
      const error: unknown = await search(...args).catch((e: unknown) => e);
      return (error as Error).message;
    };
    expect(await refused({ x: [1] }, { module, name: 'none' }, { runner: workers(1) })).toMatch(/exports no function "none"/);
    expect(await refused({ x: [1] }, () => 1, { runner: workers(1) })).toMatch(/cannot be sent to a worker thread/);
    expect(await refused(space, clf, { data, runner: workers(1), scoring: () => 1 })).toMatch(
      /cannot be sent to a worker thread/,
    );
    expect(await refused(space, clf, { data: { X, y: y.data.slice(1) }, runner: workers(1) })).toMatch(
      /X has 240 rows, but y has 239/,
    );
  });
});

describe('a limit of time', () => {
  /** Trials of a function of the queue's tests, on two threads, each with a limit. */
  async function under(limits: readonly number[], name: string, first: number): Promise<PromiseSettledResult<unknown>[]> {
    const study = await functionStudy(name);
    const jobs = await jobsOf(study, first + limits.length);
    const module = { module: new URL('./queue/objectives.mjs', import.meta.url).href, name };
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const threads = openThreads(2, { study, data: undefined, module, checkpointSeconds: 10, timed: true, stop });
    try {
      const runs = limits.map((limit, i) =>
        threads.run({ job: jobs[first + i]!, checkpoint: undefined }, () => undefined, limit),
      );
      const ends = await Promise.allSettled(runs);
      for (const end of ends) if (end.status === 'rejected') expect(threads.overdue(end.reason)).toBe(true);
      return ends;
    } finally {
      await threads.end();
    }
  }

  test('that is longer than a timer can wait ends no trial', async () => {
    const ends = await under([60, 3e6, 1e8, 2e9, Number.MAX_VALUE, Infinity], 'fickle', 0);
    expect(ends).toEqual(ends.map(() => ({ status: 'fulfilled', value: { result: expect.anything() } })));
  }, 30_000);

  test('ends a loop and a promise that never end', async () => {
    const ends = await under([0.3, 0.3], 'endless', 1);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  }, 30_000);
});

describe('a process that is killed', () => {
  test('leaves a file that another one goes on from, to the same result: kill -9 at any moment', async () => {
    const storage = join(folder, 'process.jsonl');
    const script = join(folder, 'search.mjs');
    writeFileSync(
      script,
      `import { search, workers } from ${JSON.stringify(built('search.js'))};
      const objective = { module: ${JSON.stringify(module.href)}, name: 'slow' };
      const x = Array.from({ length: 60 }, (_, i) => i);
      const { trials, endedBy } = await search({ x }, objective, { sampler: 'grid', storage: ${JSON.stringify(storage)}, runner: workers(2) });
      console.log(JSON.stringify({ endedBy, scores: trials.map(({ scores }) => scores[0]) }));`,
    );
    let out = '';
    let killed = 0;
    for (let run = 0; run < 30 && out === ''; run++) {
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.on('data', (text) => (out += text));
      const ended = new Promise((end) => child.on('close', end));
      const before = existsSync(storage) ? readFileSync(storage, 'utf8').length : 0;
      if (killed < 4) {
        while ((existsSync(storage) ? readFileSync(storage, 'utf8').length : 0) < before + 200 * (killed + 1))
          await new Promise((turn) => setTimeout(turn, 5));
        child.kill('SIGKILL');
        killed++;
      }
      await ended;
    }
    expect(killed).toBe(4);
    expect(JSON.parse(out)).toEqual({ endedBy: 'exhausted', scores: Array.from({ length: 60 }, (_, i) => i) });
    const jobs = readFileSync(storage, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => (JSON.parse(line) as { job: string }).job);
    expect([jobs.length, new Set(jobs).size]).toEqual([60, 60]);
    expect(existsSync(`${storage}.lock`)).toBe(false);
  }, 60_000);
});
