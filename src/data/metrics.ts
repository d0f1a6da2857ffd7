// Metrics: how good predictions are. All take (yTrue, yPred), count in float64 and never change their inputs. Values, averages and
// special cases are those of scikit-learn 1.2 (tests/fixtures/sklearn-metrics.json).
//
// Classes come as a list of labels (strings, numbers, booleans), as a matrix with one column of them, as one-hot rows, or, for
// predictions, as rows of scores, whose largest column counts as the class id. Several columns of 0 and 1 that are not one-hot are
// multilabel: every column a yes or no of its own.

import { fail, show } from '../errors.js';
import { checkChoice, checkKeys, checkNumber } from '../options.js';
import { classesOf, listLabels, readLabels, type Label, type Labels } from './labels.js';
import { float64Rows, float64Targets, type Float64Rows, type MatrixLike } from './matrix.js';
import { quantile } from './scalers.js';

/** Numbers, one per row, or rows of them. */
export type Numbers = ArrayLike<number> | MatrixLike;

export interface MetricOptions {
  /** Weight of each row, >= 0 (default 1 each). */
  sampleWeight?: ArrayLike<number>;
}

// ---- classes ----------------------------------------------------------------------------------------------

/**
 * Share of rows predicted right, 0 to 1. Multilabel: every label of the row must be right.
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label.
 *
 * @example
 * metrics.accuracy(['cat', 'dog', 'cat'], ['cat', 'dog', 'dog']);  // 0.667
 */
export function accuracy(yTrue: Labels, yPred: Labels, options: MetricOptions = {}): number {
  checkKeys(options, ['sampleWeight'], 'accuracy');
  const pair = readPair(yTrue, yPred);
  const weight = readWeight(options.sampleWeight, pair.rows);
  let right = 0;
  let total = 0;
  for (let i = 0; i < pair.rows; i++) {
    const w = weight === undefined ? 1 : weight[i]!;
    total += w;
    if (sameRow(pair, i)) right += w;
  }
  return right / total;
}

function sameRow(pair: ClassPair | LabelPair, i: number): boolean {
  if (pair.kind === 'classes') return pair.truth[i] === pair.predicted[i];
  for (let k = i * pair.columns; k < (i + 1) * pair.columns; k++) if (pair.truth[k] !== pair.predicted[k]) return false;
  return true;
}

/** Mean over the classes of yTrue of the share of their rows predicted right, 0 to 1. @throws as accuracy. */
export function balancedAccuracy(yTrue: Labels, yPred: Labels, options: MetricOptions = {}): number {
  checkKeys(options, ['sampleWeight'], 'balancedAccuracy');
  const counts = countsOf(classPair(yTrue, yPred, 'balancedAccuracy'), options.sampleWeight);
  const present = counts.filter((count) => count.truth > 0);
  return present.reduce((sum, { hits, truth }) => sum + hits / truth, 0) / present.length;
}

export type Average = 'binary' | 'macro' | 'micro' | 'weighted';

export interface AverageOptions extends MetricOptions {
  /**
   * 'binary' (default, two classes): of the positive class; 'macro': mean over classes; 'weighted': mean weighted by rows per class;
   * 'micro': of the sums over classes.
   */
  average?: Average;
  /** The positive class (default: the second of two in sorted order; 1 or true when there is only one class). */
  positive?: Label;
  /** The value where the metric divides by zero, 0 or 1 (default 0). */
  zeroDivision?: 0 | 1;
}

/** Of the rows predicted positive, the share that is, 0 to 1. @throws as accuracy; ERR_OPTION for more than two classes without average. */
export function precision(yTrue: Labels, yPred: Labels, options: AverageOptions = {}): number {
  return averaged(yTrue, yPred, options, 'precision');
}

/** Of the positive rows, the share predicted so, 0 to 1. @throws as precision. */
export function recall(yTrue: Labels, yPred: Labels, options: AverageOptions = {}): number {
  return averaged(yTrue, yPred, options, 'recall');
}

/** Harmonic mean of precision and recall, 0 to 1. @throws as precision. */
export function f1(yTrue: Labels, yPred: Labels, options: AverageOptions = {}): number {
  return averaged(yTrue, yPred, options, 'f1');
}

export interface ClassReport {
  /** The class, or the column of a multilabel target. */
  label: Label;
  precision: number;
  recall: number;
  f1: number;
  /** Rows of the class (or their weight). */
  support: number;
}

