// What a Model does with its backend: room for windows, rows into them, forward in chunks, one step, one window of steps.
// Knows the progress of training and its learning rate; knows nothing of epochs, options and callbacks.

import { Counter, StepField } from '../../assembly/abi.js';
import { copyOf, doubles, floats, type Floats } from '../data/allocate.js';
import { Matrix } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import { checkTargets, flatLoss } from '../plan/losses.js';
import type { Sums } from '../data/metrics/sums.js';
import { metricSums, type MetricName } from '../plan/metrics.js';
import type { NetworkPlan } from '../plan/network.js';
import { stepNumbers } from '../plan/resolveOptimizer.js';
import { resolveRate, type RateContext } from '../plan/resolveRate.js';
import type { LearningRate } from '../plan/schedules.js';
import type { Backend, TrainRequest } from './backend.js';
import { countBatches, leastRows, refuseLoneRow } from './batches.js';
import { newWatch } from './earlyStopping.js';
import { checkTargetShape, copyChecked, copyInputs, countInputs, readSampleWeights } from './feeding.js';
import { gather } from './gather.js';
import { Progress } from './progress.js';
import { copyOut, toMatrix, type Rows } from './rows.js';

/** Numbers in the widest activation of a chunk of predictions: about 256 KiB of float32, so that layers stay in cache. */
const chunkNumbers = 65536;

export class Trainer {
  readonly plan: NetworkPlan;
  readonly progress: Progress;
  /** Rows per chunk of predictions and evaluations. */
  readonly chunk: number;
  /** What is training at the moment, if anything: 'fit', 'trainStep', … */
  busy = '';
  /** A function of the user's that runs in the middle of a step, when one does: the windows are in use until it returns. */
  private asking = '';
  /** How far the spelled-out step loop got with the rows in the window. */
  stage: 'none' | 'forward' | 'loss' | 'backward' = 'none';
  /** Rows of the step loop's last forward, and of all backward passes since zeroGrad. */
  loopRows = 0;
  backwardRows = 0;
  loopWeighted = false;
  /** Whether that forward was one of training. */
  loopTraining = false;
  /** Learning-rate scale and frozen flag of each tensor, as they stand. */
  readonly rules: { learningRateScale: number; frozen: boolean }[];
  private rowsUsed = 0;
  private trainingRows = 0;
  private trainingBatch = 0;
  private predictionRows = 0;
  /** Of a step on one batch: one object, since some programs take a million of them a second. */
  private readonly request: { -readonly [K in keyof TrainRequest]: TrainRequest[K] };
  private readonly context = { step: 0, epoch: 0, plateau: 1 };

  constructor(readonly backend: Backend) {
    this.plan = backend.plan;
    this.progress = new Progress(this.plan.optimizer.learningRate);
    this.rules = this.plan.tensors.map(({ learningRateScale, frozen }) => ({ learningRateScale, frozen }));
    this.readSteps();
    let widest = this.plan.inputs;
    for (const layer of this.plan.layers) widest = Math.max(widest, layer.outputs);
    this.chunk = Math.max(64, Math.min(2048, 2 ** Math.floor(Math.log2(chunkNumbers / widest))));
    this.request = {
      rows: 0,
      batchSize: 0,
      accumulate: 1,
      weighted: false,
      keepOutputs: false,
      ignoreDivergence: false,
      derivatives: false,
    };
  }

  // ---- room ------------------------------------------------------------------------------------------------

  /**
   * Room for training windows; repeated requests grow at least twofold, so that they are few. Asked for before every use
   * of the windows: it also brings a hibernating backend back.
   */
  roomToTrain(rows: number, batch: number): void {
    this.noteRows(rows);
    if (rows > this.trainingRows || batch > this.trainingBatch) {
      const wantRows =
        this.trainingRows === 0 || rows <= this.trainingRows
          ? Math.max(rows, this.trainingRows)
          : Math.max(rows, 2 * this.trainingRows);
      const wantBatch = Math.max(batch, this.trainingBatch);
      this.backend.reserve(wantRows, wantBatch, true);
      this.trainingRows = wantRows;
      this.trainingBatch = wantBatch;
    } else this.backend.reserve(rows, batch, true);
  }

