// What WorkerClassifier and WorkerRegressor share: the estimator's public face on this side of a worker. Names, options and results are
// those of MLPClassifier and MLPRegressor, and every method returns a promise. What targets and predictions are is theirs.

import { isArrayBuffer } from '../brands.js';
import { ColumnGradients } from '../data/columnGradients.js';
import { notFitted } from '../data/columns.js';
import { noteOf, type Finding } from '../data/findings.js';
import type { Label } from '../data/labels.js';
import type { EstimatorFacts } from './estimatorFacts.js';
import type { EstimatorCalls } from './estimatorHost.js';
import { fail, FeedforwardError } from '../errors.js';
import type { Features } from '../estimators/features.js';
import { saveRows, scoreRows, type SaveEstimatorOptions } from '../estimators/fitOptions.js';
import { checkEstimatorOptions, type EstimatorOptions, type Warning } from '../estimators/options.js';
import { plannedEpochs, recipeOf } from '../estimators/presets.js';
import { thresholdRows, type ThresholdOptions } from '../estimators/thresholds.js';
import { readOptions, type OptionRows } from '../options.js';
import type { StopReason } from '../training/history.js';
import type { SetOptions } from '../estimators/classifier.js';
import type { IntervalOptions } from '../estimators/regressor.js';
import { Connection, nounOf, settingRows, unused, type WorkerOptions } from './connection.js';
import { copyFeatures, copyTargets } from './estimatorCrossing.js';
import type { Kind } from './protocol.js';
import { RemoteEstimatorFit, type RemoteEstimatorFitOptions } from './remoteEstimatorFit.js';
import { refuseFunctions, terminated } from './arguments.js';

export type EstimatorConnection = Connection<EstimatorCalls, Uint8Array, EstimatorFacts>;

/** How one is made: from options, or from a file that says most of them. */
export interface Origin<Options> {
  readonly kind: Exclude<Kind, 'MLP'>;
  readonly className: string;
  readonly settings: WorkerOptions;
  readonly options: Options;
  readonly file: EstimatorFile | undefined;
}

/** The bytes that an estimator was loaded from. */
export interface EstimatorFile {
  readonly bytes: Uint8Array;
}

export abstract class WorkerEstimator<Options extends EstimatorOptions, FitOptions extends RemoteEstimatorFitOptions<never>> {
  private readonly origin: Origin<Options>;
  private connection: EstimatorConnection;
  private training: RemoteEstimatorFit<unknown> | undefined;
  private disposed = false;
  /** Of fit's and partialFit's options beside the common ones. */
  protected abstract readonly moreFitRows: OptionRows;

  protected constructor(origin: Origin<Options>) {
    readOptions(settingRows, origin.settings, origin.className);
    this.origin = origin;
    this.connection = this.connect(origin.file?.bytes);
  }

  /** `bytes`: the file to go on from. What the worker makes of the one that was loaded says its options by itself. */
  private connect(bytes: Uint8Array | undefined): EstimatorConnection {
    const { kind, className, settings, options: given, file } = this.origin;
    const load = file !== undefined && bytes === file.bytes;
    const options = load || file === undefined ? given : this.options;
    const connection: EstimatorConnection = new Connection(
      {
        kind,
        className,
        load,
        options: Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function')),
        from: (kept) => ({ text: kept === undefined ? 'the start' : 'what the last fit that ended had learnt' }),
        warn: warningsOf(className, given.onWarning),
      },
      settings,
      bytes,
    );
    unused?.register(this, connection, this);
    return connection;
  }

  /** Starts the worker. @throws ERR_FORMAT for a file of something else, ERR_WORKER when none starts and `fallback` is false. */
  protected async ready(): Promise<this> {
    await this.connection.ready();
    return this;
  }

  /** As given to the constructor, or as the file says. */
  get options(): Readonly<Options> {
    const { options, file } = this.origin;
    return file === undefined ? options : ({ ...this.connection.standing?.options, ...options } as Options);
  }

  // ---- the worker ------------------------------------------------------------------------------------------------

  /** Whether the work is done off this thread: false when no worker could start. */
  get offThread(): boolean {
    return !this.connection.fellBack;
  }

  /** Ends the worker; calls under way reject with ERR_DISPOSED. Again: does nothing. */
  async terminate(): Promise<void> {
    this.disposed = true;
    unused?.unregister(this);
    await this.connection.end(this.terminated('this call'));
  }

  /**
   * Starts another worker, after the one before died, or to be rid of what it does: calls under way then reject with ERR_WORKER. What was learnt
   * is there again, of a worker that died or is busy as it was about a tenth of a second before; a fit that did not end has to be called again.
   * @throws ERR_DISPOSED.
   */
  async restart(): Promise<void> {
    this.refuseDisposed('restart');
    const { connection, origin } = this;
    const asked = this.isFitted && (connection.fellBack || connection.idle);
    const kept = asked ? await connection.ask('save', [{ optimizer: true }]).catch(() => connection.kept) : connection.kept;
    unused?.unregister(this);
    this.connection = this.connect(kept);
    this.connection.standing = connection.standing;
    await connection.end(
      new FeedforwardError(
        'ERR_WORKER',
        `The worker of this ${nounOf(origin.kind)} was restarted while this call was under way.`,
      ),
    );
    await this.connection.ready();
  }

