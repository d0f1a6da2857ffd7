// { data, shape } whose rows do not stand one after the other: views of ndarray libraries with strides and an offset, and column-major data.

import { fail, show } from '../errors.js';

interface Layout {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride?: unknown;
  readonly strides?: unknown;
  readonly offset?: unknown;
  readonly order?: unknown;
  readonly layout?: unknown;
  readonly fortranOrder?: unknown;
  readonly fortran_order?: unknown;
  readonly columnMajor?: unknown;
}

const COLUMN_MAJOR = ['F', 'f', 'fortran', 'Fortran', 'column-major', 'columnMajor', 'col-major'];
const ROW_MAJOR = ['C', 'c', 'row-major', 'rowMajor'];

/**
 * The same numbers with one row after the other: a copy where stride(s), offset or a mark of column-major order (order 'F' or 'column-major',
 * fortranOrder, columnMajor) say that they stand otherwise, else `values` itself.
 * @throws ERR_SHAPE for strides that leave the data, or do not fit the shape; ERR_TYPE for an order that is not known.
 */
export function inRowOrder<T>(values: T): T {
  if (typeof values !== 'object' || values === null || Array.isArray(values) || ArrayBuffer.isView(values)) return values;
  if (!('data' in values && 'shape' in values)) return values;
  const { data, shape, stride, strides, offset, order, layout } = values as unknown as Layout;
  if (typeof data !== 'object' || data === null || !isCounts(shape)) return values; // refused where shapes are checked
  const marks = values as unknown as Layout;
  const columnMajor =
    marks.fortranOrder === true ||
    marks.fortran_order === true ||
    marks.columnMajor === true ||
    isColumnMajor(order) ||
    isColumnMajor(layout);
  const given = stride ?? strides ?? undefined;
  if (given === undefined && !columnMajor && (offset === undefined || offset === 0)) return values;
  const steps = stridesOf(given, shape, columnMajor);
  const first = offset === undefined ? 0 : offset;
  if (typeof first !== 'number' || !Number.isInteger(first) || first < 0)
    fail('ERR_SHAPE', `offset: expected a whole number >= 0, got ${show(first)}.`);
  const size = shape.reduce((product, side) => product * side, 1);
  const plain = rowMajor(shape);
  if (size === 0 || (first === 0 && data.length === size && steps.every((step, d) => step === plain[d] || shape[d] === 1)))
    return values;

  let [low, high] = [first, first];
  for (const [d, step] of steps.entries()) {
    if (step < 0) low += step * (shape[d]! - 1);
    else high += step * (shape[d]! - 1);
  }
  if (low < 0 || high >= data.length)
    fail(
      'ERR_SHAPE',
      `shape [${shape.join(', ')}] with strides [${steps.join(', ')}] and offset ${first} leaves its data of ${data.length} numbers.`,
    );
  const kind = ArrayBuffer.isView(data) ? (data.constructor as new (size: number) => { [k: number]: number }) : undefined;
  const out: { [k: number]: number } = kind === undefined ? new Array<number>(size) : new kind(size);
  const at = new Array<number>(shape.length).fill(0);
  for (let k = 0, from = first; k < size; k++) {
    out[k] = data[from]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      from += steps[d]!;
      if (++at[d]! < shape[d]!) break;
      from -= steps[d]! * shape[d]!;
      at[d] = 0;
    }
  }
  return { data: out, shape: [...shape] } as unknown as T;
}

function isCounts(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.length > 0 && shape.every((side) => Number.isInteger(side) && side >= 0);
}

/** An order by name; npm's ndarray has a list of axes there, which its strides say too. */
function isColumnMajor(order: unknown): boolean {
  if (typeof order !== 'string') return false;
  if (COLUMN_MAJOR.includes(order)) return true;
  return ROW_MAJOR.includes(order)
    ? false
    : fail('ERR_TYPE', `order: unknown ${show(order)}. Expected 'row-major' or 'column-major'.`);
}

function stridesOf(given: unknown, shape: readonly number[], columnMajor: boolean): readonly number[] {
  if (given === undefined) {
    if (!columnMajor) return rowMajor(shape);
    let step = 1;
    return shape.map((side) => {
      const own = step;
      step *= side;
      return own;
    });
  }
  const steps =
    Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as unknown as ArrayLike<unknown>) : undefined;
  if (steps === undefined || steps.length !== shape.length || !steps.every((step) => Number.isInteger(step)))
    fail('ERR_SHAPE', `strides: expected ${shape.length} whole numbers, one per dimension, got ${show(given)}.`);
  return steps as number[];
}

function rowMajor(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  for (let d = shape.length - 1, step = 1; d >= 0; step *= shape[d--]!) steps[d] = step;
  return steps;
}
