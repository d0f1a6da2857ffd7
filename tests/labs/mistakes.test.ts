// Classic mistakes, made in the code of the solutions, are each called by name. The solution itself passes, whatever is hidden.

import { describe, expect, test } from 'vitest';
import { labs } from '../../src/labs/lessons/labs.js';
import { failureOf, labOf, verdictOn } from '../support/labs.js';
import { backpropagationMistakes } from './mistakes/backpropagation.js';
import { forwardMistakes } from './mistakes/forward.js';
import { l2Mistakes } from './mistakes/l2.js';
import { minibatchMistakes } from './mistakes/minibatch.js';
import { momentumMistakes } from './mistakes/momentum.js';
import { pricingMistakes } from './mistakes/pricing.js';
import type { Row } from './mistakes/row.js';

const mistakes: Readonly<Record<number, readonly Row[]>> = {
  1: forwardMistakes,
  2: backpropagationMistakes,
  3: minibatchMistakes,
  4: momentumMistakes,
  5: l2Mistakes,
  6: pricingMistakes,
};

describe.each(labs)('lab $number', (lab) => {
  test('the solution passes, on whatever networks, rows and numbers are hidden', async () => {
    for (const seed of [0, 1, 2, 99, -7]) {
      const verdict = await verdictOn(lab, [], seed);
      expect(failureOf(verdict)).toBeUndefined();
      expect(verdict.passed).toBe(true);
    }
  });

  test('at least six mistakes in it are called by name', () => {
    expect(new Set(mistakes[lab.number]!.map(([name]) => name)).size).toBeGreaterThanOrEqual(6);
  });

  test.each(mistakes[lab.number]!.map((row) => [row[0], row[1], row.slice(2)] as const))(
    '%s, in %s',
    async (mistake, found, changes) => {
      for (const seed of [0, 5]) {
        const failure = failureOf(await verdictOn(labOf(lab.number), changes as [string, string][], seed));
        expect(failure).toMatchObject({ function: found, mistake });
        expect(failure!.hint).toMatch(/./);
        expect(failure!.message).toMatch(/your code gives .* expected |has length \d+, expected \d+/);
      }
    },
  );
});
