// The plain-JavaScript backend: the oracle of the tests (in float64), the textbook, and an honest opponent for the benches.
// It owns every array of a model (windows, tensors, gradients, slots, counters) and runs the walk: forward through the
// layers, the loss, backward through the layers, the optimizer. Knows nothing of users' options, data or messages.

import { Counter, OptimizerField, StepField } from '../../assembly/abi.js';
import { bytes, copyOf, doubles, floats } from '../data/allocate.js';
import { initialValues } from '../plan/initializers.js';
import { dropMissing, turnSigns } from '../plan/signs.js';
import type { NetworkPlan } from '../plan/network.js';
import { stepNumbers } from '../plan/resolveOptimizer.js';
import type { Backend, TrainRequest } from '../training/backend.js';
import { countBatches, leastRows } from '../training/batches.js';
import { PlainCurvature } from './curvature.js';
import { Edge } from './edge.js';
import { PlainDerivatives } from './derivatives.js';
import type { Layer, Pass } from './layer.js';
import { buildLayers, preActivation } from './layers.js';
import { lossAndGradient } from './losses.js';
import { firstCounters, step as optimizerStep, type Trained } from './optimizers.js';
import type { Values } from './products.js';

/** What the baseline stores weights and activations in. */
export type Precision = 'float32' | 'float64';

/**
 * A network in plain JavaScript, in either precision: what `MLP` of feedforward/baseline computes on, and a pattern for a backend of your own.
 *
 * @example
 * import { MLP, Model, PlainBackend, dense } from 'feedforward/baseline';
 * const { plan } = new MLP({ inputs: 2, layers: [dense(1)] });
 * const model = new Model(new PlainBackend(plan, { precision: 'float64' }));
 * model.predict([[1, 2]]).shape;  // [1, 1]
 */
export class PlainBackend implements Backend {
  /** What weights and activations are stored in. */
  readonly precision: Precision;
  x: Values;
  readonly xStride: number;
  targets: Values;
  readonly targetStride: number;
  sampleWeights: Values;
  outputs: Values;
  readonly outputStride: number;
  windowOutputs: Values;
  rates = new Float64Array(0);
  losses = new Float64Array(0);
  weightsDiverged = false;
  readonly curvature: PlainCurvature;
  readonly derivatives: PlainDerivatives;

  private readonly layers: Layer[];
  private readonly tensors: Values[];
  private readonly gradients: Values[];
  /** The averages, with the running statistics in their places: what evaluation reads when weights are averaged. */
  private readonly averages: Values[];
  /** slots[s][i]: slot s of tensor i. */
  private readonly slots: Values[][];
  private readonly counters = Float64Array.from(firstCounters);
  private readonly trained: Trained[];
  private readonly scratch: Float64Array;
  private readonly pass: Pass;
  /** d loss / d x of the batch. */
  private inputDelta: Values;
  /** The rows of the window that the layers see, copied: x itself is refilled between passes. */
  private batch: Values;
  private windowRows = 0;
  private batchRows = 0;
  private readonly last: Layer;
  /** The lowest layer with anything to train: gradients need not go further down. */
  private readonly lowest: number;

