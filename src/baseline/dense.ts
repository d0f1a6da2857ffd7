// A dense layer: y = f(x W + b).
//
// The four equations of backpropagation, as the classic course numbers them, are marked where they stand:
//   BP1  delta^L = grad_a C . f'(z^L)                   the error of the output layer
//   BP2  delta^l = ((w^(l+1))^T delta^(l+1)) . f'(z^l)  the error of a layer from that of the next
//   BP3  dC / db = delta
//   BP4  dC / dw = a_in delta_out
// See: Nielsen, Neural Networks and Deep Learning, chapter 2, http://neuralnetworksanddeeplearning.com/chap2.html

import type { Key } from '../data/random.js';
import { dropsWeights, keptOf } from '../plan/drops.js';
import type { LayerPlan } from '../plan/network.js';
import { activate, activateBackward, slopeGradient } from './activations.js';
import { blocked, type Values } from './products.js';
import { add, addColumnSums, type Allocate, Layer, type Pass } from './layer.js';

/** y = f(z), z = x W + b */
export class Dense extends Layer {
  /** Weighted inputs; the same array as y when f is the identity. */
  z!: Values;
  /** d loss / d z: the delta of the course. */
  private dz!: Values;
  /** With dropConnect, in training: which weights this pass keeps, and those weights divided by 1 - rate. */
  private kept: Uint8Array | undefined;
  private weights!: Values;
  private readonly factor = Math.fround(1 / (1 - this.plan.dropRate));
  private readonly plain = this.plan.activation.name === 'identity';
  /** dz once backward has made it: dy itself where the loss went through the activation. */
  private last: Values | undefined;

  constructor(
    plan: LayerPlan,
    allocate: Allocate,
    private readonly key: Key,
  ) {
    super(plan, allocate);
  }

  override get delta(): Values {
    return this.last ?? this.dy;
  }

  override reserve(rows: number, x: Values, dx: Values): void {
    super.reserve(rows, x, dx);
    this.z = this.plain ? this.y : this.allocate(rows * this.width);
    this.dz = this.plain ? this.dy : this.allocate(rows * this.width);
  }

  forward(pass: Pass): void {
    const { z, width } = this;
    const { rows } = pass;
    this.last = undefined;
    this.drop(pass);
    if (this.plan.bias) {
      const bias = this.tensor(pass, 'bias');
      for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) z[i * width + j] = bias[j]!;
    } else {
      z.fill(0, 0, rows * width);
    }
    blocked.forward(z, this.x, this.weights, rows, this.plan.inputs, width);
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
    this.last = dz;
    if (this.turned !== undefined) add(dz, this.turned, rows * width);
    if (pass.parameters) {
      // BP3: dC / db = delta, summed over the batch
      if (this.plan.bias) addColumnSums(this.gradient(pass, 'bias'), dz, rows, width);
      // BP4: dC / dw_kj = a_k delta_j, summed over the batch: x^T delta
      const gradient = this.gradient(pass, 'weight');
      const own = this.kept === undefined ? gradient : this.allocate(gradient.length);
      blocked.weightGradient(own, this.x, dz, rows, this.plan.inputs, width);
      this.kept?.forEach((kept, k) => {
        if (kept) gradient[k] = gradient[k]! + own[k]! * this.factor;
      });
    }
    if (inputs) {
      // The first half of BP2: the errors sent back through the weights, delta W^T
      this.dx.fill(0, 0, rows * this.plan.inputs);
      blocked.inputGradient(this.dx, dz, this.weights, rows, this.plan.inputs, width);
    }
  }

  /** The weights of this pass: with dropConnect, in training, those it keeps. See: Wan et al. 2013. */
  private drop(pass: Pass): void {
    const weights = this.tensor(pass, 'weight');
    this.kept = undefined;
    this.weights = weights;
    if (!pass.training || !dropsWeights(this.plan)) return;
    const kept = keptOf(this.plan, this.key, pass.draw, this.plan.inputs);
    this.kept = kept;
    this.weights = this.allocate(weights.length);
    for (let k = 0; k < weights.length; k++) this.weights[k] = kept[k] ? weights[k]! * this.factor : 0;
  }
}
