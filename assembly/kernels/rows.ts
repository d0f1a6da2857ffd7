// Rows of activation buffers: where one starts, and copying or adding them. Strides in floats.

import { padded } from './lanes';

/** p + rows * stride floats. */
export function rowAt(p: usize, rows: i32, stride: i32): usize {
  return p + (((rows * stride) as usize) << 2);
}

/** out = source for rows [from, to), whole vectors. */
export function copyRows(out: usize, outStride: i32, source: usize, sourceStride: i32, width: i32, from: i32, to: i32): void {
  const bytes = (padded(width) as usize) << 2;
  for (let r = from; r < to; r++) memory.copy(rowAt(out, r, outStride), rowAt(source, r, sourceStride), bytes);
}

/** out = a + b for rows [from, to), whole vectors; out may be a or b. */
export function addRows(
  out: usize,
  outStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  bStride: i32,
  width: i32,
  from: i32,
  to: i32,
): void {
  const bytes = (padded(width) as usize) << 2;
  for (let r = from; r < to; r++) {
    const sum = rowAt(out, r, outStride);
    const left = rowAt(a, r, aStride);
    const right = rowAt(b, r, bStride);
    for (let lane: usize = 0; lane < bytes; lane += 16)
      v128.store(sum + lane, f32x4.add(v128.load(left + lane), v128.load(right + lane)));
  }
}

/** Whether all numbers in [at, end) are finite; whole vectors. v - v is 0, and NaN where v is not finite. */
export function allFinite(at: usize, end: usize): bool {
  let bits = f32x4.splat(0);
  for (; at < end; at += 16) {
    const v = v128.load(at);
    bits = v128.or(bits, f32x4.sub(v, v));
  }
  return !v128.any_true(bits);
}