  private noteRows(rows: number): void {
    if (this.asking !== '') this.refuseAsking();
    if (rows > this.rowsUsed) this.rowsUsed = rows;
  }

  /** The most rows of the windows that were asked for since this was called last: rows behind them are as they were. */
  takeRowsUsed(): number {
    const { rowsUsed } = this;
    this.rowsUsed = 0;
    return rowsUsed;
  }

  /** Room for input gradients, from the next roomToTrain on. @throws ERR_UNSUPPORTED on a backend that cannot train on them. */
  wantDerivatives(): void {
    const { derivatives } = this.backend;
    if (derivatives === undefined)
      fail('ERR_UNSUPPORTED', 'inputGradients: the backend of this model has no "derivatives", so it cannot train on them.');
    derivatives.want();
  }

  /** Room for `rows` <= chunk rows of predictions. */
  roomToPredict(rows: number): void {
    this.noteRows(rows);
    if (rows > this.predictionRows) {
      const want = this.predictionRows === 0 ? rows : Math.max(rows, Math.min(this.chunk, 2 * this.predictionRows));
      this.backend.reserve(want, want, false);
      this.predictionRows = want;
    } else this.backend.reserve(rows, rows, false);
  }

  // ---- prediction ------------------------------------------------------------------------------------------

  /** Outputs of every row of X into out (rows x outputs). */
  predict(X: unknown, rows: number, out: Float32Array, allowNonFinite: boolean): void {
    const { backend, chunk } = this;
    const { outputs } = this.plan;
    this.stage = 'none';
    for (let first = 0; first < rows; first += chunk) {
      const n = Math.min(chunk, rows - first);
      this.roomToPredict(n);
      copyInputs(backend.x, backend.xStride, X, first, n, this.plan, allowNonFinite);
      backend.forward(0, n, false);
      copyOut(out, first * outputs, backend.outputs, backend.outputStride, n, outputs);
    }
  }

  /** Predicts packed float32 rows, unchecked. */
  predictPacked(x: Float32Array, rows: number, out: Float32Array): void {
    const { backend, chunk } = this;
    const { inputs, inputCenter, outputs } = this.plan;
    this.stage = 'none';
    for (let first = 0; first < rows; first += chunk) {
      const n = Math.min(chunk, rows - first);
      this.roomToPredict(n);
      if (inputCenter !== undefined) copyInputs(backend.x, backend.xStride, x, first, n, this.plan, true);
      else if (n === rows) gather(backend.x, backend.xStride, x, inputs, undefined, 0, n);
      else gather(backend.x, backend.xStride, x.subarray(first * inputs, (first + n) * inputs), inputs, undefined, 0, n);
      backend.forward(0, n, false);
      copyOut(out, first * outputs, backend.outputs, backend.outputStride, n, outputs);
    }
  }

  // ---- one step --------------------------------------------------------------------------------------------

  /** X and y, checked, into the window, for one step on all of them. Returns the rows. */
  loadBatch(X: unknown, y: unknown, sampleWeight: unknown, allowNonFinite: boolean): number {
    const { backend, plan } = this;
    const rows = countInputs(X, plan);
    checkTargetShape(y, plan, rows);
    refuseLoneRow(plan, rows);
    const weights = sampleWeight === undefined ? undefined : readSampleWeights(sampleWeight, rows);
    this.stage = 'none';
    this.roomToTrain(rows, rows);
    copyInputs(backend.x, backend.xStride, X, 0, rows, plan, allowNonFinite);
    this.loadTargets(y, rows, allowNonFinite);
    if (weights !== undefined) backend.sampleWeights.set(weights);
    return rows;
  }

  /** X, checked, into the window for a forward pass in the open. */
  loadInputs(X: unknown, rows: number, allowNonFinite: boolean): void {
    this.stage = 'none';
    this.roomToTrain(rows, rows);
    copyInputs(this.backend.x, this.backend.xStride, X, 0, rows, this.plan, allowNonFinite);
    this.loopRows = rows;
  }

