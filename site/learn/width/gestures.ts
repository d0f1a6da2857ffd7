import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** One unit is a ramp, eight follow the wave; another start may not; three tensors, since there is no output bias. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.set('hidden units K', 1);
  await page.until(() => [...document.querySelectorAll('.play')].every((button) => button.textContent === 'Play'));
  expect(await page.number('error')).toBeCloseTo(0.2407, 3);
  await page.set('hidden units K', 8);
  await page.untilNumber('sweeps', (sweeps) => sweeps === 1000);
  expect(await page.row(29)).toBeLessThan(0.012);
  expect(await page.row(26)).toBe(3);
  await page.set('start', 1);
  await page.until(() => document.querySelector('.play')?.textContent === 'Play');
  expect(await page.number('error')).toBeGreaterThan(0.1); // stuck
  await page.press('Reset');
  expect(await page.number('sweeps')).toBe(0);
  await page.press('1, 2, 4, 8, 16 in turn');
  await page.until(() =>
    /1 units .*2 units .*4 units/.test(document.querySelectorAll('.axes svg')[1]?.getAttribute('aria-label') ?? ''),
  );
  await page.pause();
}
