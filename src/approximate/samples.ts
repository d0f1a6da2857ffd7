// Points that a costly function was called at, and what it gave: they are never thrown away.

import { doubles } from '../data/allocate.js';
import type { Float64Rows } from '../data/matrix.js';

/** Rows of points, values and derivatives, as many as there are. */
export class Samples {
  rows = 0;
  /** Values of a point; 0 until the first is known. */
  outputs = 0;
  /** Whether every answer came with its derivatives. */
  differentiable = true;
  private points = new Float64Array(0);
  private values = new Float64Array(0);
  private gradients = new Float64Array(0);

  constructor(readonly inputs: number) {}

  /** Adds rows; `gradients` [rows][outputs * inputs], or undefined where one of them has none. */
  add(points: Float64Array, values: Float64Array, gradients: Float64Array | undefined): void {
    const added = points.length / this.inputs;
    if (added === 0) return;
    if (this.rows === 0) this.outputs = values.length / added;
    if (gradients === undefined) this.differentiable = false;
    this.points = appended(this.points, this.rows * this.inputs, points);
    this.values = appended(this.values, this.rows * this.outputs, values);
    if (this.differentiable) this.gradients = appended(this.gradients, this.rows * this.outputs * this.inputs, gradients!);
    else this.gradients = new Float64Array(0);
    this.rows += added;
  }

  get x(): Float64Rows {
    return { data: this.points.subarray(0, this.rows * this.inputs), shape: [this.rows, this.inputs] };
  }

  get y(): Float64Rows {
    return { data: this.values.subarray(0, this.rows * this.outputs), shape: [this.rows, this.outputs] };
  }

  /** d value / d input, [rows][outputs * inputs]; undefined where some answer had none. */
  get dydx(): Float64Rows | undefined {
    if (!this.differentiable || this.rows === 0) return undefined;
    const columns = this.outputs * this.inputs;
    return { data: this.gradients.subarray(0, this.rows * columns), shape: [this.rows, columns] };
  }
}

/** `more` behind the first `length` numbers of `values`, in an array that doubles when it is full. */
function appended(values: Float64Array<ArrayBuffer>, length: number, more: Float64Array): Float64Array<ArrayBuffer> {
  let home = values;
  if (length + more.length > values.length) {
    home = doubles(Math.max(2 * values.length, length + more.length), 'The samples');
    home.set(values.subarray(0, length));
  }
  home.set(more, length);
  return home;
}
