import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Along an axis rates for every weight win; turned by 45 degrees they lose their advantage, while plain descent and momentum notice nothing. */
export default async function gestures(page: LearnPage): Promise<void> {
  const names = ['gradient descent', 'momentum', 'Adagrad', 'RMSprop', 'Adam'] as const;
  const times = async () =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await page.number(name)] as const)));
  const along = await times();
  expect(await page.row(56)).toBe(along['gradient descent']);
  expect(await page.text('first')).toBe('momentum');
  expect(await page.text('RMSprop')).toMatch(/not for good$/);
  expect(along['RMSprop']!).toBeLessThan(along['momentum']!);
  expect(along['momentum']!).toBeLessThan(along['gradient descent']!);
  await page.set('turn of the valley', 45);
  const turned = await times();
  for (const racer of ['gradient descent', 'momentum']) expect(turned[racer]!).toBe(along[racer]!);
  expect(turned['RMSprop']!).toBeGreaterThan(1.5 * along['RMSprop']!);
  expect(turned['Adam']!).toBeGreaterThanOrEqual(along['Adam']!);
  await page.press('Reset');
  const seen = () => Number(/after (\d+) steps/.exec(document.querySelector('.plot svg')?.getAttribute('aria-label') ?? '')?.[1]);
  expect(await page.evaluate(seen)).toBe(0);
  await page.press('Step');
  expect(await page.evaluate(seen)).toBe(1);
  await page.press('Play');
  await page.until(
    () => Number(/after (\d+) steps/.exec(document.querySelector('.plot svg')?.getAttribute('aria-label') ?? '')?.[1]) > 5,
  );
  await page.pause();
  await page.dragBy('.handle', 30, 20);
  await page.set('rate of Adagrad, RMSprop, Adam', 30);
}
