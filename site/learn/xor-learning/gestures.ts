import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Some starts learn it, some end at 1/4, 1/6 or 1/8; with eight units nearly all do. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.press('relu');
  await page.press('24 starts');
  await page.until(() => / of 24$/.test(document.querySelector('[data-name="stuck"]')?.textContent ?? ''));
  const stuck = await page.row(51);
  expect(stuck).toBeGreaterThan(2);
  expect(stuck).toBeLessThan(22);
  expect((await page.rowText(116)).split(', ')).toHaveLength(9);

  await page.pause();
  await page.set('start', 2);
  await page.untilNumber('epoch', (epoch) => epoch === 1500);
  const loss = await page.row(95);
  expect([0, 0.125, 0.1667, 0.25].some((level) => Math.abs(loss - level) < 0.01)).toBe(true);

  await page.press('8');
  await page.press('24 starts');
  await page.until(() => / of 24$/.test(document.querySelector('[data-name="stuck"]')?.textContent ?? ''));
  expect(await page.number('stuck')).toBeLessThan(stuck / 2);
  expect((await page.text('theta')).split(', ')).toHaveLength(33);
}
