// Training data as the library keeps it: checked float32 copies of X and y, one weight per row where rows count differently. What
// callers do to their arrays afterwards changes nothing (unless they asked for X not to be copied); theirs are never written to.

import { isFloat32, isMap } from '../brands.js';
import { doubles, floats, unsigned } from '../data/allocate.js';
import { checkFinite, Matrix, type MatrixLike } from '../data/matrix.js';
import { Random } from '../data/random.js';
import { heldOut, rowsOfShare } from '../data/holdOut.js';
import { fail, show } from '../errors.js';
import { checkTargets } from '../plan/losses.js';
import { checkMetricTargets, type MetricName } from '../plan/metrics.js';
import type { NetworkPlan } from '../plan/network.js';
import { readInputGradients } from './derivatives.js';
import { checkTargetShape, copyChecked, copyInputs, count, countInputs, readSampleWeights, type TargetsLike } from './feeding.js';

/** A weight for each class: by class id, in a list or an object, or 'balanced': rows / (classes x rows of the class). */
export type ClassWeight = 'balanced' | readonly number[] | Readonly<Record<number, number>>;

/** Rows with their targets, as validation data or as one item of a stream. */
export type LabelledRows =
  | readonly [X: MatrixLike, y: TargetsLike]
  | {
      /** Rows [rows, inputs]. */
      readonly X: MatrixLike;
      /** A row of targets for each. */
      readonly y: TargetsLike;
      /** How much each row counts, >= 0. Default 1. */
      readonly sampleWeight?: ArrayLike<number>;
      /** d output / d inputs at each row: the loss then has its part on them, as in training. */
      readonly inputGradients?: MatrixLike;
    };

export interface Rows {
  readonly rows: number;
  /** rows x inputs, as the network's first layer sees them. */
  readonly x: Float32Array;
  /** rows x targetColumns. */
  readonly y: Float32Array;
  readonly weights: Float32Array | undefined;
  /** rows x (outputs x inputs): input gradients to learn. */
  readonly gradients?: Float32Array | undefined;
  /** The weight of each of their columns: there where they are. */
  readonly gradientWeights?: Float64Array | undefined;
}

export interface RowOptions {
  readonly inputGradients?: unknown;
  readonly sampleWeight?: unknown;
  readonly classWeight?: ClassWeight | undefined;
  readonly checkFinite?: boolean;
  /** false: X is read where it lies if it is float32 rows without gaps and nothing is subtracted from it. Default true. */
  readonly copy?: boolean;
  /** What X and y are called in messages. */
  readonly names?: readonly [X: string, y: string];
  /** What inputGradients are called in messages. */
  readonly gradientName?: string;
}

/** X and y, checked and copied. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION. */
export function readRows(X: unknown, y: unknown, plan: NetworkPlan, options: RowOptions = {}): Rows {
  const [nameX, nameY] = options.names ?? ['X', 'y'];
  const { inputs, inputCenter, targetColumns, outputs, loss } = plan;
  const allow = options.checkFinite === false;
  if (y === undefined) fail('ERR_TYPE', `${nameY}: expected targets, one row for each row of ${nameX}, got undefined.`);
  const rows = countInputs(X, plan, nameX);
  checkTargetShape(y, plan, rows, nameY, nameX);
  const lying = options.copy === false && inputCenter === undefined ? float32Of(X) : undefined;
  const x = lying ?? floats(rows * inputs, nameX);
  if (lying === undefined) copyInputs(x, inputs, X, 0, rows, plan, allow, nameX);
  else if (!allow) checkFinite(x, rows, inputs, nameX);
  const targets = floats(rows * targetColumns, nameY);
  copyChecked(targets, targetColumns, y, 0, rows, targetColumns, nameY, allow && loss.targets === 'real');
  checkTargets(loss, targets, targetColumns, rows, targetColumns, outputs);
  checkMetricTargets(plan.metrics as readonly MetricName[], loss, targets, rows, targetColumns);
  const weights = options.sampleWeight === undefined ? undefined : readSampleWeights(options.sampleWeight, rows);
  if (weights !== undefined) refuseWeights(plan);
  const gradients =
    options.inputGradients === undefined
      ? undefined
      : readInputGradients(options.inputGradients, rows, plan, options.gradientName, allow);
  return weighClasses({ rows, x, y: targets, weights, gradients }, options.classWeight, plan);
}

