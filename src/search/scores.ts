// Scores by name, and which estimators they are for.

import type { Label } from '../data/labels.js';
import * as metrics from '../data/metrics/index.js';
import { Table } from '../data/table.js';
import { fail } from '../errors.js';
import { MLPClassifier } from '../estimators/classifier.js';
import { MLPRegressor } from '../estimators/regressor.js';
import type { Estimator, Trainable } from '../estimators/trainable.js';
import { unknownName } from '../options.js';

interface ScoringRow {
  readonly for: 'classes' | 'numbers';
  /** Whether less is better. */
  readonly error?: true;
  readonly of: (y: never, predicted: never, proba: () => never, classes: readonly Label[]) => number;
}

/** Scores by name. Averages over classes are macro averages. */
const scorings = {
  accuracy: { for: 'classes', of: (y, p) => metrics.accuracy(y, p) },
  balancedAccuracy: { for: 'classes', of: (y, p) => metrics.balancedAccuracy(y, p) },
  f1: { for: 'classes', of: (y, p) => metrics.f1(y, p, { average: 'macro' }) },
  precision: { for: 'classes', of: (y, p) => metrics.precision(y, p, { average: 'macro' }) },
  recall: { for: 'classes', of: (y, p) => metrics.recall(y, p, { average: 'macro' }) },
  rocAuc: { for: 'classes', of: (y, _, proba, classes) => metrics.rocAuc(y, proba(), { classes }) },
  logLoss: { for: 'classes', error: true, of: (y, _, proba, classes) => metrics.logLoss(y, proba(), { classes }) },
  r2: { for: 'numbers', of: (y, p) => metrics.r2(y, p) },
  meanAbsoluteError: { for: 'numbers', error: true, of: (y, p) => metrics.meanAbsoluteError(y, p) },
  meanSquaredError: { for: 'numbers', error: true, of: (y, p) => metrics.meanSquaredError(y, p) },
  rootMeanSquaredError: { for: 'numbers', error: true, of: (y, p) => metrics.rootMeanSquaredError(y, p) },
  maxError: { for: 'numbers', error: true, of: (y, p) => metrics.maxError(y, p) },
} satisfies Record<string, ScoringRow>;
/** The scores that a search may go by. */
export type Scoring = keyof typeof scorings;

/** A score by name, of answers that no estimator gave. */
export function scoreAnswers(
  scoring: Scoring,
  truth: unknown,
  predicted: unknown,
  proba: () => unknown,
  classes: readonly Label[],
): number {
  return (scorings[scoring] as ScoringRow).of(truth as never, predicted as never, proba as () => never, classes);
}

/** A score by name. @throws ERR_OPTION where it does not fit the estimator. */
export function scoreBy(scoring: Scoring | undefined, estimator: Estimator, X: unknown, y: unknown): number {
  const trainable: Trainable = estimator;
  if (scoring === undefined) return trainable.score(X, y);
  const row: ScoringRow = scorings[scoring];
  const classes = estimator instanceof MLPRegressor ? undefined : estimator.classes;
  if ((row.for === 'classes') !== (classes !== undefined))
    fail(
      'ERR_OPTION',
      `scoring: "${scoring}" is for ${row.for === 'classes' ? 'classifiers' : 'regressors'}. Expected one of: ${scoringsFor(classes !== undefined).join(', ')}.`,
    );
  const truth = X instanceof Table && typeof y === 'string' ? (classes === undefined ? X.numbers(y) : X.labels(y)) : y;
  const proba = () => {
    if (estimator instanceof MLPClassifier) return estimator.predictProba(X as never) as never;
    return fail('ERR_OPTION', `scoring: "${scoring}" needs probabilities, and a perceptron has none.`);
  };
  return row.of(truth as never, trainable.predict(X) as never, proba, classes ?? []);
}

/** Scores that fit classifiers, or regressors. */
function scoringsFor(classes: boolean): Scoring[] {
  return (Object.keys(scorings) as Scoring[]).filter((name) => (scorings[name].for === 'classes') === classes);
}

/** Whether less of the score is better. */
export function isError(scoring: unknown): boolean {
  return typeof scoring === 'string' && Object.hasOwn(scorings, scoring) && 'error' in scorings[scoring as Scoring];
}

/** @throws ERR_OPTION for a name that is no score, with those that fit. */
export function checkScoring(scoring: unknown, classes: boolean): void {
  if (scoring === undefined || typeof scoring === 'function') return;
  if (typeof scoring !== 'string' || !Object.hasOwn(scorings, scoring)) unknownName(scoring, scoringsFor(classes), 'scoring');
}

/** Mean and standard deviation of some scores. */
export function spread(scores: readonly number[]): { mean: number; deviation: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return { mean, deviation: Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length) };
}
