// Fitted scalers from their saved state, as far as prediction needs them: what they do to rows, its way back, and its slope. One row for
// each kind; the arithmetic is that of the scalers themselves (src/data/scalers/maps.ts).

import { SavedState } from '../data/columns.js';
import { bendColumns, deviations, LIMIT, multiplyAndShift, shiftAndDivide, stretch, stretching } from '../data/scalers/maps.js';
import type { ScalerState } from '../data/scalers/states.js';
import { show } from '../errors.js';
import { refuseUnknown } from './layers.js';

/** What is done to each column. */
export interface ColumnMap {
  readonly columns: number;
  /** Scales rows in place. */
  apply(data: Float64Array): void;
  /** The derivative of apply in a value x of column j. */
  slope(x: number, j: number): number;
  /** Scales rows back in place: of the kinds that targets are scaled with. */
  undo?(data: Float64Array): void;
  /** The derivative of undo in column j. */
  unit?(j: number): number;
}

function linear(center: Float64Array | undefined, scale: Float64Array | undefined, columns: number): ColumnMap {
  return {
    columns,
    apply: (data) => shiftAndDivide(data, center, scale),
    undo: (data) => multiplyAndShift(data, center, scale),
    slope: (_, j) => 1 / (scale?.[j] ?? 1),
    unit: (j) => scale?.[j] ?? 1,
  };
}

const kinds: Readonly<Record<ScalerState['type'], (saved: SavedState) => ColumnMap>> = {
  StandardScaler(saved) {
    const mean = saved.numbers('mean');
    const variance = saved.numbers('variance', mean.length, 0);
    return linear(
      saved.boolean('withMean') ? mean : undefined,
      saved.boolean('withStd') ? deviations(saved.count('samples'), mean, variance) : undefined,
      mean.length,
    );
  },
  RobustScaler(saved) {
    const center = saved.numbers('center');
    const scale = saved.numbers('scale', center.length, Number.MIN_VALUE);
    return linear(
      saved.boolean('withCentering') ? center : undefined,
      saved.boolean('withScaling') ? scale : undefined,
      center.length,
    );
  },
  MinMaxScaler(saved) {
    const [low, high] = saved.numbers('range', 2) as unknown as [number, number];
    const dataMin = saved.numbers('dataMin');
    const { scale, min } = stretching(dataMin, saved.numbers('dataMax', dataMin.length), [low, high]);
    const [least, most] = saved.boolean('clip') ? [low, high] : [-Infinity, Infinity];
    return {
      columns: dataMin.length,
      apply: (data) => stretch(data, scale, min, least, most),
      slope(x, j) {
        const y = x * scale[j]! + min[j]!;
        return y > least && y < most ? scale[j]! : 0;
      },
    };
  },
  SmoothClipScaler(saved) {
    const center = saved.numbers('center');
    const scale = saved.numbers('scale', center.length, 0);
    const unchanged = new Set(saved.raw('unchanged') === undefined ? [] : saved.numbers('unchanged'));
    return {
      columns: center.length,
      apply: (data) => bendColumns(data, center, scale, unchanged),
      slope(x, j) {
        if (unchanged.has(j)) return 1;
        if (scale[j] === 0) return 0;
        const z = (x - center[j]!) / scale[j]! / LIMIT;
        return (1 + z * z) ** -1.5 / scale[j]!;
      },
    };
  },
};

/** The map that a saved scaler describes. @throws ERR_FORMAT, ERR_UNSUPPORTED for a kind that is not known here. */
export function scalingOf(json: unknown, columns: number, what: string): ColumnMap | undefined {
  if (json === undefined) return undefined;
  const type = new SavedState(json, what, true).string('type');
  if (!Object.hasOwn(kinds, type)) refuseUnknown(`its ${what} is a ${show(type)}`);
  const saved = new SavedState(json, type);
  const map = kinds[type as ScalerState['type']](saved);
  if (map.columns !== columns) saved.refuse('columns', `${columns}, as the network has`, map.columns);
  return map;
}
