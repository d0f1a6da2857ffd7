// feedforward explain: what each column adds to each prediction, in parts that add up.

import type { Cell } from '../data/column.js';
import { harmless } from '../data/csv/format.js';
import { formatCsv, streamCsv, type CsvDialect } from '../data/csv/index.js';
import { Random } from '../data/random.js';
import { alignColumns } from '../data/textColumns.js';
import { dateText, type Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { explain, type Explanation } from '../explain/explain.js';
import { count } from './dataset.js';
import { openOnce } from './input.js';
import { Interrupt } from './interrupt.js';
import { dialectFor, openModel, tablesFor, type OpenModel } from './modelFile.js';
import { bar } from './plot.js';
import { Terminal } from './terminal.js';

export interface ExplainCommand {
  readonly model: string;
  readonly data: string;
  /** A file of rows that stand for "not known"; undefined: the rows themselves. */
  readonly background: string | undefined;
  /** The class whose probability is explained. */
  readonly class: string | undefined;
  readonly logit: boolean;
  readonly seed: number;
  readonly budget: number | undefined;
  readonly dialect: Partial<CsvDialect>;
  readonly csv: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

const mostRows = 100_000;
const backgroundRows = 100;

export async function explainFile(command: ExplainCommand): Promise<void> {
  const terminal = new Terminal(command);
  const interrupt = new Interrupt(terminal);
  try {
    const open = await openModel(command.model, ({ message }) => terminal.note(`warning: ${message}`));
    const { model } = open;
    const output = classOf(open, command);
    const rows = await readAll(command, open, command.data, interrupt);
    if (command.background === undefined && rows.rows === 1)
      fail(
        'ERR_OPTION',
        'explain: one row beside itself has nothing to explain. Name rows to compare it with, such as those that trained, with --background.',
      );
    const others = command.background === undefined ? rows : await readAll(command, open, command.background, interrupt);
    model.predict(rows); // says what is unusual about them
    const background = some(others, command.seed);
    const found = explain(model, rows, {
      ...{ background, seed: command.seed },
      ...(output === undefined ? {} : { output }),
      ...(command.logit ? { scale: 'logit' as const } : {}),
      ...(command.budget === undefined ? {} : { budget: command.budget }),
    });
    report(command, open, { rows, background, output, found }, terminal);
  } finally {
    interrupt.end();
  }
}

/** The place of the class asked for; of two classes the second by default. */
function classOf({ model }: OpenModel, command: ExplainCommand): number | undefined {
  if (model instanceof MLPRegressor) {
    if (command.class !== undefined) fail('ERR_OPTION', '--class: this model predicts numbers, not classes.');
    if (command.logit) fail('ERR_OPTION', '--logit: this model predicts numbers, not probabilities.');
    return undefined;
  }
  const names = model.classes.map(String);
  if (command.class === undefined) {
    if (names.length === 2) return 1;
    fail('ERR_OPTION', `explain: name the class to explain with --class. Classes: ${names.slice(0, 20).join(', ')}.`);
  }
  const place = names.indexOf(command.class);
  if (place < 0)
    fail('ERR_OPTION', `--class: there is no class ${show(command.class)}. Classes: ${names.slice(0, 20).join(', ')}.`);
  return place;
}

/** All rows of a file as one table. */
async function readAll(command: ExplainCommand, open: OpenModel, path: string, interrupt: Interrupt): Promise<Table> {
  const input = await openOnce(path, interrupt);
  try {
    const options = { source: input.name, ...dialectFor(open.table, command.dialect), chunkRows: mostRows };
    let all: Table | undefined;
    for await (const table of tablesFor(command.model, open, streamCsv(input.open(), open.model.encoder!.columns, options))) {
      if (table.rows === 0) continue;
      if (all !== undefined) fail('ERR_OPTION', `${input.name} has more than ${count(mostRows, 'row')}; explain them in parts.`);
      all = table;
    }
    return all ?? fail('ERR_EMPTY', `${input.name} has no rows.`);
  } finally {
    await input.close();
  }
}

function some(table: Table, seed: number): Table {
  if (table.rows <= backgroundRows) return table;
  return table.take(new Random(seed, 'explain background').permutation(table.rows).slice(0, backgroundRows).sort());
}

interface Found {
  readonly rows: Table;
  readonly background: Table;
  readonly output: number | undefined;
  readonly found: Explanation;
}

function report(command: ExplainCommand, open: OpenModel, answer: Found, terminal: Terminal): void {
  const { rows, background, output, found } = answer;
  const { base, values, predictions, featureNames, method, permutations, standardErrors } = found;
  const { model, table } = open;
  const label = model instanceof MLPRegressor ? undefined : model.classes[output!]!;
  const what =
    label === undefined ? table.target : `${command.logit ? 'log odds' : 'probability'} of ${table.target} = ${String(label)}`;
  const written = label === undefined && table.targetColumn?.type === 'date' ? dateText : number; // a value of the target
  const named = (numbers: ArrayLike<number>) => Object.fromEntries(featureNames.map((name, j) => [name, numbers[j]!]));
  if (command.csv && !command.json) {
    const names = ['prediction', 'base', ...featureNames].map((name) => String(harmless(name)));
    const cells = Array.from(predictions, (f, i): Cell[] => [f, base, ...values.row(i)]);
    terminal.result(() => formatCsv(names, cells, { header: true }).trimEnd(), undefined);
    return;
  }
  terminal.result(
    () =>
      [
        `${what}: ${written(base)} on average over ${count(background.rows, 'background row')}; ${how(found)}`,
        ...rowTexts(rows, found, written),
      ].join('\n'),
    {
      command: 'explain',
      target: table.target,
      class: label,
      scale: label === undefined ? 'units' : command.logit ? 'logit' : 'probability',
      base,
      method,
      permutations,
      background: background.rows,
      rows: Array.from(predictions, (prediction, i) => ({
        line: rows.lines?.[i],
        prediction,
        values: named(values.row(i)),
        ...(standardErrors === undefined ? {} : { standardErrors: named(standardErrors.row(i)) }),
      })),
    },
  );
}

function how({ method, permutations }: Explanation): string {
  return method === 'exact' ? 'exact' : `by ${permutations} pairs of permutations, ± standard errors`;
}

/** A table for each row: columns by the size of their part, what they hold, the part, and a bar. */
function rowTexts(
  rows: Table,
  { base, values, predictions, featureNames, standardErrors }: Explanation,
  written: (value: number) => string,
): string[] {
  return Array.from(predictions).flatMap((prediction, i) => {
    const parts = values.row(i);
    const order = featureNames.map((_, j) => j).sort((a, b) => Math.abs(parts[b]!) - Math.abs(parts[a]!));
    const largest = Math.abs(parts[order[0]!]!) || 1;
    const lines = alignColumns([
      ['', 'value', 'adds', standardErrors === undefined ? '' : '±'],
      ...order.map((j) => [
        `  ${featureNames[j]}`,
        cell(rows, i, featureNames[j]!),
        signed(parts[j]!),
        standardErrors === undefined ? '' : number(standardErrors.row(i)[j]!),
      ]),
    ]);
    const bars = ['', ...order.map((j) => bar(Math.abs(parts[j]!) / largest, 16))];
    const width = Math.max(...lines.map(({ length }) => length));
    const where = rows.lines === undefined ? `row ${i + 1}` : `line ${rows.lines[i]}`;
    return [
      '',
      `${where}: ${written(prediction)} = ${written(base)} ${prediction < base ? '-' : '+'} ${number(Math.abs(prediction - base))}`,
      ...lines.map((line, k) => `${line.padEnd(width)}  ${bars[k]}`.trimEnd()),
    ];
  });
}

const number = (value: number) => Number(value.toPrecision(4)).toString();
const signed = (value: number) => (value > 0 ? `+${number(value)}` : number(value));
function cell(rows: Table, row: number, name: string): string {
  const value = rows.cell(row, name);
  if (value === null) return '(missing)';
  if (typeof value !== 'number') return String(value).slice(0, 30);
  return rows.column(name).type === 'date' ? dateText(value) : number(value);
}
