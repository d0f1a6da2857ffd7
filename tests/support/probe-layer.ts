// Activations, losses and layers one at a time, by pointer: on a model of a single layer, made for the call.

import {
  activate as activateLayer,
  activateBackward as backward,
  preluSlopeGradient as slopeGradient,
} from '../../assembly/functions/sweeps';
import { OptimizerField } from '../../assembly/abi';
import { lossRows as lossOfRows } from '../../assembly/functions/losses';
import { advance } from '../../assembly/functions/optimizers/step';
import { Layer, Model, theModel } from '../../assembly/memory/model';
import { forward } from '../../assembly/network/passes';

export { needsInput } from '../../assembly/functions/activations';
export { sumRows } from '../../assembly/functions/losses';

/** The instance's model, wiped, with one layer right behind it. */
function oneLayer(stride: i32, width: i32): Layer {
  const model = theModel();
  const at = changetype<usize>(model) + offsetof<Model>();
  memory.fill(changetype<usize>(model), 0, offsetof<Model>() + offsetof<Layer>());
  model.layers = at;
  model.layerCount = 1;
  const layer = changetype<Layer>(at);
  layer.outputs = width;
  layer.stride = stride;
  return layer;
}

function activation(id: i32, y: usize, z: usize, stride: i32, width: i32): Layer {
  const layer = oneLayer(stride, width);
  layer.activation = id;
  layer.y = y;
  layer.z = z;
  layer.coefficient2 = 1; // of the polynomial that is meant where nothing is said: z^2
  return layer;
}

/** y[rows][width] = f(z). */
export function activate(id: i32, y: usize, z: usize, stride: i32, rows: i32, width: i32, a: f32, b: f32): void {
  const layer = activation(id, y, z, stride, width);
  layer.activationA = a;
  layer.activationB = b;
  activateLayer(layer, 0, 0, rows);
}

/** dz[rows][width] = dy f'(z). */
export function activateBackward(
  id: i32,
  dz: usize,
  dy: usize,
  z: usize,
  y: usize,
  stride: i32,
  rows: i32,
  width: i32,
  a: f32,
  b: f32,
): void {
  const layer = activation(id, y, z, stride, width);
  layer.delta = dy;
  layer.activationA = a;
  layer.activationB = b;
  backward(layer, dz, 0, 0, rows);
}

/** PReLU: y = f(z). */
export function preluForward(id: i32, y: usize, z: usize, stride: i32, rows: i32, width: i32, slopes: usize, shared: bool): void {
  const layer = activation(id, y, z, stride, width);
  layer.sharesSlope = shared;
  layer.slope = slopes;
  activateLayer(layer, 0, 0, rows);
}

/** PReLU: dz = dy f'(z). */
export function preluBackward(
  id: i32,
  dz: usize,
  dy: usize,
  z: usize,
  stride: i32,
  rows: i32,
  width: i32,
  slopes: usize,
  shared: bool,
): void {
  const layer = activation(id, 0, z, stride, width);
  layer.delta = dy;
  layer.sharesSlope = shared;
  layer.slope = slopes;
  backward(layer, dz, 0, 0, rows);
}

/** PReLU: dSlopes += d loss / d slopes. */
export function preluSlopeGradient(dSlopes: usize, dy: usize, z: usize, stride: i32, rows: i32, width: i32, shared: bool): void {
  const layer = oneLayer(stride, width);
  layer.delta = dy;
  layer.z = z;
  layer.sharesSlope = shared;
  slopeGradient(layer, dSlopes, rows);
}

/** Losses and gradients of rows whose outputs (or pre-activations, fused) are y. */
export function lossRows(
  id: i32,
  delta: usize,
  y: usize,
  stride: i32,
  fused: bool,
  targets: usize,
  targetStride: i32,
  weights: usize,
  rowLosses: usize,
  rows: i32,
  outputs: i32,
  scale: f32,
  a: f32,
): void {
  const layer = oneLayer(stride, outputs);
  const model = theModel();
  layer.delta = delta;
  if (fused) layer.z = y;
  else layer.y = y;
  model.loss = id;
  model.lossParameter = a;
  model.lossIsFused = fused;
  model.lossScale = 1;
  model.targets = targets;
  model.targetStride = targetStride;
  model.sampleWeights = weights;
  model.rowLosses = rowLosses;
  lossOfRows(model, 0, weights != 0, scale, 0, rows);
}

/** A forward pass through a layer of some kind: nothing but its kind is set. */
export function forwardKind(kind: i32): void {
  oneLayer(4, 4).kind = kind;
  forward(theModel(), 0, 1);
}

/** An optimizer step by some rule, on a model without tensors; its constants are in a record of zeros. */
export function stepBy(rule: i32): void {
  const layer = oneLayer(4, 4);
  const model = theModel();
  model.rule = rule;
  model.optimizer = changetype<usize>(layer) + offsetof<Layer>();
  memory.fill(model.optimizer, 0, OptimizerField.Count * 8);
  advance(model, 1 << 16);
}
