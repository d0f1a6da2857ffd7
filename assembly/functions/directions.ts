// Directions in the inputs, one for each row of a batch, for the passes over input gradients (network/derivatives.ts): those in which
// the loss on g = d output / d x falls, or rows that were given. They stand where g stands, at model.inputDelta.

import { firstLanes } from '../kernels/lanes';
import { rowAt } from '../kernels/rows';
import { Model } from '../memory/model';
import { addWide, sumWide } from './losses/rowSums';

/** The loss on g, summed over rows and inputs; in place of g its gradient times `scale` / 2. Rows of weight 0 count as absent. */
export function direction(model: Model, target: i32, output: i32, weighted: bool, scale: f32): f64 {
  const inputs = model.inputs;
  const offset = (<usize>(output * inputs)) << 2;
  const weights = model.derivativeWeights + offset;
  let sum: f64 = 0;
  for (let r = 0; r < model.rows; r++) {
    const g = rowAt(model.inputDelta, r, model.xStride);
    const wanted = rowAt(model.derivativeTargets, target + r, model.derivativeStride) + offset;
    const share = weighted ? load<f32>(model.sampleWeights + ((<usize>(target + r)) << 2)) : 1;
    if (share == 0) {
      memory.fill(g, 0, (<usize>model.xStride) << 2);
      continue;
    }
    const factor = f32x4.splat(scale * share);
    let sums = f64x2.splat(0);
    for (let j = 0; j < inputs; j += 4) {
      const at = (<usize>j) << 2;
      const mask = firstLanes(inputs - j);
      const difference = v128.and(f32x4.sub(v128.load(g + at), v128.load(wanted + at)), mask);
      const pull = f32x4.mul(difference, v128.and(v128.load(weights + at), mask));
      sums = addWide(sums, f32x4.mul(difference, pull));
      v128.store(g + at, f32x4.mul(pull, factor));
    }
    sum += (share as f64) * sumWide(sums);
  }
  return sum;
}

/** The rows at model.derivativeTargets as directions. */
export function copyDirections(model: Model): void {
  for (let r = 0; r < model.rows; r++) {
    const to = rowAt(model.inputDelta, r, model.xStride);
    const from = rowAt(model.derivativeTargets, r, model.derivativeStride);
    for (let j = 0; j < model.inputs; j += 4) {
      const at = (<usize>j) << 2;
      v128.store(to + at, v128.and(v128.load(from + at), firstLanes(model.inputs - j)));
    }
  }
}
