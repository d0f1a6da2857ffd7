// From exact steps to stages of whole numbers, seen through rows that are given: for each input of a dense step the range that its whole numbers
// span, for each output the scale of its weights, and a bias with which its mean over those rows is exact.
//
// See: Jacob et al. 2018, Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference; Nagel et al. 2019,
// Data-Free Quantization Through Weight Equalization and Bias Correction, section 4.2.

import { fail } from '../errors.js';
import { addRows, affineRows, bendRows, normRows, type Rows } from '../integer/curves.js';
import { mostOf, toStep } from '../integer/product.js';
import { MOST_INPUTS, type DenseStage, type Stage } from '../integer/stages.js';
import type { Folded, FoldedDense } from './fold.js';
import { splitUnits } from './split.js';

/** Rows of float32 as they pass between steps. */
interface Passing extends Rows {
  readonly rows: number;
}

/** How many 7-bit digits the inputs of a dense step have. */
export type Digits = (step: FoldedDense, first: boolean) => 1 | 2;

/** The stages of `steps`, calibrated on rows [rows][inputs] as they reach the first step. @throws ERR_UNSUPPORTED, ERR_RANGE. */
export function quantizedStages(steps: readonly Folded[], data: Float32Array, inputs: number, digits: Digits): Stage[] {
  return new Calibration(digits).sequence(steps, { data, stride: inputs, rows: data.length / inputs }).stages;
}

class Calibration {
  private first = true;

  constructor(private readonly digits: Digits) {}

  sequence(steps: readonly Folded[], x: Passing): { stages: Stage[]; y: Passing } {
    let y = x;
    const left = [...steps];
    const stages = left.map((_, i) => {
      const [step, next] = [left[i]!, left[i + 1]];
      if (step.kind === 'dense' && next?.kind === 'dense')
        [left[i], left[i + 1]] = splitUnits(step, next, reachOf(exactRows(step, y), this.digits(next, false)));
      const done = this.one(left[i]!, y);
      y = done.y;
      return done.stage;
    });
    return { stages, y };
  }

  private one(step: Folded, x: Passing): { stage: Stage; y: Passing } {
    const { rows } = x;
    switch (step.kind) {
      case 'dense': {
        const stage = quantizedDense(step, x, this.digits(step, this.first));
        this.first = false;
        return { stage, y: exactRows(step, x) };
      }
      case 'residual': {
        const own = this.sequence(step.steps, x);
        const skip = step.projection === undefined ? undefined : this.one(step.projection, x);
        const { inputs, outputs } = step;
        const y = room(outputs, rows);
        addRows(y, own.y, skip?.y ?? x, outputs, rows);
        const projection = skip?.stage as DenseStage | undefined;
        return { stage: { kind: 'residual', inputs, outputs, stages: own.stages, projection }, y };
      }
      default: {
        const y = room(step.width, rows);
        if (step.kind === 'affine') affineRows(step, y, x, rows);
        else if (step.kind === 'layerNorm') normRows(step, y, x, rows);
        else bendRows(step.curve, y, x, step.width, rows);
        return { stage: step, y };
      }
    }
  }
}

const room = (width: number, rows: number): Passing => ({ data: new Float32Array(width * rows), stride: width, rows });

/** f(W x + b) as it is, in float64 with one rounding at the end. */
function exactRows({ inputs, outputs, weight, bias, curve }: FoldedDense, x: Passing): Passing {
  const y = room(outputs, x.rows);
  for (let j = 0; j < outputs; j++) {
    let from = j * inputs;
    let to = from + inputs;
    while (from < to && weight[from] === 0) from++; // of networks side by side most weights are 0
    while (from < to && weight[to - 1] === 0) to--;
    for (let r = 0; r < x.rows; r++) {
      let sum = bias[j]!;
      for (let k = from, at = r * x.stride - j * inputs; k < to; k++) sum += weight[k]! * x.data[at + k]!;
      y.data[r * outputs + j] = sum;
    }
  }
  if (curve.form !== 'none') bendRows(curve, y, y, outputs, x.rows);
  return y;
}

/** The range that each column spans in whole numbers. */
function reachOf({ data, stride, rows }: Passing, digits: 1 | 2): number[] {
  return Array.from({ length: stride }, (_, j) => {
    const column = Float32Array.from({ length: rows }, (__, r) => data[r * stride + j]!);
    const { inverse } = rangeOf(column, digits);
    return inverse === 0 ? 0 : mostOf(digits) / inverse;
  });
}

