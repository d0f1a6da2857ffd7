// What classifier and regressor share: columns, scaling, the held-out rows of early stopping, training in one go, in portions or
// resumed, and the file. What targets and outputs mean is theirs (Head).

import { scalerFromJSON, type Scaler } from '../data/scalers.js';
import { float64Rows, type Matrix, matrix, RowReader, type MatrixLike } from '../data/matrix.js';
import { notFitted, SavedState } from '../data/columns.js';
import { holdOut } from '../data/split.js';
import { Table } from '../data/table.js';
import type { TableEncoder } from '../data/tabular.js';
import { FeedforwardError, fail, show } from '../errors.js';
import { crc32 } from '../formats/checksum.js';
import { encodeModel, readModelFile, type SavedModel } from '../formats/modelFile.js';
import { MLP } from '../mlp/mlp.js';
import type { EpochLog, StopReason } from '../training/history.js';
import type { Callbacks, Model } from '../model/model.js';
import { checkBoolean, checkKeys } from '../options.js';
import type { DenseSpec, LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';
import { asFeatures, type Features } from './features.js';
import { InputColumns, pickRows, rowsOf } from './inputs.js';
import { leakNotes } from './leaks.js';
import {
  batchSizeFor,
  checkEstimatorOptions,
  epochsOf,
  networkOptions,
  plainOptions,
  portionBatchSize,
  stoppingRule,
  type EstimatorOptions,
  type StoppingRule,
  type Warning,
} from './options.js';
import { fitScaler } from './scaling.js';

export interface EstimatorFitOptions extends Callbacks {
  /** How much each row counts, >= 0. */
  readonly sampleWeight?: ArrayLike<number>;
  /** Rows to measure on after each epoch, and for early stopping to watch instead of a part of X. */
  readonly validationData?: readonly [X: Features, y: unknown];
  /** What the columns of a matrix are called (default x0, x1, …). */
  readonly featureNames?: readonly string[];
  /** The fitted encoder that X went through, so that predict takes tables too. */
  readonly encoder?: TableEncoder;
  /** Columns of a table to keep that would be left out, such as a number that counts the rows. */
  readonly keep?: readonly string[];
  /** Go on with a training that was interrupted, or loaded from a file saved with `optimizer: true`: X and y must be the same. */
  readonly resume?: boolean;
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** Aborting rejects with an AbortError; what was learnt until then stays, can be used, saved and resumed. */
  readonly signal?: AbortSignal;
  /** Seconds after which training ends. */
  readonly timeBudget?: number;
  /** Prints a line per epoch. */
  readonly verbose?: boolean;
}

const fitOptionNames = [
  'sampleWeight',
  'validationData',
  'featureNames',
  'encoder',
  'keep',
  'resume',
  'callbacks',
  'signal',
  'timeBudget',
  'verbose',
  'onTrainBegin',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchEnd',
  'onTrainEnd',
] as const satisfies readonly (keyof EstimatorFitOptions)[];

export interface SaveEstimatorOptions {
  /** Whether the optimizer's state goes along, so that training can be resumed to the same bits (default false). */
  readonly optimizer?: boolean;
  /** JSON of your own to travel with the model, by name. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

/** Targets as a head understands them. */
export interface Targets<Head> {
  readonly head: Head;
  /** rows x columns. */
  readonly values: Float64Array;
  readonly columns: number;
  /** Class of each row, for splits that keep proportions. */
  readonly strata?: Int32Array;
}

export interface Network {
  readonly output: readonly LayerSpec[];
  readonly loss: MLPOptions['loss'];
}

interface Fitted<Head> {
  readonly model: Model;
  readonly columns: InputColumns;
  readonly scaler: Scaler | undefined;
  readonly head: Head;
  readonly losses: readonly number[];
  readonly validationLosses: readonly number[];
  readonly bestEpoch: number;
  readonly bestValidationScore: number | undefined;
  readonly stoppedBy: StopReason;
  readonly rows: number;
  readonly fingerprint: number;
  readonly seconds: number;
  readonly samplesPerSecond: number;
  readonly notes: readonly string[];
}

/** One training: everything checked and scaled, nothing changed yet. */
interface Run<Head> {
  readonly model: Model;
  readonly columns: InputColumns;
  readonly scaler: Scaler | undefined;
  readonly head: Head;
  readonly X: MatrixLike;
  readonly y: Matrix;
  readonly rows: number;
  readonly fingerprint: number;
  readonly validation:
    | {
        readonly X: MatrixLike;
        readonly y: Matrix;
        readonly values: Float64Array;
        readonly weights: ArrayLike<number> | undefined;
      }
    | undefined;
  readonly before:
    | { readonly losses: readonly number[]; readonly validationLosses: readonly number[]; readonly seconds: number }
    | undefined;
  readonly logs: EpochLog[];
  readonly notes: readonly string[];
  /** Whether the weights of the best epoch come back at the end. */
  readonly restores: boolean;
  readonly started: number;
  readonly options: Parameters<Model['fit']>[1] & object;
}

export abstract class MLPEstimator<Head, Options extends EstimatorOptions = EstimatorOptions> {
  /** As given. */
  readonly options: Readonly<Options>;
  private state: Fitted<Head> | undefined;
  private busy = false;
  private warned = false;

  protected constructor(
    options: Options,
    protected readonly kind: string,
    optionNames: readonly string[],
  ) {
    checkEstimatorOptions(options, kind, optionNames);
    this.options = Object.freeze({ ...options });
  }

  // ---- what a head knows -------------------------------------------------------------------------------------

  /** Reads y, a list or the column `target` of a table; with `known`, as that head does. */
  protected abstract readTargets(y: unknown, rows: number, options: object, known?: Head): Targets<Head>;
  /** Settles what depends on the training rows (scaling of targets). */
  protected abstract fitHead(targets: Targets<Head>, indices: Uint32Array | undefined): Head;
  /** What each row counts by its class, by the class weights of the rows trained on; undefined without any. */
  protected abstract weighClasses(
    targets: Targets<Head>,
    trained: Targets<Head>,
    trainRows?: Uint32Array,
  ): Float64Array | undefined;
  /** Targets as the network needs them. */
  protected abstract encode(head: Head, values: Float64Array, columns: number): Matrix;
  protected abstract network(head: Head): Network;
  /** Score of network outputs against targets. */
  protected abstract rate(head: Head, values: Float64Array, outputs: Matrix, weights: ArrayLike<number> | undefined): number;
  protected abstract readColumn(table: Table, name: string): unknown;
  protected abstract headToJSON(head: Head): { head: unknown; sections: Record<string, unknown> };
  protected abstract headFromJSON(saved: SavedState, sections: SavedModel['sections']): Head;
  /** Names of fit's options beside the common ones. */
  protected abstract readonly moreFitOptions: readonly string[];

  /** The network itself; a test may put one of another backend in its place. */
  protected createModel(options: MLPOptions): Model {
    return new MLP(options);
  }

  // ---- fitted state ------------------------------------------------------------------------------------------

  protected get fitted(): Fitted<Head> {
    return this.state ?? notFitted(this.kind);
  }
  protected get head(): Head {
    return this.fitted.head;
  }
  /** Whether there is a model to predict with. */
  get isFitted(): boolean {
    return this.state !== undefined;
  }
  /** The network. Training it directly changes the estimator. @throws ERR_STATE before fit, as everything below. */
  get model(): Model {
    return this.fitted.model;
  }
  /** Columns of X. */
  get inputs(): number {
    return this.fitted.columns.count;
  }
  /** What the columns of X are called: of a table, one name per category. */
  get featureNames(): readonly string[] {
    return this.fitted.columns.featureNames;
  }
  /** What turned the table into numbers; undefined after training on a matrix. */
  get encoder(): TableEncoder | undefined {
    return this.fitted.columns.encoder;
  }
  /** The column of the table that was learnt, when it was named. */
  get target(): string | undefined {
    return this.fitted.columns.target;
  }
  /** What the columns were scaled with. */
  get scaler(): Scaler | undefined {
    return this.fitted.scaler;
  }
  /** Mean training loss of each epoch. */
  get lossCurve(): readonly number[] {
    return this.fitted.losses;
  }
  /** Loss on the held-out rows after each epoch; empty without early stopping. */
  get validationLossCurve(): readonly number[] {
    return this.fitted.validationLosses;
  }
  /** Epochs trained. */
  get epochs(): number {
    return this.fitted.losses.length;
  }
  /** The epoch whose weights these are, from 1: the last, or early stopping's best. */
  get bestEpoch(): number {
    return this.fitted.bestEpoch;
  }
  /** Score on the rows early stopping watched; undefined without it. */
  get bestValidationScore(): number | undefined {
    return this.fitted.bestValidationScore;
  }
  /** Why training ended: 'epochs', 'earlyStopping', 'timeBudget', 'abort', …. */
  get stoppedBy(): StopReason {
    return this.fitted.stoppedBy;
  }
  /** Rows trained on, those that early stopping watched included. */
  get rows(): number {
    return this.fitted.rows;
  }
  /** Seconds of training; 0 after load: files hold nothing that differs from run to run. */
  get seconds(): number {
    return this.fitted.seconds;
  }
  /**
   * What is worth knowing about the data that was learnt, in words: columns that were left out, a target with too many classes, columns that alone
   * tell the target. Empty after load.
   */
  get notes(): readonly string[] {
    return this.fitted.notes;
  }
  /** Rows trained per second. */
  get samplesPerSecond(): number {
    return this.fitted.samplesPerSecond;
  }

  // ---- training ----------------------------------------------------------------------------------------------

  protected async train(X: Features, y: unknown, options: EstimatorFitOptions): Promise<this> {
    const run = this.begin(X, y, options);
    try {
      const { stoppedBy, bestEpoch, samplesPerSecond } = await run.model.fit(run.X, run.y, run.options);
      this.end(run, stoppedBy, bestEpoch, samplesPerSecond);
    } catch (error) {
      if ((error as Error)?.name === 'AbortError') this.end(run, 'abort', 0, 0);
      throw error;
    } finally {
      this.busy = false;
    }
    return this;
  }

  protected trainSync(X: Features, y: unknown, options: EstimatorFitOptions): this {
    const run = this.begin(X, y, options);
    try {
      const { stoppedBy, bestEpoch, samplesPerSecond } = run.model.fitSync(run.X, run.y, run.options);
      this.end(run, stoppedBy, bestEpoch, samplesPerSecond);
    } finally {
      this.busy = false;
    }
    return this;
  }

  /** Checks and scales everything; from here on the estimator is busy. */
  private begin(given: Features, y: unknown, options: EstimatorFitOptions): Run<Head> {
    this.refuseBusy('fit');
    checkKeys(options, [...fitOptionNames, ...this.moreFitOptions], 'fit');
    const resume = checkBoolean(options.resume ?? false, 'resume');
    const before = resume ? this.fitted : undefined;
    const X = before?.columns.features(given) ?? asFeatures(given);
    const target = typeof y === 'string' ? y : undefined;
    const read = before?.columns.read(X);
    const rows = read === undefined ? rowsOf(X) : new RowReader(read, { name: 'X' }).shape[0];
    const targets = this.readTargets(this.targetsOf(X, y), rows, options, before?.head);
    const watched = options.validationData;
    const rule = stoppingRule(this.options, rows, watched !== undefined);
    const split =
      rule === undefined || watched !== undefined
        ? undefined
        : holdOut(rows, rowsToWatch(rows, rule), this.options.seed ?? 0, targets.strata);
    const weights = combineWeights(options.sampleWeight, this.weighClasses(targets, targets, split?.train), rows);
    // Columns are learnt from the training rows alone: what is held out must judge, not teach.
    const fresh = before === undefined ? this.learnColumns(X, target, options, split?.train) : undefined;
    const columns = fresh?.columns ?? before!.columns;
    const all = fresh?.rows ?? read!;
    const scaler = before === undefined ? fitScaler(this.options, pickRows(all, split?.train)) : before.scaler;
    const head = before?.head ?? this.fitHead(targets, split?.train);
    const { output, loss } = this.network(head);
    const model = before?.model ?? this.createModel(networkOptions(this.options, columns.count, output, loss));
    // A rescale layer in front subtracts in float64: nothing may be rounded before it.
    const asGiven = model.plan.inputCenter === undefined ? matrix : float64Rows;
    const scaled = (part: MatrixLike) => (scaler === undefined ? asGiven(part, { name: 'X' }) : scaler.transform(part));
    const trainX = scaled(pickRows(all, split?.train));
    const trainY = this.encode(head, pickValues(targets, split?.train), targets.columns);

    let validation: Run<Head>['validation'];
    if (watched !== undefined) {
      const [givenX, validationY] = watched;
      const validationX = columns.features(givenX);
      const read = columns.read(validationX);
      const count = new RowReader(read, { name: 'validationData X' }).shape[0];
      const held = this.readTargets(this.targetsOf(validationX, validationY), count, options, head);
      validation = {
        X: scaled(read),
        y: this.encode(head, held.values, held.columns),
        values: held.values,
        weights: this.weighClasses(held, targets),
      };
    } else if (split !== undefined) {
      const values = pickValues(targets, split.test);
      validation = {
        X: scaled(pickRows(all, split.test)),
        y: this.encode(head, values, targets.columns),
        values,
        weights: weights && pick(weights, split.test),
      };
    }

    const fingerprint = crc32(new Uint8Array(trainY.data.buffer), crc32(new Uint8Array(trainX.data.buffer)));
    if (before !== undefined && before.fingerprint !== fingerprint)
      fail(
        'ERR_STATE',
        'resume: these are not the rows that the interrupted training had. Pass the same X and y, or fit without resume.',
      );
    const { callbacks, signal, timeBudget, verbose, onTrainBegin, onEpochBegin, onEpochEnd, onBatchEnd, onTrainEnd } = options;
    const logs: EpochLog[] = [];
    const batchSize = batchSizeFor(this.options, trainX.shape[0]);
    const { shuffle } = this.options;
    const epochs = epochsOf(this.options);
    const own = Object.entries({
      onTrainBegin,
      onEpochBegin,
      onEpochEnd,
      onBatchEnd,
      onTrainEnd,
      signal,
      timeBudget,
      verbose,
      batchSize,
      shuffle,
    });
    const run: Run<Head> = {
      model,
      columns,
      scaler,
      head,
      rows,
      fingerprint,
      validation,
      logs,
      notes: this.notesOn(columns, all, targets, before, fresh !== undefined),
      restores: validation !== undefined && (rule?.restoreBest ?? false),
      X: trainX,
      y: trainY,
      before: before && { losses: before.losses, validationLosses: before.validationLosses, seconds: before.seconds },
      started: performance.now(),
      options: {
        ...Object.fromEntries(own.filter(([, value]) => value !== undefined)),
        epochs: Math.max(0, epochs - model.epoch),
        ...(weights === undefined ? {} : { sampleWeight: split === undefined ? weights : pick(weights, split.train) }),
        ...(validation === undefined ? {} : watching(validation, rule)),
        callbacks: [
          { onEpochEnd: (log) => void logs.push(log) },
          ...(callbacks === undefined ? [] : [callbacks].flat()),
        ] as Callbacks[],
      },
    };
    this.busy = true;
    return run;
  }

  private learnColumns(
    X: MatrixLike | Table,
    target: string | undefined,
    { encoder, featureNames: names, keep }: EstimatorFitOptions,
    trainRows?: Uint32Array,
  ) {
    const { dateFeatures } = this.options;
    return InputColumns.fit(X, { target, encoder, names, keep, dateFeatures, trainRows });
  }

  /** What is worth knowing before training: columns left out, a target that looks like something else, inputs that tell it. */
  private notesOn(columns: InputColumns, X: MatrixLike, targets: Targets<Head>, before: Fitted<Head> | undefined, own: boolean) {
    if (before !== undefined) return before.notes;
    const { values, columns: wide, strata } = targets;
    const classes = strata === undefined ? undefined : new Set(values).size;
    const rows = values.length / wide;
    const notes = own ? [...(columns.encoder?.notes ?? [])] : [];
    const what = columns.target === undefined ? 'y' : show(columns.target);
    if (classes !== undefined && rows >= 20 && classes > rows / 10)
      notes.push(
        `${what} has ${classes} classes in ${rows} rows, fewer than ten rows each. If they are numbers, use MLPRegressor; if names, another target.`,
      );
    const leaks = wide === 1 ? leakNotes(X, columns.groups, { values, classes, name: columns.target }) : [];
    for (const leak of leaks) notes.push(leak);
    if (notes.length > 0) this.warn('WARN_DATA', notes.join(' '));
    return notes;
  }

  private warn(code: Warning['code'], message: string): void {
    const { onWarning } = this.options;
    if (onWarning === undefined) console.warn(`${this.kind}: ${message}`);
    else if (onWarning !== false) onWarning({ code, message });
  }

  private end(run: Run<Head>, stoppedBy: StopReason, bestEpoch: number, samplesPerSecond: number): void {
    const { model, columns, scaler, head, rows, fingerprint, validation, before, logs, notes } = run;
    const losses = [...(before?.losses ?? []), ...logs.map(({ loss }) => loss)];
    const validationLosses = [
      ...(before?.validationLosses ?? []),
      ...logs.flatMap(({ valLoss }) => (valLoss === undefined ? [] : [valLoss])),
    ];
    const score =
      validation === undefined ? undefined : this.rate(head, validation.values, model.predict(validation.X), validation.weights);
    this.state = {
      model,
      columns,
      scaler,
      head,
      rows,
      fingerprint,
      stoppedBy,
      losses,
      validationLosses,
      samplesPerSecond,
      notes,
      bestEpoch: run.restores && stoppedBy !== 'abort' && bestEpoch > 0 ? bestEpoch : losses.length,
      bestValidationScore: score,
      seconds: (before?.seconds ?? 0) + (performance.now() - run.started) / 1000,
    };
    this.warned = false;
  }

  /** One pass over more rows, going on from the weights there are. */
  protected trainMore(given: Features, y: unknown, options: { readonly sampleWeight?: ArrayLike<number> }): this {
    this.refuseBusy('partialFit');
    checkKeys(options, ['sampleWeight', ...this.moreFitOptions], 'partialFit');
    const before = this.state;
    const X = before?.columns.features(given) ?? asFeatures(given);
    const fresh = before === undefined ? this.learnColumns(X, typeof y === 'string' ? y : undefined, {}) : undefined;
    const columns = fresh?.columns ?? before!.columns;
    const all = fresh?.rows ?? columns.read(X);
    const reader = new RowReader(all, { name: 'X' });
    const [rows] = reader.shape;
    const targets = this.readTargets(this.targetsOf(X, y), rows, options, before?.head);
    const scaler = before === undefined ? fitScaler(this.options, all) : before.scaler;
    const head = before?.head ?? this.fitHead(targets, undefined);
    const { output, loss } = this.network(head);
    const model = before?.model ?? this.createModel(networkOptions(this.options, columns.count, output, loss));
    const sampleWeight = combineWeights(options.sampleWeight, this.weighClasses(targets, targets), rows);
    const started = performance.now();
    const mean = model.partialFit(
      scaler === undefined ? all : scaler.transform(all),
      this.encode(head, targets.values, targets.columns),
      {
        ...(sampleWeight === undefined ? {} : { sampleWeight }),
        batchSize: portionBatchSize(this.options, rows),
        shuffle: this.options.shuffle ?? true,
      },
    );
    if (before !== undefined) columns.widen(reader);
    const losses = [...(before?.losses ?? []), mean];
    const seconds = (performance.now() - started) / 1000;
    this.state = {
      model,
      columns,
      scaler,
      head,
      losses,
      validationLosses: before?.validationLosses ?? [],
      bestEpoch: losses.length,
      bestValidationScore: undefined,
      stoppedBy: 'epochs',
      rows: (before?.rows ?? 0) + rows,
      fingerprint: 0,
      seconds: (before?.seconds ?? 0) + seconds,
      samplesPerSecond: rows / seconds,
      notes: before?.notes ?? columns.encoder?.notes ?? [],
    };
    return this;
  }

  /** y itself, or the column of that name. @throws ERR_TYPE for a name without a table. */
  protected targetsOf(X: MatrixLike | Table, y: unknown): unknown {
    if (typeof y !== 'string') return y;
    if (!(X instanceof Table))
      fail('ERR_TYPE', `y: ${show(y)} would be a column of a table, but X is a matrix. Pass one target per row.`);
    return this.readColumn(X, y);
  }

  private refuseBusy(what: string): void {
    if (this.busy)
      fail(
        'ERR_BUSY',
        `${what}: this ${this.kind} is being fitted. Wait for it to end, abort it with its signal, or use another one.`,
      );
  }

  // ---- use ---------------------------------------------------------------------------------------------------

  /** What the network says to rows of X. */
  protected outputs(X: Features, warn: boolean): Matrix {
    return this.fitted.model.predict(this.scaledRows(X, warn));
  }

  /** Rows of X as the network takes them. */
  protected scaledRows(X: Features, warn: boolean): MatrixLike {
    const { columns, scaler } = this.fitted;
    const read = columns.features(X);
    const rows = columns.read(read);
    if (warn) this.checkRange(read, rows);
    return scaler === undefined ? rows : scaler.transform(rows);
  }

  /** Warns, once after each fit or load, when inputs lie outside the range of training. */
  private checkRange(X: MatrixLike | Table, rows: MatrixLike): void {
    if (this.warned || this.options.onWarning === false) return;
    const outside = this.fitted.columns.outside(X, rows);
    if (outside === undefined) return;
    this.warned = true;
    this.warn('WARN_RANGE', `${outside} Such predictions are extrapolations.`);
  }

  protected scoreOf(given: Features, y: unknown, options: { readonly sampleWeight?: ArrayLike<number> }): number {
    checkKeys(options, ['sampleWeight'], 'score');
    const X = this.fitted.columns.features(given);
    const outputs = this.outputs(X, false);
    const { values } = this.readTargets(this.targetsOf(X, y), outputs.shape[0], {}, this.head);
    return this.rate(this.head, values, outputs, options.sampleWeight);
  }

  // ---- files -------------------------------------------------------------------------------------------------

  /**
   * The fitted estimator as a model file: weights, scaler, labels, names and ranges of the columns. Read by `load`, and its network alone by MLP.load.
   * @throws ERR_STATE before fit; ERR_BUSY during one.
   */
  save(options: SaveEstimatorOptions = {}): Uint8Array<ArrayBuffer> {
    this.refuseBusy('save');
    checkKeys(options, ['optimizer', 'sections'], 'save');
    const {
      model,
      columns,
      scaler,
      head,
      losses,
      validationLosses,
      bestEpoch,
      bestValidationScore,
      stoppedBy,
      rows,
      fingerprint,
    } = this.fitted;
    const own = this.headToJSON(head);
    return encodeModel(model.state(), {
      optimizer: checkBoolean(options.optimizer ?? false, 'optimizer'),
      sections: {
        ...options.sections,
        estimator: {
          type: this.kind,
          options: plainOptions(this.options),
          inputs: columns.toJSON(),
          head: own.head,
          lossCurve: losses.map(finite),
          validationLossCurve: validationLosses.map(finite),
          bestEpoch,
          bestValidationScore: finite(bestValidationScore ?? Number.NaN),
          stoppedBy,
          rows,
          fingerprint,
        },
        ...own.sections,
        scaler: scaler?.toJSON(),
        featureNames: columns.featureNames,
        card: {
          rows,
          columns: columns.count,
          seed: this.options.seed ?? 0,
          epochs: losses.length,
          scores: {
            loss: finite(losses[bestEpoch - 1] ?? Number.NaN),
            ...(Number.isFinite(bestValidationScore) ? { validation: bestValidationScore! } : {}),
          },
          ...(options.sections?.['card'] as object | undefined),
        },
      },
    });
  }

  /** Takes over what a file holds. @throws ERR_FORMAT. */
  protected restore(file: SavedModel): this {
    const saved = new SavedState(file.sections['estimator'] ?? refuseFile(this.kind, 'a plain network'), this.kind);
    const model = this.createModel(file.options);
    const { tensors, averages, rules, training } = file;
    model.restoreState({ ...model.state(), tensors, averages, rules, ...training });
    const columns = InputColumns.fromJSON(saved.raw('inputs'));
    const { scaler } = file.sections;
    const curve = (name: string) => saved.list(name).map((value) => (typeof value === 'number' ? value : Number.NaN));
    const score = saved.raw('bestValidationScore');
    const fitted: Fitted<Head> = {
      model,
      columns,
      scaler: scaler === undefined ? undefined : scalerFromJSON(scaler),
      head: this.headFromJSON(saved, file.sections),
      losses: curve('lossCurve'),
      validationLosses: curve('validationLossCurve'),
      bestEpoch: saved.count('bestEpoch'),
      bestValidationScore: typeof score === 'number' ? score : undefined,
      stoppedBy: saved.string('stoppedBy') as StopReason,
      rows: saved.count('rows'),
      fingerprint: saved.number('fingerprint'),
      seconds: 0,
      samplesPerSecond: 0,
      notes: [],
    };
    const { output } = this.network(fitted.head);
    const wanted = (output[0] as DenseSpec).units;
    if (wanted !== model.outputs) saved.refuse('head', `of ${model.outputs} outputs, as the network has`, wanted);
    if (columns.count !== model.inputs || (fitted.scaler !== undefined && fitted.scaler.columns !== model.inputs))
      saved.refuse('inputs', `${model.inputs} columns, as the network has`, columns.count);
    this.state = fitted;
    return this;
  }
}

/** The file behind an estimator, and the options it was made with. @throws ERR_FORMAT for a file of something else. */
export function readEstimator(bytes: Uint8Array | ArrayBuffer, kind: string): { file: SavedModel; options: EstimatorOptions } {
  const file = readModelFile(bytes);
  const section = file.sections['estimator'];
  const type =
    typeof section === 'object' && section !== null && !Array.isArray(section) ? (section as { type?: unknown }).type : undefined;
  if (type !== kind) refuseFile(kind, typeof type === 'string' ? type : 'a plain network');
  return { file, options: (section as unknown as { options: EstimatorOptions }).options ?? {} };
}

/** Runs what makes an estimator of a file: a refusal then is about the file. */
export function fromFile<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FeedforwardError) || error.code === 'ERR_FORMAT') throw error;
    throw new FeedforwardError('ERR_FORMAT', `Model file: ${error.message}`, { ...error.details, cause: error.code }, error);
  }
}

