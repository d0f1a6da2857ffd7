import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** 1,120 multiply-adds a price; watts scale both bills and leave the crossing; many prices are cheaper by the network, few by simulation. */
export default async function gestures(page: LearnPage): Promise<void> {
  expect(await page.row(11)).toBe(1120);
  expect(await page.rowText(3)).toMatch(/\d/); // a number of prices, not never
  const bills = async (): Promise<{ network: number; simulation: number }> => ({
    network: await page.number('network'),
    simulation: await page.number('simulation'),
  });
  await page.set('prices asked for', 60); // a hundred million
  const many = await bills();
  expect(many.network).toBeLessThan(many.simulation);
  const pays = await page.text('pays');
  await page.set('watts of the processor', 60); // 100 W
  const hot = await bills();
  expect(hot.simulation / many.simulation).toBeCloseTo(25, -0.5);
  expect(await page.text('pays')).toBe(pays);
  await page.set('prices asked for', 1); // ten
  const few = await bills();
  expect(few.network).toBeGreaterThan(few.simulation);
  await page.press('20,000');
  await page.press('64');
  expect(await page.number('times')).toBeGreaterThan(1);
  await page.press('Measure again');
}
