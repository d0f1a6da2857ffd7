// The options of MLPRegressor, checked apart from it: a page whose regressor works in a worker checks them without the class.

import { choice, flag, type Schema } from '../options.js';
import { estimatorRows, type EstimatorOptions } from './options.js';

/** Options of MLPRegressor. */
export interface MLPRegressorOptions extends EstimatorOptions {
  /** What training makes small (default 'meanSquaredError'; 'mse' and 'mae' for short). */
  readonly loss?: 'meanSquaredError' | 'meanAbsoluteError' | 'huber' | 'logCosh' | 'mse' | 'mae';
  /** Bring targets to mean 0 and deviation 1 for training (default true). Losses are then those of scaled targets. */
  readonly scaleTargets?: boolean;
}

/** A row for each option, which checks it. */
export const regressorRows = {
  ...estimatorRows,
  loss: choice(['meanSquaredError', 'meanAbsoluteError', 'huber', 'logCosh', 'mse', 'mae'], 'meanSquaredError'),
  scaleTargets: flag(true),
} satisfies Schema<MLPRegressorOptions>;
