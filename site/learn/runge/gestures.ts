import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Equal steps swing: 59.822 at degree 20; Chebyshev's points hold; a network on the equal steps does not swing. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.set('degree', 20);
  expect(await page.row(30)).toBeCloseTo(59.822, 2);
  await page.press('a network beside it');
  expect(await page.number('network')).toBeLessThan(0.02);
  await page.press('Chebyshev’s points');
  expect(await page.row(85)).toBeCloseTo(0.015, 3);
  await page.set('degree', 2);
  expect(await page.number('error')).toBeCloseTo(0.601, 3);
  await page.press('equal steps');
  expect(await page.number('error')).toBeCloseTo(0.646, 3);
}
