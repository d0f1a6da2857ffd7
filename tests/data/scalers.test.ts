// Scalers: scikit-learn’s values, and what holds of each.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantile } from '../../src/data/quantiles.js';
import { MinMaxScaler, RobustScaler, scalerFromJSON, SmoothClipScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { codeOf, refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';
import { everyScaler, linear } from './everyScaler.js';

interface Fixture {
  scalers: {
    x: number[][];
    new: number[][];
    standard: { mean: number[]; var: number[]; scale: number[]; new: number[][]; x: number[][] };
    minMax: { data_min: number[]; data_max: number[]; scale: number[]; min: number[]; new: number[][] };
    minMaxClipped: { scale: number[]; min: number[]; new: number[][] };
    robust: { center: number[]; scale: number[]; new: number[][] };
    robustWide: { center: number[]; scale: number[] };
  }[];
  partial: { parts: number[][][]; mean: number[]; var: number[]; scale: number[] }[];
}

const { scalers, partial } = fixture<Fixture>('sklearn-scalers.json');

const CONSTANT = 2;

// the SmoothClipScaler bends, and has tests of its own

/** Equal up to a few roundings of doubles. */
function close(ours: ArrayLike<number>, theirs: ArrayLike<number>, relative = 1e-14, absolute = 0): void {
  expect(ours.length).toBe(theirs.length);
  for (let k = 0; k < ours.length; k++)
    if (!(Math.abs(ours[k]! - theirs[k]!) <= relative * Math.abs(theirs[k]!) + absolute))
      throw new Error(`element ${k}: ${ours[k]} instead of ${theirs[k]}`);
}

describe("scalers give scikit-learn's values", () => {
  test('StandardScaler: mean, variance and scale to the bit, the constant rule included', () => {
    for (const { x, standard } of scalers) {
      const scaler = new StandardScaler().fit(x);
      // A constant column's mean is the constant itself here; scikit-learn's carries the rounding of the sum.
      const exceptConstant = (values: ArrayLike<number>) => Array.from(values).filter((_, j) => j !== CONSTANT);
      expect(exceptConstant(scaler.mean)).toEqual(exceptConstant(standard.mean));
      expect(exceptConstant(scaler.variance)).toEqual(exceptConstant(standard.var));
      expect([...scaler.scale]).toEqual(standard.scale);
      expect(scaler.mean[CONSTANT]).toBe(3.7);
      expect(scaler.variance[CONSTANT]).toBe(0);
    }
  });

  test('StandardScaler: transformed values, in float64 and rounded once to float32', () => {
    for (const { x, new: fresh, standard } of scalers) {
      const scaler = new StandardScaler().fit(x);
      close(scaler.transform64(fresh).data, standard.new.flat(), 1e-14, 2e-15); // the constant column: 0 here, its rounding there
      close(scaler.transform64(x).data, standard.x.flat(), 1e-14, 2e-15);
      expect(scaler.transform(fresh).data).toEqual(new Float32Array(scaler.transform64(fresh).data));
    }
  });

  test('MinMaxScaler: limits, scale, min and values to the bit', () => {
    for (const { x, new: fresh, minMax, minMaxClipped } of scalers) {
      const scaler = new MinMaxScaler().fit(x);
      expect([...scaler.dataMin]).toEqual(minMax.data_min);
      expect([...scaler.dataMax]).toEqual(minMax.data_max);
      expect([...scaler.scale]).toEqual(minMax.scale);
      expect([...scaler.min]).toEqual(minMax.min.map((value) => value + 0));
      expect([...scaler.transform64(fresh).data]).toEqual(minMax.new.flat());
      const clipped = new MinMaxScaler({ range: [-2, 3], clip: true }).fit(x);
      expect([...clipped.scale]).toEqual(minMaxClipped.scale);
      expect([...clipped.transform64(fresh).data]).toEqual(minMaxClipped.new.flat());
    }
  });

  test('RobustScaler: median, quantile distance and values to the bit', () => {
    for (const { x, new: fresh, robust, robustWide } of scalers) {
      const scaler = new RobustScaler().fit(x);
      expect([...scaler.center]).toEqual(robust.center);
      expect([...scaler.scale]).toEqual(robust.scale);
      expect([...scaler.transform64(fresh).data]).toEqual(robust.new.flat());
      const wide = new RobustScaler({ quantileRange: [10, 87.5] }).fit(x);
      expect([...wide.scale]).toEqual(robustWide.scale);
    }
  });

  test('StandardScaler.partialFit: a stream in parts gives the statistics of scikit-learn', () => {
    for (const { parts, mean, var: variance, scale } of partial) {
      const scaler = new StandardScaler();
      for (const part of parts) scaler.partialFit(part);
      close(scaler.mean, mean, 1e-14);
      // Updates round differently, and a column that is constant up to rounding has nothing but rounding in its variance.
      for (const j of [0, 1, 5, 6, 7]) {
        close([scaler.variance[j]!], [variance[j]!], 1e-9);
        close([scaler.scale[j]!], [scale[j]!], 1e-9);
      }
      expect(scaler.scale[CONSTANT]).toBe(1);
      expect(scaler.variance[CONSTANT]).toBe(0);
      const whole = new StandardScaler().fit(parts.flat());
      close(scaler.mean, whole.mean, 1e-14);
      for (const j of [0, 1, 5, 6, 7]) close([scaler.variance[j]!], [whole.variance[j]!], 1e-9);
    }
  });
});

describe('scalers', () => {
  test('options switch centring and scaling off', () => {
    const x = [[1], [3]];
    expect(new StandardScaler({ withMean: false }).fitTransform(x).toArray()).toEqual([[1], [3]]);
    expect(new StandardScaler({ withStd: false }).fitTransform([[1], [5]]).toArray()).toEqual([[-2], [2]]);
    expect(new RobustScaler({ withCentering: false, withScaling: false }).fitTransform(x).toArray()).toEqual(x);
  });

  test('bad options are refused with the nearest name or the range', () => {
    expect(refusal(() => new StandardScaler({ withmean: false } as object)).message).toContain('Did you mean "withMean"');
    expect(codeOf(() => new StandardScaler({ withMean: 1 as unknown as boolean }))).toBe('ERR_OPTION');
    expect(codeOf(() => new MinMaxScaler({ range: [1, 1] }))).toBe('ERR_OPTION');
    expect(codeOf(() => new MinMaxScaler({ range: [0, Number.NaN] }))).toBe('ERR_OPTION');
    expect(codeOf(() => new RobustScaler({ quantileRange: [80, 20] }))).toBe('ERR_OPTION');
    expect(codeOf(() => new RobustScaler({ quantileRange: [0, 101] }))).toBe('ERR_OPTION');
  });

  test('fitted state is read as copies: changing what was read changes nothing', () => {
    const scaler = new StandardScaler().fit([[1], [3]]);
    scaler.mean[0] = 100;
    expect(scaler.mean[0]).toBe(2);
    expect(scaler.samples).toBe(2);
    expect(scaler.columns).toBe(1);
  });

  test('a matrix of more rows than one block is scaled like a small one', () => {
    const rows = Array.from({ length: 40_001 }, (_, i) => [i % 7, -i]);
    const z = new StandardScaler().fitTransform(rows);
    const all = rows.map((row) => row[1]!);
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length);
    for (const i of [0, 1, 20_000, 40_000]) expect(z.data[2 * i + 1]).toBeCloseTo((-i - mean) / deviation, 5);
    expect(refusal(() => new StandardScaler().fit([...rows, [1, Number.NaN]])).message).toContain('row 40001, column 1 is NaN');
  });

  test('scaling back what was scaled gives the values again', () => {
    const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const rows = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(finite, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 }));
    for (const [, create] of linear)
      fc.assert(
        fc.property(rows, (x) => {
          const scaler = create().fit(x);
          const back = scaler.inverseTransform64(scaler.transform64(x));
          x.flat().forEach((value, k) => {
            expect(Math.abs(back.data[k]! - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, ...x.flat().map(Math.abs)));
          });
        }),
        { seed: 1, numRuns: 100 },
      );
  });

  test('a scaled column has mean 0 and deviation 1, or lies in [0, 1]', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 50 }), (column) => {
        const x = column.map((value) => [value]);
        const spread = Math.max(...column) - Math.min(...column);
        const z = new StandardScaler().fit(x).transform64(x).data;
        if (spread > 1e-6) {
          expect(z.reduce((a, b) => a + b, 0) / z.length).toBeCloseTo(0, 6);
          expect(z.reduce((a, b) => a + b * b, 0) / z.length).toBeCloseTo(1, 6);
        }
        const unit = new MinMaxScaler().fit(x).transform64(x).data;
        for (const value of unit) expect(value >= -1e-12 && value <= 1 + 1e-12).toBe(true);
      }),
      { seed: 2 },
    );
  });

  test('saved state comes back to the bit, through JSON text', () => {
    const x = scalers[3]!.x;
    for (const [name, create] of everyScaler) {
      const scaler = create().fit(x);
      const text = JSON.stringify(scaler);
      const back = scalerFromJSON(JSON.parse(text));
      expect(back.constructor.name).toBe(name);
      expect(back.transform64(x).data).toEqual(scaler.transform64(x).data);
      expect(JSON.stringify(back)).toBe(text);
    }
  });

  test('saved state that is not what it says is ERR_FORMAT', () => {
    const good = { type: 'StandardScaler', withMean: true, withStd: true, samples: 2, mean: [1], variance: [1] };
    expect(StandardScaler.fromJSON(good).mean[0]).toBe(1);
    const bad: unknown[] = [
      null,
      [],
      'text',
      {},
      { ...good, type: 'Other' },
      { ...good, mean: [1, 2] },
      { ...good, mean: ['1'] },
      { ...good, variance: [-1] },
      { ...good, variance: [null] },
      { ...good, withMean: 'yes' },
      { ...good, samples: -1 },
      Object.create(good),
      { ...good, type: 'MinMaxScaler' },
      { type: 'MinMaxScaler', range: [1, 0], clip: false, dataMin: [0], dataMax: [1] },
      { type: 'MinMaxScaler', range: [0, 1], clip: false, dataMin: [2], dataMax: [1] },
      { type: 'RobustScaler', withCentering: true, withScaling: true, quantileRange: [25, 75], center: [0], scale: [0] },
      { type: 'SmoothClipScaler', center: [0], scale: [1], unchanged: [1] },
      { type: 'SmoothClipScaler', center: [0], scale: [1], unchanged: [0.5] },
    ];
    for (const json of bad) expect(codeOf(() => scalerFromJSON(json))).toBe('ERR_FORMAT');
  });

  test('MinMaxScaler.partialFit widens the limits', () => {
    const scaler = new MinMaxScaler().partialFit([[2], [3]]).partialFit([[1]]);
    expect([scaler.dataMin[0], scaler.dataMax[0]]).toEqual([1, 3]);
    expect(codeOf(() => scaler.partialFit([[1, 2]]))).toBe('ERR_SHAPE');
  });

  test('a spread beyond doubles is ERR_RANGE, and so is a result beyond float32', () => {
    for (const [, create] of everyScaler)
      expect(codeOf(() => create().fit([[-1.7e308], [1.7e308], [1.7e308], [-1.7e308]]))).toBe('ERR_RANGE');
    const scaler = new StandardScaler().fit([[0], [1e-30]]);
    expect(refusal(() => scaler.transform([[1e10]])).message).toContain('row 0, column 0');
  });

  test('quantiles interpolate between neighbours', () => {
    const values = Float64Array.of(1, 2, 3, 4);
    expect([0, 0.25, 0.5, 1].map((q) => quantile(values, q))).toEqual([1, 1.75, 2.5, 4]);
    expect(quantile(Float64Array.of(7), 0.3)).toBe(7);
  });
});

