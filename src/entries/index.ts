// The public face: re-exports, nothing else.

// The engine first: its text is the packed core, which compressors fare best with at one end of a bundle.
export { engineInfo, type EngineInfo, type InitOptions, type WasmSource } from '../engine/engine.js';
export { init } from '../core/init.js';
export { MLP } from '../mlp/mlp.js';
export { gradientCheck, inputHessian } from '../mlp/float64.js';
export { FeedforwardError, type ErrorCode } from '../errors.js';
export type { Build } from '../engine/binaries.js';
export { readModelFile, type LoadOptions, type SavedModel, type SavedTraining } from '../formats/modelFile.js';
export type { SaveOptions, Sections, TrainingCard } from '../formats/encodeModel.js';
export type { Json } from '../formats/json.js';
export * from './parts/plan.js';
export * from './parts/model.js';
export * from './parts/data.js';
export * from './parts/estimators.js';
export * from './parts/explain.js';
export * from './parts/approximate.js';
export * from './parts/quantize.js';
