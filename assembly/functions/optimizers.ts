// Optimizer rules, one small class each: the constants of a step (`prepare`, in float64) and what happens to four
// weights (`next`). One sweep reads each gradient, slot and weight once and writes them once; clipping, decay and
// penalties happen on the way. Rules and their names: src/plan/optimizers.ts.

import { Optimizer } from '../abi';
import { mulAdd, select, sumLanes } from '../kernels/lanes';
import { Model, Tensor, tensorAt } from '../memory/model';

/** The numbers of one step, splat when read. Filled by prepare() and, per run of tensors, by sweepRun(). */
@unmanaged @final
class Step {
  rate: f32; // learning rate x the tensor's scale x the rule's own factor
  k0: f32;
  k1: f32;
  k2: f32;
  k3: f32;
  k4: f32;
  k5: f32;
  k6: f32;
  factor: f64; // the rule's own factor on the rate
  decoupled: f32; // 1 - rate * weight decay, for AdamW and Lion
}

function k(field: usize): v128 {
  return v128.load32_splat(field);
}
const RATE = offsetof<Step>('rate');
const K0 = offsetof<Step>('k0');
const K1 = offsetof<Step>('k1');
const K2 = offsetof<Step>('k2');
const K3 = offsetof<Step>('k3');
const K4 = offsetof<Step>('k4');
const K5 = offsetof<Step>('k5');
const K6 = offsetof<Step>('k6');

/** m + share (g - m), written as keep m + share g with both factors rounded once. */
function blend(m: v128, g: v128, keep: v128, share: v128): v128 {
  return f32x4.add(f32x4.mul(keep, m), f32x4.mul(share, g));
}

function descend(w: v128, rate: v128, d: v128): v128 {
  return f32x4.sub(w, f32x4.mul(rate, d));
}

/** w -= lr g */
@unmanaged @final
class Sgd {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    return descend(w, k(c + RATE), g);
  }
}

/** v = m v + (1 - d) g; w -= lr v, or with Nesterov w -= lr (g + m v). k0 = m, k1 = 1 - d, k2 = Nesterov */
@unmanaged @final
class Momentum {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const v = blend(v128.load(s), g, k(c + K0), k(c + K1));
    v128.store(s, v);
    const nesterov = f32x4.gt(k(c + K2), f32x4.splat(0));
    return descend(w, k(c + RATE), select(nesterov, mulAdd(k(c + K0), v, g), v));
  }
}

/** v = m v - lr g; w += v, or with Nesterov w += m v - lr g. k0 = m, k2 = Nesterov */
@unmanaged @final
class Velocity {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const pull = f32x4.mul(k(c + RATE), g);
    const v = f32x4.sub(f32x4.mul(k(c + K0), v128.load(s)), pull);
    v128.store(s, v);
    const nesterov = f32x4.gt(k(c + K2), f32x4.splat(0));
    return f32x4.add(w, select(nesterov, f32x4.sub(f32x4.mul(k(c + K0), v), pull), v));
  }
}

/** v = m v + (1 - m) g; w -= lr v. k0 = m, k1 = 1 - m */
@unmanaged @final
class Average {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const v = blend(v128.load(s), g, k(c + K0), k(c + K1));
    v128.store(s, v);
    return descend(w, k(c + RATE), v);
  }
}

/** s += g^2; w -= lr g / (sqrt(s) + eps), or lr g / sqrt(s + eps). k0 = eps outside, k1 = eps inside */
@unmanaged @final
class Adagrad {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const sum = mulAdd(g, g, v128.load(s));
    v128.store(s, sum);
    const root = f32x4.add(f32x4.sqrt(f32x4.add(sum, k(c + K1))), k(c + K0));
    return f32x4.sub(w, f32x4.div(f32x4.mul(k(c + RATE), g), root));
  }
}

/** s = rho s + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(s + eps) g; u = rho u + (1 - rho) d^2; w -= lr d. k0 = rho, k1 = 1 - rho, k2 = eps */
@unmanaged @final
class Adadelta {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const square = blend(v128.load(s), f32x4.mul(g, g), k(c + K0), k(c + K1));
    v128.store(s, square);
    const moves = v128.load(s + slot);
    const d = f32x4.mul(f32x4.div(f32x4.sqrt(f32x4.add(moves, k(c + K2))), f32x4.sqrt(f32x4.add(square, k(c + K2)))), g);
    v128.store(s + slot, blend(moves, f32x4.mul(d, d), k(c + K0), k(c + K1)));
    return descend(w, k(c + RATE), d);
  }
}

