// The options of cross-validation and of searches: interfaces for people, and a row for each member that checks it.

import { fail, show } from '../errors.js';
import { checkNumber, flag, given, whole, type Schema } from '../options.js';
import type { Estimator } from '../estimators/trainable.js';
import type { Scoring } from './scores.js';

/** A score by name, or a function of a fitted estimator and the held-out rows, for which more is better. */
export type ScoringLike = Scoring | ((estimator: Estimator, X: never, y: never) => number);

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

/** Options of crossValidate: folds, scoring, and how many run at a time. */
export interface CrossValidationOptions {
  /** Number of folds, at least 2 (default 5), shuffled, with class proportions kept for classifiers; or the folds themselves. */
  readonly folds?:
    | number
    | readonly {
        /** Numbers of the rows to train on. */
        readonly train: ArrayLike<number>;
        /** Numbers of the rows to score on. */
        readonly test: ArrayLike<number>;
      }[];
  /** What to measure (default: the estimator's own score, accuracy or R^2). */
  readonly scoring?: ScoringLike;
  /** What folds, and a random search's candidates, are drawn from: a whole number (default 0). */
  readonly seed?: number;
  /**
   * Worker threads: 'auto' is one per core in Node, from when on they pay: trainings run on this thread first, and those of less than a second in all stay
   * there. 0 is none (default 'auto').
   */
  readonly workers?: number | 'auto';
  /** Aborting rejects with an AbortError; finished trials stay in the file of results, where there is one. */
  readonly signal?: AbortSignal;
  /** Called after every trial on a fold. */
  readonly onProgress?: (progress: SearchProgress) => void;
}

/** How far a search is. */
export interface SearchProgress {
  /** Fits that ended. */
  readonly done: number;
  /** Fits in all: candidates x folds. */
  readonly total: number;
  /** The fit that just ended. */
  readonly last: TrialOutcome;
  /** Best mean score of the candidates all of whose folds have ended; NaN before the first. */
  readonly bestScore: number;
  /** Seconds since the search began. */
  readonly seconds: number;
  /** Estimate of the seconds left. */
  readonly secondsLeft: number;
}

/** Options of gridSearch and randomSearch: those of crossValidate, and what belongs to a search. */
export interface SearchOptions extends CrossValidationOptions {
  /** A file (Node) that outcomes are added to as they come, JSON lines; a search that was interrupted goes on from it. */
  readonly results?: string;
  /** Fit an estimator with the best options on all rows at the end (default true). */
  readonly refit?: boolean;
}

/** Options of randomSearch: those of a search, and how many combinations are tried. */
export interface RandomSearchOptions extends SearchOptions {
  /** Combinations to try, at least 1 (default 20). */
  readonly trials?: number;
}

/** @throws ERR_OPTION for what is no signal. */
export function checkSignal(value: unknown, name: string): void {
  const { aborted, addEventListener } = Object(value) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function')
    fail('ERR_OPTION', `${name}: expected an AbortSignal, such as new AbortController().signal, got ${show(value)}.`);
}

/** Scoring and folds are checked where the estimator and the rows are known. */
export const crossValidationRows = {
  folds: given<CrossValidationOptions['folds']>(),
  scoring: given<ScoringLike>(),
  seed: given<number>(),
  workers: (value, name) =>
    value === undefined || value === 'auto' ? ('auto' as const) : checkNumber(value, name, { min: 0, integer: true }),
  signal: given<AbortSignal>(checkSignal),
  onProgress: given<(progress: SearchProgress) => void>(),
} satisfies Schema<CrossValidationOptions>;

export const searchRows = {
  ...crossValidationRows,
  results: given<string>(),
  refit: flag(true),
} satisfies Schema<SearchOptions>;

export const randomSearchRows = {
  ...searchRows,
  trials: whole({ min: 1, default: 20 }),
} satisfies Schema<RandomSearchOptions>;
