// Pages of the course on approximation, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. The rows in brackets are those of docs/course-rows.md.

import { describe, expect, test } from 'vitest';
import { page } from '../support/coursePage.js';

describe('the course: approximation', { timeout: 180_000 }, () => {
  test('steps and triangles set by hand are exact, and follow any function at 1 / n and 1 / n^2 (rows 26, 28, 42, 81, 82, 83, 91)', async () => {
    const facts = (
      await page<{
        xor: number[];
        step: number[];
        triangle: number[];
        'steps order': number;
        'triangles order': number;
        bounds: { steepest: number; sharpest: number };
        errors: { steps: [number, number][]; triangles: [number, number][] };
      }>('approximation')
    ).figures;
    expect(facts.xor).toEqual([0, 1, 1, 0]);
    expect(facts.step).toEqual([0, 1, 0]);
    expect(facts.triangle).toEqual([0, 0, 0.5, 1, 0.5, 0, 0]);
    expect(facts['steps order']).toBeCloseTo(-1, 0.9);
    expect(facts['triangles order']).toBeCloseTo(-2, 0.9);
    for (const [n, error] of facts.errors.steps) expect(error).toBeLessThan(facts.bounds.steepest / (2 * n));
    for (const [n, error] of facts.errors.triangles) expect(error).toBeLessThan(facts.bounds.sharpest / (8 * n * n));
  });

  test('wider is better, more inputs are harder, and depth does what width cannot (rows 26, 29, 31, 32, 127)', async () => {
    const { figures } = await page<{
      width: Record<string, number>;
      inputs: Record<string, number>;
      tensors: number;
      tent: { pieces: number; units: number; off: number };
      narrow: Record<string, number>;
    }>('width');
    expect(figures.tensors).toBe(3); // row 26: no output bias
    expect(figures.width['1']).toBeGreaterThan(0.2);
    expect(figures.width['16']).toBeLessThan(0.01);
    expect(figures.inputs['1']!).toBeLessThan(figures.inputs['2']! / 5);
    expect(figures.inputs['2']!).toBeLessThan(figures.inputs['3']! / 2);
    expect(figures.tent).toEqual({ pieces: 64, units: 12, off: 0 });
    expect(figures.narrow['1']).toBeGreaterThan(0.02);
    expect(figures.narrow['2']).toBeLessThan(1e-4);
  });

  test('polynomials through equal steps swing wild, sines overshoot by 8.949 %, and no width of polynomial neurons does better than a polynomial (rows 27, 30, 84)', async () => {
    const { figures } = await page<{
      runge: { equal: Record<string, number>; chebyshev: Record<string, number>; lagrange20: number };
      gibbs: Record<string, number>;
      trained: { error: number; residual: number };
      network: number;
      onlyIf: Record<string, number[]> & { best: Record<string, number> };
    }>('polynomials');
    expect(figures.runge.equal['20']).toBeCloseTo(59.822, 2);
    expect(figures.runge.lagrange20).toBeCloseTo(59.822, 2);
    expect(figures.runge.chebyshev['20']).toBeLessThan(0.02);
    expect(figures.network).toBeLessThan(0.02);
    expect(figures.trained.residual).toBeGreaterThan(1e-3);
    const { onlyIf } = figures; // row 27
    for (const error of onlyIf['polynomial 1 + z + z^2']!) expect(error / onlyIf.best['2']!).toBeCloseTo(1, 2);
    for (const error of onlyIf['polynomial z + z^3']!) expect(error / onlyIf.best['3']!).toBeCloseTo(1, 1);
    expect(onlyIf['tanh']![1]).toBeLessThan(onlyIf.best['3']! / 20);
    expect(figures.gibbs['theory']).toBeCloseTo(0.08949, 5);
    expect(figures.gibbs['80']).toBeCloseTo(0.08949, 3);
    expect(figures.gibbs['20']).toBeCloseTo(0.0896, 3);
  });
});
