// Text in pieces of any size to rows of cells. Finds where records end (a line end outside of quotes), so that papaparse, imported here
// and in format.ts, gets whole records: every character is looked at a bounded number of times, however the text is cut.

import Papa from 'papaparse';
import { fail } from '../../errors.js';
import type { Dialect } from './dialect.js';

/** Rows of cells, each with the line it begins on. */
export interface Records {
  readonly rows: string[][];
  readonly lines: number[];
}

const GUESS_LENGTH = 65_536; // characters looked at to find the delimiter
const LONGEST_ROW = 4_194_304; // characters

/** Cuts text after its last whole record. */
class RecordCutter {
  private readonly pending: string[] = [];
  private length = 0;
  private quoted = false;
  private atCellStart = true;
  private held = ''; // what cannot be judged before the next piece: spaces at the start of a cell, a quote that may be doubled

  constructor(
    private readonly delimiter: string,
    private readonly quote: string,
    private readonly newline: string,
  ) {}

  /** Characters of the record that is not whole yet. */
  get open(): number {
    return this.length;
  }
  /** Whether that record ends inside a quoted cell. */
  get inQuotes(): boolean {
    return this.quoted;
  }

  /** The whole records that this piece completes; '' for none. */
  push(piece: string): string {
    const text = this.held + piece;
    this.held = '';
    const end = this.scan(text);
    const usable = text.slice(0, text.length - this.held.length);
    if (end < 0) {
      this.keep(usable);
      return '';
    }
    const block = this.pending.join('') + usable.slice(0, end);
    this.pending.length = 0;
    this.length = 0;
    this.keep(usable.slice(end + 1));
    return block + this.newline;
  }

  /** What is left at the end. */
  finish(): string {
    if (this.held === this.quote && this.quoted) this.quoted = false;
    const rest = this.pending.join('') + this.held;
    this.pending.length = 0;
    return rest;
  }

  private keep(text: string): void {
    if (text === '') return;
    this.pending.push(text);
    this.length += text.length;
  }

  /** Where the last record of the text ends, -1 for nowhere. */
  private scan(text: string): number {
    const { quote, newline } = this;
    let last = -1;
    let from = 0;
    for (;;) {
      if (this.quoted) {
        const close = this.closing(text, from);
        if (close < 0) return last;
        this.quoted = false;
        this.atCellStart = false;
        from = close + 1;
      }
      const open = this.opening(text, from, quote);
      const until = open < 0 ? text.length : open;
      const at = text.slice(from, until).lastIndexOf(newline); // of the slice alone: looking further back would be quadratic
      if (at >= 0) last = from + at;
      if (open < 0) {
        this.noteEnd(text, from);
        return last;
      }
      this.quoted = true;
      from = open + 1;
    }
  }

  /** The quote that ends a quoted cell: not one of a pair. */
  private closing(text: string, from: number): number {
    const { quote } = this;
    for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2)) {
      if (at + 1 === text.length) {
        this.held = quote; // the next piece tells
        return -1;
      }
      if (text[at + 1] !== quote) return at;
    }
    return -1;
  }

  /** The next quote at the beginning of a cell, spaces in front of it or not. */
  private opening(text: string, from: number, quote: string): number {
    for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
      let before = at - 1;
      while (before >= from && isSpace(text, before) && text[before] !== this.delimiter) before--;
      if (before < from ? this.atCellStart : this.startsCell(text, before)) return at;
    }
    return -1;
  }

  private startsCell(text: string, at: number): boolean {
    const mark = text[at];
    return mark === this.delimiter || mark === '\n' || mark === '\r';
  }

  /** Whether the next piece begins a cell. */
  private noteEnd(text: string, from: number): void {
    let before = text.length - 1;
    while (before >= from && isSpace(text, before) && text[before] !== this.delimiter) before--;
    if (before < from ? !this.atCellStart : !this.startsCell(text, before)) this.atCellStart = false;
    else this.atCellStart = true;
  }
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9 || code === 160;
}

/** Text pushed in; rows of cells out. Knows nothing of headers and columns. */
export class RecordReader {
  private cutter: RecordCutter | undefined;
  private first: string[] | undefined = [];
  private firstLength = 0;
  private line = 1;
  private delimiterFound: string | undefined;
  private quote = '"';
  private newline = '\n';
  private damaged = false; // whether it holds U+FFFD
  private padded = false; // whether cells are padded with spaces before quotes
  readonly notes: string[] = [];
  private readonly raw: WeakMap<readonly string[], readonly string[]> | undefined;

  /** `prompt`: rows as soon as they are whole, the delimiter judged by the first two lines; `verbatim`: cells are kept as they stand too. */
  constructor(
    private readonly dialect: Dialect,
    private readonly options: { readonly prompt?: boolean; readonly verbatim?: boolean } = {},
  ) {
    this.raw = options.verbatim === true ? new WeakMap() : undefined;
    this.delimiterFound = dialect.options.delimiter;
  }

