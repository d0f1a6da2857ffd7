import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

/** Every number on the picture is the library's; the equations written out agree to rounding, differences to six digits. */
export default async function gestures(page: LearnPage): Promise<void> {
  for (const row of [4, 22, 44, 113]) expect(await page.row(row)).toBeCloseTo(0.0804, 4);
  for (const row of [118, 119, 120, 121]) expect(Math.abs(await page.row(row))).toBeLessThan(1e-15);
  const agree = async () => {
    const gradient = await page.row(74);
    expect(await page.row(114)).toBe(gradient);
    expect(await page.row(53)).toBeCloseTo(gradient, 5);
    return gradient;
  };
  expect(await agree()).toBeCloseTo(-0.0218, 4);
  await page.press('BP1');
  expect(await page.evaluate(() => document.querySelectorAll('.numbered .delta').length)).toBe(2);
  await page.press('BP2');
  expect(await page.evaluate(() => document.querySelectorAll('.numbered .delta').length)).toBe(4);
  await page.press('BP3 and BP4');
  for (const weight of ['w21, layer 1', 'b2, layer 1', 'w12, layer 2', 'b1, layer 2']) {
    await page.set('weight', weight);
    await agree();
    expect(await page.evaluate(() => document.querySelector('.said')?.textContent)).toMatch(/^dC\/d[wb]/);
  }
  // A click on a line chooses its weight; an input of 0 leaves nothing of the derivatives of what leads away from it.
  await page.evaluate(() => document.querySelector('.numbered .hit')!.dispatchEvent(new MouseEvent('click', { bubbles: true })));
  expect(await page.evaluate(() => document.querySelector<HTMLSelectElement>('label select')?.value)).toBe('w11, layer 1');
  await page.set('x₁', 0);
  expect(Math.abs(await agree())).toBe(0);
  await page.set('x₁', 1.5);
  await page.set('its value', -1.25);
  expect(Math.abs(await agree())).toBeGreaterThan(1e-4);
  for (const row of [118, 119, 120, 121]) expect(Math.abs(await page.row(row))).toBeLessThan(1e-15);
}
