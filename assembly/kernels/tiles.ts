// Register tiles: a few rows by 4, 8 or 16 columns of C held in registers while the terms run by.
//
//     C[r][j] = start[r][j] + sum over k of A[r][k] * B[k][j]     k ascending, one madd per term
//
// Strides are in bytes; there is at least one term. `start` is C itself (accumulate), a bias (stride 0), or the zeros at
// address 0 (stride 0). tile6x8 reads an A whose terms are adjacent (row to row by aStride); tile6x8t one whose rows are
// (term to term by aStride). Every element is a single running sum in every tile: they differ in speed, never in bits.
//
// The leave-taking tests inside a turn are barriers too: without them the optimizer merges the terms of a turn, which
// takes more registers than there are. All of C is loaded before the loop and stored after it, with no other access in
// between: V8's 256-bit pass packs only pairs of accesses that nothing separates.
//
// Made by scripts/tiles.mjs.

import { madd } from './lanes';


export function tile1x4(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    a += 4;
    if (b == end) break;
  }
  v128.store(c, c00);
}

export function tile1x4t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00);
}

export function tile2x4(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  start += startStride;
  let c10 = v128.load(start);
  let a1 = a + aStride;
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10);
    a += 4; a1 += 4;
    if (b == end) break;
  }
  v128.store(c, c00);
  c += cStride;
  v128.store(c, c10);
}

export function tile2x4t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  start += startStride;
  let c10 = v128.load(start);
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00);
  c += cStride;
  v128.store(c, c10);
}

export function tile4x4(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  start += startStride;
  let c10 = v128.load(start);
  start += startStride;
  let c20 = v128.load(start);
  start += startStride;
  let c30 = v128.load(start);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30);
    a += 4; a1 += 4; a2 += 4; a3 += 4;
    if (b == end) break;
  }
  v128.store(c, c00);
  c += cStride;
  v128.store(c, c10);
  c += cStride;
  v128.store(c, c20);
  c += cStride;
  v128.store(c, c30);
}

export function tile4x4t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  start += startStride;
  let c10 = v128.load(start);
  start += startStride;
  let c20 = v128.load(start);
  start += startStride;
  let c30 = v128.load(start);
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00);
  c += cStride;
  v128.store(c, c10);
  c += cStride;
  v128.store(c, c20);
  c += cStride;
  v128.store(c, c30);
}

