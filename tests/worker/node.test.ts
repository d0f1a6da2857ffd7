// feedforward/worker in Node, built as shipped: the same bits as on this thread, and the same refusals; progress, cancellation, transfer.

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type * as Package from '../../src/entries/index.js';
import type { FitOptions, History, MLPOptions, ModelState } from '../../src/entries/index.js';
import type * as WorkerPackage from '../../src/entries/worker.js';
import {
  library,
  worker,
  create,
  rows,
  X,
  y,
  small,
  deep,
  slow,
  rejection,
  thrown,
  figures,
  samePredictions,
  plain,
  buildWorkers,
  endAll,
  alive,
} from '../support/workerModels.js';

beforeAll(() => buildWorkers('worker-node-test'), 60_000);
afterEach(endAll);

describe('the same as on this thread', () => {
  test('a rescale layer in front subtracts in float64 from everything that crosses', async () => {
    const seconds = rows(60, 2).map(([a, b]) => [1_700_000_000 + 300 * a!, b!]);
    const targets = seconds.map(([t, b]) => [Math.sin((t! - 1_700_000_000) / 100), b!]);
    const options: MLPOptions = {
      inputs: 2,
      layers: [
        { type: 'rescale', center: [1_700_000_000, 0], scale: [200, 1], trainable: true },
        { type: 'dense', units: 8, activation: 'tanh' },
        { type: 'dense', units: 2 },
      ],
      seed: 3,
    };
    const here = new library.MLP(options);
    const there = await create(options);
    const data = () => ({ data: Float64Array.from(seconds.flat()), shape: [60, 2] });
    const validationData: [number[][], number[][]] = [seconds, targets];
    for (const fit of [
      { epochs: 3, validationData },
      { epochs: 2, batchSize: 7 },
    ]) {
      const [mine, theirs] = [await here.fit(seconds, targets, fit), await there.fit(seconds, targets, fit)];
      expect(figures(theirs)).toEqual(figures(mine));
    }
    const stream = function* () {
      for (let i = 0; i < 60; i += 20) yield [seconds.slice(i, i + 20), targets.slice(i, i + 20)] as [number[][], number[][]];
    };
    await here.fit(() => stream(), { epochs: 1 });
    await there.fit(() => stream(), { epochs: 1 });
    expect(await there.trainStep(seconds, targets)).toBe(here.trainStep(seconds, targets));
    expect(await there.partialFit(seconds, targets)).toBe(here.partialFit(seconds, targets));
    const wanted = here.predict(seconds).data;
    expect((await there.predict(seconds)).data).toEqual(wanted);
    expect((await there.predict(data())).data).toEqual(wanted);
    expect((await there.predict(data(), { transfer: true })).data).toEqual(wanted);
    expect((await there.forward(seconds)).data).toEqual(here.forward(seconds).data);
    expect(await there.evaluate(seconds, targets)).toEqual(here.evaluate(seconds, targets));
    expect((await there.inputGradient(seconds)).data).toEqual(here.inputGradient(seconds).data);
    expect((await there.inputHessian([seconds[0]!])).map((m) => m.data)).toEqual(
      here.inputHessian([seconds[0]!]).map((m) => m.data),
    );
    expect((await there.diagnose(seconds, targets)).loss).toBe(here.diagnose(seconds, targets).loss);
    // Finite, but not in float32 once the center is off it: refused here, as on this thread.
    const far = [[3.5e38 + 1e30, 0]];
    const { code, message } = thrown(() => here.predict(far));
    expect(await rejection(there.predict(far))).toMatchObject({ code, message });
    expect(await rejection(there.fit(far, [[0, 0]]))).toMatchObject({ code: 'ERR_RANGE' });
  });

  test('what a fit notes comes back with its history', async () => {
    const there = await create(small);
    const history = await there.fit(
      X.map((row) => row.map((value) => 1e9 * (value + 2))),
      y,
      { epochs: 1, onDivergence: 'continue' },
    );
    expect(history.notes.join()).toMatch(/^Column \d of X reaches /);
  });

  test.each([
    [
      'a small net, with validation and early stopping',
      small,
      { epochs: 30, validationSplit: 0.25, earlyStopping: { patience: 3 }, batchSize: 16 },
    ],
    ['every layer kind, a schedule, averaged weights', deep, { epochs: 6, validationData: [X.slice(0, 20), y.slice(0, 20)] }],
    [
      'weighted rows and accumulated gradients',
      small,
      { epochs: 4, batchSize: 10, accumulate: 3, sampleWeight: X.map((_, i) => 1 + (i % 3)) },
    ],
    [
      'values and derivatives',
      small,
      {
        epochs: 4,
        inputGradients: X.map((row) => [...row, ...row]),
        derivativeWeight: 'balanced',
        validationData: { X, y, inputGradients: X.map((row) => [...row, ...row]) },
      },
    ],
    ['L-BFGS', { ...small, optimizer: 'lbfgs' }, { epochs: 12 }],
    ['plain SIMD', { ...deep, deterministic: true }, { epochs: 3, shuffle: false }],
  ] as [string, MLPOptions, FitOptions][])('%s trains to the same bits', async (_, options, fit) => {
    const here = new library.MLP(options);
    const there = await create(options);
    const expected = await here.fit(X, y, fit);
    const history = await there.fit(X, y, fit as WorkerPackage.WorkerFitOptions);
    expect(figures(history)).toEqual(figures(expected));
    expect(history.bestEpoch).toBe(expected.bestEpoch);
    expect(history.stoppedBy).toBe(expected.stoppedBy);
    expect(history.notes).toEqual(expected.notes);
    expect(history.values('loss')).toEqual(expected.values('loss'));
    expect(plain(await there.state())).toEqual(plain(here.state()));
    expect([there.epoch, there.steps, there.learningRate]).toEqual([here.epoch, here.steps, here.learningRate]);
    expect(await samePredictions(there, here)).toBe(true);
  });

  test('every method answers as the model here does', async () => {
    const here = new library.MLP(small);
    const there = await create(small);
    for (let s = 0; s < 5; s++) expect(await there.trainStep(X, y)).toBe(here.trainStep(X, y));
    const derivatives = { inputGradients: X.map((row) => [...row, ...row]), derivativeWeight: 2 };
    expect(await there.trainStep(X, y, derivatives)).toBe(here.trainStep(X, y, derivatives));
    expect(await there.evaluate(X, y, derivatives)).toEqual(here.evaluate(X, y, derivatives));
    expect(await there.partialFit(X, y, { batchSize: 50 })).toBe(here.partialFit(X, y, { batchSize: 50 }));
    expect(await there.evaluate(X, y)).toEqual(here.evaluate(X, y));
    expect(await there.inputGradient(X.slice(0, 5), 1)).toEqual(here.inputGradient(X.slice(0, 5), 1));
    expect(await there.inputHessian(X.slice(0, 2))).toEqual(here.inputHessian(X.slice(0, 2)));
    expect(await there.summary()).toBe(here.summary());
    expect(await there.penalty()).toBe(here.penalty());
    const diagnosis = await there.diagnose(X, y);
    expect(diagnosis.toString()).toBe(here.diagnose(X, y).toString());
    expect(diagnosis.verdict).toBe(here.diagnose(X, y).verdict);

    const weights = rows(3, 12);
    const [first] = await there.parameters();
    await first!.set(weights);
    here.parameters()[0]!.set(weights);
    expect(first!.values).toEqual(here.parameters()[0]!.values);
    await there.freeze('layers.1');
    here.freeze('layers.1');
    await there.setLearningRate(0.05);
    here.learningRate = 0.05;
    await there.trainStep(X, y);
    here.trainStep(X, y);
    await there.unfreeze();
    here.unfreeze();
    expect((await there.parameters()).map(({ name, shape, trainable, values }) => ({ name, shape, trainable, values }))).toEqual(
      here.parameters().map(({ name, shape, trainable, values }) => ({ name, shape, trainable, values })),
    );
    expect(there.learningRate).toBe(0.05);
  });

  test('the step loop, spelled out, makes the same step', async () => {
    const here = new library.MLP(small);
    const there = await create(small);
    here.zeroGrad();
    await there.zeroGrad();
    expect(await there.forward(X)).toEqual(here.forward(X));
    expect(await there.loss(y)).toBe(here.loss(y));
    here.backward();
    await there.backward();
    expect(await there.lossInputGradient()).toEqual(here.lossInputGradient());
    expect((await there.gradients()).map(({ values }) => values)).toEqual(here.gradients().map(({ values }) => values));
    here.step();
    await there.step();
    expect(await samePredictions(there, here)).toBe(true);
    expect((await rejection(there.backward())).message).toBe(thrown(() => here.backward()).message);
  });

  test('models cross by save, load, state, restoreState and clone', async () => {
    const there = await create(deep);
    await there.fit(X, y, { epochs: 3 });
    const bytes = await there.save({ optimizer: true });
    const here = library.MLP.load(bytes);
    const again = await worker.WorkerMLP.load(bytes);
    const copy = await there.clone();
    const restored = new worker.WorkerMLP(deep);
    alive.push(again, copy, restored);
    await restored.restoreState(await there.state());
    await here.fit(X, y, { epochs: 2 });
    for (const model of [there, again, copy, restored]) {
      await model.fit(X, y, { epochs: 2 });
      expect(await samePredictions(model, here)).toBe(true);
    }
  });

  test('streams of batches are read here and trained on there', async () => {
    let closed = 0;
    async function* batches(epoch: number) {
      try {
        for (let i = 0; i < 5; i++) yield { X: X.slice(30 * i, 30 * i + 30 - epoch), y: y.slice(30 * i, 30 * i + 30 - epoch) };
      } finally {
        closed++;
      }
    }
    const here = new library.MLP(small);
    const there = await create(small);
    const expected = await here.fit(batches, { epochs: 3 });
    closed = 0;
    const history = await there.fit(batches, { epochs: 3 });
    expect(figures(history)).toEqual(figures(expected));
    expect(closed).toBe(3);
    const twice = () => new Set([[X, y] as const, { X, y, sampleWeight: X.map((_, i) => i % 2) }]);
    await there.fit(twice, { batchSize: 50 });
    await here.fit(twice, { batchSize: 50 });
    const listed = [[X, y] as const, [X.slice(0, 20), y.slice(0, 20)] as const];
    await there.fit(listed, { accumulate: 2 });
    await here.fit(listed, { accumulate: 2 });
    expect(await samePredictions(there, here)).toBe(true);

    const mishap = new Error('the disk is gone');
    const broken = async function* () {
      yield [X, y] as const;
      throw mishap;
    };
    expect(await rejection(there.fit(broken))).toBe(mishap);
    closed = 0;
    await there.fit(batches, { onBatchEnd: (_, model) => model.stop() });
    expect(closed).toBe(1);
    const bad = new Set([[X, y] as const, [[[1, 2]], [[1, 2]]] as const]);
    expect((await rejection(there.fit(bad))).message).toBe('batch 1 X has 2 columns, but this model has 3 inputs.');
  });

  test('checkpoints come here, and a training goes on from one to the same bits', async () => {
    const there = await create(deep);
    const states: ModelState[] = [];
    await there.fit(X, y, {
      epochs: 4,
      checkpoint: { every: 2, save: async (state, { epoch }) => void states.push({ ...state, epoch } as ModelState) },
    });
    expect(states.map((state) => state.progress.epoch)).toEqual([2, 4]);
    const here = new library.MLP(deep);
    here.restoreState(states[0]!);
    await here.fit(X, y, { epochs: 2 });
    expect(await samePredictions(there, here)).toBe(true);
  });
});

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