  /** Storage for a network with its starting weights. `precision` is what numbers are kept in, 'float32' by default. @throws ERR_MEMORY. */
  constructor(
    readonly plan: NetworkPlan,
    { precision = 'float32' }: { precision?: Precision } = {},
  ) {
    const { tensors, optimizer, averagingDecay } = plan;
    this.precision = precision;
    const make =
      precision === 'float64'
        ? (length: number) => doubles(length, 'The network')
        : (length: number) => floats(length, 'The network');
    this.allocate = make;
    this.curvature = new PlainCurvature(plan);
    this.xStride = plan.inputs;
    this.targetStride = plan.targetColumns;
    this.outputStride = plan.outputs;
    this.tensors = tensors.map((t) => {
      const values = turnSigns(initialValues(t.init, t.shape, t, plan.key, t.name), t.signs);
      if (precision === 'float32') return values;
      const precise = make(values.length);
      precise.set(values);
      return precise;
    });
    this.gradients = this.tensors.map((t) => make(t.length));
    this.averages = this.tensors.map((t, i) => (averagingDecay > 0 && tensors[i]!.trainable ? copyOf(t, 'The network') : t));
    this.slots = optimizer.slots.map((start) =>
      this.tensors.map((t, i) => make(tensors[i]!.trainable ? t.length : 0).fill(start)),
    );
    this.trained = tensors.flatMap((t, i) => (t.trainable ? [this.trainedTensor(i, t.learningRateScale, t.frozen)] : []));
    this.scratch = doubles(
      this.tensors.reduce((longest, t) => Math.max(longest, t.length), 0),
      'The network',
    );
    this.layers = buildLayers(plan.layers, make, plan.key);
    this.last = this.layers[this.layers.length - 1]!;
    this.lowest = plan.layers.findIndex((l) => Object.values(l.tensors).some((t) => tensors[t]!.trainable));
    this.pass = {
      rows: 0,
      training: false,
      draw: 0,
      firstRow: 0,
      tensors: this.tensors,
      gradients: this.gradients,
      parameters: true,
      fused: false,
    };
    this.derivatives = new PlainDerivatives(this, plan, this.layers, this.pass, make);
    this.x = this.targets = this.sampleWeights = this.windowOutputs = this.batch = this.inputDelta = this.outputs = make(0);
  }

  private readonly allocate: (length: number) => Values;

  private trainedTensor(i: number, learningRateScale: number, frozen: boolean): Trained {
    return {
      plan: this.plan.tensors[i]!,
      learningRateScale,
      frozen,
      w: this.tensors[i]!,
      gradient: this.gradients[i]!,
      slots: this.slots.map((slot) => slot[i]!),
      average: this.averages[i] === this.tensors[i] ? undefined : this.averages[i],
    };
  }

  // ---- rows in and out ----------------------------------------------------------------------------------

  reserve(rows: number, batchSize: number, _training: boolean): void {
    const windowRows = Math.max(rows, batchSize, this.windowRows);
    const batchRows = Math.max(batchSize + 1, this.batchRows); // a last batch of one row may join the one before it
    const before = [this.windowRows, this.batchRows] as const;
    try {
      if (windowRows > before[0]) this.makeWindows(windowRows);
      if (batchRows > before[1]) this.makeBatch(batchRows);
    } catch (error) {
      this.makeWindows(before[0]);
      this.makeBatch(before[1]);
      throw error;
    }
  }

  private makeWindows(rows: number): void {
    const { plan } = this;
    this.x = this.allocate(rows * plan.inputs);
    this.targets = this.allocate(rows * plan.targetColumns);
    this.sampleWeights = this.allocate(rows);
    this.windowOutputs = this.allocate(rows * plan.outputs);
    this.rates = doubles(rows * stepNumbers(plan), 'The window');
    this.losses = doubles(rows, 'The window');
    this.derivatives.reserve(rows);
    this.windowRows = rows;
  }

  /** What lies between the layers, joined up: each one's x and dx are the y and dy of the one before. */
  private makeBatch(rows: number): void {
    this.batch = this.allocate(rows * this.plan.inputs);
    this.inputDelta = this.allocate(rows * this.plan.inputs);
    let y = this.batch;
    let dy = this.inputDelta;
    const input = { y, dy };
    for (const layer of this.layers) {
      if (layer instanceof Edge && layer.plan.partner < 0) layer.source = input;
      layer.reserve(rows, y, dy);
      y = layer.y;
      dy = layer.dy;
    }
    this.outputs = y;
    this.batchRows = rows;
  }

  forward(first: number, rows: number, training: boolean): void {
    this.run(first, rows, training, this.counters[Counter.Draws]!, 0);
    if (training) this.counters[Counter.Draws]!++;
  }

