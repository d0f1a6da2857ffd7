// Pages of the course on generalisation, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. The rows in brackets are those of docs/course-rows.md.

import { describe, expect, test } from 'vitest';
import { page } from '../support/coursePage.js';

describe('the course: generalisation', { timeout: 180_000 }, () => {
  test('a large network learns sixty noisy points by heart, and every regulariser helps (rows 8, 57, 59, 60, 61, 64)', async () => {
    const facts = (await page<Record<string, { trainLoss: number; testLoss: number; testError: number }>>('overfitting')).figures;
    const { nothing, ...helped } = facts;
    expect(nothing!.trainLoss).toBeLessThan(0.1);
    expect(nothing!.testLoss).toBeGreaterThan(Math.LN2); // worse than guessing
    expect(Object.keys(helped).length).toBe(9);
    for (const [name, { testLoss }] of Object.entries(helped)) expect(testLoss, name).toBeLessThan(0.7 * nothing!.testLoss);
    const { stops } = helped['early stopping'] as unknown as { stops: { best: number; epochs: number }[] };
    for (const { best, epochs } of stops) {
      expect(best).toBeGreaterThan(10); // a moment that was looked for, not the first
      expect(epochs).toBe(best + 40);
    }
  });

  test('three errors: the network, the rows, the training; and three fits (rows 58, 126)', async () => {
    const { figures } = await page<{
      threeErrors: Record<string, { approximation: number; estimation: number; optimisation: number }>;
      fits: Record<string, { train: number; test: number }>;
    }>('errors');
    const [narrow, middle, wide] = ['1', '3', '10'].map((units) => figures.threeErrors[units]!);
    expect(narrow!.approximation).toBeGreaterThan(0.1);
    expect(middle!.approximation).toBeLessThan(1e-3);
    expect(wide!.approximation).toBeLessThan(middle!.approximation);
    expect(wide!.estimation).toBeGreaterThan(middle!.estimation);
    expect(middle!.estimation).toBeGreaterThan(10 * middle!.approximation);
    expect(middle!.optimisation).toBeGreaterThan(middle!.estimation);
    const [under, right, over] = ['1', '4', '60'].map((units) => figures.fits[units]!);
    expect(under!.train).toBeGreaterThan(2 * right!.train);
    expect(over!.train).toBeLessThan(right!.train);
    expect(over!.test).toBeGreaterThan(1.3 * right!.test);
  });

  test('dropout drops its share, leaves predictions alone, and no unit is missed (rows 61, 62, 63, 112)', async () => {
    const { figures } = await page<{
      share: { zeros: number; others: number; mean: number };
      untouched: boolean;
      cuts: { without: number; with: number };
      what: { what: string; kept: { data: Record<string, number> } }[];
      drawn: { lines: number; left: number };
    }>('dropout');
    expect(figures.share.zeros).toBeCloseTo(0.3, 1);
    expect(figures.share.others).toBeCloseTo(1 / 0.7, 6);
    expect(figures.share.mean).toBeCloseTo(1, 1);
    expect(figures.untouched).toBe(true);
    expect(figures.cuts.without).toBeGreaterThan(10 * figures.cuts.with);
    expect(figures.drawn.lines).toBe(3 * 4 + 4 * 2);
    const [units, connections] = figures.what.map(({ kept }) => Object.values(kept.data));
    const left =
      units!.flatMap((u) => (u === 1 ? [1, 1, 1] : [])).length +
      connections!.filter((c, i) => c === 1 && units![i >> 1] === 1).length;
    expect(figures.drawn.left).toBe(left);
  });
});
