import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The trace of the Jacobian of k layers is the sum of the powers of the eigenvalues; along an eigenvector lengths go like one power. */
export default async function gestures(page: LearnPage): Promise<void> {
  const same = async () => {
    const trace = await page.row(98);
    expect(Math.abs(trace - (await page.number('theory')))).toBeLessThan(1e-3 * Math.max(1, Math.abs(trace)));
    return trace;
  };
  await same();
  await page.set('λ₁', 1.2);
  await page.set('λ₂', 0.5);
  await page.set('layers k', 30);
  expect(await same()).toBeCloseTo(237.376, 2);
  await page.set('λ₁', -1);
  await page.set('layers k', 7);
  expect(await same()).toBeCloseTo(-1 + 0.5 ** 7, 3);
  await page.set('λ₁', 0.5);
  expect(await page.number('length')).toBeCloseTo(0.5 ** 7, 4); // both the same: every vector shrinks alike
  await page.dragBy('.handle', 40, 40);
  expect(await page.number('length')).toBeCloseTo(0.5 ** 7, 4);
}
