// What a fitted scaler saves, by kind: plain JSON.

/** Saved state of a scaler: plain JSON. */
export type ScalerState = StandardScalerState | MinMaxScalerState | RobustScalerState | SmoothClipScalerState;

/** Saved state of a StandardScaler: plain JSON. */
export interface StandardScalerState {
  type: 'StandardScaler';
  withMean: boolean;
  withStd: boolean;
  samples: number;
  mean: number[];
  variance: number[];
}

/** Saved state of a MinMaxScaler: plain JSON. */
export interface MinMaxScalerState {
  type: 'MinMaxScaler';
  range: [number, number];
  clip: boolean;
  dataMin: number[];
  dataMax: number[];
}

/** Saved state of a RobustScaler: plain JSON. */
export interface RobustScalerState {
  type: 'RobustScaler';
  withCentering: boolean;
  withScaling: boolean;
  quantileRange: [number, number];
  center: number[];
  scale: number[];
}

/** Saved state of a SmoothClipScaler: plain JSON. */
export interface SmoothClipScalerState {
  type: 'SmoothClipScaler';
  center: number[];
  /** What each column is divided by before the clip; 0 where the column was constant. */
  scale: number[];
  /** Columns, by number, that stay as they are; none where it is left out. */
  unchanged?: number[];
}
