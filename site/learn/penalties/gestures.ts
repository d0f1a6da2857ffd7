import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** The model's penalty is the formula's; L2 makes fresh rows better; L1 draws most weights to nothing; a large one makes it flat. */
export default async function gestures(page: LearnPage): Promise<void> {
  const trained = (epochs: number): Promise<unknown> =>
    page.until((least: number) => {
      const label = document.querySelector('.playing .play')?.textContent;
      const done = Number(document.querySelector('[data-name="epochs"]')?.textContent);
      return label === 'Play' || done >= least;
    }, epochs);
  await page.press('none');
  await page.press('Reset');
  await page.press('Play');
  await trained(4000);
  const bare = { test: await page.number('test'), zeros: await page.number('zeros') };
  await page.press('L2');
  await trained(4000);
  expect(await page.row(60)).toBeGreaterThan(0);
  expect(await page.row(60)).toBe(await page.number('byHand'));
  expect(await page.row(8)).toBeGreaterThan(0);
  expect(await page.number('test')).toBeLessThan(bare.test);
  await page.press('L1');
  await trained(4000);
  expect(await page.row(59)).toBe(await page.number('byHand'));
  expect(await page.number('zeros')).toBeGreaterThan(60);
  expect(bare.zeros).toBeLessThan(30);
  await page.set('λ', 60);
  await trained(1000);
  expect(await page.number('training')).toBeGreaterThan(0.5);
}
