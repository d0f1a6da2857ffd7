// What estimators say of their targets: a few extreme numbers that carry most of the squared spread, and classes of which one has nearly all rows.

import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv/index.js';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { extremeTargets } from '../../src/estimators/extremeTargets.js';
import { MLPRegressor, type MLPRegressorOptions } from '../../src/estimators/regressor.js';

type Draw = (random: Random) => number;
const exponential: Draw = (random) => -Math.log(1 - random.uniform());
const lognormal =
  (sigma: number, middle = 1): Draw =>
  (random) =>
    middle * Math.exp(sigma * random.normal());
/** By Knuth's product of uniform numbers. */
const poisson =
  (rate: number): Draw =>
  (random) => {
    let count = -1;
    for (let product = 1; product > Math.exp(-rate); count++) product *= 1 - random.uniform();
    return count;
  };
const drawn = (draw: Draw, rows: number, seed: number) => {
  const random = new Random(seed, 'targets');
  return Float64Array.from({ length: rows }, () => draw(random));
};

describe('extreme targets', () => {
  const usual: [string, Draw][] = [
    ['normal', (random) => 20 + 5 * random.normal()],
    ['uniform', (random) => random.uniform()],
    ['exponential', exponential],
    ['the square of exponential', (random) => exponential(random) ** 2],
    ['lognormal with sigma 1', lognormal(1)],
    ['prices', (random) => Math.round(lognormal(0.5, 180_000)(random))],
    ['counts', poisson(3)],
    ['rare counts', poisson(0.05)],
    ['counts whose rate varies', (random) => poisson(2 * exponential(random))(random)],
    ['mostly 0, else amounts', (random) => (random.uniform() < 0.05 ? Math.round(lognormal(0.8, 4000)(random)) : 0)],
    ['profits and losses', (random) => (random.uniform() < 0.3 ? -1 : 1) * exponential(random)],
    ['always the same', () => 7],
    ['one of two numbers', (random) => (random.uniform() < 0.004 ? 1 : 0)],
  ];

  test.each(usual)('are none where targets are %s', (_, draw) => {
    for (const rows of [10, 30, 100, 400, 3000])
      for (let seed = 0; seed < 6; seed++)
        expect(extremeTargets(drawn(draw, rows, seed)), `${rows} rows, seed ${seed}`).toBeUndefined();
  });

  const spoilt: [string, Draw, (value: number) => number, number][] = [
    ['a fare with a slip of the key', (random) => 3 + 12 * exponential(random), () => 8525, 3],
    ['prices in cents', lognormal(0.5, 200), (value) => 100 * value, 2],
    ['a code for missing', (random) => 15 + 8 * random.normal(), () => -9999, 1],
    ['a count that ran over', poisson(3), () => 65535, 1],
    ['one of numbers that are mostly 0', (random) => (random.uniform() < 0.2 ? poisson(5)(random) : 0), () => 99_999, 1],
    ['signs of both kinds', (random) => random.normal(), (value) => 1e6 * (value < 0 ? -1 : 1), 2],
  ];

  test.each(spoilt)('are found: %s', (_, draw, spoil, count) => {
    for (const rows of [60, 400, 3000])
      for (let seed = 0; seed < 4; seed++) {
        const values = drawn(draw, rows, seed);
        const at = Array.from({ length: count }, (__, k) => 7 + 11 * k);
        for (const i of at) values[i] = spoil(values[i]!);
        const found = extremeTargets(values)!;
        expect(found.count).toBe(count);
        expect(at).toContain(found.row);
        expect(found.furthest).toBe(values[found.row]);
        // By the definition, in two passes.
        const mean = values.reduce((sum, value) => sum + value, 0) / rows;
        const squares = [...values].map((value) => (value - mean) ** 2);
        const all = squares.reduce((sum, square) => sum + square, 0);
        expect(found.share).toBeCloseTo(at.reduce((sum, i) => sum + squares[i]!, 0) / all, 10);
        expect(found.share).toBeGreaterThan(0.5);
      }
  });

  test('one among ten rows is found, and a group of a fiftieth is none', () => {
    expect(extremeTargets(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 900))).toMatchObject({ count: 1, row: 9, furthest: 900 });
    expect(extremeTargets(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 900))).toBeUndefined();
    const group = drawn((random) => random.normal(), 1000, 1).fill(5000, 0, 20);
    expect(extremeTargets(group)).toBeUndefined();
    expect(extremeTargets(group.slice(15))).toMatchObject({ count: 5 });
  });

  const rows = 60;
  const x = Array.from({ length: rows }, (_, i) => [i % 9, (i * 7) % 5]);
  const y = x.map(([a, b]) => 3 + a! + b!);
  const notes = (targets: unknown, options: MLPRegressorOptions = {}) =>
    new MLPRegressor({ epochs: 1, onWarning: false, ...options }).fitSync(x, targets as number[]).notes.join(' ');
  const spoiled = y.with(17, 8525);

  test('are named by fit with their row, what they carry, and the ways out', () => {
    expect(notes(y)).not.toContain('extreme');
    const said = notes(spoiled);
    expect(said).toMatch(
      /^y has 1 extreme value in 60 rows, 8525 \(row 17; the median is 9\)\. It carries 98 % of the squared spread, so R\^2/,
    );
    expect(said).toContain(
      "Drop it if it is an error; if it is real, use loss: 'huber' or 'meanAbsoluteError', or learn the logarithm.",
    );
    expect(notes(spoiled.with(3, -4000))).toMatch(
      /2 extreme values in 60 rows, the furthest 8525 \(row 17; .* or learn asinh of it/,
    );
    for (const preset of ['quick', 'none'] as const) expect(notes(spoiled, { preset })).toContain('y has 1 extreme value');
    const warned: string[] = [];
    new MLPRegressor({ epochs: 1, onWarning: ({ code, message }) => warned.push(`${code}: ${message}`) }).partialFit(x, spoiled);
    expect(warned.join()).toMatch(/^WARN_DATA: y has 1 extreme value/);
  });

  test('with a loss that takes them in their stride only the score is spoken of', () => {
    for (const options of [{ loss: 'huber' }, { loss: 'mae' }, { quantiles: [0.1, 0.5, 0.9] }] as const)
      expect(notes(spoiled, options)).toMatch(/if it is real, learn the logarithm\.$/);
    for (const loss of ['mse', 'gaussianNll'] as const) expect(notes(spoiled, { loss })).toContain("use loss: 'huber'");
  });

  test('of a table are named by its line, of several targets by their column', () => {
    const table = parseCsv(`a,b,fare\n${x.map((row, i) => [...row, spoiled[i]].join()).join('\n')}\n`, { source: 'taxi.csv' });
    const [note] = new MLPRegressor({ epochs: 1, onWarning: false }).fitSync(table, 'fare').notes;
    expect(note).toMatch(/^"fare" has 1 extreme value in 60 rows, 8525 \(taxi\.csv line 19; the median is 9\)/);
    expect(notes(y.map((value, i) => [value, spoiled[i]!]))).toMatch(/^Column 1 of y has 1 extreme value/);
  });
});

