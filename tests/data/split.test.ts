import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Labels } from '../../src/data/labels.js';
import { Matrix, matrix } from '../../src/data/matrix.js';
import { kFold, splitIndices, stratifiedKFold, takeRows, trainTestSplit, type Fold, holdOut } from '../../src/data/split.js';
import { codeOf, refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

const golden = fixture<{
  folds: { rows: number; folds: number; tests: number[][] }[];
  stratified: { y: number[]; folds: number; tests: number[][] }[];
}>('sklearn-encoders.json');

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const ascending = (indices: ArrayLike<number>) => Array.from(indices).sort((a, b) => a - b);

/** How many rows of each class are among the indices. */
function countClasses(y: readonly number[], indices: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const i of Array.from(indices)) counts.set(y[i]!, (counts.get(y[i]!) ?? 0) + 1);
  return counts;
}

/** Every class within one row of its share, n_c * size / rows. */
function expectProportional(y: readonly number[], indices: ArrayLike<number>): void {
  const counts = countClasses(y, indices);
  for (const [label, total] of countClasses(y, range(y.length)))
    expect(Math.abs((counts.get(label) ?? 0) - (total * indices.length) / y.length)).toBeLessThan(1 + 1e-9);
}

describe('trainTestSplit', () => {
  test('parts hold every row once, with its target, and keep the kind of their input', () => {
    const X = Array.from({ length: 10 }, (_, i) => [i, -i]);
    const y = Float64Array.from(range(10));
    const split = trainTestSplit(X, y);
    expect([split.XTrain.length, split.XTest.length]).toEqual([7, 3]); // 0.25 of 10 rows, rounded up
    expect(split.yTrain).toBeInstanceOf(Float64Array);
    expect(ascending([...split.yTrain, ...split.yTest])).toEqual(range(10));
    split.XTest.forEach((row, i) => {
      expect(row[0]).toBe(split.yTest[i]);
    });
    expect(Array.from(split.testIndices)).toEqual(Array.from(split.yTest));

    const both = trainTestSplit(matrix(X), { data: new Float32Array(range(20)), shape: [10, 2] }, { testSize: 4 });
    expect(both.XTest).toBeInstanceOf(Matrix);
    expect(both.XTest.shape).toEqual([4, 2]);
    expect(both.yTest.shape).toEqual([4, 2]);
    expect(both.yTest.data[0]).toBe(2 * both.testIndices[0]!);
  });

  test('the same seed gives the same split, another seed another, and shuffle: false takes the last rows', () => {
    const X = range(20);
    expect(trainTestSplit(X, X, { seed: 5 })).toEqual(trainTestSplit(X, X, { seed: 5 }));
    expect(trainTestSplit(X, X, { seed: 5 }).testIndices).not.toEqual(trainTestSplit(X, X, { seed: 6 }).testIndices);
    expect(trainTestSplit(X, X, { shuffle: false, testSize: 0.2 }).XTest).toEqual([16, 17, 18, 19]);
  });

  test('splits partition the rows, whatever their number and the share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer(),
        (rows, testSize, seed) => {
          fc.pre(Math.ceil(testSize * rows) < rows);
          const { train, test } = splitIndices(rows, { testSize, seed });
          expect(ascending([...train, ...test])).toEqual(range(rows));
          expect(test.length).toBe(Math.ceil(testSize * rows));
        },
      ),
      { seed: 5 },
    );
  });

  test('stratified splits partition the rows, with every class within one row of its share', () => {
    const labels = fc.array(fc.nat(3), { minLength: 30, maxLength: 100 });
    fc.assert(
      fc.property(labels, fc.double({ min: 0.15, max: 0.85, noNaN: true }), fc.integer(), (y, testSize, seed) => {
        fc.pre([...countClasses(y, range(y.length)).values()].every((count) => count > 1));
        const { train, test } = splitIndices(y.length, { testSize, seed, stratify: y });
        expect(ascending([...train, ...test])).toEqual(range(y.length));
        expectProportional(y, test);
        expectProportional(y, train);
      }),
      { seed: 6 },
    );
  });

  test('stratify: true takes the classes of y, of any kind', () => {
    const y = [...Array.from({ length: 12 }, () => 'a'), ...Array.from({ length: 4 }, () => 'b')];
    const { yTest } = trainTestSplit(range(16), y, { stratify: true, testSize: 0.25 });
    expect([...yTest].sort()).toEqual(['a', 'a', 'a', 'b']);
    const flags = y.map((label) => label === 'a');
    expect(trainTestSplit(range(16), flags, { stratify: true }).yTest.filter((flag) => !flag)).toHaveLength(1);
    expect(trainTestSplit(range(16), range(16), { stratify: y }).testIndices).toHaveLength(4);
  });

  test('a class with one row, or more classes than rows in a part, is refused when stratifying', () => {
    expect(refusal(() => trainTestSplit(range(5), ['a', 'a', 'b', 'a', 'a'], { stratify: true })).message).toContain(
      'class of row 2 has one row only',
    );
    expect(codeOf(() => trainTestSplit(range(6), [1, 1, 2, 2, 3, 3], { stratify: true, testSize: 2 }))).toBe('ERR_SHAPE');
    expect(codeOf(() => trainTestSplit(range(6), [1, 1, 2, 2, 3, 3], { stratify: [1, 2] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => trainTestSplit(range(4), [1, 1, 2, 2], { stratify: true, shuffle: false }))).toBe('ERR_OPTION');
  });

  test('bad sizes and options are refused', () => {
    for (const testSize of [0, -1, 1.5, Number.NaN, '0.2' as unknown as number])
      expect(codeOf(() => trainTestSplit(range(10), range(10), { testSize }))).toBe('ERR_OPTION');
    expect(codeOf(() => trainTestSplit(range(10), range(10), { testSize: 10 }))).toBe('ERR_SHAPE');
    expect(codeOf(() => trainTestSplit([1], [1]))).toBe('ERR_SHAPE');
    expect(refusal(() => trainTestSplit(range(10), range(10), { testsize: 0.1 } as object)).message).toContain(
      'Did you mean "testSize"',
    );
    expect(codeOf(() => trainTestSplit(range(10), range(10), { seed: 0.5 }))).toBe('ERR_OPTION');
    expect(codeOf(() => trainTestSplit(null as unknown as number[], [1]))).toBe('ERR_TYPE');
  });

  test('fault 8: X and y of different length is ERR_SHAPE with both', () => {
    expect(refusal(() => trainTestSplit([[1], [2], [3]], [1, 2])).message).toBe('X has 3 rows, but y has 2.');
  });

  test('fault 6: no rows is ERR_EMPTY', () => {
    expect(codeOf(() => trainTestSplit([], []))).toBe('ERR_EMPTY');
  });

  test('fault 70: a patched Math.random has no effect', () => {
    const wanted = trainTestSplit(range(30), range(30), { seed: 1 });
    const original = Math.random;
    Math.random = () => 0.5;
    try {
      expect(trainTestSplit(range(30), range(30), { seed: 1 })).toEqual(wanted);
    } finally {
      Math.random = original;
    }
  });

  test('a split is pinned: the same rows in every version', () => {
    expect([...splitIndices(12, { seed: 7, testSize: 4 }).test]).toEqual([10, 5, 11, 7]);
    expect([...[...kFold(7, { folds: 3, seed: 7 })].map(({ test: part }) => [...part])]).toEqual([
      [0, 1, 4],
      [5, 6],
      [2, 3],
    ]);
  });
});

