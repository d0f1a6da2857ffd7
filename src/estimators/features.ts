// What estimators take as X: rows of numbers, tables, and whatever reads as one (records, values by name, tables of other libraries).

import { isRecord } from '../data/columnSources.js';
import type { MatrixLike } from '../data/matrix.js';
import { inRowOrder } from '../data/strided.js';
import { Table, type TableLike } from '../data/table.js';

/** Rows of numbers; a table; records (objects, one per row), values by column name, or another library's table, as Table.from reads them. */
export type Features = MatrixLike | Table | readonly Readonly<Record<string, unknown>>[] | TableLike;

/** X as rows of numbers or a Table. @throws what Table.from throws. */
export function asFeatures(X: Features): MatrixLike | Table {
  if (X instanceof Table) return X;
  if (Array.isArray(X))
    return isRecord(X[0]) ? Table.fromRecords(X as readonly Readonly<Record<string, unknown>>[]) : (X as MatrixLike);
  if (typeof X !== 'object' || X === null || ArrayBuffer.isView(X)) return X as unknown as MatrixLike; // refused where rows are checked
  if ('data' in X && 'shape' in X) return inRowOrder(X) as MatrixLike;
  return Table.from(X as TableLike);
}
