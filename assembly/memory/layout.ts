// Lays the model out: who gets which bytes. Places every buffer; the pointers that follow the rows in hand (a layer's x, and
// y and z where it passes x on) are set by the walk, network/passes.ts.
//
// A reservation places everything anew from its three sizes alone. So when memory turns out to be too small, placing by the
// sizes of before puts every pointer back.

import { LayerKind, OptimizerField, StepField, TrainField } from '../abi';
import { TRAINS } from '../build';
import { PACKED_BYTES, PACKED_FROM } from '../kernels/products';
import { padded } from '../kernels/lanes';
import { transposedFloats } from '../kernels/panels';
import { ensure, floatsToBytes, lineUp } from './arena';
import {
  hasMatrix,
  Layer,
  layerAt,
  MAX_THREADS,
  Model,
  NONE,
  sharesBuffers,
  strideOf,
  THREAD_SCRATCH,
  Tensor,
  tensorAt,
  theModel,
} from './model';

const F64 = 2; // floats

/**
 * Places the header of a new model of `layers` layers and `tensors` tensors, all zero, and behind it, where the parameters
 * will be, `more` bytes of room. False when memory refuses.
 */
export function placeHeader(layers: i32, tensors: i32, more: u64): bool {
  const model = theModel();
  const start = changetype<usize>(model) as u64;
  const scratch = lineUp(start + offsetof<Model>());
  const optimizer = scratch + (MAX_THREADS as u64) * (THREAD_SCRATCH as u64);
  const request = optimizer + floatsToBytes(OptimizerField.Count * F64);
  const layersAt = request + floatsToBytes(TrainField.Count * F64);
  const tensorsAt = lineUp(layersAt + (layers as u64) * offsetof<Layer>());
  const end = lineUp(tensorsAt + (tensors as u64) * offsetof<Tensor>());
  if (!ensure(end + more)) return false;
  memory.fill(start as usize, 0, (end + more - start) as usize);
  model.scratch = scratch as usize;
  model.optimizer = optimizer as usize;
  model.request = request as usize;
  model.layers = layersAt as usize;
  model.tensors = tensorsAt as usize;
  model.layerCount = layers;
  model.tensorCount = tensors;
  model.parameters = end as usize;
  return true;
}

/** Gives every tensor its offset in the regions, trainable ones first. */
export function placeTensors(model: Model): void {
  if (TRAINS) model.trainableBytes = placeThose(model, true, 0) as usize;
  const end = placeThose(model, false, model.trainableBytes as u64);
  model.parameterBytes = min<u64>(end, u32.MAX_VALUE) as usize; // more than memory can hold is refused when room is made
}

/** Offsets for the tensors that are trainable, or for those that are not, from `offset` on. Returns where they end. */
function placeThose(model: Model, trainable: bool, offset: u64): u64 {
  for (let i = 0; i < model.tensorCount; i++) {
    const tensor = tensorAt(model, i);
    if (tensor.trainable != trainable) continue;
    const bytes = floatsToBytes((tensor.inputs as u64) * (padded(tensor.outputs) as u64));
    tensor.offset = offset as usize;
    tensor.bytes = bytes as usize;
    offset += bytes;
  }
  return offset;
}

/** Makes room for the parameters, all zero. False when memory refuses. */
export function makeParameters(model: Model): bool {
  if (!ensure((model.parameters as u64) + (model.parameterBytes as u64))) return false;
  memory.fill(model.parameters, 0, model.parameterBytes);
  return true;
}

/** Where tensor i is, in bytes from a region's start; NONE for -1. */
export function offsetOf(model: Model, i: i32): usize {
  return i < 0 ? NONE : tensorAt(model, i).offset;
}

/** Bytes of memory the model would need for these windows. */
export function bytesNeeded(rows: i32, batch: i32, training: bool, derivatives: bool): f64 {
  const model = theModel();
  const before = model.derivatives;
  model.derivatives = before || derivatives;
  const end = place(model, rows, batch, training);
  model.derivatives = before;
  place(model, model.windowRows, model.batchRows, model.training);
  return end as f64;
}

