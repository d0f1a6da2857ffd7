// Adam and its variants: running means of the gradient (m) and of its square (v), both corrected for their start at zero.
// See: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, algorithms 1 (Adam) and 2 (AdaMax);
// https://arxiv.org/abs/1904.09237 (AMSGrad); https://arxiv.org/abs/1711.05101 (AdamW: Adam, after step.ts has decayed the
// weights); Dozat 2016 (NAdam).

import { Optimizer, OptimizerField } from '../../abi';
import { mulAdd } from '../../kernels/lanes';
import { Model } from '../../memory/model';
import { blend, constant, descendBy, lanes, Task } from './rule';

/** Applies the task to the model's rule. False when it is none of these. */
export function adamRules<T extends Task>(task: T, model: Model): bool {
  switch (model.rule) {
    case Optimizer.Adam:
    case Optimizer.AdamW:
      task.apply<Adam>(model);
      return true;
    case Optimizer.AmsGrad:
      task.apply<AmsGrad>(model);
      return true;
    case Optimizer.Adamax:
      task.apply<Adamax>(model);
      return true;
    case Optimizer.Nadam:
      task.apply<Nadam>(model);
      return true;
    default:
      return false;
  }
}

/** Algorithm 1: w -= alpha m' / (sqrt(v') + epsilon), with m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t). */
@unmanaged
@final
export class Adam {
  stepSize: v128; // alpha / (1 - beta1^t)
  beta1: v128;
  share1: v128; // 1 - beta1
  beta2: v128;
  share2: v128; // 1 - beta2
  correction2: v128; // 1 / sqrt(1 - beta2^t)
  epsilon: v128;

  advance(model: Model): void {
    advanceMoments(model);
  }

  begin(model: Model, alpha: f64): void {
    beginMoments<Adam>(this, model, alpha);
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const m = firstMoment<Adam>(this, g, slots);
    const v = secondMoment<Adam>(this, g, slots + slot);
    return descendBy(w, this.stepSize, m, mulAdd(f32x4.sqrt(v), this.correction2, this.epsilon));
  }
}

/** Adam that divides by the largest v so far. */
@unmanaged
@final
export class AmsGrad {
  stepSize: v128;
  beta1: v128;
  share1: v128;
  beta2: v128;
  share2: v128;
  correction2: v128;
  epsilon: v128;

  advance(model: Model): void {
    advanceMoments(model);
  }

  begin(model: Model, alpha: f64): void {
    beginMoments<AmsGrad>(this, model, alpha);
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const m = firstMoment<AmsGrad>(this, g, slots);
    const v = secondMoment<AmsGrad>(this, g, slots + slot);
    const largest = f32x4.max(v, v128.load(slots + 2 * slot));
    v128.store(slots + 2 * slot, largest);
    return descendBy(w, this.stepSize, m, mulAdd(f32x4.sqrt(largest), this.correction2, this.epsilon));
  }
}

/** Algorithm 2: u = max(beta2 u, |g| + epsilon); w -= alpha / (1 - beta1^t) m / u. */
@unmanaged
@final
export class Adamax {
  stepSize: v128; // alpha / (1 - beta1^t)
  beta1: v128;
  share1: v128;
  beta2: v128;
  epsilon: v128;

  advance(model: Model): void {
    advanceMoments(model);
  }

  begin(model: Model, alpha: f64): void {
    const beta1 = constant(model, OptimizerField.Beta1);
    this.stepSize = lanes(alpha * (1 / (1 - model.power1)));
    this.beta1 = lanes(beta1);
    this.share1 = lanes(1 - beta1);
    this.beta2 = lanes(constant(model, OptimizerField.Beta2));
    this.epsilon = lanes(constant(model, OptimizerField.Epsilon));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const m = firstMoment<Adamax>(this, g, slots);
    const u = f32x4.max(f32x4.mul(this.beta2, v128.load(slots + slot)), f32x4.add(f32x4.abs(g), this.epsilon));
    v128.store(slots + slot, u);
    return descendBy(w, this.stepSize, m, u);
  }
}

/**
 * Adam with Nesterov's look-ahead: the momentum of step t is mu_t = beta1 (1 - fade^t / 2), fade = 0.96^momentumDecay, and
 * w -= alpha ((1 - mu_t) / (1 - mu_1 … mu_t) g + mu_t+1 / (1 - mu_1 … mu_t+1) m) / (sqrt(v') + epsilon).
 */
