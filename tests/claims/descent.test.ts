// Pages of the course on descent, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. The rows in brackets are those of docs/course-rows.md.

import { describe, expect, test } from 'vitest';
import { page } from '../support/coursePage.js';

interface Rate {
  measured: number;
  theory: number;
}

describe('the course: descent', { timeout: 180_000 }, () => {
  test('gradient descent is linear at the rate of its worst curvature; SGD goes like 1 / k, or stalls (rows 49, 128, 129, 131, 132, 133)', async () => {
    const { linear, sgd, ends } = (
      await page<{
        linear: Record<string, Rate>;
        ends: Record<string, { steps: number; norm: number; stoppedBy: string; predicted?: number }>;
        sgd: { slope: number; height: number; heightTheory: number; floor: number; floorTheory: number };
      }>('gradient-descent')
    ).figures;
    for (const { measured, theory } of Object.values(linear)) expect(Math.log(measured) / Math.log(theory)).toBeCloseTo(1, 1);
    for (const [name, { steps, norm, stoppedBy, predicted }] of Object.entries(ends)) {
      expect(norm, name).toBeLessThanOrEqual(1.01e-4);
      expect(stoppedBy, name).toBe('gradientTolerance');
      if (predicted !== undefined) expect(Math.abs(steps - predicted), name).toBeLessThanOrEqual(2);
    }
    expect(ends['armijo']!.steps).toBeLessThan(ends['1 / L']!.steps);
    // Means over 12 runs: their spread is 1 / sqrt(12) of the figure, and neighbouring marks share most of their steps.
    expect(sgd.slope).toBeGreaterThan(-1.15);
    expect(sgd.slope).toBeLessThan(-0.85);
    expect(sgd.height / sgd.heightTheory).toBeGreaterThan(0.7);
    expect(sgd.height / sgd.heightTheory).toBeLessThan(1.4);
    expect(sgd.floor / sgd.floorTheory).toBeGreaterThan(0.7);
    expect(sgd.floor / sgd.floorTheory).toBeLessThan(1.4);
  });

  test('momentum takes the root of the condition number (rows 7, 140, 145, 146)', async () => {
    const facts = (await page<Record<string, Record<string, Rate & { steps: number }>>>('momentum')).figures;
    for (const kappa of ['10', '100', '1000']) {
      const plain = facts[kappa]!['gradient descent']!;
      const heavy = facts[kappa]!['heavy ball']!;
      const nesterov = facts[kappa]!['Nesterov']!;
      expect(Math.log(plain.measured) / Math.log(plain.theory)).toBeCloseTo(1, 1);
      // A factor k rides on the heavy ball's: a quarter slower over as few steps as these.
      expect(Math.log(heavy.measured) / Math.log(heavy.theory)).toBeGreaterThan(0.75);
      expect(nesterov.measured).toBeLessThanOrEqual(nesterov.theory);
    }
    expect(facts['1000']!['gradient descent']!.steps / facts['1000']!['heavy ball']!.steps).toBeGreaterThan(10);
    expect(facts['1000']!['gradient descent']!.steps / facts['1000']!['Nesterov']!.steps).toBeGreaterThan(10);
  });

  test('descent turns into divergence at 2 / L; the range test finds a rate that works, and ERR_DIVERGED one that does not (row 50)', async () => {
    const { border, losses, suggestion, network } = (
      await page<{
        border: Rate;
        losses: Record<string, number>;
        suggestion: number;
        network: Record<string, number | string>;
      }>('learning-rate')
    ).figures;
    expect(border.measured / border.theory).toBeCloseTo(1, 3);
    expect(losses['good']!).toBeLessThan(1e-6);
    expect(losses['too small']!).toBeGreaterThan(0.05);
    expect(losses['too large']!).toBeGreaterThan(100);
    expect(suggestion).toBeGreaterThan(1e-4); // not a wobble at the start of the test
    expect(network[suggestion]).toBeLessThan(0.2);
    expect(network['20']).toBe('ERR_DIVERGED');
  });

  test('L-BFGS reaches a loss that no form of Adam gets to in several times as many passes (rows 28, 152)', async () => {
    const { 'L-BFGS, 30 pairs': lbfgs, ...adams } = (
      await page<Record<string, { epochs: number; best: number; reached: boolean }>>('lbfgs')
    ).figures;
    expect(lbfgs!.reached).toBe(true);
    expect(lbfgs!.epochs).toBeLessThan(800);
    for (const [name, { best, epochs }] of Object.entries(adams)) {
      expect(epochs, name).toBe(3000);
      expect(best, name).toBeGreaterThan(3 * lbfgs!.best);
    }
  });

  test('batches: steps, noise, normal equations, and products to a precision (rows 6, 47, 54, 55, 125, 130, 134, 135, 136)', async () => {
    const { figures } = await page<{
      steps: { batches: number; sizes: number[]; newOrder: boolean; sameRows: boolean };
      normal: { exact: number[]; trained: number[] };
      noise: number;
      precisions: { eps: number; steps: number; descent: number; draws: number; stochastic: number }[];
      cost: { n: number; gradient: number; single: number }[];
    }>('batch-size');
    expect(figures.steps).toEqual({ batches: 12, sizes: [32, 32, 32, 4], newOrder: true, sameRows: true });
    figures.normal.exact.forEach((w, i) => expect(figures.normal.trained[i]).toBeCloseTo(w, 4));
    expect(figures.noise).toBeCloseTo(-0.5, 1);
    // log(1 / eps) steps against 1 / eps: equal factors of eps add steps to the one and multiply those of the other.
    const added = figures.precisions.slice(1).map(({ steps }, i) => steps - figures.precisions[i]!.steps);
    for (const steps of added.slice(1)) expect(steps).toBeGreaterThanOrEqual(7);
    for (const steps of added.slice(1)) expect(steps).toBeLessThanOrEqual(9);
    const times = figures.precisions.slice(2).map(({ draws }, i) => draws / figures.precisions[i + 1]!.draws);
    for (const factor of times) expect(factor).toBeGreaterThan(5);
    for (const { n, gradient, single } of figures.cost) expect(gradient).toBe(n * single);
  });

  test('averages in three conventions, and nine rules written out beside the library (rows 56, 137, 138, 139 to 145)', async () => {
    const { figures } = await page<{
      ema: { apart: number; first: number };
      starts: Record<string, number>;
      memory: number[];
      forms: Record<string, number>;
      signs: { same: number; alternating: number };
      valley: { plain: number; momentum: number };
    }>('ema');
    expect(figures.ema.apart).toBeLessThan(1e-15);
    expect(figures.starts['s(1) = y(1)']).toBe(1);
    expect(figures.starts['s(0) = 0']).toBeCloseTo(0.1, 12);
    expect(figures.starts['s(0) = 0, corrected']).toBeCloseTo(1, 12);
    expect(figures.memory[0]).toBeCloseTo(0.01, 12); // row 143
    expect(figures.memory[1]).toBeCloseTo(0.81, 12);
    expect(Object.keys(figures.forms).length).toBe(9);
    for (const [name, off] of Object.entries(figures.forms)) expect(off, name).toBeLessThan(1e-6);
    expect(figures.signs.same).toBeCloseTo(10, 9); // row 144
    expect(figures.signs.alternating).toBeCloseTo(1 / 1.9, 9);
    expect(figures.valley.momentum).toBeLessThan(figures.valley.plain / 10);
  });
});
