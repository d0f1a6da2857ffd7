// Checks of option objects: names against a list, values against ranges. Every message names the option as the user
// wrote it, what was expected and what came.

import { fail, nearest, show } from './errors.js';

/** A plain object with none but the allowed keys. @throws ERR_OPTION naming the nearest key for a typo. */
export function checkKeys(options: unknown, allowed: readonly string[], name: string): Record<string, unknown> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    fail('ERR_OPTION', `${name}: expected an object of options, got ${show(options)}.`);
  for (const key of Object.keys(options)) if (!allowed.includes(key)) unknownName(key, allowed, name, 'option');
  return options as Record<string, unknown>;
}

/** @throws ERR_OPTION: an unknown name, the nearest known one, and the list. */
export function unknownName(value: unknown, known: readonly string[], name: string, kind = 'value'): never {
  const near = typeof value === 'string' ? nearest(value, known) : undefined;
  const hint = near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`;
  return fail('ERR_OPTION', `${name}: unknown ${kind} ${show(value)}.${hint} Expected one of: ${known.join(', ')}.`);
}

export interface Range {
  min?: number;
  max?: number;
  /** Whether the ends themselves are allowed (default true). */
  minExclusive?: boolean;
  maxExclusive?: boolean;
  integer?: boolean;
}

/** What float32 holds: beyond it numbers become infinite in the core. */
export const float32 = { min: -3.4e38, max: 3.4e38 } as const satisfies Range;

/** Numbers that are added or multiplied to keep from dividing by zero: below this float32 rounds them to nearly nothing. */
export const tiny = 1e-38;

/** A finite number in a range. @throws ERR_OPTION naming the range. */
export function checkNumber(value: unknown, name: string, range: Range = {}): number {
  const { min = -Infinity, max = Infinity, minExclusive = false, maxExclusive = false, integer = false } = range;
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!integer || Number.isInteger(value)) &&
    (minExclusive ? value > min : value >= min) &&
    (maxExclusive ? value < max : value <= max);
  if (!fits) fail('ERR_OPTION', `${name}: expected ${describeRange(range)}, got ${show(value)}.`);
  return value as number;
}

function describeRange({ min, max, minExclusive, maxExclusive, integer }: Range): string {
  const kind = integer ? 'a whole number' : 'a number';
  if (min !== undefined && max !== undefined)
    return `${kind} in ${minExclusive ? '(' : '['}${min}, ${max}${maxExclusive ? ')' : ']'}`;
  if (min !== undefined) return `${kind} ${minExclusive ? '>' : '>='} ${min}`;
  if (max !== undefined) return `${kind} ${maxExclusive ? '<' : '<='} ${max}`;
  return `a finite ${kind.slice(2)}`;
}

/** true or false. @throws ERR_OPTION otherwise. */
export function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') fail('ERR_OPTION', `${name}: expected true or false, got ${show(value)}.`);
  return value;
}

/** One of a list of strings. @throws ERR_OPTION with the nearest. */
export function checkChoice<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  if (typeof value !== 'string' || !choices.includes(value as T)) unknownName(value, choices, name);
  return value as T;
}

/** Whether `key` is an own member of a table: names such as "toString" or "__proto__" never are. */
export function has<T extends object>(table: T, key: unknown): key is keyof T & string {
  return typeof key === 'string' && Object.hasOwn(table, key);
}
