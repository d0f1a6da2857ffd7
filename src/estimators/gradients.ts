// Derivatives of an estimator's answers in its columns: the network's, by the slopes of the scaling in front of it and of what follows it.

import { ColumnGradients } from '../data/columnGradients.js';
import { doubles } from '../data/allocate.js';
import { logOf, sigmoid, type Calibration } from '../data/certainty/calibration.js';
import { classShares } from '../data/certainty/ordinal.js';
import { exp } from '../data/elementary.js';
import { float64Rows, type MatrixLike } from '../data/matrix.js';
import type { Scaler } from '../data/scalers/index.js';
import { beforeActivation } from '../model/logits.js';
import type { Model } from '../model/model.js';
import { scalingOf } from '../predict/scaling.js';

/** Rows as the columns give them and as the network takes them. */
interface GivenRows {
  readonly rows: MatrixLike;
  readonly scaled: MatrixLike;
}

/** Derivatives [rows][inputs] in what the network takes, to those in the columns: each by the slope of its scaling there. */
export function inColumns(
  gradients: ArrayLike<number>,
  { rows }: GivenRows,
  scaler: Scaler | undefined,
  names: readonly string[],
): ColumnGradients {
  const { data, shape } = float64Rows(rows, { name: 'X' });
  const inputs = names.length;
  const slope = scalingOf(scaler?.toJSON(), inputs, 'scaler')?.slope;
  const out = doubles(shape[0] * inputs, 'inputGradient');
  for (let k = 0, j = 0; k < out.length; k++) {
    out[k] = gradients[k]! * (slope?.(data[k]!, j) ?? 1);
    if (++j === inputs) j = 0;
  }
  return new ColumnGradients(out, shape[0], names);
}

/** The probability whose derivative is asked for. */
interface ProbabilityAsked {
  /** Its column among those of predictProba. */
  readonly column: number;
  /** Whether classes exclude each other; else each output is a yes or no of its own. */
  readonly exclusive: boolean;
  readonly calibration: Calibration | undefined;
  /** Whether outputs are the probabilities that the class is at most each of them but the last. */
  readonly ordinal: boolean;
}

/** d probability / d what the network takes, [rows][inputs]. */
export function probabilityGradients(
  model: Model,
  scaled: MatrixLike,
  { column, exclusive, calibration, ordinal }: ProbabilityAsked,
): ArrayLike<number> {
  if (ordinal) return orderedGradients(model, scaled, column, calibration);
  const one = model.outputs === 1 || !exclusive;
  const output = exclusive && model.outputs === 1 ? 0 : column;
  const sign = exclusive && model.outputs === 1 && column === 0 ? -1 : 1;
  if (calibration === undefined) {
    const { data } = model.inputGradient(scaled, output);
    return sign === 1 ? data : data.map((slope) => -slope);
  }
  const logits = beforeActivation(model);
  const { data: z, shape } = logits.predict(scaled);
  const [rows, outputs] = shape;
  const out = new Float64Array(rows * model.inputs);
  const add = (of: number, factor: (row: number) => number) => {
    const { data } = logits.inputGradient(scaled, of);
    for (let i = 0, k = 0; i < rows; i++) {
      const times = factor(i);
      for (let j = 0; j < model.inputs; j++, k++) out[k]! += times * data[k]!;
    }
  };
  if (one) add(output, (i) => sign * slopeOf(calibration, z[i * outputs + output]!));
  else if (calibration.method === 'temperature') {
    const p = softmax(z, rows, outputs, calibration.temperature);
    for (let j = 0; j < outputs; j++)
      add(j, (i) => {
        const own = p[i * outputs + column]!;
        return (own * ((j === column ? 1 : 0) - p[i * outputs + j]!)) / calibration.temperature;
      });
  }
  return out;
}

/** Of a class with an order: differences of those of the sums; corrected by a temperature T, d p^(1/T) / sum of p^(1/T). */
function orderedGradients(
  model: Model,
  scaled: MatrixLike,
  column: number,
  calibration: Calibration | undefined,
): ArrayLike<number> {
  const { inputs, outputs } = model;
  const sums = Array.from({ length: outputs }, (_, k) => model.inputGradient(scaled, k).data);
  const of = (k: number, at: number) => (k < outputs ? sums[k]![at]! : 0) - (k > 0 ? sums[k - 1]![at]! : 0);
  const own = Float64Array.from(sums[0]!, (_, at) => of(column, at));
  if (calibration?.method !== 'temperature') return own;
  const { data, shape } = model.predict(scaled);
  const p = new Float64Array(shape[0] * (outputs + 1));
  classShares(data, p, { from: 0, to: shape[0], columns: outputs });
  const q = softmax(Float64Array.from(p, logOf), shape[0], outputs + 1, calibration.temperature);
  return own.map((slope, at) => {
    const row = Math.floor(at / inputs) * (outputs + 1);
    let mean = 0;
    for (let k = 0; k <= outputs; k++) if (p[row + k]! > 0) mean += (q[row + k]! * of(k, at)) / p[row + k]!;
    if (p[row + column]! === 0) return 0;
    return (q[row + column]! / calibration.temperature) * (slope / p[row + column]! - mean);
  });
}

/** d calibrated probability / d logit. */
function slopeOf(calibration: Calibration, z: number): number {
  if (calibration.method === 'isotonic') {
    const p = sigmoid(z);
    const after = calibration.x.findIndex((x) => x > p);
    const { x, y } = calibration;
    return after < 1 ? 0 : ((y[after]! - y[after - 1]!) / (x[after]! - x[after - 1]!)) * p * sigmoid(-z);
  }
  const [slope, shift] =
    calibration.method === 'temperature' ? [1 / calibration.temperature, 0] : [calibration.slope, calibration.intercept];
  const told = slope * z + shift;
  return slope * sigmoid(told) * sigmoid(-told);
}

function softmax(z: Float32Array | Float64Array, rows: number, columns: number, temperature: number): Float64Array {
  const p = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    let largest = -Infinity;
    for (let j = 0; j < columns; j++) largest = Math.max(largest, z[i * columns + j]!);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += p[i * columns + j] = exp((z[i * columns + j]! - largest) / temperature);
    for (let j = 0; j < columns; j++) p[i * columns + j]! /= sum;
  }
  return p;
}
