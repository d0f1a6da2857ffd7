// CSV: text to tables and back, through papaparse (imported here and nowhere else). Reads whole texts, or streams in two passes
// of bounded memory: scanCsv finds types and statistics, streamCsv then gives the numbers in chunks. Takes text and anything that yields
// text; opening files is the caller's part.

import Papa from 'papaparse';
import { fail, nearest, show } from '../errors.js';
import { checkBoolean, checkChoice, checkKeys, checkNumber } from '../options.js';
import {
  CategoryTally,
  CategoryWriter,
  COLUMN_TYPES,
  MILLISECONDS_PER_DAY,
  MOST_CATEGORIES,
  NumberTally,
  NumberWriter,
  Table,
  unknownColumn,
  type Cell,
  type Column,
  type ColumnSummary,
  type ColumnType,
} from './table.js';

/** Text, or pieces of it in order: strings, or bytes in UTF-8. A Node read stream and a browser's `file.stream()` will do. */
export type CsvSource =
  | string
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string>
  | ReadableStream<Uint8Array>;

export interface CsvDialect {
  /** What stands between cells (default: guessed from , ; tab and |). */
  delimiter?: string;
  /**
   * Whether the first line names the columns. Without this option it does, but a first line that looks like the second, numbers in the
   * same places, is refused. Columns without names are called column 1, column 2, ….
   */
  header?: boolean;
  /** The decimal mark of numbers (default '.'). */
  decimal?: '.' | ',';
  /** Cells that stand for a missing value (default: the empty cell, NA, N/A, NaN, nan, null, NULL, ?). The empty cell always does. */
  missing?: readonly string[];
}

export interface CsvOptions extends CsvDialect {
  /** What the text is called in messages, such as the file's name (default 'CSV'). */
  source?: string;
  /** Types by column name; others are found from the cells. */
  types?: Readonly<Record<string, ColumnType>>;
  /** Only these columns, in this order (default: all). */
  columns?: readonly string[];
}

/** What a first pass over a file found: plain JSON. */
export interface CsvSchema {
  rows: number;
  /** How the file is written, guesses included: the options that read it again the same way. */
  dialect: Required<CsvDialect>;
  columns: ColumnSummary[];
}

const MISSING = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?'] as const;
const OPTION_NAMES = ['delimiter', 'header', 'decimal', 'missing', 'source', 'types', 'columns'] as const;

/** A column is called numeric with a few cells of text in it, which are then refused, from this share of numbers on. */
const MOSTLY = 0.9;

/**
 * A whole CSV text as a table. Types are found per column: numeric; boolean (true, false); date (2024-05-17, 2024-05-17T12:30, with
 * seconds and a time zone or without, which means UTC), as days since 1970-01-01; else categorical. Cells lose surrounding spaces; blank
 * lines are skipped.
 * @throws ERR_EMPTY without rows, ERR_FORMAT with the line for text that is no table, ERR_TYPE with line and column for text in a numeric
 * column, ERR_OPTION for unknown columns and options.
 *
 * @example
 * const table = parseCsv('size,color,price\n1.5,red,10\n2,,12\n');
 * table.summary();                       // size numeric; color categorical, 1 missing; price numeric
 * const y = table.numbers('price');      // Float64Array [10, 12]
 */
export function parseCsv(text: string, options: CsvOptions = {}): Table {
  if (typeof text !== 'string') fail('ERR_TYPE', `parseCsv: expected text, got ${show(text)}.`);
  const reader = new CsvReader(checkOptions(options));
  const records = [reader.push(text), reader.finish()];
  return tableOf(reader, records);
}

/**
 * parseCsv for text that comes in pieces. Holds all of it in memory; for files beyond some 100 MB use scanCsv and streamCsv.
 * @throws as parseCsv, and whatever the source throws.
 */
export async function readCsv(source: CsvSource, options: CsvOptions = {}): Promise<Table> {
  const reader = new CsvReader(checkOptions(options));
  const records: Records[] = [];
  for await (const text of textOf(source)) records.push(reader.push(text));
  records.push(reader.finish());
  return tableOf(reader, records);
}

