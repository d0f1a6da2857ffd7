// Targets as the classifier and the regressor hand them to what they share.

import type { LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';

/** Targets as a head understands them. */
export interface Targets<Head> {
  readonly head: Head;
  /** rows x columns. */
  readonly values: Float64Array;
  readonly columns: number;
  /** Class of each row, for splits that keep proportions. */
  readonly strata?: Int32Array;
  /** A row in words: its line in a file, or its number. */
  readonly where?: (row: number) => string;
  /** A number as people write it, where that is not as a figure. */
  readonly text?: ((value: number) => string) | undefined;
}

export interface Network {
  readonly output: readonly LayerSpec[];
  readonly loss: MLPOptions['loss'];
  /** How the answers take the units of the first output layer: 1 they rise with it, -1 they fall, null it takes no inputs (default: 1 all). */
  readonly senses?: readonly (1 | -1 | null)[];
}
