// What optimizer rules are made of. A rule is a class whose fields are the numbers of one step, the same in all four lanes:
//
//   advance(model)              moves the counters to the step about to be taken (once, whatever the number of threads)
//   begin(model, rate)          fills the fields for the step the counters stand at; `rate` is the learning rate of the tensor
//   next(w, g, slots, slot)     four weights after the step, from four weights and their gradient; reads and writes the slots
//                               of these weights, at `slots`, `slots + slot`, `slots + 2 slot`
//
// Each family's file lists its rules by id. step.ts calls them, one compiled loop per rule. What next() calls is marked @inline: left to itself the compiler shares it
// between the rules, and a call in the loop costs a training step of 784-128-10 a fifth.
//
// A rule's constants are in the optimizer's record (OptimizerField). begin() reads them anew each step, so that one may
// change from step to step.

import { OptimizerField } from '../../abi';
import { Model } from '../../memory/model';

export interface Rule {
  advance(model: Model): void;
  begin(model: Model, rate: f64): void;
  next(w: v128, g: v128, slots: usize, slot: usize): v128;
}

/** What is done with the rule of a model, whichever it is. */
@unmanaged
export class Task {
  apply<R extends Rule>(model: Model): void {}
}

/** A constant of the optimizer, in float64. */
export function constant(model: Model, field: OptimizerField): f64 {
  return f64.load(model.optimizer + ((field as usize) << 3));
}

/** A number of the step in all four lanes, rounded once. */
export function lanes(value: f64): v128 {
  return f32x4.splat(value as f32);
}

/** keep m + share g: an exponential average when the two add up to 1. */
// @ts-ignore: decorator
@inline
export function blend(m: v128, g: v128, keep: v128, share: v128): v128 {
  return f32x4.add(f32x4.mul(keep, m), f32x4.mul(share, g));
}

/** w - rate d */
// @ts-ignore: decorator
@inline
export function descend(w: v128, rate: v128, d: v128): v128 {
  return f32x4.sub(w, f32x4.mul(rate, d));
}

/** w - rate d / root */
// @ts-ignore: decorator
@inline
export function descendBy(w: v128, rate: v128, d: v128, root: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(rate, d), root));
}
