// The models that tests of the public face run against: the same Model on each backend, and small data for them.

import { expect } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { MLP as CoreMLP } from '../../src/mlp/mlp.js';
import type { Model } from '../../src/model/model.js';
import type { MLPOptions } from '../../src/plan/network.js';

export interface Maker {
  readonly name: string;
  readonly make: (options: MLPOptions) => Model;
}

export const makers: readonly Maker[] = [
  { name: 'core', make: (options) => new CoreMLP(options) },
  { name: 'baseline', make: (options) => new PlainMLP(options) },
];

/** Rows of standard normal numbers with a smooth target: y = sin(x0) + x1 x2. */
export function regression(rows: number, inputs = 4, seed = 1): { X: number[][]; y: number[][] } {
  const random = new Random(seed, 'test data');
  const X = Array.from({ length: rows }, () => Array.from({ length: inputs }, () => Math.fround(random.normal())));
  return { X, y: X.map(([a = 0, b = 0, c = 1]) => [Math.fround(Math.sin(a) + b * c)]) };
}

/** Rows of two inputs in three classes by angle, and their class ids. */
export function classes(rows: number, seed = 1): { X: number[][]; ids: number[]; oneHot: number[][] } {
  const random = new Random(seed, 'test classes');
  const X = Array.from({ length: rows }, () => [Math.fround(random.normal()), Math.fround(random.normal())]);
  const ids = X.map(([a, b]) => Math.floor(((Math.atan2(b!, a!) + Math.PI) / (2 * Math.PI)) * 2.999));
  return { X, ids, oneHot: ids.map((id) => [0, 1, 2].map((k) => (k === id ? 1 : 0))) };
}

/** All weights and statistics, in one list: equal for equal models, to the bit. */
export function bitsOf(model: Model): number[] {
  return model.parameters().flatMap((p) => [...p.values]);
}

/** Expects two lists of numbers to agree to so many decimals. */
export function expectClose(actual: Iterable<number>, expected: Iterable<number>, decimals: number): void {
  const a = [...actual];
  const b = [...expected];
  expect(a.length).toBe(b.length);
  for (const [i, value] of a.entries()) expect(value, `number ${i}`).toBeCloseTo(b[i]!, decimals);
}
