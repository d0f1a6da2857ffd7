// Numbers, shares and cells as a page shows them.

import type { Cell, ColumnType } from '../../data/column.js';
import { dateText, MILLISECONDS_PER_DAY } from '../../data/column.js';
import { formatFigure } from '../../training/history.js';

const MINUTES_PER_DAY = 1440;

/** Four significant digits with a proper minus; "undefined" for what is no number. */
export function figure(value: number | undefined): string {
  if (value === undefined) return '–';
  if (Number.isNaN(value)) return 'undefined';
  const text = formatFigure(value);
  const [whole, part] = text.split('.') as [string, string?];
  // Separators from five digits on; powers of ten have their own form.
  const grouped = /^-?\d{5,}$/.test(whole) ? Number(whole).toLocaleString('en-US') : whole;
  return signed(part === undefined ? grouped : `${grouped}.${part}`);
}

/** Three significant digits: for labels in pictures. */
export function label(value: number): string {
  return figure(Number(value.toPrecision(3)));
}

/** A figure and its standard error, both to the error's second digit; the figure alone where there is no error. */
export function withError(value: number, error: number | undefined): string {
  if (error === undefined || !Number.isFinite(error) || !Number.isFinite(value)) return figure(value);
  if (error === 0) return `${figure(value)} \u00b1 0`;
  const digits = 1 - Math.floor(Math.log10(Number(error.toPrecision(2))));
  if (digits > 12 || digits < -12) return `${figure(value)} \u00b1 ${rough(error)}`;
  const text = (x: number) =>
    digits > 0 ? x.toFixed(digits) : (Math.round(x / 10 ** -digits) * 10 ** -digits).toLocaleString('en-US');
  return signed(`${text(value)} \u00b1 ${text(error)}`);
}

/** With its sign in front, 0 without. */
export function change(value: number): string {
  return value > 0 ? `+${label(value)}` : label(value);
}

/** Two significant digits: of what is not known better. */
export function rough(value: number): string {
  return Number.isFinite(value) ? signed(formatFigure(Number(value.toPrecision(2)))) : 'undefined';
}

/** A share of 1 in percent. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return 'undefined';
  return `${(100 * share).toFixed(share > 0.0995 && share < 0.9005 ? 0 : 1)} %`;
}

/** A count with separators. */
export const whole = (n: number): string => n.toLocaleString('en-US');

/** "1 row", "1,460 rows", "3 classes". */
export function counted(n: number, what: string, several = `${what}s`): string {
  return `${whole(n)} ${n === 1 ? what : several}`;
}

/** A name that is not longer than `most` characters. */
export function short(name: string, most = 24): string {
  const letters = [...name];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : name;
}

/** "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** A cell of a column of some type. */
export function cellText(cell: Cell, type: ColumnType | 'group'): string {
  if (cell === null) return 'missing';
  if (typeof cell !== 'number') return short(String(cell), 32);
  return type === 'date' ? dayText(cell) : figure(cell);
}

/** Days since 1970-01-01 as a date, with hours and minutes where there are any. */
export const dayText = (days: number): string => dateText(Math.round(days * MINUTES_PER_DAY) / MINUTES_PER_DAY);

/** Numbers as the axis of a picture takes them: days as dates. */
export const onAxis = (values: readonly number[], isDate: boolean): readonly (number | Date)[] =>
  isDate ? values.map((days) => new Date(days * MILLISECONDS_PER_DAY)) : values;

function signed(text: string): string {
  return text.replace('-', '\u2212');
}

/** A figure's name as a page writes it. */
export function figureName(name: string): string {
  return name.replace('R^2', 'R\u00b2').replace(' (less is better)', '');
}
