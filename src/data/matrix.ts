// Matrices: rows of float32 in one array. Everything users hand in (rows of numbers, rows of typed arrays, any
// { data, shape }) is checked and converted here, once, before anything else happens: to float32 for the network, to
// float64 for what must not be rounded first (scalers, statistics, metrics).

import { isFloat32, isFloat64 } from '../brands.js';
import { fail, show } from '../errors.js';
import { doubles, floats } from './allocate.js';
import { inRowOrder } from './strided.js';

/**
 * What is accepted wherever data goes in: rows of numbers, rows of typed arrays, or anything with data and shape. Views of ndarray libraries, with
 * strides and an offset, and column-major data are read right by `matrix`, scalers, encoders, metrics and estimators; models refuse them.
 */
export type MatrixLike =
  | readonly (readonly number[])[]
  | readonly ArrayLike<number>[]
  | {
      /** The numbers, row-major. */
      readonly data: ArrayLike<number>;
      /** [rows, columns]. */
      readonly shape: readonly number[];
    };

/**
 * Rows of float32, row-major: element (i, j) is `data[i * columns + j]`. What predict gives; matrix() makes one from rows of numbers.
 *
 * @example
 * const m = new Matrix(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3);
 * m.row(1);     // Float32Array [4, 5, 6]
 * m.toArray();  // [[1, 2, 3], [4, 5, 6]]
 */
export class Matrix {
  /** The numbers, row-major, float32: rows * columns of them. */
  readonly data: Float32Array;
  /** [rows, columns]. */
  readonly shape: readonly [rows: number, columns: number];

  /** A view of `data` as rows x columns, row-major, without a copy. `matrix(values)` makes one from anything and checks it. */
  constructor(data: Float32Array, rows: number, columns: number) {
    this.data = data;
    this.shape = [rows, columns];
  }

  /** Row i as a view on the data (no copy). @throws ERR_SHAPE when there is no such row. */
  row(i: number): Float32Array {
    const [rows, columns] = this.shape;
    if (!(Number.isInteger(i) && i >= 0 && i < rows)) fail('ERR_SHAPE', `row: expected 0 to ${rows - 1}, got ${show(i)}.`);
    return this.data.subarray(i * columns, (i + 1) * columns);
  }

  /** The rows as plain arrays of numbers. */
  toArray(): number[][] {
    return Array.from({ length: this.shape[0] }, (_, i) => Array.from(this.row(i)));
  }
}

/** Rows of float64, row-major. Itself a MatrixLike, so it can go wherever data goes. */
export interface Float64Rows {
  /** The numbers, row-major, float64: rows * columns of them. */
  readonly data: Float64Array;
  /** [rows, columns]. */
  readonly shape: readonly [rows: number, columns: number];
}

/** Options of matrix: the name for messages, and whether NaN may pass. */
export interface MatrixOptions {
  /** What the data is called in messages. */
  name?: string;
  /** Let NaN and infinities through (default false). */
  allowNonFinite?: boolean;
}

export interface Float64Options extends MatrixOptions {
  /** Let NaN through, which stands for a missing value, but no infinities (default false). */
  allowMissing?: boolean;
  /** The way out named by the refusal of a value that is not finite. */
  advice?: string;
}

const CHECK_FINITE_ADVICE = 'Replace or drop missing values first, or pass checkFinite: false to let them through.';
const IMPUTE_ADVICE = 'Drop the row, or fill missing values first (SimpleImputer).';

/**
 * A checked copy of `values` as a Matrix.
 * @throws ERR_TYPE for anything but numbers, ERR_EMPTY without rows, ERR_SHAPE for ragged rows or a flat array,
 * ERR_NONFINITE for NaN and infinities, ERR_RANGE for a double beyond float32.
 *
 * @example
 * const m = matrix([[1, 2], [3, 4], [5, 6]]);
 * m.shape;   // [3, 2]
 * m.row(1);  // Float32Array [3, 4]
 */
export function matrix(values: MatrixLike | Matrix, options: MatrixOptions = {}): Matrix {
  values = inRowOrder(values);
  const name = options.name ?? 'values';
  const shape = shapeOf(values, name);
  const data = floats(shape[0] * shape[1], name);
  copyRows(data, shape[1], values, shape, name, options.allowNonFinite ?? false);
  return new Matrix(data, shape[0], shape[1]);
}

/**
 * A checked copy of `values` in float64: numbers beyond float32 pass, and 1e6 + 0.001 stays what it is.
 * @throws ERR_TYPE, ERR_EMPTY, ERR_SHAPE and ERR_NONFINITE as `matrix` does.
 */
export function float64Rows(values: MatrixLike | Matrix | Float64Rows, options: Float64Options = {}): Float64Rows {
  const reader = new RowReader(values, options);
  const { shape } = reader;
  const data = doubles(shape[0] * shape[1], options.name ?? 'values');
  reader.read(data, 0, shape[0]);
  return { data, shape };
}

