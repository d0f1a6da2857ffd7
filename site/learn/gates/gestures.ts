import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Each gate is done by a line, exclusive or by none of a thousand, and by two; a dragged end changes the weights. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const [gate, row, answers] of [
    ['AND', 39, '0 0 0 1'],
    ['OR', 40, '0 1 1 1'],
    ['NOT x1', 38, '1 1 0 0'],
  ] as const) {
    await page.press(gate);
    await page.press('show lines that do it');
    expect(await page.rowText(row)).toBe(answers);
    expect(await page.text('right')).toBe('4 of 4');
  }
  const before = await page.rowText(12);
  await page.dragBy('.handle', 50, 30);
  expect(await page.rowText(12)).not.toBe(before);
  await page.key('ArrowUp', '.handle');

  await page.press('exclusive or');
  await page.press('one neuron');
  await page.press('try 1000 lines');
  expect(await page.text('best')).toBe('3 of 4');
  expect(await page.evaluate(() => document.querySelectorAll('[data-row="41"]').length)).toBe(2);
  await page.rowText(41);
  await page.press('show lines that do it');
  expect(await page.rowText(42)).toBe('0 1 1 0');
}
