// Optimizers: what one step does to one tensor. Each rule is written as in src/plan/optimizers.ts, one element at a time:
// w the weights, g their gradient after clipping and penalties, lr the learning rate, t the step from 1, and the slots
// the rule keeps between steps. step() puts clipping, decay, penalties and bounds around the rule.

import { Counter, Optimizer, OptimizerField } from '../../assembly/abi.js';
import { averagingShare } from '../plan/averaging.js';
import type { NetworkPlan, TensorPlan } from '../plan/network.js';
import type { OptimizerConstants } from '../plan/optimizerRow.js';
import { penaltyOn } from '../plan/penalties.js';
import { keepSigns } from '../plan/signs.js';
import type { Values } from './products.js';

/** Everything a rule reads and writes. */
interface Sweep {
  readonly w: Values;
  readonly g: Values;
  readonly slots: readonly Values[];
  readonly lr: number;
  readonly constants: ReturnType<typeof named>;
  /** Counters at this step: counters[Counter.Steps] is t. */
  readonly counters: Float64Array;
}

type Rule = (sweep: Sweep) => void;

/** The constants of a step: the rule's own, and WeightDecay. */
export type StepConstants = OptimizerConstants & { readonly [OptimizerField.WeightDecay]: number };

/** The rules' constants by name. */
const named = (constants: StepConstants) => ({
  momentum: constants[OptimizerField.Momentum],
  dampening: constants[OptimizerField.Dampening],
  nesterov: constants[OptimizerField.Nesterov],
  biasCorrection: constants[OptimizerField.BiasCorrection],
  rho: constants[OptimizerField.Rho],
  beta1: constants[OptimizerField.Beta1],
  beta2: constants[OptimizerField.Beta2],
  epsilon: constants[OptimizerField.Epsilon],
  epsilonInside: constants[OptimizerField.EpsilonInside],
  epsilonHat: constants[OptimizerField.EpsilonHat],
  centered: constants[OptimizerField.Centered],
  momentumFade: constants[OptimizerField.MomentumFade],
});

