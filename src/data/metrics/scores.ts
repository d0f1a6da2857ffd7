// Metrics of predicted probabilities and scores: log loss, calibration, the area under the ROC curve.

import { isFloat32 } from '../../brands.js';
import { fail, show } from '../../errors.js';
import { choice, given, readOptions, whole, type Schema } from '../../options.js';
import { type Label, type Labels, classesOf, readLabels } from '../labels.js';
import { type Float64Rows, type MatrixLike, float64Targets } from '../matrix.js';
import { quantile } from '../quantiles.js';
import {
  type MetricOptions,
  metricRows,
  type Numbers,
  SCORE_ADVICE,
  checkLengths,
  columnsOf,
  encode,
  positiveOf,
  readBinary,
  readIds,
  readIndicators,
  readProbabilities,
  readWeight,
  resolveClasses,
} from './reading.js';
import { isAmong } from './sums.js';

/** Options of metrics that read probabilities: the classes of the columns. */
export interface ProbabilityOptions extends MetricOptions {
  /** The classes of the columns of yProb, in order (default: those of yTrue, sorted; or 0 … k - 1 when these are class ids). */
  classes?: readonly Label[];
}

const probabilityRows = { ...metricRows, classes: given<readonly Label[]>() } satisfies Schema<ProbabilityOptions>;

/** Options of brierScore. */
export interface BrierOptions extends ProbabilityOptions {
  /** The positive class of two (default: the second in sorted order). */
  positive?: Label;
}

const brierRows = { ...probabilityRows, positive: given<Label>() } satisfies Schema<BrierOptions>;

/**
 * Mean negative logarithm of the probability given to the true class, >= 0 (cross-entropy, in nats). yProb: the probability of the
 * positive class per row, or one column per class. Probabilities are held to [e, 1 - e], with e = 2^-23 for
 * float32 numbers (what models give) and 2^-52 for others, as in scikit-learn, and rows are divided by their sums.
 * @throws ERR_EMPTY, ERR_TYPE, ERR_SHAPE for different lengths; ERR_LABEL for what is no label, and with one class only and no `classes`; ERR_RANGE for a probability
 * outside [0, 1].
 *
 * @example
 * metrics.logLoss([0, 1], [0.1, 0.8]);  // 0.1643, the mean of -ln 0.9 and -ln 0.8
 */
export function logLoss(yTrue: Labels, yProb: Numbers, options: ProbabilityOptions = {}): number {
  readOptions(probabilityRows, options, 'logLoss');
  const { ids, data, columns, rows } = readProbabilities(yTrue, yProb, options.classes, 'logLoss');
  const weight = readWeight(options.sampleWeight, rows);
  const least = isSingle(yProb) ? 2 ** -23 : Number.EPSILON;
  const held = (probability: number) => Math.min(Math.max(probability, least), 1 - least);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const w = weight === undefined ? 1 : weight[i]!;
    let row = 0;
    for (let j = 0; j < columns; j++) row += held(data[i * columns + j]!);
    sum -= w * Math.log(held(data[i * columns + ids[i]!]!) / row);
    total += w;
  }
  return sum / total;
}

/** Whether numbers are float32: an array of that type, rows of it, or a matrix on it. */
function isSingle(numbers: unknown): boolean {
  const { data = numbers } = numbers as { data?: unknown };
  return isFloat32(data) || (Array.isArray(data) && isFloat32(data[0]));
}

/**
 * Mean squared distance of probabilities from what happened. yProb as one number per row (the probability of the positive class): 0 to 1,
 * as in scikit-learn; with one column per class: the sum over classes, 0 to 2, as Brier (1950) defined it.
 * @throws ERR_EMPTY, ERR_TYPE, ERR_SHAPE for different lengths; ERR_LABEL for what is no label, and with one class only and no `classes`; ERR_RANGE for a probability
 * outside [0, 1].
 *
 * @example
 * metrics.brierScore([0, 1], [0.1, 0.8]);  // 0.025
 */
export function brierScore(yTrue: Labels, yProb: Numbers, options: BrierOptions = {}): number {
  readOptions(brierRows, options, 'brierScore');
  const single = columnsOf(yProb) === 1;
  const { ids, data, columns, rows } = single
    ? readBinary(yTrue, yProb, options.positive, 'yProb')
    : readProbabilities(yTrue, yProb, options.classes, 'brierScore');
  const weight = readWeight(options.sampleWeight, rows);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const w = weight === undefined ? 1 : weight[i]!;
    total += w;
    if (single) sum += w * (data[i]! - ids[i]!) ** 2;
    else for (let j = 0; j < columns; j++) sum += w * (data[i * columns + j]! - (ids[i] === j ? 1 : 0)) ** 2;
  }
  return sum / total;
}

