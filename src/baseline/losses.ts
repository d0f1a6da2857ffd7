// Losses, with their gradient beside them. `elementwise` losses look at one output at a time and are means over rows x
// outputs; cross-entropies over classes and KL look at a row at a time and are means over rows.
// A sample weight multiplies its row's loss; the sum is still divided by the number of rows.

import { Loss } from '../../assembly/abi.js';
import { sigmoid, softplus } from '../data/special.js';
import type { ResolvedLoss } from '../plan/losses.js';
import { maximum, sumOfExponentials } from './activations.js';
import type { Values } from './products.js';

interface ElementRule {
  /** Loss of one output y with target t; a is the rule's parameter. */
  readonly value: (y: number, t: number, a: number) => number;
  /** Its derivative with respect to y. */
  readonly derivative: (y: number, t: number, a: number) => number;
}

/** The losses of one output at a time. */
export type ElementLoss = Exclude<
  Loss,
  Loss.CategoricalCrossEntropy | Loss.SparseCategoricalCrossEntropy | Loss.KlDivergence | Loss.GaussianNll | Loss.Custom
>;

/** Probabilities stay this far from 0 and 1 wherever a logarithm is taken of them (Keras's epsilon). */
const CLOSE = 1e-7;

export const elementRules: Readonly<Record<ElementLoss, ElementRule>> = {
  /** (y - t)^2 */
  [Loss.MeanSquaredError]: { value: (y, t) => (y - t) * (y - t), derivative: (y, t) => 2 * (y - t) },
  /** |y - t| */
  [Loss.MeanAbsoluteError]: { value: (y, t) => Math.abs(y - t), derivative: (y, t) => Math.sign(y - t) },
  /** d^2 / 2 within a of the target, a (|d| - a / 2) beyond. See: Huber 1964. */
  [Loss.Huber]: {
    value: (y, t, a) => (Math.abs(y - t) <= a ? 0.5 * (y - t) * (y - t) : a * (Math.abs(y - t) - 0.5 * a)),
    derivative: (y, t, a) => Math.min(Math.max(y - t, -a), a),
  },
  /** ln cosh(y - t), as |d| + ln(1 + e^(-2 |d|)) - ln 2, which never overflows */
  [Loss.LogCosh]: {
    value: (y, t) => Math.abs(y - t) + Math.log1p(Math.exp(-2 * Math.abs(y - t))) - Math.LN2,
    derivative: (y, t) => Math.tanh(y - t),
  },
  /** -t ln p - (1 - t) ln(1 - p), with p and 1 - p at least 1e-7, in the gradient too: it never vanishes. a is the label smoothing */
  [Loss.BinaryCrossEntropy]: {
    value: (y, t, a) =>
      -smoothed(t, a, 2) * Math.log(Math.max(y, CLOSE)) - (1 - smoothed(t, a, 2)) * Math.log(Math.max(1 - y, CLOSE)),
    derivative: (y, t, a) => (1 - smoothed(t, a, 2)) / Math.max(1 - y, CLOSE) - smoothed(t, a, 2) / Math.max(y, CLOSE),
  },
  /** Binary cross-entropy of p = sigmoid(z), written in z: ln(1 + e^z) - t z. Its derivative is simply p - t. */
  [Loss.BinaryCrossEntropyLogits]: {
    value: (z, t, a) => softplus(-Math.abs(z)) + (z > 0 ? (1 - smoothed(t, a, 2)) * z : -smoothed(t, a, 2) * z),
    derivative: (z, t, a) => sigmoid(z) - smoothed(t, a, 2),
  },
  /** max(0, 1 - t y), t = +-1 */
  [Loss.Hinge]: { value: (y, t) => Math.max(0, 1 - t * y), derivative: (y, t) => (t * y < 1 ? -t : 0) },
  /** max(0, 1 - t y)^2 */
  [Loss.SquaredHinge]: { value: (y, t) => Math.max(0, 1 - t * y) ** 2, derivative: (y, t) => -2 * t * Math.max(0, 1 - t * y) },
  /** max(0, 1 - t y)^2 down to t y = -1, and on along its tangent, -4 t y. See: Zhang 2004; scikit-learn's 'modified_huber'. */
  [Loss.ModifiedHuber]: {
    value: (y, t) => (t * y >= -1 ? Math.max(0, 1 - t * y) ** 2 : -4 * t * y),
    derivative: (y, t) => (t * y >= -1 ? -2 * t * Math.max(0, 1 - t * y) : -4 * t),
  },
  /** Whether the sign of y is not that of t; 0 counts as a minus, as in accuracy. */
  [Loss.ZeroOne]: { value: (y, t) => (Number.isNaN(y) ? y : Number(y > 0 !== t > 0)), derivative: () => 0 },
  /** max(0, -t y): Rosenblatt's rule moves a row's weights exactly when the row is on the wrong side, or on the line. */
  [Loss.Perceptron]: { value: (y, t) => Math.max(0, -t * y), derivative: (y, t) => (t * y <= 0 ? -t : 0) },
  /** a (t - y) below the target, (1 - a)(y - t) above. See: Koenker & Bassett 1978. */
  [Loss.Pinball]: {
    value: (y, t, a) => (t >= y ? a * (t - y) : (1 - a) * (y - t)),
    derivative: (y, t, a) => (t > y ? -a : t < y ? 1 - a : 0),
  },
  /** y - t ln y, with 1e-7 inside the logarithm */
  [Loss.Poisson]: { value: (y, t) => y - t * Math.log(y + CLOSE), derivative: (y, t) => 1 - t / (y + CLOSE) },
};