export function tile8x4(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  start += startStride;
  let c10 = v128.load(start);
  start += startStride;
  let c20 = v128.load(start);
  start += startStride;
  let c30 = v128.load(start);
  start += startStride;
  let c40 = v128.load(start);
  start += startStride;
  let c50 = v128.load(start);
  start += startStride;
  let c60 = v128.load(start);
  start += startStride;
  let c70 = v128.load(start);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride, a6 = a5 + aStride, a7 = a6 + aStride;
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40);
    const x5 = v128.load32_splat(a5); c50 = madd(x5, b0, c50);
    const x6 = v128.load32_splat(a6); c60 = madd(x6, b0, c60);
    const x7 = v128.load32_splat(a7); c70 = madd(x7, b0, c70);
    if (b == end) break;
    const b0_1 = v128.load(b);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20);
    const x3_1 = v128.load32_splat(a3, 4); c30 = madd(x3_1, b0_1, c30);
    const x4_1 = v128.load32_splat(a4, 4); c40 = madd(x4_1, b0_1, c40);
    const x5_1 = v128.load32_splat(a5, 4); c50 = madd(x5_1, b0_1, c50);
    const x6_1 = v128.load32_splat(a6, 4); c60 = madd(x6_1, b0_1, c60);
    const x7_1 = v128.load32_splat(a7, 4); c70 = madd(x7_1, b0_1, c70);
    if (b == end) break;
    const b0_2 = v128.load(b);
    b += bStride;
    const x0_2 = v128.load32_splat(a, 8); c00 = madd(x0_2, b0_2, c00);
    const x1_2 = v128.load32_splat(a1, 8); c10 = madd(x1_2, b0_2, c10);
    const x2_2 = v128.load32_splat(a2, 8); c20 = madd(x2_2, b0_2, c20);
    const x3_2 = v128.load32_splat(a3, 8); c30 = madd(x3_2, b0_2, c30);
    const x4_2 = v128.load32_splat(a4, 8); c40 = madd(x4_2, b0_2, c40);
    const x5_2 = v128.load32_splat(a5, 8); c50 = madd(x5_2, b0_2, c50);
    const x6_2 = v128.load32_splat(a6, 8); c60 = madd(x6_2, b0_2, c60);
    const x7_2 = v128.load32_splat(a7, 8); c70 = madd(x7_2, b0_2, c70);
    if (b == end) break;
    const b0_3 = v128.load(b);
    b += bStride;
    const x0_3 = v128.load32_splat(a, 12); c00 = madd(x0_3, b0_3, c00);
    const x1_3 = v128.load32_splat(a1, 12); c10 = madd(x1_3, b0_3, c10);
    const x2_3 = v128.load32_splat(a2, 12); c20 = madd(x2_3, b0_3, c20);
    const x3_3 = v128.load32_splat(a3, 12); c30 = madd(x3_3, b0_3, c30);
    const x4_3 = v128.load32_splat(a4, 12); c40 = madd(x4_3, b0_3, c40);
    const x5_3 = v128.load32_splat(a5, 12); c50 = madd(x5_3, b0_3, c50);
    const x6_3 = v128.load32_splat(a6, 12); c60 = madd(x6_3, b0_3, c60);
    const x7_3 = v128.load32_splat(a7, 12); c70 = madd(x7_3, b0_3, c70);
    a += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16; a5 += 16; a6 += 16; a7 += 16;
    if (b == end) break;
  }
  v128.store(c, c00);
  c += cStride;
  v128.store(c, c10);
  c += cStride;
  v128.store(c, c20);
  c += cStride;
  v128.store(c, c30);
  c += cStride;
  v128.store(c, c40);
  c += cStride;
  v128.store(c, c50);
  c += cStride;
  v128.store(c, c60);
  c += cStride;
  v128.store(c, c70);
}

