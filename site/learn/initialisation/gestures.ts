import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Each layer multiplies the signal by the root of v / 2: He's 2 / n keeps it, others lose or blow it up; equal weights stay equal. */
export default async function gestures(page: LearnPage): Promise<void> {
  const near = async () => {
    const factor = await page.row(103);
    expect(factor / (await page.number('theory'))).toBeGreaterThan(0.93);
    expect(factor / (await page.number('theory'))).toBeLessThan(1.07);
  };
  await near();
  expect(await page.text('state')).toBe('the signal dies');
  await page.set('variance of a weight, times n', 2);
  await near();
  expect(await page.text('state')).toBe('the signal stays');
  await page.set('variance of a weight, times n', 6);
  await near();
  expect(await page.text('state')).toBe('the signal explodes');
  await page.press('train from equal weights');
  await page.until(() => /of 8/.test(document.querySelector('[data-name="random"]')?.textContent ?? ''));
  expect(await page.text('equal')).toMatch(/^1 of 8, loss 0\.2/);
  expect(await page.text('random')).toMatch(/^8 of 8/);
}
