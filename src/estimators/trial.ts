// One trial of a search: an estimator of a kind, its options, one fold. Plain data in, plain data out, so that it runs anywhere:
// on this thread, on a worker thread, from a queue.

import type { Label } from '../data/labels.js';
import * as metrics from '../data/metrics/index.js';
import { Table, type Column } from '../data/table.js';
import { fail, FeedforwardError } from '../errors.js';
import { MLPClassifier } from './classifier.js';
import { pickRows } from './inputs.js';
import { Perceptron } from './perceptron.js';
import { MLPRegressor } from './regressor.js';

/** Data as it travels to workers: numbers may lie in shared memory. */
export interface TrialData {
  readonly X:
    | { readonly data: Float32Array | Float64Array; readonly shape: readonly [number, number] }
    | { readonly columns: readonly Column[]; readonly rows: number };
  /** Labels, numbers, rows of numbers, or the name of a column of X. */
  readonly y: string | readonly Label[] | { readonly data: Float64Array; readonly shape: readonly [number, number] };
  readonly featureNames: readonly string[] | undefined;
}

export interface Trial {
  /** Number of the candidate, from 0. */
  readonly trial: number;
  readonly fold: number;
  readonly estimator: EstimatorKind;
  readonly options: Readonly<Record<string, unknown>>;
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  readonly scoring: Scoring | undefined;
}

/** What one trial came to on one fold. */
export interface TrialOutcome {
  /** Number of the candidate, from 0. */
  readonly trial: number;
  /** Number of the fold, from 0. */
  readonly fold: number;
  /** The score on the rows held out; null when the training failed, and `error` says why. */
  readonly score: number | null;
  /** Epochs that the training took. */
  readonly epochs: number;
  /** Seconds that it took. */
  readonly fitSeconds: number;
  /** Why the training failed, if it did. */
  readonly error?: {
    /** The code of the error, such as 'ERR_DIVERGED'. */
    readonly code: string;
    /** Its message. */
    readonly message: string;
  };
}

/** What there is to predict with. */
export type Estimator = MLPClassifier | MLPRegressor | Perceptron;

/** What every estimator does, whatever it takes as X and y: it refuses what it does not take. */
export interface Trainable {
  /** Epochs of the last training. */
  readonly epochs: number;
  fit(X: unknown, y: unknown, options?: object): Promise<unknown>;
  predict(X: unknown): unknown;
  score(X: unknown, y: unknown): number;
  /** An unfitted one with the options of this one, or some others. */
  clone(options?: object): this;
}

/** A fresh estimator of the same class. @throws ERR_OPTION. */
export function freshOf<E extends Estimator>(estimator: E, options: object): E {
  const trainable: Trainable = estimator;
  return trainable.clone(options) as E; // the compiler loses sight of `this` in a union of classes
}

export const estimatorKinds = {
  MLPClassifier: (options: object): Estimator => new MLPClassifier(options),
  MLPRegressor: (options: object): Estimator => new MLPRegressor(options),
  Perceptron: (options: object): Estimator => new Perceptron(options),
};
export type EstimatorKind = keyof typeof estimatorKinds;

interface ScoringRow {
  readonly for: 'classes' | 'numbers';
  /** Whether less is better. */
  readonly error?: true;
  readonly of: (y: never, predicted: never, proba: () => never, classes: readonly Label[]) => number;
}

/** Scores by name. Averages over classes are macro averages. */
export const scorings = {
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
export function scoringsFor(classes: boolean): Scoring[] {
  return (Object.keys(scorings) as Scoring[]).filter((name) => (scorings[name].for === 'classes') === classes);
}

/** X and y as estimators take them. */
export class TrialRows {
  private readonly table: Table | undefined;

  constructor(private readonly data: TrialData) {
    const { X } = data;
    if ('columns' in X) this.table = new Table(X.columns, { rows: X.rows });
  }

  take(indices: Uint32Array): { X: unknown; y: unknown } {
    const { X, y } = this.data;
    return {
      X: this.table?.take(indices) ?? pickRows(X as never, indices),
      y: typeof y === 'string' ? y : 'data' in y ? pickRows(y as never, indices) : Array.from(indices, (i) => y[i]!),
    };
  }

  get names(): readonly string[] | undefined {
    return this.table === undefined ? this.data.featureNames : undefined;
  }
}

/** Trains on one part, scores on the other. A training that fails is an outcome too; wrong data and options are not. */
export async function runTrial(rows: TrialRows, trial: Trial, estimator: Estimator, score = scoreBy): Promise<TrialOutcome> {
  const { trial: number, fold, scoring } = trial;
  const train = rows.take(trial.train);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const trainable: Trainable = estimator;
  try {
    await trainable.fit(
      train.X,
      train.y,
      ...(rows.names === undefined || estimator instanceof Perceptron ? [] : [{ featureNames: rows.names }]),
    );
  } catch (error) {
    if (!(error instanceof FeedforwardError) || error.code !== 'ERR_DIVERGED') throw error;
    return {
      trial: number,
      fold,
      score: null,
      epochs: 0,
      fitSeconds: seconds(),
      error: { code: error.code, message: error.message },
    };
  }
  const fitSeconds = seconds();
  const test = rows.take(trial.test);
  return { trial: number, fold, score: score(scoring, estimator, test.X, test.y), epochs: estimator.epochs, fitSeconds };
}