export function tile8x4t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start);
  start += startStride;
  let c10 = v128.load(start);
  start += startStride;
  let c20 = v128.load(start);
  start += startStride;
  let c30 = v128.load(start);
  start += startStride;
  let c40 = v128.load(start);
  start += startStride;
  let c50 = v128.load(start);
  start += startStride;
  let c60 = v128.load(start);
  start += startStride;
  let c70 = v128.load(start);
  while (true) {
    const b0 = v128.load(b);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30);
    const x4 = v128.load32_splat(a, 16); c40 = madd(x4, b0, c40);
    const x5 = v128.load32_splat(a, 20); c50 = madd(x5, b0, c50);
    const x6 = v128.load32_splat(a, 24); c60 = madd(x6, b0, c60);
    const x7 = v128.load32_splat(a, 28); c70 = madd(x7, b0, c70);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20);
    const x3_1 = v128.load32_splat(a, 12); c30 = madd(x3_1, b0_1, c30);
    const x4_1 = v128.load32_splat(a, 16); c40 = madd(x4_1, b0_1, c40);
    const x5_1 = v128.load32_splat(a, 20); c50 = madd(x5_1, b0_1, c50);
    const x6_1 = v128.load32_splat(a, 24); c60 = madd(x6_1, b0_1, c60);
    const x7_1 = v128.load32_splat(a, 28); c70 = madd(x7_1, b0_1, c70);
    a += aStride;
    if (b == end) break;
    const b0_2 = v128.load(b);
    b += bStride;
    const x0_2 = v128.load32_splat(a); c00 = madd(x0_2, b0_2, c00);
    const x1_2 = v128.load32_splat(a, 4); c10 = madd(x1_2, b0_2, c10);
    const x2_2 = v128.load32_splat(a, 8); c20 = madd(x2_2, b0_2, c20);
    const x3_2 = v128.load32_splat(a, 12); c30 = madd(x3_2, b0_2, c30);
    const x4_2 = v128.load32_splat(a, 16); c40 = madd(x4_2, b0_2, c40);
    const x5_2 = v128.load32_splat(a, 20); c50 = madd(x5_2, b0_2, c50);
    const x6_2 = v128.load32_splat(a, 24); c60 = madd(x6_2, b0_2, c60);
    const x7_2 = v128.load32_splat(a, 28); c70 = madd(x7_2, b0_2, c70);
    a += aStride;
    if (b == end) break;
    const b0_3 = v128.load(b);
    b += bStride;
    const x0_3 = v128.load32_splat(a); c00 = madd(x0_3, b0_3, c00);
    const x1_3 = v128.load32_splat(a, 4); c10 = madd(x1_3, b0_3, c10);
    const x2_3 = v128.load32_splat(a, 8); c20 = madd(x2_3, b0_3, c20);
    const x3_3 = v128.load32_splat(a, 12); c30 = madd(x3_3, b0_3, c30);
    const x4_3 = v128.load32_splat(a, 16); c40 = madd(x4_3, b0_3, c40);
    const x5_3 = v128.load32_splat(a, 20); c50 = madd(x5_3, b0_3, c50);
    const x6_3 = v128.load32_splat(a, 24); c60 = madd(x6_3, b0_3, c60);
    const x7_3 = v128.load32_splat(a, 28); c70 = madd(x7_3, b0_3, c70);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00);
  c += cStride;
  v128.store(c, c10);
  c += cStride;
  v128.store(c, c20);
  c += cStride;
  v128.store(c, c30);
  c += cStride;
  v128.store(c, c40);
  c += cStride;
  v128.store(c, c50);
  c += cStride;
  v128.store(c, c60);
  c += cStride;
  v128.store(c, c70);
}

export function tile1x8(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    a += 4;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
}

export function tile1x8t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
}

export function tile2x8(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  let a1 = a + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    a += 4; a1 += 4;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
}

export function tile2x8t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
}

export function tile3x8(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  let a1 = a + aStride, a2 = a1 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    a += 8; a1 += 8; a2 += 8;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
}

export function tile3x8t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
}

export function tile4x8(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    const x3_1 = v128.load32_splat(a3, 4); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16);
    b += bStride;
    const x0_2 = v128.load32_splat(a, 8); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    const x1_2 = v128.load32_splat(a1, 8); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    const x2_2 = v128.load32_splat(a2, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    const x3_2 = v128.load32_splat(a3, 8); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16);
    b += bStride;
    const x0_3 = v128.load32_splat(a, 12); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    const x1_3 = v128.load32_splat(a1, 12); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    const x2_3 = v128.load32_splat(a2, 12); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    const x3_3 = v128.load32_splat(a3, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    a += 16; a1 += 16; a2 += 16; a3 += 16;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
}

export function tile4x8t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    const x3_1 = v128.load32_splat(a, 12); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    a += aStride;
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16);
    b += bStride;
    const x0_2 = v128.load32_splat(a); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    const x1_2 = v128.load32_splat(a, 4); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    const x2_2 = v128.load32_splat(a, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    const x3_2 = v128.load32_splat(a, 12); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    a += aStride;
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16);
    b += bStride;
    const x0_3 = v128.load32_splat(a); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    const x1_3 = v128.load32_splat(a, 4); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    const x2_3 = v128.load32_splat(a, 8); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    const x3_3 = v128.load32_splat(a, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
}

