// What an estimator brings its columns to a common size with. Numbers are scaled; indicators (columns of 0 and 1, as one-hot encoding
// makes them) stay 0 and 1: dividing the indicator of a category in 0.3 % of the rows by its deviation would make an input of 18.

import { RowReader, type MatrixLike } from '../data/matrix.js';
import { quantile } from '../data/quantiles.js';
import { MinMaxScaler, RobustScaler, SmoothClipScaler, StandardScaler, type Scaler } from '../data/scalers/index.js';
import type { EstimatorOptions } from './options.js';

/**
 * The scaler that the options ask for, fitted on rows [rows][columns]; undefined for scale: 'none'. Indicators stay as they are (with 'minMax'
 * anyway), as do `categories`, columns that are their numbers, and with 'robust' a column whose quartiles coincide (mostly zeros, say) is divided by half its range, as in RealMLP
 * (arXiv 2407.04491); a preset (`compat`) scales every column as scikit-learn's scalers do.
 * @throws what the scaler's fit throws.
 */
export function fitScaler(
  { scale = 'standard', compat }: EstimatorOptions,
  rows: MatrixLike,
  categories: Numbered = [],
): Scaler | undefined {
  if (scale === 'none') return undefined;
  if (scale === 'minMax') return keepColumns(new MinMaxScaler().fit(rows), categories);
  const scaler = makers[scale]().fit(rows);
  return keepColumns(compat === undefined ? keepIndicators(scaler, rows) : scaler, categories);
}

/** The scaler, but for these columns, which it leaves as they are: the numbers of categories. */
function keepColumns(scaler: AnyScaler, numbered: Numbered): AnyScaler {
  if (numbered.length === 0) return scaler;
  const columns = numbered.map(({ column }) => column);
  const kept = new Set(columns);
  const put = (values: readonly number[], value: number) => values.map((own, j) => (kept.has(j) ? value : own));
  const state = scaler.toJSON();
  switch (state.type) {
    case 'MinMaxScaler':
      return MinMaxScaler.fromJSON({ ...state, dataMin: put(state.dataMin, 0), dataMax: put(state.dataMax, 1) });
    case 'StandardScaler':
      return StandardScaler.fromJSON({ ...state, mean: put(state.mean, 0), variance: put(state.variance, 1) });
    case 'RobustScaler':
      return RobustScaler.fromJSON({ ...state, center: put(state.center, 0), scale: put(state.scale, 1) });
    case 'SmoothClipScaler':
      return SmoothClipScaler.fromJSON({
        ...state,
        unchanged: [...new Set([...(state.unchanged ?? []), ...columns])].sort((a, b) => a - b),
      });
  }
}

/** The scaler for rows that have column from[j] in the place j, those of numbered columns as often as there are categories. */
export function spreadScaler(scaler: Scaler | undefined, from: readonly number[]): Scaler | undefined {
  if (scaler === undefined) return undefined;
  const each = (values: readonly number[]) => from.map((j) => values[j]!);
  const state = scaler.toJSON();
  switch (state.type) {
    case 'MinMaxScaler':
      return MinMaxScaler.fromJSON({ ...state, dataMin: each(state.dataMin), dataMax: each(state.dataMax) });
    case 'StandardScaler':
      return StandardScaler.fromJSON({ ...state, mean: each(state.mean), variance: each(state.variance) });
    case 'RobustScaler':
      return RobustScaler.fromJSON({ ...state, center: each(state.center), scale: each(state.scale) });
    case 'SmoothClipScaler': {
      const kept = new Set(state.unchanged);
      const unchanged = [...from.keys()].filter((j) => kept.has(from[j]!));
      return SmoothClipScaler.fromJSON({ ...state, center: each(state.center), scale: each(state.scale), unchanged });
    }
  }
}

/** Columns that are numbers of categories. */
type Numbered = readonly { readonly column: number }[];

type AnyScaler = MinMaxScaler | StandardScaler | RobustScaler | SmoothClipScaler;

const makers = {
  standard: () => new StandardScaler(),
  robust: () => new RobustScaler(),
  smoothClip: () => new SmoothClipScaler(),
};

/**
 * The scaler of a preset: median 0, quartiles a third apart, which the tanh in front of its nets draws into (-1, 1): near the median nothing
 * but the size changes, and no outlier is lost. With a `scale` of the user's own, that.
 */
export function recipeScaler(options: EstimatorOptions, rows: MatrixLike, categories: Numbered = []): Scaler | undefined {
  if (options.scale !== undefined) return fitScaler(options, rows, categories);
  const state = (fitScaler({ scale: 'robust' }, rows) as RobustScaler).toJSON();
  return keepColumns(RobustScaler.fromJSON({ ...state, scale: state.scale.map((spread) => 3 * spread) }), categories);
}

function keepIndicators(scaler: StandardScaler | RobustScaler | SmoothClipScaler, rows: MatrixLike): AnyScaler {
  const { low, high, binary } = rangesOf(rows);
  const indicators = low.map((least, j) => (binary[j] === 1 && least === 0 && high[j] === 1 ? 1 : 0));
  const state = scaler.toJSON();
  if (state.type === 'StandardScaler') {
    const mean = state.mean.map((value, j) => (indicators[j] === 1 ? 0 : value));
    return StandardScaler.fromJSON({ ...state, mean, variance: state.variance.map((v, j) => (indicators[j] === 1 ? 1 : v)) });
  }
  if (state.type === 'SmoothClipScaler')
    return SmoothClipScaler.fromJSON({ ...state, unchanged: [...indicators.keys()].filter((j) => indicators[j] === 1) });
  const center = state.center.map((value, j) => (indicators[j] === 1 ? 0 : value));
  const spread = state.scale.map((value, j) => {
    if (indicators[j] === 1) return 1;
    const stuck = value === 1 && low[j]! < high[j]! && quartilesCoincide(rows, j);
    return stuck ? high[j]! / 2 - low[j]! / 2 : value;
  });
  return RobustScaler.fromJSON({ ...state, center, scale: spread });
}

function quartilesCoincide(rows: MatrixLike, column: number): boolean {
  const reader = new RowReader(rows, { name: 'X' });
  const [count, columns] = reader.shape;
  const values = new Float64Array(count);
  for (const { data, first, rows: some } of reader.blocks())
    for (let i = 0; i < some; i++) values[first + i] = data[i * columns + column]!;
  values.sort();
  return quantile(values, 0.25) === quantile(values, 0.75);
}

/** Of each column the least and the largest value, and 1 in `binary` where every value is 0 or 1. */
function rangesOf(rows: MatrixLike): { low: Float64Array; high: Float64Array; binary: Uint8Array } {
  const reader = new RowReader(rows, { name: 'X' });
  const [, columns] = reader.shape;
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  const binary = new Uint8Array(columns).fill(1);
  for (const { data } of reader.blocks())
    for (let k = 0, j = 0; k < data.length; k++) {
      const x = data[k]!;
      if (x < low[j]!) low[j] = x;
      if (x > high[j]!) high[j] = x;
      if (x !== 0 && x !== 1) binary[j] = 0;
      if (++j === columns) j = 0;
    }
  return { low, high, binary };
}
