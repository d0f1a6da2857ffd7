// Units whose weights drown those of all others in the next layer: each is made several equal ones, and its weights are shared among them. An output has
// one scale for all its weights, which the largest sets; a unit that carries a linear model past the others, as the presets' networks have, would
// leave the weights of a hundred others no step but 0.
//
// See: Zhao et al. 2019, Improving Neural Network Quantization without Retraining using Outlier Channel Splitting, https://arxiv.org/abs/1901.09504

import { MOST_INPUTS } from '../integer/stages.js';
import type { FoldedDense } from './fold.js';

/** A weight may be so many times the median of its output's: those of trained layers are. */
const USUAL = 8;

/** Copies of one unit, at most. */
const MOST_COPIES = 64;

/** Both layers with the units between them, as many times as they are needed; `reach` is the range that each spans. */
export function splitUnits(before: FoldedDense, after: FoldedDense, reach: ArrayLike<number>): [FoldedDense, FoldedDense] {
  const { inputs, curve } = before;
  if (curve.form === 'softmax' || curve.form === 'logSoftmax') return [before, after]; // of whole rows: more units are another function
  const copies = copiesOf(after, reach);
  if (copies.every((count) => count === 1)) return [before, after];
  const units = copies.flatMap((count, unit) => new Array<number>(count).fill(unit));
  if (units.length > MOST_INPUTS) return [before, after];
  const weight = new Float64Array(units.length * inputs);
  units.forEach((unit, j) => weight.set(before.weight.subarray(unit * inputs, (unit + 1) * inputs), j * inputs));
  const slopes = curve.form === 'bend' && curve.slopes.length > 1 ? curve.slopes : undefined;
  return [
    {
      ...before,
      outputs: units.length,
      weight,
      bias: Float64Array.from(units, (unit) => before.bias[unit]!),
      curve: slopes === undefined ? curve : { ...curve, form: 'bend', slopes: Float32Array.from(units, (unit) => slopes[unit]!) },
    },
    {
      ...after,
      inputs: units.length,
      weight: Float64Array.from({ length: after.outputs * units.length }, (_, k) => {
        const unit = units[k % units.length]!;
        return after.weight[Math.floor(k / units.length) * after.inputs + unit]! / copies[unit]!;
      }),
    },
  ];
}

/** How many of each unit there should be, so that no weight is above the usual; all 1 where that would be more than an eighth more units. */
function copiesOf({ inputs, outputs, weight }: FoldedDense, reach: ArrayLike<number>): number[] {
  const copies = new Array<number>(inputs).fill(1);
  for (let j = 0; j < outputs; j++) {
    const sizes = Float64Array.from({ length: inputs }, (_, i) => Math.abs(weight[j * inputs + i]! * reach[i]!));
    const sorted = sizes.filter((size) => size > 0).sort();
    if (sorted.length < 2) continue;
    const usual = USUAL * sorted[sorted.length >> 1]!;
    for (let i = 0; i < inputs; i++) copies[i] = Math.max(copies[i]!, Math.min(MOST_COPIES, Math.ceil(sizes[i]! / usual)));
  }
  const more = copies.reduce((sum, count) => sum + count - 1, 0);
  return more > MOST_COPIES + inputs / 8 ? copies.fill(1) : copies;
}
