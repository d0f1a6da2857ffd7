import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Steep sigmoids make a step that is exact; flat ones a hump; its ends can be dragged, and where they meet nothing is left. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.set('weight of both', 60); // the slider's last place
  expect(await page.row(81)).toBe(0);
  expect(await page.number('middle')).toBe(1);
  expect(await page.number('after')).toBe(0);
  expect(await page.number('rise')).toBe(0.004);

  await page.set('weight of both', 1);
  expect(await page.number('middle')).toBeCloseTo(2 / (1 + Math.exp(-0.5)) - 1, 3); // s(1/2) - s(-1/2)

  await page.set('weight of both', 60);
  for (let i = 0; i < 20; i++) await page.key('ArrowRight', '[aria-label="where the step begins"]');
  expect(await page.number('middle')).toBe(0); // both ends at 1: the sigmoids cancel
  await page.dragBy('[aria-label="where the step begins"]', -150, 0);
  expect(await page.number('middle')).toBe(1);
}
