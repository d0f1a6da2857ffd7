// Reading what metrics are given: labels, ids, one-hot rows, indicators, probabilities, numbers, weights.

import { fail, show } from '../../errors.js';
import { given, readOptions, type Schema } from '../../options.js';
import { type Label, type Labels, classesOf, listLabels, readLabels } from '../labels.js';
import { type Float64Rows, type MatrixLike, float64Rows, float64Targets } from '../matrix.js';

/** Numbers, one per row, or rows of them. */
export type Numbers = ArrayLike<number> | MatrixLike;

/** Options of every metric: how much each row counts. */
export interface MetricOptions {
  /** Weight of each row, >= 0 (default 1 each). */
  sampleWeight?: ArrayLike<number>;
}

/** The rows of every metric. */
export const metricRows = { sampleWeight: given<ArrayLike<number>>() } satisfies Schema<MetricOptions>;

export const SCORE_ADVICE = 'Scores and probabilities must be finite.';
const TARGET_ADVICE = 'Drop such rows before scoring.';

/** One class id per row on both sides. */
export interface ClassPair {
  kind: 'classes';
  rows: number;
  classes: readonly Label[];
  truth: Int32Array;
  predicted: Int32Array;
}

/** One yes or no (1 or 0) per row and label on both sides. */
export interface LabelPair {
  kind: 'labels';
  rows: number;
  columns: number;
  truth: Float64Array;
  predicted: Float64Array;
}

/** How many columns: 1 for a flat list. Does not check anything else. */
export function columnsOf(values: unknown): number {
  if (Array.isArray(values)) {
    const first = values[0] as unknown;
    return Array.isArray(first) || ArrayBuffer.isView(first) ? (first as ArrayLike<unknown>).length : 1;
  }
  const shape = typeof values === 'object' && values !== null && 'shape' in values ? values.shape : undefined;
  return Array.isArray(shape) && shape.length > 1 ? (shape[1] as number) : 1;
}

export function readPair(yTrue: Labels, yPred: Labels, given?: readonly Label[]): ClassPair | LabelPair {
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
export function classPair(yTrue: Labels, yPred: Labels, who: string, given?: readonly Label[]): ClassPair {
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
export function readIndicators(y: MatrixLike, name: string): Float64Rows {
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

export function encode(labels: readonly Label[], classes: readonly Label[], name = 'yTrue'): Int32Array {
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
export function resolveClasses(
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
export function positiveOf(classes: readonly Label[], given: Label | undefined): Label {
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
export function readIds(
  yTrue: Labels,
  columns: number,
  rows: number,
  given: readonly Label[] | undefined,
  who: string,
): Int32Array {
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
export function readProbabilities(yTrue: Labels, yProb: Numbers, given: readonly Label[] | undefined, who: string) {
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
export function readBinary(yTrue: Labels, yProb: Numbers, positive: Label | undefined, name: string) {
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

export function readNumbers(yTrue: Numbers, yPred: Numbers, options: MetricOptions, who: string) {
  readOptions(metricRows, options, who);
  const truth = float64Targets(yTrue, { name: 'yTrue', advice: TARGET_ADVICE });
  const predicted = float64Targets(yPred, { name: 'yPred', advice: TARGET_ADVICE });
  const [rows, columns] = truth.shape;
  checkLengths(rows, predicted.shape[0], 'yPred');
  if (columns !== predicted.shape[1]) fail('ERR_SHAPE', `yTrue has ${columns} columns, but yPred has ${predicted.shape[1]}.`);
  const weights = readWeight(options.sampleWeight, rows);
  return { truth: truth.data, predicted: predicted.data, rows, columns, weights };
}

export function readWeight(weights: ArrayLike<number> | undefined, rows: number): Float64Array | undefined {
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

export function checkLengths(truth: number, predicted: number, name: string): void {
  if (truth !== predicted) fail('ERR_SHAPE', `yTrue has ${truth} rows, but ${name} has ${predicted}.`);
}
