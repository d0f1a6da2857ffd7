import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Gradients of one sign add up to 1 / (1 - beta), alternating ones to 1 / (1 + beta); in a ravine that is less jitter and more way. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(144)).toBeCloseTo(2, 3);
  expect(Math.abs(await page.row(137))).toBeLessThan((await page.number('plain')) / 10);
  const [over, jitter] = (await page.text('across')).split(', ').map(Number);
  expect(over!).toBeLessThan(jitter!);
  const across = async () => (await page.text('across')).split(', ').map(Number) as [number, number];
  await page.set('momentum β', 0.2);
  const [calm, plain] = await across();
  expect(calm).toBeLessThan(plain / 2);
  await page.set('momentum β', 0.8);
  expect((await across())[0]).toBeGreaterThan(plain);
  await page.set('momentum β', 0.9);
  expect(await page.row(144)).toBeCloseTo(10, 2);
  expect(await page.number('alternating')).toBeCloseTo(1 / 1.9, 3);
  await page.set('momentum β', 0);
  expect(await page.row(144)).toBeCloseTo(1, 3);
  expect(await page.row(137)).toBeCloseTo(await page.number('plain'), 9);
  await page.dragBy('.handle', -80, 0);
  expect(await page.number('plain')).toBeLessThan(1.1);
}
