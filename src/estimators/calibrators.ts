// Fitting what corrects a classifier's probabilities: temperature, Platt's sigmoid, isotonic regression.
// See: Guo et al. 2017, https://arxiv.org/abs/1706.04599; Platt 1999 with the Newton steps of Lin, Lin & Weng 2007; Zadrozny & Elkan 2002.

import { logitOf, logOf, sigmoid, type Calibration } from '../data/certainty/calibration.js';
import { exp, log } from '../data/elementary.js';
import type { Matrix } from '../data/matrix.js';

/** Fewer rows say too little of a temperature for one to be fitted unasked. */
export const fewestToCalibrate = 100;

/** Probabilities of rows held out, and what was true. */
export interface CalibrationRows {
  /** A column for each class, or for each yes or no. */
  readonly proba: Matrix;
  /** A class id for each row, or 0 and 1 for each column of each. */
  readonly truth: ArrayLike<number>;
  /** Whether classes exclude each other. */
  readonly exclusive: boolean;
}

/** undefined where the rows hold one class alone: what they say of the other is nothing. */
export function fitCalibration(
  method: Calibration['method'],
  { proba, truth, exclusive }: CalibrationRows,
): Calibration | undefined {
  const { data, shape } = proba;
  if (method === 'temperature') {
    // A yes or no is a choice of two.
    const logits = exclusive
      ? Float64Array.from(data, logOf)
      : Float64Array.from({ length: 2 * data.length }, (_, k) => (k % 2 === 0 ? 0 : logitOf(data[(k - 1) / 2]!)));
    return { method, temperature: fitTemperature(logits, exclusive ? shape[1] : 2, truth) };
  }
  const ids = Int32Array.from(truth);
  if (!ids.includes(0) || !ids.includes(1)) return undefined;
  const second = Float64Array.from({ length: ids.length }, (_, i) => data[2 * i + 1]!);
  if (method === 'isotonic') return { method, ...fitIsotonic(second, ids) };
  return {
    method,
    ...fitSigmoid(
      second.map((p, i) => logOf(p) - logOf(data[2 * i]!)),
      ids,
    ),
  };
}

/**
 * The temperature T in [1/8, 8] for which the mean of -ln softmax(logits / T)[truth] is least. It is convex in 1 / T: Newton steps within a bracket.
 * `logits` hold `classes` numbers a row.
 */
export function fitTemperature(logits: Float64Array, classes: number, truth: ArrayLike<number>): number {
  let [low, high, sharpness] = [1 / 8, 8, 1];
  const shares = new Float64Array(classes);
  for (let step = 0; step < 100; step++) {
    let [slope, curvature] = [0, 0];
    for (let i = 0; i < truth.length; i++) {
      const at = i * classes;
      let largest = -Infinity;
      for (let j = 0; j < classes; j++) largest = Math.max(largest, logits[at + j]!);
      let sum = 0;
      for (let j = 0; j < classes; j++) sum += shares[j] = exp(sharpness * (logits[at + j]! - largest));
      let [mean, square] = [0, 0];
      for (let j = 0; j < classes; j++) {
        const z = logits[at + j]! - largest;
        mean += (shares[j]! / sum) * z;
        square += (shares[j]! / sum) * z * z;
      }
      slope += mean - (logits[at + truth[i]!]! - largest);
      curvature += square - mean * mean;
    }
    if (slope > 0) high = sharpness;
    else low = sharpness;
    const newton = sharpness - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - sharpness) <= 1e-12 * sharpness) break;
    sharpness = next;
  }
  return 1 / sharpness;
}

/** slope and intercept of sigmoid(slope z + intercept), with Platt's targets: (n1 + 1) / (n1 + 2) and 1 / (n0 + 2) in the place of 1 and 0. */
export function fitSigmoid(z: Float64Array, ids: Int32Array): { slope: number; intercept: number } {
  const ones = ids.reduce((sum, id) => sum + id, 0);
  const zeros = ids.length - ones;
  const targets = Float64Array.from(ids, (id) => (id === 1 ? (ones + 1) / (ones + 2) : 1 / (zeros + 2)));
  const cost = (slope: number, intercept: number) => {
    let sum = 0;
    for (let i = 0; i < z.length; i++) {
      const u = slope * z[i]! + intercept;
      sum += (u > 0 ? log(1 + exp(-u)) + u : log(1 + exp(u))) - targets[i]! * u;
    }
    return sum;
  };
  let [slope, intercept] = [0, log((ones + 1) / (zeros + 1))];
  let value = cost(slope, intercept);
  for (let step = 0; step < 100; step++) {
    let [g1, g2, h11, h12, h22] = [0, 0, 1e-12, 0, 1e-12];
    for (let i = 0; i < z.length; i++) {
      const p = sigmoid(slope * z[i]! + intercept);
      const [rest, weight] = [p - targets[i]!, p * (1 - p)];
      g1 += rest * z[i]!;
      g2 += rest;
      h11 += weight * z[i]! * z[i]!;
      h12 += weight * z[i]!;
      h22 += weight;
    }
    if (Math.abs(g1) < 1e-9 && Math.abs(g2) < 1e-9) break;
    const determinant = h11 * h22 - h12 * h12;
    const d1 = -(h22 * g1 - h12 * g2) / determinant;
    const d2 = -(h11 * g2 - h12 * g1) / determinant;
    let length = 1;
    let next = cost(slope + d1, intercept + d2);
    while (!(next < value + 1e-4 * length * (g1 * d1 + g2 * d2)) && length > 1e-10) {
      length /= 2;
      next = cost(slope + length * d1, intercept + length * d2);
    }
    if (length <= 1e-10) break;
    slope += length * d1;
    intercept += length * d2;
    value = next;
  }
  return { slope, intercept };
}

/**
 * The ascending step function of p that is nearest to the ids in squares (pool adjacent violators), as the points between which it is
 * drawn as lines; equal p count as one. Points and lines are those of scikit-learn's IsotonicRegression(out_of_bounds='clip').
 */
export function fitIsotonic(p: Float64Array, ids: Int32Array): { x: number[]; y: number[] } {
  const order = Array.from(p.keys()).sort((a, b) => p[a]! - p[b]!);
  const points: { x: number; sum: number; weight: number }[] = [];
  for (const i of order) {
    const last = points[points.length - 1];
    if (last !== undefined && last.x === p[i]) {
      last.sum += ids[i]!;
      last.weight++;
    } else points.push({ x: p[i]!, sum: ids[i]!, weight: 1 });
  }
  const blocks: { sum: number; weight: number; from: number; to: number }[] = [];
  points.forEach(({ sum, weight }, k) => {
    blocks.push({ sum, weight, from: k, to: k });
    for (;;) {
      const [before, last] = [blocks[blocks.length - 2], blocks[blocks.length - 1]!];
      if (before === undefined || before.sum * last.weight < last.sum * before.weight) break;
      blocks.splice(-2, 2, {
        sum: before.sum + last.sum,
        weight: before.weight + last.weight,
        from: before.from,
        to: last.to,
      });
    }
  });
  const x: number[] = [];
  const y: number[] = [];
  for (const { sum, weight, from, to } of blocks)
    for (const k of from === to ? [from] : [from, to]) {
      x.push(points[k]!.x);
      y.push(sum / weight);
    }
  return { x, y };
}
