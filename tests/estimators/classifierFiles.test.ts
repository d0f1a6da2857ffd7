// Files of classifiers: the same bits after load, what they say of themselves, what is refused, trainings that go on.

import { describe, expect, test } from 'vitest';
import { datasets, StandardScaler } from '../../src/entries/parts/data.js';
import { MLPClassifier, MLPRegressor } from '../../src/entries/parts/estimators.js';
import { encodeModel } from '../../src/formats/encodeModel.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { version } from '../../src/formats/version.js';
import { MLP } from '../../src/mlp/mlp.js';
import { codeOf, refusal, rejection } from '../support/errors.js';

const moons = datasets.moons({ samples: 300, noise: 0.2, seed: 1 });

const moonLabels = Array.from(moons.y.data, (id) => (id === 0 ? 'upper' : 'lower'));

/** Three normal clouds with names. */
function clouds(samples = 150) {
  const { X, y } = datasets.gaussians({ samples, classes: 3, features: 3, seed: 4 });
  return { X, y: Array.from(y.data, (id) => ['ash', 'birch', 'cedar'][id]!) };
}

describe('files of MLPClassifier', () => {
  test('fault 73: a saved estimator predicts to the same bits, and carries labels, scaler and names', () => {
    const { X, y } = clouds();
    for (const scale of ['standard', 'minMax', 'robust', 'none'] as const) {
      const clf = new MLPClassifier({ epochs: 10, scale }).fitSync(X, y, { featureNames: ['length', 'width', 'height'] });
      const loaded = MLPClassifier.load(clf.save());
      expect(loaded.predictProba(X)).toEqual(clf.predictProba(X));
      expect(loaded.predict(X)).toEqual(clf.predict(X));
      expect(loaded.featureNames).toEqual(['length', 'width', 'height']);
      expect(loaded.classes).toEqual(clf.classes);
      expect(loaded.lossCurve).toEqual(clf.lossCurve);
      expect(loaded.options).toEqual(clf.options);
      expect(loaded.save()).toEqual(clf.save());
    }
    const clf = new MLPClassifier({ epochs: 3 }).fitSync(X, y);
    expect(MLP.load(clf.save()).predict(new StandardScaler().fitTransform(X))).toEqual(clf.predictProba(X));
    expect(refusal(() => MLPRegressor.load(clf.save())).message).toBe(
      'MLPRegressor.load: this file holds MLPClassifier. Use MLPClassifier.load.',
    );
    expect(codeOf(() => MLPClassifier.load(clf.model instanceof MLP ? clf.model.save() : clf.save()))).toBe('ERR_FORMAT');
    expect(codeOf(() => MLPClassifier.load(new Uint8Array(10)))).toBe('ERR_FORMAT');
  });

  test('a saved estimator has a training card: shape of the data, seed, epochs, scores, and what the caller adds', () => {
    const { X, y } = clouds();
    const clf = new MLPClassifier({ epochs: 30, seed: 5, earlyStopping: { patience: 2 } }).fitSync(X, y);
    const { sections, library } = readModelFile(clf.save());
    expect(sections['card']).toEqual({
      rows: 150,
      columns: 3,
      seed: 5,
      epochs: clf.epochs,
      scores: { loss: clf.lossCurve[clf.bestEpoch - 1], validation: clf.bestValidationScore },
    });
    expect(library).toBe(version);
    const scores = { accuracy: 0.9 };
    const plain = new MLPClassifier({ epochs: 2 }).fitSync(X, y);
    expect(readModelFile(plain.save()).sections['card']).toMatchObject({ scores: { loss: plain.lossCurve[1] } });
    expect(readModelFile(plain.save({ sections: { card: { scores, by: 'me' } } })).sections['card']).toMatchObject({
      scores,
      by: 'me',
    });
  });

  test('fault 80: a file whose parts do not fit each other is refused as a file', () => {
    const { X, y } = clouds();
    const clf = new MLPClassifier({ epochs: 3 }).fitSync(X, y);
    const { sections } = readModelFile(clf.save());
    const estimator = sections['estimator'] as unknown as { inputs: object };
    const { inputs } = estimator;
    const broken: Record<string, object> = {
      'a class too few': { labels: ['ash', 'birch'] },
      'classes out of order': { labels: ['birch', 'ash', 'cedar'] },
      'an option that is none': { estimator: { ...estimator, options: { epochz: 3 } } },
      'a name too many': { estimator: { ...estimator, inputs: { ...inputs, featureNames: ['a', 'b', 'c', 'd'] } } },
      'no ranges': { estimator: { ...estimator, inputs: { ...inputs, low: [0] } } },
      'a scaler of another width': { scaler: new StandardScaler().fit([[1], [2]]).toJSON() },
      'another estimator': { estimator: { ...estimator, type: 'MLPRegressor' } },
      'no estimator': { estimator: undefined },
      'an encoder of something else': {
        estimator: { ...estimator, inputs: { ...inputs, encoder: { type: 'TableEncoder', columns: [] } } },
      },
    };
    for (const [what, change] of Object.entries(broken)) {
      const bytes = encodeModel(clf.model.state(), { sections: { ...sections, ...change } });
      expect(
        codeOf(() => MLPClassifier.load(bytes)),
        what,
      ).toBe('ERR_FORMAT');
    }
  });

  test('an aborted training can be used, saved, loaded and resumed, to the bits of one that ran through', async () => {
    const whole = new MLPClassifier({ epochs: 30, seed: 9 }).fitSync(moons.X, moonLabels);
    const controller = new AbortController();
    const clf = new MLPClassifier({ epochs: 30, seed: 9 });
    const running = clf.fit(moons.X, moonLabels, {
      signal: controller.signal,
      onEpochEnd: ({ epoch }) => void (epoch === 11 && controller.abort()),
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(clf.stoppedBy).toBe('abort');
    expect(clf.epochs).toBe(11);
    expect(clf.predict(moons.X).length).toBe(300);
    const loaded = MLPClassifier.load(clf.save({ optimizer: true }));
    await loaded.fit(moons.X, moonLabels, { resume: true });
    expect(loaded.epochs).toBe(30);
    expect(loaded.lossCurve).toEqual(whole.lossCurve);
    expect(loaded.predictProba(moons.X)).toEqual(whole.predictProba(moons.X));
    expect(loaded.bestEpoch).toBe(whole.bestEpoch);
    await clf.fit(moons.X, moonLabels, { resume: true });
    expect(clf.predictProba(moons.X)).toEqual(whole.predictProba(moons.X));
    expect((await rejection(clf.fit(clouds().X, clouds().y, { resume: true }))).code).toBe('ERR_SHAPE');
    const other = moonLabels.map((label, i) => (i < 5 ? 'upper' : label));
    expect((await rejection(clf.fit(moons.X, other, { resume: true }))).message).toMatch(/not the rows/);
  });
});
