// Room as long as users' data: how long a shape is, arrays of any length, and the engine's own refusal of them as ERR_MEMORY.

import { isFloat64 } from '../brands.js';
import { FeedforwardError } from '../errors.js';

/** Numbers of a model: float32 in the core, either in the baseline. */
export type Floats = Float32Array | Float64Array;

/** How many numbers an array of this shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** @throws ERR_MEMORY. */
export function floats(length: number, what: string): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch (error) {
    return refuse(4 * length, what, error);
  }
}

/** @throws ERR_MEMORY. */
export function doubles(length: number, what: string): Float64Array<ArrayBuffer> {
  try {
    return new Float64Array(length);
  } catch (error) {
    return refuse(8 * length, what, error);
  }
}

/** @throws ERR_MEMORY. */
export function unsigned(length: number, what: string): Uint32Array<ArrayBuffer> {
  try {
    return new Uint32Array(length);
  } catch (error) {
    return refuse(4 * length, what, error);
  }
}

/** @throws ERR_MEMORY. */
export function bytes(length: number, what: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (error) {
    return refuse(length, what, error);
  }
}

/** A copy of the same kind. @throws ERR_MEMORY. */
export function copyOf<T extends Float32Array | Float64Array>(values: T, what: string): T {
  const copy = isFloat64(values) ? doubles(values.length, what) : floats(values.length, what);
  copy.set(values);
  return copy as T;
}

/** Engines throw a RangeError (Firefox an InternalError) when an array is too long or memory is full. */
function refuse(byteLength: number, what: string, cause: unknown): never {
  const text = `${what}: the engine has no room for ${byteLength} bytes. Use fewer rows at a time, or a smaller network.`;
  throw new FeedforwardError('ERR_MEMORY', text, { bytes: byteLength }, cause);
}
