import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Twenty sigmoids leave next to nothing; ReLU, batch norm and residual blocks pass it on; large weights explode; the diagnosis says so. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const row of [97, 100]) expect(await page.row(row)).toBeLessThan(1e-9);
  expect(await page.rowText(99)).toBe('it vanishes');
  await page.press('diagnose');
  await page.until(() => /^Vanishing gradients/.test(document.querySelector('.said')?.textContent ?? ''));
  for (const kind of ['ReLU, He', 'sigmoid + batch norm', 'sigmoid + residual']) {
    await page.press(kind);
    expect(await page.rowText(99), kind).toBe('it arrives');
  }
  expect(await page.row(104)).toBeGreaterThan(1e-3);
  await page.press('ReLU, He');
  expect(await page.row(103)).toBeGreaterThan(1e-3);
  await page.set('size of the first weights', 45);
  await page.set('layers', 40);
  const exploding = await page.number('factor');
  expect(exploding).toBeGreaterThan(1);
  await page.press('sigmoid');
  await page.set('layers', 40);
  await page.set('size of the first weights', 60); // 8
  expect(await page.rowText(99)).toBe('it arrives');
  await page.set('size of the first weights', 25); // 1
  await page.set('layers', 40);
  expect(await page.row(97)).toBeLessThan(1e-15);
  await page.set('layers', 3);
  expect(await page.row(97)).toBeGreaterThan(1e-4);
}