function smoothed(t: number, smoothing: number, classes: number): number {
  return t * (1 - smoothing) + smoothing / classes;
}

/** What a batch's loss reads and writes. All matrices are rows x outputs, tightly packed. */
export interface LossBatch {
  /** Outputs; for fused losses the pre-activation, or logits. */
  readonly outputs: Values;
  readonly gradient: Values;
  readonly targets: Values;
  /** First row of the targets, and of the weights. */
  readonly first: number;
  readonly sampleWeights: Values | undefined;
  readonly rows: number;
  readonly columns: number;
  /** Rows of the effective batch: what the gradient is divided by. */
  readonly divisor: number;
}

/** Mean loss of the batch; its gradient with respect to `outputs`, divided by `divisor`, into `gradient`. Both times the loss's scale. */
export function lossAndGradient(loss: ResolvedLoss, batch: LossBatch): number {
  if (loss.scale === 1) return unscaled(loss, batch);
  return loss.scale * unscaled(loss, { ...batch, divisor: batch.divisor / loss.scale });
}

function unscaled(loss: ResolvedLoss, batch: LossBatch): number {
  switch (loss.id) {
    case Loss.CategoricalCrossEntropy:
      return categorical(loss.a, batch);
    case Loss.SparseCategoricalCrossEntropy:
      return sparseCategorical(loss.a, batch);
    case Loss.KlDivergence:
      return klDivergence(batch);
    case Loss.GaussianNll:
      return gaussian(loss.a, batch);
    case Loss.Custom:
      throw new Error('a custom loss gives its own gradient: setOutputGradient');
    default:
      return elementwise(elementRules[loss.id], loss.levels ?? [loss.a], loss.each, batch);
  }
}

/** Column j of the outputs has the parameter a[j modulo their number], and speaks of target j / each. */
function elementwise(rule: ElementRule, a: readonly number[], each: number, batch: LossBatch): number {
  const { outputs, gradient, targets, first, sampleWeights, rows, columns, divisor } = batch;
  const { value, derivative } = rule;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = sampleWeights === undefined ? 1 : sampleWeights[first + i]!;
    const scale = weight / (divisor * columns);
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const y = outputs[i * columns + j]!;
      const t = targets[((first + i) * columns) / each + Math.floor(j / each)]!;
      const own = a[j % a.length]!;
      sum += value(y, t, own);
      gradient[i * columns + j] = scale * derivative(y, t, own);
    }
    total += weight === 0 ? absent(gradient, i * columns, columns) : weight * sum;
  }
  return total / (rows * columns);
}

/**
 * (s + (m - t)^2 / e^s) / 2, the outputs of each target being a mean m and the logarithm s of a variance; the mean over targets. A variance below
 * `least` counts as that, without a gradient. See: Nix & Weigend 1994.
 */
