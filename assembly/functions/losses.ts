// Losses: value and gradient of each row. Values are computed in float32 and summed in float64, ascending over columns,
// so a row's loss depends on neither its neighbours nor the thread. Logits of any finite size give finite losses.
// A row of weight 0 counts as absent: loss and gradient 0, whatever it holds.

import { Loss } from '../abi';
import { firstLanes, mulAdd, select, sumLanes } from '../kernels/lanes';
import { exp, expm1, log, log1p, prepareMath, sigmoid, tanh } from '../kernels/math';
import { rowAt } from '../kernels/rows';
import { layerAt, Model } from '../memory/model';
import { maskedLogits, rowMax } from './sweeps';

// Elementwise rules: value(y, t, a) of an output y against a target t, gradient(y, t, a) = d value / dy.
interface Rule {
  value(y: v128, t: v128, a: v128): v128;
  gradient(y: v128, t: v128, a: v128): v128;
}

/** (y - t)^2. */
@unmanaged
@final
class MeanSquaredError {
  value(y: v128, t: v128, a: v128): v128 {
    const d = f32x4.sub(y, t);
    return f32x4.mul(d, d);
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.mul(f32x4.sub(y, t), f32x4.splat(2));
  }
}

/** |y - t|. The gradient at y = t is 0. */
@unmanaged
@final
class MeanAbsoluteError {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.abs(f32x4.sub(y, t));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const above = v128.and(f32x4.gt(y, t), f32x4.splat(1));
    return f32x4.sub(above, v128.and(f32x4.lt(y, t), f32x4.splat(1)));
  }
}

/** d^2 / 2 for |d| <= a, a (|d| - a / 2) beyond, d = y - t: with c = d clamped to +-a both are c (d - c / 2). */
@unmanaged
@final
class Huber {
  value(y: v128, t: v128, a: v128): v128 {
    const d = f32x4.sub(y, t);
    const c = f32x4.pmin(f32x4.pmax(d, f32x4.neg(a)), a);
    return f32x4.mul(c, f32x4.sub(d, f32x4.mul(c, f32x4.splat(0.5))));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.pmin(f32x4.pmax(f32x4.sub(y, t), f32x4.neg(a)), a);
  }
}

/** log(cosh(y - t)). */
@unmanaged
@final
class LogCosh {
  value(y: v128, t: v128, a: v128): v128 {
    // With m = e^-|d| - 1: log(1 + m^2 / (2 (1 + m))) near 0, |d| - log 2 + log(1 + e^-2|d|) from 1 on; neither cancels.
    const d = f32x4.abs(f32x4.sub(y, t));
    const m = expm1(f32x4.neg(d));
    const e = f32x4.add(m, f32x4.splat(1));
    const far = f32x4.ge(d, f32x4.splat(1));
    const near = f32x4.div(f32x4.mul(m, m), f32x4.add(e, e));
    const straight = v128.and(far, f32x4.sub(d, f32x4.splat(0.693147181)));
    return f32x4.add(straight, log1p(select(far, f32x4.mul(e, e), near)));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return tanh(f32x4.sub(y, t));
  }
}

const CLOSE: f32 = 1e-7; // probabilities stay this far from 0 and 1 (Keras's epsilon)

/** -t log p - (1 - t) log(1 - p), p = y. p and 1 - p are taken as at least 1e-7, in the gradient too: it never vanishes. */
@unmanaged
@final
class BinaryCrossEntropy {
  value(y: v128, t: v128, a: v128): v128 {
    const one = f32x4.splat(1);
    const target = smoothed(t, a);
    const yes = f32x4.mul(target, log(f32x4.pmax(y, f32x4.splat(CLOSE))));
    const no = f32x4.mul(f32x4.sub(one, target), log(f32x4.pmax(f32x4.sub(one, y), f32x4.splat(CLOSE))));
    return f32x4.neg(f32x4.add(yes, no));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const one = f32x4.splat(1);
    const target = smoothed(t, a);
    const yes = f32x4.div(target, f32x4.pmax(y, f32x4.splat(CLOSE)));
    const no = f32x4.div(f32x4.sub(one, target), f32x4.pmax(f32x4.sub(one, y), f32x4.splat(CLOSE)));
    return f32x4.sub(no, yes);
  }
}

/** The same of p = sigmoid(z): max(z, 0) - z t + log(1 + e^-|z|), with gradient sigmoid(z) - t. */
@unmanaged
@final
class BinaryCrossEntropyLogits {
  value(z: v128, t: v128, a: v128): v128 {
    const straight = f32x4.sub(f32x4.pmax(z, f32x4.splat(0)), f32x4.mul(z, smoothed(t, a)));
    return f32x4.add(straight, log1p(exp(f32x4.neg(f32x4.abs(z)))));
  }
  gradient(z: v128, t: v128, a: v128): v128 {
    return f32x4.sub(sigmoid(z), smoothed(t, a));
  }
}

