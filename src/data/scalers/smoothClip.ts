// SmoothClipScaler: median 0, quartiles 1 apart, and outliers drawn in smoothly.

import { fail } from '../../errors.js';
import { SavedState } from '../columns.js';
import type { MatrixLike } from '../matrix.js';
import { quantile } from '../quantiles.js';
import { bendColumns, LIMIT } from './maps.js';
import { MedianScaler } from './median.js';
import type { SmoothClipScalerState } from './states.js';

/**
 * Columns brought to median 0 and a distance of 1 between the quartiles, then bent into (-3, 3): z = (x - center) / scale, then
 * z / sqrt(1 + (z / 3)^2). Near the median nothing changes, and the wildest outlier stays below 3. A column whose quartiles coincide is divided by half
 * its range; a constant column becomes 0. Scaling back undoes the bend, within the digits that are left: near 3, few.
 *
 * Source: Holzmueller, Grinsztajn and Steinwart, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular Data" (2024, arXiv
 * 2407.04491), robust scaling with smooth clipping.
 *
 * @example
 * const X = [[1], [2], [3], [4], [1000]];
 * new SmoothClipScaler().fit(X).transform64(X).data;  // Float64Array [-0.9487, -0.4932, 0, 0.4932, 2.9999]
 */
export class SmoothClipScaler extends MedianScaler {
  protected readonly who = 'SmoothClipScaler';
  /** Columns that stay as they are. */
  private unchanged: ReadonlySet<number> = new Set();

  /** The distance of the quartiles, half the range where they coincide, 0 where the column is constant. */
  protected spreadOf(sorted: Float64Array): number {
    const quartiles = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    return quartiles > 0 ? quartiles : (sorted.at(-1)! - sorted[0]!) / 2;
  }

  /**
   * Takes the median and the quartiles of each column of X [rows][columns], forgetting any earlier fit.
   * @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE for NaN; ERR_RANGE for a column whose spread is beyond a double.
   */
  override fit(X: MatrixLike): this {
    super.fit(X);
    this.unchanged = new Set();
    return this;
  }

  protected apply(data: Float64Array): void {
    const { center, scale } = this.fitted;
    bendColumns(data, center, scale, this.unchanged);
  }

  protected undo(data: Float64Array, columns: number): void {
    const { unchanged } = this;
    const { center, scale } = this.fitted;
    for (let k = 0, j = 0; k < data.length; k++) {
      const bent = data[k]!;
      if (unchanged.has(j)) data[k] = bent;
      else if (scale[j] === 0) data[k] = center[j]!;
      else if (Math.abs(bent) >= LIMIT) refuseLimit(bent, j);
      else data[k] = center[j]! + (scale[j]! * bent) / Math.sqrt((1 - bent / LIMIT) * (1 + bent / LIMIT));
      if (++j === columns) j = 0;
    }
  }

  /** Statistics as plain JSON, for scalerFromJSON. @throws ERR_STATE before fit. */
  toJSON(): SmoothClipScalerState {
    const { center, scale } = this.fitted;
    return {
      type: 'SmoothClipScaler',
      center: [...center],
      scale: [...scale],
      ...(this.unchanged.size === 0 ? {} : { unchanged: [...this.unchanged] }),
    };
  }

  /** The scaler that toJSON described, to the bit. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): SmoothClipScaler {
    const saved = new SavedState(json, 'SmoothClipScaler');
    const scaler = new SmoothClipScaler();
    const center = saved.numbers('center');
    const unchanged = saved.raw('unchanged') === undefined ? [] : [...saved.numbers('unchanged')];
    for (const column of unchanged)
      if (!(column in center)) saved.refuse('unchanged', `columns from 0 to ${center.length - 1}`, column);
    scaler.unchanged = new Set(unchanged);
    scaler.state = { center, scale: saved.numbers('scale', center.length, 0) };
    return scaler;
  }
}

function refuseLimit(bent: number, column: number): never {
  return fail(
    'ERR_RANGE',
    `SmoothClipScaler.inverseTransform: column ${column} holds ${bent}, and scaled values lie between -3 and 3. ` +
      'A far outlier is rounded to 3 itself, from which it cannot be told.',
    { column },
  );
}
