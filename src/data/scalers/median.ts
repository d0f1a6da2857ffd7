// What RobustScaler and SmoothClipScaler share: a median and a spread for each column, taken from its sorted values.

import { notFitted } from '../columns.js';
import type { Frame } from '../digits.js';
import type { MatrixLike } from '../matrix.js';
import { median, sortedColumns } from '../quantiles.js';
import { ColumnScaler, overflow } from './scaler.js';

/** A scaler whose statistics are the median of each column and what it is divided by. */
export abstract class MedianScaler extends ColumnScaler {
  protected state: { center: Float64Array; scale: Float64Array } | undefined;

  protected get fitted() {
    return this.state ?? notFitted(this.who);
  }
  /** Columns the scaler was fitted on. @throws ERR_STATE before fit. */
  get columns(): number {
    return this.fitted.center.length;
  }
  /** Median of each column, in its units. @throws ERR_STATE before fit. */
  get center(): Float64Array {
    return this.fitted.center.slice();
  }
  /** What each column is divided by, in its units. @throws ERR_STATE before fit. */
  get scale(): Float64Array {
    return this.fitted.scale.slice();
  }

  /** What a column is divided by, from its values in ascending order. */
  protected abstract spreadOf(sorted: Float64Array): number;

  /**
   * Takes median and quantiles of each column of X [rows][columns], forgetting any earlier fit.
   * @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE for NaN; ERR_RANGE for a column whose spread is beyond a double.
   */
  fit(X: MatrixLike): this {
    const columns = sortedColumns(X);
    const center = new Float64Array(columns.length);
    const scale = new Float64Array(columns.length);
    columns.forEach((sorted, j) => {
      center[j] = median(sorted);
      scale[j] = this.spreadOf(sorted);
      if (!Number.isFinite(scale[j])) overflow(this.who, j);
    });
    this.state = { center, scale };
    return this;
  }

  protected frame(): Frame {
    return { middle: this.fitted.center, spread: this.fitted.scale };
  }
}
