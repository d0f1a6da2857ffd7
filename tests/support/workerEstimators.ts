// What the tests of WorkerClassifier and WorkerRegressor in Node share: the package as shipped, rows, and estimators that end with their test.

import { createHash } from 'node:crypto';
import type { FeedforwardError, MLPClassifierOptions, MLPRegressorOptions } from '../../src/entries/index.js';
import type * as WorkerPackage from '../../src/entries/worker.js';
import { worker } from './workerPackage.js';

export { buildWorkers, folder, library, mortal, worker } from './workerPackage.js';

export const alive: { terminate(): Promise<void> }[] = [];
/** Ends the workers of a test. */
export async function endAll(): Promise<void> {
  await Promise.all(alive.splice(0).map((estimator) => estimator.terminate()));
}

export function classifier(options: MLPClassifierOptions = {}, settings?: WorkerPackage.WorkerOptions) {
  const made = new worker.WorkerClassifier(options, settings);
  alive.push(made);
  return made;
}

export function regressor(options: MLPRegressorOptions = {}, settings?: WorkerPackage.WorkerOptions) {
  const made = new worker.WorkerRegressor(options, settings);
  alive.push(made);
  return made;
}

/** What a promise, or a call, rejects with. */
export async function rejection(work: () => unknown): Promise<FeedforwardError> {
  try {
    await work();
  } catch (error) {
    return error as FeedforwardError;
  }
  throw new Error('expected an error');
}

/** Rows that look random, and are not. */
export const rows = (n: number, columns = 3) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(1 + 7.3 * i + 2.1 * j * j)));
export const X = rows(240);
export const names = X.map(([a, b]) => (a! * b! > 0 ? 'same' : b! > 0 ? 'up' : 'down'));
export const sums = X.map(([a, b, c]) => 1e6 + 1000 * (a! * b! - c!));
export const records = X.map(([size, weight], i) => ({
  size: i % 17 === 0 ? null : size!,
  weight: weight!,
  color: ['red', 'green', 'blue'][i % 3],
  heavy: weight! > 0,
  since: new Date(Date.UTC(2024, i % 12, 1 + (i % 28))),
  species: names[i]!,
}));
export const quick: MLPClassifierOptions & MLPRegressorOptions = { hiddenLayers: [9], epochs: 12, seed: 3, onWarning: false };

export const bytes = (file: Uint8Array) => createHash('sha256').update(file).digest('hex');
