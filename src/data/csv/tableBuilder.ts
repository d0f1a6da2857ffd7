// Records to columns: of types that a scan finds, or that are known.

import type { CellSpelling, Column, ColumnSummary, ColumnType } from '../column.js';
import { CategoryWriter, NumberWriter, type ColumnOrigin } from '../columnWriters.js';
import { Table } from '../table.js';
import { fail, show } from '../../errors.js';
import { listNames } from './header.js';
import type { CsvReader } from './reader.js';
import type { Records } from './records.js';
import { readerOf } from '../cells.js';
import { refuseCell } from './cell.js';
import { ColumnScan, type ColumnFinding } from './typing.js';

/** A column to be read: its name, type and spelling. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  readonly spelling?: CellSpelling | undefined;
  readonly declared?: boolean;
  /** The column of the file, where it has another name there. */
  readonly from?: string | undefined;
  /** Its cells as they stand in the file, as categories: nothing is missing, no space is lost. */
  readonly verbatim?: boolean | undefined;
}

/** Finds the types of columns, and their statistics, cell by cell. */
export class Scan {
  rows = 0;
  private columns: readonly ColumnScan[] | undefined;
  private findings: readonly ColumnFinding[] | undefined;

  constructor(private readonly reader: CsvReader) {}

  add({ rows, lines }: Records): void {
    if (rows.length === 0) return;
    const { reader } = this;
    this.columns ??= reader.kept.map(
      (name) => new ColumnScan(name, reader.places.get(name)!, reader.dialect, reader.resolved.delimiter),
    );
    for (const column of this.columns) column.add(rows, lines);
    this.rows += rows.length;
  }

  /** @throws ERR_TYPE with line and column for a stray cell in a column that is otherwise numeric, or of dates. */
  types(): readonly ColumnFinding[] {
    if (this.findings !== undefined) return this.findings;
    const columns = this.columns!;
    // Columns that show their decimal mark speak for those that leave it open, when they agree.
    const marks = new Set(columns.map(({ evidence }) => evidence).filter((mark) => mark !== undefined));
    const mark = marks.size === 1 ? [...marks][0] : undefined;
    const findings = columns.map((column) => column.decide(mark));
    const { dateFormat: format } = this.reader.dialect.options;
    if (typeof format === 'string' && !findings.some(({ type }) => type === 'date'))
      fail('ERR_OPTION', `dateFormat: ${this.reader.dialect.source} has no column of dates written ${format}.`);
    this.findings = findings;
    return findings;
  }

  /** What was decided, in words. */
  notes(): string[] {
    this.types();
    const commas = this.columns!.filter((column) => column.commas !== undefined);
    const names = listNames(commas.map(({ name }) => show(name)));
    const found =
      commas.length === 0
        ? []
        : [`Decimal commas were found in column${commas.length === 1 ? '' : 's'} ${names} (${show(commas[0]!.commas)}).`];
    return [...this.reader.notes, ...found, ...this.columns!.flatMap(({ notes }) => notes)];
  }

  summaries(): ColumnSummary[] {
    this.types();
    return this.columns!.map((column) => column.summary(this.rows));
  }
}

/** Writes records into columns of known type. */
export class TableBuilder {
  private readonly writers: readonly (NumberWriter | CategoryWriter)[];
  private readonly plans: readonly ColumnPlan[];
  private readonly readers: readonly (((cell: string) => number) | undefined)[];
  private readonly missing: readonly (ReadonlySet<string> | undefined)[];
  private readonly places: readonly number[];
  private lines: number[] = [];

  constructor(
    private readonly reader: CsvReader,
    columns: readonly ColumnPlan[],
  ) {
    this.plans = columns;
    this.writers = columns.map(({ name, type, spelling, declared }) => {
      const origin: ColumnOrigin = {
        ...(spelling === undefined ? {} : { spelling }),
        ...(declared === true ? { declared } : {}),
      };
      return type === 'categorical' ? new CategoryWriter(name, origin) : new NumberWriter(name, type, origin);
    });
    this.readers = columns.map(({ type, spelling }) => (type === 'categorical' ? undefined : readerOf(type, spelling)));
    this.missing = columns.map(({ spelling }) => (spelling?.missing === undefined ? undefined : new Set(spelling.missing)));
    this.places = columns.map(({ name, from = name }) => reader.places.get(from)!);
  }

  get rows(): number {
    return this.lines.length;
  }

  add(cells: readonly string[], line: number): void {
    const { reader, writers, places, readers, missing } = this;
    const { dialect } = reader;
    for (let j = 0; j < writers.length; j++) {
      const writer = writers[j]!;
      if (writer.type === 'categorical' && this.plans[j]!.verbatim === true) {
        writer.add(reader.verbatim(cells)[places[j]!]);
        continue;
      }
      const cell = cells[places[j]!]!;
      const absent = dialect.isMissing(cell) || missing[j]?.has(cell) === true;
      if (writer.type === 'categorical') writer.add(absent ? undefined : cell);
      else if (absent) writer.add(Number.NaN);
      else {
        const value = readers[j]!(cell);
        if (value !== value) refuseCell(cell, writer.type, this.plans[j]!.spelling, line, writer.name, dialect);
        writer.add(value);
      }
    }
    this.lines.push(line);
  }

  /** The rows so far; the builder starts again, empty. */
  table(notes: readonly string[] = []): Table {
    const columns: Column[] = this.writers.map((writer) => writer.column());
    const table = new Table(columns, {
      lines: Uint32Array.from(this.lines),
      source: this.reader.dialect.source,
      rows: this.lines.length,
      notes,
    });
    this.lines = [];
    return table;
  }
}

/** All records as a table, of types found from their cells. */
export function tableOf(reader: CsvReader, records: readonly Records[]): Table {
  const scan = new Scan(reader);
  for (const part of records) scan.add(part);
  const builder = new TableBuilder(reader, scan.types());
  for (const { rows, lines } of records) for (let i = 0; i < rows.length; i++) builder.add(rows[i]!, lines[i]!);
  return builder.table(scan.notes());
}
