import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Weights too large: bare and with a penalty it diverges, clipped it learns; at He's rule nothing needs a limit. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.rowText(102)).toMatch(/^diverged after/);
  expect(await page.text('L2')).toMatch(/^diverged after/);
  expect(await page.number('clipping')).toBeLessThan(0.2);
  const norm = await page.number('norm');
  await page.set('deviation of the first weights', 0.35);
  for (const name of ['nothing', 'L2', 'clipping']) expect(await page.number(name), name).toBeLessThan(0.3);
  expect(await page.number('norm')).toBeLessThan(norm / 10);
  await page.set('deviation of the first weights', 0.6);
  expect(await page.text('nothing')).toMatch(/^diverged after/);
  expect(Number.isFinite(await page.number('clipping'))).toBe(true);
  await page.set('rate', 0.01);
  expect(await page.number('norm')).toBeGreaterThan(norm);
}
