// Layer normalization: each row over its columns.

import { doubles } from '../data/allocate.js';
import type { Values } from './products.js';
import { addColumnSums, Layer, type Pass } from './layer.js';

/** n = (x - mean) / sqrt(variance + epsilon), y = gamma n + beta, each row over its columns, in training and evaluation alike. See: https://arxiv.org/abs/1607.06450 */
export class LayerNorm extends Layer {
  private n!: Values;
  private scale!: Float64Array;

  override reserve(rows: number, x: Values, dx: Values): void {
    super.reserve(rows, x, dx);
    this.n = this.allocate(rows * this.width);
    this.scale = doubles(rows, this.plan.path);
  }

  forward(pass: Pass): void {
    const { x, y, n, width } = this;
    const gamma = this.tensor(pass, 'gamma');
    const beta = this.tensor(pass, 'beta');
    for (let i = 0; i < pass.rows; i++) {
      const row = i * width;
      let sum = 0;
      for (let j = 0; j < width; j++) sum += x[row + j]!;
      const mean = sum / width;
      let squares = 0;
      for (let j = 0; j < width; j++) squares += (x[row + j]! - mean) * (x[row + j]! - mean);
      const scale = 1 / Math.sqrt(squares / width + this.plan.epsilon);
      this.scale[i] = scale;
      for (let j = 0; j < width; j++) {
        n[row + j] = (x[row + j]! - mean) * scale;
        y[row + j] = gamma[j]! * n[row + j]! + beta[j]!;
      }
    }
  }

  /** dx = scale (gamma dy - mean(gamma dy) - n mean(gamma dy n)) */
  backward(pass: Pass, inputs: boolean): void {
    const { n, dx, dy, width } = this;
    const { rows } = pass;
    const gamma = this.tensor(pass, 'gamma');
    if (pass.parameters) {
      const dGamma = this.gradient(pass, 'gamma');
      const dBeta = this.gradient(pass, 'beta');
      addColumnSums(dBeta, dy, rows, width);
      for (let j = 0; j < width; j++) {
        let dot = 0;
        for (let k = j; k < rows * width; k += width) dot += dy[k]! * n[k]!;
        dGamma[j] = dGamma[j]! + dot;
      }
    }
    if (!inputs) return;
    for (let i = 0; i < rows; i++) {
      const row = i * width;
      let sum = 0;
      let dot = 0;
      for (let j = 0; j < width; j++) {
        sum += gamma[j]! * dy[row + j]!;
        dot += gamma[j]! * dy[row + j]! * n[row + j]!;
      }
      for (let j = 0; j < width; j++)
        dx[row + j] = this.scale[i]! * (gamma[j]! * dy[row + j]! - sum / width - (n[row + j]! * dot) / width);
    }
  }
}