@unmanaged
@final
export class Nadam {
  alpha: v128;
  gradientShare: v128; // (1 - mu_t) / (1 - mu_1 … mu_t)
  momentumShare: v128; // mu_t+1 / (1 - mu_1 … mu_t+1)
  beta1: v128;
  share1: v128;
  beta2: v128;
  share2: v128;
  correction2: v128;
  epsilon: v128;

  advance(model: Model): void {
    const fade = constant(model, OptimizerField.MomentumFade);
    model.momentumProduct *= constant(model, OptimizerField.Beta1) * (1 - 0.5 * model.fadePower * fade);
    model.fadePower *= fade;
    model.power2 *= constant(model, OptimizerField.Beta2);
  }

  begin(model: Model, alpha: f64): void {
    const beta1 = constant(model, OptimizerField.Beta1);
    const beta2 = constant(model, OptimizerField.Beta2);
    const momentum = beta1 * (1 - 0.5 * model.fadePower);
    const nextMomentum = beta1 * (1 - 0.5 * model.fadePower * constant(model, OptimizerField.MomentumFade));
    this.alpha = lanes(alpha);
    this.gradientShare = lanes((1 - momentum) / (1 - model.momentumProduct));
    this.momentumShare = lanes(nextMomentum / (1 - model.momentumProduct * nextMomentum));
    this.beta1 = lanes(beta1);
    this.share1 = lanes(1 - beta1);
    this.beta2 = lanes(beta2);
    this.share2 = lanes(1 - beta2);
    this.correction2 = lanes(1 / Math.sqrt(1 - model.power2));
    this.epsilon = lanes(constant(model, OptimizerField.Epsilon));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const m = firstMoment<Nadam>(this, g, slots);
    const v = secondMoment<Nadam>(this, g, slots + slot);
    const ahead = mulAdd(this.gradientShare, g, f32x4.mul(this.momentumShare, m));
    return descendBy(w, this.alpha, ahead, mulAdd(f32x4.sqrt(v), this.correction2, this.epsilon));
  }
}

function advanceMoments(model: Model): void {
  model.power1 *= constant(model, OptimizerField.Beta1);
  model.power2 *= constant(model, OptimizerField.Beta2);
}

/** Fields of a rule that averages the gradient. */
interface FirstMoment {
  beta1: v128;
  share1: v128;
}

/** Fields of a rule that averages its square. */
interface SecondMoment {
  beta2: v128;
  share2: v128;
}

/** Fields of Adam and AMSGrad. */
interface CorrectedMoments {
  beta1: v128;
  share1: v128;
  beta2: v128;
  share2: v128;
  stepSize: v128;
  correction2: v128;
  epsilon: v128;
}

/** The numbers of step t for Adam and AMSGrad. */
function beginMoments<R extends CorrectedMoments>(rule: R, model: Model, alpha: f64): void {
  const beta1 = constant(model, OptimizerField.Beta1);
  const beta2 = constant(model, OptimizerField.Beta2);
  const root2 = Math.sqrt(1 - model.power2);
  rule.stepSize = lanes(alpha * (1 / (1 - model.power1)));
  rule.beta1 = lanes(beta1);
  rule.share1 = lanes(1 - beta1);
  rule.beta2 = lanes(beta2);
  rule.share2 = lanes(1 - beta2);
  rule.correction2 = lanes(1 / root2);
  // Of the two one is 0: epsilon joins the corrected root, epsilon hat the root before its correction.
  rule.epsilon = lanes(constant(model, OptimizerField.Epsilon) + constant(model, OptimizerField.EpsilonHat) / root2);
}

/** m = beta1 m + (1 - beta1) g */
// @ts-ignore: decorator
@inline
function firstMoment<R extends FirstMoment>(rule: R, g: v128, at: usize): v128 {
  const m = blend(v128.load(at), g, rule.beta1, rule.share1);
  v128.store(at, m);
  return m;
}

/** v = beta2 v + (1 - beta2) g^2 */
// @ts-ignore: decorator
@inline
function secondMoment<R extends SecondMoment>(rule: R, g: v128, at: usize): v128 {
  const v = blend(v128.load(at), f32x4.mul(g, g), rule.beta2, rule.share2);
  v128.store(at, v);
  return v;
}
