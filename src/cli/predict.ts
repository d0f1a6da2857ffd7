// feedforward predict: a model's answers to the rows of a CSV file, as CSV, row by row as they come: files of any length in bounded memory.

import { formatCsv, streamCsv, type CsvDialect } from '../data/csv/index.js';
import type { Cell, ColumnType } from '../data/table.js';
import { FeedforwardError, fail } from '../errors.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { openOnce, type Input } from './input.js';
import { Interrupt } from './interrupt.js';
import { openModel, tablesFor, type OpenModel } from './modelFile.js';
import { Output, refuseStandardOutput } from './output.js';
import { predictAll } from './scores.js';
import { Terminal } from './terminal.js';

export interface PredictCommand {
  readonly model: string;
  readonly data: string;
  /** undefined: standard output. */
  readonly output: string | undefined;
  /** Probabilities of the classes too. */
  readonly proba: boolean;
  /** Columns of the data to copy in front. */
  readonly keep: readonly string[];
  readonly delimiter: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function predict(command: PredictCommand): Promise<void> {
  const terminal = new Terminal({ quiet: command.quiet, json: false });
  const interrupt = new Interrupt(terminal);
  let input: Input | undefined;
  let file: Output | undefined;
  try {
    const open = await openModel(command.model, ({ message }) => terminal.note(`warning: ${message}`));
    if (command.proba && open.model instanceof MLPRegressor)
      fail('ERR_OPTION', '--proba: this model predicts numbers, not classes.');
    const inUse = [
      { what: 'the data', path: command.data },
      { what: 'the model', path: command.model },
    ];
    const { output } = command;
    if (output === undefined || output === '-' || output === '/dev/stdout') await refuseStandardOutput(inUse);
    else file = await Output.open(output, inUse, interrupt);
    input = await openOnce(command.data, interrupt);
    for await (const text of answers(command, open, input)) await (file === undefined ? print(text) : file.write(text));
    await file?.commit();
  } finally {
    await file?.discard();
    interrupt.end();
    await input?.close();
  }
}

/** The text to write, a piece for each part of the data. */
async function* answers(command: PredictCommand, open: OpenModel, input: Input): AsyncGenerator<string, void, undefined> {
  const { model, table } = open;
  const known = model.encoder!.columns;
  const copied = command.keep.filter((name) => !known.some((column) => column.name === name));
  const columns: { name: string; type: ColumnType }[] = [
    ...known,
    ...copied.map((name) => ({ name, type: 'categorical' as const })),
  ];
  const classes = model instanceof MLPRegressor ? [] : model.classes;
  const names = [...command.keep, table.target, ...(command.proba ? classes.map((label) => `p(${String(label)})`) : [])];
  const dialect: Partial<CsvDialect> = {
    decimal: table.decimal,
    missing: table.missing,
    ...(command.delimiter === undefined ? {} : { delimiter: command.delimiter }),
  };
  let header = !command.json;
  const tables = streamCsv(input.open(), columns, { source: input.name, ...dialect, chunkRows: 4096 });
  for await (const chunk of tablesFor(command.model, open, tables)) {
    const predictions = predictAll(model, chunk);
    const predicted = predictions.predicted as ArrayLike<Cell>;
    const proba = command.proba ? predictions.proba : undefined;
    const rows = Array.from({ length: chunk.rows }, (_, i): Cell[] => [
      ...command.keep.map((name) => chunk.cell(i, name)),
      digits(predicted[i]!, 10),
      ...(proba === undefined ? [] : Array.from(proba.row(i), (p) => digits(p, 7))),
    ]);
    yield command.json
      ? rows.map((row) => `${JSON.stringify(Object.fromEntries(row.map((cell, j) => [names[j]!, cell])))}\n`).join('')
      : formatCsv(names, rows, { header });
    header = false;
  }
}

/** To standard output. Returns when there is room for more. @throws ERR_FILE. */
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) return resolve();
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0); // the reader has seen enough
      reject(new FeedforwardError('ERR_FILE', `Cannot write standard output: ${error.message}.`, {}, error));
    });
  });
}

/** Numbers without the digits that float32 makes up. */
function digits(cell: Cell, significant: number): Cell {
  return typeof cell === 'number' ? Number(cell.toPrecision(significant)) : cell;
}
