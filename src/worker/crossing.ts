// Data on its way to the worker: copied once, checked on the way and the copy moved; or, with `transfer: true`, the caller's
// own buffers moved, which leaves the caller's arrays empty.

import { isArrayBuffer } from '../brands.js';
import { Matrix, type MatrixLike } from '../data/matrix.js';
import { fail, FeedforwardError } from '../errors.js';
import {
  checkTargetShape,
  copyChecked,
  copyInputs as copyDifferences,
  countInputs,
  type TargetsLike,
} from '../training/feeding.js';
import type { ClassWeight, LabelledRows } from '../training/rows.js';
import { pairOf, readPair, readRows, type Rows } from '../training/rows.js';
import type { NetworkPlan } from '../plan/network.js';
import type { PlainPair } from './protocol.js';

export interface CrossingOptions {
  readonly sampleWeight?: ArrayLike<number>;
  readonly classWeight?: ClassWeight;
  readonly inputGradients?: unknown;
  readonly checkFinite?: boolean;
}

/** Rows of X as a copy, in float64 where the model subtracts a center in it. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE. */
export function copyInputs(X: MatrixLike, plan: NetworkPlan, checkFinite: boolean, double = false): MatrixLike {
  const rows = countInputs(X, plan);
  const { inputs } = plan;
  const data = double || plan.inputCenter !== undefined ? new Float64Array(rows * inputs) : new Float32Array(rows * inputs);
  copyChecked(data, inputs, X, 0, rows, inputs, 'X', !checkFinite);
  if (checkFinite && plan.inputCenter !== undefined)
    copyDifferences(new Float32Array(data.length), inputs, X, 0, rows, plan, false); // refuses what is too far from the center
  return { data, shape: [rows, inputs] };
}

/** X and y as copies, with one weight per row where rows count differently. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_OPTION. */
export function copyPair(X: unknown, y: unknown, plan: NetworkPlan, options: CrossingOptions): PlainPair {
  return plainPair(readRows(X, y, plan, options), plan, X);
}

/** Copies of [X, y] or { X, y, sampleWeight }, called `name` in messages. */
export function copyNamedPair(pair: unknown, plan: NetworkPlan, name: string, options: CrossingOptions): PlainPair {
  return plainPair(readPair(pair, plan, name, options), plan, pairOf(pair, name).X);
}

/** Rows that were read from `given`. Where a center was subtracted from them in float64, they cross as they were given. */
function plainPair({ rows, x, y, weights, gradients }: Rows, plan: NetworkPlan, given: unknown): PlainPair {
  const X =
    plan.inputCenter === undefined ? { data: x, shape: [rows, plan.inputs] } : copyInputs(given as MatrixLike, plan, false);
  return {
    X,
    y: { data: y, shape: [rows, plan.targetColumns] },
    ...(weights === undefined ? {} : { sampleWeight: weights }),
    ...(gradients === undefined ? {} : { inputGradients: { data: gradients, shape: [rows, plan.outputs * plan.inputs] } }),
  };
}

/** Where on its buffer an array lies: gone from the array itself once the buffer has moved. */
interface Place {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
}

/** A caller's buffers, each moved once however many arrays lie on it. */
export class Mover {
  private readonly moved = new Map<ArrayBuffer, ArrayBuffer>();
  private readonly places = new Map<unknown, Place>();

  /** To be called with everything that will be moved, before any of it is. */
  note(values: unknown): void {
    if (ArrayBuffer.isView(values)) {
      const { buffer, byteOffset, length } = values as Float32Array;
      this.places.set(values, { buffer, byteOffset, length });
    } else if (Array.isArray(values)) {
      if (typeof values[0] !== 'number') for (const item of values) this.note(item);
    } else if (typeof values === 'object' && values !== null) for (const item of Object.values(values)) this.note(item);
  }

  /** @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, nothing being moved then; values are checked in the worker. */
  inputs(X: MatrixLike, plan: NetworkPlan): MatrixLike {
    countInputs(X, plan);
    this.note(X);
    return this.move(X) as MatrixLike;
  }

  /** @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, nothing being moved then; values are checked in the worker. */
  pair(X: MatrixLike, y: TargetsLike, plan: NetworkPlan, names: readonly [X: string, y: string] = ['X', 'y']): PlainPair {
    checkTargetShape(y, plan, countInputs(X, plan, names[0]), names[1], names[0]);
    this.note([X, y]);
    return { X: this.move(X), y: this.move(y) };
  }

  /** @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, nothing being moved then; values are checked in the worker. */
  namedPair(pair: LabelledRows, plan: NetworkPlan, name: string): PlainPair {
    if (!Array.isArray(pair) && !(typeof pair === 'object' && pair !== null && 'X' in pair && 'y' in pair))
      return copyNamedPair(pair, plan, name, {}); // refuses it
    const { X, y, sampleWeight, inputGradients } = Array.isArray(pair)
      ? { X: pair[0] as MatrixLike, y: pair[1] as TargetsLike, sampleWeight: undefined, inputGradients: undefined }
      : (pair as Exclude<LabelledRows, readonly unknown[]>);
    return {
      ...this.pair(X, y, plan, [`${name} X`, `${name} y`]),
      ...(sampleWeight === undefined ? {} : { sampleWeight }),
      ...(inputGradients === undefined ? {} : { inputGradients }),
    };
  }

  /** The values, on moved buffers. What cannot be moved (arrays of numbers, shared memory) stays, and is copied as it crosses. */
  private move(values: unknown): unknown {
    if (Array.isArray(values)) return typeof values[0] === 'number' ? values : values.map((row) => this.move(row));
    if (ArrayBuffer.isView(values)) return this.view(values as Float32Array);
    if (typeof values !== 'object' || values === null) return values;
    const { data, shape } = values instanceof Matrix ? values : (values as { data: unknown; shape: readonly number[] });
    return { data: this.move(data), shape: [...shape] };
  }

  private view(view: Float32Array): Float32Array {
    const { buffer, byteOffset, length } = this.places.get(view)!;
    if (!isArrayBuffer(buffer)) return view;
    const View = view.constructor as Float32ArrayConstructor;
    return new View(this.buffer(buffer), byteOffset, length);
  }

  private buffer(buffer: ArrayBuffer): ArrayBuffer {
    let moved = this.moved.get(buffer);
    if (moved === undefined) {
      if (typeof structuredClone !== 'function')
        fail(
          'ERR_UNSUPPORTED',
          'transfer: this environment has no structuredClone, which moves buffers. Leave transfer out to copy them.',
        );
      try {
        moved = structuredClone(buffer, { transfer: [buffer] });
      } catch (error) {
        throw new FeedforwardError(
          'ERR_TYPE',
          `transfer: a buffer cannot be moved (${(error as Error).message}); WebAssembly memory and Node's pooled Buffers cannot. Leave transfer out to copy it.`,
          {},
          error,
        );
      }
      this.moved.set(buffer, moved);
    }
    return moved;
  }
}

/** A matrix from its numbers. */
export function matrixOf(data: Float32Array, columns: number): Matrix {
  return new Matrix(data, data.length / columns, columns);
}
