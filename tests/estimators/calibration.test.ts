// Probabilities that hold: corrections against scikit-learn and closed forms, and everything that must know of them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readOff } from '../../src/data/certainty/calibration.js';
import * as metrics from '../../src/data/metrics/index.js';
import { Random } from '../../src/data/random.js';
import { fitIsotonic, fitSigmoid, fitTemperature } from '../../src/estimators/calibrators.js';
import { MLPClassifier, type MLPClassifierOptions } from '../../src/estimators/classifier.js';
import { explain } from '../../src/explain/explain.js';
import { exportModule } from '../../src/formats/standalone.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';

interface Case {
  logits: number[];
  probabilities: number[];
  truth: number[];
  sigmoid: { slope: number; intercept: number };
  at: number[];
  isotonic: number[];
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'sklearn-calibration.json'), 'utf8')) as Case[];

describe('fitted as by scikit-learn 1.2', () => {
  test.each(cases)('case %#', ({ logits, probabilities, truth, sigmoid, at, isotonic }) => {
    const ids = Int32Array.from(truth);
    const { slope, intercept } = fitSigmoid(Float64Array.from(logits), ids);
    // scikit-learn stops its search at a gradient of 1e-5, ours goes on.
    expect(slope).toBeCloseTo(sigmoid.slope, 3);
    expect(intercept).toBeCloseTo(sigmoid.intercept, 3);
    const points = fitIsotonic(Float64Array.from(probabilities), ids);
    at.forEach((p, i) => expect(readOff(points, p)).toBeCloseTo(isotonic[i]!, 12));
  });
});

describe('fitTemperature', () => {
  test('has the closed form of one logit: the share of right answers is sigmoid(z / T)', () => {
    const rows = 40;
    const logits = Float64Array.from({ length: 2 * rows }, (_, k) => (k % 2 === 0 ? 0 : 3));
    const truth = Int32Array.from({ length: rows }, (_, i) => (i < 30 ? 1 : 0));
    expect(fitTemperature(logits, 2, truth)).toBeCloseTo(3 / Math.log(3), 10);
  });

  test('is where the mean log loss is flat, for 2 to 9 classes, and stays within [1/8, 8]', () => {
    const random = new Random(3, 'logits');
    for (let classes = 2; classes <= 9; classes++) {
      const truth = Int32Array.from({ length: 300 }, () => random.below(classes));
      const logits = Float64Array.from(
        { length: 300 * classes },
        (_, k) => 2 * random.normal() + (k % classes === truth[Math.floor(k / classes)] ? 2 : 0),
      );
      const loss = (T: number) => {
        let sum = 0;
        for (let i = 0; i < 300; i++) {
          const row = Array.from(logits.subarray(i * classes, (i + 1) * classes), (z) => z / T);
          sum += Math.log(row.reduce((total, z) => total + Math.exp(z), 0)) - row[truth[i]!]!;
        }
        return sum / 300;
      };
      const T = fitTemperature(logits, classes, truth);
      expect(Math.abs(loss(T * 1.0001) - loss(T / 1.0001)) / 2e-4).toBeLessThan(1e-6);
      expect(loss(T)).toBeLessThan(Math.min(loss(T * 1.1), loss(T / 1.1)));
    }
    expect(fitTemperature(Float64Array.of(0, 1), 2, [1])).toBeCloseTo(1 / 8, 9);
    expect(fitTemperature(Float64Array.of(0, 1), 2, [0])).toBeCloseTo(8, 9);
  });
});

test('expectedCalibrationError is the definition, in bins closed on the right', () => {
  const random = new Random(5, 'rows');
  const proba = Array.from({ length: 500 }, () => {
    const row = Array.from({ length: 4 }, () => Math.exp(2 * random.normal()));
    const sum = row.reduce((a, b) => a + b);
    return row.map((p) => p / sum);
  });
  const truth = proba.map(() => random.below(4));
  for (const bins of [1, 2, 7, 15]) {
    let error = 0;
    for (let b = 0; b < bins; b++) {
      const inside = proba.flatMap((row, i) => {
        const confidence = Math.max(...row);
        return confidence > b / bins && confidence <= (b + 1) / bins
          ? [{ confidence, right: row[truth[i]!] === confidence }]
          : [];
      });
      const gap = inside.reduce((sum, { confidence, right }) => sum + confidence - (right ? 1 : 0), 0);
      error += Math.abs(gap) / 500;
    }
    expect(metrics.expectedCalibrationError(truth, proba, { bins })).toBeCloseTo(error, 12);
  }
  expect(metrics.expectedCalibrationError(['no', 'yes'], [0.5, 1])).toBeCloseTo(0.25, 12);
});

