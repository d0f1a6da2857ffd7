// The statistics of a report against SciPy and scikit-learn: drift between tables, thresholds, leads, and how figures are written.

import { describe, expect, test } from 'vitest';
import { countsApart, driftBetween, kolmogorovSmirnov, worthTelling } from '../../src/data/drift.js';
import { Random } from '../../src/data/random.js';
import { chiSquareAbove } from '../../src/data/special.js';
import { Table } from '../../src/data/table.js';
import { leadOf, scoresOf } from '../../src/report/facts/scores.js';
import { areaUnder, averagePrecision, outcomesAt, thresholdCurve } from '../../src/report/facts/thresholdCurve.js';
import { figure, percent, short, withError } from '../../src/report/page/words.js';
import { fixture } from '../support/fixtures.js';
import { flats, passengers } from './tables.js';

interface Drifts {
  chiSquare: { x: number; freedom: number; above: number }[];
  numbers: { a: number[]; b: number[]; distance: number; p: number }[];
  counts: { a: number[]; b: number[]; p: number }[];
  curves: { scores: number[]; positive: number[]; auc: number; averagePrecision: number }[];
}
const golden = fixture<Drifts>('scipy-drift.json');

/** Equal to nine digits, the fixture's, down to where probabilities are no news. */
const close = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(1e-8 * expected + 1e-12);

test('the tail of chi-square is that of SciPy', () => {
  for (const { x, freedom, above } of golden.chiSquare) close(chiSquareAbove(x, freedom), above);
});

test('the test of Kolmogorov and Smirnov is that of SciPy', () => {
  for (const { a, b, distance, p } of golden.numbers) {
    const found = kolmogorovSmirnov(Float64Array.from(a), Float64Array.from(b));
    close(found.distance, distance);
    close(found.p, p);
  }
});

test('counts are compared as by SciPy, and their distance is half the sum of the differences of shares', () => {
  for (const { a, b, p } of golden.counts) close(countsApart(a, b).p, p);
  expect(countsApart([1, 1], [1, 3]).distance).toBeCloseTo(0.25, 12);
});

describe('drift between tables', () => {
  test('is not told of between rows of one kind, in 50 pairs of tables', () => {
    const told = Array.from(
      { length: 50 },
      (_, i) => worthTelling(driftBetween(passengers(300, 2 * i), passengers(120, 2 * i + 1))).length,
    );
    // 1 % of the pairs by chance: more than three of 50 has probability 2e-3.
    expect(told.filter((n) => n > 0).length).toBeLessThanOrEqual(3);
  });

  test('is told of for numbers, categories and missing cells that moved', () => {
    const random = new Random(1);
    const rows = flats(400, 7).records();
    const before = flats(400, 8);
    const after = rows.map((row, i) => ({
      ...row,
      size: (row['size'] as number) + 25,
      district: i % 3 === 0 ? 'hills' : row['district'],
      built: random.below(5) === 0 ? null : row['built'],
    }));
    const found = worthTelling(driftBetween(before, Table.fromRecords(after)));
    expect(found.map(({ column, what }) => `${column} ${what}`).sort()).toEqual([
      'built missing',
      'district categories',
      'size numbers',
    ]);
  });
});

test('thresholds give the area under the ROC curve and the average precision of scikit-learn, ties included', () => {
  for (const { scores, positive, auc, averagePrecision: precision } of golden.curves) {
    const [p, ones] = [Float64Array.from(scores), positive.map((id) => id === 1)];
    const curve = thresholdCurve(p, ones);
    expect(areaUnder(curve)).toBeCloseTo(auc, 8);
    expect(averagePrecision(curve)).toBeCloseTo(precision, 8);
    // Every point is what its threshold comes to when it is counted row by row; at 0 the rows of score 0 are not above.
    for (const point of curve.slice(0, -1)) expect(outcomesAt(p, ones, point.threshold)).toEqual(point);
  }
});

test('a lead is the difference of the main scores, with the standard error of the mean difference', () => {
  const truth = ['a', 'a', 'b', 'b', 'b'];
  const [own, other] = [
    ['a', 'a', 'b', 'b', 'a'],
    ['b', 'a', 'b', 'a', 'b'],
  ];
  const { mean, error } = leadOf(truth, { predicted: own }, { predicted: other }, 5);
  expect(mean).toBeCloseTo(0.2, 12);
  expect(error).toBeCloseTo(Math.sqrt((3 - 5 * 0.2 ** 2) / 5 / 5), 12); // gains 1, 0, 0, 1, -1
  const numbers = Float64Array.of(1, 2, 3, 5);
  const answers = [Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 2, 2, 2)].map((predicted) => ({ predicted }));
  const [a, b] = answers.map((predictions) => scoresOf(numbers, predictions)['r2']!) as [number, number];
  expect(leadOf(numbers, answers[0]!, answers[1]!, 4).mean).toBeCloseTo(a - b, 12);
});

test('figures are written to the digits that are known', () => {
  expect(withError(0.82054, 0.01629)).toBe('0.821 ± 0.016');
  expect(withError(0.5, 0)).toBe('0.5 ± 0');
  expect(withError(-0.0321, 0.00996)).toBe('\u22120.032 ± 0.010');
  expect(withError(123456, 2345)).toBe('123,500 ± 2,300');
  expect(withError(0.9, Number.NaN)).toBe('0.9');
  expect([figure(300000), figure(-12345.6), figure(5312), figure(1e-5), figure(Number.NaN)]).toEqual([
    ...['300,000', '\u221212,350', '5312', '1.00e\u22125', 'undefined'],
  ]);
  expect([percent(0.5), percent(0.999), percent(0.004), short('a'.repeat(30), 10)]).toEqual([
    '50 %',
    '99.9 %',
    '0.4 %',
    'aaaaaaaaa…',
  ]);
});
