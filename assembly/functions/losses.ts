// Losses: value and gradient of each row. Values are computed in float32 and summed in float64, ascending over columns,
// so a row's loss depends on neither its neighbours nor the thread. Logits of any finite size give finite losses.
// A row of weight 0 counts as absent: loss and gradient 0, whatever it holds. The rules are in losses/, by family.

import { Loss } from '../abi';
import { firstLanes } from '../kernels/lanes';
import { prepareMath } from '../kernels/math';
import { rowAt } from '../kernels/rows';
import { layerAt, Model } from '../memory/model';
import { crossEntropy } from './crossEntropy';
import { Huber, LogCosh, MeanAbsoluteError, MeanSquaredError, Pinball } from './losses/distances';
import { BinaryCrossEntropy, BinaryCrossEntropyLogits, KlDivergence, Poisson } from './losses/likelihoods';
import { Hinge, ModifiedHuber, Perceptron, SquaredHinge, ZeroOne } from './losses/margins';
import { addWide, skipRow, sumWide } from './losses/rowSums';
import { Rule } from './losses/rule';
import { gaussianRows, levelRows } from './losses/spreads';

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
      return; // skips rows of weight 0 itself
    case Loss.SparseCategoricalCrossEntropy:
      crossEntropy(model, target, weighted, scale, from, to);
      return; // as well
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
      if (model.lossLevels == 0) {
        elementwise<Pinball>(model, target, weighted, scale, from, to);
        break;
      }
      levelRows(model, target, weighted, scale, from, to);
      return; // as well
    case Loss.GaussianNll:
      gaussianRows(model, target, weighted, scale, from, to);
      return; // as well
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
