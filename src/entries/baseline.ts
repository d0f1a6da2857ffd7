// feedforward/baseline: the whole library on plain JavaScript, for engines without WebAssembly and for readers.

export { PlainBackend, type Precision } from '../baseline/backend.js';
export { MLP, type PlainSettings } from '../baseline/mlp.js';
export { blocked, naive, type Products, type Values } from '../baseline/products.js';
export { FeedforwardError, type ErrorCode } from '../errors.js';
export { readModelFile, type LoadOptions, type SavedModel, type SavedTraining } from '../formats/modelFile.js';
export type { SaveOptions, Sections, TrainingCard } from '../formats/encodeModel.js';
export type { Json } from '../formats/json.js';
export * from './parts/plan.js';
export * from './parts/model.js';
export * from './parts/data.js';
// Estimators by these names are the baseline's own; the rest works with any.
export { loadEstimator, MLPClassifier, MLPRegressor } from '../estimators/plain.js';
export * from './parts/estimators.js';