  // ---- training and use ------------------------------------------------------------------------------------------

  protected async train(X: Features, y: unknown, options: FitOptions): Promise<this> {
    this.refuseDisposed('fit');
    if (this.training !== undefined)
      fail(
        'ERR_BUSY',
        `fit: this ${nounOf(this.origin.kind)} is being fitted. Wait for it to end, abort it with its signal, or use another one.`,
      );
    const { connection } = this;
    const training = new RemoteEstimatorFit<unknown>(this, X, y, options as RemoteEstimatorFitOptions<unknown>, this.moreFitRows);
    this.training = connection.training = training;
    const unlisten = training.onAbort(() => connection.abort(training.request.id));
    try {
      await connection.fit<undefined>(training);
      return this;
    } catch (error) {
      throw training.failure === undefined ? error : training.failure.error;
    } finally {
      unlisten();
      this.training = connection.training = undefined;
    }
  }

  protected async trainMore(X: Features, y: unknown, options: object): Promise<this> {
    this.refuseDisposed('partialFit');
    readOptions({ ...scoreRows, ...this.moreFitRows }, options, 'partialFit');
    const crossing = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, copyTargets(value)]));
    const rows = copyFeatures(X);
    const targets = copyTargets(y);
    await this.connection.ask('partialFit', [rows, targets, crossing], [rows, targets, crossing]);
    return this;
  }

  /** Ends a running fit after the step in hand (stoppedBy 'callback'); without one, does nothing. @throws ERR_DISPOSED. */
  async stop(): Promise<void> {
    this.refuseDisposed('stop');
    if (this.training !== undefined) this.training.stopped = true;
    await this.connection.ask('stop', []);
  }

  protected async askPredictions(X: Features): Promise<ReturnType<EstimatorCalls['predict']>> {
    this.refuseDisposed('predict');
    const rows = copyFeatures(X);
    return this.connection.ask('predict', [rows], rows);
  }

  protected async askProbabilities(X: Features): Promise<ReturnType<EstimatorCalls['predictProba']>> {
    this.refuseDisposed('predictProba');
    const rows = copyFeatures(X);
    return this.connection.ask('predictProba', [rows], rows);
  }

  protected async askScore(X: Features, y: unknown, options: { readonly sampleWeight?: ArrayLike<number> }): Promise<number> {
    this.refuseDisposed('score');
    const weights = copyTargets(readOptions(scoreRows, options, 'score').sampleWeight) as ArrayLike<number> | undefined;
    const rows = copyFeatures(X);
    const targets = copyTargets(y);
    const crossing = weights === undefined ? {} : { sampleWeight: weights };
    return this.connection.ask('score', [rows, targets, crossing], [rows, targets, weights]);
  }

  protected async askSets(X: Features, options: SetOptions): Promise<ReturnType<EstimatorCalls['predictSet']>> {
    this.refuseDisposed('predictSet');
    const rows = copyFeatures(X);
    return this.connection.ask('predictSet', [rows, options], rows);
  }

  protected async askIntervals(X: Features, options: IntervalOptions): Promise<ReturnType<EstimatorCalls['predictInterval']>> {
    this.refuseDisposed('predictInterval');
    const rows = copyFeatures(X);
    return this.connection.ask('predictInterval', [rows, options], rows);
  }

  protected async askQuantiles(X: Features): Promise<ReturnType<EstimatorCalls['predictQuantiles']>> {
    this.refuseDisposed('predictQuantiles');
    const rows = copyFeatures(X);
    return this.connection.ask('predictQuantiles', [rows], rows);
  }

  protected async askDeviations(X: Features): Promise<ReturnType<EstimatorCalls['predictStd']>> {
    this.refuseDisposed('predictStd');
    const rows = copyFeatures(X);
    return this.connection.ask('predictStd', [rows], rows);
  }

  protected async askGradients(X: Features, output: Label | undefined): Promise<ColumnGradients> {
    this.refuseDisposed('inputGradient');
    const rows = copyFeatures(X);
    const { data, featureNames } = await this.connection.ask('inputGradient', [rows, output], rows);
    return new ColumnGradients(data, data.length / featureNames.length, featureNames);
  }

  protected async measure(X: Features, y: unknown): Promise<this> {
    this.refuseDisposed('conformalize');
    const rows = copyFeatures(X);
    const targets = copyTargets(y);
    await this.connection.ask('conformalize', [rows, targets], [rows, targets]);
    return this;
  }

  protected async choose(X: Features, y: unknown, options: ThresholdOptions): Promise<this> {
    this.refuseDisposed('chooseThreshold');
    refuseFunctions(readOptions(thresholdRows, options, 'chooseThreshold'), '', this.origin.kind);
    const rows = copyFeatures(X);
    const targets = copyTargets(y);
    await this.connection.ask('chooseThreshold', [rows, targets, options], [rows, targets]);
    return this;
  }

  /**
   * The fitted estimator as a model file: that of the estimator on this thread, byte for byte, which its `load` reads too.
   * @throws ERR_STATE before fit; ERR_BUSY during one; ERR_DISPOSED.
   */
  async save(options: SaveEstimatorOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    this.refuseDisposed('save');
    readOptions(saveRows, options, 'save');
    return this.connection.ask('save', [options]);
  }

  // ---- what it tells ---------------------------------------------------------------------------------------------

  /** The most epochs that a fit reports: of a preset those of all its nets. */
  get plannedEpochs(): number {
    return plannedEpochs(this.options);
  }
  protected get facts(): EstimatorFacts {
    return this.connection.standing ?? notFitted(this.origin.kind);
  }
  /** Whether there is a model to predict with. */
  get isFitted(): boolean {
    return this.connection.standing !== undefined;
  }
  /** Columns of X. @throws ERR_STATE before fit, as everything below. */
  get inputs(): number {
    return this.facts.inputs;
  }
  /** What the columns of X are called: of a table, one name per category. */
  get featureNames(): readonly string[] {
    return this.facts.featureNames;
  }
  /** The column of the table that was learnt, when it was named. */
  get target(): string | undefined {
    return this.facts.target;
  }
  /** Mean training loss of each epoch. */
  get lossCurve(): readonly number[] {
    return this.facts.lossCurve;
  }
  /** Loss on the held-out rows after each epoch; empty without early stopping. */
  get validationLossCurve(): readonly number[] {
    return this.facts.validationLossCurve;
  }
  /** Nets that the network is the mean of, as a preset makes it; 1 for a plain one. */
  get members(): number {
    return this.facts.members;
  }
  /** Epochs trained. */
  get epochs(): number {
    return this.facts.lossCurve.length;
  }
  /** The epoch whose weights these are, from 1: the last, or early stopping's best. */
  get bestEpoch(): number {
    return this.facts.bestEpoch;
  }
  /** Score on the rows early stopping watched; undefined without it. */
  get bestValidationScore(): number | undefined {
    return this.facts.bestValidationScore;
  }
  /** Why training ended: 'epochs', 'earlyStopping', 'timeBudget', 'abort', …. */
  get stoppedBy(): StopReason {
    return this.facts.stoppedBy;
  }
  /** Rows trained on, those that early stopping watched included. */
  get rows(): number {
    return this.facts.rows;
  }
  /** Seconds of training; 0 after load. */
  get seconds(): number {
    return this.facts.seconds;
  }
  /** What is worth knowing about the data that was learnt, in words. Empty after load. */
  get notes(): readonly string[] {
    return this.findings.map(noteOf);
  }
  /** What is worth knowing about the data that was learnt, for programs: each finding has a `kind` to go by, and what `notes` says in words. Empty after load. */
  get findings(): readonly Finding[] {
    return this.facts.findings;
  }
  /** Rows trained per second. */
  get samplesPerSecond(): number {
    return this.facts.samplesPerSecond;
  }

  private refuseDisposed(what: string): void {
    if (this.disposed) throw this.terminated(what);
  }

  private terminated(what: string): FeedforwardError {
    return terminated(
      what,
      nounOf(this.origin.kind),
      `Make a new ${this.origin.className}; save() before terminate() keeps what it learnt.`,
    );
  }
}

/** Options of an estimator, checked as its constructor does. @throws ERR_OPTION; ERR_UNSUPPORTED for functions (but onWarning). */
export function checkCrossing(rows: OptionRows, options: EstimatorOptions, kind: string): void {
  checkEstimatorOptions(rows, options, kind);
  recipeOf(options);
  const { onWarning: _, ...rest } = options;
  refuseFunctions(rest, '', kind);
}

/** Where the warnings of an estimator go. Refers to nothing that would keep it from being collected. */
function warningsOf(className: string, onWarning: EstimatorOptions['onWarning']): (warning: Warning) => void {
  if (onWarning === false) return () => {};
  return onWarning ?? (({ message }) => console.warn(`${className}: ${message}`));
}

/** A file on a buffer of its own; what is no file at all stays, and is refused in the worker. */
export function copyFile(bytes: Uint8Array | ArrayBuffer): EstimatorFile {
  if (ArrayBuffer.isView(bytes)) return { bytes: new Uint8Array(bytes) };
  return { bytes: isArrayBuffer(bytes) ? new Uint8Array(bytes.slice(0)) : bytes };
}
