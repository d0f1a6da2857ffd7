// fit and its relatives with inputGradients: what is learnt, how it is weighed, what goes together with it, what is refused.

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { hessianVectorProduct } from '../../src/model/inspections.js';
import { inputHessian } from '../../src/mlp/float64.js';
import { MLP } from '../../src/mlp/mlp.js';
import { adam, lbfgs, sgd } from '../../src/plan/optimizers.js';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  noise,
  rescale,
  residual,
  type LayerSpec,
} from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { codeOf, refusal } from '../support/errors.js';

const layers = [dense(8, { activation: 'softplus' }), dense(8, { activation: 'tanh' }), dense(1)];
const options = { inputs: 2, layers, optimizer: adam({ learningRate: 0.01 }), seed: 3 };

/** f(x) = sin(x0) x1 with its gradient. */
function rowsOf(n: number, seed = 1) {
  const random = new Random(seed, 'rows');
  const X = Array.from({ length: n }, () => [random.between(-2, 2), random.between(-2, 2)]);
  return {
    X,
    y: X.map(([a, b]) => [Math.sin(a!) * b!]),
    inputGradients: X.map(([a, b]) => [Math.cos(a!) * b!, Math.sin(a!)]),
  };
}

const weightsOf = (model: MLP | PlainMLP) => model.parameters().flatMap(({ values }) => [...values]);
const { X, y, inputGradients } = rowsOf(64);

describe('the loss', () => {
  test('is that on values plus the weighted mean squared difference over rows, outputs and inputs', () => {
    const model = new MLP(options);
    const slopes = model.inputGradient(X).toArray();
    const mean = (weights: number[]) =>
      slopes.flatMap((row, i) => row.map((g, j) => weights[j]! * (g - inputGradients[i]![j]!) ** 2)).reduce((a, b) => a + b, 0) /
      128;
    const values = model.evaluate(X, y).loss;
    expect(model.evaluate(X, y, { inputGradients }).loss).toBeCloseTo(values + mean([1, 1]), 5);
    expect(model.evaluate(X, y, { inputGradients, derivativeWeight: 0 }).loss).toBeCloseTo(values, 6);
    expect(model.evaluate(X, y, { inputGradients, derivativeWeight: [2, 0.5] }).loss).toBeCloseTo(values + mean([2, 0.5]), 5);
    expect(model.trainStep(X, y, { inputGradients, derivativeWeight: 3 })).toBeCloseTo(values + mean([3, 3]), 5);
    expect(model.steps).toBe(1);
  });

  test('balanced, scales with the units of y squared, whatever the units of X', () => {
    const plain = new MLP(options);
    const { loss } = plain.evaluate(X, y, { inputGradients, derivativeWeight: 'balanced' });
    // The same function of x / (1, 50), a thousand times as large.
    const scaled = new MLP({
      ...options,
      layers: [
        rescale({ center: 0, scale: [1, 50], trainable: false }),
        ...layers,
        rescale({ center: 0, scale: 1e-3, trainable: false }),
      ],
    });
    for (const [k, parameter] of plain.parameters().entries())
      scaled
        .parameters()
        .filter(({ name }) => /weight|bias/.test(name))
        [k]!.set(parameter.values);
    const found = scaled.evaluate(
      X.map(([a, b]) => [a!, 50 * b!]),
      y.map(([v]) => [1000 * v!]),
      { inputGradients: inputGradients.map(([a, b]) => [1000 * a!, 20 * b!]), derivativeWeight: 'balanced' },
    ).loss;
    expect(found / 1e6 / loss).toBeCloseTo(1, 4);
  });

  test('balanced, counts a column of zeros for nothing', () => {
    const model = new MLP(options);
    const flat = inputGradients.map(([a]) => [a!, 0]);
    const bent = inputGradients.map(([a]) => [a!, 0]);
    expect(model.evaluate(X, y, { inputGradients: flat, derivativeWeight: 'balanced' }).loss).toBe(
      model.evaluate(X, y, { inputGradients: bent, derivativeWeight: 'balanced' }).loss,
    );
    expect(Number.isFinite(model.evaluate(X, y, { inputGradients: flat, derivativeWeight: 'balanced' }).loss)).toBe(true);
  });
});

