// The ABI: every export of the core. Numeric parameters only; there is one model per instance, so none is passed.
// A model is described once (createModel, setLayer, setTensor, setLoss, setOptimizer, placeParameters), given room
// (reserve), and then driven: fill the windows at `address(…)`, call forward / loss / backward / step, or train.

import { Address, Measure } from './abi';
import { layerAt, Model, NONE, tensorAt, theModel } from './memory/model';
import * as layout from './memory/layout';
import { rowAt } from './layers/rows';
import { madd } from './kernels/lanes';
import { prepareMath } from './kernels/math';
import { backward as walkBack, forward as walkForward } from './network/passes';
import { barrier, lost } from './network/threads';
import { lossOf, startForward, takesBatchStatistics, train as trainWindow, update } from './network/training';

export { checkTile, measureTile } from './kernels/calibrate';
export { chooseTiles } from './kernels/products';

/** Whether multiply-adds round once here: in the relaxed build, where the machine can. The square of 1 + 2^-12 ends in 2^-24. */
export function fuses(): bool {
  const x = f32x4.splat(1.000244140625);
  return f32x4.extract_lane(madd(x, x, f32x4.splat(-1.00048828125)), 0) != 0;
}

/** Begins a model; everything is zero. False when memory refuses. */
export function createModel(inputs: i32, outputs: i32, targetColumns: i32, layers: i32, tensors: i32): bool {
  if (!layout.begin(layers, tensors)) return false;
  prepareMath(); // before there are threads
  const model = theModel();
  model.inputs = inputs;
  model.outputs = outputs;
  model.targetColumns = targetColumns;
  model.clipValue = Infinity;
  model.clipNorm = Infinity;
  model.clipGlobal = Infinity;
  return true;
}

export function setLayer(i: i32, kind: i32, inputs: i32, outputs: i32, activation: i32, a: f32, b: f32, shared: bool, rate: f64, epsilon: f32,
  partner: i32, projection: bool, key0: u32, key1: u32): void {
  const layer = layerAt(theModel(), i);
  layer.kind = kind;
  layer.inputs = inputs;
  layer.outputs = outputs;
  layer.activation = activation;
  layer.a = a;
  layer.b = b;
  layer.shared = shared;
  layer.rate = rate;
  layer.epsilon = epsilon;
  layer.partner = partner;
  layer.projection = projection;
  layer.key0 = key0;
  layer.key1 = key1;
}

/** Shape of tensor i. `weight`: it lives in panels. Trainable tensors come first in memory, whatever their order here. */
export function setTensor(i: i32, inputs: i32, outputs: i32, weight: bool, trainable: bool): void {
  const tensor = tensorAt(theModel(), i);
  tensor.inputs = inputs;
  tensor.outputs = outputs;
  tensor.weight = weight;
  tensor.trainable = trainable;
  tensor.scale = 1;
  tensor.maxNorm = Infinity;
}

/** How the optimizer treats tensor i. */
export function setTensorRule(i: i32, l1: f32, l2: f32, maxNorm: f32, scale: f32, frozen: bool): void {
  const model = theModel();
  const tensor = tensorAt(model, i);
  tensor.l1 = l1;
  tensor.l2 = l2;
  tensor.maxNorm = maxNorm;
  tensor.scale = scale;
  tensor.frozen = frozen;
  model.boundsNorms = false;
  for (let k = 0; k < model.tensorCount; k++) if (tensorAt(model, k).maxNorm != Infinity) model.boundsNorms = true;
  if (frozen && model.training && tensor.trainable) memory.fill(model.gradients + tensor.offset, 0, tensor.bytes);
}

/** After setTensorRule: whether layer i has anything to train. */
export function setLayerTrainable(i: i32, trainable: bool): void {
  layerAt(theModel(), i).trainable = trainable;
}

/** Offsets for all tensors, and room for them. False when memory refuses. */
export function placeParameters(): bool {
  const model = theModel();
  model.batchStatistics = takesBatchStatistics(model);
  return layout.placeParameters();
}

