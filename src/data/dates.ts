// Dates as cells spell them. A format is a line such as 'DD/MM/YYYY' or 'MMM D, YYYY'; a time may follow a date in every built-in format.
// Which format a column has, and so which number is the day, is decided by all of its cells (typing.ts).

import type { CellSpelling } from './column.js';
import { fail, show } from '../errors.js';

const FULL_MONTHS = 'january february march april may june july august september october november december'.split(' ');

/** Marks of a format, the longest first ('MMMM' before 'MM'): the part of a date that each stands for, and the cells it matches. */
const TOKENS = {
  YYYY: ['year', '(\\d{4})'],
  MMMM: ['name', '([A-Za-z]{3,9}\\.?)'],
  MMM: ['name', '([A-Za-z]{3,9}\\.?)'],
  SSS: ['fraction', '(\\d{1,9})'],
  YY: ['shortYear', '(\\d{2})'],
  MM: ['month', '(\\d{2})'],
  DD: ['day', '(\\d{2})'],
  HH: ['hour', '(\\d{2})'],
  hh: ['hour', '(\\d{2})'],
  mm: ['minute', '(\\d{2})'],
  ss: ['second', '(\\d{2})'],
  M: ['month', '(\\d{1,2})'],
  D: ['day', '(\\d{1,2})'],
  H: ['hour', '(\\d{1,2})'],
  h: ['hour', '(\\d{1,2})'],
  A: ['half', '([AaPp][Mm])'],
  Z: ['zone', '(Z|[+-]\\d{2}:?\\d{2})'],
} as const;

type Part = (typeof TOKENS)[keyof typeof TOKENS][0];

/** strftime's marks and what they are here. */
const PERCENT: Readonly<Record<string, string>> = {
  '%Y': 'YYYY',
  '%y': 'YY',
  '%m': 'MM',
  '%d': 'DD',
  '%b': 'MMM',
  '%B': 'MMMM',
  '%H': 'HH',
  '%I': 'hh',
  '%M': 'mm',
  '%S': 'ss',
  '%f': 'SSS',
  '%p': 'A',
  '%z': 'Z',
};

const TIME =
  '(?:(?:[T ]|, ?)(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?(?: ?([AaPp][Mm]))?(?: ?(Z|[+-]\\d{2}:?\\d{2}))?)?';
const PARTS_OF_TIME: readonly Part[] = ['hour', 'minute', 'second', 'fraction', 'half', 'zone'];

/** A way to write dates, and its reader: days since 1970-01-01 (UTC), NaN for what is not written so. */
export interface DateFormat {
  readonly name: string;
  /** Which of day and month comes first, where both are numbers that could change places. */
  readonly order: 'day' | 'month' | 'year' | undefined;
  read(cell: string): number;
}

const built = new Map<string, DateFormat>();

/**
 * The format of that name. Marks: YYYY, YY (1969 to 2068), MMMM or MMM (a month's English name), MM, M, DD, D, HH, H, hh, h, mm, ss, SSS (the
 * fraction of a second), A (AM or PM), Z; strftime's %Y-%m-%d will do too. All else stands for itself.
 * @throws ERR_OPTION for a format without year, or of a mark that stands twice.
 */
export function dateFormat(
  name: string,
  time = !/[Hhms]/.test(name.replace(/%[A-Za-z]/g, (mark) => PERCENT[mark] ?? '')),
): DateFormat {
  const known = built.get(`${name} ${time}`);
  if (known !== undefined) return known;
  if (name === 'ISO') return isoFormat;
  const plain = name.replace(/%[A-Za-z]/g, (mark) => PERCENT[mark] ?? refuseFormat(name, `${mark} is no mark of it`));
  const parts: Part[] = [];
  const seen = new Set<string>();
  const source = plain.replace(/YYYY|MMMM|MMM|SSS|YY|MM|DD|HH|hh|mm|ss|[MDHhAZ]|[\s\S]/g, (mark) => {
    if (!Object.hasOwn(TOKENS, mark)) return mark === ' ' ? ' +' : mark.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const [part, token] = TOKENS[mark as keyof typeof TOKENS];
    const meant = part === 'name' ? 'month' : part === 'shortYear' ? 'year' : part;
    if (seen.has(meant)) refuseFormat(name, `it has the ${meant} twice`);
    seen.add(meant);
    parts.push(part);
    return token;
  });
  if (!seen.has('year')) refuseFormat(name, 'it has no year (YYYY or YY)');
  const order = /^[^A-Za-z]*D/.test(plain) ? 'day' : /^[^A-Za-z]*M(?!MM)/.test(plain) ? 'month' : undefined;
  const read =
    numbersReader(plain, time) ?? reader(`^${source}${time ? TIME : ''}$`, time ? [...parts, ...PARTS_OF_TIME] : parts);
  const format: DateFormat = { name, order, read };
  built.set(`${name} ${time}`, format);
  return format;
}