describe('classes of which one has nearly all rows', () => {
  const labels = (rows: number, rare: number, names: readonly string[] = ['no', 'yes']) =>
    Array.from({ length: rows }, (_, i) => names[i < rare ? 1 + (i % (names.length - 1)) : 0]!);
  const notes = (y: readonly string[], options = {}) =>
    new MLPClassifier({ epochs: 1, onWarning: false, ...options })
      .fitSync(
        y.map((_, i) => [i % 7, (i * 5) % 11]),
        y,
      )
      .notes.join(' ');

  test('are named with the accuracy of always that one, what to go by, and what helps', () => {
    expect(notes(labels(1000, 2))).toContain(
      'y is "no" in 998 of 1000 rows: always that has an accuracy of 0.998, so accuracy says little of the other 2 rows. Go by the balanced ' +
        "accuracy, the log loss and what is taken for what (the confusion matrix); classWeight: 'balanced' lets the other 2 rows count as much, " +
        'and chooseThreshold sets from which probability on a class is said.',
    );
    const several = notes(labels(400, 4, ['a', 'b', 'c']));
    expect(several).toContain('y is "a" in 396 of 400 rows');
    expect(several).not.toContain('chooseThreshold');
    expect(notes(labels(400, 4), { classWeight: 'balanced' })).toMatch(/matrix\); chooseThreshold sets/);
    expect(notes(labels(400, 4, ['a', 'b', 'c']), { classWeight: 'balanced' })).toMatch(/\(the confusion matrix\)\.$/);
  });

  test('are not where the others have a twentieth of the rows, or there are fewer than twenty', () => {
    expect(notes(labels(400, 20))).not.toContain('always that');
    expect(notes(labels(400, 19))).toContain('always that has an accuracy of 0.9525');
    expect(notes(labels(19, 1))).not.toContain('always that');
    // Nobody of several labels a row is always right.
    const many = Array.from({ length: 60 }, (_, i) => [i === 0 ? 1 : 0, 0]);
    expect(
      new MLPClassifier({ epochs: 1, onWarning: false }).fitSync(
        many.map((_, i) => [i]),
        many,
      ).notes,
    ).toEqual([]);
  });
});

