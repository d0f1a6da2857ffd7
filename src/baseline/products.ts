// The three matrix products of backpropagation in plain JavaScript: as the textbook writes them (naive) and as fast as
// plain JavaScript goes (blocked), with the same signatures. Row-major, tightly packed, no padding. Every product adds to
// what its first argument holds, so callers fill that first: with the bias, with zeros, or with gradients so far.
//
//   forward         y[rows][outputs]  += x[rows][inputs]    . w[inputs][outputs]
//   input gradient  dx[rows][inputs]  += dy[rows][outputs]  . w[inputs][outputs]^T
//   weight gradient dw[inputs][outputs] += x[rows][inputs]^T . dy[rows][outputs]

import { doubles } from '../data/allocate.js';

/** Numbers of either precision: Float32Array trains, Float64Array is the oracle. */
export type Values = Float32Array | Float64Array;

/** The three matrix products of a dense layer, in plain JavaScript. */
export interface Products {
  /** y += x w */
  forward(y: Values, x: Values, w: Values, rows: number, inputs: number, outputs: number): void;
  /** dx += dy w^T */
  inputGradient(dx: Values, dy: Values, w: Values, rows: number, inputs: number, outputs: number): void;
  /** dw += x^T dy */
  weightGradient(dw: Values, x: Values, dy: Values, rows: number, inputs: number, outputs: number): void;
}

/**
 * The three matrix products as the textbook has them: three loops, in the order that runs along rows of memory. Row-major, each adds to its result.
 *
 * @example
 * import { naive } from 'feedforward/baseline';
 * const y = new Float64Array(2);
 * naive.forward(y, [1, 2], [1, 0, 0, 1], 1, 2, 2);
 * y;  // Float64Array [1, 2]
 */
export const naive: Products = {
  forward(y, x, w, rows, inputs, outputs) {
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inputs; k++) {
        const xik = x[i * inputs + k]!;
        for (let j = 0; j < outputs; j++) y[i * outputs + j] = y[i * outputs + j]! + xik * w[k * outputs + j]!;
      }
  },
  inputGradient(dx, dy, w, rows, inputs, outputs) {
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inputs; k++) {
        let sum = dx[i * inputs + k]!;
        for (let j = 0; j < outputs; j++) sum += dy[i * outputs + j]! * w[k * outputs + j]!;
        dx[i * inputs + k] = sum;
      }
  },
  weightGradient(dw, x, dy, rows, inputs, outputs) {
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inputs; k++) {
        const xik = x[i * inputs + k]!;
        for (let j = 0; j < outputs; j++) dw[k * outputs + j] = dw[k * outputs + j]! + xik * dy[i * outputs + j]!;
      }
  },
};

/**
 * The three matrix products as fast as plain JavaScript goes: the sums of the textbook, 4 x 4 of them at a time in registers. Row-major, each adds to
 * its result.
 *
 * @example
 * import { blocked } from 'feedforward/baseline';
 * const y = new Float64Array(2);
 * blocked.forward(y, [1, 2], [1, 0, 0, 1], 1, 2, 2);
 * y;  // Float64Array [1, 2]
 */
export const blocked: Products = {
  forward: (y, x, w, rows, inputs, outputs) => product(y, x, w, rows, inputs, outputs, inputs, 1, outputs, 1),
  inputGradient: (dx, dy, w, rows, inputs, outputs) => product(dx, dy, w, rows, outputs, inputs, outputs, 1, 1, outputs),
  weightGradient: (dw, x, dy, rows, inputs, outputs) => product(dw, x, dy, inputs, rows, outputs, 1, inputs, outputs, 1),
};

/** Panels of a and of b, in float64: read in the inner loop without a conversion. They grow to the largest product seen. */
let aPanels = new Float64Array(0);
let bPanel = new Float64Array(0);
const edge = new Float64Array(16);

/**
 * c[rows][columns] += a b, where a(i, k) = a[i * aRow + k * aStep] and b(k, j) = b[k * bStep + j * bColumn], k < depth.
 * Both are copied into panels of four first, so that the inner loop walks memory in order: of a all rows at once
 * | a(0..3, 0) | a(0..3, 1) | …, of b four columns at a time | b(0, 0..3) | b(1, 0..3) | …; edges are filled with zeros.
 * Each element is one running sum in float64, from c in ascending k, so it does not depend on the rows beside it.
 * See: Goto & van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
 */
function product(
  c: Values,
  a: Values,
  b: Values,
  rows: number,
  depth: number,
  columns: number,
  aRow: number,
  aStep: number,
  bStep: number,
  bColumn: number,
): void {
  if (depth === 1) {
    outerProduct(c, a, b, rows, columns, aRow, bColumn);
    return;
  }
  // Too little to be worth copying: a row or two, or sums of two terms.
  if (rows < 3 || depth < 3) {
    rowByRow(c, a, b, rows, depth, columns, aRow, aStep, bStep, bColumn);
    return;
  }
  const tiles = (rows + 3) >> 2;
  if (aPanels.length < tiles * 4 * depth) aPanels = doubles(tiles * 4 * depth, 'A product');
  if (bPanel.length < 4 * depth) bPanel = doubles(4 * depth, 'A product');
  for (let t = 0; t < tiles; t++) pack(aPanels, t * 4 * depth, a, t * 4 * aRow, aRow, aStep, Math.min(4, rows - t * 4), depth);
  for (let j = 0; j < columns; j += 4) {
    const width = Math.min(4, columns - j);
    pack(bPanel, 0, b, j * bColumn, bColumn, bStep, width, depth);
    for (let t = 0; t < tiles; t++) {
      const height = Math.min(4, rows - t * 4);
      const at = t * 4 * columns + j;
      if (height === 4 && width === 4) {
        tile(c, at, columns, aPanels, t * 4 * depth, bPanel, depth);
      } else {
        for (let r = 0; r < height; r++) for (let s = 0; s < width; s++) edge[r * 4 + s] = c[at + r * columns + s]!;
        tile(edge, 0, 4, aPanels, t * 4 * depth, bPanel, depth);
        for (let r = 0; r < height; r++) for (let s = 0; s < width; s++) c[at + r * columns + s] = edge[r * 4 + s]!;
      }
    }
  }
}

