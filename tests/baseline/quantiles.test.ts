// Pinball and the Gaussian likelihood against scikit-learn and PyTorch, in both backends; outputs that never cross.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { gradientCheck } from '../../src/mlp/float64.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, dense } from '../../src/plan/layers.js';
import { gaussianNll, pinball } from '../../src/plan/losses.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { orderedOutputs } from '../../src/plan/ordered.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const { pinball: quantiles, gaussian } = JSON.parse(
  readFileSync(new URL('../fixtures/quantiles.json', import.meta.url), 'utf8'),
) as {
  pinball: { levels: number[]; y: number[][]; predicted: number[][]; weights: number[]; value: number; byLevel: number[] };
  gaussian: { y: number[][]; outputs: number[][]; value: number; gradient: number[][] };
};

const random = new Random(2, 'rows');
const X = Array.from({ length: 300 }, () => [random.normal(), random.normal()]);
const noisy = X.map(([a, b]) => [Math.sin(2 * a!) + (0.3 + 0.3 * Math.abs(b!)) * random.normal()]);
const two = noisy.map(([y], i) => [y!, 3 * X[i]![0]! + random.normal()]);
const levels = [0.05, 0.25, 0.5, 0.95];

/** A network whose outputs are what it is given: the losses alone are tested. */
function passing(Kind: typeof MLP | typeof Plain, columns: number, loss: MLPOptions['loss']): MLP {
  const identity = Array.from({ length: columns ** 2 }, (_, k) => (k % (columns + 1) === 0 ? 1 : 0));
  const model = new Kind({ inputs: columns, layers: [dense(columns)], loss }) as MLP;
  model.parameters()[0]!.set(identity);
  return model;
}

