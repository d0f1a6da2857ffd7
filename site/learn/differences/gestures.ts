import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** One-sided differences are off by h, central ones by its square, both by rounding at last; passes grow with the weights, backpropagation's do not. */
export default async function gestures(page: LearnPage): Promise<void> {
  const oneSided = await page.row(148);
  expect(oneSided).toBeGreaterThan(1e-4);
  expect(oneSided).toBeLessThan(1e-2);
  expect(await page.row(53)).toBeLessThan(1e-5);
  expect(await page.text('orders')).toMatch(/^1\.0\d and (1\.9|2\.0)\d$/);
  await page.set('step h', -10);
  expect(await page.row(148)).toBeGreaterThan(1e-7); // rounding
  await page.set('step h', -5);
  expect(await page.row(53)).toBeLessThan(1e-9);

  expect(await page.row(149)).toBe(203_540);
  expect(await page.number('weights')).toBe(101_770);
  const ratio = await page.row(150);
  expect(ratio).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(3.01);
  await page.set('hidden units of 784-?-10', 60);
  expect(await page.row(149)).toBe(2 * (784 * 1000 + 1000 + 1000 * 10 + 10));
  expect(await page.row(150)).toBeLessThan(3.01);
}
