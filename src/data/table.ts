// Tables: columns with names and types, as they come from a CSV file, from records, or from other libraries' tables. Holds the cells and
// answers questions about them; knows nothing of parsing (csv.ts) or of encoding for a network (tabular.ts).

import { fail, show } from '../errors.js';
import type { Label } from './labels.js';
import { calendarColumns } from './calendar.js';
import type { DateFeature } from './calendarWidths.js';
import { cellOf, isMissing, lengthOf, type Cell, type Column, type ColumnSummary, type ColumnType } from './column.js';
import { columnsFrom, columnsOfRecords, type TableLike } from './columnSources.js';
import { cleanName, RECORDS, unknownColumn } from './names.js';
import { summarise } from './tally.js';

export { dateText } from './column.js';
export type { Cell, CategoryColumn, CellSpelling, Column, ColumnSummary, ColumnType, NumberColumn } from './column.js';
export type { TableLike } from './columnSources.js';
export { unknownColumn } from './names.js';

/** Options of a table: its name in messages, its rows, and the lines they came from. */
export interface TableOptions {
  /** The line of each row in the file it came from. */
  readonly lines?: Uint32Array | undefined;
  /** What the table is called in messages (default 'table'). */
  readonly source?: string;
  /** Rows, for a table that may have no column. */
  readonly rows?: number;
  /** What was decided and left out when the table was read, in words. */
  readonly notes?: readonly string[];
}

/** Columns of equal length with different names. */
export class Table {
  /** The columns, in order. */
  readonly columns: readonly Column[];
  /** Rows of every column. */
  readonly rows: number;
  /** The line of each row in the file it came from. */
  readonly lines: Uint32Array | undefined;
  /** What the table is called in messages. */
  readonly source: string;
  /** What was decided, left out or left open when the table was read, in words: things to look at before training. */
  readonly notes: readonly string[];
  private readonly byName: ReadonlyMap<string, Column>;

  /**
   * From columns, or from values by name ({ size: [1, 2], color: ['red', 'blue'] }), as Table.from reads them.
   * @throws ERR_SHAPE for columns of different length, or two of one name; ERR_TYPE for anything else.
   */
  constructor(given: readonly Column[] | Readonly<Record<string, ArrayLike<unknown>>>, options: TableOptions = {}) {
    const columns = Array.isArray(given) ? (given as readonly Column[]) : columnsFrom(given as TableLike);
    columns.forEach(checkColumn);
    this.columns = Object.freeze([...columns]);
    this.source = options.source ?? 'table';
    this.lines = options.lines;
    this.notes = Object.freeze([...(options.notes ?? [])]);
    this.rows = options.rows ?? (columns[0] === undefined ? 0 : lengthOf(columns[0]));
    this.byName = new Map(columns.map((column) => [column.name, column]));
    for (const column of columns)
      if (lengthOf(column) !== this.rows)
        fail('ERR_SHAPE', `${this.source}: column ${show(column.name)} has ${lengthOf(column)} rows, expected ${this.rows}.`);
    if (this.byName.size !== columns.length) {
      const twice = columns.find((column, j) => columns.findIndex(({ name }) => name === column.name) !== j);
      fail('ERR_SHAPE', `${this.source}: two columns are called ${show(twice!.name)}.`);
    }
  }

  /** Column names in order. */
  get names(): string[] {
    return this.columns.map(({ name }) => name);
  }

  /** Whether there is a column of that name. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** The column of that name. @throws ERR_OPTION naming the nearest. */
  column(name: string): Column {
    const column = this.byName.get(name);
    if (column !== undefined) return column;
    // A name pasted from elsewhere may hold characters that nobody sees.
    return (
      (typeof name === 'string' ? this.byName.get(cleanName(name)) : undefined) ?? unknownColumn(name, this.names, this.source)
    );
  }

