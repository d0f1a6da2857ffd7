// One optimizer step on the gradients as they stand. One sweep reads each gradient, slot and weight once and writes them
// once; clipping, decay, penalties and averages happen on the way. What a rule is: rule.ts. Rules and their names for
// users: src/plan/optimizers.ts.

import { Optimizer } from '../../abi';
import { mulAdd, sumLanes } from '../../kernels/lanes';
import { Model, SWEEP_SCRATCH, tensorAt } from '../../memory/model';
import { Adagrad, Adadelta, Rmsprop, RmspropFull } from './adaptive';
import { Adam, Adamax, AmsGrad, Nadam } from './adam';
import { averagingShare, flush } from './afterwards';
import { normScale } from './clipping';
import { Lion } from './lion';
import { Rule } from './rule';
import { Average, Momentum, Sgd, Velocity } from './sgd';

/** Neighbouring tensors with equal options, swept together: what happens to their gradients beside the rule. */
@unmanaged
@final
class Run {
  from: usize; // bytes of the regions
  to: usize;
  rate: f64; // learning rate x the tensors' scale
  clipScale: f32; // of norm clipping
  l1: f32;
  l2: f32; // with coupled weight decay
  decay: f32; // decoupled: w *= decay first
  adjusts: bool; // some of the above is not neutral
}

/** Where a rule's fields start, behind the run, in a thread's scratch. */
const RULE_AT: usize = 64;

/** Moves the counters to the step about to be taken. Once per step, whatever the number of threads. */
export function advance(model: Model, scratch: usize): void {
  model.steps += 1;
  model.averagingShare = averagingShare(model);
  dispatch(model, changetype<Run>(0), scratch);
}

/**
 * The rules by id: `run` through the model's rule, or with no run its advance().
 * A rule is one line here. An id that is none traps, in every build.
 */
function dispatch(model: Model, run: Run, scratch: usize): f32 {
  switch (model.rule) {
    case Optimizer.Sgd:
      return apply<Sgd>(model, run, scratch);
    case Optimizer.Momentum:
      return apply<Momentum>(model, run, scratch);
    case Optimizer.Velocity:
      return apply<Velocity>(model, run, scratch);
    case Optimizer.Average:
      return apply<Average>(model, run, scratch);
    case Optimizer.Adagrad:
      return apply<Adagrad>(model, run, scratch);
    case Optimizer.Adadelta:
      return apply<Adadelta>(model, run, scratch);
    case Optimizer.Rmsprop:
      return model.slotCount == 1 ? apply<Rmsprop>(model, run, scratch) : apply<RmspropFull>(model, run, scratch);
    case Optimizer.Adam:
    case Optimizer.AdamW:
      return apply<Adam>(model, run, scratch);
    case Optimizer.AmsGrad:
      return apply<AmsGrad>(model, run, scratch);
    case Optimizer.Adamax:
      return apply<Adamax>(model, run, scratch);
    case Optimizer.Nadam:
      return apply<Nadam>(model, run, scratch);
    case Optimizer.Lion:
      return apply<Lion>(model, run, scratch);
    case Optimizer.None:
      return 0;
    default:
      return unreachable();
  }
}

function apply<R extends Rule>(model: Model, run: Run, scratch: usize): f32 {
  if (RULE_AT + offsetof<R>() > SWEEP_SCRATCH) ERROR('SWEEP_SCRATCH is too small for a rule');
  const rule = changetype<R>(scratch + RULE_AT);
  if (changetype<usize>(run) == 0) {
    rule.advance(model);
    return 0;
  }
  rule.begin(model, run.rate);
  return sweepRun<R>(model, run, rule);
}

