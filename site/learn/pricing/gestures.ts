import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Derivatives make prices and, above all, deltas better; so do more calls; all three curves are drawn. */
export default async function gestures(page: LearnPage): Promise<void> {
  const trained = async (): Promise<{ price: number; delta: number }> => {
    await page.untilNumber('epochs', (epochs) => epochs >= 200);
    return { price: await page.row(3), delta: await page.number('delta') };
  };
  const prices = await trained();
  expect(prices.price).toBeLessThan(0.02);
  await page.press('prices and derivatives');
  const both = await trained();
  expect(both.price).toBeLessThan(prices.price);
  expect(both.delta).toBeLessThan(prices.delta / 1.5);
  await page.press('64');
  const few = await trained();
  expect(few.delta).toBeGreaterThan(both.delta);
  for (const greek of ['gamma', 'price', 'delta']) {
    await page.press(greek);
    expect(await page.evaluate(() => document.querySelector('.axes svg')?.getAttribute('aria-label'))).toContain(
      `The ${greek} of a call`,
    );
  }
  await page.set('volatility', 0.5);
  await page.press('Reset');
  expect(await page.number('epochs')).toBe(0);
}
