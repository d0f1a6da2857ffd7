// Probabilities corrected by what they were worth on rows held out: the corrections as plain data, and what they do to a row. How they
// are fitted stands in estimators/calibrators.ts. Elementary functions are our own, so the bits are those of every engine.

import type { SavedState } from '../columns.js';
import { exp, log } from '../elementary.js';

/**
 * How a classifier's probabilities are corrected; plain numbers, as a model file holds them. 'temperature': logits (of several classes the
 * logarithms of their probabilities) are divided by `temperature`. 'platt': of two classes the second's logit z becomes slope z + intercept.
 * 'isotonic': of two classes the second's probability is read off the line through the points (x, y), and off its ends beyond them.
 */
export type Calibration = TemperatureCalibration | PlattCalibration | IsotonicCalibration;

/** Logits divided by one number. */
export interface TemperatureCalibration {
  /** Which correction it is. */
  readonly method: 'temperature';
  /** What logits are divided by, from 1/8 to 8. */
  readonly temperature: number;
}

/** Of two classes: the second's logit z becomes slope z + intercept. */
export interface PlattCalibration {
  /** Which correction it is. */
  readonly method: 'platt';
  /** What the logit is multiplied by. */
  readonly slope: number;
  /** What is added to it. */
  readonly intercept: number;
}

/** Of two classes: the second's probability is read off the line through points. */
export interface IsotonicCalibration {
  /** Which correction it is. */
  readonly method: 'isotonic';
  /** Probabilities of the network, ascending. */
  readonly x: readonly number[];
  /** What each of them becomes, never falling. */
  readonly y: readonly number[];
}

export const CALIBRATION_METHODS = ['temperature', 'platt', 'isotonic'] as const;

/** Half of the smallest float32: what a probability of 0 is taken for. */
const least = 2 ** -150;
/** Half of the step below 1 in float32: what 1 - p is taken for where p is 1. */
const leastRest = 2 ** -25;

/** ln p. */
export const logOf = (p: number) => log(Math.max(p, least));

/** ln(p / (1 - p)) of a float32 probability whose complement is not known better. */
export const logitOf = (p: number) => logOf(p) - log(Math.max(1 - p, leastRest));

export const sigmoid = (z: number) => (z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z)));

/**
 * Corrects probabilities [from, to) of `data` in place, `columns` a row. `exclusive`: a row's classes exclude each other, and there is a column for
 * each; else every column is a yes or no of its own.
 */
export function calibrateRows(
  calibration: Calibration,
  data: Float32Array | Float64Array,
  {
    from,
    to,
    columns,
    exclusive,
  }: { readonly from: number; readonly to: number; readonly columns: number; readonly exclusive: boolean },
): void {
  if (!exclusive) for (let k = from; k < to; k++) data[k] = ofOne(calibration, data[k]!, () => logitOf(data[k]!));
  else if (columns === 2)
    for (let k = from; k < to; k += 2) {
      const [first, second] = [data[k]!, data[k + 1]!];
      if (calibration.method === 'isotonic') {
        const p = readOff(calibration, second);
        data[k] = 1 - p;
        data[k + 1] = p;
      } else {
        const z = calibratedLogit(calibration, logOf(second) - logOf(first));
        data[k] = sigmoid(-z);
        data[k + 1] = sigmoid(z);
      }
    }
  else for (let k = from; k < to; k += columns) soften(calibration, data, k, columns);
}

function ofOne(calibration: Calibration, p: number, logit: () => number): number {
  return calibration.method === 'isotonic' ? readOff(calibration, p) : sigmoid(calibratedLogit(calibration, logit()));
}

/** The corrected logit of a logit. */
export function calibratedLogit(calibration: Exclude<Calibration, { method: 'isotonic' }>, z: number): number {
  return calibration.method === 'temperature' ? z / calibration.temperature : calibration.slope * z + calibration.intercept;
}

function soften(calibration: Calibration, data: Float32Array | Float64Array, at: number, columns: number): void {
  if (calibration.method !== 'temperature') return; // the others are of two classes
  let largest = -Infinity;
  for (let j = 0; j < columns; j++) largest = Math.max(largest, logOf(data[at + j]!));
  let sum = 0;
  for (let j = 0; j < columns; j++) sum += exp((logOf(data[at + j]!) - largest) / calibration.temperature);
  for (let j = 0; j < columns; j++) data[at + j] = exp((logOf(data[at + j]!) - largest) / calibration.temperature) / sum;
}

/** The line through (x, y) at p. */
export function readOff({ x, y }: { readonly x: readonly number[]; readonly y: readonly number[] }, p: number): number {
  const last = x.length - 1;
  if (p <= x[0]!) return y[0]!;
  if (p >= x[last]!) return y[last]!;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= p) low = middle;
    else high = middle;
  }
  return y[low]! + ((y[high]! - y[low]!) * (p - x[low]!)) / (x[high]! - x[low]!);
}

/** @throws ERR_FORMAT for anything but a Calibration; those of two classes for others. */
export function calibrationFromJSON(saved: SavedState, twoClasses: boolean): Calibration {
  const method = saved.choice('method', twoClasses ? CALIBRATION_METHODS : (['temperature'] as const));
  if (method === 'temperature') {
    const temperature = saved.number('temperature');
    if (!(temperature > 0)) saved.refuse('temperature', 'a number > 0', temperature);
    return { method, temperature };
  }
  if (method === 'platt') return { method, slope: saved.number('slope'), intercept: saved.number('intercept') };
  const x = saved.numbers('x');
  const y = saved.numbers('y', x.length, 0);
  const rises = (values: Float64Array, strictly: boolean) =>
    values.every((value, k) => k === 0 || value > values[k - 1]! || (!strictly && value === values[k - 1]));
  if (x.length === 0 || !rises(x, true)) saved.refuse('x', 'ascending numbers', [...x]);
  if (!rises(y, false) || y[y.length - 1]! > 1) saved.refuse('y', 'ascending probabilities', [...y]);
  return { method, x: [...x], y: [...y] };
}

/** @throws ERR_FORMAT for what is no threshold, or of more classes. */
export function thresholdFromJSON(head: SavedState, twoClasses: boolean): number {
  const threshold = head.number('threshold');
  if (!twoClasses || !(threshold >= 0 && threshold <= 1)) head.refuse('threshold', 'of two classes, from 0 to 1', threshold);
  return threshold;
}
