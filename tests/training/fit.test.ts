import { describe, expect, test } from 'vitest';
import type { EpochLog } from '../../src/training/history.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { Random } from '../../src/data/random.js';
import { activation, batchNorm, dense, dropout } from '../../src/plan/layers.js';
import { categoricalCrossEntropy, sparseCategoricalCrossEntropy } from '../../src/plan/losses.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { cosineDecay, reduceOnPlateau, warmup } from '../../src/plan/schedules.js';
import { codeOf, refusal, rejection } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';
import { bitsOf, classes, expectClose, makers, regression } from '../support/models.js';

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

  test('validationSplit holds out the last rows and measures on them after the epoch', async () => {
    const model = make(small);
    const history = await model.fit(X, y, { epochs: 2, validationSplit: 0.25 });
    const kept = Math.floor(101 * 0.75);
    expect(history.last!.valLoss).toBeCloseTo(model.evaluate(X.slice(kept), y.slice(kept)).loss, 6);
    const other = make(small);
    await other.fit(X.slice(0, kept), y.slice(0, kept), { epochs: 2, validationData: [X.slice(kept), y.slice(kept)] });
    expect(bitsOf(other)).toEqual(bitsOf(model));
  });

  test('early stopping stops after `patience` epochs without improvement and goes back to the best', async () => {
    const model = make({ ...small, optimizer: adam({ learningRate: 0.05 }) });
    const noise = regression(40, 4, 9);
    const history = await model.fit(noise.X.slice(0, 20), noise.y.slice(0, 20), {
      epochs: 2000,
      validationData: { X: noise.X.slice(20), y: noise.y.slice(20) },
      earlyStopping: { patience: 15 },
    });
    expect(history.stoppedBy).toBe('earlyStopping');
    const losses = history.values('valLoss');
    const best = losses.indexOf(Math.min(...losses));
    expect(history.bestEpoch).toBe(best + 1);
    expect(losses).toHaveLength(best + 1 + 15);
    expect(model.evaluate(noise.X.slice(20), noise.y.slice(20)).loss).toBeCloseTo(losses[best]!, 6);
  });

  test('fault 53: early stopping ends a training whose loss only grows, and NaN is never an improvement', async () => {
    const growing = make({ ...small, optimizer: sgd({ learningRate: 0.9 }), layers: [dense(1)] });
    const scaled = X.map((row) => row.map((v) => 3 * v));
    const history = await growing.fit(scaled, y, {
      epochs: 500,
      batchSize: 101,
      earlyStopping: { monitor: 'loss', patience: 3 },
    });
    expect(history.stoppedBy).toBe('earlyStopping');
    const nan = make({ ...small, optimizer: sgd({ learningRate: 1e30 }) });
    const hopeless = await nan.fit(X, y, {
      epochs: 20,
      onDivergence: 'continue',
      earlyStopping: { monitor: 'loss', patience: 4 },
    });
    expect(hopeless.epochs.length).toBeLessThanOrEqual(7);
    expect(hopeless.epochs.slice(1).every((log) => !(log.loss < hopeless.epochs[0]!.loss))).toBe(true);
  });

  test('reduceOnPlateau follows PyTorch on its own metrics', async () => {
    const { cases } = fixture<{ cases: PlateauCase[] }>('schedules.json');
    for (const c of cases.filter((one) => one.title === 'ReduceLROnPlateau')) {
      const rate = reduceOnPlateau(c.learningRate, {
        factor: c.factor,
        patience: c.patience,
        minDelta: c.threshold,
        cooldown: c.cooldown,
        minRate: c.minimum,
      });
      let epoch = 0;
      const targets = c.metrics;
      // A model of one constant output and no learning: its loss on (0, m) is what the metric says.
      const model = make({
        inputs: 1,
        layers: [dense(1, { trainable: false })],
        optimizer: sgd({ learningRate: rate }),
        loss: (yTrue, yPred) => ({
          value: targets[epoch++]!,
          gradient: { data: new Float32Array(yPred.data.length), shape: [...yTrue.shape] },
        }),
      });
      const history = await model.fit([[0]], [[0]], { epochs: targets.length });
      expectClose([...history.values('learningRate'), model.learningRate], c.rates, 9);
    }
  });

  interface PlateauCase {
    title: string;
    learningRate: number;
    factor: number;
    patience: number;
    threshold: number;
    cooldown: number;
    minimum: number;
    metrics: number[];
    rates: number[];
  }

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

  test('callbacks are told of begin, epochs, batches and end, in order, and waited for; what they return means nothing', async () => {
    const model = make(small);
    const told: string[] = [];
    const history = await model.fit(X, y, {
      epochs: 3,
      batchSize: 51,
      callbacks: [
        {
          onTrainBegin: () => void told.push('begin'),
          onEpochBegin: (epoch) => void told.push(`epoch ${epoch}`),
          onBatchEnd: (log) => void told.push(`batch ${log.epoch}.${log.batch}: ${log.rows} rows`),
          onEpochEnd: async (log) => {
            await Promise.resolve();
            told.push(`end of ${log.epoch}`);
            if (log.epoch === 2) model.stop();
            return false;
          },
          onTrainEnd: (h) => void told.push(`end, ${h.epochs.length} epochs`),
        },
      ],
    });
    expect(told).toEqual([
      'begin',
      'epoch 1',
      'batch 1.1: 51 rows',
      'batch 1.2: 50 rows',
      'end of 1',
      'epoch 2',
      'batch 2.1: 51 rows',
      'batch 2.2: 50 rows',
      'end of 2',
      'end, 2 epochs',
    ]);
    expect(history.stoppedBy).toBe('callback');
    const logs: EpochLog[] = [];
    await model.fit(X, y, { epochs: 1, onEpochEnd: (log) => void logs.push(log) });
    expect(logs.map((log) => log.epoch)).toEqual([3]);
  });

  test('model.stop() ends after the step in hand, and the next fit finishes the epoch', async () => {
    const model = make(small);
    const whole = make(small);
    const history = await model.fit(X, y, {
      epochs: 3,
      batchSize: 10,
      onBatchEnd: (log) => log.epoch === 2 && log.batch === 4 && model.stop(),
    });
    expect(history.stoppedBy).toBe('callback');
    expect(history.epochs).toHaveLength(1);
    expect(model.steps).toBe(11 + 4);
    await whole.fit(X, y, { epochs: 3, batchSize: 10 });
    const rest = await model.fit(X, y, { epochs: 2, batchSize: 10 });
    expect(rest.epochs.map((log) => log.epoch)).toEqual([2, 3]);
    expect(bitsOf(model)).toEqual(bitsOf(whole));
  });

  test('a time budget ends training in time', async () => {
    const model = make(small);
    const started = performance.now();
    const history = await model.fit(X, y, { timeBudget: 0.1, batchSize: 4 });
    expect(history.stoppedBy).toBe('timeBudget');
    expect(performance.now() - started).toBeGreaterThan(95);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('fault 87: other tasks run while fit does, at most about two slices apart', async () => {
    const many = regression(4000);
    const model = make({ ...small, layers: [dense(64, { activation: 'relu' }), dense(64, { activation: 'relu' }), dense(1)] });
    const waits: number[] = [];
    let last = performance.now();
    const timer = setInterval(() => {
      waits.push(performance.now() - last);
      last = performance.now();
    }, 1);
    await model.fit(many.X, many.y, { epochs: 1000, timeBudget: 1, validationSplit: 0.3 });
    clearInterval(timer);
    expect(waits.length).toBeGreaterThan(20);
    // The median: another process on the machine may hold one up.
    expect(waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(30);
  });

  test('trains on streams of batches: a generator, an async function of the epoch, and resumes in them', async () => {
    async function* batches() {
      for (let i = 0; i < 101; i += 20) {
        await Promise.resolve();
        yield [X.slice(i, i + 20), y.slice(i, i + 20)] as const;
      }
    }
    const streamed = make(small);
    const fitted = make(small);
    const history = await streamed.fit(batches, { epochs: 3 });
    await fitted.fit(X, y, { epochs: 3, batchSize: 20, shuffle: false });
    expect(bitsOf(streamed)).toEqual(bitsOf(fitted));
    expect(history.epochs).toHaveLength(3);
    const sync = make(small);
    sync.fitSync(
      (function* () {
        for (let i = 0; i < 101; i += 20) yield { X: X.slice(i, i + 20), y: y.slice(i, i + 20) };
      })(),
    );
    expect(sync.steps).toBe(6);
    const error = await rejection(sync.fit(batches(), { epochs: 2 }));
    expect(error.code).toBe('ERR_EMPTY');
    expect(error.message).toMatch(/function/);
    const stopped = make(small);
    await stopped.fit(batches, { epochs: 3, onBatchEnd: (log) => log.epoch === 2 && log.batch === 3 && stopped.stop() });
    await stopped.fit(batches, { epochs: 2 });
    expect(bitsOf(stopped)).toEqual(bitsOf(fitted));
  });

  test('takes a list of batches for a stream, and rows in threes for what they are', () => {
    const [listed, made, fitted] = [make(small), make(small), make(small)];
    const list = [0, 20, 40, 60, 80, 100].map((i) => [X.slice(i, i + 20), y.slice(i, i + 20)] as const);
    listed.fitSync(list, { epochs: 2 });
    made.fitSync(() => list.map(([X, y]) => ({ X, y })), { epochs: 2 });
    fitted.fitSync(X, y, { epochs: 2, batchSize: 20, shuffle: false });
    expect(bitsOf(listed)).toEqual(bitsOf(fitted));
    expect(bitsOf(made)).toEqual(bitsOf(fitted));
    const deep = X.map((row) => [row, row]) as unknown as number[][];
    expect(refusal(() => fitted.fitSync(deep, y)).message).toMatch(/X: expected two dimensions/);
  });

  test('accumulated batches of a stream keep their own batch statistics, whatever their sizes; lone rows join others', () => {
    const options: MLPOptions = { ...small, layers: [dense(6), batchNorm(), activation('relu'), dense(1)], optimizer: sgd() };
    const cut = (sizes: number[]) => {
      let at = 0;
      return sizes.map((n) => {
        at += n;
        return [X.slice(at - n, at), y.slice(at - n, at)] as const;
      });
    };
    // By hand: batches one by one, their gradients added, each weighing as many rows as it has.
    const steps = [[20, 7, 12], [30, 1, 10], [9]];
    const streamed = make(options);
    streamed.fitSync(cut(steps.flat()), { accumulate: 3 });
    const twin = make(options);
    let at = 0;
    for (const sizes of [[20, 7, 12], [31, 10], [9]]) {
      const rows = sizes.reduce((a, b) => a + b);
      const sums = new Map<string, Float64Array>();
      for (const n of sizes) {
        twin.zeroGrad();
        twin.forward(X.slice(at, at + n));
        twin.loss(y.slice(at, at + n));
        at += n;
        twin.backward();
        for (const { name, values } of twin.gradients()) {
          const sum = sums.get(name) ?? new Float64Array(values.length);
          sums.set(
            name,
            sum.map((v, k) => v + (values[k]! * n) / rows),
          );
        }
      }
      for (const p of twin.parameters())
        if (sums.has(p.name) && p.trainable) p.set(p.values.map((v, k) => v - 0.01 * sums.get(p.name)![k]!));
    }
    expect(streamed.steps).toBe(3);
    const got = bitsOf(streamed);
    const wanted = bitsOf(twin);
    expect(Math.max(...got.map((v, k) => Math.abs(v - wanted[k]!)))).toBeLessThan(1e-6);
    const lone = make(options);
    lone.fitSync(cut(Array.from({ length: 40 }, () => 1)), { accumulate: 4 });
    expect(lone.steps).toBe(10);
    expect(bitsOf(lone).every(Number.isFinite)).toBe(true);
  });

  test('a stream read only in part is closed', async () => {
    let closed = false;
    async function* batches() {
      try {
        for (;;) yield [X.slice(0, 10), y.slice(0, 10)] as const;
      } finally {
        closed = true;
      }
    }
    const model = make(small);
    await model.fit(batches(), { onBatchEnd: (log) => log.batch === 5 && model.stop() });
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(closed).toBe(true);
  });

  test('class weights weigh rows by class, for ids, one-hot rows and 0/1; balanced is as scikit-learn has it', () => {
    const data = classes(60);
    const weight = { 0: 3, 2: 0.5 };
    const options = { inputs: 2, layers: [dense(3, { activation: 'softmax' })], seed: 1 } as const;
    const byClass = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    const oneHot = make({ ...options, loss: 'categoricalCrossEntropy' });
    const byRow = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    byClass.fitSync(data.X, data.ids, { epochs: 2, classWeight: weight });
    oneHot.fitSync(data.X, data.oneHot, { epochs: 2, classWeight: weight });
    byRow.fitSync(data.X, data.ids, { epochs: 2, sampleWeight: data.ids.map((id) => [3, 1, 0.5][id]!) });
    expect(bitsOf(byClass)).toEqual(bitsOf(byRow));
    expectClose(bitsOf(oneHot), bitsOf(byRow), 5);
    const balanced = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    const counted = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    const counts = [0, 1, 2].map((id) => data.ids.filter((other) => other === id).length);
    balanced.fitSync(data.X, data.ids, { classWeight: 'balanced' });
    counted.fitSync(data.X, data.ids, { sampleWeight: data.ids.map((id) => 60 / (3 * counts[id]!)) });
    expect(bitsOf(balanced)).toEqual(bitsOf(counted));
  });

  test('labels are smoothed alike for class ids and one-hot rows, to the bit', () => {
    const data = classes(60);
    const options = {
      inputs: 2,
      layers: [dense(8, { activation: 'relu' }), dense(3, { activation: 'softmax' })],
      seed: 1,
    } as const;
    const byIds = make({ ...options, loss: sparseCategoricalCrossEntropy({ labelSmoothing: 0.1 }) });
    const oneHot = make({ ...options, loss: categoricalCrossEntropy({ labelSmoothing: 0.1 }) });
    const plain = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    byIds.fitSync(data.X, data.ids, { epochs: 3 });
    oneHot.fitSync(data.X, data.oneHot, { epochs: 3 });
    plain.fitSync(data.X, data.ids, { epochs: 3 });
    expect(bitsOf(byIds)).toEqual(bitsOf(oneHot));
    expect(bitsOf(byIds)).not.toEqual(bitsOf(plain));
    expect(byIds.evaluate(data.X, data.ids).loss).toBeCloseTo(oneHot.evaluate(data.X, data.oneHot).loss, 12);
    expect(codeOf(() => make({ ...options, loss: sparseCategoricalCrossEntropy({ labelSmoothing: 1 }) }))).toBe('ERR_OPTION');
  });

  test('a row of weight 0 is as good as not there; weights scale the gradient, the mean still divides by rows', () => {
    const weighted = make({ ...small, optimizer: sgd({ learningRate: 0.1 }) });
    const doubled = make({ ...small, optimizer: sgd({ learningRate: 0.2 }) });
    weighted.trainStep(X.slice(0, 4), y.slice(0, 4), { sampleWeight: [1, 1, 0, 0] });
    doubled.trainStep(X.slice(0, 2), y.slice(0, 2));
    const half = make({ ...small, optimizer: sgd({ learningRate: 0.1 }) });
    half.learningRate = 0.05;
    half.trainStep(X.slice(0, 2), y.slice(0, 2));
    expectClose(bitsOf(weighted), bitsOf(half), 6);
  });

  test('a custom loss trains like the built-in it copies', () => {
    const own = make({
      ...small,
      loss: (yTrue, yPred) => {
        const n = yPred.data.length;
        const gradient = yPred.data.map((p, k) => (2 * (p - yTrue.data[k]!)) / n);
        return {
          value: yPred.data.reduce((sum, p, k) => sum + (p - yTrue.data[k]!) ** 2, 0) / n,
          gradient: { data: gradient, shape: yPred.shape },
        };
      },
    });
    const builtIn = make(small);
    const mine = own.fitSync(X, y, { epochs: 5, batchSize: 25 });
    const theirs = builtIn.fitSync(X, y, { epochs: 5, batchSize: 25 });
    expectClose(mine.values('loss'), theirs.values('loss'), 5);
    expectClose(bitsOf(own), bitsOf(builtIn), 4);
    expect(own.evaluate(X, y).loss).toBeCloseTo(builtIn.evaluate(X, y).loss, 4);
    expect(own.trainStep(X, y)).toBeCloseTo(builtIn.trainStep(X, y), 4);
  });

  test('compat "sklearn" stops when the training loss stalls, with batches of min(200, rows) and up to 200 epochs', () => {
    const model = make({
      inputs: 4,
      layers: [dense(8, { activation: 'relu' }), dense(1)],
      compat: 'sklearn',
      optimizer: adam({ learningRate: 0.02 }),
    });
    const history = model.fitSync(
      X,
      y.map(() => [0]),
    );
    expect(history.stoppedBy).toBe('plateau');
    expect(history.epochs.length).toBeLessThan(200);
    const full = make({ inputs: 4, layers: [dense(8, { activation: 'relu' }), dense(1)], compat: 'sklearn', optimizer: 'adam' });
    expect(full.fitSync(X, y).epochs.length).toBe(200);
  });

  test('compat "sklearn" draws validation rows at random, each class by its share, the same every time', async () => {
    const data = classes(90);
    const options: MLPOptions = {
      inputs: 2,
      layers: [dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      compat: 'sklearn',
      metrics: ['accuracy'],
    };
    const one = await make(options).fit(data.X, data.ids, { epochs: 3, validationSplit: 0.2 });
    const two = await make(options).fit(data.X, data.ids, { epochs: 3, validationSplit: 0.2 });
    const last = await make({ ...options, compat: undefined }).fit(data.X, data.ids, { epochs: 3, validationSplit: 0.2 });
    expect(two.values('valLoss')).toEqual(one.values('valLoss'));
    expect(last.values('valLoss')).not.toEqual(one.values('valLoss'));
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
