// Losses of rows that tell how sure they are: quantiles, a mean and its variance.

import { firstLanes } from '../../kernels/lanes';
import { exp, log } from '../../kernels/math';
import { rowAt } from '../../kernels/rows';
import { layerAt, Model } from '../../memory/model';
import { addWide, skipRow, sumWide } from './rowSums';

/** Pinball with a level for each output; targets are each of as many outputs side by side. The mean over the outputs. */
export function levelRows(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
  const last = layerAt(model, model.layerCount - 1);
  const outputs = last.outputs;
  const each = outputs / model.targetColumns;
  for (let r = from; r < to; r++) {
    const weight = weighted ? load<f32>(model.sampleWeights + ((<usize>(target + r)) << 2)) : 1;
    const rowLoss = model.rowLosses + ((<usize>r) << 3);
    const delta = rowAt(last.delta, r, last.stride);
    skipRow(delta, outputs, rowLoss); // padding lanes too
    if (weight == 0) continue;
    const y = rowAt(last.y, r, last.stride);
    const t = rowAt(model.targets, target + r, model.targetStride);
    const factor = (((weight as f64) * (scale as f64)) / (outputs as f64)) as f32;
    let sum: f64 = 0;
    for (let j = 0; j < outputs; j++) {
      const at = (<usize>j) << 2;
      const level = load<f32>(model.lossLevels + at);
      const d = load<f32>(t + ((<usize>(j / each)) << 2)) - load<f32>(y + at);
      sum += (d < 0 ? (level - 1) * d : level * d) as f64;
      store<f32>(delta + at, (d > 0 ? -level : d < 0 ? 1 - level : d * 0) * factor);
    }
    store<f64>(rowLoss, (sum * (weight as f64)) / (outputs as f64));
  }
}

/**
 * (s + (m - t)^2 / e^s) / 2 of a mean m and the logarithm s of a variance, two outputs for each target; the mean over the targets. A variance below
 * the loss's parameter counts as that, without a gradient.
 */
export function gaussianRows(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
  const last = layerAt(model, model.layerCount - 1);
  const outputs = last.outputs;
  const share = 2 / (outputs as f64);
  const half = f32x4.splat(0.5);
  const least = log(f32x4.splat(model.lossParameter));
  for (let r = from; r < to; r++) {
    const weight = weighted ? load<f32>(model.sampleWeights + ((<usize>(target + r)) << 2)) : 1;
    const rowLoss = model.rowLosses + ((<usize>r) << 3);
    const delta = rowAt(last.delta, r, last.stride);
    if (weight == 0) {
      skipRow(delta, outputs, rowLoss);
      continue;
    }
    const y = rowAt(last.y, r, last.stride);
    const t = rowAt(model.targets, target + r, model.targetStride);
    const factor = f32x4.splat(((weight as f64) * share * (scale as f64)) as f32);
    let sums = f64x2.splat(0);
    // Four targets at a time: their means, their logarithms.
    for (let j = 0; j < outputs; j += 8) {
      const at = (<usize>j) << 2;
      const more = j + 4 < outputs;
      const low = v128.load(y + at);
      const high = more ? v128.load(y + at + 16) : f32x4.splat(0);
      const m = i32x4.shuffle(low, high, 0, 2, 4, 6);
      const s = i32x4.shuffle(low, high, 1, 3, 5, 7);
      const d = f32x4.sub(m, v128.load(t + (at >> 1)));
      const held = f32x4.pmax(least, s);
      const precision = exp(f32x4.neg(held));
      const ratio = f32x4.mul(f32x4.mul(d, precision), d);
      const mask = firstLanes((outputs - j) >> 1);
      sums = addWide(sums, v128.and(f32x4.mul(f32x4.add(held, ratio), half), mask));
      const slope = f32x4.mul(f32x4.sub(f32x4.splat(1), ratio), half);
      const ofMean = v128.and(f32x4.mul(f32x4.mul(d, precision), factor), mask);
      const ofSpread = v128.and(f32x4.mul(slope, factor), v128.andnot(mask, f32x4.lt(s, least)));
      v128.store(delta + at, i32x4.shuffle(ofMean, ofSpread, 0, 4, 1, 5));
      if (more) v128.store(delta + at + 16, i32x4.shuffle(ofMean, ofSpread, 2, 6, 3, 7));
    }
    store<f64>(rowLoss, sumWide(sums) * share * (weight as f64));
  }
}
