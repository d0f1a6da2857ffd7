// The three matrix products of a dense layer, in blocks that stay in cache, over register tiles (tiling.ts).
//
// Pointers are bytes, strides and sizes are floats and counts. X, Y, dX, dY are row-major with a leading dimension
// (a multiple of 4 floats); weights and their gradient are in panels (panels.ts). Each element of a product is one
// running sum in ascending order of its terms, so nothing here that is chosen for speed ever changes a bit.
// Sizes are at least 1. A null start reads the zeros at address 0: nothing writes the first 128 bytes of memory (the
// compiler leaves the first kilobyte unused, the model begins after it).

import { PANEL, Tile } from '../abi';
import { TRAINS } from '../build';
import { firstLanes, madd, padded } from './lanes';
import { Plain, tile1x32, Transposed } from './tiles.generated';
import { coverPanel } from './tiling';

// Terms of a block of X.W and dY.W^T: so much of a panel (16 kB) stays in the first-level cache while the rows of A pass
// over it. Blocks are made even, so 257 terms are one block and not 256 and 1.
const TERMS: i32 = 256;

// Terms of a block of X^T.dY, where each term is a row of x and one of dy: both leave the cache room, and as long as they
// lie on the 56 pages that REACH floats fill, the first-level TLB knows them all (10 % faster at 512 x 512). A panel of dy
// that many rows of dw read is packed first: it lies on few pages then, and blocks may be longer (5 % at 512 x 512).
const GRADIENT_TERMS: i32 = 128;
const REACH: i32 = 57344;

/** Rows of dw, and terms, from which packing pays. */
export const PACKED_FROM: i32 = 48;

/** Bytes that weightGradient needs to pack in: one panel of the most terms that blockLength makes a block of. */
export const PACKED_BYTES: usize = (<usize>(GRADIENT_TERMS + (GRADIENT_TERMS >> 2))) << 6;

/**
 * Rows of a block: so many rows of A (240 kB) stay in the second-level cache while the panels pass. A multiple of every
 * tile's rows.
 */
export const ROWS: i32 = 240;

// Which tiles this instance uses. They change speed, never results, so they need not live in linear memory.
let forwardTile: i32 = 0;
let gradientTile: i32 = 0;

/** Sets the tile that X.W and dY.W^T are made of, and that of X^T.dY. */
export function chooseTiles(forward: Tile, gradient: Tile): void {
  forwardTile = forward;
  gradientTile = gradient;
}

/** y[rows][outputs] = bias + x[rows][inputs] . W[inputs][outputs]. Overwrites y, padding lanes included; bias 0: none. */
export function forwardProduct(
  y: usize,
  yStride: i32,
  x: usize,
  xStride: i32,
  w: usize,
  bias: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
): void {
  assert(rows > 0 && inputs > 0 && outputs > 0, 'forwardProduct: sizes must be at least 1');
  assert(((xStride | yStride) & 3) == 0, 'forwardProduct: strides must be multiples of 4 lanes');
  product(y, yStride, bias, 0, x, xStride, w, rows, inputs, outputs);
}

/**
 * dx[rows][inputs] = dy[rows][outputs] . W^T, or += it; wt is W^T in panels (transposePanels). dx's padding lanes become
 * zero, or stay so.
 */
export function inputGradient(
  dx: usize,
  dxStride: i32,
  dy: usize,
  dyStride: i32,
  wt: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
  accumulate: bool,
): void {
  assert(rows > 0 && inputs > 0 && outputs > 0, 'inputGradient: sizes must be at least 1');
  assert(((dxStride | dyStride) & 3) == 0, 'inputGradient: strides must be multiples of 4 lanes');
  product(dx, dxStride, accumulate ? dx : 0, accumulate ? dxStride : 0, dy, dyStride, wt, rows, outputs, inputs);
}

/**
 * dw (panels) = x[rows][inputs]^T . dy[rows][outputs], or += it, for inputs in [fromInput, toInput).
 * dy's padding lanes must be zero; so are dw's then. `packed`: PACKED_BYTES to work in, or null.
 */