  /** Known once there are rows. */
  get delimiter(): string {
    return this.delimiterFound ?? ',';
  }

  /** Rows that are whole with this piece of text. */
  push(text: string): Records {
    if (this.first !== undefined) {
      this.first.push(text);
      this.firstLength += text.length;
      const enough = this.firstLength >= GUESS_LENGTH || (this.options.prompt === true && hasTwoLines(this.first.join('')));
      return enough ? this.begin() : { rows: [], lines: [] };
    }
    return this.take(text);
  }

  /** The cells of a row with the spaces around them. */
  verbatim(row: readonly string[]): readonly string[] {
    return this.raw?.get(row) ?? row;
  }

  /** Rows left at the end of the text. */
  finish(): Records {
    const before = this.first === undefined ? { rows: [], lines: [] } : this.begin();
    const { cutter, dialect } = this;
    const rest = cutter!.finish();
    if (cutter!.inQuotes) this.refuseQuotes(this.line);
    const { rows, lines } = this.parse(rest);
    if (this.damaged)
      this.notes.push(
        `${dialect.source} holds the replacement character U+FFFD: the text was decoded with the wrong encoding, and different words may have become one.`,
      );
    return before.rows.length === 0 ? { rows, lines } : { rows: before.rows.concat(rows), lines: before.lines.concat(lines) };
  }

  private begin(): Records {
    const text = this.guess(this.first!.join(''));
    this.first = undefined;
    this.cutter = new RecordCutter(this.delimiter, this.quote, this.newline);
    return this.take(text);
  }

  private take(text: string): Records {
    if (!this.damaged && text.includes('\uFFFD')) this.damaged = true;
    const block = this.cutter!.push(text);
    const records = this.parse(block);
    if (this.cutter!.open > LONGEST_ROW)
      fail(
        'ERR_FORMAT',
        `${this.dialect.source} line ${this.line}: the row is longer than ${LONGEST_ROW} characters. Is a quote never closed?`,
        { line: this.line },
      );
    return records;
  }

  /** Rows of whole records. */
  private parse(block: string): Records {
    const rows: string[][] = [];
    const lines: number[] = [];
    if (block === '') return { rows, lines };
    const { newline, delimiter, quote } = this;
    const text = this.tidied(block.endsWith(newline) ? block.slice(0, block.endsWith('\r\n') ? -2 : -1) : block);
    const { data, errors } = Papa.parse<string[]>(text, { delimiter, newline: newline as '\n', quoteChar: quote });
    const quoted = text.includes(quote);
    const broken = errors.find(({ row, type }) => row !== undefined && type === 'Quotes');
    for (let i = 0; i < data.length; i++) {
      const cells = data[i]!;
      const { line } = this;
      if (broken?.row === i) this.refuseQuotes(line);
      if (quoted)
        for (const cell of cells) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) this.line++;
      this.line++;
      this.raw?.set(cells, cells.slice());
      for (let j = 0; j < cells.length; j++) cells[j] = trim(cells[j]!);
      if (cells.length === 1 && cells[0] === '') continue;
      rows.push(cells);
      lines.push(line);
    }
    if (data.length === 0) this.line++; // papaparse gives no row for an empty text: one blank line
    return { rows, lines };
  }

  /** Runs of spaces to one where they part cells; no spaces between a delimiter and a quote. Nothing inside of quotes changes. */
  private tidied(block: string): string {
    const { delimiter, quote } = this;
    if (delimiter === ' ')
      return outsideQuotes(block, quote, (part) => part.replace(/[ \t\u00a0]+/g, ' ').replace(/^ | (?=\r?$)/gm, ''));
    if (!this.padded) {
      const at = block.indexOf(` ${quote}`);
      if (at < 0 && !block.includes(`\t${quote}`) && !block.includes(`\u00a0${quote}`)) return block;
      this.padded = true;
    }
    return unpadded(block, delimiter, quote);
  }

  private refuseQuotes(line: number): never {
    return fail(
      'ERR_FORMAT',
      `${this.dialect.source} line ${line}: a quoted cell is not closed properly. Inside quotes, write a quote twice.`,
      { line },
    );
  }

  /** Decides delimiter, quote and line end from the text so far; returns the text to read. */
  private guess(text: string): string {
    if (text.charCodeAt(0) === 0xfeff) text = text.slice(1); // byte order mark
    if (text.includes('\u0000'))
      fail(
        'ERR_FORMAT',
        `${this.dialect.source} is not text in UTF-8 (it holds zero bytes). Save it as CSV in UTF-8, or pass its encoding.`,
      );
    const told = /^sep=([^\r\n])[ \t]*\r?\n/i.exec(text); // a line for spreadsheets
    if (told !== null) {
      this.delimiterFound ??= told[1]!;
      text = text.slice(told[0].length);
      this.line++;
    }
    this.newline = text.includes('\n') ? '\n' : '\r'; // with \n, a \r before it goes when cells are trimmed
    const end = text.lastIndexOf('\n', GUESS_LENGTH);
    const sample = text.slice(0, end > 0 ? end : GUESS_LENGTH);
    this.delimiterFound ??= guessDelimiter(sample, this.newline);
    if (singleQuoted(sample, this.delimiter, this.newline)) {
      this.quote = "'";
      this.notes.push(`${this.dialect.source}: cells stand in single quotes, which were taken off.`);
    }
    return text;
  }
}

