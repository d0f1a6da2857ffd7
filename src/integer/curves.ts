// Everything of an integer network but the dense stages: activations, norms and sums over rows of float32, in float64 with one rounding at the
// end. The kernel (assembly/integer.ts) has bends and tables too; both give the same bits, and a test compares them.

import { exp, log } from '../data/elementary.js';
import type { Curve, Stage } from './stages.js';

// A table: | slope before | values at -16, -16 + 1/16, …, 16 | slope beyond |
/** Where the values of a table begin, and minus where they end. */
export const TABLE_END = 16;
/** Values of a table in a unit of z. */
export const TABLE_RATE = 16;
const TABLE_STEPS = 2 * TABLE_END * TABLE_RATE;
/** Numbers in a table. */
export const TABLE_LENGTH = TABLE_STEPS + 3;

/** The function of a table at z, in float64. */
export function tabled(table: Float32Array, z: number): number {
  const t = (z + TABLE_END) * TABLE_RATE;
  if (!(t >= 0)) return table[1]! + table[0]! * (z + TABLE_END);
  if (t >= TABLE_STEPS) return table[TABLE_STEPS + 1]! + table[TABLE_STEPS + 2]! * (z - TABLE_END);
  const i = Math.floor(t);
  const before = table[i + 1]!;
  return before + (t - i) * (table[i + 2]! - before);
}

const elementwise = {
  sign: (z: number) => (z > 0 ? 1 : z < 0 ? -1 : z),
  step: (z: number) => (z >= 0 ? 1 : z < 0 ? 0 : z),
  softsign: (z: number) => z / (1 + Math.abs(z)),
  sigmoid: (z: number) => 1 / (1 + exp(-z)),
  tanh: (z: number) => 1 - 2 / (1 + exp(2 * z)),
  softplus: (z: number) => (z > 0 ? z : 0) + log(1 + exp(-Math.abs(z))),
} as const;

/** Rows of a width, `stride` numbers apart. */
export interface Rows {
  readonly data: Float32Array;
  readonly stride: number;
}

/** to = f(from) for the first rows; `to` may be `from`. `sign`: -1 for f(-z). */
export function bendRows(curve: Curve, to: Rows, from: Rows, width: number, rows: number, sign: 1 | -1 = 1): void {
  for (let r = 0; r < rows; r++) bendRow(curve, to.data, r * to.stride, from.data, r * from.stride, width, sign);
}

function bendRow(curve: Curve, y: Float32Array, into: number, x: Float32Array, at: number, width: number, sign: 1 | -1): void {
  switch (curve.form) {
    case 'none':
      for (let j = 0; j < width; j++) y[into + j] = sign * x[at + j]!;
      break;
    case 'bend': {
      const { slopes } = curve;
      const shared = slopes.length === 1;
      for (let j = 0; j < width; j++) {
        const z = sign * x[at + j]!;
        y[into + j] = z < 0 ? z * slopes[shared ? 0 : j]! : z;
      }
      break;
    }
    case 'table':
      for (let j = 0; j < width; j++) y[into + j] = tabled(curve.table, sign * x[at + j]!);
      break;
    case 'softmax':
    case 'logSoftmax': {
      let most = -Infinity;
      for (let j = 0; j < width; j++) {
        const z = sign * x[at + j]!;
        if (!(z <= most)) most = z;
      }
      let sum = 0;
      for (let j = 0; j < width; j++) sum += exp(sign * x[at + j]! - most);
      const logSum = curve.form === 'softmax' ? 0 : log(sum);
      for (let j = 0; j < width; j++) {
        const z = sign * x[at + j]! - most;
        y[into + j] = curve.form === 'softmax' ? exp(z) / sum : z - logSum;
      }
      break;
    }
    default: {
      const f = elementwise[curve.form];
      for (let j = 0; j < width; j++) y[into + j] = f(sign * x[at + j]!);
    }
  }
}

/** y = (x - center) factor + shift. */
export function affineRows(stage: Extract<Stage, { kind: 'affine' }>, to: Rows, from: Rows, rows: number): void {
  const { width, center, factor, shift } = stage;
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < width; j++)
      to.data[r * to.stride + j] = (from.data[r * from.stride + j]! - center[j]!) * factor[j]! + shift[j]!;
}

/** Each row less its mean, over its standard deviation (which divides by the columns), times gamma, plus beta. Sums ascend. */
export function normRows(stage: Extract<Stage, { kind: 'layerNorm' }>, to: Rows, from: Rows, rows: number): void {
  const { width, epsilon, gamma, beta } = stage;
  for (let r = 0; r < rows; r++) {
    const at = r * from.stride;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += from.data[at + j]!;
    const mean = sum / width;
    let squares = 0;
    for (let j = 0; j < width; j++) {
      const distance = from.data[at + j]! - mean;
      squares += distance * distance;
    }
    const spread = Math.sqrt(squares / width + epsilon);
    for (let j = 0; j < width; j++) to.data[r * to.stride + j] = ((from.data[at + j]! - mean) / spread) * gamma[j]! + beta[j]!;
  }
}

/** to = a + b. */
export function addRows(to: Rows, a: Rows, b: Rows, width: number, rows: number): void {
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < width; j++) to.data[r * to.stride + j] = a.data[r * a.stride + j]! + b.data[r * b.stride + j]!;
}