/**
 * Makes room for windows of `rows` rows in batches of `batch`; with `training` also for gradients, slots and deltas; what
 * there is for training stays, so does what there is for input gradients (`derivatives`). False when memory refuses: then
 * nothing has changed. The workspace is zeroed.
 */
export function reserve(rows: i32, batch: i32, training: bool, derivatives: bool): bool {
  const model = theModel();
  const trains = TRAINS && (training || model.training);
  const before = model.derivatives;
  if (TRAINS && derivatives) model.derivatives = true;
  const end = place(model, rows, batch, trains);
  if (!ensure(end)) {
    if (TRAINS) model.derivatives = before;
    place(model, model.windowRows, model.batchRows, model.training);
    return false;
  }
  model.windowRows = rows;
  model.batchRows = batch;
  if (trains && !model.training) startTraining(model);
  memory.fill(model.workspace, 0, (end as usize) - model.workspace);
  return true;
}

function startTraining(model: Model): void {
  model.training = true;
  memory.fill(model.gradients, 0, model.trainableBytes);
  for (let s = 0; s < model.slotCount; s++) {
    const value = f64.load(model.optimizer + (((OptimizerField.Slot0 + s) as usize) << 3)) as f32;
    const slot = model.slots + (s as usize) * model.trainableBytes;
    for (let at = slot; at < slot + model.trainableBytes; at += 16) v128.store(at, f32x4.splat(value));
  }
  if (model.averagingDecay > 0) memory.copy(model.average, model.parameters, model.trainableBytes);
}

/** Places all that comes after the parameters; returns where it ends, which may be beyond what memory can hold. */
function place(model: Model, rows: i32, batch: i32, training: bool): u64 {
  let at = (model.parameters as u64) + (model.parameterBytes as u64);
  if (TRAINS && training) at = placeTraining(model, at);
  model.workspace = at as usize;
  at = placeWindow(model, at, rows as u64, training);
  at = placeBatch(model, at, batch as u64);
  at = placeTransposed(model, at);
  const packs = TRAINS && training && batch >= PACKED_FROM;
  model.packed = packs ? (at as usize) : 0;
  return packs ? at + (max(1, model.threads) as u64) * (PACKED_BYTES as u64) : at;
}

/** What training keeps from step to step, laid out like the trainable parameters. */
function placeTraining(model: Model, at: u64): u64 {
  const region = model.trainableBytes as u64;
  model.gradients = at as usize;
  at += region;
  model.slots = at as usize;
  at += region * (model.slotCount as u64);
  model.average = at as usize;
  if (model.averagingDecay > 0) at += region;
  model.pairs = at as usize;
  return model.historySize > 0 ? at + lbfgsBytes(region, model.historySize as u64) : at;
}

/** L-BFGS's float64 vectors: the direction, and s and y of a pair more than it keeps; and a number for each pair. */
function lbfgsBytes(region: u64, pairs: u64): u64 {
  return (1 + 2 * (pairs + 1)) * F64 * region + floatsToBytes(pairs * F64);
}

/** The rows that JavaScript fills and reads, and the numbers of each batch and step. */
function placeWindow(model: Model, at: u64, rows: u64, training: bool): u64 {
  model.xStride = strideOf(model.inputs);
  model.outputStride = strideOf(model.outputs);
  model.x = at as usize;
  at += floatsToBytes(rows * (model.xStride as u64));
  if (!TRAINS) return at;
  model.targetStride = padded(model.targetColumns);
  model.targets = at as usize;
  at += floatsToBytes(rows * (model.targetStride as u64));
  model.sampleWeights = at as usize;
  at += floatsToBytes(rows);
  model.stepRecords = at as usize;
  at += floatsToBytes(rows * (StepField.Count + popcnt(model.changes)) * F64);
  model.losses = at as usize;
  at += floatsToBytes(rows * F64);
  model.windowOutputs = at as usize;
  if (training) at += floatsToBytes(rows * (model.outputStride as u64));
  return TRAINS && model.derivatives ? placeDerivatives(model, at, rows) : at;
}

