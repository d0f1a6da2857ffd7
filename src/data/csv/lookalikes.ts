// Text that looks like something else: dates no day of which exists or that are written in several ways, times, numbers with signs or
// units around them or with two decimal marks. What a column is was decided elsewhere (typing.ts); this says what a reader of the file would have expected.

import { show } from '../../errors.js';
import { DATE_FORMATS } from '../dateFormats.js';
import { readDate, type DateFormat } from '../dates.js';
import { looksNumeric, readNumber } from '../numbers.js';

/** Two dashes, dots or slashes among digits, one part of which may be a year; a month by name; with a time or without. */
const DIGITS_OF_DATE = /^(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2}))(?:[T ,].*)?$/;
const NAME_OF_MONTH =
  /^(?:\d{1,2}(?:\.|st|nd|rd|th)?[ -/.]?\p{L}{3,9}\.?[ -/,.]+\d{2,4}|\p{L}{3,9}\.? \d{1,2},? \d{4})(?:[T ,].*)?$/u;
const TIME = /^\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?$/;
/** Digits with anything but letters around them, in any script; hexadecimal digits. */
const DRESSED = /^(?:0x[\da-f]+|[^\p{L}\p{Nd}]{0,3}\p{Nd}[\p{Nd}.,'’\s]*[^\p{L}\p{Nd}]{0,3})$/iu;
const ADDRESS = /^\d+\.\d+\.\d+(?:\.\d+)?$/; // of a computer, or a version

const looksLikeDate = (cell: string): boolean => DIGITS_OF_DATE.test(cell) || NAME_OF_MONTH.test(cell);

const isDate = (cell: string): boolean => DATE_FORMATS.some((format) => !Number.isNaN(readDate(cell, format)));

/** Why a cell that looks like a date is none among cells that are; undefined where it does not look like one. */
export function strayDate(cell: string): string | undefined {
  if (!looksLikeDate(cell)) return undefined;
  return isDate(cell) ? `${show(cell)} is written another way` : `${show(cell)} is no day, or no time, that there is`;
}

/** What half of the cells of a column of text look like and why they are not read so; undefined for text. */
export function lookalike(cells: readonly string[]): string | undefined {
  const half = (like: (cell: string) => boolean) => {
    const found = cells.filter(like);
    return 2 * found.length >= cells.length ? found : undefined;
  };
  if (cells.length === 0) return undefined;
  const dates = half(looksLikeDate);
  if (dates !== undefined) {
    const none = dates.find((cell) => !isDate(cell));
    if (none !== undefined)
      return NAME_OF_MONTH.test(none)
        ? `${show(none)} looks like a date, but is none that is read: the cells were kept as text. Months go by numbers or by their English names; write dates as 2024-05-17.`
        : `${show(none)} looks like a date, but there is no such day or time: the cells were kept as text. Correct it, or leave the cell empty.`;
    const [first] = dates;
    const reads = DATE_FORMATS.filter((format) => !Number.isNaN(readDate(first!, format)));
    const other = dates.find((cell) => reads.every((format) => Number.isNaN(readDate(cell, format))));
    const both = other === undefined ? show(first) : `${show(first)} and ${show(other)}`;
    return `cells are dates, but not all written one way (${both}): they were kept as text. Write them alike, as 2024-05-17.`;
  }
  const times = half((cell) => TIME.test(cell));
  if (times !== undefined)
    return `cells such as ${show(times[0])} look like times: they were kept as text. Write hours, or minutes, as numbers to use them as such.`;
  const numbers = half((cell) => (looksNumeric(cell) || DRESSED.test(cell)) && !ADDRESS.test(cell));
  if (numbers === undefined) return undefined;
  const marks = (decimal: '.' | ',') =>
    numbers.find((cell) => cell.includes(decimal) && !Number.isNaN(readNumber(cell, { decimal })));
  const [comma, point] = [marks(','), marks('.')];
  if (comma !== undefined && point !== undefined) return twoMarks(comma, point);
  return `cells such as ${show(numbers.find((cell) => Number.isNaN(readNumber(cell))) ?? numbers[0])} look like numbers with a sign or a unit, or written another way: they were kept as text. Write the numbers alone to use them as such.`;
}

export function twoMarks(comma: string, point: string): string {
  return `some cells have a decimal comma (${show(comma)}), others a decimal point (${show(point)}): they were kept as text. Write all of them with a point.`;
}

/** YYYYMMDD: what a column of whole numbers may be. */
export function compactDates(cells: readonly string[], format: DateFormat): boolean {
  return cells.length > 0 && cells.every((cell) => /^(?:19|20)\d{6}$/.test(cell) && !Number.isNaN(format.read(cell)));
}

/** A number by which files often say that there is none. */
export function stopgap(
  cells: readonly string[],
  decimal: '.' | ',',
): { readonly value: number; readonly least: number; readonly most: number } | undefined {
  const numbers = new Set(cells.map((cell) => readNumber(cell, { decimal })));
  for (const value of [-999, -9999, -99999, 9999, 99999, 999999]) {
    if (!numbers.has(value)) continue;
    const others = [...numbers].filter((other) => other !== value && !Number.isNaN(other)).sort((a, b) => a - b);
    const [least = 0, most = 0] = [others[0], others.at(-1)];
    // Far from all others, which are of one sign where it is negative.
    if (others.length > 1 && (value < 0 ? least >= 0 && most < -value : most < value / 10 && least > -value / 10))
      return { value, least, most };
  }
  return undefined;
}
