// WorkerMLP: the model's public face on this side of a worker. The same names and options as MLP, and a promise from each.

import type { Matrix, MatrixLike } from '../data/matrix.js';
import { fail, FeedforwardError } from '../errors.js';
import type { SaveOptions } from '../formats/encodeModel.js';
import type { LoadOptions } from '../formats/modelFile.js';
import type { Diagnosis } from '../inspect/diagnosis.js';
import type { TargetsLike } from '../training/feeding.js';
import type { Callbacks } from '../training/callbacks.js';
import type { History } from '../training/history.js';
import {
  evaluationRows,
  partialFitRows,
  type EvaluateOptions,
  type PartialFitOptions,
  type PredictOptions,
  trainStepRows,
  type TrainStepOptions,
} from '../model/callOptions.js';
import type { Evaluation } from '../model/model.js';
import type { ModelState } from '../training/state.js';
import { refuseBalanced } from '../training/rows.js';
import { isBatchSource, type BatchSource } from '../training/streams.js';
import { readOptions } from '../options.js';
import type { AnyMetrics, MetricLike } from '../plan/metrics.js';
import { resolveNetwork, type MLPOptions } from '../plan/network.js';
import { resolveRate } from '../plan/resolveRate.js';
import type { LearningRate } from '../plan/schedules.js';
import { Connection, settingRows, unused, type WorkerOptions } from './connection.js';
import { crossInputs, crossPair, refuseFunctions, splitTransfer, type TransferOptions } from './arguments.js';
import { copyInputs, matrixOf } from './crossing.js';
import { historyOf, type PlainHistory } from './protocol.js';
import { gone, WorkerStepLoop, type ModelConnection } from './workerStepLoop.js';
import { RemoteFit, type RemoteFitOptions } from './remoteFit.js';

/**
 * Functions that a fit calls on this side while the worker trains, handed the WorkerMLP: all optional. Training waits for a
 * promise that they return. A call and its answer take about a tenth of a millisecond, so that with onBatchEnd training goes
 * no faster than the calls.
 */
export type WorkerCallbacks = Callbacks<WorkerMLP>;

/** The options of WorkerMLP.fit: those of MLP.fit, and `transfer`. */
export type WorkerFitOptions = RemoteFitOptions<WorkerMLP>;

/**
 * An MLP that works in a Web Worker or a worker thread: the page, or the server, goes on while it trains. Methods, options
 * and errors are those of MLP, results the same bits; every method returns a promise. The worker starts with the first
 * call, keeps a Node program alive only while a call is under way, and ends with terminate() or when the model is garbage.
 *
 * X and y are copied once, at the call, and the copy is moved over; with `transfer: true` nothing is copied. A worker that
 * dies rejects every call under way with ERR_WORKER; restart() goes on from the last state known here, which is at most about
 * a tenth of a second older than the last epoch or call that ended. After terminate() every method rejects with ERR_DISPOSED.
 *
 * Functions cannot cross: a loss or a learning rate that is one is ERR_UNSUPPORTED. Callbacks, checkpoints and streams work;
 * they run on this side.
 *
 * @example
 * const model = await WorkerMLP.create({ inputs: 2, layers: [dense(16, { activation: 'tanh' }), dense(1)] });
 * await model.fit(X, y, { epochs: 100, onEpochEnd: ({ epoch, loss }) => show(epoch, loss), signal });
 * const predictions = await model.predict(X);
 * await model.terminate();
 */
export class WorkerMLP<Metrics extends MetricLike = AnyMetrics> extends WorkerStepLoop {
  protected connection: ModelConnection;
  private training: RemoteFit<WorkerMLP> | undefined;

  /**
   * An MLP that works in a Web Worker or a worker thread, which starts with the first call. `options` are those of MLP, `settings` those of
   * the worker.
   * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_UNSUPPORTED for options that are functions.
   */
  constructor(
    options: MLPOptions<Metrics>,
    private readonly settings: WorkerOptions = {},
  ) {
    super(resolveNetwork(options));
    refuseFunctions(options, '', 'MLP');
    readOptions(settingRows, settings, 'WorkerMLP');
    this.connection = this.connect(undefined);
  }