  loadTargets(y: unknown, rows: number, allowNonFinite: boolean): void {
    const { backend, plan } = this;
    copyChecked(
      backend.targets,
      backend.targetStride,
      y,
      0,
      rows,
      plan.targetColumns,
      'y',
      allowNonFinite && plan.loss.targets === 'real',
    );
    checkTargets(plan.loss, backend.targets as Float32Array, backend.targetStride, rows, plan.targetColumns, plan.outputs);
  }

  /** The learning rate of the optimizer step after `ahead` more. */
  rateAt(ahead: number): number {
    const { rate, constant } = this.progress.rate;
    return constant ? rate(this.contextOf(ahead)) : this.ask('learningRate', rate, ahead);
  }

  private contextOf(ahead: number): RateContext {
    const { context, progress } = this;
    context.step = progress.steps + ahead;
    context.epoch = progress.epoch;
    context.plateau = progress.plateau;
    return context;
  }

  /** What may be a function of the user's, asked for the step after `ahead` more. */
  private ask(name: string, rate: (context: RateContext) => number, ahead: number): number {
    const { asking, busy } = this;
    if (asking === name) this.refuseAsking();
    this.asking = name;
    this.busy = busy || name;
    try {
      return rate(this.contextOf(ahead));
    } finally {
      this.asking = asking;
      this.busy = busy;
    }
  }

  /** The changing constants of the optimizer, and the learning rate, of the step after `ahead` more into its record of the window. */
  private fillStep(ahead: number): number {
    const { rates } = this.backend;
    const { changing } = this.plan.optimizer;
    let at = ahead * (StepField.Count + changing.length);
    const rate = this.rateAt(ahead);
    rates[at + StepField.Rate] = rate;
    at += StepField.Count;
    for (const constant of changing) rates[at++] = this.constantAt(constant, ahead);
    return rate;
  }

  /** A changing constant of the step after `ahead` more. */
  constantAt({ name, at }: { name: string; at: (context: RateContext) => number }, ahead: number): number {
    return this.ask(name, at, ahead);
  }

  /** The larger of the last step's rate and the next one's: when a loss is not finite, the step before it may be the reason. */
  largestRate(): number {
    return Math.max(this.rateAt(0), this.progress.steps > 0 ? this.rateAt(-1) : 0);
  }

  /** Trains on the window's first rows: one step for each `accumulate` batches. Returns the batches done. */
  trainWindow(request: TrainRequest): number {
    const { backend, progress } = this;
    const { accumulate } = request;
    const batches = countBatches(request.rows, request.batchSize, leastRows(this.plan));
    const steps = Math.ceil(batches / accumulate);
    // Records that are a rate alone, which stays as it is, are all alike.
    if (progress.rate.constant && stepNumbers(this.plan) === 1) backend.rates.fill(this.rateAt(0), 0, steps);
    else for (let i = 0; i < steps; i++) this.fillStep(i);
    const done = backend.train(request);
    progress.steps += done < batches ? Math.floor(done / accumulate) : steps;
    return done;
  }

  /** One optimizer step with the gradients as they stand. */
  step(rows: number): void {
    this.backend.step(this.fillStep(0), rows);
    this.progress.steps++;
  }

  /** One step on all rows of the window; none is taken when the loss is not finite. Returns their mean loss before it. */
  stepLoaded(rows: number, weighted: boolean, derivatives = false): number {
    const { backend } = this;
    if (this.plan.loss.custom === undefined) {
      const { request } = this;
      request.rows = request.batchSize = rows;
      request.weighted = weighted;
      request.derivatives = derivatives;
      this.trainWindow(request);
      return backend.losses[0]!;
    }
    backend.zeroGradients();
    backend.forward(0, rows, true);
    const loss = this.lossToLearn(rows, false, rows, derivatives);
    if (loss - loss !== 0) return loss;
    backend.backward(false, true);
    this.step(rows);
    return loss;
  }

