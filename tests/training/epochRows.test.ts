// However rows come into the window (left there, kept behind it, brought anew), no bit of a training changes. The reference is a fit of
// one epoch after another: each of them brings its rows anew.

import { describe, expect, test } from 'vitest';
import { batchNorm, dense, dropout } from '../../src/plan/layers.js';
import type { Model } from '../../src/model/model.js';
import { adam } from '../../src/plan/optimizers.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import { trainerOf } from '../../src/model/stepLoop.js';
import { bitsOf, makers, regression } from '../support/models.js';

const epochs = 5;

/** The weights after `epochs` fits of an epoch each. */
function apart(model: Model, X: number[][], y: number[][], options: FitOptions): number[] {
  for (let e = 0; e < epochs; e++) model.fitSync(X, y, { ...options, epochs: 1 });
  return bitsOf(model);
}

const network = { inputs: 3, layers: [dense(7, { activation: 'tanh' }), dense(1)], seed: 4 } as const;

describe.each(makers)('on $name', ({ make }) => {
  test.each([
    ['shuffled', { batchSize: 8 }],
    ['in order', { batchSize: 8, shuffle: false }],
    ['in batches of one row', { batchSize: 1 }],
    ['in one batch', { batchSize: 64 }],
    ['with steps of several batches', { batchSize: 5, accumulate: 3 }],
    ['with a call after each batch', { batchSize: 8, onBatchEnd: () => {} }],
    ['with weights', { batchSize: 8, sampleWeight: [] }],
    ['with weights, in order', { batchSize: 8, shuffle: false, sampleWeight: [] }],
  ] as [string, FitOptions][])('%s, epochs of one fit are epochs of many', async (_, options) => {
    for (const rows of [1, 2, 9, 61]) {
      const { X, y } = regression(rows, 3);
      const given = {
        ...options,
        ...(options.sampleWeight && { sampleWeight: Array.from({ length: rows }, (_, i) => (i + 1) % 3) }),
      };
      const expected = apart(make(network), X, y, given);
      const whole = make(network);
      whole.fitSync(X, y, { ...given, epochs });
      expect(bitsOf(whole), `${rows} rows`).toEqual(expected);
      const sliced = make(network);
      await sliced.fit(X, y, { ...given, epochs, sliceMilliseconds: 0.01 });
      expect(bitsOf(sliced), `${rows} rows, in slices`).toEqual(expected);
    }
  });

  test('batch statistics with a last row alone, dropout and a schedule by steps', () => {
    const layers = [dense(6), batchNorm(), dropout(0.3), dense(1)];
    const learningRate = { schedule: 'cosine', rate: 0.01, over: 60, per: 'step' } as const;
    const options = { inputs: 3, layers, seed: 2, optimizer: adam({ learningRate }) };
    const { X, y } = regression(33, 3);
    const expected = apart(make(options), X, y, { batchSize: 8 });
    const whole = make(options);
    whole.fitSync(X, y, { batchSize: 8, epochs });
    expect(bitsOf(whole)).toEqual(expected);
  });

  test('whoever uses the windows between two epochs, or makes them anew', () => {
    const { X, y } = regression(40, 3);
    const more = regression(300, 3, 2);
    for (const shuffle of [true, false]) {
      const expected = apart(make(network), X, y, { batchSize: 8, shuffle });
      const uses: Record<string, (model: Model) => unknown> = {
        'predictions of a row': (model) => model.predict(X.slice(0, 1)),
        'predictions of fewer rows': (model) => model.predict(X.slice(5, 30)),
        'predictions of more rows': (model) => model.predict(more.X),
        'evaluation of more rows': (model) => model.evaluate(more.X, more.y),
        'a window of more rows': (model) => trainerOf(model).roomToTrain(500, 8),
        'a window made anew': (model) => trainerOf(model).backend.reserve(600, 8, true),
        'larger batches': (model) => trainerOf(model).roomToTrain(10, 200),
        'sixty-five other models': () => {
          for (let k = 0; k < 65; k++) make(network).predict(X.slice(0, 2));
        },
      };
      for (const [what, use] of Object.entries(uses)) {
        const model = make(network);
        model.fitSync(X, y, { batchSize: 8, shuffle, epochs, onEpochEnd: (_, m) => void use(m) });
        expect(bitsOf(model), `${what}, shuffle: ${shuffle}`).toEqual(expected);
      }
      const validated = make(network);
      const { epochs: logs } = validated.fitSync(X, y, { batchSize: 8, shuffle, epochs, validationData: [more.X, more.y] });
      expect(bitsOf(validated), `validation rows, shuffle: ${shuffle}`).toEqual(expected);
      expect(logs[4]!.valLoss).toBe(validated.evaluate(more.X, more.y).loss);
    }
  });

  test('an epoch broken off in its middle goes on in the order that it began in', () => {
    const { X, y } = regression(61, 3);
    const expected = apart(make(network), X, y, { batchSize: 8 });
    const model = make(network);
    let batches = 0;
    const stop = (_: unknown, m: Model) => {
      if (++batches === 19) m.stop();
    };
    model.fitSync(X, y, { batchSize: 8, epochs, onBatchEnd: stop });
    expect(model.epoch).toBe(2);
    model.fitSync(X, y, { batchSize: 8, epochs: epochs - 2 });
    expect(bitsOf(model)).toEqual(expected);
  });
});
