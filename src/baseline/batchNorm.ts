// Batch normalization: each column over the rows of the batch.

import { doubles } from '../data/allocate.js';
import type { Values } from './products.js';
import { Layer, type Pass } from './layer.js';

/**
 * n = (x - mean) / sqrt(variance + epsilon), y = gamma n + beta, each column over the batch. In training the statistics are
 * the batch's (biased variance), and the running ones move towards them (unbiased variance,
 * unless the plan says otherwise); in evaluation they are the running ones. See: https://arxiv.org/abs/1502.03167
 */
export class BatchNorm extends Layer {
  private n!: Values;
  private readonly mean = doubles(this.width, this.plan.path);
  /** 1 / sqrt(variance + epsilon) */
  private readonly scale = doubles(this.width, this.plan.path);

  override reserve(rows: number, x: Values, dx: Values): void {
    super.reserve(rows, x, dx);
    this.n = this.allocate(rows * this.width);
  }

  forward(pass: Pass): void {
    const { x, y, n, width, mean, scale } = this;
    if (pass.training) this.batchStatistics(pass);
    else this.runningStatistics(pass);
    const gamma = this.tensor(pass, 'gamma');
    const beta = this.tensor(pass, 'beta');
    for (let i = 0; i < pass.rows; i++)
      for (let j = 0; j < width; j++) {
        const k = i * width + j;
        n[k] = (x[k]! - mean[j]!) * scale[j]!;
        y[k] = gamma[j]! * n[k]! + beta[j]!;
      }
  }

  private batchStatistics(pass: Pass): void {
    const { x, width, mean, scale } = this;
    const { rows } = pass;
    const { momentum, epsilon, biasedVariance } = this.plan;
    const runningMean = this.tensor(pass, 'runningMean');
    const runningVariance = this.tensor(pass, 'runningVariance');
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let k = j; k < rows * width; k += width) sum += x[k]!;
      const average = sum / rows;
      let squares = 0;
      for (let k = j; k < rows * width; k += width) squares += (x[k]! - average) * (x[k]! - average);
      mean[j] = average;
      scale[j] = 1 / Math.sqrt(squares / rows + epsilon);
      const spread = squares / (biasedVariance ? rows : rows - 1);
      if (!Number.isFinite(Math.fround(spread))) continue; // a lone row, or a batch that diverges
      runningMean[j] = (1 - momentum) * runningMean[j]! + momentum * average;
      runningVariance[j] = (1 - momentum) * runningVariance[j]! + momentum * spread;
    }
  }

  private runningStatistics(pass: Pass): void {
    const runningMean = this.tensor(pass, 'runningMean');
    const runningVariance = this.tensor(pass, 'runningVariance');
    for (let j = 0; j < this.width; j++) {
      this.mean[j] = runningMean[j]!;
      this.scale[j] = 1 / Math.sqrt(runningVariance[j]! + this.plan.epsilon);
    }
  }

  /** d gamma = sum dy n, d beta = sum dy; dx = gamma scale (dy - mean(dy) - n mean(dy n)): the last two come through the statistics. */
  backward(pass: Pass, inputs: boolean): void {
    const { n, dx, dy, width, scale } = this;
    const { rows } = pass;
    const gamma = this.tensor(pass, 'gamma');
    for (let j = 0; j < width; j++) {
      let sum = 0;
      let dot = 0;
      for (let k = j; k < rows * width; k += width) {
        sum += dy[k]!;
        dot += dy[k]! * n[k]!;
      }
      if (pass.parameters) {
        this.gradient(pass, 'gamma')[j]! += dot;
        this.gradient(pass, 'beta')[j]! += sum;
      }
      if (!inputs) continue;
      const factor = gamma[j]! * scale[j]!;
      const meanSum = pass.training ? sum / rows : 0;
      const meanDot = pass.training ? dot / rows : 0;
      for (let k = j; k < rows * width; k += width) dx[k] = factor * (dy[k]! - meanSum - n[k]! * meanDot);
    }
  }
}
