import { describe, expect, test } from 'vitest';
import { ema } from '../../src/data/ema.js';
import { codeOf, refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

const { sequence, averages } = fixture<{
  sequence: number[];
  averages: { beta: number; first: number[]; corrected: number[] }[];
}>('course-rows.json');

describe('ema', () => {
  test('gives what pandas gives, from the first value and from 0 with the bias taken out', () => {
    for (const { beta, first, corrected } of averages) {
      const fromFirst = ema(sequence, { beta });
      const fromZero = ema(sequence, { beta, start: 'zero', biasCorrection: true });
      for (let k = 0; k < sequence.length; k++) {
        expect(fromFirst[k]).toBeCloseTo(first[k]!, 7); // the file has nine digits
        expect(fromZero[k]).toBeCloseTo(corrected[k]!, 7);
      }
    }
  });

  test('is the sum of (1 - beta) beta^(k - j) y(j) from 0, and has beta^(k - 1) y(1) in place of its first term from y(1)', () => {
    const y = [3, -1, 4, 1, -5, 9, 2];
    const beta = 0.75;
    for (let k = 1; k <= y.length; k++) {
      let sum = 0;
      for (let j = 1; j <= k; j++) sum += (1 - beta) * beta ** (k - j) * y[j - 1]!;
      expect(ema(y, { beta, start: 'zero' })[k - 1]).toBeCloseTo(sum, 12);
      expect(ema(y, { beta })[k - 1]).toBeCloseTo(sum + beta ** k * y[0]!, 12);
      expect(ema(y, { beta, start: 'zero', biasCorrection: true })[k - 1]).toBeCloseTo(sum / (1 - beta ** k), 12);
    }
  });

  test('takes lists and typed arrays of any length, and refuses what is no number by its place', () => {
    expect(ema([])).toEqual(new Float64Array(0));
    expect(ema(Float32Array.of(2), { beta: 0 })).toEqual(Float64Array.of(2));
    expect(refusal(() => ema([1, Number.NaN])).message).toMatch(/^values\[1\]: expected a finite number/);
    expect(codeOf(() => ema([1, Infinity]))).toBe('ERR_NONFINITE');
    expect(codeOf(() => ema([1, '2'] as never))).toBe('ERR_OPTION');
    expect(codeOf(() => ema(3 as never))).toBe('ERR_TYPE');
    expect(codeOf(() => ema([1], { beta: 1 }))).toBe('ERR_OPTION');
    expect(refusal(() => ema([1], { biasCorrection: true })).message).toMatch(/start: 'zero'/);
  });
});
