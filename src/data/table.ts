// Tables: columns with names and types, as they come from a CSV file or from records. Holds the cells and answers questions about
// them; knows nothing of parsing (csv.ts) or of encoding for a network (tabular.ts).

import { fail, nearest, show } from '../errors.js';
import type { Label } from './labels.js';

export const COLUMN_TYPES = ['numeric', 'categorical', 'boolean', 'date'] as const;

/** numeric: numbers; categorical: text; boolean: true or false; date: days since 1970-01-01 (UTC), with fractions. */
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** Numbers, booleans (1 or 0) or dates (days); NaN is a missing cell. */
export interface NumberColumn {
  readonly name: string;
  readonly type: 'numeric' | 'boolean' | 'date';
  readonly values: Float64Array;
}

/** Text: cell i holds categories[codes[i]]; code -1 is a missing cell. */
export interface CategoryColumn {
  readonly name: string;
  readonly type: 'categorical';
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export type Column = NumberColumn | CategoryColumn;

/** A cell as people write it: null where it is missing. Dates are days since 1970-01-01. */
export type Cell = string | number | boolean | null;

/** What is known about a column after a pass over it. */
export interface ColumnSummary {
  name: string;
  type: ColumnType;
  /** Cells, missing ones included. */
  rows: number;
  missing: number;
  /** Of the cells that are there (numeric, boolean, date). Deviation is the population's. */
  min?: number;
  max?: number;
  mean?: number;
  deviation?: number;
  /** Different values with their numbers of rows, most frequent first; absent when there are more than were counted. */
  categories?: { value: string; count: number }[];
}

/** The most different values of a column that are counted one by one. */
export const MOST_CATEGORIES = 1000;

/** Columns of equal length with different names. */
export class Table {
  readonly columns: readonly Column[];
  readonly rows: number;
  /** The line of each row in the file it came from. */
  readonly lines: Uint32Array | undefined;
  /** What the table is called in messages. */
  readonly source: string;
  private readonly byName: ReadonlyMap<string, Column>;

  /**
   * A table of named columns, numbers or categories. parseCsv and readCsv make one from text.
   * @throws ERR_SHAPE for columns of different length, or two of one name.
   */
  constructor(columns: readonly Column[], options: { lines?: Uint32Array; source?: string; rows?: number } = {}) {
    this.columns = Object.freeze([...columns]);
    this.source = options.source ?? 'table';
    this.lines = options.lines;
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
    return this.byName.get(name) ?? unknownColumn(name, this.names, this.source);
  }

  /** A table of the named columns, in that order (cells are shared). @throws ERR_OPTION for an unknown name. */
  select(names: readonly string[]): Table {
    return this.with(names.map((name) => this.column(name)));
  }

  /** A table without the named columns (cells are shared). @throws ERR_OPTION for an unknown name. */
  drop(names: readonly string[]): Table {
    for (const name of names) this.column(name);
    return this.with(this.columns.filter(({ name }) => !names.includes(name)));
  }

