// What a scaler or a rescale layer does, as one map of each column in float64: what exporters write before and after a network.

import {
  type MinMaxScaler,
  type RobustScaler,
  type ScalerState,
  SmoothClipScaler,
  StandardScaler,
  scalerFromJSON,
} from '../data/scalers/index.js';
import { fail } from '../errors.js';

/** A scaler that works column by column with two numbers each. */
export type PlainScaler = StandardScaler | MinMaxScaler | RobustScaler;

/** Per column y = (x - center) * factor + shift, then held to [low, high]. Float64: rounded where they are used. */
export interface Affine {
  readonly center: Float64Array;
  readonly factor: Float64Array;
  readonly shift: Float64Array;
  readonly low: number;
  readonly high: number;
}

/**
 * The largest error that rounding a row to float32 before the map makes in what comes out of it for values near the center,
 * and the column.
 */
export function roundingLoss({ center, factor }: Affine): { loss: number; column: number } {
  const losses = center.map((c, j) => Math.abs(c * factor[j]!) * 2 ** -24);
  const column = losses.reduce((worst, loss, j) => (loss > losses[worst]! ? j : worst), 0);
  return { loss: losses[column]!, column };
}

/** A fitted scaler of so many columns, or its state. @throws ERR_SHAPE; ERR_UNSUPPORTED for one that is no affine map. */
export function plainScaler(scaler: { toJSON(): ScalerState } | ScalerState, columns: number, who: string): PlainScaler {
  const state = 'toJSON' in scaler ? scaler.toJSON() : scaler;
  const fitted = scalerFromJSON(state);
  if (fitted.columns !== columns)
    fail('ERR_SHAPE', `${who}: was fitted on ${fitted.columns} columns, but the network has ${columns}.`);
  if (fitted instanceof SmoothClipScaler)
    fail(
      'ERR_UNSUPPORTED',
      `${who}: a SmoothClipScaler bends values, which exported networks cannot. Train with scale: 'robust', or apply the scaler before the network ` +
        'and export the network alone (of an estimator, its model).',
    );
  return fitted;
}

/** The scaler of each target for as many columns side by side: quantiles are in its units too. */
export function repeatedScaler(scaler: { toJSON(): ScalerState } | ScalerState, each: number): ScalerState {
  const state = 'toJSON' in scaler ? scaler.toJSON() : scaler;
  const wide = (name: string, value: unknown) =>
    Array.isArray(value) && name !== 'range' ? value.flatMap((one: unknown) => new Array<unknown>(each).fill(one)) : value;
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, wide(name, value)])) as unknown as ScalerState;
}

/** The map that a scaler is. */
export function affineOf(fitted: PlainScaler): Affine {
  return fitted instanceof StandardScaler ? standard(fitted) : 'range' in fitted ? minMax(fitted) : robust(fitted);
}

/** A map of these centers and factors. */
export function affine(
  center: Float64Array,
  factor: Float64Array,
  shift?: Float64Array,
  low = -Infinity,
  high = Infinity,
): Affine {
  return { center, factor, shift: shift ?? new Float64Array(center.length), low, high };
}

function standard({ mean, scale, withMean, withStd }: StandardScaler): Affine {
  return affine(
    mean.map((m) => (withMean ? m : 0)),
    scale.map((s) => (withStd ? 1 / s : 1)),
  );
}

function robust({ center, scale, withCentering, withScaling }: RobustScaler): Affine {
  return affine(
    center.map((c) => (withCentering ? c : 0)),
    scale.map((s) => (withScaling ? 1 / s : 1)),
  );
}

// x * scale + min, around the smallest value instead of around 0: large columns lose nothing in float32.
function minMax({ dataMin, scale, range, clip }: MinMaxScaler): Affine {
  const [low, high] = range;
  return affine(
    dataMin,
    scale,
    dataMin.map(() => low),
    ...(clip ? ([low, high] as const) : []),
  );
}

/** Undoes an affine map (not its limits). */
export function inverse({ center, factor, shift }: Affine): Affine {
  return affine(
    shift,
    factor.map((f) => 1 / f),
    center,
  );
}

/** The part of doubles that float32 keeps, and what it loses. */
export function split(values: Float64Array): { high: Float32Array; low: Float32Array } {
  const high = Float32Array.from(values);
  return { high, low: Float32Array.from(values, (v, i) => v - high[i]!) };
}