/** Rows of similar predicted probability, and how many of them are positive. */
export interface CalibrationBin {
  /** Edges of the bin: low < probability <= high (the first bin includes its low edge). */
  low: number;
  /** The upper edge of the bin, included. */
  high: number;
  /** Rows in the bin. */
  count: number;
  /** Mean predicted probability of these rows. */
  meanPredicted: number;
  /** Share of these rows that are positive: equal to meanPredicted when calibrated. */
  fractionPositive: number;
}

/** Options of calibrationCurve. */
export interface CalibrationOptions {
  /** Number of bins, at least 1 (default 10). */
  bins?: number;
  /** Bins of equal width, or with equally many rows (default 'uniform'). */
  strategy?: 'uniform' | 'quantile';
  /** The positive class (default: the second of two in sorted order). */
  positive?: Label;
}

const calibrationRows = {
  bins: whole({ min: 1, max: 1e6, default: 10 }),
  strategy: choice(['uniform', 'quantile'], 'uniform'),
  positive: given<Label>(),
} satisfies Schema<CalibrationOptions>;

/**
 * Predicted probabilities against frequencies, in bins; empty bins are left out. yProb: the probability of the positive class per row, or
 * two columns. Source: scikit-learn 1.2, `calibration_curve`.
 * @throws ERR_EMPTY, ERR_TYPE, ERR_SHAPE for different lengths; ERR_LABEL for what is no label, and with one class only and no `classes`; ERR_RANGE for a probability
 * outside [0, 1]; ERR_LABEL for more than two classes.
 *
 * @example
 * const [low] = metrics.calibrationTable([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9], { bins: 2 });
 * low;  // { low: 0, high: 0.5, count: 2, meanPredicted: 0.2, fractionPositive: 0 }
 */
export function calibrationTable(yTrue: Labels, yProb: Numbers, options: CalibrationOptions = {}): CalibrationBin[] {
  const { bins, strategy } = readOptions(calibrationRows, options, 'calibrationTable');
  const { ids, data, rows } = readBinary(yTrue, yProb, options.positive, 'yProb');
  const sorted = strategy === 'quantile' ? data.slice().sort() : undefined;
  const edges = Array.from({ length: bins + 1 }, (_, b) => {
    const share = b === bins ? 1 : b * (1 / bins);
    return sorted === undefined ? share : quantile(sorted, share);
  });
  const inner = edges.slice(1, -1);
  const table = Array.from({ length: bins }, (_, b) => ({
    low: edges[b]!,
    high: edges[b + 1]!,
    count: 0,
    predicted: 0,
    positive: 0,
  }));
  for (let i = 0; i < rows; i++) {
    const bin = table[firstAtLeast(inner, data[i]!)]!;
    bin.count++;
    bin.predicted += data[i]!;
    bin.positive += ids[i]!;
  }
  return table
    .filter(({ count }) => count > 0)
    .map(({ low, high, count, predicted, positive }) => ({
      low,
      high,
      count,
      meanPredicted: predicted / count,
      fractionPositive: positive / count,
    }));
}

/** Options of expectedCalibrationError. */
export interface CalibrationErrorOptions extends ProbabilityOptions {
  /** Number of bins of equal width, at least 1 (default 15). */
  bins?: number;
}

const calibrationErrorRows = {
  ...probabilityRows,
  bins: whole({ min: 1, max: 1e6, default: 15 }),
} satisfies Schema<CalibrationErrorOptions>;

/**
 * How far confidence and truth lie apart, 0 to 1: rows are put into bins by the probability of their likeliest class, and the distances between
 * its mean and the share of rows where that class is true are averaged over the bins, each counting by its rows. yProb: the probability of
 * the positive class per row, or one column per class. Of equally likely classes the first is taken.
 * Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599
 * @throws ERR_EMPTY, ERR_TYPE, ERR_SHAPE for different lengths; ERR_LABEL for what is no label, and with one class only and no `classes`; ERR_RANGE for a probability
 * outside [0, 1].
 *
 * @example
 * metrics.expectedCalibrationError([0, 1, 1, 1], [0.2, 0.6, 0.6, 0.9]);  // 0.275
 */