/**
 * The first pass over a large file: types and statistics of every column, in memory that does not grow with the number of rows (at most
 * 1,000 different values per column are counted).
 * @throws as parseCsv.
 *
 * @example
 * const schema = await scanCsv(createReadStream('big.csv', 'utf8'), { source: 'big.csv' });
 */
export async function scanCsv(source: CsvSource, options: CsvOptions = {}): Promise<CsvSchema> {
  const reader = new CsvReader(checkOptions(options));
  const scan = new Scan(reader);
  for await (const text of textOf(source)) scan.add(reader.push(text));
  scan.add(reader.finish());
  return { rows: scan.rows, dialect: reader.dialect, columns: scan.summaries() };
}

export interface StreamOptions extends CsvDialect {
  /** What the text is called in messages (default 'CSV'). */
  source?: string;
  /** Rows per table, at least 1 (default 8192). */
  chunkRows?: number;
  /** Columns that may be absent from the file, and are then absent from the tables (the target, when predicting). */
  optional?: readonly string[];
}

/**
 * The second pass: the named columns of a large file with known types, as tables of `chunkRows` rows. Columns of the file that are not named
 * are ignored, and their order does not matter. Every table has its own category codes.
 * @throws ERR_SHAPE for a column that the file lacks; else as parseCsv.
 *
 * @example
 * for await (const table of streamCsv(createReadStream('big.csv', 'utf8'), schema.columns, schema.dialect)) …
 */
export async function* streamCsv(
  source: CsvSource,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  options: StreamOptions = {},
): AsyncGenerator<Table, void, undefined> {
  const {
    chunkRows = 8192,
    optional = [],
    ...dialect
  } = checkKeys(
    options,
    ['delimiter', 'header', 'decimal', 'missing', 'source', 'chunkRows', 'optional'],
    'streamCsv',
  ) as StreamOptions;
  checkNumber(chunkRows, 'chunkRows', { min: 1, integer: true });
  const reader = new CsvReader(checkOptions(dialect));
  let builder: TableBuilder | undefined;
  const ready = (): TableBuilder => {
    const present = columns.filter(({ name }) => reader.names.includes(name) || !optional.includes(name));
    for (const { name } of present)
      if (!reader.names.includes(name)) {
        const near = nearest(name, reader.names);
        fail(
          'ERR_SHAPE',
          `${reader.source} has no column ${show(name)}.${near ? ` Did you mean ${show(near)}?` : ''} Its columns: ${reader.names.join(', ')}.`,
        );
      }
    return new TableBuilder(reader, present);
  };
  const take = function* (records: Records) {
    for (let i = 0; i < records.rows.length; i++) {
      builder ??= ready();
      builder.add(records.rows[i]!, records.lines[i]!);
      if (builder.rows === chunkRows) yield builder.table();
    }
  };
  for await (const text of textOf(source)) yield* take(reader.push(text));
  yield* take(reader.finish());
  if (builder !== undefined && builder.rows > 0) yield builder.table();
}

/** Rows as CSV text with a header line, cells quoted where they must be; null is an empty cell. @throws ERR_SHAPE for a row of another width. */
export function formatCsv(
  names: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: { header?: boolean; delimiter?: string } = {},
): string {
  checkKeys(options, ['header', 'delimiter'], 'formatCsv');
  const { header = true, delimiter = ',' } = options;
  rows.forEach((row, i) => {
    if (row.length !== names.length)
      fail('ERR_SHAPE', `formatCsv: row ${i} has ${row.length} cells, but there are ${names.length} names.`);
  });
  const lines = header ? [names, ...rows] : rows;
  if (lines.length === 0) return '';
  return Papa.unparse(lines as unknown[][], { newline: '\n', delimiter }) + '\n';
}

