// How good predictions are, in the figures that reports show, and what a model must beat: always the same answer, a linear model, the quick
// preset.

import { isFloat64 } from '../../brands.js';
import { countsOf, type Label } from '../../data/labels.js';
import { Matrix, type Float64Rows, type MatrixLike } from '../../data/matrix.js';
import * as metrics from '../../data/metrics/index.js';
import { quantile } from '../../data/quantiles.js';
import type { Table } from '../../data/table.js';
import { MLPClassifier } from '../../estimators/classifier.js';
import type { Features } from '../../estimators/inputs.js';
import type { EstimatorOptions } from '../../estimators/options.js';
import { presetOf } from '../../estimators/presets.js';
import { linearBaseline, rowsForLinear } from '../../estimators/linearBaseline.js';
import { MLPRegressor } from '../../estimators/regressor.js';
import { present } from '../../options.js';
import { formatFigure } from '../../training/history.js';

export type Model = MLPClassifier | MLPRegressor;
export type Targets = readonly Label[] | Float64Array;

/** Figures by name; a score that these rows do not have is left out, and R^2 of a single row is NaN. */
export type Scores = Readonly<Record<string, number>>;

/** What each figure is called, whether less is better, and whether it is in the units of the target. */
export const figures: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  f1: 'F1 (mean of classes)',
  rocAuc: 'ROC AUC',
  logLoss: 'log loss (less is better)',
  r2: 'R^2',
  meanAbsoluteError: 'mean absolute error',
  rootMeanSquaredError: 'root mean squared error',
  maxError: 'largest error',
};

/** A figure in words: "-" for one that is not there, "undefined" for R^2 of a single row. */
export function figureText(value: number | undefined): string {
  if (value === undefined) return '-';
  return Number.isNaN(value) ? 'undefined' : formatFigure(value);
}

/** The scores that JSON can hold. */
export function definedOf(scores: Scores): Scores {
  return Object.fromEntries(Object.entries(scores).filter(([, value]) => Number.isFinite(value)));
}

export interface Predictions {
  readonly predicted: Targets;
  /** Of each class, for classifiers. */
  readonly proba?: Matrix;
  readonly classes?: readonly Label[];
}

export function predictAll(model: Model, X: Features): Predictions {
  if (model instanceof MLPRegressor) return { predicted: model.predict(X) };
  const proba = model.predictProba(X);
  const { classes } = model;
  return { predicted: likeliest(proba, classes), proba, classes };
}

/** The most probable class of every row, the first of equals. */
export function likeliest(proba: Matrix, classes: readonly Label[]): Label[] {
  return Array.from({ length: proba.shape[0] }, (_, i) => {
    const row = proba.row(i);
    let best = 0;
    for (let c = 1; c < row.length; c++) if (row[c]! > row[best]!) best = c;
    return classes[best]!;
  });
}

/** The main score first. */
export function scoresOf(truth: Targets, { predicted, proba, classes }: Predictions): Scores {
  if (isFloat64(truth)) {
    const numbers = predicted as Float64Array;
    return {
      r2: metrics.r2(truth, numbers),
      meanAbsoluteError: metrics.meanAbsoluteError(truth, numbers),
      rootMeanSquaredError: metrics.rootMeanSquaredError(truth, numbers),
      maxError: metrics.maxError(truth, numbers),
    };
  }
  const labels = predicted as Label[];
  const scores: Record<string, number> = {
    accuracy: metrics.accuracy(truth, labels),
    balancedAccuracy: metrics.balancedAccuracy(truth, labels),
    f1: metrics.f1(truth, labels, { average: 'macro' }),
  };
  const present = new Set(truth);
  if (proba === undefined || classes === undefined || [...present].some((label) => !classes.includes(label))) return scores;
  scores['logLoss'] = metrics.logLoss(truth, proba, { classes });
  if (present.size === classes.length) scores['rocAuc'] = metrics.rocAuc(truth, proba, { classes });
  return scores;
}

export interface Baselines {
  /** Always the most frequent class, or always the mean. */
  readonly constant: { readonly answer: Label | number; readonly scores: Scores };
  readonly linear: { readonly scores: Scores };
  /** Of the quick preset; absent where the model is one. */
  readonly quick?: { readonly scores: Scores };
}

