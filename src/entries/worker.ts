// feedforward/worker: models and estimators that train off the main thread.

export {
  WorkerMLP,
  type WorkerCallbacks,
  type WorkerFitOptions,
} from '../worker/workerModel.js';
export type { WorkerParameter } from '../worker/workerStepLoop.js';
export type { TransferOptions } from '../worker/arguments.js';
export { WorkerClassifier, type WorkerClassifierFitOptions } from '../worker/workerClassifier.js';
export { WorkerRegressor, type WorkerRegressorFitOptions } from '../worker/workerRegressor.js';
export type { WorkerOptions } from '../worker/connection.js';
export { FeedforwardError, type ErrorCode } from '../errors.js';
export type { MatrixLike } from '../data/matrix.js';
export type { BatchLog, BatchSource, Diagnosis, EpochLog, Evaluation, History, ModelState, TargetsLike } from './parts/model.js';
export * from './parts/plan.js';