/** s = rho s + (1 - rho) g^2; w -= lr g / (sqrt(s) + eps). k0 = rho, k1 = 1 - rho, k2 = eps outside, k3 = eps inside */
@unmanaged @final
class Rmsprop {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const square = blend(v128.load(s), f32x4.mul(g, g), k(c + K0), k(c + K1));
    v128.store(s, square);
    const root = f32x4.add(f32x4.sqrt(f32x4.add(square, k(c + K3))), k(c + K2));
    return f32x4.sub(w, f32x4.div(f32x4.mul(k(c + RATE), g), root));
  }
}

/** RMSprop with the squared mean gradient subtracted (k5 = 1 when centered) and b = m b + g / root; w -= lr b. k4 = m */
@unmanaged @final
class RmspropFull {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const square = blend(v128.load(s), f32x4.mul(g, g), k(c + K0), k(c + K1));
    v128.store(s, square);
    const mean = blend(v128.load(s + slot), g, k(c + K0), k(c + K1));
    v128.store(s + slot, mean);
    // Rounding can leave a constant gradient's spread a hair below zero.
    const spread = f32x4.max(f32x4.sub(square, f32x4.mul(k(c + K5), f32x4.mul(mean, mean))), f32x4.splat(0));
    const root = f32x4.add(f32x4.sqrt(f32x4.add(spread, k(c + K3))), k(c + K2));
    const b = mulAdd(k(c + K4), v128.load(s + 2 * slot), f32x4.div(g, root));
    v128.store(s + 2 * slot, b);
    return descend(w, k(c + RATE), b);
  }
}

/** m, v as in algorithm 1; w -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps). k0 = b1, k1 = 1 - b1, k2 = b2, k3 = 1 - b2, k4 = 1 / sqrt(1 - b2^t), k5 = eps */
@unmanaged @final
class Adam {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const m = blend(v128.load(s), g, k(c + K0), k(c + K1));
    v128.store(s, m);
    const v = blend(v128.load(s + slot), f32x4.mul(g, g), k(c + K2), k(c + K3));
    v128.store(s + slot, v);
    const root = mulAdd(f32x4.sqrt(v), k(c + K4), k(c + K5));
    return f32x4.sub(w, f32x4.div(f32x4.mul(k(c + RATE), m), root));
  }
}

/** Adam that divides by the largest v so far. */
@unmanaged @final
class AmsGrad {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const m = blend(v128.load(s), g, k(c + K0), k(c + K1));
    v128.store(s, m);
    const v = blend(v128.load(s + slot), f32x4.mul(g, g), k(c + K2), k(c + K3));
    v128.store(s + slot, v);
    const largest = f32x4.max(v, v128.load(s + 2 * slot));
    v128.store(s + 2 * slot, largest);
    const root = mulAdd(f32x4.sqrt(largest), k(c + K4), k(c + K5));
    return f32x4.sub(w, f32x4.div(f32x4.mul(k(c + RATE), m), root));
  }
}

/** u = max(b2 u, |g| + eps); w -= lr / (1 - b1^t) m / u. k0 = b1, k1 = 1 - b1, k2 = b2, k5 = eps */
@unmanaged @final
class Adamax {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const m = blend(v128.load(s), g, k(c + K0), k(c + K1));
    v128.store(s, m);
    const u = f32x4.max(f32x4.mul(k(c + K2), v128.load(s + slot)), f32x4.add(f32x4.abs(g), k(c + K5)));
    v128.store(s + slot, u);
    return f32x4.sub(w, f32x4.div(f32x4.mul(k(c + RATE), m), u));
  }
}

/** w -= lr (k6 g + rate' m) / (sqrt(v) / sqrt(1 - b2^t) + eps): k6 and the factor on m hold NAdam's momenta. */
@unmanaged @final
class Nadam {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const m = blend(v128.load(s), g, k(c + K0), k(c + K1));
    v128.store(s, m);
    const v = blend(v128.load(s + slot), f32x4.mul(g, g), k(c + K2), k(c + K3));
    v128.store(s + slot, v);
    const root = mulAdd(f32x4.sqrt(v), k(c + K4), k(c + K5));
    const pull = mulAdd(k(c + K6), g, f32x4.mul(k(c + offsetof<Step>('decoupled')), m));
    return f32x4.sub(w, f32x4.div(f32x4.mul(k(c + RATE), pull), root));
  }
}

