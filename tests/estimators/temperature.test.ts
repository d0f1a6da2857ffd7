// Temperatures: what the logits of a preset’s nets are divided by.

import { describe, expect, test } from 'vitest';
import { logitsOf, lossesAt, temperatureOf } from '../../src/estimators/temperature.js';
import { goldenSection } from '../../src/data/goldenSection.js';
import { Random } from '../../src/data/random.js';

describe('temperature', () => {
  const random = new Random(3, 'classes');
  test.each([0.3, 1, 2.5])('finds back what logits of three classes were divided by: %d', (scale) => {
    const rows = 4000;
    const outputs = new Float32Array(3 * rows);
    const truth = Array.from({ length: rows }, (_, i) => {
      const logits = [0, 1, 2].map(() => 2 * random.normal());
      const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
      const u = total * random.uniform();
      const id = u < Math.exp(logits[0]!) ? 0 : u < Math.exp(logits[0]!) + Math.exp(logits[1]!) ? 1 : 2;
      const sharp = logits.map((z) => Math.exp(z * scale));
      const sum = sharp.reduce((a, b) => a + b, 0);
      sharp.forEach((e, j) => (outputs[3 * i + j] = e / sum));
      return id;
    });
    expect(temperatureOf([{ outputs, columns: 3, truth, weights: undefined, numbers: false }]) / scale).toBeCloseTo(1, 0.9);
  });

  test('of one output, with weights: rows of weight 0 do not count', () => {
    const outputs = Float32Array.from([0.9, 0.9, 0.9, 0.1]);
    const certain = temperatureOf([{ outputs, columns: 1, truth: [1, 1, 1, 0], weights: undefined, numbers: false }]);
    const unsure = temperatureOf([{ outputs, columns: 1, truth: [1, 1, 0, 0], weights: undefined, numbers: false }]);
    // All four right: the best p is 5/6, as one row in six counts for the other class.
    expect(certain).toBeCloseTo(Math.log(9) / Math.log(5), 3);
    expect(unsure).toBeGreaterThan(certain);
    expect(temperatureOf([{ outputs, columns: 1, truth: [1, 1, 0, 0], weights: [1, 1, 0, 1], numbers: false }])).toBeCloseTo(
      certain,
      6,
    );
  });
});

describe('the temperature', () => {
  const random = new Random(8, 'temperatures');
  /** Answers to rows of four classes, right in so many of 100. */
  const answers = (rows: number, columns: number, right: number) => ({
    columns,
    ...{ numbers: false, weights: Array.from({ length: rows }, () => random.between(0.1, 2)) },
    truth: Array.from({ length: rows }, (_, i) => (columns === 1 ? Number(i % 100 < right) : i % 100 < right ? 0 : 1 + (i % 3))),
    outputs: Float32Array.from({ length: rows * columns }, (_, k) =>
      columns === 1 ? random.between(0.6, 0.99) : k % columns === 0 ? 0.7 : 0.3 / (columns - 1),
    ),
  });
  test.each([
    [5, 1, 90],
    [301, 1, 70],
    [301, 4, 60],
    [50, 4, 95],
    [9, 4, 100],
  ])(
    'of %d rows with %d outputs, %d in a hundred of them right, is where golden section finds the least loss',
    (rows, columns, right) => {
      const watched = answers(rows, columns, right);
      const logits = logitsOf(watched);
      const cost = (sharpness: number) => {
        const own = lossesAt(watched, logits, sharpness).reduce((sum, loss) => sum + loss, 0);
        // Each row counts as one in n + 2 of another class.
        const others = Array.from({ length: columns === 1 ? 1 : columns }, (_, other) => other);
        const wrong = others.reduce((sum, other) => {
          const truth = watched.truth.map((id) => (columns === 1 ? 1 - id : other));
          const losses = lossesAt({ ...watched, truth }, logits, sharpness);
          return losses.reduce((total, loss, i) => (columns > 1 && watched.truth[i] === other ? total : total + loss), sum);
        }, 0);
        const share = 1 / (rows + 2);
        return (1 - share) * own + (share * wrong) / Math.max(1, columns - 1);
      };
      const best = Math.exp(goldenSection((z) => cost(Math.exp(z)), -Math.log(8), Math.log(8), 40));
      expect(1 / temperatureOf([watched]) / best).toBeCloseTo(1, 5);
    },
  );

  test('stays between 1/8 and 8 where no number would be enough', () => {
    const outputs = Float32Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 0.51 : 0.49));
    const truth = Array.from({ length: 4000 }, (_, i) => Number(i % 2 === 0));
    const of = (ids: number[]) => temperatureOf([{ outputs, columns: 1, truth: ids, weights: undefined, numbers: false }]);
    expect(of(truth)).toBe(1 / 8);
    expect(of(truth.map((id) => 1 - id))).toBe(8);
  });

  test('is 1 where probabilities do not depend on it, or are no numbers', () => {
    for (const p of [0.5, Number.NaN])
      for (const columns of [1, 2, 3]) {
        const outputs = new Float32Array(9 * columns).fill(p);
        const truth = Array.from({ length: 9 }, (_, i) => i % Math.max(2, columns));
        expect(temperatureOf([{ outputs, columns, truth, weights: undefined, numbers: false }])).toBe(1);
      }
  });
});
