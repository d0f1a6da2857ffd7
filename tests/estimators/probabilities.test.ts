// Probabilities of two classes: both from the logit, so that a row and its mirror image are told alike.

import { describe, expect, test } from 'vitest';
import * as metrics from '../../src/data/metrics/index.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';

const X = Array.from({ length: 64 }, (_, i) => [(i - 31.5) / 8]);
const y = X.map(([x]) => (x! > 0 ? 'yes' : 'no'));
const fitted = (more = {}) => {
  const clf = new MLPClassifier({ hiddenLayers: [], scale: 'none', epochs: 1, earlyStopping: false, ...more }).fitSync(X, y);
  const [weight, bias] = clf.model.parameters();
  weight!.set([1]);
  bias!.set([0]);
  return clf;
};

describe('predictProba of two classes', () => {
  test.each([{}, { weightAveraging: { decay: 0.9 } }, { deterministic: true }])('is symmetric: %o', (more) => {
    const clf = fitted({ onWarning: false, ...more });
    for (const z of [0, 0.25, 1, 5, 16, 17, 18.57, 30, 80]) {
      const [no, yes] = clf.predictProba([[z]]).data;
      const [mirroredNo, mirroredYes] = clf.predictProba([[-z]]).data;
      expect(no).toBeCloseTo(mirroredYes!, 7);
      expect(Math.abs(no! / (1 / (1 + Math.exp(z))) - 1)).toBeLessThan(1e-5);
      expect(yes).toBe(clf.model.predict([[z]]).data[0]);
      expect(yes! + no!).toBeCloseTo(1, 6);
      expect(mirroredNo).toBeCloseTo(yes!, 6);
    }
  });

  test('follows weights that are changed after the first call, and a new fit', () => {
    const clf = fitted({ onWarning: false });
    clf.predictProba([[20]]);
    clf.model.parameters()[0]!.set([2]);
    expect(clf.predictProba([[20]]).data[0]! / Math.exp(-40)).toBeCloseTo(1, 5);
    clf.fitSync(X, y);
    const [no, yes] = clf.predictProba([[0.5]]).data;
    expect(no! + yes!).toBeCloseTo(1, 6);
  });

  test('a mistake and its mirror image cost the same', () => {
    const clf = fitted({ onWarning: false });
    const loss = (x: number, label: string) => metrics.logLoss([label], clf.predictProba([[x]]), { classes: ['no', 'yes'] });
    expect(loss(10, 'no')).toBeCloseTo(loss(-10, 'yes'), 4);
    expect(loss(18.57, 'no')).toBeCloseTo(loss(-18.57, 'yes'), 5);
  });
});

// scikit-learn 1.2: log_loss([0, 1], numpy.array([[0, 1], [0, 1]], dtype)), which clips by the epsilon of the type.
test('logLoss holds float32 probabilities to the epsilon of float32, others to that of float64', () => {
  const rows = new Float32Array([0, 1, 0, 1]);
  expect(metrics.logLoss([0, 1], { data: rows, shape: [2, 2] })).toBeCloseTo(7.971192, 5);
  expect(metrics.logLoss([0, 1], [rows.subarray(0, 2), rows.subarray(2)])).toBeCloseTo(7.971192, 5);
  expect(metrics.logLoss([0, 1], new Float32Array([1, 1]))).toBeCloseTo(7.971192, 5);
  expect(metrics.logLoss([0, 1], [[0, 1], [0, 1]])).toBeCloseTo(18.021826694558577, 9); // biome-ignore format: rows
});
