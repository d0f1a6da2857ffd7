// What is told during fit, and what ends it from outside: callbacks, stop, a time budget, other tasks.

import { describe, expect, test } from 'vitest';
import type { EpochLog } from '../../src/training/history.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { dense } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';
import { bitsOf, makers, regression } from '../support/models.js';

const small: MLPOptions = {
  inputs: 4,
  layers: [dense(8, { activation: 'tanh' }), dense(1)],
  optimizer: adam({ learningRate: 0.01 }),
  seed: 3,
};

describe.each(makers)('while fit runs on $name', ({ make }) => {
  const { X, y } = regression(101);

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
});
