import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Whatever the sliders say, no plane is better than 1/4; descent ends there, with all derivatives 0. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const [w1, w2, b] of [
    [1, 1, 0],
    [0.5, 0.5, 0.25],
    [-1, 1, 0.5],
  ] as const) {
    await page.set('w1', w1);
    await page.set('w2', w2);
    await page.set('b', b);
    expect(await page.row(96)).toBeGreaterThan(0.25);
  }
  await page.set('w1', 0.1);
  await page.set('w2', 0.1);
  await page.set('b', 0.45); // above one half in three corners, and in the wrong one as well
  expect(await page.rowText(88)).toBe('3 of 4');
  await page.press('Play');
  await page.untilNumber('loss', (loss) => loss === 0.25);
  await page.until(() => document.querySelector('.play')?.textContent === 'Play');
  expect(await page.rowText(89)).toMatch(/^−?0\.000, −?0\.000, −?0\.000$|e−/);
  expect(await page.row(96)).toBe(0.25);
  await page.set('w1', 0);
  await page.set('w2', 0);
  await page.set('b', 0.5);
  expect(await page.rowText(89)).toBe('0.000, 0.000, 0.000');
  expect(await page.rowText(88)).toBe('2 of 4');
}
