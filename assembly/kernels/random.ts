// The generator of src/data/random.ts, four counters at a time: the same bits for the same key and counter. What it
// draws for is named by the key, which element by the counter, so a draw depends on neither order nor batch size.

import { log, prepareMath } from './math';
import { mulAdd, select } from './lanes';

/** The two multipliers of the finaliser. */
const FIRST = 0x7feb352d;
const SECOND = 0x846ca68b;

function mix(x: v128, first: v128, second: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, first);
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, second);
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** The same finaliser on one word: keys are mixed with it. */
export function mixWord(x: u32): u32 {
  x ^= x >> 16;
  x *= FIRST;
  x ^= x >> 15;
  x *= SECOND;
  return x ^ (x >> 16);
}

/** 32 random bits for each of four counters. */
export function bits4(key0: u32, key1: u32, counters: v128): v128 {
  return bitsBy(i32x4.splat(FIRST), i32x4.splat(SECOND), i32x4.splat(key0), i32x4.splat(key1), counters);
}

/** Those bits for loops that draw nothing but words: with the multipliers and the key in registers. */
export function bitsBy(first: v128, second: v128, key0: v128, key1: v128, counters: v128): v128 {
  return mix(v128.xor(mix(i32x4.add(counters, key0), first, second), key1), first, second);
}

/** Writes the two multipliers, one behind the other. */
export function storeMultipliers(at: usize): void {
  store<u32>(at, FIRST);
  store<u32>(at, SECOND, 4);
}

/** A mask of the lanes to keep: those whose bits are at least `threshold`, that is with probability 1 - threshold / 2^32. */
export function dropoutMask(key0: u32, key1: u32, counters: v128, threshold: u32): v128 {
  return i32x4.ge_u(bits4(key0, key1, counters), i32x4.splat(threshold));
}

/**
 * Four standard normal numbers, by the inverse of the distribution function at 2^24 equally likely places, so at most
 * 5.42 in size. Error <= 1e-6 relative. See: Giles, Approximating the erfinv function,
 * https://people.maths.ox.ac.uk/gilesm/files/gems_erfinv.pdf
 */
export function normal4(key0: u32, key1: u32, counters: v128): v128 {
  prepareMath();
  const one = f32x4.splat(1);
  const signed = f32x4.convert_i32x4_s(i32x4.shr_s(bits4(key0, key1, counters), 8));
  const u = f32x4.mul(f32x4.add(signed, f32x4.splat(0.5)), f32x4.splat(1.1920928955078125e-7)); // in (-1, 1), exact
  const w = f32x4.neg(log(f32x4.mul(f32x4.sub(one, u), f32x4.add(one, u))));
  const c = f32x4.sub(w, f32x4.splat(2.5));
  let centre = f32x4.splat(2.81022636e-8);
  centre = mulAdd(centre, c, f32x4.splat(3.43273939e-7));
  centre = mulAdd(centre, c, f32x4.splat(-3.5233877e-6));
  centre = mulAdd(centre, c, f32x4.splat(-4.39150654e-6));
  centre = mulAdd(centre, c, f32x4.splat(0.00021858087));
  centre = mulAdd(centre, c, f32x4.splat(-0.00125372503));
  centre = mulAdd(centre, c, f32x4.splat(-0.00417768164));
  centre = mulAdd(centre, c, f32x4.splat(0.246640727));
  centre = mulAdd(centre, c, f32x4.splat(1.50140941));
  const t = f32x4.sub(f32x4.sqrt(w), f32x4.splat(3));
  let tail = f32x4.splat(-0.000200214257);
  tail = mulAdd(tail, t, f32x4.splat(0.000100950558));
  tail = mulAdd(tail, t, f32x4.splat(0.00134934322));
  tail = mulAdd(tail, t, f32x4.splat(-0.00367342844));
  tail = mulAdd(tail, t, f32x4.splat(0.00573950773));
  tail = mulAdd(tail, t, f32x4.splat(-0.0076224613));
  tail = mulAdd(tail, t, f32x4.splat(0.00943887047));
  tail = mulAdd(tail, t, f32x4.splat(1.00167406));
  tail = mulAdd(tail, t, f32x4.splat(2.83297682));
  const inverse = f32x4.mul(select(f32x4.lt(w, f32x4.splat(5)), centre, tail), u); // erfinv(u)
  return f32x4.mul(inverse, f32x4.splat(1.41421356));
}
