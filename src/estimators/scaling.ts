// What an estimator brings its columns to a common size with. Numbers are scaled; indicators (columns of 0 and 1, as one-hot encoding
// makes them) stay 0 and 1: dividing the indicator of a category in 0.3 % of the rows by its deviation would make an input of 18.

import { RowReader, type MatrixLike } from '../data/matrix.js';
import { quantile } from '../data/quantiles.js';
import { MinMaxScaler, RobustScaler, SmoothClipScaler, StandardScaler, type Scaler } from '../data/scalers/index.js';
import type { EstimatorOptions } from './options.js';

/**
 * The scaler that the options ask for, fitted on rows [rows][columns]; undefined for scale: 'none'. Indicators stay as they are (with 'minMax'
 * anyway), and with 'robust' a column whose quartiles coincide (mostly zeros, say) is divided by half its range, as in RealMLP
 * (arXiv 2407.04491); a preset (`compat`) scales every column as scikit-learn's scalers do.
 * @throws what the scaler's fit throws.
 */
export function fitScaler({ scale = 'standard', compat }: EstimatorOptions, rows: MatrixLike): Scaler | undefined {
  if (scale === 'none') return undefined;
  if (scale === 'minMax') return new MinMaxScaler().fit(rows);
  const scaler = makers[scale]().fit(rows);
  return compat === undefined ? keepIndicators(scaler, rows) : scaler;
}

const makers = {
  standard: () => new StandardScaler(),
  robust: () => new RobustScaler(),
  smoothClip: () => new SmoothClipScaler(),
};

/**
 * The scaler of a preset: median 0, quartiles a third apart, which the tanh in front of its nets draws into (-1, 1): near the median nothing
 * but the size changes, and no outlier is lost. With a `scale` of the user's own, that.
 */
export function recipeScaler(options: EstimatorOptions, rows: MatrixLike): Scaler | undefined {
  if (options.scale !== undefined) return fitScaler(options, rows);
  const state = (fitScaler({ scale: 'robust' }, rows) as RobustScaler).toJSON();
  return RobustScaler.fromJSON({ ...state, scale: state.scale.map((spread) => 3 * spread) });
}

function keepIndicators(scaler: StandardScaler | RobustScaler | SmoothClipScaler, rows: MatrixLike): Scaler {
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
