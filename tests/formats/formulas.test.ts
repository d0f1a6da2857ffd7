// The formulas of activations (src/plan/expressions.ts) against the baseline's functions, which were written independently and
// are held to PyTorch's values by the golden tests.

import { describe, expect, test } from 'vitest';
import { rules } from '../../src/baseline/activations.js';
import { erf } from '../../src/data/special.js';
import { evaluate } from '../../src/formats/expression/evaluate.js';
import {
  breakpointsOf,
  resolveActivation,
  type ElementwiseActivation,
  type Formula,
  formulas,
  stableFormulas,
} from '../../src/plan/activations.js';
import { unitSlope } from '../../src/plan/expressions.js';

const names = Object.keys(formulas) as ElementwiseActivation[];

/** Parameters to try beside the defaults. */
const parameters: Partial<Record<ElementwiseActivation, readonly (readonly [number, number])[]>> = {
  linear: [[-1.5, 0.25]],
  leakyRelu: [
    [0, 0],
    [2, 0],
  ],
  prelu: [[-0.5, 0]],
  elu: [[0.3, 0]],
  celu: [
    [0.3, 0],
    [4, 0],
  ],
};
function parametersOf(name: ElementwiseActivation): readonly (readonly [number, number])[] {
  const { a, b } = resolveActivation(name, 'activation');
  return [[a, b], ...(parameters[name] ?? [])];
}

const grid = [0, -0];
for (let k = -300; k <= 300; k++) grid.push(k / 20);
for (const size of [1e-12, 1e-6, 1e-3, 25, 80, 300]) grid.push(size, -size);

/** The largest difference from the baseline's value, relative to `scale` of it. */
function furthest(name: ElementwiseActivation, formula: Formula, scale: (y: number, z: number) => number): number {
  let largest = 0;
  for (const [a, b] of parametersOf(name))
    for (const z of grid) {
      const y = rules[name].value(z, a, b);
      const difference = Math.abs(evaluate(formula(a, b), z) - y);
      largest = Math.max(largest, difference === 0 ? 0 : difference / scale(y, z));
    }
  return largest;
}

describe.each(names)('%s', (name) => {
  test('the formula gives the values of the baseline, to the rounding of 1 where it cancels', () => {
    expect(furthest(name, formulas[name], (y, z) => Math.max(Math.abs(y), Math.abs(z)))).toBeLessThan(1e-14);
  });

  test('the form to compute with gives them to a relative error of 1e-13, in the tails too', () => {
    expect(furthest(name, stableFormulas[name] ?? formulas[name], (y) => Math.abs(y))).toBeLessThan(1e-13);
  });

  test('breakpoints stand where the formula or one of its first two derivatives jumps, and nowhere else', () => {
    const points = breakpointsOf(name);
    expect([...points].sort((p, q) => p - q)).toEqual([...points]);
    const h = 2 ** -10;
    for (const [a, b] of parametersOf(name)) {
      const f = (z: number) => evaluate(formulas[name](a, b), z);
      // Differences of order 3 and 4 of a smooth function are of the order h^3. One that jumps shows in one of them at order 1, one
      // whose derivative jumps at order h (in the even one), one whose second derivative jumps at order h^2 (in the odd one).
      const third = (z: number) => f(z + 1.5 * h) - 3 * f(z + h / 2) + 3 * f(z - h / 2) - f(z - 1.5 * h);
      const fourth = (z: number) => f(z + 2 * h) - 4 * f(z + h) + 6 * f(z) - 4 * f(z - h) + f(z - 2 * h);
      for (let k = -64; k <= 64; k++) {
        const z = k / 8;
        const jump = (Math.abs(third(z)) + Math.abs(fourth(z))) / h ** 2;
        if (points.includes(z)) expect(jump, `${z}`).toBeGreaterThan(0.1);
        else expect(jump, `${z}`).toBeLessThan(0.02);
      }
    }
  });
});

test('a slope per unit is read where the formula has one', () => {
  const prelu = formulas.prelu(unitSlope, 0);
  expect(evaluate(prelu, -2, 0.25)).toBe(-0.5);
  expect(evaluate(prelu, 2, 0.25)).toBe(2);
  expect(evaluate(prelu, -2)).toBeNaN();
});

test('erf is odd, keeps its digits near 0, and 1 - erf is erfc further out', () => {
  // Values from Abramowitz & Stegun, table 7.1, and the series 2 / sqrt(pi) (x - x^3 / 3 + x^5 / 10) near 0.
  for (const [x, y] of [
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [1.5, 0.9661051465],
    [2, 0.995322265],
  ] as const) {
    expect(erf(x)).toBeCloseTo(y, 10);
    expect(erf(-x)).toBeCloseTo(-y, 10);
  }
  for (const x of [1e-9, 1e-5, 1e-3]) {
    const series = (2 / Math.sqrt(Math.PI)) * (x - x ** 3 / 3 + x ** 5 / 10);
    expect(Math.abs(erf(x) / series - 1)).toBeLessThan(1e-15);
  }
  expect([erf(0), erf(7), erf(-7)]).toEqual([0, 1, -1]);
});