/** Precision, recall, F1 and number of rows of every class. @throws as accuracy. */
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options: MetricOptions & { zeroDivision?: 0 | 1 } = {},
): ClassReport[] {
  checkKeys(options, ['sampleWeight', 'zeroDivision'], 'classificationReport');
  const pair = readPair(yTrue, yPred);
  return countsOf(pair, options.sampleWeight).map((count, c) => ({
    label: pair.kind === 'classes' ? pair.classes[c]! : c,
    ...scoresOf(count, options.zeroDivision ?? 0),
    support: count.truth,
  }));
}

/** What is counted for one class, or one label: rows (or their weights). */
interface Count {
  hits: number;
  predicted: number;
  truth: number;
}

function countsOf(pair: ClassPair | LabelPair, sampleWeight: ArrayLike<number> | undefined): Count[] {
  const weight = readWeight(sampleWeight, pair.rows);
  const counts = Array.from({ length: pair.kind === 'classes' ? pair.classes.length : pair.columns }, () => ({
    hits: 0,
    predicted: 0,
    truth: 0,
  }));
  for (let i = 0; i < pair.rows; i++) {
    const w = weight === undefined ? 1 : weight[i]!;
    if (pair.kind === 'classes') {
      counts[pair.truth[i]!]!.truth += w;
      counts[pair.predicted[i]!]!.predicted += w;
      if (pair.truth[i] === pair.predicted[i]) counts[pair.truth[i]!]!.hits += w;
      continue;
    }
    counts.forEach((count, j) => {
      const truth = pair.truth[i * pair.columns + j]!;
      const predicted = pair.predicted[i * pair.columns + j]!;
      count.truth += truth * w;
      count.predicted += predicted * w;
      count.hits += truth * predicted * w;
    });
  }
  return counts;
}

function scoresOf({ hits, predicted, truth }: Count, zeroDivision: number) {
  const p = predicted === 0 ? zeroDivision : hits / predicted;
  const r = truth === 0 ? zeroDivision : hits / truth;
  return { precision: p, recall: r, f1: p + r === 0 ? 0 : (2 * p * r) / (p + r) };
}

function averaged(yTrue: Labels, yPred: Labels, options: AverageOptions, which: 'precision' | 'recall' | 'f1'): number {
  checkKeys(options, ['average', 'positive', 'zeroDivision', 'sampleWeight'], which);
  const { average = 'binary', positive, zeroDivision = 0, sampleWeight } = options;
  checkChoice(average, ['binary', 'macro', 'micro', 'weighted'], 'average');
  if (zeroDivision !== 0 && zeroDivision !== 1) fail('ERR_OPTION', `zeroDivision: expected 0 or 1, got ${show(zeroDivision)}.`);
  const pair = readPair(yTrue, yPred);
  const counts = countsOf(pair, sampleWeight);
  if (average === 'binary') {
    if (pair.kind === 'labels' || pair.classes.length > 2)
      fail('ERR_OPTION', `${which}: more than two classes. Choose average: 'macro', 'micro' or 'weighted'.`);
    const wanted = positiveOf(pair.classes, positive);
    const count = counts[pair.classes.indexOf(wanted)];
    return scoresOf(count ?? { hits: 0, predicted: 0, truth: 0 }, zeroDivision)[which];
  }
  if (average === 'micro') {
    const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
    return scoresOf({ hits: sum('hits'), predicted: sum('predicted'), truth: sum('truth') }, zeroDivision)[which];
  }
  let sum = 0;
  let total = 0;
  for (const count of counts) {
    const w = average === 'macro' ? 1 : count.truth;
    sum += w * scoresOf(count, zeroDivision)[which];
    total += w;
  }
  return total === 0 ? zeroDivision : sum / total;
}

export interface ConfusionMatrix {
  /** Classes in sorted order (or as given). */
  classes: readonly Label[];
  /** counts[i][j]: rows of class i predicted as class j (or their weight, or a share). */
  counts: number[][];
  /** A table in plain text: true classes down, predicted classes across. */
  toString(): string;
}

export interface ConfusionOptions extends MetricOptions {
  /** All classes, in the order wanted (default: those that occur, sorted). */
  classes?: readonly Label[];
  /** Shares of each true class, of each predicted class, or of all rows, in place of counts. */
  normalize?: 'true' | 'predicted' | 'all';
}

