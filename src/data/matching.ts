// The column of a new table that stands for a column of training: of the same type, or of another whose cells say the same. Forms and JSON give
// numbers as text, small files look like another type than the whole: what can be read beyond doubt is, the rest is refused with the way out.

import { fail, nearest, show } from '../errors.js';
import type { CategoryColumn, CellSpelling, Column, ColumnType, NumberColumn } from './column.js';
import { EXPECTED, MISSING, readerOf } from './cells.js';
import { RECORDS, visibleName } from './names.js';

/** What training knows of a column. */
export interface KnownColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly spelling?: CellSpelling;
  readonly categories?: readonly string[];
  /** Whether cells of it were missing in training. */
  readonly missing?: boolean;
}

/** What of a table its columns are looked up by. A Table is one. */
export interface ColumnsByName {
  /** What it is called in messages. */
  readonly source: string;
  readonly rows: number;
  readonly names: readonly string[];
  has(name: string): boolean;
  column(name: string): Column;
  /** Where a row is, in words. */
  where(row: number): string;
}

/**
 * The column of a table that stands for `known`, one of the columns `all` of training.
 * @throws ERR_SHAPE for a table without such a column, ERR_TYPE for cells that are not of its type.
 */
export function matchingColumn(table: ColumnsByName, known: KnownColumn, all: readonly KnownColumn[]): Column {
  const { name, type } = known;
  if (!table.has(name)) {
    if (mayBeMissing(table, known, all)) return missingCells(known, table.rows);
    const near = nearest(name, table.names);
    fail(
      'ERR_SHAPE',
      `${table.source} has no column ${show(visibleName(name))}, which the model was trained with.${near === undefined ? '' : ` Did you mean ${show(visibleName(near))}?`} ${table.names.length === 0 ? 'It has none.' : `Its columns: ${table.names.map(visibleName).join(', ')}.`}${table.source === RECORDS ? ' Give null for a missing cell.' : ''}`,
    );
  }
  const column = table.column(name);
  if (column.type === type) return column;
  if (column.type === 'categorical')
    return fromText(table, column, known as KnownColumn & { type: 'numeric' | 'boolean' | 'date' });
  if (column.values.every((value) => value !== value)) return column;
  if (type === 'categorical') return toText(table, column, known);
  if (type === 'numeric' && column.type === 'boolean') return column;
  if (
    type === 'boolean' &&
    column.type === 'numeric' &&
    column.values.every((value) => value === 0 || value === 1 || value !== value)
  )
    return column;
  return refuse(table, column, type);
}

/**
 * Whether all cells of a column that is not there are missing ones: records leave keys out for those. Cells of it must have been missing in training,
 * and no other key may be the column misspelt.
 */
function mayBeMissing(table: ColumnsByName, { missing }: KnownColumn, all: readonly KnownColumn[]): boolean {
  return table.source === RECORDS && missing === true && table.names.every((key) => all.some(({ name }) => name === key));
}

function missingCells({ name, type }: KnownColumn, rows: number): Column {
  return type === 'categorical'
    ? { name, type, codes: new Int32Array(rows).fill(-1), categories: [] }
    : { name, type, values: new Float64Array(rows).fill(Number.NaN) };
}

/** Text as the numbers, dates or truth values it spells. */
function fromText(
  table: ColumnsByName,
  column: CategoryColumn,
  { name, type, spelling }: KnownColumn & { type: 'numeric' | 'boolean' | 'date' },
): NumberColumn {
  const read = readerOf(type, spelling);
  const missing = new Set([...MISSING, ...(spelling?.missing ?? [])]);
  const numbers = column.categories.map((cell) => (missing.has(cell.trim()) ? Number.NaN : read(cell.trim())));
  const values = new Float64Array(column.codes.length);
  for (let i = 0; i < values.length; i++) {
    const code = column.codes[i]!;
    values[i] = code < 0 ? Number.NaN : numbers[code]!;
    if (code >= 0 && values[i] !== values[i] && !missing.has(column.categories[code]!.trim())) {
      const cell = column.categories[code]!;
      const way =
        type === 'boolean'
          ? ''
          : ` Read the file with the option types: { ${JSON.stringify(name)}: '${type}' }, or correct the cell.`;
      const how = spelling?.dateFormat === undefined ? EXPECTED[type] : `a date written ${spelling.dateFormat}`;
      fail('ERR_TYPE', `${table.where(i)}, column ${show(name)}: ${show(cell)} is not ${how}, as in training.${way}`, {
        row: i,
        column: name,
      });
    }
  }
  return { name, type, values };
}

/** Numbers as the text they are written with, where every one of them is a category of training: 7 is not "007". */
function toText(table: ColumnsByName, column: NumberColumn, known: KnownColumn): CategoryColumn {
  const { name, type, values } = column;
  const categories = known.categories ?? [];
  const ids = new Map(categories.map((category, id) => [category, id]));
  const codes = Int32Array.from(values, (value) => {
    if (value !== value) return -1;
    const id = ids.get(type === 'boolean' ? String(value === 1) : String(value));
    return type === 'date' || id === undefined ? refuse(table, column, known.type) : id;
  });
  return { name, type: 'categorical', codes, categories };
}

function refuse(table: ColumnsByName, column: Column, type: ColumnType): never {
  return fail(
    'ERR_TYPE',
    `${table.source}: column ${show(column.name)} is ${column.type}, but it was ${type} in training. Read the file with the option types: { ${JSON.stringify(column.name)}: '${type}' }.`,
    { column: column.name },
  );
}
