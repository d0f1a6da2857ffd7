// From CSV to what an estimator trains on, in two passes: the first finds types, ranges and categories of every column, the second
// fills one array of numbers. Decides the task, and leaves out what cannot help.

import { scanCsv, streamCsv, type CsvDialect, type CsvSchema } from '../data/csv.js';
import type { Label } from '../data/labels.js';
import { Matrix, type MatrixLike } from '../data/matrix.js';
import { unknownColumn, type ColumnSummary, type ColumnType, type Table } from '../data/table.js';
import { TableEncoder, type TableEncoderState } from '../data/tabular.js';
import { fail, show } from '../errors.js';
import type { Input } from './input.js';
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
}

export interface Dataset {
  readonly task: Task;
  /** Whether the task was inferred. */
  readonly inferred: boolean;
  readonly encoder: TableEncoder;
  readonly target: ColumnSummary;
  readonly dialect: Required<CsvDialect>;
  readonly X: { readonly data: Float32Array | Float64Array; readonly shape: readonly [number, number] } | Matrix;
  /** Labels, or numbers. */
  readonly y: Label[] | Float64Array;
  readonly rows: number;
  /** Columns of the file, and how many of each type became inputs. */
  readonly columns: number;
  readonly kinds: Readonly<Partial<Record<ColumnType, number>>>;
  /** Remarks for the reader: columns left out, rows without a target. */
  readonly notes: readonly string[];
}

/** Reads it all. `known` is the encoder of a training that goes on. @throws as scanCsv; ERR_LABEL for a target that cannot be learnt. */
export async function readDataset(
  input: Input,
  options: DatasetOptions,
  terminal: Terminal,
  known?: TableEncoderState,
): Promise<Dataset> {
  const { target, drop, features } = options;
  const source = { source: input.name, ...options.dialect };
  const schema = await terminal.reading(`reading ${input.name}, first pass`, input.size, (read) =>
    scanCsv(input.open(read), { ...source, types: options.types }),
  );
  const names = schema.columns.map(({ name }) => name);
  for (const name of [target, ...drop, ...features]) if (!names.includes(name)) unknownColumn(name, names, input.name);
  const summary = schema.columns.find(({ name }) => name === target)!;
  const task = options.task === 'auto' ? inferTask(summary) : options.task;
  checkTarget(summary, task, input.name);

  const wanted = schema.columns.filter(
    ({ name }) => name !== target && !drop.includes(name) && (features.length === 0 || features.includes(name)),
  );
  if (wanted.length === 0) fail('ERR_OPTION', `${input.name}: no column is left to learn from beside ${show(target)}.`);
  const encoder = known === undefined ? new TableEncoder().fitSummaries(wanted) : TableEncoder.fromJSON(known);
  const filled = await terminal.reading(`reading ${input.name}, second pass`, input.size, (read) =>
    fill(input, encoder, schema, summary, task, wanted, read),
  );
  const kinds: Partial<Record<ColumnType, number>> = {};
  for (const { type } of encoder.columns) kinds[type] = (kinds[type] ?? 0) + 1;
  const notes = [...encoder.notes];
  if (summary.missing > 0)
    notes.push(
      `${count(summary.missing, 'row')} without a value in ${show(target)} ${summary.missing === 1 ? 'was' : 'were'} left out.`,
    );
  return {
    task,
    inferred: options.task === 'auto',
    encoder,
    target: summary,
    dialect: schema.dialect,
    ...filled,
    columns: names.length,
    kinds,
    notes,
  };
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
    if (min === max) fail('ERR_LABEL', `${source}: the target ${show(name)} is ${min} in every row; there is nothing to learn.`);
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
  encoder: TableEncoder,
  schema: CsvSchema,
  target: ColumnSummary,
  task: Task,
  summaries: readonly ColumnSummary[],
  read: (bytes: number) => void,
): Promise<Pick<Dataset, 'X' | 'y' | 'rows'>> {
  const rows = target.rows - target.missing;
  const { outputs } = encoder;
  const narrow = summaries.every(keepsFloat32);
  const data = narrow ? new Float32Array(rows * outputs) : new Float64Array(rows * outputs);
  const numbers = task === 'regression' ? new Float64Array(rows) : undefined;
  const labels: Label[] = [];
  let at = 0;
  for await (const table of streamCsv(input.open(read), [...encoder.columns, target], {
    source: input.name,
    ...schema.dialect,
  })) {
    const chunk = target.missing > 0 ? table.dropMissing([target.name]) : table;
    if (chunk.rows === 0) continue;
    data.set(encoder.transform64(chunk).data, at * outputs);
    if (numbers !== undefined) numbers.set(chunk.numbers(target.name), at);
    else for (const label of chunk.labels(target.name)) labels.push(label);
    at += chunk.rows;
  }
  if (at !== rows)
    fail('ERR_FILE', `${input.name} changed while it was read: ${rows} rows in the first pass, ${at} in the second.`);
  const shape = [rows, outputs] as const;
  return { X: data instanceof Float32Array ? new Matrix(data, rows, outputs) : { data, shape }, y: numbers ?? labels, rows };
}

/** Whether float32 keeps a column's differences: its rounding (6e-8 of the largest value) is nothing beside its deviation. */
function keepsFloat32({ type, min, max, deviation }: ColumnSummary): boolean {
  if (type === 'categorical' || type === 'boolean' || min === undefined) return true;
  const largest = Math.max(Math.abs(min), Math.abs(max!));
  return largest < 1e30 && (min === max || largest * 6e-8 < 1e-3 * deviation!);
}

/** A table's rows, as the encoder sees them. */
export function encode(encoder: TableEncoder, table: Table): MatrixLike {
  return encoder.transform64(table);
}

/** "1 row", "1,460 rows". */
export function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
}
