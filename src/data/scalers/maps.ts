// What scalers do to columns once they are fitted, and its way back: in place, row after row, in float64. Scalers themselves and programs
// that only predict share them, so that both compute to the same bits.

/** x - center, then / scale; what is undefined is left out. */
export function shiftAndDivide(data: Float64Array, center: Float64Array | undefined, scale: Float64Array | undefined): void {
  const columns = (center ?? scale ?? data).length;
  for (let k = 0, j = 0; k < data.length; k++) {
    if (center !== undefined) data[k]! -= center[j]!;
    if (scale !== undefined) data[k]! /= scale[j]!;
    if (++j === columns) j = 0;
  }
}

/** The way back: x * scale, then + center. */
export function multiplyAndShift(data: Float64Array, center: Float64Array | undefined, scale: Float64Array | undefined): void {
  const columns = (center ?? scale ?? data).length;
  for (let k = 0, j = 0; k < data.length; k++) {
    if (scale !== undefined) data[k]! *= scale[j]!;
    if (center !== undefined) data[k]! += center[j]!;
    if (++j === columns) j = 0;
  }
}

/** x * scale + min, held to [low, high]. */
export function stretch(data: Float64Array, scale: Float64Array, min: Float64Array, low: number, high: number): void {
  for (let k = 0, j = 0; k < data.length; k++) {
    data[k] = Math.min(high, Math.max(low, data[k]! * scale[j]! + min[j]!));
    if (++j === scale.length) j = 0;
  }
}

/** Where the curve of bendColumns levels off, on either side. */
export const LIMIT = 3;

/** z = (x - center) / scale, then z / sqrt(1 + (z / 3)^2); 0 where scale is. Columns of `unchanged` stay as they are. */
export function bendColumns(data: Float64Array, center: Float64Array, scale: Float64Array, unchanged: ReadonlySet<number>): void {
  for (let k = 0, j = 0; k < data.length; k++) {
    if (!unchanged.has(j)) data[k] = scale[j] === 0 ? 0 : bend((data[k]! - center[j]!) / scale[j]!);
    if (++j === scale.length) j = 0;
  }
}

/** z / sqrt(1 + (z / 3)^2), without overflow of the square. */
function bend(z: number): number {
  const large = Math.abs(z) > LIMIT;
  const ratio = large ? LIMIT / z : z / LIMIT;
  return (large ? LIMIT * Math.sign(z) : z) / Math.sqrt(1 + ratio * ratio);
}

/** The deviations to divide by: 1 where a column cannot be told from a constant one, below the error bound of its two-pass variance. */
export function deviations(samples: number, mean: Float64Array, variance: Float64Array): Float64Array {
  return variance.map((v, j) => {
    // See: Chan et al., and scikit-learn.
    const bound = samples * Number.EPSILON * v + (samples * mean[j]! * Number.EPSILON) ** 2;
    return v <= bound ? 1 : Math.sqrt(v);
  });
}

/** scikit-learn's `_handle_zeros_in_scale`: a spread of (nearly) nothing divides by 1. */
export function nonZero(spread: number): number {
  return spread < 10 * Number.EPSILON ? 1 : spread;
}

/** What takes [dataMin, dataMax] of each column to [low, high]: x * scale + min. */
export function stretching(
  dataMin: Float64Array,
  dataMax: Float64Array,
  [low, high]: readonly [number, number],
): { scale: Float64Array; min: Float64Array } {
  const scale = dataMin.map((least, j) => (high - low) / nonZero(dataMax[j]! - least));
  return { scale, min: dataMin.map((least, j) => low - least * scale[j]!) };
}
