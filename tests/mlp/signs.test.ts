// Signs that weights keep: exactly, whatever the rule, and the same in both backends.

import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense, type DenseSpec } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const random = new Random(8, 'signs');
const X = Array.from({ length: 60 }, () => [random.normal(), random.normal(), random.normal()]);
const y = X.map(([a, b, c]) => [-2 * a! + Math.sin(3 * b!), b! * c!]);

const blocks: DenseSpec['signs'] = {
  inputs: [1, 1, 1],
  units: [3, 2],
  signs: [
    [1, -1],
    [0, null],
    [-1, 0],
  ],
};
/** What those blocks say of weight [i][j]. */
const told = (i: number, j: number) =>
  [
    [1, -1],
    [0, null],
    [-1, 0],
  ][i]![j < 3 ? 0 : 1];

const options = (more: Partial<MLPOptions> = {}): MLPOptions => ({
  inputs: 3,
  layers: [dense(5, { activation: 'tanh', signs: blocks }), dense(6, { activation: 'tanh', signs: 1 }), dense(2, { signs: -1 })],
  seed: 4,
  ...more,
});

function expectSigns(model: MLP | Plain): void {
  const [first, , second, , third] = model.parameters().map(({ values }) => values);
  first!.forEach((w, k) => {
    const sign = told(Math.floor(k / 5), k % 5)!;
    if (sign === null) expect(w).toBe(0);
    else if (sign !== 0) expect(w * sign).toBeGreaterThanOrEqual(0);
  });
  expect(Math.min(...second!)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...third!)).toBeLessThanOrEqual(0);
}

describe('signs of weights', () => {
  test.each(optimizerNames.filter((name) => name !== 'lbfgs' && name !== 'gd'))(
    'hold at the start and after each step of %s',
    (optimizer) => {
      for (const model of [new MLP(options({ optimizer })), new Plain(options({ optimizer }))]) {
        expectSigns(model);
        expect(model.parameters()[0]!.values.filter((w) => w !== 0).length).toBe(13); // all but two blocks' weights
        for (let step = 0; step < 20; step++) {
          model.trainStep(X, y);
          expectSigns(model);
        }
        expect([...model.parameters()[2]!.values].filter((w) => w === 0).length).toBeGreaterThanOrEqual(0);
      }
    },
  );

  test('are those of the float64 reference, weight by weight, with averages, penalties and limits on norms', () => {
    const more = {
      weightAveraging: { decay: 0.9 },
      l1: 1e-3,
      l2: 1e-2,
      maxNorm: 0.8,
      optimizer: { name: 'adam', learningRate: 0.02, epsilon: 1e-3 },
    } as const;
    const model = new MLP(options(more));
    const reference = new Plain(options(more), { precision: 'float64' });
    reference.parameters().forEach((parameter, i) => parameter.set(model.parameters()[i]!.values));
    model.fitSync(X, y, { epochs: 30, batchSize: 16 });
    reference.fitSync(X, y, { epochs: 30, batchSize: 16 });
    const [own, exact] = [model, reference].map((of) => of.parameters().flatMap(({ values }) => [...values]));
    expect(own!.filter((w) => w === 0).length).toBeGreaterThan(6); // some weights were held at 0
    own!.forEach((w, k) => expect(Math.abs(w - exact![k]!)).toBeLessThan(2e-4));
    const [p, q] = [model.predict(X).data, reference.predict(X).data];
    p.forEach((value, k) => expect(value).toBeCloseTo(q[k]!, 3));
  });

  test('make outputs that only rise or fall, to the last bit, inside the data and far outside', () => {
    const model = new MLP({ inputs: 1, layers: [dense(9, { activation: 'tanh', signs: 1 }), dense(1, { signs: 1 })], seed: 2 });
    const line = Array.from({ length: 60 }, (_, i) => [i / 20 - 1.5]);
    model.fitSync(
      line,
      line.map(([x]) => [Math.sin(4 * x!)]),
      { epochs: 200 },
    );
    for (const size of [1, 1e-3, 1e3, 1e10]) {
      const probe = Array.from({ length: 400 }, (_, i) => [((i - 200) / 100) * size]);
      const { data } = model.predict(probe);
      for (let i = 1; i < data.length; i++) expect(data[i]! - data[i - 1]!).toBeGreaterThanOrEqual(-2e-7);
      expect(Math.min(...model.inputGradient(probe).data)).toBeGreaterThanOrEqual(0);
    }
  });

  test('are saved, loaded and gone on with; a predictor needs nothing of them', () => {
    const model = new MLP(options());
    model.fitSync(X, y, { epochs: 4 });
    const again = MLP.load(model.save({ optimizer: true }));
    for (const one of [model, again]) one.fitSync(X, y, { epochs: 9 });
    expect(again.save()).toEqual(model.save());
    expectSigns(again);
    expect(loadPredictor(model.save()).predict(X)).toEqual(model.predict(X));
  });

  test('refuse weights that are not theirs, lbfgs, and what is no sign', () => {
    const model = new MLP(options());
    const [weight, , second] = model.parameters();
    const wrong = weight!.values.map((w, k) => (k === 2 ? -1 : w));
    expect(refusal(() => weight!.set(wrong))).toMatchObject({ code: 'ERR_RANGE' });
    expect(refusal(() => weight!.set(wrong)).message).toContain('layers.0.weight: value 2 is -1');
    expect(refusal(() => second!.set(second!.values.map(() => -1))).message).toContain('not negative');
    expect(refusal(() => model.setVector(model.getVector().map(() => 1))).message).toContain('layers.0.weight: value 3 is 1');
    expectSigns(model);
    const { tensors, ...state } = model.state();
    const forged = { ...state, tensors: [wrong, ...tensors.slice(1)] };
    expect(refusal(() => new MLP(options()).restoreState(forged)).code).toBe('ERR_RANGE');
    expect(refusal(() => new MLP(options({ optimizer: 'lbfgs' })).fitSync(X, y)).message).toContain('lbfgs: signs');
    const of = (signs: unknown) => refusal(() => new MLP({ inputs: 3, layers: [dense(2, { signs: signs as 1 })] })).message;
    expect(of(2)).toContain('layers[0].signs: expected 1, -1, 0, null or { inputs, units, signs }, got 2');
    expect(of({ inputs: [1, 1], units: [2], signs: [[1], [1]] })).toContain('signs.inputs: expected sizes that add up to 3');
    expect(of({ inputs: [3], units: [2], signs: [[1, 1]] })).toContain('signs.signs[0]: expected a list of 1');
    expect(of({ inputs: [3], units: [2], signs: [['up']] })).toContain('signs.signs[0][0]');
  });
});
