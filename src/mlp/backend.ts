// The WebAssembly core behind the Backend interface: one instance, one model, views on its memory. The only file that
// makes views: memory growth and hibernation replace them, so nobody outside keeps one across a call of reserve().

import { Address, Counter, Measure, StepField, TrainField } from '../../assembly/abi.js';
import { bytes, copyOf, floats } from '../data/allocate.js';
import type { Build } from '../engine/binaries.js';
import { instantiate, tune, type Core, type Instance } from '../engine/engine.js';
import { fromPanels, toPanels } from '../engine/panels.js';
import { admit, evictOne, tick, type Tenant } from '../engine/residency.js';
import { threadLost, type SharedCall, type SharedModel } from '../engine/threads.js';
import { tilesOf } from '../engine/tuning.js';
import { fail, FeedforwardError } from '../errors.js';
import type { Backend, TrainRequest } from '../training/backend.js';
import { largestBatch, leastRows } from '../training/batches.js';
import { initialValues } from '../plan/initializers.js';
import type { NetworkPlan } from '../plan/network.js';
import { buildNetwork, writeConstants } from './description.js';
import { refuseUntrainable, refuseWindow } from './room.js';

// Sharing pays from here on, measured on two cores (bench/threads.js): parameters of the network, rows x parameters of a
// batch (barriers cost a few microseconds a step), multiply-adds of a call (waking the workers costs 30 microseconds).
const SHARED_PARAMETERS = 20_000;
const SHARED_BATCH = 1_500_000;
const SHARED_CALL = 20_000_000;

// Rows x parameters of a call from which the choice of tiles matters: half a millisecond of work.
const TUNED_WORK = 2_000_000;

const none = new Float32Array(0);
const noDoubles = new Float64Array(0);

export class CoreBackend implements Backend, Tenant {
  readonly plan: NetworkPlan;
  /** Which binary runs this model. */
  readonly build: Build;
  lastUse = 0;

  x = none;
  xStride = 0;
  targets = none;
  targetStride = 0;
  sampleWeights = none;
  outputs = none;
  outputStride = 0;
  windowOutputs = none;
  rates = noDoubles;
  losses = noDoubles;

  /** The record of what train() is asked to do. */
  private request = noDoubles;
  private core: Core | undefined;
  private shared: SharedModel | undefined;
  private image: ArrayBuffer | undefined;
  /** Why the instance was given up, if it was. */
  private failure: string | undefined;
  /** Whether memory is laid out for threads to share. */
  private sharable: boolean;
  private tilesVersion = 0;
  private windowRows = 0;
  private batchRows = 0;
  private training = false;

  constructor(plan: NetworkPlan) {
    refuseUntrainable(plan);
    this.plan = plan;
    this.sharable = plan.parameterCount >= SHARED_PARAMETERS;
    const { core, build, shared } = this.enter();
    this.build = build;
    this.sharable = shared !== undefined;
    try {
      if (!buildNetwork(core, plan, shared !== undefined))
        fail(
          'ERR_MEMORY',
          `This network has ${plan.parameterCount} parameters; WebAssembly memory could not grow to hold them (${plan.parameterCount * 4} bytes).`,
        );
      writeConstants(core, plan);
    } catch (error) {
      this.lose(error);
    }
    const { tensors, key } = plan;
    for (let i = 0; i < tensors.length; i++)
      this.writeTensor(i, initialValues(tensors[i]!.init, tensors[i]!.shape, tensors[i]!, key, tensors[i]!.name));
    admit(this);
  }

  /** A new instance for this model, making others hibernate when the engine has no room. */
  private enter(): Instance {
    for (;;) {
      try {
        const entered = instantiate(this.plan.deterministic, this.sharable);
        this.core = entered.core;
        this.shared = entered.shared;
        return entered;
      } catch (error) {
        if (!(error instanceof FeedforwardError && error.code === 'ERR_MEMORY' && evictOne())) throw error;
      }
    }
  }

