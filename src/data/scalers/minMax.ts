// MinMaxScaler: every column into a range.

import { fail } from '../../errors.js';
import { flag, readOptions, type Schema } from '../../options.js';
import { checkWidth, notFitted, SavedState } from '../columns.js';
import { RowReader, type MatrixLike } from '../matrix.js';
import type { Frame } from '../digits.js';
import { nonZero, stretch, stretching } from './maps.js';
import { ColumnScaler, isPair, overflow, showPair } from './scaler.js';
import type { MinMaxScalerState } from './states.js';

/** Options of MinMaxScaler. */
export interface MinMaxScalerOptions {
  /** Where the smallest and the largest value of the fit go (default [0, 1]). */
  range?: readonly [low: number, high: number];
  /** Hold transformed values to the range, also for values the fit did not see (default false). */
  clip?: boolean;
}

const optionRows = {
  range: (value = [0, 1], name) => {
    if (!isPair(value) || !(value[0] < value[1]))
      return fail('ERR_OPTION', `${name}: expected [low, high] with low < high, got ${showPair(value)}.`);
    return [value[0], value[1]] as const;
  },
  clip: flag(false),
} satisfies Schema<MinMaxScalerOptions>;

/**
 * Smallest value to 0, largest to 1 (or another range) in every column: x * scale + min. A constant column goes to the low
 * end. Source: scikit-learn 1.2, `MinMaxScaler`.
 *
 * @example
 * new MinMaxScaler().fitTransform([[1], [3], [5]]).toArray();  // [[0], [0.5], [1]]
 */
export class MinMaxScaler extends ColumnScaler {
  protected readonly who = 'MinMaxScaler';
  /** Where the smallest and the largest value of the fit go. */
  readonly range: readonly [low: number, high: number];
  /** Whether transformed values are held to the range. */
  readonly clip: boolean;
  private state: { dataMin: Float64Array; dataMax: Float64Array; scale: Float64Array; min: Float64Array } | undefined;

  /** Brings columns into a range, [0, 1] by default: fit on training rows, then transform. @throws ERR_OPTION unless range is [low, high] with low < high. */
  constructor(options: MinMaxScalerOptions = {}) {
    super();
    const { range, clip } = readOptions(optionRows, options, 'MinMaxScaler', 'MinMaxScaler.');
    this.range = range;
    this.clip = clip;
  }

  private get fitted() {
    return this.state ?? notFitted(this.who);
  }
  /** Columns the scaler was fitted on. @throws ERR_STATE before fit. */
  get columns(): number {
    return this.fitted.scale.length;
  }
  /** Smallest value of each column. */
  get dataMin(): Float64Array {
    return this.fitted.dataMin.slice();
  }
  /** Largest value of each column. */
  get dataMax(): Float64Array {
    return this.fitted.dataMax.slice();
  }
  /** What each column is multiplied by. */
  get scale(): Float64Array {
    return this.fitted.scale.slice();
  }
  /** What is added to each column after that. */
  get min(): Float64Array {
    return this.fitted.min.slice();
  }

  /**
   * Takes the least and the largest value of each column of X [rows][columns], forgetting any earlier fit.
   * @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE for NaN.
   */
  fit(X: MatrixLike): this {
    const reader = new RowReader(X, { name: 'X' });
    const columns = reader.shape[1];
    const dataMin = new Float64Array(columns).fill(Infinity);
    const dataMax = new Float64Array(columns).fill(-Infinity);
    for (const { data } of reader.blocks())
      for (let k = 0, j = 0; k < data.length; k++) {
        const x = data[k]!;
        if (x < dataMin[j]!) dataMin[j] = x;
        if (x > dataMax[j]!) dataMax[j] = x;
        if (++j === columns) j = 0;
      }
    this.state = this.withScale(dataMin, dataMax);
    return this;
  }

  /** Widens the limits of each column to those of more rows X [rows][columns]. @throws ERR_TYPE, ERR_SHAPE for another width, ERR_EMPTY, ERR_NONFINITE for NaN. */
  partialFit(X: MatrixLike): this {
    if (this.state === undefined) return this.fit(X);
    const more = new MinMaxScaler().fit(X).fitted;
    checkWidth(more.scale.length, this.columns, this.who);
    const { dataMin, dataMax } = this.fitted;
    this.state = this.withScale(
      dataMin.map((low, j) => Math.min(low, more.dataMin[j]!)),
      dataMax.map((high, j) => Math.max(high, more.dataMax[j]!)),
    );
    return this;
  }

  private withScale(dataMin: Float64Array, dataMax: Float64Array) {
    const beyond = dataMin.findIndex((least, j) => !Number.isFinite(dataMax[j]! - least));
    if (beyond >= 0) overflow(this.who, beyond);
    return { dataMin, dataMax, ...stretching(dataMin, dataMax, this.range) };
  }

  protected frame(): Frame {
    const { dataMin, dataMax } = this.fitted;
    const spread = dataMax.map((most, j) => nonZero(most - dataMin[j]!));
    return { middle: dataMin.map((least, j) => least + (dataMax[j]! - least) / 2), spread };
  }

  protected apply(data: Float64Array): void {
    const { scale, min } = this.fitted;
    const [low, high] = this.clip ? this.range : [-Infinity, Infinity];
    stretch(data, scale, min, low, high);
  }

  protected undo(data: Float64Array, columns: number): void {
    const { scale, min } = this.fitted;
    for (let k = 0, j = 0; k < data.length; k++) {
      data[k] = (data[k]! - min[j]!) / scale[j]!;
      if (++j === columns) j = 0;
    }
  }

  /** Options and limits as plain JSON, for scalerFromJSON. @throws ERR_STATE before fit. */
  toJSON(): MinMaxScalerState {
    const { dataMin, dataMax } = this.fitted;
    return { type: 'MinMaxScaler', range: [...this.range], clip: this.clip, dataMin: [...dataMin], dataMax: [...dataMax] };
  }

  /** The scaler that toJSON described, to the bit. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): MinMaxScaler {
    const saved = new SavedState(json, 'MinMaxScaler');
    const [low, high] = saved.numbers('range', 2);
    if (!(low! < high!)) saved.refuse('range', '[low, high] with low < high', saved.raw('range'));
    const scaler = new MinMaxScaler({ range: [low!, high!], clip: saved.boolean('clip') });
    const dataMin = saved.numbers('dataMin');
    const dataMax = saved.numbers('dataMax', dataMin.length);
    dataMin.forEach((least, j) => {
      if (least > dataMax[j]!) saved.refuse(`dataMin[${j}]`, 'at most dataMax', least);
    });
    scaler.state = scaler.withScale(dataMin, dataMax);
    return scaler;
  }
}
