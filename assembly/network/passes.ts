// The walks over the layers: forward, and back. Each runs as thread `t` of `n`: rows are shared where layers work row by
// row, columns where they work over the whole batch, with a barrier between; a single thread (0 of 1) meets no barrier.
// The bits do not depend on n: every output element is one thread's, summed in one fixed order.

import { Activation, LayerKind } from '../abi';
import { TRAINS } from '../build';
import { padded } from '../kernels/lanes';
import { workIn } from '../kernels/tanh';
import { turnDelta } from '../functions/curves';
import { activate, activateBackward } from '../functions/sweeps';
import { edgeForward, edgeGather } from '../layers/edges';
import { denseForward, denseGradient, denseInputs, denseTranspose, dropWeights, slopeGradient } from '../layers/dense';
import { embeddingForward, embeddingGradient, embeddingInputs } from '../layers/embedding';
import { dropoutRows, noiseForward } from '../layers/noise';
import {
  batchNormBackward,
  batchNormForward,
  batchNormPredict,
  layerNormForward,
  layerNormGradient,
  layerNormInputs,
} from '../layers/normalization';
import { rescaleForward, rescaleGradient, rescaleInputs } from '../layers/rescale';
import { residualForward, residualInputs } from '../layers/residual';
import { copyRows, rowAt } from '../kernels/rows';
import { hasMatrix, Layer, layerAt, Model, strideOf, THREAD_SCRATCH } from '../memory/model';
import { barrier, shareEnd, shareStart } from './threads';

/** Rows of the batch through every layer. Uses model.first, rows, evaluating, base. */
export function forward(model: Model, t: i32, n: i32): void {
  const rows = model.rows;
  const from = shareStart(rows, t, n, 8);
  const to = shareEnd(rows, t, n, 8);
  if (TRAINS && n > 1) workIn(model.scratch + (t as usize) * THREAD_SCRATCH);
  if (TRAINS && model.dropsWeights && !model.evaluating) {
    for (let i = 0; i < model.layerCount; i++) {
      const layer = layerAt(model, i);
      if (layer.dropped) dropWeights(model, layer, shareStart(layer.inputs, t, n, 8), shareEnd(layer.inputs, t, n, 8));
    }
    barrier(model, n);
  }
  let x = rowAt(model.x, model.first, model.xStride);
  let xStride = model.xStride;
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    layer.x = x; // every thread writes the same
    layer.xStride = xStride;
    if (layer.kind == LayerKind.Activation) layer.z = x;
    if (layer.inPlace) layer.y = x;
    forwardLayer(model, layer, from, to, t, n);
    x = layer.y;
    xStride = layer.stride;
  }
}

function forwardLayer(model: Model, layer: Layer, from: i32, to: i32, t: i32, n: i32): void {
  switch (layer.kind) {
    case LayerKind.Dense:
      denseForward(model, layer, from, to);
      break;
    case LayerKind.Activation:
      if (layer.y != layer.x) activate(layer, model.base, from, to);
      break;
    case LayerKind.BatchNorm:
      if (!TRAINS || model.evaluating) {
        batchNormPredict(model, layer, from, to);
      } else {
        const width = padded(layer.outputs);
        barrier(model, n);
        batchNormForward(model, layer, shareStart(width, t, n, 16), shareEnd(width, t, n, 16));
        barrier(model, n);
      }
      break;
    case LayerKind.LayerNorm:
      layerNormForward(model, layer, from, to);
      break;
    case LayerKind.Rescale:
      rescaleForward(model, layer, from, to);
      break;
    case LayerKind.Embedding:
      embeddingForward(model, layer, from, to);
      break;
    case LayerKind.Dropout:
      if (!TRAINS || model.evaluating) copyRows(layer.y, layer.stride, layer.x, layer.xStride, layer.outputs, from, to);
      else dropoutRows(model, layer, layer.y, layer.stride, layer.x, layer.xStride, from, to);
      break;
    case LayerKind.Noise:
      if (!TRAINS || model.evaluating) copyRows(layer.y, layer.stride, layer.x, layer.xStride, layer.outputs, from, to);
      else noiseForward(model, layer, from, to);
      break;
    case LayerKind.ResidualEnd:
      residualForward(model, layer, layerAt(model, layer.partner), from, to);
      break;
    case LayerKind.Edge:
      edgeForward(model, layer, from, to);
      break;
    case LayerKind.ResidualBegin:
      break; // passes x on
    default:
      unreachable(); // an id that this build does not know
  }
}

/**
 * From the last layer's delta down: gradients of the parameters (with `parameters`) and d loss / d x of the batch (with
 * `inputs`). Layers below the lowest trainable one are left alone unless the inputs' gradient is wanted.
 */
export function backward(model: Model, inputs: bool, parameters: bool, t: i32, n: i32): void {
  const rows = model.rows;
  const from = shareStart(rows, t, n, 8);
  const to = shareEnd(rows, t, n, 8);
  let stop = model.layerCount; // the lowest layer whose inputs' gradient nobody needs
  if (inputs) stop = -1;
  else for (stop = 0; stop < model.layerCount - 1 && !layerAt(model, stop).trainable; ) stop++;
  if (n > 1) {
    // Nobody asks for the lowest layer's own.
    for (let i = stop + 1; i < model.layerCount; i++) {
      const layer = layerAt(model, i);
      if (hasMatrix(layer)) denseTranspose(model, layer, shareStart(layer.inputs, t, n, 16), shareEnd(layer.inputs, t, n, 16));
    }
    barrier(model, n);
  }
  for (let i = model.layerCount - 1; i >= max(stop, 0); i--) {
    const layer = layerAt(model, i);
    const dx = i > 0 ? layerAt(model, i - 1).delta : model.inputDelta;
    if (model.branches) edgeGather(model, i, from, to);
    deltaLayer(model, layer, i, dx, i > stop, parameters, from, to, t, n);
    if (parameters && n == 1) gradientLayer(model, layer, 0, 1);
    if (i > stop) inputsLayer(model, layer, dx, from, to, n);
  }
  if (inputs && model.branches) edgeGather(model, -1, from, to);
  if (parameters && n > 1) {
    barrier(model, n);
    for (let i = model.layerCount - 1; i >= max(stop, 0); i--) gradientLayer(model, layerAt(model, i), t, n);
    barrier(model, n);
  }
}

