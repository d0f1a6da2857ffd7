import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Width 1 comes to the best curve without a turn and no further, with more layers too; width 2 comes to nothing. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.untilNumber('starts', (starts) => starts === 20);
  const floor = await page.number('floor');
  expect(floor).toBeCloseTo(0.0587, 4); // the best monotone fit of these 81 points
  expect(await page.row(127)).toBeCloseTo(floor, 4);
  await page.set('layers', 5);
  await page.untilNumber('starts', (starts) => starts >= 5);
  expect(await page.number('best')).toBeGreaterThanOrEqual(floor);
  await page.set('layers', 3);
  await page.press('2');
  await page.untilNumber('starts', (starts) => starts === 20);
  expect(await page.number('best')).toBeLessThan(1e-4);
  await page.press('Reset');
  await page.press('One start');
  expect(await page.number('starts')).toBe(1);
}
