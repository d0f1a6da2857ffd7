// Split conformal prediction: scores of rows that taught a model nothing, and the score that a new row stays below with a given
// confidence. Knows nothing of models: regressors score by distances, classifiers by probabilities.

import { fail } from '../../errors.js';
import { checkNumber, number } from '../../options.js';
import type { SavedState } from '../columns.js';
import { rowsOfShare } from '../holdOut.js';

/** A row for the option `confidence`. */
export const confidenceRow = number({ min: 0, max: 1, minExclusive: true, maxExclusive: true, default: 0.9 });

/**
 * The score that a new one stays at or below with probability `confidence`, given scores of as many rows as there are, drawn as the new one
 * will be: of n scores the ceil((n + 1) confidence)-th smallest. Averaged over such rows the probability is at least `confidence`, and at
 * most 1 / (n + 1) more where no scores are equal. Works around any model: with scores |y - f(x)| of rows that f did not learn from,
 * f(x) minus and plus this number is an interval for y. `confidence` lies in (0, 1).
 * See: Vovk et al. 2005; Lei et al. 2018, https://arxiv.org/abs/1604.04173
 * @throws ERR_OPTION for a confidence out of range, or one that so few scores cannot give (0.95 needs 19, 0.99 needs 99); ERR_NONFINITE for a score
 * that is no number.
 *
 * @example
 * const errors = [0.3, 0.1, 0.9, 0.4, 0.2, 0.6, 0.5, 0.8, 0.7];
 * conformalQuantile(errors, 0.8);  // 0.8
 */
export function conformalQuantile(scores: ArrayLike<number>, confidence: number): number {
  checkNumber(confidence, 'confidence', { min: 0, max: 1, minExclusive: true, maxExclusive: true });
  const sorted = ascending(Float64Array.from(scores));
  return sorted[reachableRank(sorted.length, confidence, 'scores') - 1]!;
}

/** The most scores that are kept. */
const most = 10_000;

/** Scores in ascending order. Of more than 10,000 as many are kept, evenly by rank: a quantile is then at most a 10,000th of the rows too far up. */
export class ConformalScores {
  private constructor(
    /** How many there were. */
    readonly rows: number,
    private readonly kept: Float64Array,
  ) {}

  /** @throws ERR_NONFINITE for a score that is no number. */
  static of(scores: Float64Array): ConformalScores {
    const sorted = ascending(scores);
    const rows = sorted.length;
    if (rows <= most) return new ConformalScores(rows, sorted);
    return new ConformalScores(
      rows,
      Float64Array.from({ length: most }, (_, k) => sorted[Math.ceil(((k + 1) * rows) / most) - 1]!),
    );
  }

  /** The ceil((n + 1) confidence)-th smallest of n. `what` names them in messages. @throws ERR_OPTION where there are too few. */
  quantile(confidence: number, what: string): number {
    const { rows, kept } = this;
    return kept[Math.ceil((reachableRank(rows, confidence, what) * kept.length) / rows) - 1]!;
  }

  toJSON(): { readonly rows: number; readonly scores: readonly number[] } {
    return { rows: this.rows, scores: [...this.kept] };
  }

  /** @throws ERR_FORMAT for anything but what toJSON makes. */
  static fromJSON(saved: SavedState): ConformalScores {
    const rows = saved.count('rows');
    const kept = saved.numbers('scores', Math.min(rows, most));
    if (kept.some((score, k) => k > 0 && score < kept[k - 1]!)) saved.refuse('scores', 'numbers in ascending order', [...kept]);
    return new ConformalScores(rows, Float64Array.from(kept));
  }
}

/** @throws ERR_NONFINITE. */
function ascending(scores: Float64Array): Float64Array {
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) fail('ERR_NONFINITE', `Score ${bad} is ${scores[bad]}: scores must be finite.`, { row: bad });
  return scores.slice().sort();
}

/** @throws ERR_OPTION for a rank beyond the last row. */
function reachableRank(rows: number, confidence: number, what: string): number {
  const rank = rankOf(rows, confidence);
  if (rank <= rows) return rank;
  const [needed, most] = [fewestRows(confidence), Math.floor((1000 * rows) / (rows + 1)) / 1000];
  return fail(
    'ERR_OPTION',
    `confidence: ${confidence} needs at least ${needed} rows to calibrate on, and ${what} had ${rows}. Pass more rows${most === 0 ? '' : `, or ask for at most ${most}`}.`,
    { rows, needed },
  );
}

/** ceil((rows + 1) confidence), where a product that is whole but for rounding is whole. */
function rankOf(rows: number, confidence: number): number {
  return Math.max(1, rowsOfShare(confidence, rows + 1, 'up'));
}

/** The fewest rows that a confidence can be had from. */
function fewestRows(confidence: number): number {
  let rows = Math.max(1, Math.floor(confidence / (1 - confidence)) - 1);
  while (rankOf(rows, confidence) > rows) rows++;
  return rows;
}
