/**
 * feedforward/predict/light: the predictor for pages that count bytes. What only some files and callers need are parts that are handed to
 * loadPredictor; without one it refuses by name what needs it.
 * @module
 */

export * from './parts/predict.js';
export { loadPredictor, type LightPredictorOptions } from '../predict/light.js';
export type { ApproximationPart, DatePart, GradientPart, IntegerPart, IntervalPart, PredictorParts } from '../predict/parts.js';
export { approximations } from '../predict/parts/approximations.js';
export { dates } from '../predict/parts/dates.js';
export { gradients } from '../predict/parts/gradients.js';
export { integers } from '../predict/parts/integers.js';
export { intervals } from '../predict/parts/intervals.js';
