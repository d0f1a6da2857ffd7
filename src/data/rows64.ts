// Rows of float64 as answers: what explanations, intervals and other figures that must add up are given in.

import { fail, show } from '../errors.js';
import type { Float64Rows } from './matrix.js';

/**
 * Rows of float64, row-major: element (i, j) is `data[i * columns + j]`. A Matrix in double precision; it goes wherever data goes.
 *
 * @example
 * const rows = new Rows64(Float64Array.of(1, 2, 3, 4), 2, 2);
 * rows.row(1);  // Float64Array [3, 4]
 */
export class Rows64 implements Float64Rows {
  /** The numbers, row-major, float64: rows * columns of them. */
  readonly data: Float64Array;
  /** [rows, columns]. */
  readonly shape: readonly [rows: number, columns: number];

  /** A view of `data` as rows x columns, row-major, without a copy. */
  constructor(data: Float64Array, rows: number, columns: number) {
    this.data = data;
    this.shape = [rows, columns];
  }

  /** Row i as a view on the data (no copy). @throws ERR_SHAPE when there is no such row. */
  row(i: number): Float64Array {
    const [rows, columns] = this.shape;
    if (!(Number.isInteger(i) && i >= 0 && i < rows)) fail('ERR_SHAPE', `row: expected 0 to ${rows - 1}, got ${show(i)}.`);
    return this.data.subarray(i * columns, (i + 1) * columns);
  }

  /** The rows as plain arrays of numbers. */
  toArray(): number[][] {
    return Array.from({ length: this.shape[0] }, (_, i) => Array.from(this.row(i)));
  }
}
