// A residual block: the layer that opens it and the one that closes it.

import { add, copy, Layer, type Pass } from './layer.js';
import { blocked, type Values } from './products.js';

/** Where a block opens: passes x on, in place, and on the way back adds what came along the shortcut. */
export class ResidualBegin extends Layer {
  end!: ResidualEnd;

  override reserve(_rows: number, x: Values, dx: Values): void {
    this.x = x;
    this.dx = dx;
    this.y = x;
    this.dy = dx;
  }

  forward(): void {}

  backward(pass: Pass, inputs: boolean): void {
    if (!inputs) return;
    const { dx, end } = this;
    if (end.plan.projection)
      blocked.inputGradient(dx, end.dy, end.projection(pass), pass.rows, end.plan.inputs, end.plan.outputs);
    else add(dx, end.dy, pass.rows * this.width);
  }
}

/** Where it closes: y = F(x) + x, or F(x) + x P. Here `this.x` is F(x), begin.x the block's x. See: https://arxiv.org/abs/1512.03385 */
export class ResidualEnd extends Layer {
  begin!: ResidualBegin;

  projection(pass: Pass): Values {
    return this.tensor(pass, 'weight');
  }

  forward(pass: Pass): void {
    const { rows } = pass;
    copy(this.y, this.x, rows * this.width);
    if (this.plan.projection) blocked.forward(this.y, this.begin.x, this.projection(pass), rows, this.plan.inputs, this.width);
    else add(this.y, this.begin.x, rows * this.width);
  }

  backward(pass: Pass, inputs: boolean): void {
    const { rows } = pass;
    if (pass.parameters && this.plan.projection)
      blocked.weightGradient(this.gradient(pass, 'weight'), this.begin.x, this.dy, rows, this.plan.inputs, this.width);
    if (inputs) copy(this.dx, this.dy, rows * this.width);
  }
}
