import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** A narrow network cannot say it, a wide one of few rows is misled, a short training has not found it; the parts add up to what fresh rows say. */
export default async function gestures(page: LearnPage): Promise<void> {
  const parts = async (): Promise<Record<string, number>> => {
    await page.until(() => /\d/.test(document.querySelector('[data-name="sum"]')?.textContent ?? ''));
    const names = ['noise', 'approximation', 'estimation', 'optimisation', 'sum', 'tested'];
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await page.number(name)] as const)));
  };
  await page.set('sweeps', 60); // the slider's last place
  await page.set('hidden units', 1);
  const narrow = await parts();
  expect(await page.row(126)).toBe(0.04);
  expect(narrow['approximation']).toBeGreaterThan(0.2);
  await page.set('hidden units', 10);
  const wide = await parts();
  expect(wide['approximation']).toBeLessThan(1e-3);
  expect(wide['estimation']).toBeGreaterThan(10 * wide['approximation']!);
  expect(wide['sum']! / wide['tested']!).toBeCloseTo(1, 0.8);
  await page.set('rows', 300);
  const more = await parts();
  expect(more['estimation']).toBeLessThan(wide['estimation']! / 4);
  await page.set('sweeps', 20);
  const short = await parts();
  expect(short['optimisation']).toBeGreaterThan(10 * Math.abs(more['optimisation']!));
  await page.set('noise', 0);
  expect((await parts())['noise']).toBe(0);
}
