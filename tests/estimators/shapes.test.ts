// Columns in which an answer only rises or falls, or bends one way: exactly, on rows of every size, and without giving up what such
// functions can be.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { loadEstimator } from '../../src/estimators/load.js';
import type { EstimatorOptions } from '../../src/estimators/options.js';
import { MLPRegressor, type MLPRegressorOptions } from '../../src/estimators/regressor.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const quiet = { onWarning: false, seed: 2 } as const;
const scales = [1e-3, 1, 1e3, 1e6] as const;

/** Rows of the columns, normal and `size` large. */
function rowsOf(columns: readonly string[], rows: number, size: number, random: Random) {
  return Array.from({ length: rows }, () => Object.fromEntries(columns.map((name) => [name, size * random.normal()])));
}

/** Derivatives in a column of random rows of every size, far outside the data too. */
function slopes(model: MLPRegressor | MLPClassifier, columns: readonly string[], column: string): number[] {
  const random = new Random(9, column);
  return scales.flatMap((size) => [...model.inputGradient(rowsOf(columns, 250, size, random)).column(column)]);
}

/** How far answers to a line of rows from -size to size in a column miss being convex (sign 1) or concave (-1), as a share of their range. */
function missesCurvature(model: MLPRegressor, columns: readonly string[], column: string, sign: 1 | -1): number {
  const random = new Random(4, column);
  let worst = 0;
  for (const size of [1, 4, 100, 1e4])
    for (let t = 0; t < 20; t++) {
      const [row] = rowsOf(columns, 1, size, random);
      const line = Array.from({ length: 101 }, (_, i) => ({ ...row, [column]: ((i - 50) / 50) * size }));
      const y = model.predict(line);
      const range = Math.max(1, ...y.map(Math.abs));
      for (let i = 1; i < 100; i++) worst = Math.max(worst, (-sign * (y[i - 1]! - 2 * y[i]! + y[i + 1]!)) / range);
    }
  return worst;
}

const random = new Random(1, 'data');
const table = Array.from({ length: 900 }, () => ({ age: 3 * random.normal(), price: random.normal(), place: random.normal() }));
const rents = table.map(
  ({ age, price, place }) => Math.floor(age) - Math.exp(price) + Math.sin(3 * place) * (1 + 0.1 * age) + 0.3 * random.normal(),
);
const columns = ['age', 'price', 'place'];

describe('monotone columns of a regressor', () => {
  const options = { ...quiet, monotone: { age: 1, price: -1 }, epochs: 40 } as const;
  const reg = new MLPRegressor(options).fitSync(table, rents);

  test('never turn, on random rows of every size, and no column is forgotten', () => {
    expect(Math.min(...slopes(reg, columns, 'age'))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...slopes(reg, columns, 'price'))).toBeLessThanOrEqual(0);
    const free = slopes(reg, columns, 'place');
    expect(Math.min(...free)).toBeLessThan(0);
    expect(Math.max(...free)).toBeGreaterThan(0);
    expect(reg.score(table, rents)).toBeGreaterThan(0.9);
  });

  test.each([
    ['tanh', {}],
    ['relu', { activation: 'relu' }],
    ['softplus, one layer', { activation: 'softplus', hiddenLayers: [7] }],
    ['sigmoid, minMax, dropout', { activation: 'sigmoid', scale: 'minMax', dropout: 0.1 }],
    ['two units', { hiddenLayers: [2, 2] }],
    ['linear', { hiddenLayers: [] }],
    ['smooth clip', { scale: 'smoothClip' }],
    ['no scaling', { scale: 'none', scaleTargets: false }],
    ['averages and large steps', { learningRate: 0.2, weightAveraging: { decay: 0.9 } }],
    ['sgd', { optimizer: 'sgd' }],
  ] as [string, MLPRegressorOptions][])('hold under %s, after few steps and partialFit too', (_, more) => {
    const own = new MLPRegressor({ ...options, ...more, epochs: 2 }).fitSync(table, rents);
    for (let times = 0; times < 2; times++) {
      expect(Math.min(...slopes(own, columns, 'age'))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...slopes(own, columns, 'price'))).toBeLessThanOrEqual(0);
      own.partialFit(table, rents);
    }
  });

  test('fit a staircase and a sigmoid, which are neither convex nor concave', () => {
    const line = Array.from({ length: 600 }, (_, i) => [(i - 300) / 150]);
    for (const f of [(x: number) => Math.floor(1.5 * x), (x: number) => 1 / (1 + Math.exp(-8 * x)), (x: number) => x ** 3]) {
      const own = new MLPRegressor({ ...quiet, monotone: { x0: 1 }, epochs: 150, earlyStopping: false }).fitSync(
        line,
        line.map(([x]) => f(x!)),
      );
      expect(
        own.score(
          line,
          line.map(([x]) => f(x!)),
        ),
      ).toBeGreaterThan(0.98);
      expect(Math.min(...own.inputGradient(line).data)).toBeGreaterThanOrEqual(0);
    }
  });

  test('are saved, and read by a predictor bit for bit', () => {
    const again = loadEstimator(reg.save()) as MLPRegressor;
    expect(again.options.monotone).toEqual({ age: 1, price: -1 });
    expect(again.predict(table)).toEqual(reg.predict(table));
    expect(loadPredictor(reg.save()).predict(table)).toEqual(reg.predict(table));
    again.partialFit(table, rents);
    expect(Math.min(...slopes(again, columns, 'age'))).toBeGreaterThanOrEqual(0);
  });

  test('hold for each of several targets', () => {
    const own = new MLPRegressor({ ...options, epochs: 3 }).fitSync(
      table,
      rents.map((rent, i) => [rent, -5 * rent + table[i]!.place]),
    );
    const probe = rowsOf(columns, 200, 2, new Random(3, 'several'));
    for (const output of [0, 1]) expect(Math.min(...own.inputGradient(probe, output).column('age'))).toBeGreaterThanOrEqual(0);
  });
});

