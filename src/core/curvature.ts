// L-BFGS's pairs and its direction in the core's memory (assembly/functions/optimizers/lbfgs.ts).

import { Address, Measure, OptimizerField } from '../../assembly/abi.js';
import { copyOf } from '../data/allocate.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Curvature, CurvaturePair } from '../training/backend.js';
import type { ModelInstance } from './instance.js';

export class CoreCurvature implements Curvature {
  /** `reserve` makes room for what training keeps, where there is none yet. */
  constructor(
    private readonly instance: ModelInstance,
    private readonly plan: NetworkPlan,
    private readonly reserve: () => void,
  ) {}

  get count(): number {
    return this.instance.use().measure(Measure.Pairs);
  }

  get length(): number {
    return this.instance.use().measure(Measure.PairLength);
  }

  direction(gradient: Float64Array): Float64Array {
    const core = this.instance.use();
    this.vector(core.address(Address.Direction), gradient.length).set(gradient);
    this.instance.call('findDirection', gradient.length);
    return copyOf(this.vector(core.address(Address.Direction), gradient.length), 'lbfgs');
  }

  remember(s: Float64Array, y: Float64Array): void {
    const [nextS, nextY] = this.pair(this.count, s.length);
    nextS.set(s);
    nextY.set(y);
    this.instance.call('keepPair', s.length);
  }

  forget(): void {
    this.instance.use().forgetPairs();
  }

  read(): CurvaturePair[] {
    const { count, length } = this;
    return Array.from({ length: count }, (_, k) => {
      const [s, y] = this.pair(k, length);
      return { s: copyOf(s, 'lbfgs'), y: copyOf(y, 'lbfgs') };
    });
  }

  write(pairs: readonly CurvaturePair[]): void {
    this.forget();
    const historySize = this.plan.optimizer.constants[OptimizerField.HistorySize];
    const length = pairs[0]?.s.length ?? 0;
    if (historySize === 0 || length > this.plan.parameterCount) return;
    if (pairs.length === 0 || pairs.some(({ s, y }) => s.length !== length || y.length !== length)) return;
    this.reserve();
    for (const { s, y } of pairs.slice(-historySize)) this.remember(s, y);
  }

  /** Views on the two vectors of pair k. */
  private pair(k: number, length: number): [s: Float64Array, y: Float64Array] {
    const core = this.instance.use();
    const s = core.pairAt(k) >>> 0;
    return [this.vector(s, length), this.vector(s + 8 * core.measure(Measure.TrainableFloats), length)];
  }

  private vector(address: number, length: number): Float64Array {
    return new Float64Array(this.instance.use().memory.buffer, address >>> 0, length);
  }
}
