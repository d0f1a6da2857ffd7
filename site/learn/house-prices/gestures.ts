import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The network explains more than a line; the best number of rooms depends on the area, and the line does not know that. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.untilNumber('epochs', (epochs) => epochs === 200);
  const prices = await page.row(108);
  expect(prices).toBeGreaterThan(100);
  expect(await page.number('r2')).toBeGreaterThan(0.98);
  expect(await page.number('lineR2')).toBeLessThan(0.93);
  const priceOf = async (area: number, rooms: number): Promise<{ price: number; line: number }> => {
    await page.set('area, m²', area);
    await page.set('rooms', rooms);
    return { price: await page.number('price'), line: await page.number('line') };
  };
  const [small, crowded] = [await priceOf(60, 2), await priceOf(60, 6)];
  const [empty, large] = [await priceOf(220, 4), await priceOf(220, 8)];
  expect(small.price).toBeGreaterThan(crowded.price); // rooms too small
  expect(large.price).toBeGreaterThan(empty.price);
  expect(crowded.line - small.line).toBeCloseTo(large.line - empty.line, -0.7); // one price a room
  await page.press('garden');
  await page.set('garden, m²', 0);
  const bare = await page.number('price');
  await page.set('garden, m²', 400);
  expect(await page.number('price')).toBeGreaterThan(bare + 30);
  await page.press('Reset');
  expect(await page.number('r2')).toBeLessThan(0.5);
  await page.press('One epoch');
  expect(await page.number('epochs')).toBe(1);
}
