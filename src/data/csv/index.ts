// CSV: text to tables and back. Reads whole texts, or streams in two passes of bounded memory: scanCsv finds types and statistics, streamCsv
// then gives the numbers in chunks. Takes text, bytes and anything that yields them; opening files is the caller's part.

import { isArrayBuffer } from '../../brands.js';
import { fail, nearest, show } from '../../errors.js';
import { flag, list, readOptions, text, whole, type Schema } from '../../options.js';
import type { CellSpelling, ColumnSummary, ColumnType } from '../column.js';
import { checkCsvOptions, dialectRows, type CsvDialect, type CsvOptions } from './dialect.js';
import { CsvReader } from './reader.js';
import type { Records } from './records.js';
import { Scan, TableBuilder, tableOf } from './tableBuilder.js';
import { decodeText, textOf, type CsvSource } from '../text.js';
import type { Table } from '../table.js';

export type { CsvDialect, CsvOptions, DecimalMark } from './dialect.js';
export { formatCsv, type FormatOptions } from './format.js';
export type { CsvSource } from '../text.js';

/** What a first pass over a file found: plain JSON. */
export interface CsvSchema {
  /** Rows of data. */
  rows: number;
  /** How the file is written, guesses included: the options that read it again the same way. */
  dialect: Required<CsvDialect>;
  /** A summary of each column, in order. */
  columns: ColumnSummary[];
  /** What was decided, left out or left open, in words. */
  notes: string[];
}

/**
 * A whole CSV text as a table. Types are found per column: numeric, with points or commas, thousands or none; boolean (true, false); date (2024-05-17,
 * 13.10.2010, Jul 31, 2017 and other usual spellings, with a time and a zone or without, which means UTC), as days since 1970-01-01; else
 * categorical. Digits with leading zeros and telephone numbers are text. Cells lose surrounding spaces; blank lines are skipped. The table's
 * `notes` say what was decided beyond that.
 * @throws ERR_EMPTY without rows, ERR_FORMAT with the line for text that is no table, ERR_TYPE with line and column for text in a numeric
 * column, or where the decimal mark cannot be told, ERR_OPTION for unknown columns and options.
 *
 * @example
 * const table = parseCsv('size,color,price\n1.5,red,10\n2,,12\n');
 * table.summary();                       // size numeric; color categorical, 1 missing; price numeric
 * const y = table.numbers('price');      // Float64Array [10, 12]
 */
export function parseCsv(text: string | Uint8Array | ArrayBuffer, options: CsvOptions = {}): Table {
  const reader = new CsvReader(checkCsvOptions(options));
  const bytes = ArrayBuffer.isView(text) || isArrayBuffer(text);
  if (typeof text !== 'string' && !bytes) fail('ERR_TYPE', `parseCsv: expected text, got ${show(text)}.`);
  const whole = typeof text === 'string' ? text : decodeText(text, { encoding: options.encoding, source: reader.dialect.source });
  const records = [reader.push(whole), reader.finish()];
  return tableOf(reader, records);
}

/**
 * A CSV text that comes in pieces, or compressed by gzip, as a table; types are found per column, as in parseCsv. Holds all of it in memory; for files beyond some 100 MB use
 * scanCsv and streamCsv.
 * @throws ERR_EMPTY without rows, ERR_FORMAT with the line for text that is no table and for bytes that are not text in the encoding, ERR_TYPE with line
 * and column for text in a numeric column, or where the decimal mark cannot be told, ERR_OPTION for unknown columns and options; whatever the source throws.
 *
 * @example
 * const table = await readCsv(createReadStream('houses.csv.gz'), { source: 'houses.csv.gz' });
 * const other = await readCsv(await fetch('houses.csv'));
 */
export async function readCsv(source: CsvSource, options: CsvOptions = {}): Promise<Table> {
  const reader = new CsvReader(checkCsvOptions(options));
  const records: Records[] = [];
  for await (const text of textOf(source, textOptions(options))) records.push(reader.push(text));
  records.push(reader.finish());
  return tableOf(reader, records);
}

/**
 * The first pass over a large file: types and statistics of every column, in memory that does not grow with the number of rows (at most
 * 1,000 different values per column are counted).
 * @throws ERR_EMPTY without rows, ERR_FORMAT with the line for text that is no table and for bytes that are not text in the encoding, ERR_OPTION for unknown
 * columns and options; whatever the source throws.
 *
 * @example
 * const schema = await scanCsv(createReadStream('big.csv'), { source: 'big.csv' });
 */
export async function scanCsv(source: CsvSource, options: CsvOptions = {}): Promise<CsvSchema> {
  const reader = new CsvReader(checkCsvOptions(options));
  const scan = new Scan(reader);
  for await (const text of textOf(source, textOptions(options))) scan.add(reader.push(text));
  scan.add(reader.finish());
  return { rows: scan.rows, dialect: reader.resolved, columns: scan.summaries(), notes: scan.notes() };
}

