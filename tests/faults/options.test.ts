import { describe, expect, test } from 'vitest';
import type { FeedforwardError } from '../../src/errors.js';
import { activation, batchNorm, dense, dropout, layerNorm, residual } from '../../src/plan/layers.js';
import type { LayerSpec } from '../../src/plan/layers.js';
import type { ActivationLike } from '../../src/plan/activations.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { adam, sgd, type OptimizerLike } from '../../src/plan/optimizers.js';
import { lossNames } from '../../src/plan/losses.js';
import { codeOf, refusal } from '../support/errors.js';
import { bitsOf, classes, makers, regression } from '../support/models.js';

const options: MLPOptions = {
  inputs: 4,
  layers: [dense(6, { activation: 'relu' }), dense(1)],
  seed: 5,
  optimizer: adam({ learningRate: 0.01 }),
};

/** float32 numbers that tend to go wrong. */
const least = 2 ** -149;

describe.each(makers)('faults on $name', ({ make }) => {
  const { X, y } = regression(24);

  test('fault 22: a last batch of one row joins the one before it', () => {
    const layers = [dense(6), batchNorm(), dense(1)];
    const rows: number[] = [];
    const model = make({ ...options, layers });
    model.fitSync(X.slice(0, 9), y.slice(0, 9), { batchSize: 4, onBatchEnd: (log) => rows.push(log.rows) });
    expect(rows).toEqual([4, 5]);
    expect(model.fitSync(X.slice(0, 5), y.slice(0, 5), { batchSize: 4 }).epochs).toHaveLength(1);
    // Without batch statistics it is a batch of its own.
    const lone: number[] = [];
    make(options).fitSync(X.slice(0, 9), y.slice(0, 9), { batchSize: 4, onBatchEnd: (log) => lone.push(log.rows) });
    expect(lone).toEqual([4, 4, 1]);
  });

  test('fault 25: a batch size beyond the rows is the full batch', () => {
    const beyond = make(options);
    const full = make(options);
    const steps: number[] = [];
    beyond.fitSync(X, y, { epochs: 3, batchSize: 1000, onBatchEnd: (log) => steps.push(log.rows) });
    full.fitSync(X, y, { epochs: 3, batchSize: 24 });
    expect(steps).toEqual([24, 24, 24]);
    expect(bitsOf(beyond)).toEqual(bitsOf(full));
    // Nor may sizes that no 32-bit number holds do harm.
    for (const extremes of [
      { batchSize: 2 ** 40 },
      { batchSize: 4, accumulate: 2 ** 40 },
      { batchSize: 1e300, accumulate: 1e300 },
    ]) {
      const model = make(options);
      model.fitSync(X, y, extremes);
      const same = make(options);
      same.fitSync(X, y, { batchSize: Math.min(24, extremes.batchSize), accumulate: Math.min(6, extremes.accumulate ?? 1) });
      expect(bitsOf(model)).toEqual(bitsOf(same));
    }
    expect(make(options).evaluate(X, y, { batchSize: 2 ** 40 })).toEqual(make(options).evaluate(X, y));
  });

  test('fault 26, 27: numbers of optimizers out of range are refused, naming the range', () => {
    const wrong: [object, RegExp][] = [
      [{ name: 'sgd', learningRate: 0 }, /sgd\.learningRate: expected a number > 0, got 0/],
      [{ name: 'sgd', learningRate: -1 }, /> 0, got -1/],
      [{ name: 'sgd', learningRate: NaN }, /got NaN/],
      [{ name: 'sgd', learningRate: Infinity }, /got Infinity/],
      [{ name: 'sgd', learningRate: '0.1' }, /got "0\.1"/],
      [{ name: 'sgd', momentum: -0.1 }, /sgd\.momentum: expected a number in \[0, 1\), got -0\.1/],
      [{ name: 'sgd', momentum: 1 }, /\[0, 1\), got 1/],
      [{ name: 'sgd', dampening: 1.5 }, /\[0, 1\]/],
      [{ name: 'sgd', weightDecay: -1 }, />= 0, got -1/],
      [{ name: 'sgd', nesterov: true }, /momentum > 0/],
      [{ name: 'sgd', nesterov: 1 }, /true or false/],
      [{ name: 'adam', beta1: 1 }, /adam\.beta1: expected a number in \[0, 1\), got 1/],
      [{ name: 'adam', beta2: 1 }, /adam\.beta2/],
      [{ name: 'adam', beta2: -1e-9 }, /adam\.beta2/],
      [{ name: 'adam', epsilon: 0 }, /adam\.epsilon: expected a number >= 1e-38, got 0/],
      [{ name: 'adam', epsilon: -1 }, /epsilon/],
      [{ name: 'adam', epsilon: 1e-300 }, /epsilon/], // 0 in float32
      [{ name: 'adadelta', rho: 1.1 }, /adadelta\.rho: expected a number in \[0, 1\), got 1\.1/],
      [{ name: 'rmsprop', rho: -0.5 }, /rmsprop\.rho/],
      [{ name: 'adamw', weightDecay: NaN }, /adamw\.weightDecay/],
      [{ name: 'lbfgs', historySize: 0 }, /\[1, 100\]/],
    ];
    for (const [optimizer, pattern] of wrong) {
      const error = refusal(() => make({ ...options, optimizer: optimizer as OptimizerLike }));
      expect(error.code).toBe('ERR_OPTION');
      expect(error.message).toMatch(pattern);
    }
    for (const bad of [
      { l1: -1 },
      { l2: -1 },
      { l2: NaN },
      { maxNorm: 0 },
      { clip: { value: 0 } },
      { weightAveraging: { decay: 1 } },
    ])
      expect(codeOf(() => make({ ...options, ...bad }))).toBe('ERR_OPTION');
    for (const layer of [
      batchNorm({ epsilon: 0 }),
      batchNorm({ momentum: 1.5 }),
      layerNorm({ epsilon: -1 }),
      layerNorm({ epsilon: 1e-60 }),
    ])
      expect(codeOf(() => make({ ...options, layers: [layer, dense(1)] }))).toBe('ERR_OPTION');
  });

  test('fault 27: numbers at the ends of their ranges leave finite weights', () => {
    const ends: OptimizerLike[] = [
      { name: 'adam', beta1: 0, beta2: 0 },
      { name: 'adam', beta1: 1 - 2 ** -53, beta2: 1 - 2 ** -53 },
      { name: 'nadam', beta1: 1 - 2 ** -53, beta2: 1 - 2 ** -53, momentumDecay: 0 },
      { name: 'adam', epsilon: 1e-38 },
      { name: 'adagrad', epsilon: 1e-38 },
      { name: 'adadelta', rho: 1 - 2 ** -53, epsilon: 1e-38 },
      { name: 'rmsprop', rho: 0, epsilon: 1e-38, centered: true, momentum: 1 - 2 ** -53 },
      { name: 'sgd', momentum: 1 - 2 ** -53, form: 'ema', biasCorrection: true },
      { name: 'sgd', learningRate: least, momentum: 0.9 },
      { name: 'adamw', learningRate: 5e-324 },
    ];
    for (const optimizer of ends) {
      const model = make({ ...options, optimizer });
      try {
        model.fitSync(X, y, { epochs: 3, batchSize: 8 });
      } catch (error) {
        expect((error as FeedforwardError).code, JSON.stringify(optimizer)).toBe('ERR_DIVERGED');
      }
      expect(bitsOf(model).every(Number.isFinite), JSON.stringify(optimizer)).toBe(true);
    }
  });

  test('fault 28: dropout takes rates in [0, 1); near 1 it drops nearly all and never divides by zero', () => {
    for (const rate of [-0.1, 1, 1.5, NaN, Infinity, '0.5', undefined]) {
      const error = refusal(() => make({ ...options, layers: [dense(6), dropout(rate as number), dense(1)] }));
      expect(error.code).toBe('ERR_OPTION');
      expect(error.message).toMatch(/layers\[1\]\.rate: expected a number in \[0, 1\)/);
    }
    for (const rate of [0, 5e-324, 0.5, 1 - 2 ** -24, 1 - 2 ** -53]) {
      const model = make({ ...options, layers: [dense(6), dropout(rate), dense(1)] });
      model.fitSync(X, y, { epochs: 3, batchSize: 8 });
      expect(bitsOf(model).every(Number.isFinite)).toBe(true);
    }
  });

  test('fault 30: unknown names are refused with the nearest and the list, whatever Object.prototype has', () => {
    const hostile = [
      'toString',
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'valueOf',
      '',
      'Relu',
      3,
      null,
      Symbol('relu'),
      {},
      [],
      () => 1,
    ];
    const places: ((name: unknown) => MLPOptions)[] = [
      (name) => ({ ...options, layers: [dense(6, { activation: name as 'relu' }), dense(1)] }),
      (name) => ({ ...options, layers: [dense(6), activation(name as 'relu'), dense(1)] }),
      (name) => ({ ...options, layers: [dense(6, { activation: { name } as unknown as 'relu' }), dense(1)] }),
      (name) => ({ ...options, layers: [dense(6, { weightInit: name as 'zeros' }), dense(1)] }),
      (name) => ({ ...options, layers: [{ type: name } as unknown as LayerSpec] }),
      (name) => ({ ...options, loss: { name } as unknown as 'mse' }),
      (name) => ({ ...options, optimizer: { name } as unknown as 'adam' }),
      (name) => ({ ...options, optimizer: sgd({ learningRate: { schedule: name as 'step', rate: 1 } }) }),
      (name) => ({ ...options, metrics: [name as 'r2'] }),
      (name) => ({ ...options, compat: name as 'keras' }),
    ];
    for (const place of places)
      for (const name of hostile) {
        if (
          name === null &&
          place(null).layers.some((l) => l.type === 'dense' && (l.activation === null || l.weightInit === null))
        )
          continue;
        if (name === null && place(null).compat === null) continue;
        expect(
          codeOf(() => make(place(name))),
          `${place.toString()} with ${String(name)}`,
        ).toBe('ERR_OPTION');
      }
    expect(refusal(() => make({ ...options, optimizer: 'adma' as 'adam' })).message).toMatch(/Did you mean "adam"\?.*sgd.*lbfgs/);
    expect(refusal(() => make({ ...options, loss: 'meanSquareError' as 'mse' })).message).toMatch(/"meanSquaredError".*hinge/);
    expect(refusal(() => make({ ...options, layers: [dense(1, { activation: 'rleu' as 'relu' })] })).message).toMatch(
      /layers\[0\]\.activation: unknown activation "rleu"\. Did you mean "relu"\?.*identity/,
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('fault 31: a loss that does not fit the output says which would, and logits are asked for by name', () => {
    const net = (loss: unknown, units: number, last: ActivationLike) =>
      make({ inputs: 4, layers: [dense(units, { activation: last })], loss: loss as 'mse' });
    const wrong: [unknown, number, ActivationLike, RegExp][] = [
      ['categoricalCrossEntropy', 3, 'sigmoid', /needs rows of probabilities, but the last activation is "sigmoid".*softmax/],
      ['categoricalCrossEntropy', 3, 'identity', /fromLogits: true/],
      ['categoricalCrossEntropy', 1, 'softmax', /at least 2.*binaryCrossEntropy/],
      ['sparseCategoricalCrossEntropy', 3, 'tanh', /softmax/],
      ['binaryCrossEntropy', 1, 'identity', /sigmoid.*fromLogits/],
      ['binaryCrossEntropy', 1, 'relu', /probabilities/],
      [{ name: 'binaryCrossEntropy', fromLogits: true }, 1, 'sigmoid', /raw outputs, but the last activation is "sigmoid"/],
      [{ name: 'categoricalCrossEntropy', fromLogits: true }, 3, 'softmax', /raw outputs/],
      ['klDivergence', 3, 'identity', /softmax/],
    ];
    for (const [loss, units, last, pattern] of wrong) {
      const error = refusal(() => net(loss, units, last));
      expect(error.code).toBe('ERR_OPTION');
      expect(error.message).toMatch(pattern);
    }
    // Binary cross-entropy on three sigmoids is three questions; class ids for it are refused by their values and their shape.
    const three = net('binaryCrossEntropy', 3, 'sigmoid');
    expect(
      codeOf(() =>
        three.trainStep(
          X,
          X.map(() => [2]),
        ),
      ),
    ).toBe('ERR_SHAPE');
    expect(
      codeOf(() =>
        three.trainStep(
          X,
          X.map(() => [0, 1, 2]),
        ),
      ),
    ).toBe('ERR_LABEL');
    expect(
      codeOf(() =>
        net('binaryCrossEntropy', 1, 'sigmoid').trainStep(
          X,
          X.map((_, i) => i % 3),
        ),
      ),
    ).toBe('ERR_LABEL');
    // From logits or from a fused softmax: the same loss.
    const { X: points, oneHot } = classes(30);
    const common = { inputs: 2, seed: 3 };
    const fused = make({ ...common, layers: [dense(3, { activation: 'softmax' })], loss: 'categoricalCrossEntropy' });
    const logits = make({ ...common, layers: [dense(3)], loss: { name: 'categoricalCrossEntropy', fromLogits: true } });
    expect(fused.evaluate(points, oneHot).loss).toBeCloseTo(logits.evaluate(points, oneHot).loss, 6);
  });

  test('fault 32: layers of no size, or of no possible size', () => {
    for (const size of [0, -1, 2.5, 1e9, 2 ** 31, 2 ** 32 + 1, NaN, Infinity, '8', null, undefined]) {
      for (const broken of [
        { ...options, layers: [dense(size as number), dense(1)] },
        { ...options, inputs: size as number },
        { ...options, layers: [residual([dense(size as number)]), dense(1)] },
      ]) {
        const error = refusal(() => make(broken));
        expect(error.code).toBe('ERR_SHAPE');
        expect(error.message).toMatch(/expected a whole number from 1 to 16777216, got/);
      }
    }
    for (const layers of [
      [],
      undefined,
      null,
      {},
      [null],
      [3],
      [undefined],
      new Array(2),
      [[dense(1)]],
      [residual([])],
      [residual(new Array(1))],
    ])
      expect(codeOf(() => make({ ...options, layers: layers as LayerSpec[] }))).toBe('ERR_OPTION');
    let doubled: LayerSpec[] = [dense(4)];
    for (let i = 0; i < 40; i++) doubled = [residual(doubled), residual(doubled)]; // 2^40 layers, in forty lines
    expect(refusal(() => make({ ...options, layers: doubled })).message).toMatch(/more than 10000 layers/);
    const endless: LayerSpec[] = [dense(4)];
    endless.push(residual(endless));
    expect(codeOf(() => make({ ...options, layers: endless }))).toBe('ERR_OPTION');
  });

  test('fault 33: weights beyond 4 GiB are refused with the bytes they want, before anything is allocated', () => {
    const started = performance.now();
    const error = refusal(() => make({ inputs: 2 ** 20, layers: [dense(2 ** 12)] }));
    expect(error.code).toBe('ERR_MEMORY');
    expect(error.message).toMatch(/1048576 x 4096 weight needs 17179869184 bytes/);
    expect(error.details['bytes']).toBe(2 ** 34);
    // 2^24 x 2^24 x 4 bytes is 0 modulo 2^32, and 2^50 in truth.
    expect(refusal(() => make({ inputs: 2 ** 24, layers: [dense(2 ** 24)] })).details['bytes']).toBe(2 ** 50);
    // Each tensor fits, all of them do not.
    const wide = dense(2 ** 14);
    const total = refusal(() => make({ inputs: 2 ** 14, layers: [wide, wide, wide, wide, wide] }));
    expect(total.code).toBe('ERR_MEMORY');
    expect(total.details['bytes']).toBe(4 * 5 * (2 ** 28 + 2 ** 14));
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('fault 36, 37: a loss or a learning rate of the user that reaches into its own step is refused, and the step is as without', () => {
    const mean = (yTrue: { data: Float32Array }, yPred: { data: Float32Array; shape: readonly [number, number] }) => {
      const gradient = new Float32Array(yPred.data.length);
      let value = 0;
      for (let k = 0; k < gradient.length; k++) {
        const difference = yPred.data[k]! - yTrue.data[k]!;
        value += (difference * difference) / gradient.length;
        gradient[k] = (2 * difference) / gradient.length;
      }
      return { value, gradient: { data: gradient, shape: yPred.shape } };
    };
    const codes = new Set<string>();
    const plain = make({ ...options, loss: mean });
    let reaching: typeof plain | undefined;
    const attempts: (() => unknown)[] = [
      () => reaching!.predict(X),
      () => reaching!.predictInto(new Float32Array(8), new Float32Array(2)),
      () => reaching!.evaluate(X, y),
      () => reaching!.trainStep(X, y),
      () => reaching!.fitSync(X, y),
      () => reaching!.forward(X),
      () => reaching!.inputGradient(X),
      () => reaching!.parameters()[0]!.set(new Float32Array(24)),
      () => reaching!.zeroGrad(),
      () => reaching!.step(),
      () => reaching!.restoreState(plain.state()),
      () => reaching!.freeze(),
    ];
    const reach = () => {
      if (reaching === undefined) return;
      for (const attempt of attempts) codes.add(codeOf(attempt));
      reaching.parameters();
      reaching.clone().predict(X);
    };
    const model = make({
      ...options,
      loss: (yTrue, yPred) => {
        reach();
        return mean(yTrue, yPred);
      },
      optimizer: adam({
        learningRate: () => {
          reach();
          return 0.01;
        },
      }),
    });
    reaching = model;
    model.trainStep(X, y);
    model.fitSync(X, y, { epochs: 2, batchSize: 8 });
    plain.trainStep(X, y);
    plain.fitSync(X, y, { epochs: 2, batchSize: 8 });
    expect(bitsOf(model)).toEqual(bitsOf(plain));
    expect([...codes]).toEqual(['ERR_BUSY']);
    reaching = undefined;
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
    expect(model.predict(X).shape).toEqual([24, 1]);
  });

  test('numbers beyond float32 in the spec are refused, not silently infinite', () => {
    const shapes: (() => MLPOptions)[] = [
      () => ({ ...options, layers: [dense(1, { biasInit: { name: 'constant', value: 1e39 } })] }),
      () => ({ ...options, layers: [dense(1, { weightInit: { name: 'normal', deviation: 1e300 } })] }),
      () => ({ ...options, layers: [dense(1, { weightInit: { name: 'uniform', low: -1e39, high: 1e39 } })] }),
      () => ({ ...options, layers: [dense(1, { activation: { name: 'linear', scale: 1e39 } })] }),
      () => ({ ...options, layers: [dense(1, { activation: { name: 'leakyRelu', slope: 1e39 } })] }),
      () => ({ ...options, layers: [dense(1, { activation: { name: 'celu', alpha: 1e-60 } })] }),
      () => ({ ...options, loss: { name: 'huber', delta: 1e39 } }),
    ];
    for (const shape of shapes) expect(codeOf(() => make(shape()))).toBe('ERR_OPTION');
    for (const name of lossNames) expect(name).not.toBe('toString');
  });

  test('a state that is none, or not whole, is refused before anything of it is taken over', () => {
    const model = make(options);
    model.fitSync(X, y, { epochs: 2 });
    const state = model.state();
    const before = bitsOf(model);
    const broken: object[] = [
      { names: undefined },
      { shapes: [] },
      { tensors: state.tensors.map((t) => [...t]) },
      { tensors: state.tensors.slice(1) },
      { slots: [[1]] },
      { slots: [state.slots[0], [...state.slots[1]!].reverse()] },
      { averages: [new Float32Array(3)] },
      { counters: new Float64Array(2) },
      { counters: [1, 2, 3, 4, 5, 6] },
      { rules: [] },
      { rules: state.rules.map(() => ({ learningRateScale: -1, frozen: 'no' })) },
      { progress: undefined },
      { progress: { ...state.progress, position: 1e9 } },
      { progress: { ...state.progress, epoch: 1.5 } },
      { progress: { ...state.progress, shape: null } },
      { learningRate: -1 },
      { best: {} },
      { curvature: [{}] },
      { curvature: 5 },
    ];
    for (const change of broken) {
      const code = codeOf(() => model.restoreState({ ...state, ...change }));
      expect(['ERR_TYPE', 'ERR_SHAPE', 'ERR_OPTION'], JSON.stringify(Object.keys(change))).toContain(code);
      expect(bitsOf(model)).toEqual(before);
      expect(model.steps).toBe(2);
    }
    for (const nothing of [null, undefined, 3, 'state', [], {}])
      expect(codeOf(() => model.restoreState(nothing as unknown as typeof state))).toBe('ERR_TYPE');
    model.restoreState(structuredClone(state));
    expect(bitsOf(model)).toEqual(before);
  });
});
