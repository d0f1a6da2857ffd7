import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** What is drawn is what is left; the share dropped is the rate, the others are larger for it; nothing is dropped at rate 0, nor in a prediction. */
export default async function gestures(page: LearnPage): Promise<void> {
  const drawn = (): Promise<{ kept: number; threads: number; dropped: number }> =>
    page.evaluate(() => ({
      kept: document.querySelectorAll('.network line.curve').length,
      threads: document.querySelectorAll('.network line.thread').length,
      dropped: document.querySelectorAll('.network .unit.dropped').length,
    }));
  for (let i = 0; i < 3; i++) {
    await page.press('One more step');
    const { kept, threads, dropped } = await drawn();
    expect(kept + threads).toBe(3 * 6 + 6 * 2);
    expect(await page.row(63)).toBe(kept);
    expect(threads).toBe(5 * dropped); // three lines to it and two from it
  }
  expect(await page.row(61)).toBeCloseTo(50, -0.5);
  expect(await page.number('others')).toBe(2);
  expect(await page.number('mean')).toBeCloseTo(1, 1);
  const predicted = await page.text('predicted');
  await page.press('connections');
  await page.press('One more step');
  expect((await drawn()).dropped).toBe(0);
  expect((await drawn()).threads).toBeGreaterThan(0);
  await page.press('units');
  await page.set('rate p', 0);
  expect(await page.row(112)).toBe(30);
  expect(await page.text('predicted')).toBe(predicted);
  await page.set('rate p', 0.3);
  expect(await page.number('zeros')).toBeCloseTo(30, -0.5);
  expect(await page.number('others')).toBe(1.429);
  await page.press('Play');
  await page.untilNumber('steps', (steps) => steps >= 2);
  await page.pause();
}