const rules: Readonly<Record<Optimizer, Rule>> = {
  /** w -= lr g */
  [Optimizer.Sgd]({ w, g, lr }) {
    for (let k = 0; k < w.length; k++) w[k] = w[k]! - lr * g[k]!;
  },
  /** v = momentum v + (1 - dampening) g, at t = 1 v = g; w -= lr v, or lr (g + momentum v). See: Sutskever et al. 2013, as PyTorch writes it. */
  [Optimizer.Momentum]({ w, g, slots: [v], lr, constants: { momentum, dampening, nesterov }, counters }) {
    const share = counters[Counter.Steps] === 1 ? 1 : 1 - dampening;
    for (let k = 0; k < w.length; k++) {
      const velocity = momentum * v![k]! + share * g[k]!;
      v![k] = velocity;
      w[k] = w[k]! - lr * (nesterov ? g[k]! + momentum * velocity : velocity);
    }
  },
  /** v = momentum v - lr g; w += v, or momentum v - lr g. See: Polyak 1964. */
  [Optimizer.Velocity]({ w, g, slots: [v], lr, constants: { momentum, nesterov } }) {
    for (let k = 0; k < w.length; k++) {
      const velocity = momentum * v![k]! - lr * g[k]!;
      v![k] = velocity;
      w[k] = w[k]! + (nesterov ? momentum * velocity - lr * g[k]! : velocity);
    }
  },
  /** v = momentum v + (1 - momentum) g; w -= lr v, or lr v / (1 - momentum^t) */
  [Optimizer.Average]({ w, g, slots: [v], lr, constants: { momentum, biasCorrection }, counters }) {
    const rate = biasCorrection ? lr / (1 - counters[Counter.Power1]!) : lr;
    for (let k = 0; k < w.length; k++) {
      const average = momentum * v![k]! + (1 - momentum) * g[k]!;
      v![k] = average;
      w[k] = w[k]! - rate * average;
    }
  },
  /** s += g^2; w -= lr g / (sqrt(s) + eps) */
  [Optimizer.Adagrad]({ w, g, slots: [s], lr, constants: { epsilon, epsilonInside } }) {
    for (let k = 0; k < w.length; k++) {
      const sum = s![k]! + g[k]! * g[k]!;
      s![k] = sum;
      w[k] = w[k]! - (lr * g[k]!) / root(sum, epsilon, epsilonInside);
    }
  },
  /** s = rho s + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(s + eps) g; u = rho u + (1 - rho) d^2; w -= lr d */
  [Optimizer.Adadelta]({ w, g, slots: [s, u], lr, constants: { rho, epsilon } }) {
    for (let k = 0; k < w.length; k++) {
      const square = rho * s![k]! + (1 - rho) * g[k]! * g[k]!;
      const d = (Math.sqrt(u![k]! + epsilon) / Math.sqrt(square + epsilon)) * g[k]!;
      s![k] = square;
      u![k] = rho * u![k]! + (1 - rho) * d * d;
      w[k] = w[k]! - lr * d;
    }
  },
  /** s = rho s + (1 - rho) g^2; w -= lr g / (sqrt(s) + eps); centered: s less the squared mean gradient; momentum: b = m b + g / (…), w -= lr b */
  [Optimizer.Rmsprop]({ w, g, slots: [s, mean, b], lr, constants: { rho, epsilon, epsilonInside, centered, momentum } }) {
    for (let k = 0; k < w.length; k++) {
      const square = rho * s![k]! + (1 - rho) * g[k]! * g[k]!;
      s![k] = square;
      let spread = square;
      if (mean !== undefined) {
        const average = rho * mean[k]! + (1 - rho) * g[k]!;
        mean[k] = average;
        // Rounding can leave a constant gradient's spread a hair below zero.
        if (centered) spread = Math.max(square - average * average, 0);
      }
      let move = g[k]! / root(spread, epsilon, epsilonInside);
      if (b !== undefined) {
        move += momentum * b[k]!;
        b[k] = move;
      }
      w[k] = w[k]! - lr * move;
    }
  },
  /** m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= lr m' / (sqrt(v') + eps), m' = m / (1 - b1^t), v' = v / (1 - b2^t) */
  [Optimizer.Adam]: adam,
  /** AMSGrad: Adam divided by the largest v so far. See: https://arxiv.org/abs/1904.09237 */
  [Optimizer.AmsGrad]: adam,
  /** AdamW: Adam's step; step() has decayed the weights already. */
  [Optimizer.AdamW]: adam,
  /** u = max(b2 u, |g| + eps); w -= lr m' / u. See: https://arxiv.org/abs/1412.6980, algorithm 2. */
  [Optimizer.Adamax]({ w, g, slots: [m, u], lr, constants: { beta1, beta2, epsilon }, counters }) {
    const rate = lr / (1 - counters[Counter.Power1]!);
    for (let k = 0; k < w.length; k++) {
      m![k] = beta1 * m![k]! + (1 - beta1) * g[k]!;
      u![k] = Math.max(beta2 * u![k]!, Math.abs(g[k]!) + epsilon);
      w[k] = w[k]! - (rate * m![k]!) / u![k]!;
    }
  },
  /** w -= lr ((1 - mu_t) / (1 - mu_1…mu_t) g + mu_t+1 / (1 - mu_1…mu_t+1) m) / (sqrt(v') + eps), mu_t = b1 (1 - 0.96^(t d) / 2) */
  [Optimizer.Nadam]({ w, g, slots: [m, v], lr, constants: { beta1, beta2, epsilon, momentumFade }, counters }) {
    const mu = beta1 * (1 - 0.5 * counters[Counter.FadePower]!);
    const next = beta1 * (1 - 0.5 * counters[Counter.FadePower]! * momentumFade);
    const product = counters[Counter.MomentumProduct]!;
    const now = (lr * (1 - mu)) / (1 - product);
    const ahead = (lr * next) / (1 - product * next);
    const correction = 1 / Math.sqrt(1 - counters[Counter.Power2]!);
    for (let k = 0; k < w.length; k++) {
      m![k] = beta1 * m![k]! + (1 - beta1) * g[k]!;
      v![k] = beta2 * v![k]! + (1 - beta2) * g[k]! * g[k]!;
      w[k] = w[k]! - (now * g[k]! + ahead * m![k]!) / (Math.sqrt(v![k]!) * correction + epsilon);
    }
  },
  /** w -= lr sign(b1 m + (1 - b1) g); m = b2 m + (1 - b2) g */
  [Optimizer.Lion]({ w, g, slots: [m], lr, constants: { beta1, beta2 } }) {
    for (let k = 0; k < w.length; k++) {
      w[k] = w[k]! - lr * Math.sign(beta1 * m![k]! + (1 - beta1) * g[k]!);
      m![k] = beta2 * m![k]! + (1 - beta2) * g[k]!;
    }
  },
  /** The step is computed elsewhere (L-BFGS). */
  [Optimizer.None]() {},
};