function gaussian(least: number, batch: LossBatch): number {
  const { outputs, gradient, targets, first, sampleWeights, rows, columns, divisor } = batch;
  const count = columns / 2;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = sampleWeights === undefined ? 1 : sampleWeights[first + i]!;
    const scale = weight / (divisor * count);
    let sum = 0;
    for (let j = 0; j < count; j++) {
      const at = i * columns + 2 * j;
      const d = outputs[at]! - targets[(first + i) * count + j]!;
      const variance = Math.max(Math.exp(outputs[at + 1]!), least);
      const ratio = (d * d) / variance;
      sum += (Math.max(outputs[at + 1]!, Math.log(least)) + ratio) / 2;
      const slope = (1 - ratio) / 2;
      gradient[at] = (scale * d) / variance;
      gradient[at + 1] = scale * (outputs[at + 1]! < Math.log(least) ? 0 : slope);
    }
    total += weight === 0 ? absent(gradient, i * columns, columns) : weight * sum;
  }
  return total / (rows * count);
}

/**
 * -sum t ln p with p = softmax(z), written in the logits z: sum t (ln sum e^z - z). The Jacobian of softmax and the
 * derivative of the logarithm cancel to p sum t - t, where targets sum to 1 the well-known p - t.
 */
function categorical(smoothing: number, batch: LossBatch): number {
  const { outputs: z, gradient, targets, first, sampleWeights, rows, columns, divisor } = batch;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = sampleWeights === undefined ? 1 : sampleWeights[first + i]!;
    const row = i * columns;
    const target = (first + i) * columns;
    const largest = maximum(z, row, columns);
    const sum = sumOfExponentials(z, row, columns, largest);
    const log = Math.log(sum);
    let targetSum = 0;
    let value = 0;
    for (let j = 0; j < columns; j++) {
      const t = smoothed(targets[target + j]!, smoothing, columns);
      targetSum += t;
      if (t !== 0) value += t * (log + (largest - z[row + j]!)); // 0 infinity is 0 here
    }
    for (let j = 0; j < columns; j++) {
      const p = Math.exp(z[row + j]! - largest) / sum;
      gradient[row + j] = (weight / divisor) * (p * targetSum - smoothed(targets[target + j]!, smoothing, columns));
    }
    total += weight === 0 ? absent(gradient, row, columns) : weight * value;
  }
  return total / rows;
}

/** Categorical cross-entropy with one class id per row: -ln p of that class, the share of smoothing spread over all. */
function sparseCategorical(smoothing: number, batch: LossBatch): number {
  const { outputs: z, gradient, targets, first, sampleWeights, rows, columns, divisor } = batch;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = sampleWeights === undefined ? 1 : sampleWeights[first + i]!;
    const row = i * columns;
    const target = targets[first + i]!;
    const largest = maximum(z, row, columns);
    const sum = sumOfExponentials(z, row, columns, largest);
    const log = Math.log(sum);
    let value = 0;
    for (let j = 0; j < columns; j++) {
      const t = smoothed(j === target ? 1 : 0, smoothing, columns);
      const p = Math.exp(z[row + j]! - largest) / sum;
      gradient[row + j] = (weight / divisor) * (p - t);
      if (t !== 0) value += t * (log + (largest - z[row + j]!));
    }
    total += weight === 0 ? absent(gradient, row, columns) : weight * value;
  }
  return total / rows;
}

/** sum t (ln t - ln p), both held to [1e-7, 1], in the gradient too (Keras's form). */
function klDivergence(batch: LossBatch): number {
  const { outputs, gradient, targets, first, sampleWeights, rows, columns, divisor } = batch;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = sampleWeights === undefined ? 1 : sampleWeights[first + i]!;
    const row = i * columns;
    let value = 0;
    for (let j = 0; j < columns; j++) {
      const t = probability(targets[(first + i) * columns + j]!);
      const p = probability(outputs[row + j]!);
      value += t * Math.log(t / p);
      gradient[row + j] = (-weight / divisor) * (t / p);
    }
    total += weight === 0 ? absent(gradient, row, columns) : weight * value;
  }
  return total / rows;
}

function probability(y: number): number {
  return Math.min(Math.max(y, CLOSE), 1);
}

/** A row of weight 0 counts as absent, even one that holds NaN: no loss, no gradient. */
function absent(gradient: Values, row: number, columns: number): number {
  gradient.fill(0, row, row + columns);
  return 0;
}
