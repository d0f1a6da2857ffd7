// One cell as a number, for a column whose type and spelling are known.

import type { CellSpelling, ColumnType } from './column.js';
import { dateReaderOf } from './dates.js';
import { readNumber, readPlain } from './numbers.js';

/** What the cells of a column should be, in words. */
export const EXPECTED: Readonly<Record<Exclude<ColumnType, 'categorical'>, string>> = {
  numeric: 'a number',
  boolean: 'true or false',
  date: 'a date such as 2024-05-17',
};

/** The cells that pandas takes for missing by default, and "?". */
export const MISSING: readonly string[] = [
  ...['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?', 'n/a', '<NA>', '#N/A', '#N/A N/A', '#NA'],
  ...['-NaN', '-nan', '1.#IND', '1.#QNAN', '-1.#IND', '-1.#QNAN'],
];

/** 1 for true, 0 for false, in any case; NaN for anything else. */
export function readBoolean(cell: string): number {
  if (cell.length === 4 && cell.toLowerCase() === 'true') return 1;
  if (cell.length === 5 && cell.toLowerCase() === 'false') return 0;
  return Number.NaN;
}

/** What a column that was declared boolean may also hold. */
const YES: Readonly<Record<string, number>> = { 1: 1, 0: 0, yes: 1, no: 0, y: 1, n: 0, t: 1, f: 0, true: 1, false: 0 };

function readDeclaredBoolean(cell: string): number {
  const word = cell.toLowerCase();
  return Object.hasOwn(YES, word) ? YES[word]! : Number.NaN;
}

/** What reads the cells of a column: NaN for those that are not of its type. */
export function readerOf(type: 'numeric' | 'boolean' | 'date', spelling: CellSpelling | undefined): (cell: string) => number {
  return type === 'date' ? dateReaderOf(spelling) : numberReaderOf(type, spelling);
}

/** What reads numbers, or words for true and false. */
export function numberReaderOf(type: 'numeric' | 'boolean', spelling: CellSpelling | undefined): (cell: string) => number {
  if (type === 'boolean') return readDeclaredBoolean;
  return spelling === undefined || (spelling.decimal !== ',' && spelling.group === undefined)
    ? readPoint
    : (cell) => readNumber(cell, spelling);
}

/** A number with a decimal point. */
function readPoint(cell: string): number {
  const value = readPlain(cell);
  return value === value ? value : readNumber(cell);
}
