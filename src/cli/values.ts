// The values of options: words of the command line to what they mean, refused by commander with the option's name.

import { InvalidArgumentError } from 'commander';
import { COLUMN_TYPES, type ColumnType } from '../data/column.js';

export const list = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`Expected a number, got "${text}".`);
  return value;
}

export function whole(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError(`Expected a whole number, got "${text}".`);
  return value;
}

export function folds(text: string): number {
  const value = whole(text);
  if (value < 2) throw new InvalidArgumentError(`Expected at least 2 folds, got ${value}.`);
  return value;
}

export function categories(text: string): number {
  const value = whole(text);
  if (value < 1 || value > 1000) throw new InvalidArgumentError(`Expected 1 to 1000 categories, got ${value}.`);
  return value;
}

export const wholes = (text: string) => list(text).map(whole);

export function types(text: string, before: Record<string, ColumnType> = {}): Record<string, ColumnType> {
  for (const pair of list(text)) {
    const at = pair.lastIndexOf('=');
    const type = pair.slice(at + 1) as ColumnType;
    if (at < 1 || !COLUMN_TYPES.includes(type))
      throw new InvalidArgumentError(`Expected column=type with a type of ${COLUMN_TYPES.join(', ')}, got "${pair}".`);
    before = { ...before, [pair.slice(0, at)]: type };
  }
  return before;
}

/** "age:1,price:-1" as { age: 1, price: -1 }. Given again, it is added. */
export function shapes(text: string, before: Record<string, 1 | -1> = {}): Record<string, 1 | -1> {
  for (const pair of list(text)) {
    const [, name, direction] = /^(.+)[:=]\+?(-?1)$/.exec(pair) ?? [];
    if (name === undefined) throw new InvalidArgumentError(`Expected column:1 or column:-1, got "${pair}".`);
    before = { ...before, [name.trim()]: Number(direction) as 1 | -1 };
  }
  return before;
}

export function delimiter(text: string): string {
  return text === '\\t' || text === 'tab' ? '\t' : text;
}

/** One value for all columns, or a value for each named column: "DD.MM.YYYY", "when=DD.MM.YYYY". Given again, it is added. */
export function perColumn(text: string, before?: string | Record<string, string>): string | Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) return text;
  return { ...(typeof before === 'object' ? before : {}), [text.slice(0, at)]: text.slice(at + 1) };
}
