// Layers that draw random numbers in training: dropout and Gaussian noise.

import { bytes } from '../data/allocate.js';
import { bits, derive, mix, type Key } from '../data/random.js';
import type { LayerPlan } from '../plan/network.js';
import { normal } from './noise.js';
import type { Values } from './products.js';
import { type Allocate, copy, Layer, type Pass } from './layer.js';

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
export class Dropout extends Drawing {
  private kept!: Uint8Array;
  private readonly factor = Math.fround(1 / (1 - this.plan.dropRate));

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
    const threshold = Math.floor(this.plan.dropRate * 4294967296);
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
export class Noise extends Drawing {
  forward(pass: Pass): void {
    const { x, y, width } = this;
    const count = pass.rows * width;
    if (!pass.training) {
      copy(y, x, count);
      return;
    }
    const [key0, key1] = this.drawKey(pass);
    const first = pass.firstRow * width;
    for (let k = 0; k < count; k++) y[k] = x[k]! + this.plan.deviation * normal(bits(key0, key1, first + k));
  }

  backward(pass: Pass, inputs: boolean): void {
    if (inputs) copy(this.dx, this.dy, pass.rows * this.width);
  }
}
