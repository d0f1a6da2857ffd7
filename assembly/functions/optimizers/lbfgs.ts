// L-BFGS: the last pairs of a step s and of what it changed in the gradient, y, and the direction they give. Vectors are
// float64 and hold what JavaScript puts in them, in its order: `pairLength` numbers each. The line search, which asks for the
// loss, is JavaScript's (src/training/lbfgs.ts). Sums run in ascending order, each multiplication and addition rounded.
// See: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 7.4.
//
//   | gradient, then direction | s, y | s, y | …, a place more than pairs are kept | shares |      (memory/layout.ts)

import { Model } from '../../memory/model';

/** Bytes of a vector: room for all parameters. */
function vectorBytes(model: Model): usize {
  return 2 * model.trainableBytes;
}

/** The step of pair k, its y one vector further on; pair `pairCount` is the next one's place. */
export function pairAt(model: Model, k: i32): usize {
  return model.pairs + ((1 + 2 * k) as usize) * vectorBytes(model);
}

/** d = -H g by the two-loop recursion, in place of the gradient. */
export function findDirection(model: Model, length: i32): void {
  const d = model.pairs;
  const count = model.pairCount;
  const shares = pairAt(model, model.historySize + 1);
  scale(d, -1, length);
  for (let k = count - 1; k >= 0; k--) {
    const s = pairAt(model, k);
    const y = s + vectorBytes(model);
    const share = dot(s, d, length) / dot(s, y, length);
    f64.store(shares + ((k as usize) << 3), share);
    addScaled(d, y, -share, length);
  }
  if (count > 0) {
    const s = pairAt(model, count - 1);
    const y = s + vectorBytes(model);
    scale(d, dot(s, y, length) / dot(y, y, length), length);
  }
  for (let k = 0; k < count; k++) {
    const s = pairAt(model, k);
    const y = s + vectorBytes(model);
    addScaled(d, s, f64.load(shares + ((k as usize) << 3)) - dot(y, d, length) / dot(s, y, length), length);
  }
}

/**
 * Keeps the pair at the next place, unless the curvature along it is not positive: s . y <= 1e-10 y . y. The oldest goes
 * when there are too many.
 */
export function keepPair(model: Model, length: i32): void {
  const s = pairAt(model, model.pairCount);
  const y = s + vectorBytes(model);
  if (!(dot(s, y, length) > 1e-10 * dot(y, y, length))) return;
  model.pairLength = length;
  if (model.pairCount < model.historySize) model.pairCount++;
  else memory.copy(pairAt(model, 0), pairAt(model, 1), s - model.pairs - vectorBytes(model));
}

function dot(a: usize, b: usize, length: i32): f64 {
  let sum: f64 = 0;
  for (let end = a + ((length as usize) << 3); a < end; a += 8, b += 8) sum += f64.load(a) * f64.load(b);
  return sum;
}

/** a += factor b; what lies behind the last number, to whole vectors, may be anything. */
function addScaled(a: usize, b: usize, factor: f64, length: i32): void {
  const factors = f64x2.splat(factor);
  for (let end = a + ((length as usize) << 3); a < end; a += 16, b += 16)
    v128.store(a, f64x2.add(v128.load(a), f64x2.mul(factors, v128.load(b))));
}

/** a *= factor */
function scale(a: usize, factor: f64, length: i32): void {
  const factors = f64x2.splat(factor);
  for (let end = a + ((length as usize) << 3); a < end; a += 16) v128.store(a, f64x2.mul(v128.load(a), factors));
}
