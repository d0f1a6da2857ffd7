// Intervals and sets that hold the truth as often as they say: against the definition, written plainly here, and by counting.

import { describe, expect, test } from 'vitest';
import { SavedState } from '../../src/data/columns.js';
import { ConformalScores, conformalQuantile } from '../../src/data/certainty/conformal.js';
import { Random } from '../../src/data/random.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { readModelFile } from '../../src/formats/modelFile.js';

const plain = { hiddenLayers: [4], epochs: 30, earlyStopping: false, onWarning: false } as const;

/** y = sin(2 x) and noise that grows with x. */
function curve(rows: number, random: Random) {
  const X = Array.from({ length: rows }, () => [random.between(0, 3)]);
  return { X, y: X.map(([x]) => Math.sin(2 * x!) + 0.2 * (1 + x!) * random.normal()) };
}

/** Three classes whose clouds overlap. */
function clouds(rows: number, random: Random) {
  const y = Array.from({ length: rows }, () => ['a', 'b', 'c'][random.below(3)]!);
  const X = y.map((label) => [(label === 'a' ? 0 : 1.5) + random.normal(), (label === 'b' ? 0 : 1.5) + random.normal()]);
  return { X, y };
}

/** Mean coverage over draws, each of `rows` new rows, lies within three standard errors of rank / (n + 1): the beta-binomial law. */
function expectCoverage(shares: readonly number[], n: number, rank: number, rows: number) {
  const [a, b] = [rank, n + 1 - rank];
  const mean = a / (a + b);
  const variance = (a * b * (a + b + rows)) / ((a + b) ** 2 * (a + b + 1) * rows); // of one draw's share
  const standardError = Math.sqrt(variance / shares.length);
  const covered = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  expect(covered).toBeGreaterThan(mean - 3 * standardError);
  expect(covered).toBeLessThan(mean + 3 * standardError);
}

describe('conformalQuantile', () => {
  test('is the ceil((n + 1) confidence)-th smallest of n = 1 to 120 scores, or refuses by the number of rows it needs', () => {
    const random = new Random(3, 'scores');
    for (let n = 1; n <= 120; n++) {
      const scores = Array.from({ length: n }, () => random.normal());
      const sorted = [...scores].sort((a, b) => a - b);
      for (let percent = 1; percent <= 99; percent++) {
        const rank = Math.ceil(((n + 1) * percent) / 100); // whole numbers until the division
        if (rank <= n) expect(conformalQuantile(scores, percent / 100)).toBe(sorted[rank - 1]);
        else {
          let needed = n;
          while (Math.ceil(((needed + 1) * percent) / 100) > needed) needed++;
          expect(() => conformalQuantile(scores, percent / 100)).toThrow(`needs at least ${needed} rows to calibrate on`);
        }
      }
    }
  });

  test('is exact for more scores than a model keeps, and refuses what is no number', () => {
    const scores = Float64Array.from({ length: 30_011 }, (_, i) => (i * 7) % 30_011);
    expect(conformalQuantile(scores, 0.37)).toBe(Math.ceil(30_012 * 0.37) - 1);
    expect(() => conformalQuantile([1, Number.NaN], 0.5)).toThrow('Score 1 is NaN');
    expect(() => conformalQuantile([1, 2], 1)).toThrow('confidence');
  });
});