function refuseFile(wanted: string, found: string): never {
  return fail('ERR_FORMAT', `${wanted}.load: this file holds ${found}. Use ${found === 'a plain network' ? 'MLP' : found}.load.`);
}

function rowsToWatch(rows: number, { validationFraction }: StoppingRule): number {
  return Math.min(rows - 1, Math.max(1, Math.ceil(validationFraction * rows)));
}

/** Fit's options for rows to watch, and for stopping by them. */
function watching({ X, y, weights }: NonNullable<Run<unknown>['validation']>, rule: StoppingRule | undefined) {
  const validationData = { X, y, ...(weights === undefined ? {} : { sampleWeight: weights }) };
  if (rule === undefined) return { validationData };
  const { patience, minDelta, restoreBest } = rule;
  return { validationData, earlyStopping: { patience, minDelta, restoreBest } }; // of valLoss, or as the preset has it
}

function pickValues(
  { values, columns }: { values: Float64Array; columns: number },
  indices: Uint32Array | undefined,
): Float64Array {
  if (indices === undefined) return values;
  const out = new Float64Array(indices.length * columns);
  for (let k = 0; k < indices.length; k++)
    for (let j = 0; j < columns; j++) out[k * columns + j] = values[indices[k]! * columns + j]!;
  return out;
}

function pick(values: ArrayLike<number>, indices: Uint32Array): Float64Array {
  return Float64Array.from(indices, (i) => values[i]!);
}

/** Weights of rows times those of their classes. @throws ERR_SHAPE, ERR_OPTION. */
function combineWeights(
  given: ArrayLike<number> | undefined,
  byClass: Float64Array | undefined,
  rows: number,
): Float64Array | undefined {
  if (given === undefined) return byClass;
  if (typeof given?.length !== 'number') fail('ERR_TYPE', `sampleWeight: expected a list of numbers, got ${show(given)}.`);
  if (given.length !== rows) fail('ERR_SHAPE', `sampleWeight has ${given.length} numbers, but X has ${rows} rows.`);
  return Float64Array.from({ length: rows }, (_, i) => {
    const weight = given[i];
    if (typeof weight !== 'number' || !(weight >= 0 && weight < Infinity))
      fail('ERR_OPTION', `sampleWeight: row ${i} is ${show(weight)}; weights are finite and not negative.`, {
        row: i,
        value: weight,
      });
    return weight * (byClass?.[i] ?? 1);
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
