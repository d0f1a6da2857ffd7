// Dates as cells spell them. A format is a line such as 'DD/MM/YYYY' or 'MMM D, YYYY'; a time may follow a date in every built-in format.
// Which format a column has, and so which number is the day, is decided by all of its cells (typing.ts).

import { fail, show } from '../errors.js';
import { MILLISECONDS_PER_DAY } from './column.js';

const FULL_MONTHS = 'january february march april may june july august september october november december'.split(' ');

/** Longest first: 'MMMM' before 'MM'. */
const TOKENS = {
  YYYY: '(?<year>\\d{4})',
  MMMM: '(?<name>[A-Za-z]{3,9}\\.?)',
  MMM: '(?<name>[A-Za-z]{3,9}\\.?)',
  SSS: '(?<fraction>\\d{1,9})',
  YY: '(?<shortYear>\\d{2})',
  MM: '(?<month>\\d{2})',
  DD: '(?<day>\\d{2})',
  HH: '(?<hour>\\d{2})',
  hh: '(?<hour>\\d{2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  M: '(?<month>\\d{1,2})',
  D: '(?<day>\\d{1,2})',
  H: '(?<hour>\\d{1,2})',
  h: '(?<hour>\\d{1,2})',
  A: '(?<half>[AaPp][Mm])',
  Z: '(?<zone>Z|[+-]\\d{2}:?\\d{2})',
} as const;

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
  '(?:(?:[T ]|, ?)(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:[.,](?<fraction>\\d{1,9}))?)?(?: ?(?<half>[AaPp][Mm]))?(?: ?(?<zone>Z|[+-]\\d{2}:?\\d{2}))?)?';

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
export function dateFormat(name: string, time = !/[Hhms]|%[HIMS]/.test(name)): DateFormat {
  const known = built.get(`${name} ${time}`);
  if (known !== undefined) return known;
  if (name === 'ISO') return isoFormat;
  const plain = name.replace(/%[A-Za-z]/g, (mark) => PERCENT[mark] ?? refuseFormat(name, `${mark} is no mark of it`));
  const seen = new Set<string>();
  const source = plain.replace(/YYYY|MMMM|MMM|SSS|YY|MM|DD|HH|hh|mm|ss|[MDHhAZ]|[\s\S]/g, (mark) => {
    if (!Object.hasOwn(TOKENS, mark)) return mark === ' ' ? ' +' : mark.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const token = TOKENS[mark as keyof typeof TOKENS];
    const group = /<(\w+)>/.exec(token)![1]!;
    const part = group === 'name' ? 'month' : group === 'shortYear' ? 'year' : group;
    if (seen.has(part)) refuseFormat(name, `it has the ${part} twice`);
    seen.add(part);
    return token;
  });
  if (!seen.has('year')) refuseFormat(name, 'it has no year (YYYY or YY)');
  const form = new RegExp(`^${source}${time ? TIME : ''}$`);
  const order = /^[^A-Za-z]*D/.test(plain) ? 'day' : /^[^A-Za-z]*M(?!MM)/.test(plain) ? 'month' : undefined;
  const format: DateFormat = {
    name,
    order,
    read: (cell) => {
      const match = form.exec(cell);
      return match === null ? Number.NaN : daysOf(match.groups as Record<string, string | undefined>);
    },
  };
  built.set(`${name} ${time}`, format);
  return format;
}

function refuseFormat(name: string, why: string): never {
  return fail(
    'ERR_OPTION',
    `dateFormat: ${show(name)} is no format: ${why}. A format is a line such as 'DD/MM/YYYY' or 'MMM D, YYYY'.`,
  );
}

/** Days since 1970-01-01 UTC, NaN for a day or a time that does not exist (30 February). */
function daysOf(parts: Readonly<Record<string, string | undefined>>): number {
  const {
    year,
    shortYear,
    month: digits,
    name,
    day = '1',
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '0',
    half,
    zone,
  } = parts;
  const month = name === undefined ? Number(digits ?? 1) - 1 : monthOf(name);
  const short = Number(shortYear ?? 0);
  const full = year === undefined ? short + (short < 69 ? 2000 : 1900) : Number(year);
  const midnight = new Date(0);
  midnight.setUTCFullYear(full, month, Number(day));
  if (!(midnight.getUTCMonth() === month) || midnight.getUTCDate() !== Number(day)) return Number.NaN;
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
  const seconds = Number(`${second}.${fraction}`);
  return midnight.getTime() / MILLISECONDS_PER_DAY + (60 * hours + Number(minute) - offset) / 1440 + seconds / 86_400;
}

function monthOf(name: string): number {
  const word = name.toLowerCase().replace('.', '');
  if (word === 'sept') return 8;
  return FULL_MONTHS.findIndex((month) => month === word || month.slice(0, 3) === word);
}

const ISO = new RegExp(`^(?<year>\\d{4})[-/](?<month>\\d{2})[-/](?<day>\\d{2})${TIME}$`);

/** 2024-05-17 or 2024/05/17, with a time or without. */
export const isoFormat: DateFormat = {
  name: 'ISO',
  order: undefined,
  read: (cell) => {
    if (cell.length < 10) return Number.NaN;
    const match = ISO.exec(cell);
    return match === null ? Number.NaN : daysOf(match.groups as Record<string, string | undefined>);
  },
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
