#!/usr/bin/env node
// The command feedforward: its commands, their options, their help. What they do is in the files beside this one.

import { Command, CommanderError, Option } from 'commander';
import { version } from '../formats/version.js';
import { cleanName } from '../data/names.js';
import { bench } from './bench.js';
import { course } from './course.js';
import { evaluate } from './evaluate.js';
import { exitCodes, failureOf } from './exit.js';
import { explainFile } from './explain.js';
import { exportModel, formatHelp } from './export.js';
import { info } from './info.js';
import { predict } from './predict.js';
import { reportFile } from './reportFile.js';
import { defineSearch } from './searchFlags.js';
import { dialect, dialectOf } from './tableFlags.js';
import { Terminal } from './terminal.js';
import { defineTrain } from './trainCommand.js';
import { defineWorker } from './worker.js';
import { list, number, whole } from './values.js';

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

defineTrain(dialect(common(program.command('train'))));

dialect(
  common(
    program.command('predict').argument('<model>', 'a model file').argument('[data]', 'a CSV file, or - for standard input', '-'),
  ),
)
  .description('predict the rows of a CSV file; writes CSV (with --json one object per line)')
  .option('-o, --output <file>', 'where to write (default: standard output)')
  .option('--proba', 'the probability of each class too')
  .option('--quantiles', 'the quantiles that the model learnt (train --quantiles), a column for each')
  .option('--std', 'the deviation of each number, of a model that learnt it (train --loss gaussianNll)')
  .option('--interval <confidence>', 'of numbers, low and high that hold the true one with this probability, such as 0.9', number)
  .option('--set <confidence>', 'of classes, which of them cannot be ruled out with this probability: 1 or 0 for each', number)
  .option('--keep <columns>', 'copy these columns of the data in front, as they stand there', list, [])
  .addOption(
    new Option(
      '--formulas <how>',
      'text that a spreadsheet would run (it begins with =, +, -, @ or a tab): escape puts an apostrophe before it; answers are escaped, columns of --keep are not, without this option',
    ).choices(['escape', 'keep']),
  )
  .addHelpText(
    'after',
    `
Rows are read and written as they come. Columns are found by name; those the model does not know are ignored.

Examples:
  feedforward predict houses.ff new.csv -o prices.csv
  cat new.csv | feedforward predict houses.ff --keep id | sort -t, -k2 -n
  feedforward predict iris.ff flowers.csv --proba
  feedforward predict houses.ff new.csv --interval 0.9   # of a model trained with --calibration-size
  feedforward predict houses.ff new.csv --quantiles      # of one trained with --quantiles`,
  )
  .action(
    (
      model: string,
      data: string,
      {
        output,
        proba = false,
        quantiles = false,
        std = false,
        interval,
        set,
        keep,
        formulas,
        json = false,
        quiet = false,
        ...flags
      },
    ) =>
      predict({
        model,
        data,
        output,
        proba,
        quantiles,
        std,
        interval,
        set,
        keep: keep.map(cleanName),
        formulas,
        dialect: dialectOf(flags),
        json,
        quiet,
      }),
  );

dialect(
  common(
    program
      .command('evaluate')
      .argument('<model>', 'a model file')
      .argument('[data]', 'a CSV file with the target, or - for standard input', '-'),
  ),
)
  .description('score a model on rows whose answers are known')
  .addHelpText(
    'after',
    `
Example:
  feedforward evaluate houses.ff sold-since.csv --json`,
  )
  .action((model: string, data: string, { json = false, quiet = false, ...flags }) =>
    evaluate({ model, data, dialect: dialectOf(flags), json, quiet }),
  );

dialect(
  common(
    program
      .command('explain')
      .argument('<model>', 'a model file')
      .argument('[data]', 'a CSV file of rows to explain, or - for standard input', '-'),
  ),
)
  .description('say what each column adds to each prediction, in parts that add up')
  .option(
    '--background <file>',
    'a CSV file of rows that stand for "not known", 100 of them drawn (default: the rows themselves)',
  )
  .option('--class <label>', 'the class whose probability is explained (default: the second of two)')
  .option('--logit', 'explain the log odds of the class in place of its probability')
  .option('--budget <seconds>', 'exact where so many allow it, else by permutations (default: 10)', number)
  .option('--seed <n>', 'of the background rows drawn and of permutations', whole, 0)
  .addOption(new Option('--csv', 'print CSV, a column for each part').conflicts('json'))
  .addHelpText(
    'after',
    `
A prediction is the mean over the background rows plus a part for each column: Shapley values. docs/explain.md says more.

Examples:
  feedforward explain houses.ff new.csv --background houses.csv
  feedforward explain churn.ff new.csv --class yes --logit --json`,
  )
  .action(
    (
      model: string,
      data: string,
      { background, logit = false, budget, seed, csv = false, json = false, quiet = false, ...flags },
    ) =>
      explainFile({
        ...{ model, data, background, class: flags.class, logit, seed, budget },
        ...{ dialect: dialectOf(flags), csv, json, quiet },
      }),
  );

