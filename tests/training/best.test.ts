// What is called best has the figure it is called best for, on every backend: evaluate says so.

import { describe, expect, test } from 'vitest';
import { rowsOfShare } from '../../src/data/holdOut.js';
import { activation, dense } from '../../src/plan/layers.js';
import type { Model } from '../../src/model/model.js';
import { sgd } from '../../src/plan/optimizers.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { EpochLog } from '../../src/training/history.js';
import { codeOf, rejection } from '../support/errors.js';
import { bitsOf, makers } from '../support/models.js';

const X = Array.from({ length: 8 }, (_, i) => [i / 8]);
const y = X.map(([x]) => [2 * x! + 1]);
const line = (learningRate: number, metrics: string[] = []) => ({
  inputs: 1,
  layers: [dense(1)],
  optimizer: sgd({ learningRate }),
  metrics: metrics as never,
  seed: 3,
});

describe.each(makers)('on $name', ({ make }) => {
  test('an early stopping without validation rows restores weights that have the best figure, and evaluate agrees', async () => {
    for (const [rate, batchSize] of [
      [0.3, 3],
      [0.05, 2],
      [0.9, 8],
      [1.1, 1],
    ] as const)
      for (const monitor of ['loss', 'meanAbsoluteError'] as const) {
        const model = make(line(rate, ['meanAbsoluteError']));
        const before = model.evaluate(X, y);
        const { bestEpoch, epochs } = await model.fit(X, y, { epochs: 12, batchSize, earlyStopping: { patience: 50, monitor } });
        const after = model.evaluate(X, y);
        expect(after[monitor]).toBeLessThanOrEqual(before[monitor]!);
        if (bestEpoch === 0) expect(after).toEqual(before);
        else {
          expect(epochs[bestEpoch - 1]![monitor]).toBeCloseTo(after[monitor]!, 10);
          expect(Math.min(...epochs.map((log) => log[monitor]!))).toBe(epochs[bestEpoch - 1]![monitor]);
        }
      }
  });

  test('where every epoch is worse, the weights before training are the best, with validation rows too', async () => {
    for (const options of [{}, { validationData: [X, y] as const }]) {
      const model = make(line(1.35));
      const before = bitsOf(model);
      const { bestEpoch } = await model.fit(X, y, { epochs: 5, batchSize: 8, earlyStopping: { patience: 50 }, ...options });
      expect(bestEpoch).toBe(0);
      expect(bitsOf(model)).toEqual(before);
    }
    const trained = make(line(0.2));
    await trained.fit(X, y, { epochs: 7 });
    trained.learningRate = 5;
    expect((await trained.fit(X, y, { epochs: 3, batchSize: 8, earlyStopping: true })).bestEpoch).toBe(7);
  });

  test('a fit that measures nothing after its epochs names no best one; validation rows do', async () => {
    expect((await make(line(0.1)).fit(X, y, { epochs: 3 })).bestEpoch).toBe(0);
    const model = make(line(0.1));
    const history = await model.fit(X, y, { epochs: 3, validationData: [X, y] });
    expect(history.epochs[2]!.valLoss).toBeCloseTo(model.evaluate(X, y).loss, 10);
    expect(history.bestEpoch).toBe(3);
  });

  test('a checkpoint comes with figures measured on its weights', async () => {
    const model = make(line(0.4, ['r2']));
    const other = make(line(0.4, ['r2']));
    const seen: [EpochLog, number][] = [];
    const save = (state: never, log: EpochLog) => {
      other.restoreState(state);
      seen.push([log, other.evaluate(X, y).loss]);
    };
    await model.fit(X, y, { epochs: 4, batchSize: 3, checkpoint: { save: save as never } });
    expect(seen).toHaveLength(4);
    for (const [log, loss] of seen) expect(log.loss).toBeCloseTo(loss, 10);
  });

  test('a training that diverges goes back to the best weights there were, measured: never to worse ones than it began with', async () => {
    for (const rate of [1.35, 3, 1e6, 1e30]) {
      const model = make(line(rate));
      const before = model.evaluate(X, y).loss;
      const error = await rejection(model.fit(X, y, { epochs: 2000, batchSize: 8 }));
      expect(error.code).toBe('ERR_DIVERGED');
      expect(error.message).toMatch(/those training began with\.$/);
      expect(model.evaluate(X, y).loss).toBe(before);
    }
    const late = make(line(0.3));
    const good: FitOptions<Model> = {
      epochs: 30,
      batchSize: 8,
      onEpochEnd: (log, model) => {
        if (log.epoch === 20) model.learningRate = 50;
      },
    };
    const start = late.evaluate(X, y).loss;
    const error = await rejection(late.fit(X, y, { ...good, epochs: 3000 }));
    expect(error.message).toMatch(/those epoch (19|20) ended with\.$/);
    expect(late.evaluate(X, y).loss).toBeLessThan(start / 10);
  });

  test('a stream cannot be measured again: its best epoch needs validation rows, and stopping alone does not', async () => {
    const batches = () => [[X, y] as const];
    expect((await rejection(make(line(0.1)).fit(batches, { epochs: 2, earlyStopping: true }))).message).toMatch(
      /validationData, or restoreBest: false/,
    );
    const stopped = await make(line(0.1)).fit(batches, { epochs: 2, earlyStopping: { restoreBest: false } });
    expect(stopped.bestEpoch).toBe(0);
    const model = make(line(0.1));
    const history = await model.fit(batches, { epochs: 5, earlyStopping: true, validationData: [X, y] });
    expect(history.epochs[history.bestEpoch - 1]!.valLoss).toBeCloseTo(model.evaluate(X, y).loss, 10);
  });
});

