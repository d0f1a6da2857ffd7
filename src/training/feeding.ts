// From what users hand in to rows in a window. Every number is checked on the way; the usual shapes (Matrix, { data, shape }
// of float32, rows of numbers) are read without making an object, since every step and every prediction comes through here.

import { isFloat32, isFloat64 } from '../brands.js';
import { doubles, floats, type Floats } from '../data/allocate.js';
import { checkFinite, copyRows, float64Targets, Matrix, shapeOf, type MatrixLike } from '../data/matrix.js';
import { inRowOrder } from '../data/strided.js';
import { fail, show } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';

/** Targets: rows, or a flat list where the loss takes one column. */
export type TargetsLike = MatrixLike | ArrayLike<number>;

/** Rows of X. @throws ERR_SHAPE unless they are as wide as the model's inputs; ERR_TYPE, ERR_EMPTY. */
export function countInputs(X: unknown, plan: NetworkPlan, name = 'X'): number {
  const rows = plainRows(X, plan.inputs);
  if (rows > 0) return rows;
  const shape = shapeOf(X, name);
  if (shape[1] !== plan.inputs)
    fail('ERR_SHAPE', `${name} has ${count(shape[1], 'column')}, but this model has ${count(plan.inputs, 'input')}.`, {
      expected: plan.inputs,
      got: shape[1],
    });
  return shape[0];
}

/** Checks that y has a row for each of `rows` rows of X and the columns the loss needs. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY. */
export function checkTargetShape(y: unknown, plan: NetworkPlan, rows: number, name = 'y', other = 'X'): void {
  const { targetColumns } = plan;
  let found = plainRows(y, targetColumns);
  if (found === 0 && isFlat(y)) {
    found = y.length;
    if (found === 0) float64Targets(y, { name }); // refuses: empty, or detached
    if (targetColumns !== 1)
      fail(
        'ERR_SHAPE',
        `${name}: expected rows of ${targetColumns} targets, got a flat list of ${found} numbers. ${wayOut(plan, 1) || 'Wrap each row in an array: [[…], […]].'}`,
      );
  } else if (found === 0) {
    const shape = shapeOf(y, name);
    if (shape[1] !== targetColumns) refuseTargetColumns(plan, shape[1], name);
    found = shape[0];
  }
  if (found !== rows)
    fail('ERR_SHAPE', `${other} has ${count(rows, 'row')}, but ${name} has ${found}.`, {
      expected: rows,
      got: found,
    });
}

function refuseTargetColumns(plan: NetworkPlan, got: number, name: string): never {
  const { loss, targetColumns } = plan;
  const needed = loss.targets === 'class' ? 'one column of class ids' : count(targetColumns, 'column');
  return fail(
    'ERR_SHAPE',
    `${name} has ${count(got, 'column')}, but ${loss.name} on ${count(plan.outputs, 'output')} needs ${needed}. ${wayOut(plan, got)}`.trim(),
    {
      expected: targetColumns,
      got,
    },
  );
}

function wayOut({ loss, outputs }: NetworkPlan, got: number): string {
  if (loss.targets === 'class' && got === outputs) return 'For one-hot rows use "categoricalCrossEntropy".';
  if (loss.name === 'categoricalCrossEntropy' && got === 1)
    return 'For class ids use "sparseCategoricalCrossEntropy", or encode them with OneHotEncoder.';
  return '';
}

/** Rows of a plain matrix of `columns` columns, or 0 when anything about it is unusual (shapeOf then says what). */
function plainRows(values: unknown, columns: number): number {
  if (Array.isArray(values)) {
    for (let i = 0; i < values.length; i++) {
      const row = values[i] as unknown;
      if (!(Array.isArray(row) || row instanceof Float32Array) || row.length !== columns) return 0;
    }
    return values.length > 0 && typeof (values[0] as number[])[0] === 'number' ? values.length : 0;
  }
  if (typeof values !== 'object' || values === null) return 0;
  const data = (values as { data?: unknown }).data;
  const shape = (values as { shape?: unknown }).shape;
  if (!(isFloat32(data) || Array.isArray(data)) || !Array.isArray(shape) || shape.length !== 2) return 0;
  if (!(values instanceof Matrix) && inRowOrder(values) !== values) return 0;
  const rows = shape[0] as unknown;
  return shape[1] === columns && typeof rows === 'number' && Number.isInteger(rows) && data.length === rows * columns ? rows : 0;
}

