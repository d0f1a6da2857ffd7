// Lays the model out: who gets which bytes. The only code that writes pointers into Model and Layer.

import { Activation, LayerKind } from '../abi';
import { needsInput } from '../functions/activations';
import { PACKED_BYTES, PACKED_FROM } from '../kernels/products';
import { padded } from '../kernels/lanes';
import { transposedFloats } from '../kernels/panels';
import { ensure, floatsToBytes, lineUp } from './arena';
import { Layer, layerAt, MAX_THREADS, Model, NONE, strideOf, Tensor, tensorAt, theModel } from './model';

/** Places the header of a new model: layers and tensors follow through `layerAt` and `tensorAt`. False when memory refuses. */
export function begin(layers: i32, tensors: i32): bool {
  const model = theModel();
  const start = changetype<usize>(model) as u64;
  const layersAt = lineUp(start + offsetof<Model>() + (MAX_THREADS as u64) * 128);
  const tensorsAt = lineUp(layersAt + (layers as u64) * offsetof<Layer>());
  const end = lineUp(tensorsAt + (tensors as u64) * offsetof<Tensor>());
  if (!ensure(end)) return false;
  memory.fill(start as usize, 0, (end - start) as usize);
  model.layers = layersAt as usize;
  model.tensors = tensorsAt as usize;
  model.layerCount = layers;
  model.tensorCount = tensors;
  model.parameters = end as usize;
  model.power1 = 1;
  model.power2 = 1;
  model.momentumProduct = 1;
  model.decayPower = 1;
  model.needsZero = true;
  model.threads = 1;
  for (let i = 0; i < layers; i++) {
    const layer = layerAt(model, i);
    layer.weight = layer.bias = layer.slope = layer.mean = layer.variance = NONE;
  }
  return true;
}

/** Gives every tensor its offset (trainable ones must come first) and makes room for the parameters, all zero. */
export function placeParameters(): bool {
  const model = theModel();
  let offset: u64 = 0;
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < model.tensorCount; i++) {
      const tensor = tensorAt(model, i);
      if (tensor.trainable != (pass == 0)) continue;
      const bytes = floatsToBytes((tensor.inputs as u64) * (padded(tensor.outputs) as u64));
      tensor.offset = offset as usize;
      tensor.bytes = bytes as usize;
      offset += bytes;
      if (offset > u32.MAX_VALUE) return false;
    }
    if (pass == 0) model.trainableBytes = offset as usize;
  }
  model.parameterBytes = offset as usize;
  const end = (model.parameters as u64) + offset;
  if (!ensure(end)) return false;
  memory.fill(model.parameters, 0, model.parameterBytes);
  model.staticEnd = end as usize;
  return true;
}

/** Bytes of memory the model would want for these windows. */
export function bytesWanted(rows: i32, batch: i32, training: bool): f64 {
  return place(theModel(), rows, batch, training, false) as f64;
}

/**
 * Makes room for windows of `rows` rows in batches of `batch`; with `training` also for gradients, slots and deltas.
 * False when memory refuses: then nothing has changed. The workspace is zeroed.
 */
export function reserve(rows: i32, batch: i32, training: bool): bool {
  const model = theModel();
  const end = place(model, rows, batch, training, false);
  if (!ensure(end)) return false;
  const first = training && !model.training;
  place(model, rows, batch, training, true);
  if (first) startTraining(model);
  memory.fill(model.staticEnd, 0, (end as usize) - model.staticEnd);
  return true;
}

function startTraining(model: Model): void {
  model.training = true;
  memory.fill(model.gradients, 0, model.trainableBytes);
  for (let s = 0; s < model.slotCount; s++) {
    const value = s == 0 ? model.slotInit0 : s == 1 ? model.slotInit1 : model.slotInit2;
    for (let at = model.slots + (s as usize) * model.trainableBytes, end = at + model.trainableBytes; at < end; at += 16) v128.store(at, f32x4.splat(value));
  }
  if (model.averagingDecay > 0) memory.copy(model.average, model.parameters, model.trainableBytes);
}

/** Whether the layer holds a weight matrix: dense, or a residual end with a projection. */
export function hasMatrix(layer: Layer): bool {
  return layer.kind == LayerKind.Dense || layer.projection;
}