/** What a model and what it must beat say to the same rows. */
export interface Answers {
  readonly truth: Targets;
  readonly model: Predictions;
  readonly constant: Predictions;
  readonly linear: Predictions;
  readonly quick: Predictions | undefined;
  readonly answer: Label | number;
}

/**
 * Lets the model and its rivals, trained on the same rows, answer. The linear one is an estimator without hidden layers, the other the quick
 * preset (unless the model is one), both on at most 20,000 rows.
 */
export function askAll(model: Model, X: Table, y: Targets, testX: Table, truth: Targets, seed: number): Answers {
  const answer = constantAnswer(y);
  const constant = constantPredictions(answer, truth);
  const some = rowsForLinear(y.length, seed);
  const [rivalX, rivalY] = [some === undefined ? X : X.take(some), pickTargets(y, some)];
  const classes = model instanceof MLPClassifier ? model.classes : undefined;
  // Rivals read the columns that the model reads, as it reads them.
  const { dateFeatures, maxCategories, deterministic } = model.options;
  const told = {
    options: present({ dateFeatures, maxCategories, deterministic }),
    keep: model.encoder!.columns.map(({ name }) => name),
  };
  const linear = linearRival(classes, rivalX, rivalY, seed, told);
  const quick = presetOf(model.options) === 'quick' ? undefined : quickRival(classes, rivalX, rivalY, seed, told);
  return {
    ...{ truth, answer, model: predictAll(model, testX), constant, linear: predictAll(linear, testX) },
    quick: quick && predictAll(quick, testX),
  };
}

/** What a rival is trained on: labels, or numbers of one target or several. */
type RivalTargets = Targets | Float64Rows;

/** How rivals read the columns of a table. */
interface Told {
  readonly options: Pick<EstimatorOptions, 'dateFeatures' | 'maxCategories' | 'deterministic'>;
  readonly keep: readonly string[];
}

/** A linear model of the same rows. `classes`: those of labels; undefined for numbers. */
export function linearRival(
  classes: readonly Label[] | undefined,
  X: MatrixLike | Table,
  y: RivalTargets,
  seed: number,
  told?: Told,
): Model {
  return fitted({ ...linearBaseline, ...told?.options, seed, onWarning: false }, classes, X, y, told);
}

/** The quick preset on the same rows. */
export function quickRival(
  classes: readonly Label[] | undefined,
  X: MatrixLike | Table,
  y: RivalTargets,
  seed: number,
  told?: Told,
): Model {
  return fitted({ preset: 'quick', ...told?.options, seed, onWarning: false }, classes, X, y, told);
}

function fitted(
  options: EstimatorOptions,
  classes: readonly Label[] | undefined,
  X: MatrixLike | Table,
  y: RivalTargets,
  told: Told | undefined,
): Model {
  const keep = told === undefined ? {} : { keep: told.keep };
  return classes === undefined
    ? new MLPRegressor(options).fitSync(X, y as Float64Array, keep)
    : new MLPClassifier(options).fitSync(X, y as Label[], { ...keep, classes });
}

/**
 * The standard error of the main score of predictions for `rows` different rows: of an accuracy sqrt(p (1 - p) / rows), of R^2 that of the mean
 * squared error over the variance of the truth. NaN for fewer than two rows.
 */
export function standardErrorOf(truth: Targets, { predicted }: Predictions, rows: number): number {
  if (rows < 2) return Number.NaN;
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  if (!isFloat64(truth)) {
    const share = mean(truth.map((label, i) => (label === predicted[i] ? 1 : 0)));
    return Math.sqrt((share * (1 - share)) / rows);
  }
  const middle = mean(truth);
  const squares = truth.map((value, i) => (value - (predicted[i] as number)) ** 2);
  const meanSquare = mean(squares);
  const deviation = Math.sqrt(mean(squares.map((square) => (square - meanSquare) ** 2)));
  return deviation / Math.sqrt(rows) / mean(truth.map((value) => (value - middle) ** 2));
}