/** A flat list of numbers, as targets of one column may be. */
function isFlat(y: unknown): y is ArrayLike<number> {
  if (Array.isArray(y)) return y.length === 0 || typeof y[0] === 'number';
  return ArrayBuffer.isView(y) && 'length' in y;
}

/**
 * Copies rows [first, first + rows) of `values` (shape already checked) to the start of `out`, rows `stride` apart.
 * @throws ERR_TYPE, ERR_NONFINITE, ERR_RANGE naming row and column.
 */
export function copyChecked(
  out: Floats,
  stride: number,
  values: unknown,
  first: number,
  rows: number,
  columns: number,
  name: string,
  allowNonFinite: boolean,
): void {
  let fine: boolean;
  if (Array.isArray(values) && typeof values[0] !== 'number')
    fine = copyEachRow(out, stride, values as ArrayLike<number>[], first, rows, columns);
  else {
    const data = (
      Array.isArray(values) || ArrayBuffer.isView(values) ? values : (values as { data: unknown }).data
    ) as ArrayLike<number>;
    if (isFloat32(data)) fine = copyFloats(out, stride, data, first * columns, rows, columns);
    else fine = copyNumbers(out, 0, stride, data, first * columns, rows, columns);
  }
  if (!fine) copyWithReasons(out, stride, values, first, rows, columns, name, allowNonFinite);
}

/**
 * Copies rows [first, first + rows) of X (shape already checked) as the network's first layer sees them: less the plan's
 * inputCenter, which is subtracted in float64, so that the difference is rounded and not what it is taken of.
 * @throws ERR_TYPE, ERR_NONFINITE, ERR_RANGE naming row and column.
 */
export function copyInputs(
  out: Floats,
  stride: number,
  X: unknown,
  first: number,
  rows: number,
  { inputs, inputCenter }: NetworkPlan,
  allowNonFinite: boolean,
  name = 'X',
): void {
  if (inputCenter === undefined) {
    copyChecked(out, stride, X, first, rows, inputs, name, allowNonFinite);
    return;
  }
  if (subtractRows(out, stride, X, first, rows, inputCenter)) return;
  const given = doubles(rows * inputs, name);
  copyChecked(given, inputs, X, first, rows, inputs, name, allowNonFinite);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < inputs; j++) {
      const value = given[i * inputs + j]!;
      out[i * stride + j] = value - inputCenter[j]!;
      if (out[i * stride + j]! * 0 !== 0 && !allowNonFinite)
        fail(
          'ERR_RANGE',
          `${name}: row ${first + i}, column ${j} is ${value}, too far from the rescale layer's center, ${inputCenter[j]}.`,
          {
            row: first + i,
            column: j,
            value,
          },
        );
    }
}

/** Rows of plain numbers less the center, in one pass without a copy; false where anything is unusual. */
function subtractRows(out: Floats, stride: number, X: unknown, first: number, rows: number, center: Float64Array): boolean {
  const columns = center.length;
  if (Array.isArray(X)) {
    for (let i = 0; i < rows; i++) if (!subtractRow(out, i * stride, X[first + i], 0, center)) return false;
    return true;
  }
  const data: unknown = ArrayBuffer.isView(X) ? X : (X as { data: unknown }).data;
  if (!(isFloat32(data) || isFloat64(data) || Array.isArray(data))) return false;
  for (let i = 0; i < rows; i++) if (!subtractRow(out, i * stride, data, (first + i) * columns, center)) return false;
  return true;
}

