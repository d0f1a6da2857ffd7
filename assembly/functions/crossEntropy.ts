// Softmax and cross-entropy of whole rows, in one.

import { Loss } from '../abi';
import { firstLanes, mulAdd, sumLanes } from '../kernels/lanes';
import { exp, log } from '../kernels/math';
import { rowAt } from '../kernels/rows';
import { layerAt, Model } from '../memory/model';
import { maskedLogits, rowMax } from './sweeps';
import { addWide, skipRow, sumWide } from './losses/rowSums';

/**
 * Softmax and cross-entropy in one: loss = sum over k of t_k (log(sum of e^(z_j - max)) + max - z_k), with gradient
 * S softmax(z) - t, S the sum of the targets. Targets are smoothed to t (1 - s) + s / K.
 */
export function crossEntropy(model: Model, target: i32, weighted: bool, scale: f32, from: i32, to: i32): void {
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
