// The options of feedforward search.

import { Option, type Command } from 'commander';
import { cleanName } from '../data/names.js';
import { connectionVariable, tlsOptions } from './queueFlags.js';
import { searchFile } from './search.js';
import { columnOptions, dialectOf } from './tableFlags.js';
import { folds, list, number, whole } from './values.js';

/** Makes the command. */
export function defineSearch(command: Command): void {
  command
    .argument('<data>', 'a CSV file with a header, or - for standard input')
    .description('search the options of a network that fit a CSV file best, and train it with them')
    .requiredOption('-t, --target <column>', 'the column to predict')
    .option('-o, --output <file>', 'where to save the best model (default: the data file with .ff)')
    .option('--trials <n>', 'candidates to try (default: 50, or without a limit where there is a budget)', whole)
    .option('--budget <seconds>', 'stop searching after so long', number)
    .option('--workers <n>', 'worker threads; 0 for none (default: one for each core)', whole)
    .option('--report <file>', 'write a page (HTML) about the search; needs the packages @observablehq/plot and linkedom')
    .option('--csv <file>', 'write all candidates as CSV')
    .option('--journal <file>', 'write all candidates as an Optuna journal, for optuna-dashboard')
    .option('--space <file>', 'a JSON file of the ranges to search (default: what fits the table)')
    .addOption(
      new Option('--preset <name>', 'whose recipe candidates change').choices(['quick', 'default', 'best']).default('quick'),
    )
    .addOption(new Option('--sampler <name>', 'what draws candidates').choices(['tpe', 'sobol', 'random', 'grid']).default('tpe'))
    .addOption(
      new Option('--pruner <name>', 'what stops candidates early (default: racing, from 3 folds on)').choices([
        'none',
        'racing',
        'median',
        'halving',
      ]),
    )
    .option('--folds <n>', 'of the cross-validation', folds, 5)
    .option(
      '--scoring <name>',
      'what to go by: balancedAccuracy, logLoss, rocAuc, meanAbsoluteError, … (default: accuracy or R^2)',
    )
    .option('--objectives <names>', 'what to weigh against the score: bytes, multiplyAdds, microsecondsPerRow', list, []);
  columnOptions(command).option(
    '--connection [url]',
    `of a queue (redis://…, rediss://… or postgres://…) whose workers run the trials: feedforward worker (without a URL: the variable ${connectionVariable})`,
  );
  tlsOptions(command)
    .option('--queue <name>', 'of these workers (default: feedforward)')
    .option('--storage <file>', 'keep what ended in this file (default: beside the model, until the search is over)')
    .option('--round-size <n>', 'candidates drawn at a time (default: 8); another size makes another search', whole)
    .option('--seed <n>', 'of everything random', whole, 0)
    .option('--deterministic', 'the same bits on every machine: for workers with different versions of Node')
    .addHelpText(
      'after',
      `
Ctrl-C ends a search; the same command goes on where it stood. The number of workers makes no difference to what is found.
docs/search.md says more, also how to write a space.

Examples:
  feedforward search houses.csv --target price
  feedforward search houses.csv -t price --trials 100 --workers 2 -o best.ff --report search.html
  feedforward search churn.csv -t churn --scoring logLoss --objectives bytes --budget 600`,
    )
    .action((data: string, flags) => {
      const { target, features, drop, budget, trials, json = false, quiet = false } = flags;
      return searchFile({
        ...{ data, json, quiet, budget },
        ...{ target: cleanName(target), features: features.map(cleanName), drop: drop.map(cleanName), types: flags.types ?? {} },
        ...{ task: flags.task, output: flags.output, report: flags.report, csv: flags.csv, journal: flags.journal },
        ...{ space: flags.space, preset: flags.preset, sampler: flags.sampler, folds: flags.folds, scoring: flags.scoring },
        ...{
          objectives: flags.objectives,
          workers: flags.workers,
          storage: flags.storage,
          roundSize: flags.roundSize,
          seed: flags.seed,
          deterministic: flags.deterministic ?? false,
        },
        ...{ connection: flags.connection, queue: flags.queue, cacert: flags.cacert, cert: flags.cert, key: flags.key },
        trials: trials ?? (budget === undefined && flags.sampler !== 'grid' ? 50 : undefined),
        pruner: flags.pruner ?? (flags.folds > 2 ? 'racing' : 'none'),
        dialect: dialectOf(flags),
      });
    });
}
