// feedforward train: from a CSV file to a model file, with a report of what it is worth. Without a word about it, a fifth of the rows
// is held out and judges; a table of fewer than a hundred rows is cross-validated instead, and trained on whole. Nothing is written
// over but the model of that name, and that in one step at the end.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { DateFeature } from '../data/calendarWidths.js';
import type { CsvDialect } from '../data/csv/index.js';
import { noteOf } from '../data/findings.js';
import type { Label } from '../data/labels.js';
import * as metrics from '../data/metrics/index.js';
import type { TableEncoder } from '../data/tabular.js';
import type { ColumnType } from '../data/table.js';
import { FeedforwardError, fail, show } from '../errors.js';
import { MLPClassifier, type MLPClassifierOptions } from '../estimators/classifier.js';
import { isRobustLoss } from '../estimators/extremeTargets.js';
import type { EstimatorOptions } from '../estimators/options.js';
import { presetOf } from '../estimators/presets.js';
import { hasShape } from '../estimators/shapeOptions.js';
import { MLPRegressor } from '../estimators/regressor.js';
import type { MLPRegressorOptions } from '../estimators/regressorOptions.js';
import { present } from '../options.js';
import { calibrated, keepRows } from './certainty.js';
import { readDataset, rowsOf, type Dataset, type Task } from './dataset.js';
import { Exit, quoted } from './exit.js';
import { openInput, type Input } from './input.js';
import { Interrupt, interrupted } from './interrupt.js';
import { crossValidated, importanceOf, shortfall, splitRows } from './judging.js';
import { openModel } from './modelFile.js';
import { isSameFile, Output, refuseInUse, refuseShared } from './output.js';
import { trainingPage } from './page.js';
import type { Judged } from '../report/facts/folds.js';
import { digestOf } from '../report/facts/makingFacts.js';
import { secondLook } from '../report/facts/secondLook.js';
import { loadPeers, type Peers } from '../report/page/peers.js';
import { reportText, type Report, type StandardErrors } from './report.js';
import {
  askAll,
  definedOf,
  namedAnswers,
  pickTargets,
  residualsOf,
  scoresOf,
  standardErrorOf,
  type Answers,
  type Model,
  type Predictions,
} from '../report/facts/scores.js';
import { Terminal } from './terminal.js';

/** What the options of the command come to: plain JSON, kept in the model file. */
export interface TrainSettings {
  readonly target: string;
  readonly task: Task | 'auto';
  readonly drop: readonly string[];
  readonly features: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly delimiter?: string;
  readonly decimal?: CsvDialect['decimal'];
  readonly header?: boolean;
  readonly missing?: readonly string[];
  readonly missingDefaults?: boolean;
  readonly encoding?: string;
  readonly dateFormat?: CsvDialect['dateFormat'];
  readonly dateFeatures?: readonly DateFeature[];
  /** Columns to learn from although they look like mere numbers of rows. */
  readonly keepColumns?: readonly string[];
  /** The most categories that a column of text is spread into. */
  readonly maxCategories?: number;
  /** The column whose largest values judge. */
  readonly splitBy?: string;
  /** Of the estimator. */
  readonly model: EstimatorOptions & {
    readonly classWeight?: 'balanced';
    readonly quantiles?: readonly number[];
    readonly loss?: MLPRegressorOptions['loss'];
    /** As they are written in the file. */
    readonly ordinal?: readonly string[];
  };
  /** Share of the rows that judge; 0 for none. Default: a fifth, none below a hundred rows. */
  readonly testSize?: number;
  /** Share, or number, of the rows that would train and are kept to calibrate intervals and sets on; default: none. */
  readonly calibrationSize?: number;
  /** Folds of a cross-validation; default: five below a hundred rows, else none. */
  readonly folds?: number;
  readonly timeBudget?: number;
  readonly seed: number;
}