function refuseFormat(name: string, why: string): never {
  return fail(
    'ERR_OPTION',
    `dateFormat: ${show(name)} is no format: ${why}. A format is a line such as 'DD/MM/YYYY' or 'MMM D, YYYY'.`,
  );
}

/** Reads cells of one form, whose groups are the parts. Groups go by number: an object of named ones, cell by cell, takes longer than all else. */
function reader(source: string, parts: readonly Part[]): (cell: string) => number {
  const form = new RegExp(source);
  const place = (part: Part) => parts.indexOf(part) + 1;
  const [year, shortYear, month, name, day] = (['year', 'shortYear', 'month', 'name', 'day'] as const).map(place) as Five;
  const [hour, minute, second, fraction, half, zone] = PARTS_OF_TIME.map(place) as Six;
  return (cell) => {
    const match = form.exec(cell);
    if (match === null) return Number.NaN;
    const short = shortYear === 0 ? 0 : Number(match[shortYear]);
    const midnight = dayNumber(
      year === 0 ? short + (short < 69 ? 2000 : 1900) : Number(match[year]),
      name === 0 ? (month === 0 ? 1 : Number(match[month])) : monthOf(match[name]!),
      day === 0 ? 1 : Number(match[day]),
    );
    // No group is 0, where the whole cell stands.
    if (hour + minute + second + fraction + half + zone === 0 || midnight !== midnight) return midnight;
    const at = (group: number) => (group === 0 ? undefined : match[group]);
    return midnight + timeOf(at(hour), at(minute), at(second), at(fraction), at(half), at(zone));
  };
}

/** Years, months and days as three numbers, with one of the marks between them: most files. Digit by digit, several times as fast as a RegExp. */
function numbersReader(plain: string, time: boolean, marks?: string): ((cell: string) => number) | undefined {
  const form = /^(YYYY|YY|MM|M|DD|D)([-/.])(MM|M|DD|D)\2(YYYY|YY|MM|M|DD|D)$/.exec(plain);
  if (form === null) return undefined;
  const between = marks ?? form[2]!;
  const tokens = [form[1]!, form[3]!, form[4]!];
  const widths = tokens.map((token) => token.length);
  const [yearAt, monthAt, dayAt] = ['Y', 'M', 'D'].map((letter) => tokens.findIndex((token) => token[0] === letter)) as Three;
  if (yearAt < 0 || monthAt < 0 || dayAt < 0) return undefined;
  const short = widths[yearAt] === 2;
  const numbers = [0, 0, 0];
  return (cell) => {
    let at = 0;
    for (let part = 0; part < 3; part++) {
      if (part > 0 && (at === cell.length || !between.includes(cell[at++]!))) return Number.NaN;
      const from = at;
      let number = 0;
      for (let code = cell.charCodeAt(at); code >= 48 && code <= 57; code = cell.charCodeAt(++at))
        number = 10 * number + code - 48;
      const width = widths[part]!;
      // A lone M or D may have two digits.
      if (at - from !== width && !(width === 1 && at - from === 2)) return Number.NaN;
      numbers[part] = number;
    }
    const year = numbers[yearAt]!;
    const midnight = dayNumber(short ? year + (year < 69 ? 2000 : 1900) : year, numbers[monthAt]!, numbers[dayAt]!);
    if (at === cell.length || midnight !== midnight) return midnight;
    return time ? midnight + readTime(cell, at) : Number.NaN;
  };
}

