// From CSV to what estimators train on, in two passes: the first finds the types of columns and the task, the second keeps the cells, as
// numbers and codes. What is learnt from values (means of missing cells, categories, ranges) is left to an encoder for each set of
// training rows, so that rows which judge a model have had no part in it.

import { isFloat64 } from '../brands.js';
import { scanCsv, streamCsv, type CsvDialect, type CsvSchema } from '../data/csv/index.js';
import type { Label } from '../data/labels.js';
import { CategoryWriter, NumberWriter } from '../data/columnWriters.js';
import { dateText, Table, unknownColumn, type CellSpelling, type ColumnSummary, type ColumnType } from '../data/table.js';
import { TableEncoder, type TableEncoderOptions, type TableEncoderState } from '../data/tabular.js';
import { fail, show } from '../errors.js';
import { extremeFindings } from '../estimators/extremeTargets.js';
import type { Input } from './input.js';
import { Notes } from './notes.js';
import type { Terminal } from './terminal.js';

export type Task = 'classification' | 'regression';

export interface DatasetOptions {
  readonly target: string;
  readonly task: Task | 'auto';
  /** Columns to leave out. */
  readonly drop: readonly string[];
  /** Columns to use; all others are left out. Empty: all. */
  readonly features: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly dialect: Partial<CsvDialect>;
  readonly encoder: TableEncoderOptions;
  /** A column whose largest values judge. */
  readonly splitBy?: string;
  /** Whether the loss lets a row count by its distance, not by the square of it. */
  readonly robust?: boolean;
}

export interface Dataset {
  readonly task: Task;
  /** Whether the task was inferred. */
  readonly inferred: boolean;
  readonly target: ColumnSummary;
  readonly dialect: Required<CsvDialect>;
  /** The columns to learn from, in the rows that have a target. */
  readonly table: Table;
  /** Labels, or numbers. */
  readonly y: Label[] | Float64Array;
  readonly rows: number;
  /** What each column of the file holds, those that are left out too. */
  readonly summaries: readonly ColumnSummary[];
  /** Columns of the file. */
  readonly columns: number;
  /** The values of the column splitBy, one per row. */
  readonly order: Float64Array | undefined;
  /** Remarks for the reader: columns left out, rows without a target. */
  readonly notes: Notes;
}

/** Reads it all. `known` is the encoder of a training that goes on. @throws what reading the file throws; ERR_LABEL for a target that cannot be learnt. */
export async function readDataset(
  input: Input,
  options: DatasetOptions,
  terminal: Terminal,
  known?: TableEncoderState,
): Promise<Dataset> {
  const { target, drop, features, splitBy, robust = false } = options;
  const source = { source: input.name, ...options.dialect };
  const schema = await terminal.reading(`reading ${input.name}, first pass`, input.size, (read) =>
    scanCsv(input.open(read), { ...source, types: options.types }),
  );
  const names = schema.columns.map(({ name }) => name);
  for (const name of [target, ...drop, ...features, ...(splitBy === undefined ? [] : [splitBy])])
    if (!names.includes(name)) unknownColumn(name, names, input.name);
  const summary = schema.columns.find(({ name }) => name === target)!;
  const task = options.task === 'auto' ? inferTask(summary) : options.task;
  checkTarget(summary, task, input.name);

  const wanted = schema.columns.filter(
    ({ name }) => name !== target && !drop.includes(name) && (features.length === 0 || features.includes(name)),
  );
  if (wanted.length === 0) fail('ERR_OPTION', `${input.name}: no column is left to learn from beside ${show(target)}.`);
  const chosen = known === undefined ? new TableEncoder(options.encoder).fitSummaries(wanted) : TableEncoder.fromJSON(known);
  const filled = await terminal.reading(`reading ${input.name}, second pass`, input.size, (read) =>
    fill(input, chosen.columns, schema, summary, task, read, splitBy),
  );
  // Which categories are merged depends on the rows that are trained on: the encoder of those says it.
  const leftOut = chosen.findings.filter(({ kind }) => kind !== 'mergedCategories');
  const notes = new Notes();
  for (const note of schema.notes) notes.add(note);
  notes.addFindings(leftOut);
  if (summary.missing > 0)
    notes.add(
      `${count(summary.missing, 'row')} without a value in ${show(target)} ${summary.missing === 1 ? 'was' : 'were'} left out.`,
      'rowsLeftOut',
    );
  const { table, y } = filled;
  if (isFloat64(y))
    notes.addFindings(
      extremeFindings(y, {
        ...{ what: show(target), where: (row: number) => table.where(row), robust },
        text: summary.type === 'date' ? dateText : undefined,
      }),
    );
  return {
    task,
    inferred: options.task === 'auto',
    target: summary,
    dialect: schema.dialect,
    ...filled,
    summaries: schema.columns,
    columns: names.length,
    notes,
  };
}

/** Some rows of a data set, or all: what estimators learn from, with an encoder of their own. */
export function rowsOf({ table }: Dataset, rows: Uint32Array | undefined): Table {
  return rows === undefined ? table : table.take(rows);
}

/** Text and yes-or-no are classes; so are up to ten different whole numbers, each of them many times there. */
export function inferTask({ type, categories, rows, missing }: ColumnSummary): Task {
  if (type === 'categorical' || type === 'boolean') return 'classification';
  if (type === 'date' || categories === undefined) return 'regression';
  const few = categories.length <= 10 && categories.length <= (rows - missing) / 5;
  return few && categories.every(({ value }) => Number.isInteger(Number(value))) ? 'classification' : 'regression';
}

