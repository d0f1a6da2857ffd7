import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The machine learns the circles whatever the start; two hidden neurons do not, eight do. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.press('2');
  await page.untilNumber('epochs', (epochs) => epochs === 1200);
  expect(await page.row(76)).toBe(100);
  expect(await page.row(107)).toBe(100);
  expect(await page.row(78)).toBe(2);
  expect(await page.row(77)).toBeLessThan(93);
  const few = await page.number('support');

  await page.set('C', 5); // a place of the slider: C = 0.02
  await page.press('8');
  await page.untilNumber('epochs', (epochs) => epochs === 1200);
  expect(await page.row(77)).toBeGreaterThan(97);
  expect(await page.row(34)).toBe(await page.row(77));
  expect(await page.number('support')).toBeGreaterThan(few);
}
