// Polynomial activations of every degree, and activations of the user's own: on both backends, against differences and closed forms,
// through files, exporters and refusals.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { MLPRegressor as PlainRegressor } from '../../src/entries/baseline.js';
import { explain } from '../../src/explain/explain.js';
import { build } from '../../src/formats/imported.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import { exportModule } from '../../src/formats/standalone.js';
import { gradientCheck as checkOnCore, inputHessian } from '../../src/mlp/float64.js';
import { MLP } from '../../src/mlp/mlp.js';
import { gradientCheck, hessianVectorProduct } from '../../src/model/inspections.js';
import { Model } from '../../src/model/model.js';
import { polynomial } from '../../src/plan/activations.js';
import { activation, dense } from '../../src/plan/layers.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { quantize } from '../../src/quantize/quantize.js';
import { refusal } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';
import { load, start } from '../support/standalone.js';

/** Degrees 1 to 7, with zeros among the coefficients and at the end. */
const lists = [
  [0.5, -2],
  [0, 0, 1],
  [1, 0, 0.5, 0],
  [0, 1, 0, -1 / 6],
  [0.1, -0.2, 0.3, -0.4, 0.05],
  [0, 1, 0, -1 / 6, 0, 1 / 120],
  [0, 0, 0, 0, 0, 0, 0.01],
  [0.3, 0.1, -0.2, 0.02, 0.03, -0.01, 0.001, 0.002],
];
const sumAt = (c: readonly number[], z: number) => c.reduce((sum, own, k) => sum + own * z ** k, 0);
const slopeOf = (c: readonly number[], z: number) => c.reduce((sum, own, k) => (k === 0 ? 0 : sum + k * own * z ** (k - 1)), 0);

const { X, y } = regression(24);
const net = (coefficients: readonly number[]): MLPOptions => ({
  inputs: 4,
  layers: [dense(7, { activation: polynomial(coefficients) }), activation(polynomial([0.1, 0.5, 0.25])), dense(1)],
  optimizer: { name: 'sgd', learningRate: 1e-3, momentum: 0.9 },
  seed: 2,
});

