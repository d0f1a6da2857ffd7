// Columns from what other code hands over: records, values by name, and the tables of other libraries, which are known by their shape.

import { brandOf, isDate } from '../brands.js';
import { fail, show } from '../errors.js';
import { checkChoice } from '../options.js';
import { COLUMN_TYPES, MILLISECONDS_PER_DAY, type Column, type ColumnType } from './column.js';
import { CategoryWriter } from './columnWriters.js';

/** What Table.from takes: records, values by name, or a table of Apache Arrow, arquero or danfo.js (or one of that shape). */
export type TableLike =
  | readonly Readonly<Record<string, unknown>>[]
  | Readonly<Record<string, ArrayLike<unknown>>>
  | {
      /** The schema of an Arrow table. */
      readonly schema: {
        /** Its fields, in order. */
        readonly fields: readonly {
          /** The column's name. */
          readonly name: string;
        }[];
      };
      /** The column of that name. */
      getChild(name: string): unknown;
    }
  | {
      /** The names of the columns of an arquero table. */
      columnNames(): string[];
      /** The values of a column. */
      array(name: string): unknown;
    }
  | {
      /** The names of the columns of a danfo.js frame. */
      readonly columns: readonly string[];
      /** Its rows. */
      readonly values: readonly unknown[];
    }
  | object;

type Types = Readonly<Record<string, ColumnType>>;

/** @throws ERR_EMPTY without rows, ERR_TYPE with row and column for a cell of another kind. */
export function columnsOfRecords(records: readonly Readonly<Record<string, unknown>>[], types: Types): Column[] {
  if (!Array.isArray(records)) fail('ERR_TYPE', `records: expected a list of objects, got ${show(records)}.`);
  if (records.length === 0) fail('ERR_EMPTY', 'records: there are none.');
  checkTypes(types);
  const names = new Set<string>();
  records.forEach((record, i) => {
    if (!isRecord(record)) fail('ERR_TYPE', `records[${i}]: expected an object, got ${show(record)}.`);
    for (const key of Object.keys(record)) names.add(key);
    for (const key of gettersOf(record)) names.add(key);
  });
  for (const name of Object.keys(types)) names.add(name);
  return [...names].map((name) => {
    const cells = records.map((record) => (Object.hasOwn(record, name) || gettersOf(record).has(name) ? record[name] : null));
    return columnOf(name, cells, types, (row) => `records[${row}].${name}`);
  });
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Names of the getters that an object of a class has, its own and those of its classes; a plain object has none beside its keys. */
function gettersOf(record: object): ReadonlySet<string> {
  const plain = (object: unknown) => object === null || Object.getPrototypeOf(object) === null; // Object.prototype, of any realm
  if (plain(Object.getPrototypeOf(record))) return NO_NAMES;
  const names = new Set<string>();
  for (let object: unknown = record; !plain(object); object = Object.getPrototypeOf(object))
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(object as object)))
      if (get !== undefined) names.add(name);
  return names;
}

/** Whether a value is an object whose keys are columns: no list, no typed array, no Date or Map. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && brandOf(value) === 'Object';
}

/** @throws ERR_TYPE, ERR_SHAPE. */
export function columnsFrom(given: TableLike, types: Types = {}): Column[] {
  checkTypes(types);
  if (typeof given !== 'object' || given === null)
    fail('ERR_TYPE', `Table.from: expected records, { column: values } or a table, got ${show(given)}.`);
  const lists = listsOf(given as Readonly<Record<string, unknown>>);
  if (lists.length === 0) fail('ERR_EMPTY', 'Table.from: there is no column.');
  const [[first, { length: rows }]] = lists as [[string, ArrayLike<unknown>]];
  if (rows === 0) fail('ERR_EMPTY', 'Table.from: there are no rows.');
  return lists.map(([name, values]) => {
    if (values.length !== rows)
      fail('ERR_SHAPE', `Table.from: column ${show(name)} has ${values.length} rows, but ${show(first)} has ${rows}.`);
    return columnOf(name, values, types, (row) => `column ${show(name)}, row ${row}`);
  });
}

