// Dense layers of integer models: a module of its own of about a kilobyte, for src/integer and exported files. Rows of float32 become 7-bit
// numbers, products are sums of whole numbers, and each sum becomes a float32 by one multiplication and one addition in float64. Sums of whole
// numbers are exact, every other step is a single IEEE operation in a fixed order, so the relaxed dot product, plain SIMD and the same in
// JavaScript (src/integer/product.ts) give the same bits.
//
// Layouts, for panels of 4 outputs and blocks of 16 inputs:
//   | x        [rows][xStride] f32, xStride >= 16 blocks
//   | steps    [rows][digits][16 blocks] u8    each 0 to 127: with two digits the number is 128 times the first + the second
//   | spans    [panels][2] i32                 first and last + 1 of the blocks in which a panel has weights that are not 0
//   | weights  [panels][blocks of the span][4 outputs][16 inputs] i8
//   | y        [rows][yStride] f32, yStride >= 4 panels
//
// Of a wide layer steps and weights are i16: plain SIMD multiplies those, and need not widen the bytes in every call (a row of 512 x 512: 1.6 times
// as fast, for twice the memory).
//
// No lane saturates: a pair of products is at most 2 * 127 * 127 < 2^15 in size, and src/integer refuses inputs whose sum could pass 2^31.

/** A layer: fields of 4 bytes, written by src/integer/kernel.ts in this order. */
@unmanaged
class Layer {
  blocks: i32;
  panels: i32;
  digits: i32;
  /** What follows a sum: a Curve. */
  curve: i32;
  low: usize;
  inverse: usize;
  steps: usize;
  spans: usize;
  weights: usize;
  scale: usize;
  bias: usize;
  /** Slopes below 0, one for each output, or the table. */
  values: usize;
  /** Whether steps and weights are i16. */
  wide: i32;
}

const enum Curve {
  None = 0,
  /** z where z >= 0, else slope z. */
  Bend = 1,
  /** Straight lines between the entries of a table, straight ones beyond its ends. */
  Table = 2,
}

// The table of src/integer/curves.ts: | slope before | 513 values from -16 to 16, 1/16 apart | slope beyond |
const TABLE_END: f64 = 16;
const TABLE_RATE: f64 = 16;
const TABLE_STEPS: f64 = 512;

/** y = f(x W + b) for rows of x. `relaxed`: by the relaxed dot product, which the module then has; else by i16 products. */
export function dense(at: usize, x: usize, xStride: i32, y: usize, yStride: i32, rows: i32, relaxed: i32): void {
  const layer = changetype<Layer>(at);
  const wide = layer.wide;
  const stepBytes = (<usize>layer.blocks) << (4 + wide);
  const rowBytes = stepBytes * layer.digits;
  for (let r = 0; r < rows; r++) toSteps(layer, layer.steps + rowBytes * r, x + ((<usize>(r * xStride)) << 2));
  let weights = layer.weights;
  let spans = layer.spans;
  for (let p = 0; p < layer.panels; p++) {
    const first = <usize>load<i32>(spans);
    const size = <usize>load<i32>(spans, 4) - first;
    spans += 8;
    const own = (<usize>p) << 4;
    const scale = v128.load(layer.scale + own);
    const bias = v128.load(layer.bias + own);
    let steps = layer.steps + (first << (4 + wide));
    let out = y + own;
    for (let r = 0; r < rows; r++) {
      const high = wide ? wideSums(weights, steps, size) : sums(weights, steps, size, relaxed);
      let low = f64x2.convert_low_i32x4_s(high);
      let top = f64x2.convert_low_i32x4_s(i8x16.shuffle(high, high, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
      if (layer.digits == 2) {
        const rest = wide ? wideSums(weights, steps + stepBytes, size) : sums(weights, steps + stepBytes, size, relaxed);
        const factor = f64x2.splat(128);
        low = f64x2.add(f64x2.mul(low, factor), f64x2.convert_low_i32x4_s(rest));
        top = f64x2.add(
          f64x2.mul(top, factor),
          f64x2.convert_low_i32x4_s(i8x16.shuffle(rest, rest, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)),
        );
      }
      v128.store(
        out,
        i8x16.shuffle(
          inUnits(low, scale, bias),
          inUnits(
            top,
            i8x16.shuffle(scale, scale, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
            i8x16.shuffle(bias, bias, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
          ),
          0,
          1,
          2,
          3,
          4,
          5,
          6,
          7,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
        ),
      );
      steps += rowBytes;
      out += (<usize>yStride) << 2;
    }
    weights += size << (6 + wide);
  }
  for (let r = 0; r < rows; r++) bend(layer, y + ((<usize>(r * yStride)) << 2));
}

/** Whether all floats of whole vectors are finite: a difference of what is not is NaN, and stays so in a sum. */
export function finite(at: usize, vectors: i32): bool {
  let sum = f32x4.splat(0);
  for (const end = at + ((<usize>vectors) << 4); at < end; at += 16) {
    const x = v128.load(at);
    sum = f32x4.add(sum, f32x4.sub(x, x));
  }
  return !v128.any_true(sum);
}

/** sum scale + bias in float64, of the two low lanes, rounded once. */
function inUnits(sum: v128, scale: v128, bias: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(sum, f64x2.promote_low_f32x4(scale)), f64x2.promote_low_f32x4(bias)));
}

/** The whole numbers nearest to (x - low) inverse, from 0 to 127, or with two digits to 16383. NaN is 0. */
function toSteps(layer: Layer, into: usize, x: usize): void {
  const blocks = layer.blocks;
  const two = layer.digits == 2;
  const most = f32x4.splat(two ? 16383 : 127);
  for (let k = 0; k < blocks; k++) {
    const at = (<usize>k) << 6;
    const a = step(layer, x, at, most);
    const b = step(layer, x, at + 16, most);
    const c = step(layer, x, at + 32, most);
    const d = step(layer, x, at + 48, most);
    if (two) {
      store16(layer.wide, into, i32x4.shr_s(a, 7), i32x4.shr_s(b, 7), i32x4.shr_s(c, 7), i32x4.shr_s(d, 7));
      const mask = i32x4.splat(127);
      const low = into + ((<usize>blocks) << (4 + layer.wide));
      store16(layer.wide, low, v128.and(a, mask), v128.and(b, mask), v128.and(c, mask), v128.and(d, mask));
    } else store16(layer.wide, into, a, b, c, d);
    into += (<usize>16) << layer.wide;
  }
}

function step(layer: Layer, x: usize, at: usize, most: v128): v128 {
  const distance = f32x4.mul(f32x4.sub(v128.load(x + at), v128.load(layer.low + at)), v128.load(layer.inverse + at));
  return i32x4.trunc_sat_f32x4_s(f32x4.min(f32x4.max(f32x4.nearest(distance), f32x4.splat(0)), most));
}

function store16(wide: i32, into: usize, a: v128, b: v128, c: v128, d: v128): void {
  const first = i16x8.narrow_i32x4_s(a, b);
  const last = i16x8.narrow_i32x4_s(c, d);
  if (wide) {
    v128.store(into, first);
    v128.store(into, last, 16);
  } else v128.store(into, i8x16.narrow_i16x8_u(first, last));
}

/** Four outputs of one row of a wide layer. */
function wideSums(w: usize, steps: usize, blocks: usize): v128 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (const end = steps + (blocks << 5); steps < end; steps += 32) {
    const first = v128.load(steps);
    const last = v128.load(steps, 16);
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(w), first));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(w, 32), first));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(w, 64), first));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(w, 96), first));
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(w, 16), last));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(w, 48), last));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(w, 80), last));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(w, 112), last));
    w += 128;
  }
  return across(a, b, c, d);
}

