// Rules that divide each gradient by the size its like had so far. See: Duchi, Hazan & Singer 2011 (AdaGrad);
// https://arxiv.org/abs/1212.5701 (AdaDelta); Tieleman & Hinton 2012 (RMSProp).

import { Optimizer, OptimizerField } from '../../abi';
import { mulAdd } from '../../kernels/lanes';
import { Model } from '../../memory/model';
import { blend, constant, descend, descendBy, lanes, Task } from './rule';

/** Applies the task to the model's rule. False when it is none of these. */
export function adaptiveRules<T extends Task>(task: T, model: Model): bool {
  switch (model.rule) {
    case Optimizer.Adagrad:
      task.apply<Adagrad>(model);
      return true;
    case Optimizer.Adadelta:
      task.apply<Adadelta>(model);
      return true;
    case Optimizer.Rmsprop:
      if (model.slotCount == 1) task.apply<Rmsprop>(model);
      else task.apply<RmspropFull>(model);
      return true;
    default:
      return false;
  }
}

/** s += g^2; w -= rate g / (sqrt(s + epsilonInside) + epsilon) */
@unmanaged
@final
export class Adagrad {
  rate: v128;
  epsilon: v128;
  epsilonInside: v128;

  advance(model: Model): void {}

  begin(model: Model, rate: f64): void {
    this.rate = lanes(rate);
    this.epsilon = lanes(constant(model, OptimizerField.Epsilon));
    this.epsilonInside = lanes(constant(model, OptimizerField.EpsilonInside));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const sum = mulAdd(g, g, v128.load(slots));
    v128.store(slots, sum);
    return descendBy(w, this.rate, g, f32x4.add(f32x4.sqrt(f32x4.add(sum, this.epsilonInside)), this.epsilon));
  }
}

/** s = rho s + (1 - rho) g^2; d = sqrt(u + epsilon) / sqrt(s + epsilon) g; u = rho u + (1 - rho) d^2; w -= rate d */
@unmanaged
@final
export class Adadelta {
  rate: v128;
  rho: v128;
  share: v128; // 1 - rho
  epsilon: v128;

  advance(model: Model): void {}

  begin(model: Model, rate: f64): void {
    const rho = constant(model, OptimizerField.Rho);
    this.rate = lanes(rate);
    this.rho = lanes(rho);
    this.share = lanes(1 - rho);
    this.epsilon = lanes(constant(model, OptimizerField.Epsilon));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const square = blend(v128.load(slots), f32x4.mul(g, g), this.rho, this.share);
    v128.store(slots, square);
    const moves = v128.load(slots + slot);
    const ratio = f32x4.div(f32x4.sqrt(f32x4.add(moves, this.epsilon)), f32x4.sqrt(f32x4.add(square, this.epsilon)));
    const d = f32x4.mul(ratio, g);
    v128.store(slots + slot, blend(moves, f32x4.mul(d, d), this.rho, this.share));
    return descend(w, this.rate, d);
  }
}

/** s = rho s + (1 - rho) g^2; w -= rate g / (sqrt(s + epsilonInside) + epsilon) */
@unmanaged
@final
export class Rmsprop {
  rate: v128;
  rho: v128;
  share: v128; // 1 - rho
  epsilon: v128;
  epsilonInside: v128;

  advance(model: Model): void {}

  begin(model: Model, rate: f64): void {
    const rho = constant(model, OptimizerField.Rho);
    this.rate = lanes(rate);
    this.rho = lanes(rho);
    this.share = lanes(1 - rho);
    this.epsilon = lanes(constant(model, OptimizerField.Epsilon));
    this.epsilonInside = lanes(constant(model, OptimizerField.EpsilonInside));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const square = blend(v128.load(slots), f32x4.mul(g, g), this.rho, this.share);
    v128.store(slots, square);
    return descendBy(w, this.rate, g, f32x4.add(f32x4.sqrt(f32x4.add(square, this.epsilonInside)), this.epsilon));
  }
}

/** RMSProp, centered (s less the squared mean gradient) or not, with momentum: b = momentum b + g / root; w -= rate b. */
@unmanaged
@final
export class RmspropFull {
  rate: v128;
  rho: v128;
  share: v128; // 1 - rho
  epsilon: v128;
  epsilonInside: v128;
  centered: v128;
  momentum: v128;

  advance(model: Model): void {}

  begin(model: Model, rate: f64): void {
    const rho = constant(model, OptimizerField.Rho);
    this.rate = lanes(rate);
    this.rho = lanes(rho);
    this.share = lanes(1 - rho);
    this.epsilon = lanes(constant(model, OptimizerField.Epsilon));
    this.epsilonInside = lanes(constant(model, OptimizerField.EpsilonInside));
    this.centered = lanes(constant(model, OptimizerField.Centered));
    this.momentum = lanes(constant(model, OptimizerField.Momentum));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const square = blend(v128.load(slots), f32x4.mul(g, g), this.rho, this.share);
    v128.store(slots, square);
    const mean = blend(v128.load(slots + slot), g, this.rho, this.share);
    v128.store(slots + slot, mean);
    // Rounding can leave a constant gradient's spread a hair below zero.
    const spread = f32x4.max(f32x4.sub(square, f32x4.mul(this.centered, f32x4.mul(mean, mean))), f32x4.splat(0));
    const root = f32x4.add(f32x4.sqrt(f32x4.add(spread, this.epsilonInside)), this.epsilon);
    const b = mulAdd(this.momentum, v128.load(slots + 2 * slot), f32x4.div(g, root));
    v128.store(slots + 2 * slot, b);
    return descend(w, this.rate, b);
  }
}