  private run(first: number, rows: number, training: boolean, draw: number, firstRow: number): void {
    const { pass, batch, x } = this;
    const offset = first * this.plan.inputs;
    for (let k = 0; k < rows * this.plan.inputs; k++) batch[k] = x[offset + k]!;
    pass.rows = rows;
    pass.training = training;
    pass.draw = draw;
    pass.firstRow = firstRow;
    pass.tensors = training ? this.tensors : this.averages;
    for (const layer of this.layers) layer.forward(pass);
  }

  // ---- the gradient -------------------------------------------------------------------------------------

  loss(first: number, weighted: boolean, divisor: number): number {
    const { plan, pass, last } = this;
    // Logits given as such are outputs like any others; a softmax or sigmoid is undone by reading what went into it.
    pass.fused = plan.loss.fused && !plan.loss.fromLogits;
    return lossAndGradient(plan.loss, {
      outputs: pass.fused ? preActivation(last) : last.y,
      gradient: last.dy,
      targets: this.targets,
      first,
      sampleWeights: weighted ? this.sampleWeights : undefined,
      rows: pass.rows,
      columns: plan.outputs,
      divisor,
    });
  }

  setOutputGradient(gradient: ArrayLike<number>): void {
    this.pass.fused = false;
    const { dy } = this.last;
    for (let k = 0; k < this.pass.rows * this.plan.outputs; k++) dy[k] = gradient[k]!;
  }

  backward(inputs: boolean, parameters: boolean): void {
    const { layers, pass } = this;
    pass.parameters = parameters;
    const stop = inputs ? -1 : parameters ? this.lowest : layers.length;
    for (let l = layers.length - 1; l >= Math.max(stop, 0); l--) {
      this.gather(l);
      layers[l]!.backward(pass, l > stop, pass.fused && l === layers.length - 1);
    }
    if (inputs) this.gather(-1);
    for (const layer of layers) layer.turned = undefined;
    for (const [i, { signs }] of this.plan.tensors.entries())
      if (parameters && signs !== undefined) dropMissing(this.gradients[i]!, signs);
  }

  /** The dy of layer l (-1: of the inputs) gains what came back along the edges that leave it. */
  private gather(l: number): void {
    const { layers, pass } = this;
    const next = layers[l + 1];
    // Where edges follow a layer nobody has written its dy yet.
    if (l >= 0 && next instanceof Edge && next.plan.column === 0) layers[l]!.dy.fill(0);
    for (const edge of layers) if (edge instanceof Edge && edge.plan.partner === l) edge.give(pass);
  }

  inputGradients(): Values {
    return copyOf(this.inputDelta.subarray(0, this.pass.rows * this.plan.inputs), 'inputGradient');
  }

  zeroGradients(): void {
    for (const gradient of this.gradients) gradient.fill(0);
  }

  // ---- training -----------------------------------------------------------------------------------------

  step(rate: number, rows: number): void {
    this.stepBy(rate, 0, rows);
  }

  /** By the changing constants of the window's step record number `record`. */
  private stepBy(rate: number, record: number, rows: number): void {
    const { plan, rates } = this;
    const own = record * stepNumbers(plan) + StepField.Count;
    const constants = { ...plan.optimizer.constants, [OptimizerField.WeightDecay]: plan.optimizer.weightDecay };
    plan.optimizer.changing.forEach(({ field }, k) => {
      (constants as Record<number, number>)[field] = rates[own + k]!;
    });
    this.weightsDiverged = !optimizerStep(plan, constants, this.trained, this.counters, rate, rows, this.scratch);
  }

