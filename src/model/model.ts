// The public model: what users call, whichever backend does the arithmetic. Checks arguments, keeps the order of calls, and
// hands the work on: to the trainer (windows and steps), the fit loop, the checks and measurements beside it.

import { isFloat32 } from '../brands.js';
import { floats } from '../data/allocate.js';
import { Matrix, type MatrixLike } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import { checkNumber, readOptions } from '../options.js';
import type { MLPOptions } from '../plan/network.js';
import type { AnyMetrics, FigureOf, MetricLike } from '../plan/metrics.js';
import type { LearningRate } from '../plan/schedules.js';
import type { Backend } from '../training/backend.js';
import { refuseLoneRow } from '../training/batches.js';
import { checkOutput, countInputs, type TargetsLike } from '../training/feeding.js';
import { diagnose, diagnosisRows, type Diagnosis } from '../inspect/diagnosis.js';
import type { Callbacks as CallbacksOf } from '../training/callbacks.js';
import { trainLoaded } from '../training/divergence.js';
import type { Fit } from '../training/fit.js';
import { prepareFit } from '../training/prepareFit.js';
import type { FitOptions as FitOptionsOf } from '../training/fitOptions.js';
import { activationsOf, type LayerActivations } from '../inspect/layerActivations.js';
import { inputHessians } from '../inspect/hessian.js';
import { preciseTrainer } from '../inspect/precise.js';
import type { History } from '../training/history.js';
import { gradientViews, parameterViews, readVector, tensorsOf, writeVector, type ParameterView } from './parameters.js';
import { refuseLoneWeight, weighDerivatives } from '../training/derivatives.js';
import { penaltyOf } from '../training/penalty.js';
import { readRows, refuseBalanced, someRows } from '../training/rows.js';
import { runInSlices, runThrough, Slices } from '../training/slices.js';
import { copyState, loadState, saveState, type ModelState } from '../training/state.js';
import {
  evaluationRows,
  partialFitRows,
  readPredict,
  readStep,
  type EvaluateOptions,
  type PartialFitOptions,
  type PredictOptions,
  type TrainStepOptions,
} from './callOptions.js';
import { StepLoop } from './stepLoop.js';
import type { BatchSource } from '../training/streams.js';
import { summarise } from '../inspect/summary.js';
import { Trainer } from '../training/trainer.js';
import { evaluateRows } from '../training/windows.js';

/** Functions that a fit calls while it runs, handed the model that trains: all optional. */
export type Callbacks = CallbacksOf<Model>;

/** The options of fit and fitSync: how long, in which batches, what to hold out, when to stop, whom to tell. */
export type FitOptions = FitOptionsOf<Model>;

/** The mean loss (without penalties) and the model's metrics by name: `mse` as meanSquaredError. */
export type Evaluation<Metrics extends MetricLike = AnyMetrics> = { readonly [Figure in 'loss' | FigureOf<Metrics>]: number };

/**
 * A network and its training, on any backend. `MLP` of the package and of `feedforward/baseline` are this, with the core or
 * plain JavaScript below.
 *
 * While an async fit runs, predict, evaluate and the like may be called between its slices and see the weights after the
 * last full step; everything that would change the model is ERR_BUSY.
 */
export class Model<Metrics extends MetricLike = AnyMetrics> extends StepLoop {
  private fitting: Fit<Model> | undefined;

  /** A model on a backend of your own (see Backend). For networks from options use MLP, which makes its backend itself. */
  constructor(backend: Backend) {
    super(new Trainer(backend));
  }

  /** Columns of X. */
  get inputs(): number {
    return this.plan.inputs;
  }

  /** Columns of predictions. */
  get outputs(): number {
    return this.plan.outputs;
  }

  /** Epochs trained so far. */
  get epoch(): number {
    return this.trainer.progress.epoch;
  }

  /** Optimizer steps taken so far. */
  get steps(): number {
    return this.trainer.progress.steps;
  }

