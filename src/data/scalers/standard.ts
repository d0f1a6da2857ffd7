// StandardScaler: mean 0, deviation 1.

import { flag, readOptions, type Schema } from '../../options.js';
import { checkWidth, notFitted, SavedState } from '../columns.js';
import { RowReader, type MatrixLike } from '../matrix.js';
import type { Frame } from '../digits.js';
import { deviations, multiplyAndShift, shiftAndDivide } from './maps.js';
import { ColumnScaler, overflow } from './scaler.js';
import type { StandardScalerState } from './states.js';

/** Options of StandardScaler. */
export interface StandardScalerOptions {
  /** Subtract the mean (default true). */
  withMean?: boolean;
  /** Divide by the standard deviation (default true). */
  withStd?: boolean;
}

const optionRows = { withMean: flag(true), withStd: flag(true) } satisfies Schema<StandardScalerOptions>;

/**
 * Mean 0 and deviation 1 in every column: (x - mean) / scale. The deviation is the population's (divided by the number of
 * rows). A column that is constant up to rounding has scale 1, so it becomes 0, never NaN.
 *
 * Source: scikit-learn 1.2, `StandardScaler`; variance by the corrected two-pass algorithm, updates by Chan, Golub and
 * LeVeque, "Algorithms for computing the sample variance" (1983), equation 1.5.
 *
 * @example
 * const scaler = new StandardScaler();
 * scaler.fitTransform([[1, 10], [2, 20], [3, 30]]).row(0);  // Float32Array [-1.2247, -1.2247]
 * scaler.mean;                                              // Float64Array [2, 20]
 */
export class StandardScaler extends ColumnScaler {
  protected readonly who = 'StandardScaler';
  /** Whether the mean is subtracted. */
  readonly withMean: boolean;
  /** Whether values are divided by the standard deviation. */
  readonly withStd: boolean;
  private state: { samples: number; mean: Float64Array; variance: Float64Array; scale: Float64Array } | undefined;

  /** Brings columns to mean 0 and variance 1: fit on training rows, then transform. @throws ERR_OPTION for unknown options. */
  constructor(options: StandardScalerOptions = {}) {
    super();
    const { withMean, withStd } = readOptions(optionRows, options, 'StandardScaler', 'StandardScaler.');
    this.withMean = withMean;
    this.withStd = withStd;
  }

  private get fitted() {
    return this.state ?? notFitted(this.who);
  }
  /** Columns the scaler was fitted on. @throws ERR_STATE before fit. */
  get columns(): number {
    return this.fitted.mean.length;
  }
  /** Rows seen, over all partial fits. */
  get samples(): number {
    return this.fitted.samples;
  }
  /** Mean of each column. */
  get mean(): Float64Array {
    return this.fitted.mean.slice();
  }
  /** Population variance of each column. */
  get variance(): Float64Array {
    return this.fitted.variance.slice();
  }
  /** What each column is divided by: its standard deviation, or 1 where it is constant. */
  get scale(): Float64Array {
    return this.fitted.scale.slice();
  }

  /**
   * Takes mean and variance of each column of X [rows][columns], forgetting any earlier fit.
   * @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE for NaN.
   */
  fit(X: MatrixLike): this {
    this.state = this.withScale(moments(new RowReader(X, { name: 'X' })));
    return this;
  }

  /**
   * Adds more rows to the statistics, which then are those of one fit on all rows together, up to rounding. For streams.
   * @throws ERR_TYPE, ERR_SHAPE for another width, ERR_EMPTY, ERR_NONFINITE for NaN. After an error the scaler is as it was.
   */
  partialFit(X: MatrixLike): this {
    if (this.state === undefined) return this.fit(X);
    const reader = new RowReader(X, { name: 'X' });
    checkWidth(reader.shape[1], this.columns, this.who);
    this.state = this.withScale(combine(this.state, moments(reader)));
    return this;
  }

  private withScale({ samples, mean, variance }: Moments) {
    const beyond = variance.findIndex((v) => !Number.isFinite(v));
    if (beyond >= 0) overflow(this.who, beyond);
    return { samples, mean, variance, scale: deviations(samples, mean, variance) };
  }

  protected frame(): Frame {
    return { middle: this.fitted.mean, spread: this.fitted.scale };
  }

  protected apply(data: Float64Array): void {
    shiftAndDivide(data, ...this.parts());
  }

  protected undo(data: Float64Array): void {
    multiplyAndShift(data, ...this.parts());
  }

  private parts(): [center: Float64Array | undefined, scale: Float64Array | undefined] {
    const { mean, scale } = this.fitted;
    return [this.withMean ? mean : undefined, this.withStd ? scale : undefined];
  }

  /** Options and statistics as plain JSON, for scalerFromJSON. @throws ERR_STATE before fit. */
  toJSON(): StandardScalerState {
    const { samples, mean, variance } = this.fitted;
    const { withMean, withStd } = this;
    return { type: 'StandardScaler', withMean, withStd, samples, mean: [...mean], variance: [...variance] };
  }

  /** The scaler that toJSON described, to the bit. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): StandardScaler {
    const saved = new SavedState(json, 'StandardScaler');
    const scaler = new StandardScaler({ withMean: saved.boolean('withMean'), withStd: saved.boolean('withStd') });
    const mean = saved.numbers('mean');
    scaler.state = scaler.withScale({
      samples: saved.count('samples'),
      mean,
      variance: saved.numbers('variance', mean.length, 0),
    });
    return scaler;
  }
}

interface Moments {
  samples: number;
  mean: Float64Array;
  variance: Float64Array;
}

/** Mean and variance of each column in two passes, with the correction term for the rounding of the mean. */
function moments(reader: RowReader): Moments {
  const [samples, columns] = reader.shape;
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  for (const { data } of reader.blocks())
    for (let k = 0, j = 0; k < data.length; k++) {
      const x = data[k]!;
      mean[j]! += x;
      if (x < low[j]!) low[j] = x;
      if (x > high[j]!) high[j] = x;
      if (++j === columns) j = 0;
    }
  // A constant column's mean is that constant, not the rounded sum of n of them: then x - mean is 0 exactly.
  for (let j = 0; j < columns; j++) mean[j] = low[j] === high[j] ? low[j]! : mean[j]! / samples;

  const residue = new Float64Array(columns); // sum of x - mean: 0 but for the rounding of the mean
  for (const { data } of reader.blocks())
    for (let k = 0, j = 0; k < data.length; k++) {
      const d = data[k]! - mean[j]!;
      residue[j]! += d;
      variance[j]! += d * d;
      if (++j === columns) j = 0;
    }
  for (let j = 0; j < columns; j++) variance[j] = (variance[j]! - residue[j]! ** 2 / samples) / samples;
  return { samples, mean, variance };
}

/** Mean and variance of two groups of rows together. See: Chan, Golub and LeVeque (1983), equation 1.5. */
function combine(a: Moments, b: Moments): Moments {
  const samples = a.samples + b.samples;
  const mean = new Float64Array(a.mean.length);
  const variance = new Float64Array(a.mean.length);
  for (let j = 0; j < mean.length; j++) {
    const delta = b.mean[j]! - a.mean[j]!;
    mean[j] = a.mean[j]! + delta * (b.samples / samples);
    const squares = a.variance[j]! * a.samples + b.variance[j]! * b.samples + delta * delta * ((a.samples * b.samples) / samples);
    variance[j] = squares / samples;
  }
  return { samples, mean, variance };
}
