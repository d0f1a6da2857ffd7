// Scalers: bring every column to a common size. Statistics are taken in float64 from the values as given (no rounding to
// float32 first), transforms are computed in float64 and rounded once at the end, so a column with mean 1e6 and
// deviation 1 keeps its digits. Rules and values are those of scikit-learn 1.2; its `_is_constant_feature` and
// `_handle_zeros_in_scale` decide what counts as constant.

import { fail, show } from '../errors.js';
import { checkBoolean, checkKeys } from '../options.js';
import { checkWidth, notFitted, SavedState } from './columns.js';
import { Matrix, RowReader, type Float64Rows, type MatrixLike } from './matrix.js';

const EPSILON = Number.EPSILON; // 2^-52, as numpy's finfo(float64).eps

/** Saved state of a scaler: plain JSON. */
export type ScalerState = StandardScalerState | MinMaxScalerState | RobustScalerState;

/** What all scalers do. Rows in, rows out; columns keep their order. */
export interface Scaler {
  /** Columns the scaler was fitted on. @throws ERR_STATE before fit. */
  readonly columns: number;
  /** Takes the statistics of X [rows][columns], forgetting any earlier fit. @throws as `matrix`; NaN is refused. */
  fit(X: MatrixLike): this;
  /** X [rows][columns] scaled, in float32. @throws ERR_STATE before fit, ERR_SHAPE for another width, ERR_RANGE beyond float32. */
  transform(X: MatrixLike): Matrix;
  /** fit(X), then transform(X). */
  fitTransform(X: MatrixLike): Matrix;
  /** X [rows][columns] back in the units of the fit, in float32. @throws as transform. */
  inverseTransform(X: MatrixLike): Matrix;
  /** transform without the rounding to float32. */
  transform64(X: MatrixLike): Float64Rows;
  /** inverseTransform without the rounding to float32. */
  inverseTransform64(X: MatrixLike): Float64Rows;
  /** The fitted state as plain JSON; `scalerFromJSON` brings it back. @throws ERR_STATE before fit. */
  toJSON(): ScalerState;
}

/** Reads rows a block at a time, scales the block in float64 and puts it where it goes. */
abstract class ColumnScaler implements Scaler {
  protected abstract readonly who: string;
  abstract readonly columns: number;
  abstract fit(X: MatrixLike): this;
  abstract toJSON(): ScalerState;
  /** Scales a block of rows in place. */
  protected abstract apply(data: Float64Array, columns: number): void;
  /** Scales a block of rows back in place. */
  protected abstract undo(data: Float64Array, columns: number): void;

  transform(X: MatrixLike): Matrix {
    return this.toMatrix(X, 'transform', (data, columns) => this.apply(data, columns));
  }

  fitTransform(X: MatrixLike): Matrix {
    return this.fit(X).transform(X);
  }

  inverseTransform(X: MatrixLike): Matrix {
    return this.toMatrix(X, 'inverseTransform', (data, columns) => this.undo(data, columns));
  }

  transform64(X: MatrixLike): Float64Rows {
    return this.toRows(X, (data, columns) => this.apply(data, columns));
  }

  inverseTransform64(X: MatrixLike): Float64Rows {
    return this.toRows(X, (data, columns) => this.undo(data, columns));
  }

  private toMatrix(X: MatrixLike, verb: string, change: (data: Float64Array, columns: number) => void): Matrix {
    const reader = this.reader(X);
    const [rows, columns] = reader.shape;
    const out = new Float32Array(rows * columns);
    for (const { data, first } of reader.blocks()) {
      change(data, columns);
      out.set(data, first * columns);
      checkFloat32(out, data, first, columns, `${this.who}.${verb}`);
    }
    return new Matrix(out, rows, columns);
  }

  private toRows(X: MatrixLike, change: (data: Float64Array, columns: number) => void): Float64Rows {
    const reader = this.reader(X);
    const [rows, columns] = reader.shape;
    const out = new Float64Array(rows * columns);
    reader.read(out, 0, rows);
    change(out, columns);
    return { data: out, shape: reader.shape };
  }

  private reader(X: MatrixLike): RowReader {
    const { columns } = this; // before anything is read: not fitted comes first
    const reader = new RowReader(X, { name: 'X' });
    checkWidth(reader.shape[1], columns, this.who);
    return reader;
  }
}

// ---- StandardScaler ---------------------------------------------------------------------------------------

export interface StandardScalerOptions {
  /** Subtract the mean (default true). */
  withMean?: boolean;
  /** Divide by the standard deviation (default true). */
  withStd?: boolean;
}