  /** The instance, back from hibernation if need be, marked as used. */
  private live(): Core {
    this.lastUse = tick();
    return this.core ?? this.wake();
  }

  hibernate(): void {
    if (this.core === undefined) return;
    const image = bytes(this.core.memory.buffer.byteLength, 'A model that hibernates');
    image.set(new Uint8Array(this.core.memory.buffer));
    this.image = image.buffer;
    this.leave();
  }

  private leave(): void {
    this.shared?.forget();
    this.shared = undefined;
    this.core = undefined;
    this.x = this.targets = this.sampleWeights = this.outputs = this.windowOutputs = none;
    this.rates = this.losses = this.request = noDoubles;
  }

  /**
   * After whatever the core threw. A trap leaves an instance in no known state: it is given up, with its model; others have
   * instances of their own.
   */
  private lose(error: unknown): never {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    this.leave();
    this.failure = error.message;
    throw new FeedforwardError('ERR_STATE', failed(error.message), {}, error);
  }

  private wake(): Core {
    if (this.failure !== undefined) fail('ERR_STATE', failed(this.failure));
    const image = this.image!;
    const { core } = this.enter();
    const missing = image.byteLength - core.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        core.memory.grow(missing / 65536);
      } catch (error) {
        this.leave();
        throw new FeedforwardError(
          'ERR_MEMORY',
          `A model of ${image.byteLength} bytes could not come back from hibernation: memory is full.`,
          {},
          error,
        );
      }
    }
    new Uint8Array(core.memory.buffer).set(new Uint8Array(image));
    this.image = undefined;
    admit(this);
    this.view(core);
    return core;
  }

  reserve(rows: number, batchSize: number, training: boolean): void {
    const core = this.live();
    if (rows <= this.windowRows && batchSize <= this.batchRows && (!training || this.training)) return;
    const train = training || this.training;
    const window = Math.max(rows, this.windowRows, batchSize);
    const batch = Math.max(largestBatch(batchSize, leastRows(this.plan)), this.batchRows);
    let granted: unknown;
    try {
      granted = core.reserve(window, batch, train);
    } catch (error) {
      this.lose(error);
    }
    if (!granted) {
      const least = leastRows(this.plan);
      refuseWindow(rows, batchSize, core.bytesNeeded(window, batch, train), core.bytesNeeded(least, least, train));
    }
    this.windowRows = window;
    this.batchRows = batch;
    this.training = train;
    this.view(core);
  }

  private view(core: Core): void {
    if (this.windowRows === 0) return;
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
    this.rates = new Float64Array(core.memory.buffer, at(Address.Steps), this.windowRows * StepField.Count);
    this.losses = new Float64Array(core.memory.buffer, at(Address.Losses), this.windowRows);
    this.request = new Float64Array(core.memory.buffer, at(Address.TrainRequest), TrainField.Count);
  }

  forward(first: number, rows: number, training: boolean): void {
    const core = this.live();
    if (rows * this.plan.parameterCount >= TUNED_WORK) this.tune(core);
    const n = this.share('forward', rows, 2 * rows, [first, rows, training]);
    try {
      core.forward(first, rows, training, 0, n);
    } catch (error) {
      this.lose(error);
    }
    if (n > 1 && core.takeThreadsLost()) threadLost();
  }

  loss(first: number, weighted: boolean, divisor: number): number {
    const core = this.live();
    try {
      return core.loss(first, weighted, divisor);
    } catch (error) {
      return this.lose(error);
    }
  }

  setOutputGradient(gradient: ArrayLike<number>): void {
    const core = this.live();
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
    const core = this.live();
    try {
      core.backward(inputs, parameters);
    } catch (error) {
      this.lose(error);
    }
  }

  inputGradients(): Float32Array {
    const core = this.live();
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
    const core = this.live();
    try {
      core.zeroGradients();
    } catch (error) {
      this.lose(error);
    }
  }

  step(rate: number, rows: number): void {
    const core = this.live();
    try {
      core.step(rate, rows);
    } catch (error) {
      this.lose(error);
    }
  }

  train(request: TrainRequest): number {
    const { rows, batchSize } = request;
    const core = this.live();
    if (rows * this.plan.parameterCount >= TUNED_WORK) this.tune(core);
    const record = this.request;
    record[TrainField.Rows] = rows;
    record[TrainField.BatchSize] = batchSize;
    record[TrainField.Accumulate] = request.accumulate;
    record[TrainField.Weighted] = Number(request.weighted);
    record[TrainField.KeepOutputs] = Number(request.keepOutputs);
    record[TrainField.IgnoreDivergence] = Number(request.ignoreDivergence);
    const n = this.share('train', batchSize, 6 * rows, []);
    let done: number;
    try {
      done = core.train(0, n);
    } catch (error) {
      return this.lose(error);
    }
    if (n > 1 && core.takeThreadsLost()) threadLost();
    return done;
  }

  /** Has the tiles measured a little further, and takes them over once they are known. */
  private tune(core: Core): void {
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
    this.shared?.chooseTiles(forward, gradient);
  }

  /** How many threads take part in a call of `products` multiply-adds per parameter, in batches of `rows`: 1 where sharing does not pay. */
  private share(call: SharedCall, rows: number, products: number, values: readonly unknown[]): number {
    if (
      this.shared === undefined ||
      rows * this.plan.parameterCount < SHARED_BATCH ||
      products * this.plan.parameterCount < SHARED_CALL
    )
      return 1;
    return this.shared.start(call, values);
  }

  get weightsDiverged(): boolean {
    return this.live().measure(Measure.Diverged) !== 0;
  }

  readTensor(i: number): Float32Array {
    return this.read(Address.Parameters, 0, i);
  }

  readGradient(i: number): Float32Array {
    this.reserve(1, 1, true);
    return this.read(Address.Gradients, 0, i);
  }

  writeTensor(i: number, values: ArrayLike<number>): void {
    this.write(Address.Parameters, 0, i, values);
    // A weight set from outside starts its average afresh.
    if (this.training && this.plan.averagingDecay > 0 && this.plan.tensors[i]!.trainable)
      this.write(Address.Average, 0, i, values);
  }

  readAverage(i: number): Float32Array {
    this.reserve(1, 1, true);
    return this.read(Address.Average, 0, i);
  }

  writeAverage(i: number, values: ArrayLike<number>): void {
    this.reserve(1, 1, true);
    this.write(Address.Average, 0, i, values);
  }

  readSlot(s: number, i: number): Float32Array {
    this.reserve(1, 1, true);
    return this.read(Address.Slots, s, i);
  }

  writeSlot(s: number, i: number, values: ArrayLike<number>): void {
    this.reserve(1, 1, true);
    this.write(Address.Slots, s, i, values);
  }

  /** Tensor i's floats in a region (slot s of the slots). */
  private home(region: Address, s: number, i: number): Float32Array {
    const core = this.live();
    const { shape } = this.plan.tensors[i]!;
    const start = (core.address(region) >>> 0) + 4 * (s * core.measure(Measure.TrainableFloats) + core.tensorOffset(i));
    const padded = (shape[shape.length - 1]! + 3) & ~3;
    return new Float32Array(core.memory.buffer, start, shape.length === 2 ? shape[0]! * padded : padded);
  }

  private read(region: Address, s: number, i: number): Float32Array {
    const home = this.home(region, s, i);
    const { shape, role } = this.plan.tensors[i]!;
    const { name } = this.plan.tensors[i]!;
    if (role !== 'weight') return copyOf(home.subarray(0, shape[0]), name);
    const values = floats(shape[0]! * shape[1]!, name);
    fromPanels(values, home, shape[0]!, shape[1]!);
    return values;
  }

  private write(region: Address, s: number, i: number, values: ArrayLike<number>): void {
    const home = this.home(region, s, i);
    const { shape, role } = this.plan.tensors[i]!;
    if (role === 'weight') toPanels(home, values, shape[0]!, shape[1]!);
    else home.set(values);
  }

  readCounters(): Float64Array {
    return this.counters().slice();
  }

  writeCounters(values: ArrayLike<number>): void {
    this.counters().set(values);
  }

  private counters(): Float64Array {
    const core = this.live();
    return new Float64Array(core.memory.buffer, core.address(Address.Counters) >>> 0, Counter.Count);
  }

  setTensorRule(i: number, learningRateScale: number, frozen: boolean): void {
    this.live().setTensorRule(i, learningRateScale, frozen);
  }

  snapshot(): ArrayBuffer {
    const core = this.live();
    const parameterBytes = 4 * core.measure(Measure.ParameterFloats);
    const slotBytes = this.training ? this.slotBytes(core) : 0;
    const snapshot = bytes(8 * Counter.Count + parameterBytes + slotBytes, 'A copy of the weights');
    const memory = new Uint8Array(core.memory.buffer);
    snapshot.set(new Uint8Array(core.memory.buffer, core.address(Address.Counters) >>> 0, 8 * Counter.Count));
    const parameters = core.address(Address.Parameters) >>> 0;
    snapshot.set(memory.subarray(parameters, parameters + parameterBytes), 8 * Counter.Count);
    const slots = core.address(Address.Slots) >>> 0;
    snapshot.set(memory.subarray(slots, slots + slotBytes), 8 * Counter.Count + parameterBytes);
    return snapshot.buffer;
  }

  restore(snapshot: ArrayBuffer): void {
    const core = this.live();
    const parameterBytes = 4 * core.measure(Measure.ParameterFloats);
    const memory = new Uint8Array(core.memory.buffer);
    memory.set(new Uint8Array(snapshot, 0, 8 * Counter.Count), core.address(Address.Counters) >>> 0);
    memory.set(new Uint8Array(snapshot, 8 * Counter.Count, parameterBytes), core.address(Address.Parameters) >>> 0);
    if (!this.training) return;
    const rest = new Uint8Array(snapshot, 8 * Counter.Count + parameterBytes);
    if (rest.length > 0) memory.set(rest, core.address(Address.Slots) >>> 0);
    else this.resetSlots(core);
  }

  /** Slots and averages as a model has them that never trained. */
  private resetSlots(core: Core): void {
    const length = core.measure(Measure.TrainableFloats);
    const slots = new Float32Array(core.memory.buffer, core.address(Address.Slots) >>> 0, this.slotBytes(core) / 4);
    const { slots: initial } = this.plan.optimizer;
    initial.forEach((value, s) => slots.fill(value, s * length, (s + 1) * length));
    if (this.plan.averagingDecay > 0)
      slots.set(new Float32Array(core.memory.buffer, core.address(Address.Parameters) >>> 0, length), initial.length * length);
  }

  /** Slots and, behind them, averages. */
  private slotBytes(core: Core): number {
    return (
      4 * core.measure(Measure.TrainableFloats) * (this.plan.optimizer.slots.length + (this.plan.averagingDecay > 0 ? 1 : 0))
    );
  }

  readActivations(i: number): Float32Array {
    const core = this.live();
    return this.rowsAt(core, core.layerRows(i, 0) >>> 0, core.layerStride(i), this.plan.layers[i]!.outputs);
  }

  readDeltas(i: number): Float32Array {
    const core = this.live();
    return this.rowsAt(core, core.layerRows(i, 1) >>> 0, core.layerStride(i), this.plan.layers[i]!.outputs);
  }
}

function failed(why: string): string {
  return `This model's WebAssembly instance failed (${why}) and was given up with all that was in it; other models are unaffected. Load a saved copy, or make the model again.`;
}
