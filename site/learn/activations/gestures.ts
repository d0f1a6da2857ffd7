import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Values and slopes are those of the formulas, a difference says the same, and tails are flat. */
export default async function gestures(page: LearnPage): Promise<void> {
  await page.set('z', 0);
  expect(await page.row(36)).toBe(0.5);
  expect(await page.row(100)).toBe(0.25);
  await page.set('z', -5);
  const f = await page.row(36);
  expect(f).toBeCloseTo(sigmoid(-5), 4);
  expect(await page.row(100)).toBeCloseTo(sigmoid(-5) * (1 - sigmoid(-5)), 4);
  expect(await page.row(122)).toBe(await page.row(100));
  expect(await page.row(100)).toBeLessThan(0.01); // flat in the tail

  const names = ['tanh', 'relu', 'leakyRelu', 'prelu', 'elu', 'celu', 'selu', 'gelu', 'silu', 'softplus', 'softsign', 'mish'];
  const values: Record<string, number> = { tanh: Math.tanh(1), relu: 1, elu: 1, celu: 1, gelu: 0.8413, silu: sigmoid(1) };
  await page.set('z', 1);
  for (const name of names) {
    await page.set('activation', name);
    if (name in values) expect.soft(await page.row(117), name).toBeCloseTo(values[name]!, 3);
    expect.soft(Math.abs((await page.number('difference')) - (await page.number('slope'))), name).toBeLessThan(5e-3);
  }
  expect(await page.row(72)).toBeGreaterThan(0.8);
  await page.set('beside it', 'relu');

  await page.set('activation', 'step');
  expect(await page.row(37)).toBe(1);
  expect(await page.text('slope')).toBe('none to learn by');
  await page.key('ArrowLeft', '.handle');
  await page.dragBy('.handle', -250, 0);
  expect(await page.row(37)).toBe(0);
}
