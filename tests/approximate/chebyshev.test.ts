// The forecast for a Chebyshev tensor against tensors that are built.

import { describe, expect, test } from 'vitest';
import { forecastChebyshev } from '../../src/approximate/chebyshev.js';
import { sobol } from '../../src/data/sobol.js';

/** The least degree of an interpolant in Chebyshev points of one variable whose 0.999 quantile of errors stays within `error`. */
function neededDegree(f: (x: number) => number, error: number): number {
  const points = Array.from({ length: 2001 }, (_, i) => -1 + i / 1000);
  for (let n = 0; n < 2000; n = n < 64 ? n + 1 : Math.ceil(n * 1.1)) {
    const nodes = Array.from({ length: n + 1 }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / (n + 1)));
    const values = nodes.map(f);
    const coefficients = Array.from({ length: n + 1 }, (_, k) => {
      const sum = values.reduce((total, value, i) => total + value * Math.cos((k * Math.PI * (i + 0.5)) / (n + 1)), 0);
      return ((k === 0 ? 1 : 2) * sum) / (n + 1);
    });
    const errors = points
      .map((x) => Math.abs(f(x) - coefficients.reduce((sum, c, k) => sum + c * Math.cos(k * Math.acos(x)), 0)))
      .sort((a, b) => a - b);
    if (errors[Math.floor(0.999 * errors.length)]! <= error) return n;
  }
  return 2000;
}

/** The 0.999 quantile of the errors of the interpolant of degree n along both axes. */
function tensorError(f: (x: number, y: number) => number, n: number): number {
  const nodes = Array.from({ length: n + 1 }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / (n + 1)));
  const weights = nodes.map((_, k) => (k % 2 === 0 ? 1 : -1) * Math.sin((Math.PI * (k + 0.5)) / (n + 1)));
  const lagrange = (x: number) => {
    const parts = nodes.map((node, k) => weights[k]! / (x - node));
    const sum = parts.reduce((a, b) => a + b, 0);
    return parts.map((part) => part / sum);
  };
  const errors: number[] = [];
  for (const [x, y] of sobol(2048, 2, { seed: 3 })
    .toArray()
    .map((row) => row.map((u) => 2 * u - 1)) as [number, number][]) {
    const [across, along] = [lagrange(x), lagrange(y)];
    let sum = 0;
    for (let i = 0; i <= n; i++) for (let j = 0; j <= n; j++) sum += across[i]! * along[j]! * f(nodes[i]!, nodes[j]!);
    errors.push(Math.abs(f(x, y) - sum));
  }
  return errors.sort((a, b) => a - b)[Math.floor(0.999 * errors.length)]!;
}

const forecast = (inputs: number, f: (x: readonly number[]) => number, error: number, rows = 2048) => {
  const points = sobol(rows, inputs, { seed: 1 });
  const u = points.data.map((x) => 2 * x - 1);
  const y = Float64Array.from({ length: rows }, (_, i) => f([...u.subarray(i * inputs, (i + 1) * inputs)]));
  return forecastChebyshev({ data: u, shape: [rows, inputs] }, { data: y, shape: [rows, 1] }, error);
};

describe('the forecast for a Chebyshev tensor', () => {
  test("is within a factor of 1.5 for Runge's function, whose coefficients fall geometrically", () => {
    const runge = (x: number) => 1 / (1 + 25 * x * x);
    for (const error of [1e-2, 1e-4, 1e-6]) {
      const { degrees, decay, evaluations } = forecast(1, ([x]) => runge(x!), error);
      const needed = neededDegree(runge, error);
      expect(decay).toEqual(['geometric']);
      expect(degrees[0]! / needed).toBeGreaterThan(1 / 1.5);
      expect(degrees[0]! / needed).toBeLessThan(1.5);
      expect(evaluations).toBe(degrees[0]! + 1);
    }
  });

  test('is within a factor of 4 for a kink, whose coefficients fall as a power of the degree', () => {
    const kink = (x: number) => Math.abs(x - 0.1);
    for (const error of [1e-2, 3e-3, 1e-3]) {
      const { degrees, decay } = forecast(1, ([x]) => kink(x!), error);
      const needed = neededDegree(kink, error);
      expect(decay).toEqual(['algebraic']);
      expect(degrees[0]! / needed).toBeGreaterThan(1 / 4);
      expect(degrees[0]! / needed).toBeLessThan(4);
    }
  });

  test('is within a factor of 5 for a kink along the diagonal of a square', () => {
    const f = (x: number, y: number) => Math.abs(x - y);
    for (const error of [0.05, 0.02]) {
      let n = 4;
      while (tensorError(f, n) > error) n += 2;
      const { evaluations } = forecast(2, ([x, y]) => f(x!, y!), error);
      expect(evaluations / (n + 1) ** 2).toBeGreaterThan(1 / 5);
      expect(evaluations / (n + 1) ** 2).toBeLessThan(5);
    }
  });

  test('is exact for a polynomial: its degree along each axis, and not more', () => {
    const { degrees, decay, evaluations } = forecast(3, ([x, y, z]) => 3 + x! ** 4 + x! * y! - 2 * z! ** 2, 1e-9);
    expect(degrees).toEqual([4, 1, 2]);
    expect(decay).toEqual(['polynomial', 'polynomial', 'polynomial']);
    expect(evaluations).toBe(30);
  });

  test('of a product of analytic functions needs the product of what each needs', () => {
    const f = (x: number) => 1 / (2 + x);
    const g = (x: number) => Math.exp(x);
    const error = 1e-5;
    const { degrees, evaluations } = forecast(2, ([x, y]) => f(x!) * g(y!), error);
    expect(Math.abs(degrees[0]! - neededDegree((x) => f(x) * Math.E, error))).toBeLessThanOrEqual(2);
    expect(Math.abs(degrees[1]! - neededDegree((x) => g(x), error))).toBeLessThanOrEqual(2);
    expect(evaluations).toBe((degrees[0]! + 1) * (degrees[1]! + 1));
  });

  test('of several outputs is that of the one that needs the most, and a constant needs one call', () => {
    const points = sobol(512, 1, { seed: 1 });
    const u = points.data.map((x) => 2 * x - 1);
    const both = Float64Array.from({ length: 1024 }, (_, k) => (k % 2 === 0 ? 5 : Math.exp(3 * u[k >> 1]!)));
    const rows = { data: u, shape: [512, 1] as const };
    const two = forecastChebyshev(rows, { data: both, shape: [512, 2] }, 1e-3);
    expect(two.degrees[0]).toBeGreaterThan(5);
    const flat = forecastChebyshev(rows, { data: new Float64Array(512).fill(5), shape: [512, 1] }, 1e-3);
    expect(flat.evaluations).toBe(1);
  });
});