function checkOptions(options: CsvOptions): CsvOptions {
  checkKeys(options, OPTION_NAMES, 'CSV');
  const { delimiter, header, decimal, missing, types, columns } = options;
  if (delimiter !== undefined && (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n\uFEFF]/.test(delimiter)))
    fail('ERR_OPTION', `delimiter: expected one character, no quote and no line end, got ${show(delimiter)}.`);
  if (header !== undefined) checkBoolean(header, 'header');
  if (decimal !== undefined) checkChoice(decimal, ['.', ','], 'decimal');
  for (const [name, list] of Object.entries({ missing, columns }))
    if (list !== undefined && (!Array.isArray(list) || !list.every((item) => typeof item === 'string')))
      fail('ERR_OPTION', `${name}: expected a list of strings, got ${show(list)}.`);
  for (const [name, type] of Object.entries(types ?? {})) checkChoice(type, COLUMN_TYPES, `types[${show(name)}]`);
  return options;
}

// ---- text to records --------------------------------------------------------------------------------------

/** Pieces of text from whatever was given. Closes the source when the reader stops early. */
async function* textOf(source: CsvSource): AsyncGenerator<string, void, undefined> {
  if (typeof source === 'string') {
    yield source;
    return;
  }
  const decoder = new TextDecoder();
  for await (const piece of piecesOf(source)) {
    if (typeof piece === 'string') yield piece;
    else if (piece instanceof Uint8Array) yield decoder.decode(piece, { stream: true });
    else fail('ERR_TYPE', `CSV: the source must yield text or bytes, got ${show(piece)}.`);
  }
  yield decoder.decode();
}

function piecesOf(source: Exclude<CsvSource, string>): AsyncIterable<unknown> | Iterable<unknown> {
  if (source instanceof Uint8Array) return [source];
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source as AsyncIterable<unknown>;
    if (Symbol.iterator in source) return source as Iterable<unknown>;
    if ('getReader' in source) return readerPieces(source as ReadableStream<unknown>);
  }
  return fail('ERR_TYPE', `CSV: expected text or a source of it, got ${show(source)}.`);
}

/** For browsers whose ReadableStream cannot be iterated yet. */
async function* readerPieces(stream: ReadableStream<unknown>): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

/** Rows of cells, each with the line it begins on. */
interface Records {
  rows: string[][];
  lines: number[];
}

/** Text pushed in; rows of cells out, every row as wide as the header, which is kept apart. */
class CsvReader {
  readonly source: string;
  private readonly missing: ReadonlySet<string>;
  private readonly longestMissing: number;
  private readonly startsMissing = new Uint8Array(128); // 1 for the first characters of missing cells
  readonly decimal: '.' | ',';
  /** Types given by the caller. */
  readonly types: Readonly<Record<string, ColumnType>>;
  private readonly wanted: readonly string[] | undefined;
  private header: boolean | undefined;
  private delimiter: string | undefined;
  private parser: Papa.Parser | undefined;
  private rest = '';
  private line = 1;
  private head: Records | undefined = { rows: [], lines: [] };
  private columnNames: readonly string[] | undefined;

  constructor(options: CsvOptions) {
    this.source = options.source ?? 'CSV';
    this.missing = new Set(['', ...(options.missing ?? MISSING)]);
    this.longestMissing = Math.max(...[...this.missing].map((cell) => cell.length));
    for (const cell of this.missing) this.startsMissing[cell.charCodeAt(0) & 127] = 1;
    this.decimal = options.decimal ?? '.';
    this.types = options.types ?? {};
    this.wanted = options.columns;
    this.header = options.header;
    this.delimiter = options.delimiter;
  }

  /** All column names of the file. Known as soon as there are records. */
  get names(): readonly string[] {
    return this.columnNames ?? fail('ERR_EMPTY', `${this.source} is empty.`);
  }

  /** Names of the columns to keep, in the order wanted. */
  get kept(): readonly string[] {
    return this.wanted ?? this.names;
  }

