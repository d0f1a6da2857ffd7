// What estimators take, on its way to a worker and there: rows and tables as plain data. Everything is copied at the call, so that the
// caller's buffers stay the caller's, and read in the worker as it would be here. What is no data at all crosses as it is, where it
// can, and is refused there.

import { isFloat32 } from '../brands.js';
import type { Column } from '../data/column.js';
import { float64Rows, type Matrix, shapeOf, type MatrixLike } from '../data/matrix.js';
import { inRowOrder } from '../data/strided.js';
import { Table } from '../data/table.js';
import { asFeatures, type Features } from '../estimators/features.js';

/** A table's columns, or rows. */
type PlainFeatures =
  | {
      readonly table: readonly Column[];
      readonly source: string;
      readonly rows: number;
      readonly lines: Uint32Array | undefined;
      readonly notes: readonly string[];
    }
  | { readonly matrix: unknown };

/** A copy of X, all of whose buffers are ours. @throws as estimators refuse X. */
export function copyFeatures(X: Features, name = 'X'): PlainFeatures {
  const given = asFeatures(X);
  if (given instanceof Table) {
    const { columns, source, rows, lines, notes } = given;
    const table = columns.map((column): Column => {
      if (column.type === 'categorical') return { ...column, codes: column.codes.slice() };
      return { ...column, values: column.values.slice() };
    });
    return { table, source, rows, lines: lines?.slice(), notes };
  }
  if (typeof given !== 'object' || given === null) return { matrix: given };
  const { data } = given as { data?: unknown };
  if (!isFloat32(data)) return { matrix: float64Rows(given, { name }) };
  const [rows, columns] = shapeOf(given, name);
  return { matrix: { data: data.slice(), shape: [rows, columns] } };
}

/** X as an estimator takes it. */
export function featuresOf(plain: PlainFeatures): Features {
  if ('table' in plain) return new Table(plain.table, plain);
  return plain.matrix as MatrixLike;
}

/** A copy of targets, labels or weights, all of whose buffers are ours. */
export function copyTargets(values: unknown): unknown {
  if (ArrayBuffer.isView(values)) return copyView(values);
  if (Array.isArray(values))
    return values.map((row: unknown) => (Array.isArray(row) ? row.slice() : ArrayBuffer.isView(row) ? copyView(row) : row));
  if (typeof values !== 'object' || values === null || !('data' in values && 'shape' in values)) return values;
  const { data, shape } = inRowOrder(values as { data: unknown; shape: unknown });
  return { data: copyTargets(data), shape: copyTargets(shape) };
}

/** A typed array of the same kind on a buffer of its own, whichever realm or pool the first came from. */
function copyView(view: ArrayBufferView): unknown {
  const kind = (view as Uint8Array)[Symbol.toStringTag] as 'Uint8Array' | undefined;
  const View = kind === undefined ? undefined : (globalThis as unknown as Record<string, Uint8ArrayConstructor>)[kind];
  if (View === undefined || (view as Uint8Array).length === 0) return view;
  return new View(view as Uint8Array);
}

/** Predictions that are rows, as they cross: a Matrix is made of them again. */
export function plainMatrix({ data, shape }: Matrix): { readonly matrix: Float32Array; readonly columns: number } {
  return { matrix: data, columns: shape[1] };
}
