// How a CSV text is written: the options that say so, and what a reader of it knows of them.

import { textDecoder } from '../../platform.js';
import { fail, FeedforwardError, show } from '../../errors.js';
import { checkChoice, flag, given, readOptions, text, type Schema } from '../../options.js';
import { COLUMN_TYPES, type ColumnType } from '../column.js';
import { MISSING } from '../cells.js';
import { dateFormat } from '../dates.js';

/** A decimal mark; 'auto' finds that of each column from its cells. */
export type DecimalMark = '.' | ',' | 'auto';

/** How a CSV file is written; what is not given is guessed from the text. */
export interface CsvDialect {
  /**
   * What stands between cells: one character (default: guessed from , ; tab, | and runs of spaces). ' ' stands for runs of spaces and tabs.
   */
  delimiter?: string;
  /**
   * Whether the first line names the columns. Without this option it does, but a first line that looks like the second, numbers in the
   * same places, or cells that come again below, is refused. Columns without names are called column 1, column 2, ….
   */
  header?: boolean;
  /**
   * The decimal mark of numbers, for all columns or by column name (default 'auto': found for each column from all of its cells; a column
   * that leaves it open, such as "1,234" alone, is refused). Groups of three digits under the other mark, spaces or apostrophes are read.
   * streamCsv, which sees cells once, takes 'auto' as '.' for columns without a spelling of their own.
   */
  decimal?: DecimalMark | Readonly<Record<string, DecimalMark>>;
  /**
   * More cells that stand for a missing value, beside the usual ones (the empty cell, ?, NA, N/A, n/a, NaN, nan, null, NULL, <NA>, #N/A and the
   * others that pandas knows).
   */
  missing?: readonly string[];
  /** false: only the cells of `missing`, and the empty cell, stand for a missing value (default true). */
  missingDefaults?: boolean;
  /**
   * How dates are written, such as 'DD/MM/YYYY', 'MMM D, YYYY' or '%d.%m.%y', for all columns of dates or by column name (default: found from
   * all cells of a column).
   */
  dateFormat?: string | Readonly<Record<string, string>>;
  /** Of bytes: any encoding that TextDecoder knows, such as 'windows-1252' or 'utf-16le' (default 'utf-8'; a byte order mark decides by itself). */
  encoding?: string;
}

/** Options of parseCsv and readCsv. */
export interface CsvOptions extends CsvDialect {
  /** What the text is called in messages, such as the file's name (default 'CSV'). */
  source?: string;
  /** Types by column name; others are found from the cells. */
  types?: Readonly<Record<string, ColumnType>>;
  /** Only these columns, in this order (default: all). */
  columns?: readonly string[];
}

const strings = given<readonly string[]>((value, name) => {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    fail('ERR_OPTION', `${name}: expected a list of strings, got ${show(value)}.`);
});

