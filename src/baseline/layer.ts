// What every layer of the baseline has: forward and backward. A layer reads x [rows][inputs], writes y [rows][outputs]; going back
// it reads dy = d loss / d y, adds d loss / d (its parameters) to the gradients and writes dx = d loss / d x.
// Arrays are row-major and tightly packed; x and dx are the y and dy of the layer before.

import type { LayerPlan, TensorRole } from '../plan/network.js';
import type { Values } from './products.js';

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

/** One layer of a model, with its arrays. A class for each kind is in the files beside. */
export abstract class Layer {
  x!: Values;
  dx!: Values;
  y!: Values;
  dy!: Values;
  /** What second derivatives add to d loss / d z in the next backward pass, when it trains on input gradients: derivatives.ts. */
  turned: ArrayLike<number> | undefined;
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

  /** d loss / d what the layer's activation is applied to, after backward; without an activation, d loss / d y. */
  get delta(): Values {
    return this.dy;
  }

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

export function copy(to: Values, from: Values, count: number): void {
  for (let k = 0; k < count; k++) to[k] = from[k]!;
}

export function add(to: Values, from: ArrayLike<number>, count: number): void {
  for (let k = 0; k < count; k++) to[k] = to[k]! + from[k]!;
}

export function addColumnSums(sums: Values, dy: Values, rows: number, width: number): void {
  for (let j = 0; j < width; j++) {
    let sum = sums[j]!;
    for (let k = j; k < rows * width; k += width) sum += dy[k]!;
    sums[j] = sum;
  }
}