/** Reads checked float64 rows a block at a time, for passes over data too large to copy whole. */
export class RowReader {
  readonly shape: readonly [rows: number, columns: number];
  private readonly values: MatrixLike | Matrix | Float64Rows;
  private readonly options: Required<Float64Options>;

  /** Everything but the numbers is checked here. @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY. */
  constructor(given: MatrixLike | Matrix | Float64Rows, options: Float64Options = {}) {
    this.values = inRowOrder(given);
    this.options = { name: 'values', allowNonFinite: false, allowMissing: false, advice: IMPUTE_ADVICE, ...options };
    this.shape = shapeOf(this.values, this.options.name);
  }

  /** Rows [first, first + count) into the front of `out`. @throws ERR_TYPE or ERR_NONFINITE naming row and column. */
  read(out: Float64Array, first: number, count: number): void {
    const columns = this.shape[1];
    const { name, advice, allowMissing, allowNonFinite } = this.options;
    const source = Array.isArray(this.values) ? undefined : (this.values as { data: ArrayLike<number> }).data;
    if (isFloat32(source) || isFloat64(source)) out.set(source.subarray(first * columns, (first + count) * columns));
    else if (source !== undefined)
      for (let i = 0; i < count; i++) copyRow(out, i * columns, source, (first + i) * columns, columns, name, first + i, true);
    else {
      const rows = this.values as readonly ArrayLike<number>[];
      for (let i = 0; i < count; i++) copyRow(out, i * columns, rows[first + i]!, 0, columns, name, first + i, true);
    }
    if (!allowNonFinite) checkFinite(out, count, columns, name, advice, allowMissing, first);
  }

  /** Every row in order, in blocks of about 128 kB. The block's array is reused: use it before the next. */
  *blocks(): Generator<{ data: Float64Array; first: number; rows: number }> {
    const [rows, columns] = this.shape;
    const most = Math.min(rows, Math.max(1, Math.floor(16384 / columns)));
    const buffer = new Float64Array(most * columns);
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      this.read(buffer, first, count);
      yield { data: count === most ? buffer : buffer.subarray(0, count * columns), first, rows: count };
    }
  }
}

/**
 * A checked float64 copy of targets or predictions: a flat list of numbers (one column) or rows.
 * @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE.
 */
export function float64Targets(values: ArrayLike<number> | MatrixLike, options: Float64Options = {}): Float64Rows {
  const name = options.name ?? 'values';
  const given: ArrayLike<number> | MatrixLike = inRowOrder(values);
  if (isVectorLike(given)) return float64Targets(given.data, options);
  const flat = isNumberList(given) && !isNumberList(given[0]);
  if (!flat) return float64Rows(given as MatrixLike, options);
  if (isDetached(given)) refuseDetached(name);
  if (given.length === 0) fail('ERR_EMPTY', `${name} has no rows.`);
  return float64Rows({ data: given, shape: [given.length, 1] }, options);
}

/** The shape of `values`, checked for everything but the numbers themselves. */
export function shapeOf(values: unknown, name: string): readonly [rows: number, columns: number] {
  if (values instanceof Matrix) return checkMatrix(values, name);
  if (Array.isArray(values)) return shapeOfRows(values, name);
  if (ArrayBuffer.isView(values))
    fail(
      'ERR_SHAPE',
      `${name}: a flat ${values.constructor.name} has no rows. Pass { data, shape: [rows, columns] }, or rows [[…], […]].`,
    );
  if (typeof values === 'object' && values !== null && 'data' in values && 'shape' in values) {
    if (inRowOrder(values) !== values)
      fail(
        'ERR_SHAPE',
        `${name}: its rows do not stand one after the other (strides, an offset or column-major order). Pass matrix(${name}).`,
      );
    return checkMatrix(values as { data: unknown; shape: unknown }, name);
  }
  return fail('ERR_TYPE', `${name}: expected rows of numbers or { data, shape: [rows, columns] }, got ${show(values)}.`);
}

function checkMatrix(values: { data: unknown; shape: unknown }, name: string): readonly [number, number] {
  const { data, shape } = values;
  if (!isNumberList(data)) fail('ERR_TYPE', `${name}.data: expected an array or a typed array of numbers, got ${show(data)}.`);
  if (!Array.isArray(shape) || shape.length !== 2)
    fail('ERR_SHAPE', `${name}.shape: expected [rows, columns], got ${showShape(shape)}.`);
  const [rows, columns] = shape as [number, number];
  if (!isCount(rows) || !isCount(columns))
    fail('ERR_SHAPE', `${name}.shape: expected two whole numbers, got ${showShape(shape)}.`);
  if (isDetached(data)) refuseDetached(`${name}.data`);
  if (data.length !== rows * columns)
    fail('ERR_SHAPE', `${name}: shape [${rows}, ${columns}] needs ${rows * columns} numbers, but data has ${data.length}.`);
  if (rows === 0) fail('ERR_EMPTY', `${name} has no rows.`);
  if (columns === 0) fail('ERR_SHAPE', `${name} has no columns.`);
  return [rows, columns];
}