/** How often each class was predicted as each. @throws as accuracy; ERR_LABEL for a label that is not among `classes`. */
export function confusionMatrix(yTrue: Labels, yPred: Labels, options: ConfusionOptions = {}): ConfusionMatrix {
  checkKeys(options, ['classes', 'normalize', 'sampleWeight'], 'confusionMatrix');
  const pair = classPair(yTrue, yPred, 'confusionMatrix', options.classes);
  const weight = readWeight(options.sampleWeight, pair.rows);
  const { classes } = pair;
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (let i = 0; i < pair.rows; i++) counts[pair.truth[i]!]![pair.predicted[i]!]! += weight === undefined ? 1 : weight[i]!;
  if (options.normalize !== undefined)
    normalize(counts, checkChoice(options.normalize, ['true', 'predicted', 'all'], 'normalize'));
  return { classes, counts, toString: () => confusionTable(classes, counts) };
}

function normalize(counts: number[][], by: 'true' | 'predicted' | 'all'): void {
  const rowSums = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columnSums = counts.map((_, j) => counts.reduce((sum, row) => sum + row[j]!, 0));
  const all = rowSums.reduce((sum, count) => sum + count, 0);
  counts.forEach((row, i) => {
    row.forEach((count, j) => {
      const total = by === 'true' ? rowSums[i]! : by === 'predicted' ? columnSums[j]! : all;
      row[j] = total === 0 ? 0 : count / total;
    });
  });
}

function confusionTable(classes: readonly Label[], counts: readonly (readonly number[])[]): string {
  const heads = classes.map(String);
  const cells = counts.map((row) => row.map((count) => (Number.isInteger(count) ? String(count) : count.toFixed(3))));
  const first = Math.max('true \\ predicted'.length, ...heads.map((head) => head.length));
  const widths = heads.map((head, j) => Math.max(head.length, ...cells.map((row) => row[j]!.length)));
  const line = (head: string, row: readonly string[]) =>
    [head.padEnd(first), ...row.map((cell, j) => cell.padStart(widths[j]!))].join('  ');
  return [line('true \\ predicted', heads), ...heads.map((head, i) => line(head, cells[i]!))].join('\n');
}

// ---- probabilities and scores -----------------------------------------------------------------------------

export interface ProbabilityOptions extends MetricOptions {
  /** The classes of the columns of yProb, in order (default: those of yTrue, sorted; or 0 … k - 1 when these are class ids). */
  classes?: readonly Label[];
}

/**
 * Mean negative logarithm of the probability given to the true class, >= 0 (cross-entropy, in nats). yProb: the probability of the
 * positive class per row, or one column per class. Probabilities are held to [2^-52, 1 - 2^-52] and rows are divided by their sums.
 * @throws as accuracy; ERR_LABEL with one class only and no `classes`; ERR_RANGE for a probability outside [0, 1].
 */
export function logLoss(yTrue: Labels, yProb: Numbers, options: ProbabilityOptions = {}): number {
  checkKeys(options, ['classes', 'sampleWeight'], 'logLoss');
  const { ids, data, columns, rows } = readProbabilities(yTrue, yProb, options.classes, 'logLoss');
  const weight = readWeight(options.sampleWeight, rows);
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

function held(probability: number): number {
  return Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON);
}

/**
 * Mean squared distance of probabilities from what happened. yProb as one number per row (the probability of the positive class): 0 to 1,
 * as in scikit-learn; with one column per class: the sum over classes, 0 to 2, as Brier (1950) defined it.
 * @throws as logLoss.
 */
