// A fitted scaler as the numbers of a rescale layer. Told apart by their options, so that a layer does not bring the scalers'
// code along.

import type { MinMaxScaler, RobustScaler, StandardScaler } from '../data/scalers/index.js';
import { fail } from '../errors.js';

/** A scaler after fit. */
export type FittedScaler = StandardScaler | RobustScaler | MinMaxScaler;

/** center and scale such that the scaler computes (x - center) / scale. @throws ERR_UNSUPPORTED, ERR_STATE. */
export function columnsOf(scaler: FittedScaler): { center: number | number[]; scale: number | number[] } {
  if ('withMean' in scaler) {
    const { mean, scale, withMean, withStd } = scaler;
    return { center: withMean ? Array.from(mean) : 0, scale: withStd ? Array.from(scale) : 1 };
  }
  if ('withCentering' in scaler) {
    const { center, scale, withCentering, withScaling } = scaler;
    return { center: withCentering ? Array.from(center) : 0, scale: withScaling ? Array.from(scale) : 1 };
  }
  if (!('range' in scaler) || scaler.clip)
    fail(
      'ERR_UNSUPPORTED',
      'rescale: expected a StandardScaler, a RobustScaler or a MinMaxScaler without clip: this scaler does more than subtract and divide. Apply it before the network.',
    );
  const { dataMin, scale, range } = scaler;
  return {
    center: Array.from(dataMin, (least, j) => least - range[0] / scale[j]!),
    scale: Array.from(scale, (factor) => 1 / factor),
  };
}
