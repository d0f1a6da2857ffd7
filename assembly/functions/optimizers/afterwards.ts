// What follows the sweep: signs that weights keep, max-norm, weight averages where those moved the weights, and numbers too small to keep.

import { mulAdd, padded } from '../../kernels/lanes';
import { Layer, layerAt, Model, NONE, Tensor, tensorAt } from '../../memory/model';

/**
 * Weights of a sign they may not have become 0; max-norm: each unit's incoming weights at most `maxNorm` long; then the averages, which the
 * sweep left to this.
 */
export function boundWeights(model: Model): void {
  for (let i = 0; i < model.layerCount; i++) {
    const layer = layerAt(model, i);
    if (layer.signs != NONE) keepSigns(model, layer);
  }
  for (let i = 0; i < model.tensorCount; i++) {
    const tensor = tensorAt(model, i);
    if (!tensor.isWeight || tensor.frozen || tensor.maxNorm == Infinity) continue;
    // Four units at a time, down the panel.
    const width = padded(tensor.outputs);
    for (let c = 0; c < width; c += 4) {
      const panel = c & ~15;
      const panelWidth = min(16, width - panel);
      const start = model.parameters + tensor.offset + (((panel * tensor.inputs + (c & 15)) as usize) << 2);
      boundFour(start, (panelWidth as usize) << 2, tensor);
    }
  }
  if (model.averagingDecay > 0) averageWeights(model);
}

/** w = 0 where it is below 0 and its sign is to be 1, above 0 and -1, or anything else and none. NaN stays. */
function keepSigns(model: Model, layer: Layer): void {
  const zero = f32x4.splat(0);
  const end = model.parameters + layer.weight + (((layer.inputs * padded(layer.outputs)) as usize) << 2);
  let sign = model.parameters + layer.signs;
  for (let at = model.parameters + layer.weight; at < end; at += 16, sign += 16) {
    const w = v128.load(at);
    const s = v128.load(sign);
    const noneAbove = v128.or(f32x4.lt(s, zero), f32x4.gt(s, f32x4.splat(1)));
    const wrong = v128.or(v128.and(f32x4.lt(w, zero), f32x4.gt(s, zero)), v128.and(f32x4.gt(w, zero), noneAbove));
    v128.store(at, v128.andnot(w, wrong));
  }
}

function boundFour(start: usize, step: usize, tensor: Tensor): void {
  let squares = f32x4.splat(0);
  let w = start;
  for (let i = 0; i < tensor.inputs; i++, w += step) squares = f32x4.add(squares, f32x4.mul(v128.load(w), v128.load(w)));
  const limit = f32x4.splat(tensor.maxNorm);
  const norm = f32x4.sqrt(squares);
  const scale = f32x4.div(limit, f32x4.max(norm, limit));
  w = start;
  for (let i = 0; i < tensor.inputs; i++, w += step) v128.store(w, f32x4.mul(v128.load(w), scale));
}

/**
 * How far step `model.steps` moves averages towards the weights: 1 - decay, and with warm-up at least 9 / (10 + step), so that what the
 * weights were before training is soon forgotten.
 */
export function averagingShare(model: Model): f32 {
  const early = ((1 + model.steps) / (10 + model.steps)) as f32;
  return 1 - (model.averagingWarmsUp ? min(model.averagingDecay, early) : model.averagingDecay);
}

/** average += share (w - average) */
function averageWeights(model: Model): void {
  const share = f32x4.splat(model.averagingShare);
  for (let at: usize = 0; at < model.trainableBytes; at += 16) {
    const mean = v128.load(model.average + at);
    v128.store(model.average + at, mulAdd(share, f32x4.sub(v128.load(model.parameters + at), mean), mean));
  }
}

/** Steps between two calls of flush(). */
const FLUSH_EVERY: i64 = 64;

/**
 * Every 64 steps: slots and weights, bytes [from, to) of each region, that fell below the smallest normal float become 0.
 * What decays never reaches 0 by itself: it comes to rest among the subnormals (0.9 of the smallest few rounds back to
 * itself), where processors are slow. Measured on 784-128-10 with a tenth of Adam's slots there: 573 us a step, 407
 * without. A pass of its own, since on the way of every step it would cost an eighth. NaN stays.
 */
export function flush(model: Model, from: usize, to: usize): void {
  if ((model.steps as i64) % FLUSH_EVERY != 0) return;
  flushBytes(model.parameters + from, model.parameters + to);
  for (let s = 0; s < model.slotCount; s++) {
    const slot = model.slots + (s as usize) * model.trainableBytes;
    flushBytes(slot + from, slot + to);
  }
  // Powers of beta too, which Adam and others multiply in every step: 0.9^t is subnormal from step 6,724 on, and 1 less it was 1 long before.
  const powers = changetype<usize>(model) + offsetof<Model>('power1');
  for (let at = powers; at < powers + 32; at += 8) if (load<f64>(at) < 2.2250738585072014e-308) store<f64>(at, 0);
}

function flushBytes(from: usize, to: usize): void {
  const smallest = f32x4.splat(1.1754943508222875e-38);
  for (let at = from; at < to; at += 16) {
    const value = v128.load(at);
    v128.store(at, v128.andnot(value, f32x4.lt(f32x4.abs(value), smallest)));
  }
}