/** Clouds that overlap, 1,200 rows: 120 are watched. */
function data(classes: number, seed = 1) {
  const random = new Random(seed, `clouds ${classes}`);
  const y = Array.from({ length: 1200 }, () => random.below(classes));
  const X = y.map((id) => [Math.cos(2 * id) + random.normal(), Math.sin(2 * id) + random.normal(), random.normal()]);
  return { X, y: y.map((id) => `class ${id}`) };
}
const fitted = (classes: number, more: MLPClassifierOptions = {}) => {
  const { X, y } = data(classes);
  return new MLPClassifier({ hiddenLayers: [32], epochs: 60, onWarning: false, ...more }).fitSync(X, y);
};
const fresh = (classes: number) => data(classes, 2);

describe.each([2, 3])('a classifier of %i classes', (classes) => {
  const { X, y } = fresh(classes);
  const plain = fitted(classes, { calibrate: false });

  test('has a temperature by default that changes no label, and divides its logits', () => {
    const clf = fitted(classes);
    expect(clf.calibration).toBe('temperature');
    expect(plain.calibration).toBeUndefined();
    expect(clf.model.parameters().map(({ values }) => values)).toEqual(plain.model.parameters().map(({ values }) => values));
    expect(clf.predict(X)).toEqual(plain.predict(X));
    expect(clf.score(X, y)).toBe(plain.score(X, y));
    const { temperature } = clf.calibrator as { temperature: number };
    const [own, raw] = [clf.predictProba(X), plain.predictProba(X)];
    for (let i = 0; i < 50; i++) {
      const powers = Array.from(raw.row(i), (p) => p ** (1 / temperature));
      const sum = powers.reduce((a, b) => a + b);
      powers.forEach((power, j) => expect(own.row(i)[j]).toBeCloseTo(power / sum, 6));
    }
  });

  test('is left alone with compat, with few rows to watch, and after partialFit', () => {
    const few = data(classes);
    const small = new MLPClassifier({ hiddenLayers: [8], epochs: 5, onWarning: false });
    expect(small.fitSync(few.X.slice(0, 900), few.y.slice(0, 900)).calibration).toBeUndefined();
    expect(fitted(classes, { compat: 'pytorch', earlyStopping: true, epochs: 5 }).calibration).toBeUndefined();
    const clf = fitted(classes, { epochs: 5 });
    expect(clf.partialFit(few.X, few.y).calibration).toBeUndefined();
  });

  test.each(['temperature', 'platt', 'isotonic'] as const)(
    'keeps %s in the file, in the predictor, in explanations',
    (calibrate) => {
      if (classes > 2 && calibrate !== 'temperature') {
        expect(() => fitted(classes, { calibrate })).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
        return;
      }
      const clf = fitted(classes, { calibrate });
      expect(clf.calibration).toBe(calibrate);
      const proba = clf.predictProba(X);
      expect(proba).not.toEqual(plain.predictProba(X));
      const labels = clf.predict(X);
      if (classes === 2) labels.forEach((label, i) => expect(label).toBe(clf.classes[proba.row(i)[1]! > 0.5 ? 1 : 0]));
      const loaded = MLPClassifier.load(clf.save());
      expect(loaded.predictProba(X)).toEqual(proba);
      expect(loaded.predict(X)).toEqual(labels);
      expect(loaded.save()).toEqual(clf.save());
      const predictor = loadPredictor(clf.save());
      const told = predictor.predictProba(X);
      told.data.forEach((p, k) => expect(p).toBeCloseTo(proba.data[k]!, 5));
      expect(predictor.predict(X.slice(0, 50))).toEqual(labels.slice(0, 50));
      for (let output = 0; output < classes; output++) {
        const { predictions, base, values } = explain(clf, X.slice(0, 6), { background: X.slice(0, 20), output });
        predictions.forEach((p, i) => {
          expect(p).toBeCloseTo(proba.row(i)[output]!, 5);
          expect(base + values.row(i).reduce((a, b) => a + b)).toBeCloseTo(p, 9);
        });
      }
    },
  );

  test('is exported with its temperature', async () => {
    const clf = fitted(classes);
    const { code } = exportModule(clf);
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      predict(rows: number[][]): number[][];
      selfTest(): unknown;
    };
    module.selfTest();
    const proba = clf.predictProba(X);
    module.predict(X.slice(0, 30)).forEach((row, i) => {
      row.forEach((p, j) => expect(p).toBeCloseTo(proba.row(i)[classes === 2 ? 1 : j]!, 5));
    });
  });
});

