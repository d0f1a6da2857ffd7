import { describe, expect, test } from 'vitest';
import * as datasets from '../../src/data/datasets.js';
import { codeOf, refusal } from '../support/errors.js';

const countsOf = ({ y }: datasets.Dataset) => {
  const counts: number[] = [];
  for (const c of y.data) counts[c] = (counts[c] ?? 0) + 1;
  return counts;
};

describe('datasets', () => {
  test('xor is the four points', () => {
    const { X, y } = datasets.xor();
    expect(X.toArray()).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect([...y.data]).toEqual([0, 1, 1, 0]);
  });

  test('every set has the rows asked for, shared evenly among its classes, in mixed order', () => {
    for (const [make, classes] of [
      [datasets.moons, 2],
      [datasets.circles, 2],
      [datasets.spirals, 3],
      [datasets.gaussians, 3],
    ] as const) {
      const set = make({ samples: 100, seed: 1, ...(classes === 3 ? { classes } : {}) });
      expect(set.X.shape).toEqual([100, 2]);
      expect(set.y.shape).toEqual([100, 1]);
      const counts = countsOf(set);
      expect(counts).toHaveLength(classes);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      const firstHalf = [...set.y.data.subarray(0, 50)].filter((c) => c === 0).length;
      expect(firstHalf).toBeGreaterThan(5);
      expect(firstHalf).toBeLessThan(45);
      expect(set.featureNames).toHaveLength(2);
    }
  });

  test('without noise the points lie on their curves', () => {
    const moons = datasets.moons({ noise: 0, samples: 51 });
    moons.X.toArray().forEach(([x, y], i) => {
      const upper = moons.y.data[i] === 0;
      expect(upper ? Math.hypot(x!, y!) : Math.hypot(x! - 1, y! - 0.5)).toBeCloseTo(1, 6);
      expect(upper ? y! >= -1e-6 : y! <= 0.5 + 1e-6).toBe(true);
    });
    const circles = datasets.circles({ noise: 0, factor: 0.3 });
    circles.X.toArray().forEach(([x, y], i) => {
      expect(Math.hypot(x!, y!)).toBeCloseTo(circles.y.data[i] === 0 ? 1 : 0.3, 6);
    });
    const spirals = datasets.spirals({ noise: 0, turns: 1 });
    spirals.X.toArray().forEach(([x, y], i) => {
      const radius = Math.hypot(x!, y!);
      if (radius < 0.01) return;
      const turn = Math.atan2(y!, x!) / (2 * Math.PI) - spirals.y.data[i]! / 2;
      const off = turn - radius;
      expect(Math.abs(off - Math.round(off))).toBeLessThan(1e-3);
    });
  });

  test('noise and clouds have the deviation asked for', () => {
    const { X, y } = datasets.gaussians({
      samples: 4000,
      centers: [
        [0, 0, 0],
        [5, -5, 9],
      ],
      deviation: 0.5,
      seed: 2,
    });
    expect(X.shape).toEqual([4000, 3]);
    let squares = 0;
    X.toArray().forEach((row, i) => {
      row.forEach((value, j) => {
        squares +=
          (value -
            [
              [0, 0, 0],
              [5, -5, 9],
            ][y.data[i]!]![j]!) **
          2;
      });
    });
    expect(Math.sqrt(squares / 12_000)).toBeCloseTo(0.5, 1);
  });

  test('function samples agree with the function at the rounded inputs', () => {
    const { X, y } = datasets.functionSamples((x) => x * x, { samples: 50, domain: [-2, 3], seed: 4 });
    X.data.forEach((x, i) => {
      expect(x >= -2 && x < 3.0001).toBe(true);
      expect(y.data[i]).toBe(Math.fround(x * x));
    });
    const grid = datasets.functionSamples(Math.cos, { samples: 5, grid: true });
    expect([...grid.X.data]).toEqual([-1, -0.5, 0, 0.5, 1]);
    const plane = datasets.functionSamples((a, b) => [a + b, a - b], {
      domain: [
        [0, 1],
        [10, 11],
      ],
      samples: 7,
    });
    expect(plane.X.shape).toEqual([7, 2]);
    expect(plane.y.shape).toEqual([7, 2]);
    expect(plane.targetNames).toEqual(['y0', 'y1']);
    expect(datasets.functionSamples((...x) => x.length, { inputs: 4 }).y.data[0]).toBe(4);
    const noisy = datasets.functionSamples(() => 0, { samples: 5000, noise: 0.1 });
    expect(Math.sqrt(noisy.y.data.reduce((sum, value) => sum + value * value, 0) / 5000)).toBeCloseTo(0.1, 2);
  });

  test('Black and Scholes gives the textbook price and Greeks', () => {
    const at = (spot: number, strike: number, maturity: number, volatility: number, rate: number) =>
      datasets.blackScholes({
        samples: 1,
        spot: [spot, spot],
        strike: [strike, strike],
        maturity: [maturity, maturity],
        volatility: [volatility, volatility],
        rate: [rate, rate],
      });
    const one = at(100, 100, 1, 0.25, 0.0625);
    expect(one.y.data[0]).toBeCloseTo(12.973849, 5);
    expect(at(42, 40, 0.5, Math.fround(0.2), Math.fround(0.1)).y.data[0]).toBeCloseTo(4.7594, 3); // Hull, Options, Futures, chapter 15
    expect(one.deltas.data[0]).toBe(one.gradients.data[0]);
    expect(at(150, 50, 0.125, 0.0625, 0).y.data[0]).toBe(100); // deep in the money: spot less strike
    expect(at(50, 150, 0.125, 0.0625, 0).y.data[0]).toBe(0);
  });

  test('the gradients of Black and Scholes are those of its prices', () => {
    const base = [97, 105, 0.75, 0.3125, 0.03125];
    const names = ['spot', 'strike', 'maturity', 'volatility', 'rate'] as const;
    const set = (values: number[]) =>
      datasets.blackScholes({ samples: 1, ...Object.fromEntries(names.map((name, j) => [name, [values[j]!, values[j]!]])) });
    const { gradients } = set(base);
    names.forEach((_, j) => {
      const step = j < 2 ? 0.5 : 2 ** -8;
      const shifted = (by: number) => set(base.map((value, k) => (k === j ? value + by : value))).y.data[0]!;
      const slope = (shifted(step) - shifted(-step)) / (2 * step);
      expect(Math.abs(gradients.data[j]! / slope - 1)).toBeLessThan(2e-3); // prices are float32, the step is finite
    });
  });

  test('prices lie between their arbitrage bounds', () => {
    const { X, y, deltas } = datasets.blackScholes({ samples: 2000, seed: 9 });
    X.toArray().forEach(([spot, strike, maturity, , rate], i) => {
      expect(y.data[i]!).toBeGreaterThanOrEqual(Math.max(0, spot! - strike! * Math.exp(-rate! * maturity!)) - 1e-4);
      expect(y.data[i]!).toBeLessThanOrEqual(spot!);
      expect(deltas.data[i]! >= 0 && deltas.data[i]! <= 1).toBe(true);
    });
  });

  test('bad options are refused', () => {
    for (const samples of [0, -1, 1.5, Number.NaN]) expect(codeOf(() => datasets.moons({ samples }))).toBe('ERR_OPTION');
    expect(codeOf(() => datasets.circles({ factor: 1 }))).toBe('ERR_OPTION');
    expect(codeOf(() => datasets.spirals({ classes: 0 }))).toBe('ERR_OPTION');
    expect(codeOf(() => datasets.moons({ noise: -1 }))).toBe('ERR_OPTION');
    expect(codeOf(() => datasets.moons({ seed: 0.5 }))).toBe('ERR_OPTION');
    expect(refusal(() => datasets.spirals({ turn: 2 } as object)).message).toContain('Did you mean "turns"');
    expect(codeOf(() => datasets.gaussians({ centers: [[0], [1, 2]] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => datasets.functionSamples((x) => 1 / x, { grid: true, samples: 3 }))).toBe('ERR_NONFINITE');
    expect(codeOf(() => datasets.functionSamples(null as unknown as () => number))).toBe('ERR_TYPE');
    expect(codeOf(() => datasets.functionSamples(Math.sin, { domain: [1, 0] }))).toBe('ERR_OPTION');
    expect(codeOf(() => datasets.blackScholes({ volatility: [0, 1] }))).toBe('ERR_OPTION');
  });

  test('fault 68: the same seed gives the same rows, another seed others; pinned', () => {
    for (const make of [datasets.moons, datasets.circles, datasets.spirals, datasets.gaussians, datasets.blackScholes]) {
      expect(make({ samples: 20, seed: 3 })).toEqual(make({ samples: 20, seed: 3 }));
      expect(make({ samples: 20, seed: 3 }).X.data).not.toEqual(make({ samples: 20, seed: 4 }).X.data);
      expect(make({ samples: 20 }).X.data).toEqual(make({ samples: 20, seed: 0 }).X.data);
    }
    expect([...datasets.moons({ samples: 5, seed: 3 }).X.row(0)]).toEqual([2.0488409996032715, 0.47722965478897095]);
    expect([...datasets.gaussians({ samples: 5, seed: 3 }).X.row(0)]).toEqual([2.869462728500366, 5.516157627105713]);
    expect([...datasets.blackScholes({ samples: 5, seed: 3 }).y.data.subarray(0, 2)]).toEqual([
      16.86133575439453, 64.53997802734375,
    ]);
  });
});