export function brierScore(yTrue: Labels, yProb: Numbers, options: ProbabilityOptions & { positive?: Label } = {}): number {
  checkKeys(options, ['classes', 'positive', 'sampleWeight'], 'brierScore');
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

export interface CalibrationBin {
  /** Edges of the bin: low < probability <= high (the first bin includes its low edge). */
  low: number;
  high: number;
  /** Rows in the bin. */
  count: number;
  /** Mean predicted probability of these rows. */
  meanPredicted: number;
  /** Share of these rows that are positive: equal to meanPredicted when calibrated. */
  fractionPositive: number;
}

export interface CalibrationOptions {
  /** Number of bins, at least 1 (default 10). */
  bins?: number;
  /** Bins of equal width, or with equally many rows (default 'uniform'). */
  strategy?: 'uniform' | 'quantile';
  /** The positive class (default: the second of two in sorted order). */
  positive?: Label;
}

/**
 * Predicted probabilities against frequencies, in bins; empty bins are left out. yProb: the probability of the positive class per row, or
 * two columns. Source: scikit-learn 1.2, `calibration_curve`.
 * @throws as logLoss; ERR_LABEL for more than two classes.
 */
export function calibrationTable(yTrue: Labels, yProb: Numbers, options: CalibrationOptions = {}): CalibrationBin[] {
  checkKeys(options, ['bins', 'strategy', 'positive'], 'calibrationTable');
  const bins = checkNumber(options.bins ?? 10, 'bins', { min: 1, max: 1e6, integer: true });
  const strategy = checkChoice(options.strategy ?? 'uniform', ['uniform', 'quantile'], 'strategy');
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

export interface RocAucOptions extends ProbabilityOptions {
  /** The positive class of two (default: the second in sorted order). */
  positive?: Label;
  /** More than two classes: each against the rest, or all pairs (Hand and Till 2001) (default 'ovr'). */
  multiclass?: 'ovr' | 'ovo';
  /** How classes are averaged: equally, or by their rows (default 'macro'). */
  average?: 'macro' | 'weighted';
}

/**
 * Area under the ROC curve: the probability that a positive row scores above a negative one, ties counted half. yScore: any number that
 * grows with the positive class, one per row; for more classes one column per class; for multilabel one column per label.
 * @throws as accuracy; ERR_LABEL where yTrue has one class only.
 */
export function rocAuc(yTrue: Labels, yScore: Numbers, options: RocAucOptions = {}): number {
  checkKeys(options, ['positive', 'multiclass', 'average', 'classes', 'sampleWeight'], 'rocAuc');
  const average = checkChoice(options.average ?? 'macro', ['macro', 'weighted'], 'average');
  const multiclass = checkChoice(options.multiclass ?? 'ovr', ['ovr', 'ovo'], 'multiclass');
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

export interface TopKOptions extends ProbabilityOptions {
  /** How many guesses are allowed, at least 1 (default 5). */
  k?: number;
}

/**
 * Share of rows whose true class is among the k columns with the largest scores; of equal scores the later column counts as larger, as in
 * scikit-learn 1.2. yScore [rows][classes]; one column of scores is two classes, with the threshold at 0.5 (or 0 where a score lies
 * outside [0, 1]).
 * @throws as accuracy; ERR_LABEL for a label that is no column.
 */
export function topKAccuracy(yTrue: Labels, yScore: Numbers, options: TopKOptions = {}): number {
  checkKeys(options, ['k', 'classes', 'sampleWeight'], 'topKAccuracy');
  const k = checkNumber(options.k ?? 5, 'k', { min: 1, integer: true });
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
    const own = scores.data[i * columns + ids[i]!]!;
    let above = 0;
    for (let j = 0; j < columns; j++) {
      const other = scores.data[i * columns + j]!;
      if (other > own || (other === own && j > ids[i]!)) above++;
    }
    if (above < k) right += w;
  }
  return right / total;
}

// ---- numbers ----------------------------------------------------------------------------------------------

/**
 * Share of the variance of yTrue that the predictions explain: 1 is perfect, 0 is no better than the mean, below 0 is worse. Several columns:
 * the mean of their values. A constant column counts 1 when predicted exactly, else 0. NaN for one row, as in scikit-learn.
 * @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE with row and column.
 */
export function r2(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  const { truth, predicted, rows, columns, weight, total } = readNumbers(yTrue, yPred, options, 'r2');
  if (rows < 2) return Number.NaN;
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    let mean = 0;
    let constant = true;
    for (let i = 0; i < rows; i++) {
      mean += weight(i) * truth[i * columns + j]!;
      if (truth[i * columns + j] !== truth[j]) constant = false;
    }
    mean /= total;
    let residual = 0;
    let spread = 0;
    for (let i = 0; i < rows; i++) {
      const y = truth[i * columns + j]!;
      residual += weight(i) * (y - predicted[i * columns + j]!) ** 2;
      spread += weight(i) * (y - mean) ** 2;
    }
    sum += constant || spread === 0 ? (residual === 0 ? 1 : 0) : 1 - residual / spread;
  }
  return sum / columns;
}

/** Mean of |yTrue - yPred| over rows and columns, in the units of y. @throws as r2. */
export function meanAbsoluteError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return meanOf(yTrue, yPred, options, 'meanAbsoluteError', (difference) => Math.abs(difference));
}