export interface StandardScalerState {
  type: 'StandardScaler';
  withMean: boolean;
  withStd: boolean;
  samples: number;
  mean: number[];
  variance: number[];
}

/**
 * Mean 0 and deviation 1 in every column: (x - mean) / scale. The deviation is the population's (divided by the number of
 * rows). A column that is constant up to rounding has scale 1, so it becomes 0, never NaN.
 *
 * Source: scikit-learn 1.2, `StandardScaler`; variance by the corrected two-pass algorithm, updates by Chan, Golub and
 * LeVeque, "Algorithms for computing the sample variance" (1983), equation 1.5.
 *
 * @example
 * const scaler = new StandardScaler();
 * const Z = scaler.fitTransform([[1, 10], [2, 20], [3, 30]]);  // columns [-1.2247, 0, 1.2247]
 * scaler.mean;                                                  // [2, 20]
 */
export class StandardScaler extends ColumnScaler {
  protected readonly who = 'StandardScaler';
  readonly withMean: boolean;
  readonly withStd: boolean;
  private state: { samples: number; mean: Float64Array; variance: Float64Array; scale: Float64Array } | undefined;

  /** Brings columns to mean 0 and variance 1: fit on training rows, then transform. @throws ERR_OPTION for unknown options. */
  constructor(options: StandardScalerOptions = {}) {
    super();
    const { withMean = true, withStd = true } = checkKeys(options, ['withMean', 'withStd'], 'StandardScaler');
    this.withMean = checkBoolean(withMean, 'StandardScaler.withMean');
    this.withStd = checkBoolean(withStd, 'StandardScaler.withStd');
  }

  private get fitted() {
    return this.state ?? notFitted(this.who);
  }
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

  fit(X: MatrixLike): this {
    this.state = this.withScale(moments(new RowReader(X, { name: 'X' })));
    return this;
  }

  /**
   * Adds more rows to the statistics: the same as one fit on all rows together, up to rounding. For streams.
   * @throws as fit; ERR_SHAPE for another width. After an error the scaler is as it was.
   */
  partialFit(X: MatrixLike): this {
    if (this.state === undefined) return this.fit(X);
    const reader = new RowReader(X, { name: 'X' });
    checkWidth(reader.shape[1], this.columns, this.who);
    this.state = this.withScale(combine(this.state, moments(reader)));
    return this;
  }

  private withScale({ samples, mean, variance }: Moments) {
    const scale = variance.map((v, j) => {
      const m = mean[j]!;
      if (!Number.isFinite(v)) overflow(this.who, j);
      // Indistinguishable from constant: below the error bound of the two-pass variance. See: Chan et al., and scikit-learn.
      const bound = samples * EPSILON * v + (samples * m * EPSILON) ** 2;
      return v <= bound ? 1 : Math.sqrt(v);
    });
    return { samples, mean, variance, scale };
  }

  protected apply(data: Float64Array, columns: number): void {
    const { mean, scale } = this.fitted;
    const { withMean, withStd } = this;
    for (let k = 0, j = 0; k < data.length; k++) {
      if (withMean) data[k]! -= mean[j]!;
      if (withStd) data[k]! /= scale[j]!;
      if (++j === columns) j = 0;
    }
  }

  protected undo(data: Float64Array, columns: number): void {
    const { mean, scale } = this.fitted;
    const { withMean, withStd } = this;
    for (let k = 0, j = 0; k < data.length; k++) {
      if (withStd) data[k]! *= scale[j]!;
      if (withMean) data[k]! += mean[j]!;
      if (++j === columns) j = 0;
    }
  }

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

// ---- MinMaxScaler -----------------------------------------------------------------------------------------

export interface MinMaxScalerOptions {
  /** Where the smallest and the largest value of the fit go (default [0, 1]). */
  range?: readonly [low: number, high: number];
  /** Hold transformed values to the range, also for values the fit did not see (default false). */
  clip?: boolean;
}

export interface MinMaxScalerState {
  type: 'MinMaxScaler';
  range: [number, number];
  clip: boolean;
  dataMin: number[];
  dataMax: number[];
}

/**
 * Smallest value to 0, largest to 1 (or another range) in every column: x * scale + min. A constant column goes to the low
 * end. Source: scikit-learn 1.2, `MinMaxScaler`.
 *
 * @example
 * new MinMaxScaler().fitTransform([[1], [3], [5]]).toArray();  // [[0], [0.5], [1]]
 */
export class MinMaxScaler extends ColumnScaler {
  protected readonly who = 'MinMaxScaler';
  readonly range: readonly [low: number, high: number];
  readonly clip: boolean;
  private state: { dataMin: Float64Array; dataMax: Float64Array; scale: Float64Array; min: Float64Array } | undefined;