  private with(columns: readonly Column[]): Table {
    return new Table(columns, { lines: this.lines, source: this.source, rows: this.rows });
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
    const { lines } = this;
    return new Table(columns, { lines: lines && order.map((i) => lines[i]!), source: this.source, rows: order.length });
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
   * A table from objects, one per row: numbers, strings, booleans and Dates; null, undefined and NaN are missing cells. A column's kind is
   * that of its first cell; columns are those of the first record, and of `types`.
   * @throws ERR_EMPTY without rows, ERR_TYPE with row and column for a cell of another kind.
   */
  static fromRecords(
    records: readonly Readonly<Record<string, unknown>>[],
    types: Readonly<Record<string, ColumnType>> = {},
  ): Table {
    if (!Array.isArray(records)) fail('ERR_TYPE', `records: expected a list of objects, got ${show(records)}.`);
    if (records.length === 0) fail('ERR_EMPTY', 'records: there are none.');
    records.forEach((record, i) => {
      if (typeof record !== 'object' || record === null || Array.isArray(record))
        fail('ERR_TYPE', `records[${i}]: expected an object, got ${show(record)}.`);
    });
    const names = [...new Set([...Object.keys(records[0]!), ...Object.keys(types)])];
    return new Table(
      names.map((name) =>
        columnOf(
          name,
          records.map((record) => (Object.hasOwn(record, name) ? record[name] : null)),
          types[name],
        ),
      ),
      { source: 'records', rows: records.length },
    );
  }
}

/** @throws ERR_OPTION: no such column, the nearest, and the list. */
export function unknownColumn(name: unknown, names: readonly string[], source: string): never {
  const near = typeof name === 'string' ? nearest(name, names) : undefined;
  const list = names.length > 20 ? `${names.slice(0, 20).join(', ')}, … (${names.length} in all)` : names.join(', ');
  return fail(
    'ERR_OPTION',
    `${source} has no column ${show(name)}.${near === undefined ? '' : ` Did you mean ${show(near)}?`} Its columns: ${list}.`,
  );
}

function lengthOf(column: Column): number {
  return column.type === 'categorical' ? column.codes.length : column.values.length;
}

function isMissing(column: Column, row: number): boolean {
  return column.type === 'categorical' ? column.codes[row]! < 0 : column.values[row] !== column.values[row];
}

function cellOf(column: Column, row: number): Cell {
  if (isMissing(column, row)) return null;
  if (column.type === 'categorical') return column.categories[column.codes[row]!]!;
  return column.type === 'boolean' ? column.values[row] === 1 : column.values[row]!;
}

function columnOf(name: string, cells: readonly unknown[], wanted: ColumnType | undefined): Column {
  const first = cells.find((cell) => !isAbsent(cell));
  const type = wanted ?? kindOf(first) ?? 'numeric';
  const refuse = (row: number): never =>
    fail('ERR_TYPE', `records[${row}].${name}: ${show(cells[row])} is not ${type} as the column is.`, { row, column: name });
  if (type === 'categorical') {
    const writer = new CategoryWriter(name);
    cells.forEach((cell, row) => {
      if (!isAbsent(cell) && typeof cell !== 'string' && typeof cell !== 'number' && typeof cell !== 'boolean') refuse(row);
      writer.add(isAbsent(cell) ? undefined : String(cell));
    });
    return writer.column();
  }
  const values = Float64Array.from(cells, (cell, row) => {
    if (isAbsent(cell)) return Number.NaN;
    if (cell instanceof Date && type === 'date') return cell.getTime() / MILLISECONDS_PER_DAY;
    if (typeof cell === 'number' && Number.isFinite(cell) && type !== 'boolean') return cell;
    if (typeof cell === 'boolean' && type === 'boolean') return cell ? 1 : 0;
    return refuse(row);
  });
  return { name, type, values };
}

export const MILLISECONDS_PER_DAY = 86_400_000;

function isAbsent(cell: unknown): boolean {
  return cell === null || cell === undefined || cell !== cell || (cell instanceof Date && Number.isNaN(cell.getTime()));
}

function kindOf(cell: unknown): ColumnType | undefined {
  if (typeof cell === 'number') return 'numeric';
  if (typeof cell === 'string') return 'categorical';
  if (typeof cell === 'boolean') return 'boolean';
  return cell instanceof Date ? 'date' : undefined;
}

// ---- columns, a cell at a time ----------------------------------------------------------------------------

/** A growing column of numbers. */
export class NumberWriter {
  private values = new Float64Array(1024);
  private count = 0;

  constructor(
    readonly name: string,
    readonly type: 'numeric' | 'boolean' | 'date',
  ) {}

  /** NaN for a missing cell. */
  add(value: number): void {
    if (this.count === this.values.length) {
      const wider = new Float64Array(2 * this.count);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.count++] = value;
  }

