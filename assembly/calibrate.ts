// Running the products on scratch memory, to time the tiles and to check them against a plain reference. For an instance
// made for this only: it overwrites memory from the heap's base on, where a model would live.

import { PANEL } from './abi';
import { biasGradient, chooseTiles, forwardProduct, inputGradient, PACKED_BYTES, weightGradient } from './kernels/products';
import { madd, padded } from './kernels/lanes';
import { panelFloats, transposedFloats, transposePanels } from './kernels/panels';
import { ensure } from './memory/arena';

/** Product 0 (forward), 1 (weight gradient) or 2 (input gradient, its transposing pass included) in `tile`, over and over. */
export function measureTile(tile: i32, product: i32, rows: i32, inputs: i32, outputs: i32, repetitions: i32): void {
  const xStride = padded(inputs);
  const yStride = padded(outputs);
  const x = (__heap_base + 63) & ~63;
  const y = after(x, rows * xStride);
  const w = after(y, rows * yStride);
  const wt = after(w, panelFloats(inputs, outputs));
  const packed = after(wt, transposedFloats(inputs, outputs));
  ensure(packed + PACKED_BYTES);
  chooseTiles(tile, tile);
  for (; repetitions > 0; repetitions--) {
    if (product == 0) forwardProduct(y, yStride, x, xStride, w, 0, rows, inputs, outputs);
    else if (product == 1) weightGradient(w, x, xStride, y, yStride, rows, inputs, outputs, 0, inputs, false, packed);
    else {
      transposePanels(wt, w, inputs, outputs);
      inputGradient(x, xStride, y, yStride, wt, rows, inputs, outputs, false);
    }
  }
}

/** Whether `tile` gives the bits of the plain loop, forward and in the weight gradient, accumulating and not. */
export function checkTile(tile: i32): bool {
  const rows = 31,
    inputs = 44,
    outputs = 48;
  const x = (__heap_base + 63) & ~63;
  const dy = after(x, rows * inputs);
  const w = after(dy, rows * outputs);
  const bias = after(w, inputs * outputs);
  const y = after(bias, outputs);
  const dw = after(y, rows * outputs);
  const wanted = after(dw, inputs * outputs);
  ensure(after(wanted, inputs * outputs));
  fill(x, rows * inputs, 1);
  fill(dy, rows * outputs, 2);
  fill(w, inputs * outputs, 3);
  chooseTiles(tile, tile);

  biasGradient(bias, dy, outputs, rows, outputs, false);
  forwardProduct(y, outputs, x, inputs, w, bias, rows, inputs, outputs);
  for (let column = 0; column < outputs; column += PANEL) {
    const offset = (<usize>column) << 2;
    plain(wanted + offset, outputs, bias + offset, 0, x, inputs, 1, w + offset * inputs, PANEL, rows, inputs);
  }
  if (!same(y, wanted, rows * outputs)) return false;

  for (let turn = 0; turn < 2; turn++) {
    weightGradient(dw, x, inputs, dy, outputs, rows, inputs, outputs, 0, inputs, turn > 0, 0);
    for (let column = 0; column < outputs; column += PANEL) {
      const panel = wanted + ((<usize>column) << 2) * inputs;
      plain(panel, PANEL, turn ? panel : 0, turn ? PANEL : 0, x, 1, inputs, dy + ((<usize>column) << 2), outputs, inputs, rows);
    }
    if (!same(dw, wanted, inputs * outputs)) return false;
  }
  return true;
}

/** One panel of a product, a vector at a time: c[rows][16] = start + a . b. Strides in floats. */
function plain(
  c: usize,
  cStride: i32,
  start: usize,
  startStride: i32,
  a: usize,
  aRow: i32,
  aTerm: i32,
  b: usize,
  bStride: i32,
  rows: i32,
  terms: i32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let lane: usize = 0; lane < 64; lane += 16) {
      let sum = v128.load(start + ((<usize>(r * startStride)) << 2) + (start ? lane : 0));
      for (let k = 0; k < terms; k++) {
        const factor = v128.load32_splat(a + ((<usize>(r * aRow + k * aTerm)) << 2));
        sum = madd(factor, v128.load(b + ((<usize>(k * bStride)) << 2) + lane), sum);
      }
      v128.store(c + ((<usize>(r * cStride)) << 2) + lane, sum);
    }
  }
}

/** Numbers of both signs with full mantissas. */
function fill(p: usize, count: i32, seed: i32): void {
  for (let i = 0; i < count; i++) {
    seed = seed * 1664525 + 1013904223;
    store<f32>(p + ((<usize>i) << 2), <f32>seed * 4.656613e-10);
  }
}

/** Whether two buffers of `count` floats (a multiple of 4) hold the same bits. */
function same(a: usize, b: usize, count: i32): bool {
  for (const end = a + ((<usize>count) << 2); a < end; a += 16, b += 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
  }
  return true;
}

/** The next cache line after `count` floats at p, and one between. */
function after(p: usize, count: i32): usize {
  return (p + ((<usize>count) << 2) + 127) & ~63;
}
