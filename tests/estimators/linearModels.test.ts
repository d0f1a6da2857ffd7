// Linear models beside the nets of a preset.

import { describe, expect, test } from 'vitest';
import { rowsForLinear } from '../../src/estimators/linearBaseline.js';
import { linearKinds, linearPart, worthTrying } from '../../src/estimators/rival.js';
import { Random } from '../../src/data/random.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';

test('rows that a linear model learns of many are drawn among those that have a weight', () => {
  const weights = new Float64Array(5000);
  weights[4321] = 1;
  expect([...rowsForLinear(5000, 0, 'linear', 4000, weights)!]).toEqual([4321]);
  const all = rowsForLinear(5000, 0, 'linear', 4000)!;
  expect([...rowsForLinear(5000, 0, 'linear', 4000, weights.fill(0.5))!]).toEqual([...all]);
  expect(new Set(all).size).toBe(4000);
});

describe('linear models beside several nets', () => {
  const rows = 200;
  const random = new Random(4, 'linear');
  const truth = Array.from({ length: rows }, () => random.normal());
  const off = (by: number) => Float32Array.from(truth, (y) => y + by * random.normal());
  const kinds = linearKinds(rows, 60, true);
  const beside = (errors: readonly number[]) => ({
    watched: { outputs: off(1), columns: 1, truth, weights: undefined, numbers: true },
    rivals: errors.map(off),
  });

  test('are those of the usual penalty and the best of either way to read columns', () => {
    expect(kinds.map(({ l2 }) => l2)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1e-4, 1e-3, 1e-2, 1e-1]);
    expect(worthTrying(beside([0.9, 0.8, 0.7, 0.2, 0.3, 0.9, 0.8, 0.7]), kinds, undefined)).toEqual([1, 3, 4, 5]);
    expect(worthTrying(beside([0.9, 0.1, 0.7, 0.2, 0.3, 0.1, 0.8, 0.7]), kinds, undefined)).toEqual([1, 5]);
  });

  test('are judged where they were tried beside every net', () => {
    const first = beside([0.9, 0.8, 0.01, 0.2, 0.9, 0.9, 0.9, 0.9]);
    const second = beside([0.9, 0.8, 0.01, 0.2, 0.9, 0.9, 0.9, 0.9]);
    expect(linearPart([first, second], kinds, undefined, true)).toEqual({ kind: 2, share: 1, temperature: 1 });
    const rivals = second.rivals.map((of, k) => (k === 2 ? undefined : of));
    expect(linearPart([first, { ...second, rivals }], kinds, undefined, true)).toEqual({ kind: 3, share: 1, temperature: 1 });
  });
});

test.each([1e20, 1e30, 3e38])('a cell of %d, which the linear model cannot square in float32, ends no fit', (cell) => {
  const random = new Random(4, 'large');
  const X = Array.from({ length: 120 }, () => [random.normal(), random.normal()]);
  const y = X.map(([a, b]) => 2 * a! - b!);
  X[7]![1] = cell;
  const model = new MLPRegressor({ preset: 'quick', epochs: 16, seed: 1, onWarning: false }).fitSync(X, y);
  expect(model.score(X.slice(8), y.slice(8))).toBeGreaterThan(0.9);
});
