// Dense stages in plain JavaScript: the slow, obvious form of assembly/integer.ts, and what runs where nothing may be compiled. Same bits.

import { bendRows, type Rows } from './curves.js';
import type { DenseStage } from './stages.js';

/** The whole number nearest to (x - low) inverse, halves to even, held to 0 to `most`; NaN is 0. */
export function toStep(x: number, low: number, inverse: number, most: number): number {
  const t = Math.fround(Math.fround(x - low) * inverse);
  if (!(t > 0)) return 0;
  return t >= most ? most : Math.fround(t + 8388608) - 8388608; // from 2^23 on float32 holds whole numbers alone
}

/** The largest step. */
export const mostOf = (digits: 1 | 2): number => (digits === 2 ? 16383 : 127);

/** y = f(x W + b) for the first rows of x. */
export function denseRows(stage: DenseStage, to: Rows, from: Rows, rows: number, steps: Int32Array): void {
  const { inputs, outputs, digits, integers, scale, bias, low, inverse, curve } = stage;
  const most = mostOf(digits);
  for (let r = 0; r < rows; r++) {
    for (let i = 0, at = r * from.stride; i < inputs; i++) steps[i] = toStep(from.data[at + i]!, low[i]!, inverse[i]!, most);
    for (let j = 0; j < outputs; j++) {
      let sum = 0; // below 2^53 whatever comes: exact
      for (let i = 0, at = j * inputs; i < inputs; i++) sum += integers[at + i]! * steps[i]!;
      to.data[r * to.stride + j] = sum * scale[j]! + bias[j]!;
    }
  }
  if (curve.form === 'bend' || curve.form === 'table') bendRows(curve, to, to, outputs, rows);
}
