// Layers: forward and backward, one class per kind. A layer reads x [rows][inputs], writes y [rows][outputs]; going back
// it reads dy = d loss / d y, adds d loss / d (its parameters) to the gradients and writes dx = d loss / d x.
// Arrays are row-major and tightly packed; x and dx are the y and dy of the layer before.
//
// The four equations of backpropagation, as the classic course numbers them, are marked where they stand:
//   BP1  delta^L = grad_a C . f'(z^L)                   the error of the output layer
//   BP2  delta^l = ((w^(l+1))^T delta^(l+1)) . f'(z^l)  the error of a layer from that of the next
//   BP3  dC / db = delta
//   BP4  dC / dw = a_in delta_out
// See: Nielsen, Neural Networks and Deep Learning, chapter 2, http://neuralnetworksanddeeplearning.com/chap2.html

import { LayerKind } from '../../assembly/abi.js';
import { bytes, doubles } from '../data/allocate.js';
import { bits, derive, mix, type Key } from '../data/random.js';
import type { LayerPlan, TensorRole } from '../plan/network.js';
import { activate, activateBackward, slopeGradient } from './activations.js';
import { normal } from './noise.js';
import { blocked, type Values } from './products.js';

/** What one walk over the layers shares. */
export interface Pass {
  rows: number;
  /** Batch statistics, dropout and noise, or running statistics and neither. */
  training: boolean;
  /** Number of the draw, and rows of the effective batch seen before this batch: what masks are drawn from. */
  draw: number;
  firstRow: number;
  /** Tensors by index into plan.tensors: the weights, or in evaluation their averages. */
  tensors: readonly Values[];
  gradients: readonly Values[];
  /** Whether gradients of parameters are wanted. */
  parameters: boolean;
  /** The last layer's dy is already d loss / d z: the loss went through the activation. */
  fused: boolean;
}

/** Makes an array of the backend's precision. */
export type Allocate = (length: number) => Values;

export abstract class Layer {
  x!: Values;
  dx!: Values;
  y!: Values;
  dy!: Values;
  protected readonly width: number;

  constructor(
    readonly plan: LayerPlan,
    protected readonly allocate: Allocate,
  ) {
    this.width = plan.outputs;
  }

  /** Room for `rows` rows behind x and dx. */
  reserve(rows: number, x: Values, dx: Values): void {
    this.x = x;
    this.dx = dx;
    this.y = this.allocate(rows * this.plan.outputs);
    this.dy = this.allocate(rows * this.plan.outputs);
  }

  abstract forward(pass: Pass): void;

  /** Gradients of parameters and, with `inputs`, dx. `deltaIsOfZ`: dy skips the activation. */
  abstract backward(pass: Pass, inputs: boolean, deltaIsOfZ: boolean): void;

  protected tensor(pass: Pass, role: TensorRole): Values {
    return pass.tensors[this.plan.tensors[role]!]!;
  }

  protected gradient(pass: Pass, role: TensorRole): Values {
    return pass.gradients[this.plan.tensors[role]!]!;
  }

  protected slopes(pass: Pass): Values | undefined {
    return this.plan.tensors.slope === undefined ? undefined : pass.tensors[this.plan.tensors.slope]!;
  }
}

/** y = f(z), z = x W + b */
class Dense extends Layer {
  /** Weighted inputs; the same array as y when f is the identity. */
  z!: Values;
  /** d loss / d z: the delta of the course. */
  private dz!: Values;
  private readonly plain = this.plan.activation.name === 'identity';

  override reserve(rows: number, x: Values, dx: Values): void {
    super.reserve(rows, x, dx);
    this.z = this.plain ? this.y : this.allocate(rows * this.width);
    this.dz = this.plain ? this.dy : this.allocate(rows * this.width);
  }

  forward(pass: Pass): void {
    const { z, width } = this;
    const { rows } = pass;
    if (this.plan.bias) {
      const bias = this.tensor(pass, 'bias');
      for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) z[i * width + j] = bias[j]!;
    } else {
      z.fill(0, 0, rows * width);
    }
    blocked.forward(z, this.x, this.tensor(pass, 'weight'), rows, this.plan.inputs, width);
    if (!this.plain) activate(this.plan.activation, this.slopes(pass), this.y, z, rows, width);
  }

  backward(pass: Pass, inputs: boolean, deltaIsOfZ: boolean): void {
    const { z, y, dy, width } = this;
    const { rows } = pass;
    // BP1 in the last layer, the second half of BP2 in the others: delta = dy . f'(z)
    let { dz } = this;
    if (deltaIsOfZ) {
      dz = dy;
    } else if (!this.plain) {
      const slopes = this.slopes(pass);
      if (slopes !== undefined && pass.parameters) slopeGradient(this.gradient(pass, 'slope'), dy, z, rows, width);
      activateBackward(this.plan.activation, slopes, dz, dy, z, y, rows, width);
    }
    if (pass.parameters) {
      // BP3: dC / db = delta, summed over the batch
      if (this.plan.bias) addColumnSums(this.gradient(pass, 'bias'), dz, rows, width);
      // BP4: dC / dw_kj = a_k delta_j, summed over the batch: x^T delta
      blocked.weightGradient(this.gradient(pass, 'weight'), this.x, dz, rows, this.plan.inputs, width);
    }
    if (inputs) {
      // The first half of BP2: the errors sent back through the weights, delta W^T
      this.dx.fill(0, 0, rows * this.plan.inputs);
      blocked.inputGradient(this.dx, dz, this.tensor(pass, 'weight'), rows, this.plan.inputs, width);
    }
  }
}

/** y = f(x) */
class ActivationLayer extends Layer {
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
  }
}

