// Intervals around a regressor's answers, from rows that it did not learn from: what is kept of them, and what it makes of predictions.
//
// 'absolute': as far as |y - f(x)| reaches, everywhere alike. 'scaled': of a network that says how far the truth scatters, in multiples of that
// deviation. 'quantiles': of a network of quantiles, from one of them to another, moved outwards or inwards by as much as max(low - y, y - high) asks.
// See: Lei et al. 2018, https://arxiv.org/abs/1604.04173; Romano, Patterson & Candès 2019, https://arxiv.org/abs/1905.03222

import type { SavedState } from '../columns.js';
import { ConformalScores } from './conformal.js';
import type { Float64Rows } from '../matrix.js';
import { normalQuantile } from '../normal.js';
import { Rows64 } from '../rows64.js';
import { fail } from '../../errors.js';
import { eachOf, type Spread } from './spread.js';

/** Scores of all rows: one list for each target, of quantiles one for each pair of levels of each. */
export interface Intervals {
  readonly method: 'absolute' | 'scaled' | 'quantiles';
  readonly scores: readonly ConformalScores[];
}

const methodOf = (spread: Spread): Intervals['method'] =>
  spread === undefined ? 'absolute' : 'gaussian' in spread ? 'scaled' : 'quantiles';

/** Lists of scores for each target: the lowest level and the highest are a pair, the next ones another. */
const listsOf = (spread: Spread) => (spread !== undefined && 'levels' in spread ? Math.floor(spread.levels.length / 2) : 1);

/** `outputs` are in the units of the targets. @throws ERR_EMPTY without a row, ERR_NONFINITE for an answer that is no number, ERR_UNSUPPORTED for one level alone. */
export function fitIntervals(truth: Float64Array, { data, shape }: Float64Rows, spread?: Spread): Intervals {
  const [rows = 0, columns = 0] = shape;
  if (rows === 0) fail('ERR_EMPTY', 'conformalize: X has no rows.');
  const [each, lists, method] = [eachOf(spread), listsOf(spread), methodOf(spread)];
  if (lists === 0)
    fail(
      'ERR_UNSUPPORTED',
      'conformalize: one quantile is no interval. Train with a low level and a high one, such as [0.05, 0.5, 0.95].',
    );
  const targets = columns / each;
  const scores = Array.from({ length: targets * lists }, (_, list) => {
    const [target, pair] = [Math.floor(list / lists), list % lists];
    return ConformalScores.of(
      Float64Array.from({ length: rows }, (__, i) => {
        const [y, at] = [truth[i * targets + target]!, i * columns + target * each];
        if (method === 'quantiles') return Math.max(data[at + pair]! - y, y - data[at + each - 1 - pair]!);
        return Math.abs(y - data[at]!) / (method === 'scaled' ? data[at + 1]! : 1);
      }),
    );
  });
  return { method, scores };
}

/**
 * [rows][2 x targets]: low and high of each target in turn. Without scores those of a Gaussian. `outputs` are in the units of the targets.
 * @throws ERR_OPTION for a confidence that there were too few rows for.
 */
export function intervalsAround(
  intervals: Intervals | undefined,
  { data, shape }: Float64Rows,
  confidence: number,
  spread?: Spread,
): Rows64 {
  const [rows = 0, columns = 0] = shape;
  const [each, lists] = [eachOf(spread), listsOf(spread)];
  const targets = columns / each;
  const pair = spread !== undefined && 'levels' in spread ? nearestPair(spread.levels, confidence) : 0;
  const reach = Array.from({ length: targets }, (_, target) =>
    intervals === undefined
      ? normalQuantile((1 + confidence) / 2)
      : intervals.scores[target * lists + pair]!.quantile(confidence, 'conformalize'),
  );
  const out = new Float64Array(rows * targets * 2);
  for (let k = 0; k < rows * targets; k++) {
    const [at, far] = [k * each, reach[k % targets]!];
    const quantiles = spread !== undefined && 'levels' in spread;
    const width = !quantiles && each === 2 ? far * data[at + 1]! : far;
    const low = data[at + pair]! - width;
    const high = data[quantiles ? at + each - 1 - pair : at]! + width;
    // Moved so far inwards that they meet, both ends are where they would.
    out[2 * k] = low <= high ? low : (low + high) / 2;
    out[2 * k + 1] = low <= high ? high : (low + high) / 2;
  }
  return new Rows64(out, rows, 2 * targets);
}

/** The pair of levels whose distance is nearest to the confidence. */
function nearestPair(levels: readonly number[], confidence: number): number {
  const miss = (pair: number) => Math.abs(levels[levels.length - 1 - pair]! - levels[pair]! - confidence);
  let best = 0;
  for (let pair = 1; pair < Math.floor(levels.length / 2); pair++) if (miss(pair) < miss(best)) best = pair;
  return best;
}

export function intervalsToJSON({ method, scores }: Intervals) {
  return { method, scores: scores.map((of) => of.toJSON()) };
}

/** @throws ERR_FORMAT for anything but what intervalsToJSON makes, for that many targets of that kind. */
export function intervalsFromJSON(saved: SavedState, targets: number, spread?: Spread): Intervals {
  const lists = saved.list('scores');
  const wanted = targets * listsOf(spread);
  if (lists.length !== wanted || wanted === 0) saved.refuse('scores', `${wanted} lists, as ${targets} targets have`, lists);
  return {
    method: saved.choice('method', [methodOf(spread)]),
    scores: lists.map((json, j) => ConformalScores.fromJSON(saved.inner(`scores[${j}]`, json))),
  };
}
