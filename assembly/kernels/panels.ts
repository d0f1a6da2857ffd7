// The layout of weights: panels of 16 outputs, so that a tile reads them front to back.
//
//     W [inputs][outputs]  ->  | panel 0 [inputs][16] | panel 1 [inputs][16] | ... | last [inputs][4, 8, 12 or 16] |
//
// The last panel is as wide as padded(outputs) leaves it; panel p starts at float 16 * p * inputs. Lanes past
// `outputs` are zero, always. Gradients and optimizer slots share the layout.

import { PANEL } from '../abi';
import { TRAINS } from '../build';
import { padded } from './lanes';

/** Floats that W [inputs][outputs] takes in panels. */
export function panelFloats(inputs: i32, outputs: i32): i32 {
  return inputs * padded(outputs);
}

/** Floats that W^T [outputs][inputs] takes in panels: the room transposePanels needs. */
export function transposedFloats(inputs: i32, outputs: i32): i32 {
  return outputs * padded(inputs);
}

/** wt = W^T in panels of 16 inputs, from W in panels of 16 outputs. Padding lanes of wt (inputs past the last) become zero. */
export function transposePanels(wt: usize, w: usize, inputs: i32, outputs: i32): void {
  transposePanelRange(wt, w, inputs, outputs, 0, (inputs + PANEL - 1) / PANEL);
}

/** The same for panels [fromPanel, toPanel) of wt: threads share the pass. */
export function transposePanelRange(wt: usize, w: usize, inputs: i32, outputs: i32, fromPanel: i32, toPanel: i32): void {
  const height = padded(inputs);
  const width = padded(outputs);
  for (let panel = fromPanel; panel < toPanel; panel++) {
    const firstInput = panel * PANEL;
    const rows = inputs - firstInput;
    const targetLanes = min(PANEL, height - firstInput);
    const targetStride = (<usize>targetLanes) << 2;
    let to = wt + ((<usize>(firstInput * outputs)) << 2);
    for (let firstOutput = 0; firstOutput < width; firstOutput += PANEL) {
      const lanes = min(PANEL, width - firstOutput);
      const columns = outputs - firstOutput;
      const stride = (<usize>lanes) << 2;
      const from = w + ((<usize>(firstOutput * inputs + firstInput * lanes)) << 2);
      for (let lane = 0; lane < lanes; lane += 4) {
        const source = from + ((<usize>lane) << 2);
        if (TRAINS && rows >= PANEL && columns >= PANEL) transposeWhole(to, source);
        else transposeEdge(to, targetStride, columns - lane, source, stride, rows, targetLanes);
        to += targetStride << 2;
      }
    }
  }
}

/** to[4][16] = from[16][4]^T, both with rows of one full panel. */
function transposeWhole(to: usize, from: usize): void {
  for (let end = to + 64; to != end; to += 16) {
    const r0 = v128.load(from),
      r1 = v128.load(from, 64),
      r2 = v128.load(from, 128),
      r3 = v128.load(from, 192);
    v128.store(to, low(pairs(r0, r1), pairs(r2, r3)));
    v128.store(to, high(pairs(r0, r1), pairs(r2, r3)), 64);
    v128.store(to, low(laterPairs(r0, r1), laterPairs(r2, r3)), 128);
    v128.store(to, high(laterPairs(r0, r1), laterPairs(r2, r3)), 192);
    from += 256;
  }
}

/** to[columns][lanes] = from[rows][4]^T: writes the first `columns` of 4 rows, takes source rows past the last as zeros. */
function transposeEdge(to: usize, toStride: usize, columns: i32, from: usize, fromStride: usize, rows: i32, lanes: i32): void {
  for (; lanes > 0; lanes -= 4) {
    let r1 = f32x4.splat(0),
      r2 = r1,
      r3 = r1;
    const r0 = v128.load(from);
    if (rows > 1) r1 = v128.load(from + fromStride);
    if (rows > 2) r2 = v128.load(from + 2 * fromStride);
    if (rows > 3) r3 = v128.load(from + 3 * fromStride);
    v128.store(to, low(pairs(r0, r1), pairs(r2, r3)));
    if (columns > 1) v128.store(to + toStride, high(pairs(r0, r1), pairs(r2, r3)));
    if (columns > 2) v128.store(to + 2 * toStride, low(laterPairs(r0, r1), laterPairs(r2, r3)));
    if (columns > 3) v128.store(to + 3 * toStride, high(laterPairs(r0, r1), laterPairs(r2, r3)));
    to += 16;
    from += fromStride << 2;
    rows -= 4;
  }
}

/** a0 b0 a1 b1 */
function pairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
}

/** a2 b2 a3 b3 */
function laterPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
}

/** a0 a1 b0 b1 */
function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** a2 a3 b2 b3 */
function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}
