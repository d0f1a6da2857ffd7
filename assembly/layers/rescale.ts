// Rescaling by fixed numbers, forward and backward: y = gain n with n = (x - center) / scale, column by column; only the gain
// may be trained. The constants are one tensor: | center | what float32 loses of it | scale |, each a row of padded width.
// Where rows are read with the center already subtracted both center rows are zero. Padding lanes of scale are 1, so that
// those of n are finite. Rows [from, to) or columns [from, to) are one thread's share.

import { padded } from '../kernels/lanes';
import { Layer, Model } from '../memory/model';
import { rowAt } from '../kernels/rows';

/** The gain: weights of the forward pass when it is trained, a constant among the running statistics when it is not. */
function gainAt(model: Model, layer: Layer): usize {
  return (layer.gain < model.trainableBytes ? model.base : model.parameters) + layer.gain;
}

/** n for four columns. Subtracting the rounded center is exact for x near it; the rest of it then counts in full. */
function normal4(x: usize, constants: usize, row: usize): v128 {
  const high = v128.load(constants);
  const low = v128.load(constants + row);
  return f32x4.div(f32x4.sub(f32x4.sub(v128.load(x), high), low), v128.load(constants + 2 * row));
}

/** y = gain n, rows [from, to). */
export function rescaleForward(model: Model, layer: Layer, from: i32, to: i32): void {
  const row = (padded(layer.outputs) as usize) << 2;
  const constants = model.parameters + layer.constants;
  const gain = gainAt(model, layer);
  for (let r = from; r < to; r++) {
    const x = rowAt(layer.x, r, layer.xStride);
    const y = rowAt(layer.y, r, layer.stride);
    for (let lane: usize = 0; lane < row; lane += 16)
      v128.store(y + lane, f32x4.mul(v128.load(gain + lane), normal4(x + lane, constants + lane, row)));
  }
}

/** d gain (+)= sum over rows of dy n, columns [from, to) (multiples of 4), the whole batch. */
export function rescaleGradient(model: Model, layer: Layer, from: i32, to: i32): void {
  const row = (padded(layer.outputs) as usize) << 2;
  const constants = model.parameters + layer.constants;
  const gradient = model.gradients + layer.gain;
  for (let c = from; c < to; c += 4) {
    const lane = (c as usize) << 2;
    let dot = f32x4.splat(0);
    for (let r = 0; r < model.rows; r++) {
      const dy = v128.load(rowAt(layer.delta, r, layer.stride) + lane);
      dot = f32x4.add(dot, f32x4.mul(dy, normal4(rowAt(layer.x, r, layer.xStride) + lane, constants + lane, row)));
    }
    v128.store(gradient + lane, model.needsZero ? dot : f32x4.add(v128.load(gradient + lane), dot));
  }
}

/** dx = dy gain / scale, rows [from, to). */
export function rescaleInputs(model: Model, layer: Layer, dx: usize, from: i32, to: i32): void {
  const row = (padded(layer.outputs) as usize) << 2;
  const scale = model.parameters + layer.constants + 2 * row;
  const gain = gainAt(model, layer);
  for (let lane: usize = 0; lane < row; lane += 16) {
    const factor = f32x4.div(v128.load(gain + lane), v128.load(scale + lane));
    for (let r = from; r < to; r++)
      v128.store(rowAt(dx, r, layer.stride) + lane, f32x4.mul(v128.load(rowAt(layer.delta, r, layer.stride) + lane), factor));
  }
}

/** The tangent of y along x's tangent t; with `learns` also what d output / d y, where delta is, makes of it for the gain. Whole batch. */
export function rescaleTangent(model: Model, layer: Layer, t: usize, learns: bool): void {
  const row = (padded(layer.outputs) as usize) << 2;
  const scale = model.parameters + layer.constants + 2 * row;
  const gain = gainAt(model, layer);
  const gradient = model.gradients + layer.gain;
  for (let lane: usize = 0; lane < row; lane += 16) {
    const width = v128.load(scale + lane);
    const factor = f32x4.div(v128.load(gain + lane), width);
    let dot = f32x4.splat(0);
    for (let r = 0; r < model.rows; r++) {
      const x = v128.load(rowAt(t, r, layer.stride) + lane);
      dot = f32x4.add(dot, f32x4.mul(v128.load(rowAt(layer.delta, r, layer.stride) + lane), f32x4.div(x, width)));
      v128.store(rowAt(layer.tangent, r, layer.stride) + lane, f32x4.mul(x, factor));
    }
    if (learns) v128.store(gradient + lane, f32x4.add(v128.load(gradient + lane), dot));
  }
}
