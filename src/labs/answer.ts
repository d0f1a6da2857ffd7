// A student's answer held against what was expected: its form first, then its numbers.

import type { Expected, Quantity } from './lab.js';

/** Beyond it a number is another one: relative for large numbers, absolute for small ones. */
const TOLERANCE = 1e-12;

/** A wrong form. */
export interface Malformed {
  readonly problem: string;
}

/** Numbers of an answer, with where they stand: "[0][2]". */
export interface Leaf {
  readonly at: string;
  readonly value: number;
}

export function isMalformed(read: Leaf[] | Malformed): read is Malformed {
  return 'problem' in read;
}

/** Whether two numbers are the same one: both NaN, both the same infinity, or within the tolerance. */
export function same(a: number, b: number): boolean {
  return Object.is(a, b) || a === b || (Number.isFinite(b) && Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b)));
}

/** Part of an answer. Undefined where there is none. */
export function partOf(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (part === null || part === undefined ? undefined : (part as Record<string, unknown>)[key]),
    value,
  );
}

/** "gradient[0].W" */
export function written(path: readonly (string | number)[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}

/** The numbers of `got`, which must have the form of `expected`; only what is expected is looked at. */
export function read(expected: Expected, got: unknown, name: string, at = ''): Leaf[] | Malformed {
  const place = `${name}${at}`;
  if (typeof expected === 'number') {
    if (typeof got === 'number') return [{ at, value: got }];
    return { problem: `${place} is ${kindOf(got)}, expected a number` };
  }
  if (typeof expected === 'string') {
    if (got === expected) return [];
    return { problem: `${place} is ${kindOf(got)}, expected "${expected}": it stays as it was` };
  }
  const leaves: Leaf[] = [];
  const parts: [Expected, unknown, string][] = [];
  if (isList(expected)) {
    const typed = Object.prototype.toString.call(got).match(/^\[object (\w+\d+)Array\]$/)?.[1];
    if (typed === 'Float32')
      return { problem: `${place} is a Float32Array, which keeps 7 digits of 16; use a plain list or a Float64Array` };
    const list = got as ArrayLike<unknown>;
    if (!Array.isArray(got) && typed === undefined)
      return { problem: `${place} is ${kindOf(got)}, expected a list of ${expected.length}` };
    if (list.length !== expected.length) {
      const turned =
        isList(expected[0]) &&
        list.length === expected[0].length &&
        (list[0] as ArrayLike<unknown> | undefined)?.length === expected.length;
      const way = turned ? ': rows and columns are the wrong way round' : '';
      return { problem: `${place} has length ${list.length}, expected ${expected.length}${way}` };
    }
    for (let i = 0; i < expected.length; i++) parts.push([expected[i]!, list[i], `${at}[${i}]`]);
  } else {
    if (typeof got !== 'object' || got === null)
      return { problem: `${place} is ${kindOf(got)}, expected an object { ${Object.keys(expected).join(', ')} }` };
    for (const [key, part] of Object.entries(expected)) parts.push([part, (got as Record<string, unknown>)[key], `${at}.${key}`]);
  }
  for (const [part, given, where] of parts) {
    const inner = read(part, given, name, where);
    if (isMalformed(inner)) return inner;
    for (const leaf of inner) leaves.push(leaf);
  }
  return leaves;
}

const isList = (value: unknown): value is readonly Expected[] => Array.isArray(value);

/** A value in words: "a list of 3", "the text "0.5"", "nothing (undefined)". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === 'number') return `the number ${figure(value)}`;
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an object without keys';
  return `an object { ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''} }`;
}

/** A number with as many digits as tell it from another. */
export function figure(value: number, beside?: number): string {
  const short = String(Number(value.toPrecision(6)));
  return beside !== undefined && short === String(Number(beside.toPrecision(6))) ? String(value) : short;
}

/** Whether an answer has these numbers there. */
export function agrees(quantity: Quantity, expected: Expected, answer: unknown, leaves: readonly Leaf[]): boolean {
  const other = read(partOf(expected, quantity.path) as Expected, partOf(answer, quantity.path), '');
  return !isMalformed(other) && other.length === leaves.length && other.every(({ value }, k) => same(leaves[k]!.value, value));
}