/** Walks the memory map; returns where it ends. Writes pointers only when `commit` is set. */
function place(model: Model, rows: i32, batch: i32, training: bool, commit: bool): u64 {
  let at = (model.parameters as u64) + (model.parameterBytes as u64);
  const region = model.trainableBytes as u64;
  if (training || model.training) {
    if (commit) model.gradients = at as usize;
    at += region;
    if (commit) model.slots = at as usize;
    at += region * (model.slotCount as u64);
    if (commit) model.average = at as usize;
    if (model.averagingDecay > 0) at += region;
  }
  if (commit) {
    model.staticEnd = at as usize;
    model.windowRows = rows;
    model.batchRows = batch;
    model.xStride = strideOf(model.inputs);
    model.targetStride = padded(model.targetColumns);
    model.x = at as usize;
  }
  const windowRows = rows as u64;
  const batchRows = batch as u64;
  at += floatsToBytes(windowRows * (strideOf(model.inputs) as u64));
  if (commit) model.targets = at as usize;
  at += floatsToBytes(windowRows * (padded(model.targetColumns) as u64));
  if (commit) model.sampleWeights = at as usize;
  at += floatsToBytes(windowRows);
  if (commit) model.rates = at as usize;
  at += floatsToBytes(windowRows * 2);
  if (commit) model.losses = at as usize;
  at += floatsToBytes(windowRows * 2);
  if (commit) model.rowLosses = at as usize;
  at += floatsToBytes(batchRows * 2);
  const outputStride = strideOf(model.outputs);
  if (commit) {
    model.outputStride = outputStride;
    model.windowOutputs = at as usize;
  }
  if (training) at += floatsToBytes(windowRows * (outputStride as u64));
  if (commit) model.inputDelta = at as usize;
  at += floatsToBytes(batchRows * (strideOf(model.inputs) as u64));

  let transposed: u64 = 0; // the largest W^T
  let total: u64 = 0; // all of them
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    const buffer = floatsToBytes(batchRows * (strideOf(layer.outputs) as u64));
    if (commit) layer.stride = strideOf(layer.outputs);
    const last = i == model.layerCount - 1;
    const ownInput = layer.kind == LayerKind.ResidualBegin || (layer.kind == LayerKind.Activation && layer.activation == Activation.Identity && !last);
    if (commit) layer.y = ownInput ? 0 : (at as usize);
    if (!ownInput) at += buffer;
    // z apart from y: where the derivative wants it, where a fused loss reads it, and for PReLU's slope.
    const apart = layer.kind == LayerKind.Dense && layer.activation != Activation.Identity &&
      (needsInput(layer.activation) || layer.activation == Activation.Prelu || (last && model.fused));
    if (commit) layer.z = apart ? (at as usize) : layer.y;
    if (apart) at += buffer;
    // Deltas are there for prediction too: inputGradient walks back through a net that never trains.
    if (layer.kind == LayerKind.ResidualBegin) {
      if (commit) layer.delta = i == 0 ? model.inputDelta : layerAt(model, i - 1).delta;
    } else {
      if (commit) layer.delta = at as usize;
      at += buffer;
    }
    if (layer.kind == LayerKind.BatchNorm || layer.kind == LayerKind.LayerNorm) {
      if (commit) layer.cache = at as usize;
      at += buffer;
      if (commit) layer.scales = at as usize;
      at += floatsToBytes(layer.kind == LayerKind.BatchNorm ? (padded(layer.outputs) as u64) : batchRows);
    }
    if (hasMatrix(layer)) {
      const bytes = floatsToBytes(transposedFloats(layer.inputs, layer.outputs) as u64);
      if (bytes > transposed) transposed = bytes;
      total += bytes;
    }
  }
  if (commit) {
    model.outputs_ = layerAt(model, model.layerCount - 1).y;
    model.transposed = at as usize;
    let own = at;
    for (let i = 0; i < model.layerCount; i++) {
      const layer = layerAt(model, i);
      layer.transposed = (model.threads > 1 ? own : at) as usize;
      if (hasMatrix(layer)) own += floatsToBytes(transposedFloats(layer.inputs, layer.outputs) as u64);
    }
  }
  at += model.threads > 1 ? total : transposed;
  const packs = training && batch >= PACKED_FROM;
  if (commit) model.packed = packs ? (at as usize) : 0;
  return packs ? at + (max(1, model.threads) as u64) * (PACKED_BYTES as u64) : at;
}