  /** Brings columns into a range, [0, 1] by default: fit on training rows, then transform. @throws ERR_OPTION unless range is [low, high] with low < high. */
  constructor(options: MinMaxScalerOptions = {}) {
    super();
    const { range = [0, 1], clip = false } = checkKeys(options, ['range', 'clip'], 'MinMaxScaler') as MinMaxScalerOptions;
    if (!isPair(range) || !(range[0] < range[1]))
      fail('ERR_OPTION', `MinMaxScaler.range: expected [low, high] with low < high, got ${showPair(range)}.`);
    this.range = [range[0], range[1]];
    this.clip = checkBoolean(clip, 'MinMaxScaler.clip');
  }

  private get fitted() {
    return this.state ?? notFitted(this.who);
  }
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

  /** Widens the limits by more rows. @throws as fit; ERR_SHAPE for another width. */
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
    const [low, high] = this.range;
    const scale = dataMin.map((least, j) => {
      const spread = dataMax[j]! - least;
      if (!Number.isFinite(spread)) overflow(this.who, j);
      return (high - low) / nonZero(spread);
    });
    return { dataMin, dataMax, scale, min: dataMin.map((least, j) => low - least * scale[j]!) };
  }

  protected apply(data: Float64Array, columns: number): void {
    const { scale, min } = this.fitted;
    const [low, high] = this.range;
    for (let k = 0, j = 0; k < data.length; k++) {
      const scaled = data[k]! * scale[j]! + min[j]!;
      data[k] = this.clip ? Math.min(high, Math.max(low, scaled)) : scaled;
      if (++j === columns) j = 0;
    }
  }

  protected undo(data: Float64Array, columns: number): void {
    const { scale, min } = this.fitted;
    for (let k = 0, j = 0; k < data.length; k++) {
      data[k] = (data[k]! - min[j]!) / scale[j]!;
      if (++j === columns) j = 0;
    }
  }

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

// ---- RobustScaler -----------------------------------------------------------------------------------------

export interface RobustScalerOptions {
  /** Subtract the median (default true). */
  withCentering?: boolean;
  /** Divide by the distance between the quantiles (default true). */
  withScaling?: boolean;
  /** The two quantiles, in percent (default [25, 75]). */
  quantileRange?: readonly [low: number, high: number];
}

export interface RobustScalerState {
  type: 'RobustScaler';
  withCentering: boolean;
  withScaling: boolean;
  quantileRange: [number, number];
  center: number[];
  scale: number[];
}

/**
 * Median 0 and distance 1 between two quantiles (by default the quartiles) in every column: (x - center) / scale. A few wild
 * values do not move it. Source: scikit-learn 1.2, `RobustScaler`; quantiles by linear interpolation.
 *
 * @example
 * new RobustScaler().fitTransform([[1], [2], [3], [4], [1000]]).toArray();  // [[-1], [-0.5], [0], [0.5], [498.5]]
 */
export class RobustScaler extends ColumnScaler {
  protected readonly who = 'RobustScaler';
  readonly withCentering: boolean;
  readonly withScaling: boolean;
  readonly quantileRange: readonly [low: number, high: number];
  private state: { center: Float64Array; scale: Float64Array } | undefined;

  /** Brings columns to median 0 and quantile range 1, whatever the outliers: fit on training rows, then transform. @throws ERR_OPTION unless quantileRange is [low, high] with 0 <= low <= high <= 100. */
  constructor(options: RobustScalerOptions = {}) {
    super();
    checkKeys(options, ['withCentering', 'withScaling', 'quantileRange'], 'RobustScaler');
    const { withCentering = true, withScaling = true, quantileRange: range = [25, 75] } = options;
    this.withCentering = checkBoolean(withCentering, 'RobustScaler.withCentering');
    this.withScaling = checkBoolean(withScaling, 'RobustScaler.withScaling');
    if (!isPair(range) || !(range[0] >= 0 && range[0] <= range[1] && range[1] <= 100))
      fail(
        'ERR_OPTION',
        `RobustScaler.quantileRange: expected [low, high] with 0 <= low <= high <= 100, got ${showPair(range)}.`,
      );
    this.quantileRange = [range[0], range[1]];
  }

