// Tables of a few rows: what each preset makes of 1 to 49 of them.

import { describe, expect, test } from 'vitest';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { noteOf } from '../../src/data/findings.js';
import { shortfallFindings } from '../../src/estimators/warnings.js';
import { Random } from '../../src/data/random.js';

const presets = ['quick', 'default', 'best'] as const;
const still = { seed: 1, deterministic: true, onWarning: false } as const;
const line = (rows: number) => ({
  X: Array.from({ length: rows }, (_, i) => [i + 1, (i + 1) ** 2]),
  y: Array.from({ length: rows }, (_, i) => 2.5 * (i + 1)),
});

describe.each(presets)('%s', (preset) => {
  test('learns a straight line of 8 rows with the help of a linear model, and its score is that of rows not learnt', () => {
    const { X, y } = line(8);
    const model = new MLPRegressor({ ...still, preset }).fitSync(X, y);
    expect(model.notes.join()).toMatch(/On rows that were held out .* linear model/);
    expect(model.score(X, y)).toBeGreaterThan(0.98);
    expect(model.bestValidationScore).toBeGreaterThan(0.5);
    expect(model.predict([[4.5, 20.25]])[0]).toBeCloseTo(11.25, 0);
  });

  test('learns exclusive or from its four rows, and says that a linear model may be better on so few', () => {
    const X = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const y = ['same', 'other', 'other', 'same'];
    const model = new MLPClassifier({ ...still, preset }).fitSync(X, y);
    expect(model.predict(X)).toEqual(y);
    expect(model.notes.join()).toMatch(/^4 rows are too few to tell .* compare with hiddenLayers: \[\]\.$/);
  });

  test('learns classes of one row each', () => {
    const X = [[-2], [-1], [0], [1], [2]];
    const y = ['a', 'b', 'c', 'd', 'e'];
    const model = new MLPClassifier({ ...still, preset }).fitSync(X, y);
    expect(model.predict(X)).toEqual(y);
    expect(model.bestValidationScore).toBeUndefined();
  });

  test('a bend of 12 rows is learnt to the last epoch by every net, with none held out', () => {
    const X = Array.from({ length: 12 }, (_, i) => [(i - 5.5) / 3]);
    const y = X.map(([x]) => x! ** 2);
    const model = new MLPRegressor({ ...still, preset }).fitSync(X, y);
    expect(model.score(X, y)).toBeGreaterThan(0.85);
    expect(model.validationLossCurve).toEqual([]);
    expect(model.bestEpoch).toBe(model.epochs);
    expect(model.stoppedBy).toBe('epochs');
  });

  test('of a target that is always the same it answers that', () => {
    const X = Array.from({ length: 7 }, (_, i) => [i, -i]);
    const numbers = new MLPRegressor({ ...still, preset }).fitSync(X, new Float64Array(7).fill(3.5));
    for (const value of numbers.predict(X) as Float64Array) expect(value).toBeCloseTo(3.5, 3);
  });
});

describe('quick, of 1 to 20 rows', () => {
  const random = new Random(4, 'tiny');
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 20])('%i: knows its rows no worse than the mean or the larger class', (rows) => {
    const X = Array.from({ length: rows }, () => [random.normal(), random.normal(), random.normal()]);
    const y = X.map(([a, b]) => a! * b! + 0.3 * random.normal());
    const numbers = new MLPRegressor({ ...still, preset: 'quick' }).fitSync(X, y);
    const mean = y.reduce((sum, value) => sum + value, 0) / rows;
    const squares = (of: ArrayLike<number>) => y.reduce((sum, value, i) => sum + (value - of[i]!) ** 2, 0);
    expect(squares(numbers.predict(X) as Float64Array)).toBeLessThanOrEqual(squares(y.map(() => mean)) + 1e-6);
    if (rows < 2) return;
    const labels = X.map(([a], i) => (i === 0 ? 'no' : i === 1 ? 'yes' : a! > 0 ? 'yes' : 'no'));
    const classes = new MLPClassifier({ ...still, preset: 'quick' }).fitSync(X, labels);
    const most = Math.max(...['no', 'yes'].map((label) => labels.filter((one) => one === label).length));
    expect(classes.score(X, labels)).toBeGreaterThanOrEqual(most / rows);
  });
});

test('49 rows are learnt whole, 50 are watched in folds', () => {
  for (const [rows, watches] of [
    [49, false],
    [50, true],
  ] as const) {
    const { X, y } = line(rows);
    expect(new MLPRegressor({ ...still, preset: 'quick' }).fitSync(X, y).validationLossCurve.length > 0).toBe(watches);
  }
});

test('rows that the user gives to watch choose the epoch, however few', () => {
  const { X, y } = line(12);
  const model = new MLPRegressor({ ...still, preset: 'quick', members: 1 }).fitSync(X, y, {
    validationData: [[[3, 9]], [20]],
  });
  const { validationLossCurve } = model;
  expect(validationLossCurve.length).toBeGreaterThan(0);
  expect(validationLossCurve[model.bestEpoch - 1]).toBe(Math.min(...validationLossCurve));
});

test('weights, several targets and rows of several labels go with few rows', () => {
  const { X, y } = line(10);
  const both = new MLPRegressor({ ...still, preset: 'quick' }).fitSync(
    X,
    y.map((value) => [value, -value]),
    {
      sampleWeight: y.map((_, i) => 1 + (i % 2)),
    },
  );
  expect(
    both.score(
      X,
      y.map((value) => [value, -value]),
    ),
  ).toBeGreaterThan(0.99);
  const several = new MLPClassifier({ ...still, preset: 'quick' }).fitSync(
    X,
    y.map((value) => [value > 8 ? 1 : 0, value > 16 ? 1 : 0]),
  );
  expect(several.predict(X)).toHaveLength(10);
});

test('a training of 10 rows that was interrupted goes on to the same bits', async () => {
  const { X, y } = line(10);
  const options = { ...still, preset: 'quick', members: 3 } as const;
  const whole = new MLPRegressor(options).fitSync(X, y);
  const stop = new AbortController();
  const model = new MLPRegressor(options);
  await expect(
    model.fit(X, y, { signal: stop.signal, onEpochEnd: ({ epoch }) => epoch === 40 && stop.abort() }),
  ).rejects.toThrow();
  const again = MLPRegressor.load(model.save({ optimizer: true }), { onWarning: false });
  await again.fit(X, y, { resume: true });
  expect(again.predict(X)).toEqual(whole.predict(X));
  expect(again.bestValidationScore).toBe(whole.bestValidationScore);
});

test('a model that knows its own rows far worse than models like it knew others is told apart', () => {
  expect(shortfallFindings(0, 0.88, 8).map(noteOf).join()).toMatch(
    /the model scores 0, far below 0\.88, .* \(hiddenLayers: \[\]\)/,
  );
  expect(shortfallFindings(0.97, 0.99, 800)).toEqual([]);
  expect(shortfallFindings(0.875, 1, 8)).toEqual([]); // a row of eight
  expect(shortfallFindings(Number.NaN, 0.9, 8)).toEqual([]);
  expect(shortfallFindings(0.5, 0.4, 80)).toEqual([]);
});
