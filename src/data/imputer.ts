// Missing values: NaN cells filled with a value per column, learnt from the cells that are there.

import { fail } from '../errors.js';
import { choice, number, readOptions, type Schema } from '../options.js';
import { checkWidth, notFitted, SavedState } from './columns.js';
import { Matrix, RowReader, type Float64Rows, type MatrixLike } from './matrix.js';
import { median } from './quantiles.js';
import { checkDigits, farColumns } from './digits.js';

const STRATEGIES = ['mean', 'median', 'mostFrequent', 'constant'] as const;

/** What a missing cell becomes: a statistic of its column, or a constant. */
export type ImputeStrategy = (typeof STRATEGIES)[number];

/** Options of SimpleImputer. */
export interface SimpleImputerOptions {
  /** What a missing cell becomes: a statistic of its column, or one constant (default 'mean'). */
  strategy?: ImputeStrategy;
  /** The constant of strategy 'constant' (default 0). */
  fillValue?: number;
}

const optionRows = {
  strategy: choice(STRATEGIES, 'mean'),
  fillValue: number({ default: 0 }),
} satisfies Schema<SimpleImputerOptions>;

/** A fitted SimpleImputer as plain JSON: what toJSON gives and SimpleImputer.fromJSON takes. */
export interface SimpleImputerState {
  /** Always 'SimpleImputer'. */
  type: 'SimpleImputer';
  /** What a missing cell becomes. */
  strategy: ImputeStrategy;
  /** The fill of each column. */
  fill: number[];
  /** Deviation of each column's cells that are there; absent in states of earlier versions. */
  deviation?: number[];
}

/**
 * Fills NaN cells. 'mostFrequent' takes the smallest of equally frequent values. Where scikit-learn drops a column without any
 * value, this refuses it. Source: scikit-learn 1.2, `SimpleImputer`.
 *
 * @example
 * new SimpleImputer().fitTransform([[1], [NaN], [3]]).toArray();  // [[1], [2], [3]]
 */
export class SimpleImputer {
  /** What a missing cell becomes. */
  readonly strategy: ImputeStrategy;
  private readonly fillValue: number;
  private state: Float64Array | undefined;
  /** Of each column in the fit: what float32 takes off a cell must be small beside it. */
  private deviation: Float64Array | undefined;

  /** Fills missing values (NaN) by what each column's others say: fit, then transform. @throws ERR_OPTION for an unknown strategy or a fillValue that is not finite. */
  constructor(options: SimpleImputerOptions = {}) {
    const { strategy, fillValue } = readOptions(optionRows, options, 'SimpleImputer', 'SimpleImputer.');
    this.strategy = strategy;
    this.fillValue = fillValue;
  }

  private get fitted(): Float64Array {
    return this.state ?? notFitted('SimpleImputer');
  }
  /** Columns the imputer was fitted on. @throws ERR_STATE before fit. */
  get columns(): number {
    return this.fitted.length;
  }
  /** What missing cells of each column become. */
  get fill(): Float64Array {
    return this.fitted.slice();
  }

  /**
   * Learns the fill of each column of X [rows][columns]; NaN is a missing cell.
   * @throws ERR_TYPE, ERR_SHAPE; ERR_EMPTY without rows, or for a column without any value (unless strategy is 'constant').
   */
  fit(X: MatrixLike): this {
    const reader = new RowReader(X, { name: 'X', allowMissing: true });
    const [rows, columns] = reader.shape;
    const present = Array.from({ length: columns }, () => new Float64Array(rows));
    const counts = new Uint32Array(columns);
    for (const { data } of reader.blocks())
      for (let k = 0, j = 0; k < data.length; k++) {
        const x = data[k]!;
        if (x === x) present[j]![counts[j]!++] = x;
        if (++j === columns) j = 0;
      }
    const deviation = Float64Array.from(present, (values, j) => deviationOf(values.subarray(0, counts[j])));
    this.state = Float64Array.from(present, (values, j) => {
      if (this.strategy === 'constant') return this.fillValue;
      if (counts[j] === 0)
        fail('ERR_EMPTY', `SimpleImputer.fit: column ${j} has no value at all. Drop it, or use strategy: 'constant'.`, {
          column: j,
        });
      return this.statistic(values.subarray(0, counts[j]));
    });
    this.deviation = deviation;
    return this;
  }