/** Names and cells of the columns, whatever library the table is of. */
function listsOf(given: Readonly<Record<string, unknown>>): [name: string, values: ArrayLike<unknown>][] {
  const { getChild, schema, columnNames, array, columns, values } = given as {
    getChild?: unknown;
    schema?: { fields?: unknown };
    columnNames?: unknown;
    array?: unknown;
    columns?: unknown;
    values?: unknown;
  };
  if (typeof getChild === 'function' && Array.isArray(schema?.fields))
    return (schema.fields as { name: string }[]).map(({ name }) => [name, listOf(getChild.call(given, name), name)]);
  if (typeof columnNames === 'function' && typeof array === 'function')
    return (columnNames.call(given) as string[]).map((name) => [name, listOf(array.call(given, name), name)]);
  if (Array.isArray(columns) && Array.isArray(values) && columns.every((name) => typeof name === 'string'))
    return columnsOfRows(columns as string[], values);
  return Object.entries(given).map(([name, list]) => [name, listOf(list, name)]);
}

/** danfo.js: names, and rows of cells (one cell without a row around it where there is one column). */
function columnsOfRows(names: readonly string[], rows: readonly unknown[]): [string, unknown[]][] {
  return names.map((name, j) => [
    name,
    rows.map((row, i) => {
      if (!Array.isArray(row) && names.length === 1) return row;
      if (!Array.isArray(row) || row.length !== names.length)
        fail('ERR_SHAPE', `Table.from: row ${i} is ${show(row)}, but there are ${names.length} columns.`);
      return row[j] as unknown;
    }),
  ]);
}

/** The cells of a column as something with a length: lists, typed arrays, vectors that can be iterated. */
function listOf(values: unknown, name: string): ArrayLike<unknown> {
  if (Array.isArray(values)) return values;
  if (ArrayBuffer.isView(values) && 'length' in values) return values as unknown as ArrayLike<unknown>;
  if (typeof values === 'object' && values !== null && Symbol.iterator in values) return [...(values as Iterable<unknown>)];
  return fail(
    'ERR_TYPE',
    `Table.from: column ${show(name)}: expected a list of cells, got ${show(values)}. Records go in a list: [{ … }, { … }].`,
  );
}

function checkTypes(types: Types): void {
  for (const [name, type] of Object.entries(types)) checkChoice(type, COLUMN_TYPES, `types[${show(name)}]`);
}

function columnOf(name: string, cells: ArrayLike<unknown>, types: Types, where: (row: number) => string): Column {
  const { length } = cells;
  let first = 0;
  while (first < length && isAbsent(cells[first])) first++;
  const declared = Object.hasOwn(types, name);
  const type = declared ? types[name]! : (kindOf(cells[first]) ?? 'numeric');
  const refuse = (row: number): never =>
    fail('ERR_TYPE', `${where(row)}: ${show(cells[row])} is not ${type} as the column is.`, { row, column: name });
  if (type === 'categorical') {
    const writer = new CategoryWriter(name, declared ? { declared } : {});
    for (let row = 0; row < length; row++) {
      const cell = cells[row];
      if (isAbsent(cell)) writer.add(undefined);
      else if (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean' || typeof cell === 'bigint')
        writer.add(String(cell));
      else refuse(row);
    }
    return writer.column();
  }
  const values = new Float64Array(length);
  for (let row = 0; row < length; row++) values[row] = numberOf(cells[row], type, () => refuse(row));
  return { name, type, values, ...(declared ? { declared } : {}) };
}

function numberOf(cell: unknown, type: 'numeric' | 'boolean' | 'date', refuse: () => never): number {
  if (isAbsent(cell)) return Number.NaN;
  if (type === 'date' && isDate(cell)) return cell.getTime() / MILLISECONDS_PER_DAY;
  if (typeof cell === 'number' && Number.isFinite(cell) && type !== 'boolean') return cell;
  if (typeof cell === 'bigint' && type === 'numeric' && Number.isSafeInteger(Number(cell))) return Number(cell);
  if (typeof cell === 'boolean' && type === 'boolean') return cell ? 1 : 0;
  return refuse();
}

/** Dates of other realms (frames, test runners) too. */
function isAbsent(cell: unknown): boolean {
  return cell === null || cell === undefined || cell !== cell || (isDate(cell) && Number.isNaN(cell.getTime()));
}

function kindOf(cell: unknown): ColumnType | undefined {
  if (typeof cell === 'number' || typeof cell === 'bigint') return 'numeric';
  if (typeof cell === 'string') return 'categorical';
  if (typeof cell === 'boolean') return 'boolean';
  return isDate(cell) ? 'date' : undefined;
}