dialect(
  common(
    program
      .command('report')
      .argument('<model>', 'a model file')
      .argument('[data]', 'a CSV file with the target, or - for standard input', '-'),
  ),
)
  .description('write a page (HTML) about a model and rows whose answers are known')
  .option('-o, --output <file>', 'where to write (default: the model file with .html)')
  .option('--budget <seconds>', 'for the explanations of single rows (default: 10)', number)
  .option('--seed <n>', 'of everything random', whole, 0)
  .addHelpText(
    'after',
    `
One file that opens offline; it needs the packages @observablehq/plot and linkedom. Rows that trained the model flatter it: take others.
train --report also compares with a linear model, the quick preset, and the rows that trained.

Example:
  feedforward report houses.ff sold-since.csv -o houses.html`,
  )
  .action((model: string, data: string, { output, budget, seed, json = false, quiet = false, ...flags }) =>
    reportFile({ ...{ model, data, output, budget, seed }, dialect: dialectOf(flags), json, quiet }),
  );

defineSearch(dialect(common(program.command('search'))));

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
  .addOption(
    new Option(
      '--input-type <type>',
      "numbers of an ONNX graph's input; float64 for columns far from 0 (default: float32)",
    ).choices(['float32', 'float64']),
  )
  .option('--gradient', 'in a module or a .wasm: inputGradient(rows, output) too, the derivatives in the inputs')
  .option('--int8 <rows.csv>', 'in 8-bit whole numbers, calibrated on these rows (formats ff, module, wasm)')
  .option('--max-loss <share>', 'the loss of accuracy or R^2 that --int8 may cost (default: 0.01)', number)
  .addHelpText(
    'after',
    `
Formats:
${formatHelp.map((line) => `  ${line}`).join('\n')}

Example:
  feedforward export houses.ff -o houses.onnx`,
  )
  .action((model: string, { output, format, inputType, gradient = false, int8, maxLoss, json = false, quiet = false }) =>
    exportModel({ model, output, format, inputType, gradient, int8, maxLoss, json, quiet }),
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

common(program.command('course').argument('[page]', 'a page (default: lists them)'))
  .description('run a page of the course: figures beside the theory, and a picture')
  .option('--svg <file>', 'write the picture; needs the packages @observablehq/plot and linkedom')
  .option('--text <file>', 'write what the page says, without pictures and times')
  .addOption(new Option('--source', 'print the program of the page in place of running it').conflicts(['svg', 'text', 'json']))
  .addHelpText(
    'after',
    `
Every page takes a few seconds and says the same figures on every machine. docs/course.md shows them all.

Examples:
  feedforward course
  feedforward course momentum
  feedforward course momentum --svg momentum.svg
  feedforward course xor --json`,
  )
  .action((page: string | undefined, { svg, text, source = false, json = false, quiet = false }) =>
    course({ page, svg, text, source, json, quiet }),
  );

common(
  program
    .command('lab')
    .argument('[number]', 'the lab, 1 to 6; without it they are listed', whole)
    .argument('[file]', "the student's file"),
)
  .description('a lab of the course: makes a file with gaps to fill in, and checks it')
  .option('--typescript', 'make a file in TypeScript')
  .option('--check', 'only check: a file that is not there is an error')
  .option('--junit <file>', 'write the verdict as JUnit XML too, for a class; only checks')
  .option('--seed <n>', 'of the hidden networks, rows and numbers', whole, 0)
  .option('--time-limit <seconds>', 'for each call of a function', number, 10)
  .addHelpText(
    'after',
    `
A file that is there is checked, and never written to. Exit code 0: all is right; 1: something is wrong. A finished lab 6
runs on a real proxy, too, and says what that is worth. docs/labs.md says more.

Examples:
  feedforward lab 1                      # makes lab1-forward.js
  feedforward lab 1 lab1-forward.js      # checks it
  feedforward lab 2 --typescript
  feedforward lab 2 ada.js --check --junit ada.xml --seed 7`,
  )
  .action(async (number: number | undefined, file: string | undefined, options) => {
    const { typescript = false, check = false, junit, seed, timeLimit, json = false, quiet = false } = options;
    const { lab } = await import('./lab.js'); // other commands need not load the labs
    await lab({ lab: number, file, typescript, check, junit, seed, timeLimit, json, quiet });
  });

defineWorker(common(program.command('worker')));

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
    // At once: while an engine takes itself down in peace, a further signal would end it with another code.
    if (failure.exitCode === 130) process.exit(130);
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
