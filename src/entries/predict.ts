/**
 * feedforward/predict: a trained network or estimator from its file, to predict with and nothing else. Starts in a few milliseconds.
 * @module
 */

export { FeedforwardError, type ErrorCode } from '../errors.js';
export { Matrix, type Float64Rows, type MatrixLike } from '../data/matrix.js';
export type { SetMethod } from '../data/certainty/predictionSets.js';
export { Rows64 } from '../data/rows64.js';
export type { Label } from '../data/labels.js';
export type { Prediction } from '../predict/answering.js';
export { loadPredictor, type PredictorOptions } from '../predict/load.js';
export type { ApproximationPart, DatePart, GradientPart, IntegerPart, IntervalPart, PredictorParts } from '../predict/parts.js';
export { approximations } from '../predict/parts/approximations.js';
export { dates } from '../predict/parts/dates.js';
export { everything } from '../predict/parts/everything.js';
export { gradients } from '../predict/parts/gradients.js';
export { integers } from '../predict/parts/integers.js';
export { intervals } from '../predict/parts/intervals.js';
export type { Predictor } from '../predict/predictor.js';
export type { Records } from '../predict/records.js';
export type { PredictorInput } from '../predict/rows.js';