  /**
   * A model whose worker is up: resolves when the worker has built the network.
   * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_UNSUPPORTED for options that are functions; ERR_MEMORY; ERR_WORKER with
   * `fallback: false` when no worker starts.
   */
  static async create<Metrics extends MetricLike = AnyMetrics>(
    options: MLPOptions<Metrics>,
    settings?: WorkerOptions,
  ): Promise<WorkerMLP<Metrics>> {
    const model = new WorkerMLP(options, settings);
    await model.connection.ready();
    return model;
  }

  /**
   * The model that save() wrote, of this class or of MLP, in a worker of its own.
   * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite; ERR_WORKER.
   */
  static async load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}, settings?: WorkerOptions): Promise<WorkerMLP> {
    refuseFunctions(options, '', 'MLP');
    const { MLP } = await import('../mlp/mlp.js');
    const state = MLP.load(bytes, options).state();
    return WorkerMLP.from(state.options, settings, state);
  }

  /** A model whose worker is up and goes on from a state. */
  private static async from(options: MLPOptions, settings: WorkerOptions | undefined, state: ModelState): Promise<WorkerMLP> {
    const model = new WorkerMLP(options, settings);
    unused?.unregister(model);
    model.connection = model.connect(state); // nothing was asked of the first: its worker never started
    await model.connection.ready();
    return model;
  }

  private connect(state: ModelState | undefined): ModelConnection {
    const { options } = this.plan;
    const subject = { kind: 'MLP', className: 'WorkerMLP', options, load: false, from: progressOf } as const;
    const connection: ModelConnection = new Connection(subject, this.settings, state);
    unused?.register(this, connection, this);
    return connection;
  }

  /** Columns of X. */
  get inputs(): number {
    return this.plan.inputs;
  }

  /** Columns of predictions. */
  get outputs(): number {
    return this.plan.outputs;
  }

  /** Epochs trained when the worker last answered. */
  get epoch(): number {
    return this.connection.standing?.epoch ?? this.connection.kept?.progress.epoch ?? 0;
  }

  /** Optimizer steps taken when the worker last answered. */
  get steps(): number {
    return this.connection.standing?.steps ?? this.connection.kept?.progress.steps ?? 0;
  }

  /** The rate of the next step when the worker last answered; setLearningRate changes it. */
  get learningRate(): number {
    return this.connection.standing?.learningRate ?? this.plan.optimizer.learningRate.rate({ step: 0, epoch: 0, plateau: 1 });
  }

  /** Takes a number > 0 or a schedule, from the next step on, also while training. @throws ERR_OPTION; ERR_UNSUPPORTED for a function. */
  async setLearningRate(rate: LearningRate): Promise<void> {
    this.refuseDisposed('setLearningRate');
    resolveRate(rate);
    refuseFunctions(rate, 'learningRate', 'MLP');
    return this.connection.ask('setLearningRate', [rate]);
  }

  // ---- the worker ------------------------------------------------------------------------------------------

  /** Whether the model works off this thread: false when no worker could start. */
  get offThread(): boolean {
    return !this.connection.fellBack;
  }

  /** Ends the worker; calls under way reject with ERR_DISPOSED. Again: does nothing. */
  async terminate(): Promise<void> {
    this.disposed = true;
    unused?.unregister(this);
    await this.connection.end(gone('this call'));
  }

  /**
   * Starts another worker with the last state known here, after the one before died, or to be rid of what it does: calls under
   * way then reject with ERR_WORKER. @throws ERR_DISPOSED.
   */
  async restart(): Promise<void> {
    this.refuseDisposed('restart');
    const { connection } = this;
    const state = connection.fellBack ? await connection.ask('state', []) : connection.kept;
    unused?.unregister(this);
    this.connection = this.connect(state);
    await connection.end(
      new FeedforwardError('ERR_WORKER', 'The worker of this model was restarted while this call was under way.'),
    );
    await this.connection.ready();
  }

  // ---- training --------------------------------------------------------------------------------------------

  /**
   * Trains in the worker. X and y as for MLP, or an iterable of batches, or a function giving one per epoch, read on this side.
   * Callbacks run on this side with this model as their last argument, and training waits for them. Aborting `signal` rejects
   * with an AbortError after the batch in hand, or those of the next few milliseconds.
   *
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH or ERR_OPTION before anything changes; ERR_BUSY while training; ERR_DIVERGED at a
   * loss that is not finite; with what a callback threw; ERR_WORKER when the worker dies, ERR_DISPOSED when terminate() was called.
   */
  fit(X: MatrixLike, y: TargetsLike, options?: WorkerFitOptions): Promise<History<Metrics>>;
  fit(batches: BatchSource, options?: WorkerFitOptions): Promise<History<Metrics>>;
  async fit(
    X: MatrixLike | BatchSource,
    y?: TargetsLike | WorkerFitOptions,
    options?: WorkerFitOptions,
  ): Promise<History<Metrics>> {
    this.refuseDisposed('fit');
    this.refuseTraining('fit');
    const { connection } = this;
    const given = ((isBatchSource(X, y) && options === undefined ? y : options) ?? {}) as WorkerFitOptions;
    const [rest, move] = splitTransfer(given, 'fit');
    const training = new RemoteFit<WorkerMLP>(this, this.plan, X, y, rest, move);
    this.training = connection.training = training;
    const unlisten = training.onAbort(() => connection.abort(training.request.id));
    try {
      return historyOf(await connection.fit<PlainHistory>(training));
    } catch (error) {
      throw training.failure === undefined ? error : training.failure.error;
    } finally {
      unlisten();
      this.training = connection.training = undefined;
    }
  }

  /** Ends a running fit after the step in hand (stoppedBy 'callback'); without one, does nothing. */
  async stop(): Promise<void> {
    this.refuseDisposed('stop');
    if (this.training !== undefined) this.training.stopped = true;
    return this.connection.ask('stop', []);
  }

  /**
   * One pass over the rows, in batches, going on from wherever training stands: for data that comes in portions. The mean loss.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH, ERR_OPTION; ERR_BUSY while training; ERR_DIVERGED; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async partialFit(X: MatrixLike, y: TargetsLike, options: PartialFitOptions & TransferOptions = {}): Promise<number> {
    this.refuseDisposed('partialFit');
    const [rest, move] = splitTransfer(options, 'partialFit');
    readOptions(partialFitRows, rest, 'partialFit');
    refuseBalanced(rest.classWeight, 'partialFit');
    const { pair, own, options: left } = crossPair(this.plan, X, y, rest, move);
    return this.connection.ask('partialFit', [pair.X as MatrixLike, pair.y as TargetsLike, left as PartialFitOptions], own);
  }

  /**
   * One optimizer step on one batch; the batch's mean loss before it. A call and its answer take about a tenth of a millisecond.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION; ERR_BUSY while training; ERR_DIVERGED; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async trainStep(X: MatrixLike, y: TargetsLike, options: TrainStepOptions & TransferOptions = {}): Promise<number> {
    this.refuseDisposed('trainStep');
    const [rest, move] = splitTransfer(options, 'trainStep');
    readOptions(trainStepRows, rest, 'trainStep');
    const { pair, own, options: left } = crossPair(this.plan, X, y, rest, move);
    return this.connection.ask('trainStep', [pair.X as MatrixLike, pair.y as TargetsLike, left as TrainStepOptions], own);
  }

  // ---- using it --------------------------------------------------------------------------------------------

  /**
   * Outputs [rows, outputs] for X [rows, inputs], float32. While a fit runs: of the weights after the last full step.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async predict(X: MatrixLike, options: PredictOptions & TransferOptions = {}): Promise<Matrix> {
    this.refuseDisposed('predict');
    const [x, left] = crossInputs(this.plan, X, options, 'predict');
    return matrixOf(await this.connection.ask('predict', [x, left], x), this.outputs);
  }

  /**
   * The mean loss (without penalties) and the model's metrics, by name, of the predictions for X [rows, inputs] against y.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async evaluate(X: MatrixLike, y: TargetsLike, options: EvaluateOptions & TransferOptions = {}): Promise<Evaluation<Metrics>> {
    this.refuseDisposed('evaluate');
    const [rest, move] = splitTransfer(options, 'evaluate');
    readOptions(evaluationRows, rest, 'evaluate');
    const { pair, own, options: left } = crossPair(this.plan, X, y, rest, move);
    return this.connection.ask('evaluate', [pair.X as MatrixLike, pair.y as TargetsLike, left as EvaluateOptions], own);
  }

  /**
   * The gradient of one output (its number, from 0) with respect to the inputs, at every row of X: d output / d inputs [rows, inputs].
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async inputGradient(X: MatrixLike, output = 0, options: PredictOptions & TransferOptions = {}): Promise<Matrix> {
    this.refuseDisposed('inputGradient');
    const [x, left] = crossInputs(this.plan, X, options, 'inputGradient');
    return matrixOf(await this.connection.ask('inputGradient', [x, output, left], x), this.inputs);
  }

  /**
   * d^2 output / d x_i d x_j at every row of X, one [inputs, inputs] matrix per row, for networks of up to 32 inputs.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async inputHessian(X: MatrixLike, output = 0): Promise<Matrix[]> {
    this.refuseDisposed('inputHessian');
    const x = copyInputs(X, this.plan, true, true);
    const hessians = await this.connection.ask('inputHessian', [x, output], x);
    return hessians.map((data) => matrixOf(data, this.inputs));
  }

  /**
   * Says whether this network learns, on up to 1024 rows, and if it does not why and what to do; copies train in the worker, the model stays as it is.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH, ERR_OPTION; ERR_WORKER when the worker dies; ERR_DISPOSED after terminate().
   */
  async diagnose(X: MatrixLike, y: TargetsLike): Promise<Diagnosis> {
    this.refuseDisposed('diagnose');
    const { pair, own } = crossPair(this.plan, X, y, {}, false);
    const { text, ...facts } = await this.connection.ask('diagnose', [pair.X as MatrixLike, pair.y as TargetsLike], own);
    return { ...facts, toString: () => text };
  }

  // ---- state -----------------------------------------------------------------------------------------------

  /** The model as a file, that of MLP.save. */
  save(options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.ask('save', [options]);
  }

  /** Everything: weights, optimizer, progress, generator. An MLP of the same options takes it over with restoreState, and the other way round. */
  state(): Promise<ModelState> {
    return this.ask('state', []);
  }

  /** Takes over a state. @throws ERR_SHAPE for one of another network; ERR_BUSY while training. */
  restoreState(state: ModelState): Promise<void> {
    return this.ask('restoreState', [state]);
  }

  /** A model of its own, in a worker of its own, in the same state. */
  async clone(): Promise<WorkerMLP<Metrics>> {
    this.refuseDisposed('clone');
    return WorkerMLP.from(this.plan.options, this.settings, await this.ask('state', []));
  }

  // ---- before anything crosses -----------------------------------------------------------------------------

  private refuseTraining(what: string): void {
    if (this.connection.training !== undefined)
      fail(
        'ERR_BUSY',
        `${what}: this model is training (fit). Wait for it to end, abort it with its signal, or work on await model.clone().`,
      );
  }
}

/** Where a kept state stands, for who is told that a worker died. */
function progressOf(kept: unknown): { text: string; epoch: number | undefined } {
  const epoch = (kept as ModelState | undefined)?.progress.epoch;
  return { text: epoch === undefined ? 'its initial weights' : `its weights after epoch ${epoch}`, epoch };
}
