// Pages of the course on depth, and the fifty-layer example in a short version, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. The rows in brackets are those of docs/course-rows.md.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { page, run } from '../support/coursePage.js';

interface Rate {
  measured: number;
  theory: number;
}

describe('the course: depth', { timeout: 180_000 }, () => {
  test('twenty sigmoid layers lose the gradient; ReLU with He, batch norm and residual blocks do not (rows 10, 97, 99, 100, 103, 104)', async () => {
    const facts = (
      await page<Record<string, { ratio: number; accuracy: number; healthy: boolean; problems: string[] }>>('vanishing')
    ).figures;
    expect(facts['sigmoid']!.ratio).toBeLessThan(1e-9);
    expect(facts['sigmoid']!.problems).toEqual(['vanishing']);
    expect(facts['sigmoid']!.accuracy).toBeLessThan(0.6);
    for (const name of ['relu, He', 'sigmoid, batch norm', 'sigmoid, residual']) {
      expect(facts[name]!.healthy, name).toBe(true);
      expect(facts[name]!.ratio, name).toBeGreaterThan(1e-3);
      expect(facts[name]!.accuracy, name).toBeGreaterThan(0.9);
    }
  });

  test('He keeps the signal through thirty ReLU layers, other rules lose it at the rate of the theory; equal weights stay equal (rows 99, 103)', async () => {
    const { equal, random, ...starts } = (
      await page<
        Record<string, Rate & { problems: string[] }> & {
          equal: { units: number; loss: number };
          random: { units: number; loss: number };
        }
      >('initialisation')
    ).figures;
    for (const [name, { measured, theory }] of Object.entries(starts)) expect(measured / theory, name).toBeCloseTo(1, 1);
    expect(starts['normal 0.01']!.problems).toContain('vanishing');
    expect(starts['normal 0.25']!.problems).toContain('exploding');
    expect(starts['He: 2 / n']!.problems).toEqual([]);
    expect(equal.units).toBe(1);
    expect(equal.loss).toBeGreaterThan(0.2);
    expect(random.units).toBe(8);
    expect(random.loss).toBeLessThan(1e-3);
  });

  test('dead ReLUs stay dead, clipping stops what penalties do not, and diagnose tells who stands still (rows 99, 101, 102, 105)', async () => {
    const { figures } = await page<{
      dead: { kinds: string[]; share: number; moved: boolean };
      explosion: Record<string, number | string>;
      still: Record<string, { healthy: boolean; moved: number; loss: number }>;
      projection: string[];
    }>('trouble');
    expect(figures.dead).toEqual({ kinds: ['dyingRelu'], share: 1, moved: false });
    expect(figures.explosion['bare']).toBe('ERR_DIVERGED');
    expect(figures.explosion['l2 0.1']).toBe('ERR_DIVERGED');
    expect(figures.explosion['clip.globalNorm 1']).toBeLessThan(100);
    expect(figures.still['1 / n']!.healthy).toBe(false);
    expect(figures.still['1 / n']!.moved).toBeLessThan(1e-4);
    expect(figures.still['1 / n']!.loss).toBeCloseTo(Math.LN2, 2);
    expect(figures.still["He's 2 / n"]!.loss).toBeLessThan(0.2);
    expect(figures.projection).toContain('layers.0.projection.weight [3, 4]');
  });

  test('fifty layers train on MNIST with skips, and not without (row 104)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mnist-deep-'));
    const script = join(import.meta.dirname, '../../examples/mnist-deep.js');
    type Net = { weightMatrices: number; loss: number; testError: number; steps: number };
    const { figures } = await run<Record<'plain' | 'residual', Net>>(script, folder, '--images=9600');
    rmSync(folder, { recursive: true });
    const { plain, residual } = figures;
    expect([plain.weightMatrices, residual.weightMatrices]).toEqual([50, 50]);
    expect(residual.steps).toBe(300);
    expect(residual.testError).toBeLessThan(15);
    expect(plain.testError).toBeGreaterThan(60);
    expect(plain.loss).toBeGreaterThan(2); // guessing is 2.30
  });
});