/** w -= lr sign(b1 m + (1 - b1) g); m = b2 m + (1 - b2) g. k0 = b1, k1 = 1 - b1, k2 = b2, k3 = 1 - b2 */
@unmanaged @final
class Lion {
  next(w: v128, g: v128, s: usize, slot: usize, c: usize): v128 {
    const m = v128.load(s);
    const d = blend(m, g, k(c + K0), k(c + K1));
    v128.store(s, blend(m, g, k(c + K2), k(c + K3)));
    const zero = f32x4.splat(0);
    const sign = f32x4.sub(
      v128.and(f32x4.gt(d, zero), f32x4.splat(1)),
      v128.and(f32x4.lt(d, zero), f32x4.splat(1)),
    );
    return descend(w, k(c + RATE), select(f32x4.eq(d, d), sign, d));
  }
}

/** What happens to the gradients of a run of tensors with equal options, beside the rule. */
@unmanaged @final
class Run {
  model: Model;
  scale: f32; // of norm clipping
  l1: f32;
  l2: f32; // with coupled weight decay
  adjusts: bool; // some of the above is not neutral
  decay: f32; // decoupled: w *= decay first
}

/** One pass over [from, to) bytes of the regions. Returns 0, or NaN when a weight stopped being finite. */
function pass<R>(run: Run, step: Step, from: usize, to: usize): f32 {
  const rule = changetype<R>(0);
  const model = run.model;
  const c = changetype<usize>(step);
  const slot = model.trainableBytes;
  const adjusts = run.adjusts;
  const averages = model.averagingDecay > 0 && !model.boundsNorms;
  const end = model.parameters + to;
  let w = model.parameters + from;
  let g = model.gradients + from;
  let s = model.slots + from;
  const average = model.average - model.parameters;
  let finite = f32x4.splat(0);
  while (w < end) {
    let weight = v128.load(w);
    let gradient = v128.load(g);
    if (adjusts) {
      const limit = f32x4.splat(model.clipValue);
      gradient = f32x4.max(f32x4.neg(limit), f32x4.min(limit, gradient));
      gradient = f32x4.mul(gradient, f32x4.splat(run.scale));
      // Decoupled decay (AdamW, Lion) shrinks the weight first; penalties then see the weight as it was.
      const l1 = f32x4.splat(run.l1);
      const sign = f32x4.sub(v128.and(f32x4.gt(weight, f32x4.splat(0)), l1), v128.and(f32x4.lt(weight, f32x4.splat(0)), l1));
      gradient = f32x4.add(gradient, f32x4.add(f32x4.mul(f32x4.splat(run.l2), weight), sign));
      weight = f32x4.mul(weight, f32x4.splat(run.decay));
    }
    weight = rule.next(weight, gradient, s, slot, c);
    v128.store(w, weight);
    finite = f32x4.add(finite, f32x4.mul(weight, f32x4.splat(0)));
    if (averages) {
      const mean = v128.load(w + average);
      v128.store(w + average, mulAdd(f32x4.splat(1 - model.averagingDecay), f32x4.sub(weight, mean), mean));
    }
    w += 16;
    g += 16;
    s += 16;
  }
  return sumLanes(finite);
}

function sweepRun(run: Run, step: Step, rule: Optimizer, from: usize, to: usize): f32 {
  switch (rule) {
    case Optimizer.Momentum: return pass<Momentum>(run, step, from, to);
    case Optimizer.Velocity: return pass<Velocity>(run, step, from, to);
    case Optimizer.Average: return pass<Average>(run, step, from, to);
    case Optimizer.Adagrad: return pass<Adagrad>(run, step, from, to);
    case Optimizer.Adadelta: return pass<Adadelta>(run, step, from, to);
    case Optimizer.Rmsprop:
      if (run.model.slotCount == 1) return pass<Rmsprop>(run, step, from, to);
      return pass<RmspropFull>(run, step, from, to);
    case Optimizer.Adam:
    case Optimizer.AdamW: return pass<Adam>(run, step, from, to);
    case Optimizer.AmsGrad: return pass<AmsGrad>(run, step, from, to);
    case Optimizer.Adamax: return pass<Adamax>(run, step, from, to);
    case Optimizer.Nadam: return pass<Nadam>(run, step, from, to);
    case Optimizer.Lion: return pass<Lion>(run, step, from, to);
    default: return pass<Sgd>(run, step, from, to);
  }
}

