// L-BFGS in plain code: pairs of a step s and of what it changed in the gradient, y, and the direction they give.
// See: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 7.4.

import { OptimizerField } from '../../assembly/abi.js';
import { copyOf } from '../data/allocate.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Curvature, CurvaturePair } from '../training/backend.js';

export class PlainCurvature implements Curvature {
  private pairs: CurvaturePair[] = [];

  constructor(private readonly plan: NetworkPlan) {}

  get count(): number {
    return this.pairs.length;
  }

  get length(): number {
    return this.pairs[0]?.s.length ?? 0;
  }

  direction(gradient: Float64Array): Float64Array {
    const { pairs } = this;
    const d = copyOf(gradient, 'lbfgs');
    for (let i = 0; i < d.length; i++) d[i] = -d[i]!;
    const shares: number[] = [];
    for (let k = pairs.length - 1; k >= 0; k--) {
      const { s, y } = pairs[k]!;
      shares[k] = dot(s, d) / dot(s, y);
      addScaled(d, y, -shares[k]!);
    }
    const last = pairs[pairs.length - 1];
    if (last !== undefined) {
      const scale = dot(last.s, last.y) / dot(last.y, last.y);
      for (let i = 0; i < d.length; i++) d[i] = d[i]! * scale;
    }
    for (const [k, { s, y }] of pairs.entries()) addScaled(d, s, shares[k]! - dot(y, d) / dot(s, y));
    return d;
  }

  remember(s: Float64Array, y: Float64Array): void {
    if (dot(s, y) > 1e-10 * dot(y, y))
      this.pairs = [...this.pairs, { s, y }].slice(-this.plan.optimizer.constants[OptimizerField.HistorySize]);
  }

  forget(): void {
    this.pairs = [];
  }

  read(): CurvaturePair[] {
    return this.pairs.map(({ s, y }) => ({ s: copyOf(s, 'lbfgs'), y: copyOf(y, 'lbfgs') }));
  }

  write(pairs: readonly CurvaturePair[]): void {
    const historySize = this.plan.optimizer.constants[OptimizerField.HistorySize];
    const length = pairs[0]?.s.length ?? 0;
    const fit =
      historySize > 0 &&
      length <= this.plan.parameterCount &&
      pairs.every(({ s, y }) => s.length === length && y.length === length);
    this.pairs = [];
    if (fit) for (const { s, y } of pairs.slice(-historySize)) this.remember(copyOf(s, 'lbfgs'), copyOf(y, 'lbfgs'));
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** a += factor b */
function addScaled(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] = a[i]! + factor * b[i]!;
}
