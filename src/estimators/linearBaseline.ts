// The linear model that others are compared with.

import { Random } from '../data/random.js';

/** Options of the estimator that it is, beside its seed. */
export const linearBaseline = { hiddenLayers: [], optimizer: 'lbfgs', epochs: 60, earlyStopping: false, l2: 1e-3 } as const;

/** Rows that it is trained on, at most. */
export const mostRows = 20_000;

/** Which of so many rows a linear model is trained on: undefined for all. Another purpose, another choice. */
export function rowsForLinear(rows: number, seed: number, purpose = 'linear', most = mostRows): Uint32Array | undefined {
  return rows <= most ? undefined : new Random(seed, purpose).permutation(rows).slice(0, most);
}
