// Rows of docs/faults.md about what training meets on both backends: divergence, extreme numbers, data that changes, seeds.

import { describe, expect, test } from 'vitest';
import type { MatrixLike } from '../../src/data/matrix.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { batchNorm, dense, dropout } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { codeOf, refusal, rejection } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

const options: MLPOptions = {
  inputs: 4,
  layers: [dense(6, { activation: 'relu' }), dense(1)],
  seed: 5,
  optimizer: adam({ learningRate: 0.01 }),
};

describe.each(makers)('faults on $name', ({ name, make }) => {
  const { X, y } = regression(24);

  test('fault 52: divergence is ERR_DIVERGED with epoch, batch, layer and advice; the weights stay finite', async () => {
    const model = make({ ...options, optimizer: sgd({ learningRate: 1e12 }) });
    const error = await rejection(model.fit(X, y, { epochs: 50, batchSize: 8 }));
    expect(error.code).toBe('ERR_DIVERGED');
    expect(error.message).toMatch(
      /^(Loss became \S+ in epoch \d+, batch \d+: layers\.\d (outputs reached|put out) \S+|layers.\d.\w+ stopped being finite in epoch \d+, batch \d+)\. /,
    );
    expect(error.message).toMatch(/learning rate below 1e12/);
    expect(error.details['epoch']).toBeTypeOf('number');
    expect(bitsOf(model).every(Number.isFinite)).toBe(true);
    const stepping = make({ ...options, optimizer: sgd({ learningRate: 1e12 }) });
    const stepError = refusal(() => {
      for (let i = 0; i < 100; i++) stepping.trainStep(X, y);
    });
    expect(stepError.code).toBe('ERR_DIVERGED');
    const on = make({ ...options, optimizer: sgd({ learningRate: 1e12 }) });
    const history = await on.fit(X, y, { epochs: 5, onDivergence: 'continue' });
    expect(history.epochs).toHaveLength(5);
  });

  test('fault 52: says what is to blame when it is not the rate: numbers let through, the loss, the rate of the step before', () => {
    const diverging = (more: Partial<MLPOptions>, fit: FitOptions = {}, targets: MatrixLike = y) =>
      refusal(() => make({ ...options, ...more }).fitSync(X, targets, { epochs: 20, batchSize: 8, ...fit }));
    const missing = diverging(
      {},
      { checkFinite: false },
      y.map((r, i) => (i === 5 ? [NaN] : r)),
    );
    expect(missing.message).toMatch(/batch \d: y has NaN in these rows, let through by checkFinite: false\. Replace or drop/);
    expect(missing.message).not.toMatch(/learning rate/);
    const counts = y.map(([v]) => [Math.abs(v!)]);
    const logarithm = diverging({ loss: 'poisson' }, {}, counts);
    expect(logarithm.message).toMatch(/one is -\d.*: end with activation "softplus"/);
    const own = diverging({
      loss: (_, p) => ({ value: NaN, gradient: { data: new Float32Array(p.data.length), shape: p.shape } }),
    });
    expect(own.message).toMatch(/Your loss is not finite for such outputs/);
    expect(own.message).not.toMatch(/learning rate/); // no step was taken yet
    const jump = diverging({ optimizer: sgd({ learningRate: (step) => (step === 7 ? 1e30 : 0.01) }) });
    expect(jump.message).toMatch(/epoch 3, batch 3: .*learning rate below 1e30/);
    if (name === 'baseline') return; // float64 holds the squares
    const far = diverging(
      { optimizer: 'lbfgs' },
      { batchSize: undefined },
      y.map(([v]) => [1e30 * v!]),
    );
    expect(far.message).toMatch(/Targets reach .*scale them too\. The weights/);
  });

  test('fault 52: a batch that overflows leaves the running statistics of batch norm as they were', () => {
    const normalised: MLPOptions = {
      ...options,
      layers: [dense(6), batchNorm(), dense(1)],
      optimizer: sgd({ learningRate: 1e30 }),
    };
    const fitted = make(normalised);
    expect(codeOf(() => fitted.fitSync(X, y, { batchSize: 8 }))).toBe('ERR_DIVERGED');
    expect(bitsOf(fitted).every(Number.isFinite)).toBe(true);
    const stepped = make(normalised);
    expect(
      codeOf(() => {
        for (let i = 0; i < 5; i++) stepped.trainStep(X, y);
      }),
    ).toBe('ERR_DIVERGED');
    expect(bitsOf(stepped).every(Number.isFinite)).toBe(true);
  });

  test('fault 54: huge unscaled inputs are finite or ERR_DIVERGED naming scaling', async () => {
    const huge = X.map((r) => r.map((v) => v * 1e6));
    const model = make({ ...options, optimizer: sgd({ learningRate: 0.01 }) });
    const error = await rejection(model.fit(huge, y, { epochs: 50 }));
    expect(error.code).toBe('ERR_DIVERGED');
    expect(error.message).toMatch(/Inputs reach \d(\.\d)?e6: scale them/);
    expect(bitsOf(model).every(Number.isFinite)).toBe(true);
    const adaptive = make(options);
    adaptive.fitSync(huge, y, { epochs: 5 });
    expect(bitsOf(adaptive).every(Number.isFinite)).toBe(true);
  });

  test('fault 55, 60: all-zero inputs, constant features and dead units train to finite weights', () => {
    for (const data of [X.map(() => [0, 0, 0, 0]), X.map(() => [1, 2, 3, 4])])
      for (const optimizer of ['adam', 'rmsprop', 'adagrad', 'adadelta', 'nadam', 'adamax'] as const) {
        const model = make({
          inputs: 4,
          layers: [
            dense(6, { activation: 'relu', biasInit: { name: 'constant', value: -100 } }),
            batchNorm(),
            dropout(0.5),
            dense(1),
          ],
          optimizer,
        });
        model.fitSync(data, y, { epochs: 5, batchSize: 8 });
        expect(bitsOf(model).every(Number.isFinite)).toBe(true);
      }
  });

  test('fault 66: X changed by its owner while fit runs changes nothing', async () => {
    const model = make(options);
    const untouched = make(options);
    const mine = X.map((r) => [...r]);
    const typed = Float32Array.from(y.flat());
    const running = model.fit(mine, typed, { epochs: 50, sliceMilliseconds: 0.01, validationSplit: 0.2 });
    for (const row of mine) row.fill(9);
    typed.fill(9);
    await running;
    untouched.fitSync(X, y, { epochs: 50, validationSplit: 0.2 });
    expect(bitsOf(model)).toEqual(bitsOf(untouched));
  });

  test("fault 67: the caller's arrays are never changed, frozen ones work", () => {
    const frozen = Object.freeze(X.map((r) => Object.freeze([...r])));
    const targets = Object.freeze(y.map((r) => Object.freeze([...r])));
    const typed = Float32Array.from(X.flat());
    const kept = [...typed];
    const model = make(options);
    model.fitSync(frozen, targets, { epochs: 2 });
    model.trainStep(frozen, targets);
    model.predict(frozen);
    model.fitSync({ data: typed, shape: [24, 4] }, targets, { epochs: 2 });
    expect([...typed]).toEqual(kept);
    const weights = Object.freeze([...model.parameters()[0]!.values]);
    model.parameters()[0]!.set(weights);
    const zeros = Float32Array.from(X, () => 0);
    make({ inputs: 4, layers: [dense(1)], loss: 'hinge' }).trainStep(X, zeros);
    expect(zeros.every((v) => v === 0)).toBe(true);
  });

  test('fault 69: seeds from -(2^53 - 1) to 2^53 - 1 make different models, others are refused', () => {
    const seeds = [0, -1, 2 ** 53 - 1, -(2 ** 53 - 1), 12];
    const weights = seeds.map((seed) => bitsOf(make({ ...options, seed })).join());
    expect(new Set(weights).size).toBe(seeds.length);
    for (const seed of [2 ** 53, NaN, '1', 0.5])
      expect(codeOf(() => make({ ...options, seed: seed as number }))).toBe('ERR_OPTION');
  });

  test('fault 70: Math.random has no part in it', () => {
    const random = Math.random;
    Math.random = () => 0.5;
    try {
      const patched = make({ ...options, layers: [dense(6), dropout(0.3), dense(1)] });
      patched.fitSync(X, y, { epochs: 2, validationSplit: 0.2 });
      Math.random = random;
      const normal = make({ ...options, layers: [dense(6), dropout(0.3), dense(1)] });
      normal.fitSync(X, y, { epochs: 2, validationSplit: 0.2 });
      expect(bitsOf(patched)).toEqual(bitsOf(normal));
    } finally {
      Math.random = random;
    }
  });

  test('fault 72: rows predicted one by one, all at once or in another order are the same, to the bit', () => {
    const { X: many } = regression(700);
    for (const activation of ['tanh', 'gelu', 'softmax'] as const) {
      const model = make({ inputs: 4, layers: [dense(33, { activation }), batchNorm(), dense(3)] });
      const all = model.predict(many);
      const reversed = model.predict([...many].reverse());
      const into = new Float32Array(3);
      for (const i of [0, 1, 255, 256, 511, 699]) {
        expect([...model.predict([many[i]!]).data]).toEqual([...all.row(i)]);
        expect([...reversed.row(699 - i)]).toEqual([...all.row(i)]);
        model.predictInto(Float32Array.from(many[i]!), into);
        expect([...into]).toEqual([...all.row(i)]);
      }
    }
  });
});