describe('convex and concave columns', () => {
  const bowl = table.map(
    ({ age, price, place }) => (age ** 2 / 4) * (1 + 0.5 * Math.sin(3 * place)) - Math.abs(price - 0.5) + place ** 3,
  );

  test.each([
    ['convex', { convex: { age: 1 } }],
    ['concave', { convex: { price: -1 } }],
    ['both, and one that rises', { convex: { age: 1, price: -1 }, monotone: { place: 1 } }],
    ['convex and rising', { convex: { age: 1 }, monotone: { age: 1 } }],
    ['concave and falling', { convex: { price: -1 }, monotone: { price: -1 } }],
    ['every column, softplus', { convex: { age: 1, price: -1, place: 1 }, activation: 'softplus' }],
  ] as [string, EstimatorOptions][])('bend one way everywhere: %s', (_, more) => {
    const own = new MLPRegressor({ ...quiet, ...more, epochs: 4 }).fitSync(table, bowl);
    for (const [name, sign] of Object.entries(more.convex!)) expect(missesCurvature(own, columns, name, sign)).toBeLessThan(2e-5);
    for (const [name, sign] of Object.entries(more.monotone ?? {}))
      expect(Math.min(...slopes(own, columns, name).map((slope) => sign * slope))).toBeGreaterThanOrEqual(0);
  });

  test('are fitted: a bowl in one column, a roof in another, any curve in the third', () => {
    const own = new MLPRegressor({ ...quiet, convex: { age: 1, price: -1 }, epochs: 60 }).fitSync(table, bowl);
    expect(own.score(table, bowl)).toBeGreaterThan(0.97);
    expect(missesCurvature(own, columns, 'age', 1)).toBeLessThan(2e-5);
    expect(missesCurvature(own, columns, 'price', -1)).toBeLessThan(2e-5);
  });

  test('a column without it is not convex, so that the test above can fail', () => {
    const own = new MLPRegressor({ ...quiet, convex: { age: 1 }, epochs: 30 }).fitSync(table, bowl);
    expect(missesCurvature(own, columns, 'place', 1)).toBeGreaterThan(1e-3);
  });
});

describe('monotone columns of a classifier', () => {
  const yes = rents.map((rent) => (rent > 0 ? 'yes' : 'no'));

  test('are of the probability of the second class, corrected or not', () => {
    for (const calibrate of [false, 'temperature'] as const) {
      const clf = new MLPClassifier({
        ...quiet,
        monotone: { age: 1, price: -1 },
        epochs: 15,
        earlyStopping: true,
        calibrate,
      }).fitSync(table, yes);
      expect(Math.min(...slopes(clf, columns, 'age'))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...slopes(clf, columns, 'price'))).toBeLessThanOrEqual(0);
      expect(clf.score(table, yes)).toBeGreaterThan(0.85);
    }
  });

  test('are refused for classes without an order', () => {
    const three = rents.map((rent) => (rent > 1 ? 'high' : rent > -1 ? 'mid' : 'low'));
    const { code, message } = refusal(() => new MLPClassifier({ ...quiet, monotone: { age: 1 } }).fitSync(table, three));
    expect(code).toBe('ERR_OPTION');
    expect(message).toContain('with more than two classes there is no one probability');
  });
});

describe('what does not go with shapes is refused by name', () => {
  test.each([
    [{ monotone: { age: 2 } }, 'monotone.age: expected 1 or -1, got 2'],
    [{ monotone: ['age'] }, 'monotone: expected columns by name'],
    [{ monotone: { age: 1 }, preset: 'quick' }, "monotone: preset: 'quick' settles it"],
    [{ monotone: { age: 1 }, activation: 'gelu' }, 'it must never fall'],
    [{ convex: { age: 1 }, activation: 'tanh' }, 'and be convex'],
    [{ convex: { age: 1 }, activation: { name: 'leakyRelu', slope: 2 } }, 'and be convex'],
    [{ convex: { age: 1 }, scale: 'smoothClip' }, "scale: 'smoothClip' bends columns itself"],
    [{ monotone: { age: 1 }, batchNorm: true }, 'batchNorm: with monotone columns'],
    [{ monotone: { age: 1 }, hiddenLayers: [{ type: 'dense', units: 3 }] }, 'hiddenLayers[0]: with monotone columns'],
  ] as [object, string][])('%j', (options, text) => {
    expect(refusal(() => new MLPRegressor(options)).message).toContain(text);
  });

  test('columns there are not, categories, layers too narrow, lbfgs', () => {
    const named = table.map((row, i) => ({ ...row, kind: ['a', 'b', 'c'][i % 3]! }));
    const of = (options: MLPRegressorOptions) =>
      refusal(() => new MLPRegressor({ ...quiet, ...options }).fitSync(named, rents)).message;
    expect(of({ monotone: { Age: 1 } })).toContain(
      'monotone.Age: there is no such column among the inputs, or it was left out. Columns: age, price, place, kind',
    );
    expect(of({ monotone: { kind: 1 } })).toContain('monotone.kind: it becomes 3 inputs (categorical)');
    expect(of({ monotone: { age: 1 }, hiddenLayers: [1] })).toContain(
      'hiddenLayers[0]: columns of these shapes need at least 2 units',
    );
    expect(of({ monotone: { age: 1 }, optimizer: 'lbfgs' })).toContain('lbfgs: signs');
  });
});