/** Four outputs of one row: sums over the blocks of a panel. */
function sums(w: usize, steps: usize, blocks: usize, relaxed: i32): v128 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  const end = steps + (blocks << 4);
  if (relaxed) {
    // Two sums for each output: a dot product that adds waits for the one before it.
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    for (; steps + 16 < end; steps += 32) {
      const q = v128.load(steps);
      const p = v128.load(steps, 16);
      a = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), q, a);
      b = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 16), q, b);
      c = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 32), q, c);
      d = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 48), q, d);
      e = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 64), p, e);
      f = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 80), p, f);
      g = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 96), p, g);
      h = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 112), p, h);
      w += 128;
    }
    if (steps < end) {
      const q = v128.load(steps);
      a = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), q, a);
      b = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 16), q, b);
      c = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 32), q, c);
      d = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 48), q, d);
    }
    a = i32x4.add(a, e);
    b = i32x4.add(b, f);
    c = i32x4.add(c, g);
    d = i32x4.add(d, h);
  } else {
    for (; steps < end; steps += 16) {
      const first = v128.load8x8_u(steps);
      const last = v128.load8x8_u(steps, 8);
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(w), first));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load8x8_s(w, 16), first));
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load8x8_s(w, 32), first));
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load8x8_s(w, 48), first));
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(w, 8), last));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load8x8_s(w, 24), last));
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load8x8_s(w, 40), last));
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load8x8_s(w, 56), last));
      w += 64;
    }
  }
  return across(a, b, c, d);
}

/** The sums of the lanes of each. */
function across(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = pairs(a, b);
  const cd = pairs(c, d);
  return i32x4.add(
    i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
}

/** | a0 + a2, b0 + b2, a1 + a3, b1 + b3 | */
function pairs(a: v128, b: v128): v128 {
  return i32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23),
    i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31),
  );
}

/** A row of sums through the layer's curve, in place. */
function bend(layer: Layer, y: usize): void {
  const end = y + ((<usize>layer.panels) << 4);
  const values = layer.values;
  if (layer.curve == Curve.Bend) {
    for (let slope = values; y < end; y += 16) {
      const z = v128.load(y);
      v128.store(y, v128.bitselect(f32x4.mul(z, v128.load(slope)), z, f32x4.lt(z, f32x4.splat(0))));
      slope += 16;
    }
  } else if (layer.curve == Curve.Table) {
    for (; y < end; y += 4) store<f32>(y, <f32>tabled(values, <f64>load<f32>(y)));
  }
}

function tabled(table: usize, z: f64): f64 {
  const t = (z + TABLE_END) * TABLE_RATE;
  if (!(t >= 0)) return <f64>load<f32>(table, 4) + <f64>load<f32>(table) * (z + TABLE_END);
  if (t >= TABLE_STEPS) return <f64>load<f32>(table, 4 + 4 * 512) + <f64>load<f32>(table, 8 + 4 * 512) * (z - TABLE_END);
  const i = <i32>t;
  const at = table + ((<usize>i) << 2);
  const before = <f64>load<f32>(at, 4);
  return before + (t - <f64>i) * (<f64>load<f32>(at, 8) - before);
}
