import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The library's weights are the points ahead; steps grow with the condition number for plain descent, with its root for both kinds of momentum. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(Math.abs(await page.row(145))).toBeLessThan(1e-12);
  await page.press('Step');
  expect(await page.evaluate(() => document.querySelector('.plot svg')?.getAttribute('aria-label'))).toMatch(
    /^Step 4 of Nesterov/,
  );
  await page.press('Reset');
  await page.press('heavy ball');
  expect(await page.evaluate(() => document.querySelector('.plot svg')?.getAttribute('aria-label'))).toMatch(
    /^Step 1 of heavy ball/,
  );
  expect(Math.abs(await page.row(145))).toBeLessThan(1e-12);
  const steps = async () => ({
    plain: await page.row(146),
    nesterov: await page.number('to a millionth, Nesterov'),
    ball: await page.number('to a millionth, heavy ball'),
  });
  const few = await steps();
  expect(few.nesterov).toBeLessThan(few.plain / 4);
  await page.set('condition number κ', 60); // 400
  const many = await steps();
  expect(many.plain / few.plain).toBeGreaterThan(3.5);
  expect(many.nesterov / few.nesterov).toBeLessThan(2.6);
  expect(many.ball / few.ball).toBeLessThan(2.6);
  await page.set('momentum β', 0); // plain descent, both
  expect(Math.abs(await page.row(145))).toBeLessThan(1e-12);
  expect(await page.text('nesterov')).toBe(await page.text('ball'));
  await page.set('momentum β', 0.98);
  expect(Math.abs(await page.row(145))).toBeLessThan(1e-12);
  await page.press('Play');
  await page.until(
    () => Number(/^Step (\d+) /.exec(document.querySelector('.plot svg')?.getAttribute('aria-label') ?? '')?.[1]) >= 3,
  );
  await page.pause();
  await page.dragBy('.handle', 50, 10);
  expect(Math.abs(await page.row(145))).toBeLessThan(1e-12);
}
