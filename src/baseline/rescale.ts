// Inputs brought to one scale by fixed numbers, and a gain that trains.

import { doubles } from '../data/allocate.js';
import { Layer, type Pass } from './layer.js';

/** n = (x - center) / scale, y = gain n: center and scale are fixed. x of the first layer comes with the center subtracted. */
export class Rescale extends Layer {
  private readonly scale = this.plan.rescale!.scale;
  private readonly center = this.plan.rescale!.centered ? doubles(this.width, this.plan.path) : this.plan.rescale!.center;

  forward(pass: Pass): void {
    const { x, y, width, center, scale } = this;
    const gain = this.tensor(pass, 'gain');
    for (let i = 0; i < pass.rows; i++)
      for (let j = 0; j < width; j++) {
        const k = i * width + j;
        y[k] = gain[j]! * ((x[k]! - center[j]!) / scale[j]!);
      }
  }

  /** d gain = sum dy n, dx = dy gain / scale */
  backward(pass: Pass, inputs: boolean): void {
    const { x, dx, dy, width, center, scale } = this;
    const gain = this.tensor(pass, 'gain');
    for (let j = 0; j < width; j++) {
      let dot = 0;
      for (let k = j; k < pass.rows * width; k += width) {
        dot += dy[k]! * ((x[k]! - center[j]!) / scale[j]!);
        if (inputs) dx[k] = dy[k]! * (gain[j]! / scale[j]!);
      }
      if (pass.parameters) this.gradient(pass, 'gain')[j]! += dot;
    }
  }
}