/** A panel of four lines, `across` apart in the source, of `depth` elements each, `along` apart; lines beyond `lines` are zero. */
function pack(
  panel: Float64Array,
  to: number,
  source: Values,
  from: number,
  across: number,
  along: number,
  lines: number,
  depth: number,
): void {
  if (lines === 4) {
    const from1 = from + across;
    const from2 = from1 + across;
    const from3 = from2 + across;
    for (let k = 0, at = 0; k < depth; k++, at += along) {
      panel[to] = source[from + at]!;
      panel[to + 1] = source[from1 + at]!;
      panel[to + 2] = source[from2 + at]!;
      panel[to + 3] = source[from3 + at]!;
      to += 4;
    }
    return;
  }
  for (let k = 0; k < depth; k++)
    for (let line = 0; line < 4; line++) panel[to++] = line < lines ? source[from + line * across + k * along]! : 0;
}

// biome-ignore format: one row of the tile a line
/** c[4][4] at `at`, rows `stride` apart, += the sum over k of a panel's column k times b panel's row k. */
function tile(c: Values, at: number, stride: number, a: Float64Array, p: number, b: Float64Array, depth: number): void {
  const at1 = at + stride;
  const at2 = at1 + stride;
  const at3 = at2 + stride;
  let c00 = c[at]!, c01 = c[at + 1]!, c02 = c[at + 2]!, c03 = c[at + 3]!;
  let c10 = c[at1]!, c11 = c[at1 + 1]!, c12 = c[at1 + 2]!, c13 = c[at1 + 3]!;
  let c20 = c[at2]!, c21 = c[at2 + 1]!, c22 = c[at2 + 2]!, c23 = c[at2 + 3]!;
  let c30 = c[at3]!, c31 = c[at3 + 1]!, c32 = c[at3 + 2]!, c33 = c[at3 + 3]!;
  const end = 4 * depth;
  for (let q = 0; q < end; q += 4, p += 4) {
    const b0 = b[q]!, b1 = b[q + 1]!, b2 = b[q + 2]!, b3 = b[q + 3]!;
    const a0 = a[p]!;
    c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
    const a1 = a[p + 1]!;
    c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
    const a2 = a[p + 2]!;
    c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
    const a3 = a[p + 3]!;
    c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
  }
  c[at] = c00; c[at + 1] = c01; c[at + 2] = c02; c[at + 3] = c03;
  c[at1] = c10; c[at1 + 1] = c11; c[at1 + 2] = c12; c[at1 + 3] = c13;
  c[at2] = c20; c[at2 + 1] = c21; c[at2 + 2] = c22; c[at2 + 3] = c23;
  c[at3] = c30; c[at3 + 1] = c31; c[at3 + 2] = c32; c[at3 + 3] = c33;
}

/** The sums of a product without panels, four columns at a time. */
function rowByRow(
  c: Values,
  a: Values,
  b: Values,
  rows: number,
  depth: number,
  columns: number,
  aRow: number,
  aStep: number,
  bStep: number,
  bColumn: number,
): void {
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let c0 = c[row + j]!;
      let c1 = c[row + j + 1]!;
      let c2 = c[row + j + 2]!;
      let c3 = c[row + j + 3]!;
      for (let k = 0, p = i * aRow, q = j * bColumn; k < depth; k++, p += aStep, q += bStep) {
        const aik = a[p]!;
        c0 += aik * b[q]!;
        c1 += aik * b[q + bColumn]!;
        c2 += aik * b[q + 2 * bColumn]!;
        c3 += aik * b[q + 3 * bColumn]!;
      }
      c[row + j] = c0;
      c[row + j + 1] = c1;
      c[row + j + 2] = c2;
      c[row + j + 3] = c3;
    }
    for (; j < columns; j++) {
      let sum = c[row + j]!;
      for (let k = 0; k < depth; k++) sum += a[i * aRow + k * aStep]! * b[k * bStep + j * bColumn]!;
      c[row + j] = sum;
    }
  }
}

/** c(i, j) += a(i) b(j): the weight gradient of a batch of one row. */
function outerProduct(c: Values, a: Values, b: Values, rows: number, columns: number, aRow: number, bColumn: number): void {
  for (let i = 0; i < rows; i++) {
    const ai = a[i * aRow]!;
    for (let j = 0; j < columns; j++) c[i * columns + j] = c[i * columns + j]! + ai * b[j * bColumn]!;
  }
}