describe('training', () => {
  test('with derivatives comes nearer to the function and its slopes than without', () => {
    const train = rowsOf(40, 5);
    const held = rowsOf(400, 6);
    const errors = [undefined, train.inputGradients].map((gradients) => {
      const model = new MLP(options);
      model.fitSync(train.X, train.y, { epochs: 300, ...(gradients === undefined ? {} : { inputGradients: gradients }) });
      const slopes = model.inputGradient(held.X).data;
      const wanted = held.inputGradients.flat();
      return [model.evaluate(held.X, held.y).loss, slopes.reduce((sum, g, k) => sum + (g - wanted[k]!) ** 2, 0) / slopes.length];
    });
    expect(errors[1]![0]!).toBeLessThan(0.7 * errors[0]![0]!);
    expect(errors[1]![1]!).toBeLessThan(0.7 * errors[0]![1]!);
  });

  test('is that of the baseline in float64', () => {
    const fit = {
      epochs: 5,
      batchSize: 16,
      inputGradients,
      derivativeWeight: [1, 0.3],
      sampleWeight: X.map((_, i) => i % 3),
      accumulate: 2,
    };
    const core = new MLP({ ...options, l2: 0.01, clip: { globalNorm: 1 } });
    const exact = new PlainMLP({ ...options, l2: 0.01, clip: { globalNorm: 1 } }, { precision: 'float64' });
    const a = core.fitSync(X, y, fit);
    const b = exact.fitSync(X, y, fit);
    const reference = weightsOf(exact);
    for (const [k, w] of weightsOf(core).entries()) expect(w).toBeCloseTo(reference[k]!, 4);
    expect(a.last!.loss).toBeCloseTo(b.last!.loss, 4);
  });

  test('does not depend on how rows are handed over: windows, pieces of large batches, streams, slices', async () => {
    const many = rowsOf(5000, 9);
    const fit = { epochs: 1, shuffle: false, inputGradients: many.inputGradients };
    const small = new MLP(options);
    small.fitSync(many.X, many.y, { ...fit, batchSize: 50 });
    const sliced = new MLP(options);
    await sliced.fit(many.X, many.y, { ...fit, batchSize: 50, sliceMilliseconds: 0.01 });
    expect(weightsOf(sliced)).toEqual(weightsOf(small));
    const streamed = new MLP(options);
    const batches = Array.from({ length: 100 }, (_, k) => ({
      X: many.X.slice(50 * k, 50 * k + 50),
      y: many.y.slice(50 * k, 50 * k + 50),
      inputGradients: many.inputGradients.slice(50 * k, 50 * k + 50),
    }));
    streamed.fitSync(batches, { epochs: 1 });
    expect(weightsOf(streamed)).toEqual(weightsOf(small));
    const whole = new MLP({ ...options, optimizer: sgd({ learningRate: 0.1 }) });
    whole.fitSync(many.X, many.y, { ...fit, batchSize: 5000 });
    const exact = new PlainMLP({ ...options, optimizer: sgd({ learningRate: 0.1 }) }, { precision: 'float64' });
    exact.trainStep(many.X, many.y, { inputGradients: many.inputGradients });
    for (const [k, w] of weightsOf(whole).entries()) expect(w).toBeCloseTo(weightsOf(exact)[k]!, 5);
  });

  test('goes on to the same bits after a save, and after a break', () => {
    const fit = { batchSize: 16, inputGradients, derivativeWeight: 'balanced' as const };
    const straight = new MLP(options);
    straight.fitSync(X, y, { ...fit, epochs: 4 });
    const first = new MLP(options);
    first.fitSync(X, y, { ...fit, epochs: 2 });
    const second = MLP.load(first.save({ optimizer: true }));
    second.fitSync(X, y, { ...fit, epochs: 2 });
    expect(weightsOf(second)).toEqual(weightsOf(straight));
    const broken = new MLP(options);
    broken.fitSync(X, y, {
      ...fit,
      epochs: 4,
      onBatchEnd: ({ epoch, batch }) => void (epoch === 2 && batch === 2 && broken.stop()),
    });
    broken.fitSync(X, y, { ...fit, epochs: 3 });
    expect(weightsOf(broken)).toEqual(weightsOf(straight));
  });

  test('by L-BFGS ends where the gradient of the whole loss is small', () => {
    const model = new MLP({ ...options, optimizer: lbfgs() });
    const history = model.fitSync(X, y, { epochs: 60, inputGradients });
    expect(history.last!.loss).toBeLessThan(0.02 * history.epochs[0]!.loss);
  });

  test('validates on derivatives where the held-out rows have them', () => {
    const model = new MLP(options);
    const history = model.fitSync(X, y, { epochs: 2, inputGradients, derivativeWeight: [1, 2], validationSplit: 0.25 });
    const rest = { inputGradients: inputGradients.slice(48), derivativeWeight: [1, 2] };
    expect(history.last!['valLoss']).toBeCloseTo(model.evaluate(X.slice(48), y.slice(48), rest).loss, 6);
    const both = new MLP(options).fitSync(X, y, { epochs: 1, inputGradients, validationData: { X, y, inputGradients } });
    const values = new MLP(options).fitSync(X, y, { epochs: 1, inputGradients, validationData: [X, y] });
    expect(both.last!['valLoss']!).toBeGreaterThan(values.last!['valLoss']!);
  });

  test('takes a loss of one’s own, a frozen layer and weight averaging', () => {
    const squares = (yTrue: { data: Float32Array }, yPred: { data: Float32Array; shape: readonly number[] }) => {
      const n = yPred.data.length;
      const gradient = { data: yPred.data.map((v, k) => (2 * (v - yTrue.data[k]!)) / n), shape: yPred.shape };
      return { value: yPred.data.reduce((sum, v, k) => sum + (v - yTrue.data[k]!) ** 2 / n, 0), gradient };
    };
    const own = new MLP({ ...options, loss: squares as never });
    const built = new MLP(options);
    for (const model of [own, built]) {
      model.freeze('layers.1');
      model.fitSync(X, y, { epochs: 3, inputGradients, batchSize: 20 });
    }
    for (const [k, w] of weightsOf(own).entries()) expect(w).toBeCloseTo(weightsOf(built)[k]!, 5);
    const averaged = new MLP({ ...options, weightAveraging: { decay: 0.9 } });
    expect(averaged.fitSync(X, y, { epochs: 2, inputGradients }).last!.loss).toBeGreaterThan(0);
  });

  test('partialFit passes once over the rows', () => {
    const a = new MLP(options);
    const b = new MLP(options);
    expect(a.partialFit(X, y, { inputGradients })).toBe(b.fitSync(X, y, { epochs: 1, inputGradients }).last!.loss);
    expect(weightsOf(a)).toEqual(weightsOf(b));
  });
});

