// Fit on streams of batches.

import { describe, expect, test } from 'vitest';
import type { MLPOptions } from '../../src/plan/network.js';
import { activation, batchNorm, dense } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { refusal, rejection } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

const small: MLPOptions = {
  inputs: 4,
  layers: [dense(8, { activation: 'tanh' }), dense(1)],
  optimizer: adam({ learningRate: 0.01 }),
  seed: 3,
};

describe.each(makers)('fit on streams on $name', ({ make }) => {
  const { X, y } = regression(101);

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
});
