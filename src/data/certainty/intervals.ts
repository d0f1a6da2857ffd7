// Intervals around a regressor's answers, from rows that it did not learn from: what is kept of them, and what it makes of predictions.

import type { SavedState } from '../columns.js';
import { ConformalScores } from './conformal.js';
import type { Float64Rows } from '../matrix.js';
import { Rows64 } from '../rows64.js';
import { fail } from '../../errors.js';

/** How far answers lay from the truth: of each target the distances |y - f(x)| of all rows. */
export interface Intervals {
  readonly method: 'absolute';
  readonly scores: readonly ConformalScores[];
}

/** @throws ERR_EMPTY without a row, ERR_NONFINITE for an answer that is no number. */
export function fitIntervals(truth: Float64Array, predicted: Float64Rows): Intervals {
  const { data, shape } = predicted;
  const [rows = 0, columns = 0] = shape;
  if (rows === 0) fail('ERR_EMPTY', 'conformalize: X has no rows.');
  const scores = Array.from({ length: columns }, (_, j) =>
    ConformalScores.of(Float64Array.from({ length: rows }, (_, i) => Math.abs(truth[i * columns + j]! - data[i * columns + j]!))),
  );
  return { method: 'absolute', scores };
}

/** [rows][2 x targets]: low and high of each target in turn. @throws ERR_OPTION for a confidence that there were too few rows for. */
export function intervalsAround({ scores }: Intervals, { data, shape }: Float64Rows, confidence: number): Rows64 {
  const [rows = 0, columns = 0] = shape;
  const reach = scores.map((of) => of.quantile(confidence, 'conformalize'));
  const out = new Float64Array(rows * columns * 2);
  for (let k = 0; k < rows * columns; k++) {
    out[2 * k] = data[k]! - reach[k % columns]!;
    out[2 * k + 1] = data[k]! + reach[k % columns]!;
  }
  return new Rows64(out, rows, 2 * columns);
}

export function intervalsToJSON({ method, scores }: Intervals) {
  return { method, scores: scores.map((of) => of.toJSON()) };
}

/** @throws ERR_FORMAT for anything but what intervalsToJSON makes, for that many targets. */
export function intervalsFromJSON(saved: SavedState, columns: number): Intervals {
  const lists = saved.list('scores');
  if (lists.length !== columns) saved.refuse('scores', `one for each of ${columns} targets`, lists);
  return {
    method: saved.choice('method', ['absolute']),
    scores: lists.map((json, j) => ConformalScores.fromJSON(saved.inner(`scores[${j}]`, json))),
  };
}
