// L-BFGS, and gradient descent with a line search, on the whole data set, in float64 over the backend's gradients. The direction of L-BFGS comes
// from the backend, which keeps what recent steps told of the curvature, its length from a strong Wolfe line search; descent goes down the
// gradient as far as Armijo's condition lets it. One epoch is one iteration. Learning-rate scales and clipping do not apply.
// See: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 7.4.

import { Counter } from '../../assembly/abi.js';
import { doubles, sizeOf, type Floats } from '../data/allocate.js';
import { leastRows } from './batches.js';
import { fail } from '../errors.js';
import { averagingShare } from '../plan/averaging.js';
import { penaltyOn } from '../plan/penalties.js';
import { armijo, strongWolfe, type LinePoint } from './lineSearch.js';
import type { Rows } from './rows.js';
import type { Slices, Work } from './slices.js';
import type { Trainer } from './trainer.js';

/** Trials of a step of gradient descent: from 1 down to 1e-9. */
const MOST_HALVINGS = 30;

/** Rows per pass; gradients of passes are added up in float64. */
const chunkRows = 2048;

interface Point extends LinePoint {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  /** The mean loss alone; `value` has the penalties too. */
  readonly loss: number;
}

export interface Iteration {
  /** Mean loss before the step. */
  readonly loss: number;
  readonly evaluations: number;
  /** Why there is nothing left to gain, where there is not. */
  readonly converged?: 'plateau' | 'gradientTolerance';
  /** The length of the step, of gradient descent. */
  readonly step?: number;
}

export class LbfgsRun {
  private readonly indices: readonly number[];
  private readonly size: number;
  private readonly statistics: readonly number[];
  /** The point the weights stand at, when it is known. */
  private here: Point | undefined;
  private evaluations = 0;
  /** Averages of the weights, which trial points leave alone; by index, empty without weight averaging. */
  private averages: Floats[] = [];

  constructor(
    private readonly trainer: Trainer,
    readonly data: Rows,
    private readonly slices: Slices,
    /** The Euclidean norm of the whole gradient at which training ends. */
    private readonly gradientTolerance: number | undefined,
  ) {
    const { plan, rules } = trainer;
    const who = plan.optimizer.name === 'gd' ? 'gd.lineSearch' : 'lbfgs';
    if (data.gradients !== undefined) trainer.wantDerivatives();
    if (plan.layers.some(({ dropRate, deviation }) => dropRate > 0 || deviation > 0))
      fail(
        'ERR_OPTION',
        `${who}: needs a loss that repeats, which dropout, dropConnect and noise do not give. Remove them, or use "adam".`,
      );
    if (plan.tensors.some((tensor) => tensor.maxNorm !== Infinity))
      fail('ERR_OPTION', `${who}: maxNorm would undo its steps. Use l2, or "adam".`);
    if (plan.tensors.some(({ signs }) => signs?.some((sign) => sign === 1 || sign === -1)))
      fail('ERR_OPTION', `${who}: signs that weights keep would undo its steps. Use "adam".`);
    if (Object.values(plan.clip).some((limit) => limit !== Infinity))
      fail('ERR_OPTION', `${who}: its line search needs unclipped gradients. Remove clip, or use "adam".`);
    this.indices = plan.tensors.flatMap((tensor, i) => (tensor.trainable && !rules[i]!.frozen ? [i] : []));
    this.statistics = plan.tensors.flatMap((tensor, i) => (tensor.trainable ? [] : [i]));
    this.size = this.indices.reduce((sum, i) => sum + sizeOf(plan.tensors[i]!.shape), 0);
    const { curvature } = trainer.backend;
    if (curvature.count > 0 && curvature.length !== this.size) curvature.forget();
  }