describe('weights belong to the rows that train', () => {
  const classes = {
    inputs: 1,
    layers: [dense(1, { activation: 'sigmoid' })],
    loss: 'binaryCrossEntropy',
    optimizer: sgd({ learningRate: 0.1 }),
    seed: 1,
  } as const;
  const XC = Array.from({ length: 10 }, (_, i) => [i / 5]);
  const yC = XC.map((_, i) => [i % 3 === 0 ? 1 : 0]);
  const { make } = makers[0]!;

  test('validation figures are the same, whether rows were split off or handed over', () => {
    for (const weights of [
      { classWeight: { 0: 0.5, 1: 7 } },
      { classWeight: 'balanced' as const },
      { sampleWeight: XC.map((_, i) => 1 + i) },
    ]) {
      const options = { epochs: 2, batchSize: 4, shuffle: false };
      const own = (weights as { sampleWeight?: number[] }).sampleWeight?.slice(0, 8);
      const split = make(classes).fitSync(XC, yC, { ...options, ...weights, validationSplit: 0.2 });
      const given = make(classes).fitSync(XC.slice(0, 8), yC.slice(0, 8), {
        ...options,
        ...weights,
        ...(own === undefined ? {} : { sampleWeight: own }),
        validationData: [XC.slice(8), yC.slice(8)],
      });
      expect(split.values('valLoss')).toEqual(given.values('valLoss'));
      expect(split.values('loss')).toEqual(given.values('loss'));
    }
  });

  test('balanced is refused where rows come in portions, and explicit weights say the same as all rows at once', async () => {
    const stream = () =>
      [
        [XC.slice(0, 5), yC.slice(0, 5)],
        [XC.slice(5), yC.slice(5)],
      ] as never;
    expect((await rejection(make(classes).fit(stream, { classWeight: 'balanced' }))).message).toMatch(/'balanced'.*a stream/);
    expect(codeOf(() => make(classes).partialFit(XC, yC, { classWeight: 'balanced' }))).toBe('ERR_OPTION');
    const ones = yC.filter(([v]) => v === 1).length;
    const weights = { 0: 10 / (2 * (10 - ones)), 1: 10 / (2 * ones) };
    const balanced = make(classes).fitSync(XC, yC, { batchSize: 5, shuffle: false, classWeight: 'balanced' });
    expect(balanced.values('loss')).toEqual((await make(classes).fit(stream, { classWeight: weights })).values('loss'));
  });
});

describe('shares of rows', () => {
  test('are whole where they are whole but for rounding, for every share in hundredths and 1 to 400 rows', () => {
    for (let hundredths = 1; hundredths < 100; hundredths++)
      for (let rows = 1; rows <= 400; rows++) {
        expect(rowsOfShare(hundredths / 100, rows, 'up')).toBe(Math.ceil((hundredths * rows) / 100));
        expect(rowsOfShare(hundredths / 100, rows, 'down')).toBe(Math.floor((hundredths * rows) / 100));
      }
  });

  test('0.8 of ten rows validate on eight, and of five on four', () => {
    const { make } = makers[0]!;
    const rowsTrained = (rows: number) => {
      let seen = 0;
      make({ inputs: 1, layers: [activation('identity'), dense(1)] }).fitSync(
        Array.from({ length: rows }, (_, i) => [i / rows]),
        Array.from({ length: rows }, (_, i) => [i / rows]),
        {
          validationSplit: 0.8,
          onBatchEnd: (log) => {
            seen += log.rows;
          },
        },
      );
      return seen;
    };
    expect(rowsTrained(10)).toBe(2);
    expect(rowsTrained(5)).toBe(1);
  });
});