  private statistic(values: Float64Array): number {
    if (this.strategy === 'mean') {
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += values[i]!;
      return sum / values.length;
    }
    values.sort();
    return this.strategy === 'median' ? median(values) : mostFrequent(values);
  }

  /**
   * A copy of X [rows][columns] without missing cells, in float32. Numbers whose digits float32 would take, such as seconds since 1970, are
   * refused: transform64 keeps them, and scalers take its rows.
   * @throws ERR_STATE, ERR_SHAPE, ERR_RANGE, and as `matrix`.
   */
  transform(X: MatrixLike): Matrix {
    const { data, shape } = this.transform64(X);
    for (let k = 0; k < data.length; k++)
      if (Math.fround(data[k]!) - Math.fround(data[k]!) !== 0)
        fail('ERR_RANGE', `SimpleImputer.transform: ${data[k]} is beyond the largest float32 (3.4e38). Scale the data first.`);
    const out = new Float32Array(data);
    const middle = this.strategy === 'constant' ? largest(data, shape[1]) : this.fitted;
    const spread = this.deviation?.map((deviation) => deviation || 1);
    if (spread !== undefined)
      for (const column of farColumns({ middle, spread })) checkDigits(out, data, 0, shape[1], column, 'SimpleImputer.transform');
    return new Matrix(out, shape[0], shape[1]);
  }

  /** transform without the rounding to float32. */
  transform64(X: MatrixLike): Float64Rows {
    const fill = this.fitted;
    const reader = new RowReader(X, { name: 'X', allowMissing: true });
    const [rows, columns] = reader.shape;
    checkWidth(columns, fill.length, 'SimpleImputer');
    const data = new Float64Array(rows * columns);
    reader.read(data, 0, rows);
    for (let k = 0, j = 0; k < data.length; k++) {
      if (data[k] !== data[k]) data[k] = fill[j]!;
      if (++j === columns) j = 0;
    }
    return { data, shape: reader.shape };
  }

  /** fit(X), then transform(X). */
  fitTransform(X: MatrixLike): Matrix {
    return this.fit(X).transform(X);
  }

  /** The fitted state as plain JSON. @throws ERR_STATE before fit. */
  toJSON(): SimpleImputerState {
    return {
      type: 'SimpleImputer',
      strategy: this.strategy,
      fill: [...this.fitted],
      ...(this.deviation === undefined ? {} : { deviation: [...this.deviation] }),
    };
  }

  /** The imputer that toJSON described, to the bit. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): SimpleImputer {
    const saved = new SavedState(json, 'SimpleImputer');
    const fill = saved.numbers('fill');
    const imputer = new SimpleImputer({ strategy: saved.choice('strategy', STRATEGIES), fillValue: fill[0] ?? 0 });
    imputer.state = fill;
    if (saved.raw('deviation') !== undefined) imputer.deviation = saved.numbers('deviation', fill.length, 0);
    return imputer;
  }
}

/** Deviation of the population; 0 for none and for one. */
function deviationOf(values: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += (values[i]! - mean) / (i + 1);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return values.length === 0 ? 0 : Math.min(Math.sqrt(squares / values.length), Number.MAX_VALUE);
}

/** The largest size of a number in each column. */
function largest(data: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(columns);
  for (let k = 0; k < data.length; k++) out[k % columns] = Math.max(out[k % columns]!, Math.abs(data[k]!));
  return out;
}

/** The value that occurs most often in sorted values; the smallest of several. */
function mostFrequent(sorted: Float64Array): number {
  let best = sorted[0]!;
  let bestCount = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    if (end - start > bestCount) {
      bestCount = end - start;
      best = sorted[start]!;
    }
  }
  return best;
}