describe('Hessians', () => {
  test('times vectors are those of inputHessian, in float64 and in the core', () => {
    const model = new MLP({
      ...options,
      layers: [residual([dense(2, { activation: 'silu' })]), ...layers.slice(0, 2), dense(3)],
    });
    const random = new Random(2, 'vectors');
    const vectors = X.map(() => [random.normal(), random.normal()]);
    for (const output of [0, 2]) {
      const exact = inputHessian(model, X, output);
      const single = model.inputHessian(X, output);
      const products = hessianVectorProduct(model, X, vectors, output).toArray();
      products.forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).toBeCloseTo(exact[i]!.data[2 * j]! * vectors[i]![0]! + exact[i]!.data[2 * j + 1]! * vectors[i]![1]!, 4);
          expect(single[i]!.data[2 * j]).toBeCloseTo(exact[i]!.data[2 * j]!, 4);
        });
        expect(exact[i]!.data[1]).toBe(exact[i]!.data[2]);
      });
    }
  });

  test('of networks without second derivatives: differences, and products are refused', () => {
    const model = new MLP({ ...options, layers: [dense(4, { activation: 'tanh' }), layerNorm(), dense(1)] });
    expect(model.inputHessian(X.slice(0, 2))[0]!.data.some((v) => v !== 0)).toBe(true);
    expect(codeOf(() => hessianVectorProduct(model, X, X))).toBe('ERR_OPTION');
    expect(codeOf(() => hessianVectorProduct(new MLP(options), X, X.slice(1)))).toBe('ERR_SHAPE');
    expect(codeOf(() => hessianVectorProduct(new MLP(options), X, X, 1))).toBe('ERR_SHAPE');
  });
});