/** Tells layer i where its tensors are (indices, or -1): weight or gamma, bias or beta, slope, running mean and variance. */
export function linkLayer(i: i32, weight: i32, bias: i32, slope: i32, mean: i32, variance: i32): void {
  const model = theModel();
  const layer = layerAt(model, i);
  layer.weight = offsetOf(model, weight);
  layer.bias = offsetOf(model, bias);
  layer.slope = offsetOf(model, slope);
  layer.mean = offsetOf(model, mean);
  layer.variance = offsetOf(model, variance);
}

function offsetOf(model: Model, tensor: i32): usize {
  return tensor < 0 ? NONE : tensorAt(model, tensor).offset;
}

export function setLoss(loss: i32, a: f32, fused: bool): void {
  const model = theModel();
  model.loss = loss;
  model.lossA = a;
  model.fused = fused;
}

export function setOptimizer(rule: i32, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, weightDecay: f32, slots: i32, init0: f32, init1: f32, init2: f32): void {
  const model = theModel();
  model.rule = rule;
  model.c0 = c0;
  model.c1 = c1;
  model.c2 = c2;
  model.c3 = c3;
  model.c4 = c4;
  model.c5 = c5;
  model.weightDecay = weightDecay;
  model.slotCount = slots;
  model.slotInit0 = init0;
  model.slotInit1 = init1;
  model.slotInit2 = init2;
}

/** Limits are Infinity where there is none; averagingDecay 0 for no averaging. */
export function setRegularisation(clipValue: f32, clipNorm: f64, clipGlobal: f64, averagingDecay: f32, penaltyPerRow: f64): void {
  const model = theModel();
  model.clipValue = clipValue;
  model.clipNorm = clipNorm;
  model.clipGlobal = clipGlobal;
  model.averagingDecay = averagingDecay;
  model.penaltyPerRow = penaltyPerRow;
}

/** Bytes of memory that reserve() of the same windows would want. */
export function bytesWanted(rows: i32, batch: i32, training: bool): f64 {
  return layout.bytesWanted(rows, batch, training);
}

/** Room for windows of `rows` rows in batches of `batch`. False when memory refuses: nothing has changed then. */
export function reserve(rows: i32, batch: i32, training: bool): bool {
  return layout.reserve(rows, batch, training);
}

export function address(what: i32): usize {
  const model = theModel();
  switch (what) {
    case Address.Parameters: return model.parameters;
    case Address.Gradients: return model.gradients;
    case Address.Slots: return model.slots;
    case Address.Average: return model.average;
    case Address.Inputs: return model.x;
    case Address.Targets: return model.targets;
    case Address.SampleWeights: return model.sampleWeights;
    case Address.Outputs: return model.outputs_;
    case Address.WindowOutputs: return model.windowOutputs;
    case Address.Rates: return model.rates;
    case Address.Losses: return model.losses;
    case Address.Counters: return changetype<usize>(model) + offsetof<Model>('steps');
    case Address.InputGradients: return model.inputDelta;
    case Address.OutputGradient: return layerAt(model, model.layerCount - 1).delta;
    default: return model.staticEnd;
  }
}

export function measure(what: i32): i32 {
  const model = theModel();
  switch (what) {
    case Measure.InputStride: return model.xStride;
    case Measure.TargetStride: return model.targetStride;
    case Measure.OutputStride: return model.outputStride;
    case Measure.ParameterFloats: return (model.parameterBytes >> 2) as i32;
    case Measure.TrainableFloats: return (model.trainableBytes >> 2) as i32;
    case Measure.WindowRows: return model.windowRows;
    case Measure.BatchRows: return model.batchRows;
    case Measure.Rows: return model.rows;
    default: return model.diverged;
  }
}

/** Floats from the start of a region to tensor i. */
export function tensorOffset(i: i32): i32 {
  return (tensorAt(theModel(), i).offset >> 2) as i32;
}

