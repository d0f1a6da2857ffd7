// rescale({ center, scale, gain }): y = gain (x - center) / scale. In front of a network it subtracts in float64, whichever way
// rows come in; the reference is that formula in float64 and the network behind it on the float64 baseline.

import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { Matrix } from '../../src/data/matrix.js';
import { Random } from '../../src/data/random.js';
import { MinMaxScaler, RobustScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { findLearningRate } from '../../src/model/inspections.js';
import { gradientCheck, inputHessian } from '../../src/mlp/float64.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense, dropout, noise, rescale, residual, type LayerSpec } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { refusal } from '../support/errors.js';

/** Ten minutes of unix seconds, and a column of milliseconds: float32 steps by 128 and by 131,072 here. */
const center = [1_700_000_300.25, 1_700_000_300_250];
const scale = [173.2, 173_200];
const random = new Random(3, 'rescale');
const times = Array.from({ length: 61 }, () => 1_700_000_000 + 600 * random.uniform());
const X = times.map((t, i) => [t, 1000 * times[60 - i]!]);
const y = times.map((t) => [Math.sin((t - 1_700_000_000) / 90)]);
const scaled = X.map((row) => row.map((v, j) => (v - center[j]!) / scale[j]!));

const behind: LayerSpec[] = [dense(7, { activation: 'tanh' }), dense(1)];
const options = (front: LayerSpec[], more: Partial<MLPOptions> = {}): MLPOptions => ({
  inputs: 2,
  layers: [...front, ...behind],
  optimizer: { name: 'adam', epsilon: 1e-3 },
  seed: 4,
  ...more,
});
const front = rescale({ center, scale });

/** The same weights behind another front. */
function withWeights<M extends MLP | Plain>(model: M, source: MLP | Plain): M {
  const values = source.parameters().filter(({ name }) => !name.endsWith('gain'));
  for (const [i, parameter] of model
    .parameters()
    .filter(({ name }) => !name.endsWith('gain'))
    .entries())
    parameter.set(values[i]!.values);
  return model;
}

/** What the network behind the layer makes of rows that were rescaled in float64. */
const reference = () => withWeights(new Plain(options([]), { precision: 'float64' }), new MLP(options([front])));

function expectClose(given: ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 2e-6): void {
  expect(given.length).toBe(wanted.length);
  const size = Math.max(1, ...Array.from(wanted, Math.abs));
  for (let k = 0; k < wanted.length; k++) expect(Math.abs(given[k]! - wanted[k]!) / size, `number ${k}`).toBeLessThan(tolerance);
}

/** Code and message of what is refused. */
function codeOf(action: () => unknown): string {
  const { code, message } = refusal(action);
  return `${code} ${message}`;
}

const flat = Float64Array.from(X.flat());
const forms: Record<string, never> = {
  rows: X as never,
  'rows of float64': X.map((row) => Float64Array.from(row)) as never,
  '{ data: float64, shape }': { data: flat, shape: [61, 2] } as never,
  '{ data: numbers, shape }': { data: [...flat], shape: [61, 2] } as never,
};

describe.each([
  ['the core', (o: MLPOptions) => new MLP(o)],
  ['the core, deterministic', (o: MLPOptions) => new MLP({ ...o, deterministic: true })],
  ['the baseline in float32', (o: MLPOptions) => new Plain(o)],
  ['the baseline in float64', (o: MLPOptions) => new Plain(o, { precision: 'float64' })],
])('%s subtracts the center in float64', (_, make) => {
  const wanted = reference().predict(scaled).data;

  test.each(Object.entries(forms))('in predict and forward, from %s', (_form, rows) => {
    const model = make(options([front]));
    expectClose(model.predict(rows).data, wanted);
    expectClose(model.forward(rows, { training: true }).data, wanted);
    expectClose(model.forward(rows, { training: false }).data, wanted);
  });

  test('in predict with checkFinite: false, where a NaN stays in its row', () => {
    const model = make(options([front]));
    const rows = X.map((row, i) => (i === 3 ? [NaN, row[1]!] : row));
    const out = model.predict(rows, { checkFinite: false }).data;
    expect(out[3]).toBeNaN();
    expectClose(
      out.filter((v) => !Number.isNaN(v)),
      wanted.filter((_v, i) => i !== 3),
    );
  });

  test('of float32 numbers too: predict, predictInto and evaluate with copy: false compute the formula of the rounded rows', () => {
    const model = make(options([front]));
    const rounded = new Matrix(Float32Array.from(flat), 61, 2);
    const exact = X.map((row) => row.map((v, j) => (Math.fround(v) - center[j]!) / scale[j]!));
    const formula = reference().predict(exact).data;
    expectClose(model.predict(rounded).data, formula);
    const out = new Float32Array(61);
    model.predictInto(rounded.data, out);
    expectClose(out, formula);
    expect(model.evaluate(rounded, y).loss).toBeCloseTo(reference().evaluate(exact, y).loss, 5);
  });

  test('in evaluate, trainStep and the step loop', () => {
    const model = make(options([front]));
    const other = reference();
    expect(model.evaluate(X, y).loss).toBeCloseTo(other.evaluate(scaled, y).loss, 5);
    expect(model.trainStep(X, y)).toBeCloseTo(other.trainStep(scaled, y), 5);
    model.zeroGrad();
    model.forward(X);
    other.zeroGrad();
    other.forward(scaled);
    expect(model.loss(y)).toBeCloseTo(other.loss(y), 5);
    model.backward();
    other.backward();
    // d loss / d x = (d loss / d y) / scale
    const inner = other.lossInputGradient().data.map((v, k) => (v / scale[k % 2]!) * 1e3);
    expectClose(
      model.lossInputGradient().data.map((v) => v * 1e3),
      inner,
    );
    model.step();
    other.step();
    expectClose(model.predict(X).data, other.predict(scaled).data, 1e-5);
  });

  test.each([
    ['fit', (m: MLP | Plain, rows: never) => m.fit(rows, y, { epochs: 4, batchSize: 9 })],
    [
      'fit with validation and metrics',
      (m: MLP | Plain, rows: never) => m.fit(rows, y, { epochs: 4, batchSize: 9, validationSplit: 0.2 }),
    ],
    ['fit with large batches', (m: MLP | Plain, rows: never) => m.fit(rows, y, { epochs: 4, batchSize: 61 })],
    ['partialFit', async (m: MLP | Plain, rows: never) => m.partialFit(rows, y, { batchSize: 7 })],
    ['a stream', (m: MLP | Plain, rows: never) => m.fit(() => batchesOf(rows), { epochs: 3 })],
    [
      'a stream in accumulated steps',
      (m: MLP | Plain, rows: never) => m.fit(() => batchesOf(rows), { epochs: 3, accumulate: 2 }),
    ],
  ] as const)('in %s', async (_what, train) => {
    const model = make(options([front]));
    const other = reference();
    await train(model, X as never);
    await train(other, scaled as never);
    expectClose(model.predict(X).data, other.predict(scaled).data, 2e-5);
  });

  test('in fit with copy: false on float32 rows that stay where they lie', async () => {
    const rounded = new Matrix(Float32Array.from(flat), 61, 2);
    const exact = X.map((row) => row.map((v, j) => (Math.fround(v) - center[j]!) / scale[j]!));
    const before = rounded.data.slice();
    for (const shuffle of [false, true]) {
      const model = make(options([front]));
      const other = reference();
      const fit = { epochs: 3, batchSize: 8, shuffle, validationSplit: 0.25 };
      await model.fit(rounded, y, { ...fit, copy: false });
      await other.fit(exact, y, fit);
      expectClose(model.predict(X).data, other.predict(scaled).data, 2e-5);
    }
    expect(rounded.data).toEqual(before);
  });

  test('in validationData, and in what L-BFGS sees', async () => {
    const model = make(options([front], { optimizer: 'lbfgs' }));
    const other = withWeights(new Plain(options([], { optimizer: 'lbfgs' }), { precision: 'float64' }), model);
    const mine = await model.fit(X, y, { epochs: 3, validationData: [X, y] });
    const theirs = await other.fit(scaled, y, { epochs: 3, validationData: [scaled, y] });
    expectClose(
      mine.epochs.map((e) => e.valLoss!),
      theirs.epochs.map((e) => e.valLoss!),
      1e-4,
    );
  });

  test('in inputGradient and inputHessian, which are those with respect to x', () => {
    const model = make(options([front]));
    const other = reference();
    const gradient = other.inputGradient(scaled).data.map((v, k) => v / scale[k % 2]!);
    expectClose(
      model.inputGradient(X).data.map((v, k) => v * scale[k % 2]!),
      gradient.map((v, k) => v * scale[k % 2]!),
    );
    const [mine] = model.inputHessian([X[5]!]);
    const [exact] = inputHessian(model, [X[5]!]);
    const [theirs] = other.inputHessian([scaled[5]!]);
    const unit = (m: Matrix) => m.data.map((v, k) => v * scale[k % 2]! * scale[k >> 1]!);
    expectClose(unit(exact!), theirs!.data, 1e-6);
    expectClose(unit(mine!), theirs!.data, 1e-3);
  });

  test('in diagnose, gradientCheck and findLearningRate', () => {
    const model = make(options([rescale({ center, scale, trainable: true })]));
    const { problems, loss } = model.diagnose(X, y);
    expect(problems.filter(({ kind }) => kind === 'unscaledInputs')).toEqual([]);
    expect(loss).toBeCloseTo(reference().evaluate(scaled, y).loss, 5);
    expect(gradientCheck(model, X, y).ok).toBe(true);
    expect(findLearningRate(model, X, y, { steps: 10 }).suggestion).toBeGreaterThan(0);
  });
});

/** Rows and targets in batches of 10. */
function* batchesOf(rows: number[][]) {
  for (let i = 0; i < rows.length; i += 10) yield [rows.slice(i, i + 10), y.slice(i, i + 10)] as [number[][], number[][]];
}

test('behind noise the center is still subtracted in float64; behind anything else in float32, to the last digit float32 has', () => {
  const noisy = new MLP(options([noise(0.1), front], { inputNoise: 0.2 }));
  expect(noisy.plan.inputCenter).toEqual(Float64Array.from(center));
  expectClose(noisy.predict(X).data, withWeights(reference(), noisy).predict(scaled).data);
  // 16777217 is no float32: what is lost of the center is subtracted too.
  const inner = new MLP({ inputs: 1, layers: [dropout(0), rescale({ center: 16777217, scale: 2 })] });
  expect(inner.plan.inputCenter).toBeUndefined();
  expect(Array.from(inner.predict([[16777216], [16777218], [16777220]]).data)).toEqual([-0.5, 0.5, 1.5]);
  const block = new MLP({ inputs: 2, layers: [residual([rescale({ center: [1, 2], scale: 4 })])] });
  expect(Array.from(block.predict([[5, 4]]).data)).toEqual([6, 4.5]);
});

test('y = gain (x - center) / scale at every width from 1 to 9 and batch from 1 to 9', () => {
  for (let width = 1; width <= 9; width++)
    for (const inside of [false, true])
      for (let rows = 1; rows <= 9; rows++) {
        const numbers = (low: number, high: number) => Array.from({ length: width }, () => random.between(low, high));
        const spec = { center: numbers(-3, 3), scale: numbers(0.5, 2), gain: numbers(-2, 2) };
        const layers = inside ? [dropout(0), rescale(spec)] : [rescale(spec)];
        const x = Array.from({ length: rows }, () => numbers(-4, 4));
        const wanted = x.flatMap((row) => row.map((v, j) => (spec.gain[j]! * (v - spec.center[j]!)) / spec.scale[j]!));
        expectClose(new MLP({ inputs: width, layers }).predict(x).data, wanted, 1e-6);
      }
});

test('only a trained gain is a parameter, one for each column, and freezing and unfreezing leaves a fixed one alone', () => {
  const fixed = new MLP(options([rescale({ center, scale, gain: 2 })]));
  const gain = fixed.parameters()[0]!;
  expect([gain.name, gain.trainable, [...gain.values]]).toEqual(['layers.0.gain', false, [2, 2]]);
  fixed.unfreeze();
  for (let s = 0; s < 5; s++) fixed.trainStep(X, y);
  expect([...fixed.parameters()[0]!.values]).toEqual([2, 2]);
  expect(fixed.plan.parameterCount).toBe(29);

  const trained = new MLP(options([rescale({ center, scale, gain: [1, 2], trainable: true })]));
  expect(trained.plan.parameterCount).toBe(31);
  trained.freeze('layers.0');
  trained.trainStep(X, y);
  expect([...trained.parameters()[0]!.values]).toEqual([1, 2]);
  trained.unfreeze('layers.0');
  trained.trainStep(X, y);
  expect([...trained.parameters()[0]!.values]).not.toEqual([1, 2]);
  trained.parameters()[0]!.set([3, 4]);
  expect([...trained.parameters()[0]!.values]).toEqual([3, 4]);
  expect(trained.summary()).toContain('rescale');
});

test('learningRateScale moves the gains by that much more', () => {
  const step = (learningRateScale: number) => {
    const model = new MLP({
      inputs: 2,
      layers: [rescale({ center, scale, trainable: true, learningRateScale }), ...behind],
      optimizer: { name: 'sgd', learningRate: 0.01 },
    });
    model.trainStep(X, y);
    return model.parameters()[0]!.values.map((v) => v - 1);
  };
  const one = step(1);
  expectClose(
    step(6),
    one.map((v) => 6 * v),
    1e-5,
  );
});

test('a saved model predicts and trains on to the same bits, center and scale to the last digit', async () => {
  const make = () =>
    new MLP(options([rescale({ center, scale, gain: [1, 0.5], trainable: true })], { weightAveraging: { decay: 0.9 } }));
  const whole = make();
  await whole.fit(X, y, { epochs: 4, batchSize: 8 });
  const half = make();
  await half.fit(X, y, { epochs: 2, batchSize: 8 });
  const loaded = MLP.load(half.save({ optimizer: true }));
  expect(loaded.plan.inputCenter).toEqual(Float64Array.from(center));
  await loaded.fit(X, y, { epochs: 2, batchSize: 8 });
  expect(loaded.predict(X).data).toEqual(whole.predict(X).data);
  expect(loaded.parameters().map(({ values }) => values)).toEqual(whole.parameters().map(({ values }) => values));
  expect(whole.clone().predict(X).data).toEqual(whole.predict(X).data);
  expectClose(Plain.load(whole.save(), { precision: 'float64' }).predict(X).data, whole.predict(X).data, 1e-5);
});

test("the numbers are the layer's own: what a caller does to his lists later changes nothing", () => {
  const own = [...center];
  const model = new MLP(options([rescale({ center: own, scale })]));
  const before = model.predict(X).data;
  own[0] = 0;
  expect(model.clone().predict(X).data).toEqual(before);
});

test.each([
  ['StandardScaler', new StandardScaler()],
  ['StandardScaler without mean', new StandardScaler({ withMean: false })],
  ['StandardScaler without deviation', new StandardScaler({ withStd: false })],
  ['RobustScaler', new RobustScaler()],
  ['MinMaxScaler', new MinMaxScaler()],
  ['MinMaxScaler to a range', new MinMaxScaler({ range: [-3, 5] })],
])('rescale(%s) computes what its transform does', (_, scaler) => {
  const rows = X.map(([t]) => [t!, (t! - 1_700_000_000) / 7]);
  scaler.fit(rows);
  const model = new Plain({ inputs: 2, layers: [rescale(scaler)] }, { precision: 'float64' });
  // predict rounds to float32 at the end, the scaler's transform too
  expectClose(model.predict(rows).data, Float32Array.from(scaler.transform64(rows).data), 2e-7);
});

test('rescale refuses by name what it cannot do', () => {
  const refuses = (spec: object, inputs = 2) =>
    codeOf(() => new MLP({ inputs, layers: [{ type: 'rescale', ...spec } as LayerSpec, dense(1)] }));
  expect(refuses({ scale: 0 })).toMatch(/^ERR_OPTION layers\[0\]\.scale: expected a number other than 0/);
  expect(refuses({ scale: [1, 0] })).toMatch(/^ERR_OPTION layers\[0\]\.scale\[1\]: expected a number other than 0.*got 0/);
  expect(refuses({ scale: 1e-45 })).toMatch(/^ERR_OPTION/);
  expect(refuses({ scale: 1e39 })).toMatch(/^ERR_OPTION/);
  expect(refuses({ center: [1, NaN] })).toMatch(/^ERR_OPTION layers\[0\]\.center\[1\].*got NaN/);
  expect(refuses({ center: [1, 2, 3] })).toMatch(
    /^ERR_SHAPE layers\[0\]\.center: expected 2 numbers, one for each column, got 3/,
  );
  expect(refuses({ gain: 'large' })).toMatch(/^ERR_OPTION layers\[0\]\.gain/);
  expect(refuses({ centre: 1 })).toMatch(/^ERR_OPTION.*Did you mean "center"\?/);
  expect(refuses({ trainable: 1 })).toMatch(/^ERR_OPTION/);
  expect(codeOf(() => rescale(new MinMaxScaler({ clip: true }).fit(X)))).toMatch(/^ERR_UNSUPPORTED rescale/);
  expect(codeOf(() => rescale(new StandardScaler()))).toMatch(/^ERR_STATE/);
  const inner = () => new MLP({ inputs: 2, layers: [dense(2), rescale({ center: 1e39 })] });
  expect(codeOf(inner)).toMatch(/^ERR_OPTION layers\[1\]\.center/);
});

test('a number that is finite but not once the center is off it is refused, with its row and column', () => {
  const model = new MLP({ inputs: 2, layers: [rescale({ center: [0, -3e38] }), dense(1)] });
  const rows = [
    [1, 1],
    [1, 3e38],
  ];
  const wanted = /^ERR_RANGE X: row 1, column 1 is 3.*e\+38, too far from the rescale layer's center, -3e\+38/;
  expect(codeOf(() => model.predict(rows))).toMatch(wanted);
  expect(codeOf(() => model.trainStep(rows, [[1], [2]]))).toMatch(wanted);
  expect(codeOf(() => model.fitSync(rows, [[1], [2]]))).toMatch(wanted);
  const lying = new Matrix(Float32Array.from(rows.flat()), 2, 2);
  expect(codeOf(() => model.evaluate(lying, [[1], [2]]))).toMatch(wanted);
  // What float32 cannot hold is fine once the center is off it.
  const far = new MLP({ inputs: 1, layers: [rescale({ center: 1e300, scale: 1e30 })] });
  expect(far.predict([[1e300]]).data[0]).toBe(0);
  expect(codeOf(() => model.predict([[1, Infinity]]))).toMatch(/^ERR_NONFINITE X: row 0, column 1/);
});
