import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Linear layers are one affine map at any depth, tanh layers are not, and the Jacobian's trace is the sum of powers of the eigenvalues. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const layers of [1, 7, 12]) {
    await page.set('layers', layers);
    expect(await page.row(24)).toBe(0);
  }
  await page.press('µz + c');
  expect(await page.row(25)).toBe(0);
  await page.press('tanh');
  expect(await page.number('apart')).toBeGreaterThan(0.1);
  await page.press('identity');
  await page.set('λ1', 1.2);
  await page.set('λ2', 0.5);
  await page.set('layers', 30);
  expect(await page.row(98)).toBeCloseTo(1.2 ** 30 + 0.5 ** 30, 2);
  expect((await page.row(147)) / 237.376).toBeCloseTo(1, 3);
  expect(await page.row(24)).toBe(0);
}