describe.each([
  ['core', MLP],
  ['baseline', Plain],
] as const)('in the %s', (_, Kind) => {
  test('pinball of one level is mean_pinball_loss of scikit-learn, weighted rows too', () => {
    quantiles.levels.forEach((level, k) => {
      const model = passing(Kind, 1, pinball({ levels: level }));
      const predicted = quantiles.predicted.map((row) => [row[k]!]);
      const y = quantiles.y.map((row) => [row[0]!]);
      expect(model.evaluate(predicted, y).loss).toBeCloseTo(quantiles.byLevel[k]!, 6);
    });
  });

  test('of several levels and targets the mean over all of them', () => {
    const model = new Kind({
      inputs: 6,
      layers: [...orderedOutputs(3, { targets: 2 })],
      loss: pinball({ levels: quantiles.levels }),
    }) as MLP;
    const predicted = model.predict(quantiles.predicted);
    let sum = 0;
    predicted.data.forEach((p, k) => {
      const [y, q] = [quantiles.y[Math.floor(k / 6)]![k % 6 < 3 ? 0 : 1]!, quantiles.levels[k % 3]!];
      sum += y >= p ? q * (y - p) : (1 - q) * (p - y);
    });
    expect(model.evaluate(quantiles.predicted, quantiles.y).loss).toBeCloseTo(sum / 42, 5);
  });

  test('gaussianNll is GaussianNLLLoss of PyTorch: value, gradient, and a variance below epsilon', () => {
    const model = passing(Kind, 4, gaussianNll());
    expect(model.evaluate(gaussian.outputs, gaussian.y).loss / gaussian.value).toBeCloseTo(1, 5);
    model.zeroGrad();
    model.forward(gaussian.outputs, { training: true });
    model.loss(gaussian.y);
    model.backward();
    const { data } = model.lossInputGradient();
    gaussian.gradient.flat().forEach((slope, k) => {
      const low = gaussian.outputs.flat()[k]! < -14; // there the value does not change; PyTorch's gradient passes by the limit
      if (low) expect(data[k]).toBe(0);
      else expect(Math.abs(data[k]! - slope) / Math.max(1, Math.abs(slope))).toBeLessThan(1e-5);
    });
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 9])('both backends agree for %i targets, row by row', (targets) => {
  const y = X.slice(0, 40).map(() => Array.from({ length: targets }, () => random.normal()));
  for (const [outputs, loss] of [
    [2 * targets, gaussianNll({ epsilon: 0.1 })],
    [4 * targets, pinball({ levels })],
  ] as const) {
    const options = {
      inputs: 2,
      layers: [dense(5, { activation: 'tanh' }), dense(outputs)],
      loss,
      optimizer: { name: 'adam', epsilon: 1e-3 },
    } as const;
    const [core, exact] = [new MLP(options), new Plain(options, { precision: 'float64' })];
    exact.parameters().forEach((parameter, i) => parameter.set(core.parameters()[i]!.values));
    const weights = y.map((_, i) => (i % 5 === 0 ? 0 : 1 + (i % 3)));
    for (const model of [core, exact]) model.fitSync(X.slice(0, 40), y, { epochs: 4, batchSize: 7, sampleWeight: weights });
    const other = exact.parameters();
    core
      .parameters()
      .forEach(({ values }, i) => values.forEach((w, k) => expect(Math.abs(w - other[i]!.values[k]!)).toBeLessThan(3e-4)));
    expect(core.evaluate(X.slice(0, 40), y).loss).toBeCloseTo(exact.evaluate(X.slice(0, 40), y).loss, 4);
  }
});

test('gradients are those of the values, by finite differences', () => {
  for (const [outputs, y, loss] of [
    [8, two, pinball({ levels })],
    [4, two, gaussianNll()],
  ] as const) {
    const model = new MLP({ inputs: 2, layers: [dense(5, { activation: 'tanh' }), dense(outputs)], loss });
    expect(gradientCheck(model, X.slice(0, 20), y.slice(0, 20)).ok).toBe(true);
  }
});

describe('quantiles', () => {
  const model = new MLP({ inputs: 2, layers: [dense(24, { activation: 'tanh' }), dense(4)], loss: pinball({ levels }), seed: 3 });

  test('never cross, trained or not, inside the data and far outside, to the last bit, in files and predictors', () => {
    const expectOrder = (one: { predict: (X: number[][]) => unknown }) => {
      for (const size of [1, 1e-3, 1e3, 1e7]) {
        const probe = Array.from({ length: 300 }, () => [size * random.normal(), size * random.normal()]);
        for (const row of (one.predict(probe) as { toArray(): number[][] }).toArray())
          for (let k = 1; k < 4; k++) expect(row[k]!).toBeGreaterThanOrEqual(row[k - 1]!);
      }
    };
    expectOrder(model);
    model.fitSync(X, noisy, { epochs: 60 });
    expectOrder(model);
    const again = MLP.load(model.save({ optimizer: true }));
    expect(again.plan.layers.length).toBe(3);
    expect(again.predict(X)).toEqual(model.predict(X));
    for (const one of [model, again]) one.fitSync(X, noisy, { epochs: 70 });
    expect(again.save()).toEqual(model.save());
    expect(loadPredictor(model.save()).predict(X)).toEqual(model.predict(X));
    expectOrder(loadPredictor(model.save()));
  });

  test('hold their share of the rows', () => {
    const predicted = model.predict(X);
    levels.forEach((level, k) => {
      const below = noisy.filter(([y], i) => y! <= predicted.row(i)[k]!).length / X.length;
      expect(Math.abs(below - level)).toBeLessThan(0.08);
    });
  });

  test('have two layers in the place of the last, of which the second never changes', () => {
    const names = model.parameters().map(({ name, trainable, shape }) => `${name} ${shape.join('x')} ${trainable}`);
    expect(names).toEqual([
      'layers.0.weight 2x24 true',
      'layers.0.bias 24 true',
      'layers.1.weight 24x5 true',
      'layers.1.bias 5 true',
      'layers.2.weight 5x4 false',
    ]);
    expect([...model.parameters()[4]!.values]).toEqual([1, 1, 1, 1, -1, -1, -1, -1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1]);
  });
});

test('what cannot be is refused by name', () => {
  const of = (layers: MLPOptions['layers'], loss: unknown, more = {}) =>
    refusal(() => new MLP({ inputs: 2, layers, loss: loss as MLPOptions['loss'], ...more })).message;
  expect(of([dense(4)], pinball({ levels: [0.1, 0.5, 0.9] }))).toContain(
    'pinball needs a quantile for each of 3 levels, 3 outputs for each target, and the network has 4',
  );
  expect(of([dense(3, { activation: 'tanh' })], pinball({ levels: [0.1, 0.5, 0.9] }))).toContain(
    'needs outputs in ascending order',
  );
  expect(of([dense(3), activation('relu')], pinball({ levels: [0.1, 0.5, 0.9] }))).toContain('...orderedOutputs(3)');
  for (const levels of [[], [0.5, 0.5], [0.9, 0.1], [0, 0.5], [1], 'half'])
    expect(of([dense(1)], { name: 'pinball', levels })).toContain(
      'loss.levels: expected numbers between 0 and 1 in ascending order',
    );
  expect(of([dense(3)], gaussianNll())).toContain('2 outputs for each target, and the network has 3');
  expect(of([dense(2, { activation: 'sigmoid' })], gaussianNll())).toContain('gaussianNll needs raw outputs');
  expect(of([dense(2)], gaussianNll({ epsilon: 0 }))).toContain('loss.epsilon');
  expect(of([dense(2)], gaussianNll(), { metrics: ['r2'] })).toContain('metrics: with the loss "gaussianNll"');
  const misused = () => new MLP({ inputs: 2, layers: [dense(2, { weightInit: 'cumulative' })] }).predict(X);
  expect(refusal(misused).message).toContain("weightInit: 'cumulative' is for n + 1 inputs for each n outputs");
  expect(refusal(() => orderedOutputs(0)).message).toContain('orderedOutputs: columns');
  const model = new MLP({ inputs: 2, layers: [dense(4)], loss: gaussianNll() });
  expect(
    refusal(() =>
      model.fitSync(
        X,
        X.map(() => [1, 2, 3]),
      ),
    ).code,
  ).toBe('ERR_SHAPE');
});
