// What crosses to a worker of Node and back: rows by transfer, and refusals by name.

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type * as Package from '../../src/entries/index.js';
import type { History, MLPOptions } from '../../src/entries/index.js';
import {
  library,
  worker,
  create,
  X,
  y,
  small,
  rejection,
  thrown,
  samePredictions,
  buildWorkers,
  endAll,
  alive,
} from '../support/workerModels.js';

beforeAll(() => buildWorkers('worker-crossing-test'), 60_000);

afterEach(endAll);

describe('data and errors', () => {
  const matrix = (values: number[][]) => ({ data: Float32Array.from(values.flat()), shape: [values.length, values[0]!.length] });

  test('faults 66 and 67: data is copied at the call and left as it is', async () => {
    const lazy = new worker.WorkerMLP(small);
    alive.push(lazy);
    const here = new library.MLP(small);
    const mx = matrix(X);
    const fit = lazy.fit(
      mx,
      y.map((row) => Object.freeze([...row])),
      { epochs: 2 },
    );
    mx.data.fill(1e9);
    await fit;
    await here.fit(X, y, { epochs: 2 });
    expect(await samePredictions(lazy, here)).toBe(true);
    expect(mx.data.length).toBe(480);
  });

  test('fault 14: transfer moves the buffers, to the same results, and what was moved is refused', async () => {
    const there = await create(small);
    const here = new library.MLP(small);
    const [mx, my, vx] = [matrix(X), matrix(y), matrix(X)];
    const vy = y.map((row) => Float32Array.from(row));
    await there.fit(mx, my, { epochs: 3, validationData: [vx, vy], transfer: true });
    const expected = await here.fit(X, y, { epochs: 3, validationData: [X, y] });
    expect([mx.data.length, my.data.length, vx.data.length, vy[5]!.length]).toEqual([0, 0, 0, 0]);
    expect(await samePredictions(there, here)).toBe(true);
    expect(expected.last!.epoch).toBe(there.epoch);
    expect((await rejection(there.fit(mx, my))).code).toBe('ERR_TYPE');
    expect((await rejection(there.predict(mx, { transfer: true }))).code).toBe('ERR_TYPE');
    // A view in the middle of a buffer that X and y share, and doubles.
    const both = new Float64Array(1 + 160 * 3 + 160 * 2);
    both.set(X.flat(), 1);
    both.set(y.flat(), 481);
    const shared = { X: { data: both.subarray(1, 481), shape: [160, 3] }, y: { data: both.subarray(481), shape: [160, 2] } };
    const loss = here.evaluate(shared.X, shared.y);
    expect(await there.evaluate(shared.X, shared.y, { transfer: true })).toEqual(loss);
    expect(both.length).toBe(0);
    for (const call of ['predict', 'inputGradient'] as const) {
      const moved = matrix(X);
      await (call === 'predict' ? there.predict(moved, { transfer: true }) : there.inputGradient(moved, 0, { transfer: true }));
      expect(moved.data.length).toBe(0);
    }
  });

  test('with transfer, what is refused for its shape or options is not moved', async () => {
    const there = await create(small);
    const [mx, my] = [matrix(X), matrix(X)];
    expect((await rejection(there.fit(mx, my, { transfer: true }))).code).toBe('ERR_SHAPE');
    expect((await rejection(there.fit(mx, matrix(y), { transfer: true, epochs: -1 }))).code).toBe('ERR_OPTION');
    expect((await rejection(there.fit(mx, matrix(y), { transfer: 'yes' as never }))).message).toBe(
      'transfer: expected true or false, got "yes".',
    );
    expect(mx.data.length).toBe(480);
    mx.data[7] = NaN;
    const error = await rejection(there.predict(mx, { transfer: true }));
    expect([error.code, error.details]).toEqual(['ERR_NONFINITE', expect.objectContaining({ row: 2, column: 1 })]);
  });

  test('shared memory is read, not moved', async () => {
    const there = await create(small);
    const data = new Float32Array(new SharedArrayBuffer(480 * 4));
    data.set(X.flat());
    const here = new library.MLP(small);
    expect((await there.predict({ data, shape: [160, 3] }, { transfer: true })).data).toEqual(here.predict(X).data);
    expect(data.length).toBe(480);
  });

  test('errors are those of the model here: code, message and details', async () => {
    const there = await create(small);
    const here = new library.MLP(small);
    const nan = X.map((row, i) => (i === 3 ? [row[0]!, NaN, row[2]!] : row));
    const cases: ((model: Package.MLP) => unknown)[] = [
      (m) => m.predict([[1, 2]]),
      (m) => m.predict([]),
      (m) => m.predict(nan),
      (m) => m.predict([['1', 2, 3]] as never),
      (m) => m.predict(X, { checkfinite: true } as never),
      (m) => m.trainStep(X, y.slice(1)),
      (m) => m.evaluate(X, [[1, 2, 3]]),
      (m) => m.evaluate(X, y, { batchSize: 0 }),
      (m) => m.fit(X, y, { epochs: 1.5 }),
      (m) => m.fit(X, y, { epoch: 1 } as never),
      (m) => m.fit(X, y, { validationData: [X] as never }),
      (m) => m.fit(X, y, { earlyStopping: { monitor: 'valLoss' } }),
      (m) => m.fit(X, y, { onEpochEnd: 5 } as never),
      (m) => m.fit(nan, y),
      (m) =>
        m.fit(
          X.map((row) => row.map((v) => v * 1e39)),
          y,
        ),
      (m) => m.inputGradient(X, 7),
      (m) => m.freeze('layers.9'),
      (m) => m.backward(),
    ];
    for (const [i, action] of cases.entries()) {
      const expected = await rejection((async () => action(here))());
      const error = await rejection((async () => action(there as unknown as Package.MLP))());
      expect([i, error.name, error.code, error.message, error.details]).toEqual([
        i,
        expected.name,
        expected.code,
        expected.message,
        expected.details,
      ]);
      expect(error).toBeInstanceOf(worker.FeedforwardError);
    }
    expect(there.steps).toBe(0);
  });

  test('a training that diverges says the same, history and all, and keeps the last finite weights', async () => {
    const options: MLPOptions = { ...small, optimizer: { name: 'sgd', learningRate: 50 } };
    const there = await create(options);
    const here = new library.MLP(options);
    const error = await rejection(there.fit(X, y, { epochs: 50 }));
    const expected = await rejection(here.fit(X, y, { epochs: 50 }));
    expect([error.code, error.message]).toEqual(['ERR_DIVERGED', expected.message]);
    const { history, ...facts } = error.details as { history: History };
    const { history: other, ...otherFacts } = expected.details as { history: History };
    expect(facts).toEqual(otherFacts);
    expect(history.values('loss')).toEqual(other.values('loss'));
    expect(await samePredictions(there, here)).toBe(true);
  });

  test('functions cannot cross: ERR_UNSUPPORTED, with a way out', async () => {
    const custom = thrown(
      () => new worker.WorkerMLP({ ...small, loss: () => ({ value: 0, gradient: { data: [0], shape: [1, 1] } }) }),
    );
    expect([custom.code, custom.message]).toEqual([
      'ERR_UNSUPPORTED',
      'loss: a function cannot cross to a worker. Use a built-in one, or train with MLP on this thread: its fit works in slices.',
    ]);
    const rate = thrown(() => new worker.WorkerMLP({ ...small, optimizer: { name: 'adam', learningRate: () => 0.1 } }));
    expect(rate.message).toMatch(/^optimizer\.learningRate: a function cannot cross to a worker\. Use a schedule/);
    const beta = thrown(() => new worker.WorkerMLP({ ...small, optimizer: { name: 'adam', beta1: () => 0.5 } }));
    expect(beta.message).toMatch(/^optimizer\.beta1: a function cannot cross to a worker\. Use a schedule such as [^,]*\.$/);
    const there = await create(small);
    expect((await rejection(there.setLearningRate(() => 0.1))).code).toBe('ERR_UNSUPPORTED');
    expect(thrown(() => new worker.WorkerMLP({ ...small, layers: [] })).code).toBe('ERR_OPTION');
    expect(thrown(() => new worker.WorkerMLP(small, { uri: '' } as never)).message).toMatch(
      /unknown option "uri"\. Did you mean "url"/,
    );
    expect((await rejection(worker.WorkerMLP.create({ ...small, seed: -1.5 }))).code).toBe('ERR_OPTION');
  });
});
