import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** A step on all rows costs as many times as there are rows; log(1 / eps) steps against 1 / eps: few rows and high precision, or many rows and low. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.until(() => /mean of 12 runs/.test(document.querySelector('.legend')?.textContent ?? ''));
  for (const row of [125, 135]) expect(await page.rowText(row)).toBe('1,600');
  expect(await page.number('one')).toBe(4);
  expect(await page.text('cheaper')).toBe('one row');
  const steps = await page.row(134);
  const draws = await page.number('draws');
  await page.set('precision ε', 12); // 0.001
  const [more, many] = [await page.row(134), await page.number('draws')];
  expect(more).toBeLessThan(2 * steps);
  expect(many).toBeGreaterThan(4 * draws);
  await page.set('rows n', 1);
  expect(await page.text('cheaper')).toBe('all rows');
  await page.set('rows n', 60);
  expect(await page.text('cheaper')).toBe('one row');
  expect(await page.rowText(125)).toBe('4,000,000');
  const before = await page.number('steps');
  await page.key('ArrowLeft', '.handle');
  expect(await page.number('steps')).toBeLessThanOrEqual(before);
}
