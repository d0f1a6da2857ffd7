import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** A fixed rate stalls where the theory says, rates c / k fall like 1 / k. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.untilNumber('runs', (runs) => runs === 16);
  const power = await page.row(133);
  expect(power).toBeGreaterThan(-1.3);
  expect(power).toBeLessThan(-0.75);
  const floor = await page.number('floor');
  const theory = await page.number('floorTheory');
  expect(floor / theory).toBeGreaterThan(0.5);
  expect(floor / theory).toBeLessThan(2);
  expect(await page.row(131)).toBeLessThan(floor / 50);

  await page.set('first rate', 0.02);
  expect(await page.number('floorTheory')).toBeLessThan(theory / 4);
  await page.untilNumber('runs', (runs) => runs === 16);
  expect(await page.number('floor')).toBeLessThan(floor / 2);
  await page.set('c of c / k', 1);
  await page.untilNumber('runs', (runs) => runs === 16);
  expect(await page.row(133)).toBeGreaterThan(-0.95); // too short for the flattest direction
}
