// Metrics of predicted classes: accuracy, precision and recall, the confusion matrix.

import { fail, show } from '../../errors.js';
import { choice, given, readOptions, type Option, type Schema } from '../../options.js';
import type { Label, Labels } from '../labels.js';
import { alignColumns } from '../textColumns.js';
import {
  type ClassPair,
  type LabelPair,
  type MetricOptions,
  classPair,
  metricRows,
  positiveOf,
  readPair,
  readWeight,
} from './reading.js';

/**
 * Share of rows predicted right, 0 to 1. Multilabel: every label of the row must be right.
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label.
 *
 * @example
 * metrics.accuracy(['cat', 'dog', 'cat'], ['cat', 'dog', 'dog']);  // 0.667
 */
export function accuracy(yTrue: Labels, yPred: Labels, options: MetricOptions = {}): number {
  readOptions(metricRows, options, 'accuracy');
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

/**
 * Mean over the classes of yTrue of the share of their rows predicted right, 0 to 1. Source: scikit-learn 1.2, `balanced_accuracy_score`.
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label; ERR_OPTION for weights that are negative or all 0.
 *
 * @example
 * metrics.balancedAccuracy(['a', 'a', 'a', 'b'], ['a', 'a', 'b', 'b']);  // 0.8333
 */
export function balancedAccuracy(yTrue: Labels, yPred: Labels, options: MetricOptions = {}): number {
  readOptions(metricRows, options, 'balancedAccuracy');
  const counts = countsOf(classPair(yTrue, yPred, 'balancedAccuracy'), options.sampleWeight);
  const present = counts.filter((count) => count.truth > 0);
  return present.reduce((sum, { hits, truth }) => sum + hits / truth, 0) / present.length;
}

/** How a metric of several classes becomes one number. */
export type Average = 'binary' | 'macro' | 'micro' | 'weighted';

/** Options of precision, recall and f1. */
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

const zeroDivision: Option<0 | 1> = (value = 0, name) => {
  if (value !== 0 && value !== 1) fail('ERR_OPTION', `${name}: expected 0 or 1, got ${show(value)}.`);
  return value as 0 | 1;
};

const averageRows = {
  ...metricRows,
  average: choice(['binary', 'macro', 'micro', 'weighted'], 'binary'),
  positive: given<Label>(),
  zeroDivision,
} satisfies Schema<AverageOptions>;

/** Options of classificationReport. */
export interface ReportOptions extends MetricOptions {
  /** The value where a metric divides by zero, 0 or 1 (default 0). */
  zeroDivision?: 0 | 1;
}

const reportRows = { ...metricRows, zeroDivision } satisfies Schema<ReportOptions>;

/**
 * Of the rows predicted positive, the share that is, 0 to 1: true positives / (true and false positives).
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label; ERR_OPTION for more than two classes without `average`.
 *
 * @example
 * metrics.precision([0, 0, 1, 1], [0, 1, 1, 1]);  // 0.6667
 */
export function precision(yTrue: Labels, yPred: Labels, options: AverageOptions = {}): number {
  return averaged(yTrue, yPred, options, 'precision');
}

/**
 * Of the positive rows, the share predicted so, 0 to 1: true positives / (true positives and false negatives).
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label; ERR_OPTION for more than two classes without `average`.
 *
 * @example
 * metrics.recall([0, 0, 1, 1], [0, 1, 1, 1]);  // 1
 */
export function recall(yTrue: Labels, yPred: Labels, options: AverageOptions = {}): number {
  return averaged(yTrue, yPred, options, 'recall');
}

/**
 * Harmonic mean of precision and recall, 0 to 1: 2 precision recall / (precision + recall).
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label; ERR_OPTION for more than two classes without `average`.
 *
 * @example
 * metrics.f1([0, 0, 1, 1], [0, 1, 1, 1]);  // 0.8
 * metrics.f1(['a', 'b', 'c'], ['a', 'b', 'b'], { average: 'macro' });  // 0.5556
 */
export function f1(yTrue: Labels, yPred: Labels, options: AverageOptions = {}): number {
  return averaged(yTrue, yPred, options, 'f1');
}

/** Precision, recall, F1 and rows of one class. */
export interface ClassReport {
  /** The class, or the column of a multilabel target. */
  label: Label;
  /** Of the rows predicted as this class, the share that is, 0 to 1. */
  precision: number;
  /** Of the rows of this class, the share predicted so, 0 to 1. */
  recall: number;
  /** Harmonic mean of precision and recall, 0 to 1. */
  f1: number;
  /** Rows of the class (or their weight). */
  support: number;
}

/**
 * Precision, recall, F1 and number of rows of every class, in sorted order.
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label.
 *
 * @example
 * const [cat] = metrics.classificationReport(['cat', 'dog'], ['cat', 'cat']);
 * cat;  // { label: 'cat', precision: 0.5, recall: 1, f1: 0.667, support: 1 }
 */
export function classificationReport(yTrue: Labels, yPred: Labels, options: ReportOptions = {}): ClassReport[] {
  const { zeroDivision, sampleWeight } = readOptions(reportRows, options, 'classificationReport');
  const pair = readPair(yTrue, yPred);
  return countsOf(pair, sampleWeight).map((count, c) => ({
    label: pair.kind === 'classes' ? pair.classes[c]! : c,
    ...scoresOf(count, zeroDivision),
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
  const { average, positive, zeroDivision, sampleWeight } = readOptions(averageRows, options, which);
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

/** How often each class was predicted as each. */
export interface ConfusionMatrix {
  /** Classes in sorted order (or as given). */
  classes: readonly Label[];
  /** counts[i][j]: rows of class i predicted as class j (or their weight, or a share). */
  counts: number[][];
  /** A table in plain text: true classes down, predicted classes across. */
  toString(): string;
}

/** Options of confusionMatrix. */
export interface ConfusionOptions extends MetricOptions {
  /** All classes, in the order asked for (default: those that occur, sorted). */
  classes?: readonly Label[];
  /** Shares of each true class, of each predicted class, or of all rows, in place of counts. */
  normalize?: 'true' | 'predicted' | 'all';
}

const confusionRows = {
  ...metricRows,
  classes: given<readonly Label[]>(),
  normalize: choice(['true', 'predicted', 'all']),
} satisfies Schema<ConfusionOptions>;

/**
 * How often each class was predicted as each: counts[i][j] rows of class i predicted as class j.
 * @throws ERR_EMPTY, ERR_SHAPE for different lengths, ERR_LABEL and ERR_TYPE for what is no label, and for a label that is not among `classes`.
 *
 * @example
 * metrics.confusionMatrix(['a', 'a', 'b'], ['a', 'b', 'b']).counts;  // [[1, 1], [0, 1]]
 */
export function confusionMatrix(yTrue: Labels, yPred: Labels, options: ConfusionOptions = {}): ConfusionMatrix {
  const { classes: asked, normalize: by, sampleWeight } = readOptions(confusionRows, options, 'confusionMatrix');
  const pair = classPair(yTrue, yPred, 'confusionMatrix', asked);
  const weight = readWeight(sampleWeight, pair.rows);
  const { classes } = pair;
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (let i = 0; i < pair.rows; i++) counts[pair.truth[i]!]![pair.predicted[i]!]! += weight === undefined ? 1 : weight[i]!;
  if (by !== undefined) normalize(counts, by);
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
  return alignColumns([['true \\ predicted', ...heads], ...heads.map((head, i) => [head, ...cells[i]!])]).join('\n');
}
