import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** One unit misses its rows, three fit, sixty learn them by heart; a row that is pulled is followed; more rows cure it. */
export default async function gestures(page: LearnPage): Promise<void> {
  const trained = async (place: number): Promise<{ training: number; test: number; verdict: string }> => {
    await page.set('hidden units', place);
    await page.untilNumber('sweeps', (sweeps) => sweeps === 1500);
    return { training: await page.row(57), test: await page.number('test'), verdict: await page.text('verdict') };
  };
  const under = await trained(1); // 1 unit: the first place of the slider
  const right = await trained(17); // 3 units
  const over = await trained(60); // 60
  await page.row(58);
  expect(under.training).toBeGreaterThan(2 * right.training);
  expect(under.verdict).toContain('underfits');
  expect(right.verdict).toContain('It fits');
  expect(over.training).toBeLessThan(right.training);
  expect(over.test).toBeGreaterThan(1.3 * right.test);
  expect(over.verdict).toContain('overfits');
  const widths = () => document.querySelectorAll('.plot svg, .axes svg')[1]?.getAttribute('aria-label') ?? '';
  expect(await page.evaluate(widths)).toMatch(/^1 units: .*; 3 units: .*; 60 units: /);
  await page.stroke('.surface', [
    [0.5, 0.5],
    [0.5, 0.1],
  ]);
  expect(await page.evaluate(widths)).toMatch(/^60 units: [^;]*$/); // of other rows, all is learnt anew
  await page.press('pull a row up');
  await page.set('rows', 300);
  await page.untilNumber('sweeps', (sweeps) => sweeps === 1500);
  expect(await page.number('test')).toBeLessThan(0.25);
  await page.press('other rows');
  await page.press('Reset');
  expect(await page.number('sweeps')).toBe(0);
}
