// judgeByFolds: what an estimator is worth on a table too small to hold rows out of it, as `feedforward train` judges one.

import { isFloat64 } from '../brands.js';
import { readLabels, type Labels } from '../data/labels.js';
import { float64Targets } from '../data/matrix.js';
import { Table, type TableLike } from '../data/table.js';
import { TableEncoder } from '../data/tabular.js';
import { fail, show } from '../errors.js';
import { MLPClassifier } from '../estimators/classifier.js';
import { asFeatures } from '../estimators/features.js';
import type { EstimatorFitOptions } from '../estimators/fitOptions.js';
import { MLPEstimator } from '../estimators/mlpEstimator.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { silently } from '../estimators/warnings.js';
import { given, handler, present, readOptions, whole, type Schema } from '../options.js';
import { answersToFold, dealFolds, judgedByFolds, rowsOfDeal, trainOnFold, type Judged } from './facts/folds.js';
import { scoresOf, standardErrorOf, type Answers, type Model, type Predictions, type Targets } from './facts/scores.js';

/** One fold that begins. */
export interface FoldStart {
  /** Its number, from 1. */
  readonly fold: number;
  /** How many there are, in all deals. */
  readonly of: number;
  /** Epochs that its model trains for at most. */
  readonly epochs: number;
}

/** Options of judgeByFolds. */
export interface FoldsOptions {
  /** Parts that the rows are dealt into, at least 2 (default 5). */
  readonly folds?: number;
  /** How often they are dealt anew, at least 1 (default 1). */
  readonly deals?: number;
  /** What the folds are drawn from, a whole number (default 0); each further deal takes the next one. */
  readonly seed?: number;
  /** Options of each fit: columns to keep, hooks, a signal whose abort rejects with an AbortError. */
  readonly fit?: EstimatorFitOptions;
  /** Called before each fold. */
  readonly onFoldStart?: (fold: FoldStart) => void;
}

/** How good answers are, by the names of the scores; the main one, accuracy or r2, comes first. */
export interface Judgement {
  /** Of all answers together. */
  readonly scores: Readonly<Record<string, number>>;
  /** Of the main score, for as many different rows as there are. */
  readonly standardError: number;
}

/** What judgeByFolds finds; `report` takes it as its option `byFolds`. */
export interface JudgedByFolds extends Judgement {
  /** "5-fold cross-validation, dealt twice". */
  readonly judgedBy: string;
  /** Different rows that judged. */
  readonly rows: number;
  /** The main score of each fold. */
  readonly foldScores: readonly number[];
  /** What it must beat, trained and judged on the same folds; the quick preset is absent where the estimator is one. */
  readonly baselines: {
    /** Always the most frequent class, or always the mean. */
    readonly constant: Judgement;
    /** No hidden layers. */
    readonly linear: Judgement;
    /** The preset 'quick'. */
    readonly quick?: Judgement;
  };
}

const rows = {
  folds: whole({ min: 2, default: 5 }),
  deals: whole({ min: 1, default: 1 }),
  seed: whole({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1, default: 0 }),
  fit: given<EstimatorFitOptions>(checkFit),
  onFoldStart: handler<(fold: FoldStart) => void>(),
} satisfies Schema<FoldsOptions>;

/** What a report needs of a cross-validation. */
export interface Dealt {
  readonly judged: Judged;
  /** Rows of the table, each once, in the order of the answers. */
  readonly order: Uint32Array;
}
const known = new WeakMap<JudgedByFolds, Dealt>();

/** @throws ERR_TYPE for what judgeByFolds has not returned, such as a copy of it. */
export function dealtOf(found: JudgedByFolds): Dealt {
  return (
    known.get(found) ??
    fail('ERR_TYPE', `report.byFolds: expected what judgeByFolds returned, and no copy of it, got ${show(found)}.`)
  );
}

/**
 * Judges an estimator by cross-validation, for tables too small to hold rows out: the rows are dealt into folds, each fold is answered by a new
 * model that learnt from all others, and all answers are scored together, beside those of a linear model, the quick preset and always the same
 * answer. With `deals: 2` it is how the command `feedforward train` judges a table of fewer than 300 rows; it then trains one model on all of them.
 *
 * `create` makes the estimator, a new one each time. `X` is a table, or what Table.from reads; `y` a column of it, or a label or number for each
 * row. Columns that look of no use in the whole table are left out of all folds, as fit leaves them out. Folds of classes have each class alike.
 *
 * @throws ERR_TYPE for an `X` that is no table, a `create` that is no function, and what it makes if that is no MLPClassifier or MLPRegressor;
 * ERR_SHAPE for fewer rows than folds, a `y` of another length, and several targets; ERR_OPTION; what `fit` rejects with.
 *
 * @example
 * const flowers = Array.from({ length: 40 }, (_, i) => ({ petal: i % 8, species: i % 8 < 4 ? 'setosa' : 'virginica' }));
 * const found = await judgeByFolds(() => new MLPClassifier({ preset: 'quick' }), flowers, 'species', { deals: 2 });
 * found.judgedBy;         // '5-fold cross-validation, dealt twice'
 * found.rows;             // 40
 * found.scores.accuracy;  // of two answers to each of them, by models that had not seen it
 */
