// Models in workers of Node while they train: progress, and what ends a training from here.

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  library,
  worker,
  create,
  X,
  y,
  small,
  slow,
  rejection,
  samePredictions,
  buildWorkers,
  endAll,
  alive,
} from '../support/workerModels.js';

beforeAll(() => buildWorkers('worker-progress-test'), 60_000);

afterEach(endAll);

describe('progress and cancellation', () => {
  test('callbacks run here, in order, with this model, and training waits for them', async () => {
    const there = await create(small);
    const seen: string[] = [];
    let waiting = false;
    const history = await there.fit(X, y, {
      epochs: 2,
      batchSize: 80,
      onTrainBegin: (model) => seen.push(`begin ${model === there}`),
      onEpochBegin: (epoch) => seen.push(`epoch ${epoch}`),
      onBatchEnd: async ({ batch, rows: n, loss }, model) => {
        expect(waiting).toBe(false);
        waiting = true;
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect((await model.evaluate(X, y)).loss).toBeLessThan(10); // no deadlock
        waiting = false;
        seen.push(`batch ${batch} of ${n} ${loss > 0}`);
      },
      onEpochEnd: ({ epoch }, model) => seen.push(`end ${epoch} ${model.epoch === epoch}`),
      callbacks: [{ onEpochEnd: () => seen.push('another') }],
      onTrainEnd: (given, model) => seen.push(`end ${given.epochs.length} ${given.last!.epoch} ${model === there}`),
    });
    expect(seen).toEqual([
      'begin true',
      'epoch 1',
      'batch 1 of 80 true',
      'batch 2 of 80 true',
      'another',
      'end 1 true',
      'epoch 2',
      'batch 1 of 80 true',
      'batch 2 of 80 true',
      'another',
      'end 2 true',
      'end 2 2 true',
    ]);
    expect(history.epochs.length).toBe(2);
  });

  test('stop(), in a callback or outside, ends training after the step in hand', async () => {
    const there = await create(small);
    const history = await there.fit(X, y, {
      epochs: 10,
      onBatchEnd: ({ batch }, model) => {
        if (batch === 3) void model.stop();
      },
    });
    expect([history.stoppedBy, there.steps]).toEqual(['callback', 3]);
    const other = await create(slow);
    const fit = other.fit(X, y, { epochs: 100_000 });
    await other.predict(X.slice(0, 1));
    await other.stop();
    expect((await fit).stoppedBy).toBe('callback');
  });

  test('fault 44: what a callback throws is what fit rejects with, and the model goes on', async () => {
    const there = await create(small);
    const mine = { not: 'even an error' };
    for (const hook of ['onTrainBegin', 'onEpochBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'])
      expect(
        await rejection(
          there.fit(X, y, {
            [hook]: () => {
              throw mine;
            },
          }),
        ),
      ).toBe(mine);
    expect(await rejection(there.fit(X, y, { checkpoint: { save: () => Promise.reject(mine) } }))).toBe(mine);
    expect((await there.fit(X, y)).epochs.length).toBe(1);
  });

  test('fault 43: aborted before it began, in a callback, or from outside: an AbortError within one batch', async () => {
    const there = await create(small);
    const early = await rejection(there.fit(X, y, { signal: AbortSignal.abort() }));
    expect([early.name, there.steps]).toEqual(['AbortError', 0]);
    const controller = new AbortController();
    const error = await rejection(
      there.fit(X, y, {
        epochs: 10,
        signal: controller.signal,
        onBatchEnd: ({ batch }) => {
          if (batch === 2) controller.abort();
        },
      }),
    );
    expect(error.name).toBe('AbortError');
    expect(error.message).toBe('Training was aborted in epoch 1 after 2 steps; the weights are those after the last one.');
    expect(there.steps).toBe(2);
    // The interrupted epoch is finished by the next fit, to the same bits.
    await there.fit(X, y, { epochs: 3 });
    const here = new library.MLP(small);
    await here.fit(X, y, { epochs: 3 });
    expect(await samePredictions(there, here)).toBe(true);

    // From outside, and with a worker that has not started yet.
    const other = await create(slow);
    const outside = new AbortController();
    const fit = other.fit(X, y, { epochs: 100_000, signal: outside.signal });
    await other.predict(X.slice(0, 1));
    outside.abort();
    expect((await rejection(fit)).name).toBe('AbortError');
    const lazy = new worker.WorkerMLP(slow);
    alive.push(lazy);
    const soon = new AbortController();
    const waiting = rejection(lazy.fit(X, y, { epochs: 100_000, signal: soon.signal }));
    soon.abort();
    expect((await waiting).name).toBe('AbortError');
    expect(lazy.steps).toBe(0);
  });

  test('faults 38 and 39: a second fit is ERR_BUSY, as is all that changes the model; predicting is not', async () => {
    const there = await create(slow);
    const controller = new AbortController();
    const fit = rejection(there.fit(X, y, { epochs: 100_000, signal: controller.signal }));
    expect((await rejection(there.fit(X, y))).code).toBe('ERR_BUSY');
    expect((await rejection(there.trainStep(X, y))).code).toBe('ERR_BUSY');
    expect((await rejection(there.restoreState(new library.MLP(slow).state()))).code).toBe('ERR_BUSY');
    expect((await there.predict(X)).shape).toEqual([160, 2]);
    expect((await there.evaluate(X, y)).loss).toBeGreaterThan(0);
    controller.abort();
    expect((await fit).name).toBe('AbortError');
  });
});
