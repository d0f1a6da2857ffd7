// The WebAssembly core behind the Backend interface: one instance, one model, views on its memory. The only file that
// keeps views: memory growth and eviction replace them, so nobody outside keeps one across a call of reserve().

import { Address, Measure, StepField, TrainField } from '../../assembly/abi.js';
import { floats } from '../data/allocate.js';
import type { Key } from '../data/random.js';
import type { Build } from '../engine/binaries.js';
import { tune, type Core } from '../engine/engine.js';
import { threadLost, type SharedCall } from '../engine/threads.js';
import { passIsOn, tilesOf } from '../engine/tuning.js';
import { fail } from '../errors.js';
import type { Backend, TrainRequest } from '../training/backend.js';
import { largestBatch, leastRows } from '../training/batches.js';
import { checksFinite } from '../training/feeding.js';
import { initialValues } from '../plan/initializers.js';
import { turnSigns } from '../plan/signs.js';
import type { NetworkPlan } from '../plan/network.js';
import { stepNumbers } from '../plan/resolveOptimizer.js';
import { CoreCurvature } from './curvature.js';
import { CoreDerivatives } from './derivatives.js';
import { buildNetwork, writeConstants } from './description.js';
import { ModelInstance, type MemoryUser } from './instance.js';
import { refuseCustom, refuseUntrainable, refuseWindow } from './room.js';
import { countersOf, readTensor, restoreSnapshot, snapshotOf, writeTensor } from './tensors.js';

// Sharing pays from here on, measured on two cores (bench/threads.js): parameters of the network, rows x parameters of a
// batch (barriers cost a few microseconds a step), multiplications and additions of a call (waking the workers costs 30 microseconds).
const SHARED_PARAMETERS = 20_000;
const SHARED_BATCH = 1_500_000;
const SHARED_CALL = 8_000_000;

// Rows x parameters of a call from which the choice of tiles matters: half a millisecond of work.
const TUNED_WORK = 2_000_000;

const none = new Float32Array(0);
const noDoubles = new Float64Array(0);

export class CoreBackend implements Backend, MemoryUser {
  readonly plan: NetworkPlan;
  readonly curvature: CoreCurvature;
  readonly derivatives: CoreDerivatives;

  x = none;
  xStride = 0;
  targets = none;
  targetStride = 0;
  sampleWeights = none;
  outputs = none;
  outputStride = 0;
  windowOutputs = none;
  windowsMade = 0;
  rates = noDoubles;
  losses = noDoubles;

  /** The record of what train() is asked to do. */
  private request = noDoubles;
  private readonly instance: ModelInstance;
  private tilesVersion = 0;
  private windowRows = 0;
  private batchRows = 0;
  private training = false;

  constructor(plan: NetworkPlan) {
    refuseCustom(plan);
    refuseUntrainable(plan);
    this.plan = plan;
    this.instance = new ModelInstance(this, plan.deterministic, plan.parameterCount >= SHARED_PARAMETERS);
    this.curvature = new CoreCurvature(this.instance, plan, () => this.reserve(1, 1, true));
    this.derivatives = new CoreDerivatives(this.instance, plan);
    const core = this.instance.use();
    let built = false;
    try {
      built = buildNetwork(core, plan, this.instance.shared !== undefined);
      if (built) writeConstants(core, plan);
    } catch (error) {
      this.instance.giveUp(error);
    }
    if (!built)
      fail(
        'ERR_MEMORY',
        `This network has ${plan.parameterCount} parameters; WebAssembly memory could not grow to hold them (${plan.parameterCount * 4} bytes).`,
      );
    const { tensors, key } = plan;
    for (let i = 0; i < tensors.length; i++)
      this.writeTensor(
        i,
        turnSigns(initialValues(tensors[i]!.init, tensors[i]!.shape, tensors[i]!, key, tensors[i]!.name), tensors[i]!.signs),
      );
    this.instance.settle();
  }

  /** Which binary runs this model. */
  get build(): Build {
    return this.instance.build;
  }

