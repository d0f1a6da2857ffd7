/**
 * feedforward/predict: a trained network or estimator from its file, to predict with and nothing else. Reads every model file. Starts in a few
 * milliseconds.
 * @module
 */

export * from './parts/predict.js';
export { loadPredictor } from '../predict/parts/loadAny.js';
