#!/usr/bin/env node
// The command feedforward: its commands, their options, their help. What they do is in the files beside this one.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { COLUMN_TYPES, type ColumnType } from '../data/table.js';
import { version } from '../formats/version.js';
import { bench } from './bench.js';
import { evaluate } from './evaluate.js';
import { Exit, exitCodes, failureOf } from './exit.js';
import { exportModel, formatHelp } from './export.js';
import { info } from './info.js';
import { predict } from './predict.js';
import { Terminal } from './terminal.js';
import { train, type TrainSettings } from './train.js';

// ---- values of options ------------------------------------------------------------------------------------------

const list = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`Expected a number, got "${text}".`);
  return value;
}

function whole(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError(`Expected a whole number, got "${text}".`);
  return value;
}

function folds(text: string): number {
  const value = whole(text);
  if (value < 2) throw new InvalidArgumentError(`Expected at least 2 folds, got ${value}.`);
  return value;
}

const wholes = (text: string) => list(text).map(whole);

function types(text: string, before: Record<string, ColumnType> = {}): Record<string, ColumnType> {
  for (const pair of list(text)) {
    const at = pair.lastIndexOf('=');
    const type = pair.slice(at + 1) as ColumnType;
    if (at < 1 || !COLUMN_TYPES.includes(type))
      throw new InvalidArgumentError(`Expected column=type with a type of ${COLUMN_TYPES.join(', ')}, got "${pair}".`);
    before = { ...before, [pair.slice(0, at)]: type };
  }
  return before;
}

function delimiter(text: string): string {
  return text === '\\t' || text === 'tab' ? '\t' : text;
}

// ---- commands ---------------------------------------------------------------------------------------------------

interface Common {
  json?: boolean;
  quiet?: boolean;
}

const common = (command: Command) =>
  command.option('--json', 'print one JSON object instead of text').option('--quiet', 'print errors only');

const program = new Command('feedforward')
  .description('Trains multilayer perceptrons on CSV files, and predicts with them.')
  .version(version, '-V, --version')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ writeErr: () => undefined })
  .addHelpText(
    'after',
    () => `
Examples:
  feedforward train houses.csv --target price -o houses.ff
  feedforward predict houses.ff new.csv > prices.csv
  cat new.csv | feedforward predict houses.ff - --proba
  feedforward evaluate houses.ff more.csv

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')}`,
  );

