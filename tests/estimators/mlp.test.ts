// MLPClassifier: fitted, scored and asked on labels of every kind.

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { datasets, metrics, parseCsv, trainTestSplit } from '../../src/entries/parts/data.js';
import { Random } from '../../src/data/random.js';
import { MLPClassifier, MLPRegressor, type Warning } from '../../src/entries/parts/estimators.js';
import type { Model } from '../../src/model/model.js';
import { dropout, residual, dense } from '../../src/entries/parts/plan.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { codeOf, refusal } from '../support/errors.js';
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
