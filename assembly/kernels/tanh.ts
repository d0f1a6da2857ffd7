// The hyperbolic tangent: of four lanes, and of many numbers at once, to the same bits. Constants and pieces are those of math.ts.

import { TRAINS } from '../build';
import { mulAdd, select } from './lanes';
import {
  constant,
  EXP,
  expm1Rest,
  HALF,
  LN2_HIGH,
  LN2_LOW,
  next,
  ONE,
  ROUND_ONCE,
  SIGN,
  TANH_HIGHEST,
  TWICE_LOG2_E,
  TWO,
  withSign,
} from './math';

/** Hyperbolic tangent. Error <= 1.92 ulp; exactly +-1 from 9.02 on; -0 stays. */
export function tanh(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), constant(TANH_HIGHEST));
  const shifted = next(a, constant(TWICE_LOG2_E), ROUND_ONCE);
  const power = i32x4.shl(shifted, 23);
  const product = f32x4.mul(power, expm1Rest(f32x4.add(a, a), shifted, ROUND_ONCE));
  const denominator = f32x4.add(product, f32x4.add(power, constant(ONE))); // e^2a + 1
  const e = f32x4.add(product, f32x4.sub(power, constant(ONE))); // e^2a - 1
  // tanh a = 1 - 2 / (e + 2), and near 0, where that cancels, e / (e + 2) = e / 2 - (e^2 / 2) / (e + 2).
  const half = f32x4.mul(e, constant(HALF));
  const small = f32x4.lt(a, constant(HALF));
  const correction = f32x4.div(select(small, f32x4.mul(half, e), constant(TWO)), denominator);
  return withSign(f32x4.sub(select(small, half, constant(ONE)), correction), x);
}

// What the first stage of tanhEights hands on: four vectors for each eight numbers, of 64 numbers at a time. Threads have rooms of their own
// (network/passes.ts); the address is a global, since the instance of each thread has its own.
let room: usize = TRAINS ? memory.data(512, 16) : 0;

/** From now on tanhEights works in the 512 bytes at `at`. */
export function workIn(at: usize): void {
  room = at;
}

/**
 * tanh of the numbers in `bytes` at z, a multiple of 32, to y (which may be z), to the last bit as tanh() has it: in two stages, each over 64 numbers before
 * the next. A number's steps wait for one another, a hundred cycles from first to last, and processors look ahead no further than two or three
 * numbers; of a stage they have more in hand. Each takes two vectors side by side, each constant read once for both: V8's 256-bit pass makes one of
 * them, and packs nothing else.
 */
export function tanhEights(y: usize, z: usize, bytes: usize): void {
  const last = z + bytes;
  while (z < last) {
    const end = min(z + 256, last);
    let s = room;
    let at = z;
    do {
      expm1Eight(s, at);
      s += 64;
      at += 32;
    } while (at < end);
    s = room;
    do {
      joinEight(y, z, s);
      s += 64;
      z += 32;
      y += 32;
    } while (z < end);
  }
}

/** The first stage: 2^n, n of 2 |x| as tanh() has it, and 2^n (e^r - 1) of the rest r. */
// @ts-ignore: decorator
@inline
function expm1Eight(s: usize, z: usize): void {
  const x0 = v128.load(z),
    x1 = v128.load(z, 16);
  const highest = constant(TANH_HIGHEST);
  const a0 = f32x4.pmin(f32x4.abs(x0), highest),
    a1 = f32x4.pmin(f32x4.abs(x1), highest);
  const perPower = constant(TWICE_LOG2_E);
  const round = constant(ROUND_ONCE);
  const shifted0 = mulAdd(a0, perPower, round),
    shifted1 = mulAdd(a1, perPower, round);
  const n0 = f32x4.sub(shifted0, round),
    n1 = f32x4.sub(shifted1, round);
  const ln2High = constant(LN2_HIGH);
  const high0 = f32x4.sub(f32x4.add(a0, a0), f32x4.mul(n0, ln2High)),
    high1 = f32x4.sub(f32x4.add(a1, a1), f32x4.mul(n1, ln2High));
  const ln2Low = constant(LN2_LOW);
  const low0 = f32x4.mul(n0, ln2Low),
    low1 = f32x4.mul(n1, ln2Low);
  const r0 = f32x4.sub(high0, low0),
    r1 = f32x4.sub(high1, low1);
  const first = constant(EXP);
  const second = constant(EXP + 1);
  let q0 = mulAdd(first, r0, second),
    q1 = mulAdd(first, r1, second);
  const third = constant(EXP + 2);
  q0 = mulAdd(q0, r0, third);
  q1 = mulAdd(q1, r1, third);
  const fourth = constant(EXP + 3);
  q0 = mulAdd(q0, r0, fourth);
  q1 = mulAdd(q1, r1, fourth);
  const fifth = constant(EXP + 4);
  q0 = mulAdd(q0, r0, fifth);
  q1 = mulAdd(q1, r1, fifth);
  const rest0 = f32x4.add(high0, f32x4.sub(f32x4.mul(f32x4.mul(r0, r0), q0), low0)),
    rest1 = f32x4.add(high1, f32x4.sub(f32x4.mul(f32x4.mul(r1, r1), q1), low1));
  const power0 = i32x4.shl(shifted0, 23),
    power1 = i32x4.shl(shifted1, 23);
  v128.store(s, power0);
  v128.store(s, power1, 16);
  v128.store(s, f32x4.mul(power0, rest0), 32);
  v128.store(s, f32x4.mul(power1, rest1), 48);
}

/** The second: tanh of x from both. What select() would choose is masked and joined, which is one instruction less for each two. */
// @ts-ignore: decorator
@inline
function joinEight(y: usize, z: usize, s: usize): void {
  const x0 = v128.load(z),
    x1 = v128.load(z, 16);
  const power0 = v128.load(s),
    power1 = v128.load(s, 16);
  const product0 = v128.load(s, 32),
    product1 = v128.load(s, 48);
  const one = constant(ONE);
  const denominator0 = f32x4.add(product0, f32x4.add(power0, one)),
    denominator1 = f32x4.add(product1, f32x4.add(power1, one));
  const e0 = f32x4.add(product0, f32x4.sub(power0, one)),
    e1 = f32x4.add(product1, f32x4.sub(power1, one));
  const aHalf = constant(HALF);
  const small0 = f32x4.lt(f32x4.abs(x0), aHalf),
    small1 = f32x4.lt(f32x4.abs(x1), aHalf);
  const half0 = v128.and(small0, f32x4.mul(e0, aHalf)),
    half1 = v128.and(small1, f32x4.mul(e1, aHalf));
  const two = constant(TWO);
  const correction0 = f32x4.div(v128.or(f32x4.mul(half0, e0), v128.andnot(two, small0)), denominator0),
    correction1 = f32x4.div(v128.or(f32x4.mul(half1, e1), v128.andnot(two, small1)), denominator1);
  const sign = constant(SIGN);
  const y0 = v128.or(f32x4.sub(v128.or(half0, v128.andnot(one, small0)), correction0), v128.and(x0, sign)),
    y1 = v128.or(f32x4.sub(v128.or(half1, v128.andnot(one, small1)), correction1), v128.and(x1, sign));
  v128.store(y, y0);
  v128.store(y, y1, 16);
}
