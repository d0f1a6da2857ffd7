// The options of feedforward train.

import { Option, type Command } from 'commander';
import { DATE_FEATURES } from '../data/calendarWidths.js';
import { Exit } from './exit.js';
import { columnOptions } from './tableFlags.js';
import { train } from './train.js';
import { settingsOf, type TrainFlags } from './trainFlags.js';
import { categories, folds, list, number, shapes, whole, wholes } from './values.js';

/** Options that a training that goes on may have anew. */
const changeable = ['output', 'report', 'resume', 'timeBudget', 'json', 'quiet'];

/** Makes the command. */
export function defineTrain(command: Command): void {
  columnOptions(
    command
      .argument('[data]', 'a CSV file with a header, or - for standard input')
      .description('train a model on a CSV file, judge it on rows it has not seen, save it')
      .option('-t, --target <column>', 'the column to predict')
      .option('-o, --output <file>', 'where to save the model (default: the data file with .ff)')
      .option(
        '--report <file>',
        'write a page (HTML) about data, model and scores too; needs the packages @observablehq/plot and linkedom',
      ),
  )
    .option('--date-features <parts>', `parts of dates to learn from too: ${DATE_FEATURES.join(', ')}`, list)
    .option(
      '--keep-columns <columns>',
      'learn from these columns although they look like mere numbers of rows, or like names',
      list,
    )
    .option(
      '--max-categories <n>',
      'the most categories that a column of text has inputs for; rarer ones share one (default: 100)',
      categories,
    )
    .addOption(
      new Option(
        '--preset <name>',
        'how much is done for a good model (default: default, or none where an option below speaks of the network)',
      ).choices(['quick', 'default', 'best', 'none']),
    )
    .option('--bins <n>', 'of each column of numbers, 2 to 64, which answers can step and bend at (default: none)', whole)
    .option(
      '--hidden <units>',
      'hidden layers, such as 64,32; none for a linear model (default: by the number of rows)',
      (text) => (text === 'none' ? [] : wholes(text)),
    )
    .option('--activation <name>', 'of the hidden layers (default: relu)')
    .option('--epochs <n>', 'the most passes over the rows (default: 200)', whole)
    .option('--batch-size <rows>', 'rows per step (default: by the number of rows)', whole)
    .option('--learning-rate <rate>', 'of the optimizer', number)
    .option('--optimizer <name>', 'adam, adamw, sgd, rmsprop, lbfgs, … (default: adam)')
    .option('--l2 <penalty>', 'on the weights (default: 1e-4)', number)
    .option('--dropout <share>', 'after each hidden layer (default: 0)', number)
    .option(
      '--quantiles <levels>',
      'learn these quantiles of a number in the place of a mean, such as 0.05,0.5,0.95: intervals are then as wide as they need to be',
      (text) => list(text).map(number),
    )
    .addOption(
      new Option(
        '--loss <name>',
        'what training makes small, for numbers: gaussianNll learns a deviation beside each (predict --std) (default: meanSquaredError)',
      ).choices(['meanSquaredError', 'meanAbsoluteError', 'huber', 'logCosh', 'gaussianNll']),
    )
    .option('--ordinal <classes>', 'the classes have this order, from the lowest to the highest, such as low,middle,high', list)
    .option(
      '--monotone <columns>',
      'in which the answer never falls or never rises, such as age:1,price:-1 (of two classes, the second)',
      shapes,
    )
    .option('--convex <columns>', 'in which the answer is convex (1) or concave (-1), such as size:1', shapes)
    .addOption(
      new Option('--scale <how>', 'scaling of the columns').choices(['standard', 'minMax', 'robust', 'smoothClip', 'none']),
    )
    .addOption(new Option('--class-weight <how>', 'weights of classes').choices(['balanced']))
    .option(
      '--patience <epochs>',
      'epochs without improvement before training stops; 0 never stops early (default: 15, from 200 rows on)',
      whole,
    )
    .option('--test-size <share>', 'share, or number, of rows held out to judge by; 0 for none (default: 0.2)', number)
    .option(
      '--calibration-size <share>',
      'share, or number, of the other rows kept from training to calibrate predict --interval and --set on (default: none)',
      number,
    )
    .option('--split-by <column>', 'judge by the rows with the largest values of this column, such as the latest dates')
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
  feedforward train churn.csv -t churn --calibration-size 0.2 --report churn.html
  feedforward train houses.csv --resume houses.ff.checkpoint -o houses.ff`,
    )
    .action(async (data: string | undefined, options: TrainFlags, command: Command) => {
      const file = data ?? usage('train: name a CSV file, or - for standard input.');
      if (options.target === undefined && options.resume === undefined) usage('train: name the column to predict with --target.');
      if (options.cv !== undefined && options.testSize !== undefined && options.testSize > 0)
        usage('train: --cv judges by all rows; leave --test-size out.');
      if (options.cv !== undefined && options.splitBy !== undefined)
        usage('train: --cv judges by folds drawn at random; leave it out to judge by the last rows of --split-by.');
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
        report: options.report,
        settings: options.resume === undefined ? settingsOf(options, options.target!) : undefined,
        timeBudget: options.timeBudget,
        json: options.json ?? false,
        quiet: options.quiet ?? false,
      });
    });
}

function usage(message: string): never {
  throw new Exit(2, message, 'ERR_OPTION');
}