/** Moves the counters to the step about to be taken. Once per step, whatever the number of threads. */
export function advance(model: Model): void {
  model.steps += 1;
  switch (model.rule) {
    case Optimizer.Average:
      model.power1 *= model.c0;
      break;
    case Optimizer.Nadam: {
      const mu = model.c0 * (1 - 0.5 * model.decayPower * model.c3);
      model.momentumProduct *= mu;
      model.decayPower *= model.c3;
      model.power2 *= model.c1;
      break;
    }
    default:
      model.power1 *= model.c0;
      model.power2 *= model.c1;
  }
}

/** The constants of the step the counters stand at. */
function prepare(model: Model, step: Step): void {
  const c0 = model.c0, c1 = model.c1, c2 = model.c2;
  step.factor = 1;
  step.decoupled = 1;
  step.k0 = c0 as f32;
  step.k1 = (1 - c0) as f32;
  step.k2 = c2 as f32;
  switch (model.rule) {
    case Optimizer.Momentum:
      step.k1 = model.steps == 1 ? 1 : ((1 - c1) as f32);
      break;
    case Optimizer.Velocity:
      step.k2 = c1 as f32;
      break;
    case Optimizer.Average:
      if (c1 != 0) step.factor = 1 / (1 - model.power1);
      break;
    case Optimizer.Adagrad:
      step.k0 = c1 == 0 ? (c0 as f32) : 0;
      step.k1 = c1 == 0 ? 0 : (c0 as f32);
      break;
    case Optimizer.Adadelta:
      step.k2 = c1 as f32;
      break;
    case Optimizer.Rmsprop:
      step.k2 = c2 == 0 ? (c1 as f32) : 0;
      step.k3 = c2 == 0 ? 0 : (c1 as f32);
      step.k4 = model.c4 as f32;
      step.k5 = model.c3 as f32;
      break;
    case Optimizer.Lion:
      step.k2 = c1 as f32;
      step.k3 = (1 - c1) as f32;
      break;
    case Optimizer.Adam:
    case Optimizer.AdamW:
    case Optimizer.AmsGrad:
    case Optimizer.Adamax:
    case Optimizer.Nadam: {
      step.k2 = c1 as f32;
      step.k3 = (1 - c1) as f32;
      step.k4 = (1 / Math.sqrt(1 - model.power2)) as f32;
      step.k5 = c2 as f32;
      // Adam and AdamW with epsilonHat (c3): epsilon is added before the root is corrected.
      if (model.c3 != 0 && (model.rule == Optimizer.Adam || model.rule == Optimizer.AdamW || model.rule == Optimizer.AmsGrad)) {
        step.k5 = (c2 / Math.sqrt(1 - model.power2)) as f32;
      }
      if (model.rule == Optimizer.Nadam) {
        const mu = c0 * (1 - 0.5 * model.decayPower); // of this step; the next one's is a factor further on
        const next = c0 * (1 - 0.5 * model.decayPower * model.c3);
        step.k6 = ((1 - mu) / (1 - model.momentumProduct)) as f32;
        step.decoupled = (next / (1 - model.momentumProduct * next)) as f32;
      } else {
        step.factor = 1 / (1 - model.power1);
      }
    }
  }
}

/** Steps between two calls of flush(). */
const FLUSH_EVERY: i64 = 64;

/**
 * Every 64 steps: slots and weights, bytes [from, to) of each region, that fell below the smallest normal float become 0.
 * What decays never reaches 0 by itself: it comes to rest among the subnormals (0.9 of the smallest few rounds back to
 * itself), where processors are slow. Measured on 784-128-10 with a tenth of Adam's slots there: 573 us a step, 407
 * without. A pass of its own, since on the way of every step it would cost an eighth. NaN stays.
 */
function flush(model: Model, from: usize, to: usize): void {
  if ((model.steps as i64) % FLUSH_EVERY != 0) return;
  flushBytes(model.parameters + from, model.parameters + to);
  for (let s = 0; s < model.slotCount; s++) {
    const slot = model.slots + (s as usize) * model.trainableBytes;
    flushBytes(slot + from, slot + to);
  }
}

function flushBytes(from: usize, to: usize): void {
  const smallest = f32x4.splat(1.1754943508222875e-38);
  for (let at = from; at < to; at += 16) {
    const value = v128.load(at);
    v128.store(at, v128.andnot(value, f32x4.lt(f32x4.abs(value), smallest)));
  }
}

