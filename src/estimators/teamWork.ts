// What a preset's nets have to learn.

import type { Finding } from '../data/findings.js';
import type { Matrix } from '../data/matrix.js';
import type { Scaler } from '../data/scalers/index.js';
import type { Bins } from './bins.js';
import type { EstimatorFitOptions } from './fitOptions.js';
import type { InputColumns } from './inputs.js';
import type { EstimatorOptions } from './options.js';
import type { Recipe } from './presets.js';
import type { Targets } from './targets.js';

/** What is to be learnt, checked and scaled. */
export interface TeamWork<Head> {
  readonly recipe: Recipe;
  readonly options: EstimatorOptions & { readonly labelSmoothing?: number; readonly calibrate?: string | false };
  readonly fitOptions: EstimatorFitOptions;
  readonly columns: InputColumns;
  /** Bins of the columns, where they are asked for. */
  readonly bins: Bins | undefined;
  /** Whether the finished network may read other columns than the nets: of a table, not of rows that someone else encodes. */
  readonly reshapes: boolean;
  readonly scaler: Scaler | undefined;
  readonly head: Head;
  readonly targets: Targets<Head>;
  /** All rows, as the nets take them. */
  readonly X: Matrix;
  readonly weights: Float64Array | undefined;
  /** Rows that the user gave to watch, which all nets then do; they train on every row of X. */
  readonly watched:
    | { readonly X: Matrix; readonly values: Float64Array; readonly weights: ArrayLike<number> | undefined }
    | undefined;
  readonly findings: readonly Finding[];
  readonly fingerprint: number;
  readonly started: number;
}