export function weightGradient(
  dw: usize,
  x: usize,
  xStride: i32,
  dy: usize,
  dyStride: i32,
  rows: i32,
  inputs: i32,
  outputs: i32,
  fromInput: i32,
  toInput: i32,
  accumulate: bool,
  packed: usize,
): void {
  assert(rows > 0 && inputs > 0 && outputs > 0, 'weightGradient: sizes must be at least 1');
  assert(fromInput >= 0 && toInput <= inputs, 'weightGradient: the range must lie within the inputs');
  assert(((xStride | dyStride) & 3) == 0, 'weightGradient: strides must be multiples of 4 lanes');
  const width = padded(outputs);
  const xRow = (<usize>xStride) << 2;
  const dyRow = (<usize>dyStride) << 2;
  if (TRAINS && outputs == 1 && !accumulate && !((toInput - fromInput) & 15)) {
    for (let i = fromInput; i < toInput; i += 16)
      columnGradient(dw + ((<usize>i) << 4), x + ((<usize>i) << 2), xRow, dy, dyRow, rows);
    return;
  }
  const packs = packed != 0 && rows >= PACKED_FROM && toInput - fromInput >= PACKED_FROM;
  const block = blockLength(rows, gradientTerms(packs ? xStride : xStride + dyStride));
  for (let from = 0; from < rows; from += block) {
    const terms = min(block, rows - from);
    for (let first = fromInput; first < toInput; first += ROWS) {
      const count = min(ROWS, toInput - first);
      for (let column = 0; column < width; column += PANEL) {
        const lanes = min(PANEL, width - column);
        const stride = (<usize>lanes) << 2;
        const c = dw + ((<usize>(column * inputs)) << 2) + stride * first;
        if (rows == 1 && lanes == PANEL) {
          outerProduct(
            c,
            stride,
            accumulate ? c : 0,
            accumulate ? stride : 0,
            x + ((<usize>first) << 2),
            4,
            dy + ((<usize>column) << 2),
            count,
          );
          continue;
        }
        let b = dy + ((<usize>column) << 2);
        let bStride = dyRow;
        if (packs) {
          packRows(packed, b, dyRow, lanes, terms);
          b = packed;
          bStride = stride;
        }
        coverPanel<Transposed>(
          gradientTile,
          c,
          stride,
          accumulate ? c : 0,
          accumulate ? stride : 0,
          x + ((<usize>first) << 2),
          xRow,
          b,
          bStride,
          count,
          lanes,
          terms,
        );
      }
    }
    x += xRow * terms;
    dy += dyRow * terms;
    accumulate = true;
  }
}

/** dw[16] = x[rows][16]^T . dy[rows], of a single output: x by vectors, where tiles would take its numbers one by one. */
function columnGradient(dw: usize, x: usize, xRow: usize, dy: usize, dyRow: usize, rows: i32): void {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  for (; rows > 0; rows--, x += xRow, dy += dyRow) {
    const factor = v128.load32_splat(dy);
    s0 = madd(v128.load(x), factor, s0);
    s1 = madd(v128.load(x, 16), factor, s1);
    s2 = madd(v128.load(x, 32), factor, s2);
    s3 = madd(v128.load(x, 48), factor, s3);
  }
  storeColumn(dw, s0);
  storeColumn(dw + 64, s1);
  storeColumn(dw + 128, s2);
  storeColumn(dw + 192, s3);
}

