// The training of a preset’s nets as callers see it: one training, which ends, stops and goes on as one.

import { describe, expect, test } from 'vitest';
import * as datasets from '../../src/data/datasets.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { codeOf } from '../support/errors.js';

const quick = { preset: 'quick', seed: 1, deterministic: true, onWarning: false } as const;

const moons = datasets.moons({ samples: 240, noise: 0.2, seed: 4 });

const labels = Array.from(moons.y.data, (id) => (id === 0 ? 'left' : 'right'));

const weightsOf = (model: { readonly model: { parameters(): { readonly values: Float32Array }[] } }) =>
  model.model.parameters().map(({ values }) => values);

describe('one training of several nets', () => {
  test('callbacks see one training of all nets', () => {
    const seen: number[] = [];
    const calls: string[] = [];
    const model = new MLPClassifier({ ...quick, epochs: 2 }).fitSync(moons.X, labels, {
      onTrainBegin: () => void calls.push('begin'),
      onEpochEnd: ({ epoch }) => void seen.push(epoch),
      onTrainEnd: () => void calls.push('end'),
    });
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(calls).toEqual(['begin', 'end']);
    expect([model.plannedEpochs, model.stoppedBy]).toEqual([4, 'epochs']);
  });

  test('a callback that stops the model stops all nets, and what there is can be used', () => {
    const model = new MLPClassifier({ ...quick, members: 4 }).fitSync(moons.X, labels, {
      onEpochEnd: ({ epoch }, net) => void (epoch === 40 && net.stop()),
    });
    expect([model.members, model.stoppedBy]).toEqual([2, 'callback']);
    expect(model.score(moons.X, labels)).toBeGreaterThan(0.85);
  });

  test('a time budget ends it with what there is', () => {
    const model = new MLPClassifier({ ...quick, preset: 'best' }).fitSync(moons.X, labels, { timeBudget: 0.3 });
    expect(model.stoppedBy).toBe('timeBudget');
    expect(model.members).toBeGreaterThan(0);
    expect(model.seconds).toBeLessThan(30);
  });

  test.each([3, 34, 50])('interrupted in epoch %i, in memory or from a file, it goes on to the same bits', async (stopAt) => {
    const options = { ...quick, members: 3, hiddenLayers: [6], epochs: 30 };
    const whole = new MLPClassifier(options).fitSync(moons.X, labels);
    const controller = new AbortController();
    const model = new MLPClassifier(options);
    await model
      .fit(moons.X, labels, {
        signal: controller.signal,
        onEpochEnd: ({ epoch }) => void (epoch === stopAt && controller.abort()),
      })
      .catch((error: Error) => expect(error.name).toBe('AbortError'));
    expect(model.stoppedBy).toBe('abort');
    expect(model.predict(moons.X).length).toBe(240);
    const loaded = MLPClassifier.load(model.save({ optimizer: true }), { onWarning: false });
    expect(loaded.predictProba(moons.X)).toEqual(model.predictProba(moons.X));
    expect(
      codeOf(() =>
        loaded.fitSync(
          [
            [0, 1],
            [1, 0],
          ],
          ['left', 'right'],
          { resume: true },
        ),
      ),
    ).toBe('ERR_STATE');
    for (const resumed of [model, loaded]) {
      await resumed.fit(moons.X, labels, { resume: true });
      expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    }
  });
});
