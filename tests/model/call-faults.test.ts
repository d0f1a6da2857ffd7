// Rows of docs/faults.md about calls on both backends: options, order, re-entry, what is handed out, what is thrown in the middle.

import { describe, expect, test } from 'vitest';
import type { MLPOptions } from '../../src/plan/network.js';
import { batchNorm, dense } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { codeOf, refusal, rejection } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

const options: MLPOptions = {
  inputs: 4,
  layers: [dense(6, { activation: 'relu' }), dense(1)],
  seed: 5,
  optimizer: adam({ learningRate: 0.01 }),
};

describe.each(makers)('faults on $name', ({ make }) => {
  const { X, y } = regression(24);

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
