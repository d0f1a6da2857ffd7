import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Six layers of two units have 64 pieces; as many units in one layer have 12; layers multiply what a layer folds. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.set('layers', 6);
  expect(await page.row(32)).toBe(64);
  expect(await page.number('units')).toBe(12);
  expect(await page.number('flat')).toBe(12);
  expect(await page.number('needed')).toBe(63);
  await page.press('3');
  expect(await page.number('pieces')).toBe(243); // 3^5: as many layers as can be seen
  await page.press('4');
  expect(await page.number('pieces')).toBe(256);
  await page.press('2');
  await page.press('Reset');
  expect(await page.number('pieces')).toBe(2);
  await page.press('One more layer');
  expect(await page.number('pieces')).toBe(4);
  await page.press('Play');
  await page.untilNumber('pieces', (pieces) => pieces >= 8);
  await page.pause();
}
