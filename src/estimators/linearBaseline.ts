// The linear model that others are compared with.

import { Random } from '../data/random.js';

/** Options of the estimator that it is, beside its seed. */
export const linearBaseline = { hiddenLayers: [], optimizer: 'lbfgs', epochs: 60, earlyStopping: false, l2: 1e-3 } as const;

/** Rows that it is trained on, at most. */
export const mostRows = 20_000;

/** Which of so many rows a linear model is trained on: undefined for all, else some that count. Another purpose, another choice. */
export function rowsForLinear(
  rows: number,
  seed: number,
  purpose = 'linear',
  most = mostRows,
  weights?: ArrayLike<number>,
): Uint32Array | undefined {
  if (rows <= most) return undefined;
  const order = new Random(seed, purpose).permutation(rows);
  return (weights === undefined ? order : order.filter((i) => weights[i] !== 0)).slice(0, most);
}
