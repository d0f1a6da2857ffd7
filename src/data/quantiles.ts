// Order statistics: columns in ascending order, their medians and quantiles, as numpy rounds them.

import { RowReader, type MatrixLike } from './matrix.js';

/** Every column of X in ascending order. @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE. */
export function sortedColumns(X: MatrixLike): Float64Array[] {
  const reader = new RowReader(X, { name: 'X' });
  const [rows, columns] = reader.shape;
  const out = Array.from({ length: columns }, () => new Float64Array(rows));
  for (const { data, first, rows: count } of reader.blocks())
    for (let i = 0; i < count; i++) for (let j = 0; j < columns; j++) out[j]![first + i] = data[i * columns + j]!;
  for (const column of out) column.sort();
  return out;
}

/** Median of sorted values: the middle one, or the mean of the middle two. */
export function median(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value a share q in [0, 1] of sorted values lies below, interpolated linearly, rounded as numpy's `percentile` rounds. */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.min(Math.floor(position), sorted.length - 1);
  const a = sorted[below]!;
  const b = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const t = position - below;
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}
