// A worker's side of the queue: takes jobs, runs them on threads of its own, keeps what comes of them under the job's id, once. BullMQ renews
// the lock of a job while it runs, and gives a job whose lock ran out to another worker, which goes on from the last checkpoint.

import type * as BullMQ from 'bullmq';
import { isUrl } from '../../brands.js';
import { FeedforwardError, fail, show } from '../../errors.js';
import { handler, number, readOptions, whole, type Schema } from '../../options.js';
import { nodeModule } from '../../platform.js';
import type { ObjectiveFunction } from '../objective.js';
import { usefulWorkers } from '../threads.js';
import { queueName } from './bullmq.js';
import { ByteStore } from './byteStore.js';
import { readConnection, type Connection, type QueueServer } from './connection.js';
import { load } from './packages.js';
import { reach } from './reach.js';
import { Shift, type TrialNews } from './shift.js';
import { safely, troubleOf, unreachable } from './trouble.js';

export type { TrialNews };

/** What a worker did. */
export interface QueueWorkerResult {
  /** Trials that it ended. */
  readonly trials: number;
}

/** Options of queueWorker(). */
export interface QueueWorkerOptions {
  /** Where the queue is, as for bullmq(). */
  readonly connection: string | QueueServer;
  /** Name of the queue (default: 'feedforward'). */
  readonly queue?: string;
  /** Trials that run at a time, each on a thread (default: 1). */
  readonly concurrency?: number;
  /** The module (URL of a file) whose exports are the objective functions that this worker may run, by name; without one only estimators. */
  readonly objectives?: string | URL;
  /** Seconds without a sign of life after which another worker takes a trial over (default: 30). The same for all workers of a queue. */
  readonly lockSeconds?: number;
  /** Seconds without a trial after which the worker ends; without it, it waits for more. */
  readonly idleSeconds?: number;
  /**
   * Seconds, in [0.1, 1,000,000], that a trial may go on without a checkpoint (default: 3600): one that never ends is ended then, with its thread, and reported
   * as failed. An objective function saves a checkpoint whenever it calls save. A trial of an estimator has at least twice the `checkpointSeconds` of its search
   * (10 by default: so 20 seconds), however small the limit: it saves a checkpoint at the end of the first epoch that ends more than `checkpointSeconds` after
   * the checkpoint before, so give a limit above `checkpointSeconds` plus an epoch. A Perceptron saves none: the limit is for its whole trial.
   */
  readonly limitSeconds?: number;
  /** Ends the worker: running trials save a checkpoint and go back into the queue. */
  readonly signal?: AbortSignal;
  /** Called when the worker is ready for trials: the name that the server shows for it, and the queue. */
  readonly onReady?: (name: string, queue: string) => void;
  /** Called for each trial that this worker has done with. */
  readonly onTrial?: (news: TrialNews) => void;
  /** Called when something is wrong that the worker goes on after, such as a server that is away for a while. */
  readonly onTrouble?: (message: string) => void;
}

const rows = {
  connection: (value: unknown) => value as QueueWorkerOptions['connection'],
  queue: queueName(),
  concurrency: whole({ min: 1, max: 1024, default: 1 }),
  objectives: (value: unknown, name: string) => moduleUrl(value, name),
  lockSeconds: number({ min: 0.5, max: 86_400, default: 30 }),
  idleSeconds: number({ min: 0 }),
  limitSeconds: number({ min: 0.1, max: 1_000_000 }),
  signal: (value: unknown) => value as AbortSignal | undefined,
  onReady: handler<(name: string, queue: string) => void>(),
  onTrial: handler<(news: TrialNews) => void>(),
  onTrouble: handler<(message: string) => void>(),
} satisfies Schema<QueueWorkerOptions>;

function moduleUrl(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  const href = isUrl(value) ? value.href : value;
  if (typeof href !== 'string' || !href.startsWith('file://'))
    fail(
      'ERR_OPTION',
      `${name}: expected the URL of a file, such as new URL('./objectives.js', import.meta.url), got ${show(value)}.`,
    );
  return href;
}

/** Milliseconds between two looks at whether the worker has been idle long enough, and that trials have to end when it stops. */
const lookEvery = 100;
/** Seconds that a trial may go on without a checkpoint. */
const usualLimit = 3600;
const grace = 15_000;

