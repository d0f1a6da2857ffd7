// Second-order passes: the part of a loss that is on input gradients g = d output / d x, with its own gradient in the weights; and
// Hessians of outputs times vectors. For each output, after a forward pass:
//
//   adjoint   down: d output / d y and d output / d z of every layer, and at the bottom g
//   direction       c = d (loss on g) / d g, from g and what it should be
//   tangent   up:   the derivative of every y along c; the weights' gradient gains tangent(x)^T (d output / d z), and
//                   `turned` gathers f''(z) (d output / d y) tangent(z)
//   backward  down: passes.ts, once for all outputs, from the loss on values; `turned` joins d loss / d z on the way
//
// since the loss on g has the gradient of the tangent of the output along c, with c held fixed: six products in place of three.
// See: Huge and Savine 2020, https://arxiv.org/abs/2005.02347; Pearlmutter 1994 for Hessians times vectors.
//
// Adjoints run through the code that deltas run through: while they do, the two change places. One thread, every sum in one order.

import { LayerKind } from '../abi';
import { bendAdjoint, findCurves, turnTangent } from '../functions/curves';
import { copyDirections, direction } from '../functions/directions';
import { forwardProduct } from '../kernels/products';
import { addRows, rowAt } from '../kernels/rows';
import { denseGradient } from '../layers/dense';
import { edgeTangent, edgeGather } from '../layers/edges';
import { rescaleTangent } from '../layers/rescale';
import { Layer, layerAt, Model, strideOf } from '../memory/model';
import { backward, inputsLayer } from './passes';

/**
 * The mean over rows, outputs and inputs of weighted squared differences between g and the rows from `target` on; with
 * `learns` its gradient, divided by `divisor`, is added to that of the loss on values by this call and the backward() after it.
 */
export function derivativeLoss(model: Model, target: i32, weighted: bool, divisor: f64, learns: bool): f64 {
  if (learns && model.needsZero) {
    memory.fill(model.gradients, 0, model.trainableBytes);
    model.needsZero = false;
  }
  const numbers = (model.inputs * model.outputs) as f64;
  let sum: f64 = 0;
  begin(model);
  for (let output = 0; output < model.outputs; output++) {
    adjoint(model, output);
    sum += direction(model, target, output, weighted, (2 / (numbers * divisor)) as f32);
    if (learns) tangent(model, output > 0, true);
  }
  swap(model);
  model.bends = learns;
  return sum / (numbers * (model.rows as f64));
}

/** H v at model.inputDelta: H the Hessian of an output in x at each row, v the row at model.derivativeTargets. */
export function hessianProduct(model: Model, output: i32): void {
  const rows = model.rows;
  const last = layerAt(model, model.layerCount - 1);
  begin(model);
  adjoint(model, output);
  copyDirections(model);
  tangent(model, false, false);
  swap(model);
  memory.fill(last.delta, 0, ((rows * last.stride) as usize) << 2);
  model.fusedDelta = false;
  model.bends = true;
  backward(model, true, false, 0, 1);
  model.bends = false;
}

/** Derivatives of the activations; adjoints take the place of deltas until the swap back. */
function begin(model: Model): void {
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    if (bent(layer)) findCurves(layer, model.rows);
  }
  swap(model);
}

/** Whether the layer has an activation. */
function bent(layer: Layer): bool {
  return layer.kind == LayerKind.Dense || layer.kind == LayerKind.Activation;
}

function swap(model: Model): void {
  const input = model.inputDelta;
  model.inputDelta = model.inputAdjoint;
  model.inputAdjoint = input;
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    const delta = layer.delta;
    layer.delta = layer.adjoint;
    layer.adjoint = delta;
  }
}

/** From one output down to g, at model.inputDelta. */
function adjoint(model: Model, output: i32): void {
  const rows = model.rows;
  const last = layerAt(model, model.layerCount - 1);
  memory.fill(last.delta, 0, ((rows * last.stride) as usize) << 2);
  for (let r = 0; r < rows; r++) store<f32>(rowAt(last.delta, r, last.stride) + ((<usize>output) << 2), 1);
  for (let i = model.layerCount - 1; i >= 0; i--) {
    const layer = layerAt(model, i);
    const dx = i > 0 ? layerAt(model, i - 1).delta : model.inputDelta;
    if (model.branches) edgeGather(model, i, 0, rows);
    if (bent(layer)) bendAdjoint(layer, layer.kind == LayerKind.Dense ? layer.delta : dx, rows);
    inputsLayer(model, layer, dx, 0, rows, 1);
  }
  if (model.branches) edgeGather(model, -1, 0, rows);
}

/** The tangent of every layer along the direction at model.inputDelta; `turned` (+)= what it makes of second derivatives. */
function tangent(model: Model, adds: bool, learns: bool): void {
  const rows = model.rows;
  let t = model.inputDelta;
  let stride = model.xStride;
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    const gains = learns && layer.trainable;
    switch (layer.kind) {
      case LayerKind.Dense:
        product(model, layer, t, stride, gains);
        turnTangent(layer, layer.tangent, adds, rows);
        break;
      case LayerKind.Activation:
        turnTangent(layer, t, adds, rows);
        break;
      case LayerKind.Rescale:
        rescaleTangent(model, layer, t, gains);
        break;
      case LayerKind.Edge:
        if (layer.column > 0) layer.tangent = t;
        edgeTangent(model, layer);
        break;
      case LayerKind.ResidualBegin:
        layer.tangent = t;
        break;
      case LayerKind.ResidualEnd: {
        const begin = layerAt(model, layer.partner);
        const through = strideOf(begin.outputs);
        let shortcut = begin.tangent;
        let width = through;
        if (layer.projects) {
          product(model, layer, shortcut, through, gains);
          shortcut = layer.tangent;
          width = layer.stride;
        }
        addRows(layer.tangent, layer.stride, t, stride, shortcut, width, layer.outputs, 0, rows);
        break;
      }
      default:
        unreachable(); // refused before (src/training/derivatives.ts)
    }
    t = layer.tangent;
    stride = layer.stride;
  }
}

/** The tangent of x W, and with `gains` its part of the weights' gradient. */
function product(model: Model, layer: Layer, t: usize, stride: i32, gains: bool): void {
  if (gains) denseGradient(model, layer, t, stride, 0, layer.inputs, false, 0);
  forwardProduct(layer.tangent, layer.stride, t, stride, model.base + layer.weight, 0, model.rows, layer.inputs, layer.outputs);
}