/** Each of the four lanes to a vector of its own, padding 0. */
function storeColumn(to: usize, lanes: v128): void {
  for (const end = to + 64; to != end; to += 16) {
    v128.store(to, v128.and(lanes, firstLanes(1)));
    lanes = i8x16.shuffle(lanes, lanes, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
}

/** to[rows][lanes], without gaps, = the first lanes of from's rows. */
function packRows(to: usize, from: usize, stride: usize, lanes: i32, rows: i32): void {
  const width = (<usize>lanes) << 2;
  for (; rows > 0; rows--, from += stride) {
    for (let at: usize = 0; at < width; at += 16, to += 16) v128.store(to, v128.load(from + at));
  }
}

/** c[rows][16] = start + x . b, for a single column x and a single row b: bound by the stores, so b stays in registers. */
function outerProduct(
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  x: usize,
  xStride: usize,
  b: usize,
  rows: i32,
): void {
  const b0 = v128.load(b),
    b1 = v128.load(b, 16),
    b2 = v128.load(b, 32),
    b3 = v128.load(b, 48);
  for (const end = x + xStride * rows; x != end; x += xStride) {
    const factor = v128.load32_splat(x);
    const s0 = v128.load(start),
      s1 = v128.load(start, 16),
      s2 = v128.load(start, 32),
      s3 = v128.load(start, 48);
    v128.store(c, madd(factor, b0, s0));
    v128.store(c, madd(factor, b1, s1), 16);
    v128.store(c, madd(factor, b2, s2), 32);
    v128.store(c, madd(factor, b3, s3), 48);
    c += cStride;
    start += startStride;
  }
}

/** db[outputs] = sums of dy[rows][outputs] over its rows, in ascending order, or += them. Padding lanes as in dy. */
export function biasGradient(db: usize, dy: usize, dyStride: i32, rows: i32, outputs: i32, accumulate: bool): void {
  const stride = (<usize>dyStride) << 2;
  let left = padded(outputs);
  for (; left >= 16; left -= 16) {
    const start: usize = accumulate ? db : 0;
    let s0 = v128.load(start),
      s1 = v128.load(start, 16),
      s2 = v128.load(start, 32),
      s3 = v128.load(start, 48);
    for (let r = 0, row = dy; r < rows; r++, row += stride) {
      s0 = f32x4.add(s0, v128.load(row));
      s1 = f32x4.add(s1, v128.load(row, 16));
      s2 = f32x4.add(s2, v128.load(row, 32));
      s3 = f32x4.add(s3, v128.load(row, 48));
    }
    v128.store(db, s0);
    v128.store(db, s1, 16);
    v128.store(db, s2, 32);
    v128.store(db, s3, 48);
    db += 64;
    dy += 64;
  }
  for (; left > 0; left -= 4) {
    let sum = v128.load(accumulate ? db : 0);
    for (let r = 0, row = dy; r < rows; r++, row += stride) sum = f32x4.add(sum, v128.load(row));
    v128.store(db, sum);
    db += 16;
    dy += 16;
  }
}

/** c[rows][columns] = start + a[rows][terms] . b (panels of columns). */
function product(
  c: usize,
  cStride: i32,
  start: usize,
  startStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  rows: i32,
  terms: i32,
  columns: i32,
): void {
  const width = padded(columns);
  const cRow = (<usize>cStride) << 2;
  const aRow = (<usize>aStride) << 2;
  let startRow = (<usize>startStride) << 2;
  const block = blockLength(terms, TERMS);
  for (let from = 0; from < terms; from += block) {
    const count = min(block, terms - from);
    for (let row = 0; row < rows; row += ROWS) {
      const height = min(ROWS, rows - row);
      let column = 0;
      if (height == 1) {
        const panel = (<usize>terms) << 6;
        for (; column + 2 * PANEL <= width; column += 2 * PANEL) {
          const offset = (<usize>column) << 2;
          tile1x32(
            c + cRow * row + offset,
            start ? start + startRow * row + offset : 0,
            a + aRow * row + ((<usize>from) << 2),
            b + offset * terms + ((<usize>from) << 6),
            panel,
            count,
          );
        }
      }
      for (; column < width; column += PANEL) {
        const lanes = min(PANEL, width - column);
        const offset = (<usize>column) << 2;
        if (TRAINS && terms == 1 && lanes == PANEL) {
          outerProduct(
            c + cRow * row + offset,
            cRow,
            start ? start + startRow * row + offset : 0,
            startRow,
            a + aRow * row,
            aRow,
            b + offset,
            height,
          );
          continue;
        }
        coverPanel<Plain>(
          forwardTile,
          c + cRow * row + offset,
          cRow,
          start ? start + startRow * row + offset : 0,
          startRow,
          a + aRow * row + ((<usize>from) << 2),
          aRow,
          b + offset * terms + ((<usize>(from * lanes)) << 2),
          (<usize>lanes) << 2,
          height,
          lanes,
          count,
        );
      }
    }
    start = c;
    startRow = cRow;
  }
}

/** Terms of a block of X^T.dY: as many rows of x and dy as the first-level TLB reaches, unless that is too few to pay. */
function gradientTerms(strides: i32): i32 {
  const reach = REACH / strides;
  return reach >= 40 ? min(reach, GRADIENT_TERMS) : GRADIENT_TERMS;
}

/** The length of even blocks of about `wanted` that cover `terms`. */
function blockLength(terms: i32, wanted: i32): i32 {
  if (terms <= wanted + (wanted >> 2)) return terms;
  const blocks = (terms + wanted - 1) / wanted;
  return (terms + blocks - 1) / blocks;
}
