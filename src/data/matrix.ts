// Matrices: rows of float32 in one array. Everything users hand in (rows of numbers, rows of typed arrays, any
// { data, shape }) is checked and converted here, once, before anything else happens.

import { fail, show } from '../errors.js';

/** What is accepted wherever data goes in: rows of numbers, rows of typed arrays, or anything with data and shape. */
export type MatrixLike =
  | readonly (readonly number[])[]
  | readonly ArrayLike<number>[]
  | { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

/** Rows of float32, row-major: element (i, j) is `data[i * columns + j]`. */
export class Matrix {
  readonly data: Float32Array;
  readonly shape: readonly [rows: number, columns: number];

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

export interface MatrixOptions {
  /** What the data is called in messages. */
  name?: string;
  /** Let NaN and infinities through (default false). */
  allowNonFinite?: boolean;
}

/**
 * A checked copy of `values` as a Matrix.
 * @throws ERR_TYPE for anything but numbers, ERR_EMPTY without rows, ERR_SHAPE for ragged rows or a flat array,
 * ERR_NONFINITE for NaN and infinities, ERR_RANGE for a double beyond float32.
 */
export function matrix(values: MatrixLike | Matrix, options: MatrixOptions = {}): Matrix {
  const name = options.name ?? 'values';
  const shape = shapeOf(values, name);
  const data = new Float32Array(shape[0] * shape[1]);
  copyRows(data, shape[1], values, shape, name, options.allowNonFinite ?? false);
  return new Matrix(data, shape[0], shape[1]);
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
  if (typeof values === 'object' && values !== null && 'data' in values && 'shape' in values)
    return checkMatrix(values as { data: unknown; shape: unknown }, name);
  return fail('ERR_TYPE', `${name}: expected rows of numbers or { data, shape: [rows, columns] }, got ${show(values)}.`);
}

function checkMatrix(values: { data: unknown; shape: unknown }, name: string): readonly [number, number] {
  const { data, shape } = values;
  if (!isNumberList(data))
    fail('ERR_TYPE', `${name}.data: expected an array or a typed array of numbers, got ${show(data)}.`);
  if (!Array.isArray(shape) || shape.length !== 2)
    fail('ERR_SHAPE', `${name}.shape: expected [rows, columns], got ${Array.isArray(shape) ? `[${shape.join(', ')}]` : show(shape)}.`);
  const [rows, columns] = shape as [number, number];
  if (!isCount(rows) || !isCount(columns))
    fail('ERR_SHAPE', `${name}.shape: expected two whole numbers, got [${String(rows)}, ${String(columns)}].`);
  if (ArrayBuffer.isView(data) && data.buffer.byteLength === 0 && rows * columns > 0)
    fail('ERR_TYPE', `${name}.data: its buffer is detached (it was transferred away).`);
  if (data.length !== rows * columns)
    fail('ERR_SHAPE', `${name}: shape [${rows}, ${columns}] wants ${rows * columns} numbers, but data has ${data.length}.`);
  if (rows === 0) fail('ERR_EMPTY', `${name} has no rows.`);
  if (columns === 0) fail('ERR_SHAPE', `${name} has no columns.`);
  return [rows, columns];
}

function shapeOfRows(rows: readonly unknown[], name: string): readonly [number, number] {
  if (rows.length === 0) fail('ERR_EMPTY', `${name} has no rows.`);
  const first = rows[0];
  if (typeof first === 'number')
    fail('ERR_SHAPE', `${name}: expected rows, got a flat array of ${rows.length} numbers. Wrap each sample in an array: [[…], […]].`);
  for (let i = 0; i < rows.length; i++)
    if (!isNumberList(rows[i])) fail('ERR_TYPE', `${name}[${i}]: expected a row of numbers, got ${show(rows[i])}.`, { row: i });
  const columns = (first as ArrayLike<number>).length;
  for (let i = 0; i < rows.length; i++) {
    const length = (rows[i] as ArrayLike<number>).length;
    if (length !== columns)
      fail('ERR_SHAPE', `${name}: row ${i} has ${length} columns, but row 0 has ${columns}. All rows must be equally long.`, { row: i });
  }
  if (columns === 0) fail('ERR_SHAPE', `${name} has no columns.`);
  const inner = (first as ArrayLike<unknown>)[0];
  if (Array.isArray(inner) || ArrayBuffer.isView(inner))
    fail('ERR_SHAPE', `${name}: expected two dimensions, rows and columns, got at least three. Flatten each sample to one row.`);
  return [rows.length, columns];
}

/** Copies rows into `out` (leading dimension `stride` >= columns), checking every number on the way. */
export function copyRows(
  out: Float32Array,
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
    if (data instanceof Float32Array && stride === columns) {
      out.set(data.length === rows * columns ? data : data.subarray(0, rows * columns));
      if (!allowNonFinite) checkFinite(out, rows, columns, name);
      return;
    }
    for (let i = 0; i < rows; i++) copyRow(out, i * stride, data, i * columns, columns, name, i, allowNonFinite);
  }
}

function copyRow(
  out: Float32Array,
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

/** @throws ERR_NONFINITE or ERR_RANGE for the first element of a row-major matrix that is not finite. */
export function checkFinite(data: ArrayLike<number>, rows: number, columns: number, name: string): void {
  for (let k = 0, n = rows * columns; k < n; k++) {
    const value = data[k]!;
    if (value - value !== 0) refuseNonFinite(value, name, Math.floor(k / columns), k % columns);
  }
}

function refuseNonFinite(value: number, name: string, row: number, column: number): never {
  const where = `${name}: row ${row}, column ${column} is ${value}`;
  if (Number.isFinite(value))
    fail('ERR_RANGE', `${where}, beyond the largest float32 (3.4e38). Scale the data first.`, { row, column, value });
  return fail(
    'ERR_NONFINITE',
    `${where}. Replace or drop missing values first, or pass checkFinite: false to let them through.`,
    { row, column, value },
  );
}

function isNumberList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView) && 'length' in value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 53;
}