  /** A table of the named columns, in that order (cells are shared). @throws ERR_OPTION for an unknown name. */
  select(names: readonly string[]): Table {
    return this.with(names.map((name) => this.column(name)));
  }

  /** A table without the named columns (cells are shared). @throws ERR_OPTION for an unknown name. */
  drop(names: readonly string[]): Table {
    const gone = new Set(names.map((name) => this.column(name)));
    return this.with(this.columns.filter((column) => !gone.has(column)));
  }

  private with(columns: readonly Column[]): Table {
    const { lines, source, rows, notes } = this;
    return new Table(columns, { lines, source, rows, notes });
  }

  /** A table of the rows with the given indices, in that order. @throws ERR_SHAPE for an index that is no row. */
  take(indices: ArrayLike<number>): Table {
    const order = Uint32Array.from(indices, (index) => {
      if (!(Number.isInteger(index) && index >= 0 && index < this.rows))
        fail('ERR_SHAPE', `${this.source}: index ${show(index)} is no row; there are rows 0 to ${this.rows - 1}.`);
      return index;
    });
    const columns = this.columns.map((column): Column => {
      if (column.type === 'categorical') return { ...column, codes: Int32Array.from(order, (i) => column.codes[i]!) };
      return { ...column, values: Float64Array.from(order, (i) => column.values[i]!) };
    });
    const { lines, source, notes } = this;
    return new Table(columns, { lines: lines && order.map((i) => lines[i]!), source, rows: order.length, notes });
  }

  /** A table without the rows in which one of the named columns (default: any column) has a missing cell. */
  dropMissing(names: readonly string[] = this.names): Table {
    const columns = names.map((name) => this.column(name));
    const kept: number[] = [];
    for (let i = 0; i < this.rows; i++) if (!columns.some((column) => isMissing(column, i))) kept.push(i);
    return kept.length === this.rows ? this : this.take(kept);
  }

  /** One cell. @throws ERR_OPTION for an unknown column, ERR_SHAPE for an unknown row. */
  cell(row: number, name: string): Cell {
    const column = this.column(name);
    if (!(Number.isInteger(row) && row >= 0 && row < this.rows))
      fail('ERR_SHAPE', `${this.source}: there is no row ${show(row)}; there are rows 0 to ${this.rows - 1}.`);
    return cellOf(column, row);
  }

  /** All rows as objects, name to cell. */
  records(): Record<string, Cell>[] {
    return Array.from({ length: this.rows }, (_, i) =>
      Object.fromEntries(this.columns.map((column) => [column.name, cellOf(column, i)])),
    );
  }

  /**
   * A column as labels, one per row: text, numbers, or true and false.
   * @throws ERR_OPTION for an unknown column, ERR_LABEL with the line for a missing cell.
   */
  labels(name: string): Label[] {
    const column = this.column(name);
    return Array.from({ length: this.rows }, (_, i) => cellOf(column, i) ?? this.refuseMissing(name, i));
  }

  /**
   * A column as numbers, one per row (true is 1, false is 0, dates are days).
   * @throws ERR_OPTION for an unknown column, ERR_TYPE for text, ERR_LABEL with the line for a missing cell.
   */
  numbers(name: string): Float64Array {
    const column = this.column(name);
    if (column.type === 'categorical')
      fail('ERR_TYPE', `${this.source}: column ${show(name)} holds text such as ${show(column.categories[0])}, not numbers.`);
    return column.values.map((value, i) => (value === value ? value : this.refuseMissing(name, i)));
  }

  /** Where a row is, in words: its line in the file, or its number. */
  where(row: number): string {
    return this.lines === undefined ? `${this.source} row ${row}` : `${this.source} line ${this.lines[row]}`;
  }

  private refuseMissing(name: string, row: number): never {
    return fail('ERR_LABEL', `${this.where(row)}, column ${show(name)}: the cell is empty. Fill it, or drop the row.`, {
      row,
      column: name,
    });
  }

