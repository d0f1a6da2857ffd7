// Classes with an order: from the probabilities that the class is at most each of them but the last to those of the classes.

import { Matrix } from '../matrix.js';

/**
 * Rows [from, to) of `cumulative`, `columns` ascending probabilities each, to probabilities of columns + 1 classes in `out`: each what the sum grows by,
 * so that a row's are not negative and add up to 1.
 */
export function classShares(
  cumulative: ArrayLike<number>,
  out: Float32Array | Float64Array,
  { from, to, columns }: { readonly from: number; readonly to: number; readonly columns: number },
): void {
  for (let i = from; i < to; i++) {
    let before = 0;
    for (let k = 0; k <= columns; k++) {
      const sum = k < columns ? cumulative[(i - from) * columns + k]! : 1;
      out[i * (columns + 1) + k] = sum - before;
      before = sum;
    }
  }
}

/** Probabilities of classes [rows, columns + 1] from those that the class is at most each [rows, columns]. */
export function ordinalShares({ data, shape }: Matrix): Matrix {
  const [rows, columns] = shape;
  const out = new Matrix(new Float32Array(rows * (columns + 1)), rows, columns + 1);
  classShares(data, out.data, { from: 0, to: rows, columns });
  return out;
}
