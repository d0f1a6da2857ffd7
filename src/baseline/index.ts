// feedforward/baseline: the whole library on plain JavaScript, for engines without WebAssembly and for readers.

export { PlainBackend, type Precision } from './backend.js';
export { MLP, type PlainSettings } from './mlp.js';
export { blocked, naive, type Products } from './products.js';
export { FeedforwardError, type ErrorCode } from '../errors.js';
export { readModelFile, type LoadOptions, type SavedModel, type SaveOptions, type TrainingCard } from '../formats/modelFile.js';
export * from '../spec/index.js';
export * from '../model/index.js';
export * from '../data/index.js';