/** One pass over a run. Returns 0, or NaN when a weight stopped being finite. */
function sweepRun<R extends Rule>(model: Model, run: Run, rule: R): f32 {
  const slot = model.trainableBytes;
  const adjusts = run.adjusts;
  const averages = model.averagingDecay > 0 && !model.boundsNorms;
  const end = model.parameters + run.to;
  let w = model.parameters + run.from;
  let g = model.gradients + run.from;
  let s = model.slots + run.from;
  const average = model.average - model.parameters;
  let finite = f32x4.splat(0);
  while (w < end) {
    let weight = v128.load(w);
    let gradient = v128.load(g);
    if (adjusts) {
      const limit = f32x4.splat(model.clipValue);
      gradient = f32x4.max(f32x4.neg(limit), f32x4.min(limit, gradient));
      gradient = f32x4.mul(gradient, f32x4.splat(run.clipScale));
      // Decoupled decay (AdamW, Lion) shrinks the weight first; penalties then see the weight as it was.
      const l1 = f32x4.splat(run.l1);
      const sign = f32x4.sub(v128.and(f32x4.gt(weight, f32x4.splat(0)), l1), v128.and(f32x4.lt(weight, f32x4.splat(0)), l1));
      gradient = f32x4.add(gradient, f32x4.add(f32x4.mul(f32x4.splat(run.l2), weight), sign));
      weight = f32x4.mul(weight, f32x4.splat(run.decay));
    }
    weight = rule.next(weight, gradient, s, slot);
    v128.store(w, weight);
    finite = f32x4.add(finite, f32x4.mul(weight, f32x4.splat(0)));
    if (averages) {
      const mean = v128.load(w + average);
      v128.store(w + average, mulAdd(f32x4.splat(model.averagingShare), f32x4.sub(weight, mean), mean));
    }
    w += 16;
    g += 16;
    s += 16;
  }
  return sumLanes(finite);
}

/** Whether weight decay shrinks the weights themselves and stays out of the gradient. */
function decaysApart(rule: Optimizer): bool {
  return rule == Optimizer.AdamW || rule == Optimizer.Lion;
}

/**
 * One optimizer step on the bytes [from, to) of the regions (a thread's share; multiples of a cache line), after advance().
 * `rate`: the learning rate; `rows`: rows of the effective batch; `scale`: the factor of global clipping.
 * Returns 0, or NaN when a weight stopped being finite.
 */
export function sweep(model: Model, rate: f64, rows: i32, scale: f64, from: usize, to: usize, scratch: usize): f32 {
  const run = changetype<Run>(scratch);
  const apart = decaysApart(model.rule);
  const merges = model.clipNorm == Infinity;
  const plain = model.clipValue == Infinity;
  let finite: f32 = 0;
  for (let i = 0; i < model.tensorCount; ) {
    const tensor = tensorAt(model, i);
    const start = tensor.offset;
    let end = start + tensor.bytes;
    i++;
    if (!tensor.trainable || tensor.frozen) continue;
    // Weights and biases differ in penalties only when there are any: merge when both have none.
    while (i < model.tensorCount && merges) {
      const other = tensorAt(model, i);
      if (
        !(
          other.trainable &&
          !other.frozen &&
          other.offset == end &&
          other.l1 == tensor.l1 &&
          other.l2 == tensor.l2 &&
          other.l2PerRow == tensor.l2PerRow &&
          other.rateScale == tensor.rateScale
        )
      )
        break;
      end += other.bytes;
      i++;
    }
    run.clipScale = (scale * normScale(model, start, end)) as f32;
    run.from = max(start, from);
    run.to = min(end, to);
    if (run.from >= run.to) continue;
    run.rate = rate * (tensor.rateScale as f64);
    run.l1 = tensor.l1;
    run.l2 = tensor.l2;
    if (!apart) run.l2 += model.weightDecay;
    if (tensor.l2PerRow != 0) run.l2 += (tensor.l2PerRow / (rows as f64)) as f32;
    run.decay = apart ? ((1 - run.rate * (model.weightDecay as f64)) as f32) : 1;
    run.adjusts = !plain || run.clipScale != 1 || run.l1 != 0 || run.l2 != 0 || run.decay != 1;
    finite += dispatch(model, run, scratch);
  }
  flush(model, from, to);
  return finite;
}