common(program.command('train').argument('[data]', 'a CSV file with a header, or - for standard input'))
  .description('train a model on a CSV file, judge it on rows it has not seen, save it')
  .option('-t, --target <column>', 'the column to predict')
  .option('-o, --output <file>', 'where to save the model (default: the data file with .ff)')
  .addOption(
    new Option('--task <task>', 'what to predict: classes or numbers')
      .choices(['auto', 'classification', 'regression'])
      .default('auto'),
  )
  .option('--features <columns>', 'learn from these columns only', list, [])
  .option('--drop <columns>', 'leave these columns out', list, [])
  .option('--types <column=type,…>', `types of columns that are not what they seem: ${COLUMN_TYPES.join(', ')}`, types)
  .option('--delimiter <character>', 'what stands between cells (default: found out)', delimiter)
  .addOption(new Option('--decimal <mark>', 'the decimal mark of numbers').choices(['.', ',']))
  .option(
    '--missing <words>',
    'what stands for a missing value, beside empty cells (default: NA, N/A, NaN, nan, null, NULL, ?)',
    list,
  )
  .option('--header', 'the first line names the columns, even if it looks like data')
  .option('--no-header', 'the first line is data; columns are called column 1, column 2, …')
  .option('--hidden <units>', 'hidden layers, such as 64,32; none for a linear model (default: by the number of rows)', (text) =>
    text === 'none' ? [] : wholes(text),
  )
  .option('--activation <name>', 'of the hidden layers (default: relu)')
  .option('--epochs <n>', 'the most passes over the rows (default: 200)', whole)
  .option('--batch-size <rows>', 'rows per step (default: by the number of rows)', whole)
  .option('--learning-rate <rate>', 'of the optimizer', number)
  .option('--optimizer <name>', 'adam, adamw, sgd, rmsprop, lbfgs, … (default: adam)')
  .option('--l2 <penalty>', 'on the weights (default: 1e-4)', number)
  .option('--dropout <share>', 'after each hidden layer (default: 0)', number)
  .addOption(new Option('--scale <how>', 'scaling of the columns').choices(['standard', 'minMax', 'robust', 'none']))
  .addOption(new Option('--class-weight <how>', 'weights of classes').choices(['balanced']))
  .option(
    '--patience <epochs>',
    'epochs without improvement before training stops; 0 never stops early (default: 15, from 200 rows on)',
    whole,
  )
  .option('--test-size <share>', 'share, or number, of rows held out to judge by; 0 for none (default: 0.2)', number)
  .option('--cv <folds>', 'judge by cross-validation instead, and train on all rows', folds)
  .option('--time-budget <seconds>', 'stop training after so long', number)
  .option('--seed <n>', 'of everything random', whole, 0)
  .option('--deterministic', 'the same bits on every machine')
  .option('--resume <checkpoint>', 'go on with an interrupted training of the same data')
  .addHelpText(
    'after',
    `
Types of columns are found out: numbers, text (one input per category), true and false, dates. Missing numbers become the mean.
Ctrl-C saves a checkpoint and says how to go on.
A file is read twice and kept as numbers: a million rows of 20 columns take about 500 MB of memory.

Examples:
  feedforward train iris.csv --target species
  feedforward train houses.csv -t price --drop id --hidden 128,64 --epochs 500 -o houses.ff
  feedforward train small.csv -t answer --cv 10 --json > report.json
  feedforward train houses.csv --resume houses.ff.checkpoint -o houses.ff`,
  )
  .action(async (data: string | undefined, options: TrainFlags, command: Command) => {
    const file = data ?? usage('train: name a CSV file, or - for standard input.');
    if (options.target === undefined && options.resume === undefined) usage('train: name the column to predict with --target.');
    if (options.cv !== undefined && options.testSize !== undefined && options.testSize > 0)
      usage('train: --cv judges by all rows; leave --test-size out.');
    if (options.resume !== undefined)
      for (const { attributeName, long } of command.options.map((option) => ({
        attributeName: option.attributeName(),
        long: option.long,
      })))
        if (command.getOptionValueSource(attributeName) === 'cli' && !changeable.includes(attributeName))
          usage(
            `train: --resume goes on as the training began; ${long} cannot be changed. Leave it out, or train anew without --resume.`,
          );
    await train({
      data: file,
      output: options.output,
      resume: options.resume,
      settings: options.resume === undefined ? settingsOf(options, options.target!) : undefined,
      timeBudget: options.timeBudget,
      json: options.json ?? false,
      quiet: options.quiet ?? false,
    });
  });

common(
  program.command('predict').argument('<model>', 'a model file').argument('[data]', 'a CSV file, or - for standard input', '-'),
)
  .description('predict the rows of a CSV file; writes CSV (with --json one object per line)')
  .option('-o, --output <file>', 'where to write (default: standard output)')
  .option('--proba', 'the probability of each class too')
  .option('--keep <columns>', 'copy these columns of the data in front', list, [])
  .option('--delimiter <character>', 'what stands between cells (default: found out)', delimiter)
  .addHelpText(
    'after',
    `
Rows are read and written as they come. Columns are found by name; those the model does not know are ignored.

Examples:
  feedforward predict houses.ff new.csv -o prices.csv
  cat new.csv | feedforward predict houses.ff --keep id | sort -t, -k2 -n
  feedforward predict iris.ff flowers.csv --proba`,
  )
  .action((model: string, data: string, { output, proba = false, keep, delimiter, json = false, quiet = false }) =>
    predict({ model, data, output, proba, keep, delimiter, json, quiet }),
  );

common(
  program
    .command('evaluate')
    .argument('<model>', 'a model file')
    .argument('[data]', 'a CSV file with the target, or - for standard input', '-'),
)
  .description('score a model on rows whose answers are known')
  .option('--delimiter <character>', 'what stands between cells (default: found out)', delimiter)
  .addHelpText(
    'after',
    `
Example:
  feedforward evaluate houses.ff sold-since.csv --json`,
  )
  .action((model: string, data: string, { delimiter, json = false, quiet = false }) =>
    evaluate({ model, data, delimiter, json, quiet }),
  );

