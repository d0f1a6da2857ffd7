// Values of a graph while it is read: constants, and what each row of the input becomes. Every value of rows has its dimensions and the
// axis that counts the rows; everything else of it belongs to one row.

import { fail, type FeedforwardError } from '../../errors.js';
import type { Argument, Expression, Expressions } from './expressions.js';
import { describe, type Node, refuse, unsupported } from './graph.js';
import { DataType } from './tensors.js';

export interface Constant {
  readonly kind: 'constant';
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  readonly strings: readonly string[];
  /** Made from the number of rows: good for shapes alone. */
  readonly counted: boolean;
}

export interface Rows {
  readonly kind: 'rows';
  readonly dims: readonly number[];
  /** The axis of rows; -1 where the graph is made for one row. */
  readonly axis: number;
  readonly expression: Expression;
  readonly type: 'numbers' | 'truth' | 'whole';
}

/** The class that ArgMax picks, and what becomes of it. */
interface Answer {
  readonly kind: 'answer';
  readonly node: Node;
}

/** What no layer stands for: only a refusal if the output needs it. */
interface Refused {
  readonly kind: 'refused';
  readonly error: FeedforwardError;
}

export type Value = Constant | Rows | Answer | Refused;

export const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Dimensions of one row: the axis of rows has 1. */
export const innerOf = ({ dims, axis }: { dims: readonly number[]; axis: number }): number[] =>
  dims.map((n, i) => (i === axis ? 1 : n));

export const constant = (
  values: ArrayLike<number>,
  dims: readonly number[] = [values.length],
  dataType: number = DataType.Float,
  counted = false,
): Constant => ({ kind: 'constant', dataType, dims, values, strings: [], counted });

/** What the parts of reading a graph share. */
export interface Reading {
  readonly make: Expressions;
  /** How many rows the graph is read with: a prime that is nowhere in the file where their number is free. */
  readonly rows: number;
  readonly freeRows: boolean;
  /** Counts numbers that are made, so that no small file fills the memory. @throws ERR_UNSUPPORTED beyond the limit. */
  spend(numbers: number): void;
}

/** Where each number of the shape `to` comes from in `from`, repeated as broadcasting does; undefined when the two are the same. */
export function repeated(from: readonly number[], to: readonly number[]): number[] | undefined {
  const offset = to.length - from.length;
  if (product(from) === product(to)) return undefined;
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let i = from.length - 1; i >= 0; i--) {
    if (from[i] !== 1) strides[i + offset] = stride;
    stride *= from[i]!;
  }
  return walk(to, strides);
}

/** Flat places of a shape, visited in order, with the given strides in the source. */
export function walk(dims: readonly number[], strides: readonly number[], start = 0): number[] {
  let places = [start];
  dims.forEach((n, axis) => {
    const next = new Array<number>(places.length * n);
    for (let p = 0; p < places.length; p++) for (let i = 0; i < n; i++) next[p * n + i] = places[p]! + i * strides[axis]!;
    places = next;
  });
  return places;
}

/** The shape that shapes are broadcast to. @throws ERR_FORMAT when they do not fit each other. */
export function broadcast(node: Node, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, i) => {
    let size = 1;
    for (const dims of shapes) {
      const n = dims[i - rank + dims.length] ?? 1;
      if (n === 1 || n === size) continue;
      if (size !== 1)
        refuse(
          `the layers do not fit each other: ${describe(node)} gets ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')}`,
        );
      size = n;
    }
    return size;
  });
}

/** Rows and constants side by side, as broadcasting puts them: arguments of one width, and the shape of what comes out. */
export function beside(
  reading: Reading,
  node: Node,
  inputs: readonly (Rows | Constant)[],
): { args: Argument[]; dims: number[]; axis: number } {
  const rank = Math.max(...inputs.map(({ dims }) => dims.length));
  const rows = inputs.filter((input) => input.kind === 'rows');
  const axes = new Set(rows.map(({ axis, dims }) => (axis < 0 ? -1 : axis + rank - dims.length)));
  if (axes.size !== 1) unsupported(node, 'the rows of what it reads lie along different axes');
  const [axis] = axes as Set<number> & Iterable<number>;
  const shapes = inputs.map((input) => {
    const dims = [...new Array<number>(rank - input.dims.length).fill(1), ...input.dims];
    if (input.kind === 'rows') return dims.map((n, i) => (i === axis ? 1 : n));
    if (input.counted) unsupported(node, 'it computes with the number of rows');
    return axis! >= 0 && dims[axis!] !== 1 ? alongRows(reading, node, input, dims, axis!) : dims;
  });
  const inner = broadcast(node, shapes);
  const width = product(inner);
  const args = inputs.map((input, i): Argument => {
    const list = repeated(shapes[i]!, inner);
    if (input.kind === 'rows') {
      if (list === undefined) return input.expression;
      reading.spend(list.length);
      return reading.make.columns(node, input.expression, list);
    }
    const values = firstRows(input.values, product(shapes[i]!), input, shapes[i]!, axis!);
    // Learned slopes that happen to be equal are still one for each column.
    if (values.length === 1 || (isUniform(values) && node.op !== 'PRelu')) return { kind: 'constant', values: [values[0]!] };
    reading.spend(width);
    return { kind: 'constant', values: list === undefined ? values : Float64Array.from(list, (from) => values[from]!) };
  });
  if (width === 0) unsupported(node, 'its rows are empty');
  return { args, dims: inner.map((n, i) => (i === axis ? reading.rows : n)), axis: axis! };
}

function isUniform(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], values[0])) return false;
  return true;
}

/** The shape of a constant that has a place for each row: they must all hold the same. */
function alongRows({ rows }: Reading, node: Node, { values }: Constant, dims: number[], axis: number): number[] {
  if (dims[axis] !== rows) unsupported(node, `its constant has ${dims[axis]} rows, whatever the input has`);
  const block = product(dims.slice(axis + 1));
  for (let i = 0; i < values.length; i++) {
    const first = i - (Math.floor(i / block) % rows) * block;
    if (!Object.is(values[i], values[first])) unsupported(node, 'its constant differs from row to row');
  }
  return dims.map((n, i) => (i === axis ? 1 : n));
}

/** The part of a constant's values that the first row has. */
function firstRows(
  values: ArrayLike<number>,
  size: number,
  { dims }: Constant,
  inner: readonly number[],
  axis: number,
): ArrayLike<number> {
  if (values.length === size) return values;
  const block = product(inner.slice(axis + 1));
  const rows = dims[axis - inner.length + dims.length]!;
  return Float64Array.from({ length: size }, (_, k) => values[Math.floor(k / block) * block * rows + (k % block)]!);
}

/** The numbers of a constant input. @throws ERR_UNSUPPORTED for rows, and for what is made from their number. */
export function numbersIn(node: Node, value: Value | undefined, what: string): Constant {
  if (value?.kind !== 'constant') return unsupported(node, `${what} is not constant`);
  if (value.counted) return unsupported(node, `${what} depends on the number of rows`);
  if (value.strings.length > 0) return unsupported(node, `${what} is text`);
  return value;
}

/** A vector of the given length (or of one number, repeated) among the inputs. */
export function vectorIn(node: Node, value: Value | undefined, what: string, length: number): ArrayLike<number> {
  const { values } = numbersIn(node, value, what);
  if (values.length === length) return values;
  return fail(
    'ERR_FORMAT',
    `The layers do not fit each other: ${describe(node)} has ${values.length} numbers in ${what} for ${length} columns.`,
  );
}
