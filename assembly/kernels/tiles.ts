// Register tiles: a few rows by 4, 8 or 16 columns of C held in registers while the depth runs by.
//
//     C[r][j] = start[r][j] + sum over k of A[r][k] * B[k][j],   k ascending, one madd per term
//
// All strides are in bytes. A is read by `aRow` from row to row and by `aDepth` from term to term, B by `bDepth`, so
// the same tile serves X.W, dY.W^T and X^T.dY. `start` is C itself (accumulate), a bias row (stride 0) or zeros.
// Every element is a single running sum in every shape: shapes differ in speed, never in bits.
// All of C's rows are loaded before the loop and stored after it, with nothing in between: V8's 256-bit pass only
// packs pairs of accesses that no other memory access separates.

import { madd } from './lanes';

// @ts-ignore: decorator
@inline
const LANES: usize = 16;

/** `rows` (a constant, 1 to 6) by 8 columns. */
// @ts-ignore: decorator
@inline
function eight(rows: i32, c: usize, cRow: usize, start: usize, startRow: usize, a: usize, aRow: usize, aDepth: usize,
  b: usize, bDepth: usize, depth: i32): void {
  let c00 = v128.load(start), c01 = v128.load(start, LANES);
  let c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (rows > 1) { start += startRow; c10 = v128.load(start); c11 = v128.load(start, LANES); }
  if (rows > 2) { start += startRow; c20 = v128.load(start); c21 = v128.load(start, LANES); }
  if (rows > 3) { start += startRow; c30 = v128.load(start); c31 = v128.load(start, LANES); }
  if (rows > 4) { start += startRow; c40 = v128.load(start); c41 = v128.load(start, LANES); }
  if (rows > 5) { start += startRow; c50 = v128.load(start); c51 = v128.load(start, LANES); }
  let a0 = a, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow;
  for (; depth > 0; depth--) {
    const b0 = v128.load(b), b1 = v128.load(b, LANES);
    b += bDepth;
    { const x = v128.load32_splat(a0); a0 += aDepth; c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); }
    if (rows > 1) { const x = v128.load32_splat(a1); a1 += aDepth; c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); }
    if (rows > 2) { const x = v128.load32_splat(a2); a2 += aDepth; c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); }
    if (rows > 3) { const x = v128.load32_splat(a3); a3 += aDepth; c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); }
    if (rows > 4) { const x = v128.load32_splat(a4); a4 += aDepth; c40 = madd(x, b0, c40); c41 = madd(x, b1, c41); }
    if (rows > 5) { const x = v128.load32_splat(a5); a5 += aDepth; c50 = madd(x, b0, c50); c51 = madd(x, b1, c51); }
  }
  v128.store(c, c00); v128.store(c, c01, LANES);
  if (rows > 1) { c += cRow; v128.store(c, c10); v128.store(c, c11, LANES); }
  if (rows > 2) { c += cRow; v128.store(c, c20); v128.store(c, c21, LANES); }
  if (rows > 3) { c += cRow; v128.store(c, c30); v128.store(c, c31, LANES); }
  if (rows > 4) { c += cRow; v128.store(c, c40); v128.store(c, c41, LANES); }
  if (rows > 5) { c += cRow; v128.store(c, c50); v128.store(c, c51, LANES); }
}

export function tile1x8(c: usize, cRow: usize, start: usize, startRow: usize, a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, depth: i32): void {
  eight(1, c, cRow, start, startRow, a, aRow, aDepth, b, bDepth, depth);
}

export function tile4x8(c: usize, cRow: usize, start: usize, startRow: usize, a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, depth: i32): void {
  eight(4, c, cRow, start, startRow, a, aRow, aDepth, b, bDepth, depth);
}

/** 1 row by 4 columns. */
export function tile1x4(c: usize, cRow: usize, start: usize, startRow: usize, a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, depth: i32): void {
  let sum = v128.load(start);
  for (; depth > 0; depth--) {
    sum = madd(v128.load32_splat(a), v128.load(b), sum);
    a += aDepth;
    b += bDepth;
  }
  v128.store(c, sum);
}
