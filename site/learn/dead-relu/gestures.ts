import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Lower biases leave fewer units; where all are dead nothing moves at all; a leaky ReLU learns where a ReLU is stuck. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(101)).toBe(7);
  const stuck = await page.number('loss');
  await page.press('leaky ReLU');
  expect(await page.number('loss')).toBeLessThan(stuck / 10);
  await page.press('ReLU');
  await page.set('first biases', -4);
  expect(await page.row(101)).toBe(8);
  expect(await page.number('moved')).toBe(0);
  await page.press('diagnose');
  await page.until(() => /^Dying ReLU/.test(document.querySelector('.said')?.textContent ?? ''));
  await page.press('leaky ReLU');
  expect(await page.number('moved')).toBeGreaterThan(1);
  await page.press('ReLU');
  await page.set('first biases', 0);
  expect(await page.row(101)).toBe(0);
  expect(await page.number('loss')).toBeLessThan(0.01);
}
