// Pages of the course on gradients, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. The rows in brackets are those of docs/course-rows.md.

import { describe, expect, test } from 'vitest';
import { page } from '../support/coursePage.js';

describe('the course: gradients', { timeout: 180_000 }, () => {
  test('gradient checks pass on every layer kind and find half a gradient; the best step is where theory has it (rows 46, 53)', async () => {
    const { valley, wrong, ...nets } = (
      await page<{
        valley: { best: number; least: number; rising: number; falling: number };
        wrong: { ok: boolean; error: number };
      }>('gradient-check')
    ).figures;
    for (const error of Object.values(nets as unknown as Record<string, number>)) expect(error).toBeLessThan(1e-5);
    expect(valley.least).toBeLessThan(1e-10);
    expect(valley.rising).toBeCloseTo(4, 0);
    expect(valley.falling).toBeCloseTo(-1, 0);
    expect(wrong.ok).toBe(false);
    expect(wrong.error).toBeCloseTo(0.5, 2);
  });

  test('BP1 to BP4 in loops are what the library computes; differences cost a forward pass a weight (rows 4, 22, 44, 73, 74, 113, 114, 118 to 121, 148, 149, 150)', async () => {
    const { figures } = await page<{
      apart: Record<string, number>;
      one: number[];
      cost: Record<string, { weights: number; passes: number; ratio: number }>;
      oneSided: { order: number; at: number };
    }>('backpropagation');
    expect(Object.keys(figures.apart)).toEqual([
      'net inputs z',
      'activations a',
      'BP1, last delta',
      'BP2, other deltas',
      'BP3, biases',
      'BP4, weights',
    ]);
    for (const [name, off] of Object.entries(figures.apart))
      expect(off, name).toBeLessThan(name.startsWith('BP3') || name.startsWith('BP4') ? 1e-15 : 1e-6);
    expect(figures.one).toEqual([-1.75, -3.5, -1.75]); // 2 (a - y) [z > 0] x, by hand
    expect(figures.cost['784-128-10']).toMatchObject({ weights: 101_770, passes: 101_771 });
    for (const { ratio } of Object.values(figures.cost)) {
      expect(ratio).toBeGreaterThanOrEqual(2);
      expect(ratio).toBeLessThan(3);
    }
    expect(figures.oneSided.order).toBeCloseTo(1, 1);
    expect(figures.oneSided.at).toBeLessThan(5e-3);
  });
});