/** Label smoothing for two classes: t (1 - s) + s / 2. */
function smoothed(t: v128, s: v128): v128 {
  return mulAdd(t, f32x4.sub(f32x4.splat(1), s), f32x4.mul(s, f32x4.splat(0.5)));
}

/** max(0, 1 - t y), t = -1 or 1. The gradient at the hinge is 0. */
@unmanaged
@final
class Hinge {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return v128.and(f32x4.lt(f32x4.mul(t, y), f32x4.splat(1)), f32x4.neg(t));
  }
}

/** max(0, 1 - t y)^2, t = -1 or 1. */
@unmanaged
@final
class SquaredHinge {
  value(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    return f32x4.mul(rest, rest);
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    return f32x4.mul(f32x4.mul(rest, t), f32x4.splat(-2));
  }
}

/** max(0, 1 - t y)^2 where t y >= -1, -4 t y below, t = -1 or 1: with c = min(r, 2) of the rest r both are c (2 r - c). */
@unmanaged
@final
class ModifiedHuber {
  value(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    const near = f32x4.pmin(rest, f32x4.splat(2));
    return f32x4.mul(near, f32x4.sub(f32x4.add(rest, rest), near));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    return f32x4.mul(f32x4.mul(f32x4.pmin(rest, f32x4.splat(2)), t), f32x4.splat(-2));
  }
}

/** 1 where y > 0 and t > 0 disagree, else 0, t = -1 or 1; NaN stays NaN. The gradient is 0. */
@unmanaged
@final
class ZeroOne {
  value(y: v128, t: v128, a: v128): v128 {
    const zero = f32x4.splat(0);
    const wrong = v128.xor(f32x4.gt(y, zero), f32x4.gt(t, zero));
    return select(f32x4.eq(y, y), v128.and(wrong, f32x4.splat(1)), y);
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.splat(0);
  }
}

/** max(0, -t y), t = -1 or 1. At y = 0 the gradient is -t, Rosenblatt's rule, so that zero weights learn. */
@unmanaged
@final
class Perceptron {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.pmax(f32x4.neg(f32x4.mul(t, y)), f32x4.splat(0));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return v128.and(f32x4.le(f32x4.mul(t, y), f32x4.splat(0)), f32x4.neg(t));
  }
}

/** y - t log(y + 1e-7), y >= 0 (Keras's form). */
@unmanaged
@final
class Poisson {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.sub(y, f32x4.mul(t, log(f32x4.add(y, f32x4.splat(CLOSE)))));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.sub(f32x4.splat(1), f32x4.div(t, f32x4.add(y, f32x4.splat(CLOSE))));
  }
}

/** max(a d, (a - 1) d), d = t - y: of the a-quantile. The gradient at y = t is 0. */
@unmanaged
@final
class Pinball {
  value(y: v128, t: v128, a: v128): v128 {
    const d = f32x4.sub(t, y);
    return f32x4.pmax(f32x4.mul(a, d), f32x4.mul(f32x4.sub(a, f32x4.splat(1)), d));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const over = v128.and(f32x4.gt(y, t), f32x4.sub(f32x4.splat(1), a));
    return f32x4.sub(over, v128.and(f32x4.lt(y, t), a));
  }
}

/** t log(t / y), both taken as between 1e-7 and 1 (Keras's form), in the gradient too. Summed over the outputs. */
@unmanaged
@final
class KlDivergence {
  value(y: v128, t: v128, a: v128): v128 {
    const target = probability(t);
    return f32x4.mul(target, log(f32x4.div(target, probability(y))));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.neg(f32x4.div(probability(t), probability(y)));
  }
}

function probability(y: v128): v128 {
  return f32x4.pmin(f32x4.pmax(y, f32x4.splat(CLOSE)), f32x4.splat(1));
}

/**
 * For rows [from, to) of the batch, whose targets and weights start at row `target` of the window: rowLosses[r] (float64) =
 * weight * loss of the row, the mean over its outputs for the elementwise losses, the sum for categorical and sparse
 * cross-entropy and KL; and the last layer's delta[r][outputs] = weight * scale * d loss / d output, padding lanes 0. Both
 * overwrite. A fused loss reads the last layer's pre-activation z and gives d loss / dz; the others read y. The target of a
 * row is as wide as the output, or one class id (sparse). The loss's own number: huber's delta; the label smoothing of the
 * cross-entropies.
 */
