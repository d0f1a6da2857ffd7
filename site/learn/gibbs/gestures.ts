import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The overshoot is 8.95 % of the jump with 80 sines as the theory says; fewer come to nearly as much; it grows by itself. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.set('sines', 80);
  expect(await page.row(84)).toBe(8.95);
  expect(await page.row(85)).toBe(8.95);
  expect(await page.number('limit')).toBe(8.949);
  const peak = await page.number('peak');
  expect(peak).toBeCloseTo(Math.PI / 160, 3);
  await page.press('near the jump');
  await page.set('sines', 20);
  expect(await page.number('overshoot')).toBeCloseTo(8.96, 1);
  expect(await page.number('peak')).toBeGreaterThan(3.9 * peak);
  await page.press('Reset');
  await page.press('One more');
  await page.press('Play');
  await page.until(() => Number((document.querySelector('input[type="range"]') as HTMLInputElement).value) >= 4);
  await page.pause();
}
