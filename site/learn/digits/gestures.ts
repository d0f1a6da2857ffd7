import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** A hundred test digits, nearly all right; a stroke is a 1, a ring a 0; probabilities are 1 together at any temperature. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(109)).toBe(7); // the first digit of the test set
  expect(await page.row(75)).toBe(1);
  await page.set('temperature', 60);
  expect(await page.row(75)).toBe(1);
  expect(await page.number('p7')).toBeLessThan(60);
  await page.set('temperature', 0);
  expect(await page.number('p7')).toBeGreaterThan(99);

  await page.press('Play');
  await page.until(() => / of 100$/.test(document.querySelector('[data-name="accuracy"]')?.textContent ?? ''));
  expect(await page.row(52)).toBeGreaterThanOrEqual(95);

  await page.press('clear, and draw');
  expect(await page.text('answer')).toBe('nothing yet');
  await page.stroke(
    '.pad',
    [0.15, 0.4, 0.65, 0.85].map((y) => [0.5, y] as const),
  );
  expect(await page.row(109)).toBe(1);
  await page.press('clear, and draw');
  await page.stroke(
    '.pad',
    Array.from(
      { length: 25 },
      (_, i) => [0.5 + 0.25 * Math.sin((2 * Math.PI * i) / 24), 0.5 - 0.35 * Math.cos((2 * Math.PI * i) / 24)] as const,
    ),
  );
  expect(await page.row(109)).toBe(0);
}
