// Learnt numbers in the place of a column of categories.

import { Layer, type Pass } from './layer.js';

/** y = | x before the column | W[category] | x after it |, W [categories][size]; zeros for what is no category. */
export class Embedding extends Layer {
  private readonly size = this.plan.outputs - this.plan.inputs + 1;

  /** The category of row i; -1 where there is none. */
  private category(i: number): number {
    const { inputs, column, categories } = this.plan;
    const value = this.x[i * inputs + column]!;
    return value >= 0 && value < categories ? Math.floor(value) : -1;
  }

  /** Column j of y: which of x it is, or which of the category's numbers. */
  private source(j: number): { input: number } | { number: number } {
    const { column } = this.plan;
    if (j < column) return { input: j };
    return j < column + this.size ? { number: j - column } : { input: j - this.size + 1 };
  }

  forward(pass: Pass): void {
    const { x, y, width, size } = this;
    const weight = this.tensor(pass, 'weight');
    for (let i = 0; i < pass.rows; i++) {
      const category = this.category(i);
      for (let j = 0; j < width; j++) {
        const from = this.source(j);
        if ('input' in from) y[i * width + j] = x[i * this.plan.inputs + from.input]!;
        else y[i * width + j] = category < 0 ? 0 : weight[category * size + from.number]!;
      }
    }
  }

  /** dW[category] = sum of dy over its rows; dx = dy, 0 for the column of categories */
  backward(pass: Pass, inputs: boolean): void {
    const { dx, dy, width, size } = this;
    const gradient = pass.parameters ? this.gradient(pass, 'weight') : undefined;
    for (let i = 0; i < pass.rows; i++) {
      const category = this.category(i);
      if (inputs) dx[i * this.plan.inputs + this.plan.column] = 0;
      for (let j = 0; j < width; j++) {
        const from = this.source(j);
        const delta = dy[i * width + j]!;
        if ('input' in from) {
          if (inputs) dx[i * this.plan.inputs + from.input] = delta;
        } else if (gradient !== undefined && category >= 0) {
          const k = category * size + from.number;
          gradient[k] = gradient[k]! + delta;
        }
      }
    }
  }
}
