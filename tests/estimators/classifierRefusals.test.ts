// What MLPClassifier warns of and refuses, by name and with the way out.

import { describe, expect, test } from 'vitest';
import { datasets } from '../../src/entries/parts/data.js';
import { MLPClassifier, type Warning } from '../../src/entries/parts/estimators.js';
import { codeOf, refusal, rejection } from '../support/errors.js';

const moons = datasets.moons({ samples: 300, noise: 0.2, seed: 1 });

const moonLabels = Array.from(moons.y.data, (id) => (id === 0 ? 'upper' : 'lower'));

/** Three normal clouds with names. */
function clouds(samples = 150) {
  const { X, y } = datasets.gaussians({ samples, classes: 3, features: 3, seed: 4 });
  return { X, y: Array.from(y.data, (id) => ['ash', 'birch', 'cedar'][id]!) };
}

describe('what MLPClassifier refuses', () => {
  test('fault 17: one class only is refused, with the way out', () => {
    expect(refusal(() => new MLPClassifier().fitSync([[1], [2]], ['a', 'a'])).message).toMatch(
      /only one class, "a", so there is nothing to tell apart/,
    );
    expect(codeOf(() => new MLPClassifier().fitSync([[1], [2]], ['a', 'a']))).toBe('ERR_LABEL');
  });

  test('fault 18: a class that was declared may be absent from the data', () => {
    const clf = new MLPClassifier({ epochs: 30 }).fitSync([[0], [1], [0], [1]], ['a', 'b', 'a', 'b'], {
      classes: ['a', 'b', 'c'],
    });
    expect(clf.classes).toEqual(['a', 'b', 'c']);
    expect(clf.predictProba([[0]]).shape).toEqual([1, 3]);
    expect(new MLPClassifier({ epochs: 200 }).fitSync([[0], [1]], ['a', 'a'], { classes: ['a', 'b'] }).predict([[0]])).toEqual([
      'a',
    ]);
  });

  test('fault 19: a new class at the second partialFit is refused, listing the known ones', () => {
    const clf = new MLPClassifier().partialFit([[0], [1]], ['a', 'b']);
    const before = clf.predictProba([[0.5]]);
    expect(refusal(() => clf.partialFit([[0], [1]], ['a', 'c'])).message).toMatch(/"c".*known classes: "a", "b"/);
    expect(clf.predictProba([[0.5]])).toEqual(before);
  });

  test('warns once, in words, when inputs leave the range of training', () => {
    const { X, y } = clouds();
    const warnings: Warning[] = [];
    const clf = new MLPClassifier({ epochs: 3, onWarning: (warning) => void warnings.push(warning) });
    clf.fitSync(X, y, { featureNames: ['length', 'width', 'height'] });
    expect(warnings.splice(0).map(({ code }) => code)).toEqual(['WARN_DATA']); // height alone tells these clouds apart
    clf.predict(X);
    expect(warnings).toEqual([]);
    clf.score([[1e6, 0, 0]], ['ash']);
    expect(warnings).toEqual([]);
    // A little beyond, as fresh rows of the same kind are, is no cause for alarm.
    const most = Math.max(...X.toArray().map(([length]) => length!));
    clf.predict([[most + 0.1, ...[...X.row(0)].slice(1)]]);
    expect(warnings).toEqual([]);
    clf.predict([
      [1e6, 0, 0],
      [0, 0, 0],
    ]);
    clf.predictProba([[1e7, 0, 0]]);
    expect(warnings.length).toBe(1);
    expect(warnings[0]!.code).toBe('WARN_RANGE');
    expect(warnings[0]!.message).toMatch(
      /^1 of 2 rows lie outside the range of the training data: length is 1\.00e\+6 \(training: -?[\d.]+ to/,
    );
    const loaded = MLPClassifier.load(clf.save(), { onWarning: (warning) => void warnings.push(warning) });
    loaded.predict([[0, -1e6, 0]]);
    expect(warnings.length).toBe(2);
    MLPClassifier.load(clf.save(), { onWarning: false }).predict([[0, -1e6, 0]]);
  });

  test('fault 15: another number of columns is refused in the names of those there are', () => {
    const { X, y } = clouds();
    const clf = new MLPClassifier({ epochs: 2 }).fitSync(X, y, { featureNames: ['length', 'width', 'height'] });
    expect(refusal(() => clf.predict([[1, 2]])).message).toBe(
      'X has 2 columns, but this model has 3 inputs (length, width, height).',
    );
  });

  test('faults 23, 24, 26, 28, 29, 30, 32, 69: options are checked when it is made', () => {
    for (const options of [
      { epochs: 0 },
      { epochs: '10' },
      { batchSize: 0 },
      { batchSize: 1.5 },
      { learningRate: -1 },
      { learningRate: Number.NaN },
      { dropout: 1 },
      { hiddenLayers: [0] },
      { hiddenLayers: 64 },
      { activation: 'rleu' },
      { optimizer: 'toString' },
      { l2: -1 },
      { seed: 1.5 },
      { scale: 'minmax' },
      { earlyStopping: { patience: 0 } },
      { earlyStopping: { patients: 3 } },
      { classWeight: 'blanced' },
      { onWarning: 3 },
    ])
      expect(
        codeOf(() => new MLPClassifier(options as object)),
        JSON.stringify(options),
      ).toBe('ERR_OPTION');
    expect(refusal(() => new MLPClassifier({ hiddenLayer: [3] } as object)).message).toMatch(/Did you mean "hiddenLayers"/);
    expect(refusal(() => new MLPClassifier({ learningrate: 3 } as object)).message).toMatch(/Did you mean "learningRate"/);
    expect(codeOf(() => new MLPClassifier().predict([[1]]))).toBe('ERR_STATE');
    expect(codeOf(() => new MLPClassifier().lossCurve)).toBe('ERR_STATE');
  });

  test('fault 38: a second fit at the same time is refused, the first goes on', async () => {
    const clf = new MLPClassifier({ epochs: 300, earlyStopping: false });
    const first = clf.fit(moons.X, moonLabels);
    expect((await rejection(clf.fit(moons.X, moonLabels))).code).toBe('ERR_BUSY');
    expect(codeOf(() => clf.save())).toBe('ERR_BUSY');
    await first;
    expect(clf.epochs).toBe(300);
  });

  test('faults 52, 54: a training that diverges leaves the estimator as it was', async () => {
    const { X, y } = clouds();
    const clf = new MLPClassifier({ epochs: 5 }).fitSync(X, y);
    const before = clf.predictProba(X);
    Object.assign(clf, { options: { ...clf.options, learningRate: 1e30, optimizer: 'sgd', activation: 'identity' } });
    expect((await rejection(clf.fit(X, y))).code).toBe('ERR_DIVERGED');
    expect(clf.predictProba(X)).toEqual(before);
    const wild = datasets.gaussians({ samples: 100, deviation: 1e6, seed: 3 });
    expect(new MLPClassifier({ epochs: 5 }).fitSync(wild.X, Array.from(wild.y.data)).lossCurve.every(Number.isFinite)).toBe(true);
  });

  test('faults 1, 3, 6, 8, 55, 56: bad rows are refused; constant columns train', () => {
    const { y } = clouds();
    expect(refusal(() => new MLPClassifier().fitSync([[1], [Number.NaN]], ['a', 'b'])).code).toBe('ERR_NONFINITE');
    expect(codeOf(() => new MLPClassifier().fitSync([[1], [2]], [0, Number.NaN]))).toBe('ERR_LABEL');
    expect(codeOf(() => new MLPClassifier().fitSync([], []))).toBe('ERR_EMPTY');
    expect(codeOf(() => new MLPClassifier().fitSync([[1], [2]], ['a']))).toBe('ERR_SHAPE');
    const flat = new MLPClassifier({ epochs: 5 }).fitSync(
      y.map(() => [0, 7]),
      y,
    );
    expect(flat.lossCurve.every(Number.isFinite)).toBe(true);
  });
});
