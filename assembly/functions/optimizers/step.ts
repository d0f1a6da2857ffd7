// One optimizer step on the gradients as they stand. One sweep reads each gradient, slot and weight once and writes them
// once; clipping, decay, penalties and averages happen on the way. What a rule is: rule.ts. Rules and their names for
// users: src/plan/optimizers.ts.

import { Optimizer, OptimizerField } from '../../abi';
import { mulAdd, sumLanes } from '../../kernels/lanes';
import { Model, THREAD_SCRATCH, tensorAt } from '../../memory/model';
import { adamRules } from './adam';
import { adaptiveRules } from './adaptive';
import { averagingShare, flush } from './afterwards';
import { normScale } from './clipping';
import { signRules } from './lion';
import { constant, Rule } from './rule';
import { descentRules } from './sgd';

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
  counts: bool; // not a run: the rule's counters move to the next step
  finite: f32; // becomes NaN when a weight stops being finite, else 0

  apply<R extends Rule>(model: Model): void {
    if (RULE_AT + offsetof<R>() > THREAD_SCRATCH) ERROR('THREAD_SCRATCH is too small for a rule');
    const rule = changetype<R>(changetype<usize>(this) + RULE_AT);
    if (this.counts) {
      rule.advance(model);
      return;
    }
    rule.begin(model, this.rate);
    this.finite = sweepRun<R>(model, this, rule);
  }
}

/** Where a rule's fields start, behind the run, in a thread's scratch. */
const RULE_AT: usize = 64;

/** Moves the counters to the step about to be taken. Once per step, whatever the number of threads. */
export function advance(model: Model, scratch: usize): void {
  model.steps += 1;
  model.averagingShare = averagingShare(model);
  const run = changetype<Run>(scratch);
  run.counts = true;
  dispatch(model, run);
}

/** The model's rule, of whichever family, applied to the run. An id that is none traps, in every build. */
function dispatch(model: Model, run: Run): void {
  if (model.rule == Optimizer.None) return;
  if (
    !(descentRules<Run>(run, model) || adaptiveRules<Run>(run, model) || adamRules<Run>(run, model) || signRules<Run>(run, model))
  )
    unreachable();
}

/** One pass over a run. Returns 0, or NaN when a weight stopped being finite. */
function sweepRun<R extends Rule>(model: Model, run: Run, rule: R): f32 {
  const slot = model.trainableBytes;
  const adjusts = run.adjusts;
  const averages = model.averagingDecay > 0 && !model.boundsWeights;
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

/**
 * One optimizer step on the bytes [from, to) of the regions (a thread's share; multiples of a cache line), after advance().
 * `rate`: the learning rate; `rows`: rows of the effective batch; `scale`: the factor of global clipping.
 * Returns 0, or NaN when a weight stopped being finite.
 */
export function sweep(model: Model, rate: f64, rows: i32, scale: f64, from: usize, to: usize, scratch: usize): f32 {
  const run = changetype<Run>(scratch);
  run.counts = false;
  run.finite = 0;
  const apart = model.decaysApart;
  const weightDecay = constant(model, OptimizerField.WeightDecay) as f32;
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
    if (!apart) run.l2 += weightDecay;
    if (tensor.l2PerRow != 0) run.l2 += (tensor.l2PerRow / (rows as f64)) as f32;
    run.decay = apart ? ((1 - run.rate * (weightDecay as f64)) as f32) : 1;
    run.adjusts = !plain || run.clipScale != 1 || run.l1 != 0 || run.l2 != 0 || run.decay != 1;
    dispatch(model, run);
    finite += run.finite;
  }
  flush(model, from, to);
  return finite;
}
