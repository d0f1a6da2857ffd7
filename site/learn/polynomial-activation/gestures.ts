import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Polynomial units stay at the best polynomial of their degree, however many; tanh units do not. */
export default async function gestures(page: LearnPage): Promise<void> {
  const settled = (): Promise<number> => page.untilNumber('starts', (starts) => starts === 4);
  for (const units of [3, 16, 64]) {
    await page.set('hidden units', units);
    await settled();
    const [error, best] = [await page.row(27), await page.number('best')];
    expect(error / best).toBeCloseTo(1, 2);
    expect(best).toBeGreaterThan(0.2); // least squares: a parabola is far from the wave
  }
  await page.press('z + z³');
  await settled();
  expect((await page.number('error')) / (await page.number('best'))).toBeCloseTo(1, 1);
  await page.press('tanh z');
  await page.set('hidden units', 8);
  await page.untilNumber('error', (error) => error < 0.01);
  expect(await page.text('best')).toBe('–');
  await page.set('wave turns', 6);
  await page.untilNumber('error', (error) => error < 0.1);
}
