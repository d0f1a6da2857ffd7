import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The fewer rows a step looks at, the more steps an epoch has; on all rows descent ends at the normal equations. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const row of [6, 54]) expect(await page.row(row)).toBe(40); // 4 epochs of 200 rows in batches of 20
  expect(await page.row(55)).toBe(800);
  const some = await page.row(136);
  await page.press('all 200');
  expect(await page.row(6)).toBe(4);
  const all = await page.row(49);
  expect(some).toBeLessThan(all);
  await page.press('one');
  expect(await page.row(6)).toBe(800);
  const before = await page.text('weights');
  await page.press('shuffle anew');
  expect(await page.text('weights')).not.toBe(before);

  await page.press('all 200');
  await page.set('epochs', 12);
  await page.set('rate γ', 0.25);
  const end = await page.text('weights');
  expect(await page.row(49)).toBeLessThan(0.01);
  expect(Math.abs((await page.row(47)) - Number.parseFloat(end))).toBeLessThan(0.02);
  await page.set('rate γ', 0.34); // above 2 / L
  expect(await page.row(49)).toBeGreaterThan(1);
  await page.set('rate γ', 0.1);
  const gap = await page.row(49);
  await page.dragBy('.handle', 60, 60);
  expect(await page.row(49)).not.toBe(gap);
}