/** Always the same answer. */
export function constantPredictions(answer: Label | number, truth: Targets): Predictions {
  return {
    predicted: isFloat64(truth)
      ? new Float64Array(truth.length).fill(answer as number)
      : new Array<Label>(truth.length).fill(answer as Label),
  };
}

/** How much better the main score of one is than that of another on the same rows, with the standard error of the difference for `rows` different rows. */
export function leadOf(
  truth: Targets,
  own: Predictions,
  other: Predictions,
  rows: number,
): { readonly mean: number; readonly error: number } {
  const gains = new Float64Array(truth.length);
  if (isFloat64(truth)) {
    const middle = truth.reduce((sum, value) => sum + value, 0) / truth.length;
    const spread = truth.reduce((sum, value) => sum + (value - middle) ** 2, 0) / truth.length;
    const miss = ({ predicted }: Predictions, i: number) => (truth[i]! - (predicted[i] as number)) ** 2 / spread;
    for (let i = 0; i < gains.length; i++) gains[i] = miss(other, i) - miss(own, i);
  } else {
    const right = ({ predicted }: Predictions, i: number) => (predicted[i] === truth[i] ? 1 : 0);
    for (let i = 0; i < gains.length; i++) gains[i] = right(own, i) - right(other, i);
  }
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const square = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / gains.length;
  return { mean, error: rows < 2 ? Number.NaN : Math.sqrt(square / rows) };
}

/** Everybody's answers by name, the model's first. */
export function namedAnswers({ model, linear, quick, constant, answer, truth }: Answers) {
  return [
    { name: 'this model', predictions: model },
    { name: 'linear model', predictions: linear },
    ...(quick === undefined ? [] : [{ name: 'quick preset', predictions: quick }]),
    { name: isFloat64(truth) ? 'always the mean' : `always ${String(answer)}`, predictions: constant },
  ];
}

/** Answers to several parts as one. */
export function joinAnswers(parts: readonly Answers[]): Answers {
  return {
    answer: parts[0]!.answer,
    truth: joinTargets(parts.map(({ truth }) => truth)),
    model: joinPredictions(parts.map(({ model }) => model)),
    constant: joinPredictions(parts.map(({ constant }) => constant)),
    linear: joinPredictions(parts.map(({ linear }) => linear)),
    quick: parts[0]!.quick && joinPredictions(parts.map(({ quick }) => quick!)),
  };
}

export function joinPredictions(parts: readonly Predictions[]): Predictions {
  const predicted = joinTargets(parts.map((part) => part.predicted));
  const { proba, classes } = parts[0]!;
  if (proba === undefined) return { predicted };
  const data = new Float32Array(predicted.length * classes!.length);
  let at = 0;
  for (const part of parts) {
    data.set(part.proba!.data, at);
    at += part.proba!.data.length;
  }
  return { predicted, classes, proba: new Matrix(data, predicted.length, classes!.length) };
}

function joinTargets(parts: readonly Targets[]): Targets {
  if (!isFloat64(parts[0])) return (parts as Label[][]).flat();
  const out = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts as Float64Array[]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function pickTargets(y: Targets, indices: Uint32Array | undefined): Targets {
  if (indices === undefined) return y;
  return isFloat64(y) ? Float64Array.from(indices, (i) => y[i]!) : Array.from(indices, (i) => y[i]!);
}

/** What is said without looking at a row: the mean, or the most frequent label. */
export function constantAnswer(y: Targets): Label | number {
  if (isFloat64(y)) return y.reduce((sum, value) => sum + value, 0) / y.length;
  return [...countsOf(y)].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

export interface Residuals {
  /** Mean of truth minus prediction. */
  readonly bias: number;
  readonly deviation: number;
  /** 5, 25, 50, 75 and 95 % of the residuals lie below these. */
  readonly quantiles: readonly number[];
}

export function residualsOf(truth: Float64Array, predicted: Float64Array): Residuals {
  const residuals = truth.map((value, i) => value - predicted[i]!).sort();
  const bias = residuals.reduce((sum, value) => sum + value, 0) / residuals.length;
  const deviation = Math.sqrt(residuals.reduce((sum, value) => sum + (value - bias) ** 2, 0) / residuals.length);
  return { bias, deviation, quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantile(residuals, q)) };
}
