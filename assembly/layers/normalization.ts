// Batch and layer normalisation, forward and backward. y = gamma n + beta with n = (x - mean) / sqrt(variance + epsilon),
// over the rows of the batch for each column, or over the columns of each row. Sums run in ascending row (or column)
// order. See: https://arxiv.org/abs/1502.03167, https://arxiv.org/abs/1607.06450

import { firstLanes, padded, sumLanes } from '../kernels/lanes';
import { Layer, Model } from '../memory/model';
import { rowAt } from '../kernels/rows';

/**
 * Batch statistics, running statistics and y for columns [from, to) (multiples of 4), all rows of the batch.
 * running = (1 - momentum) running + momentum new, the new variance unbiased unless the layer says
 * otherwise; a batch whose own are not finite leaves them.
 */
export function batchNormForward(model: Model, layer: Layer, from: i32, to: i32): void {
  const rows = model.rows;
  const count = f32x4.splat(rows as f32);
  const momentum = f32x4.splat(layer.statisticsMomentum as f32);
  const keep = f32x4.splat((1 - layer.statisticsMomentum) as f32);
  const xStep = (layer.xStride as usize) << 2;
  const yStep = (layer.stride as usize) << 2;
  for (let c = from; c < to; c += 4) {
    const lane = (c as usize) << 2;
    let sum = f32x4.splat(0);
    let x = layer.x + lane;
    for (let r = 0; r < rows; r++, x += xStep) sum = f32x4.add(sum, v128.load(x));
    const mean = f32x4.div(sum, count);
    let squares = f32x4.splat(0);
    x = layer.x + lane;
    for (let r = 0; r < rows; r++, x += xStep) {
      const off = f32x4.sub(v128.load(x), mean);
      squares = f32x4.add(squares, f32x4.mul(off, off));
    }
    const variance = f32x4.div(squares, count);
    const scale = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(layer.epsilon))));
    v128.store(layer.scales + lane, scale);
    const runningMean = model.parameters + layer.runningMean + lane;
    const runningVariance = model.parameters + layer.runningVariance + lane;
    const spread = layer.biasedVariance ? variance : f32x4.div(squares, f32x4.splat((rows - 1) as f32));
    const finite = f32x4.eq(f32x4.sub(spread, spread), f32x4.splat(0));
    move(runningMean, mean, keep, momentum, finite);
    move(runningVariance, spread, keep, momentum, finite);
    const gamma = v128.load(model.parameters + layer.gamma + lane);
    const beta = v128.load(model.parameters + layer.beta + lane);
    x = layer.x + lane;
    let n = layer.cache + lane;
    let y = layer.y + lane;
    for (let r = 0; r < rows; r++, x += xStep, n += yStep, y += yStep) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x), mean), scale);
      v128.store(n, normal);
      v128.store(y, f32x4.add(f32x4.mul(gamma, normal), beta));
    }
  }
}

function move(at: usize, value: v128, keep: v128, momentum: v128, where: v128): void {
  const old = v128.load(at);
  v128.store(at, v128.bitselect(f32x4.add(f32x4.mul(keep, old), f32x4.mul(momentum, value)), old, where));
}

/** y from the running statistics, rows [from, to). Leaves n and the scales for a backward pass. */
export function batchNormPredict(model: Model, layer: Layer, from: i32, to: i32): void {
  const width = padded(layer.outputs);
  for (let c = 0; c < width; c += 4) {
    const lane = (c as usize) << 2;
    const mean = v128.load(model.parameters + layer.runningMean + lane);
    const variance = v128.load(model.parameters + layer.runningVariance + lane);
    const scale = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(layer.epsilon))));
    v128.store(layer.scales + lane, scale);
    const gamma = v128.load(model.base + layer.gamma + lane);
    const beta = v128.load(model.base + layer.beta + lane);
    for (let r = from; r < to; r++) {
      const normal = f32x4.mul(f32x4.sub(v128.load(rowAt(layer.x, r, layer.xStride) + lane), mean), scale);
      v128.store(rowAt(layer.cache, r, layer.stride) + lane, normal);
      v128.store(rowAt(layer.y, r, layer.stride) + lane, f32x4.add(f32x4.mul(gamma, normal), beta));
    }
  }
}

/**
 * For columns [from, to), all rows: d gamma (+)= sum dy n, d beta (+)= sum dy, and with dx set
 * dx = gamma scale (dy - mean(dy) - n mean(dy n)); in evaluation the statistics are constants: dx = gamma scale dy.
 */
