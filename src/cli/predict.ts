// feedforward predict: a model's answers to the rows of a CSV file, as CSV, row by row as they come: files of any length in bounded memory.

import type { Cell } from '../data/column.js';
import { harmless } from '../data/csv/format.js';
import { formatCsv, streamCsv, type CsvDialect, type StreamColumn } from '../data/csv/index.js';
import { FeedforwardError } from '../errors.js';
import { openOnce, type Input } from './input.js';
import { Interrupt } from './interrupt.js';
import { classesOf } from './integerModel.js';
import { dialectFor, openAnswering, tablesFor, type OpenAnswering } from './modelFile.js';
import { Output, refuseStandardOutput } from './output.js';
import { certainty, checkAsked } from './certainty.js';
import { predictTable } from './answers.js';
import { Terminal, visible } from './terminal.js';

export interface PredictCommand {
  readonly model: string;
  readonly data: string;
  /** undefined: standard output. */
  readonly output: string | undefined;
  /** Probabilities of the classes too. */
  readonly proba: boolean;
  /** The quantiles that a regressor learnt. */
  readonly quantiles: boolean;
  /** The deviations that it learnt. */
  readonly std: boolean;
  /** Confidence of an interval around each number. */
  readonly interval: number | undefined;
  /** Confidence of a set of classes. */
  readonly set: number | undefined;
  /** Columns of the data to copy in front. */
  readonly keep: readonly string[];
  /** What becomes of text that a spreadsheet would run; undefined: escaped in answers, kept in copied columns. */
  readonly formulas: 'escape' | 'keep' | undefined;
  /** How the data is written, as far as that was said. */
  readonly dialect: Partial<CsvDialect>;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function predict(command: PredictCommand): Promise<void> {
  const terminal = new Terminal({ quiet: command.quiet, json: false });
  const interrupt = new Interrupt(terminal);
  let input: Input | undefined;
  let file: Output | undefined;
  try {
    const open = await openAnswering(command.model, ({ message }) => terminal.note(`warning: ${message}`));
    checkAsked(open, command);
    const inUse = [
      { what: 'the data', path: command.data },
      { what: 'the model', path: command.model },
    ];
    const { output } = command;
    if (output === undefined || output === '-' || output === '/dev/stdout') await refuseStandardOutput(inUse);
    else file = await Output.open(output, inUse, interrupt);
    input = await openOnce(command.data, interrupt);
    for await (const text of answers(command, open, input, terminal)) await (file === undefined ? print(text) : file.write(text));
    await file?.commit();
  } finally {
    await file?.discard();
    interrupt.end();
    await input?.close();
  }
}

/** The text to write, a piece for each part of the data: of a pipe, as soon as rows have come. */
async function* answers(
  command: PredictCommand,
  open: OpenAnswering,
  input: Input,
  terminal: Terminal,
): AsyncGenerator<string, void, undefined> {
  const { model, table } = open;
  const { keep, proba, json, formulas } = command;
  // Copied columns are read once more, as text: what the model reads as a number may be 00012.
  const columns: StreamColumn[] = [
    ...model.encoder!.columns,
    ...keep.map((from, k) => ({ name: copyOf(k), from, type: 'categorical' as const, verbatim: true })),
  ];
  const classes = (proba && classesOf(model)) || [];
  const certain = certainty(open, command);
  const names = distinct(
    [...keep, table.target, ...classes.map((label) => `p(${String(label)})`), ...certain.names],
    keep.length,
  );
  let escaped = 0;
  const safe = (cell: Cell, answer: boolean): Cell => {
    if (json || formulas === 'keep' || (formulas === undefined && !answer)) return cell;
    const shown = harmless(cell);
    if (answer && shown !== cell) escaped++;
    return shown;
  };
  const header = names.map((name, j) => String(safe(name, j >= keep.length)));
  let first = !json;
  const { isFile, name: source } = input;
  const options = { source, ...dialectFor(table, command.dialect), chunkRows: 4096, prompt: !isFile };
  for await (const chunk of tablesFor(command.model, open, streamCsv(input.open(), columns, options))) {
    const { predicted, proba: chances } = predictTable(model, chunk);
    const more = certain.of(chunk);
    const rows = Array.from({ length: chunk.rows }, (_, i): Cell[] => [
      ...keep.map((_, k) => safe(chunk.cell(i, copyOf(k)) ?? '', false)),
      safe(digits((predicted as ArrayLike<Cell>)[i]!, 10), true),
      ...(classes.length === 0 ? [] : Array.from(chances!.row(i), (p) => digits(p, 7))),
      ...more[i]!,
    ]);
    yield json
      ? rows.map((row) => `${JSON.stringify(Object.fromEntries(row.map((cell, j) => [names[j]!, cell])))}\n`).join('')
      : formatCsv(header, rows, { header: first });
    first = false;
  }
  if (escaped > 0)
    terminal.note(
      'An apostrophe was put before answers that a spreadsheet would run as formulas; --formulas keep leaves them as they are.',
    );
}

/** What a copied column is called among those that were read: no file has a name with a line end. */
const copyOf = (k: number) => `copy\n${k}`;

/** Names of which none comes twice: an answer beside a copied column of its name is "predicted …". */
function distinct(names: readonly string[], copied: number): string[] {
  const taken = new Set<string>(names.slice(0, copied));
  return names.map((name, j) => {
    if (j < copied) return name;
    let own = name;
    while (taken.has(own)) own = `predicted ${own}`;
    taken.add(own);
    return own;
  });
}

/** To standard output. Returns when there is room for more. @throws ERR_FILE. */
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(process.stdout.isTTY === true ? visible(text) : text, (error) => {
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
