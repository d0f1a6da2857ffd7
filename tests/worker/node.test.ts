// feedforward/worker in Node, built as shipped: the same bits as on this thread.

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FitOptions, MLPOptions, ModelState } from '../../src/entries/index.js';
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