  /** The learning rate of the next step. It can be set, also while training: to a number > 0, a schedule or a function. */
  get learningRate(): number {
    return this.trainer.rateAt(0);
  }

  /** A number > 0, a schedule or a function of (step, epoch), from the next step on, also while training. @throws ERR_OPTION. */
  set learningRate(rate: LearningRate) {
    this.trainer.setRate(rate);
  }

  // ---- training --------------------------------------------------------------------------------------------

  /**
   * Trains for `epochs` passes over X [rows, inputs] and y, in slices of about ten milliseconds with other tasks in between.
   * X and y are copied at the call. Also takes an iterable of batches, or a function giving one per epoch, as `fit(batches,
   * options)`. The weights depend on seed, data and options alone; fit(10) twice is fit(20).
   *
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH or ERR_OPTION before
   * anything changes; ERR_BUSY while training; ERR_DIVERGED at a loss that is not finite, the weights then being those of
   * the best epoch of this fit, or in its first one those of the last step that was finite; AbortError by `signal`; or with what a callback threw. The next fit finishes an interrupted epoch.
   *
   * @example
   * const history = await model.fit(X, y, { epochs: 20, validationSplit: 0.2, earlyStopping: true });
   */
  fit(X: MatrixLike, y: TargetsLike, options?: FitOptions): Promise<History<Metrics>>;
  fit(batches: BatchSource, options?: FitOptions): Promise<History<Metrics>>;
  async fit(X: MatrixLike | BatchSource, y?: TargetsLike | FitOptions, options?: FitOptions): Promise<History<Metrics>> {
    const fit = this.prepare('fit', X, y, options, true);
    try {
      return await runInSlices(fit.run(), { signal: fit.signal, abortError: () => fit.abortError() });
    } finally {
      this.finish();
    }
  }

  /**
   * Trains as fit does, but returns only when training has ended: nothing else runs meanwhile, and a callback must not return a
   * promise. Takes X [rows, inputs] and y, or an iterable of batches.
   *
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH or ERR_OPTION before anything changes;
   * ERR_BUSY while training; ERR_DIVERGED at a loss that is not finite, with the weights of the best epoch of this fit, or in its
   * first one those of the last finite step; or what a callback threw.
   */
  fitSync(X: MatrixLike, y: TargetsLike, options?: FitOptions): History<Metrics>;
  fitSync(batches: BatchSource, options?: FitOptions): History<Metrics>;
  fitSync(X: MatrixLike | BatchSource, y?: TargetsLike | FitOptions, options?: FitOptions): History<Metrics> {
    const fit = this.prepare('fitSync', X, y, options, false);
    try {
      return runThrough(fit.run(), 'fitSync');
    } finally {
      this.finish();
    }
  }

  /** Ends a running fit after the step in hand (stoppedBy 'callback'); without one, does nothing. */
  stop(): void {
    if (this.fitting !== undefined) this.fitting.stopped = true;
  }

  /**
   * One pass over the rows, in batches, going on from wherever training stands: for data that comes in portions.
   * Counts as an epoch. Returns the mean loss.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH or ERR_OPTION before anything changes;
   * ERR_BUSY while training; ERR_DIVERGED when the loss is not finite.
   */
  partialFit(X: MatrixLike, y: TargetsLike, options: PartialFitOptions = {}): number {
    readOptions(partialFitRows, options, 'partialFit');
    refuseBalanced(options.classWeight, 'partialFit');
    const fit = this.prepare('partialFit', X, y, { ...options, epochs: 1, reportMetrics: false }, false);
    try {
      return runThrough(fit.run(), 'partialFit').last?.loss ?? NaN;
    } finally {
      this.finish();
    }
  }

  /** Checks everything a fit was given, copies the data, and marks the model as busy. */
  private prepare(what: string, X: unknown, y: unknown, options: unknown, paced: boolean): Fit<Model> {
    const { trainer } = this;
    const fit = prepareFit<Model>({ model: this, trainer, what, X, y, options, paced });
    trainer.busy = what;
    trainer.stage = 'none';
    this.fitting = fit;
    return fit;
  }

