// The options of MLPRegressor, checked apart from it: a page whose regressor works in a worker checks them without the class.

import { fail } from '../errors.js';
import { choice, flag, given, type Schema } from '../options.js';
import { quantileLevels } from '../plan/losses.js';
import { estimatorRows, type EstimatorOptions } from './options.js';

/** Options of MLPRegressor. */
export interface MLPRegressorOptions extends EstimatorOptions {
  /**
   * What training makes small (default 'meanSquaredError'; 'mse' and 'mae' for short). 'gaussianNll': the network learns a deviation beside each
   * number, for predictStd and predictInterval; no preset then. See docs/uncertainty.md.
   */
  readonly loss?: 'meanSquaredError' | 'meanAbsoluteError' | 'huber' | 'logCosh' | 'gaussianNll' | 'mse' | 'mae';
  /**
   * Levels in (0, 1), ascending, of quantiles that the network learns in the place of a mean, such as [0.05, 0.5, 0.95]: for predictQuantiles,
   * which never cross, and for intervals by conformalize. predict gives the median, where 0.5 is not among them the line between the two levels
   * beside it (or the level nearest to it). The loss is then pinball's; no preset. See docs/uncertainty.md.
   */
  readonly quantiles?: readonly number[];
  /** Bring targets to mean 0 and deviation 1 for training (default true). Losses are then those of scaled targets. */
  readonly scaleTargets?: boolean;
}

/** A row for each option, which checks it. */
export const regressorRows = {
  ...estimatorRows,
  loss: choice(['meanSquaredError', 'meanAbsoluteError', 'huber', 'logCosh', 'gaussianNll', 'mse', 'mae']),
  quantiles: given<readonly number[]>((value, name) => void quantileLevels(Array.isArray(value) ? value : [Number.NaN], name)),
  scaleTargets: flag(true),
} satisfies Schema<MLPRegressorOptions>;

/** @throws ERR_OPTION for options that do not go together. */
export function checkRegressorOptions({ loss, quantiles, monotone, convex }: MLPRegressorOptions): void {
  if (quantiles !== undefined && loss !== undefined)
    fail('ERR_OPTION', `loss: quantiles are learnt by the pinball loss, not by '${loss}'. Leave one of the two out.`);
  if (loss === 'gaussianNll' && Object.keys({ ...monotone, ...convex }).length > 0)
    fail(
      'ERR_OPTION',
      "loss: with 'gaussianNll' the deviation would take the shape of the mean. Use quantiles, which keep it, or another loss.",
    );
}