function showShape(shape: unknown): string {
  return Array.isArray(shape) ? `[${Array.from(shape.slice(0, 8), show).join(', ')}]` : show(shape);
}

function shapeOfRows(rows: readonly unknown[], name: string): readonly [number, number] {
  if (rows.length === 0) fail('ERR_EMPTY', `${name} has no rows.`);
  const first = rows[0];
  if (typeof first === 'number')
    fail(
      'ERR_SHAPE',
      `${name}: expected rows, got a flat array of ${rows.length} numbers. Wrap each sample in an array: [[…], […]].`,
    );
  for (let i = 0; i < rows.length; i++)
    if (!isNumberList(rows[i])) fail('ERR_TYPE', `${name}[${i}]: expected a row of numbers, got ${show(rows[i])}.`, { row: i });
  const columns = (first as ArrayLike<number>).length;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as ArrayLike<number>;
    const { length } = row;
    if (length === 0 && isDetached(row)) refuseDetached(`${name}[${i}]`);
    if (length !== columns)
      fail('ERR_SHAPE', `${name}: row ${i} has ${length} columns, but row 0 has ${columns}. All rows must be equally long.`, {
        row: i,
      });
  }
  if (columns === 0) fail('ERR_SHAPE', `${name} has no columns.`);
  const inner = (first as ArrayLike<unknown>)[0];
  if (Array.isArray(inner) || ArrayBuffer.isView(inner))
    fail('ERR_SHAPE', `${name}: expected two dimensions, rows and columns, got at least three. Flatten each sample to one row.`);
  return [rows.length, columns];
}

/** Copies rows into `out` (leading dimension `stride` >= columns), checking every number on the way. */
export function copyRows(
  out: Float32Array | Float64Array,
  stride: number,
  values: MatrixLike | Matrix,
  shape: readonly [number, number],
  name: string,
  allowNonFinite: boolean,
): void {
  const [rows, columns] = shape;
  if (Array.isArray(values)) {
    for (let i = 0; i < rows; i++) copyRow(out, i * stride, values[i] as ArrayLike<number>, 0, columns, name, i, allowNonFinite);
  } else {
    const { data } = values as { data: ArrayLike<number> };
    if (isFloat32(data) && stride === columns) {
      out.set(data.length === rows * columns ? data : data.subarray(0, rows * columns));
      if (!allowNonFinite) checkFinite(out, rows, columns, name);
      return;
    }
    for (let i = 0; i < rows; i++) copyRow(out, i * stride, data, i * columns, columns, name, i, allowNonFinite);
  }
}

function copyRow(
  out: Float32Array | Float64Array,
  at: number,
  source: ArrayLike<number>,
  from: number,
  columns: number,
  name: string,
  row: number,
  allowNonFinite: boolean,
): void {
  for (let j = 0; j < columns; j++) {
    const value = source[from + j] as unknown;
    if (typeof value !== 'number')
      fail('ERR_TYPE', `${name}: row ${row}, column ${j} is ${show(value)}, not a number.`, { row, column: j, value });
    out[at + j] = value;
    const stored = out[at + j]!;
    if (!allowNonFinite && stored - stored !== 0) refuseNonFinite(value, name, row, j);
  }
}

/** @throws ERR_NONFINITE for the first element of a row-major matrix that is not finite (NaN passes with allowMissing). */
export function checkFinite(
  data: ArrayLike<number>,
  rows: number,
  columns: number,
  name: string,
  advice = CHECK_FINITE_ADVICE,
  allowMissing = false,
  firstRow = 0,
): void {
  for (let k = 0, n = rows * columns; k < n; k++) {
    const value = data[k]!;
    if (value - value !== 0 && !(allowMissing && value !== value))
      refuseNonFinite(value, name, firstRow + Math.floor(k / columns), k % columns, advice);
  }
}

function refuseNonFinite(value: number, name: string, row: number, column: number, advice = CHECK_FINITE_ADVICE): never {
  const where = `${name}: row ${row}, column ${column} is ${value}`;
  if (Number.isFinite(value))
    fail('ERR_RANGE', `${where}, beyond the largest float32 (3.4e38). Scale the data first.`, { row, column, value });
  return fail('ERR_NONFINITE', `${where}. ${advice}`, { row, column, value });
}

function refuseDetached(name: string): never {
  return fail('ERR_TYPE', `${name}: its buffer is detached (it was transferred away).`);
}

function isNumberList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

/** Whether a typed array lost its buffer: only then does a new view on that buffer throw. */
function isDetached(values: unknown): boolean {
  if (!ArrayBuffer.isView(values) || values.buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(values.buffer).length > 0;
  } catch {
    return true;
  }
}

/** { data, shape: [n] }: a vector from an ndarray library. */
function isVectorLike(values: unknown): values is { data: ArrayLike<number> } {
  return (
    typeof values === 'object' &&
    values !== null &&
    'data' in values &&
    'shape' in values &&
    Array.isArray(values.shape) &&
    values.shape.length === 1 &&
    isNumberList(values.data) &&
    values.data.length === values.shape[0]
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 53;
}