/** The rows with their weights times those of their classes: of all rows in hand, so 'balanced' belongs after a split. @throws ERR_OPTION. */
export function weighClasses(all: Rows, classWeight: ClassWeight | undefined, plan: NetworkPlan): Rows {
  if (classWeight === undefined) return all;
  refuseWeights(plan);
  return { ...all, weights: byClass(classWeight, all.y, all.rows, plan, all.weights) };
}

/** @throws ERR_OPTION for 'balanced' where rows come in portions: their share of all rows is not known yet. */
export function refuseBalanced(classWeight: ClassWeight | undefined, where: string): void {
  if (classWeight === 'balanced')
    fail(
      'ERR_OPTION',
      `classWeight: 'balanced' counts the rows of each class, but ${where} shows a part of them at a time. Give the weights: rows / (classes x rows of the class) each, as { 0: 0.7, 1: 2.1 }.`,
    );
}

function refuseWeights({ loss }: NetworkPlan): void {
  if (loss.custom !== undefined)
    fail(
      'ERR_OPTION',
      'sampleWeight: a loss of your own gets whole batches and cannot be weighted row by row from outside. Weigh the rows inside the loss.',
    );
}

/** The numbers of a matrix of float32 rows without gaps. */
function float32Of(X: unknown): Float32Array | undefined {
  const { data } = X as { data?: unknown };
  return isFloat32(data) ? data : undefined;
}

/** Validation data, or an item of a stream: [X, y] or { X, y, sampleWeight }. @throws ERR_TYPE for another form; ERR_SHAPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION. */
export function readPair(pair: unknown, plan: NetworkPlan, name: string, options: RowOptions = {}): Rows {
  const { X, y, sampleWeight, inputGradients } = pairOf(pair, name);
  const names = [`${name} X`, `${name} y`] as const;
  return readRows(X, y, plan, { ...options, sampleWeight, inputGradients, names, gradientName: `${name} inputGradients` });
}

export function pairOf(
  pair: unknown,
  name: string,
): { X: unknown; y: unknown; sampleWeight?: unknown; inputGradients?: unknown } {
  if (Array.isArray(pair) && pair.length === 2) return { X: pair[0], y: pair[1] };
  if (typeof pair === 'object' && pair !== null && 'X' in pair && 'y' in pair)
    return pair as Exclude<LabelledRows, readonly unknown[]>;
  return fail('ERR_TYPE', `${name}: expected [X, y] or { X, y }, got ${show(pair)}.`);
}

/** Rows that are left to train on when `share` of them validate: the rest, rounded down. */
export const trainingRows = (rows: number, share: number): number => rows - rowsOfShare(share, rows, 'up');

/**
 * Rows and validation rows, whose weights are for training alone: the last share of them, or where the preset does so drawn at random, each class by its share.
 * @throws ERR_OPTION.
 */
export function splitRows(all: Rows, share: number, plan: NetworkPlan): [train: Rows, validation: Rows] {
  const { rows } = all;
  const kept = trainingRows(rows, share);
  if (kept < 1 || kept === rows) {
    const none = kept < 1 ? 'none to train on' : 'none to validate on';
    fail('ERR_OPTION', `validationSplit: ${share} of ${count(rows, 'row')} leaves ${none}.`);
  }
  const judged = { ...all, weights: undefined };
  if (plan.defaults.validationRows === 'last')
    return [pick(all, undefined, 0, kept, plan), pick(judged, undefined, kept, rows, plan)];
  const { train, test } = heldOut(rows, rows - kept, plan.seed, classIds(all.y, rows, plan));
  return [pick(all, train, 0, kept, plan), pick(judged, test, 0, rows - kept, plan)];
}

/** At most `most` of the rows, drawn at random but always the same ones. */
export function someRows(all: Rows, most: number, plan: NetworkPlan): Rows {
  if (all.rows <= most) return all;
  return pick(all, new Random(plan.key, 'some rows').permutation(all.rows), 0, most, plan);
}