/** Moves the averages towards the weights: where max-norm moves the weights after the sweep, which then leaves it out. */
export function averageWeights(model: Model): void {
  const share = f32x4.splat(1 - model.averagingDecay);
  for (let at: usize = 0; at < model.trainableBytes; at += 16) {
    const mean = v128.load(model.average + at);
    v128.store(model.average + at, mulAdd(share, f32x4.sub(v128.load(model.parameters + at), mean), mean));
  }
}

/** The sum of squares of the (value-clipped) gradient bytes [from, to), in float64. */
export function squaredNorm(model: Model, from: usize, to: usize): f64 {
  const limit = f32x4.splat(model.clipValue);
  const low = f32x4.neg(limit);
  let sum = f64x2.splat(0);
  for (let at = model.gradients + from, end = model.gradients + to; at < end; at += 16) {
    const g = f32x4.max(low, f32x4.min(limit, v128.load(at)));
    const lower = f64x2.promote_low_f32x4(g);
    const upper = f64x2.promote_low_f32x4(i8x16.shuffle(g, g, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    sum = f64x2.add(sum, f64x2.add(f64x2.mul(lower, lower), f64x2.mul(upper, upper)));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** min(1, limit / norm), as torch.nn.utils.clip_grad_norm_ has it. */
function clipScale(limit: f64, norm: f64): f64 {
  return min<f64>(1, limit / (norm + 1e-6));
}

/** The factor that global clipping puts on every gradient, given per-tensor clipping before it. */
export function globalScale(model: Model): f64 {
  if (model.clipGlobal == Infinity) return 1;
  let total: f64 = 0;
  for (let i = 0; i < model.tensorCount; i++) {
    const tensor = tensorAt(model, i);
    if (!tensor.trainable || tensor.frozen) continue;
    const square = squaredNorm(model, tensor.offset, tensor.offset + tensor.bytes);
    const scale = model.clipNorm == Infinity ? 1 : clipScale(model.clipNorm, Math.sqrt(square));
    total += square * scale * scale;
  }
  return clipScale(model.clipGlobal, Math.sqrt(total));
}


/**
 * One optimizer step on the bytes [from, to) of the regions (a thread's share; multiples of a cache line). Neighbouring
 * tensors with equal options are swept together. `rows`: rows of the effective batch.
 * Returns 0, or NaN when a weight stopped being finite.
 */
export function sweep(model: Model, rate: f64, rows: i32, scale: f64, from: usize, to: usize, scratch: usize): f32 {
  const step = changetype<Step>(scratch);
  const run = changetype<Run>(scratch + 64);
  prepare(model, step);
  run.model = model;
  const decoupled = model.rule == Optimizer.AdamW || model.rule == Optimizer.Lion;
  const merges = model.clipNorm == Infinity && model.penaltyPerRow == 0;
  const plain = model.clipValue == Infinity;
  let finite: f32 = 0;
  for (let i = 0; i < model.tensorCount; ) {
    const tensor = tensorAt(model, i);
    let start = tensor.offset;
    let end = start + tensor.bytes;
    i++;
    if (!tensor.trainable || tensor.frozen) continue;
    // Weights and biases differ in penalties only when there are any: merge when both have none.
    while (i < model.tensorCount && merges) {
      const other = tensorAt(model, i);
      if (!(other.trainable && !other.frozen && other.offset == end && other.l1 == tensor.l1 && other.l2 == tensor.l2 && other.scale == tensor.scale)) break;
      end += other.bytes;
      i++;
    }
    let own = scale;
    if (model.clipNorm != Infinity) own *= clipScale(model.clipNorm, Math.sqrt(squaredNorm(model, start, end)));
    start = max(start, from);
    end = min(end, to);
    if (start >= end) continue;
    const tensorRate = rate * (tensor.scale as f64);
    step.rate = (tensorRate * step.factor) as f32;
    run.scale = own as f32;
    run.l1 = tensor.l1;
    run.l2 = tensor.l2;
    if (!decoupled) run.l2 += model.weightDecay;
    if (tensor.weight && model.penaltyPerRow != 0) run.l2 += (model.penaltyPerRow / (rows as f64)) as f32;
    run.decay = decoupled ? ((1 - tensorRate * (model.weightDecay as f64)) as f32) : 1;
    run.adjusts = !plain || run.scale != 1 || run.l1 != 0 || run.l2 != 0 || run.decay != 1;
    finite += sweepRun(run, step, model.rule, start, end);
  }
  flush(model, from, to);
  return finite;
}

/** Bytes sweep() wants as scratch. */
export const SWEEP_SCRATCH: usize = 128;