/** The rows of input gradients. Their vectors begin anywhere, so that the last one read may end beyond its row. */
function placeDerivatives(model: Model, at: u64, rows: u64): u64 {
  model.derivativeStride = padded(model.outputs * model.inputs);
  model.derivativeTargets = at as usize;
  at += floatsToBytes(rows * (model.derivativeStride as u64) + 4);
  model.derivativeWeights = at as usize;
  return at + floatsToBytes((model.derivativeStride as u64) + 4);
}

/** What lies between the layers while a batch goes through. */
function placeBatch(model: Model, at: u64, rows: u64): u64 {
  if (TRAINS) {
    model.rowLosses = at as usize;
    at += floatsToBytes(rows * F64);
  }
  model.inputDelta = at as usize;
  at += floatsToBytes(rows * (strideOf(model.inputs) as u64));
  let before = model.inputDelta; // the delta of the layer before
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    at = placeLayer(layer, at, rows, before);
    before = layer.delta;
  }
  if (TRAINS && model.derivatives) at = placeTwins(model, at, rows);
  model.lastOutputs = layerAt(model, model.layerCount - 1).y;
  return at;
}

function placeLayer(layer: Layer, at: u64, rows: u64, deltaBefore: usize): u64 {
  layer.stride = strideOf(layer.outputs);
  const buffer = floatsToBytes(rows * (layer.stride as u64));
  layer.y = layer.inPlace ? 0 : (at as usize);
  if (!layer.inPlace) at += buffer;
  layer.z = layer.keepsInput ? (at as usize) : layer.y;
  if (layer.keepsInput) at += buffer;
  // Deltas are there for prediction too: inputGradient walks back through a net that never trains.
  if (sharesBuffers(layer)) {
    layer.delta = deltaBefore;
  } else {
    layer.delta = at as usize;
    at += buffer;
  }
  if (layer.kind == LayerKind.BatchNorm || layer.kind == LayerKind.LayerNorm) {
    layer.cache = at as usize;
    at += buffer;
    layer.scales = at as usize;
    at += floatsToBytes(layer.kind == LayerKind.BatchNorm ? (padded(layer.outputs) as u64) : rows);
  }
  if (TRAINS && layer.kind == LayerKind.Dense && layer.dropRate > 0) {
    layer.dropped = at as usize;
    at += 2 * floatsToBytes((layer.inputs as u64) * (padded(layer.outputs) as u64));
  }
  return at;
}

/** What the passes over input gradients keep of each layer. */
function placeTwins(model: Model, at: u64, rows: u64): u64 {
  model.inputAdjoint = at as usize;
  at += floatsToBytes(rows * (model.xStride as u64));
  let before = model.inputAdjoint; // the adjoint of the layer before
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    const buffer = floatsToBytes(rows * (layer.stride as u64));
    if (!sharesBuffers(layer)) {
      layer.adjoint = at as usize;
      layer.tangent = (at + buffer) as usize;
      at += 2 * buffer;
    } else layer.adjoint = before;
    before = layer.adjoint;
    if (layer.kind != LayerKind.Dense && layer.kind != LayerKind.Activation) continue;
    layer.slopes = at as usize;
    layer.curves = (at + buffer) as usize;
    layer.bend = (at + 2 * buffer) as usize;
    layer.turned = (at + 3 * buffer) as usize;
    at += 4 * buffer;
  }
  return at;
}

/** Room for W^T: as large as the largest; where threads share the work, each layer's own. */
function placeTransposed(model: Model, at: u64): u64 {
  const apart = TRAINS && model.threads > 1;
  let largest: u64 = 0;
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    layer.transposed = at as usize;
    if (!hasMatrix(layer)) continue;
    const bytes = floatsToBytes(transposedFloats(layer.inputs, layer.outputs) as u64);
    if (apart) at += bytes;
    else largest = max(largest, bytes);
  }
  return at + largest;
}
