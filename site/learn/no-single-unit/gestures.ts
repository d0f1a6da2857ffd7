import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** One unit is worth much without dropout and little with it; cut units come back. */
export default async function gestures(page: LearnPage): Promise<void> {
  const without = await page.row(62);
  const whole = await page.number('whole');
  await page.press('cut the one most missed');
  expect(await page.number('loss')).toBeCloseTo(whole + without, 2);
  await page.press('all back');
  expect(await page.number('loss')).toBe(whole);
  await page.set('dropout while it learnt', 0.5);
  const withIt = await page.row(62);
  expect(without).toBeGreaterThan(10 * withIt);
  for (let unit = 0; unit < 3; unit++)
    await page.evaluate((i: number) => document.querySelectorAll<HTMLButtonElement>('.units button')[i]!.click(), unit);
  await page.until(() => document.querySelectorAll('.units button[aria-pressed="true"]').length === 3);
  expect(await page.number('loss')).toBeLessThan((await page.number('whole')) + 0.1);
}
