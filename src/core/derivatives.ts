// Training on input gradients in the core's memory (assembly/network/derivatives.ts), by one thread.

import { Address, Measure } from '../../assembly/abi.js';
import { floats } from '../data/allocate.js';
import type { Core } from '../engine/engine.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Derivatives } from '../training/backend.js';
import type { ModelInstance } from './instance.js';

const none = new Float32Array(0);

export class CoreDerivatives implements Derivatives {
  targets = none;
  stride = 0;
  weights = none;
  /** Whether reserve() is to make room. */
  wanted = false;
  private rows = 0;

  constructor(
    private readonly instance: ModelInstance,
    private readonly plan: NetworkPlan,
  ) {}

  /** Whether there is no room yet for what is wanted. */
  get missing(): boolean {
    return this.wanted && this.rows === 0;
  }

  want(): void {
    this.wanted = true;
  }

  /** Views on the windows of that many rows, where they are wanted. */
  attach(core: Core, rows: number): void {
    if (!this.wanted) return;
    const { inputs, outputs } = this.plan;
    const view = (what: Address, length: number) => new Float32Array(core.memory.buffer, core.address(what) >>> 0, length);
    this.rows = rows;
    this.stride = core.measure(Measure.DerivativeStride);
    this.targets = view(Address.DerivativeTargets, rows * this.stride);
    this.weights = view(Address.DerivativeWeights, outputs * inputs);
  }

  detach(): void {
    this.targets = this.weights = none;
  }

  loss(first: number, weighted: boolean, divisor: number, learns: boolean): number {
    return this.instance.call('derivativeLoss', first, weighted, divisor, learns);
  }

  hessianProduct(output: number): Float32Array {
    const { inputs } = this.plan;
    this.instance.call('hessianProduct', output);
    const core = this.instance.use();
    const rows = core.measure(Measure.Rows);
    const stride = core.measure(Measure.InputStride);
    const products = new Float32Array(core.memory.buffer, core.address(Address.InputGradients) >>> 0, rows * stride);
    const packed = floats(rows * inputs, 'hessianVectorProduct');
    for (let r = 0; r < rows; r++) packed.set(products.subarray(r * stride, r * stride + inputs), r * inputs);
    return packed;
  }
}