function checkTarget({ name, type, rows, missing, categories, min, max }: ColumnSummary, task: Task, source: string): void {
  const present = rows - missing;
  if (present === 0) fail('ERR_LABEL', `${source}: the target ${show(name)} has no value in any row.`);
  if (task === 'regression') {
    if (type === 'categorical')
      fail(
        'ERR_LABEL',
        `${source}: the target ${show(name)} holds text such as ${show(categories?.[0]?.value)}, not numbers. Use --task classification, or another target.`,
      );
    if (min === max)
      fail(
        'ERR_LABEL',
        `${source}: the target ${show(name)} is ${type === 'date' ? dateText(min!) : min} in every row; there is nothing to learn.`,
      );
    return;
  }
  if (categories === undefined)
    fail(
      'ERR_LABEL',
      `${source}: the target ${show(name)} has more than 1000 different values, too many for classes. Use --task regression, or another target.`,
    );
  if (categories.length === 1)
    fail(
      'ERR_LABEL',
      `${source}: the target ${show(name)} has one class only, ${show(categories[0]!.value)}, in all ${present} rows; there is nothing to tell apart.`,
    );
  if (categories.length === present && present > 2)
    fail(
      'ERR_LABEL',
      `${source}: the target ${show(name)} has a different value in every row: ${type === 'categorical' ? 'it is a name, not a class' : 'use --task regression'}.`,
    );
}

async function fill(
  input: Input,
  columns: readonly { readonly name: string; readonly type: ColumnType; readonly spelling?: CellSpelling }[],
  schema: CsvSchema,
  target: ColumnSummary,
  task: Task,
  read: (bytes: number) => void,
  splitBy: string | undefined,
): Promise<Pick<Dataset, 'table' | 'y' | 'rows' | 'order'>> {
  const rows = target.rows - target.missing;
  const numbers = task === 'regression' ? new Float64Array(rows) : undefined;
  const labels: Label[] = [];
  const order = splitBy === undefined ? undefined : new Float64Array(rows);
  const lines = new Uint32Array(rows);
  const more = schema.columns.filter(
    ({ name }) => name === splitBy && name !== target.name && !columns.some((c) => c.name === name),
  );
  if (more[0]?.type === 'categorical')
    fail(
      'ERR_OPTION',
      `--split-by: the column ${show(splitBy)} holds text such as ${show(more[0].categories?.[0]?.value)}, not numbers or dates.`,
    );
  const declared = new Set(schema.columns.flatMap((column) => (column.declared === true ? [column.name] : [])));
  const writers = columns.map(({ name, type, spelling }) => {
    const origin = { declared: declared.has(name), ...(spelling === undefined ? {} : { spelling }) };
    return type === 'categorical' ? new CategoryWriter(name, origin) : new NumberWriter(name, type, origin);
  });
  let at = 0;
  for await (const table of streamCsv(input.open(read), [...columns, ...more, target], {
    source: input.name,
    ...schema.dialect,
  })) {
    const chunk = target.missing > 0 ? table.dropMissing([target.name]) : table;
    if (chunk.rows === 0) continue;
    if (at + chunk.rows > rows) changed(input.name);
    refuseHuge(chunk, [...columns.map(({ name }) => name), target.name]);
    for (const writer of writers) copy(chunk, writer);
    order?.set(chunk.numbers(splitBy!), at);
    lines.set(chunk.lines!, at);
    if (numbers !== undefined) numbers.set(chunk.numbers(target.name), at);
    else for (const label of chunk.labels(target.name)) labels.push(label);
    at += chunk.rows;
  }
  if (at !== rows) changed(input.name);
  return {
    table: new Table(
      writers.map((writer) => writer.column()),
      { source: input.name, rows, lines },
    ),
    y: numbers ?? labels,
    rows,
    order,
  };
}

function changed(name: string): never {
  return fail('ERR_FILE', `${name} changed while it was read. Try again when nothing writes to it, or with a copy.`);
}

const LARGEST = 3.4028234663852886e38; // float32

/** @throws ERR_RANGE with line and column for a number that no network computes with; it would drown all others of its column. */
export function refuseHuge(table: Table, names: readonly string[]): void {
  for (const name of names) {
    const column = table.column(name);
    if (column.type !== 'numeric') continue;
    const row = column.values.findIndex((value) => Math.abs(value) > LARGEST);
    if (row >= 0)
      fail(
        'ERR_RANGE',
        `${table.where(row)}, column ${show(name)}: ${column.values[row]} is beyond the largest float32 (3.4e38). Correct it, or write the column in a larger unit.`,
        { row, column: name, value: column.values[row] },
      );
  }
}

/** A column's cells after those that the writer has. */
function copy(table: Table, writer: NumberWriter | CategoryWriter): void {
  const column = table.column(writer.name);
  if (column.type === 'categorical') for (const code of column.codes) (writer as CategoryWriter).add(column.categories[code]);
  else for (const value of column.values) (writer as NumberWriter).add(value);
}

/** "1 row", "1,460 rows", "3 classes". */
export function count(n: number, what: string, several = `${what}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? what : several}`;
}