/** Mean of (yTrue - yPred)^2 over rows and columns, in the units of y squared. @throws as r2. */
export function meanSquaredError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return meanOf(yTrue, yPred, options, 'meanSquaredError', (difference) => difference * difference);
}

/** Square root of the mean squared error, in the units of y; several columns: the mean of their roots. @throws as r2. */
export function rootMeanSquaredError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  const { truth, predicted, rows, columns, weight, total } = readNumbers(yTrue, yPred, options, 'rootMeanSquaredError');
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    let squares = 0;
    for (let k = j, i = 0; i < rows; i++, k += columns) squares += weight(i) * (truth[k]! - predicted[k]!) ** 2;
    sum += Math.sqrt(squares / total);
  }
  return sum / columns;
}

/** Mean of |yTrue - yPred| / |yTrue|, as a share (0.1 is 10 %); where yTrue is 0 the divisor is 2^-52, as in scikit-learn. @throws as r2. */
export function meanAbsolutePercentageError(yTrue: Numbers, yPred: Numbers, options: MetricOptions = {}): number {
  return meanOf(
    yTrue,
    yPred,
    options,
    'meanAbsolutePercentageError',
    (difference, y) => Math.abs(difference) / Math.max(Math.abs(y), Number.EPSILON),
  );
}

/** The largest |yTrue - yPred|, in the units of y. @throws as r2. */
export function maxError(yTrue: Numbers, yPred: Numbers): number {
  const { truth, predicted } = readNumbers(yTrue, yPred, {}, 'maxError');
  let largest = 0;
  for (let k = 0; k < truth.length; k++) largest = Math.max(largest, Math.abs(truth[k]! - predicted[k]!));
  return largest;
}

function meanOf(
  yTrue: Numbers,
  yPred: Numbers,
  options: MetricOptions,
  who: string,
  f: (difference: number, y: number) => number,
): number {
  const { truth, predicted, columns, weight, total } = readNumbers(yTrue, yPred, options, who);
  let sum = 0;
  for (let k = 0; k < truth.length; k++) sum += weight(Math.floor(k / columns)) * f(truth[k]! - predicted[k]!, truth[k]!);
  return sum / (total * columns);
}

// ---- reading what came -------------------------------------------------------------------------------------

const SCORE_ADVICE = 'Scores and probabilities must be finite.';
const TARGET_ADVICE = 'Drop such rows before scoring.';

/** One class id per row on both sides. */
interface ClassPair {
  kind: 'classes';
  rows: number;
  classes: readonly Label[];
  truth: Int32Array;
  predicted: Int32Array;
}

/** One yes or no (1 or 0) per row and label on both sides. */
interface LabelPair {
  kind: 'labels';
  rows: number;
  columns: number;
  truth: Float64Array;
  predicted: Float64Array;
}

/** How many columns: 1 for a flat list. Does not check anything else. */
function columnsOf(values: unknown): number {
  if (Array.isArray(values)) {
    const first = values[0] as unknown;
    return Array.isArray(first) || ArrayBuffer.isView(first) ? (first as ArrayLike<unknown>).length : 1;
  }
  const shape = typeof values === 'object' && values !== null && 'shape' in values ? values.shape : undefined;
  return Array.isArray(shape) && shape.length > 1 ? (shape[1] as number) : 1;
}

