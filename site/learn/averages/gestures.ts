import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Two steps back counts beta squared: 81 % at 0.9, 1 % at 0.1; three beginnings, of which two start at the first value. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(138)).toBeCloseTo(1, 9);
  expect(await page.row(143)).toBe(81);
  await page.set('β', 0.1);
  expect(await page.row(143)).toBe(1);
  await page.set('β', 0.9);
  await page.press('s(0) = 0');
  expect(await page.row(138)).toBeCloseTo(0.1, 6);
  expect(await page.number('sum')).toBeLessThan(0.97);
  await page.press('s(0) = 0, corrected');
  expect(await page.row(138)).toBeCloseTo(1, 6);
  expect(await page.number('sum')).toBeCloseTo(1, 3);
  expect(await page.number('memory')).toBeCloseTo(10, 6);
  const label = () => document.querySelector('.plot svg')?.getAttribute('aria-label') ?? '';
  const before = await page.evaluate(label);
  await page.dragBy('.handle', 80, 0);
  expect(await page.evaluate(label)).not.toBe(before);
  await page.key('ArrowLeft', '.handle');
  await page.set('noise', 0);
  expect(await page.row(143)).toBe(81);
}
