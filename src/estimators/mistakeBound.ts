// How many mistakes a perceptron can make at most: Novikoff's bound, for weights that start anywhere.

import { fail } from '../errors.js';

/** Where a perceptron starts and how far a mistake moves it. */
export interface Beginning {
  readonly weights: Float64Array;
  readonly learningRate: number;
}

/**
 * The most mistakes k on `points` (rows y_i (x_i, 1), row-major) that a separator w* allows. Each mistake adds at least eta delta to w . w* and
 * at most (eta R)^2 to |w|^2, so (w0 . w* + k eta delta)^2 <= |w*|^2 (|w0|^2 + k (eta R)^2), R being the longest row and delta the least
 * p . w*; from w0 = 0 that is k <= R^2 |w*|^2 / delta^2. undefined where `separator` is, or leaves a row on the line.
 * @throws ERR_OPTION, when the separator was given by name, for one that separates nothing. See: Novikoff 1962.
 */
export function mistakeBound(
  points: Float64Array,
  separator: Float64Array | undefined,
  columns: number,
  start: Beginning,
  name?: string,
): number | undefined {
  if (separator === undefined) return undefined;
  let longest = 0;
  let least = Infinity;
  for (let at = 0; at < points.length; at += columns) {
    let square = 0;
    let along = 0;
    for (let j = 0; j < columns; j++) {
      square += points[at + j]! ** 2;
      along += points[at + j]! * separator[j]!;
    }
    longest = Math.max(longest, square);
    least = Math.min(least, along);
    if (!(along > 0) && name !== undefined)
      fail('ERR_OPTION', `${name}: does not separate the classes: row ${at / columns} lies on the wrong side.`, {
        row: at / columns,
      });
  }
  if (!(least > 0)) return undefined;
  const separatorSquare = separator.reduce((sum, w) => sum + w * w, 0);
  const fromZero = (longest * separatorSquare) / least ** 2;
  const startSquare = start.weights.reduce((sum, w) => sum + w * w, 0);
  if (startSquare === 0) return fromZero;
  // k^2 + (2 ahead - fromZero) k + ahead^2 - reach <= 0, both in units of eta delta; reach >= ahead^2 by Cauchy and Schwarz.
  const unit = start.learningRate * least;
  const ahead = start.weights.reduce((sum, w, j) => sum + w * separator[j]!, 0) / unit;
  const reach = (startSquare * separatorSquare) / unit ** 2;
  const half = fromZero / 2 - ahead;
  return Math.max(0, half + Math.sqrt(half ** 2 + Math.max(0, reach - ahead ** 2)));
}
