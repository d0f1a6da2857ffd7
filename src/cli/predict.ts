// feedforward predict: a model's answers to the rows of a CSV file, as CSV, row by row as they come: files of any length in bounded memory.

import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { formatCsv, streamCsv, type CsvDialect } from '../data/csv.js';
import type { Cell, ColumnType } from '../data/table.js';
import { FeedforwardError, fail } from '../errors.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { openOnce } from './input.js';
import { openModel, tablesFor } from './modelFile.js';
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
  const open = await openModel(command.model, ({ message }) => terminal.note(`warning: ${message}`));
  const { model, table } = open;
  if (command.proba && model instanceof MLPRegressor) fail('ERR_OPTION', '--proba: this model predicts numbers, not classes.');
  const input = await openOnce(command.data);
  const { encoder } = model;
  const known = encoder!.columns;
  const copied = command.keep.filter((name) => !known.some((column) => column.name === name));
  const columns: { name: string; type: ColumnType }[] = [
    ...known,
    ...copied.map((name) => ({ name, type: 'categorical' as const })),
  ];
  const classes = model instanceof MLPRegressor ? [] : model.classes;
  const names = [...command.keep, table.target, ...(command.proba ? classes.map((label) => `p(${String(label)})`) : [])];

  const stream: Writable = command.output === undefined ? process.stdout : createWriteStream(command.output);
  let failed: Error | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0); // the reader has seen enough
    failed = new FeedforwardError(
      'ERR_FILE',
      `Cannot write ${command.output ?? 'standard output'}: ${error.message}.`,
      {},
      error,
    );
  });
  const dialect: Partial<CsvDialect> = {
    decimal: table.decimal,
    missing: table.missing,
    ...(command.delimiter === undefined ? {} : { delimiter: command.delimiter }),
  };
  let header = !command.json;
  const tables = streamCsv(input.open(), columns, { source: input.name, ...dialect, chunkRows: 4096 });
  for await (const chunk of tablesFor(command.model, open, tables)) {
    const answers = predictAll(model, chunk);
    const predicted = answers.predicted as ArrayLike<Cell>;
    const proba = command.proba ? answers.proba : undefined;
    const rows = Array.from({ length: chunk.rows }, (_, i): Cell[] => [
      ...command.keep.map((name) => chunk.cell(i, name)),
      digits(predicted[i]!, 10),
      ...(proba === undefined ? [] : Array.from(proba.row(i), (p) => digits(p, 7))),
    ]);
    const text = command.json
      ? rows.map((row) => `${JSON.stringify(Object.fromEntries(row.map((cell, j) => [names[j]!, cell])))}\n`).join('')
      : formatCsv(names, rows, { header });
    header = false;
    if (failed !== undefined) throw failed;
    if (!stream.write(text)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  if (command.output !== undefined) {
    stream.end();
    await finished(stream).catch((error: Error) => {
      throw failed ?? error;
    });
  }
  if (failed !== undefined) throw failed;
}

/** Numbers without the digits that float32 makes up. */
function digits(cell: Cell, significant: number): Cell {
  return typeof cell === 'number' ? Number(cell.toPrecision(significant)) : cell;
}
