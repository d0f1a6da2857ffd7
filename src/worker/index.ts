// feedforward/worker: models that train off the main thread.

export { WorkerMLP, type TransferOptions, type WorkerParameter } from './workerModel.js';
export type { WorkerOptions } from './connection.js';
export type { WorkerCallbacks, WorkerFitOptions } from './training.js';
export { FeedforwardError, type ErrorCode } from '../errors.js';
export type { MatrixLike } from '../data/matrix.js';
export type { BatchLog, BatchSource, Diagnosis, EpochLog, Evaluation, History, ModelState, TargetsLike } from '../model/index.js';
export * from '../spec/index.js';
