// The first rows of a CSV text: lines of comment or title in front, the names of the columns, and commas too many at the ends of lines.

import { fail, show } from '../../errors.js';
import { cleanName, unknownColumn } from '../names.js';
import type { Dialect } from './dialect.js';
import { otherKind, readPlain } from '../numbers.js';
import type { Records } from './records.js';

/** What the first rows say of the others. */
export interface Header {
  readonly names: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly header: boolean;
  /** Whether lines may end with one empty cell too many. */
  readonly trailing: boolean;
  readonly notes: readonly string[];
}

/**
 * Takes title and names off the first rows.
 * @throws ERR_FORMAT for a first line that looks like data, and for two columns of one name.
 */
export function readHeader({ rows, lines }: Records, dialect: Dialect, delimiter: string): { head: Header; first: Records } {
  const { source, options } = dialect;
  const notes: string[] = [];
  const start = options.header === false ? 0 : titleLines(rows, lines, source, notes);
  if (start > 0) {
    rows = rows.slice(start);
    lines = lines.slice(start);
  }
  let first = rows[0]!;
  if (options.header === undefined && rows.length > 1 && looksLikeData(first, rows.slice(1), dialect)) {
    const problem = `${source} line ${lines[0]} looks like data, not like names (${listNames(first)}).`;
    fail('ERR_FORMAT', `${problem} Pass header: false when the file has no header, header: true when these are names.`, {
      line: lines[0],
      problem,
      fix: [{ header: false }, { header: true }],
    });
  }
  const header = options.header ?? true;
  if (header && first[0]!.startsWith('#') && first[0] !== '#') first = [first[0]!.slice(1).trim(), ...first.slice(1)];
  const body = header ? rows.slice(1) : rows;
  const trailing = endsWithCommas(first, body, header);
  if (trailing !== undefined) {
    first = first.slice(0, trailing);
    notes.push(`${source}: lines end with ${show(delimiter)} after the last column; the empty cells behind it were left out.`);
  }
  const names = first.map((cell, j) => (header && cell !== '' ? cleanName(cell) : `column ${j + 1}`));
  const places = new Map<string, number>();
  names.forEach((name, j) => {
    const before = places.get(name);
    if (before !== undefined)
      fail(
        'ERR_FORMAT',
        `${source} line ${lines[0]}: columns ${before + 1} and ${j + 1} are both called ${show(name)}. Rename one.`,
      );
    places.set(name, j);
  });
  for (const [name] of dialect.named) if (!places.has(name)) unknownColumn(name, names, source);
  const head = { names, places, header, trailing: trailing !== undefined, notes };
  return { head, first: header ? { rows: body, lines: lines.slice(1) } : { rows, lines } };
}

/** How many lines in front are comments or titles. */
function titleLines(rows: readonly (readonly string[])[], lines: readonly number[], source: string, notes: string[]): number {
  const width = commonWidth(rows);
  let start = 0;
  while (start + 2 < rows.length && width > 1) {
    const row = rows[start]!;
    const next = rows[start + 1]!;
    const filled = row.filter((cell) => cell !== '').length;
    const comment = row[0]!.startsWith('#') && (row.length !== width || isNamesOver(next, rows[start + 2]!));
    const title = filled <= 1 && (row.length < width || (width > 2 && row[0] !== '' && next.every((cell) => cell !== '')));
    if (!comment && !title) break;
    start++;
  }
  if (start > 0)
    notes.push(
      `${source}: ${start === 1 ? `line ${lines[0]} was` : `lines ${lines[0]} to ${lines[start - 1]} were`} taken as a title or comment and left out (${show(rows[0]!.join(' ').trim())}).`,
    );
  return start;
}

/** Whether a row of text stands over one with numbers. */
function isNamesOver(names: readonly string[], data: readonly string[]): boolean {
  return names.length === data.length && !names.some(isNumber) && data.some(isNumber);
}

function commonWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  let best = 0;
  for (const [width, count] of counts) if (count > (counts.get(best) ?? 0)) best = width;
  return best;
}

/** Where lines end with a delimiter too many, the columns there are; undefined where they do not. */
function endsWithCommas(first: readonly string[], body: readonly (readonly string[])[], header: boolean): number | undefined {
  const { length } = first;
  if (!header || body.length === 0 || length < 1) return undefined;
  const nameless = length > 1 && first[length - 1] === '';
  if (nameless && body.every((row) => row.length === length - 1 || (row.length === length && row[length - 1] === '')))
    return length - 1;
  if (body.every((row) => row.length === length + 1 && row[length] === '')) return length;
  return undefined;
}

/** Numbers in the same places as below, or text that comes again below in its own column. */
function looksLikeData(first: readonly string[], others: readonly (readonly string[])[], dialect: Dialect): boolean {
  const second = others[0]!;
  if (first.length !== second.length) return false;
  if (first.some(isNumber))
    return first.every((cell, j) => {
      const below = second[j]!;
      return isNumber(cell) === isNumber(below) || dialect.isMissing(cell) || dialect.isMissing(below);
    });
  if (others.length < 4) return false;
  const again = first.filter((cell, j) => cell !== '' && others.some((row) => row[j] === cell)).length;
  return again > 0 && 2 * again >= first.length;
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(readPlain(cell)) || otherKind(cell) !== undefined;
}

export function listNames(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
}