export function tile5x8(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    const x3_1 = v128.load32_splat(a3, 4); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    const x4_1 = v128.load32_splat(a4, 4); c40 = madd(x4_1, b0_1, c40); c41 = madd(x4_1, b1_1, c41);
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16);
    b += bStride;
    const x0_2 = v128.load32_splat(a, 8); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    const x1_2 = v128.load32_splat(a1, 8); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    const x2_2 = v128.load32_splat(a2, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    const x3_2 = v128.load32_splat(a3, 8); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    const x4_2 = v128.load32_splat(a4, 8); c40 = madd(x4_2, b0_2, c40); c41 = madd(x4_2, b1_2, c41);
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16);
    b += bStride;
    const x0_3 = v128.load32_splat(a, 12); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    const x1_3 = v128.load32_splat(a1, 12); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    const x2_3 = v128.load32_splat(a2, 12); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    const x3_3 = v128.load32_splat(a3, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    const x4_3 = v128.load32_splat(a4, 12); c40 = madd(x4_3, b0_3, c40); c41 = madd(x4_3, b1_3, c41);
    a += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
}

export function tile5x8t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a, 16); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    const x3_1 = v128.load32_splat(a, 12); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    const x4_1 = v128.load32_splat(a, 16); c40 = madd(x4_1, b0_1, c40); c41 = madd(x4_1, b1_1, c41);
    a += aStride;
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16);
    b += bStride;
    const x0_2 = v128.load32_splat(a); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    const x1_2 = v128.load32_splat(a, 4); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    const x2_2 = v128.load32_splat(a, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    const x3_2 = v128.load32_splat(a, 12); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    const x4_2 = v128.load32_splat(a, 16); c40 = madd(x4_2, b0_2, c40); c41 = madd(x4_2, b1_2, c41);
    a += aStride;
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16);
    b += bStride;
    const x0_3 = v128.load32_splat(a); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    const x1_3 = v128.load32_splat(a, 4); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    const x2_3 = v128.load32_splat(a, 8); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    const x3_3 = v128.load32_splat(a, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    const x4_3 = v128.load32_splat(a, 16); c40 = madd(x4_3, b0_3, c40); c41 = madd(x4_3, b1_3, c41);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
}

export function tile6x8(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  start += startStride;
  let c50 = v128.load(start), c51 = v128.load(start, 16);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    const x5 = v128.load32_splat(a5); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51);
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    const x3_1 = v128.load32_splat(a3, 4); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    const x4_1 = v128.load32_splat(a4, 4); c40 = madd(x4_1, b0_1, c40); c41 = madd(x4_1, b1_1, c41);
    const x5_1 = v128.load32_splat(a5, 4); c50 = madd(x5_1, b0_1, c50); c51 = madd(x5_1, b1_1, c51);
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16);
    b += bStride;
    const x0_2 = v128.load32_splat(a, 8); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    const x1_2 = v128.load32_splat(a1, 8); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    const x2_2 = v128.load32_splat(a2, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    const x3_2 = v128.load32_splat(a3, 8); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    const x4_2 = v128.load32_splat(a4, 8); c40 = madd(x4_2, b0_2, c40); c41 = madd(x4_2, b1_2, c41);
    const x5_2 = v128.load32_splat(a5, 8); c50 = madd(x5_2, b0_2, c50); c51 = madd(x5_2, b1_2, c51);
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16);
    b += bStride;
    const x0_3 = v128.load32_splat(a, 12); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    const x1_3 = v128.load32_splat(a1, 12); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    const x2_3 = v128.load32_splat(a2, 12); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    const x3_3 = v128.load32_splat(a3, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    const x4_3 = v128.load32_splat(a4, 12); c40 = madd(x4_3, b0_3, c40); c41 = madd(x4_3, b1_3, c41);
    const x5_3 = v128.load32_splat(a5, 12); c50 = madd(x5_3, b0_3, c50); c51 = madd(x5_3, b1_3, c51);
    a += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16; a5 += 16;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16);
}

