// Whether float32 holds the digits of a column: numbers far from 0 in units of their spread lose what tells them apart.

import { fail } from '../errors.js';

/** Where the values of each column lie, and how far apart. */
export interface Frame {
  readonly middle: Float64Array;
  readonly spread: Float64Array;
}

/** A column whose values may have too many digits for float32, and by how much a value of it may be moved. */
export interface FarColumn {
  readonly column: number;
  readonly middle: number;
  readonly spread: number;
}

const WHOLE = 2 ** 24; // beyond it float32 does not hold every whole number
const HALF_ULP = 2 ** -24; // the relative error of rounding to float32 is at most this

/** A frame of columns from their ranges; a column of one value has nothing to keep apart. */
export function frameOfRanges(low: ArrayLike<number>, high: ArrayLike<number>): Frame {
  const columns = { length: low.length };
  return {
    middle: Float64Array.from(columns, (_, j) => low[j]! / 2 + high[j]! / 2),
    spread: Float64Array.from(columns, (_, j) => high[j]! / 4 - low[j]! / 4 || Infinity),
  };
}

/** The columns that lie so far from 0, in units of their spread, that rounding to float32 may matter. */
export function farColumns({ middle, spread }: Frame): FarColumn[] {
  const far: FarColumn[] = [];
  for (let column = 0; column < middle.length; column++) {
    const [m, s] = [middle[column]!, spread[column]!];
    if (Math.abs(m) * HALF_ULP > 1e-6 * s) far.push({ column, middle: m, spread: s });
  }
  return far;
}

/**
 * What float32 takes off a value may be what it takes off the value's distance from the middle, which has no more digits either, and a small
 * share of the spread.
 * @throws ERR_RANGE where it is more.
 */
export function checkDigits(
  out: Float32Array,
  block: Float64Array,
  first: number,
  columns: number,
  { column, middle, spread }: FarColumn,
  who: string,
  { first: shown = first, wayOut = `${who}64 keeps its digits.` }: { readonly first?: number; readonly wayOut?: string } = {},
): void {
  for (let k = column; k < block.length; k += columns) {
    const value = block[k]!;
    const loss = Math.abs(out[first * columns + k]! - value);
    if (loss === 0) continue;
    const share = (Math.abs(value) > WHOLE ? 1e-6 : 1e-3) * spread;
    if (loss <= share + 2 * HALF_ULP * Math.abs(value - middle)) continue;
    const row = shown + (k - column) / columns;
    fail(
      'ERR_RANGE',
      `${who}: row ${row}, column ${column} comes to ${value}, which float32 would make ${out[first * columns + k]!}. ${wayOut}`,
      { row, column, loss },
    );
  }
}