describe('findings', () => {
  const rows = Array.from({ length: 60 }, (_, i) => [i % 7, (i * 5) % 11]);
  const kindsOf = (model: MLPClassifier | MLPRegressor) => model.findings.map(({ kind }) => kind);

  test('have kinds for programs, and notes are the same in words', () => {
    const fares = Float64Array.from(rows, ([a, b]) => a! + b!).with(17, 8525);
    const model = new MLPRegressor({ epochs: 1, onWarning: false }).fitSync(rows, fares);
    expect(kindsOf(model)).toEqual(['extremeTarget']);
    expect(model.notes).toEqual(model.findings.map(({ message, fix }) => `${message} ${fix}`));
    expect(model.findings[0]!.message).toMatch(/^y has 1 extreme value .* go by the mean absolute error\.$/);
    expect(model.findings[0]!.fix).toMatch(/^Drop it if it is an error/);
  });

  test('of classes, columns and training are told apart, each with the column that it is about', () => {
    const labels = rows.map((_, i) => (i === 5 ? 'yes' : 'no'));
    const far = rows.map(([a, b], i) => [i === 5 ? 1e9 : a!, b!]);
    const rare = new MLPClassifier({ epochs: 1, onWarning: false, scale: 'standard' }).fitSync(far, labels);
    expect(rare.findings.map(({ kind, column }) => [kind, column])).toEqual([
      ['rareClasses', undefined],
      ['leak', 'x0'],
      ['outlier', 'x0'],
    ]);
    const large = rows.map(([a, b]) => [1e6 * (1 + a!), b!]);
    const raw = { epochs: 1, scale: 'none', onWarning: false } as const;
    expect(
      kindsOf(
        new MLPRegressor(raw).fitSync(
          large,
          rows.map(([a, b]) => a! * b!),
        ),
      ),
    ).toEqual(['training']);
    const many = new MLPClassifier({ epochs: 1, onWarning: false }).fitSync(
      rows,
      rows.map((_, i) => i % 12),
    );
    expect(kindsOf(many)).toEqual(['manyClasses']);
  });

  test('a word in the name of a column makes no finding of another kind', () => {
    const table = Table.fromRecords(
      rows.map(([a, b], i) => ({ 'was left out': a!, 'of the squared spread': b!, y: a! * b! + (i % 3) })),
    );
    const model = new MLPRegressor({ epochs: 1, onWarning: false }).fitSync(table, 'y');
    expect(model.findings).toEqual([]);
  });
});
