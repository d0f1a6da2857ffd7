// Scalers and the digits of float32: values far from 0, and what is refused because of them.

import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv/index.js';
import { PolynomialFeatures } from '../../src/data/polynomial.js';
import { TableEncoder } from '../../src/data/tabular.js';
import { MinMaxScaler, RobustScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { Random } from '../../src/data/random.js';
import { codeOf, refusal } from '../support/errors.js';
import { everyScaler, linear } from './everyScaler.js';

describe('values with more digits than float32 holds', () => {
  const start = Date.UTC(2026, 0, 1);
  const times = Array.from({ length: 50 }, (_, i) => [start + i * 86_400_000 + 12_345, i]); // days, in milliseconds
  const mean = start + 24.5 * 86_400_000 + 12_345;

  test.each(everyScaler)('%s: milliseconds come back in float64, and float32 is refused by name', (_, make) => {
    const scaler = make().fit(times);
    const scaled = scaler.transform64(times);
    const { data } = scaler.inverseTransform64(scaled);
    // An ulp of these milliseconds is 2.4e-4; the range is 4.2e9, so the scaled values' own rounding adds 1e-6.
    times.forEach(([time], i) => expect(Math.abs(data[2 * i]! - time!)).toBeLessThan(1e-3));
    expect(codeOf(() => scaler.inverseTransform(scaled))).toBe('ERR_RANGE');
    expect(refusal(() => scaler.inverseTransform(scaled)).message).toMatch(
      /row 0, column 0 comes to 17672.* float32 would make 1767.*inverseTransform64/,
    );
  });

  test('StandardScaler against the closed form: the mean of days is the middle, their deviation that of whole numbers', () => {
    const scaler = new StandardScaler().fit(times);
    expect(scaler.mean[0]).toBe(mean);
    expect(Math.abs(scaler.scale[0]! / (86_400_000 * Math.sqrt((50 * 50 - 1) / 12)) - 1)).toBeLessThan(1e-14);
    const { data } = scaler.inverseTransform64([
      [0, 0],
      [1, 0],
      [-2, 0],
    ]);
    const deviation = 86_400_000 * Math.sqrt((50 * 50 - 1) / 12);
    [0, 1, -2].forEach((z, i) => expect(Math.abs(data[2 * i]! - (mean + z * deviation))).toBeLessThan(1e-3));
  });

  test('every float32 value that is given is right: within a thousandth of the spread, a millionth beyond 2^24', () => {
    const random = new Random(11);
    for (const center of [0, 1, 300, 2000, 1e5, 1e7, 2 ** 24, 1e8, 1.7e9, 1.7e12])
      for (const spread of [1e-3, 1, 10, 3600, 1e7, 1e10]) {
        const rows = Array.from({ length: 20 }, () => [center + spread * random.normal()]);
        for (const [, make] of linear) {
          const scaler = make().fit(rows);
          const z = scaler.transform64(rows);
          const exact = scaler.inverseTransform64(z).data;
          let given: Float32Array;
          try {
            given = scaler.inverseTransform(z).data;
          } catch (error) {
            expect(
              codeOf(() => {
                throw error;
              }),
            ).toBe('ERR_RANGE');
            expect(center / spread).toBeGreaterThan(16);
            continue;
          }
          const own = scaler instanceof MinMaxScaler ? scaler.dataMax[0]! - scaler.dataMin[0]! : scaler.scale[0]!;
          const share = center > 2 ** 25 ? 1e-6 : 1e-3;
          // A value d away from the middle, as far as ten spreads in so few rows, may also lose 2^-23 d.
          given.forEach((value, i) => expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(own * (share + 10 * 2 ** -23)));
        }
      }
  });

  test('everyday columns are given in float32: years, kelvins, heights, incomes', () => {
    for (const [center, spread] of [
      [2000, 8],
      [293, 4],
      [170, 6],
      [52_000, 21_000],
      [4e8, 3e8],
    ] as const) {
      const rows = Array.from({ length: 30 }, (_, i) => [center + (spread * (i - 15)) / 8]);
      for (const [, make] of everyScaler) {
        const scaler = make().fit(rows);
        const back = scaler.inverseTransform(scaler.transform64(rows)).data;
        rows.forEach(([x], i) => expect(Math.abs(back[i]! / x! - 1)).toBeLessThan(1e-7));
      }
    }
  });
});

describe('float32 where nothing is subtracted', () => {
  // 16,777,217 is the first whole number that float32 does not hold: IEEE 754, binary32, 24 bits of significand.
  const ids = [[16777217], [16777218], [16777219], [16777221]];
  const seconds = Array.from({ length: 50 }, (_, i) => [1.7e9 + 10 * i]);

  test.each([
    ['StandardScaler without mean', new StandardScaler({ withMean: false })],
    ['StandardScaler that does nothing', new StandardScaler({ withMean: false, withStd: false })],
    ['RobustScaler without center', new RobustScaler({ withCentering: false })],
    ['MinMaxScaler to a far range', new MinMaxScaler({ range: [1e8, 1e8 + 1] })],
  ])('%s refuses identifiers and timestamps by the name of its other method, which keeps them apart', (_, scaler) => {
    for (const rows of [ids, seconds]) {
      const error = refusal(() => scaler.fitTransform(rows));
      expect(error.code).toBe('ERR_RANGE');
      expect(error.message).toMatch(/row \d+, column 0 comes to .*transform64 keeps its digits/);
      expect(new Set(scaler.transform64(rows).data).size).toBe(rows.length);
    }
  });

  test('what float32 holds, or hardly moves, passes', () => {
    const rows = Array.from({ length: 50 }, (_, i) => [2000 + i, 0.1, 1e6 * i + 0.3, i === 7 ? 1 : 0]);
    for (const scaler of [new StandardScaler({ withMean: false }), new RobustScaler({ withCentering: false })])
      expect(Number.isFinite(scaler.fitTransform(rows).data[0])).toBe(true);
    const centered = new StandardScaler().fitTransform(ids).data; // 0.25, 1.25, … below the mean of 16777218.75, over the deviation
    const deviation = Math.sqrt([-1.75, -0.75, 0.25, 2.25].reduce((sum, d) => sum + d * d, 0) / 4);
    expect([...centered]).toEqual([-1.75, -0.75, 0.25, 2.25].map((d) => Math.fround(d / deviation)));
  });

  test('a TableEncoder and PolynomialFeatures say so too', () => {
    const table = parseCsv(`id,size\n${ids.map(([id], i) => `${id},${i}`).join('\n')}\n`);
    const encoder = new TableEncoder({ keep: ['id'] }).fit(table);
    expect(refusal(() => encoder.transform(table)).message).toContain('TableEncoder.transform64 keeps its digits');
    expect([...encoder.transform64(table).data]).toEqual([16777217, 0, 16777218, 1, 16777219, 2, 16777221, 3]);
    expect(refusal(() => new PolynomialFeatures().fitTransform(ids)).message).toContain('Scale the columns first');
    expect(new PolynomialFeatures().fitTransform([[3], [5]]).toArray()).toEqual([
      [1, 3, 9],
      [1, 5, 25],
    ]);
  });
});