/** The rows of a dialect. */
export const dialectRows = {
  delimiter: given<string>((value, name) => {
    if (typeof value !== 'string' || value.length !== 1 || /["\r\n\uFEFF]/.test(value))
      fail('ERR_OPTION', `${name}: expected one character, no quote and no line end, got ${show(value)}.`);
  }),
  header: flag(),
  decimal: given<CsvDialect['decimal']>((value) => {
    for (const [name, mark] of perColumn(value)) checkChoice(mark, ['.', ',', 'auto'], named('decimal', name));
  }),
  missing: strings,
  missingDefaults: flag(),
  dateFormat: given<CsvDialect['dateFormat']>((value) => {
    for (const [name, line] of perColumn(value)) {
      if (typeof line !== 'string')
        fail('ERR_OPTION', `${named('dateFormat', name)}: expected a line such as 'DD/MM/YYYY', got ${show(line)}.`);
      dateFormat(line);
    }
  }),
  encoding: given<string>(checkEncoding),
} satisfies Schema<CsvDialect>;

const csvRows = {
  ...dialectRows,
  source: text(),
  types: given<CsvOptions['types']>((types) => {
    for (const [name, type] of Object.entries(types as object)) checkChoice(type, COLUMN_TYPES, `types[${show(name)}]`);
  }),
  columns: strings,
} satisfies Schema<CsvOptions>;

/** The options as given, each checked. @throws ERR_OPTION. */
export function checkCsvOptions(options: CsvOptions): CsvOptions {
  readOptions(csvRows, options, 'CSV');
  return options;
}

/** An option for all columns ('') or by column name, as a list. */
function perColumn(option: unknown): [name: string, value: unknown][] {
  return typeof option === 'object' && option !== null && !Array.isArray(option) ? Object.entries(option) : [['', option]];
}

function named(option: string, column: string): string {
  return column === '' ? option : `${option}[${show(column)}]`;
}

function checkEncoding(encoding: unknown): void {
  try {
    if (typeof encoding === 'string') {
      textDecoder(encoding);
      return;
    }
  } catch (error) {
    if (error instanceof FeedforwardError) throw error; // others are named below
  }
  fail(
    'ERR_OPTION',
    `encoding: unknown ${show(encoding)}. Expected one that TextDecoder knows, such as utf-8, windows-1252, iso-8859-2, utf-16le, shift_jis or gbk.`,
  );
}

/** A dialect with its defaults, answering for single columns and cells. */
export class Dialect {
  readonly source: string;
  /** The cells that the caller added to those that stand for a missing value. */
  readonly moreMissing: readonly string[];
  private readonly missing: ReadonlySet<string>;
  private readonly longestMissing: number;
  private readonly startsMissing = new Uint8Array(128); // 1 for the first characters of missing cells

  /** The options must have passed `checkCsvOptions`. */
  constructor(readonly options: CsvOptions) {
    this.source = options.source ?? 'CSV';
    this.moreMissing = options.missing ?? [];
    this.missing = new Set(['', ...((options.missingDefaults ?? true) ? MISSING : []), ...this.moreMissing]);
    let longest = 0;
    for (const cell of this.missing) {
      longest = Math.max(longest, cell.length);
      this.startsMissing[cell.charCodeAt(0) & 127] = 1;
    }
    this.longestMissing = longest;
  }

  /** Whether a cell stands for a missing value. Most cells are told by their first character, without hashing them. */
  isMissing(cell: string): boolean {
    if (cell === '') return true;
    return this.startsMissing[cell.charCodeAt(0) & 127] === 1 && cell.length <= this.longestMissing && this.missing.has(cell);
  }

  typeOf(name: string): ColumnType | undefined {
    const { types = {} } = this.options;
    if (Object.hasOwn(types, name)) return types[name];
    const { dateFormat: format } = this.options;
    return typeof format === 'object' && Object.hasOwn(format, name) ? 'date' : undefined;
  }

  decimalOf(name: string): DecimalMark {
    const { decimal = 'auto' } = this.options;
    if (typeof decimal !== 'object') return decimal;
    return Object.hasOwn(decimal, name) ? decimal[name]! : 'auto';
  }

  dateFormatOf(name: string): string | undefined {
    const { dateFormat: format } = this.options;
    if (typeof format !== 'object') return format;
    return Object.hasOwn(format, name) ? format[name] : undefined;
  }

  /** The columns that options name, and the option that does. */
  get named(): [column: string, option: string][] {
    const { types = {}, columns = [], decimal, dateFormat: format } = this.options;
    return [
      ...columns.map((name): [string, string] => [name, 'columns']),
      ...Object.entries({ types, decimal, dateFormat: format }).flatMap(([option, value]) =>
        typeof value === 'object' ? Object.keys(value).map((name): [string, string] => [name, option]) : [],
      ),
    ];
  }

  /** The options that read the text again the same way, once delimiter and header are known. */
  resolved(delimiter: string, header: boolean): Required<CsvDialect> {
    const { decimal = 'auto', dateFormat: format = {}, encoding = 'utf-8' } = this.options;
    return { delimiter, header, decimal, missing: [...this.missing], missingDefaults: false, dateFormat: format, encoding };
  }
}