  get dialect(): Required<CsvDialect> {
    return { delimiter: this.delimiter ?? ',', header: this.header ?? true, decimal: this.decimal, missing: [...this.missing] };
  }

  /** Whether a cell stands for a missing value. Most cells are told by their first character, without hashing them. */
  isMissing(cell: string): boolean {
    if (cell === '') return true;
    return this.startsMissing[cell.charCodeAt(0) & 127] === 1 && cell.length <= this.longestMissing && this.missing.has(cell);
  }

  /** Records that are complete with this piece of text. */
  push(text: string): Records {
    this.rest = this.rest === '' ? text : this.rest + text;
    const wait =
      this.parser === undefined ? this.rest.length < GUESS_LENGTH : this.rest.length < LONGEST_ROW && !/[\r\n]/.test(text);
    return wait ? { rows: [], lines: [] } : this.body(this.records(false));
  }

  /** What is left at the end of the text. @throws ERR_EMPTY when there was no row at all. */
  finish(): Records {
    const records = this.body(this.records(true), true);
    void this.names; // refuses an empty text
    return records;
  }

  private records(final: boolean): Records {
    const parser = this.parser ?? this.guess();
    const parsed = parser.parse(this.rest, 0, !final) as {
      data: string[][];
      errors: Papa.ParseError[];
      meta: { cursor: number };
    };
    const quoted = this.rest.includes('"');
    const rows: string[][] = [];
    const lines: number[] = [];
    const broken = parsed.errors.find(({ row }) => row !== undefined && (final || row < parsed.data.length));
    parsed.data.forEach((cells, i) => {
      const { line } = this;
      if (quoted)
        for (const cell of cells) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) this.line++;
      if (broken?.row === i) this.refuseQuotes(line);
      this.line++;
      for (let j = 0; j < cells.length; j++) cells[j] = trim(cells[j]!);
      if (cells.length === 1 && cells[0] === '') return;
      rows.push(cells);
      lines.push(line);
    });
    if (broken !== undefined) this.refuseQuotes(this.line);
    this.rest = final ? '' : this.rest.slice(parsed.meta.cursor);
    if (this.rest.length > LONGEST_ROW)
      fail(
        'ERR_FORMAT',
        `${this.source} line ${this.line}: the row is longer than ${LONGEST_ROW} characters. Is a quote never closed?`,
        { line: this.line },
      );
    return { rows, lines };
  }

  private refuseQuotes(line: number): never {
    return fail(
      'ERR_FORMAT',
      `${this.source} line ${line}: a quoted cell is not closed properly. Inside quotes, write a quote twice.`,
      { line },
    );
  }

  /** Decides delimiter and line end from the text so far. */
  private guess(): Papa.Parser {
    if (this.rest.charCodeAt(0) === 0xfeff) this.rest = this.rest.slice(1); // byte order mark
    if (this.rest.includes('\u0000'))
      fail('ERR_FORMAT', `${this.source} is not text in UTF-8 (it holds zero bytes). Save it as CSV in UTF-8.`);
    if (this.delimiter === undefined) {
      const end = this.rest.lastIndexOf('\n', GUESS_LENGTH);
      const sample = this.rest.slice(0, end > 0 ? end : GUESS_LENGTH);
      this.delimiter = Papa.parse(sample, {
        preview: 20,
        skipEmptyLines: true,
        delimitersToGuess: [',', ';', '\t', '|'],
      }).meta.delimiter;
    }
    const newline = this.rest.includes('\n') ? '\n' : '\r'; // with \n, a \r before it goes when cells are trimmed
    this.parser = new Papa.Parser({ delimiter: this.delimiter, newline });
    return this.parser;
  }

  /** Takes the header off the first records, and checks that all others are as wide. */
  private body(records: Records, final = false): Records {
    if (this.head !== undefined) {
      const head: Records = { rows: [...this.head.rows, ...records.rows], lines: [...this.head.lines, ...records.lines] };
      if (head.rows.length < 2 && !final) {
        this.head = head;
        return { rows: [], lines: [] };
      }
      this.head = undefined;
      if (head.rows.length === 0) fail('ERR_EMPTY', `${this.source} is empty.`);
      records = this.readHeader(head);
      if (records.rows.length === 0) fail('ERR_EMPTY', `${this.source} has a header, but no rows.`);
    }
    const width = this.names.length;
    records.rows.forEach((cells, i) => {
      if (cells.length !== width) {
        const line = records.lines[i]!;
        fail(
          'ERR_FORMAT',
          `${this.source} line ${line} has ${cells.length} cells, but there are ${width} columns (${listNames(this.names)}). ` +
            'A cell with the delimiter in it needs quotes.',
          { line },
        );
      }
    });
    return records;
  }

  private readHeader({ rows, lines }: Records): Records {
    const first = rows[0]!;
    if (this.header === undefined && rows.length > 1 && this.looksLikeData(first, rows[1]!)) {
      const problem = `${this.source} line ${lines[0]} looks like data, not like names (${listNames(first)}).`;
      fail('ERR_FORMAT', `${problem} Pass header: false when the file has no header, header: true when these are names.`, {
        line: lines[0],
        problem,
        fix: [{ header: false }, { header: true }] satisfies CsvOptions[],
      });
    }
    this.header ??= true;
    const names = first.map((cell, j) => (this.header && cell !== '' ? cell : `column ${j + 1}`));
    names.forEach((name, j) => {
      const before = names.indexOf(name);
      if (before < j)
        fail(
          'ERR_FORMAT',
          `${this.source} line ${lines[0]}: columns ${before + 1} and ${j + 1} are both called ${show(name)}. Rename one.`,
        );
    });
    this.columnNames = names;
    for (const name of [...(this.wanted ?? []), ...Object.keys(this.types)])
      if (!names.includes(name)) unknownColumn(name, names, this.source);
    return this.header ? { rows: rows.slice(1), lines: lines.slice(1) } : { rows, lines };
  }

  private looksLikeData(first: readonly string[], second: readonly string[]): boolean {
    const numeric = (cell: string) => !Number.isNaN(readNumber(cell, this.decimal));
    return (
      first.length === second.length && first.some(numeric) && first.every((cell, j) => numeric(cell) === numeric(second[j]!))
    );
  }
}

