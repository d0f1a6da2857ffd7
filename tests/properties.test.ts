// Random call sequences with hostile arguments on the public model, on both backends. Whatever is called with whatever, in
// whatever order: the answer is a result or a FeedforwardError, and a refused call leaves nothing behind. The judge is a twin
// that makes only the calls that were answered: it must give the same answers and end in the same bits. The other backend
// must answer and refuse alike.
//
// FUZZ_RUNS (default 150) and FUZZ_SEED set how many sequences and which.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../src/baseline/mlp.js';
import { FeedforwardError } from '../src/errors.js';
import { MLP } from '../src/mlp/mlp.js';
import type { MLPOptions } from '../src/plan/network.js';
import { bitsOf } from './support/models.js';
import {
  odd,
  junk,
  finite,
  rowsOf,
  tasks,
  mostly,
  flag,
  few,
  sequencesOf,
  callsOf,
  numeric,
  answerOf,
  type Model,
} from './support/calls.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe('call sequences', () => {
  test.each(tasks.map((task, i) => [i + 1, task] as const))(
    'network %i: whatever is called, it is answered or refused, and refusals leave nothing behind',
    (_, task) => {
      fc.assert(
        fc.property(sequencesOf(task), (calls) => {
          const model = new MLP(task.options);
          const twin = new MLP(task.options);
          const other = new PlainMLP(task.options);
          let alike = true; // until numbers overflow, or the backends' own kinds of memory differ
          for (const { name, run, gradual } of calls) {
            const before = bitsOf(model);
            const steps = model.steps;
            const answer = answerOf(name, () => run(model));
            const moved = answer.code === 'ERR_DIVERGED' || gradual === true;
            if (answer.code !== 'ok' && !moved) {
              expect(bitsOf(model), `${name} was refused with ${answer.code}`).toEqual(before);
              expect(model.steps).toBe(steps);
            }
            if (answer.code === 'ok' || moved)
              expect(
                answerOf(name, () => run(twin)),
                name,
              ).toEqual(answer);
            const theirs = answerOf(name, () => run(other));
            if (!bitsOf(model).every(Number.isFinite) || !bitsOf(other).every(Number.isFinite)) alike = false;
            // One may diverge on an item of a stream, the other get over it and meet the next, which is refused.
            const apart = gradual === true && [answer.code, theirs.code].includes('ERR_DIVERGED');
            if (alike && !apart && !(numeric.has(answer.code) && numeric.has(theirs.code)))
              expect(theirs.code, name).toBe(answer.code);
            // The baseline takes Hessians from a copy in float64, the core from itself: a step loop is over after that.
            if (answer.code !== theirs.code || name === 'inputHessian') alike = false;
          }
          expect(bitsOf(model)).toEqual(bitsOf(twin));
          expect(model.state().counters).toEqual(twin.state().counters);
          model.predict([new Array<number>(task.inputs).fill(0.5)]);
        }),
        { numRuns, seed },
      );
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  test('async fits with hostile options answer or refuse, and a second one beside them is ERR_BUSY', async () => {
    const task = tasks[0]!;
    await fc.assert(
      fc.asyncProperty(
        callsOf(task).filter(({ name }) => name !== 'stop'),
        rowsOf(3, finite),
        async (call, X) => {
          const model = new MLP(task.options);
          const y = X.map(() => [0, 1]);
          const running = model.fit(X, y, { epochs: 3, sliceMilliseconds: 0.01, onEpochBegin: () => Promise.resolve() });
          expect((await model.fit(X, y).catch((error: FeedforwardError) => error)).toString()).toMatch(/training/);
          answerOf(call.name, () => call.run(model)); // whatever: refused as busy, or an answer between two steps
          await running.catch((error: unknown) => {
            if (!(error instanceof FeedforwardError)) throw error;
          });
          expect(model.predict(X).shape).toEqual([X.length, 2]);
        },
      ),
      { numRuns: Math.ceil(numRuns / 2), seed },
    );
  });
});

