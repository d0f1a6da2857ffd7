// A row's loss: sums in float64 of four float32 at a time, and rows that count for nothing.

/** Four float32 values added to two running float64 sums: (v0, v1), then (v2, v3). */
export function addWide(sums: v128, v: v128): v128 {
  const low = f64x2.add(sums, f64x2.promote_low_f32x4(v));
  return f64x2.add(low, f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0)));
}

export function sumWide(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** A row of weight 0: no loss, no gradient. */
export function skipRow(delta: usize, outputs: i32, rowLoss: usize): void {
  store<f64>(rowLoss, 0);
  for (let j = 0; j < outputs; j += 4) v128.store(delta + ((<usize>j) << 2), f32x4.splat(0));
}
