import { describe, expect, test } from 'vitest';
import type { MatrixLike } from '../../src/data/matrix.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { Model } from '../../src/model/model.js';
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
  const withValue = (row: number, column: number, value: unknown) =>
    X.map((r, i) => r.map((v, j) => (i === row && j === column ? value : v))) as number[][];

  /** Refused by every entry that takes X and y, with this code, and nothing changes; with a working X and y afterwards. */
  function refusesEverywhere(badX: unknown, badY: unknown, code: string, pattern?: RegExp) {
    const model = make(options);
    model.trainStep(X, y);
    const before = bitsOf(model);
    const entries: ((m: Model) => unknown)[] = [
      (m) => m.fitSync(badX as MatrixLike, badY as MatrixLike),
      (m) => m.trainStep(badX as MatrixLike, badY as MatrixLike),
      (m) => m.evaluate(badX as MatrixLike, badY as MatrixLike),
      (m) => m.partialFit(badX as MatrixLike, badY as MatrixLike),
      (m) => m.diagnose(badX as MatrixLike, badY as MatrixLike),
      (m) => {
        m.forward(badX as MatrixLike);
        m.loss(badY as MatrixLike);
      },
    ];
    for (const entry of entries) {
      const error = refusal(() => entry(model));
      expect(error.code, entry.toString()).toBe(code);
      if (pattern !== undefined) expect(error.message).toMatch(pattern);
    }
    expect(bitsOf(model)).toEqual(before);
    expect(model.steps).toBe(1);
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
  }

  test('fault 1, 2: NaN and infinities in X name row and column', () => {
    refusesEverywhere(withValue(17, 2, Number.NaN), y, 'ERR_NONFINITE', /X: row 17, column 2 is NaN/);
    refusesEverywhere(withValue(3, 0, -Infinity), y, 'ERR_NONFINITE', /X: row 3, column 0 is -Infinity/);
    const data = Float32Array.from(X.flat());
    data[9] = NaN;
    refusesEverywhere({ data, shape: [24, 4] }, y, 'ERR_NONFINITE', /X: row 2, column 1 is NaN/);
  });

  test('fault 3: NaN and infinities in y', () => {
    refusesEverywhere(
      X,
      y.map((r, i) => (i === 5 ? [NaN] : r)),
      'ERR_NONFINITE',
      /y: row 5, column 0 is NaN/,
    );
    refusesEverywhere(
      X,
      Float32Array.from(y.flat(), (v, i) => (i === 5 ? Infinity : v)),
      'ERR_NONFINITE',
      /y: row 5/,
    );
  });

  test('fault 4: a finite double beyond float32', () => {
    refusesEverywhere(withValue(1, 1, 1e39), y, 'ERR_RANGE', /row 1, column 1 is 1e\+39/);
  });

  test('fault 5: NaN at predict is an error; with checks off NaN comes out, for its row alone', () => {
    const model = make(options);
    expect(codeOf(() => model.predict(withValue(7, 1, NaN)))).toBe('ERR_NONFINITE');
    const out = model.predict(withValue(7, 1, NaN), { checkFinite: false });
    expect(out.data[7]).toBeNaN();
    expect(out.data.filter(Number.isNaN)).toHaveLength(1);
    expect(out.data[6]).toBe(model.predict(X).data[6]);
    const large = regression(3000);
    large.X[2900]![3] = NaN;
    expect(refusal(() => model.predict(large.X)).message).toMatch(/row 2900, column 3/);
    const softmax = make({ inputs: 4, layers: [dense(3, { activation: 'softmax' })] });
    expect([...softmax.predict([[1, NaN, 0, 0]], { checkFinite: false }).data].every(Number.isNaN)).toBe(true);
  });

  test('fault 6: empty X, empty y, both', () => {
    refusesEverywhere([], y, 'ERR_EMPTY', /X has no rows/);
    refusesEverywhere(X, [], 'ERR_EMPTY', /y has no rows/);
    refusesEverywhere([], [], 'ERR_EMPTY');
    expect(codeOf(() => make(options).predict([]))).toBe('ERR_EMPTY');
  });

  test('fault 7, 8: ragged rows, and X and y of different length', () => {
    refusesEverywhere(
      X.map((r, i) => (i === 4 ? r.slice(1) : r)),
      y,
      'ERR_SHAPE',
      /row 4 has 3 columns/,
    );
    refusesEverywhere(X, y.slice(1), 'ERR_SHAPE', /X has 24 rows, but y has 23/);
  });

  test('fault 9, 10: no features, a flat array where rows are wanted, three dimensions', () => {
    refusesEverywhere(
      X.map(() => []),
      y,
      'ERR_SHAPE',
    );
    refusesEverywhere(X.flat(), y, 'ERR_SHAPE', /Wrap each sample/);
    refusesEverywhere(Float32Array.from(X.flat()), y, 'ERR_SHAPE', /shape: \[rows, columns\]/);
    refusesEverywhere(
      X.map((r) => r.map((v) => [v])),
      y,
      'ERR_SHAPE',
      /three/,
    );
    const wide = make({ inputs: 4, layers: [dense(2)] });
    expect(refusal(() => wide.trainStep(X, y.flat())).message).toMatch(/expected rows of 2 targets/);
  });

  test('fault 11: holes, undefined, null, strings, booleans, BigInt', () => {
    const holes = X.map((r) => [...r]);
    delete (holes[2] as unknown[])[1];
    refusesEverywhere(holes, y, 'ERR_TYPE', /row 2, column 1/);
    for (const value of [undefined, null, '3', true, 3n])
      refusesEverywhere(withValue(2, 1, value), y, 'ERR_TYPE', /row 2, column 1/);
    refusesEverywhere(
      X,
      y.map((r, i) => (i === 3 ? ['1'] : r)),
      'ERR_TYPE',
      /y: row 3/,
    );
    refusesEverywhere(X, undefined, 'ERR_TYPE');
    refusesEverywhere('X', y, 'ERR_TYPE');
  });

  test('fault 12, 13: other typed arrays and unaligned views give what numbers give', () => {
    const whole = X.map((r) => r.map((v) => Math.round(8 * v)));
    const flat = whole.flat();
    const bytes = new Uint8Array(4 + 4 * flat.length + 4);
    new Float32Array(bytes.buffer, 4, flat.length).set(flat);
    const forms: MatrixLike[] = [
      ...[Float64Array, Int32Array, Int8Array, Float32Array].map((Kind) => ({ data: Kind.from(flat), shape: [24, 4] })),
      { data: flat, shape: [24, 4] },
      { data: new Float32Array(bytes.buffer, 4, flat.length), shape: [24, 4] },
      whole.map((r) => Float32Array.from(r)),
      whole.map((r) => Int16Array.from(r)),
    ];
    const reference = make(options);
    reference.fitSync(whole, y, { epochs: 2 });
    reference.trainStep(whole, y);
    for (const form of forms) {
      const model = make(options);
      model.fitSync(form, Float64Array.from(y.flat()), { epochs: 2 });
      model.trainStep(form, { data: Float32Array.from(y.flat()), shape: [24, 1] });
      expect(bitsOf(model)).toEqual(bitsOf(reference));
      expect(model.predict(form).data).toEqual(reference.predict(whole).data);
    }
  });

  test('fault 14: a detached buffer is ERR_TYPE, a shared one is read', () => {
    const data = Float32Array.from(X.flat());
    structuredClone(data.buffer, { transfer: [data.buffer] });
    refusesEverywhere({ data, shape: [24, 4] }, y, 'ERR_TYPE', /detached/);
    const targets = Float32Array.from(y.flat());
    structuredClone(targets.buffer, { transfer: [targets.buffer] });
    refusesEverywhere(X, targets, 'ERR_TYPE', /detached/);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 96));
    shared.set(X.flat());
    expect(make(options).predict({ data: shared, shape: [24, 4] }).data).toEqual(make(options).predict(X).data);
  });

  test('fault 15: the wrong number of columns says expected and got', () => {
    refusesEverywhere(
      X.map((r) => r.slice(1)),
      y,
      'ERR_SHAPE',
      /X has 3 columns, but this model has 4 inputs\./,
    );
    expect(refusal(() => make(options).predict([[1]])).message).toBe('X has 1 column, but this model has 4 inputs.');
    refusesEverywhere(
      X,
      y.map(([v]) => [v, v]),
      'ERR_SHAPE',
      /y has 2 columns, but meanSquaredError on 1 output needs 1 column/,
    );
    expect(codeOf(() => make(options).predictInto(new Float32Array(7), new Float32Array(2)))).toBe('ERR_SHAPE');
    expect(codeOf(() => make(options).predictInto(new Float32Array(8), new Float32Array(1)))).toBe('ERR_SHAPE');
  });

  test('fault 16, 19: labels out of range name the row', () => {
    const model = make({ inputs: 4, layers: [dense(3, { activation: 'softmax' })], loss: 'sparseCategoricalCrossEntropy' });
    const ids = X.map((_, i) => i % 3);
    const before = bitsOf(model);
    for (const bad of [-1, 3, 1.5]) {
      const wrong = ids.map((id, i) => (i === 11 ? bad : id));
      expect(refusal(() => model.fitSync(X, wrong)).code).toBe('ERR_LABEL');
      expect(refusal(() => model.trainStep(X, wrong)).message).toMatch(/row 11/);
      expect(codeOf(() => model.evaluate(X, wrong))).toBe('ERR_LABEL');
    }
    for (const action of [
      () =>
        model.fitSync(
          X,
          ids.map(() => NaN),
        ),
      () =>
        model.trainStep(
          X,
          ids.map(() => NaN),
        ),
    ])
      expect(codeOf(action)).toBe('ERR_NONFINITE');
    expect(
      codeOf(() =>
        model.fitSync(
          X,
          ids.map(() => NaN),
          { checkFinite: false },
        ),
      ),
    ).toBe('ERR_NONFINITE');
    expect(bitsOf(model)).toEqual(before);
    expect(
      refusal(() =>
        model.trainStep(
          X,
          ids.map((id) => [0, 1, 2].map((k) => Number(k === id))),
        ),
      ).message,
    ).toMatch(/one column of class ids.*categoricalCrossEntropy/);
  });

  test('fault 17, 18: a single class trains, and so does a class that never comes up', () => {
    const model = make({
      inputs: 4,
      layers: [dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: adam({ learningRate: 0.1 }),
    });
    model.fitSync(
      X,
      X.map(() => 1),
      { epochs: 200 },
    );
    expect(
      model
        .predict(X)
        .toArray()
        .every((row) => row[1]! > 0.9),
    ).toBe(true);
  });

  test('fault 20: one-hot rows that do not sum to 1, and negative targets', () => {
    const model = make({ inputs: 4, layers: [dense(2, { activation: 'softmax' })], loss: 'categoricalCrossEntropy' });
    expect(
      refusal(() =>
        model.trainStep(
          X,
          X.map((_, i) => (i === 2 ? [1, 1] : [0, 1])),
        ),
      ).message,
    ).toMatch(/row 2 sums to 2/);
    expect(
      codeOf(() =>
        model.fitSync(
          X,
          X.map(() => [-1, 2]),
        ),
      ),
    ).toBe('ERR_LABEL');
    expect(
      refusal(() =>
        model.fitSync(
          X,
          X.map(() => 1),
        ),
      ).message,
    ).toMatch(/sparseCategoricalCrossEntropy/);
  });

  test('fault 21: hinge takes 0/1 for -1/+1, and refuses others', () => {
    const signs = y.map(([v]) => [v! > 0 ? 1 : -1]);
    const zeroOne = make({ inputs: 4, layers: [dense(1)], loss: 'hinge' });
    const plusMinus = make({ inputs: 4, layers: [dense(1)], loss: 'hinge' });
    zeroOne.fitSync(
      X,
      signs.map(([s]) => [s === 1 ? 1 : 0]),
      { epochs: 3 },
    );
    plusMinus.fitSync(X, signs, { epochs: 3 });
    zeroOne.trainStep(
      X,
      signs.map(([s]) => [s === 1 ? 1 : 0]),
    );
    plusMinus.trainStep(X, signs);
    expect(bitsOf(zeroOne)).toEqual(bitsOf(plusMinus));
    expect(
      codeOf(() =>
        zeroOne.trainStep(
          X,
          X.map(() => [2]),
        ),
      ),
    ).toBe('ERR_LABEL');
  });

  test('fault 22: batch norm needs two rows to train on, and says so; one row predicts', () => {
    const model = make({ inputs: 4, layers: [dense(6), batchNorm(), dense(1)] });
    for (const action of [
      () => model.trainStep([X[0]!], [y[0]!]),
      () => model.fitSync([X[0]!], [y[0]!]),
      () => model.fitSync(X, y, { batchSize: 1 }),
      () => model.forward([X[0]!]),
      () => model.diagnose([X[0]!], [y[0]!]),
      () => model.fitSync([[[X[0]!], [y[0]!]] as const].values()),
    ]) {
      const error = refusal(action);
      expect(error.code).toBe('ERR_BATCH');
      expect(error.message).toMatch(/at least 2 rows.*layerNorm/);
    }
    expect(model.predict([X[0]!]).shape).toEqual([1, 1]);
    expect(model.forward([X[0]!], { training: false }).shape).toEqual([1, 1]);
  });

  test('fault 23, 24: epochs and batch sizes that are none; epochs 0 does nothing', () => {
    const model = make(options);
    const before = bitsOf(model);
    for (const epochs of [-1, 2.5, NaN, Infinity, '10'])
      expect(codeOf(() => model.fitSync(X, y, { epochs: epochs as number }))).toBe('ERR_OPTION');
    for (const batchSize of [0, -1, 2.5, NaN, Infinity, '32'])
      expect(codeOf(() => model.fitSync(X, y, { batchSize: batchSize as number }))).toBe('ERR_OPTION');
    expect(model.fitSync(X, y, { epochs: 0 }).epochs).toEqual([]);
    expect(bitsOf(model)).toEqual(before);
  });

  test('fault 26: a learning rate that is none', () => {
    const model = make(options);
    for (const rate of [0, -1, NaN, Infinity, '1'])
      expect(
        codeOf(() => {
          model.learningRate = rate as number;
        }),
      ).toBe('ERR_OPTION');
    expect(model.learningRate).toBe(0.01);
  });

  test('fault 29: a typo in an option names the nearest one, in every method', () => {
    const model = make(options);
    const actions: [() => unknown, RegExp][] = [
      [() => model.fitSync(X, y, { epoch: 3 } as object), /unknown option "epoch"\. Did you mean "epochs"\?/],
      [() => model.predict(X, { checkFinit: false } as object), /checkFinite/],
      [() => model.evaluate(X, y, { sampleWeights: [] } as object), /Did you mean "sampleWeight"/],
      [() => model.trainStep(X, y, { sampleweight: [] } as object), /Did you mean "sampleWeight"/],
      [() => model.partialFit(X, y, { batchsize: 1 } as object), /Did you mean "batchSize"/],
      [() => model.forward(X, { trainin: true } as object), /Did you mean "training"/],
      [() => model.fitSync(X, y, { earlyStopping: { patienc: 1 } as object }), /Did you mean "patience"/],
      [() => model.fitSync(X, y, { earlyStopping: { monitor: 'los' } }), /Did you mean "loss"/],
      [() => model.fitSync(X, y, { earlyStopping: { monitor: 'valLoss' } }), /validationSplit or validationData/],
      [() => model.fitSync(X, y, { onDivergence: 'contine' as 'continue' }), /Did you mean "continue"/],
      [() => model.freeze('layer.0'), /Did you mean "layers.0"/],
      [() => make({ ...options, layer: [] } as object as MLPOptions), /Did you mean "layers"/],
      [
        () => make({ ...options, learningrate: 1 } as MLPOptions),
        /learningRate is an option of the optimizer: .*learningRate: 0\.01/,
      ],
      [
        () => make({ ...options, epochs: 1 } as MLPOptions),
        /unknown option "epochs"\. epochs is an option of fit\(X, y, \{ epochs \}\)/,
      ],
      [() => make({ ...options, __proto__: null, toString: 1 } as object as MLPOptions), /unknown option "toString"\. Expected/],
    ];
    for (const [action, pattern] of actions) {
      const error = refusal(action);
      expect(error.code).toBe('ERR_OPTION');
      expect(error.message).toMatch(pattern);
    }
    for (const bad of [
      { onEpochEnd: 'log' },
      { callbacks: [3] },
      { callbacks: { onBatchEnd: 1 } },
      { signal: {} },
      { checkpoint: {} },
      { timeBudget: 0 },
      { accumulate: 0 },
      { validationSplit: 1 },
      { validationSplit: 0.5, validationData: [X, y] },
      { classWeight: [1, 2] },
      { earlyStopping: 3 },
      { shuffle: 1 },
    ] as object[])
      expect(
        codeOf(() => model.fitSync(X, y, bad)),
        JSON.stringify(bad),
      ).toBe('ERR_OPTION');
    expect(codeOf(() => model.fitSync(X, y, { validationData: [X.slice(1), y] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => model.fitSync(X, y, { sampleWeight: [1] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => model.fitSync(X, y, { sampleWeight: X.map(() => -1) }))).toBe('ERR_OPTION');
    expect(codeOf(() => model.fitSync(X, y, { sampleWeight: X.map(() => 0) }))).toBe('ERR_OPTION');
  });

  test('fault 36: nothing handed out is live: copies stay as they were, and changing them changes nothing', () => {
    const model = make(options);
    const [weight] = model.parameters();
    const kept = [...weight!.values];
    const predicted = model.predict(X);
    const outputs = [...predicted.data];
    predicted.data.fill(7);
    weight!.values.fill(7);
    expect([...model.parameters()[0]!.values]).toEqual(kept);
    expect([...model.predict(X).data]).toEqual(outputs);
    const held = model.predict(X);
    model.fitSync(X, y, { epochs: 3 });
    model.predict(regression(2000).X);
    expect([...held.data]).toEqual(outputs);
  });

  test('fault 37, 38, 39: while fit runs predictions are of whole steps, and training again is ERR_BUSY', async () => {
    const model = make(options);
    const lone = make(options);
    const first = model.fit(X, y, { epochs: 300, sliceMilliseconds: 0.01 });
    const busy = await rejection(model.fit(X, y));
    expect(busy.code).toBe('ERR_BUSY');
    expect(busy.message).toMatch(/clone/);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const during = model.predict(X);
    expect(during.data.every(Number.isFinite)).toBe(true);
    expect(model.evaluate(X, y).loss).toBeGreaterThan(0);
    for (const action of [
      () => model.trainStep(X, y),
      () => model.fitSync(X, y),
      () => model.partialFit(X, y),
      () => model.zeroGrad(),
      () => model.forward(X),
      () => model.step(),
      () => model.parameters()[0]!.set(new Float32Array(24)),
      () => model.freeze(),
      () => model.restoreState(lone.state()),
    ])
      expect(codeOf(action)).toBe('ERR_BUSY');
    model.inputGradient(X);
    model.diagnose(X, y);
    model.clone().trainStep(X, y);
    await first;
    lone.fitSync(X, y, { epochs: 300 });
    expect(bitsOf(model)).toEqual(bitsOf(lone));
    // from inside callbacks
    const codes: string[] = [];
    model.fitSync(X, y, {
      onEpochEnd: () => {
        model.predict(X);
        codes.push(
          codeOf(() => model.fitSync(X, y)),
          codeOf(() => model.trainStep(X, y)),
        );
      },
    });
    expect(codes).toEqual(['ERR_BUSY', 'ERR_BUSY']);
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
  });

  test('fault 39: L-BFGS shows no weights of its line search between slices', async () => {
    const many = regression(4100);
    const model = make({ ...options, layers: [dense(16, { activation: 'tanh' }), dense(1)], optimizer: 'lbfgs' });
    const seen = new Set<string>();
    const allowed = new Set<string>([bitsOf(model).join()]);
    const running = model.fit(many.X, many.y, {
      epochs: 4,
      sliceMilliseconds: 0.01,
      onEpochEnd: () => void allowed.add(bitsOf(model).join()),
    });
    let over = false;
    void running.then(() => {
      over = true;
    });
    while (!over) {
      seen.add(bitsOf(model).join());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen.size).toBeGreaterThan(1);
    for (const weights of seen) expect(allowed.has(weights)).toBe(true);
  });

  test('fault 43: an aborted signal rejects with AbortError, before anything or within one batch', async () => {
    const model = make(options);
    const before = bitsOf(model);
    const error = await model.fit(X, y, { signal: AbortSignal.abort() }).catch((e: Error) => e);
    expect((error as Error).name).toBe('AbortError');
    expect(bitsOf(model)).toEqual(before);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const late = await model.fit(X, y, { epochs: 1e6, batchSize: 4, signal: controller.signal }).catch((e: Error) => e);
    expect((late as Error).name).toBe('AbortError');
    expect(bitsOf(model).every(Number.isFinite)).toBe(true);
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
    // while it waits for data, or for a callback, that never comes
    for (const wait of [
      () =>
        model.fit(
          async function* () {
            await new Promise(() => {});
            yield [X, y] as const;
          },
          { signal: AbortSignal.timeout(10) },
        ),
      () => model.fit(X, y, { signal: AbortSignal.timeout(10), onEpochEnd: () => new Promise(() => {}) }),
    ])
      expect(((await wait().catch((e: Error) => e)) as Error).name).toBe('AbortError');
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
  });

  test('fault 44: what a callback throws is what fit rejects with, and the model goes on', async () => {
    const model = make(options);
    const mine = new Error('mine');
    for (const hook of ['onTrainBegin', 'onEpochBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd']) {
      await expect(
        model.fit(X, y, {
          [hook]: () => {
            throw mine;
          },
        }),
      ).rejects.toBe(mine);
      await expect(make(options).fit(X, y, { [hook]: () => Promise.reject(mine) })).rejects.toBe(mine);
    }
    const rate = make({
      ...options,
      optimizer: sgd({
        learningRate: (step) => {
          if (step === 3) throw mine;
          return 0.1;
        },
      }),
    });
    await expect(rate.fit(X, y, { batchSize: 4 })).rejects.toBe(mine);
    expect(model.fitSync(X, y).epochs).toHaveLength(1);
    expect(codeOf(() => model.fitSync(X, y, { onEpochEnd: async () => {} }))).toBe('ERR_OPTION');
    expect(model.fitSync(X, y).epochs).toHaveLength(1);
  });

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

  test('networks that cannot be trained say why, and predict', () => {
    const model = make({ inputs: 4, layers: [dense(3, { activation: 'step' }), dense(1)] });
    for (const action of [() => model.fitSync(X, y), () => model.trainStep(X, y), () => model.inputGradient(X)]) {
      const error = refusal(action);
      expect(error.code).toBe('ERR_OPTION');
      expect(error.message).toMatch(/"step" cannot be trained through/);
    }
    expect(model.predict(X).shape).toEqual([24, 1]);
  });

  test('parameters take values of their own shape alone, and finite ones', () => {
    const model = make(options);
    const [weight] = model.parameters();
    for (const bad of [
      [1],
      new Float32Array(25),
      X.slice(0, 5),
      X.map((r) => r.slice(1)),
      { data: new Float32Array(24), shape: [6, 4] },
    ])
      expect(codeOf(() => weight!.set(bad as number[]))).toBe('ERR_SHAPE');
    expect(codeOf(() => weight!.set(new Float32Array(24).fill(NaN)))).toBe('ERR_NONFINITE');
    expect(codeOf(() => weight!.set(new Array<number>(24).fill(1e39)))).toBe('ERR_RANGE');
    expect(codeOf(() => weight!.set(new Array(24).fill('1') as never))).toBe('ERR_TYPE');
    expect(codeOf(() => weight!.set('no' as never))).toBe('ERR_TYPE');
    const rows = Array.from({ length: 4 }, (_, i) => Array.from({ length: 6 }, (_, j) => i + j / 8));
    for (const good of [
      rows,
      rows.flat(),
      Float64Array.from(rows.flat()),
      { data: rows.flat(), shape: [4, 6] },
      rows.map((r) => Float32Array.from(r)),
    ]) {
      weight!.set(good);
      expect([...model.parameters()[0]!.values]).toEqual(rows.flat());
      expect([...weight!.values]).toEqual(rows.flat());
    }
  });

  test('a step loop out of order says what to call first', () => {
    const model = make(options);
    expect(refusal(() => model.loss(y)).message).toMatch(/forward\(X\) first/);
    expect(codeOf(() => model.backward())).toBe('ERR_STATE');
    expect(codeOf(() => model.step())).toBe('ERR_STATE');
    expect(codeOf(() => model.lossInputGradient())).toBe('ERR_STATE');
    model.forward(X);
    expect(codeOf(() => model.backward())).toBe('ERR_STATE');
    model.loss(y);
    model.backward();
    expect(codeOf(() => model.backward())).toBe('ERR_STATE');
    model.predict(X);
    expect(codeOf(() => model.lossInputGradient())).toBe('ERR_STATE');
    model.step();
    expect(codeOf(() => model.gradients()[0]!.set([]))).toBe('ERR_UNSUPPORTED');
  });
});