  train({ rows, batchSize, accumulate, weighted, keepOutputs, ignoreDivergence, derivatives = false }: TrainRequest): number {
    this.weightsDiverged = false;
    const batches = countBatches(rows, batchSize, leastRows(this.plan));
    const start = (batch: number) => (batch === batches ? rows : batch * batchSize);
    for (let batch = 0, update = 0; batch < batches; update++) {
      const end = Math.min(batch + accumulate, batches);
      const first = start(batch);
      const effective = start(end) - first;
      this.zeroGradients();
      for (; batch < end; batch++) {
        const at = start(batch);
        this.run(at, start(batch + 1) - at, true, this.counters[Counter.Draws]!, at - first);
        if (keepOutputs) this.keepOutputs(at);
        let loss = this.loss(at, weighted, effective);
        if (derivatives) loss += this.derivatives.loss(at, weighted, effective, true);
        this.losses[batch] = loss;
        if (!ignoreDivergence && !Number.isFinite(loss)) return batch;
        this.backward(false, true);
      }
      this.stepBy(this.rates[update * stepNumbers(this.plan) + StepField.Rate]!, update, effective);
      this.counters[Counter.Draws]!++;
      if (!ignoreDivergence && this.weightsDiverged) return batch;
    }
    return batches;
  }

  private keepOutputs(first: number): void {
    const { outputs, windowOutputs } = this;
    const offset = first * this.outputStride;
    for (let k = 0; k < this.pass.rows * this.outputStride; k++) windowOutputs[offset + k] = outputs[k]!;
  }

  /** A new backend of the same network in float64. */
  precise(): PlainBackend {
    return new PlainBackend(this.plan, { precision: 'float64' });
  }

  // ---- state --------------------------------------------------------------------------------------------

  readTensor(i: number): Values {
    return copyOf(this.tensors[i]!, this.plan.tensors[i]!.name);
  }

  readGradient(i: number): Values {
    return copyOf(this.gradients[i]!, this.plan.tensors[i]!.name);
  }

  /** The average of an averaged tensor starts anew from the values given. */
  writeTensor(i: number, values: ArrayLike<number>): void {
    this.tensors[i]!.set(values);
    this.averages[i]!.set(values);
  }

  readAverage(i: number): Values {
    return copyOf(this.averages[i]!, this.plan.tensors[i]!.name);
  }

  writeAverage(i: number, values: ArrayLike<number>): void {
    this.averages[i]!.set(values);
  }

  readSlot(s: number, i: number): Values {
    return copyOf(this.slots[s]![i]!, this.plan.tensors[i]!.name);
  }

  writeSlot(s: number, i: number, values: ArrayLike<number>): void {
    this.slots[s]![i]!.set(values);
  }

  readCounters(): Float64Array {
    return this.counters.slice();
  }

  writeCounters(values: ArrayLike<number>): void {
    this.counters.set(Array.from(values).slice(0, Counter.Count));
  }

  setTensorRule(i: number, learningRateScale: number, frozen: boolean): void {
    const at = this.trained.findIndex((t) => t.w === this.tensors[i]);
    if (at >= 0) this.trained[at] = this.trainedTensor(i, learningRateScale, frozen);
  }

  /** Every array of the state, in the order a snapshot holds them. */
  private state(): Values[] {
    const averages = this.averages.filter((average, i) => average !== this.tensors[i]);
    return [this.counters, ...this.tensors, ...averages, ...this.slots.flat()];
  }

  snapshot(room?: ArrayBuffer): ArrayBuffer {
    const state = this.state();
    const length = state.reduce((sum, values) => sum + values.byteLength, 0);
    const snapshot = room?.byteLength === length ? new Uint8Array(room) : bytes(length, 'A copy of the weights');
    let at = 0;
    for (const values of state) {
      snapshot.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
      at += values.byteLength;
    }
    return snapshot.buffer;
  }

  restore(snapshot: ArrayBuffer): void {
    let at = 0;
    for (const values of this.state()) {
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(new Uint8Array(snapshot, at, values.byteLength));
      at += values.byteLength;
    }
  }

  readActivations(i: number): Values {
    const layer = this.layers[i]!;
    return copyOf(layer.y.subarray(0, this.pass.rows * layer.plan.outputs), layer.plan.path);
  }

  readDeltas(i: number): Values {
    const layer = this.layers[i]!;
    return copyOf(layer.delta.subarray(0, this.pass.rows * layer.plan.outputs), layer.plan.path);
  }
}
