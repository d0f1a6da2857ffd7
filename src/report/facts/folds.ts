// Judged by folds: every row is answered by models of the folds that it is not in, and so is what they must beat.

import { isFloat64 } from '../../brands.js';
import { countsOf, type Label } from '../../data/labels.js';
import { kFold, stratifiedKFold, type Fold } from '../../data/split.js';
import type { Table } from '../../data/table.js';
import type { MLPClassifier } from '../../estimators/classifier.js';
import type { EstimatorFitOptions } from '../../estimators/fitOptions.js';
import { askAll, joinAnswers, pickTargets, scoresOf, type Answers, type Model, type Targets } from './scores.js';

/** Answers of models to rows that they have not seen. */
export interface Judged {
  readonly by: string;
  readonly answers: Answers;
  /** The main score of each fold. */
  readonly foldScores?: readonly number[];
}

/** The folds of some deals, one after the other. Folds of labels have each class alike, where there are enough of it. */
export function dealFolds(y: Targets, folds: number, deals: number, seed: number): Fold[] {
  const stratifies = !isFloat64(y) && Math.max(...countsOf(y).values()) >= folds;
  return Array.from({ length: deals }, (_, deal) => {
    const options = { folds, seed: seed + deal };
    return [...(stratifies ? stratifiedKFold(y, options) : kFold(y.length, options))];
  }).flat();
}

/** Trains a model on all rows but those of a fold. What the columns are is part of what is judged: it is learnt from these rows alone. */
export async function trainOnFold(
  model: Model,
  X: Table,
  y: Targets,
  { train }: Fold,
  options: EstimatorFitOptions,
): Promise<void> {
  await (model as MLPClassifier).fit(X.take(train), pickTargets(y, train) as Label[], options);
}

/** What that model, and what it must beat, answer to the rows of the fold. */
export const answersToFold = (model: Model, X: Table, y: Targets, { train, test }: Fold): Answers =>
  askAll(model, X.take(train), pickTargets(y, train), X.take(test), pickTargets(y, test), 0);

/** The answers to all folds of some deals, as one judgement. */
export function judgedByFolds(parts: readonly Answers[], folds: number, deals: number): Judged {
  const dealt = deals === 1 ? '' : deals === 2 ? ', dealt twice' : `, dealt ${deals} times`;
  return {
    by: `${folds}-fold cross-validation${dealt}`,
    answers: joinAnswers(parts),
    foldScores: parts.map(({ truth, model }) => Object.values(scoresOf(truth, model))[0]!),
  };
}

/** The rows that judge, each once, in the order of the answers. */
export const rowsOfDeal = (dealt: readonly Fold[], folds: number): Uint32Array =>
  Uint32Array.from(dealt.slice(0, folds).flatMap(({ test }) => [...test]));