/** Whether two lines are whole that hold something: a header and a row. */
function hasTwoLines(text: string): boolean {
  return /\S[^\r\n]*(?:\r\n?|\n)\s*\S[^\r\n]*[\r\n]/.test(text);
}

function guessDelimiter(sample: string, newline: string): string {
  const delimitersToGuess = [',', ';', '\t', '|'];
  const { meta } = Papa.parse(sample, { preview: 20, skipEmptyLines: true, delimitersToGuess });
  if (sample.includes(meta.delimiter)) return meta.delimiter;
  return partedBySpaces(sample, newline) ? ' ' : meta.delimiter;
}

/** Whether every line has as many words as the others, two or more, and the same of them are numbers in all lines but the first. */
function partedBySpaces(sample: string, newline: string): boolean {
  const lines = sample
    .split(newline)
    .map((line) => line.trim())
    .filter((line) => line !== '' && line[0] !== '#')
    .slice(0, 50);
  const rows = lines.map((line) => line.split(/[ \t\u00a0]+/));
  const width = rows[0]?.length ?? 0;
  if (rows.length < 2 || width < 2 || !rows.every(({ length }) => length === width)) return false;
  return rows[1]!.some((_, j) => rows.slice(1).every((row) => Number.isFinite(Number(row[j]))));
}

/** Whether cells stand in single quotes: no double quotes, most lines have such cells, and apostrophes stand nowhere else. */
function singleQuoted(sample: string, delimiter: string, newline: string): boolean {
  if (sample.includes('"') || !sample.includes("'")) return false;
  const lines = sample
    .split(newline)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 50);
  const mark = delimiter.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  const cell = `(?: *'(?:[^']|'')*'|[^'${mark === '\\|' ? '|' : mark}]*)`;
  const row = new RegExp(`^${cell}(?:${mark}${cell})*$`);
  return lines.every((line) => row.test(line)) && 2 * lines.filter((line) => line.includes("'")).length > lines.length;
}

/** A text whose parts outside of quoted cells went through `change`; quoted cells begin after white space. */
function outsideQuotes(text: string, quote: string, change: (part: string) => string): string {
  if (!text.includes(quote)) return change(text);
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, from)) {
    const close = closingQuote(text, at + 1, quote);
    parts.push(change(text.slice(from, at)), text.slice(at, close + 1));
    from = close + 1;
  }
  parts.push(change(text.slice(from)));
  return parts.join('');
}

/** A text without spaces between a delimiter (or a line's beginning) and a quote. */
function unpadded(text: string, delimiter: string, quote: string): string {
  const parts: string[] = [];
  let kept = 0;
  let from = 0;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, from)) {
    let before = at;
    while (before > from && isSpace(text, before - 1) && text[before - 1] !== delimiter) before--;
    const mark = before === 0 ? '\n' : text[before - 1];
    if (mark !== delimiter && mark !== '\n' && mark !== '\r') {
      from = at + 1; // a quote inside a plain cell
      continue;
    }
    if (before < at) {
      parts.push(text.slice(kept, before));
      kept = at;
    }
    from = closingQuote(text, at + 1, quote) + 1;
  }
  parts.push(text.slice(kept));
  return parts.join('');
}

/** Where a quoted cell ends; the text's end for one that does not. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2)) if (text[at + 1] !== quote) return at;
  return text.length;
}

/** Without surrounding white space, no-break and zero-width spaces included; most cells have none, and are returned as they are. */
function trim(cell: string): string {
  const { length } = cell;
  if (length === 0 || (isInk(cell.charCodeAt(0)) && isInk(cell.charCodeAt(length - 1)))) return cell;
  return cell.replace(/^[\s\u200b\u2060\ufeff]+|[\s\u200b\u2060\ufeff]+$/g, '');
}

function isInk(code: number): boolean {
  return code > 32 && (code < 160 || (code > 160 && code < 0x1680) || (code > 0x3000 && code !== 0xfeff));
}
