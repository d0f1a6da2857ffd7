// Pages of the course on neurons, run as a reader runs them, against the library as built: each measures a fact of the course, and the
// measured figure has to be the theory's. The rows in brackets are those of docs/course-rows.md.

import { describe, expect, test } from 'vitest';
import { page } from '../support/coursePage.js';

describe('the course: neurons', { timeout: 180_000 }, () => {
  test('the perceptron stays below its bound in any order, and exclusive or is proved to be beyond it (rows 14 to 19, 35, 65)', async () => {
    const { margins, xor, rules } = (
      await page<{
        margins: { most: number; bound: number; converged: boolean }[];
        xor: { converged: boolean; separable: boolean };
        rules: Record<string, { weights: number[]; mistakes: number; right: boolean }>;
      }>('perceptron')
    ).figures;
    for (const { most, bound, converged } of margins) {
      expect(converged).toBe(true);
      expect(most).toBeLessThanOrEqual(bound);
    }
    expect(xor).toMatchObject({ converged: false, separable: false });
    // AND: the rule with <= 0 learns it; the strict one never leaves 0, and learns it from a start of one's own.
    expect(rules['y f(x) <= 0, from 0']).toMatchObject({ weights: [3, 2, -4], mistakes: 18, right: true });
    expect(rules['y f(x) < 0, from 0']).toMatchObject({ weights: [0, 0, 0], mistakes: 0 });
    const [w1, w2, b] = rules['y f(x) < 0, from (1, -1), b = 1']!.weights as [number, number, number];
    for (const [i, [x1, x2]] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ].entries())
      expect(w1 * x1! + w2 * x2! + b >= 0, `AND of ${x1} and ${x2}`).toBe(i === 3 || w1 * x1! + w2 * x2! + b === 0);
  });

  test('every activation has the derivative of its value; sign and step refuse (rows 25, 36, 37, 72, 100, 117, 122)', async () => {
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

  test('one neuron ends at 1/2 on exclusive or, two hidden ones do it in four ways, and training finds it from some starts (rows 42, 51, 88 to 95, 116)', async () => {
    const { figures } = await page<{
      line: { weights: number[]; bias: number; loss: number; gradient: number[] };
      perceptron: { weights: number[]; mistakes: number }[];
      solutions: Record<string, { outputs: number[]; loss: number; right: number }>;
      trained: Record<string, { solved: number; levels: number[] }>;
    }>('xor');
    const { line, perceptron, solutions, trained } = figures;
    for (const w of line.weights) expect(Math.abs(w)).toBeLessThan(1e-6); // row 89: w = 0, b = 1/2, loss 1/4
    expect(line.bias).toBeCloseTo(0.5, 6);
    expect(line.loss).toBeCloseTo(0.25, 6);
    expect(line.gradient).toEqual([0, 0, 0]);
    for (const [i, { weights, mistakes }] of perceptron.entries()) {
      expect(weights).toEqual([0, 0, 0]); // row 90: round and round
      expect(mistakes).toBe(4 * (i + 1));
    }
    expect(Object.keys(solutions).length).toBe(4); // rows 91 to 94
    for (const [name, { outputs, loss, right }] of Object.entries(solutions)) {
      expect(loss, name).toBeLessThan(1e-12);
      expect(outputs.map(Math.round), name).toEqual([0, 1, 1, 0]);
      expect(right, name).toBe(4);
    }
    for (const [name, { solved, levels }] of Object.entries(trained)) {
      expect(solved, name).toBeGreaterThan(10); // row 51: some starts solve it, others stop where they should not
      expect(solved, name).toBeLessThan(60);
      for (const level of levels) expect([0.125, 0.166, 0.167, 0.25]).toContain(level); // 1/8, 1/6, 1/4
    }
  });

  test('layers without activations are one affine map, and powers of a matrix those of its eigenvalues (rows 23, 24, 25, 80, 98, 147)', async () => {
    const { figures, text } = await page<{
      parameters: number[];
      identity: { affine: number; jacobian: number };
      tanh: { affine: number; jacobian: number };
      linear: number[];
      trace: { measured: number; theory: number };
      powers: number[];
    }>('linear-collapse');
    expect(figures.parameters).toEqual([42, 32, 10]);
    expect(text).toContain('W1 [5, 7]'); // inputs in rows, units in columns
    expect(figures.identity.affine).toBeLessThan(1e-5);
    expect(figures.identity.jacobian).toBeLessThan(1e-5);
    expect(figures.tanh.affine).toBeGreaterThan(0.1);
    expect(figures.linear).toEqual([-5, -2, 4]);
    expect(figures.trace.theory).toBeCloseTo(1.2 ** 30 + 0.5 ** 30, 9);
    expect(figures.trace.measured / figures.trace.theory).toBeCloseTo(1, 4);
    expect(figures.powers[0]! / 1.2 ** 30).toBeCloseTo(1, 4);
    expect(figures.powers[1]! / 0.5 ** 30).toBeCloseTo(1, 4);
  });

  test('gates are lines, circles want features of degree 2 or three hidden neurons, and the SVM is that of libsvm (rows 12, 34, 38 to 41, 76, 77, 78, 107)', async () => {
    const { figures } = await page<{
      gates: Record<string, number[]>;
      raw: number;
      degree2: number;
      svm: { weights: number[]; objective: number; right: number };
      libsvm: { weights: number[]; objective: number };
      hidden: number[];
    }>('boundaries');
    expect(Object.values(figures.gates)).toEqual([
      [0, 0, 0, 1],
      [0, 1, 1, 1],
      [0, 1, 1, 0],
    ]);
    expect(figures.raw).toBeLessThan(0.6);
    expect(figures.degree2).toBe(1);
    figures.svm.weights.forEach((w, i) => expect(w).toBeCloseTo(figures.libsvm.weights[i]!, 2));
    expect(figures.svm.objective / figures.libsvm.objective).toBeCloseTo(1, 4);
    const [one, two, three, four] = figures.hidden as [number, number, number, number];
    expect(one).toBeLessThan(two);
    expect(two).toBeLessThan(0.9);
    expect(three).toBeGreaterThan(0.97);
    expect(four).toBeGreaterThan(0.98);
  });

  test('losses have the values of their formulas, and conventions come to each other (rows 43, 45, 48, 59, 60, 66 to 71, 111, 123)', async () => {
    const { figures } = await page<{
      margins: Record<string, { values: number[]; off: number }>;
      rosenblatt: { rule: number[]; descent: number[] };
      homogeneous: number[];
      wander: { fixed: number[]; falling: number[] };
      logistic: { neuron: number[]; newton: number[] };
      conventions: Record<string, [number, number]>;
      landscape: number[];
      parabola: number;
    }>('losses');
    expect(Object.keys(figures.margins)).toEqual(['zeroOne', 'hinge', 'squaredHinge', 'perceptron', 'modifiedHuber', 'logistic']);
    for (const [name, { off }] of Object.entries(figures.margins)) expect(off, name).toBeLessThan(2e-6);
    expect(figures.margins['modifiedHuber']!.values[0]).toBe(8);
    figures.rosenblatt.rule.forEach((w, i) => expect(figures.rosenblatt.descent[i]).toBeCloseTo(w, 4)); // row 67
    expect(figures.homogeneous[1]! / figures.homogeneous[0]!).toBeCloseTo(3, 5); // row 68
    expect(figures.homogeneous[2]).toBe(0);
    const [least, most] = figures.wander.fixed as [number, number]; // row 69
    const [low, high] = figures.wander.falling as [number, number];
    expect(most - least).toBeGreaterThan(20 * (high - low));
    expect(low).toBeLessThan(least);
    figures.logistic.neuron.forEach((w, i) => expect(w).toBeCloseTo(figures.logistic.newton[i]!, 3)); // row 43
    expect(Object.keys(figures.conventions).length).toBe(6);
    for (const [name, [library, formula]] of Object.entries(figures.conventions))
      expect(library / formula, name).toBeCloseTo(1, 5);
    expect(figures.landscape[0]).toBeCloseTo(1 / 3, 6); // row 48: residuals 1, 0, 0
    expect(figures.parabola).toBeCloseTo(10 / 3, 2);
  });
});
