import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Five ways to write it, each with the library's own steps; momentum gets there sooner, too much of it circles. */
export default async function gestures(page: LearnPage): Promise<void> {
  const agree = async (...rows: number[]) => {
    for (const row of rows) expect(Math.abs(await page.row(row)), `row ${row}`).toBeLessThan(1e-12);
  };
  await agree(7);
  const [with_, without] = [await page.number('steps'), await page.number('plain')];
  expect(with_).toBeLessThan(without);
  await page.press('differences of θ');
  await agree(140);
  await page.press('sum of all gradients');
  await agree(142);
  await page.press('β(k)');
  await agree(141);
  await page.press('average (EMA)');
  await agree(139);
  await page.press('velocity');
  const left = await page.number('left');
  await page.set('momentum β', 0.98);
  expect(await page.number('left')).toBeGreaterThan(100 * left);
  await page.set('momentum β', 0);
  expect(await page.number('steps')).toBe(without);
  await page.dragBy('.handle', 40, 30);
  await agree(7);
}
