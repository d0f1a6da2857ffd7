import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/entries/baseline.js';
import {
  dense,
  explain,
  integratedGradients,
  interactions,
  MLP,
  MLPClassifier,
  MLPRegressor,
  Random,
  rescale,
} from '../../src/entries/index.js';
import { gaussLegendre } from '../../src/explain/integratedGradients.js';
import { refusal } from '../support/errors.js';
import { meanWorth, plainInteraction } from './plain.js';

const random = (seed: number, rows: number, columns: number): number[][] => {
  const numbers = new Random(seed, 'gradients test');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => numbers.normal()));
};
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe('integratedGradients', () => {
  test('of a linear network is weight times way', () => {
    const model = new MLP({ inputs: 5, layers: [dense(1)], seed: 3 });
    const weights = model.parameters()[0]!.values;
    const X = random(1, 4, 5);
    const found = integratedGradients(model, X, { baseline: 0.5 });
    for (const [i, x] of X.entries())
      for (let j = 0; j < 5; j++) expect(found.values.row(i)[j]).toBeCloseTo(weights[j]! * (Math.fround(x[j]!) - 0.5), 12);
  });

  test("of one tanh unit has a closed form: each input gets its share of the net input's way", () => {
    const model = new MLP({ inputs: 3, layers: [dense(1, { activation: 'tanh' }), dense(1)], seed: 2 });
    const [w, b, v, c] = model.parameters().map(({ values }) => values);
    const X = random(2, 5, 3);
    const baseline = [[0.25, -1, 2]];
    const found = integratedGradients(model, X, { baseline });
    for (const [i, x] of X.entries()) {
      const ways = x.map((value, j) => (Math.fround(value) - baseline[0]![j]!) * w![j]!);
      const start = sum(baseline[0]!.map((value, j) => value * w![j]!)) + b![0]!;
      const change = v![0]! * (Math.tanh(start + sum(ways)) - Math.tanh(start));
      for (let j = 0; j < 3; j++) expect(found.values.row(i)[j]).toBeCloseTo((change * ways[j]!) / sum(ways), 10);
      expect(found.baselines[i]).toBeCloseTo(v![0]! * Math.tanh(start) + c![0]!, 12);
      expect(Math.abs(found.gaps[i]!)).toBeLessThan(1e-10);
    }
  });

  test('agrees with differences in float64 along the line, and adds up', () => {
    const layers = [
      dense(8, { activation: 'silu' as const }),
      dense(6, { activation: 'tanh' as const }),
      dense(2, { activation: 'softmax' as const }),
    ];
    const model = new PlainMLP({ inputs: 4, layers, seed: 5 }, { precision: 'float64' });
    const X = random(3, 2, 4);
    const one = (row: number[]) => integratedGradients(model, [row], { output: 1, baseline: [row] }).predictions[0]!;
    const found = integratedGradients(model, X, { output: 1 });
    const n = 2000;
    for (const [i, x] of X.entries()) {
      // d f / d x_j by central differences at the midpoints of n pieces: the rule of midpoints is right to some 1e-7.
      const parts = new Array<number>(4).fill(0);
      for (let k = 0; k < n; k += 40) {
        const at = x.map((value) => (value * (k + 20)) / n);
        for (let j = 0; j < 4; j++) {
          const move = (h: number) => at.map((value, m) => (m === j ? value + h : value));
          parts[j]! += (x[j]! * (one(move(1e-4)) - one(move(-1e-4)))) / 2e-4 / (n / 40);
        }
      }
      for (let j = 0; j < 4; j++) expect(found.values.row(i)[j]).toBeCloseTo(parts[j]!, 3);
      expect(sum(found.values.row(i))).toBeCloseTo(found.predictions[i]! - found.baselines[i]!, 8);
    }
  });

  test('takes more pieces of the line where the gradient jumps, until the parts add up', () => {
    const model = new MLP({
      inputs: 6,
      layers: [dense(32, { activation: 'relu' }), dense(16, { activation: 'relu' }), dense(1)],
      seed: 1,
    });
    const X = random(4, 10, 6);
    for (const tolerance of [1e-3, 1e-5]) {
      const found = integratedGradients(model, X, { tolerance, steps: 8, baseline: 0.7 });
      for (const [i, gap] of found.gaps.entries()) {
        const size = found.values.row(i).reduce((a, b) => a + Math.abs(b), 0);
        expect(Math.abs(gap)).toBeLessThanOrEqual(tolerance * Math.max(1, size));
        expect(found.predictions[i]! - found.baselines[i]! - sum(found.values.row(i))).toBeCloseTo(gap, 12);
      }
      found.predictions.forEach((f, i) => expect(f).toBeCloseTo(model.predict(X).data[i]!, 5));
    }
    const error = refusal(() => integratedGradients(model, X, { tolerance: 1e-15, steps: 1, baseline: 0.7 }));
    expect([error.code, error.message]).toEqual([
      'ERR_OPTION',
      expect.stringMatching(/miss the change .* on \d+ pieces of 1 nodes/),
    ]);
  });

  test('of a network with a rescale layer in front starts from the zero of its own inputs', () => {
    const model = new MLP({
      inputs: 2,
      layers: [rescale({ center: [100, -50], scale: [10, 5] }), dense(4, { activation: 'tanh' }), dense(1)],
    });
    const X = [
      [104, -48],
      [93, -55],
    ];
    const found = integratedGradients(model, X, { baseline: [[100, -50]] });
    found.baselines.forEach((f) => expect(f).toBeCloseTo(model.predict([[100, -50]]).data[0]!, 6));
    for (const [i, f] of found.predictions.entries()) {
      expect(f).toBeCloseTo(model.predict(X).data[i]!, 6);
      expect(sum(found.values.row(i))).toBeCloseTo(f - found.baselines[i]!, 6);
    }
  });

  test("of estimators is in the table's columns and the target's units, from the mean row", async () => {
    const numbers = new Random(1, 'ig');
    const rows = Array.from({ length: 200 }, () => ({ a: numbers.between(0, 100), kind: ['x', 'y', 'z'][numbers.below(3)]! }));
    const y = rows.map(({ a, kind }) => 1000 * a + (kind === 'x' ? 20_000 : 0));
    const reg = await new MLPRegressor({ seed: 1, epochs: 30, onWarning: false }).fit(rows, y);
    const found = integratedGradients(reg, rows.slice(0, 5));
    expect(found.featureNames).toEqual(['a', 'kind']);
    const predictions = reg.predict(rows.slice(0, 5));
    for (let i = 0; i < 5; i++) {
      expect(found.predictions[i]! / predictions[i]!).toBeCloseTo(1, 5);
      expect((found.baselines[i]! + sum(found.values.row(i))) / predictions[i]!).toBeCloseTo(1, 3);
    }
    const clf = await new MLPClassifier({ seed: 1, epochs: 30, onWarning: false }).fit(
      rows,
      y.map((value) => (value > 70_000 ? 2 : value > 40_000 ? 1 : 0)),
    );
    for (const scale of ['output', 'logit'] as const) {
      const parts = integratedGradients(clf, rows.slice(0, 5), { output: 2, scale, baseline: rows.slice(5, 10) });
      const proba = clf.predictProba(rows.slice(0, 5)).toArray();
      for (const [i, [p0, p1, p2]] of proba.entries()) {
        expect(parts.predictions[i]).toBeCloseTo(scale === 'output' ? p2! : Math.log(p2! / (p0! + p1!)), 4);
        expect(parts.baselines[i]! + sum(parts.values.row(i))).toBeCloseTo(parts.predictions[i]!, 2);
      }
    }
  });

  test('refuses functions, networks without derivatives and baselines that do not fit', () => {
    const model = new MLP({ inputs: 2, layers: [dense(1)] });
    expect(refusal(() => integratedGradients(() => [1], [[1]])).code).toBe('ERR_UNSUPPORTED');
    expect(
      refusal(() =>
        integratedGradients(
          model,
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          {
            baseline: [
              [1, 2],
              [3, 4],
            ],
          },
        ),
      ).message,
    ).toMatch(/one for each of the 3 rows/);
    const steps = new MLP({ inputs: 2, layers: [dense(2, { activation: 'step' }), dense(1)] });
    expect(refusal(() => integratedGradients(steps, [[1, 2]])).message).toMatch(/step/);
  });

  test('integrates polynomials up to twice its nodes exactly', () => {
    for (const n of [1, 2, 3, 7, 50, 200]) {
      const { nodes, weights } = gaussLegendre(n);
      for (const degree of [0, 1, 2 * n - 2, 2 * n - 1]) {
        const integral = nodes.reduce((total, t, k) => total + weights[k]! * t ** degree, 0);
        expect(integral).toBeCloseTo(1 / (degree + 1), 13);
      }
    }
  });
});

