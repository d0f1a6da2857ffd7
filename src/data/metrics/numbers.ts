// Metrics of predicted numbers.

import { type MetricOptions, type Numbers, readNumbers } from './reading.js';

/**
 * Share of the variance of yTrue that the predictions explain: 1 is perfect, 0 is no better than the mean, below 0 is worse. Several columns:
 * the mean of their values. A constant column counts 1 when predicted exactly, else 0. NaN for one row, as in scikit-learn.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column.
 */
export function r2(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  const { truth, predicted, rows, columns, weight, total } = readNumbers(yTrue, yPred, options, 'r2');
  if (rows < 2) return Number.NaN;
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    let mean = 0;
    let constant = true;
    for (let i = 0; i < rows; i++) {
      mean += weight(i) * truth[i * columns + j]!;
      if (truth[i * columns + j] !== truth[j]) constant = false;
    }
    mean /= total;
    let residual = 0;
    let spread = 0;
    for (let i = 0; i < rows; i++) {
      const y = truth[i * columns + j]!;
      residual += weight(i) * (y - predicted[i * columns + j]!) ** 2;
      spread += weight(i) * (y - mean) ** 2;
    }
    sum += constant || spread === 0 ? (residual === 0 ? 1 : 0) : 1 - residual / spread;
  }
  return sum / columns;
}

/** Mean of |yTrue - yPred| over rows and columns, in the units of y. @throws as r2. */
export function meanAbsoluteError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return meanOf(yTrue, yPred, options, 'meanAbsoluteError', (difference) => Math.abs(difference));
}

/** Mean of (yTrue - yPred)^2 over rows and columns, in the units of y squared. @throws as r2. */
export function meanSquaredError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return meanOf(yTrue, yPred, options, 'meanSquaredError', (difference) => difference * difference);
}

/** Square root of the mean squared error, in the units of y; several columns: the mean of their roots. @throws as r2. */
export function rootMeanSquaredError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  const { truth, predicted, rows, columns, weight, total } = readNumbers(yTrue, yPred, options, 'rootMeanSquaredError');
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    let squares = 0;
    for (let k = j, i = 0; i < rows; i++, k += columns) squares += weight(i) * (truth[k]! - predicted[k]!) ** 2;
    sum += Math.sqrt(squares / total);
  }
  return sum / columns;
}

/** Mean of |yTrue - yPred| / |yTrue|, as a share (0.1 is 10 %); where yTrue is 0 the divisor is 2^-52, as in scikit-learn. @throws as r2. */
export function meanAbsolutePercentageError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return meanOf(
    yTrue,
    yPred,
    options,
    'meanAbsolutePercentageError',
    (difference, y) => Math.abs(difference) / Math.max(Math.abs(y), Number.EPSILON),
  );
}

/** The largest |yTrue - yPred|, in the units of y. @throws as r2. */
export function maxError(yTrue: Numbers, yPred: Numbers): number {
  const { truth, predicted } = readNumbers(yTrue, yPred, {}, 'maxError');
  let largest = 0;
  for (let k = 0; k < truth.length; k++) largest = Math.max(largest, Math.abs(truth[k]! - predicted[k]!));
  return largest;
}

function meanOf(
  yTrue: Numbers,
  yPred: Numbers,
  options: MetricOptions,
  who: string,
  f: (difference: number, y: number) => number,
): number {
  const { truth, predicted, columns, weight, total } = readNumbers(yTrue, yPred, options, who);
  let sum = 0;
  for (let k = 0; k < truth.length; k++) sum += weight(Math.floor(k / columns)) * f(truth[k]! - predicted[k]!, truth[k]!);
  return sum / (total * columns);
}
