// feedforward train: from a CSV file to a model file, with a report of what it is worth. Without a word about it, a fifth of the rows
// is held out and judges; a table of fewer than a hundred rows is cross-validated instead, and trained on whole.

import { constants } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Label } from '../data/labels.js';
import * as metrics from '../data/metrics/index.js';
import { Random } from '../data/random.js';
import { kFold, splitIndices, stratifiedKFold, type Fold } from '../data/split.js';
import type { ColumnType } from '../data/table.js';
import { fail, show } from '../errors.js';
import { MLPClassifier, type MLPClassifierOptions } from '../estimators/classifier.js';
import { permutationImportance, type Importance } from '../estimators/importance.js';
import { pickRows } from '../estimators/inputs.js';
import type { EstimatorOptions } from '../estimators/options.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { writeFileAtomic } from '../formats/files.js';
import { readDataset, type Dataset, type Task } from './dataset.js';
import { Exit } from './exit.js';
import { openInput, type Input } from './input.js';
import { openModel } from './modelFile.js';
import { reportText, type Report } from './report.js';
import { askAll, joinAnswers, pickTargets, residualsOf, scoresOf, type Answers, type Model } from './scores.js';
import { Terminal } from './terminal.js';

/** What the options of the command come to: plain JSON, kept in the model file. */
export interface TrainSettings {
  readonly target: string;
  readonly task: Task | 'auto';
  readonly drop: readonly string[];
  readonly features: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly delimiter?: string;
  readonly decimal?: '.' | ',';
  readonly header?: boolean;
  readonly missing?: readonly string[];
  /** Of the estimator. */
  readonly model: EstimatorOptions & { readonly classWeight?: 'balanced' };
  /** Share of the rows that judge; 0 for none. Default: a fifth, none below a hundred rows. */
  readonly testSize?: number;
  /** Folds of a cross-validation; default: five below a hundred rows, else none. */
  readonly folds?: number;
  readonly timeBudget?: number;
  readonly seed: number;
}