export function tile6x8t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  start += startStride;
  let c50 = v128.load(start), c51 = v128.load(start, 16);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a, 16); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    const x5 = v128.load32_splat(a, 20); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    const x3_1 = v128.load32_splat(a, 12); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    const x4_1 = v128.load32_splat(a, 16); c40 = madd(x4_1, b0_1, c40); c41 = madd(x4_1, b1_1, c41);
    const x5_1 = v128.load32_splat(a, 20); c50 = madd(x5_1, b0_1, c50); c51 = madd(x5_1, b1_1, c51);
    a += aStride;
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16);
    b += bStride;
    const x0_2 = v128.load32_splat(a); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    const x1_2 = v128.load32_splat(a, 4); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    const x2_2 = v128.load32_splat(a, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    const x3_2 = v128.load32_splat(a, 12); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    const x4_2 = v128.load32_splat(a, 16); c40 = madd(x4_2, b0_2, c40); c41 = madd(x4_2, b1_2, c41);
    const x5_2 = v128.load32_splat(a, 20); c50 = madd(x5_2, b0_2, c50); c51 = madd(x5_2, b1_2, c51);
    a += aStride;
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16);
    b += bStride;
    const x0_3 = v128.load32_splat(a); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    const x1_3 = v128.load32_splat(a, 4); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    const x2_3 = v128.load32_splat(a, 8); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    const x3_3 = v128.load32_splat(a, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    const x4_3 = v128.load32_splat(a, 16); c40 = madd(x4_3, b0_3, c40); c41 = madd(x4_3, b1_3, c41);
    const x5_3 = v128.load32_splat(a, 20); c50 = madd(x5_3, b0_3, c50); c51 = madd(x5_3, b1_3, c51);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16);
}

export function tile6x8s(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  start += startStride;
  let c50 = v128.load(start), c51 = v128.load(start, 16);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    const x5 = v128.load32_splat(a5); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16);
}

export function tile6x8st(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  start += startStride;
  let c50 = v128.load(start), c51 = v128.load(start, 16);
  let a1 = a + 4, a2 = a1 + 4, a3 = a2 + 4, a4 = a3 + 4, a5 = a4 + 4;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41);
    const x5 = v128.load32_splat(a5); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51);
    a += aStride; a1 += aStride; a2 += aStride; a3 += aStride; a4 += aStride; a5 += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16);
}

export function tile1x16(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    a += 4;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
}

export function tile1x16t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
}

export function tile2x16(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  let a1 = a + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    a += 4; a1 += 4;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
}

export function tile2x16t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
}

export function tile4x16(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(start, 32), c23 = v128.load(start, 48);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(start, 32), c33 = v128.load(start, 48);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21); c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31); c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16), b2_1 = v128.load(b, 32), b3_1 = v128.load(b, 48);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    c02 = madd(x0_1, b2_1, c02); c03 = madd(x0_1, b3_1, c03);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    c12 = madd(x1_1, b2_1, c12); c13 = madd(x1_1, b3_1, c13);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    c22 = madd(x2_1, b2_1, c22); c23 = madd(x2_1, b3_1, c23);
    const x3_1 = v128.load32_splat(a3, 4); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    c32 = madd(x3_1, b2_1, c32); c33 = madd(x3_1, b3_1, c33);
    a += 8; a1 += 8; a2 += 8; a3 += 8;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
}

export function tile4x16t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(start, 32), c23 = v128.load(start, 48);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(start, 32), c33 = v128.load(start, 48);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21); c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31); c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16), b2_1 = v128.load(b, 32), b3_1 = v128.load(b, 48);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    c02 = madd(x0_1, b2_1, c02); c03 = madd(x0_1, b3_1, c03);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    c12 = madd(x1_1, b2_1, c12); c13 = madd(x1_1, b3_1, c13);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    c22 = madd(x2_1, b2_1, c22); c23 = madd(x2_1, b3_1, c23);
    const x3_1 = v128.load32_splat(a, 12); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    c32 = madd(x3_1, b2_1, c32); c33 = madd(x3_1, b3_1, c33);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
}

