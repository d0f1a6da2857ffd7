// A CSV text as rows that are as wide as its header: records (records.ts) after the header (header.ts), checked for their width.

import { fail } from '../../errors.js';
import type { CsvDialect, CsvOptions } from './dialect.js';
import { Dialect } from './dialect.js';
import { type Header, listNames, readHeader } from './header.js';
import { RecordReader, type Records } from './records.js';

/** Rows looked at before the header is settled. */
const HEAD_ROWS = 100;

/** Text pushed in; rows of cells out, every row as wide as the header, which is kept apart. */
export class CsvReader {
  readonly dialect: Dialect;
  private readonly records: RecordReader;
  private waiting: { rows: string[][]; lines: number[] } | undefined = { rows: [], lines: [] };
  private head: Header | undefined;
  private emptyRows = 0;

  /** The options must have passed `checkCsvOptions`. */
  constructor(
    options: CsvOptions,
    private readonly how: { readonly prompt?: boolean; readonly verbatim?: boolean } = {},
  ) {
    this.dialect = new Dialect(options);
    this.records = new RecordReader(this.dialect, how);
  }

  /** The cells of a row as they stand in the text, unquoted, with the spaces around them; needs the option verbatim. */
  verbatim(row: readonly string[]): readonly string[] {
    return this.records.verbatim(row);
  }

  /** All column names of the file. Known as soon as there are records. */
  get names(): readonly string[] {
    return this.header.names;
  }

  /** Where each column stands. */
  get places(): ReadonlyMap<string, number> {
    return this.header.places;
  }

  /** Names of the columns to keep, in the order asked for. */
  get kept(): readonly string[] {
    return this.dialect.options.columns ?? this.names;
  }

  /** The options that read the text again the same way. */
  get resolved(): Required<CsvDialect> {
    return this.dialect.resolved(this.records.delimiter, this.header.header);
  }

  /** What was decided about the text as a whole, in words. */
  get notes(): string[] {
    const { emptyRows, dialect } = this;
    const empty =
      emptyRows === 0 ? [] : [`${dialect.source}: ${emptyRows} row${emptyRows === 1 ? ' holds' : 's hold'} no value at all.`];
    return [...this.header.notes, ...this.records.notes, ...empty];
  }

  private get header(): Header {
    return this.head ?? fail('ERR_EMPTY', `${this.dialect.source} is empty.`);
  }

  /** Records that are complete with this piece of text. */
  push(text: string): Records {
    return this.body(this.records.push(text), false);
  }

  /** What is left at the end of the text. @throws ERR_EMPTY when there was no row at all. */
  finish(): Records {
    const records = this.body(this.records.finish(), true);
    void this.header; // refuses an empty text
    return records;
  }

  /** Takes the header off the first records, and checks that all others are as wide. */
  private body(records: Records, final: boolean): Records {
    const { waiting, dialect } = this;
    if (waiting !== undefined) {
      for (let i = 0; i < records.rows.length; i++) {
        waiting.rows.push(records.rows[i]!);
        waiting.lines.push(records.lines[i]!);
      }
      if (waiting.rows.length < (this.how.prompt === true ? 2 : HEAD_ROWS) && !final) return { rows: [], lines: [] };
      this.waiting = undefined;
      if (waiting.rows.length === 0) fail('ERR_EMPTY', `${dialect.source} is empty.`);
      const many = waiting.rows.length > HEAD_ROWS;
      const sample = many ? { rows: waiting.rows.slice(0, HEAD_ROWS), lines: waiting.lines.slice(0, HEAD_ROWS) } : waiting;
      const { head, first } = readHeader(sample, dialect, this.records.delimiter);
      this.head = head;
      records = many
        ? { rows: first.rows.concat(waiting.rows.slice(HEAD_ROWS)), lines: first.lines.concat(waiting.lines.slice(HEAD_ROWS)) }
        : first;
      if (records.rows.length === 0) fail('ERR_EMPTY', `${dialect.source} has a header, but no rows.`);
    }
    if (this.head !== undefined) this.checkRows(records);
    return records;
  }

  private checkRows({ rows, lines }: Records): void {
    const { names, trailing } = this.header;
    const width = names.length;
    for (let i = 0; i < rows.length; i++) {
      const cells = rows[i]!;
      if (trailing && cells.length === width + 1 && cells[width] === '') cells.pop();
      if (cells.length !== width) this.refuseWidth(cells, lines[i]!);
      if (width > 1 && cells[0] === '' && cells.every((cell) => cell === '')) this.emptyRows++;
    }
  }

  private refuseWidth(cells: readonly string[], line: number): never {
    const { names } = this;
    const cell = `${cells.length} cell${cells.length === 1 ? '' : 's'}`;
    const column = `${names.length} column${names.length === 1 ? '' : 's'}`;
    return fail(
      'ERR_FORMAT',
      `${this.dialect.source} line ${line} has ${cell}, but there are ${column} (${listNames(names)}). ` +
        'A cell with the delimiter in it needs quotes.',
      { line },
    );
  }
}
