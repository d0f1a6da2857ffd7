// The layout of weights: panels of 16 outputs, so that a tile reads them front to back.
//
//     W [inputs][outputs]  ->  | panel 0 [inputs][16] | panel 1 [inputs][16] | ... | last [inputs][4, 8, 12 or 16] |
//
// The last panel is as wide as padded(outputs) leaves it; panel p starts at float 16 * p * inputs. Lanes past
// `outputs` are zero, always. Gradients and optimizer slots share the layout.

import { padded } from './lanes';

/** Outputs in a full panel: one cache line of weights per input. */
export const PANEL: i32 = 16;

/** Floats that W [inputs][outputs] takes in panels. */
export function panelFloats(inputs: i32, outputs: i32): i32 {
  return inputs * padded(outputs);
}

/** Floats that W^T [outputs][inputs] takes in panels: the room transposePanels needs. */
export function transposedFloats(inputs: i32, outputs: i32): i32 {
  return outputs * padded(inputs);
}

/** w (panels) = source [inputs][outputs], row-major without gaps. Writes the padding lanes too. */
export function packPanels(w: usize, source: usize, inputs: i32, outputs: i32): void {
  for (let first = 0, width = padded(outputs); first < width; first += PANEL) {
    const lanes = min(PANEL, width - first);
    for (let i = 0; i < inputs; i++) {
      for (let lane = 0; lane < lanes; lane++) {
        const o = first + lane;
        store<f32>(w, o < outputs ? load<f32>(source + ((<usize>(i * outputs + o)) << 2)) : 0);
        w += 4;
      }
    }
  }
}

/** target [inputs][outputs], row-major without gaps, = w (panels). */
export function unpackPanels(target: usize, w: usize, inputs: i32, outputs: i32): void {
  for (let first = 0, width = padded(outputs); first < width; first += PANEL) {
    const lanes = min(PANEL, width - first);
    for (let i = 0; i < inputs; i++) {
      for (let lane = 0; lane < lanes; lane++) {
        const o = first + lane;
        if (o < outputs) store<f32>(target + ((<usize>(i * outputs + o)) << 2), load<f32>(w));
        w += 4;
      }
    }
  }
}

/** wt = W^T in panels of 16 inputs, from W in panels of 16 outputs. Padding lanes of wt (inputs past the last) become zero. */
export function transposePanels(wt: usize, w: usize, inputs: i32, outputs: i32): void {
  transposePanelRange(wt, w, inputs, outputs, 0, (inputs + PANEL - 1) / PANEL);
}

/** The same for panels [fromPanel, toPanel) of wt: threads share the pass. */
export function transposePanelRange(wt: usize, w: usize, inputs: i32, outputs: i32, fromPanel: i32, toPanel: i32): void {
  const inputWidth = padded(inputs);
  const outputWidth = padded(outputs);
  for (let panel = fromPanel; panel < toPanel; panel++) {
    const first = panel * PANEL;
    const lanes = min(PANEL, inputWidth - first);
    const target = wt + ((<usize>(first * outputs)) << 2);
    for (let o = 0; o < outputs; o += 4) {
      const sourceFirst = o & ~(PANEL - 1);
      const sourceLanes = min(PANEL, outputWidth - sourceFirst);
      for (let lane = 0; lane < lanes; lane += 4) {
        const input = first + lane;
        const row = (<usize>sourceLanes) << 2;
        const source = w + ((<usize>(sourceFirst * inputs + input * sourceLanes + o - sourceFirst)) << 2);
        const zero = f32x4.splat(0);
        const r0 = v128.load(source);
        const r1 = input + 1 < inputs ? v128.load(source + row) : zero;
        const r2 = input + 2 < inputs ? v128.load(source + 2 * row) : zero;
        const r3 = input + 3 < inputs ? v128.load(source + 3 * row) : zero;
        const low01 = i8x16.shuffle(r0, r1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
        const low23 = i8x16.shuffle(r2, r3, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
        const high01 = i8x16.shuffle(r0, r1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
        const high23 = i8x16.shuffle(r2, r3, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
        const to = target + ((<usize>(o * lanes + lane)) << 2);
        const next = (<usize>lanes) << 2;
        v128.store(to, i8x16.shuffle(low01, low23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
        if (o + 1 < outputs) {
          v128.store(to + next, i8x16.shuffle(low01, low23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
        }
        if (o + 2 < outputs) {
          v128.store(to + 2 * next, i8x16.shuffle(high01, high23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
        }
        if (o + 3 < outputs) {
          v128.store(to + 3 * next, i8x16.shuffle(high01, high23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
        }
      }
    }
  }
}
