// feedforward/worker: models that train off the main thread.

export { WorkerMLP, type TransferOptions, type WorkerParameter } from './workerModel.js';
export type { WorkerOptions } from './connection.js';
export type { WorkerCallbacks, WorkerFitOptions } from './training.js';
export { FeedforwardError, type ErrorCode } from '../errors.js';
export * from '../spec/index.js';