common(program.command('info').argument('<model>', 'a model file'))
  .description('what is in a model file: columns, layers, training, score')
  .addHelpText(
    'after',
    `
Example:
  feedforward info houses.ff`,
  )
  .action((model: string, { json = false, quiet = false }: Common) => info({ model, json, quiet }));

common(program.command('export').argument('<model>', 'a model file'))
  .description('write a model for other tools')
  .requiredOption('-o, --output <file>', 'where to write')
  .option('--format <format>', 'the format (default: by the extension)')
  .addHelpText(
    'after',
    `
Formats:
${formatHelp.map((line) => `  ${line}`).join('\n')}

Example:
  feedforward export houses.ff -o houses.onnx`,
  )
  .action((model: string, { output, format, json = false, quiet = false }) =>
    exportModel({ model, output, format, json, quiet }),
  );

common(program.command('bench'))
  .description('time training steps and predictions on this machine')
  .option('--seconds <n>', 'how long to take', number, 60)
  .addHelpText(
    'after',
    `
Example:
  feedforward bench --seconds 20`,
  )
  .action(({ seconds, json = false, quiet = false }) => bench({ seconds, json, quiet }));

/** Options that a training that goes on may have anew. */
const changeable = ['output', 'resume', 'timeBudget', 'json', 'quiet'];

// ---- train's flags ------------------------------------------------------------------------------------------------

interface TrainFlags extends Common {
  target?: string;
  output?: string;
  task: TrainSettings['task'];
  features: string[];
  drop: string[];
  types?: Record<string, ColumnType>;
  delimiter?: string;
  decimal?: '.' | ',';
  missing?: string[];
  header?: boolean;
  hidden?: number[];
  activation?: string;
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  optimizer?: string;
  l2?: number;
  dropout?: number;
  scale?: string;
  classWeight?: string;
  patience?: number;
  testSize?: number;
  cv?: number;
  timeBudget?: number;
  seed: number;
  deterministic?: boolean;
  resume?: string;
}

/** Settings as plain JSON, without what was not asked for. */
function settingsOf(flags: TrainFlags, target: string): TrainSettings {
  const { task, features, drop, types = {}, delimiter, decimal, missing, header, testSize, cv, timeBudget, seed } = flags;
  const {
    hidden,
    activation,
    epochs,
    batchSize,
    learningRate,
    optimizer,
    l2,
    dropout,
    scale,
    classWeight,
    patience,
    deterministic,
  } = flags;
  const earlyStopping = patience === undefined ? undefined : patience === 0 ? false : { patience };
  const present = (options: object) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return {
    target,
    task,
    features,
    drop,
    types,
    seed,
    ...present({ delimiter, decimal, missing, header: headerOf(header), testSize, folds: cv, timeBudget }),
    model: present({
      hiddenLayers: hidden,
      activation,
      epochs,
      batchSize,
      learningRate,
      optimizer,
      l2,
      dropout,
      scale,
      classWeight,
      earlyStopping,
      deterministic,
    }),
  };
}

/** commander gives true when neither --header nor --no-header was said. */
function headerOf(header: boolean | undefined): boolean | undefined {
  return header === false ? false : process.argv.includes('--header') ? true : undefined;
}

function usage(message: string): never {
  throw new Exit(2, message, 'ERR_OPTION');
}

// ---- the end --------------------------------------------------------------------------------------------------------

async function main(): Promise<void> {
  const flag = (name: string) => process.argv.includes(name);
  try {
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (process.argv.length <= 2) program.help({ error: false });
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const failure =
      error instanceof CommanderError
        ? { exitCode: 2 as const, code: 'ERR_OPTION', message: error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ') }
        : failureOf(error);
    if (process.env['FEEDFORWARD_DEBUG']) console.error(error);
    new Terminal({ json: flag('--json'), quiet: flag('--quiet') }).failure(failure);
    process.exitCode = failure.exitCode;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader has seen enough
  // EIO: the terminal is gone, and a training may yet have a checkpoint to save.
  if (error.code === 'EIO') return;
  process.stderr.write(`feedforward: Cannot write standard output: ${error.message}.\n`);
  process.exit(4);
});
process.stderr.on('error', () => undefined); // nobody is there to be told
await main();