/**
 * n = (x - mean) / sqrt(variance + epsilon), y = gamma n + beta, each column over the batch. In training the statistics are
 * the batch's (biased variance), and the running ones move towards them (unbiased variance,
 * unless the plan says otherwise); in evaluation they are the
 * running ones. See: https://arxiv.org/abs/1502.03167
 */
class BatchNorm extends Layer {
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
    const { rate, epsilon, biasedVariance } = this.plan;
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
      runningMean[j] = (1 - rate) * runningMean[j]! + rate * average;
      runningVariance[j] = (1 - rate) * runningVariance[j]! + rate * spread;
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

/** The same over each row's columns, in training and evaluation alike. See: https://arxiv.org/abs/1607.06450 */
class LayerNorm extends Layer {
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

/** n = (x - center) / scale, y = gain n: center and scale are fixed. x of the first layer comes with the center subtracted. */
class Rescale extends Layer {
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

/** Layers that draw: the number for (row, column) is a function of the layer's key, the draw, the row of the effective batch and the column. */
abstract class Drawing extends Layer {
  private readonly key: Key;

  constructor(plan: LayerPlan, allocate: Allocate, modelKey: Key) {
    super(plan, allocate);
    this.key = derive(modelKey, plan.path);
  }

  /** The key of this pass's draw. */
  protected drawKey(pass: Pass): Key {
    return [this.key[0], mix(this.key[1] ^ pass.draw)];
  }
}

/** In training y = x / (1 - rate) where kept, else 0. See: Srivastava et al. 2014. */
class Dropout extends Drawing {
  private kept!: Uint8Array;
  private readonly factor = Math.fround(1 / (1 - this.plan.rate));

  override reserve(rows: number, x: Values, dx: Values): void {
    super.reserve(rows, x, dx);
    this.kept = bytes(rows * this.width, this.plan.path);
  }

  forward(pass: Pass): void {
    const { x, y, kept, width, factor } = this;
    const count = pass.rows * width;
    if (!pass.training) {
      copy(y, x, count);
      return;
    }
    const [key0, key1] = this.drawKey(pass);
    const threshold = Math.floor(this.plan.rate * 4294967296);
    const first = pass.firstRow * width;
    for (let k = 0; k < count; k++) {
      const keep = bits(key0, key1, first + k) >= threshold;
      kept[k] = keep ? 1 : 0;
      y[k] = keep ? x[k]! * factor : 0;
    }
  }

  backward(pass: Pass, inputs: boolean): void {
    const { dx, dy, kept, width, factor } = this;
    if (!inputs) return;
    const count = pass.rows * width;
    if (pass.training) for (let k = 0; k < count; k++) dx[k] = kept[k] ? dy[k]! * factor : 0;
    else copy(dx, dy, count);
  }
}

/** In training y = x + deviation times a standard normal number. */
class Noise extends Drawing {
  forward(pass: Pass): void {
    const { x, y, width } = this;
    const count = pass.rows * width;
    if (!pass.training) {
      copy(y, x, count);
      return;
    }
    const [key0, key1] = this.drawKey(pass);
    const first = pass.firstRow * width;
    for (let k = 0; k < count; k++) y[k] = x[k]! + this.plan.rate * normal(bits(key0, key1, first + k));
  }

  backward(pass: Pass, inputs: boolean): void {
    if (inputs) copy(this.dx, this.dy, pass.rows * this.width);
  }
}

/** Where a block opens: passes x on, in place, and on the way back adds what came along the shortcut. */
class ResidualBegin extends Layer {
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
class ResidualEnd extends Layer {
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

/** The layers of a plan, in order, blocks joined up. */
export function buildLayers(plans: readonly LayerPlan[], allocate: Allocate, key: Key): Layer[] {
  const layers = plans.map((plan) => buildLayer(plan, allocate, key));
  for (const end of layers)
    if (end instanceof ResidualEnd) {
      end.begin = layers[end.plan.partner] as ResidualBegin;
      end.begin.end = end;
    }
  return layers;
}

function buildLayer(plan: LayerPlan, allocate: Allocate, key: Key): Layer {
  switch (plan.kind) {
    case LayerKind.Dense:
      return new Dense(plan, allocate);
    case LayerKind.Activation:
      return new ActivationLayer(plan, allocate);
    case LayerKind.BatchNorm:
      return new BatchNorm(plan, allocate);
    case LayerKind.LayerNorm:
      return new LayerNorm(plan, allocate);
    case LayerKind.Rescale:
      return new Rescale(plan, allocate);
    case LayerKind.Dropout:
      return new Dropout(plan, allocate, key);
    case LayerKind.Noise:
      return new Noise(plan, allocate, key);
    case LayerKind.ResidualBegin:
      return new ResidualBegin(plan, allocate);
    case LayerKind.ResidualEnd:
      return new ResidualEnd(plan, allocate);
  }
}

/** What the loss reads when it is fused: the weighted inputs of the last layer, before its activation. */
export function preActivation(layer: Layer): Values {
  if (layer instanceof Dense) return layer.z;
  return layer instanceof ActivationLayer ? layer.x : layer.y;
}

function copy(to: Values, from: Values, count: number): void {
  for (let k = 0; k < count; k++) to[k] = from[k]!;
}

function add(to: Values, from: Values, count: number): void {
  for (let k = 0; k < count; k++) to[k] = to[k]! + from[k]!;
}

function addColumnSums(sums: Values, dy: Values, rows: number, width: number): void {
  for (let j = 0; j < width; j++) {
    let sum = sums[j]!;
    for (let k = j; k < rows * width; k += width) sum += dy[k]!;
    sums[j] = sum;
  }
}