function readPair(yTrue: Labels, yPred: Labels, given?: readonly Label[]): ClassPair | LabelPair {
  const trueColumns = columnsOf(yTrue);
  const columns = columnsOf(yPred);
  if (trueColumns <= 1 && columns <= 1) return pairOfLabels(readLabels(yTrue, 'yTrue'), readLabels(yPred, 'yPred'), given);

  // Rows of numbers on at least one side: columns are class ids, or labels of a multilabel target.
  const truth = trueColumns > 1 ? readIndicators(yTrue as MatrixLike, 'yTrue') : undefined;
  const predicted = columns > 1 ? float64Rows(yPred as MatrixLike, { name: 'yPred', advice: SCORE_ADVICE }) : undefined;
  if (truth === undefined || predicted === undefined || isOneHot(truth)) {
    const classCount = Math.max(trueColumns, columns);
    if (truth !== undefined && predicted !== undefined && trueColumns !== columns)
      fail('ERR_SHAPE', `yTrue has ${trueColumns} columns, but yPred has ${columns}.`);
    const oneHotOrScores = predicted === undefined || isOneHot(predicted) || !isBinary(predicted);
    if (oneHotOrScores) {
      if (truth !== undefined && !isOneHot(truth))
        fail('ERR_SHAPE', `yTrue has several labels per row (${trueColumns} columns), but yPred has one column.`);
      const classes = given === undefined ? Array.from({ length: classCount }, (_, c) => c) : checkClasses(given);
      if (classes.length !== classCount) fail('ERR_SHAPE', `${classes.length} classes, but ${classCount} columns.`);
      const trueIds = truth === undefined ? classIds(yTrue, classCount, 'yTrue') : argmax(truth);
      const ids = predicted === undefined ? classIds(yPred, classCount, 'yPred') : argmax(predicted);
      const named = (id: number) => classes[id]!;
      return pairOfLabels(trueIds.map(named), ids.map(named), classes);
    }
  }
  if (truth === undefined || predicted === undefined || trueColumns !== columns)
    fail('ERR_SHAPE', `yTrue has ${trueColumns} columns, but yPred has ${columns}.`);
  checkLengths(truth.shape[0], predicted.shape[0], 'yPred');
  predicted.data.forEach((value, k) => {
    if (value !== 0 && value !== 1)
      fail(
        'ERR_LABEL',
        `yPred: row ${Math.floor(k / columns)}, column ${k % columns} is ${value}; several labels per row must be predicted as 0 or 1. ` +
          'Compare probabilities with a threshold first.',
      );
  });
  return { kind: 'labels', rows: truth.shape[0], columns, truth: truth.data, predicted: predicted.data };
}

/** readPair for metrics that need one class per row. */
function classPair(yTrue: Labels, yPred: Labels, who: string, given?: readonly Label[]): ClassPair {
  const pair = readPair(yTrue, yPred, given);
  if (pair.kind === 'labels')
    fail('ERR_SHAPE', `${who}: expected one class per row, got several labels per row. Score each column alone.`);
  return pair;
}

function pairOfLabels(yTrue: readonly Label[], yPred: readonly Label[], given?: readonly Label[]): ClassPair {
  checkLengths(yTrue.length, yPred.length, 'yPred');
  if (typeof yTrue[0] !== typeof yPred[0])
    fail(
      'ERR_LABEL',
      `yTrue holds ${typeof yTrue[0]}s such as ${show(yTrue[0])}, but yPred ${typeof yPred[0]}s such as ${show(yPred[0])}.`,
    );
  if (typeof yTrue[0] === 'number' && yTrue.every(Number.isInteger)) {
    const row = yPred.findIndex((value) => !Number.isInteger(value));
    if (row >= 0)
      fail(
        'ERR_LABEL',
        `yPred: row ${row} is ${yPred[row]}, no class of yTrue. Turn probabilities into classes first, e.g. p > 0.5 ? 1 : 0.`,
        {
          row,
        },
      );
  }
  const classes = given === undefined ? classesOf([...new Set(yTrue), ...new Set(yPred)]) : checkClasses(given);
  return {
    kind: 'classes',
    rows: yTrue.length,
    classes,
    truth: encode(yTrue, classes, 'yTrue'),
    predicted: encode(yPred, classes, 'yPred'),
  };
}

/** Whole numbers in [0, classes). */
function classIds(y: Labels, classes: number, name: string): number[] {
  return readLabels(y, name).map((id, row) => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= classes)
      fail(
        'ERR_LABEL',
        `${name}: row ${row} is ${show(id)}; beside rows of ${classes} columns, expected a class id, 0 to ${classes - 1}.`,
        {
          row,
          value: id,
        },
      );
    return id;
  });
}

/** Rows of 0 and 1. */
function readIndicators(y: MatrixLike, name: string): Float64Rows {
  const rows = float64Rows(y, { name, advice: TARGET_ADVICE });
  rows.data.forEach((value, k) => {
    if (value !== 0 && value !== 1) {
      const [row, column] = [Math.floor(k / rows.shape[1]), k % rows.shape[1]];
      fail('ERR_LABEL', `${name}: row ${row}, column ${column} is ${value}; several columns of classes hold 0 or 1.`, {
        row,
        column,
      });
    }
  });
  return rows;
}

function isBinary({ data }: Float64Rows): boolean {
  return data.every((value) => value === 0 || value === 1);
}

/** Exactly one 1 in every row, and 0 elsewhere. */
function isOneHot({ data, shape }: Float64Rows): boolean {
  const [rows, columns] = shape;
  for (let i = 0; i < rows; i++) {
    let ones = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) {
      if (data[k] === 1) ones++;
      else if (data[k] !== 0) return false;
    }
    if (ones !== 1) return false;
  }
  return true;
}