function adam({ w, g, slots: [m, v, largest], lr, constants: { beta1, beta2, epsilon, epsilonHat }, counters }: Sweep): void {
  const rate = lr / (1 - counters[Counter.Power1]!);
  const correction = 1 / Math.sqrt(1 - counters[Counter.Power2]!);
  const added = epsilon + epsilonHat * correction; // one of the two is 0
  for (let k = 0; k < w.length; k++) {
    const gradient = g[k]!;
    const mean = beta1 * m![k]! + (1 - beta1) * gradient;
    let square = beta2 * v![k]! + (1 - beta2) * gradient * gradient;
    m![k] = mean;
    v![k] = square;
    if (largest !== undefined) {
      square = Math.max(square, largest[k]!);
      largest[k] = square;
    }
    w[k] = w[k]! - (rate * mean) / (Math.sqrt(square) * correction + added);
  }
}

/** One of the two epsilons is 0. */
function root(square: number, epsilon: number, epsilonInside: number): number {
  return Math.sqrt(square + epsilonInside) + epsilon;
}

/** What no step has been taken with: every running product is 1. */
export const firstCounters: readonly number[] = [0, 0, 1, 1, 1, 1];

/** Moves the counters to the step about to be taken. */
function advance(rule: Optimizer, constants: ReturnType<typeof named>, counters: Float64Array): void {
  const { momentum, beta1, beta2, momentumFade } = constants;
  counters[Counter.Steps]!++;
  switch (rule) {
    case Optimizer.Momentum:
    case Optimizer.Velocity:
    case Optimizer.Average:
      counters[Counter.Power1]! *= momentum;
      break;
    case Optimizer.Adam:
    case Optimizer.AmsGrad:
    case Optimizer.AdamW:
    case Optimizer.Adamax:
    case Optimizer.Lion:
      counters[Counter.Power1]! *= beta1;
      counters[Counter.Power2]! *= beta2;
      break;
    case Optimizer.Nadam:
      counters[Counter.FadePower]! *= momentumFade;
      counters[Counter.MomentumProduct]! *= beta1 * (1 - 0.5 * counters[Counter.FadePower]!);
      counters[Counter.Power2]! *= beta2;
  }
}

/** One trainable tensor and all that belongs to it. */
export interface Trained {
  readonly plan: TensorPlan;
  readonly learningRateScale: number;
  readonly frozen: boolean;
  readonly w: Values;
  readonly gradient: Values;
  readonly slots: readonly Values[];
  /** The exponential average of w, when weights are averaged. */
  readonly average: Values | undefined;
}

/**
 * One step on every tensor that is not frozen: the raw gradients clipped (values, then each tensor's norm, then the norm
 * of all together); weight decay and penalties added; the rule; then signs, max-norm and the weight average. Gradients stay as
 * they are. `own`: the constants of this step. `rows`: rows of the effective batch. `scratch` holds the longest tensor.
 * Returns whether every weight is still finite.
 */
