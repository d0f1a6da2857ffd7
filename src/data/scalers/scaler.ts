// What every scaler does: statistics are taken in float64 from the values as given (no rounding to float32 first), transforms are computed in
// float64 and rounded once at the end, so a column with mean 1e6 and deviation 1 keeps its digits. Where the rounding would take them, it is
// refused. Rules and values are those of scikit-learn 1.2; its `_is_constant_feature` and `_handle_zeros_in_scale` decide what counts as constant.

import { fail, show } from '../../errors.js';
import { checkDigits, farColumns, frameOfRanges, type Frame } from '../digits.js';
import { checkWidth } from '../columns.js';
import { Matrix, RowReader, type Float64Rows, type MatrixLike } from '../matrix.js';
import type { ScalerState } from './states.js';

/** What all scalers do. Rows in, rows out; columns keep their order. */
export interface Scaler {
  /** Columns the scaler was fitted on. @throws ERR_STATE before fit. */
  readonly columns: number;
  /** Takes the statistics of X [rows][columns], forgetting any earlier fit. @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE for NaN. */
  fit(X: MatrixLike): this;
  /**
   * X [rows][columns] scaled, in float32.
   * @throws ERR_STATE before fit, ERR_SHAPE for another width, ERR_RANGE beyond float32, or where nothing was subtracted from a column so far from 0
   * (seconds since 1970) that float32 would move its values as `inverseTransform` refuses to: transform64 keeps those.
   */
  transform(X: MatrixLike): Matrix;
  /** fit(X), then transform(X): for training rows. @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE; ERR_RANGE. */
  fitTransform(X: MatrixLike): Matrix;
  /**
   * X [rows][columns] back in the units of the fit, in float32, which holds 7 digits: milliseconds since 1970 have 13, and are refused.
   * inverseTransform64 gives those.
   * @throws ERR_STATE before fit, ERR_SHAPE for another width, ERR_RANGE for a value beyond float32, or one that float32 would move by more than a
   * thousandth of the column's spread (its deviation, range or distance of quartiles): a millionth where float32 holds no whole numbers any
   * more, beyond 16,777,216.
   */
  inverseTransform(X: MatrixLike): Matrix;
  /** X [rows][columns] scaled, in float64: for values that float32 would round too far. @throws ERR_STATE before fit, ERR_SHAPE for another width. */
  transform64(X: MatrixLike): Float64Rows;
  /** X [rows][columns] back in the units of the fit, in float64: all digits of time stamps and the like. @throws ERR_STATE before fit, ERR_SHAPE for another width. */
  inverseTransform64(X: MatrixLike): Float64Rows;
  /** The fitted state as plain JSON; `scalerFromJSON` brings it back. @throws ERR_STATE before fit. */
  toJSON(): ScalerState;
}

/** Scales a block of rows in place. */
type Change = (data: Float64Array, columns: number) => void;

/** Reads rows a block at a time, scales the block in float64 and puts it where it goes. */
export abstract class ColumnScaler implements Scaler {
  protected abstract readonly who: string;
  abstract readonly columns: number;
  abstract fit(X: MatrixLike): this;
  abstract toJSON(): ScalerState;
  /** Scales a block of rows in place. */
  protected abstract apply(data: Float64Array, columns: number): void;
  /** Scales a block of rows back in place. */
  protected abstract undo(data: Float64Array, columns: number): void;

  transform(X: MatrixLike): Matrix {
    return this.toMatrix(X, 'transform', (data, columns) => this.apply(data, columns), this.scaledFrame());
  }

  fitTransform(X: MatrixLike): Matrix {
    return this.fit(X).transform(X);
  }

  inverseTransform(X: MatrixLike): Matrix {
    return this.toMatrix(X, 'inverseTransform', (data, columns) => this.undo(data, columns), this.frame());
  }

  transform64(X: MatrixLike): Float64Rows {
    return this.toRows(X, (data, columns) => this.apply(data, columns));
  }

  inverseTransform64(X: MatrixLike): Float64Rows {
    return this.toRows(X, (data, columns) => this.undo(data, columns));
  }

  /** The middle of each column and its spread, in the units of the fit. */
  protected abstract frame(): Frame;

  /** Where scaled columns lie, and how far apart their values: far from 0 where nothing was subtracted. */
  private scaledFrame(): Frame {
    const { middle, spread } = this.frame();
    const low = middle.map((value, j) => value - 2 * spread[j]!);
    const high = middle.map((value, j) => value + 2 * spread[j]!);
    for (const row of [low, high]) this.apply(row, row.length);
    return frameOfRanges(low, high);
  }

  private toMatrix(X: MatrixLike, verb: string, change: Change, frame: Frame): Matrix {
    const reader = this.reader(X);
    const [rows, columns] = reader.shape;
    const out = new Float32Array(rows * columns);
    const far = farColumns(frame);
    for (const { data, first } of reader.blocks()) {
      change(data, columns);
      out.set(data, first * columns);
      checkFloat32(out, data, first, columns, `${this.who}.${verb}`);
      for (const column of far) checkDigits(out, data, first, columns, column, `${this.who}.${verb}`);
    }
    return new Matrix(out, rows, columns);
  }

  private toRows(X: MatrixLike, change: Change): Float64Rows {
    const reader = this.reader(X);
    const [rows, columns] = reader.shape;
    const out = new Float64Array(rows * columns);
    reader.read(out, 0, rows);
    change(out, columns);
    return { data: out, shape: reader.shape };
  }

  private reader(X: MatrixLike): RowReader {
    const { columns } = this; // before anything is read: not fitted comes first
    const reader = new RowReader(X, { name: 'X' });
    checkWidth(reader.shape[1], columns, this.who);
    return reader;
  }
}

/** @throws ERR_RANGE for a finite value of the block whose copy in `out` is beyond float32. */
function checkFloat32(out: Float32Array, block: Float64Array, first: number, columns: number, who: string): void {
  const at = first * columns;
  for (let k = 0; k < block.length; k++) {
    const value = out[at + k]!;
    if (value - value === 0) continue;
    const row = first + Math.floor(k / columns);
    const column = k % columns;
    fail('ERR_RANGE', `${who}: row ${row}, column ${column} comes to ${block[k]}, beyond the largest float32 (3.4e38).`, {
      row,
      column,
    });
  }
}

export function overflow(who: string, column: number): never {
  return fail(
    'ERR_RANGE',
    `${who}.fit: the spread of column ${column} is beyond the largest double (1.8e308). Divide it first.`,
    {
      column,
    },
  );
}

export function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number' && Number.isFinite(end));
}

export function showPair(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((end) => show(end)).join(', ')}]` : show(value);
}
