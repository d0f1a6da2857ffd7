// What both entries that only predict export.

export { FeedforwardError, type ErrorCode } from '../../errors.js';
export { Matrix, type Float64Rows, type MatrixLike } from '../../data/matrix.js';
export type { SetMethod } from '../../data/certainty/predictionSets.js';
export { Rows64 } from '../../data/rows64.js';
export type { Label } from '../../data/labels.js';
export type { Prediction } from '../../predict/answering.js';
export type { PredictorOptions } from '../../predict/light.js';
export type { Predictor } from '../../predict/predictor.js';
export type { Records } from '../../predict/records.js';
export type { PredictorInput } from '../../predict/rows.js';
