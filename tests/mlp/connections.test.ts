// Connections that a dense layer lacks: weights that are 0 for ever, in both backends, whatever trains, saves, loads or sets them.

import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { gradientCheck, hessianVectorProduct } from '../../src/entries/index.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const random = new Random(9, 'connections');
const X = Array.from({ length: 40 }, () => Array.from({ length: 5 }, () => random.normal()));
const y = X.map(([a, b, c, d]) => [Math.sin(2 * a!) - b!, c! * d!]);
const mask = Array.from({ length: 5 }, (_, i) => Array.from({ length: 19 }, (_, j) => Number((i + 2 * j) % 3 !== 0)));

const options = (more: Partial<MLPOptions> = {}): MLPOptions => ({
  inputs: 5,
  layers: [dense(19, { activation: 'tanh', mask }), dense(7, { activation: 'softplus', sparse: 0.3 }), dense(2)],
  seed: 6,
  ...more,
});

/** Indices of weights that are 0 by the mask, and by sparse. */
const missing = (model: MLP | Plain): number[][] =>
  [0, 2].map((t) => [...model.parameters()[t]!.values.entries()].flatMap(([k, w]) => (w === 0 ? [k] : [])));

describe('connections', () => {
  test('are those of the mask, [inputs, units], and as many for each unit as sparse says', () => {
    const model = new MLP(options());
    const weight = model.parameters()[0]!.values;
    mask.flat().forEach((there, k) => expect(weight[k] !== 0, `weight ${k}`).toBe(there === 1));
    const second = model.parameters()[2]!.values; // 30 % of 19 inputs: 6
    for (let u = 0; u < 7; u++)
      expect(Array.from({ length: 19 }, (_, i) => second[i * 7 + u]).filter((w) => w !== 0).length).toBe(6);
    expect(missing(new MLP(options()))).toEqual(missing(model));
    expect(missing(new Plain(options()))).toEqual(missing(model));
    expect(missing(new MLP(options({ seed: 7 })))[1]).not.toEqual(missing(model)[1]);
  });

  test.each([1, 2, 3, 4, 5, 8, 9])('sparse leaves each of %i units at least one input and none twice', (units) => {
    for (let inputs = 1; inputs <= 9; inputs++)
      for (const sparse of [1e-6, 0.5, 1]) {
        const model = new MLP({ inputs, layers: [dense(units, { sparse, weightInit: 'ones' })] });
        const weight = model.parameters()[0]!.values;
        for (let u = 0; u < units; u++) {
          let sum = 0;
          for (let i = 0; i < inputs; i++) sum += weight[i * units + u]!;
          expect(sum).toBe(Math.max(1, Math.round(sparse * inputs)));
        }
      }
  });

  test('start as large as the rule says for as many inputs as a unit has', () => {
    const spread = (layer: object) => {
      const { values } = new MLP({
        inputs: 400,
        layers: [dense(200, { weightInit: 'heNormal', ...layer }), dense(1)],
      }).parameters()[0]!;
      const there = values.filter((w) => w !== 0);
      return Math.sqrt(there.reduce((sum, w) => sum + w * w, 0) / there.length);
    };
    // 20,000 draws at a quarter: their deviation is known to half a percent
    expect(spread({ sparse: 0.25 })).toBeCloseTo(Math.sqrt(2 / 100), 2);
    expect(spread({ sparse: 0.25 }) / spread({})).toBeGreaterThan(1.95);
    expect(spread({ sparse: 0.25, weightInit: { name: 'normal', deviation: 0.05 } })).toBeCloseTo(0.05, 2);
  });

  test.each(optimizerNames)(
    'that are not there stay 0 through %s, penalties, decay and averages, and are those of the float64 reference',
    (name) => {
      const lbfgs = name === 'lbfgs';
      const more: Partial<MLPOptions> = {
        optimizer: name === 'adam' || name === 'sgd' ? { name, weightDecay: 0.01 } : name,
        l1: lbfgs ? 0 : 1e-3,
        l2: 1e-2,
        ...(lbfgs ? {} : { weightAveraging: { decay: 0.9 }, clip: { globalNorm: 1 } }),
      };
      const model = new MLP(options(more));
      const reference = new Plain(options(more), { precision: 'float64' });
      const none = missing(model);
      const fit = name === 'gd' || lbfgs ? { epochs: 6 } : { epochs: 6, batchSize: 16 };
      model.fitSync(X, y, fit);
      reference.fitSync(X, y, fit);
      expect(missing(model)).toEqual(none);
      expect(missing(reference)).toEqual(none);
      const changed = new MLP(options(more)).getVector();
      expect(model.getVector().some((w, k) => w !== changed[k])).toBe(true);
      const tolerance = lbfgs ? 0.05 : 2e-3; // float32 over a few dozen steps; rules that divide by a gradient's size, and line searches, spread it
      model.getVector().forEach((w, k) => expect(Math.abs(w - reference.getVector()[k]!)).toBeLessThan(tolerance));
    },
  );

  test('have gradients, and none where there is no connection; added over batches too', () => {
    for (const model of [new MLP(options()), new Plain(options())]) {
      model.zeroGrad();
      for (let k = 0; k < 2; k++) {
        model.forward(X, { training: true });
        model.loss(y);
        model.backward();
      }
      const none = missing(model as MLP);
      model.gradients().forEach(({ values }, t) => {
        const out = t === 0 ? none[0]! : t === 2 ? none[1]! : [];
        values.forEach((g, k) => {
          if (out.includes(k)) expect(Object.is(g, 0) || Object.is(g, -0)).toBe(true);
        });
        // some units are read by none of the next layer
        expect(values.filter((g) => g !== 0).length).toBeGreaterThan(0.9 * (values.length - out.length));
      });
      const check = gradientCheck(model, X, y);
      expect(check.ok, check.toString()).toBe(true);
    }
  });

  test('count in second derivatives: products with Hessians are those of the reference', () => {
    const smooth = options();
    const vectors = X.map((row) => row.map((v) => 1 - v));
    const [a, b] = [new MLP(smooth), new Plain(smooth, { precision: 'float64' })].map((m) => hessianVectorProduct(m, X, vectors));
    a!.data.forEach((value, k) => expect(value).toBeCloseTo(b!.data[k]!, 4));
  });

  test('train on input gradients, and stay away', () => {
    const slopes = X.map(() => Array.from({ length: 10 }, () => random.normal()));
    const model = new MLP(options());
    const none = missing(model);
    for (let k = 0; k < 5; k++) model.trainStep(X, y, { inputGradients: slopes });
    expect(missing(model)).toEqual(none);
  });

  test('are saved, loaded and gone on with to the same bits; a predictor needs nothing of them', () => {
    const model = new MLP(options());
    model.fitSync(X, y, { epochs: 4 });
    const again = MLP.load(model.save({ optimizer: true }));
    for (const one of [model, again]) one.fitSync(X, y, { epochs: 9 });
    expect(again.save()).toEqual(model.save());
    expect(missing(again)).toEqual(missing(new MLP(options())));
    expect(loadPredictor(model.save()).predict(X)).toEqual(model.predict(X));
    expect(model.clone().predict(X)).toEqual(model.predict(X));
    // a mask in an array with its shape is written as rows
    const flat = new MLP(
      options({ layers: [dense(2, { mask: { data: Float32Array.of(1, 0, 0, 1, 1, 1, 0, 0, 1, 0), shape: [5, 2] } })] }),
    );
    expect(MLP.load(flat.save()).getVector()).toEqual(flat.getVector());
  });

  test('keep signs beside: a mask of a layer with signs', () => {
    const model = new MLP(options({ layers: [dense(19, { mask, signs: 1 }), dense(2)] }));
    model.fitSync(X, y, { epochs: 20 });
    const weight = model.parameters()[0]!.values;
    mask.flat().forEach((there, k) => (there === 1 ? expect(weight[k]).toBeGreaterThanOrEqual(0) : expect(weight[k]).toBe(0)));
  });

  test('are told of by summary()', () => {
    const text = new MLP(options()).summary();
    expect(text).toContain('63 of 95 connections');
    expect(text).toContain('42 of 133 connections');
  });

  test('refuse weights where there is no connection, and masks that are none', () => {
    const model = new MLP(options());
    const weight = model.parameters()[0]!;
    expect(refusal(() => weight.set(weight.values.map(() => 1))).message).toContain(
      'mask, sparse or signs say that there is no such connection',
    );
    expect(refusal(() => model.setVector(model.getVector().map(() => 1))).code).toBe('ERR_RANGE');
    const of = (layer: object) => refusal(() => new MLP({ inputs: 2, layers: [dense(2, layer)] })).message;
    expect(of({ mask: [[1, 0]] })).toContain('layers[0].mask: expected 2 x 2, inputs x units as the weights, got 1 x 2');
    expect(
      of({
        mask: [
          [1, 0],
          [0.5, 1],
        ],
      }),
    ).toContain('layers[0].mask: expected 0 (no connection) and 1, got 0.5 from input 1 to unit 0');
    expect(
      of({
        mask: [
          [1, 0],
          [1, 1],
        ],
        sparse: 0.5,
      }),
    ).toContain('Give one of the two');
    expect(of({ sparse: 0 })).toContain('layers[0].sparse');
    expect(of({ sparse: 1.1 })).toContain('layers[0].sparse');
  });
});
