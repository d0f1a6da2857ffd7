// Model files as the commands use them: an estimator, and a section of what the command line knows beside it.

import { SavedState } from '../data/columns.js';
import type { CsvDialect } from '../data/csv/index.js';
import type { CellSpelling, ColumnType, Table } from '../data/table.js';
import { FeedforwardError } from '../errors.js';
import { loadEstimator } from '../estimators/load.js';
import type { Warning } from '../estimators/options.js';
import { readFileBytes } from '../formats/files.js';
import { isInteger } from '../integer/layers.js';
import { openModelFile } from '../predict/container.js';
import { readModelFile, type SavedModel } from '../formats/modelFile.js';
import type { Task } from './dataset.js';
import { Exit } from './exit.js';
import { classesOf, IntegerModel, type Answering } from './integerModel.js';
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

/** What answers to rows: an estimator, or a model of whole numbers. */
export interface OpenAnswering {
  readonly model: Answering;
  readonly table: TableSection;
  /** What the file says of the estimator: of its head among others. */
  readonly estimator: { readonly head: Readonly<Record<string, unknown>> };
  readonly bytes: Uint8Array;
}

export interface OpenModel extends OpenAnswering {
  readonly model: Model;
  readonly file: SavedModel;
}

/** Opens a model that train wrote. @throws Exit 4 where there is none to read, 5 where it is not one, or one of whole numbers. */
export async function openModel(path: string, onWarning: ((warning: Warning) => void) | false = false): Promise<OpenModel> {
  const open = await openAnswering(path, onWarning);
  if (open.model instanceof IntegerModel)
    throw new Exit(
      5,
      `${path} holds a model of whole numbers (export --int8), which predict, evaluate and info take. Give the model that it was made of.`,
      'ERR_UNSUPPORTED',
    );
  return open as OpenModel;
}

/** Opens a model that train or export --int8 wrote. @throws Exit 4 where there is none to read, 5 where it is not one. */
export async function openAnswering(
  path: string,
  onWarning: ((warning: Warning) => void) | false = false,
): Promise<OpenAnswering | OpenModel> {
  const bytes = await readFileBytes(path);
  try {
    const { sections, file } = readSections(bytes);
    const { table, estimator } = sections as { readonly table?: TableSection; readonly estimator?: EstimatorSection };
    if (table === undefined || typeof table.target !== 'string' || !estimator?.inputs.encoder)
      throw new Exit(
        5,
        `${path} holds a model, but not one that knows the columns of a table. Train it with feedforward train.`,
        'ERR_FORMAT',
      );
    if (file === undefined) return { model: new IntegerModel(bytes, estimator.inputs), table, estimator, bytes };
    return { model: loadEstimator(bytes, { onWarning }), file, table, estimator, bytes };
  } catch (error) {
    if (error instanceof FeedforwardError)
      throw new Exit(5, `${path} is no model that can be read: ${error.message}`, error.code);
    throw error;
  }
}

/** The section "estimator" of a model file, as far as the commands look into it themselves. */
interface EstimatorSection {
  readonly inputs: { readonly encoder: unknown };
  readonly head: Readonly<Record<string, unknown>>;
}

/** The sections of a file; `file` is all of it, undefined where it holds whole numbers. */
function readSections(bytes: Uint8Array): { readonly sections: object; readonly file: SavedModel | undefined } {
  if (bytes[0] !== 0x7b) {
    const opened = openModelFile(bytes);
    if (isInteger(new SavedState(opened.section('model'), 'model', true)))
      return { sections: { table: opened.section('table'), estimator: opened.section('estimator') }, file: undefined };
  }
  const file = readModelFile(bytes);
  return { sections: file.sections, file };
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
  { model }: OpenAnswering,
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
export function typeOfAnswers(model: Answering): ColumnType {
  const classes = classesOf(model);
  if (classes === undefined) return 'numeric';
  const answer = typeof classes[0];
  return answer === 'string' ? 'categorical' : answer === 'boolean' ? 'boolean' : 'numeric';
}