/** Rows [first, first + rows) of the window through the network; the outputs are at Address.Outputs. */
export function forward(first: i32, rows: i32, training: bool): void {
  const model = theModel();
  startForward(model, first, rows, training);
  model.effectiveRow = 0;
  walkForward(model, 0, 1);
  if (training) model.draws += 1;
}

/** The last forward's mean loss, and its gradient divided by `divisor`. */
export function loss(first: i32, weighted: bool, divisor: f64): f64 {
  const model = theModel();
  const kept = model.first;
  model.first = first;
  const value = lossOf(model, weighted, divisor, 0, 1);
  model.first = kept;
  return value;
}

/** After writing d loss / d output at Address.OutputGradient. */
export function outputGradientGiven(): void {
  theModel().fusedDelta = false;
}

/** Back through the last forward's rows: adds to the gradients; with `inputs` leaves d loss / d x at Address.InputGradients. */
export function backward(inputs: bool, parameters: bool): void {
  const model = theModel();
  // The mask of the forward pass being walked back was drawn before the counter moved on.
  if (!model.evaluating) model.draws -= 1;
  walkBack(model, inputs, parameters, 0, 1);
  if (!model.evaluating) model.draws += 1;
  if (parameters) model.needsZero = false;
}

export function zeroGradients(): void {
  const model = theModel();
  memory.fill(model.gradients, 0, model.trainableBytes);
  model.needsZero = true;
}

/** One optimizer step on the gradients as they stand. */
export function step(rate: f64, rows: i32): void {
  const model = theModel();
  model.diverged = false;
  update(model, rate, rows, 0, 1);
}

/**
 * Trains on the window's first `rows` rows; see network/training.ts. Returns the number of batches done.
 * As thread t of n: all n call it, each with its own t; check threadsLost() after.
 */
export function train(rows: i32, batchSize: i32, accumulate: i32, weighted: bool, keepOutputs: bool, ignoreDivergence: bool, t: i32, n: i32): i32 {
  const model = theModel();
  barrier(model, n);
  return trainWindow(model, rows, batchSize, accumulate, weighted, keepOutputs, ignoreDivergence, t, n);
}

/** forward() as thread t of n: all n call it. */
export function forwardShared(first: i32, rows: i32, training: bool, t: i32, n: i32): void {
  const model = theModel();
  if (t == 0) {
    startForward(model, first, rows, training);
    model.effectiveRow = 0;
  }
  barrier(model, n);
  walkForward(model, t, n);
  barrier(model, n);
  if (t == 0 && training) model.draws += 1;
}

/**
 * Before the first reserve(): the model will be run by up to `threads` threads; thread 0 may sleep or not; a thread that
 * does not come within `patience` tenths of a second is lost.
 */
export function setThreads(threads: i32, mayBlock: bool, patience: i32): void {
  const model = theModel();
  model.threads = threads;
  model.mayBlock = mayBlock;
  model.patience = patience;
}

/** Whether a thread went missing; forgets it, so that the next call starts afresh. */
export function threadsLost(): bool {
  const model = theModel();
  const gone = lost(model);
  model.arrived = 0;
  model.lost = 0;
  return gone;
}

/** Where the rows of layer i's activations (what = 0) or deltas (what = 1) start, after a pass. */
export function layerRows(i: i32, what: i32): usize {
  const layer = layerAt(theModel(), i);
  return what == 0 ? layer.y : layer.delta;
}

/** Floats from one row of layer i's buffers to the next. */
export function layerStride(i: i32): i32 {
  const model = theModel();
  const layer = layerAt(model, i);
  return layer.y == rowAt(model.x, model.first, model.xStride) ? model.xStride : layer.stride;
}

/** Index of the first of `count` floats at p that is not finite, or -1. */
export function firstNonFinite(p: usize, count: i32): i32 {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(p + ((i as usize) << 2));
    if (v128.any_true(f32x4.ne(f32x4.mul(v, f32x4.splat(0)), f32x4.splat(0)))) break;
  }
  for (; i < count; i++) {
    const v = f32.load(p + ((i as usize) << 2));
    if (v - v != 0) return i;
  }
  return -1;
}