/** Options of streamCsv. */
export interface StreamOptions extends CsvDialect {
  /** What the text is called in messages (default 'CSV'). */
  source?: string;
  /** Rows per table, at least 1 (default 8192). */
  chunkRows?: number;
  /** Columns that may be absent from the file, and are then absent from the tables (the target, when predicting). */
  optional?: readonly string[];
  /**
   * Give rows as soon as their text has come, fewer than chunkRows at a time, for a source that comes slowly (default false). Delimiter and header
   * are then judged by the first two lines.
   */
  prompt?: boolean;
}

const streamRows = {
  ...dialectRows,
  source: text(),
  chunkRows: whole({ min: 1, default: 8192 }),
  optional: list(text(), "['price']"),
  prompt: flag(false),
} satisfies Schema<StreamOptions>;

/** A column for streamCsv: its name and type, and how its cells are written where that is not the plain way (as scanCsv and TableEncoder say). */
export interface StreamColumn {
  /** The name the table gives the column. */
  readonly name: string;
  /** How its cells are read. */
  readonly type: ColumnType;
  /** How its cells are written, where that differs from the file's other columns. */
  readonly spelling?: CellSpelling | undefined;
  /** The column of the file, where the table is to call it otherwise: one column may be read twice. */
  readonly from?: string;
  /** Give the cells as they stand in the file (unquoted), as a categorical column: "00012", "1.50", "NA", " a" (default false). */
  readonly verbatim?: boolean;
}

/**
 * The second pass: the named columns of a large file with known types, as tables of `chunkRows` rows. Columns of the file that are not named
 * are ignored, and their order does not matter. Every table has its own category codes.
 * @throws ERR_SHAPE for a column that the file lacks, ERR_FORMAT with the line for text that is no table, ERR_TYPE with line and column for a cell that is not
 * what its column is, ERR_OPTION; whatever the source throws.
 *
 * @example
 * const schema = await scanCsv(createReadStream('big.csv'), { source: 'big.csv' });
 * for await (const table of streamCsv(createReadStream('big.csv'), schema.columns, schema.dialect)) console.log(table.rows);
 */
export async function* streamCsv(
  source: CsvSource,
  columns: readonly StreamColumn[],
  options: StreamOptions = {},
): AsyncGenerator<Table, void, undefined> {
  const { chunkRows, optional = [], prompt, decimal, dateFormat, ...plain } = readOptions(streamRows, options, 'streamCsv');
  const reader = new CsvReader(plain, { prompt, verbatim: columns.some(({ verbatim }) => verbatim === true) });
  let builder: TableBuilder | undefined;
  const ready = (): TableBuilder => {
    const present = columns.filter(({ name, from = name }) => reader.places.has(from) || !optional.includes(name));
    for (const { name, from = name } of present) if (!reader.places.has(from)) refuseColumn(from, reader);
    return new TableBuilder(
      reader,
      present.map((column) => ({ ...column, spelling: spellingOf(column, decimal, dateFormat) })),
    );
  };
  const take = function* (records: Records) {
    for (let i = 0; i < records.rows.length; i++) {
      builder ??= ready();
      builder.add(records.rows[i]!, records.lines[i]!);
      if (builder.rows === chunkRows) yield builder.table();
    }
  };
  for await (const text of textOf(source, textOptions(options))) {
    yield* take(reader.push(text));
    if (prompt && builder !== undefined && builder.rows > 0) yield builder.table();
  }
  yield* take(reader.finish());
  if (builder !== undefined && builder.rows > 0) yield builder.table();
}

function textOptions({ encoding, source = 'CSV' }: CsvOptions) {
  return { encoding, source };
}

/**
 * How a streamed column is written. A decimal mark that the caller gives comes before that of the column, which a training file may have had;
 * a format of dates for all columns is for those that have none of their own.
 */
function spellingOf(
  { name, spelling = {} }: StreamColumn,
  decimal: CsvDialect['decimal'],
  format: CsvDialect['dateFormat'],
): CellSpelling | undefined {
  const given = typeof decimal === 'object' ? (Object.hasOwn(decimal, name) ? decimal[name] : undefined) : decimal;
  const { decimal: own = '.' } = spelling;
  const mark = given === undefined || given === 'auto' ? own : given;
  const other = mark === ',' ? '.' : ',';
  const group = mark === own && given !== mark ? spelling.group : (spelling.group ?? (given === 'auto' ? undefined : other));
  const groups = group === mark ? other : group;
  const named = typeof format === 'object' && Object.hasOwn(format, name) ? format[name] : undefined;
  const line = named ?? spelling.dateFormat ?? (typeof format === 'string' ? format : undefined);
  return {
    decimal: mark,
    ...(groups === undefined ? {} : { group: groups }),
    ...(line === undefined ? {} : { dateFormat: line }),
    ...(spelling.missing === undefined ? {} : { missing: spelling.missing }),
  };
}

function refuseColumn(name: string, reader: CsvReader): never {
  const { names, dialect } = reader;
  const near = nearest(name, names);
  return fail(
    'ERR_SHAPE',
    `${dialect.source} has no column ${show(name)}.${near === undefined ? '' : ` Did you mean ${show(near)}?`} Its columns: ${names.join(', ')}.`,
  );
}