export async function judgeByFolds(
  create: () => MLPClassifier | MLPRegressor,
  X: Table | TableLike | readonly Readonly<Record<string, unknown>>[],
  y: Labels | string,
  options: FoldsOptions = {},
): Promise<JudgedByFolds> {
  const { folds, deals, seed, fit = {}, onFoldStart } = readOptions(rows, options, 'judgeByFolds', 'judgeByFolds.');
  const all = asFeatures(X);
  if (!(all instanceof Table))
    fail('ERR_TYPE', 'judgeByFolds: X is no table. Pass a Table, or records or values by column name.');
  const first = made(create);
  const truth = targetsOf(first, all, y);
  if (truth.length !== all.rows) fail('ERR_SHAPE', `judgeByFolds: X has ${all.rows} rows, but y has ${truth.length}.`);
  const { dateFeatures, maxCategories } = first.options;
  const named = typeof y === 'string' ? all.select(all.columns.map(({ name }) => name).filter((name) => name !== y)) : all;
  const encoder = new TableEncoder(present({ dateFeatures, maxCategories, keep: fit.keep })).fit(named);
  const table = named.select(encoder.columns.map(({ name }) => name));
  const classes = isFloat64(truth) ? {} : { classes: [...new Set(truth)] };

  const dealt = dealFolds(truth, folds, deals, seed);
  const parts: Answers[] = [];
  for (const [f, fold] of dealt.entries()) {
    if (fit.signal?.aborted) fit.signal.throwIfAborted();
    const model = f === 0 ? first : made(create);
    onFoldStart?.({ fold: f + 1, of: dealt.length, epochs: model.plannedEpochs });
    await trainOnFold(model, table, truth, fold, { ...classes, ...fit });
    parts.push(silently(model, () => answersToFold(model, table, truth, fold)));
  }
  const judged = judgedByFolds(parts, folds, deals);
  const { answers } = judged;
  const judgement = (of: Predictions): Judgement => ({
    scores: scoresOf(answers.truth, of),
    standardError: standardErrorOf(answers.truth, of, all.rows),
  });
  const found: JudgedByFolds = {
    ...{ judgedBy: judged.by, rows: all.rows, foldScores: judged.foldScores! },
    ...judgement(answers.model),
    baselines: {
      constant: judgement(answers.constant),
      linear: judgement(answers.linear),
      ...(answers.quick === undefined ? {} : { quick: judgement(answers.quick) }),
    },
  };
  known.set(found, { judged, order: rowsOfDeal(dealt, folds) });
  return found;
}

/** @throws ERR_OPTION for what is no object; the names in it are checked by fit. */
function checkFit(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail('ERR_OPTION', `${name}: expected an object of options of fit, got ${show(value)}.`);
}

function made(create: () => unknown): Model {
  if (typeof create !== 'function' || create.prototype instanceof MLPEstimator)
    fail(
      'ERR_TYPE',
      `judgeByFolds: expected a function that makes an estimator, such as () => new MLPClassifier(), got ${show(create)}.`,
    );
  const model = create();
  if (model instanceof MLPClassifier || model instanceof MLPRegressor) return model;
  return fail(
    'ERR_TYPE',
    `judgeByFolds: expected a function that makes an MLPClassifier or MLPRegressor, which made ${show(model)}.`,
  );
}

/** What is true: labels for a classifier, numbers for a regressor, as its fit reads them. */
function targetsOf(model: Model, X: Table, y: Labels | string): Targets {
  if (model instanceof MLPClassifier) return typeof y === 'string' ? X.labels(y) : readLabels(y);
  if (typeof y === 'string') return X.numbers(y);
  if (y === undefined) fail('ERR_TYPE', 'y: expected a number for each row of X, got undefined.');
  const { data, shape } = float64Targets(y as ArrayLike<number>, { name: 'y' });
  if (shape[1] !== 1) fail('ERR_SHAPE', `y has ${shape[1]} columns; judgeByFolds judges one target. Call it with each column.`);
  return Float64Array.from(data);
}
