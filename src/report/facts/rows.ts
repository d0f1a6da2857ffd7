// Rows as reports need them: as the model takes them, and as a table that people read.

import { Random } from '../../data/random.js';
import { float64Rows, type MatrixLike } from '../../data/matrix.js';
import { Table } from '../../data/table.js';
import { asFeatures, type Features } from '../../estimators/features.js';
import { pickRows, rowsOf } from '../../estimators/inputs.js';

/** Rows as a model takes them: a table, or rows of numbers. */
export type ModelRows = Table | MatrixLike;

/** X as a table, or as rows of numbers. @throws what reading X throws. */
export function modelRows(X: Features, name: string): ModelRows {
  const rows = asFeatures(X);
  return rows instanceof Table ? rows : float64Rows(rows, { name });
}

/** How many there are. */
export const countRows = (rows: ModelRows): number => rowsOf(rows);

/** The rows with these indices, in that order. */
export function rowsAt(rows: ModelRows, indices: Uint32Array): ModelRows {
  return rows instanceof Table ? rows.take(indices) : pickRows(rows, indices);
}

/** At most `most` of `count` rows, drawn by the seed, in their order; undefined for all of them. */
export function someOf(count: number, most: number, seed: number, what: string): Uint32Array | undefined {
  return count <= most ? undefined : new Random(seed, `report ${what}`).permutation(count).slice(0, most).sort();
}

/** At most `most` of the rows. */
export function someRows(rows: ModelRows, most: number, seed: number, what: string): ModelRows {
  const chosen = someOf(countRows(rows), most, seed, what);
  return chosen === undefined ? rows : rowsAt(rows, chosen);
}

/** Rows as a table of the named columns: inputs of a matrix get these names. */
export function tableOf(rows: ModelRows, names: readonly string[]): Table {
  if (rows instanceof Table) return rows.select(names.filter((name) => rows.has(name)));
  const { data, shape } = float64Rows(rows, { name: 'X' });
  const [count, columns] = shape;
  return new Table(
    names.map((name, j) => ({
      ...{ name, type: 'numeric' as const },
      values: Float64Array.from({ length: count }, (_, i) => data[i * columns + j]!),
    })),
    { rows: count },
  );
}
