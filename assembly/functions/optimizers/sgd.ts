// Gradient descent, plain and with momentum in its three forms. See: Sutskever et al. 2013; Polyak 1964.

import { Optimizer, OptimizerField } from '../../abi';
import { mulAdd, select } from '../../kernels/lanes';
import { Model } from '../../memory/model';
import { blend, constant, descend, lanes, Task } from './rule';

/** Applies the task to the model's rule. False when it is none of these. */
export function descentRules<T extends Task>(task: T, model: Model): bool {
  switch (model.rule) {
    case Optimizer.Sgd:
      task.apply<Sgd>(model);
      return true;
    case Optimizer.Momentum:
      task.apply<Momentum>(model);
      return true;
    case Optimizer.Velocity:
      task.apply<Velocity>(model);
      return true;
    case Optimizer.Average:
      task.apply<Average>(model);
      return true;
    default:
      return false;
  }
}

/** w -= rate g */
@unmanaged
@final
export class Sgd {
  rate: v128;

  advance(model: Model): void {}

  begin(model: Model, rate: f64): void {
    this.rate = lanes(rate);
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    return descend(w, this.rate, g);
  }
}

/** v = momentum v + (1 - dampening) g, on the first step v = g; w -= rate v, or with Nesterov w -= rate (g + momentum v). */
@unmanaged
@final
export class Momentum {
  rate: v128;
  momentum: v128;
  share: v128; // of the gradient: 1 - dampening
  nesterov: v128;

  advance(model: Model): void {
    model.power1 *= constant(model, OptimizerField.Momentum);
  }

  begin(model: Model, rate: f64): void {
    this.rate = lanes(rate);
    this.momentum = lanes(constant(model, OptimizerField.Momentum));
    this.share = lanes(model.steps == 1 ? 1 : 1 - constant(model, OptimizerField.Dampening));
    this.nesterov = f32x4.gt(lanes(constant(model, OptimizerField.Nesterov)), f32x4.splat(0));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const v = blend(v128.load(slots), g, this.momentum, this.share);
    v128.store(slots, v);
    return descend(w, this.rate, select(this.nesterov, mulAdd(this.momentum, v, g), v));
  }
}

/** v = momentum v - rate g; w += v, or with Nesterov w += momentum v - rate g. */
@unmanaged
@final
export class Velocity {
  rate: v128;
  momentum: v128;
  nesterov: v128;

  advance(model: Model): void {
    model.power1 *= constant(model, OptimizerField.Momentum);
  }

  begin(model: Model, rate: f64): void {
    this.rate = lanes(rate);
    this.momentum = lanes(constant(model, OptimizerField.Momentum));
    this.nesterov = f32x4.gt(lanes(constant(model, OptimizerField.Nesterov)), f32x4.splat(0));
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const pull = f32x4.mul(this.rate, g);
    const v = f32x4.sub(f32x4.mul(this.momentum, v128.load(slots)), pull);
    v128.store(slots, v);
    return f32x4.add(w, select(this.nesterov, f32x4.sub(f32x4.mul(this.momentum, v), pull), v));
  }
}

/** v = momentum v + (1 - momentum) g; w -= rate v, with bias correction rate / (1 - momentum^t). */
@unmanaged
@final
export class Average {
  rate: v128;
  momentum: v128;
  share: v128; // 1 - momentum

  advance(model: Model): void {
    model.power1 *= constant(model, OptimizerField.Momentum);
  }

  begin(model: Model, rate: f64): void {
    const momentum = constant(model, OptimizerField.Momentum);
    const corrects = constant(model, OptimizerField.BiasCorrection) != 0;
    this.rate = lanes(corrects ? rate * (1 / (1 - model.power1)) : rate);
    this.momentum = lanes(momentum);
    this.share = lanes(1 - momentum);
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const v = blend(v128.load(slots), g, this.momentum, this.share);
    v128.store(slots, v);
    return descend(w, this.rate, v);
  }
}