export function lossRows(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
  prepareMath();
  switch (model.loss) {
    case Loss.MeanSquaredError:
      elementwise<MeanSquaredError>(model, target, weighted, scale, from, to);
      break;
    case Loss.MeanAbsoluteError:
      elementwise<MeanAbsoluteError>(model, target, weighted, scale, from, to);
      break;
    case Loss.Huber:
      elementwise<Huber>(model, target, weighted, scale, from, to);
      break;
    case Loss.LogCosh:
      elementwise<LogCosh>(model, target, weighted, scale, from, to);
      break;
    case Loss.BinaryCrossEntropy:
      elementwise<BinaryCrossEntropy>(model, target, weighted, scale, from, to);
      break;
    case Loss.BinaryCrossEntropyLogits:
      elementwise<BinaryCrossEntropyLogits>(model, target, weighted, scale, from, to);
      break;
    case Loss.CategoricalCrossEntropy:
      crossEntropy(model, target, weighted, scale, from, to);
      break;
    case Loss.SparseCategoricalCrossEntropy:
      crossEntropy(model, target, weighted, scale, from, to);
      break;
    case Loss.Hinge:
      elementwise<Hinge>(model, target, weighted, scale, from, to);
      break;
    case Loss.SquaredHinge:
      elementwise<SquaredHinge>(model, target, weighted, scale, from, to);
      break;
    case Loss.Perceptron:
      elementwise<Perceptron>(model, target, weighted, scale, from, to);
      break;
    case Loss.ModifiedHuber:
      elementwise<ModifiedHuber>(model, target, weighted, scale, from, to);
      break;
    case Loss.ZeroOne:
      elementwise<ZeroOne>(model, target, weighted, scale, from, to);
      break;
    case Loss.Poisson:
      elementwise<Poisson>(model, target, weighted, scale, from, to);
      break;
    case Loss.Pinball:
      if (model.lossLevels != 0) levelRows(model, target, weighted, scale, from, to);
      else elementwise<Pinball>(model, target, weighted, scale, from, to);
      break;
    case Loss.GaussianNll:
      gaussianRows(model, target, weighted, scale, from, to);
      break;
    case Loss.KlDivergence:
      elementwise<KlDivergence>(model, target, weighted, scale, from, to);
      break;
    default:
      unreachable(); // an id that this build does not know, or a loss computed elsewhere
  }
  if (!weighted) return;
  // A row of weight 0 counts for nothing, whatever it holds: NaN times 0 is NaN.
  const last = layerAt(model, model.layerCount - 1);
  for (let r = from; r < to; r++)
    if (load<f32>(model.sampleWeights + ((<usize>(target + r)) << 2)) == 0)
      skipRow(rowAt(last.delta, r, last.stride), last.outputs, model.rowLosses + ((<usize>r) << 3));
}

/** The sum of the rows' losses, ascending. */
export function sumRows(rowLosses: usize, rows: i32): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) sum += load<f64>(rowLosses + ((<usize>r) << 3));
  return sum;
}

/** Four float32 values added to two running float64 sums: (v0, v1), then (v2, v3). */
export function addWide(sums: v128, v: v128): v128 {
  const low = f64x2.add(sums, f64x2.promote_low_f32x4(v));
  return f64x2.add(low, f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0)));
}

