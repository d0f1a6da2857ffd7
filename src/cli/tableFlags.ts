// The flags of commands that read a table: how its file is written, and which columns matter.

import { Option, type Command } from 'commander';
import { COLUMN_TYPES } from '../data/column.js';
import type { CsvDialect } from '../data/csv/index.js';
import { present } from '../options.js';
import { delimiter, list, perColumn, types } from './values.js';

/** How a CSV file is written; what is not said is found out. */
export const dialect = (command: Command) =>
  command
    .option('--delimiter <character>', 'what stands between cells (default: found out)', delimiter)
    .option(
      '--decimal <mark>',
      'the decimal mark of numbers, . or , or column=mark (default: found out for each column)',
      perColumn,
    )
    .option('--missing <words>', 'more words that stand for a missing value, beside NA, N/A, null, ? and other usual ones', list)
    .option('--no-missing-defaults', 'only the words of --missing, and the empty cell, stand for a missing value')
    .option('--encoding <name>', 'of the text, such as windows-1252 or utf-16le (default: that of the training file, or utf-8)')
    .option(
      '--date-format <format>',
      'how dates are written, such as DD.MM.YYYY, or column=format (default: found out)',
      perColumn,
    )
    .option('--header', 'the first line names the columns, even if it looks like data')
    .option('--no-header', 'the first line is data; columns are called column 1, column 2, …');

/** What to predict, from which columns of what type. */
export const columnOptions = (command: Command) =>
  command
    .addOption(
      new Option('--task <task>', 'what to predict: classes or numbers')
        .choices(['auto', 'classification', 'regression'])
        .default('auto'),
    )
    .option('--features <columns>', 'learn from these columns only', list, [])
    .option('--drop <columns>', 'leave these columns out', list, [])
    .option('--types <column=type,…>', `types of columns that are not what they seem: ${COLUMN_TYPES.join(', ')}`, types);

export interface DialectFlags {
  delimiter?: string;
  decimal?: CsvDialect['decimal'];
  missing?: string[];
  missingDefaults?: boolean;
  encoding?: string;
  dateFormat?: CsvDialect['dateFormat'];
  header?: boolean;
}

/** What was said of how the file is written. */
export const dialectOf = (flags: DialectFlags): Partial<CsvDialect> => {
  const { delimiter, decimal, missing, missingDefaults, encoding, dateFormat, header } = flags;
  return present({
    ...{ delimiter, decimal, missing, encoding, dateFormat, header: headerOf(header) },
    missingDefaults: missingDefaults === false ? false : undefined,
  });
};

/** commander gives true when neither --header nor --no-header was said. */
export function headerOf(header: boolean | undefined): boolean | undefined {
  return header === false ? false : process.argv.includes('--header') ? true : undefined;
}