export function expectedCalibrationError(yTrue: Labels, yProb: Numbers, options: CalibrationErrorOptions = {}): number {
  const { bins } = readOptions(calibrationErrorRows, options, 'expectedCalibrationError');
  const { ids, data, columns, rows } = readProbabilities(yTrue, yProb, options.classes, 'expectedCalibrationError');
  const weight = readWeight(options.sampleWeight, rows);
  const inner = Array.from({ length: bins - 1 }, (_, b) => (b + 1) * (1 / bins));
  const gaps = new Float64Array(bins); // sum of confidence less truth
  let total = 0;
  for (let i = 0; i < rows; i++) {
    let best = 0;
    for (let j = 1; j < columns; j++) if (data[i * columns + j]! > data[i * columns + best]!) best = j;
    const w = weight === undefined ? 1 : weight[i]!;
    const confidence = data[i * columns + best]!;
    gaps[firstAtLeast(inner, confidence)]! += w * (confidence - (ids[i] === best ? 1 : 0));
    total += w;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
}

/** The place of the first of ascending values that is >= x. */
function firstAtLeast(values: readonly number[], x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Options of rocAuc. */
export interface RocAucOptions extends ProbabilityOptions {
  /** The positive class of two (default: the second in sorted order). */
  positive?: Label;
  /** More than two classes: each against the rest, or all pairs (Hand and Till 2001) (default 'ovr'). */
  multiclass?: 'ovr' | 'ovo';
  /** How classes are averaged: equally, or by their rows (default 'macro'). */
  average?: 'macro' | 'weighted';
}

const rocRows = {
  ...probabilityRows,
  positive: given<Label>(),
  multiclass: choice(['ovr', 'ovo'], 'ovr'),
  average: choice(['macro', 'weighted'], 'macro'),
} satisfies Schema<RocAucOptions>;

/**
 * Area under the ROC curve: the probability that a positive row scores above a negative one, ties counted half. yScore: any number that
 * grows with the positive class, one per row; for more classes one column per class; for multilabel one column per label.
 * @throws ERR_EMPTY, ERR_TYPE, ERR_NONFINITE, ERR_SHAPE for different lengths; ERR_LABEL for what is no label, and where yTrue has one class only.
 *
 * @example
 * metrics.rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);  // 0.75
 */
export function rocAuc(yTrue: Labels, yScore: Numbers, options: RocAucOptions = {}): number {
  const { average, multiclass } = readOptions(rocRows, options, 'rocAuc');
  const scores = float64Targets(yScore, { name: 'yScore', advice: SCORE_ADVICE });
  const [rows, columns] = scores.shape;
  const weight = readWeight(options.sampleWeight, rows);

  if (columnsOf(yTrue) > 1) {
    const truth = readIndicators(yTrue as MatrixLike, 'yTrue');
    checkLengths(truth.shape[0], rows, 'yScore');
    if (truth.shape[1] !== columns) fail('ERR_SHAPE', `yTrue has ${truth.shape[1]} columns, but yScore has ${columns}.`);
    return meanOverColumns(
      scores,
      (i, j) => truth.data[i * columns + j] === 1,
      weight,
      average,
      (j) => `column ${j} of yTrue`,
    );
  }
  const labels = readLabels(yTrue, 'yTrue');
  checkLengths(labels.length, rows, 'yScore');
  const present = classesOf(labels);
  if (present.length < 2)
    fail('ERR_LABEL', `rocAuc: yTrue has one class only (${show(present[0])}); the area needs positive and negative rows.`);
  if (columns === 1 || (columns === 2 && present.length === 2)) {
    const positive = positiveOf(present, options.positive);
    const column = columns === 2 ? present.indexOf(positive) : 0;
    return area(
      rows,
      (i) => scores.data[i * columns + column]!,
      (i) => labels[i] === positive,
      weight,
      'yTrue',
    );
  }
  const classes = resolveClasses(present, columns, options.classes, 'rocAuc');
  const ids = encode(labels, classes);
  if (multiclass === 'ovr')
    return meanOverColumns(
      scores,
      (i, j) => ids[i] === j,
      weight,
      average,
      (j) => `class ${show(classes[j])}`,
    );
  if (weight !== undefined) fail('ERR_OPTION', "rocAuc: multiclass 'ovo' takes no sampleWeight.");
  return meanOverPairs(scores, ids, average);
}

function meanOverColumns(
  scores: Float64Rows,
  isPositive: (row: number, column: number) => boolean,
  weight: Float64Array | undefined,
  average: 'macro' | 'weighted',
  nameOf: (column: number) => string,
): number {
  const [rows, columns] = scores.shape;
  let sum = 0;
  let total = 0;
  for (let j = 0; j < columns; j++) {
    let share = 1;
    if (average === 'weighted') {
      share = 0;
      for (let i = 0; i < rows; i++) if (isPositive(i, j)) share += weight === undefined ? 1 : weight[i]!;
    }
    sum +=
      share *
      area(
        rows,
        (i) => scores.data[i * columns + j]!,
        (i) => isPositive(i, j),
        weight,
        nameOf(j),
      );
    total += share;
  }
  return sum / total;
}

/** Every pair of classes, each once as the positive one. See: Hand and Till 2001. */
function meanOverPairs(scores: Float64Rows, ids: Int32Array, average: 'macro' | 'weighted'): number {
  const [rows, columns] = scores.shape;
  const members = Array.from({ length: columns }, () => [] as number[]);
  for (let i = 0; i < rows; i++) members[ids[i]!]!.push(i);
  let sum = 0;
  let total = 0;
  for (let a = 0; a < columns; a++)
    for (let b = a + 1; b < columns; b++) {
      const pair = [...members[a]!, ...members[b]!];
      if (members[a]!.length === 0 || members[b]!.length === 0)
        fail('ERR_LABEL', "rocAuc: multiclass 'ovo' needs rows of every class in yTrue.");
      const of = (positive: number) =>
        area(
          pair.length,
          (i) => scores.data[pair[i]! * columns + positive]!,
          (i) => ids[pair[i]!] === positive,
          undefined,
          'yTrue',
        );
      const share = average === 'weighted' ? pair.length / rows : 1;
      sum += (share * (of(a) + of(b))) / 2;
      total += share;
    }
  return sum / total;
}

/** Area under the ROC curve by trapezoids: one step per group of equal scores, from the highest down. */
function area(
  rows: number,
  scoreOf: (row: number) => number,
  isPositive: (row: number) => boolean,
  weight: Float64Array | undefined,
  name: string,
): number {
  const scores = Float64Array.from({ length: rows }, (_, i) => scoreOf(i));
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let truePositives = 0;
  let falsePositives = 0;
  let sum = 0;
  for (let start = 0, end = 0; start < rows; start = end) {
    const above = truePositives;
    let fresh = 0;
    while (end < rows && scores[order[end]!] === scores[order[start]!]) {
      const row = order[end++]!;
      const w = weight === undefined ? 1 : weight[row]!;
      if (isPositive(row)) truePositives += w;
      else fresh += w;
    }
    falsePositives += fresh;
    sum += (fresh * (above + truePositives)) / 2;
  }
  if (truePositives === 0 || falsePositives === 0)
    fail('ERR_LABEL', `rocAuc: ${name} has ${truePositives === 0 ? 'no' : 'only'} positive rows; the area needs both kinds.`);
  return sum / (truePositives * falsePositives);
}

/** Options of topKAccuracy. */
export interface TopKOptions extends ProbabilityOptions {
  /** How many guesses are allowed, at least 1 (default 5). */
  k?: number;
}

const topKRows = { ...probabilityRows, k: whole({ min: 1, default: 5 }) } satisfies Schema<TopKOptions>;

/**
 * Share of rows whose true class is among the k columns with the largest scores; of equal scores the later column counts as larger, as in
 * scikit-learn 1.2. yScore [rows][classes]; one column of scores is two classes, with the threshold at 0.5 (or 0 where a score lies
 * outside [0, 1]).
 * @throws ERR_EMPTY, ERR_TYPE, ERR_NONFINITE, ERR_SHAPE for different lengths; ERR_LABEL for a label that is no column.
 *
 * @example
 * metrics.topKAccuracy([0, 1], [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], { k: 2 });  // 1
 */
export function topKAccuracy(yTrue: Labels, yScore: Numbers, options: TopKOptions = {}): number {
  const { k } = readOptions(topKRows, options, 'topKAccuracy');
  const scores = float64Targets(yScore, { name: 'yScore', advice: SCORE_ADVICE });
  const [rows, columns] = scores.shape;
  const ids = readIds(yTrue, Math.max(2, columns), rows, options.classes, 'topKAccuracy');
  const weight = readWeight(options.sampleWeight, rows);
  const threshold = scores.data.every((score) => score >= 0 && score <= 1) ? 0.5 : 0;
  let right = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const w = weight === undefined ? 1 : weight[i]!;
    total += w;
    if (columns === 1) {
      if (k > 1 || (scores.data[i]! > threshold ? 1 : 0) === ids[i]) right += w;
      continue;
    }
    if (isAmong(scores.data, i * columns, columns, ids[i]!, k)) right += w;
  }
  return right / total;
}