  reserve(rows: number, batchSize: number, training: boolean): void {
    const core = this.instance.use();
    if (rows <= this.windowRows && batchSize <= this.batchRows && (!training || this.training) && !this.derivatives.missing)
      return;
    const train = training || this.training;
    const window = Math.max(rows, this.windowRows, batchSize);
    const batch = Math.max(largestBatch(batchSize, leastRows(this.plan)), this.batchRows);
    const { wanted } = this.derivatives;
    const granted = this.instance.call('reserve', window, batch, train, wanted);
    if (!granted) {
      const least = leastRows(this.plan);
      refuseWindow(
        rows,
        batchSize,
        core.bytesNeeded(window, batch, train, wanted),
        core.bytesNeeded(least, least, train, wanted),
      );
    }
    this.windowRows = window;
    this.batchRows = batch;
    this.training = train;
    this.attach(core);
  }

  attach(core: Core): void {
    if (this.windowRows === 0) return;
    this.windowsMade++;
    checksFinite(core.memory.buffer, core.allFinite);
    const at = (what: Address) => core.address(what) >>> 0;
    const view = (what: Address, length: number) => new Float32Array(core.memory.buffer, at(what), length);
    this.xStride = core.measure(Measure.InputStride);
    this.targetStride = core.measure(Measure.TargetStride);
    this.outputStride = core.measure(Measure.OutputStride);
    this.x = view(Address.Inputs, this.windowRows * this.xStride);
    this.targets = view(Address.Targets, this.windowRows * this.targetStride);
    this.sampleWeights = view(Address.SampleWeights, this.windowRows);
    this.outputs = view(Address.Outputs, this.batchRows * this.outputStride);
    this.windowOutputs = this.training ? view(Address.WindowOutputs, this.windowRows * this.outputStride) : none;
    this.rates = new Float64Array(core.memory.buffer, at(Address.Steps), this.windowRows * stepNumbers(this.plan));
    this.losses = new Float64Array(core.memory.buffer, at(Address.Losses), this.windowRows);
    this.request = new Float64Array(core.memory.buffer, at(Address.TrainRequest), TrainField.Count);
    this.derivatives.attach(core, this.windowRows);
  }

  detach(): void {
    this.x = this.targets = this.sampleWeights = this.outputs = this.windowOutputs = none;
    this.rates = this.losses = this.request = noDoubles;
    this.derivatives.detach();
  }

  orderRows(kept: number, rows: number, [key0, key1]: Key): void {
    this.instance.use().orderRows(kept, rows, key0, key1);
  }

  gatherRows(kept: number, from: number, rows: number, weighted: boolean): void {
    this.instance.use().gatherRows(kept, from, rows, weighted);
  }

  forward(first: number, rows: number, training: boolean): void {
    this.tuneFor(rows);
    const n = this.share('forward', rows, 2 * rows, [first, rows, training]);
    this.instance.call('forward', first, rows, training, 0, n);
    if (n > 1 && this.instance.use().takeThreadsLost()) threadLost();
  }

  loss(first: number, weighted: boolean, divisor: number): number {
    return this.instance.call('loss', first, weighted, divisor);
  }

  setOutputGradient(gradient: ArrayLike<number>): void {
    const core = this.instance.use();
    const delta = new Float32Array(
      core.memory.buffer,
      core.address(Address.OutputGradient) >>> 0,
      this.batchRows * this.outputStride,
    );
    const { outputs } = this.plan;
    delta.fill(0);
    for (let r = 0, rows = core.measure(Measure.Rows); r < rows; r++)
      for (let j = 0; j < outputs; j++) delta[r * this.outputStride + j] = gradient[r * this.outputStride + j]!;
    core.outputGradientGiven();
  }

  backward(inputs: boolean, parameters: boolean): void {
    this.instance.call('backward', inputs, parameters);
  }

  inputGradients(): Float32Array {
    const core = this.instance.use();
    return this.rowsAt(core, core.address(Address.InputGradients) >>> 0, this.xStride, this.plan.inputs);
  }

  private rowsAt(core: Core, pointer: number, stride: number, width: number): Float32Array {
    const count = core.measure(Measure.Rows);
    const rows = new Float32Array(core.memory.buffer, pointer, count * stride);
    const packed = floats(count * width, `${count} rows of ${width} numbers`);
    for (let r = 0; r < count; r++) packed.set(rows.subarray(r * stride, r * stride + width), r * width);
    return packed;
  }

  zeroGradients(): void {
    this.reserve(1, 1, true);
    this.instance.call('zeroGradients');
  }

  step(rate: number, rows: number): void {
    this.rates[StepField.Rate] = rate;
    this.instance.call('step', rows);
  }

