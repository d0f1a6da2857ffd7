// Lion. step.ts has decayed the weights already, as for AdamW. See: https://arxiv.org/abs/2302.06675, algorithm 2.

import { Optimizer, OptimizerField } from '../../abi';
import { select } from '../../kernels/lanes';
import { Model } from '../../memory/model';
import { blend, constant, descend, lanes, Task } from './rule';

/** Applies the task to the model's rule. False when it is none of these. */
export function signRules<T extends Task>(task: T, model: Model): bool {
  switch (model.rule) {
    case Optimizer.Lion:
      task.apply<Lion>(model);
      return true;
    default:
      return false;
  }
}

/** w -= rate sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g */
@unmanaged
@final
export class Lion {
  rate: v128;
  beta1: v128;
  share1: v128; // 1 - beta1
  beta2: v128;
  share2: v128; // 1 - beta2

  advance(model: Model): void {
    model.power1 *= constant(model, OptimizerField.Beta1);
    model.power2 *= constant(model, OptimizerField.Beta2);
  }

  begin(model: Model, rate: f64): void {
    const beta1 = constant(model, OptimizerField.Beta1);
    const beta2 = constant(model, OptimizerField.Beta2);
    this.rate = lanes(rate);
    this.beta1 = lanes(beta1);
    this.share1 = lanes(1 - beta1);
    this.beta2 = lanes(beta2);
    this.share2 = lanes(1 - beta2);
  }

  next(w: v128, g: v128, slots: usize, slot: usize): v128 {
    const m = v128.load(slots);
    const d = blend(m, g, this.beta1, this.share1);
    v128.store(slots, blend(m, g, this.beta2, this.share2));
    const zero = f32x4.splat(0);
    const one = f32x4.splat(1);
    const sign = f32x4.sub(v128.and(f32x4.gt(d, zero), one), v128.and(f32x4.lt(d, zero), one));
    return descend(w, this.rate, select(f32x4.eq(d, d), sign, d)); // NaN stays NaN
  }
}
