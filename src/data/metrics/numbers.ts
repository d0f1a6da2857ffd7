// Metrics of predicted numbers, by the formulas of sums.ts.

import { type MetricOptions, type Numbers, readNumbers } from './reading.js';
import { type SummedMetric, Sums } from './sums.js';

/**
 * Share of the variance of yTrue that the predictions explain: 1 is perfect, 0 is no better than the mean, below 0 is worse. Several columns:
 * the mean of their values. A constant column counts 1 when predicted exactly, else 0. NaN for one row, as in scikit-learn.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column; ERR_OPTION for weights that are negative or all 0.
 *
 * @example
 * metrics.r2([1, 2, 3], [1, 2, 4]);  // 0.5
 */
export function r2(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return measure('r2', yTrue, yPred, options);
}

/**
 * Mean of |yTrue - yPred| over rows and columns, in the units of y.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column; ERR_OPTION for weights that are negative or all 0.
 *
 * @example
 * metrics.meanAbsoluteError([1, 2, 3], [1, 2, 4]);  // 0.3333
 */
export function meanAbsoluteError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return measure('meanAbsoluteError', yTrue, yPred, options);
}

/**
 * Mean of (yTrue - yPred)^2 over rows and columns, in the units of y squared.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column; ERR_OPTION for weights that are negative or all 0.
 *
 * @example
 * metrics.meanSquaredError([1, 2, 3], [1, 2, 5]);  // 1.3333
 */
export function meanSquaredError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return measure('meanSquaredError', yTrue, yPred, options);
}

/**
 * Square root of the mean squared error, in the units of y; several columns: the mean of their roots, as in scikit-learn 1.2.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column; ERR_OPTION for weights that are negative or all 0.
 *
 * @example
 * metrics.rootMeanSquaredError([1, 2, 3], [1, 2, 5]);  // 1.1547
 */
export function rootMeanSquaredError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return measure('rootMeanSquaredError', yTrue, yPred, options);
}

/**
 * Mean of |yTrue - yPred| / |yTrue|, as a share (0.1 is 10 %); where yTrue is 0 the divisor is 2^-52, as in scikit-learn.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column; ERR_OPTION for weights that are negative or all 0.
 *
 * @example
 * metrics.meanAbsolutePercentageError([1, 2, 4], [1, 2, 5]);  // 0.0833
 */
export function meanAbsolutePercentageError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return measure('meanAbsolutePercentageError', yTrue, yPred, options);
}

/**
 * The largest |yTrue - yPred| of any row and column, in the units of y.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column.
 *
 * @example
 * metrics.maxError([1, 2, 3], [1, 2, 5]);  // 2
 */
export function maxError(yTrue: Numbers, yPred: Numbers): number {
  return measure('maxError', yTrue, yPred, {});
}

function measure(name: SummedMetric, yTrue: Numbers, yPred: Numbers, options: MetricOptions): number {
  const { truth, predicted, rows, columns, weights } = readNumbers(yTrue, yPred, options, name);
  const sums = new Sums([name], columns, { kind: 'found' });
  sums.add(truth, columns, predicted, columns, rows, weights);
  return sums.values()[name]!;
}
