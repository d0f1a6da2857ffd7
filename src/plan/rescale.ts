// What a rescale layer was given, checked: one number for all columns or one for each.

import { fail, show } from '../errors.js';
import { float32, tiny } from '../options.js';
import type { ColumnNumbers, RescaleSpec } from './layers.js';

/** The fixed numbers of a rescale layer, y = gain (x - center) / scale. */
export interface RescalePlan {
  /** One for each column, as given, in float64. */
  readonly center: Float64Array;
  readonly scale: Float64Array;
  /** Whether the rows of X arrive with the center already subtracted, in float64: see NetworkPlan.inputCenter. */
  readonly centered: boolean;
}

/** Center, scale and initial gain of each of `columns`. @throws ERR_OPTION, ERR_SHAPE. */
export function resolveRescale(
  spec: RescaleSpec,
  columns: number,
  where: string,
  centered: boolean,
): { rescale: RescalePlan; gain: Float64Array } {
  const { center = 0, scale = 1, gain = 1 } = spec;
  const most = centered ? Number.MAX_VALUE : float32.max;
  const rescale = {
    center: perColumn(center, columns, `${where}.center`, 0, most),
    scale: perColumn(scale, columns, `${where}.scale`, tiny, float32.max),
    centered,
  };
  return { rescale, gain: perColumn(gain, columns, `${where}.gain`, 0, float32.max) };
}

/** Numbers whose magnitude is in [least, most]. */
function perColumn(values: ColumnNumbers, columns: number, name: string, least: number, most: number): Float64Array {
  const list: ArrayLike<unknown> = typeof values === 'number' ? new Array(columns).fill(values) : values;
  if (!Array.isArray(list) && !ArrayBuffer.isView(list))
    fail('ERR_OPTION', `${name}: expected a number or a list of numbers, got ${show(values)}.`);
  if (list.length !== columns)
    fail('ERR_SHAPE', `${name}: expected ${columns} numbers, one for each column, got ${list.length}.`);
  return Float64Array.from(list, (value, j) => {
    const size = typeof value === 'number' ? Math.abs(value) : NaN;
    if (size >= least && size <= most) return value as number;
    const at = list === values ? `${name}[${j}]` : name;
    return fail(
      'ERR_OPTION',
      `${at}: expected a number${least > 0 ? ' other than 0,' : ''} of size ${least} to ${most}, got ${show(value)}.`,
    );
  });
}

/** A rescale layer's spec with everything written out, as plain numbers. */
export function rescaleSpec(spec: RescaleSpec, { center, scale }: RescalePlan): RescaleSpec {
  const gain = spec.gain === undefined || typeof spec.gain === 'number' ? {} : { gain: Array.from(spec.gain) };
  return { ...spec, center: Array.from(center), scale: Array.from(scale), ...gain };
}
