// What a classifier is given to learn: one label a row or several, the classes there are, and what their rows count.

import { isMap } from '../brands.js';
import type { Calibration } from '../data/certainty/calibration.js';
import type { PredictionSets } from '../data/certainty/predictionSets.js';
import { LabelEncoder } from '../data/encoders.js';
import { listLabels, type Label, type Labels } from '../data/labels.js';
import { float64Rows, type Matrix, type MatrixLike } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import type { ClassWeights } from './classifierOptions.js';
import type { Targets } from './targets.js';

/** What a fitted classifier knows beside its network. */
export interface ClassHead {
  /** undefined for multilabel. */
  readonly encoder: LabelEncoder | undefined;
  readonly columns: number;
  /** Whether outputs are the probabilities that the class is at most each of them but the last. */
  readonly ordinal?: true;
  readonly calibration?: Calibration;
  /** Of two classes: the second is said above this probability. */
  readonly threshold?: number;
  readonly sets?: PredictionSets;
}

/** The classes: in the order that was said, else sorted. @throws ERR_OPTION where they are said twice. */
export function encoderOf(
  labels: Labels,
  declared: Labels | undefined,
  ordinal: boolean | readonly Label[] = false,
): LabelEncoder {
  if (typeof ordinal !== 'object') return new LabelEncoder().fit(declared ?? labels);
  if (declared !== undefined)
    fail('ERR_OPTION', 'classes: the option ordinal names all of them already. Leave one of the two out.');
  return LabelEncoder.of(ordinal);
}

/** Two classes share an output. */
export function headOf(encoder: LabelEncoder, ordinal = false): ClassHead {
  const { length } = encoder.classes;
  if (ordinal && length > 2) return { encoder, columns: length - 1, ordinal: true };
  return { encoder, columns: length === 2 ? 1 : length };
}

/** The class of every row: by the largest output, or by one output being above a half. */
export function classIds({ data, shape }: Matrix): Int32Array {
  const [rows, columns] = shape;
  const ids = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    if (columns === 1) ids[i] = data[i]! > 0.5 ? 1 : 0;
    else for (let j = 1; j < columns; j++) if (data[i * columns + j]! > data[i * columns + ids[i]!]!) ids[i] = j;
  }
  return ids;
}

/** Columns of y: 1 for a list of labels. */
export function columnsOf(y: unknown): number {
  if (Array.isArray(y)) return Array.isArray(y[0]) || ArrayBuffer.isView(y[0]) ? (y[0] as ArrayLike<unknown>).length : 1;
  const { shape } = (y ?? {}) as { shape?: readonly number[] };
  return Array.isArray(shape) ? (shape[1] ?? 1) : 1;
}

/** Rows of 0 and 1. @throws ERR_SHAPE, ERR_TYPE, ERR_NONFINITE; ERR_LABEL for other numbers. */
export function readMultilabel(y: MatrixLike, rows: number, columns: number): Targets<ClassHead> {
  const { data, shape } = float64Rows(y, { name: 'y' });
  if (shape[0] !== rows) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${shape[0]}.`);
  if (shape[1] !== columns) fail('ERR_SHAPE', `y has ${shape[1]} columns, but this model has ${columns} labels.`);
  const bad = data.findIndex((value) => value !== 0 && value !== 1);
  if (bad >= 0) {
    const [row, column] = [Math.floor(bad / columns), bad % columns];
    fail('ERR_LABEL', `y: row ${row}, column ${column} is ${data[bad]}; with several columns (multilabel) each must be 0 or 1.`, {
      row,
      column,
    });
  }
  return { head: { encoder: undefined, columns }, values: data, columns };
}

/** @throws ERR_LABEL when the classes declared now are not those of the first call. */
export function checkSameClasses(given: Labels, { encoder, columns }: ClassHead): void {
  const before: readonly Label[] = encoder?.classes ?? Array.from({ length: columns }, (_, j) => j);
  const { classes } = new LabelEncoder().fit(given);
  if (classes.length !== before.length || classes.some((label, i) => label !== before[i]))
    fail(
      'ERR_LABEL',
      `classes: ${listLabels(classes)} are not those of the first call, ${listLabels(before)}. Outputs stand for classes: use a new classifier for others.`,
    );
}

/** What a row of each class counts. @throws ERR_OPTION for weights that are none, or of unknown classes. */
export function classFactors(given: ClassWeights, ids: ArrayLike<number>, classes: readonly Label[]): Float64Array {
  const factors = new Float64Array(classes.length).fill(1);
  if (given === 'balanced') {
    const counts = new Float64Array(classes.length);
    for (let i = 0; i < ids.length; i++) counts[ids[i]!]!++;
    const present = counts.filter((count) => count > 0).length;
    counts.forEach((count, id) => {
      factors[id] = count === 0 ? 1 : ids.length / (present * count);
    });
  } else {
    const names = classes.map(String);
    for (const [label, weight] of isMap(given) ? given : Object.entries(given)) {
      const id = names.indexOf(String(label));
      if (id < 0) fail('ERR_OPTION', `classWeight: unknown class ${show(label)}. The classes are ${listLabels(classes)}.`);
      if (typeof weight !== 'number' || !(weight >= 0 && weight < Infinity))
        fail('ERR_OPTION', `classWeight: ${show(label)} has ${show(weight)}; weights are finite and not negative.`);
      factors[id] = weight;
    }
  }
  return factors;
}