test('calibration brings probabilities that are far too sure back: log loss and calibration error fall', () => {
  const { X, y } = fresh(3);
  const train = data(3);
  const by = (calibrate: false | 'temperature') =>
    new MLPClassifier({ hiddenLayers: [64, 64], l2: 0, epochs: 300, earlyStopping: false, onWarning: false, calibrate }).fitSync(
      train.X.slice(0, 150),
      train.y.slice(0, 150),
      { validationData: [train.X.slice(150), train.y.slice(150)] },
    );
  const [own, raw] = [by('temperature'), by(false)];
  const loss = (clf: MLPClassifier) => metrics.logLoss(y, clf.predictProba(X), { classes: clf.classes });
  const error = (clf: MLPClassifier) => metrics.expectedCalibrationError(y, clf.predictProba(X), { classes: clf.classes });
  expect(loss(own)).toBeLessThan(0.8 * loss(raw));
  expect(error(own)).toBeLessThan(0.5 * error(raw));
});

test('two classes have the probabilities of the estimator in a predictor whose memory had to grow', () => {
  const { X } = fresh(2);
  const clf = fitted(2, { calibrate: false, epochs: 3 });
  const [own, told] = [clf.predictProba(X).data, loadPredictor(clf.save()).predictProba(X).data];
  for (let k = 0; k < own.length; k++) expect(told[k]).toBeCloseTo(own[k]!, 5);
});

test('of several labels per row each is a yes or no: one temperature for all of them', () => {
  const { X } = data(2);
  const Y = X.map(([a, b, c]) => [a! + b! > 0 ? 1 : 0, b! - c! > 1 ? 1 : 0]);
  const clf = new MLPClassifier({ hiddenLayers: [8], epochs: 10, onWarning: false }).fitSync(X, Y);
  const plain = clf.clone({ calibrate: false }).fitSync(X, Y);
  expect(clf.calibration).toBe('temperature');
  expect(clf.predict(X)).toEqual(plain.predict(X));
  const { temperature } = clf.calibrator as { temperature: number };
  const [own, raw] = [clf.predictProba(X).data, plain.predictProba(X).data];
  for (let k = 0; k < 60; k++) expect(own[k]).toBeCloseTo(1 / (1 + ((1 - raw[k]!) / raw[k]!) ** (1 / temperature)), 5);
  expect(MLPClassifier.load(clf.save()).predictProba(X).data).toEqual(own);
  expect(loadPredictor(clf.save()).predict(X.slice(0, 20))).toEqual(clf.predict(X.slice(0, 20)));
});

test('a named calibration without rows to watch is refused before anything is trained', () => {
  const { X, y } = data(2);
  for (const calibrate of ['temperature', 'platt', 'isotonic'] as const)
    expect(() => fitted(2, { calibrate, earlyStopping: false })).toThrow(
      `calibrate: '${calibrate}' is fitted on rows that early stopping watches, and this fit has none.`,
    );
  expect(() => new MLPClassifier({ calibrate: 'platt' }).fitSync(X, y)).toThrow(/Add preset: 'none'/);
  expect(() => new MLPClassifier({ calibrate: 'beta' as never })).toThrow('temperature, platt, isotonic');
  const watched = new MLPClassifier({ calibrate: 'platt', earlyStopping: false, epochs: 3, onWarning: false });
  expect(watched.fitSync(X, y, { validationData: [X.slice(0, 40), y.slice(0, 40)] }).calibration).toBe('platt');
});

test('what an exporter cannot carry is refused by name', () => {
  expect(() => exportModule(fitted(2, { calibrate: 'isotonic' }))).toThrow(/isotonic regression, which cannot be exported/);
  const { X, y } = fresh(2);
  const clf = fitted(2).chooseThreshold(X, y, { costs: { falseNegative: 9 } });
  expect(() => exportModule(clf)).toThrow(/chooseThreshold/);
  expect(() => exportModule(clf, { labels: undefined as never })).not.toThrow();
});

