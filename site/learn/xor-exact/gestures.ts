import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Three solutions have loss 0, and so has each with D; the hidden picture is stretched. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const [name, row] of [
    ['signs swapped', 92],
    ['with biases', 94],
    ['first', 91],
  ] as const) {
    await page.press(name);
    expect(await page.row(row)).toBe(0);
    expect(await page.text('answers')).toBe('0.00 1.00 1.00 0.00');
  }
  const before = await page.text('W1');
  await page.set('d1', 45);
  await page.set('d2', 5);
  expect(await page.text('W1')).not.toBe(before);
  expect(await page.row(93)).toBe(0);
  expect(await page.text('answers')).toBe('0.00 1.00 1.00 0.00');
}
