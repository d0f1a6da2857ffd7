// What scalers refuse.

import { describe, expect, test } from 'vitest';
import { matrix } from '../../src/data/matrix.js';
import { MinMaxScaler, RobustScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { codeOf, refusal } from '../support/errors.js';
import { everyScaler } from './everyScaler.js';

describe('faults in scalers', () => {
  test('fault 56: a constant feature has scale 1 and becomes 0, never NaN; so does one that is constant up to rounding', () => {
    for (const value of [0, 0.1, 3.7, -1e9, 1e300, 1e-300]) {
      const x = Array.from({ length: 11 }, () => [value]);
      const scaler = new StandardScaler().fit(x);
      expect(scaler.scale[0]).toBe(1);
      expect(new Set(scaler.transform(x).data)).toEqual(new Set([0]));
      const streamed = new StandardScaler();
      for (let i = 0; i < 11; i += 4) streamed.partialFit(x.slice(i, i + 4));
      expect(new Set(streamed.transform(x).data)).toEqual(new Set([0]));
      expect(new Set(new MinMaxScaler().fitTransform(x).data)).toEqual(new Set([0]));
      expect(new Set(new RobustScaler().fitTransform(x).data)).toEqual(new Set([0]));
    }
    const almost = Array.from({ length: 20 }, (_, i) => [1e6 + (i % 2) * 1.2e-10]);
    expect(new StandardScaler().fit(almost).scale[0]).toBe(1);
  });

  test('fault 57: mean 1e6 and deviation 1 keep their digits: relative error below 1e-6', () => {
    const x = Array.from({ length: 1001 }, (_, i) => [1e6 + (i - 500) / 289]); // deviation about 1
    const scaler = new StandardScaler().fit(x);
    expect(Math.abs(scaler.mean[0]! / 1e6 - 1)).toBeLessThan(1e-15);
    expect(Math.abs(scaler.variance[0]! / ((1001 ** 2 - 1) / 12 / 289 ** 2) - 1)).toBeLessThan(1e-9);
    const z = scaler.transform(x);
    for (const i of [0, 1, 250, 499, 501, 1000]) {
      const wanted = (i - 500) / 289 / Math.sqrt((1001 ** 2 - 1) / 12 / 289 ** 2);
      expect(Math.abs(z.data[i]! / wanted - 1)).toBeLessThan(1e-6);
    }
  });

  test('fault 58: a scaler used before fit is ERR_STATE, with another width ERR_SHAPE', () => {
    for (const [name, create] of everyScaler) {
      const error = refusal(() => create().transform([[1]]));
      expect(error.code).toBe('ERR_STATE');
      expect(error.message).toContain(`${name} is not fitted yet`);
      expect(codeOf(() => create().inverseTransform([[1]]))).toBe('ERR_STATE');
      expect(codeOf(() => create().toJSON())).toBe('ERR_STATE');
      expect(codeOf(() => create().columns)).toBe('ERR_STATE');
      const fitted = create().fit([
        [1, 2],
        [3, 4],
      ]);
      expect(refusal(() => fitted.transform([[1]])).message).toContain('fitted on 2 columns, got 1');
      expect(codeOf(() => fitted.inverseTransform([[1, 2, 3]]))).toBe('ERR_SHAPE');
    }
  });

  test('fault 15: another width at a partial fit is ERR_SHAPE and changes nothing', () => {
    const scaler = new StandardScaler().fit([[1, 2]]);
    expect(codeOf(() => scaler.partialFit([[1]]))).toBe('ERR_SHAPE');
    expect(codeOf(() => scaler.partialFit([[1, Number.NaN]]))).toBe('ERR_NONFINITE');
    expect(scaler.samples).toBe(1);
  });

  test('fault 1: NaN is refused with row and column before anything of an earlier fit changes', () => {
    for (const [, create] of everyScaler) {
      const scaler = create().fit([[1], [2]]);
      const before = JSON.stringify(scaler);
      const error = refusal(() => scaler.fit([[1], [Number.NaN]]));
      expect(error.code).toBe('ERR_NONFINITE');
      expect(error.message).toContain('X: row 1, column 0 is NaN');
      expect(error.message).toContain('SimpleImputer');
      expect(JSON.stringify(scaler)).toBe(before);
    }
  });

  test('fault 12: rows, typed arrays and a Matrix of the same float32 values scale the same', () => {
    const rows = [
      [0.5, 2],
      [1.25, -3],
      [7, 8],
    ];
    for (const [, create] of everyScaler) {
      const wanted = create().fitTransform(rows).data;
      for (const kind of [Float64Array, Float32Array])
        expect(create().fitTransform({ data: new kind(rows.flat()), shape: [3, 2] }).data).toEqual(wanted);
      expect(create().fitTransform(matrix(rows)).data).toEqual(wanted);
    }
  });

  test('fault 67: a scaler never changes its input', () => {
    const data = new Float64Array([1, 2, 3, 4]);
    for (const [, create] of everyScaler) create().fitTransform({ data, shape: [2, 2] });
    expect([...data]).toEqual([1, 2, 3, 4]);
  });
});
