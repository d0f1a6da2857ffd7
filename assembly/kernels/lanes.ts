// The f32x4 vocabulary: what four lanes can do, and the one place where the two binaries differ.
// Knows nothing of layouts or models.

/** a * b + c. One rounding in the relaxed build (where the engine fuses), two in the simd128 build. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a * b + c with two roundings in every build: where the bits must not depend on fusing. */
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Lane by lane: a where the mask is set, else b. Masks are whole lanes, so one blend does where there is one. */
export function select(mask: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/** (v0 + v2) + (v1 + v3): the fixed order of every reduction over lanes. */
export function sumLanes(v: v128): f32 {
  const pairs = f32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest lane; NaN if any lane is NaN. */
export function maxLanes(v: v128): f32 {
  return max(max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)), max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)));
}

/** All bits set in the first `count` lanes (0 to 4), none in the others: masks off padding. */
export function firstLanes(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

/** A width rounded up to whole vectors. */
export function padded(width: i32): i32 {
  return (width + 3) & ~3;
}
