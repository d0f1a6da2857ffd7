// What a search must beat to have found anything: always the same answer, and a linear model, scored on the same folds by the same score.

import { classesOf, readLabels, type Label } from '../data/labels.js';
import type { Fold } from '../data/split.js';
import { Table } from '../data/table.js';
import { MLPClassifier } from '../estimators/classifier.js';
import { linearBaseline, rowsForLinear } from '../estimators/linearBaseline.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { formatFigure } from '../training/history.js';
import type { ResolvedObjective } from './goals.js';
import { scoreAnswers, scoreBy, spread, type Scoring } from './scores.js';
import type { ScoringLike } from './searchOptions.js';
import { TrialRows, type TrialData } from './trialData.js';

/** A model that a search is compared with. */
export interface Baseline {
  /**
   * 'constant': the most frequent class (its probabilities are the shares of the classes), or the mean; 'linear': a linear model of the scaled columns
   * with a small penalty.
   */
  readonly name: 'constant' | 'linear';
  /** Mean of the score over the folds. */
  readonly score: number;
  /** The score on each fold. */
  readonly scores: readonly number[];
}

/** What people call them. */
export const baselineNames = { constant: 'always the same answer', linear: 'a linear model' } as const;

interface Rows {
  readonly X: unknown;
  readonly y: unknown;
}

/** Those that can be scored: a score of the caller's own takes no constant, and a training that fails is no baseline. */
export async function baselinesOf(
  { data, folds }: { readonly data: TrialData; readonly folds: readonly Fold[] },
  {
    classes,
    scoring,
    seed,
    signal,
  }: { classes: boolean; scoring: ScoringLike | undefined; seed: number; signal: AbortSignal | undefined },
): Promise<Baseline[]> {
  const rows = new TrialRows(data);
  const found: Baseline[] = [];
  for (const name of ['constant', 'linear'] as const) {
    const scores: number[] = [];
    for (const { train, test } of folds) {
      signal?.throwIfAborted();
      const parts = [rows.take(name === 'linear' ? some(train, seed) : train), rows.take(test)] as const;
      scores.push(
        name === 'constant'
          ? constantScore(parts, classes, scoring)
          : await linearScore(parts, rows.names, { classes, scoring, seed }),
      );
    }
    if (scores.every(Number.isFinite)) found.push({ name, score: spread(scores).mean, scores });
  }
  return found;
}

function some(train: Uint32Array, seed: number): Uint32Array {
  return rowsForLinear(train.length, seed, 'baselines')?.map((i) => train[i]!) ?? train;
}

// ---- always the same answer -----------------------------------------------------------------------------------------------

function constantScore([train, test]: readonly [Rows, Rows], classes: boolean, scoring: ScoringLike | undefined): number {
  if (typeof scoring === 'function') return Number.NaN;
  const answers = [answersIn(train, classes), answersIn(test, classes)] as const;
  if (classes && answers.some(isMatrix)) return Number.NaN; // several labels a row have no one answer
  try {
    return classes
      ? mostFrequent(answers as readonly [Label[], Label[]], scoring ?? 'accuracy')
      : meanOf(answers as readonly [Numbers, Numbers], scoring ?? 'r2');
  } catch {
    return Number.NaN; // a score that folds without one of the classes do not have
  }
}

type Numbers = ArrayLike<number> | { readonly data: Float64Array; readonly shape: readonly [number, number] };

/** Labels or numbers, wherever they stand. */
function answersIn({ X, y }: Rows, classes: boolean): Label[] | Numbers {
  if (X instanceof Table && typeof y === 'string') return classes ? X.labels(y) : X.numbers(y);
  return y as Label[] | Numbers;
}

function isMatrix(answers: Label[] | Numbers): answers is Extract<Numbers, { shape: unknown }> {
  return 'shape' in answers;
}

function mostFrequent([train, test]: readonly [Label[], Label[]], scoring: Scoring): number {
  const classes = classesOf(readLabels(train));
  const counts = classes.map((label) => train.filter((one) => one === label).length);
  const answer = classes[counts.indexOf(Math.max(...counts))]!;
  const shares = counts.map((count) => count / train.length);
  const proba = () => test.map(() => shares);
  const same = test.map(() => answer);
  return scoreAnswers(scoring, test, same, proba, classes);
}

function meanOf([train, test]: readonly [Numbers, Numbers], scoring: Scoring): number {
  const [from, to] = [columnsOf(train), columnsOf(test)];
  const means = Array.from({ length: from.columns }, (_, j) => {
    let sum = 0;
    for (let i = j; i < from.data.length; i += from.columns) sum += from.data[i]!;
    return sum / (from.data.length / from.columns);
  });
  const rows = to.data.length / to.columns;
  const truth = Array.from({ length: rows }, (_, i) => means.map((__, j) => to.data[i * to.columns + j]!));
  const same = truth.map(() => means);
  return scoreAnswers(scoring, truth, same, () => same, []);
}

function columnsOf(numbers: Numbers): { readonly data: ArrayLike<number>; readonly columns: number } {
  return 'shape' in numbers ? { data: numbers.data, columns: numbers.shape[1] } : { data: numbers, columns: 1 };
}

// ---- a linear model -------------------------------------------------------------------------------------------------------

async function linearScore(
  [train, test]: readonly [Rows, Rows],
  names: readonly string[] | undefined,
  { classes, scoring, seed }: { readonly classes: boolean; readonly scoring: ScoringLike | undefined; readonly seed: number },
): Promise<number> {
  const options = { ...linearBaseline, onWarning: false, seed } as const;
  const estimator = classes ? new MLPClassifier(options) : new MLPRegressor(options);
  try {
    await (estimator as { fit(X: unknown, y: unknown, more: object): Promise<unknown> }).fit(
      ...([train.X, train.y, names === undefined ? {} : { featureNames: names }] as const),
    );
    return typeof scoring === 'function'
      ? scoring(estimator, test.X as never, test.y as never)
      : scoreBy(scoring, estimator, test.X, test.y);
  } catch {
    return Number.NaN;
  }
}

// ---- compared -------------------------------------------------------------------------------------------------------------

/**
 * What a search says of its best where it is not clearly better than a baseline: where the mean difference over the folds is no more than its standard
 * error.
 */
export function comparedWith(
  baselines: readonly Baseline[],
  best: readonly number[],
  { name, goal }: Pick<ResolvedObjective, 'name' | 'goal'>,
): string[] {
  if (name !== 'score') return [];
  return baselines.flatMap((baseline) => {
    const gains = best.map((score, fold) => (goal === 'maximize' ? 1 : -1) * (score - baseline.scores[fold]!));
    const { mean, deviation } = spread(gains);
    const error = gains.length > 1 ? deviation / Math.sqrt(gains.length - 1) : 0;
    if (!(mean <= error)) return [];
    const against = `${baselineNames[baseline.name]} (${formatFigure(baseline.score)})`;
    const what = `score ${formatFigure(spread(best).mean)}`;
    return mean <= 0
      ? [`The best candidate (${what}) is no better than ${against}: take that one, or look for columns that say more.`]
      : [
          `The best candidate (${what}) is hardly better than ${against}: their difference, ${formatFigure(mean)}, is within its standard error over the folds, ${formatFigure(error)}.`,
        ];
  });
}