export function tile5x16(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(start, 32), c23 = v128.load(start, 48);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(start, 32), c33 = v128.load(start, 48);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16), c42 = v128.load(start, 32), c43 = v128.load(start, 48);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21); c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31); c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41); c42 = madd(x4, b2, c42);
    c43 = madd(x4, b3, c43);
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16), b2_1 = v128.load(b, 32), b3_1 = v128.load(b, 48);
    b += bStride;
    const x0_1 = v128.load32_splat(a, 4); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    c02 = madd(x0_1, b2_1, c02); c03 = madd(x0_1, b3_1, c03);
    const x1_1 = v128.load32_splat(a1, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    c12 = madd(x1_1, b2_1, c12); c13 = madd(x1_1, b3_1, c13);
    const x2_1 = v128.load32_splat(a2, 4); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    c22 = madd(x2_1, b2_1, c22); c23 = madd(x2_1, b3_1, c23);
    const x3_1 = v128.load32_splat(a3, 4); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    c32 = madd(x3_1, b2_1, c32); c33 = madd(x3_1, b3_1, c33);
    const x4_1 = v128.load32_splat(a4, 4); c40 = madd(x4_1, b0_1, c40); c41 = madd(x4_1, b1_1, c41);
    c42 = madd(x4_1, b2_1, c42); c43 = madd(x4_1, b3_1, c43);
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16), b2_2 = v128.load(b, 32), b3_2 = v128.load(b, 48);
    b += bStride;
    const x0_2 = v128.load32_splat(a, 8); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    c02 = madd(x0_2, b2_2, c02); c03 = madd(x0_2, b3_2, c03);
    const x1_2 = v128.load32_splat(a1, 8); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    c12 = madd(x1_2, b2_2, c12); c13 = madd(x1_2, b3_2, c13);
    const x2_2 = v128.load32_splat(a2, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    c22 = madd(x2_2, b2_2, c22); c23 = madd(x2_2, b3_2, c23);
    const x3_2 = v128.load32_splat(a3, 8); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    c32 = madd(x3_2, b2_2, c32); c33 = madd(x3_2, b3_2, c33);
    const x4_2 = v128.load32_splat(a4, 8); c40 = madd(x4_2, b0_2, c40); c41 = madd(x4_2, b1_2, c41);
    c42 = madd(x4_2, b2_2, c42); c43 = madd(x4_2, b3_2, c43);
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16), b2_3 = v128.load(b, 32), b3_3 = v128.load(b, 48);
    b += bStride;
    const x0_3 = v128.load32_splat(a, 12); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    c02 = madd(x0_3, b2_3, c02); c03 = madd(x0_3, b3_3, c03);
    const x1_3 = v128.load32_splat(a1, 12); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    c12 = madd(x1_3, b2_3, c12); c13 = madd(x1_3, b3_3, c13);
    const x2_3 = v128.load32_splat(a2, 12); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    c22 = madd(x2_3, b2_3, c22); c23 = madd(x2_3, b3_3, c23);
    const x3_3 = v128.load32_splat(a3, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    c32 = madd(x3_3, b2_3, c32); c33 = madd(x3_3, b3_3, c33);
    const x4_3 = v128.load32_splat(a4, 12); c40 = madd(x4_3, b0_3, c40); c41 = madd(x4_3, b1_3, c41);
    c42 = madd(x4_3, b2_3, c42); c43 = madd(x4_3, b3_3, c43);
    a += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
}

