import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Three ReLUs are a triangle, exactly; two fall for ever; the corners can be moved, and keep their order. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.rowText(82)).toBe('0.00  0.50  1.00  0.50  0.00');
  await page.press('2');
  expect(await page.text('corners')).toBe('0.00  0.50  1.00  0.50  0.00'); // the third is felt only right of its corner
  const slope = (): Promise<string> => page.evaluate(() => document.querySelector('.axes svg')?.getAttribute('aria-label') ?? '');
  expect(await slope()).toContain('2 ReLUs with corners at -1.00, 0.00;');
  await page.press('1');
  expect(await page.text('corners')).toBe('0.00  0.50  1.00  1.50  2.00');
  await page.press('3');
  for (let i = 0; i < 10; i++) await page.key('ArrowDown', '[aria-label="peak"]');
  expect(await page.text('corners')).toBe('0.00  0.25  0.50  0.25  0.00');
  await page.dragBy('[aria-label="left corner"]', 400, 0); // as far as the peak, not beyond it
  expect(await page.text('corners')).toBe('0.00  0.25  0.50  0.25  0.00');
  expect(await slope()).toContain('corners at -0.10, 0.00, 1.00');
}
