// What a fitted scaler saves, by kind: plain JSON.

/** Saved state of a scaler: plain JSON. */
export type ScalerState = StandardScalerState | MinMaxScalerState | RobustScalerState | SmoothClipScalerState;

/** Saved state of a StandardScaler: plain JSON. */
export interface StandardScalerState {
  /** Always 'StandardScaler'. */
  type: 'StandardScaler';
  /** Whether the mean is subtracted. */
  withMean: boolean;
  /** Whether values are divided by the standard deviation. */
  withStd: boolean;
  /** Rows that the statistics were taken from. */
  samples: number;
  /** Mean of each column. */
  mean: number[];
  /** Variance of each column (divided by the number of rows). */
  variance: number[];
}

/** Saved state of a MinMaxScaler: plain JSON. */
export interface MinMaxScalerState {
  /** Always 'MinMaxScaler'. */
  type: 'MinMaxScaler';
  /** Where the smallest and the largest value of the fit go. */
  range: [number, number];
  /** Whether transformed values are held to the range. */
  clip: boolean;
  /** Smallest value of each column. */
  dataMin: number[];
  /** Largest value of each column. */
  dataMax: number[];
}

/** Saved state of a RobustScaler: plain JSON. */
export interface RobustScalerState {
  /** Always 'RobustScaler'. */
  type: 'RobustScaler';
  /** Whether the median is subtracted. */
  withCentering: boolean;
  /** Whether values are divided by the distance between the quantiles. */
  withScaling: boolean;
  /** The two quantiles, in percent. */
  quantileRange: [number, number];
  /** Median of each column. */
  center: number[];
  /** What each column is divided by. */
  scale: number[];
}

/** Saved state of a SmoothClipScaler: plain JSON. */
export interface SmoothClipScalerState {
  /** Always 'SmoothClipScaler'. */
  type: 'SmoothClipScaler';
  /** Median of each column. */
  center: number[];
  /** What each column is divided by before the clip; 0 where the column was constant. */
  scale: number[];
  /** Columns, by number, that stay as they are; none where it is left out. */
  unchanged?: number[];
}