  /** What is in each column: missing cells, range, mean, categories. */
  summary(): ColumnSummary[] {
    return this.columns.map(summarise);
  }

  /**
   * A table with what the calendar says of a column of dates beside it, as pandas counts: month 1 to 12, weekday 0 (Monday) to 6, dayOfYear 1 to
   * 366, hour 0 to 23, year. The new columns are called "since month", "since weekday", …; month and weekday hold text, as categories do.
   * @throws ERR_OPTION for an unknown column or feature, ERR_TYPE for a column that holds no dates.
   *
   * @example
   * parseCsv('since\n2024-05-17\n').withCalendar('since', ['month', 'weekday']).records();  // [{ since: 19860, 'since month': '5', 'since weekday': '4' }]
   */
  withCalendar(name: string, features: readonly DateFeature[]): Table {
    const column = this.column(name);
    if (column.type !== 'date')
      fail('ERR_TYPE', `${this.source}: column ${show(name)} is ${column.type}; only dates have a calendar.`);
    return this.with([...this.columns, ...calendarColumns(column, features)]);
  }

  /**
   * A table from objects, one per row: numbers, strings, booleans and Dates; null, undefined, NaN and absent keys are missing cells. A column's
   * kind is that of its first cell that is there; columns are those of all records in the order in which they come up, and of `types`.
   * @throws ERR_EMPTY without rows, ERR_TYPE with row and column for a cell of another kind.
   *
   * @example
   * Table.fromRecords([{ size: 1.5, color: 'red' }, { size: 2, sold: true }]).names;  // ['size', 'color', 'sold']
   */
  static fromRecords(
    records: readonly Readonly<Record<string, unknown>>[],
    types: Readonly<Record<string, ColumnType>> = {},
  ): Table {
    return new Table(columnsOfRecords(records, types), { source: RECORDS, rows: records.length });
  }

  /**
   * A table from whatever has rows and columns: records (objects, one per row), values by column name, a Table, an Apache Arrow table or a danfo.js
   * DataFrame or an arquero table (known by their shape: none of these libraries is needed here). Numbers, strings, booleans and Dates as in
   * fromRecords; whole numbers of 64 bits (bigint) must fit a double.
   * @throws ERR_TYPE for anything else, and for cells of mixed kinds; ERR_SHAPE for columns of different length; ERR_EMPTY without rows.
   *
   * @example
   * Table.from({ size: new Float32Array([1.5, 2]), color: ['red', 'blue'] }).names;  // ['size', 'color']
   */
  static from(given: TableLike, types: Readonly<Record<string, ColumnType>> = {}): Table {
    if (given instanceof Table) return given;
    if (isTable(given)) return new Table(given.columns, given);
    if (Array.isArray(given)) return Table.fromRecords(given as readonly Readonly<Record<string, unknown>>[], types);
    return new Table(columnsFrom(given, types));
  }
}

/** Whether it is the Table of another copy of the library: of another version, or of require() where this one came by import. */
function isTable(given: unknown): given is Table {
  const { columns, rows, source, notes } = (given ?? {}) as Partial<Table>;
  return Array.isArray(columns) && typeof rows === 'number' && typeof source === 'string' && Array.isArray(notes);
}

/** @throws ERR_TYPE for what is no column. */
function checkColumn(column: unknown, j: number): void {
  const { name, type, values, codes, categories } = (column ?? {}) as Partial<Record<string, unknown>>;
  const shaped = type === 'categorical' ? ArrayBuffer.isView(codes) && Array.isArray(categories) : ArrayBuffer.isView(values);
  if (typeof name !== 'string' || typeof type !== 'string' || !shaped)
    fail(
      'ERR_TYPE',
      `Table: columns[${j}] is ${show(column)}, no column. Expected { name, type, values } or { name, type: 'categorical', codes, categories }; Table.from reads records and { name: values }.`,
    );
}