  private get fitted() {
    return this.state ?? notFitted(this.who);
  }
  get columns(): number {
    return this.fitted.center.length;
  }
  /** Median of each column. */
  get center(): Float64Array {
    return this.fitted.center.slice();
  }
  /** What each column is divided by: the distance between the quantiles, or 1 where they coincide. */
  get scale(): Float64Array {
    return this.fitted.scale.slice();
  }

  fit(X: MatrixLike): this {
    const columns = sortedColumns(X);
    const center = new Float64Array(columns.length);
    const scale = new Float64Array(columns.length);
    columns.forEach((sorted, j) => {
      center[j] = median(sorted);
      const [low, high] = this.quantileRange;
      const spread = quantile(sorted, high / 100) - quantile(sorted, low / 100);
      if (!Number.isFinite(spread)) overflow(this.who, j);
      scale[j] = nonZero(spread);
    });
    this.state = { center, scale };
    return this;
  }

  protected apply(data: Float64Array, columns: number): void {
    const { center, scale } = this.fitted;
    const { withCentering, withScaling } = this;
    for (let k = 0, j = 0; k < data.length; k++) {
      if (withCentering) data[k]! -= center[j]!;
      if (withScaling) data[k]! /= scale[j]!;
      if (++j === columns) j = 0;
    }
  }

  protected undo(data: Float64Array, columns: number): void {
    const { center, scale } = this.fitted;
    const { withCentering, withScaling } = this;
    for (let k = 0, j = 0; k < data.length; k++) {
      if (withScaling) data[k]! *= scale[j]!;
      if (withCentering) data[k]! += center[j]!;
      if (++j === columns) j = 0;
    }
  }

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

/** The scaler, of whichever kind, that toJSON described. @throws ERR_FORMAT for anything else. */
export function scalerFromJSON(json: unknown): StandardScaler | MinMaxScaler | RobustScaler {
  const type =
    typeof json === 'object' && json !== null && Object.hasOwn(json, 'type') ? (json as { type: unknown }).type : undefined;
  if (type === 'StandardScaler') return StandardScaler.fromJSON(json);
  if (type === 'MinMaxScaler') return MinMaxScaler.fromJSON(json);
  if (type === 'RobustScaler') return RobustScaler.fromJSON(json);
  return fail(
    'ERR_FORMAT',
    `Expected the saved state of a scaler (StandardScaler, MinMaxScaler, RobustScaler), got type ${show(type)}.`,
  );
}

// ---- order statistics -------------------------------------------------------------------------------------

/** Every column of X in ascending order. @throws as `matrix`. */
function sortedColumns(X: MatrixLike): Float64Array[] {
  const reader = new RowReader(X, { name: 'X' });
  const [rows, columns] = reader.shape;
  const out = Array.from({ length: columns }, () => new Float64Array(rows));
  for (const { data, first, rows: count } of reader.blocks())
    for (let i = 0; i < count; i++) for (let j = 0; j < columns; j++) out[j]![first + i] = data[i * columns + j]!;
  for (const column of out) column.sort();
  return out;
}

/** Median of sorted values: the middle one, or the mean of the middle two. */
export function median(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value a share q in [0, 1] of sorted values lies below, interpolated linearly, rounded as numpy's `percentile` rounds. */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.min(Math.floor(position), sorted.length - 1);
  const a = sorted[below]!;
  const b = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const t = position - below;
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

// ---- small things -----------------------------------------------------------------------------------------

/** scikit-learn's `_handle_zeros_in_scale`: a spread of (nearly) nothing divides by 1. */
function nonZero(spread: number): number {
  return spread < 10 * EPSILON ? 1 : spread;
}

/** @throws ERR_RANGE for a finite value of the block whose copy in `out` is beyond float32. */
function checkFloat32(out: Float32Array, block: Float64Array, first: number, columns: number, who: string): void {
  const at = first * columns;
  for (let k = 0; k < block.length; k++) {
    const value = out[at + k]!;
    if (value - value === 0) continue;
    const row = first + Math.floor(k / columns);
    const column = k % columns;
    fail('ERR_RANGE', `${who}: row ${row}, column ${column} comes to ${block[k]}, beyond the largest float32 (3.4e38).`, {
      row,
      column,
    });
  }
}

function overflow(who: string, column: number): never {
  return fail(
    'ERR_RANGE',
    `${who}.fit: the spread of column ${column} is beyond the largest double (1.8e308). Divide it first.`,
    {
      column,
    },
  );
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number' && Number.isFinite(end));
}

function showPair(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((end) => show(end)).join(', ')}]` : show(value);
}