export function step(
  plan: NetworkPlan,
  own: StepConstants,
  tensors: readonly Trained[],
  counters: Float64Array,
  rate: number,
  rows: number,
  scratch: Float64Array,
): boolean {
  if (plan.optimizer.rule === Optimizer.None) return true;
  const { decaysApart, rule } = plan.optimizer;
  const weightDecay = own[OptimizerField.WeightDecay];
  const constants = named(own);
  advance(rule, constants, counters);
  const everywhere = globalScale(plan, tensors);
  let check = 0;
  for (const tensor of tensors) {
    if (tensor.frozen) continue;
    const { w, gradient } = tensor;
    const { maxNorm, signs } = tensor.plan;
    const lr = rate * tensor.learningRateScale;
    // Penalties act on weights: not on biases, gamma, beta, slopes. Coupled decay acts on everything, as in PyTorch.
    const { l1, l2 } = penaltyOn(tensor.plan, rows, decaysApart ? 0 : weightDecay);
    const scale = everywhere * normScale(plan, gradient);
    let g: Values = gradient;
    if (scale !== 1 || l1 !== 0 || l2 !== 0 || plan.clip.value !== Infinity) {
      g = scratch;
      const limit = plan.clip.value;
      for (let k = 0; k < w.length; k++) scratch[k] = scale * clipped(gradient[k]!, limit) + l1 * Math.sign(w[k]!) + l2 * w[k]!;
    }
    if (decaysApart && weightDecay !== 0) {
      const keep = 1 - lr * weightDecay;
      for (let k = 0; k < w.length; k++) w[k] = w[k]! * keep;
    }
    rules[rule]({ w, g, slots: tensor.slots, lr, constants, counters });
    if (signs !== undefined) keepSigns(w, signs);
    if (maxNorm !== Infinity) boundNorms(w, tensor.plan.shape, maxNorm);
    if (tensor.average !== undefined) follow(tensor.average, w, averagingShare(plan, counters[Counter.Steps]!));
    for (let k = 0; k < w.length; k++) check += w[k]! * 0; // NaN as soon as one is not finite
  }
  return check === 0;
}

function clipped(g: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, g));
}

function squaredNorm(gradient: Values, limit: number): number {
  let sum = 0;
  for (let k = 0; k < gradient.length; k++) sum += clipped(gradient[k]!, limit) ** 2;
  return sum;
}

/** min(1, limit / norm). See: torch.nn.utils.clip_grad_norm_, whose 1e-6 this has too. */
function clipScale(limit: number, norm: number): number {
  return Math.min(1, limit / (norm + 1e-6));
}

function normScale(plan: NetworkPlan, gradient: Values): number {
  return plan.clip.norm === Infinity ? 1 : clipScale(plan.clip.norm, Math.sqrt(squaredNorm(gradient, plan.clip.value)));
}

/** The factor on every gradient that holds the norm of all of them together, after the clips before it. */
function globalScale(plan: NetworkPlan, tensors: readonly Trained[]): number {
  if (plan.clip.globalNorm === Infinity) return 1;
  let total = 0;
  for (const { frozen, gradient } of tensors)
    if (!frozen) total += squaredNorm(gradient, plan.clip.value) * normScale(plan, gradient) ** 2;
  return clipScale(plan.clip.globalNorm, Math.sqrt(total));
}

/** Scales the incoming weights of each unit, a column of w [inputs][outputs], to at most `limit` in length. See: Srivastava et al. 2014. */
function boundNorms(w: Values, [inputs, outputs]: readonly number[], limit: number): void {
  for (let j = 0; j < outputs!; j++) {
    let sum = 0;
    for (let k = j; k < inputs! * outputs!; k += outputs!) sum += w[k]! * w[k]!;
    const scale = limit / Math.max(Math.sqrt(sum), limit);
    if (scale !== 1) for (let k = j; k < inputs! * outputs!; k += outputs!) w[k] = w[k]! * scale;
  }
}

/** average += share (w - average) */
function follow(average: Values, w: Values, share: number): void {
  for (let k = 0; k < w.length; k++) average[k] = average[k]! + share * (w[k]! - average[k]!);
}
