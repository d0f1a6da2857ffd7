// Exposes the elementary functions, the generator, activations and losses to tests, by pointer.

import { exp, expm1, gelu, geluTanh, log, log1p, mish, prepareMath, sigmoid, silu, softplus } from '../../assembly/kernels/math';
import { tanh } from '../../assembly/kernels/tanh';
import { bits4, dropoutMask, normal4 } from '../../assembly/kernels/random';

// y[0 … n) = f(x[0 … n)), n a multiple of 4; y may be x.
export function exps(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, exp(v128.load(x)));
}
export function expm1s(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, expm1(v128.load(x)));
}
export function logs(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, log(v128.load(x)));
}
export function log1ps(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, log1p(v128.load(x)));
}
export function tanhs(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, tanh(v128.load(x)));
}
export function sigmoids(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, sigmoid(v128.load(x)));
}
export function gelus(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, gelu(v128.load(x)));
}
export function geluTanhs(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, geluTanh(v128.load(x)));
}
export function silus(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, silu(v128.load(x)));
}
export function mishes(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, mish(v128.load(x)));
}
export function softpluses(y: usize, x: usize, n: i32): void {
  prepareMath();
  for (const end = x + ((<usize>n) << 2); x < end; x += 16, y += 16) v128.store(y, softplus(v128.load(x)));
}

// y[i] = the draw for counter + i, i < n.
function counters(from: u32): v128 {
  return i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3));
}
export function bitsOf(y: usize, key0: u32, key1: u32, counter: u32, n: i32): void {
  for (let i = 0; i < n; i += 4) v128.store(y + ((<usize>i) << 2), bits4(key0, key1, counters(counter + i)));
}
export function masksOf(y: usize, key0: u32, key1: u32, counter: u32, threshold: u32, n: i32): void {
  for (let i = 0; i < n; i += 4) v128.store(y + ((<usize>i) << 2), dropoutMask(key0, key1, counters(counter + i), threshold));
}
export function normalsOf(y: usize, key0: u32, key1: u32, counter: u32, n: i32): void {
  for (let i = 0; i < n; i += 4) v128.store(y + ((<usize>i) << 2), normal4(key0, key1, counters(counter + i)));
}