const GUESS_LENGTH = 65_536; // characters looked at to find the delimiter
const LONGEST_ROW = 4_194_304; // characters

function listNames(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
}

/** Without surrounding white space; most cells have none, and are returned as they are. */
function trim(cell: string): string {
  const { length } = cell;
  if (length === 0 || (cell.charCodeAt(0) > 32 && cell.charCodeAt(length - 1) > 32)) return cell;
  return cell.trim();
}

// ---- cells ------------------------------------------------------------------------------------------------

/** The number a cell spells, NaN for none: digits with a decimal mark, sign and exponent. No hexadecimal, no infinity, no empty cell. */
function readNumber(cell: string, decimal: '.' | ','): number {
  if (decimal === ',') {
    if (cell.includes('.')) return Number.NaN;
    cell = cell.replace(',', '.');
  }
  const first = cell.charCodeAt(0);
  if (!((first >= 48 && first <= 57) || first === 45 || first === 46 || first === 43)) return Number.NaN; // 0-9 - . +
  if (first === 48 && cell.charCodeAt(1) > 57 && cell[1] !== 'e' && cell[1] !== 'E') return Number.NaN; // 0x, 0o, 0b
  const value = Number(cell);
  return value - value === 0 ? value : Number.NaN;
}

const DATE = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970-01-01 UTC of an ISO date or time, NaN for anything else, 30 February included. */
function readDate(cell: string): number {
  if (cell.length < 10) return Number.NaN;
  const match = DATE.exec(cell);
  if (match === null) return Number.NaN;
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', zone = 'Z'] = match;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return Number.NaN;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) >= 60) return Number.NaN;
  const offset = zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(-2)));
  return (
    midnight.getTime() / MILLISECONDS_PER_DAY + (60 * Number(hours) + Number(minutes) - offset) / 1440 + Number(seconds) / 86_400
  );
}

