// Derivatives of estimators' answers in the units of their tables, against central differences of the answers.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier, type MLPClassifierOptions } from '../../src/estimators/classifier.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { MLPRegressor, type MLPRegressorOptions } from '../../src/estimators/regressor.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';

const plain = { hiddenLayers: [6], activation: 'tanh', epochs: 20, earlyStopping: false, onWarning: false, seed: 3 } as const;
const random = new Random(5, 'rows');
const rows = Array.from({ length: 240 }, (_, i) => ({
  size: random.between(20, 300),
  place: ['town', 'land', 'sea'][i % 3]!,
  rooms: 1 + random.below(6),
}));
const prices = rows.map(({ size, rooms, place }) => 2000 * size + 9000 * rooms + (place === 'sea' ? 50_000 : 0) + 5 * size ** 2);
const kinds = rows.map(({ size, rooms }) => (size > 200 ? 'big' : size < 90 && rooms < 4 ? 'small' : 'usual'));
const probe = rows.slice(0, 12);

/** Central differences of `answer` in a column of records. */
function differences(answer: (X: typeof rows) => ArrayLike<number>, column: 'size' | 'rooms', step: number): number[] {
  const moved = (by: number) => answer(probe.map((row) => ({ ...row, [column]: row[column] + by })));
  const [above, below] = [moved(step), moved(-step)];
  return Array.from(above, (value, i) => (value - below[i]!) / (2 * step));
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], share: number) {
  const size = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(share * size));
}

describe('MLPRegressor.inputGradient', () => {
  test.each([
    ['standard', {}],
    ['minMax', { scale: 'minMax' }],
    ['robust', { scale: 'robust' }],
    ['smoothClip', { scale: 'smoothClip' }],
    ['none, targets as they are', { scale: 'none', scaleTargets: false, learningRate: 1e-4 }],
  ] as [string, MLPRegressorOptions][])('is what the answer changes by, in the units of the table: %s', (_, options) => {
    const reg = new MLPRegressor({ ...plain, ...options }).fitSync(rows, prices);
    const gradient = reg.inputGradient(probe);
    expect(gradient.shape).toEqual([12, 5]);
    expect(gradient.featureNames).toEqual(['size', 'place_land', 'place_sea', 'place_town', 'rooms']);
    expect(Array.from(gradient.column('rooms'))).toEqual(gradient.toArray().map((row) => row[4]));
    if (options.scale === 'none') return; // its answers hardly change
    expectClose(
      gradient.column('size'),
      differences((X) => reg.predict(X), 'size', 0.5),
      0.01,
    );
    expectClose(
      gradient.column('rooms'),
      differences((X) => reg.predict(X), 'rooms', 0.05),
      0.01,
    );
    const predictor = loadPredictor(reg.save());
    const there = predictor.inputGradient(probe);
    expectClose(there.data, Array.from(gradient.data), 1e-6);
    expect(loadEstimator(reg.save()).inputGradient(probe as never)).toEqual(gradient);
  });

  test('is of the target asked for, under a preset too, and refuses names and targets there are not', () => {
    const X = rows.map(({ size, rooms }) => [size, rooms]);
    const both = prices.map((price, i) => [price, X[i]![1]! * 3]);
    const reg = new MLPRegressor({ preset: 'quick', epochs: 8, onWarning: false }).fitSync(X, both);
    const at = (of: number) => {
      const predicted = (rooms: number) =>
        reg.predict(X.slice(0, 12).map(([size, r]) => [size!, r! + rooms])) as never as { data: Float64Array };
      const [above, below] = [predicted(0.02).data, predicted(-0.02).data];
      return Array.from({ length: 12 }, (_, i) => (above[2 * i + of]! - below[2 * i + of]!) / 0.04);
    };
    for (const of of [0, 1]) expectClose(reg.inputGradient(X.slice(0, 12), of).column('x1'), at(of), 0.02);
    expect(() => reg.inputGradient(X, 2)).toThrow('output: expected 0 to 1, got 2');
    expect(() => reg.inputGradient(X).column('size')).toThrow('there is no input "size". Inputs: x0, x1');
    expect(() => new MLPRegressor().inputGradient(X)).toThrow('fit');
  });
});

describe('MLPClassifier.inputGradient', () => {
  const two = kinds.map((kind) => kind === 'big');
  test.each([
    ['own', { calibrate: false }],
    ['temperature', { calibrate: 'temperature', earlyStopping: true }],
    ['platt', { calibrate: 'platt', earlyStopping: true }],
    ['a preset', { preset: 'quick', epochs: 6 }],
  ] as [string, MLPClassifierOptions][])('is what the probability of either class changes by: %s', (_, options) => {
    const { hiddenLayers: __, activation: ___, earlyStopping: ____, ...bare } = plain;
    const clf = new MLPClassifier({ ...(options.preset === undefined ? plain : bare), ...options }).fitSync(rows, two);
    const proba = (j: number) => (X: typeof rows) => Array.from({ length: X.length }, (_, i) => clf.predictProba(X).row(i)[j]!);
    const second = clf.inputGradient(probe);
    expectClose(second.column('size'), differences(proba(1), 'size', 0.3), 0.02);
    expect(clf.inputGradient(probe, true)).toEqual(second);
    expectClose(
      clf.inputGradient(probe, false).data,
      Array.from(second.data, (slope) => -slope),
      1e-6,
    );
  });

  test.each([false, 'temperature'] as const)('of several classes adds up to nothing over them: calibrate %s', (calibrate) => {
    const clf = new MLPClassifier({ ...plain, earlyStopping: true, calibrate }).fitSync(rows, kinds);
    const sum = new Float64Array(12 * 5);
    clf.classes.forEach((label, j) => {
      const gradient = clf.inputGradient(probe, label);
      gradient.data.forEach((slope, k) => (sum[k]! += slope));
      expectClose(
        gradient.column('size'),
        differences((X) => Array.from({ length: X.length }, (_, i) => clf.predictProba(X).row(i)[j]!), 'size', 0.3),
        0.02,
      );
    });
    expect(Math.max(...sum.map(Math.abs))).toBeLessThan(1e-7);
    expect(() => clf.inputGradient(probe, 'huge')).toThrow('there is no class "huge". Classes: "big", "small"');
  });

  test('takes labels that are numbers by their place, and each column of several labels', () => {
    const clf = new MLPClassifier(plain).fitSync(
      rows,
      kinds.map((kind) => (kind === 'big' ? 7 : 3)),
    );
    expect(clf.inputGradient(probe, 1)).toEqual(clf.inputGradient(probe));
    expect(() => clf.inputGradient(probe, 7)).toThrow('by their places 0 to 1');
    const several = new MLPClassifier(plain).fitSync(
      rows,
      kinds.map((kind) => [kind === 'big' ? 1 : 0, kind === 'small' ? 1 : 0]),
    );
    const proba = (X: typeof rows) => Array.from({ length: X.length }, (_, i) => several.predictProba(X).row(i)[1]!);
    expectClose(several.inputGradient(probe, 1).column('size'), differences(proba, 'size', 0.3), 0.02);
  });
});
