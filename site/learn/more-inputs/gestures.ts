import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** One width: each further input makes the error several times as large; a wider layer helps three inputs. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.untilNumber('sweeps', (sweeps) => sweeps === 300);
  const [one, two, three] = [await page.row(31), await page.number('inputs2'), await page.number('inputs3')];
  expect(one).toBeLessThan(two / 5);
  expect(two).toBeLessThan(three / 2);
  await page.press('4');
  await page.untilNumber('sweeps', (sweeps) => sweeps === 300);
  expect(await page.number('inputs3')).toBeGreaterThan(2 * three);
  await page.press('Reset');
  expect(await page.number('sweeps')).toBe(0);
  await page.press('Step');
  expect(await page.number('sweeps')).toBe(3);
}