describe('predictInterval', () => {
  const reg = new MLPRegressor(plain).fitSync(...pair(curve(120, new Random(1, 'training'))));

  test('covers as the beta-binomial law says, over 200 draws', () => {
    const random = new Random(2, 'draws');
    for (const [n, confidence, rank] of [
      [19, 0.95, 19],
      [49, 0.9, 45],
      [50, 0.8, 41],
    ] as const) {
      const shares = Array.from({ length: 200 }, () => {
        reg.conformalize(...pair(curve(n, random)));
        const { X, y } = curve(100, random);
        const intervals = reg.predictInterval(X, { confidence });
        return y.filter((value, i) => intervals.row(i)[0]! <= value && value <= intervals.row(i)[1]!).length / y.length;
      });
      expectCoverage(shares, n, rank, 100);
    }
  });

  test('is the answer minus and plus the quantile of the errors, in float64, for each target', () => {
    const { X, y } = curve(80, new Random(5, 'training'));
    const both = y.map((value, i) => [1e6 + 1000 * value, X[i]![0]! ** 2]);
    const two = new MLPRegressor(plain).fitSync(X.slice(0, 40), both.slice(0, 40)).conformalize(X.slice(40), both.slice(40));
    const predicted = two.predict(X) as unknown as { data: Float64Array };
    const intervals = two.predictInterval(X, { confidence: 0.7 });
    expect(intervals.shape).toEqual([80, 4]);
    for (const j of [0, 1]) {
      const errors = both.slice(40).map((row, i) => Math.abs(row[j]! - predicted.data[2 * (i + 40) + j]!));
      const reach = errors.sort((a, b) => a - b)[Math.ceil(41 * 0.7) - 1]!;
      for (let i = 0; i < 80; i++) {
        const answer = predicted.data[2 * i + j]!;
        expect(Array.from(intervals.row(i).subarray(2 * j, 2 * j + 2))).toEqual([answer - reach, answer + reach]);
      }
    }
  });

  test('refuses before conformalize, and with too few rows, by how many it needs', () => {
    const { X, y } = curve(18, new Random(7, 'few'));
    const fresh = reg.clone().fitSync(X, y);
    expect(() => fresh.predictInterval(X)).toThrow(
      expect.objectContaining({ code: 'ERR_STATE', message: expect.stringContaining('conformalize') }),
    );
    fresh.conformalize(X, y);
    expect(() => fresh.predictInterval(X, { confidence: 0.95 })).toThrow(
      'confidence: 0.95 needs at least 19 rows to calibrate on, and conformalize had 18. Pass more rows, or ask for at most 0.947.',
    );
    expect(() => fresh.predictInterval(X, { confidence: 0 })).toThrow('confidence');
    expect(() => fresh.predictInterval(X, { confidence: 'high' as never })).toThrow('confidence');
    expect(() => fresh.conformalize([], [])).toThrow(expect.objectContaining({ code: 'ERR_EMPTY' }));
    expect(() => new MLPRegressor().conformalize(X, y)).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
  });

  test('stays with the file bit for bit; fit and partialFit drop it, and a damaged file is refused', () => {
    const { X, y } = curve(12_345, new Random(8, 'many'));
    const own = reg.clone().fitSync(X.slice(0, 100), y.slice(0, 100)).conformalize(X, y);
    for (const confidence of [0.001, 0.5, 0.9, 0.9999]) {
      const intervals = own.predictInterval(X, { confidence });
      expect(MLPRegressor.load(own.save()).predictInterval(X, { confidence })).toEqual(intervals);
      // 10,000 of the scores are kept: never less than asked for, at most a 10,000th of the rows more.
      const covered = y.filter((value, i) => intervals.row(i)[0]! <= value && value <= intervals.row(i)[1]!).length;
      const rank = Math.ceil(12_346 * confidence);
      expect(covered).toBeGreaterThanOrEqual(rank - 1); // the last bit of the row that is the quantile itself may be rounded away
      expect(covered).toBeLessThanOrEqual(rank + 2);
    }
    expect(loadEstimator(own.save()).save()).toEqual(own.save());
    const file = readModelFile(own.save()).sections['estimator'] as { head: { intervals: { scores: unknown[] } } };
    expect(file.head.intervals.scores).toHaveLength(1);
    for (const damaged of [{ rows: 2, scores: [2, 1] }, { rows: 3, scores: [1, 2] }, { rows: 1, scores: ['1'] }, {}])
      expect(() => ConformalScores.fromJSON(new SavedState(damaged, 'scores', true))).toThrow(
        expect.objectContaining({ code: 'ERR_FORMAT' }),
      );
    own.partialFit(X, y);
    expect(() => own.predictInterval(X)).toThrow('conformalize');
    own.conformalize(X, y).fitSync(X.slice(0, 50), y.slice(0, 50));
    expect(() => own.predictInterval(X)).toThrow('conformalize');
  });
});

