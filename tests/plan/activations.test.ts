// The facts in an activation's row, held to the functions themselves: the baseline's, and the core's.

import { describe, expect, test } from 'vitest';
import { Activation } from '../../assembly/abi.js';
import { rules } from '../../src/baseline/activations.js';
import { activationIds, activationNames, activationRow, isElementwise, resolveActivation } from '../../src/plan/activations.js';
import { builds, loadProbe } from '../support/loadProbe.js';

const below = [-1e-3, -0.1, -1, -2.9, -3.1, -10, -50];
const elementwise = activationNames.filter(isElementwise).map((name) => {
  const { a, b } = resolveActivation(name, 'activation');
  return { name, row: activationRow(name), f: (z: number) => rules[name].value(z, a, b) };
});

test('every id of the core has one row, under its name', () => {
  const camel = (id: string) => id[0]!.toLowerCase() + id.slice(1);
  const ids = Object.values(Activation).filter((id) => typeof id === 'string');
  expect(activationNames).toEqual(ids.map(camel));
  for (const name of activationNames) expect(camel(Activation[activationIds[name][0]])).toBe(name);
});

describe.each(builds)('%s', (build) => {
  test('a row keeps the input where the core’s derivative reads it', () => {
    const probe = loadProbe<{ needsInput(id: number): number }>(build);
    for (const name of activationNames) {
      const { keepsInput = false } = activationRow(name);
      expect([name, probe.needsInput(activationIds[name][0]) !== 0]).toEqual([name, keepsInput]);
    }
  });
});

test('bounds are the limits on both sides of what rises from one to the other; without a slope there is nothing to lose', () => {
  for (const { name, row, f } of elementwise) {
    const [low, high] = [f(-1e9), f(1e9)];
    const squashes = low < high && Math.max(-low, high) < 1e6 && row.flat === undefined;
    expect([name, row.bounds !== undefined]).toEqual([name, squashes]);
    if (row.bounds === undefined) continue;
    expect(low).toBeCloseTo(row.bounds[0], 8);
    expect(high).toBeCloseTo(row.bounds[1], 8);
  }
});

test('units can die where the function is 0 for all of z < 0, and only there', () => {
  for (const { name, row, f } of elementwise)
    expect([name, row.flat === undefined && below.every((z) => f(z) === 0)]).toEqual([name, row.canDie ?? false]);
});

test('straight are those whose second differences are 0 away from kinks, but for lines', () => {
  const points = [-9.3, -2.3, -0.7, 0.4, 1.9, 5.1];
  for (const { name, row, f } of elementwise) {
    if (row.flat !== undefined) continue;
    const line = Math.abs(f(1) - 2 * f(0) + f(-1)) < 1e-9 && Math.abs(f(7) - f(6) - f(1) + f(0)) < 1e-9;
    const bends = points.some((z) => Math.abs(f(z + 0.01) - 2 * f(z) + f(z - 0.01)) > 1e-9);
    expect([name, row.straight ?? false]).toEqual([name, !bends && !line]);
  }
});
