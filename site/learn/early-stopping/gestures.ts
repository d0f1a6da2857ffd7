import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** It ends a patience after its best epoch, whatever the rows; what is kept is better than the bitter end. */
export default async function gestures(page: LearnPage): Promise<void> {
  const draws: { best: number; test: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const best = await page.row(64);
    expect(await page.number('end')).toBe(best + 40);
    expect(best).toBeGreaterThan(5);
    const test = await page.number('test');
    expect(test).toBeLessThan(await page.number('unstopped'));
    draws.push({ best, test });
    await page.press('other rows');
  }
  expect(new Set(draws.map(({ best }) => best)).size).toBe(3); // the moment cannot be counted out beforehand
  for (let i = 3; i < 5; i++) await page.press('other rows'); // round to the first
  await page.set('patience', 1); // patience 1
  const hasty = await page.number('best');
  expect(await page.number('end')).toBe(hasty + 1);
  expect(hasty).toBeLessThanOrEqual(draws[0]!.best);
  await page.set('patience', 60); // 200
  expect(await page.number('end')).toBe((await page.number('best')) + 200);
}
