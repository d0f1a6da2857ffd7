import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { datasets, metrics, parseCsv, StandardScaler, trainTestSplit } from '../../src/entries/parts/data.js';
import { Random } from '../../src/data/random.js';
import { MLPClassifier, MLPRegressor, type Warning } from '../../src/entries/parts/estimators.js';
import { encodeModel } from '../../src/formats/encodeModel.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { version } from '../../src/formats/version.js';
import { MLP } from '../../src/mlp/mlp.js';
import type { Model } from '../../src/model/model.js';
import { dropout, residual, dense } from '../../src/entries/parts/plan.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { codeOf, refusal, rejection } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

const moons = datasets.moons({ samples: 300, noise: 0.2, seed: 1 });
const moonLabels = Array.from(moons.y.data, (id) => (id === 0 ? 'upper' : 'lower'));

/** Three normal clouds with names. */
function clouds(samples = 150) {
  const { X, y } = datasets.gaussians({ samples, classes: 3, features: 3, seed: 4 });
  return { X, y: Array.from(y.data, (id) => ['ash', 'birch', 'cedar'][id]!) };
}

interface Toy {
  name: string;
  task: 'classification' | 'regression';
  x: number[][];
  y: number[];
  folds: number[][][];
  score: number;
}

describe('MLPClassifier', () => {
  test('is fitted, scored and asked in two lines, on strings, numbers and booleans, two classes and more', async () => {
    const { XTrain, XTest, yTrain, yTest } = trainTestSplit(moons.X, moonLabels, { stratify: true, seed: 1 });
    const two = await new MLPClassifier({ seed: 1 }).fit(XTrain, yTrain);
    expect(two.score(XTest, yTest)).toBeGreaterThan(0.9);
    expect(two.classes).toEqual(['lower', 'upper']);
    expect(two.model.outputs).toBe(1);

    const { X, y } = clouds();
    const three = await new MLPClassifier({ epochs: 60 }).fit(X, y);
    expect(three.classes).toEqual(['ash', 'birch', 'cedar']);
    expect(three.score(X, y)).toBe(1);
    expect(three.predict(X)).toEqual(y);

    const numbers = new MLPClassifier({ epochs: 60 }).fitSync(
      X,
      y.map((name) => (name === 'ash' ? -7 : 2.5)),
    );
    expect(numbers.classes).toEqual([-7, 2.5]);
    const truth = new MLPClassifier({ epochs: 60 }).fitSync(
      X,
      y.map((name) => name === 'ash'),
    );
    expect(truth.classes).toEqual([false, true]);
    expect(truth.predict(X)[0]).toBe(y[0] === 'ash');
  });

  test('gives probabilities in the order of the classes, rows of which sum to 1', () => {
    const { X, y } = clouds();
    for (const labels of [y, y.map((name) => name === 'ash')]) {
      const clf = new MLPClassifier({ epochs: 30 }).fitSync(X, labels);
      const proba = clf.predictProba(X);
      expect(proba.shape).toEqual([150, clf.classes.length]);
      const predicted = clf.predict(X);
      for (let i = 0; i < 150; i++) {
        const row = [...proba.row(i)];
        expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        expect(clf.classes[row.indexOf(Math.max(...row))]).toBe(predicted[i]);
      }
    }
  });

  test('learns several labels per row, and scores a row only when all are right', async () => {
    const { X, y } = clouds();
    const rows = y.map((name) => [name === 'ash' ? 1 : 0, name !== 'cedar' ? 1 : 0]);
    const clf = await new MLPClassifier({ epochs: 100 }).fit(X, rows);
    expect(clf.multilabel).toBe(true);
    expect(clf.classes).toEqual([0, 1]);
    expect(clf.predict(X as never)).toEqual(rows);
    expect(clf.predictProba(X).shape).toEqual([150, 2]);
    expect(clf.score(X, rows)).toBe(1);
    expect(
      clf.score(
        X,
        rows.map(([a]) => [a!, 0]),
      ),
    ).toBeCloseTo(y.filter((name) => name === 'cedar').length / 150, 12);
    expect(MLPClassifier.load(clf.save()).predict(X as never)).toEqual(rows);
    expect(
      codeOf(() =>
        new MLPClassifier().fitSync(
          X,
          rows.map(([a]) => [a!, 2]),
        ),
      ),
    ).toBe('ERR_LABEL');
  });

  test('reaches the scores of scikit-learn on its toy data sets, on its own folds', () => {
    for (const { name, task, x, y, folds, score } of fixture<{ sets: Toy[] }>('sklearn-estimators.json').sets) {
      const scores = folds[0]!.map((held) => {
        const train = x.map((_, i) => i).filter((i) => !held.includes(i));
        const pick = <T>(rows: T[], indices: number[]) => indices.map((i) => rows[i]!);
        const options = { epochs: 100, batchSize: 32, earlyStopping: false };
        const model = task === 'classification' ? new MLPClassifier(options) : new MLPRegressor(options);
        model.fitSync(pick(x, train), pick(y, train));
        return model.score(pick(x, held), pick(y, held));
      });
      const mean = scores.reduce((a, b) => a + b) / 5;
      // One seed: two rows of 150 decide 0.013. The bench takes five.
      expect(mean, name).toBeGreaterThan(score - 0.02);
    }
  });

  test('stops early on held-out rows, goes back to the best epoch, and says how it went', async () => {
    const clf = await new MLPClassifier({ epochs: 400, earlyStopping: { patience: 5 }, learningRate: 0.01, seed: 3 }).fit(
      moons.X,
      moonLabels,
    );
    expect(clf.stoppedBy).toBe('earlyStopping');
    expect(clf.epochs).toBeLessThan(400);
    expect(clf.bestEpoch).toBe(clf.epochs - 5);
    expect(clf.lossCurve.length).toBe(clf.epochs);
    expect(clf.validationLossCurve.length).toBe(clf.epochs);
    expect(Math.min(...clf.validationLossCurve)).toBe(clf.validationLossCurve[clf.bestEpoch - 1]);
    expect(clf.bestValidationScore).toBeGreaterThan(0.8);
    expect(clf.featureNames).toEqual(['x0', 'x1']);
    expect(clf.rows).toBe(300);
    const held = await new MLPClassifier({ epochs: 20, earlyStopping: true }).fit(moons.X, moonLabels, {
      validationData: [moons.X, moonLabels],
    });
    expect(held.bestValidationScore).toBe(held.score(moons.X, moonLabels));
    const seen = new MLPClassifier({ epochs: 20, earlyStopping: false });
    seen.fitSync(moons.X, moonLabels, { validationData: [moons.X, moonLabels] });
    expect(seen.validationLossCurve.length).toBe(20);
    expect(seen.bestEpoch).toBe(20);
    const few = new MLPClassifier({ epochs: 5 }).fitSync(moons.X.toArray().slice(0, 50), moonLabels.slice(0, 50));
    expect(few.validationLossCurve).toEqual([]);
    expect(few.bestValidationScore).toBeUndefined();
  });

  test('fault 71: fitting twice gives the same model, and never starts from the last one', async () => {
    const clf = new MLPClassifier({ epochs: 12, seed: 5 });
    const first = (await clf.fit(moons.X, moonLabels)).predictProba(moons.X);
    const second = clf.fitSync(moons.X, moonLabels).predictProba(moons.X);
    expect(second).toEqual(first);
    expect(clf.clone({ seed: 6 }).fitSync(moons.X, moonLabels).predictProba(moons.X)).not.toEqual(first);
  });

  test('weighs classes and rows', () => {
    // Nine of ten rows are 0, and the classes overlap: unweighted, 1 is hardly ever said.
    const random = new Random(2);
    const y = Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 1 : 0));
    const X = y.map((id) => [random.normal() + id]);
    const recall = (options: object, fit: object = {}) => {
      const clf = new MLPClassifier({ epochs: 40, hiddenLayers: [8], earlyStopping: false, ...options }).fitSync(X, y, fit);
      return metrics.recall(y, clf.predict(X));
    };
    expect(recall({})).toBeLessThan(0.3);
    expect(recall({ classWeight: 'balanced' })).toBeGreaterThan(0.5);
    expect(recall({ classWeight: { 1: 9 } })).toBeGreaterThan(0.5);
    expect(recall({ classWeight: new Map([[1, 9]]) })).toBeGreaterThan(0.5);
    expect(recall({}, { sampleWeight: y.map((id) => (id === 1 ? 9 : 1)) })).toBeGreaterThan(0.5);
    expect(refusal(() => recall({ classWeight: { 2: 9 } })).message).toMatch(/unknown class "2"\. The classes are 0, 1/);
  });

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

  test('learns from portions', () => {
    const clf = new MLPClassifier({ learningRate: 0.01 });
    for (let pass = 0; pass < 40; pass++)
      for (let part = 0; part < 3; part++) {
        const rows = Array.from({ length: 100 }, (_, i) => 3 * i + part);
        clf.partialFit(
          rows.map((i) => [...moons.X.row(i)]),
          rows.map((i) => moonLabels[i]!),
          { classes: ['upper', 'lower'] },
        );
      }
    expect(clf.score(moons.X, moonLabels)).toBeGreaterThan(0.93);
    expect(clf.epochs).toBe(120);
  });

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

  test('takes a table: columns of text and gaps included, the target by name', async () => {
    const random = new Random(8);
    const lines = Array.from({ length: 300 }, () => {
      const color = ['red', 'green', 'blue'][random.below(3)]!;
      const size = random.between(0, 10);
      const answer = color === 'red' ? size > 5 : size < 2;
      return `${random.uniform() < 0.05 ? '' : size.toFixed(3)},${color},${answer ? 'yes' : 'no'}`;
    });
    const table = parseCsv(['size,color,buys', ...lines].join('\n'));
    const clf = await new MLPClassifier({ epochs: 150 }).fit(table, 'buys');
    expect(clf.target).toBe('buys');
    expect(clf.featureNames).toEqual(['size', 'color_blue', 'color_green', 'color_red']);
    expect(clf.score(table, 'buys')).toBeGreaterThan(0.9);
    const fresh = parseCsv('color,size\nred,9\nblue,9\n', { types: { size: 'numeric' } });
    expect(clf.predict(fresh)).toEqual(['yes', 'no']);
    expect(MLPClassifier.load(clf.save()).predict(fresh)).toEqual(['yes', 'no']);
    const warnings: Warning[] = [];
    MLPClassifier.load(clf.save(), { onWarning: (warning) => void warnings.push(warning) }).predict(
      parseCsv('color,size\npink,9\nblue,9\n'),
    );
    expect(warnings[0]!.message).toMatch(/"color".*"pink"/);
    expect(refusal(() => clf.predict(parseCsv('colour,size\nred,9\nred,8\n'))).message).toMatch(
      /has no column "color", which the model was trained with/,
    );
    expect(refusal(() => new MLPClassifier().fitSync([[1]], 'buys')).message).toMatch(
      /would be a column of a table, but X is a matrix/,
    );
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

  test('holds any layers, and runs on any backend', () => {
    class PlainClassifier extends MLPClassifier {
      protected override createModel(options: MLPOptions): Model {
        return new PlainMLP(options);
      }
    }
    const { X, y } = clouds();
    const options = { hiddenLayers: [16, residual([dense(16, { activation: 'tanh' })]), dropout(0.1)], epochs: 40 };
    const fast = new MLPClassifier(options).fitSync(X, y);
    const plain = new PlainClassifier(options).fitSync(X, y);
    expect(plain.model).toBeInstanceOf(PlainMLP);
    expect(fast.score(X, y)).toBe(1);
    expect(plain.score(X, y)).toBe(1);
    // The same masks, orders and weights: what differs is rounding.
    for (const [i, loss] of fast.lossCurve.entries()) expect(plain.lossCurve[i]).toBeCloseTo(loss, 2);
  });
});

