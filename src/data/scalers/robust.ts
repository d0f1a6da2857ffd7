// RobustScaler: median 0, distance between two quantiles 1.

import { fail } from '../../errors.js';
import { flag, readOptions, type Schema } from '../../options.js';
import { SavedState } from '../columns.js';
import { quantile } from '../quantiles.js';
import { multiplyAndShift, nonZero, shiftAndDivide } from './maps.js';
import { MedianScaler } from './median.js';
import { isPair, showPair } from './scaler.js';
import type { RobustScalerState } from './states.js';

/** Options of RobustScaler. */
export interface RobustScalerOptions {
  /** Subtract the median (default true). */
  withCentering?: boolean;
  /** Divide by the distance between the quantiles (default true). */
  withScaling?: boolean;
  /** The two quantiles, in percent (default [25, 75]). */
  quantileRange?: readonly [low: number, high: number];
}

const optionRows = {
  withCentering: flag(true),
  withScaling: flag(true),
  quantileRange: (value = [25, 75], name) => {
    if (!isPair(value) || !(value[0] >= 0 && value[0] <= value[1] && value[1] <= 100))
      return fail('ERR_OPTION', `${name}: expected [low, high] with 0 <= low <= high <= 100, got ${showPair(value)}.`);
    return [value[0], value[1]] as const;
  },
} satisfies Schema<RobustScalerOptions>;

/**
 * Median 0 and distance 1 between two quantiles (by default the quartiles) in every column: (x - center) / scale. A few wild
 * values do not move it. Source: scikit-learn 1.2, `RobustScaler`; quantiles by linear interpolation.
 *
 * @example
 * new RobustScaler().fitTransform([[1], [2], [3], [4], [1000]]).toArray();  // [[-1], [-0.5], [0], [0.5], [498.5]]
 */
export class RobustScaler extends MedianScaler {
  protected readonly who = 'RobustScaler';
  /** Whether the median is subtracted. */
  readonly withCentering: boolean;
  /** Whether values are divided by the distance between the quantiles. */
  readonly withScaling: boolean;
  /** The two quantiles, in percent. */
  readonly quantileRange: readonly [low: number, high: number];

  /** Brings columns to median 0 and quantile range 1, whatever the outliers: fit on training rows, then transform. @throws ERR_OPTION unless quantileRange is [low, high] with 0 <= low <= high <= 100. */
  constructor(options: RobustScalerOptions = {}) {
    super();
    const { withCentering, withScaling, quantileRange } = readOptions(optionRows, options, 'RobustScaler', 'RobustScaler.');
    this.withCentering = withCentering;
    this.withScaling = withScaling;
    this.quantileRange = quantileRange;
  }

  /** The distance between the quantiles, or 1 where they coincide. */
  protected spreadOf(sorted: Float64Array): number {
    const [low, high] = this.quantileRange;
    return nonZero(quantile(sorted, high / 100) - quantile(sorted, low / 100));
  }

  protected apply(data: Float64Array): void {
    shiftAndDivide(data, ...this.parts());
  }

  protected undo(data: Float64Array): void {
    multiplyAndShift(data, ...this.parts());
  }

  private parts(): [center: Float64Array | undefined, scale: Float64Array | undefined] {
    const { center, scale } = this.fitted;
    return [this.withCentering ? center : undefined, this.withScaling ? scale : undefined];
  }

  /** Options and statistics as plain JSON, for scalerFromJSON. @throws ERR_STATE before fit. */
  toJSON(): RobustScalerState {
    const { center, scale } = this.fitted;
    const { withCentering, withScaling } = this;
    const quantileRange: [number, number] = [...this.quantileRange];
    return { type: 'RobustScaler', withCentering, withScaling, quantileRange, center: [...center], scale: [...scale] };
  }

  /** The scaler that toJSON described, to the bit. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): RobustScaler {
    const saved = new SavedState(json, 'RobustScaler');
    const [low, high] = saved.numbers('quantileRange', 2, 0);
    if (!(low! <= high! && high! <= 100)) saved.refuse('quantileRange', 'within 0 and 100', saved.raw('quantileRange'));
    const scaler = new RobustScaler({
      withCentering: saved.boolean('withCentering'),
      withScaling: saved.boolean('withScaling'),
      quantileRange: [low!, high!],
    });
    const center = saved.numbers('center');
    scaler.state = { center, scale: saved.numbers('scale', center.length, Number.MIN_VALUE) };
    return scaler;
  }
}
