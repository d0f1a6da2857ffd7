// The Sobol sequence against SciPy's, and what scrambling must keep and must change.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { sobol, type SobolPoints } from '../../src/data/sobol.js';
import { refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

const golden = fixture<{ points: number[][]; later: number[][]; sums: number[]; weighted: number[] }>('sobol.json');
const plain = (rows: number, dimensions: number, first = 0) => sobol(rows, dimensions, { scramble: false, first });
const words = (points: SobolPoints) => points.toArray().map((row) => row.map((x) => x * 2 ** 32));

/** How many points lie in each of 2^(sum of levels) equal boxes. */
function counts({ data, shape }: SobolPoints, columns: readonly number[], levels: readonly number[]): Uint32Array {
  const out = new Uint32Array(2 ** levels.reduce((a, b) => a + b, 0));
  for (let i = 0; i < shape[0]; i++) {
    let box = 0;
    columns.forEach((j, k) => {
      box = box * 2 ** levels[k]! + Math.floor(data[i * shape[1] + j]! * 2 ** levels[k]!);
    });
    out[box]!++;
  }
  return out;
}

describe('unscrambled points', () => {
  test('are those of scipy.stats.qmc.Sobol in 32 dimensions', () => {
    expect(words(plain(64, 32))).toEqual(golden.points);
    const many = plain(4096, 32);
    golden.sums.forEach((sum, j) => {
      let own = 0;
      let weighted = 0;
      for (let i = 0; i < 4096; i++) {
        own += many.data[32 * i + j]! * 2 ** 32;
        weighted += Math.floor(many.data[32 * i + j]! * 4096) * (i + 1);
      }
      expect(own).toBe(sum);
      expect(weighted).toBe(golden.weighted[j]);
    });
  });

  test('go on from any point as if they had been drawn in one piece', () => {
    expect(words(plain(8, 32, 5000))).toEqual(golden.later);
    const whole = plain(100, 5);
    for (const first of [1, 2, 3, 31, 63, 99]) expect(plain(1, 5, first).row(0)).toEqual(whole.row(first));
    expect(plain(1, 1, 2 ** 32 - 1).data[0]).toBeLessThan(1);
  });

  test('take no notice of the seed', () => {
    expect(sobol(16, 3, { scramble: false, seed: 5 }).data).toEqual(plain(16, 3).data);
  });
});

describe('scrambled points', () => {
  test('are a function of the seed, the index and the dimension', () => {
    const points = sobol(32, 4, { seed: 3 });
    expect(sobol(32, 4, { seed: 3 }).data).toEqual(points.data);
    expect(sobol(32, 4, { seed: 4 }).data).not.toEqual(points.data);
    expect(sobol(16, 4, { seed: 3, first: 16 }).row(2)).toEqual(points.row(18));
    expect(sobol(32, 2, { seed: 3 }).toArray()).toEqual(points.toArray().map((row) => row.slice(0, 2)));
  });

  test('lie in [0, 1), one in each of 2^k parts of every axis, for every k up to 12', () => {
    for (let k = 0; k <= 12; k++) {
      const points = sobol(2 ** k, 32, { seed: k });
      expect(points.data.every((x) => x >= 0 && x < 1)).toBe(true);
      for (let j = 0; j < 32; j++) expect(counts(points, [j], [k]).every((count) => count === 1)).toBe(true);
    }
  });

  test('are a (0, m, 2)-net in the first two dimensions: one in each elementary box of any shape', () => {
    const points = sobol(256, 2, { seed: 9 });
    for (let a = 0; a <= 8; a++) expect(counts(points, [0, 1], [a, 8 - a]).every((count) => count === 1)).toBe(true);
  });

  test('share as many leading bits as they did before, and no more (nested scrambling)', () => {
    const shared = (a: number, b: number) => Math.clz32((a * 2 ** 32) ^ (b * 2 ** 32));
    const before = plain(64, 3).toArray();
    const after = sobol(64, 3, { seed: 2 }).toArray();
    for (let i = 0; i < 64; i++)
      for (let other = 0; other < i; other++)
        for (let j = 0; j < 3; j++)
          expect(shared(after[i]![j]!, after[other]![j]!)).toBe(shared(before[i]![j]!, before[other]![j]!));
  });

  test('are uniform one by one over seeds: the first point, which unscrambled is the origin', () => {
    const cells = new Uint32Array(64);
    const seeds = 6400;
    for (let seed = 0; seed < seeds; seed++) {
      const [x, y] = sobol(1, 2, { seed }).data as unknown as [number, number];
      cells[8 * Math.floor(8 * x) + Math.floor(8 * y)]!++;
    }
    const chi = cells.reduce((sum, count) => sum + (count - seeds / 64) ** 2 / (seeds / 64), 0);
    expect(Math.abs(chi - 63) / Math.sqrt(2 * 63)).toBeLessThan(4); // seeds are fixed; 4 deviations
  });

  test('integrate a smooth function of six variables without bias, ten times closer than random points do', () => {
    const f = (x: ArrayLike<number>) => Array.from(x).reduce((product, v, j) => product * (1 + (v - 0.5) / (j + 1)), 1); // mean 1
    const mean = (rows: readonly ArrayLike<number>[]) => rows.reduce((sum, row) => sum + f(row), 0) / rows.length;
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const own = seeds.map((seed) => mean(sobol(1024, 6, { seed }).toArray()) - 1);
    const random = seeds.map((seed) => {
      const draws = new Random(seed);
      return mean(Array.from({ length: 1024 }, () => Array.from({ length: 6 }, () => draws.uniform()))) - 1;
    });
    const size = (errors: number[]) => Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    expect(size(own)).toBeLessThan(size(random) / 10);
    expect(Math.abs(own.reduce((a, b) => a + b, 0) / 20)).toBeLessThan((4 * size(own)) / Math.sqrt(20));
  });
});

describe('sobol', () => {
  test('notes where the balance is broken, and only there', () => {
    for (const rows of [1, 2, 64, 4096]) expect(sobol(rows, 1).notes).toEqual([]);
    expect(sobol(64, 1, { first: 64 }).notes).toEqual([]);
    expect(sobol(192, 1, { first: 64 }).notes).toEqual([]); // 256 with those before
    expect(sobol(100, 1).notes).toEqual([expect.stringMatching(/100 points.*not balanced.*128/)]);
    expect(sobol(64, 1, { first: 1 }).notes).toHaveLength(1);
  });

  test('refuses what there are no points for, by name', () => {
    expect(refusal(() => sobol(8, 33)).message).toBe('dimensions: expected a whole number in [1, 32], got 33.');
    expect(refusal(() => sobol(8, 0)).code).toBe('ERR_OPTION');
    expect(refusal(() => sobol(0, 1)).message).toMatch(/^rows: expected a whole number/);
    expect(refusal(() => sobol(2.5, 1)).code).toBe('ERR_OPTION');
    expect(refusal(() => sobol(2, 1, { first: 2 ** 32 - 1 })).message).toMatch(/2\^32 points/);
    expect(refusal(() => sobol(2, 1, { seed: 0.5 })).message).toMatch(/^sobol\.seed/);
    expect(refusal(() => sobol(2, 1, { scrambled: true } as object)).message).toMatch(/Did you mean "scramble"/);
  });
});
