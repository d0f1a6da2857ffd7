import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** With a way around, the first of twenty blocks gets about what the last gets; at size 0 a block is the identity; differing widths need a matrix. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(104)).toBeGreaterThan(0.05);
  expect(await page.number('plain')).toBeLessThan(1e-8);
  expect(await page.rowText(105)).toBe('x P, P [3, 4]');
  await page.set('outputs of a block with 3 inputs', 3);
  expect(await page.rowText(105)).toBe('x itself');
  await page.set('size of the weights in F', 0);
  expect(await page.number('jacobian')).toBe(1);
  expect(await page.number('plainJacobian')).toBe(0);
  await page.set('size of the weights in F', 1.5);
  expect(await page.row(104)).toBeGreaterThan(1);
  await page.set('blocks', 5);
  expect(await page.number('plain')).toBeGreaterThan(1e-3);
}