  train(request: TrainRequest): number {
    const { rows, batchSize } = request;
    this.tuneFor(rows);
    const record = this.request;
    record[TrainField.Rows] = rows;
    record[TrainField.BatchSize] = batchSize;
    record[TrainField.Accumulate] = request.accumulate;
    record[TrainField.Weighted] = Number(request.weighted);
    record[TrainField.KeepOutputs] = Number(request.keepOutputs);
    record[TrainField.IgnoreDivergence] = Number(request.ignoreDivergence);
    record[TrainField.Derivatives] = Number(request.derivatives === true);
    const n = request.derivatives === true ? 1 : this.share('train', batchSize, 6 * rows, []);
    const done = this.instance.call('train', 0, n);
    if (n > 1 && this.instance.use().takeThreadsLost()) threadLost();
    return done;
  }

  /** Before much work on that many rows, has the tiles measured a little further, and takes them over once they are known. */
  private tuneFor(rows: number): void {
    const { plan, instance } = this;
    const core = instance.use();
    if (rows * plan.parameterCount < TUNED_WORK || instance.wide !== passIsOn()) return;
    let version: number;
    try {
      version = tune(this.build);
    } catch {
      return; // no room for an instance to measure in: the tiles stay as they are
    }
    if (version === this.tilesVersion) return;
    this.tilesVersion = version;
    const { forward, gradient } = tilesOf(this.build);
    core.chooseTiles(forward, gradient);
    instance.shared?.chooseTiles(forward, gradient);
  }

  /** How many threads take part in a call of `products` multiplications and additions per parameter, in batches of `rows`: 1 where sharing does not pay. */
  private share(call: SharedCall, rows: number, products: number, values: readonly unknown[]): number {
    if (
      this.instance.shared === undefined ||
      rows * this.plan.parameterCount < SHARED_BATCH ||
      products * this.plan.parameterCount < SHARED_CALL
    )
      return 1;
    return this.instance.shared.start(call, values);
  }

  get weightsDiverged(): boolean {
    return this.instance.use().measure(Measure.Diverged) !== 0;
  }

  readTensor(i: number): Float32Array {
    return readTensor(this.instance.use(), this.plan, Address.Parameters, i);
  }

  readGradient(i: number): Float32Array {
    this.reserve(1, 1, true);
    return readTensor(this.instance.use(), this.plan, Address.Gradients, i);
  }

  writeTensor(i: number, values: ArrayLike<number>): void {
    writeTensor(this.instance.use(), this.plan, Address.Parameters, i, values);
    // A weight set from outside starts its average afresh.
    if (this.training && this.plan.averagingDecay > 0 && this.plan.tensors[i]!.trainable)
      writeTensor(this.instance.use(), this.plan, Address.Average, i, values);
  }

  readAverage(i: number): Float32Array {
    this.reserve(1, 1, true);
    return readTensor(this.instance.use(), this.plan, Address.Average, i);
  }

  writeAverage(i: number, values: ArrayLike<number>): void {
    this.reserve(1, 1, true);
    writeTensor(this.instance.use(), this.plan, Address.Average, i, values);
  }

  readSlot(s: number, i: number): Float32Array {
    this.reserve(1, 1, true);
    return readTensor(this.instance.use(), this.plan, Address.Slots, i, s);
  }

  writeSlot(s: number, i: number, values: ArrayLike<number>): void {
    this.reserve(1, 1, true);
    writeTensor(this.instance.use(), this.plan, Address.Slots, i, values, s);
  }

  readCounters(): Float64Array {
    return countersOf(this.instance.use()).slice();
  }

  writeCounters(values: ArrayLike<number>): void {
    countersOf(this.instance.use()).set(values);
  }

  setTensorRule(i: number, learningRateScale: number, frozen: boolean): void {
    this.instance.use().setTensorRule(i, learningRateScale, frozen);
  }

  snapshot(room?: ArrayBuffer): ArrayBuffer {
    return snapshotOf(this.instance.use(), this.plan, this.training, room);
  }

  restore(snapshot: ArrayBuffer): void {
    restoreSnapshot(this.instance.use(), this.plan, snapshot, this.training);
  }

  readActivations(i: number): Float32Array {
    const core = this.instance.use();
    return this.rowsAt(core, core.layerRows(i, 0) >>> 0, core.layerStride(i), this.plan.layers[i]!.outputs);
  }

  readDeltas(i: number): Float32Array {
    const core = this.instance.use();
    return this.rowsAt(core, core.layerRows(i, 1) >>> 0, core.layerStride(i), this.plan.layers[i]!.outputs);
  }
}
