// Columns of a table as plain data: names, types, cells, and how the cells of a file's column are written.

export const COLUMN_TYPES = ['numeric', 'categorical', 'boolean', 'date'] as const;

/** numeric: numbers; categorical: text; boolean: true or false; date: days since 1970-01-01 (UTC), with fractions. */
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** How the cells of one column are written where that differs from the file's other columns: plain JSON. */
export interface CellSpelling {
  /** The decimal mark (default '.'). */
  readonly decimal?: '.' | ',';
  /** What stands between groups of three digits: ',', '.', ' ' or "'" (default: nothing). */
  readonly group?: string;
  /** How dates are written, such as 'DD/MM/YYYY' (default: ISO, 2024-05-17, with a time or without). */
  readonly dateFormat?: string;
  /** Cells that stand for a missing value in this column, beside those of the whole file. */
  readonly missing?: readonly string[];
}

/** Numbers, booleans (1 or 0) or dates (days); NaN is a missing cell. */
export interface NumberColumn {
  /** The column's name. */
  readonly name: string;
  /** What the numbers are: booleans are 1 or 0, dates days since 1970-01-01 (UTC). */
  readonly type: 'numeric' | 'boolean' | 'date';
  /** One number per row; NaN is a missing cell. */
  readonly values: Float64Array;
  /** How the cells were written in the file the column came from, where that is not the plain way. */
  readonly spelling?: CellSpelling;
  /** Whether the caller declared the type, so that no guess may leave the column out. */
  readonly declared?: boolean;
}

/** Text: cell i holds categories[codes[i]]; code -1 is a missing cell. */
export interface CategoryColumn {
  /** The column's name. */
  readonly name: string;
  /** Always 'categorical'. */
  readonly type: 'categorical';
  /** One index into categories per row; -1 is a missing cell. */
  readonly codes: Int32Array;
  /** The different texts of the column. */
  readonly categories: readonly string[];
  /** How the cells were written in the file the column came from. */
  readonly spelling?: CellSpelling;
  /** Whether the caller declared the type. */
  readonly declared?: boolean;
}

/** A column of a table: numbers (dates and booleans too) or categories. */
export type Column = NumberColumn | CategoryColumn;

/** A cell as people write it: null where it is missing. Dates are days since 1970-01-01. */
export type Cell = string | number | boolean | null;

/** What is known about a column after a pass over it. */
export interface ColumnSummary {
  /** The column's name. */
  name: string;
  /** The column's type. */
  type: ColumnType;
  /** Cells, missing ones included. */
  rows: number;
  /** Cells that are missing. */
  missing: number;
  /** Of the cells that are there (numeric, boolean, date). Deviation is the population's. */
  min?: number;
  /** The largest of the cells that are there. */
  max?: number;
  /** The mean of the cells that are there. */
  mean?: number;
  /** The population's standard deviation of the cells that are there. */
  deviation?: number;
  /** Whether every cell that is there is a whole number, each different from all others (numeric). */
  distinctWhole?: boolean;
  /** Different values with their numbers of rows, most frequent first; absent when there are more than were counted. */
  categories?: {
    /** The text. */
    value: string;
    /** Rows that hold it. */
    count: number;
  }[];
  /** How the cells are written, where that is not the plain way. */
  spelling?: CellSpelling;
  /** Whether the caller declared the type. */
  declared?: boolean;
}

export const MILLISECONDS_PER_DAY = 86_400_000;

/** Days since 1970-01-01 (UTC) as people write a date: 2024-05-17, with hours, minutes and seconds where there are any; the number itself far beyond all calendars. */
export function dateText(days: number): string {
  const date = new Date(1000 * Math.round((days * MILLISECONDS_PER_DAY) / 1000));
  if (Number.isNaN(date.getTime())) return String(days);
  const [day, time] = date.toISOString().split('T') as [string, string];
  return time.startsWith('00:00:00') ? day : `${day} ${time.replace(/(:00)?\.000Z$/, '')}`;
}

export function lengthOf(column: Column): number {
  return column.type === 'categorical' ? column.codes.length : column.values.length;
}

export function isMissing(column: Column, row: number): boolean {
  return column.type === 'categorical' ? column.codes[row]! < 0 : column.values[row] !== column.values[row];
}

export function cellOf(column: Column, row: number): Cell {
  if (isMissing(column, row)) return null;
  if (column.type === 'categorical') return column.categories[column.codes[row]!]!;
  return column.type === 'boolean' ? column.values[row] === 1 : column.values[row]!;
}
