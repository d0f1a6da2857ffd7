// Runs trials: on worker threads in Node, else one after another on this thread. Order of starting is fixed, order of ending is not;
// outcomes do not depend on either.

import { isFloat32 } from '../brands.js';
import { FeedforwardError, fail, type ErrorCode } from '../errors.js';
import { abortError, isNode, nodeModule } from '../platform.js';
import { runTrial, type scoreBy, TrialRows, type Estimator, type Trial, type TrialData, type TrialOutcome } from './trial.js';

export interface RunnerOptions {
  /** Worker threads; 0 runs on this one. */
  readonly workers: number;
  readonly signal: AbortSignal | undefined;
  /** Makes the estimator of a trial, on this thread. */
  readonly make: (trial: Trial) => Estimator;
  readonly score: typeof scoreBy;
  /** Called for each outcome, one at a time. */
  readonly done: (outcome: TrialOutcome) => Promise<void>;
}

/** Runs all trials. Rejects with the first error, or an AbortError; those that ended before it were reported. */
export async function runTrials(data: TrialData, trials: readonly Trial[], options: RunnerOptions): Promise<void> {
  const count = Math.min(options.workers, trials.length);
  if (count > 0) return runOnWorkers(data, trials, count, options);
  const rows = new TrialRows(data);
  for (const trial of trials) {
    checkAborted(options.signal);
    await options.done(await runTrial(rows, trial, options.make(trial), options.score));
  }
}

/** Where the worker's code is, when it is there and threads are too. */
async function findWorker(): Promise<URL | undefined> {
  if (!isNode() || import.meta.url === undefined) return undefined;
  const file = './trial-worker.js'; // as the build names it; bundlers do not follow a name in a variable
  const url = new URL(file, import.meta.url);
  if (url.protocol !== 'file:') return undefined;
  const { existsSync } = await nodeModule('node:fs');
  return existsSync(url) ? url : undefined;
}

/** Threads worth using. */
export async function usefulWorkers(): Promise<number> {
  if ((await findWorker()) === undefined) return 0;
  const { availableParallelism } = await nodeModule('node:os');
  return availableParallelism();
}

async function runOnWorkers(data: TrialData, trials: readonly Trial[], count: number, options: RunnerOptions): Promise<void> {
  const entry =
    (await findWorker()) ??
    fail('ERR_UNSUPPORTED', 'workers: this environment has no worker threads for searches. Use workers: 0.');
  const { Worker } = await nodeModule('node:worker_threads');
  checkAborted(options.signal);
  const shared = share(data);
  const pool = Array.from({ length: count }, () => new Worker(entry, { workerData: shared }));
  let next = 0;
  let stop: (() => void) | undefined;
  let reporting = Promise.resolve();
  try {
    await new Promise<void>((resolve, reject) => {
      let left = trials.length;
      const give = (worker: (typeof pool)[number]) => {
        const trial = trials[next++];
        if (trial !== undefined) worker.postMessage(trial);
      };
      for (const worker of pool) {
        worker.on('message', (message: { outcome?: TrialOutcome; error?: { code?: ErrorCode; message: string } }) => {
          if (message.outcome === undefined) return reject(errorOf(message.error!));
          const { outcome } = message;
          give(worker);
          reporting = reporting.then(() => options.done(outcome));
          reporting.then(() => --left === 0 && resolve(), reject);
        });
        worker.on('error', (error) =>
          reject(new FeedforwardError('ERR_WORKER', `A worker of the search died: ${error.message}`, {}, error)),
        );
        worker.on('exit', (code) =>
          reject(new FeedforwardError('ERR_WORKER', `A worker of the search exited with code ${code}.`)),
        );
        give(worker);
      }
      stop = () => reject(aborted());
      options.signal?.addEventListener('abort', stop);
    });
  } finally {
    if (stop !== undefined) options.signal?.removeEventListener('abort', stop);
    await Promise.all(pool.map((worker) => worker.terminate()));
    await reporting.catch(() => undefined);
  }
}

function errorOf({ code, message }: { code?: ErrorCode; message: string }): Error {
  return new FeedforwardError(code ?? 'ERR_WORKER', message);
}

/** Matrices in memory that threads share, so that it is copied once and not per worker. */
function share(data: TrialData): TrialData {
  const { X } = data;
  if ('columns' in X) return data;
  const buffer = new SharedArrayBuffer(X.data.byteLength);
  const copy = isFloat32(X.data) ? new Float32Array(buffer) : new Float64Array(buffer);
  copy.set(X.data);
  return { ...data, X: { data: copy, shape: X.shape } };
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted();
}

const aborted = (): Error => abortError('The search was aborted; what had ended is in its result file, if it has one.');