export interface TrainOptions {
  readonly data: string;
  readonly output: string;
  readonly resume: string | undefined;
  readonly settings: TrainSettings | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

const fewRows = 100;
const importanceRows = 2000;

export async function train(options: TrainOptions): Promise<void> {
  const started = performance.now();
  const terminal = new Terminal(options);
  const interrupt = new Interrupt();
  try {
    const input = await openInput(options.data);
    const before = options.resume === undefined ? undefined : await openModel(options.resume);
    if (before !== undefined && before.file.training === undefined)
      throw new Exit(5, `${options.resume} is a finished model, no checkpoint: there is nothing to resume.`, 'ERR_STATE');
    const settings = (before?.table.settings as unknown as TrainSettings | undefined) ?? options.settings!;
    if (before === undefined) makeModel(settings.task === 'regression' ? 'regression' : 'classification', settings, 0); // refuses bad options before anything is read
    await checkFolder(options.output);
    const report = await run(input, options, settings, before?.model, terminal, interrupt, started);
    if (options.resume !== undefined) await rm(options.resume, { force: true });
    terminal.result(() => reportText(report, terminal.width), report);
  } finally {
    terminal.stop();
    interrupt.end();
  }
}

async function run(
  input: Input,
  { data: path, output, resume }: TrainOptions,
  settings: TrainSettings,
  before: Model | undefined,
  terminal: Terminal,
  interrupt: Interrupt,
  started: number,
): Promise<Report> {
  const { seed } = settings;
  const { delimiter, decimal, header, missing } = settings;
  const dialect = Object.fromEntries(
    Object.entries({ delimiter, decimal, header, missing }).filter(([, value]) => value !== undefined),
  );
  const data = await readDataset(input, { ...settings, dialect }, terminal, before?.encoder?.toJSON());
  interrupt.check();
  const { X, y, task, rows, encoder } = data;

  const few = rows < fewRows;
  const folds = settings.folds ?? (few && settings.testSize === undefined ? Math.min(5, rows) : 0);
  const testSize = settings.testSize ?? (folds > 0 ? 0 : 0.2);
  const notes = [...data.notes];
  const make = () => makeModel(task, settings, rows);
  const fitOptions = task === 'classification' ? { classes: [...new Set(y as Label[])] } : {};

  // ---- judged by cross-validation ----
  let judged: Judged | undefined;
  if (folds > 0) judged = await crossValidated(data, foldsOf(data, folds, seed), make, fitOptions, terminal, interrupt);

  // ---- trained; judged by held-out rows ----
  const split = testSize > 0 ? splitRows(data, testSize, seed) : undefined;
  const trainX = pickRows(X, split?.train);
  const trainY = pickTargets(y, split?.train);
  const model = before ?? make();
  const epochs = model.options.epochs ?? 200;
  const checkpoint = resume ?? `${output}.checkpoint`;
  const progress = terminal.training(before === undefined ? 'training' : 'resumed', epochs, before?.epochs ?? 0);
  try {
    await (model as MLPClassifier).fit(trainX, trainY as Label[], {
      ...fitOptions,
      encoder: before === undefined ? encoder : undefined,
      resume: before !== undefined,
      signal: interrupt.signal,
      onEpochEnd: (log) => progress(log),
      ...(settings.timeBudget === undefined ? {} : { timeBudget: settings.timeBudget }),
    });
  } catch (error) {
    if ((error as Error).name !== 'AbortError' || !model.isFitted) throw error;
    terminal.stop();
    await writeFileAtomic(checkpoint, model.save({ optimizer: true, sections: { table: sectionOf(data, settings, null) } }));
    const again = `feedforward train ${quoted(path)} --resume ${quoted(checkpoint)} -o ${quoted(output)}`;
    throw new Exit(130, `Interrupted after ${model.epochs} epochs; saved ${checkpoint}. Go on with: ${again}`, 'ABORTED');
  }
  terminal.stop();

  const importanceOn = split?.test ?? (rows > importanceRows ? Uint32Array.from({ length: rows }, (_, i) => i) : undefined);
  if (split !== undefined) {
    const testX = pickRows(X, split.test);
    const testY = pickTargets(y, split.test);
    judged = { by: 'held-out rows', answers: askAll(model, trainX, trainY, testX, testY, seed) };
  }
  const importance = importanceOf(model, data, importanceOn, seed);
  if (judged === undefined)
    notes.push('No rows were held out: the model was not judged. Use --test-size or --cv to know what it is worth.');
  else if (split === undefined)
    notes.push('The model was trained on all rows; its score is that of models trained on the other folds.');

  const answers = judged?.answers;
  const scores = answers && scoresOf(answers.truth, answers.model);
  const score = answers === undefined ? null : { by: judged!.by, rows: answers.truth.length, scores };
  const card =
    scores === undefined ? {} : { card: { scores: { ...scores }, judgedBy: judged!.by, judgedOn: answers!.truth.length } };
  const bytes = model.save({ sections: { table: sectionOf(data, settings, score), ...card } });
  await writeFileAtomic(output, bytes);
  return {
    command: 'train',
    data: input.name,
    rows,
    columns: data.columns,
    kinds: data.kinds,
    inputs: encoder.outputs,
    target: settings.target,
    task,
    inferred: data.inferred,
    classes: model instanceof MLPClassifier ? model.classes : undefined,
    trainedOn: trainY.length,
    judgedBy: judged?.by,
    judgedOn: answers?.truth.length,
    foldScores: judged?.foldScores,
    scores,
    baselines: answers && {
      constant: { answer: answers.answer, scores: scoresOf(answers.truth, answers.constant) },
      linear: { scores: scoresOf(answers.truth, answers.linear) },
    },
    confusion:
      answers === undefined || answers.truth instanceof Float64Array
        ? undefined
        : metrics.confusionMatrix(answers.truth, answers.model.predicted as Label[]),
    residuals:
      answers?.truth instanceof Float64Array ? residualsOf(answers.truth, answers.model.predicted as Float64Array) : undefined,
    importance,
    training: {
      epochs: model.epochs,
      bestEpoch: model.bestEpoch,
      stoppedBy: model.stoppedBy,
      seconds: model.seconds,
      samplesPerSecond: model.samplesPerSecond,
      parameters: model.model.plan.parameterCount,
      lossCurve: model.lossCurve,
      validationLossCurve: model.validationLossCurve,
    },
    notes,
    model: output,
    bytes: bytes.length,
    seconds: (performance.now() - started) / 1000,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Answers of models to rows that they have not seen. */
interface Judged {
  readonly by: string;
  readonly answers: Answers;
  /** The main score of each fold. */
  readonly foldScores?: readonly number[];
}

function makeModel(task: Task, { model, seed }: TrainSettings, rows: number): Model {
  // A table for which nothing was asked gets a second hidden layer once it is large enough to fill it.
  const hiddenLayers = model.hiddenLayers ?? (rows >= 1000 ? [64, 32] : [32]);
  const options = { ...model, hiddenLayers, seed, onWarning: false as const };
  if (task === 'classification') return new MLPClassifier(options as MLPClassifierOptions);
  const { classWeight, ...rest } = options;
  if (classWeight !== undefined) fail('ERR_OPTION', '--class-weight is for classification; this is regression.');
  return new MLPRegressor(rest);
}

function foldsOf({ task, y, rows }: Dataset, folds: number, seed: number): Fold[] {
  if (folds > rows) fail('ERR_OPTION', `--cv: ${folds} folds want at least as many rows, but there are ${rows}.`);
  if (task === 'regression') return [...kFold(rows, { folds, seed })];
  const counts = new Map<Label, number>();
  for (const label of y as Label[]) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [
    ...(Math.max(...counts.values()) < folds ? kFold(rows, { folds, seed }) : stratifiedKFold(y as Label[], { folds, seed })),
  ];
}

function splitRows({ task, y, rows }: Dataset, testSize: number, seed: number): Fold {
  const counts = new Map<unknown, number>();
  if (task === 'classification') for (const label of y as Label[]) counts.set(label, (counts.get(label) ?? 0) + 1);
  const testRows = testSize < 1 ? Math.ceil(testSize * rows) : testSize;
  const fits =
    task === 'classification' && counts.size <= Math.min(testRows, rows - testRows) && [...counts.values()].every((n) => n > 1);
  return splitIndices(rows, { testSize, seed, ...(fits ? { stratify: y as Label[] } : {}) });
}

/** Every row predicted by a model of the folds it is not in. */
async function crossValidated(
  data: Dataset,
  folds: readonly Fold[],
  make: () => Model,
  fitOptions: object,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<Judged> {
  const { X, y } = data;
  const parts: Answers[] = [];
  for (const [f, fold] of folds.entries()) {
    interrupt.check();
    const [trainX, trainY] = [pickRows(X, fold.train), pickTargets(y, fold.train)];
    const model = make();
    const progress = terminal.training(`fold ${f + 1} of ${folds.length}`, model.options.epochs ?? 200);
    await (model as MLPClassifier).fit(trainX, trainY as Label[], {
      ...fitOptions,
      signal: interrupt.signal,
      onEpochEnd: (log) => progress(log),
    });
    terminal.stop();
    parts.push(askAll(model, trainX, trainY, pickRows(X, fold.test), pickTargets(y, fold.test), 0));
  }
  const foldScores = parts.map(({ truth, model }) => Object.values(scoresOf(truth, model))[0]!);
  return { by: `${folds.length}-fold cross-validation`, answers: joinAnswers(parts), foldScores };
}

function importanceOf(model: Model, { X, y, encoder }: Dataset, candidates: Uint32Array | undefined, seed: number): Importance[] {
  const rows =
    candidates !== undefined && candidates.length > importanceRows
      ? new Random(seed, 'importance rows').shuffle(candidates.slice()).slice(0, importanceRows)
      : candidates;
  const truth = pickTargets(y, rows);
  if (truth instanceof Float64Array && truth.every((value) => value === truth[0])) return [];
  return permutationImportance(model, pickRows(X, rows), truth, { groups: encoder.groups, repeats: 3, seed });
}

/** @throws ERR_FILE now rather than after an hour of training. */
async function checkFolder(output: string): Promise<void> {
  const folder = dirname(output);
  await access(folder, constants.W_OK).catch((error: { code?: string }) =>
    fail(
      'ERR_FILE',
      `Cannot write ${output}: ${error.code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} cannot be written to`} (${error.code}).`,
    ),
  );
}

function sectionOf({ task, dialect }: Dataset, settings: TrainSettings, score: unknown) {
  return { target: settings.target, task, decimal: dialect.decimal, missing: dialect.missing, score, settings };
}

function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : show(word);
}

/** Ctrl-C: the first asks the training to end, the second ends the program. */
class Interrupt {
  private readonly controller = new AbortController();
  private readonly listener = () => {
    if (this.controller.signal.aborted) process.exit(130);
    this.controller.abort();
  };

  constructor() {
    process.on('SIGINT', this.listener);
    process.on('SIGTERM', this.listener);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @throws Exit 130 when there is nothing yet to save. */
  check(): void {
    if (this.signal.aborted) throw new Exit(130, 'Interrupted before training; nothing was saved.', 'ABORTED');
  }

  end(): void {
    process.off('SIGINT', this.listener);
    process.off('SIGTERM', this.listener);
  }
}