/** What must happen to a layer's own delta before its gradients are taken, and layers whose dx comes with it. */
function deltaLayer(
  model: Model,
  layer: Layer,
  i: i32,
  dx: usize,
  wanted: bool,
  parameters: bool,
  from: i32,
  to: i32,
  t: i32,
  n: i32,
): void {
  const skips = model.fusedDelta && i == model.layerCount - 1;
  const bends = TRAINS && model.bends && (layer.kind == LayerKind.Dense || layer.kind == LayerKind.Activation);
  if (bends) {
    turnDelta(layer, layer.kind == LayerKind.Dense ? layer.delta : dx, skips, model.rows);
    return;
  }
  switch (layer.kind) {
    case LayerKind.Dense:
      if (skips) break;
      if (layer.activation == Activation.Prelu) wholeSlope(model, layer, parameters, t, n);
      activateBackward(layer, layer.delta, model.base, from, to);
      break;
    case LayerKind.Activation:
      if (layer.activation == Activation.Prelu) wholeSlope(model, layer, parameters, t, n);
      if (skips) copyRows(dx, layer.stride, layer.delta, layer.stride, layer.outputs, from, to);
      else activateBackward(layer, dx, model.base, from, to);
      break;
    case LayerKind.BatchNorm: {
      const width = padded(layer.outputs);
      barrier(model, n);
      batchNormBackward(
        model,
        layer,
        wanted ? dx : 0,
        layer.stride,
        shareStart(width, t, n, 16),
        shareEnd(width, t, n, 16),
        parameters && layer.trainable,
      );
      barrier(model, n);
    }
  }
}

function wholeSlope(model: Model, layer: Layer, parameters: bool, t: i32, n: i32): void {
  barrier(model, n);
  if (t == 0 && parameters && layer.trainable) slopeGradient(model, layer);
  barrier(model, n);
}

/** Gradients of the layer's weights and biases: thread t's share of the inputs (or columns), the whole batch. */
function gradientLayer(model: Model, layer: Layer, t: i32, n: i32): void {
  if (!layer.trainable) return;
  switch (layer.kind) {
    case LayerKind.ResidualEnd:
      if (!layer.projects) break;
      // The projection reads the block's input.
      const begin = layerAt(model, layer.partner);
      denseGradient(
        model,
        layer,
        begin.x,
        begin.xStride,
        shareStart(layer.inputs, t, n, 8),
        shareEnd(layer.inputs, t, n, 8),
        false,
        t,
      );
      break;
    case LayerKind.Dense:
      denseGradient(
        model,
        layer,
        layer.x,
        layer.xStride,
        shareStart(layer.inputs, t, n, 8),
        shareEnd(layer.inputs, t, n, 8),
        t == n - 1,
        t,
      );
      break;
    case LayerKind.LayerNorm:
      layerNormGradient(model, layer, shareStart(padded(layer.outputs), t, n, 16), shareEnd(padded(layer.outputs), t, n, 16));
      break;
    case LayerKind.Rescale:
      rescaleGradient(model, layer, shareStart(padded(layer.outputs), t, n, 16), shareEnd(padded(layer.outputs), t, n, 16));
      break;
    case LayerKind.Embedding:
      embeddingGradient(model, layer, shareStart(layer.categories, t, n, 8), shareEnd(layer.categories, t, n, 8));
  }
}

/** d loss / d x of a layer, into the delta of the layer before. */
export function inputsLayer(model: Model, layer: Layer, dx: usize, from: i32, to: i32, n: i32): void {
  switch (layer.kind) {
    case LayerKind.Dense:
      if (n == 1) denseTranspose(model, layer, 0, layer.inputs);
      denseInputs(layer, dx, strideOf(layer.inputs), from, to, false);
      break;
    case LayerKind.LayerNorm:
      layerNormInputs(model, layer, dx, layer.stride, from, to);
      break;
    case LayerKind.Rescale:
      rescaleInputs(model, layer, dx, from, to);
      break;
    case LayerKind.Embedding:
      embeddingInputs(layer, dx, strideOf(layer.inputs), from, to);
      break;
    case LayerKind.Dropout:
      if (!TRAINS || model.evaluating) copyRows(dx, layer.stride, layer.delta, layer.stride, layer.outputs, from, to);
      else dropoutRows(model, layer, dx, layer.stride, layer.delta, layer.stride, from, to);
      break;
    case LayerKind.Noise:
    case LayerKind.ResidualEnd:
      copyRows(dx, layer.stride, layer.delta, layer.stride, layer.outputs, from, to);
      break;
    case LayerKind.ResidualBegin: {
      const end = layerAt(model, layer.partner);
      if (n == 1 && end.projects) denseTranspose(model, end, 0, end.inputs);
      residualInputs(layer, end, from, to);
    }
  }
}