  /**
   * One iteration. Whatever happens, the weights are those of a full step when control leaves: before a pause the last
   * ones are put back. Undefined when `stops` said so on the way.
   */
  *iterate(stops: () => boolean): Work<Iteration | undefined> {
    const { trainer } = this;
    const { backend, plan } = trainer;
    const { tolerance = 0, maxLineSearch = MOST_HALVINGS } = plan.optimizer.options as Record<string, number>;
    const descends = plan.optimizer.name === 'gd';
    const statistics = this.statistics.map((i) => backend.readTensor(i));
    const counters = backend.readCounters();
    this.averages = plan.averagingDecay > 0 ? this.indices.map((i) => backend.readAverage(i)) : [];
    this.evaluations = 0;
    let settled: Float64Array | undefined;
    let stopped = false;
    const look = function* (
      this: LbfgsRun,
      x: Float64Array,
      step: number,
      direction: Float64Array | undefined,
      origin: Float64Array,
    ): Work<Point> {
      if (stopped) return nowhere(x, step);
      return yield* this.evaluate(x, step, direction, origin, statistics, () => {
        stopped ||= stops();
        return stopped;
      });
    }.bind(this);
    const start = this.readPoint();
    settled = start;
    try {
      const here = this.here ?? (yield* look(start, 0, undefined, start));
      if (stopped) return undefined;
      if (!Number.isFinite(here.value)) return { loss: here.loss, evaluations: this.evaluations };
      const ended = (converged: Iteration['converged']) => ({ loss: here.loss, evaluations: this.evaluations, converged });
      if (this.gradientTolerance !== undefined && Math.sqrt(dot(here.gradient, here.gradient)) <= this.gradientTolerance)
        return ended('gradientTolerance');
      if (largest(here.gradient) <= tolerance) return ended('plateau');
      let next: Point | undefined;
      for (const fresh of [false, true]) {
        // A direction that leads nowhere is forgotten once, for plain descent.
        if (fresh && backend.curvature.count === 0) break;
        if (fresh) backend.curvature.forget();
        let direction = descends ? here.gradient.map((g) => -g) : backend.curvature.direction(here.gradient);
        let slope = dot(direction, here.gradient);
        if (!(slope < 0)) {
          backend.curvature.forget();
          direction = here.gradient.map((g) => -g);
          slope = -dot(here.gradient, here.gradient);
        }
        const rate = trainer.rateAt(0);
        const first = descends || backend.curvature.count > 0 ? rate : rate * Math.min(1, 1 / sumOfMagnitudes(here.gradient));
        const along = (step: number) => look(here.x, step, direction, here.x);
        const search = descends ? armijo : strongWolfe;
        next = yield* search(along, { step: 0, value: here.value, slope }, first, maxLineSearch);
        if (stopped) return undefined;
        if (next !== undefined) break;
      }
      if (next === undefined) return ended('plateau');
      if (!descends)
        backend.curvature.remember(
          next.x.map((value, k) => value - here.x[k]!),
          next.gradient.map((value, k) => value - here.gradient[k]!),
        );
      settled = next.x;
      this.here = next;
      counters[Counter.Steps]!++;
      this.average(next.x, counters[Counter.Steps]!);
      // Running statistics take one batch per iteration: the accepted point's.
      if (this.statistics.length > 0) yield* look(next.x, 0, undefined, next.x);
      const gain = here.value - next.value;
      const stalls = gain <= tolerance * Math.abs(here.value);
      return { ...ended(stalls ? 'plateau' : undefined), ...(descends ? { step: next.step } : {}) };
    } finally {
      this.writePoint(settled);
      backend.writeCounters(counters);
      trainer.readSteps();
      if (settled === start) this.writeStatistics(statistics);
    }
  }

  get rows(): number {
    return this.data.rows;
  }