  /** The column so far; the writer starts again, empty. */
  column(): NumberColumn {
    const { name, type } = this;
    const values = this.values.slice(0, this.count);
    this.count = 0;
    return { name, type, values };
  }
}

/** A growing column of text. */
export class CategoryWriter {
  private codes = new Int32Array(1024);
  private count = 0;
  private ids = new Map<string, number>();
  readonly type = 'categorical';

  constructor(readonly name: string) {}

  /** undefined for a missing cell. */
  add(value: string | undefined): void {
    if (this.count === this.codes.length) {
      const wider = new Int32Array(2 * this.count);
      wider.set(this.codes);
      this.codes = wider;
    }
    let code = -1;
    if (value !== undefined) {
      code = this.ids.get(value) ?? -1;
      if (code < 0) {
        code = this.ids.size;
        this.ids.set(ownCopy(value), code);
      }
    }
    this.codes[this.count++] = code;
  }

  /** The column so far; the writer starts again, empty. */
  column(): CategoryColumn {
    const column: CategoryColumn = {
      name: this.name,
      type: this.type,
      codes: this.codes.slice(0, this.count),
      categories: [...this.ids.keys()],
    };
    this.count = 0;
    this.ids = new Map();
    return column;
  }
}

/** The text in memory of its own: a slice of a long string would keep that string alive (engines slice from 13 characters on). */
export function ownCopy(text: string): string {
  return text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string);
}

// ---- summaries --------------------------------------------------------------------------------------------

/** Running range, mean and variance of numbers. See: Welford 1962. */
export class NumberTally {
  count = 0;
  min = Infinity;
  max = -Infinity;
  mean = 0;
  private squares = 0;

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    const off = value - this.mean;
    this.mean += off / this.count;
    this.squares += off * (value - this.mean);
  }

  get deviation(): number {
    return this.count === 0 ? Number.NaN : Math.sqrt(this.squares / this.count);
  }

  /** min, max, mean and deviation; nothing without numbers. */
  summary(): Pick<ColumnSummary, 'min' | 'max' | 'mean' | 'deviation'> {
    const { min, max, mean, deviation } = this;
    return this.count === 0 ? {} : { min, max, mean, deviation };
  }
}

/** Counts of different values, up to a limit; beyond it, nothing is kept. */
export class CategoryTally {
  private counts: Map<string, number> | undefined = new Map();

  constructor(private readonly most = MOST_CATEGORIES) {}

  add(value: string, times = 1): void {
    if (this.counts === undefined) return;
    const before = this.counts.get(value);
    if (before !== undefined) this.counts.set(value, before + times);
    else if (this.counts.size === this.most) this.counts = undefined;
    else this.counts.set(ownCopy(value), times);
  }

  /** Most frequent first, equal counts in order of the text; undefined beyond the limit. */
  summary(): { value: string; count: number }[] | undefined {
    if (this.counts === undefined) return undefined;
    const list = [...this.counts].map(([value, count]) => ({ value, count }));
    return list.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }
}

function summarise(column: Column): ColumnSummary {
  const { name, type } = column;
  const rows = lengthOf(column);
  const categories = new CategoryTally();
  if (column.type === 'categorical') {
    const counts = new Uint32Array(column.categories.length);
    let missing = 0;
    for (const code of column.codes)
      if (code < 0) missing++;
      else counts[code]!++;
    counts.forEach((count, code) => {
      if (count > 0) categories.add(column.categories[code]!, count);
    });
    return { name, type, rows, missing, categories: categories.summary() };
  }
  const tally = new NumberTally();
  for (const value of column.values) {
    if (value !== value) continue;
    tally.add(value);
    categories.add(categoryText(value, column.type));
  }
  return { name, type, rows, missing: rows - tally.count, ...tally.summary(), categories: categories.summary() };
}

/** How a number is written among a column's categories. */
export function categoryText(value: number, type: ColumnType): string {
  return type === 'boolean' ? String(value === 1) : String(value);
}