describe('options', () => {
  const layer = fc.oneof(
    fc.record(
      {
        type: fc.constant('dense'),
        units: few,
        activation: mostly(fc.constantFrom('relu', 'softmax'), junk),
        bias: flag,
        weightInit: mostly(fc.constant('zeros'), junk),
        l2: mostly(fc.constant(0.1), junk),
        maxNorm: mostly(fc.constant(1), junk),
      },
      { requiredKeys: ['type', 'units'] },
    ),
    fc.record(
      {
        type: fc.constantFrom('batchNorm', 'layerNorm'),
        epsilon: mostly(fc.constant(1e-3), junk),
        momentum: mostly(fc.constant(0.5), junk),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constant('embedding'),
        categories: few,
        size: few,
        column: mostly(fc.constantFrom<unknown>(0, 1, 7), junk),
        weightInit: mostly(fc.constant('zeros'), junk),
        trainable: flag,
      },
      { requiredKeys: ['type', 'categories', 'size'] },
    ),
    fc.record(
      {
        type: fc.constant('rescale'),
        center: mostly(fc.constantFrom<unknown>(0, 0.5, [1, 2], [1e30, 0, -1]), junk),
        scale: mostly(fc.constantFrom<unknown>(1, -0.5, [1, 2], [1e-30, 1, 1e30]), junk),
        gain: mostly(fc.constantFrom<unknown>(1, [0, 2]), junk),
        trainable: flag,
        learningRateScale: mostly(fc.constant(2), junk),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constantFrom('dropout', 'noise', 'residual', 'activation', 'nothing'),
        rate: junk,
        deviation: junk,
        layers: junk,
        activation: junk,
      },
      { requiredKeys: ['type'] },
    ),
    junk,
  );
  const sound = fc.constantFrom<MLPOptions>(...tasks.map((task) => task.options));
  const parts: Record<string, fc.Arbitrary<unknown>> = {
    inputs: mostly(fc.constantFrom(1, 2, 3), junk),
    layers: mostly(fc.array(layer, { minLength: 1, maxLength: 4 }), junk),
    loss: mostly(fc.constantFrom('mse', 'hinge', 'huber'), junk),
    optimizer: mostly(
      fc.record(
        {
          name: fc.constantFrom('sgd', 'adam', 'rmsprop'),
          learningRate: mostly(fc.constant(0.1), junk),
          beta1: mostly(fc.constant(0.5), odd),
          momentum: odd,
          epsilon: odd,
        },
        { requiredKeys: ['name'] },
      ),
      junk,
    ),
    metrics: mostly(fc.constant(['mse']), junk),
    seed: mostly(fc.integer(), junk),
    deterministic: flag,
    l1: mostly(fc.constant(0), junk),
    clip: mostly(fc.constant({ value: 1 }), junk),
    weightAveraging: mostly(fc.constant({ decay: 0.5 }), junk),
    inputNoise: mostly(fc.constant(0.1), junk),
    compat: mostly(fc.constantFrom('keras', 'pytorch', 'sklearn'), junk),
  };
  // Sound options with one or two of them replaced, or all of them at random.
  const replaced = fc
    .tuple(sound, fc.subarray(Object.keys(parts), { minLength: 1, maxLength: 2 }))
    .chain(([base, names]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, parts[name]!]))).map((change) => ({ ...base, ...change })),
    );
  const options: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 5, arbitrary: replaced as fc.Arbitrary<unknown> },
    { weight: 2, arbitrary: fc.record(parts, { requiredKeys: ['inputs', 'layers'] }) },
  );

  test('whatever a model is made from, it is refused or it works: finite weights, a prediction, a step', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 8, arbitrary: options }, { weight: 1, arbitrary: junk }), (given) => {
        for (const Kind of [MLP, PlainMLP]) {
          let model: Model | undefined;
          const made = answerOf('new MLP', () => {
            model = new Kind(given as MLPOptions);
          });
          if (made.code !== 'ok') continue;
          expect(bitsOf(model!).every(Number.isFinite)).toBe(true);
          const X = [new Array<number>(model!.inputs).fill(0.5), new Array<number>(model!.inputs).fill(-0.5)];
          const { targetColumns } = model!.plan;
          answerOf('predict', () => model!.predict(X));
          if (typeof (given as MLPOptions).loss !== 'function')
            answerOf('trainStep', () =>
              model!.trainStep(
                X,
                X.map(() => new Array<number>(targetColumns).fill(1)),
              ),
            );
        }
      }),
      { numRuns: 6 * numRuns, seed },
    );
  });
});