describe.each(makers)('polynomial activations on $name', ({ make }) => {
  test.each(lists.map((c) => [c]))('%j: values and derivatives are those of the sum of powers', (coefficients) => {
    const model = make({ inputs: 1, layers: [activation(polynomial(coefficients))] });
    const points = [-2, -1.25, -0.5, 0, 0.3, 1, 1.75, 2.5];
    const rows = points.map((z) => [z]);
    const outputs = model.predict(rows).data;
    const slopes = model.inputGradient(rows).data;
    const size = (z: number) => coefficients.reduce((sum, c, k) => sum + Math.abs(c * k * z ** Math.max(k - 1, 0)), 1);
    points.forEach((z, i) => {
      expect(Math.abs(outputs[i]! - sumAt(coefficients, z))).toBeLessThan(1e-6 * Math.max(1, Math.abs(z) * size(z)));
      expect(Math.abs(slopes[i]! - slopeOf(coefficients, z))).toBeLessThan(1e-6 * size(z));
    });
  });

  test.each(lists.map((c) => [c]))('%j: gradients pass the check, and files and clones keep the coefficients', (coefficients) => {
    const model = make(net(coefficients));
    expect(checkOnCore(model, X, y).maxRelativeError).toBeLessThan(1e-4);
    const loaded = (model.constructor as typeof MLP).load((model as MLP).save());
    expect(loaded.predict(X).data).toEqual(model.predict(X).data);
    expect(bitsOf(model.clone())).toEqual(bitsOf(model));
    expect(model.summary()).toMatch(/polynomial \(coefficients /);
  });

  test('second derivatives are exact: Hessians of a polynomial of the inputs', () => {
    const model = make({ inputs: 2, layers: [dense(1, { activation: polynomial([1, 2, 3, 4]) })] });
    model.parameters()[0]!.set([0.5, -1]);
    const [H] = model.inputHessian([[1, 0.25]]);
    const z = 0.5 - 0.25;
    const second = 6 + 24 * z;
    [0.25, -0.5, -0.5, 1].forEach((product, k) => expect(H!.data[k]).toBeCloseTo(second * product, 4));
    expect(inputHessian(model, [[1, 0.25]])[0]!.data[3]).toBeCloseTo(second, 4);
    expect(hessianVectorProduct(model, [[1, 0.25]], [[1, 0]]).toArray()[0]![0]).toBeCloseTo(0.25 * second, 4);
  });

  test('refuses lists that are none', () => {
    for (const coefficients of [[], [1], Array(9).fill(1), [1, Number.NaN], [1, '2'], 'z', [1, 1e39]])
      expect(
        refusal(() => make({ inputs: 1, layers: [dense(1, { activation: polynomial(coefficients as never) })] })).message,
      ).toMatch(/^layers\[0\]\.activation\.coefficients/);
    expect(
      refusal(() => make({ inputs: 1, layers: [dense(1, { activation: { name: 'polynomial', degree: 2 } as never })] })).code,
    ).toBe('ERR_OPTION');
    expect(
      make({ inputs: 1, layers: [activation('polynomial')] })
        .predict([[3]])
        .toArray(),
    ).toEqual([[9]]);
  });
});

describe('polynomial activations', () => {
  test.each(lists.map((c) => [c]))('%j: the core trains as the baseline in float64 does', (coefficients) => {
    for (const deterministic of [true, false]) {
      const core = new MLP({ ...net(coefficients), deterministic });
      const oracle = new Model(new PlainBackend(resolveNetwork(net(coefficients)), { precision: 'float64' }));
      oracle.setVector(core.getVector());
      for (let step = 0; step < 10; step++) {
        const loss = oracle.trainStep(X, y);
        expect(Math.abs(core.trainStep(X, y) - loss)).toBeLessThan(2e-5 * Math.max(1, loss));
      }
      oracle.getVector().forEach((w, k) => expect(core.getVector()[k]).toBeCloseTo(w, 4));
    }
  });

  test.each(lists.map((c) => [c]))(
    '%j: goes through ONNX and back, JavaScript, WebAssembly and the predictor',
    async (coefficients) => {
      const model = new MLP(net(coefficients));
      const wanted = model.predict(X).toArray().flat();
      const near = (values: ArrayLike<number>) =>
        wanted.forEach((w, i) => expect(Math.abs(Number(values[i]) - w)).toBeLessThan(2e-5 * Math.max(1, Math.abs(w))));
      near(build(MLP, importOnnx(exportOnnx(model))).predict(X).data);
      near((await load(exportModule(model).code)).predict(X).flat());
      near((await start(exportWasm(model))).predict(X).flat());
      expect(loadPredictor(model.save()).predict(X)).toEqual(model.predict(X));
      expect(loadPredictor(model.save()).inputGradient(X).data).toEqual(model.inputGradient(X).data);
    },
  );

  test('are explained, and refused by name as whole numbers', () => {
    const model = new MLP(net([0, 1, 0.5]));
    const { base, values, predictions } = explain(model, X.slice(0, 3), { background: X });
    for (let i = 0; i < 3; i++) expect(base + values.row(i).reduce((sum, v) => sum + v, 0)).toBeCloseTo(predictions[i]!, 4);
    expect(refusal(() => quantize(model, X, { maxLoss: 1 })).message).toMatch(
      /"polynomial", which models of whole numbers do not have/,
    );
  });

  test('a network of them is a polynomial of the product of the degrees, and no more: its differences of a higher order vanish', () => {
    // Two layers of squares: degree 4. The fifth differences of any polynomial of degree 4 are 0, those of a tanh network are not.
    const layers = (name: 'polynomial' | 'tanh') => [
      dense(9, { activation: name, biasInit: 'fanInUniform' }),
      dense(9, { activation: name, biasInit: 'fanInUniform' }),
      dense(1),
    ];
    const difference = (name: 'polynomial' | 'tanh') => {
      const backend = new PlainBackend(resolveNetwork({ inputs: 1, layers: layers(name) }), { precision: 'float64' });
      const out = Array.from({ length: 6 }, (_, k) => {
        backend.reserve(1, 1, false);
        backend.x[0] = -1 + 0.4 * k;
        backend.forward(0, 1, false);
        return backend.outputs[0]!;
      });
      const size = Math.max(...out.map(Math.abs));
      return Math.abs([1, -5, 10, -10, 5, -1].reduce((sum, c, k) => sum + c * out[k]!, 0)) / size;
    };
    expect(difference('polynomial')).toBeLessThan(1e-12);
    expect(difference('tanh')).toBeGreaterThan(1e-6);
  });
});

describe('an activation of one’s own', () => {
  const sine = { name: 'sine', value: Math.sin, derivative: Math.cos, second: (z: number) => -Math.sin(z) };
  const options = (own: object): MLPOptions => ({
    inputs: 4,
    layers: [dense(6, { activation: own as typeof sine }), activation(own as typeof sine), dense(1)],
    seed: 3,
  });

  test('trains and predicts in the baseline, and gives what a built-in one gives that is the same function', () => {
    const tanh = { name: 'my tanh', value: Math.tanh, derivative: (z: number) => (1 - Math.tanh(z)) * (1 + Math.tanh(z)) };
    const [own, built] = [new PlainMLP(options(tanh)), new PlainMLP(options({ name: 'tanh' }))];
    built.setVector(own.getVector());
    for (const model of [own, built]) model.fitSync(X, y, { epochs: 5, batchSize: 8 });
    own.getVector().forEach((w, k) => expect(w).toBeCloseTo(built.getVector()[k]!, 6));
    expect(own.summary()).toMatch(/dense my tanh/);
    expect(own.clone().predict(X).data).toEqual(own.predict(X).data);
  });

  test('gradientCheck holds its derivative to its value, and finds a wrong one', () => {
    expect(gradientCheck(new PlainMLP(options(sine)), X, y).ok).toBe(true);
    const wrong = { ...sine, derivative: (z: number) => 0.5 * Math.cos(z) };
    const check = gradientCheck(new PlainMLP(options(wrong)), X, y);
    expect(check.ok, check.toString()).toBe(false);
  });

  test('with a second derivative Hessians are exact, without one that is refused by name', () => {
    const model = new PlainMLP({ inputs: 1, layers: [activation(sine)] });
    expect(model.inputHessian([[0.7]])[0]!.data[0]).toBeCloseTo(-Math.sin(0.7), 6);
    expect(hessianVectorProduct(model, [[0.7]], [[2]]).data[0]).toBeCloseTo(-2 * Math.sin(0.7), 6);
    const { second: _, ...bare } = sine;
    expect(refusal(() => hessianVectorProduct(new PlainMLP(options(bare)), X, X)).message).toMatch(
      /"sine" \(layers\.0\) is a function of yours without a second derivative/,
    );
  });

  test('is refused by name on the core, in files, by exporters and as whole numbers', () => {
    const { code, message } = refusal(() => new MLP(options(sine)));
    expect(code).toBe('ERR_UNSUPPORTED');
    expect(message).toMatch(/^layers\.0: the activation "sine" is a function of yours.*feedforward\/baseline/);
    const model = new PlainMLP(options(sine));
    expect(refusal(() => model.save()).message).toMatch(/^save: layers\.0 has the activation "sine".*setVector/);
    for (const refused of [() => exportOnnx(model), () => exportModule(model), () => exportWasm(model)])
      expect(refusal(refused).message).toMatch(/layers\.0 has the activation "sine"/);
    const vector = model.getVector();
    const again = new PlainMLP(options(sine));
    again.setVector(vector);
    expect(again.predict(X).data).toEqual(model.predict(X).data);
  });

  test('refuses what is not one, by the name of the option', () => {
    const make = (own: object) => () => new PlainMLP({ inputs: 1, layers: [dense(1, { activation: own as typeof sine })] });
    expect(refusal(make({ name: 'sine', value: Math.sin })).message).toMatch(
      /^layers\[0\]\.activation\.derivative: expected a function of one number, got nothing|undefined/,
    );
    expect(refusal(make({ ...sine, second: 3 })).message).toMatch(/^layers\[0\]\.activation\.second/);
    expect(refusal(make({ ...sine, secnd: Math.sin })).message).toMatch(/Did you mean "second"/);
    expect(refusal(make({ ...sine, name: 'tanh' })).message).toMatch(/unknown option "value"|"value"/);
    expect(refusal(make({ name: 'sine' })).message).toMatch(/unknown activation "sine"/);
  });

  test('estimators of the baseline take it, and refuse to save it', () => {
    const model = new PlainRegressor({ hiddenLayers: [6], activation: sine, epochs: 5, seed: 1 });
    model.fitSync(
      X,
      y.map(([t]) => t!),
    );
    expect(model.predict(X).length).toBe(X.length);
    expect(refusal(() => model.save()).code).toBe('ERR_UNSUPPORTED');
  });

  test('a random network of it passes the gradient check in float64 whatever its shape', () => {
    const random = new Random(5, 'shapes');
    for (let k = 0; k < 5; k++) {
      const width = 1 + random.below(9);
      const model = new PlainMLP({ inputs: 4, layers: [dense(width, { activation: sine }), dense(1)], seed: k });
      expect(gradientCheck(model, X, y).maxRelativeError).toBeLessThan(1e-4);
    }
  });
});