export function tile5x16t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(start, 32), c23 = v128.load(start, 48);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(start, 32), c33 = v128.load(start, 48);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16), c42 = v128.load(start, 32), c43 = v128.load(start, 48);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21); c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31); c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    const x4 = v128.load32_splat(a, 16); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41); c42 = madd(x4, b2, c42);
    c43 = madd(x4, b3, c43);
    a += aStride;
    if (b == end) break;
    const b0_1 = v128.load(b), b1_1 = v128.load(b, 16), b2_1 = v128.load(b, 32), b3_1 = v128.load(b, 48);
    b += bStride;
    const x0_1 = v128.load32_splat(a); c00 = madd(x0_1, b0_1, c00); c01 = madd(x0_1, b1_1, c01);
    c02 = madd(x0_1, b2_1, c02); c03 = madd(x0_1, b3_1, c03);
    const x1_1 = v128.load32_splat(a, 4); c10 = madd(x1_1, b0_1, c10); c11 = madd(x1_1, b1_1, c11);
    c12 = madd(x1_1, b2_1, c12); c13 = madd(x1_1, b3_1, c13);
    const x2_1 = v128.load32_splat(a, 8); c20 = madd(x2_1, b0_1, c20); c21 = madd(x2_1, b1_1, c21);
    c22 = madd(x2_1, b2_1, c22); c23 = madd(x2_1, b3_1, c23);
    const x3_1 = v128.load32_splat(a, 12); c30 = madd(x3_1, b0_1, c30); c31 = madd(x3_1, b1_1, c31);
    c32 = madd(x3_1, b2_1, c32); c33 = madd(x3_1, b3_1, c33);
    const x4_1 = v128.load32_splat(a, 16); c40 = madd(x4_1, b0_1, c40); c41 = madd(x4_1, b1_1, c41);
    c42 = madd(x4_1, b2_1, c42); c43 = madd(x4_1, b3_1, c43);
    a += aStride;
    if (b == end) break;
    const b0_2 = v128.load(b), b1_2 = v128.load(b, 16), b2_2 = v128.load(b, 32), b3_2 = v128.load(b, 48);
    b += bStride;
    const x0_2 = v128.load32_splat(a); c00 = madd(x0_2, b0_2, c00); c01 = madd(x0_2, b1_2, c01);
    c02 = madd(x0_2, b2_2, c02); c03 = madd(x0_2, b3_2, c03);
    const x1_2 = v128.load32_splat(a, 4); c10 = madd(x1_2, b0_2, c10); c11 = madd(x1_2, b1_2, c11);
    c12 = madd(x1_2, b2_2, c12); c13 = madd(x1_2, b3_2, c13);
    const x2_2 = v128.load32_splat(a, 8); c20 = madd(x2_2, b0_2, c20); c21 = madd(x2_2, b1_2, c21);
    c22 = madd(x2_2, b2_2, c22); c23 = madd(x2_2, b3_2, c23);
    const x3_2 = v128.load32_splat(a, 12); c30 = madd(x3_2, b0_2, c30); c31 = madd(x3_2, b1_2, c31);
    c32 = madd(x3_2, b2_2, c32); c33 = madd(x3_2, b3_2, c33);
    const x4_2 = v128.load32_splat(a, 16); c40 = madd(x4_2, b0_2, c40); c41 = madd(x4_2, b1_2, c41);
    c42 = madd(x4_2, b2_2, c42); c43 = madd(x4_2, b3_2, c43);
    a += aStride;
    if (b == end) break;
    const b0_3 = v128.load(b), b1_3 = v128.load(b, 16), b2_3 = v128.load(b, 32), b3_3 = v128.load(b, 48);
    b += bStride;
    const x0_3 = v128.load32_splat(a); c00 = madd(x0_3, b0_3, c00); c01 = madd(x0_3, b1_3, c01);
    c02 = madd(x0_3, b2_3, c02); c03 = madd(x0_3, b3_3, c03);
    const x1_3 = v128.load32_splat(a, 4); c10 = madd(x1_3, b0_3, c10); c11 = madd(x1_3, b1_3, c11);
    c12 = madd(x1_3, b2_3, c12); c13 = madd(x1_3, b3_3, c13);
    const x2_3 = v128.load32_splat(a, 8); c20 = madd(x2_3, b0_3, c20); c21 = madd(x2_3, b1_3, c21);
    c22 = madd(x2_3, b2_3, c22); c23 = madd(x2_3, b3_3, c23);
    const x3_3 = v128.load32_splat(a, 12); c30 = madd(x3_3, b0_3, c30); c31 = madd(x3_3, b1_3, c31);
    c32 = madd(x3_3, b2_3, c32); c33 = madd(x3_3, b3_3, c33);
    const x4_3 = v128.load32_splat(a, 16); c40 = madd(x4_3, b0_3, c40); c41 = madd(x4_3, b1_3, c41);
    c42 = madd(x4_3, b2_3, c42); c43 = madd(x4_3, b3_3, c43);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
}

