import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Sides go with the square of their number, steps with it; more pieces come by themselves; what a hand draws is followed. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(28)).toBeCloseTo(-2, 0.9);
  await page.set('pieces', 128);
  const sharpest = 22 * Math.PI ** 2; // more than the wave's second derivative anywhere
  expect(await page.row(83)).toBeLessThan(sharpest / (8 * 128 ** 2));
  expect(await page.row(86)).toBe(128);
  await page.press('steps: sigmoids');
  expect(await page.row(28)).toBeCloseTo(-1, 0.7);
  expect(await page.number('units')).toBe(127);

  await page.press('Reset');
  expect(await page.number('units')).toBe(1);
  await page.press('Play');
  await page.untilNumber('units', (units) => units >= 4);
  await page.pause();
  await page.press('One more');

  await page.press('sides: ReLUs');
  await page.press('jump');
  await page.set('pieces', 101); // an odd number: the jump lies inside of a side
  expect(await page.number('error')).toBeGreaterThan(0.7);

  await page.press('parabola');
  await page.set('pieces', 64);
  expect(await page.number('error')).toBeCloseTo(1 / 64 ** 2, 5); // 8 / (8 n^2), exactly
  const before = await page.text('error');
  await page.stroke('.surface', [
    [0.2, 0.5],
    [0.3, 0.1],
    [0.6, 0.9],
  ]);
  expect(await page.text('error')).not.toBe(before);
}