describe('refusals', () => {
  const refused = (extra: Partial<MLPOptions>, what: RegExp) => {
    const model = new MLP({ ...options, ...extra } as MLPOptions);
    const before = weightsOf(model);
    const error = refusal(() => model.fitSync(X, y, { inputGradients }));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toMatch(what);
    expect(weightsOf(model)).toEqual(before);
  };
  const around = (layer: LayerSpec) => ({ layers: [dense(4, { activation: 'tanh' }), layer, dense(1)] });

  test.each(['relu', 'leakyRelu', 'prelu', 'hardSigmoid'] as const)('%s, of straight pieces', (name) => {
    refused({ layers: [dense(4, { activation: name }), dense(1)] }, new RegExp(`inputGradients.*${name}.*softplus`, 's'));
  });

  test('layers that normalize, draw or mix', () => {
    refused(around(batchNorm()), /layers\.1 normalizes/);
    refused(around(layerNorm()), /layers\.1 normalizes/);
    refused(around(dropout(0.5)), /layers\.1 draws/);
    refused(around(noise(0.1)), /layers\.1 draws/);
    refused(around(activation('softmax')), /softmax.*mixes/);
    refused({ layers: [embedding({ categories: 3, size: 2, column: 0 }), ...layers] }, /layers\.0 is none of them/);
    refused({ inputNoise: 0.1 }, /draws/);
  });

  test('gradients of another shape, or not finite', () => {
    const model = new MLP(options);
    const learn = (gradients: number[][]) => () => model.fitSync(X, y, { inputGradients: gradients });
    expect(refusal(learn(X.map(() => [1]))).message).toMatch(
      /inputGradients has 1 column, but 1 output in 2 inputs have 2 derivatives/,
    );
    expect(codeOf(learn(inputGradients.slice(1)))).toBe('ERR_SHAPE');
    expect(codeOf(learn(inputGradients.map(([a]) => [a!, NaN])))).toBe('ERR_NONFINITE');
  });

  test('weights that are none', () => {
    const model = new MLP(options);
    for (const derivativeWeight of [-1, NaN, [1], [1, -1], 'heavy', true] as never[])
      expect(codeOf(() => model.fitSync(X, y, { inputGradients, derivativeWeight }))).toBe('ERR_OPTION');
    expect(codeOf(() => model.fitSync(X, y, { derivativeWeight: 2 }))).toBe('ERR_OPTION');
    expect(codeOf(() => model.trainStep(X, y, { derivativeWeight: 2 }))).toBe('ERR_OPTION');
    const same = y.map(() => [1]);
    expect(codeOf(() => model.fitSync(X, same, { inputGradients, derivativeWeight: 'balanced' }))).toBe('ERR_OPTION');
    const other = new MLP({ ...options, loss: 'huber' });
    expect(codeOf(() => other.fitSync(X, y, { inputGradients, derivativeWeight: 'balanced' }))).toBe('ERR_OPTION');
  });

  test('of streams: gradients beside the batches, balance, some batches with and some without', () => {
    const model = new MLP(options);
    const batch = { X, y, inputGradients };
    expect(codeOf(() => model.fitSync([batch], { inputGradients }))).toBe('ERR_OPTION');
    expect(codeOf(() => model.fitSync([batch], { derivativeWeight: 'balanced' }))).toBe('ERR_OPTION');
    expect(codeOf(() => model.fitSync([batch, { X, y }], { accumulate: 2 }))).toBe('ERR_SHAPE');
  });
});
