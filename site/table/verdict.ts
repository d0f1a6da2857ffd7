// What the page says a model is worth.

import type { Outcome } from './messages';

const percent = (share: number) => `${(100 * share).toFixed(1).replace('.0', '')} %`;

/** In a sentence or two; `target` is the column that was learnt. */
export function verdictOf(
  {
    score,
    constant,
    judgedOn,
    task,
    byFolds,
    stopped,
    secondLook,
  }: Pick<Outcome, 'score' | 'constant' | 'judgedOn' | 'task' | 'byFolds' | 'stopped' | 'secondLook'>,
  target: string,
): string {
  const judges = `${judgedOn} rows ${byFolds === undefined ? 'it has not seen' : 'that the models which answered had not seen'}`;
  const r2 = `R² ${score.toFixed(3).replace('-', '−')}`;
  // R² is 0 for the mean of the rows that judge; the mean of those that trained does a little worse, and beating that alone is nothing.
  const same = task === 'classes' ? constant : Math.max(constant, 0);
  const worth =
    score <= same
      ? `${secondLook === undefined ? 'No' : `By ${task === 'classes' ? 'accuracy' : 'R²'} alone no`} better than always the same answer, on ${judges}${task === 'classes' ? `: right on ${percent(score)} of them` : ` (${r2})`}.${secondLook === undefined ? '' : ` ${secondLook}`}`
      : task === 'classes'
        ? `Right on ${percent(score)} of ${judges}; always the same answer is right on ${percent(constant)}.`
        : `${r2} on ${judges}: the share of what moves ${target} that it explains.`;
  return stopped && byFolds !== undefined
    ? `You stopped the model trained on all rows early: nothing has judged it, and there is no report of it. Models of folds, trained to their end: ${worth}`
    : worth;
}
