import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The library's layer is the formula; shifts and spreads of the batch leave no trace; the sigmoid keeps its slope. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(Math.abs(await page.row(10))).toBeLessThan(1e-5);
  expect(await page.number('mean')).toBeCloseTo(0, 5);
  expect(await page.number('deviation')).toBeCloseTo(1, 3);
  const slope = await page.row(103);
  expect(slope).toBeGreaterThan(2 * (await page.number('slope')));
  await page.set('mean of the batch', 6);
  await page.set('spread of the batch', 0.5);
  expect(await page.row(103)).toBeCloseTo(slope, 1);
  expect(await page.number('slope')).toBeLessThan(1);
  await page.set('γ', 2);
  await page.set('β', -1);
  expect(await page.number('mean')).toBeCloseTo(-1, 4);
  expect(await page.number('deviation')).toBeCloseTo(2, 3);
  expect(Math.abs(await page.row(10))).toBeLessThan(1e-5);
  await page.press('batch norm');
  expect(await page.evaluate(() => document.querySelector('.legend')?.textContent)).not.toContain('normalised');
}
