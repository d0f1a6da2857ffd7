// An activation that stands alone: y = f(x).

import { activate, activateBackward, slopeGradient } from './activations.js';
import { add, copy, Layer, type Pass } from './layer.js';

/** y = f(x) */
export class ActivationLayer extends Layer {
  forward(pass: Pass): void {
    activate(this.plan.activation, this.slopes(pass), this.y, this.x, pass.rows, this.width);
  }

  backward(pass: Pass, inputs: boolean, deltaIsOfZ: boolean): void {
    const { x, y, dx, dy, width } = this;
    const slopes = this.slopes(pass);
    if (slopes !== undefined && pass.parameters && !deltaIsOfZ)
      slopeGradient(this.gradient(pass, 'slope'), dy, x, pass.rows, width);
    if (!inputs) return;
    if (deltaIsOfZ) copy(dx, dy, pass.rows * width);
    else activateBackward(this.plan.activation, slopes, dx, dy, x, y, pass.rows, width);
    if (this.turned !== undefined) add(dx, this.turned, pass.rows * width);
  }
}
