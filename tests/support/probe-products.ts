// Exposes the matrix products to tests, by pointer; and weights in panels from and to rows.

import { PANEL } from '../../assembly/abi';
import { padded } from '../../assembly/kernels/lanes';

export { checkTile, measureTile } from '../../assembly/calibrate';
export { biasGradient, chooseTiles, forwardProduct, inputGradient, weightGradient } from '../../assembly/kernels/products';
export { panelFloats, transposedFloats, transposePanelRange, transposePanels } from '../../assembly/kernels/panels';

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
