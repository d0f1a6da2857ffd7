// Layers that draw random numbers in training: dropout, additive noise, and dense layers that drop connections. The number at (row, column) of the layer's
// draw is a function of the layer's key, the draw, the row in the effective batch and the column: not of threads or of
// how the batch was split. See: Srivastava et al. 2014.

import { dropoutMask, mixWord, normal4 } from '../kernels/random';
import { padded } from '../kernels/lanes';
import { Layer, Model } from '../memory/model';
import { rowAt } from '../kernels/rows';

function drawKey(model: Model, layer: Layer): u32 {
  return mixWord(layer.key1 ^ (model.draws as u64 as u32));
}

function counters(model: Model, layer: Layer, row: i32, column: i32): v128 {
  return lanesFrom((model.effectiveRow + row) * layer.outputs + column);
}

function lanesFrom(first: i32): v128 {
  return i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
}

function thresholdOf(layer: Layer): u32 {
  return (layer.dropRate * 4294967296.0) as u64 as u32;
}

function scaleOf(layer: Layer): v128 {
  return f32x4.splat((1 / (1 - layer.dropRate)) as f32);
}

/** y = kept x / (1 - dropRate), else 0; with in = delta the backward pass is the same. Rows [from, to). */
export function dropoutRows(
  model: Model,
  layer: Layer,
  out: usize,
  outStride: i32,
  source: usize,
  sourceStride: i32,
  from: i32,
  to: i32,
): void {
  const key1 = drawKey(model, layer);
  const threshold = thresholdOf(layer);
  const scale = scaleOf(layer);
  const width = padded(layer.outputs);
  for (let r = from; r < to; r++) {
    const x = rowAt(source, r, sourceStride);
    const y = rowAt(out, r, outStride);
    for (let c = 0; c < width; c += 4) {
      const lane = (c as usize) << 2;
      const mask = dropoutMask(layer.key0, key1, counters(model, layer, r, c), threshold);
      v128.store(y + lane, v128.and(f32x4.mul(v128.load(x + lane), scale), mask)); // kept, or exactly +0 whatever x was
    }
  }
}

/** y = x + deviation * normal. Rows [from, to). */
export function noiseForward(model: Model, layer: Layer, from: i32, to: i32): void {
  const key1 = drawKey(model, layer);
  const deviation = f32x4.splat(layer.deviation as f32);
  const width = padded(layer.outputs);
  for (let r = from; r < to; r++) {
    const x = rowAt(layer.x, r, layer.xStride);
    const y = rowAt(layer.y, r, layer.stride);
    for (let c = 0; c < width; c += 4) {
      const lane = (c as usize) << 2;
      const normal = normal4(layer.key0, key1, counters(model, layer, r, c));
      v128.store(y + lane, f32x4.add(v128.load(x + lane), f32x4.mul(deviation, normal)));
    }
  }
}

/**
 * Connections kept and divided by 1 - dropRate, the others 0, with the weights of a dense layer or their gradient as `source`: out = them, or with
 * `adds` out += them. One draw for the whole batch, and for all batches of a step. Inputs [from, to). See: Wan et al. 2013.
 */
export function keptConnections(model: Model, layer: Layer, out: usize, source: usize, adds: bool, from: i32, to: i32): void {
  const key1 = drawKey(model, layer);
  const threshold = thresholdOf(layer);
  const scale = scaleOf(layer);
  const width = padded(layer.outputs);
  for (let c = 0; c < width; c += 4) {
    const panel = c & ~15;
    const panelWidth = min(16, width - panel);
    for (let i = from; i < to; i++) {
      const at = ((panel * layer.inputs + i * panelWidth + (c & 15)) as usize) << 2;
      const mask = dropoutMask(layer.key0, key1, lanesFrom(i * layer.outputs + c), threshold);
      let kept = v128.and(f32x4.mul(v128.load(source + at), scale), mask);
      if (adds) kept = f32x4.add(v128.load(out + at), kept);
      v128.store(out + at, kept);
    }
  }
}