describe('predictSet', () => {
  // tanh: where all of a few relu units are 0, rows have one and the same score, and equal scores cover more.
  const clf = new MLPClassifier({ ...plain, activation: 'tanh' }).fitSync(...pair(clouds(150, new Random(1, 'training'))));

  /** 200 draws of 59 rows to calibrate on and 100 to judge by. `holds`: whether the set of a new row, its probabilities and the reach hold a class. */
  function sharesHeld(
    method: 'lac' | 'aps',
    confidence: number,
    holds: (set: readonly unknown[], label: string, row: Float32Array, reach: number) => boolean,
  ): number[] {
    const random = new Random(2, 'draws');
    return Array.from({ length: 200 }, () => {
      const kept = clouds(59, random);
      clf.conformalize(...pair(kept));
      const scores = clf.predictProba(kept.X);
      const reach = conformalQuantile(
        kept.y.map((label, i) => cumulated(scores.row(i), clf.classes.indexOf(label))),
        confidence,
      );
      const { X, y } = clouds(100, random);
      const proba = clf.predictProba(X);
      const sets = clf.predictSet(X, { confidence, method });
      return y.filter((label, i) => holds(sets[i]!, label, proba.row(i), reach)).length / y.length;
    });
  }

  /** The probabilities of all classes at least as likely, its own included. */
  const cumulated = (row: ArrayLike<number>, id: number) =>
    Array.from(row)
      .filter((p) => p >= row[id]!)
      .sort((a, b) => b - a)
      .reduce((sum, p) => sum + p, 0);

  test('of LAC holds the true class as the beta-binomial law says over 200 draws', () => {
    const shares = sharesHeld('lac', 0.85, (set, label) => set.includes(label));
    expectCoverage(shares, 59, 51, 100);
  });

  test.each([0.7, 0.85])(
    'of APS holds the true class as that law says, and beyond it only where the likeliest class fills an empty set: confidence %f',
    (confidence) => {
      const rank = Math.ceil(60 * confidence);
      // What split conformal prediction promises is of the classes whose score is within reach: exact, no two scores being equal.
      const within = sharesHeld('aps', confidence, (_, label, row, reach) => cumulated(row, clf.classes.indexOf(label)) <= reach);
      expectCoverage(within, 59, rank, 100);
      // A set is never empty: a row whose likeliest class alone is beyond reach gets it all the same, which covers more.
      const held = sharesHeld('aps', confidence, (set, label) => set.includes(label));
      const filled = sharesHeld(
        'aps',
        confidence,
        (set, label, row, reach) => Math.max(...row) > reach && set.length === 1 && set[0] === label,
      );
      held.forEach((share, draw) => expect(share).toBeCloseTo(within[draw]! + filled[draw]!, 12));
    },
  );

  test.each(['lac', 'aps'] as const)('of %s is its definition', (method) => {
    const kept = clouds(60, new Random(3, 'kept'));
    const { X } = clouds(40, new Random(4, 'new'));
    const score = (row: ArrayLike<number>, id: number) => (method === 'lac' ? 1 - row[id]! : cumulated(row, id));
    const proba = clf.predictProba(kept.X);
    const reach = kept.y.map((label, i) => score(proba.row(i), clf.classes.indexOf(label))).sort((a, b) => a - b)[
      Math.ceil(61 * 0.8) - 1
    ]!;
    const sets = clf.conformalize(kept.X, kept.y).predictSet(X, { confidence: 0.8, method });
    const chances = clf.predictProba(X);
    const sizes = new Set<number>();
    sets.forEach((set, i) => {
      const row = chances.row(i);
      const inside = [0, 1, 2].filter((id) => score(row, id) <= reach).sort((a, b) => row[b]! - row[a]!);
      if (method === 'aps' && inside.length === 0) inside.push(row.indexOf(Math.max(...row)));
      expect(set).toEqual(inside.map((id) => clf.classes[id]));
      sizes.add(set.length);
    });
    expect(sizes.size).toBeGreaterThan(1);
    expect(MLPClassifier.load(clf.save()).predictSet(X, { confidence: 0.8, method })).toEqual(sets);
  });

  test('of two classes works on the one output, and refuses multilabel targets, early calls and too few rows', () => {
    const { X, y } = clouds(60, new Random(6, 'two'));
    const two = new MLPClassifier(plain).fitSync(
      X.slice(0, 30),
      y.slice(0, 30).map((label) => label === 'a'),
    );
    expect(() => two.predictSet(X)).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
    two.conformalize(
      X.slice(30),
      y.slice(30).map((label) => label === 'a'),
    );
    for (const set of two.predictSet(X, { confidence: 0.9 })) expect(set.every((label) => typeof label === 'boolean')).toBe(true);
    expect(() => two.predictSet(X, { confidence: 0.99 })).toThrow('needs at least 99 rows');
    expect(() => two.predictSet(X, { method: 'raps' as never })).toThrow('lac, aps');
    const many = new MLPClassifier(plain).fitSync([[0], [1], [2]], [[0, 1], [1, 1], [1, 0]]); // biome-ignore format: rows
    expect(() => many.conformalize([[0]], [[0, 1]])).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
    two.partialFit(
      X,
      y.map((label) => label === 'a'),
    );
    expect(() => two.predictSet(X)).toThrow('conformalize');
  });
});

function pair<Y>({ X, y }: { X: number[][]; y: Y }): [number[][], Y] {
  return [X, y];
}