/**
 * Takes trials from a queue until `signal` is aborted, or none came for `idleSeconds`: what the command feedforward worker does. Runs nothing
 * that comes from the queue: a trial is an estimator's options in plain data, or the name of a function that `objectives` exports.
 * Needs Node, and the packages that bullmq() needs.
 * @returns how many trials it ended
 * @throws ERR_OPTION; ERR_UNSUPPORTED without the packages; ERR_WORKER for a server that cannot be reached at the beginning
 *
 * @example
 * const work = (signal) => queueWorker({ connection: 'redis://127.0.0.1:6379', concurrency: 2, signal });
 */
export async function queueWorker(options: QueueWorkerOptions): Promise<QueueWorkerResult> {
  const read = readOptions(rows, options, 'queueWorker');
  const { queue, concurrency, lockSeconds, idleSeconds, limitSeconds, signal, onTrouble } = read;
  const connection = readConnection(read.connection, 'queueWorker');
  const functions = read.objectives === undefined ? undefined : await exportsOf(read.objectives);
  if (limitSeconds !== undefined && (await usefulWorkers()) === 0)
    fail(
      'ERR_UNSUPPORTED',
      'queueWorker.limitSeconds: what runs here can be ended on a thread of its own alone, and this build has none (bundled?). Run feedforward worker.',
    );
  const { hostname } = await nodeModule('node:os');
  const name = `${hostname()}-${process.pid}`;
  const link = await reach(connection, queue);
  const bullmq = await load('bullmq', connection.kind);
  const store = new ByteStore(link.values);
  const stop = new AbortController();
  const shift = new Shift({
    ...{ store, concurrency, name, limitSeconds: limitSeconds ?? usualLimit, stop: stop.signal },
    objectives: functions && { module: read.objectives!, names: functions },
    told: read.onTrial ?? (() => undefined),
    errors: { Waiting: bullmq.WaitingError, Unrecoverable: bullmq.UnrecoverableError },
  });
  const milliseconds = 1000 * lockSeconds;
  const worker = link.worker((job, token) => shift.take(job, token!), {
    ...{ name, concurrency, autorun: false },
    ...{ lockDuration: milliseconds, stalledInterval: milliseconds },
    maxStalledCount: 1_000_000, // Shift counts: deaths without progress in between
    runRetryDelay: Math.min(1000, milliseconds),
  });
  worker.on('error', (error) => tell(connection, error, onTrouble));
  const lookout = setInterval(() => {
    if (idleSeconds !== undefined && shift.idleSeconds > idleSeconds) stop.abort();
  }, lookEvery);
  const end = () => stop.abort();
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  try {
    await worker.waitUntilReady().catch((error: unknown) => {
      throw unreachable(connection, error);
    });
    read.onReady?.(name, `queue ${queue} at ${connection.name}`);
    shift.begin();
    const running = keepRunning(worker, stop.signal);
    await new Promise<void>((resolve) =>
      stop.signal.aborted ? resolve() : stop.signal.addEventListener('abort', () => resolve()),
    );
    const closed = worker.close().catch(() => undefined);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, grace).unref?.())]);
    await Promise.race([running, closed]);
    return { trials: shift.trials };
  } finally {
    clearInterval(lookout);
    signal?.removeEventListener('abort', end);
    stop.abort();
    await worker.close(true).catch(() => undefined);
    await shift.end();
    await store.close().catch(() => undefined);
  }
}

/** Whatever ends BullMQ's loop but a stop, it begins anew. */
async function keepRunning(worker: BullMQ.Worker, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await worker.run().catch(() => undefined);
    if (!stop.aborted) await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
}

function tell(connection: Connection, error: unknown, onTrouble: ((message: string) => void) | undefined): void {
  const text = safely(connection, error);
  const late = /(?:Missing lock|could not renew lock) for job|is not in the active state/.test(text);
  onTrouble?.(
    late
      ? 'a trial went to another worker: this one was away for longer than the lock lasts; both come to the same'
      : troubleOf(connection, error),
  );
}

/** Names of the functions that a module of the operator's exports. */
async function exportsOf(module: string): Promise<readonly string[]> {
  let exported: Record<string, ObjectiveFunction>;
  try {
    exported = (await import(/* @vite-ignore */ /* webpackIgnore: true */ module)) as Record<string, ObjectiveFunction>;
  } catch (error) {
    throw new FeedforwardError('ERR_FILE', `objectives: ${module} cannot be loaded: ${(error as Error).message}.`, {}, error);
  }
  const names = Object.keys(exported)
    .filter((name) => typeof exported[name] === 'function')
    .sort();
  if (names.length === 0) fail('ERR_OPTION', `objectives: ${module} exports no function.`);
  return names;
}