  /** Loss, penalties and gradient at x + step direction, on every row. Writes those weights. */
  private *evaluate(
    x: Float64Array,
    step: number,
    direction: Float64Array | undefined,
    settled: Float64Array,
    statistics: readonly ArrayLike<number>[],
    stops: () => boolean,
  ): Work<Point> {
    const { trainer, data, slices } = this;
    const { backend, plan } = trainer;
    const single = backend.x instanceof Float32Array;
    const point =
      direction === undefined
        ? x
        : x.map((value, k) => (single ? Math.fround(value + step * direction[k]!) : value + step * direction[k]!));
    const gradient = doubles(this.size, 'lbfgs');
    const chunk = leastRows(plan) > 1 ? data.rows : chunkRows; // statistics over the batch are over all rows
    this.evaluations++;
    this.writePoint(point);
    this.writeStatistics(statistics);
    let sum = 0;
    for (let from = 0; from < data.rows; from += chunk) {
      const n = Math.min(chunk, data.rows - from);
      trainer.roomToTrain(n, n);
      trainer.loadRows(data, undefined, from, n);
      backend.zeroGradients();
      backend.forward(0, n, true);
      sum += trainer.lossToLearn(n, data.weights !== undefined, data.rows, data.gradients !== undefined) * n;
      backend.backward(false, true);
      this.addGradients(gradient);
      if (!slices.due) continue;
      this.writePoint(settled);
      this.writeStatistics(statistics);
      yield;
      slices.resume();
      if (stops()) return nowhere(point, step);
      this.writePoint(point);
    }
    const loss = sum / data.rows;
    const value = loss + this.addPenalties(point, gradient);
    return { step, value, slope: direction === undefined ? 0 : dot(gradient, direction), x: point, gradient, loss };
  }

  private addGradients(sum: Float64Array): void {
    let at = 0;
    for (const i of this.indices) {
      const gradient = this.trainer.backend.readGradient(i);
      for (let k = 0; k < gradient.length; k++) sum[at + k]! += gradient[k]!;
      at += gradient.length;
    }
  }

  /** Penalties at x, their gradient added; weight decay counts as L2 on everything. */
  private addPenalties(x: Float64Array, gradient: Float64Array): number {
    const { plan } = this.trainer;
    let sum = 0;
    let at = 0;
    for (const i of this.indices) {
      const tensor = plan.tensors[i]!;
      const { l1, l2 } = penaltyOn(tensor, this.data.rows, plan.optimizer.weightDecay);
      const end = at + sizeOf(tensor.shape);
      if (l1 === 0 && l2 === 0) at = end;
      for (; at < end; at++) {
        sum += l1 * Math.abs(x[at]!) + 0.5 * l2 * x[at]! * x[at]!;
        gradient[at]! += l1 * Math.sign(x[at]!) + l2 * x[at]!;
      }
    }
    return sum;
  }

  private readPoint(): Float64Array {
    const x = doubles(this.size, 'lbfgs');
    let at = 0;
    for (const i of this.indices) {
      const values = this.trainer.backend.readTensor(i);
      x.set(values, at);
      at += values.length;
    }
    return x;
  }

  private writePoint(x: Float64Array): void {
    const { backend, plan } = this.trainer;
    let at = 0;
    for (const [k, i] of this.indices.entries()) {
      const size = sizeOf(plan.tensors[i]!.shape);
      backend.writeTensor(i, x.subarray(at, at + size));
      if (plan.averagingDecay > 0) backend.writeAverage(i, this.averages[k]!); // writing a tensor may start its average anew
      at += size;
    }
  }

  private writeStatistics(values: readonly ArrayLike<number>[]): void {
    for (const [k, i] of this.statistics.entries()) this.trainer.backend.writeTensor(i, values[k]!);
  }

  /** Lets averaged weights follow. */
  private average(x: Float64Array, steps: number): void {
    const { backend, plan } = this.trainer;
    const share = averagingShare(plan, steps);
    let at = 0;
    for (const [k, average] of this.averages.entries()) {
      for (let j = 0; j < average.length; j++, at++) average[j]! += share * (x[at]! - average[j]!);
      backend.writeAverage(this.indices[k]!, average);
    }
  }
}

/** Stands for an evaluation that was called off: no point is worse. */
function nowhere(x: Float64Array, step: number): Point {
  return { step, value: Infinity, slope: NaN, x, gradient: x, loss: Infinity };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function sumOfMagnitudes(a: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += Math.abs(a[k]!);
  return sum;
}

function largest(a: Float64Array): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]!));
  return most;
}