  private finish(): void {
    this.trainer.busy = '';
    this.fitting = undefined;
  }

  /**
   * One optimizer step on one batch. Returns the batch's mean loss before the step.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION or ERR_BUSY before anything changes; ERR_DIVERGED when the loss is not finite: no step was taken then.
   */
  trainStep(X: MatrixLike, y: TargetsLike, options?: TrainStepOptions): number {
    const { trainer } = this;
    if (trainer.busy !== '') trainer.refuseBusy('trainStep');
    trainer.refuseUntrainable();
    if (this.plan.optimizer.searches) return this.partialFit(X, y, options);
    const { sampleWeight, inputGradients, derivativeWeight, checkFinite } = readStep(options, 'trainStep');
    if (inputGradients !== undefined) return this.stepOnDerivatives(X, y, options!);
    if (derivativeWeight !== undefined) refuseLoneWeight();
    const rows = trainer.loadBatch(X, y, sampleWeight, !checkFinite);
    return trainLoaded(trainer, rows, sampleWeight !== undefined, false);
  }

  private stepOnDerivatives(X: MatrixLike, y: TargetsLike, options: TrainStepOptions): number {
    const { trainer, plan } = this;
    const data = weighDerivatives(readRows(X, y, plan, options), options.derivativeWeight, plan);
    trainer.wantDerivatives();
    trainer.stage = 'none';
    trainer.roomToTrain(data.rows, data.rows);
    trainer.loadRows(data, undefined, 0, data.rows);
    return trainLoaded(trainer, data.rows, data.weights !== undefined, true);
  }

  // ---- using it --------------------------------------------------------------------------------------------

  /**
   * Outputs [rows, outputs] for X [rows, inputs], float32. Each row's are the same whatever the rows around it.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE (unless `checkFinite: false`), ERR_RANGE for a number beyond float32.
   *
   * @example
   * const outputs = model.predict(X);
   * outputs.row(0);  // Float32Array of model.outputs numbers
   */
  predict(X: MatrixLike, options?: PredictOptions): Matrix {
    const { checkFinite } = readPredict(options, 'predict');
    const rows = countInputs(X, this.plan);
    const out = new Matrix(floats(rows * this.plan.outputs, 'predict'), rows, this.plan.outputs);
    this.trainer.predict(X, rows, out.data, !checkFinite);
    return out;
  }

  /**
   * Outputs for packed rows, without allocating: x holds rows x inputs numbers, row-major; out gets rows x outputs. Numbers that are not finite
   * pass through.
   * @throws ERR_SHAPE for an x that is no whole number of rows, or an out too small; ERR_TYPE for anything but Float32Array.
   *
   * @example
   * const out = new Float32Array(model.outputs);
   * model.predictInto(new Float32Array(model.inputs), out);
   */
  predictInto(x: Float32Array, out: Float32Array): void {
    const { inputs, outputs } = this.plan;
    if (!isFloat32(x)) fail('ERR_TYPE', `predictInto: x must be a Float32Array, got ${show(x)}.`);
    if (!isFloat32(out)) fail('ERR_TYPE', `predictInto: out must be a Float32Array, got ${show(out)}.`);
    const rows = x.length / inputs;
    if (rows < 1 || rows !== Math.floor(rows))
      fail('ERR_SHAPE', `predictInto: x needs rows of ${inputs} numbers, got ${x.length} numbers.`);
    if (out.length < rows * outputs)
      fail('ERR_SHAPE', `predictInto: out needs room for ${rows * outputs} numbers, got ${out.length}.`);
    this.trainer.predictPacked(x, rows, out);
  }

