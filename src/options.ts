// Options described once: a table of rows gives the names that are allowed, the check of each, its default and, through the compiler,
// its type. Every message names the option as the user wrote it, what was expected and what came.
//
//     const rows = { epochs: whole({ min: 1, default: 1 }), shuffle: flag(true) } satisfies Schema<FitOptions>;
//     const { epochs, shuffle } = readOptions(rows, given, 'fit');

import { fail, nearest, show } from './errors.js';

/** One option: what was given (undefined where nothing was), checked, or its default. `name` is what messages call it. */
export type Option<T> = (value: unknown, name: string) => T;

/** One row for each member of the interface that users see: the compiler refuses a row too many, too few, or of another type. */
export type Schema<Interface> = { readonly [K in keyof Required<Interface>]: Option<Interface[K] | undefined> };

/** OptionRows by the name of the option. */
export type OptionRows = Readonly<Record<string, Option<unknown>>>;

/** What is read by rows: every option, defaults filled in. */
export type Read<R extends OptionRows> = { readonly [K in keyof R]: ReturnType<R[K]> };

/** What may be given for rows: every option or none. */
export type Given<R extends OptionRows> = { readonly [K in keyof R]?: ReturnType<R[K]> };

/**
 * Checks an object of options against its rows. `who` is whose options they are; messages call each by its name behind `prefix`.
 * @throws ERR_OPTION for anything but a plain object, a name there is not (with the nearest there is), or a value out of range.
 */
export function readOptions<R extends OptionRows>(rows: R, given: unknown, who: string, prefix = ''): Read<R> {
  const names = Object.keys(rows);
  const values = checkKeys(given, names, who);
  return Object.fromEntries(names.map((name) => [name, rows[name]!(values[name], prefix + name)])) as Read<R>;
}

/** The options that were given: those that are undefined are left out. */
export function present<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

type WithDefault = Range & { readonly default: number };

/** A finite number in a range. Without a default it may be left out. */
export function number(range: WithDefault): Option<number>;
export function number(range?: Range): Option<number | undefined>;
/* @__NO_SIDE_EFFECTS__ */
export function number(range: Partial<WithDefault> = {}): Option<number | undefined> {
  return option((value, name) => checkNumber(value, name, range), range.default);
}

/** A whole number in a range. Without a default it may be left out. */
export function whole(range: WithDefault): Option<number>;
export function whole(range?: Range): Option<number | undefined>;
/* @__NO_SIDE_EFFECTS__ */
export function whole(range: Partial<WithDefault> = {}): Option<number | undefined> {
  return number({ ...range, integer: true });
}

/** true or false. */
export function flag(preset: boolean): Option<boolean>;
export function flag(): Option<boolean | undefined>;
/* @__NO_SIDE_EFFECTS__ */
export function flag(preset?: boolean): Option<boolean | undefined> {
  return option(checkBoolean, preset);
}

/** One of some words. */
export function choice<const T extends string>(choices: readonly T[], preset: NoInfer<T>): Option<T>;
export function choice<const T extends string>(choices: readonly T[]): Option<T | undefined>;
/* @__NO_SIDE_EFFECTS__ */
export function choice<const T extends string>(choices: readonly T[], preset?: T): Option<T | undefined> {
  return option((value, name) => checkChoice(value, choices, name), preset);
}

/** Text. Without a default it may be left out. */
export function text(preset: string): Option<string>;
export function text(): Option<string | undefined>;
/* @__NO_SIDE_EFFECTS__ */
export function text(preset?: string): Option<string | undefined> {
  return option(checkText, preset);
}

/** Whatever was given, after a check of it; without one, for what only the place that uses it can check. */
/* @__NO_SIDE_EFFECTS__ */
export function given<T>(check?: (value: unknown, name: string) => unknown): Option<T | undefined> {
  return (value, name) => {
    if (value !== undefined) check?.(value, name);
    return value as T | undefined;
  };
}

/** A function, or nothing. */
/* @__NO_SIDE_EFFECTS__ */
export function handler<F>(): Option<F | undefined> {
  return given<F>(checkFunction);
}

/** Options within an option, with rows of their own. Nothing stays nothing. */
/* @__NO_SIDE_EFFECTS__ */
export function group<R extends OptionRows>(rows: R): Option<Read<R> | undefined> {
  return (value, name) => (value === undefined ? undefined : readOptions(rows, value, name, `${name}.`));
}

/** A list, each member read by its row. `example` is what messages show. */
/* @__NO_SIDE_EFFECTS__ */
export function list<T>(member: Option<T | undefined>, example: string): Option<readonly T[] | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return fail('ERR_OPTION', `${name}: expected a list such as ${example}, got ${show(value)}.`);
    return value.map((item, i) => member(item ?? null, `${name}[${i}]`) as T); // what is not there is not left out
  };
}

/** A check for what was given, and what holds where nothing was; null is nothing where there is a default. */
/* @__NO_SIDE_EFFECTS__ */
function option<T>(check: (value: unknown, name: string) => T, preset: T | undefined): Option<T | undefined> {
  return (value, name) => (value === undefined || (value === null && preset !== undefined) ? preset : check(value, name));
}

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

function checkText(value: unknown, name: string): string {
  if (typeof value !== 'string') fail('ERR_OPTION', `${name}: expected text, got ${show(value)}.`);
  return value;
}

/** @throws ERR_OPTION for what is no function. */
export function checkFunction(value: unknown, name: string, what = 'a function'): void {
  if (typeof value !== 'function') fail('ERR_OPTION', `${name}: expected ${what}, got ${show(value)}.`);
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