describe('SmoothClipScaler', () => {
  const rows = [
    [1, 7, 0],
    [2, 7, 0],
    [3, 7, 0],
    [4, 7, 0],
    [1000, 7, 10],
  ];

  test('is z / sqrt(1 + (z / 3)^2) of the distance from the median in quartile distances', () => {
    const scaler = new SmoothClipScaler().fit(rows);
    expect([...scaler.center]).toEqual([3, 7, 0]);
    expect([...scaler.scale]).toEqual([2, 0, 5]); // the quartiles' distance; constant; half the range where the quartiles coincide
    const { data } = scaler.transform64(rows);
    const curve = (z: number) => z / Math.sqrt(1 + (z / 3) ** 2);
    rows.forEach(([x, , indicator], i) => {
      expect(Math.abs(data[3 * i]! - curve((x! - 3) / 2))).toBeLessThan(1e-15);
      expect(data[3 * i + 1]).toBe(0);
      expect(Math.abs(data[3 * i + 2]! - curve(indicator! / 5))).toBeLessThan(1e-15);
    });
  });

  test('keeps order, stays within 3, and is odd about the median', () => {
    const scaler = new SmoothClipScaler().fit([[-2], [-1], [0], [1], [2]]);
    const given = [0, 1e-12, 0.5, 2.9, 3.1, 60, 1e6, 1e200, Number.MAX_VALUE];
    const { data } = scaler.transform64(given.map((x) => [x]));
    for (let i = 1; i < data.length; i++) expect(data[i]!).toBeGreaterThanOrEqual(data[i - 1]!);
    expect(Math.max(...data)).toBe(3);
    expect([...scaler.transform64(given.map((x) => [-x])).data]).toEqual([...data].map((x) => -x));
  });

  test('scales back what it scaled, but not the limit itself', () => {
    const scaler = new SmoothClipScaler().fit(rows);
    const back = scaler.inverseTransform64(scaler.transform64(rows)).data;
    rows.flat().forEach((x, k) => {
      const bent = Math.abs(scaler.transform64([rows[Math.floor(k / 3)]!]).data[k % 3]!) / 3;
      // The slope of the inverse is (1 - (bent / 3)^2)^(-3/2): what rounding the bent value to a double costs.
      expect(Math.abs(back[k]! - x)).toBeLessThanOrEqual(1e-15 * (1 + Math.abs(x)) * (1 - bent * bent) ** -1.5);
    });
    expect(refusal(() => scaler.inverseTransform64([[3, 0, 0]])).message).toMatch(/between -3 and 3/);
    expect(codeOf(() => scaler.inverseTransform([[0, 0, -3.5]]))).toBe('ERR_RANGE');
  });
});
