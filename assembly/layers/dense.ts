// Dense layers: y = f(x W + b), forward and backward, through the products and an activation sweep. Also the projection
// of residual blocks, which is a dense layer without bias. Assumes padding lanes of W and of deltas are zero.
// Knows nothing of losses. Rows [from, to) are one thread's share of the batch.

import { PANEL } from '../abi';
import { TRAINS } from '../build';
import { activate, preluSlopeGradient } from '../functions/sweeps';
import { biasGradient, forwardProduct, inputGradient, PACKED_BYTES, ROWS, weightGradient } from '../kernels/products';
import { padded } from '../kernels/lanes';
import { transposePanelRange } from '../kernels/panels';
import { Layer, Model, NONE } from '../memory/model';
import { keptConnections } from './noise';
import { rowAt } from '../kernels/rows';

/** Whether the last forward pass dropped connections of this layer: then it read the weights kept, at layer.dropped, and room for a gradient follows. */
function drops(model: Model, layer: Layer): bool {
  return TRAINS && layer.dropped != 0 && !model.evaluating;
}

/** The weights that the last forward pass read. */
function weightsOf(model: Model, layer: Layer): usize {
  return drops(model, layer) ? layer.dropped : model.base + layer.weight;
}

/** Before a forward pass in training: the weights it is to read, of inputs [from, to). */
export function dropWeights(model: Model, layer: Layer, from: i32, to: i32): void {
  keptConnections(model, layer, layer.dropped, model.base + layer.weight, false, from, to);
}

/** y[rows][outputs] = f(x W + b). */
export function denseForward(model: Model, layer: Layer, from: i32, to: i32): void {
  const bias: usize = layer.bias == NONE ? 0 : model.base + layer.bias;
  // The activation follows while the rows are still in cache: the products' own blocks are as long.
  for (let first = from; first < to; first += ROWS) {
    const rows = min(ROWS, to - first);
    forwardProduct(
      rowAt(layer.z, first, layer.stride),
      layer.stride,
      rowAt(layer.x, first, layer.xStride),
      layer.xStride,
      weightsOf(model, layer),
      bias,
      rows,
      layer.inputs,
      layer.outputs,
    );
    activate(layer, model.base, first, first + rows);
  }
}

/** d slope (+)= sum over rows of delta min(z, 0): before activateBackward overwrites delta. Whole batch. */
export function slopeGradient(model: Model, layer: Layer): void {
  const slopes = model.gradients + layer.slope;
  if (model.needsZero) memory.fill(slopes, 0, ((layer.sharesSlope ? 16 : (layer.outputs + 15) & ~15) as usize) << 2);
  preluSlopeGradient(layer, slopes, model.rows);
}

/** dW (+)= x^T delta (BP4) for inputs [from, to), and with `bias` db (+)= sum of delta (BP3). Whole batch; thread t packs. */
export function denseGradient(model: Model, layer: Layer, x: usize, xStride: i32, from: i32, to: i32, bias: bool, t: i32): void {
  const adds = !model.needsZero;
  const apart = drops(model, layer);
  const gradient = model.gradients + layer.weight;
  const own = apart ? layer.dropped + (((layer.inputs * padded(layer.outputs)) as usize) << 2) : gradient;
  weightGradient(
    own,
    x,
    xStride,
    layer.delta,
    layer.stride,
    model.rows,
    layer.inputs,
    layer.outputs,
    from,
    to,
    adds && !apart,
    model.packed ? model.packed + (t as usize) * PACKED_BYTES : 0,
  );
  if (apart) keptConnections(model, layer, gradient, own, adds, from, to);
  if (TRAINS && layer.signs != NONE) dropMissing(model, layer, from, to);
  if (bias && layer.bias != NONE)
    biasGradient(model.gradients + layer.bias, layer.delta, layer.stride, model.rows, layer.outputs, adds);
}

/** Gradients of connections that are not there become 0: inputs [from, to). */
function dropMissing(model: Model, layer: Layer, from: i32, to: i32): void {
  const width = padded(layer.outputs);
  for (let c = 0; c < width; c += PANEL) {
    const panel = min(PANEL, width - c);
    const start = ((c * layer.inputs + from * panel) as usize) << 2;
    const end = ((c * layer.inputs + to * panel) as usize) << 2;
    for (let at = start; at < end; at += 16) {
      const gradient = model.gradients + layer.weight + at;
      const missing = f32x4.gt(v128.load(model.parameters + layer.signs + at), f32x4.splat(1));
      v128.store(gradient, v128.andnot(v128.load(gradient), missing));
    }
  }
}

/** W^T in panels, for denseInputs: inputs [from, to), in multiples of a panel. */
export function denseTranspose(model: Model, layer: Layer, from: i32, to: i32): void {
  transposePanelRange(
    layer.transposed,
    weightsOf(model, layer),
    layer.inputs,
    layer.outputs,
    from / PANEL,
    (to + PANEL - 1) / PANEL,
  );
}

/** dx = delta W^T (BP2), or with `adds` dx += it. */
export function denseInputs(layer: Layer, dx: usize, dxStride: i32, from: i32, to: i32, adds: bool): void {
  inputGradient(
    rowAt(dx, from, dxStride),
    dxStride,
    rowAt(layer.delta, from, layer.stride),
    layer.stride,
    layer.transposed,
    to - from,
    layer.inputs,
    layer.outputs,
    adds,
  );
}