describe('interactions', () => {
  test('are the Shapley interaction indices of the definition, and add up', () => {
    const model = new MLP({
      inputs: 5,
      layers: [dense(12, { activation: 'tanh' }), dense(6, { activation: 'relu' }), dense(1)],
      seed: 7,
    });
    const X = random(1, 2, 5).map((row) => row.map((value) => 2 * value));
    const background = [...random(2, 5, 5), [...X[0]!.slice(0, 3), 1, 1]];
    const found = interactions(model, X, { background });
    const parts = explain(model, X, { background });
    expect(found.base).toBe(parts.base);
    for (const [i, x] of X.entries()) {
      const matrix = found.values[i]!;
      const worth = meanWorth((rows) => model.predict(rows).data, x, background);
      let total = found.base;
      for (let a = 0; a < 5; a++) {
        total += matrix.row(a)[a]!;
        let own = matrix.row(a)[a]!;
        for (let b = 0; b < 5; b++) {
          if (a === b) continue;
          expect(matrix.row(a)[b]).toBeCloseTo(plainInteraction(5, worth, a, b), 5);
          expect(matrix.row(b)[a]).toBe(matrix.row(a)[b]);
          own += matrix.row(a)[b]! / 2;
          if (a < b) total += matrix.row(a)[b]!;
        }
        expect(own).toBeCloseTo(parts.values.row(i)[a]!, 9);
      }
      expect(total).toBeCloseTo(found.predictions[i]!, 9);
    }
  });

  test('of a product are all of it, of a sum nothing', () => {
    const found = interactions((X) => X.toArray().map(([a, b, c]) => a! * b! + c!), [[2, 3, 5]], { background: [[0, 0, 0]] });
    expect(found.values[0]!.toArray()).toEqual(
      [
        [0, 6, 0],
        [6, 0, 0],
        [0, 0, 5],
      ].map((row) => row.map((value) => expect.closeTo(value, 12))),
    );
    expect(found.featureNames).toEqual(['x0', 'x1', 'x2']);
  });

  test('refuse more than 16 features', () => {
    const answer = refusal(() =>
      interactions((X) => X.toArray().map((row) => row[0]!), random(1, 1, 17), { background: random(2, 1, 17) }),
    );
    expect([answer.code, answer.message]).toEqual(['ERR_OPTION', expect.stringMatching(/17 features differ .* up to 16/)]);
  });
});
