// Fit: epochs, batches and windows, the same bits however they are cut.

import { describe, expect, test } from 'vitest';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { Random } from '../../src/data/random.js';
import { batchNorm, dense, dropout } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { cosineDecay, warmup } from '../../src/plan/schedules.js';
import { codeOf, refusal } from '../support/errors.js';
import { bitsOf, expectClose, makers, regression } from '../support/models.js';

const small: MLPOptions = {
  inputs: 4,
  layers: [dense(8, { activation: 'tanh' }), dense(1)],
  optimizer: adam({ learningRate: 0.01 }),
  seed: 3,
};

describe.each(makers)('fit on $name', ({ make }) => {
  const { X, y } = regression(101);

  test('copy: false reads X where it lies, changes neither a bit of the result nor of X, and checks it all the same', async () => {
    const data = Float32Array.from(X.flat());
    const kept = data.slice();
    const lying = { data, shape: [101, 4] as const };
    const [copied, read] = [make(small), make(small)];
    await copied.fit(X, y, { epochs: 3, validationSplit: 0.2 });
    await read.fit(lying, y, { epochs: 3, validationSplit: 0.2, copy: false });
    expect(bitsOf(read)).toEqual(bitsOf(copied));
    expect(data).toEqual(kept);
    read.fitSync(X, y, { copy: false }); // rows of numbers are copied in any case
    const before = bitsOf(read);
    data[4 * 50 + 2] = Number.NaN;
    expect(refusal(() => read.fitSync(lying, y, { copy: false })).message).toMatch(/X: row 50, column 2 is NaN/);
    expect(codeOf(() => read.fitSync(X, y, { copy: 1 as never }))).toBe('ERR_OPTION');
    expect(bitsOf(read)).toEqual(before);
  });

  test('learns, and reports an entry per epoch with consecutive numbers, metrics and seconds', async () => {
    const model = make({ ...small, metrics: ['meanAbsoluteError', 'r2'] });
    const history = await model.fit(X, y, { epochs: 60, validationSplit: 0.2 });
    expect(history.epochs.map((log) => log.epoch)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(history.stoppedBy).toBe('epochs');
    expect(history.samplesPerSecond).toBeGreaterThan(0);
    const log = history.last!;
    for (const name of [
      'loss',
      'meanAbsoluteError',
      'r2',
      'valLoss',
      'valMeanAbsoluteError',
      'valR2',
      'learningRate',
      'seconds',
    ] as const)
      expect(log[name], name).toBeTypeOf('number');
    expect(log.loss).toBeLessThan(0.5 * history.epochs[0]!.loss);
    expect(history.epochs[history.bestEpoch - 1]!.valLoss).toBe(Math.min(...history.values('valLoss')));
    expect(model.epoch).toBe(60);
    expect(model.steps).toBe(60 * 3); // 80 rows, batches of 32
  });

  test('fitSync gives the same bits as fit', async () => {
    const one = make(small);
    const other = make(small);
    await one.fit(X, y, { epochs: 5 });
    const history = other.fitSync(X, y, { epochs: 5 });
    expect(bitsOf(other)).toEqual(bitsOf(one));
    expect(history.epochs).toHaveLength(5);
  });

  test('fault 71: fit twice from the same initial state is equal, and fit(10) + fit(10) is fit(20), epochs counting on', async () => {
    const options = { ...small, optimizer: adam({ learningRate: cosineDecay(0.02, { over: 20 }) }) };
    const whole = make(options);
    const again = make(options);
    const halves = make(options);
    const history = await whole.fit(X, y, { epochs: 20 });
    await again.fit(X, y, { epochs: 20 });
    await halves.fit(X, y, { epochs: 10 });
    const second = await halves.fit(X, y, { epochs: 10 });
    expect(bitsOf(again)).toEqual(bitsOf(whole));
    expect(bitsOf(halves)).toEqual(bitsOf(whole));
    expect(second.epochs.map(({ epoch, loss, learningRate }) => ({ epoch, loss, learningRate }))).toEqual(
      history.epochs.slice(10).map(({ epoch, loss, learningRate }) => ({ epoch, loss, learningRate })),
    );
  });

  test('is trainStep on batches in the order of the seed, bit for bit', () => {
    const fitted = make(small);
    const stepped = make(small);
    const history = fitted.fitSync(X, y, { epochs: 2, batchSize: 20 });
    const losses: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      const order = [...new Random(stepped.plan.key, `epoch ${epoch}`).permutation(101)];
      let sum = 0;
      for (let at = 0; at < 101; at += 20) {
        const rows = order.slice(at, at + 20);
        sum +=
          stepped.trainStep(
            rows.map((i) => X[i]!),
            rows.map((i) => y[i]!),
          ) * rows.length;
      }
      losses.push(sum / 101);
    }
    expect(bitsOf(stepped)).toEqual(bitsOf(fitted));
    expectClose(history.values('loss'), losses, 12);
  });

  test('gives the same bits however batches are cut into windows: slices, callbacks, time budgets', async () => {
    const fits: FitOptions[] = [{}, { sliceMilliseconds: 0.001 }, { onBatchEnd: () => {} }, { timeBudget: 1000 }];
    const results = [];
    for (const options of fits) {
      const model = make({ ...small, layers: [dense(8, { activation: 'tanh' }), dropout(0.2), dense(1)] });
      await model.fit(X, y, { epochs: 4, batchSize: 10, ...options });
      results.push(bitsOf(model));
    }
    for (const bits of results) expect(bits).toEqual(results[0]);
  });

  test('shuffle: false takes rows as they come; a batch larger than the data is all of it', () => {
    const fitted = make(small);
    const stepped = make(small);
    fitted.fitSync(X, y, { epochs: 1, batchSize: 50, shuffle: false });
    for (const [from, to] of [
      [0, 50],
      [50, 100],
      [100, 101],
    ] as const)
      stepped.trainStep(X.slice(from, to), y.slice(from, to));
    expect(bitsOf(stepped)).toEqual(bitsOf(fitted));
    const all = make(small);
    const once = make(small);
    all.fitSync(X, y, { epochs: 1, batchSize: 1e9 });
    once.trainStep(X, y);
    expect(bitsOf(once)).toEqual(bitsOf(all));
  });

  test('accumulate adds up batches: like one batch of them all, up to rounding', () => {
    const apart = make({ ...small, optimizer: sgd({ learningRate: 0.1 }) });
    const together = make({ ...small, optimizer: sgd({ learningRate: 0.1 }) });
    apart.fitSync(X, y, { epochs: 3, batchSize: 10, accumulate: 4, shuffle: false });
    together.fitSync(X, y, { epochs: 3, batchSize: 40, shuffle: false });
    expect(apart.steps).toBe(together.steps);
    expectClose(bitsOf(apart), bitsOf(together), 5);
  });

  test('"gd" steps once per epoch on all rows, also when they pass in pieces', () => {
    const many = regression(5000);
    const options = { ...small, optimizer: { name: 'gd', learningRate: 0.1 } as const };
    const model = make(options);
    const reference = make({ ...options, optimizer: sgd({ learningRate: 0.1 }) });
    model.fitSync(many.X, many.y, { epochs: 3 });
    for (let i = 0; i < 3; i++) reference.trainStep(many.X, many.y);
    expect(model.steps).toBe(3);
    expectClose(bitsOf(model), bitsOf(reference), 5);
  });

  test('rates change from step to step within one window', () => {
    const options: MLPOptions = { ...small, optimizer: sgd({ learningRate: warmup(0.1, { steps: 6 }) }) };
    const fitted = make(options);
    const stepped = make({ ...small, optimizer: sgd({ learningRate: 1 }) });
    fitted.fitSync(X, y, { epochs: 1, batchSize: 10, shuffle: false });
    for (let i = 0; i < 11; i++) {
      stepped.learningRate = i < 6 ? 0.1 * ((i + 1) / 6) : 0.1;
      stepped.trainStep(X.slice(10 * i, 10 * i + 10), y.slice(10 * i, 10 * i + 10));
    }
    expect(bitsOf(stepped)).toEqual(bitsOf(fitted));
  });

  test('partialFit goes on from where training stands, one pass at a time', () => {
    const parts = make(small);
    const whole = make(small);
    const loss = parts.partialFit(X, y, { batchSize: 32 });
    parts.partialFit(X, y, { batchSize: 32 });
    const history = whole.fitSync(X, y, { epochs: 2, batchSize: 32 });
    expect(bitsOf(parts)).toEqual(bitsOf(whole));
    expect(loss).toBe(history.epochs[0]!.loss);
  });

  test('frozen layers stay, others train; unfreeze lets them go on', () => {
    const model = make(small);
    const before = model.parameters();
    model.freeze('layers.0');
    expect(model.parameters()[0]!.trainable).toBe(false);
    model.fitSync(X, y, { epochs: 2 });
    const after = model.parameters();
    expect([...after[0]!.values]).toEqual([...before[0]!.values]);
    expect([...after[1]!.values]).toEqual([...before[1]!.values]);
    expect([...after[2]!.values]).not.toEqual([...before[2]!.values]);
    model.unfreeze();
    model.fitSync(X, y, { epochs: 1 });
    expect([...model.parameters()[0]!.values]).not.toEqual([...before[0]!.values]);
  });

  test('with batch statistics a last batch of one row joins the one before it, also with accumulation', () => {
    for (const options of [{ batchSize: 10 }, { batchSize: 5, accumulate: 2 }, { batchSize: 20, onBatchEnd: () => {} }]) {
      const model = make({ ...small, layers: [dense(8), batchNorm(), dense(1)] });
      const history = model.fitSync(X, y, { epochs: 2, ...options });
      expect(history.last!.loss).toBeGreaterThan(0);
      expect(model.steps).toBe(2 * (options.batchSize === 20 ? 5 : 10));
      expect(bitsOf(model).every(Number.isFinite)).toBe(true);
    }
  });
});