function quantizedDense(step: FoldedDense, x: Passing, digits: 1 | 2): DenseStage {
  const { inputs, outputs, weight, bias: exact, curve, path } = step;
  if (inputs > MOST_INPUTS)
    fail(
      'ERR_UNSUPPORTED',
      `quantize: ${path} has ${inputs} inputs, and sums of whole numbers are exact for up to ${MOST_INPUTS}.`,
    );
  const low = new Float32Array(inputs);
  const inverse = new Float32Array(inputs);
  const unit = new Float64Array(inputs);
  const meanStep = new Float64Array(inputs);
  const meanInput = new Float64Array(inputs);
  const column = new Float32Array(x.rows);
  for (let i = 0; i < inputs; i++) {
    for (let r = 0; r < x.rows; r++) column[r] = x.data[r * x.stride + i]!;
    const range = rangeOf(column, digits);
    low[i] = range.low;
    inverse[i] = range.inverse;
    unit[i] = range.inverse === 0 ? 0 : 1 / inverse[i]!;
    meanStep[i] = mean(column, (v) => toStep(v, low[i]!, inverse[i]!, mostOf(digits)));
    meanInput[i] = mean(column, (v) => v);
  }
  const integers = new Int8Array(inputs * outputs);
  const scale = new Float32Array(outputs);
  const bias = new Float32Array(outputs);
  for (let j = 0; j < outputs; j++) {
    const at = j * inputs;
    let largest = 0;
    for (let i = 0; i < inputs; i++) largest = Math.max(largest, Math.abs(weight[at + i]! * unit[i]!));
    scale[j] = largest / 127;
    let sum = exact[j]!;
    for (let i = 0; i < inputs; i++) {
      const whole = scale[j] === 0 ? 0 : Math.max(-127, Math.min(127, Math.round((weight[at + i]! * unit[i]!) / scale[j]!)));
      integers[at + i] = whole;
      sum += weight[at + i]! * meanInput[i]! - scale[j]! * whole * meanStep[i]!;
    }
    bias[j] = sum;
    if (!Number.isFinite(scale[j]!) || !Number.isFinite(bias[j]!))
      fail('ERR_RANGE', `quantize: output ${j} of ${path} is beyond the largest float32 (3.4e38) on the rows of X.`);
  }
  return { kind: 'dense', inputs, outputs, digits, integers, scale, bias, low, inverse, curve };
}

function mean(values: Float32Array, of: (value: number) => number): number {
  let sum = 0;
  for (let r = 0; r < values.length; r++) sum += of(values[r]!);
  return sum / values.length;
}

/** Shares of the rows that a range may leave out at either end. */
const LEFT_OUT = [0, 0.001, 0.005, 0.02] as const;

/**
 * The range of a column: from its least to its largest value, or less of it where a few outliers would make all others coarse, whichever has the
 * smaller mean squared error. With two digits there are steps to spare, and the range reaches half as far again on either side.
 */
function rangeOf(column: Float32Array, digits: 1 | 2): { low: number; inverse: number } {
  const sorted = Float32Array.from(column).sort();
  const last = sorted.length - 1;
  const [least, largest] = [sorted[0]!, sorted[last]!];
  if (least === largest) return { low: least, inverse: 0 };
  const most = mostOf(digits);
  if (digits === 2) {
    const margin = (largest - least) / 2;
    const low = least === 0 ? 0 : least - margin; // what is never negative stays exact at 0
    return rangeFrom(low, largest + margin, most);
  }
  let best = rangeFrom(least, largest, most);
  let smallest = errorOf(column, best, most);
  for (const share of LEFT_OUT) {
    const skipped = Math.floor(share * last);
    if (skipped === 0) continue;
    for (const low of [sorted[skipped]!, least]) {
      const high = sorted[last - skipped]!;
      if (!(high > low)) continue;
      const range = rangeFrom(low, high, most);
      const error = errorOf(column, range, most);
      if (error < smallest) [best, smallest] = [range, error];
    }
  }
  return best;
}

function rangeFrom(low: number, high: number, most: number): { low: number; inverse: number } {
  const from = Math.fround(low);
  const inverse = Math.fround(most / (high - from));
  return Number.isFinite(inverse) && inverse > 0 && Number.isFinite(1 / inverse)
    ? { low: from, inverse }
    : { low: from, inverse: 0 };
}

function errorOf(column: Float32Array, { low, inverse }: { low: number; inverse: number }, most: number): number {
  return mean(column, (v) => (v - low - (inverse === 0 ? 0 : toStep(v, low, inverse, most) / inverse)) ** 2);
}