describe('takeRows', () => {
  test('takes rows of anything, in the order given, repeats included', () => {
    expect(takeRows(['a', 'b', 'c'], [2, 0, 0])).toEqual(['c', 'a', 'a']);
    expect(takeRows(new Int32Array([5, 6, 7]), Uint32Array.of(1))).toEqual(Int32Array.of(6));
    expect(
      takeRows(
        matrix([
          [1, 2],
          [3, 4],
        ]),
        [1],
      ).toArray(),
    ).toEqual([[3, 4]]);
    expect(takeRows({ data: [1, 2, 3, 4], shape: [2, 2] }, [1])).toEqual({ data: [3, 4], shape: [1, 2] });
    const rows = [[1], [2]];
    expect(takeRows(rows, [1])[0]).toBe(rows[1]);
  });

  test('an index that is no row is ERR_SHAPE', () => {
    for (const index of [-1, 2, 0.5, Number.NaN]) expect(codeOf(() => takeRows([1, 2], [index]))).toBe('ERR_SHAPE');
    expect(codeOf(() => takeRows({ data: [1, 2, 3], shape: [2, 2] }, [0]))).toBe('ERR_SHAPE');
  });
});

describe('folds', () => {
  const expectPartition = (folds: readonly Fold[], rows: number) => {
    expect(ascending(folds.flatMap(({ test: part }) => [...part]))).toEqual(range(rows));
    for (const { train, test: part } of folds) expect(ascending([...train, ...part])).toEqual(range(rows));
  };

  test("without shuffle, kFold gives scikit-learn's folds", () => {
    for (const { rows, folds, tests } of golden.folds)
      expect([...kFold(rows, { folds, shuffle: false })].map(({ test: part }) => [...part])).toEqual(tests);
  });

  test("without shuffle, stratifiedKFold gives scikit-learn's folds", () => {
    for (const { y, folds, tests } of golden.stratified)
      expect([...stratifiedKFold(y, { folds, shuffle: false })].map(({ test: part }) => [...part])).toEqual(tests);
  });

  test('kFold partitions the rows into parts that differ by one row at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), fc.nat(60), fc.boolean(), fc.integer(), (folds, extra, shuffle, seed) => {
        const rows = folds + extra;
        const all = [...kFold(rows, { folds, shuffle, seed })];
        expect(all).toHaveLength(folds);
        expectPartition(all, rows);
        const sizes = all.map(({ test: part }) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      { seed: 7 },
    );
  });

  test('stratifiedKFold partitions the rows, with every class within one row of its share in every fold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.array(fc.nat(4), { minLength: 40, maxLength: 80 }),
        fc.boolean(),
        fc.integer(),
        (folds, y, shuffle, seed) => {
          const all = [...stratifiedKFold(y, { folds, shuffle, seed })];
          expectPartition(all, y.length);
          for (const [label, total] of countClasses(y, range(y.length)))
            for (const { test: part } of all)
              expect(Math.abs((countClasses(y, part).get(label) ?? 0) - total / folds)).toBeLessThan(1);
          const sizes = all.map(({ test: part }) => part.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        },
      ),
      { seed: 8 },
    );
  });

  test('folds count the rows of whatever they are given', () => {
    const X = matrix(range(10).map((i) => [i, i]));
    expect([...kFold(X)]).toEqual([...kFold(10)]);
    expect([...kFold(X.toArray())]).toEqual([...kFold(10)]);
    const y = range(10).map((i) => ['no', 'yes'][i % 2]!);
    expect([...stratifiedKFold(y)]).toEqual([...stratifiedKFold(range(10).map((i) => i % 2))]);
  });

  test('bad folds are refused at the call, not at the first fold', () => {
    for (const folds of [0, 1, 2.5, Number.NaN]) expect(codeOf(() => kFold(10, { folds }))).toBe('ERR_OPTION');
    expect(codeOf(() => kFold(3, { folds: 5 }))).toBe('ERR_SHAPE');
    expect(codeOf(() => stratifiedKFold([0, 1, 0, 1, 0, 1], { folds: 5 }))).toBe('ERR_LABEL');
    expect(codeOf(() => stratifiedKFold([0, 1, Number.NaN, 1, 0, 1] as Labels, { folds: 2 }))).toBe('ERR_LABEL');
    expect(codeOf(() => kFold(10, { fold: 3 } as object))).toBe('ERR_OPTION');
  });
});

describe('holdOut', () => {
  const labels = ['a', 'b', 'a', 'b', 'a', 'a', 'c', 'c', 'a', 'b'];

  test('takes each class by its share where every class has two rows and both parts have room for all', () => {
    for (const testSize of [3, 0.3, 5, 7])
      expect(holdOut(10, testSize, 4, labels)).toEqual(splitIndices(10, { testSize, seed: 4, stratify: labels }));
  });

  test('draws at random without labels, for a class of one row, and where a part has fewer rows than there are classes', () => {
    const plain = (testSize: number) => splitIndices(10, { testSize, seed: 4 });
    expect(holdOut(10, 3, 4, undefined)).toEqual(plain(3));
    expect(holdOut(10, 3, 4, [...labels.slice(0, 9), 'd'])).toEqual(plain(3));
    for (const testSize of [2, 0.2, 8]) expect(holdOut(10, testSize, 4, labels)).toEqual(plain(testSize));
  });
});