  /**
   * The mean loss (without penalties) and the model's metrics, by name, of the predictions for X [rows, inputs] against y.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION.
   *
   * @example
   * const { loss } = model.evaluate(X, y);
   */
  evaluate(X: MatrixLike, y: TargetsLike, options: EvaluateOptions = {}): Evaluation<Metrics> {
    const { batchSize, derivativeWeight, ...rest } = readOptions(evaluationRows, options, 'evaluate');
    const data = weighDerivatives(readRows(X, y, this.plan, { ...rest, copy: false }), derivativeWeight, this.plan);
    const { loss, metrics } = runThrough(evaluateRows(this.trainer, data, new Slices(Infinity), batchSize), 'evaluate');
    return { loss, ...metrics } as Evaluation<Metrics>;
  }

  // ---- derivatives in the inputs -----------------------------------------------------------------------------

  /**
   * The gradient of one output (its number, from 0) with respect to the inputs, at every row of X: d output / d inputs [rows, inputs], of the
   * network as it predicts.
   * @throws ERR_SHAPE for an output there is not, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE; ERR_OPTION for an activation without gradient.
   *
   * @example
   * const slopes = model.inputGradient(X);   // Matrix [rows, model.inputs]
   */
  inputGradient(X: MatrixLike, output = 0, options?: PredictOptions): Matrix {
    const { trainer, plan } = this;
    const { checkFinite } = readPredict(options, 'inputGradient');
    trainer.refuseFlat();
    checkOutput(output, plan);
    const rows = countInputs(X, plan);
    const out = floats(rows * plan.inputs, 'inputGradient');
    trainer.inputGradient(X, rows, output, out, !checkFinite);
    return new Matrix(out, rows, plan.inputs);
  }

  /**
   * d^2 output / d x_i d x_j at every row of X, one [inputs, inputs] matrix per row, for networks of up to 32 inputs: exact but
   * for float32's rounding where layers are dense, activation, residual or rescale and activations have second derivatives. Of other networks
   * central differences of exact gradients, accurate to some 1e-4 of the largest entry where the network is smooth over a tenth of an
   * input's scale. The function inputHessian(model, X, output) goes through float64.
   * @throws ERR_SHAPE for more inputs, or an output there is not; ERR_TYPE, ERR_EMPTY, ERR_NONFINITE for X.
   *
   * @example
   * const [curvature] = model.inputHessian(X);  // Matrix [model.inputs, model.inputs], of row 0
   */
  inputHessian(X: MatrixLike, output = 0): Matrix[] {
    return inputHessians(preciseTrainer(this.trainer), X, output);
  }

  // ---- a window into it ---------------------------------------------------------------------------------------

  /**
   * Net inputs and activations of every layer on X [rows, inputs], as predict computes them. After backward(), with the X that forward() was
   * given: those of that pass, dropout and batch statistics included, and the deltas (d loss / d net inputs) of dense layers.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE; ERR_BUSY while training.
   *
   * @example
   * model.activations(X)[0].netInputs.row(0); // x W + b of the first layer's units, for the first row
   */
  activations(X: MatrixLike): LayerActivations[] {
    this.trainer.refuseBusy('activations');
    return activationsOf(this.trainer, X);
  }

  /** All trainable parameters as one list, in the order of parameters(), frozen ones included: a copy. Of a model in float64 it is a Float64Array. */
  getVector(): Float32Array {
    return readVector(this.trainer);
  }

  /**
   * Overwrites all trainable parameters with a list as getVector gives it.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_RANGE, nothing having changed; ERR_BUSY while training.
   */
  setVector(values: ArrayLike<number>): void {
    writeVector(this.trainer, values);
  }

  // ---- parameters ------------------------------------------------------------------------------------------

  /**
   * Every tensor by name, running statistics included: copies of the values, and set() to replace them.
   *
   * @example
   * const [weight] = model.parameters();
   * weight.name;                               // 'layers.0.weight'
   * weight.set(weight.values.map((w) => w / 2));
   */
  parameters(): ParameterView[] {
    return parameterViews(this.trainer);
  }