function pick(all: Rows, order: Uint32Array | undefined, from: number, to: number, plan: NetworkPlan): Rows {
  const chosen = (data: Float32Array, columns: number): Float32Array => {
    if (order === undefined) return data.subarray(from * columns, to * columns);
    const out = floats((to - from) * columns, 'Part of the rows');
    for (let i = from; i < to; i++) out.set(data.subarray(order[i]! * columns, (order[i]! + 1) * columns), (i - from) * columns);
    return out;
  };
  return {
    rows: to - from,
    x: chosen(all.x, plan.inputs),
    y: chosen(all.y, plan.targetColumns),
    weights: all.weights && chosen(all.weights, 1),
    gradients: all.gradients && chosen(all.gradients, plan.outputs * plan.inputs),
    gradientWeights: all.gradientWeights,
  };
}

/** The rows' weights times their class's. @throws ERR_OPTION. */
function byClass(
  given: ClassWeight,
  y: Float32Array,
  rows: number,
  plan: NetworkPlan,
  weights: Float32Array | undefined,
): Float32Array {
  const ids = classIds(y, rows, plan);
  if (ids === undefined)
    fail('ERR_OPTION', `classWeight: ${plan.loss.name} on ${count(plan.outputs, 'output')} has no classes. Use sampleWeight.`);
  const classes = Math.max(2, plan.outputs);
  const factors = given === 'balanced' ? balanced(ids, classes) : readClassWeights(given, classes);
  const out = floats(rows, 'classWeight');
  for (let i = 0; i < rows; i++) out[i] = (weights?.[i] ?? 1) * factors[ids[i]!]!;
  return out;
}

/** The class of each row, from ids, one-hot rows, 0/1 or signs; undefined where targets are no classes. */
export function classIds(y: Float32Array, rows: number, { loss, targetColumns }: NetworkPlan): Uint32Array | undefined {
  if (loss.targets === 'real' || loss.targets === 'count' || (targetColumns > 1 && loss.targets !== 'simplex')) return undefined;
  const ids = unsigned(rows, 'classWeight');
  const threshold = loss.targets === 'sign' ? 0 : 0.5;
  for (let i = 0; i < rows; i++) {
    if (loss.targets === 'class') ids[i] = y[i]!;
    else if (targetColumns === 1) ids[i] = y[i]! > threshold ? 1 : 0;
    else for (let j = 1; j < targetColumns; j++) if (y[i * targetColumns + j]! > y[i * targetColumns + ids[i]!]!) ids[i] = j;
  }
  return ids;
}

/** rows / (classes present x rows of the class), as scikit-learn's 'balanced'. */
function balanced(ids: Uint32Array, classes: number): Float64Array {
  const sizes = doubles(classes, 'classWeight');
  for (const id of ids) sizes[id]!++;
  const present = sizes.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  return sizes.map((n) => (n > 0 ? ids.length / (present * n) : 0));
}

function readClassWeights(given: unknown, classes: number): Float64Array {
  if (typeof given !== 'object' || given === null)
    fail('ERR_OPTION', `classWeight: expected 'balanced', a list or { class: weight }, got ${show(given)}.`);
  const factors = doubles(classes, 'classWeight').fill(1);
  for (const [key, value] of isMap(given) ? given : Object.entries(given)) {
    const id = Number(key);
    if (!(Number.isInteger(id) && id >= 0 && id < classes))
      fail('ERR_OPTION', `classWeight: unknown class ${show(key)}. Classes are 0 to ${classes - 1}.`);
    if (!(typeof value === 'number' && value >= 0 && value < Infinity))
      fail('ERR_OPTION', `classWeight: class ${id} has ${show(value)}; weights are finite and not negative.`);
    factors[id] = value;
  }
  return factors;
}

/** A copy of rows as a Matrix. */
export function toMatrix(source: ArrayLike<number>, stride: number, rows: number, columns: number): Matrix {
  const data = floats(rows * columns, `A matrix of ${rows} x ${columns}`);
  copyOut(data, 0, source, stride, rows, columns);
  return new Matrix(data, rows, columns);
}

/** Rows `stride` apart, packed tightly into out from `at`. */
export function copyOut(
  out: Float32Array,
  at: number,
  source: ArrayLike<number>,
  stride: number,
  rows: number,
  columns: number,
): void {
  if (stride === columns) for (let k = 0, n = rows * columns; k < n; k++) out[at + k] = source[k]!;
  else for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[at + i * columns + j] = source[i * stride + j]!;
}