/** The column of the largest value of each row; the first of equals. */
function argmax({ data, shape }: Float64Rows): number[] {
  const [rows, columns] = shape;
  return Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let j = 1; j < columns; j++) if (data[i * columns + j]! > data[i * columns + best]!) best = j;
    return best;
  });
}

function encode(labels: readonly Label[], classes: readonly Label[], name = 'yTrue'): Int32Array {
  const ids = new Map(classes.map((label, id) => [label, id]));
  return Int32Array.from(labels, (label, row) => {
    const id = ids.get(label);
    if (id === undefined)
      fail('ERR_LABEL', `${name}: row ${row} is ${show(label)}, which is not among the classes ${listLabels(classes)}.`, { row });
    return id;
  });
}

function checkClasses(classes: readonly Label[]): readonly Label[] {
  if (!Array.isArray(classes) || classes.length === 0)
    fail('ERR_OPTION', `classes: expected a list of labels, got ${show(classes)}.`);
  const labels = readLabels(classes, 'classes');
  if (new Set(labels).size !== labels.length) fail('ERR_OPTION', `classes: a label is there twice: ${listLabels(labels)}.`);
  return labels;
}

/** The classes that `columns` columns stand for. */
function resolveClasses(
  present: readonly Label[],
  columns: number,
  given: readonly Label[] | undefined,
  who: string,
): readonly Label[] {
  if (given !== undefined) {
    const classes = checkClasses(given);
    if (classes.length !== columns) fail('ERR_SHAPE', `${who}: ${classes.length} classes, but ${columns} columns.`);
    return classes;
  }
  if (present.length === columns) return present;
  if (present.every((label) => typeof label === 'number' && Number.isInteger(label) && label >= 0 && label < columns))
    return Array.from({ length: columns }, (_, c) => c);
  return fail(
    'ERR_LABEL',
    `${who}: yTrue has ${present.length} classes (${listLabels(present)}), but there are ${columns} columns. Name those with the option classes.`,
  );
}

/** The positive one of at most two classes. */
function positiveOf(classes: readonly Label[], given: Label | undefined): Label {
  if (classes.length > 2)
    fail('ERR_LABEL', `Expected two classes, got ${classes.length}: ${listLabels(classes)}. Use one column of scores per class.`);
  if (given !== undefined) {
    if (classes.length === 2 && !classes.includes(given))
      fail('ERR_OPTION', `positive: ${show(given)} is not among the classes ${listLabels(classes)}.`);
    return given;
  }
  if (classes.length === 2) return classes[1]!;
  const [only] = classes;
  if (typeof only === 'boolean') return true;
  if (only === 0 || only === 1 || only === -1) return 1;
  return fail('ERR_LABEL', `There is one class only, ${show(only)}: say which is the positive one with the option positive.`);
}

/** Class ids of yTrue beside `columns` columns of scores. */
function readIds(yTrue: Labels, columns: number, rows: number, given: readonly Label[] | undefined, who: string): Int32Array {
  if (columnsOf(yTrue) > 1) {
    const truth = readIndicators(yTrue as MatrixLike, 'yTrue');
    checkLengths(truth.shape[0], rows, 'yScore');
    if (truth.shape[1] !== columns) fail('ERR_SHAPE', `yTrue has ${truth.shape[1]} columns, but the scores have ${columns}.`);
    if (!isOneHot(truth)) fail('ERR_LABEL', `${who}: expected one class per row: one-hot rows with exactly one 1.`);
    return Int32Array.from(argmax(truth));
  }
  const labels = readLabels(yTrue, 'yTrue');
  checkLengths(labels.length, rows, 'yScore');
  return encode(labels, resolveClasses(classesOf(labels), columns, given, who));
}

/** Class ids and one probability per class and row. */
function readProbabilities(yTrue: Labels, yProb: Numbers, given: readonly Label[] | undefined, who: string) {
  const read = readUnit(yProb, 'yProb');
  const [rows] = read.shape;
  const columns = Math.max(2, read.shape[1]);
  const data = read.shape[1] > 1 ? read.data : new Float64Array(2 * rows);
  if (read.shape[1] === 1)
    for (let i = 0; i < rows; i++) {
      data[2 * i] = 1 - read.data[i]!;
      data[2 * i + 1] = read.data[i]!;
    }
  const ids =
    columnsOf(yTrue) > 1
      ? readIds(yTrue, columns, rows, given, who)
      : probabilityIds(readLabels(yTrue, 'yTrue'), columns, rows, given, who);
  return { ids, data, columns, rows };
}