/** One row. Each kind of list gets a loop of its own, which engines compile for it alone. */
function subtractRow(out: Floats, at: number, row: unknown, from: number, center: Float64Array): boolean {
  if (isFloat32(row)) return subtract32(out, at, row, from, center);
  if (isFloat64(row)) return subtract64(out, at, row, from, center);
  if (!Array.isArray(row)) return false;
  for (let j = 0; j < center.length; j++) {
    const value: unknown = row[from + j];
    if (typeof value !== 'number') return false;
    out[at + j] = value - center[j]!;
    if (out[at + j]! * 0 !== 0) return false;
  }
  return true;
}

function subtract32(out: Floats, at: number, row: Float32Array, from: number, center: Float64Array): boolean {
  let off = 0;
  for (let j = 0; j < center.length; j++) {
    const value = row[from + j]! - center[j]!;
    out[at + j] = value;
    off += out[at + j]! * 0;
  }
  return off === 0;
}

function subtract64(out: Floats, at: number, row: Float64Array, from: number, center: Float64Array): boolean {
  let off = 0;
  for (let j = 0; j < center.length; j++) {
    const value = row[from + j]! - center[j]!;
    out[at + j] = value;
    off += out[at + j]! * 0;
  }
  return off === 0;
}

/** The slow way over the same rows: throws at the first bad number, or lets it through when that was asked for. */
function copyWithReasons(
  out: Floats,
  stride: number,
  values: unknown,
  first: number,
  rows: number,
  columns: number,
  name: string,
  allowNonFinite: boolean,
): void {
  const flat = (Array.isArray(values) && typeof values[0] === 'number') || ArrayBuffer.isView(values);
  const all = (flat ? { data: values, shape: [0, columns] } : values) as MatrixLike;
  if (!allowNonFinite) {
    // From row 0, so that the message has the user's own row number. The rows before are fine.
    const copy = isFloat32(out) ? floats((first + rows) * columns, name) : doubles((first + rows) * columns, name);
    copyRows(copy, columns, all, [first + rows, columns], name, false);
    checkFinite(copy, first + rows, columns, name);
    fail('ERR_TYPE', `${name}: changed while it was read.`);
  }
  const part = doubles(rows * columns, name);
  copyRows(part, columns, slice(all, first, rows, columns), [rows, columns], name, true);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[i * stride + j] = part[i * columns + j]!;
}

function slice(values: MatrixLike, first: number, rows: number, columns: number): MatrixLike {
  if (Array.isArray(values)) return values.slice(first, first + rows) as number[][];
  const { data } = values as { data: ArrayLike<number> };
  return { data: Array.prototype.slice.call(data, first * columns, (first + rows) * columns), shape: [rows, columns] };
}

function copyEachRow(
  out: Floats,
  stride: number,
  values: readonly ArrayLike<number>[],
  first: number,
  rows: number,
  columns: number,
): boolean {
  for (let i = 0; i < rows; i++) if (!copyNumbers(out, i * stride, 0, values[first + i]!, 0, 1, columns)) return false;
  return true;
}

/** Whether all of them are finite numbers. */
function copyNumbers(
  out: Floats,
  at: number,
  stride: number,
  data: ArrayLike<number>,
  from: number,
  rows: number,
  columns: number,
): boolean {
  for (let i = 0; i < rows; i++) {
    const source = from + i * columns;
    const target = at + i * stride;
    for (let j = 0; j < columns; j++) {
      const value = data[source + j] as unknown;
      if (typeof value !== 'number') return false;
      out[target + j] = value;
      if (out[target + j]! * 0 !== 0) return false;
    }
  }
  return true;
}

/** Copies float32 rows, by block where rows are adjacent. Few numbers are copied faster by hand than by a call. */
function copyFloats(out: Floats, stride: number, data: Float32Array, from: number, rows: number, columns: number): boolean {
  const length = rows * columns;
  if (stride === columns && length > 64) {
    out.set(data.length === length ? data : data.subarray(from, from + length));
    const check = length < CHECKED_THERE ? undefined : checks.get(out.buffer);
    return check === undefined ? allFinite(data, from, length) : Boolean(check(out.byteOffset, out.byteOffset + 4 * length));
  }
  let off = 0;
  if (columns < 4) {
    // Rows of one to three numbers would each pay for a loop of their own.
    for (let at = from, target = 0, column = 0; at < from + length; at++) {
      const value = data[at]!;
      off += value * 0;
      out[target++] = value;
      if (++column === columns) {
        column = 0;
        target += stride - columns;
      }
    }
    return off === 0;
  }
  for (let i = 0; i < rows; i++) {
    const source = from + i * columns;
    const target = i * stride;
    for (let j = 0; j < columns; j++) {
      const value = data[source + j]!;
      off += value * 0;
      out[target + j] = value;
    }
  }
  return off === 0;
}