describe('chooseThreshold', () => {
  const { X, y } = fresh(2);
  const clf = fitted(2);
  const second = () => Array.from({ length: X.length }, (_, i) => clf.predictProba(X).row(i)[1]!);

  test('is best among all thresholds: by costs, accuracy, F1, balanced accuracy and any function of the counts', () => {
    const p = second();
    const [no, yes] = clf.classes as [string, string];
    const told = (t: number) => p.map((value) => (value > t ? yes : no));
    const candidates = [0, 1, ...p.map((value) => value + 1e-9), ...p.map((value) => value - 1e-9)];
    const cost = (t: number, positive = yes, falseNegative = 7) => {
      const said = told(t);
      return said.reduce((sum, label, i) => sum + (label === y[i] ? 0 : y[i] === positive ? falseNegative : 1), 0);
    };
    for (const [options, loss] of [
      [{ costs: { falseNegative: 7 } }, (t: number) => cost(t)],
      [{ costs: { falseNegative: 7 }, positive: no }, (t: number) => cost(t, no)],
      [{ metric: 'accuracy' }, (t: number) => -metrics.accuracy(y, told(t))],
      [{ metric: 'f1' }, (t: number) => -metrics.f1(y, told(t), { positive: yes })],
      [{}, (t: number) => -metrics.balancedAccuracy(y, told(t))],
      [
        { metric: (of: { truePositives: number; falsePositives: number }) => of.truePositives - 3 * of.falsePositives },
        (t: number) => told(t).reduce((sum, label, i) => sum + (label === no ? 0 : y[i] === yes ? -1 : 3), 0),
      ],
    ] as const) {
      const threshold = clf.chooseThreshold(X, y, options as never).threshold!;
      const best = Math.min(...candidates.slice(0, 400).map(loss));
      expect(loss(threshold)).toBeLessThanOrEqual(best + 1e-12);
      expect(clf.predict(X)).toEqual(told(threshold));
      expect(clf.score(X, y)).toBeCloseTo(metrics.accuracy(y, told(threshold)), 12);
    }
  });

  test('stays with the file and in the predictor; a fit goes back to a half', () => {
    clf.chooseThreshold(X, y, { costs: { falseNegative: 20 } });
    const { threshold } = clf;
    expect(threshold).toBeLessThan(0.3);
    const loaded = MLPClassifier.load(clf.save());
    expect(loaded.threshold).toBe(threshold);
    expect(loaded.predict(X)).toEqual(clf.predict(X));
    expect(loadPredictor(clf.save()).predict(X.slice(0, 200))).toEqual(clf.predict(X.slice(0, 200)));
    expect(clf.clone().fitSync(X, y).threshold).toBeUndefined();
  });

  test('is refused for other numbers of classes, one class alone, and options that do not fit', () => {
    const three = fresh(3);
    expect(() => fitted(3, { epochs: 2 }).chooseThreshold(three.X, three.y)).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    );
    expect(() => clf.chooseThreshold([[0, 0, 0]], ['class 1'])).toThrow(expect.objectContaining({ code: 'ERR_LABEL' }));
    expect(() => clf.chooseThreshold(X, y, { metric: 'f1', costs: {} })).toThrow('metric and costs');
    expect(() => clf.chooseThreshold(X, y, { positive: 'class 9' })).toThrow('there is no class "class 9"');
    expect(() => clf.chooseThreshold(X, y, { metric: () => Number.NaN })).toThrow('metric');
  });
});

test('intervals and sets are the same in the predictor', () => {
  const { X, y } = fresh(3);
  const clf = fitted(3, { epochs: 5 }).conformalize(X, y);
  const predictor = loadPredictor(clf.save());
  for (const method of ['lac', 'aps'] as const)
    expect(predictor.predictSet(X.slice(0, 40), { method })).toEqual(clf.predictSet(X.slice(0, 40), { method }));
  expect(() => predictor.predictInterval(X)).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
});

test('a preset says that it corrected, and by how much: its logits are those of one that did not, divided', () => {
  const { X, y } = data(2);
  const preset = { preset: 'quick', epochs: 6, onWarning: false } as const;
  const clf = new MLPClassifier(preset).fitSync(X, y);
  const own = new MLPClassifier({ ...preset, calibrate: false }).fitSync(X, y);
  expect([own.calibration, own.networkTemperature, own.calibrator]).toEqual([undefined, undefined, undefined]);
  expect([clf.calibration, clf.calibrator]).toEqual(['temperature', undefined]);
  const logit = (model: MLPClassifier, i: number) => {
    const [first, second] = model.predictProba(X).row(i);
    return Math.log(second! / first!);
  };
  for (let i = 0; i < 20; i++) expect(logit(clf, i) * clf.networkTemperature!).toBeCloseTo(logit(own, i), 3);
  const again = MLPClassifier.load(clf.save());
  expect([again.calibration, again.networkTemperature]).toEqual(['temperature', clf.networkTemperature]);
  expect(clf.partialFit(X, y).calibration).toBeUndefined();
});