describe('MLPRegressor', () => {
  const bs = datasets.blackScholes({ samples: 600, seed: 2 });
  const prices = Array.from(bs.y.data);

  test('predicts numbers in their own units, a list for a list and rows for rows', async () => {
    const model = await new MLPRegressor({ epochs: 60 }).fit(bs.X, prices, { featureNames: bs.featureNames });
    expect(model.score(bs.X, prices)).toBeGreaterThan(0.98);
    const predicted = model.predict(bs.X);
    expect(predicted).toBeInstanceOf(Float64Array);
    expect(metrics.r2(prices, predicted)).toBe(model.score(bs.X, prices));

    const rows = await new MLPRegressor({ epochs: 60 }).fit(bs.X, bs.gradients);
    const several = rows.predict(bs.X as never) as unknown as { shape: number[] };
    expect(several.shape).toEqual([600, 5]);
    expect(rows.targets).toBe(5);
    expect(rows.score(bs.X, bs.gradients)).toBeGreaterThan(0.6);
    const loaded = MLPRegressor.load(rows.save());
    expect(loaded.predict(bs.X as never)).toEqual(several);
  });

  test('fault 57: targets around a million with deviation 1 keep their digits', () => {
    const random = new Random(3);
    const x = Array.from({ length: 300 }, () => [random.between(-2, 2)]);
    const y = x.map(([v]) => 1e6 + v!);
    const model = new MLPRegressor({ epochs: 200 }).fitSync(x, y);
    expect(model.score(x, y)).toBeGreaterThan(0.999);
    expect(Math.abs(model.predict([[1]])[0]! - 1_000_001)).toBeLessThan(0.05);
    const flat = new MLPRegressor({ epochs: 3 }).fitSync(
      x,
      x.map(() => 4),
    );
    expect(flat.predict([[1]])[0]).toBeCloseTo(4, 0);
  });

  test('is saved to the bit and learns in portions; losses and scaling are options', () => {
    const model = new MLPRegressor({ epochs: 5, loss: 'huber', scale: 'robust', scaleTargets: false }).fitSync(bs.X, prices);
    expect(MLPRegressor.load(model.save()).predict(bs.X)).toEqual(model.predict(bs.X));
    expect(model.targetScaler).toBeUndefined();
    const parts = new MLPRegressor();
    for (let pass = 0; pass < 30; pass++) parts.partialFit(bs.X, prices);
    expect(parts.score(bs.X, prices)).toBeGreaterThan(0.9);
    expect(codeOf(() => parts.partialFit(bs.X, bs.gradients))).toBe('ERR_SHAPE');
    expect(codeOf(() => new MLPRegressor({ loss: 'hinge' } as object))).toBe('ERR_OPTION');
    expect(codeOf(() => new MLPRegressor().fitSync([[1]], ['a'] as never))).toBe('ERR_TYPE');
  });

  test('fault 70: nothing is drawn from Math.random', () => {
    const random = Math.random;
    const train = () => new MLPRegressor({ epochs: 3, hiddenLayers: [8, dropout(0.2)] }).fitSync(bs.X, prices).predict(bs.X);
    const before = train();
    Math.random = () => 0.5;
    try {
      expect(train()).toEqual(before);
    } finally {
      Math.random = random;
    }
  });

  test('fault 67: never writes to what it was given', () => {
    const X = Object.freeze(Array.from({ length: 20 }, (_, i) => Object.freeze([i, i * i])));
    const y = Object.freeze(Array.from({ length: 20 }, (_, i) => i));
    const model = new MLPRegressor({ epochs: 3, batchSize: 8 }).fitSync(X, y);
    model.predict(X);
    expect(X[3]).toEqual([3, 9]);
  });

  test('linear models come from no hidden layer, also by L-BFGS', async () => {
    const x = Array.from({ length: 40 }, (_, i) => [i, (i * 7) % 11]);
    const y = x.map(([a, b]) => 3 * a! - 2 * b! + 5);
    const model = await new MLPRegressor({ hiddenLayers: [], optimizer: 'lbfgs', l2: 0, epochs: 50 }).fit(x, y);
    expect(model.score(x, y)).toBeGreaterThan(0.99999);
  });
});