export interface TrainOptions {
  readonly data: string;
  /** undefined: the data file with .ff. */
  readonly output: string | undefined;
  readonly resume: string | undefined;
  /** Where a page about the training is written; undefined for none. */
  readonly report: string | undefined;
  /** undefined with `resume`: those of the checkpoint. */
  readonly settings: TrainSettings | undefined;
  /** With `resume`: in the place of the checkpoint's. */
  readonly timeBudget: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Below so many rows a fifth of them says too little: folds judge. */
const fewRows = 300;
/** How often the folds are dealt, where nobody asked for folds. */
const deals = 2;

export async function train(options: TrainOptions): Promise<void> {
  const started = performance.now();
  const terminal = new Terminal(options);
  const interrupt = new Interrupt(terminal);
  let input: Input | undefined;
  try {
    const { data, resume, timeBudget } = options;
    const before = resume === undefined ? undefined : await openModel(resume);
    if (before !== undefined && before.file.training === undefined)
      throw new Exit(5, `${resume} is a finished model, no checkpoint: there is nothing to resume.`, 'ERR_STATE');
    const asked = (before?.table.settings as unknown as TrainSettings | undefined) ?? options.settings!;
    const settings = before === undefined || timeBudget === undefined ? asked : { ...asked, timeBudget };
    // Refuses bad options, and a place that cannot be written to, before anything is read.
    if (before === undefined)
      makeModel(settings.task === 'regression' || ofNumbers(settings) ? 'regression' : 'classification', settings, 0);
    const isFile =
      data !== '-' &&
      (await stat(data).then(
        (found) => found.isFile(),
        () => true,
      ));
    const output = options.output ?? (isFile ? `${data.replace(/\.[^./\\]*$/, '')}.ff` : 'model.ff');
    // A budget may end a training that is not over: then the checkpoint is all there is to go on from.
    if (resume !== undefined && settings.timeBudget !== undefined)
      await refuseInUse(output, [{ what: 'the checkpoint', path: resume }]);
    const { report: page } = options;
    if (page !== undefined) {
      if (resume !== undefined) await refuseInUse(page, [{ what: 'the checkpoint', path: resume }]);
      await refuseShared([
        { what: 'the model', path: output },
        { what: 'the report', path: page },
      ]);
    }
    await checkOutput(output, data, interrupt);
    const peers = page === undefined ? undefined : await checkReport(page, data, interrupt);
    input = await openInput(data, interrupt);
    const report = await run({
      ...{ ...options, output, settings, peers, before: before?.model, input, terminal, interrupt, started },
    });
    await interrupt.saving(async () => {
      // A training that the time budget ended may go on once more.
      const isOver = report.training.stoppedBy !== 'timeBudget';
      if (resume !== undefined && isOver && !(await isSameFile(resume, output))) await rm(resume, { force: true });
      terminal.result(() => reportText(report, terminal.width), report);
    });
  } finally {
    terminal.stop();
    interrupt.end();
    await input?.close();
  }
}

interface Training extends TrainOptions {
  readonly output: string;
  readonly settings: TrainSettings;
  /** The model of a checkpoint. */
  readonly before: Model | undefined;
  readonly input: Input;
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
  readonly started: number;
  /** What draws the page, where one is asked for. */
  readonly peers: Peers | undefined;
}

async function run(training: Training): Promise<Report> {
  const { input, output, settings, before, terminal, interrupt, started } = training;
  const { seed } = settings;
  const { delimiter, decimal, header, missing, missingDefaults, encoding, dateFormat, dateFeatures, keepColumns, maxCategories } =
    settings;
  const asked = {
    ...settings,
    dialect: present({ delimiter, decimal, header, missing, missingDefaults, encoding, dateFormat }),
    encoder: present({ keep: keepColumns, dateFeatures, maxCategories }),
    robust: settings.model.quantiles !== undefined || isRobustLoss(settings.model.loss ?? 'meanSquaredError'),
  };
  const data = await readDataset(input, asked, terminal, before?.encoder?.toJSON());
  await interrupt.check();
  const { y, task, rows } = data;

  const few = rows < fewRows && settings.splitBy === undefined;
  const folds = settings.folds ?? (few && settings.testSize === undefined ? Math.min(5, rows) : 0);
  const testSize = settings.testSize ?? (folds > 0 ? 0 : 0.2);
  const { notes } = data;
  const make = () => makeModel(task, settings, rows, y[0]);
  const fitOptions = {
    ...(keepColumns === undefined || before !== undefined ? {} : { keep: keepColumns }),
    ...(task === 'classification' && settings.model.ordinal === undefined ? { classes: [...new Set(y as Label[])] } : {}),
    ...(settings.timeBudget === undefined
      ? {}
      : { timeBudget: settings.timeBudget / ((settings.folds === undefined ? deals : 1) * folds + 1) }),
  };

  // ---- judged by cross-validation ----
  let judged: Judged | undefined;
  let dealtRows: Uint32Array | undefined;
  if (folds > 0) {
    const dealing = { folds, deals: settings.folds === undefined ? deals : 1, seed };
    ({ judged, order: dealtRows } = await crossValidated(data, dealing, make, fitOptions, terminal, interrupt));
  }

  // ---- trained; judged by held-out rows ----
  const split = testSize > 0 ? splitRows(data, testSize, seed) : undefined;
  const { calibrationSize } = settings;
  const kept = calibrationSize === undefined ? undefined : keepRows(data, split?.train, calibrationSize, seed);
  const trainRows = kept?.train ?? split?.train;
  const trainX = rowsOf(data, trainRows);
  const trainY = pickTargets(y, trainRows);
  const model = before ?? make();
  const epochs = model.plannedEpochs;
  const progress = terminal.training(before === undefined ? 'training' : 'resumed', epochs, before?.epochs ?? 0);
  try {
    await interrupt.watching(() =>
      (model as MLPClassifier).fit(trainX, trainY as Label[], {
        ...fitOptions,
        resume: before !== undefined,
        signal: interrupt.signal,
        onEpochEnd: (log) => progress(log),
      }),
    );
  } catch (error) {
    terminal.stop();
    if (before !== undefined && error instanceof FeedforwardError && error.code === 'ERR_STATE')
      throw new Exit(
        3,
        `${input.name}: these are not the rows of the interrupted training. Resume it with the same file.`,
        error.code,
      );
    if ((error as Error).name !== 'AbortError') throw error;
    throw model.isFitted && model.epochs > 0 ? await interruptedIn(training, model, data) : interrupted();
  }
  terminal.stop();
  const encoder = model.encoder!;
  // Extreme targets of all rows are named already, by their lines.
  for (const finding of [...encoder.findings, ...model.findings].filter(({ kind }) => kind !== 'extremeTarget'))
    notes.add(noteOf(finding).replace(/^y (?=is |has )/, `${show(settings.target)} `), finding.kind);

  if (split !== undefined) {
    judged = {
      by: settings.splitBy === undefined ? 'held-out rows' : `the last rows by ${settings.splitBy}`,
      answers: askAll(model, trainX, trainY, rowsOf(data, split.test), pickTargets(y, split.test), seed),
    };
  }
  const part = (rows: Uint32Array) => ({ X: rowsOf(data, rows), y: pickTargets(y, rows) });
  const certain = kept && calibrated(model, part(kept.test), split && part(split.test));
  const importance = importanceOf(model, data, split?.test, seed);
  if (judged === undefined)
    notes.add('No rows were held out: the model was not judged. Use --test-size or --cv to know what it is worth.');
  else if (split === undefined)
    notes.add(
      `The model was trained on ${kept === undefined ? 'all rows' : 'all rows that were not kept for calibration'}; its score is that of models trained on the other folds.`,
    );

  const answers = judged?.answers;
  const scores = answers && scoresOf(answers.truth, answers.model);
  if (answers !== undefined && !notes.has('shortfall', 'extremeTarget'))
    notes.addFindings(shortfall(model, trainX, trainY, answers));
  const score = answers === undefined ? null : { by: judged!.by, rows: answers.truth.length, scores: definedOf(scores!) };
  const card =
    scores === undefined
      ? {}
      : { card: { scores: { ...definedOf(scores) }, judgedBy: judged!.by, judgedOn: answers!.truth.length } };
  const bytes = model.save({ sections: { table: sectionOf(data, settings, score), ...card } });
  await save(output, bytes, interrupt);
  if (training.report !== undefined) {
    const judgeRows = split?.test ?? (judged === undefined ? undefined : dealtRows);
    const page = await trainingPage(
      {
        ...{ model, encoder, data, input, judged, importance, seed, judgeRows, trainRows, notes },
        ...{ target: settings.target, dropped: settings.drop, unseen: split !== undefined },
        saved: digestOf(basename(output), bytes),
      },
      training.peers!,
    );
    await save(training.report, new TextEncoder().encode(page), interrupt);
  }
  return {
    command: 'train',
    data: input.name,
    rows,
    columns: data.columns,
    kinds: kindsOf(encoder),
    inputs: encoder.outputs,
    target: settings.target,
    task,
    inferred: data.inferred,
    classes: model instanceof MLPClassifier ? model.classes : undefined,
    trainedOn: trainY.length,
    judgedBy: judged?.by,
    judgedOn: answers && Math.min(answers.truth.length, rows),
    foldScores: judged?.foldScores,
    scores,
    baselines: answers && {
      constant: { answer: answers.answer, scores: scoresOf(answers.truth, answers.constant) },
      linear: { scores: scoresOf(answers.truth, answers.linear) },
      ...(answers.quick === undefined ? {} : { quick: { scores: scoresOf(answers.truth, answers.quick) } }),
    },
    standardErrors: answers && errorsOf(answers, Math.min(answers.truth.length, rows)),
    secondLook: answers && secondLook(answers.truth, namedAnswers(answers), Math.min(answers.truth.length, rows)),
    confusion:
      answers === undefined || answers.truth instanceof Float64Array
        ? undefined
        : metrics.confusionMatrix(answers.truth, answers.model.predicted as Label[]),
    residuals:
      answers?.truth instanceof Float64Array ? residualsOf(answers.truth, answers.model.predicted as Float64Array) : undefined,
    linearModel: notes.has('linearModel'),
    certainty: certain,
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
    notes: notes.all,
    report: training.report,
    model: output,
    bytes: bytes.length,
    seconds: (performance.now() - started) / 1000,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** The standard error of everybody's main score. `rows`: different ones among those that judge. */
function errorsOf({ truth, model, constant, linear, quick }: Answers, rows: number): StandardErrors {
  const of = (predictions: Predictions) => standardErrorOf(truth, predictions, rows);
  return { model: of(model), constant: of(constant), linear: of(linear), ...(quick === undefined ? {} : { quick: of(quick) }) };
}

function kindsOf({ columns }: TableEncoder): Partial<Record<ColumnType, number>> {
  const kinds: Partial<Record<ColumnType, number>> = {};
  for (const { type } of columns) kinds[type] = (kinds[type] ?? 0) + 1;
  return kinds;
}

/** Whether what is asked for speaks of numbers. */
const ofNumbers = ({ model }: TrainSettings) => (model.quantiles ?? model.loss) !== undefined && model.ordinal === undefined;

/** `label`: one of the targets. */
function makeModel(task: Task, settings: TrainSettings, rows: number, label?: Label): Model {
  const { model: asked, seed, dateFeatures, maxCategories } = settings;
  const { ordinal, ...model } = {
    ...asked,
    ...present({ dateFeatures, maxCategories }),
  };
  // A network of one's own without hidden layers said gets a second one once the table is large enough to fill it.
  const hiddenLayers = model.hiddenLayers ?? (rows >= 1000 ? [64, 32] : [32]);
  const own = presetOf(model) === 'none' && !hasShape(model) ? { hiddenLayers } : {};
  const options = { ...model, ...own, seed, onWarning: false as const };
  if (task === 'classification') {
    if (model.quantiles !== undefined) fail('ERR_OPTION', '--quantiles is for regression; this is classification.');
    if (model.loss !== undefined) fail('ERR_OPTION', '--loss is for regression; this is classification.');
    const ordered = ordinal === undefined ? {} : { ordinal: ordinal.map((text) => labelLike(label, text)) };
    return new MLPClassifier({ ...(options as MLPClassifierOptions), ...ordered });
  }
  if (ordinal !== undefined) fail('ERR_OPTION', '--ordinal is for classification; this is regression.');
  const { classWeight, ...rest } = options;
  if (classWeight !== undefined) fail('ERR_OPTION', '--class-weight is for classification; this is regression.');
  return new MLPRegressor(rest);
}

/** A word of the command line as a label of the kind that the file has. */
function labelLike(label: Label | undefined, text: string): Label {
  const value = typeof label === 'number' ? Number(text) : typeof label === 'boolean' ? { true: true, false: false }[text] : text;
  if (value === undefined || value !== value)
    fail('ERR_OPTION', `--ordinal: ${show(text)} is no class of the target, whose classes are like ${show(label)}.`);
  return value;
}

// ---- files ----------------------------------------------------------------------------------------------------------

/** @throws Exit 2 for a file in use, ERR_FILE for one that cannot be written: now rather than after an hour of training. */
export async function checkOutput(output: string, data: string, interrupt: Interrupt): Promise<void> {
  await refuseInUse(output, [{ what: 'the data', path: data }]);
  const found = await stat(output).catch(() => undefined);
  if (found?.isCharacterDevice() && output !== '/dev/null')
    fail('ERR_FILE', `Cannot write ${output}: it is a device, and a model is a file.`);
  if (found === undefined || found.isFile() || found.isDirectory()) await (await Output.open(output, [], interrupt)).discard();
}

/** Whether a page can be drawn, and written where it should be. @throws ERR_UNSUPPORTED, Exit 2, ERR_FILE. */
export async function checkReport(report: string, data: string, interrupt: Interrupt): Promise<Peers> {
  const peers = loadPeers();
  await checkOutput(report, data, interrupt);
  return peers;
}

/** Writes a model, elsewhere when it cannot be written where it should be: it may have taken hours. @throws Exit 4 then. */
export async function save(path: string, bytes: Uint8Array, interrupt: Interrupt): Promise<void> {
  try {
    await writeWhole(path, bytes, interrupt);
  } catch (error) {
    const elsewhere = join(await mkdtemp(join(tmpdir(), 'feedforward-')).catch(() => tmpdir()), basename(path));
    await writeWhole(elsewhere, bytes, interrupt).catch(() => {
      throw error;
    });
    throw new Exit(4, `${(error as Error).message} The model is in ${elsewhere}.`, 'ERR_FILE');
  }
}

async function writeWhole(path: string, bytes: Uint8Array, interrupt: Interrupt): Promise<void> {
  await interrupt.saving(async () => {
    const file = await Output.open(path, [], interrupt);
    await file.write(bytes);
    await file.commit();
  });
}

/** Saves a checkpoint, beside what is there already. */
async function interruptedIn(
  { data: path, output, resume, settings, interrupt }: Training,
  model: Model,
  data: Dataset,
): Promise<Exit> {
  const checkpoint = resume ?? (await freeName(`${output === '/dev/null' ? 'model.ff' : output}.checkpoint`));
  await save(checkpoint, model.save({ optimizer: true, sections: { table: sectionOf(data, settings, null) } }), interrupt);
  const again = `feedforward train ${quoted(path)} --resume ${quoted(checkpoint)} -o ${quoted(output)}`;
  return new Exit(130, `Interrupted after ${model.epochs} epochs; saved ${checkpoint}. Go on with: ${again}`, 'ABORTED');
}

/** The name itself, or with a number: what was saved before stays. */
async function freeName(name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const path = n === 1 ? name : `${name}-${n}`;
    if ((await stat(path).catch(() => undefined)) === undefined) return path;
  }
}

export function sectionOf({ task, dialect, target: { type, spelling } }: Dataset, settings: TrainSettings, score: unknown) {
  return {
    target: settings.target,
    task,
    targetColumn: { type, ...(spelling === undefined ? {} : { spelling }) },
    decimal: dialect.decimal,
    missing: dialect.missing,
    header: dialect.header,
    score,
    settings,
  };
}