  /**
   * The gradients of the mean loss as backward() accumulated them, same names and order as parameters(). L1, L2 and weight decay are not in
   * them: the optimizer's step adds those, and penalty() says what they cost.
   */
  gradients(): ParameterView[] {
    return gradientViews(this.trainer);
  }

  /** What l1 and l2 add to the loss: the sum over the weights. `rows` in a batch matter with compat: 'sklearn', whose alpha is divided by them. @throws ERR_OPTION. */
  penalty(rows = Math.max(1, this.plan.defaults.batchSize(200))): number {
    return penaltyOf(this.trainer, checkNumber(rows, 'penalty: rows', { min: 1 }));
  }

  /**
   * Keeps tensors as they are while others train: all, or those of 'layers.0' or 'layers.0.weight'. Running statistics of batch
   * norm go on following the batches, as in PyTorch. @throws ERR_OPTION for a name there is not; ERR_BUSY while training.
   *
   * @example
   * model.freeze('layers.0');
   */
  freeze(name?: string): void {
    this.setFrozen(name, true, 'freeze');
  }

  /** Lets frozen tensors train again: all, or those of 'layers.0' or 'layers.0.weight'. @throws ERR_OPTION for a name there is not; ERR_BUSY while training. */
  unfreeze(name?: string): void {
    this.setFrozen(name, false, 'unfreeze');
  }

  private setFrozen(name: string | undefined, frozen: boolean, what: string): void {
    const { trainer } = this;
    trainer.refuseBusy(what);
    for (const i of tensorsOf(this.plan, name))
      if (this.plan.tensors[i]!.trainable) trainer.setRule(i, trainer.rules[i]!.learningRateScale, frozen);
  }

  /**
   * Says whether this network learns, on up to 1024 rows, and if it does not why and what to do. A copy trains for up to 30 epochs in
   * batches of 32: the network is sick if the loss then is above 0.9 of what the best constant answer has, or not finite; or if a
   * change, which is tried on a copy too, brings it to less than a tenth. Gradients and activations of each layer give the reasons. Takes
   * some tenths of a second for small networks, longer where steps do. The same model and rows give the same answer; the model stays as
   * it is.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL for X and y; ERR_BATCH for a single row under batch norm;
   * ERR_OPTION for a network that cannot be trained.
   *
   * @example
   * console.log(model.diagnose(X, y).toString());
   */
  diagnose(X: MatrixLike, y: TargetsLike): Diagnosis {
    const { trainer } = this;
    trainer.refuseUntrainable();
    const rows = someRows(readRows(X, y, this.plan, { copy: false }), diagnosisRows, this.plan);
    refuseLoneRow(this.plan, rows.rows);
    return diagnose(this.clone().trainer, rows, (options) => this.sibling(options).trainer);
  }

  /** Layers, their output shapes and numbers of parameters, as a table in plain text. */
  summary(): string {
    return summarise(this.plan, this.trainer.rules);
  }

  // ---- state -----------------------------------------------------------------------------------------------

  /**
   * The model and its training as plain data: weights, optimizer, progress, random generator. restoreState on a model of the same options goes on
   * to the same bits.
   *
   * @example
   * const before = model.state();
   * model.fitSync(X, y, { epochs: 2 });
   * model.restoreState(before);   // as if that fit had not been
   */
  state(): ModelState {
    return saveState(this.trainer);
  }

  /** Takes the model back to what state() gave, to the bit. @throws ERR_SHAPE for a state of another network; ERR_BUSY while training. */
  restoreState(state: ModelState): void {
    this.trainer.refuseBusy('restoreState');
    loadState(this.trainer, state);
  }

  /** A copy in the same state (weights, optimizer, progress); what either does later does not touch the other. */
  clone(): this {
    const copy = this.sibling(this.plan.options);
    copyState(copy.trainer, this.trainer);
    return copy as this;
  }

  /** @internal A new model of these options, of this one's kind. For subclasses whose constructor takes more than options. */
  sibling(options: MLPOptions): Model {
    return new (this.constructor as new (options: MLPOptions) => Model)(options);
  }
}
