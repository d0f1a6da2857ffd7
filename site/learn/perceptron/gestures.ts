import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The perceptron ends below its bound; a narrow gap costs more mistakes; exclusive or never ends; the strict rule never begins. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.until(() => /at rest/.test(document.querySelector('.said')?.textContent ?? ''));
  const wide = { mistakes: await page.row(17), total: await page.number('total'), bound: await page.row(18) };
  expect(wide.mistakes).toBe(wide.total);
  expect(wide.mistakes).toBeLessThanOrEqual(wide.bound);
  expect(await page.rowText(14)).toBe('14 of 14');

  await page.set('margin', 0.02);
  expect(await page.row(18)).toBeGreaterThan(10 * wide.bound);
  await page.pause();
  await page.press('Reset');
  expect(await page.number('mistakes')).toBe(0);
  await page.key('ArrowRight');
  expect(await page.number('mistakes')).toBe(1);
  expect(await page.text('weights')).not.toBe('0.00, 0.00, 0.00');

  await page.set('margin', 0.3);
  await page.press('AND');
  await page.press('Reset');
  for (let i = 0; i < 18; i++) await page.press('Step: next mistake');
  expect(await page.number('mistakes')).toBe(18);
  expect(await page.rowText(14)).toBe('4 of 4');
  await page.press('exclusive or');
  expect(await page.rowText(19)).toMatch(/^Not separable: no hyperplane/);
  await page.press('Reset');
  for (let i = 0; i < 4; i++) await page.press('Step: next mistake');
  expect(await page.text('weights')).toBe('0.00, 0.00, 0.00');

  await page.press('AND');
  await page.press('strict rule');
  expect(await page.row(16)).toBe(0);
  await page.press('strict rule');

  // A point dragged over to the others: the line is learnt anew, or there is none.
  const before = await page.text('bound');
  await page.dragBy('.handle', 60, -40);
  expect(await page.text('bound')).not.toBe(before);
}