function probabilityIds(
  labels: readonly Label[],
  columns: number,
  rows: number,
  given: readonly Label[] | undefined,
  who: string,
): Int32Array {
  checkLengths(labels.length, rows, 'yProb');
  const present = classesOf(labels);
  if (present.length === 1 && given === undefined && !(typeof present[0] === 'number' && columns > 2))
    fail('ERR_LABEL', `${who}: yTrue has one class only (${show(present[0])}). Name all classes with the option classes.`);
  return encode(labels, resolveClasses(present, columns, given, who));
}

/** 1 for positive rows and 0 for others, and the probability of the positive class. */
function readBinary(yTrue: Labels, yProb: Numbers, positive: Label | undefined, name: string) {
  const read = readUnit(yProb, name);
  const [rows, columns] = read.shape;
  if (columns > 2) fail('ERR_SHAPE', `${name}: expected the probability of the positive class, got ${columns} columns.`);
  const labels = readLabels(yTrue, 'yTrue');
  checkLengths(labels.length, rows, name);
  const present = classesOf(labels);
  const wanted = positiveOf(present, positive);
  const ids = Int32Array.from(labels, (label) => (label === wanted ? 1 : 0));
  const column = columns === 2 && present.length === 2 ? present.indexOf(wanted) : columns - 1;
  const data = columns === 1 ? read.data : Float64Array.from(ids, (_, i) => read.data[2 * i + column]!);
  return { ids, data, columns: 1, rows };
}

/** Probabilities; float32 rounding beyond 1 is forgiven. @throws ERR_RANGE outside [0, 1]. */
function readUnit(values: Numbers, name: string): Float64Rows {
  const rows = float64Targets(values, { name, advice: SCORE_ADVICE });
  for (let k = 0; k < rows.data.length; k++) {
    const p = rows.data[k]!;
    if (!(p >= -1e-6 && p <= 1 + 1e-6)) {
      const row = Math.floor(k / rows.shape[1]);
      fail('ERR_RANGE', `${name}: row ${row}, column ${k % rows.shape[1]} is ${p}, expected a probability in [0, 1].`, { row });
    }
    rows.data[k] = Math.min(1, Math.max(0, p));
  }
  return rows;
}

function readNumbers(yTrue: Numbers, yPred: Numbers, options: MetricOptions, who: string) {
  checkKeys(options, ['sampleWeight'], who);
  const truth = float64Targets(yTrue, { name: 'yTrue', advice: TARGET_ADVICE });
  const predicted = float64Targets(yPred, { name: 'yPred', advice: TARGET_ADVICE });
  const [rows, columns] = truth.shape;
  checkLengths(rows, predicted.shape[0], 'yPred');
  if (columns !== predicted.shape[1]) fail('ERR_SHAPE', `yTrue has ${columns} columns, but yPred has ${predicted.shape[1]}.`);
  const weights = readWeight(options.sampleWeight, rows);
  const weight = weights === undefined ? () => 1 : (row: number) => weights[row]!;
  const total = weights === undefined ? rows : weights.reduce((sum, w) => sum + w, 0);
  return { truth: truth.data, predicted: predicted.data, rows, columns, weight, total };
}

function readWeight(weights: ArrayLike<number> | undefined, rows: number): Float64Array | undefined {
  if (weights === undefined) return undefined;
  const { data, shape } = float64Targets(weights, { name: 'sampleWeight', advice: 'Weights must be finite.' });
  if (shape[1] !== 1 || shape[0] !== rows)
    fail('ERR_SHAPE', `sampleWeight: expected one weight per row, ${rows}, got ${data.length}.`);
  const negative = data.findIndex((w) => w < 0);
  if (negative >= 0)
    fail('ERR_OPTION', `sampleWeight: row ${negative} is ${data[negative]}; weights are >= 0.`, { row: negative });
  if (data.every((w) => w === 0)) fail('ERR_OPTION', 'sampleWeight: all weights are 0.');
  return data;
}

function checkLengths(truth: number, predicted: number, name: string): void {
  if (truth !== predicted) fail('ERR_SHAPE', `yTrue has ${truth} rows, but ${name} has ${predicted}.`);
}
