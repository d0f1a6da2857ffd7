// The pages of the course, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. Also the fifty-layer example, in a short version.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { page, run } from '../support/coursePage.js';

interface Rate {
  measured: number;
  theory: number;
}

describe('the course', { timeout: 180_000 }, () => {
  test('gradient descent is linear at the rate of its worst curvature; SGD goes like 1 / k, or stalls', async () => {
    const { linear, sgd } = (
      await page<{
        linear: Record<string, Rate>;
        sgd: { slope: number; height: number; heightTheory: number; floor: number; floorTheory: number };
      }>('gradient-descent')
    ).figures;
    for (const { measured, theory } of Object.values(linear)) expect(Math.log(measured) / Math.log(theory)).toBeCloseTo(1, 1);
    // Means over 12 runs: their spread is 1 / sqrt(12) of the figure, and neighbouring marks share most of their steps.
    expect(sgd.slope).toBeGreaterThan(-1.15);
    expect(sgd.slope).toBeLessThan(-0.85);
    expect(sgd.height / sgd.heightTheory).toBeGreaterThan(0.7);
    expect(sgd.height / sgd.heightTheory).toBeLessThan(1.4);
    expect(sgd.floor / sgd.floorTheory).toBeGreaterThan(0.7);
    expect(sgd.floor / sgd.floorTheory).toBeLessThan(1.4);
  });

  test('momentum takes the root of the condition number', async () => {
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

  test('descent turns into divergence at 2 / L; the range test finds a rate that works, and ERR_DIVERGED one that does not', async () => {
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

  test('a large network learns sixty noisy points by heart, and every regulariser helps', async () => {
    const facts = (await page<Record<string, { trainLoss: number; testLoss: number; testError: number }>>('overfitting')).figures;
    const { nothing, ...helped } = facts;
    expect(nothing!.trainLoss).toBeLessThan(0.1);
    expect(nothing!.testLoss).toBeGreaterThan(Math.LN2); // worse than guessing
    expect(Object.keys(helped).length).toBe(9);
    for (const [name, { testLoss }] of Object.entries(helped)) expect(testLoss, name).toBeLessThan(0.7 * nothing!.testLoss);
    const { stops } = helped['early stopping'] as unknown as { stops: { best: number; epochs: number }[] };
    for (const { best, epochs } of stops) {
      expect(best).toBeGreaterThan(10); // a moment that was looked for, not the first
      expect(epochs).toBe(best + 40);
    }
  });

  test('twenty sigmoid layers lose the gradient; ReLU with He, batch norm and residual blocks do not', async () => {
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

  test('steps and triangles set by hand are exact, and follow any function at 1 / n and 1 / n^2', async () => {
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

  test('the perceptron stays below its bound in any order, and exclusive or is proved to be beyond it', async () => {
    const { margins, xor } = (
      await page<{
        margins: { most: number; bound: number; converged: boolean }[];
        xor: { converged: boolean; separable: boolean };
      }>('perceptron')
    ).figures;
    for (const { most, bound, converged } of margins) {
      expect(converged).toBe(true);
      expect(most).toBeLessThanOrEqual(bound);
    }
    expect(xor).toMatchObject({ converged: false, separable: false });
  });

  test('every activation has the derivative of its value; sign and step refuse', async () => {
    const {
      sign,
      step,
      'unit step': unit,
      ...facts
    } = (await page<Record<string, { worst: number; steepest: number } | string | number[]>>('activations')).figures;
    expect([sign, step]).toEqual(['ERR_OPTION', 'ERR_OPTION']);
    expect(unit).toEqual([0, 1, 1]);
    // softsign's second derivative jumps by 4 at 0, which a difference over 1/256 sees as 4e-3.
    for (const [name, fact] of Object.entries(facts)) expect((fact as { worst: number }).worst, name).toBeLessThan(5e-3);
    expect(facts['sigmoid']).toMatchObject({ steepest: 0.25 });
  });

  test('gradient checks pass on every layer kind and find half a gradient; the best step is where theory has it', async () => {
    const { valley, wrong, ...nets } = (
      await page<{
        valley: { best: number; least: number; rising: number; falling: number };
        wrong: { ok: boolean; error: number };
      }>('gradient-check')
    ).figures;
    for (const error of Object.values(nets as unknown as Record<string, number>)) expect(error).toBeLessThan(1e-5);
    expect(valley.least).toBeLessThan(1e-10);
    expect(valley.rising).toBeCloseTo(4, 0);
    expect(valley.falling).toBeCloseTo(-1, 0);
    expect(wrong.ok).toBe(false);
    expect(wrong.error).toBeCloseTo(0.5, 2);
  });

  test('He keeps the signal through thirty ReLU layers, other rules lose it at the rate of the theory; equal weights stay equal', async () => {
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

  test('L-BFGS reaches a loss that no form of Adam gets to in several times as many passes', async () => {
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

  test('fifty layers train on MNIST with skips, and not without', async () => {
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
