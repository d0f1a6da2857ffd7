// Model files as the commands use them: an estimator, and a section of what the command line knows beside it.

import type { CsvDialect } from '../data/csv/index.js';
import type { CellSpelling, ColumnType, Table } from '../data/table.js';
import { FeedforwardError } from '../errors.js';
import { loadEstimator } from '../estimators/load.js';
import { MLPRegressor } from '../estimators/regressor.js';
import type { Warning } from '../estimators/options.js';
import { readFileBytes } from '../formats/files.js';
import { readModelFile, type SavedModel } from '../formats/modelFile.js';
import type { Task } from './dataset.js';
import { Exit } from './exit.js';
import type { Model, Scores } from '../report/facts/scores.js';

/** The section "table" of a model file. */
export interface TableSection {
  readonly target: string;
  readonly task: Task;
  /** How the column of the targets was read in training; models of version 0.1.0 do not say. */
  readonly targetColumn?: { readonly type: ColumnType; readonly spelling?: CellSpelling };
  readonly decimal: CsvDialect['decimal'];
  /** All of them. */
  readonly missing: readonly string[];
  /** false where the training file had no header. */
  readonly header?: boolean;
  /** Where the score is from, and what it is. */
  readonly score: { readonly by: string; readonly rows: number; readonly scores: Scores } | null;
  /** What train was asked for: a training that goes on asks for the same. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface OpenModel {
  readonly model: Model;
  readonly file: SavedModel;
  readonly table: TableSection;
  readonly bytes: Uint8Array;
}

/** Opens a model that train wrote. @throws Exit 4 where there is none to read, 5 where it is not one. */
export async function openModel(path: string, onWarning: ((warning: Warning) => void) | false = false): Promise<OpenModel> {
  const bytes = await readFileBytes(path);
  try {
    const file = readModelFile(bytes);
    const model = loadEstimator(bytes, { onWarning });
    const table = file.sections['table'] as unknown as TableSection | undefined;
    if (table === undefined || model.encoder === undefined || typeof table.target !== 'string')
      throw new Exit(
        5,
        `${path} holds a model, but not one that knows the columns of a table. Train it with feedforward train.`,
        'ERR_FORMAT',
      );
    return { model, file, table, bytes };
  } catch (error) {
    if (error instanceof FeedforwardError)
      throw new Exit(5, `${path} is no model that can be read: ${error.message}`, error.code);
    throw error;
  }
}

/** How data for a model is read: as the training data was, but for what is asked for. */
export function dialectFor(
  { decimal, missing, header, settings }: TableSection,
  asked: Partial<CsvDialect>,
): Partial<CsvDialect> {
  const { encoding, missing: own = [] } = settings as Partial<CsvDialect>;
  const { missing: more = [], missingDefaults = true, ...rest } = asked;
  return {
    ...(decimal === undefined ? {} : { decimal }),
    ...(header === false ? { header } : {}),
    ...(encoding === undefined ? {} : { encoding }),
    ...rest,
    // Without the usual words, those that were asked for remain: in training and now.
    missing: [...(missingDefaults ? missing : own), ...more],
    missingDefaults: false,
  };
}

/** Tables read for a model: a column that the data lack is named together with the model that needs it. */
export async function* tablesFor(
  path: string,
  { model }: OpenModel,
  tables: AsyncIterable<Table>,
): AsyncGenerator<Table, void, undefined> {
  try {
    yield* tables;
  } catch (error) {
    if (!(error instanceof FeedforwardError) || error.code !== 'ERR_SHAPE') throw error;
    const wanted = model.encoder!.columns.map(({ name }) => name);
    throw new Exit(
      3,
      `${error.message} ${path} was trained on ${wanted.slice(0, 12).join(', ')}${wanted.length > 12 ? ', …' : ''}.`,
      error.code,
    );
  }
}

/** The type of a target of which the model file says nothing but the answers. */
export function typeOfAnswers(model: Model): ColumnType {
  if (model instanceof MLPRegressor) return 'numeric';
  const answer = typeof model.classes[0];
  return answer === 'string' ? 'categorical' : answer === 'boolean' ? 'boolean' : 'numeric';
}
