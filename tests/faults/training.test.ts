// Rows of docs/faults.md about training at the public face, on both backends: broken off, diverged, one seed, several models in turns.

import { describe, expect, test } from 'vitest';
import { batchNorm, dense, dropout, layerNorm, residual } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { codeOf, rejection } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

const options: MLPOptions = {
  inputs: 4,
  layers: [dense(6, { activation: 'relu' }), dense(1)],
  seed: 5,
  optimizer: adam({ learningRate: 0.01 }),
};

/** float32 numbers that tend to go wrong. */
const _least = 2 ** -149;
const _most = (2 - 2 ** -23) * 2 ** 127;

describe.each(makers)('faults on $name', ({ make }) => {
  const { X, y } = regression(24);

  test('fault 43: aborted in the middle of an epoch, the weights are those after the last full step, and fit goes on from there', async () => {
    const controller = new AbortController();
    const model = make(options);
    let atAbort: number[] = [];
    const training = model.fit(X, y, {
      epochs: 4,
      batchSize: 4,
      signal: controller.signal,
      onBatchEnd: ({ epoch, batch }) => {
        if (epoch !== 2 || batch !== 3) return;
        atAbort = bitsOf(model);
        controller.abort();
      },
    });
    const error = (await training.catch((e: unknown) => e)) as Error;
    expect(error.name).toBe('AbortError');
    expect(error.message).toMatch(/epoch 2 after 3 steps/);
    expect(bitsOf(model)).toEqual(atAbort);
    expect(model.steps).toBe(9);
    await model.fit(X, y, { epochs: 3, batchSize: 4 });
    const through = make(options);
    await through.fit(X, y, { epochs: 4, batchSize: 4 });
    expect(bitsOf(model)).toEqual(bitsOf(through));
  });

  test('fault 52: when training diverges the weights are those of the best epoch, with early stopping or without', async () => {
    const exploding = (from: number) => sgd({ learningRate: (_: number, epoch: number) => (epoch < from ? 0.01 : 1e30) });
    for (const earlyStopping of [false, { patience: 10 }]) {
      const model = make({ ...options, optimizer: exploding(5) });
      let kept: number[] = [];
      let least = Infinity;
      const error = await rejection(
        model.fit(X, y, {
          epochs: 10,
          batchSize: 8,
          earlyStopping,
          onEpochEnd: ({ loss }) => {
            if (loss >= least) return;
            least = loss;
            kept = bitsOf(model);
          },
        }),
      );
      expect(error.code).toBe('ERR_DIVERGED');
      expect(error.message).toMatch(/in epoch 6, batch \d.* The weights are those (epoch 5 ended with|of the best epoch, 5)\.$/);
      expect(bitsOf(model)).toEqual(kept);
      model.learningRate = 0.001;
      expect(model.trainStep(X, y)).toBeGreaterThan(0);
      expect(model.trainStep(X, y)).toBeLessThan(2);
    }
    const first = make({ ...options, optimizer: sgd({ learningRate: 1e12 }) });
    expect((await rejection(first.fit(X, y, { epochs: 10, batchSize: 8 }))).details['epoch']).toBe(1);
    expect(bitsOf(first).every(Number.isFinite)).toBe(true);
    const on = make({ ...options, optimizer: exploding(2) });
    expect((await on.fit(X, y, { epochs: 4, onDivergence: 'continue' })).epochs).toHaveLength(4);
  });

  test('fault 68: the same seed gives the same weights, and every batch of the same call the same bits', () => {
    const spec: MLPOptions = {
      ...options,
      layers: [
        dense(16, { activation: 'prelu' }),
        batchNorm(),
        dropout(0.3),
        residual([dense(16, { activation: 'gelu' }), layerNorm()]),
        dense(1),
      ],
      weightAveraging: {},
    };
    const runs = [0, 1].map(() => {
      const model = make(spec);
      model.fitSync(X, y, { epochs: 5, batchSize: 5, validationSplit: 0.2 });
      return bitsOf(model);
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(bitsOf(make({ ...spec, seed: 6 }))).not.toEqual(bitsOf(make(spec)));
  });

  test('fault 69: models made and trained in turns are those made one after the other: no generator is shared', () => {
    const spec = { ...options, layers: [dense(6), dropout(0.5), dense(1)] };
    const alone = [1, 2].map((seed) => {
      const model = make({ ...spec, seed });
      for (let i = 0; i < 3; i++) model.partialFit(X, y, { batchSize: 8 });
      return bitsOf(model);
    });
    const both = [1, 2].map((seed) => make({ ...spec, seed }));
    for (let i = 0; i < 3; i++) for (const model of both) model.partialFit(X, y, { batchSize: 8 });
    expect(both.map(bitsOf)).toEqual(alone);
    for (const seed of ['7', 2 ** 53, 1.5, NaN, Infinity, null, 3n, {}] as number[])
      if (seed !== null) expect(codeOf(() => make({ ...spec, seed }))).toBe('ERR_OPTION');
  });
});
