// Which parameters mattered, on functions whose shares are known.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import type { Candidate } from '../../src/search/contract.js';
import { forest } from '../../src/search/forest.js';
import { parameterImportance } from '../../src/search/parameterImportance.js';
import { makeCandidate, drawValue, readSpace } from '../../src/search/space.js';
import { suggestedSpace } from '../../src/search/suggestedSpace.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { withCandidate } from '../../src/search/objective.js';
import { refusal } from '../support/errors.js';

/** Shares of a function over a space, by name. */
function shares(space: object, of: (candidate: Candidate) => number, candidates = 150): Record<string, number> {
  const parameters = readSpace(space);
  const random = new Random(1);
  const tried = Array.from({ length: candidates }, () => {
    const candidate = makeCandidate(parameters, (parameter) => drawValue(parameter, random));
    return { candidate, loss: of(candidate) };
  });
  return Object.fromEntries(parameterImportance(parameters, tried, 0).map(({ name, share }) => [name, share]));
}
const unit = { uniform: [0, 1] };

describe('importance', () => {
  test('is that of an additive function: shares of its variance', () => {
    // Of ranks of 3 a + b: a explains about nine times as much as b, and c nothing.
    const found = shares({ a: unit, b: unit, c: unit }, ({ a, b }) => 3 * (a as number) + (b as number), 300);
    expect(found['a']).toBeGreaterThan(0.75);
    expect(found['b']).toBeGreaterThan(0.02);
    expect(found['b']).toBeLessThan(0.2);
    expect(found['c']).toBeLessThan(0.02);
    expect(found['a']! + found['b']! + found['c']!).toBeLessThan(1.01);
  });

  test('is small for parameters that act only together', () => {
    const sides = ['left', 'right'];
    const found = shares({ a: sides, b: sides, c: unit }, ({ a, b, c }) => (a === b ? 1 : 0) + 0.01 * (c as number), 200);
    expect(found['a']! + found['b']!).toBeLessThan(0.2);
  });

  test('sees categories, logarithms and conditions', () => {
    const space = {
      rule: ['good', 'bad'],
      rate: { logUniform: [1e-5, 1] },
      momentum: { uniform: [0, 1], when: { rule: ['good'] } },
    };
    const found = shares(space, ({ rule, rate }) => (rule === 'bad' ? 5 : 0) + Math.abs(Math.log10(rate as number) + 2));
    expect(found['rule']).toBeGreaterThan(0.5);
    expect(found['rate']).toBeGreaterThan(0.05);
  });

  test('takes a candidate that failed badly for the worst, and no worse than that', () => {
    const space = { a: unit, b: unit };
    const plain = shares(space, ({ a }) => a as number);
    const wild = shares(space, ({ a }) => ((a as number) > 0.98 ? 1e12 : (a as number)));
    expect(wild['a']).toBeCloseTo(plain['a']!, 1);
  });

  test('is not told of few candidates, nor of equal ones', () => {
    expect(shares({ a: unit }, ({ a }) => a as number, 7)).toEqual({});
    expect(shares({ a: unit }, () => 1)).toEqual({});
    expect(shares({ a: [1], b: unit }, ({ b }) => b as number)).toHaveProperty('b');
    expect(shares({ a: [1] }, () => 1)).toEqual({});
  });

  test('is the same each time', () => {
    const of = ({ a, b }: Candidate) => (a as number) * (b as number);
    expect(shares({ a: unit, b: unit }, of)).toEqual(shares({ a: unit, b: unit }, of));
  });
});

describe('a forest', () => {
  test('learns a step and a slope from a hundred rows', () => {
    const random = new Random(2);
    const rows = Array.from({ length: 100 }, () => [random.uniform(), random.uniform()]);
    const of = ([x, y]: readonly number[]) => (x! > 0.5 ? 1 : 0) + y!;
    const answer = forest(rows, rows.map(of), random);
    let error = 0;
    for (let i = 0; i < 200; i++) {
      const row = [random.uniform(), random.uniform()];
      error += Math.abs(answer(row) - of(row)) / 200;
    }
    expect(error).toBeLessThan(0.12); // of a deviation of 0.58
  });

  test('answers one row with its value, and equal rows with their mean', () => {
    expect(forest([[1]], [5], new Random(1))([9])).toBe(5);
    expect(forest([[1], [1], [1], [1]], [0, 0, 4, 4], new Random(1))([1])).toBeCloseTo(2, 0);
  });
});

describe('the suggested space', () => {
  test.each(['classification', 'regression'] as const)(
    'has candidates that estimators take, for tables of any size: %s',
    (task) => {
      for (const rows of [1, 10, 150, 2000, 1_000_000])
        for (const preset of ['quick', 'default', 'best'] as const) {
          const { space, options } = suggestedSpace(task, { rows, preset });
          const parameters = readSpace(space);
          const random = new Random(rows);
          for (let i = 0; i < 10; i++) {
            const candidate = makeCandidate(parameters, (parameter) => drawValue(parameter, random));
            const all = withCandidate({ ...options }, candidate);
            expect(() => (task === 'classification' ? new MLPClassifier(all) : new MLPRegressor(all))).not.toThrow();
          }
        }
    },
  );

  test('refuses what it does not know', () => {
    expect(refusal(() => suggestedSpace('clustering' as never)).message).toMatch(/task: unknown value "clustering"/);
    expect(refusal(() => suggestedSpace('regression', { rows: 0 })).message).toMatch(/suggestedSpace\.rows|rows/);
  });
});
