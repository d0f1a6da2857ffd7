// The three matrix products of a dense layer, over register tiles: blocking, edges, tile choice.
//
// Pointers are bytes, strides and sizes are floats and counts. X, Y, dX, dY are row-major with a leading dimension
// (a multiple of 4 floats); weights and their gradient are in panels (panels.ts). Each element of a product is one
// running sum in ascending order of its terms, so nothing here that is chosen for speed ever changes a bit.
// A null pointer reads as zeros: the first 64 bytes of memory are never written.

import { padded } from './lanes';
import { PANEL } from './panels';
import { tile1x4, tile1x8, tile4x8 } from './tiles';

/** y[rows][outputs] = bias + x[rows][inputs] . W[inputs][outputs]. Overwrites y, padding lanes included; bias 0: none. */
export function forwardProduct(y: usize, yStride: i32, x: usize, xStride: i32, w: usize, bias: usize,
  rows: i32, inputs: i32, outputs: i32): void {
  const width = padded(outputs);
  for (let first = 0; first < width; first += PANEL) {
    const lanes = min(PANEL, width - first);
    const offset = (<usize>first) << 2;
    multiply(y + offset, (<usize>yStride) << 2, bias ? bias + offset : 0, 0, x, (<usize>xStride) << 2, 4,
      w + offset * inputs, (<usize>lanes) << 2, rows, lanes, inputs);
  }
}

/**
 * dw (panels) = x[rows][inputs]^T . dy[rows][outputs], or += it, for inputs in [fromInput, toInput).
 * dy's padding lanes must be zero; so are dw's then.
 */
export function weightGradient(dw: usize, x: usize, xStride: i32, dy: usize, dyStride: i32, rows: i32, inputs: i32,
  outputs: i32, fromInput: i32, toInput: i32, accumulate: bool): void {
  const width = padded(outputs);
  for (let first = 0; first < width; first += PANEL) {
    const lanes = min(PANEL, width - first);
    const offset = (<usize>first) << 2;
    const row = (<usize>lanes) << 2;
    const target = dw + offset * inputs + row * fromInput;
    multiply(target, row, accumulate ? target : 0, accumulate ? row : 0, x + ((<usize>fromInput) << 2), 4, (<usize>xStride) << 2,
      dy + offset, (<usize>dyStride) << 2, toInput - fromInput, lanes, rows);
  }
}

/** dx[rows][inputs] = dy[rows][outputs] . W^T, or += it; wt is W^T in panels (transposePanels). Padding lanes of dx stay or become zero. */
export function inputGradient(dx: usize, dxStride: i32, dy: usize, dyStride: i32, wt: usize, rows: i32, inputs: i32,
  outputs: i32, accumulate: bool): void {
  const width = padded(inputs);
  const row = (<usize>dxStride) << 2;
  for (let first = 0; first < width; first += PANEL) {
    const lanes = min(PANEL, width - first);
    const offset = (<usize>first) << 2;
    multiply(dx + offset, row, accumulate ? dx + offset : 0, accumulate ? row : 0, dy, (<usize>dyStride) << 2, 4,
      wt + offset * outputs, (<usize>lanes) << 2, rows, lanes, outputs);
  }
}

/** db[outputs] = sums of dy[rows][outputs] over its rows, in ascending order, or += them. Padding lanes as in dy. */
export function biasGradient(db: usize, dy: usize, dyStride: i32, rows: i32, outputs: i32, accumulate: bool): void {
  for (let o = 0; o < outputs; o += 4) {
    let sum = accumulate ? v128.load(db) : f32x4.splat(0);
    let row = dy;
    for (let r = 0; r < rows; r++) {
      sum = f32x4.add(sum, v128.load(row));
      row += (<usize>dyStride) << 2;
    }
    v128.store(db, sum);
    db += 16;
    dy += 16;
  }
}

/** One panel of a product: `columns` is 4, 8, 12 or 16. Strides in bytes, as in tiles.ts. */
function multiply(c: usize, cRow: usize, start: usize, startRow: usize, a: usize, aRow: usize, aDepth: usize, b: usize,
  bDepth: usize, rows: i32, columns: i32, depth: i32): void {
  for (; rows >= 4; rows -= 4) {
    let column = 0;
    for (; column + 8 <= columns; column += 8) {
      const offset = (<usize>column) << 2;
      tile4x8(c + offset, cRow, start ? start + offset : 0, startRow, a, aRow, aDepth, b + offset, bDepth, depth);
    }
    if (column < columns) {
      const offset = (<usize>column) << 2;
      for (let r: usize = 0; r < 4; r++) {
        tile1x4(c + r * cRow + offset, cRow, start ? start + r * startRow + offset : 0, startRow, a + r * aRow, aRow, aDepth,
          b + offset, bDepth, depth);
      }
    }
    c += 4 * cRow;
    start += 4 * startRow;
    a += 4 * aRow;
  }
  for (; rows > 0; rows--) {
    for (let column = 0; column < columns; column += 4) {
      const offset = (<usize>column) << 2;
      tile1x4(c + offset, cRow, start ? start + offset : 0, startRow, a, aRow, aDepth, b + offset, bDepth, depth);
    }
    c += cRow;
    start += startRow;
    a += aRow;
  }
}