/** 1, 0 or NaN. */
function readBoolean(cell: string): number {
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

const WANTED: Record<Exclude<ColumnType, 'categorical'>, string> = {
  numeric: 'a number',
  boolean: 'true or false',
  date: 'a date such as 2024-05-17',
};

// ---- records to columns -----------------------------------------------------------------------------------

/** Finds the types of columns, and their statistics, cell by cell. */
class Scan {
  rows = 0;
  private columns: ColumnScan[] | undefined;

  constructor(private readonly reader: CsvReader) {}

  add({ rows, lines }: Records): void {
    if (rows.length === 0) return;
    const { reader } = this;
    this.columns ??= reader.kept.map((name) => new ColumnScan(name, reader.names.indexOf(name), reader));
    for (const column of this.columns) column.add(rows, lines);
    this.rows += rows.length;
  }

  /** @throws ERR_TYPE with line and column for a stray cell in a column that is otherwise numeric, or of dates. */
  types(): { name: string; type: ColumnType }[] {
    return this.columns!.map((column) => ({ name: column.name, type: column.type() }));
  }

  summaries(): ColumnSummary[] {
    return this.columns!.map((column) => column.summary(this.rows));
  }
}

type Stray = { line: number; cell: string };

class ColumnScan {
  private missing = 0;
  private booleans = 0;
  private trues = 0;
  private texts = 0;
  private firstNonNumber: Stray | undefined;
  private firstNonDate: Stray | undefined;
  private readonly numbers = new NumberTally();
  private readonly dates = new NumberTally();
  private readonly categories = new CategoryTally(MOST_CATEGORIES);
  private readonly declared: ColumnType | undefined;

  constructor(
    readonly name: string,
    private readonly at: number,
    private readonly reader: CsvReader,
  ) {
    this.declared = Object.hasOwn(reader.types, name) ? reader.types[name] : undefined;
  }

  add(rows: readonly (readonly string[])[], lines: readonly number[]): void {
    const { at, reader, declared } = this;
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i]![at]!;
      if (reader.isMissing(cell)) this.missing++;
      else if (declared === undefined) this.infer(cell, lines[i]!);
      else this.check(cell, lines[i]!, declared);
    }
  }

  private infer(cell: string, line: number): void {
    this.categories.add(cell);
    const number = readNumber(cell, this.reader.decimal);
    if (number === number) {
      this.numbers.add(number);
      this.firstNonDate ??= { line, cell };
      return;
    }
    this.firstNonNumber ??= { line, cell };
    const date = readDate(cell);
    if (date === date) {
      this.dates.add(date);
      return;
    }
    this.firstNonDate ??= { line, cell };
    const truth = readBoolean(cell);
    if (truth === truth) {
      this.booleans++;
      this.trues += truth;
    } else this.texts++;
  }

  private check(cell: string, line: number, type: ColumnType): void {
    if (type === 'categorical') this.categories.add(cell);
    else {
      const value = readCell(cell, type, line, this.name, this.reader);
      this.categories.add(type === 'boolean' ? String(value === 1) : cell);
      if (type === 'boolean') {
        this.booleans++;
        this.trues += value;
      } else (type === 'date' ? this.dates : this.numbers).add(value);
    }
  }

  type(): ColumnType {
    if (this.declared !== undefined) return this.declared;
    const { numbers, dates, booleans, texts } = this;
    const present = numbers.count + dates.count + booleans + texts;
    if (numbers.count === present) return 'numeric';
    if (booleans === present) return 'boolean';
    if (dates.count === present) return 'date';
    if (numbers.count >= MOSTLY * present) this.refuse(this.firstNonNumber!, 'numeric', numbers.count, present);
    if (dates.count >= MOSTLY * present) this.refuse(this.firstNonDate!, 'date', dates.count, present);
    return 'categorical';
  }

  private refuse({ line, cell }: Stray, type: 'numeric' | 'date', count: number, present: number): never {
    const { source } = this.reader;
    const others = type === 'numeric' ? 'numbers' : 'dates';
    const problem = `${source} line ${line}, column ${show(this.name)}: ${show(cell)} is not ${WANTED[type]}, but ${count} of ${present} cells are ${others}.`;
    const fix: CsvOptions[] = [{ missing: [...this.reader.dialect.missing, cell] }, { types: { [this.name]: 'categorical' } }];
    return fail(
      'ERR_TYPE',
      `${problem} Correct it, add it to the option missing, or declare types: { ${JSON.stringify(this.name)}: 'categorical' }.`,
      { line, column: this.name, value: cell, problem, fix },
    );
  }

  summary(rows: number): ColumnSummary {
    const type = this.type();
    const summary: ColumnSummary = { name: this.name, type, rows, missing: this.missing, categories: this.categories.summary() };
    if (type === 'numeric') Object.assign(summary, this.numbers.summary());
    if (type === 'date') Object.assign(summary, this.dates.summary());
    if (type === 'boolean' && this.booleans > 0) {
      const mean = this.trues / this.booleans;
      const deviation = Math.sqrt(mean * (1 - mean));
      Object.assign(summary, { min: mean === 1 ? 1 : 0, max: mean === 0 ? 0 : 1, mean, deviation });
      const counts = { true: this.trues, false: this.booleans - this.trues };
      summary.categories = Object.entries(counts)
        .map(([value, count]) => ({ value, count }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    }
    return summary;
  }
}

/** One cell that is there, as a number. @throws ERR_TYPE with line and column. */
function readCell(cell: string, type: 'numeric' | 'boolean' | 'date', line: number, name: string, reader: CsvReader): number {
  const value =
    type === 'numeric' ? readNumber(cell, reader.decimal) : type === 'date' ? readDate(cell) : readDeclaredBoolean(cell);
  if (value !== value)
    fail('ERR_TYPE', `${reader.source} line ${line}, column ${show(name)}: ${show(cell)} is not ${WANTED[type]}.`, {
      line,
      column: name,
      value: cell,
    });
  return value;
}

/** Writes records into columns of known type. */
class TableBuilder {
  private readonly writers: readonly (NumberWriter | CategoryWriter)[];
  private readonly places: readonly number[];
  private lines: number[] = [];

  constructor(
    private readonly reader: CsvReader,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
  ) {
    this.writers = columns.map(({ name, type }) =>
      type === 'categorical' ? new CategoryWriter(name) : new NumberWriter(name, type),
    );
    this.places = columns.map(({ name }) => reader.names.indexOf(name));
  }

  get rows(): number {
    return this.lines.length;
  }

  add(cells: readonly string[], line: number): void {
    const { reader, writers, places } = this;
    for (let j = 0; j < writers.length; j++) {
      const writer = writers[j]!;
      const cell = cells[places[j]!]!;
      if (writer.type === 'categorical') writer.add(reader.isMissing(cell) ? undefined : cell);
      else writer.add(reader.isMissing(cell) ? Number.NaN : readCell(cell, writer.type, line, writer.name, reader));
    }
    this.lines.push(line);
  }

  /** The rows so far; the builder starts again, empty. */
  table(): Table {
    const columns: Column[] = this.writers.map((writer) => writer.column());
    const table = new Table(columns, {
      lines: Uint32Array.from(this.lines),
      source: this.reader.source,
      rows: this.lines.length,
    });
    this.lines = [];
    return table;
  }
}

function tableOf(reader: CsvReader, records: readonly Records[]): Table {
  const scan = new Scan(reader);
  for (const part of records) scan.add(part);
  const builder = new TableBuilder(reader, scan.types());
  for (const { rows, lines } of records) for (let i = 0; i < rows.length; i++) builder.add(rows[i]!, lines[i]!);
  return builder.table();
}
