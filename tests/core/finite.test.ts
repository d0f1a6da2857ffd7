// Rows that are copied into the core are checked there, by vectors: every number that is not finite is found, wherever it stands, and none
// that is finite is refused.

import { expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';

const extremes = [3.4028234663852886e38, -3.4028234663852886e38, 1e-45, -1e-45, 0, -0];

test.each([true, false])('a number that is not finite is named by row and column (deterministic: %s)', (deterministic) => {
  for (const [rows, inputs] of [
    [1, 512],
    [1, 516],
    [3, 7],
    [9, 57],
    [64, 8],
    [129, 4],
    [33, 100],
    [256, 12],
  ] as const) {
    const model = new MLP({ inputs, layers: [dense(2, { weightInit: 'zeros' })], deterministic });
    const data = Float32Array.from({ length: rows * inputs }, (_, i) => extremes[i % extremes.length]!);
    const X = { data, shape: [rows, inputs] };
    const y = { data: new Float32Array(rows * 2), shape: [rows, 2] };
    expect(() => model.predict(X)).not.toThrow();
    const last = data.length - 1;
    for (const at of new Set([0, 1, 2, 3, last >> 1, last - 3, last - 2, last - 1, last]))
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const kept = data[at]!;
        data[at] = value;
        const place = `row ${Math.floor(at / inputs)}, column ${at % inputs} is`;
        expect(() => model.predict(X), `${rows} x ${inputs}`).toThrow(place);
        expect(() => model.trainStep(X, y), `${rows} x ${inputs}`).toThrow(place);
        data[at] = kept;
      }
    expect(() => model.predict(X)).not.toThrow();
  }
});

test('the check follows a memory that grows, and one that comes back', () => {
  const model = new MLP({ inputs: 64, layers: [dense(3)] });
  const rows = (count: number) => ({ data: new Float32Array(count * 64).fill(0.5), shape: [count, 64] });
  model.predict(rows(16));
  const many = rows(20_000);
  model.predict(many);
  many.data[many.data.length - 1] = Number.NaN;
  expect(() => model.predict(many)).toThrow('row 19999, column 63 is NaN');
  // Seventy others take its place among those in use; its next use makes it anew.
  for (let i = 0; i < 70; i++) new MLP({ inputs: 2, layers: [dense(1)] }).predict([[1, 2]]);
  const few = rows(16);
  model.predict(few);
  few.data[1000] = Number.NEGATIVE_INFINITY;
  expect(() => model.predict(few)).toThrow('row 15, column 40 is -Infinity');
});