/** Whether all float32 numbers of a memory in [at, end) are finite, bytes of whole vectors of four. */
type FiniteCheck = (at: number, end: number) => unknown;

/** Numbers of a copy from which a backend's own check pays. */
const CHECKED_THERE = 512;

/** What tells of the memory of a backend, and faster than JavaScript, whether numbers are finite. */
const checks = new WeakMap<ArrayBufferLike, FiniteCheck>();

/** A backend whose rows are float32, and lie in whole vectors of four, has a check of its own for its memory. */
export function checksFinite(memory: ArrayBufferLike, check: FiniteCheck): void {
  checks.set(memory, check);
}

/** Whether `length` numbers are finite: 0 times anything else is NaN. Four sums, so that additions overlap. */
function allFinite(data: Float32Array, from: number, length: number): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = from;
  const end = from + length;
  for (; k + 4 <= end; k += 4) {
    a += data[k]! * 0;
    b += data[k + 1]! * 0;
    c += data[k + 2]! * 0;
    d += data[k + 3]! * 0;
  }
  for (; k < end; k++) a += data[k]! * 0;
  return a + b + c + d === 0;
}

/** One weight per row, finite and not negative. @throws ERR_SHAPE, ERR_TYPE, ERR_OPTION. */
export function readSampleWeights(weights: unknown, rows: number, name = 'sampleWeight'): Float32Array {
  const list = columnOf(weights);
  if (list === undefined) fail('ERR_TYPE', `${name}: expected one number per row, got ${show(weights)}.`);
  if (list.length !== rows)
    fail('ERR_SHAPE', `${name} has ${count(list.length, 'weight')}, but X has ${count(rows, 'row')}.`, {
      expected: rows,
      got: list.length,
    });
  const out = floats(rows, name);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const value = list[i] as unknown;
    if (typeof value !== 'number') fail('ERR_TYPE', `${name}: row ${i} is ${show(value)}, not a number.`, { row: i, value });
    out[i] = value;
    if (!(out[i]! >= 0 && out[i]! < Infinity))
      fail('ERR_OPTION', `${name}: row ${i} is ${value}; weights are finite and not negative.`, { row: i, value });
    sum += value;
  }
  if (sum === 0) fail('ERR_OPTION', `${name}: all weights are 0, so there is nothing to learn from.`);
  return out;
}

/** A list of numbers from a list, or from a matrix of one column. */
function columnOf(values: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(values)) return values.every(isRowOfOne) ? values.map((row) => row[0]) : values;
  if (ArrayBuffer.isView(values) && 'length' in values) return values as unknown as ArrayLike<unknown>;
  if (typeof values === 'object' && values !== null && 'data' in values && 'shape' in values) {
    const { data } = values;
    return Array.isArray(data) || (ArrayBuffer.isView(data) && 'length' in data) ? (data as ArrayLike<unknown>) : undefined;
  }
  return undefined;
}

function isRowOfOne(row: unknown): row is readonly unknown[] {
  return Array.isArray(row) && row.length === 1;
}

/** "1 row", "3 rows". */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** @throws ERR_SHAPE unless `output` is the number of one of the network's outputs, from 0. */
export function checkOutput(output: unknown, plan: NetworkPlan): void {
  if (!(typeof output === 'number' && Number.isInteger(output) && output >= 0 && output < plan.outputs))
    fail('ERR_SHAPE', `output: expected 0 to ${plan.outputs - 1}, got ${show(output)}.`);
}
