import type * as Package from '../../src/entries/index.js';
import type { FeedforwardError, History, MLPOptions, ModelState } from '../../src/entries/index.js';
import type * as WorkerPackage from '../../src/entries/worker.js';
import { worker } from './workerPackage.js';

export { buildWorkers, folder, library, mortal, worker } from './workerPackage.js';

export type WorkerMLP = WorkerPackage.WorkerMLP;

export const alive: WorkerMLP[] = [];

export async function create(options: MLPOptions, settings?: WorkerPackage.WorkerOptions): Promise<WorkerMLP> {
  const model = await worker.WorkerMLP.create(options, settings);
  alive.push(model);
  return model;
}

/** Ends the workers of a test. */
export async function endAll(): Promise<void> {
  await Promise.all(alive.splice(0).map((model) => model.terminate()));
}

export function die(how: 'exit' | 'throw'): void {
  const channel = new BroadcastChannel('die');
  channel.postMessage(how);
  channel.close();
}

/** Rows that look random, and are not. */
export function rows(n: number, columns: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(1 + 7.3 * i + 2.1 * j * j)));
}

export const X = rows(160, 3);
export const y = X.map(([a, b, c]) => [a! * b! + 0.3 * c!, a! - c!]);

export const small: MLPOptions = {
  inputs: 3,
  layers: [
    { type: 'dense', units: 12, activation: 'tanh' },
    { type: 'dense', units: 2 },
  ],
  metrics: ['mae'],
  seed: 4,
};

export const deep: MLPOptions = {
  inputs: 3,
  layers: [
    { type: 'dense', units: 17 },
    { type: 'batchNorm' },
    { type: 'activation', activation: 'prelu' },
    { type: 'dropout', rate: 0.2 },
    { type: 'residual', layers: [{ type: 'dense', units: 9, activation: 'gelu' }, { type: 'layerNorm' }] },
    { type: 'dense', units: 2 },
  ],
  optimizer: {
    name: 'adamw',
    learningRate: { schedule: 'warmup', steps: 5, after: { schedule: 'cosine', rate: 0.01, over: 30 } },
    beta1: { schedule: 'polynomial', rate: 0.5, end: 0.9, over: 20, per: 'step' },
  },
  biasL2: 1e-3,
  weightAveraging: { decay: 0.9 },
  l2: 1e-3,
  inputNoise: 0.01,
  seed: 8,
};

export const slow: MLPOptions = {
  inputs: 3,
  layers: [
    { type: 'dense', units: 512, activation: 'relu' },
    { type: 'dense', units: 512, activation: 'relu' },
    { type: 'dense', units: 2 },
  ],
};

export async function rejection(promise: Promise<unknown>): Promise<FeedforwardError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (outcome === undefined) throw new Error('expected a rejection');
  return outcome.error as FeedforwardError;
}

export function thrown(action: () => unknown): FeedforwardError {
  try {
    action();
  } catch (error) {
    return error as FeedforwardError;
  }
  throw new Error('expected an error');
}

/** A history without what the clock says. */
export const figures = (history: History) => history.epochs.map(({ seconds: _, ...log }) => log);

/** Whether both predict the same bits. */
export async function samePredictions(there: WorkerMLP, here: Package.MLP): Promise<boolean> {
  return Buffer.from((await there.predict(X)).data.buffer).equals(Buffer.from(here.predict(X).data.buffer));
}

export const plain = (state: ModelState) =>
  JSON.parse(JSON.stringify(state, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value)));