  // ---- a batch in the open: custom losses, the step loop, steps in pieces -------------------------------------

  /**
   * Mean loss of the last forward's rows against the first rows of the targets, ready for backward(); the gradient is
   * divided by `divisor`. A custom loss gives its own mean, so its gradient is scaled by rows / divisor.
   */
  loss(rows: number, weighted: boolean, divisor: number): number {
    const { backend, plan } = this;
    const { custom } = plan.loss;
    if (custom === undefined) return backend.loss(0, weighted, divisor);
    const yTrue = toMatrix(backend.targets, backend.targetStride, rows, plan.targetColumns);
    const yPred = toMatrix(backend.outputs, backend.outputStride, rows, plan.outputs);
    const { value, gradient } = this.callCustom(yTrue, yPred);
    const { outputs } = plan;
    const scale = rows / divisor;
    const spread: Floats = doubles(rows * backend.outputStride, 'The gradient of your loss');
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < outputs; j++) spread[i * backend.outputStride + j] = gradient[i * outputs + j]! * scale;
    backend.setOutputGradient(spread);
    return value;
  }

  /** loss(), and with `derivatives` the part on input gradients, ready for backward(). */
  lossToLearn(rows: number, weighted: boolean, divisor: number, derivatives: boolean): number {
    const loss = this.loss(rows, weighted, divisor);
    return derivatives ? loss + this.backend.derivatives!.loss(0, weighted, divisor, true) : loss;
  }

  /** d loss / d inputs of the step loop's last loss. The output's gradient is made anew, since a backward pass uses it up. */
  lossInputGradient(): Matrix {
    const { backend, plan, loopRows } = this;
    this.roomToTrain(loopRows, loopRows);
    this.loss(loopRows, this.loopWeighted, loopRows);
    backend.backward(true, false);
    const gradient = toMatrix(backend.inputGradients(), plan.inputs, loopRows, plan.inputs);
    if (this.stage === 'loss') this.loss(loopRows, this.loopWeighted, loopRows);
    return gradient;
  }

  /** d output / d inputs at every row of X, of the network that predicts, into out (rows x inputs). */
  inputGradient(X: unknown, rows: number, output: number, out: Floats, allowNonFinite: boolean): void {
    const { backend, chunk, plan } = this;
    this.stage = 'none';
    for (let first = 0; first < rows; first += chunk) {
      const n = Math.min(chunk, rows - first);
      this.roomToTrain(n, n);
      copyInputs(backend.x, backend.xStride, X, first, n, plan, allowNonFinite);
      backend.forward(0, n, false);
      const one = floats(n * backend.outputStride, 'inputGradient');
      for (let i = 0; i < n; i++) one[i * backend.outputStride + output] = 1;
      backend.setOutputGradient(one);
      backend.backward(true, false);
      out.set(backend.inputGradients(), first * plan.inputs);
    }
  }

  /** Outputs of the last forward's rows into packed rows from `from` on. */
  keepOutputs(out: Float32Array, from: number, rows: number): void {
    copyOut(out, from * this.plan.outputs, this.backend.outputs, this.backend.outputStride, rows, this.plan.outputs);
  }

  /** Value of a custom loss on packed rows. */
  customLoss(y: Float32Array, outputs: Float32Array, rows: number): number {
    const { plan } = this;
    return this.callCustom(
      new Matrix(copyOf(y, 'Targets of all rows'), rows, plan.targetColumns),
      new Matrix(outputs, rows, plan.outputs),
    ).value;
  }

  /** The user's loss, its answer checked. @throws ERR_TYPE, ERR_SHAPE, ERR_NONFINITE. */
  callCustom(yTrue: Matrix, yPred: Matrix): { value: number; gradient: ArrayLike<number> } {
    const { asking, busy } = this;
    this.asking = 'loss';
    this.busy = busy || 'loss';
    let answer: unknown;
    try {
      answer = this.plan.loss.custom!(yTrue, yPred);
    } finally {
      this.asking = asking;
      this.busy = busy;
    }
    const { value, gradient } = (answer ?? {}) as {
      value?: unknown;
      gradient?: { data?: ArrayLike<number>; shape?: readonly number[] };
    };
    const [rows, columns] = yPred.shape;
    if (typeof value !== 'number') fail('ERR_TYPE', 'loss: your function must return { value, gradient }, value a number.');
    if (gradient?.data === undefined || gradient.data.length !== rows * columns || gradient.shape?.[1] !== columns)
      fail(
        'ERR_SHAPE',
        `loss: your function's gradient must have yPred's shape, ${rows} x ${columns}: { data, shape: [${rows}, ${columns}] }.`,
      );
    for (let k = 0; k < rows * columns; k++) {
      const part = gradient.data[k] as unknown;
      if (typeof part === 'number' && (Number.isFinite(part) || !Number.isFinite(value))) continue;
      const where = `loss: your function's gradient at row ${Math.floor(k / columns)}, column ${k % columns} is`;
      if (typeof part !== 'number') fail('ERR_TYPE', `${where} ${show(part)}, not a number.`);
      fail('ERR_NONFINITE', `${where} ${part}, but its value is finite.`);
    }
    return { value, gradient: gradient.data };
  }

  // ---- rows of a data set ------------------------------------------------------------------------------------

  /** Rows order[from …] (or rows from …) of the data to the start of the window. */
  loadRows(data: Rows, order: Uint32Array | undefined, from: number, rows: number): void {
    const { backend } = this;
    const { inputs, targetColumns } = this.plan;
    gather(backend.x, backend.xStride, data.x, inputs, order, from, rows);
    gather(backend.targets, backend.targetStride, data.y, targetColumns, order, from, rows);
    if (data.weights !== undefined) gather(backend.sampleWeights, 1, data.weights, 1, order, from, rows);
    if (data.gradients === undefined) return;
    const { targets, stride, weights } = backend.derivatives!;
    gather(targets, stride, data.gradients, weights.length, order, from, rows);
    weights.set(data.gradientWeights!);
  }

  /** Takes the number of steps from the backend, after its state was replaced. */
  readSteps(): void {
    this.progress.steps = this.backend.readCounters()[Counter.Steps] ?? 0;
  }

  setRule(i: number, learningRateScale: number, frozen: boolean): void {
    this.rules[i] = { learningRateScale, frozen };
    this.backend.setTensorRule(i, learningRateScale, frozen);
  }

  /** Another learning rate from the next step on; undefined for the plan's own. A plateau begins anew. @throws ERR_OPTION. */
  setRate(rate: LearningRate | undefined): void {
    const { progress } = this;
    progress.rate = rate === undefined ? this.plan.optimizer.learningRate : resolveRate(rate, 'learningRate');
    progress.plateau = 1;
    progress.plateauWatch = newWatch();
  }

  newMetrics(): Sums {
    const { metrics, loss, outputs } = this.plan;
    return metricSums(metrics as readonly MetricName[], loss, outputs);
  }

  /** @throws ERR_OPTION when the network, or its loss, cannot be trained, and says why. */
  refuseUntrainable(): void {
    this.refuseFlat();
    const flat = flatLoss(this.plan.loss);
    if (flat !== undefined) fail('ERR_OPTION', flat);
  }

  /** @throws ERR_OPTION when no derivative gets through the network, and says why. */
  refuseFlat(): void {
    if (this.plan.untrainable !== undefined) fail('ERR_OPTION', this.plan.untrainable);
  }

  private refuseAsking(): never {
    return fail(
      'ERR_BUSY',
      `This model is in the middle of a step: its ${this.asking === 'learningRate' ? 'learning rate' : this.asking}, a function of yours, is running. Use the model before or after it, or a model.clone() made before.`,
    );
  }

  /** @throws ERR_BUSY while the model is training. */
  refuseBusy(what: string): void {
    if (this.busy !== '')
      fail(
        'ERR_BUSY',
        `${what}: this model is training (${this.busy}). Wait for it to end, abort it with its signal, or work on model.clone().`,
      );
  }
}
