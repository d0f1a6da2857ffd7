// The runner on worker threads of this process. A thread that dies costs the epochs since its last checkpoint: its job goes on from there
// on another one. A job whose threads die three times without another checkpoint is reported as dead, and the search goes on.

import { FeedforwardError, fail, type ErrorCode } from '../errors.js';
import { checkNumber } from '../options.js';
import { inTime, late } from './grace.js';
import { isNode, nodeModule } from '../platform.js';
import { shared } from './dataSet.js';
import { overdue } from './overdue.js';
import type { Checkpoints, Job, JobDeath, JobResult, Runner, RunOptions, Session, Study } from './runner.js';
import type { OpenThreads, ThreadAnswer, ThreadNews, Threads, ThreadStart } from './threadMessages.js';

/** How often a job is tried whose threads die. */
const attemptsEach = 3;

/**
 * Runs a search on worker threads (Node). The objective must be an estimator with plain options, or the function of a module.
 * @param count how many, at least 1 (default: one per core)
 * @throws ERR_OPTION for another count
 *
 * @example
 * workers(2).name;  // '2 worker threads'
 */
export function workers(count?: number): Runner {
  return workersWithin(undefined, count);
}

/**
 * Threads that end a job by themselves which neither ends nor saves a checkpoint for so long: an endless loop, a promise that is never kept. Such a job is
 * reported as dead at once: a loop would not end on another thread either, and what waits for something outside, such as a network, has had its time.
 */
export function workersWithin(seconds: number | undefined, count?: number): Runner {
  const asked = count === undefined ? undefined : checkNumber(count, 'workers', { min: 1, integer: true });
  return {
    name: asked === undefined ? 'worker threads' : `${asked} worker thread${asked === 1 ? '' : 's'}`,
    open: async (study, checkpoints) => {
      if (study.local !== undefined)
        fail(
          'ERR_OPTION',
          'workers: a scoring function, a subclass, an option that is a function or a function that is of no module cannot be sent to a worker thread. Use workers: 0, or runner: here().',
        );
      const open =
        (await findThreads()) ??
        fail(
          'ERR_UNSUPPORTED',
          'workers: this environment has no worker threads for searches. Use workers: 0, or runner: here().',
        );
      return new OnThreads(study, checkpoints, asked ?? (await cores()), open, seconds);
    },
  };
}

/** Threads worth using; 0 where there are none. */
export async function usefulWorkers(): Promise<number> {
  return (await findPool()) === undefined ? 0 : cores();
}

async function cores(): Promise<number> {
  return (await nodeModule('node:os')).availableParallelism();
}

/** Where the pool's code is, when it is there and threads are too. */
async function findPool(): Promise<URL | undefined> {
  if (!isNode() || import.meta.url === undefined) return undefined;
  const file = './search-pool.js'; // as the build names it; bundlers do not follow a name in a variable
  const url = new URL(file, import.meta.url);
  if (url.protocol !== 'file:') return undefined;
  const { existsSync } = await nodeModule('node:fs');
  return existsSync(url) ? url : undefined;
}

async function findThreads(): Promise<OpenThreads | undefined> {
  const url = await findPool();
  if (url === undefined) return undefined;
  const { openThreads } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href)) as { openThreads: OpenThreads };
  return openThreads;
}

class OnThreads implements Session {
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private readonly start: ThreadStart;
  private threads: Threads;

  constructor(
    { id, bytes, data, module, checkpointSeconds }: Study,
    private readonly checkpoints: Checkpoints,
    private readonly count: number,
    private readonly open: OpenThreads,
    private readonly limit: number | undefined,
  ) {
    const timed = limit !== undefined;
    this.start = { study: { id, bytes }, data: data && shared(data.bytes), module, checkpointSeconds, timed, stop: this.stop };
    this.threads = open(count, this.start);
  }

  async run(jobs: readonly Job[], { signal, ended, gaveUp }: RunOptions): Promise<void> {
    signal.throwIfAborted();
    Atomics.store(this.stop, 0, 0);
    let next = 0;
    let failure: { readonly error: unknown } | undefined;
    let reporting = Promise.resolve();
    const stopping = new AbortController();
    const stop = () => {
      Atomics.store(this.stop, 0, 1);
      stopping.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    const running = new Set<Job>();
    const lane = async () => {
      try {
        while (!stopping.signal.aborted && next < jobs.length) {
          const job = jobs[next++]!;
          running.add(job);
          const result = await this.attempt(job, stopping.signal);
          running.delete(job);
          if (result === undefined) return;
          reporting = reporting.then(() => ended(result));
          await reporting;
        }
      } catch (error) {
        failure ??= { error };
        stop();
      }
    };
    try {
      const lanes = Promise.all(Array.from({ length: Math.min(this.count, jobs.length) }, lane));
      if ((await inTime(lanes, stopping.signal)) === late) {
        const left = [...running]; // threads that do not listen
        await this.threads.end();
        this.threads = this.open(this.count, this.start);
        for (const job of left) gaveUp?.(job);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (failure !== undefined) throw failure.error;
    signal.throwIfAborted();
  }

  /** What a job came to, once some thread lived to the end of it; undefined when the search stopped before. */
  private async attempt(job: Job, signal: AbortSignal): Promise<JobResult | JobDeath | undefined> {
    const { checkpoints } = this;
    let reason = '';
    for (let deaths = 0, tries = 0; deaths < attemptsEach; tries++) {
      const saved = await checkpoints.load(job.id);
      const checkpoint = saved ?? (job.previous === undefined ? undefined : await checkpoints.load(job.previous));
      let saving = Promise.resolve();
      let answer: ThreadAnswer;
      try {
        const saves = ({ checkpoint: bytes }: ThreadNews) => {
          saving = saving.then(() => checkpoints.save(job.id, bytes));
          saving.catch(() => undefined); // waited for below, when the thread has done: until then nobody looks
          deaths = 0; // it came further than those before
        };
        answer = await this.threads.run({ job: { id: job.id, bytes: job.bytes }, checkpoint }, saves, this.limit);
      } catch (error) {
        await saving;
        if (signal.aborted) return undefined;
        if (this.threads.overdue(error)) return overdue(job.id, this.limit!);
        reason = deathOf(error as Error);
        // The pool may not have noticed yet that a thread died while it had nothing to do.
        if (!reason.includes('is terminated') || tries > 2 * this.count) deaths++;
        await new Promise((turn) => setTimeout(turn));
        continue;
      }
      await saving;
      if ('result' in answer) return answer.result;
      if ('stopped' in answer) return undefined;
      const { code, message } = answer.error;
      throw new FeedforwardError((code as ErrorCode | undefined) ?? 'ERR_WORKER', message);
    }
    return { id: job.id, attempts: attemptsEach, reason };
  }

  async forget(jobs: readonly string[]): Promise<void> {
    for (const job of jobs) await this.checkpoints.remove(job);
  }

  async close(): Promise<void> {
    await this.threads.end();
  }
}

/** How a thread died, in a few words of what the pool says. */
function deathOf({ message }: Error): string {
  const code = /exitCode: `(\w+)`/.exec(message)?.[1];
  return code === undefined ? message.replace(/^Workerpool Worker error: /, '') : `it exited with code ${code}`;
}
