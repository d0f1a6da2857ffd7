// Scalers: bring every column to a common size. What they share: scaler.ts; what they save: states.ts; one file for each.

import { fail, show } from '../../errors.js';
import { MinMaxScaler } from './minMax.js';
import { RobustScaler } from './robust.js';
import { SmoothClipScaler } from './smoothClip.js';
import { StandardScaler } from './standard.js';

export { MinMaxScaler, type MinMaxScalerOptions } from './minMax.js';
export { RobustScaler, type RobustScalerOptions } from './robust.js';
export type { Scaler } from './scaler.js';
export { SmoothClipScaler } from './smoothClip.js';
export { StandardScaler, type StandardScalerOptions } from './standard.js';
export type { MinMaxScalerState, RobustScalerState, ScalerState, SmoothClipScalerState, StandardScalerState } from './states.js';

/**
 * The scaler, of whichever kind, that toJSON described, to the bit.
 * @throws ERR_FORMAT for anything else.
 *
 * @example
 * const saved = JSON.stringify(new StandardScaler().fit([[1], [3]]));
 * scalerFromJSON(JSON.parse(saved)).transform([[3]]).toArray();  // [[1]]
 */
export function scalerFromJSON(json: unknown): StandardScaler | MinMaxScaler | RobustScaler | SmoothClipScaler {
  const type =
    typeof json === 'object' && json !== null && Object.hasOwn(json, 'type') ? (json as { type: unknown }).type : undefined;
  if (type === 'StandardScaler') return StandardScaler.fromJSON(json);
  if (type === 'MinMaxScaler') return MinMaxScaler.fromJSON(json);
  if (type === 'RobustScaler') return RobustScaler.fromJSON(json);
  if (type === 'SmoothClipScaler') return SmoothClipScaler.fromJSON(json);
  return fail(
    'ERR_FORMAT',
    `Expected the saved state of a scaler (StandardScaler, MinMaxScaler, RobustScaler, SmoothClipScaler), got type ${show(type)}.`,
  );
}