const WHOLE_TIME = new RegExp(`^${TIME}$`);

/** What follows a date from there on: a time of day as a part of it. */
function readTime(cell: string, from: number): number {
  const mark = cell.charCodeAt(from);
  const length = cell.length - from;
  // " 09:30" and "T09:30:15", the most by far, without a RegExp.
  if ((mark === 32 || mark === 84) && (length === 6 || length === 9)) {
    const hours = twoDigits(cell, from + 1);
    const minutes = twoDigits(cell, from + 4);
    const seconds = length === 6 ? 0 : twoDigits(cell, from + 7);
    const colons = cell[from + 3] === ':' && (length === 6 || cell[from + 6] === ':');
    if (colons && hours < 24 && minutes < 60 && seconds < 60) return (60 * hours + minutes) / 1440 + seconds / 86_400;
  }
  const match = WHOLE_TIME.exec(cell.slice(from));
  return match === null ? Number.NaN : timeOf(match[1], match[2], match[3], match[4], match[5], match[6]);
}

/** The two digits there as a number; NaN for anything else. */
function twoDigits(cell: string, at: number): number {
  const tens = cell.charCodeAt(at) - 48;
  const ones = cell.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
}

type Three = [number, number, number];
type Five = [number, number, number, number, number];
type Six = [number, number, number, number, number, number];

/** Days since 1970-01-01 of a day in the Gregorian calendar, months from 1; NaN for one that does not exist (30 February). */
function dayNumber(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return Number.NaN;
  // Years that begin in March: the leap day is the last, and months' lengths follow a line. See: Richards, "Calendars", in Urban and Seidelmann,
  // "Explanatory Supplement to the Astronomical Almanac" (2012).
  const from = month > 2 ? year : year - 1;
  const march = month > 2 ? month - 3 : month + 9;
  const leaps = Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400);
  return 365 * from + leaps + Math.floor((153 * march + 2) / 5) + day - 719_469;
}

const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A time of day as a part of it, less the offset of its zone; NaN for one that does not exist (24:00). */
function timeOf(
  hour = '0',
  minute = '0',
  second = '0',
  fraction = '0',
  half: string | undefined,
  zone: string | undefined,
): number {
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return Number.NaN;
    hours = (hours % 12) + (half[0] === 'p' || half[0] === 'P' ? 12 : 0);
  }
  if (hours > 23 || Number(minute) > 59 || Number(second) > 59) return Number.NaN;
  const offset =
    zone === undefined || zone === 'Z'
      ? 0
      : (zone[0] === '-' ? -1 : 1) * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(-2)));
  return (60 * hours + Number(minute) - offset) / 1440 + Number(`${second}.${fraction}`) / 86_400;
}

/** 1 to 12 by a month's English name or its first three letters; 0 for any other word. */
function monthOf(name: string): number {
  const word = name.toLowerCase().replace('.', '');
  if (word === 'sept') return 9;
  return FULL_MONTHS.findIndex((month) => month === word || month.slice(0, 3) === word) + 1;
}

const readIso = numbersReader('YYYY-MM-DD', true, '-/')!;

/** 2024-05-17 or 2024/05/17, with a time or without. */
export const isoFormat: DateFormat = {
  name: 'ISO',
  order: undefined,
  read: (cell) => (cell.length < 10 ? Number.NaN : readIso(cell)),
};

const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +/i;

/** A cell without the name of a weekday in front. */
function withoutWeekday(cell: string): string {
  return cell.charCodeAt(0) > 64 ? cell.replace(WEEKDAY, '') : cell;
}

/** Days since 1970-01-01 of a cell that is written so. NaN for any other. */
export function readDate(cell: string, format: DateFormat = isoFormat): number {
  return format.read(withoutWeekday(cell));
}

/** What reads dates, as days since 1970-01-01. */
export function dateReaderOf(spelling: CellSpelling | undefined): (cell: string) => number {
  const format = dateFormat(spelling?.dateFormat ?? 'ISO');
  return (cell) => readDate(cell, format);
}