export function tile6x16(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(start, 32), c23 = v128.load(start, 48);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(start, 32), c33 = v128.load(start, 48);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16), c42 = v128.load(start, 32), c43 = v128.load(start, 48);
  start += startStride;
  let c50 = v128.load(start), c51 = v128.load(start, 16), c52 = v128.load(start, 32), c53 = v128.load(start, 48);
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a1); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a2); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21); c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a3); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31); c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    const x4 = v128.load32_splat(a4); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41); c42 = madd(x4, b2, c42);
    c43 = madd(x4, b3, c43);
    const x5 = v128.load32_splat(a5); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51); c52 = madd(x5, b2, c52);
    c53 = madd(x5, b3, c53);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}

export function tile6x16t(c: usize, cStride: usize, start: usize, startStride: usize,
  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {
  const end = b + bStride * terms;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(start, 32), c23 = v128.load(start, 48);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(start, 32), c33 = v128.load(start, 48);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16), c42 = v128.load(start, 32), c43 = v128.load(start, 48);
  start += startStride;
  let c50 = v128.load(start), c51 = v128.load(start, 16), c52 = v128.load(start, 32), c53 = v128.load(start, 48);
  while (true) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += bStride;
    const x0 = v128.load32_splat(a); c00 = madd(x0, b0, c00); c01 = madd(x0, b1, c01); c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a, 4); c10 = madd(x1, b0, c10); c11 = madd(x1, b1, c11); c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a, 8); c20 = madd(x2, b0, c20); c21 = madd(x2, b1, c21); c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a, 12); c30 = madd(x3, b0, c30); c31 = madd(x3, b1, c31); c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    const x4 = v128.load32_splat(a, 16); c40 = madd(x4, b0, c40); c41 = madd(x4, b1, c41); c42 = madd(x4, b2, c42);
    c43 = madd(x4, b3, c43);
    const x5 = v128.load32_splat(a, 20); c50 = madd(x5, b0, c50); c51 = madd(x5, b1, c51); c52 = madd(x5, b2, c52);
    c53 = madd(x5, b3, c53);
    a += aStride;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}

/** One row by two panels of 16 columns, the second `panel` bytes after the first. */
export function tile1x32(c: usize, start: usize, a: usize, b: usize, panel: usize, terms: i32): void {
  const end = b + ((<usize>terms) << 6);
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  let c04 = v128.load(start, 64), c05 = v128.load(start, 80), c06 = v128.load(start, 96), c07 = v128.load(start, 112);
  while (true) {
    const x = v128.load32_splat(a);
    const second = b + panel;
    c00 = madd(x, v128.load(b), c00); c01 = madd(x, v128.load(b, 16), c01);
    c02 = madd(x, v128.load(b, 32), c02); c03 = madd(x, v128.load(b, 48), c03);
    c04 = madd(x, v128.load(second), c04); c05 = madd(x, v128.load(second, 16), c05);
    c06 = madd(x, v128.load(second, 32), c06); c07 = madd(x, v128.load(second, 48), c07);
    a += 4; b += 64;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  v128.store(c, c04, 64); v128.store(c, c05, 80); v128.store(c, c06, 96); v128.store(c, c07, 112);
}
