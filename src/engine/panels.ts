// Weights between their public face, [inputs, outputs] row by row, and as they lie in memory, in panels of 16 outputs.
// The layout is drawn in assembly/kernels/panels.ts: panel p is [inputs][width], width 16, or less in the last.

import { PANEL } from '../../assembly/abi.js';

/** panels = rows [inputs][outputs]; padding lanes are left as they are (zero). */
export function toPanels(panels: Float32Array, rows: ArrayLike<number>, inputs: number, outputs: number): void {
  const padded = (outputs + 3) & ~3;
  for (let first = 0; first < outputs; first += PANEL) {
    const width = Math.min(PANEL, padded - first);
    const columns = Math.min(PANEL, outputs - first);
    for (let i = 0, at = first * inputs; i < inputs; i++, at += width)
      for (let j = 0; j < columns; j++) panels[at + j] = rows[i * outputs + first + j]!;
  }
}

/** rows [inputs][outputs] = panels. */
export function fromPanels(rows: Float32Array, panels: Float32Array, inputs: number, outputs: number): void {
  const padded = (outputs + 3) & ~3;
  for (let first = 0; first < outputs; first += PANEL) {
    const width = Math.min(PANEL, padded - first);
    const columns = Math.min(PANEL, outputs - first);
    for (let i = 0, at = first * inputs; i < inputs; i++, at += width)
      for (let j = 0; j < columns; j++) rows[i * outputs + first + j] = panels[at + j]!;
  }
}
