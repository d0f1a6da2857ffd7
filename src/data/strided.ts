// { data, shape } whose rows do not stand one after the other: views of ndarray libraries with strides and an offset, and column-major data.

import { fail, show } from '../errors.js';

interface Layout {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
  readonly order?: unknown;
  readonly layout?: unknown;
  readonly fortranOrder?: boolean;
  readonly fortran_order?: boolean;
  readonly columnMajor?: boolean;
}

/**
 * Numbers with one row after the other: a copy where stride(s), offset or a mark of column-major order (order 'F' or 'column-major',
 * fortranOrder, columnMajor) say that they stand otherwise, else `values` itself.
 * @throws ERR_SHAPE for strides that leave the data, or do not fit the shape; ERR_TYPE for an order that is not known.
 */
export function inRowOrder<T>(values: T): T {
  if (typeof values !== 'object' || values === null || !('data' in values && 'shape' in values)) return values;
  const given = values as unknown as Layout;
  const { data, shape, offset = 0, order = given.layout } = given;
  const named = typeof order === 'string'; // npm's ndarray has a list of axes there, which its strides say too
  if (named && !/^(c|f|row.*|col.*|fortran)$/i.test(order))
    fail('ERR_TYPE', `order: unknown ${show(order)}. Expected 'row-major' or 'column-major'.`);
  const byColumns = given.fortranOrder || given.fortran_order || given.columnMajor || (named && /^(f|col)/i.test(order));
  const steps = given.stride ?? given.strides;
  if ((!steps && !byColumns && offset === 0) || !Array.isArray(shape) || typeof data?.length !== 'number') return values;

  const product = (sides: readonly number[]) => sides.reduce((size, side) => size * side, 1);
  const size = product(shape);
  const rowMajor = shape.map((_, d) => product(shape.slice(d + 1)));
  const strides = steps ?? (byColumns ? shape.map((_, d) => product(shape.slice(0, d))) : rowMajor);
  if (strides.length !== shape.length || !Number.isInteger(offset))
    fail('ERR_SHAPE', `strides: expected ${shape.length} whole numbers and an offset, got ${show(steps)} and ${show(offset)}.`);
  if (offset === 0 && data.length === size && rowMajor.every((step, d) => step === strides[d])) return values;
  const kind = data.constructor as new (size: number) => { [k: number]: number };
  const out = new kind(size);
  for (let k = 0; k < size; k++) {
    let at = offset;
    for (let d = shape.length - 1, rest = k; d >= 0; rest = Math.floor(rest / shape[d--]!))
      at += (rest % shape[d]!) * strides[d]!;
    if (!(at in data))
      fail(
        'ERR_SHAPE',
        `shape [${shape}] with strides [${strides}] and offset ${offset} leaves its data of ${data.length} numbers.`,
      );
    out[k] = data[at]!;
  }
  return { data: out, shape: [...shape] } as unknown as T;
}