export function sumWide(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

function elementwise<L extends Rule>(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
  const rule = changetype<L>(0);
  const last = layerAt(model, model.layerCount - 1);
  const outputs = last.outputs;
  const share = model.loss == Loss.KlDivergence ? 1 : 1 / (outputs as f64); // of an output in the row's loss
  const a = f32x4.splat(model.lossParameter);
  const stride = (<usize>last.stride) << 2;
  const targetStride = (<usize>model.targetStride) << 2;
  let y = rowAt(model.lossIsFused ? last.z : last.y, from, last.stride);
  let delta = rowAt(last.delta, from, last.stride);
  let t = rowAt(model.targets, target + from, model.targetStride);
  let weights = model.sampleWeights + ((<usize>(target + from)) << 2);
  const end = model.rowLosses + ((<usize>to) << 3);
  for (let rowLoss = model.rowLosses + ((<usize>from) << 3); rowLoss < end; rowLoss += 8) {
    const weight = weighted ? load<f32>(weights) : 1;
    const factor = f32x4.splat(((weight as f64) * share * (scale as f64)) as f32);
    let sums = f64x2.splat(0);
    for (let j = 0; j < outputs; j += 4) {
      const at = (<usize>j) << 2;
      const mask = firstLanes(outputs - j);
      const output = v128.load(y + at);
      const wanted = v128.load(t + at);
      sums = addWide(sums, v128.and(rule.value(output, wanted, a), mask));
      v128.store(delta + at, v128.and(f32x4.mul(rule.gradient(output, wanted, a), factor), mask));
    }
    store<f64>(rowLoss, sumWide(sums) * share * (weight as f64));
    y += stride;
    delta += stride;
    t += targetStride;
    weights += 4;
  }
}

/** Pinball with a level for each output; targets are each of as many outputs side by side. The mean over the outputs. */
function levelRows(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
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
function gaussianRows(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
  const last = layerAt(model, model.layerCount - 1);
  const outputs = last.outputs;
  const share = 2 / (outputs as f64);
  const half = f32x4.splat(0.5);
  const least = log(f32x4.splat(model.lossParameter));
  for (let r = from; r < to; r++) {
    const weight = weighted ? load<f32>(model.sampleWeights + ((<usize>(target + r)) << 2)) : 1;
    const rowLoss = model.rowLosses + ((<usize>r) << 3);
    const delta = rowAt(last.delta, r, last.stride);
    skipRow(delta, outputs, rowLoss);
    if (weight == 0) continue;
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

/** A row of weight 0: no loss, no gradient. */
function skipRow(delta: usize, outputs: i32, rowLoss: usize): void {
  store<f64>(rowLoss, 0);
  for (let j = 0; j < outputs; j += 4) v128.store(delta + ((<usize>j) << 2), f32x4.splat(0));
}

/**
 * Softmax and cross-entropy in one: loss = sum over k of t_k (log(sum of e^(z_j - max)) + max - z_k), with gradient
 * S softmax(z) - t, S the sum of the targets. Targets are smoothed to t (1 - s) + s / K.
 */
function crossEntropy(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
  const last = layerAt(model, model.layerCount - 1);
  const outputs = last.outputs;
  const sparse = model.loss == Loss.SparseCategoricalCrossEntropy;
  const keep = f32x4.splat(1 - model.lossParameter);
  const share = f32x4.splat(model.lossParameter / (outputs as f32));
  let z = rowAt(model.lossIsFused ? last.z : last.y, from, last.stride);
  let delta = rowAt(last.delta, from, last.stride);
  let targets = rowAt(model.targets, target + from, model.targetStride);
  for (let r = from; r < to; r++) {
    const weight = weighted ? load<f32>(model.sampleWeights + ((<usize>(target + r)) << 2)) : 1;
    const rowLoss = model.rowLosses + ((<usize>r) << 3);
    if (weight == 0) {
      skipRow(delta, outputs, rowLoss);
    } else {
      const top = f32x4.splat(rowMax(z, outputs));
      let sums = f32x4.splat(0);
      for (let j = 0; j < outputs; j += 4) {
        const e = exp(f32x4.sub(maskedLogits(z, j, outputs), top));
        sums = f32x4.add(sums, e);
        v128.store(delta + ((<usize>j) << 2), e);
      }
      const sum = f32x4.splat(sumLanes(sums));
      const logSum = log(sum);
      let losses = f64x2.splat(0);
      let targetSums = f32x4.splat(0);
      for (let j = 0; j < outputs; j += 4) {
        const t = smoothedTarget(sparse, targets, j, outputs, keep, share);
        targetSums = f32x4.add(targetSums, t);
        // Logits 6e38 apart overflow: the largest float keeps a target of 0 from making that NaN.
        const distance = f32x4.pmin(f32x4.sub(top, maskedLogits(z, j, outputs)), f32x4.splat(f32.MAX_VALUE));
        losses = addWide(losses, f32x4.mul(t, f32x4.add(distance, logSum)));
      }
      store<f64>(rowLoss, sumWide(losses) * (weight as f64));
      const factor = f32x4.splat(((weight as f64) * (scale as f64)) as f32);
      const total = f32x4.splat(sumLanes(targetSums));
      for (let j = 0; j < outputs; j += 4) {
        const at = delta + ((<usize>j) << 2);
        const softmax = f32x4.div(v128.load(at), sum);
        const t = smoothedTarget(sparse, targets, j, outputs, keep, share);
        const gradient = f32x4.mul(f32x4.sub(f32x4.mul(total, softmax), t), factor);
        v128.store(at, v128.and(gradient, firstLanes(outputs - j)));
      }
    }
    z += (<usize>last.stride) << 2;
    delta += (<usize>last.stride) << 2;
    targets += (<usize>model.targetStride) << 2;
  }
}

/** The smoothed targets of columns j to j + 3, 0 beyond the last column: a row of probabilities, or one class id. */
function smoothedTarget(sparse: bool, targets: usize, j: i32, outputs: i32, keep: v128, share: v128): v128 {
  const t = sparse
    ? v128.and(i32x4.eq(i32x4.splat((load<f32>(targets) as i32) - j), i32x4(0, 1, 2, 3)), f32x4.splat(1))
    : v128.load(targets + ((<usize>j) << 2));
  return v128.and(mulAdd(t, keep, share), firstLanes(outputs - j));
}
