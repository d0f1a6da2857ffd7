// Labels: what a class is called. Strings, numbers or booleans, one kind per list; read and sorted here for encoders,
// splits, metrics and estimators alike.

import { fail, show } from '../errors.js';
import type { MatrixLike } from './matrix.js';
import { inRowOrder } from './strided.js';

/** What a class may be called. Two labels are the same class when they are equal (and -0 is 0). */
export type Label = string | number | boolean;

/** One label per row: a list of strings, numbers or booleans (not mixed), or a matrix with one column. */
export type Labels = readonly Label[] | ArrayLike<number> | MatrixLike;

/**
 * A checked copy of labels, one per row.
 * @throws ERR_EMPTY without rows, ERR_SHAPE for more than one column, ERR_TYPE for anything but strings, numbers and
 * booleans, ERR_LABEL for NaN, infinities and lists that mix kinds.
 */
export function readLabels(labels: Labels, name = 'y'): Label[] {
  const { rows, at } = labelReader(inRowOrder(labels), name);
  if (rows === 0) fail('ERR_EMPTY', `${name} has no rows.`);
  const out: Label[] = new Array(rows);
  for (let i = 0; i < rows; i++) out[i] = checkLabel(at(i), name, i);
  const kind = typeof out[0];
  for (let i = 1; i < rows; i++)
    if (typeof out[i] !== kind)
      fail(
        'ERR_LABEL',
        `${name}: row ${i} is the ${typeof out[i]} ${show(out[i])}, but row 0 is the ${kind} ${show(out[0])}. Make all labels one kind.`,
        { row: i, value: out[i] },
      );
  return out;
}

/** The different labels in order: numbers by value, strings by UTF-16 code units, false before true. */
export function classesOf(labels: readonly Label[]): Label[] {
  return [...new Set(labels)].sort(compareLabels);
}

/** How many rows each label has, in the order in which they come first. */
export function countsOf(labels: readonly Label[]): Map<Label, number> {
  const counts = new Map<Label, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** Order of labels of one kind: negative when a comes first. */
export function compareLabels(a: Label, b: Label): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Up to `limit` labels as they are written in messages. */
export function listLabels(labels: readonly Label[], limit = 10): string {
  const shown = labels.slice(0, limit).map((label) => show(label));
  return labels.length > limit ? `${shown.join(', ')}, … (${labels.length} in all)` : shown.join(', ');
}

function labelReader(labels: unknown, name: string): { rows: number; at: (i: number) => unknown } {
  if (Array.isArray(labels)) {
    if (!isRow(labels[0])) return { rows: labels.length, at: (i) => labels[i] };
    return { rows: labels.length, at: (i) => onlyCell(labels[i], name, i) };
  }
  if (ArrayBuffer.isView(labels) && 'length' in labels) {
    const list = labels as unknown as ArrayLike<number>;
    return { rows: list.length, at: (i) => list[i] };
  }
  if (typeof labels === 'object' && labels !== null && 'data' in labels && 'shape' in labels) {
    const { data, shape } = labels as { data: ArrayLike<unknown>; shape: readonly number[] };
    if (!isRow(data)) fail('ERR_TYPE', `${name}.data: expected an array of labels, got ${show(data)}.`);
    const rows = Array.isArray(shape) && shape.length <= 2 && (shape[1] ?? 1) === 1 ? shape[0] : undefined;
    if (rows === undefined || rows !== data.length)
      fail('ERR_SHAPE', `${name}: expected one label per row, shape [rows, 1], got shape [${String(shape)}].`);
    return { rows, at: (i) => data[i] };
  }
  return fail('ERR_TYPE', `${name}: expected a list of labels, one per row, got ${show(labels)}.`);
}

function onlyCell(row: unknown, name: string, i: number): unknown {
  if (!isRow(row)) fail('ERR_TYPE', `${name}[${i}]: expected a row with one label, got ${show(row)}.`, { row: i });
  if (row.length !== 1) fail('ERR_SHAPE', `${name}: expected one label per row, but row ${i} has ${row.length}.`, { row: i });
  return row[0];
}

/** One label, with -0 as 0. @throws ERR_TYPE or ERR_LABEL naming the row. */
export function checkLabel(value: unknown, name: string, row: number): Label {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'number')
    fail('ERR_TYPE', `${name}: row ${row} is ${show(value)}; labels are strings, numbers or booleans.`, { row, value });
  if (!Number.isFinite(value))
    fail('ERR_LABEL', `${name}: row ${row} is ${value}, which is no class. Drop the row, or name the class.`, { row, value });
  return value + 0; // -0 + 0 is 0
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}
