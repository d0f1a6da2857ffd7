// Clipping of gradients before the optimizer sees them: each value, then each tensor's norm, then the norm of all together.
// The sweep clips as it goes (step.ts); here are the factors it needs to know beforehand.
// See: torch.nn.utils.clip_grad_norm_, whose 1e-6 this has too.

import { Model, tensorAt } from '../../memory/model';

/** The sum of squares of the (value-clipped) gradient bytes [from, to), in float64. */
function squaredNorm(model: Model, from: usize, to: usize): f64 {
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

/** min(1, limit / norm) */
function clipScale(limit: f64, norm: f64): f64 {
  return min<f64>(1, limit / (norm + 1e-6));
}

/** The factor that holds the norm of a tensor, bytes [from, to) of the gradients, to model.clipNorm. */
export function normScale(model: Model, from: usize, to: usize): f64 {
  return model.clipNorm == Infinity ? 1 : clipScale(model.clipNorm, Math.sqrt(squaredNorm(model, from, to)));
}

/** The factor that global clipping puts on every gradient, given per-tensor clipping before it. */
export function globalScale(model: Model): f64 {
  if (model.clipGlobalNorm == Infinity) return 1;
  let total: f64 = 0;
  for (let i = 0; i < model.tensorCount; i++) {
    const tensor = tensorAt(model, i);
    if (!tensor.trainable || tensor.frozen) continue;
    const square = squaredNorm(model, tensor.offset, tensor.offset + tensor.bytes);
    const scale = model.clipNorm == Infinity ? 1 : clipScale(model.clipNorm, Math.sqrt(square));
    total += square * scale * scale;
  }
  return clipScale(model.clipGlobalNorm, Math.sqrt(total));
}