export function batchNormBackward(
  model: Model,
  layer: Layer,
  dx: usize,
  dxStride: i32,
  from: i32,
  to: i32,
  parameters: bool,
): void {
  const rows = model.rows;
  const share = f32x4.splat(1 / (rows as f32));
  const step = (layer.stride as usize) << 2;
  const dxStep = (dxStride as usize) << 2;
  for (let c = from; c < to; c += 4) {
    const lane = (c as usize) << 2;
    let sum = f32x4.splat(0);
    let dot = f32x4.splat(0);
    let dy = layer.delta + lane;
    let n = layer.cache + lane;
    for (let r = 0; r < rows; r++, dy += step, n += step) {
      const d = v128.load(dy);
      sum = f32x4.add(sum, d);
      dot = f32x4.add(dot, f32x4.mul(d, v128.load(n)));
    }
    if (parameters) {
      addTo(model.gradients + layer.gamma + lane, dot, !model.needsZero);
      addTo(model.gradients + layer.beta + lane, sum, !model.needsZero);
    }
    if (dx == 0) continue;
    const factor = f32x4.mul(v128.load(model.base + layer.gamma + lane), v128.load(layer.scales + lane));
    let meanSum = f32x4.mul(sum, share);
    let meanDot = f32x4.mul(dot, share);
    if (model.evaluating) meanSum = meanDot = f32x4.splat(0);
    dy = layer.delta + lane;
    n = layer.cache + lane;
    let out = dx + lane;
    for (let r = 0; r < rows; r++, dy += step, n += step, out += dxStep) {
      const inner = f32x4.sub(f32x4.sub(v128.load(dy), meanSum), f32x4.mul(v128.load(n), meanDot));
      v128.store(out, f32x4.mul(factor, inner));
    }
  }
}

function addTo(at: usize, value: v128, adds: bool): void {
  v128.store(at, adds ? f32x4.add(v128.load(at), value) : value);
}

/** y and n for rows [from, to): mean and biased variance over the row's columns. */
export function layerNormForward(model: Model, layer: Layer, from: i32, to: i32): void {
  const width = layer.outputs;
  const whole = width & ~3;
  const count = width as f32;
  const tail = firstLanes(width - whole);
  for (let r = from; r < to; r++) {
    const x = rowAt(layer.x, r, layer.xStride);
    const n = rowAt(layer.cache, r, layer.stride);
    const y = rowAt(layer.y, r, layer.stride);
    let sum = f32x4.splat(0);
    let c = 0;
    for (; c < whole; c += 4) sum = f32x4.add(sum, v128.load(x + ((c as usize) << 2)));
    if (whole < width) sum = f32x4.add(sum, v128.and(v128.load(x + ((whole as usize) << 2)), tail));
    const mean = f32x4.splat(sumLanes(sum) / count);
    let squares = f32x4.splat(0);
    for (c = 0; c < width; c += 4) {
      let off = f32x4.sub(v128.load(x + ((c as usize) << 2)), mean);
      if (c == whole) off = v128.and(off, tail);
      v128.store(n + ((c as usize) << 2), off);
      squares = f32x4.add(squares, f32x4.mul(off, off));
    }
    const scale: f32 = 1 / sqrt<f32>(sumLanes(squares) / count + layer.epsilon);
    f32.store(layer.scales + ((r as usize) << 2), scale);
    for (c = 0; c < width; c += 4) {
      const lane = (c as usize) << 2;
      const normal = f32x4.mul(v128.load(n + lane), f32x4.splat(scale));
      v128.store(n + lane, normal);
      v128.store(
        y + lane,
        f32x4.add(f32x4.mul(v128.load(model.base + layer.gamma + lane), normal), v128.load(model.base + layer.beta + lane)),
      );
    }
  }
}

/** dx = scale (gamma dy - mean(gamma dy) - n mean(gamma dy n)) for rows [from, to). */
export function layerNormInputs(model: Model, layer: Layer, dx: usize, dxStride: i32, from: i32, to: i32): void {
  const width = layer.outputs;
  const count = width as f32;
  const gammas = model.base + layer.gamma;
  const whole = width & ~3;
  const tail = firstLanes(width - whole);
  for (let r = from; r < to; r++) {
    const dy = rowAt(layer.delta, r, layer.stride);
    const n = rowAt(layer.cache, r, layer.stride);
    const out = rowAt(dx, r, dxStride);
    let sum = f32x4.splat(0);
    let dot = f32x4.splat(0);
    for (let c = 0; c < width; c += 4) {
      const lane = (c as usize) << 2;
      const d = f32x4.mul(v128.load(dy + lane), v128.load(gammas + lane)); // padding of gamma is zero
      sum = f32x4.add(sum, d);
      dot = f32x4.add(dot, f32x4.mul(d, v128.load(n + lane)));
    }
    const meanSum = f32x4.splat(sumLanes(sum) / count);
    const meanDot = f32x4.splat(sumLanes(dot) / count);
    const scale = f32x4.splat(f32.load(layer.scales + ((r as usize) << 2)));
    for (let c = 0; c < width; c += 4) {
      const lane = (c as usize) << 2;
      const d = f32x4.mul(v128.load(dy + lane), v128.load(gammas + lane));
      let value = f32x4.mul(scale, f32x4.sub(f32x4.sub(d, meanSum), f32x4.mul(v128.load(n + lane), meanDot)));
      if (c == whole) value = v128.and(value, tail);
      v128.store(out + lane, value);
    }
  }
}

/** d gamma (+)= sum dy n, d beta (+)= sum dy, columns [from, to), all rows. */
export function layerNormGradient(model: Model, layer: Layer, from: i32, to: i32): void {
  batchNormBackward(model, layer, 0, 0, from, to, true);
}
