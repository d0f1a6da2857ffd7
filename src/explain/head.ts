// From the outputs of a network to the one number that is explained, and its slope: a column, a probability, a logit, or a number in the
// units of the target. Affine and elementwise maps of float64; knows nothing of networks.

import type { Floats } from '../data/allocate.js';

/** The number that is explained, as a function of a network's outputs y[at], y[at + 1], …. */
export interface Head {
  /** How many outputs it reads. */
  readonly columns: number;
  /** The output whose number it is. */
  readonly column: number;
  /** What that output is multiplied by and what is added, where no other output counts. */
  readonly affine: { readonly scale: number; readonly shift: number } | undefined;
  /** Whether the compiled kernel knows it: affine, or ln(p / (1 - p)) of a softmax. */
  readonly compiled: boolean;
  /** The number. */
  value(y: Floats, at: number): number;
  /** d value / d y, into slope[0 …]. */
  slopes(y: Floats, at: number, slope: Float64Array): void;
}

/** scale * y[column] + shift. */
export function affineHead(columns: number, column: number, scale = 1, shift = 0): Head {
  return {
    columns,
    column,
    affine: { scale, shift },
    compiled: true,
    value: (y, at) => y[at + column]! * scale + shift,
    slopes: (_y, _at, slope) => {
      slope.fill(0);
      slope[column] = scale;
    },
  };
}

/** ln(p / (1 - p)) of one class, from the net inputs z of a softmax: z_k - ln sum_{j != k} e^z_j. */
export function logOddsHead(columns: number, column: number): Head {
  const others = (y: Floats, at: number) => {
    let largest = -Infinity;
    for (let j = 0; j < columns; j++) if (j !== column) largest = Math.max(largest, y[at + j]!);
    let sum = 0;
    for (let j = 0; j < columns; j++) if (j !== column) sum += Math.exp(y[at + j]! - largest);
    return largest + Math.log(sum);
  };
  return {
    columns,
    column,
    affine: undefined,
    compiled: true,
    value: (y, at) => y[at + column]! - others(y, at),
    slopes: (y, at, slope) => {
      const rest = others(y, at);
      for (let j = 0; j < columns; j++) slope[j] = j === column ? 1 : -Math.exp(y[at + j]! - rest);
    },
  };
}

/** The probability of class k of columns + 1 from those that the class is at most each: what they grow by. */
export function orderedHead(columns: number, k: number): Head {
  return {
    columns,
    column: Math.min(k, columns - 1),
    affine: undefined,
    compiled: false,
    value: (y, at) => (k < columns ? y[at + k]! : 1) - (k > 0 ? y[at + k - 1]! : 0),
    slopes: (_y, _at, slope) => {
      slope.fill(0);
      if (k < columns) slope[k] = 1;
      if (k > 0) slope[k - 1] = -1;
    },
  };
}
