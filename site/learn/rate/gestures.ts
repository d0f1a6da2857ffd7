import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Between 1 / L and 2 / L it jumps and converges, above it diverges; the loss falls by the square of the larger factor; a line search needs no rate. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const row of [49, 50]) expect(await page.row(row)).toBeCloseTo(0.1, 6);
  expect(await page.row(132)).toBeCloseTo(0.81, 3); // (1 - 0.1)^2
  const plain = await page.row(128);
  expect(plain).toBeGreaterThan(40);
  expect(await page.row(129)).toBeLessThan(plain);
  await page.set('rate γ, in 1 / L', 1.8);
  expect(await page.text('verdict')).toBe('converges');
  expect(await page.row(128)).toBeLessThan(plain);
  expect(await page.number('steep')).toBeCloseTo(-0.8, 6);
  await page.set('rate γ, in 1 / L', 2.1);
  expect(await page.text('verdict')).toBe('diverges');
  expect(await page.rowText(128)).toBe('never');
  expect(await page.row(132)).toBeCloseTo(1.21, 2);
  await page.set('rate γ, in 1 / L', 1);
  await page.set('largest curvature L', 30);
  expect(await page.row(128)).toBeGreaterThan(2 * plain); // a worse ratio of curvatures
  const before = await page.row(128);
  await page.dragBy('.handle', 200, 0);
  expect(await page.row(128)).toBeLessThan(before);
}
