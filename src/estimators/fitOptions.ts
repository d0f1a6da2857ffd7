// The options of an estimator's fit and save: interfaces for people, and a row for each member that checks it.

import type { TableEncoder } from '../data/tabular.js';
import type { Callbacks } from '../model/model.js';
import { flag, given, type Schema } from '../options.js';
import { hookRows } from '../training/fitOptions.js';
import type { Features } from './features.js';

/** Options of fit and fitSync of MLPClassifier and MLPRegressor; functions called while training are among them. */
export interface EstimatorFitOptions extends Callbacks {
  /** How much each row counts, >= 0. */
  readonly sampleWeight?: ArrayLike<number>;
  /** Rows to measure on after each epoch, and for early stopping to watch instead of a part of X. */
  readonly validationData?: readonly [X: Features, y: unknown];
  /** What the columns of a matrix are called (default x0, x1, …). */
  readonly featureNames?: readonly string[];
  /** The fitted encoder that X went through, so that predict takes tables too. */
  readonly encoder?: TableEncoder;
  /** Columns of a table to keep that would be left out, such as a number that counts the rows. */
  readonly keep?: readonly string[];
  /** Go on with a training that was interrupted, or loaded from a file saved with `optimizer: true`: X and y must be the same. */
  readonly resume?: boolean;
  /** More functions called while training, in groups; each may have any of the hooks. */
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** Aborting rejects with an AbortError; what was learnt until then stays, can be used, saved and resumed. */
  readonly signal?: AbortSignal;
  /** Seconds after which training ends. */
  readonly timeBudget?: number;
  /** Prints a line per epoch. */
  readonly verbose?: boolean;
}

/** Options of an estimator's save. */
export interface SaveEstimatorOptions {
  /** Whether the optimizer's state goes along, so that training can be resumed to the same bits (default false). */
  readonly optimizer?: boolean;
  /** JSON of your own to travel with the model, by name. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

/** What is not checked here is by the fit of the model, or where the rows are known. */
export const fitRows = {
  sampleWeight: given<ArrayLike<number>>(),
  validationData: given<readonly [X: Features, y: unknown]>(),
  featureNames: given<readonly string[]>(),
  encoder: given<TableEncoder>(),
  keep: given<readonly string[]>(),
  resume: flag(false),
  callbacks: given<Callbacks | readonly Callbacks[]>(),
  signal: given<AbortSignal>(),
  timeBudget: given<number>(),
  verbose: given<boolean>(),
  ...hookRows,
} satisfies Schema<EstimatorFitOptions>;

export const saveRows = {
  optimizer: flag(false),
  sections: given<Readonly<Record<string, unknown>>>(),
} satisfies Schema<SaveEstimatorOptions>;

/** What score is told beside rows, and partialFit. */
export const scoreRows = { sampleWeight: given<ArrayLike<number>>() };
