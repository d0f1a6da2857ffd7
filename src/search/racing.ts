// Fold racing: candidates start on a few folds, and one that by a paired test will not beat the best one stops there.
//
// The test. Differences between a candidate's losses and those of the best candidate so far, fold by fold, have a mean d over the k folds that
// ran and a standard deviation s; with K folds in all, the difference of the two means over all of them is d on average, with a standard deviation
// of s sqrt(1/k - 1/K): the K folds are the whole population, and no fold is left to chance once all have run. The test is Student's. One difference says
// nothing about s, and two or three next to nothing, so theirs counts together with what other candidates' differences have shown: s^2 = (4 m + (k - 1) own) / (k + 3),
// with m the median of the variances of others (each times what makes its median the true one), as if it came from 4 degrees of freedom, which are added (moderated t statistics,
// Smyth 2004). Wilcoxon's test, which Optuna has for this, has no probability below 1/2^k: on 2 or 3 folds it could never stop a thing.

import { fail } from '../errors.js';
import type { CandidateRecord, PruningRequest, Step } from './contract.js';
import { studentAbove } from './studentT.js';

/** How many degrees of freedom the variance that others have shown counts for. */
const PRIOR_FREEDOM = 4;

/** First some folds at once, then one after the other. @throws ERR_OPTION where there is no fold to be spared. */
export function racingPlan(folds: number, first: number): Step[] {
  if (folds <= first)
    fail(
      'ERR_OPTION',
      `pruner: racing stops candidates after ${first} ${first === 1 ? 'fold' : 'folds'} or more, and there are ${folds} in all. Take ${first + 1} folds or more, or another pruner.`,
    );
  const start: Step = { folds: Array.from({ length: first }, (_, fold) => fold), epochs: undefined };
  return [start, ...Array.from({ length: folds - first }, (_, i) => ({ folds: [first + i], epochs: undefined }))];
}

/** Which candidates go on: those that the test gives a chance of more than `chance` to beat the best so far over all folds. */
export function race({ plan, running, earlier }: PruningRequest, chance: number): boolean[] {
  const folds = plan.reduce((most, step) => Math.max(most, ...step.folds.map((fold) => fold + 1)), 0);
  const reference = best(earlier.filter(({ state }) => state === 'complete')) ?? best(running);
  if (reference === undefined) return [];
  const theirs = lossesByFold(reference, plan);
  const differences = (record: CandidateRecord) =>
    lossesByFold(record, plan).flatMap((loss, fold) => (theirs[fold] === undefined ? [] : [loss - theirs[fold]]));
  const others = [...earlier, ...running].filter((record) => record !== reference);
  const variances = others.map((record) => {
    const own = differences(record);
    return { record, variance: inMedian(varianceOf(own), own.length - 1) };
  });
  return running.map((record) => {
    if (record === reference) return true;
    const own = differences(record);
    if (own.some(Number.isNaN)) return false;
    const k = own.length;
    const known = variances.flatMap(({ record: other, variance }) =>
      other === record || !Number.isFinite(variance) ? [] : [variance],
    );
    if (k === 0 || known.length === 0) return true;
    const freedom = PRIOR_FREEDOM + k - 1;
    const variance = (PRIOR_FREEDOM * median(known) + (k > 1 ? (k - 1) * varianceOf(own) : 0)) / freedom;
    const mean = meanOf(own);
    const error = Math.sqrt(variance * (1 / k - 1 / folds));
    return mean <= 0 || error === 0 || studentAbove(mean / error, freedom) > chance;
  });
}

/** The candidate with the least mean loss over the folds that it ran, the first of equals. */
function best<R extends CandidateRecord>(records: readonly R[]): R | undefined {
  let found: { record: R; loss: number } | undefined;
  for (const record of records) {
    const loss = meanOf(record.steps.flatMap(({ losses }) => losses));
    if (!Number.isNaN(loss) && (found === undefined || loss < found.loss)) found = { record, loss };
  }
  return found?.record;
}

/** Losses by the number of the fold, of the folds that ran: steps of this plan end each fold that they hold. */
function lossesByFold({ steps }: CandidateRecord, plan: readonly Step[]): number[] {
  const losses: number[] = [];
  for (const step of steps)
    step.losses.forEach((loss, i) => {
      losses[plan[step.step]!.folds[i]!] = loss;
    });
  return losses;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** NaN of fewer than two values. */
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/**
 * A variance of few values, so that half of all such lie below the true one: half of them would otherwise lie below less than half of it.
 * See: Wilson & Hilferty 1931.
 */
function inMedian(variance: number, freedom: number): number {
  return variance / (1 - 2 / (9 * freedom)) ** 3;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
