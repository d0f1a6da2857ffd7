// Classes with an order: a cumulative link with ordered thresholds, against its definition written plainly here.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { explain } from '../../src/explain/explain.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { exportModule } from '../../src/formats/standalone.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { quantize } from '../../src/quantize/quantize.js';
import { refusal } from '../support/errors.js';

const random = new Random(7, 'ordinal');
const table = Array.from({ length: 500 }, () => ({ size: random.between(0, 10), noise: random.normal() }));
const order = ['low', 'mid', 'high', 'top'];
const grades = table.map(({ size }) => order[Math.min(3, Math.max(0, Math.floor((size + random.normal()) / 2.5)))]!);
const plain = {
  hiddenLayers: [8],
  activation: 'tanh',
  epochs: 60,
  learningRate: 0.01,
  earlyStopping: false,
  onWarning: false,
} as const;

describe('MLPClassifier with ordinal', () => {
  const clf = new MLPClassifier({ ...plain, ordinal: order }).fitSync(table, grades);
  const proba = clf.predictProba(table);

  test('keeps the order, and its probabilities are those of a cumulative link with ordered thresholds', () => {
    expect([clf.classes, clf.ordered]).toEqual([order, true]);
    expect(proba.shape).toEqual([500, 4]);
    const sums = clf.model.predict(scaled(clf));
    const logit = (p: number) => Math.log(p / (1 - p));
    const gaps: number[][] = [];
    proba.toArray().forEach((row, i) => {
      expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(row.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-6);
      const [a, b, c] = Array.from(sums.row(i));
      [a!, b! - a!, c! - b!, 1 - c!].forEach((p, k) => expect(row[k]).toBeCloseTo(p, 6));
      if (a! > 1e-3 && c! < 0.999) gaps.push([logit(b!) - logit(a!), logit(c!) - logit(b!)]);
    });
    // Thresholds stand apart by as much for every row, and in order: only f(x) differs.
    expect(gaps.length).toBeGreaterThan(20);
    for (const [first, second] of gaps) {
      expect(first).toBeGreaterThan(0);
      expect(first! - gaps[0]![0]!).toBeCloseTo(0, 2);
      expect(second! - gaps[0]![1]!).toBeCloseTo(0, 2);
    }
  });

  test('learns, says the likeliest class, and keeps all of it in its file and in a predictor', () => {
    expect(clf.score(table, grades)).toBeGreaterThan(0.6);
    const likeliest = proba.toArray().map((row) => order[row.indexOf(Math.max(...row))]);
    expect(clf.predict(table)).toEqual(likeliest);
    const again = loadEstimator(clf.save()) as MLPClassifier;
    expect([again.classes, again.ordered]).toEqual([order, true]);
    expect(again.predictProba(table)).toEqual(proba);
    const predictor = loadPredictor(clf.save());
    expect(predictor.classes).toEqual(order);
    expect(predictor.predict(table)).toEqual(clf.predict(table));
    expect(predictor.predictProba(table)).toEqual(proba);
    again.partialFit(table, grades);
    expect(again.predictProba(table).shape).toEqual([500, 4]);
  });

  test('has derivatives and explanations of each class, corrected or not', () => {
    const probe = table.slice(0, 6);
    for (const model of [
      clf,
      new MLPClassifier({ ...plain, ordinal: order, earlyStopping: true, calibrate: 'temperature' }).fitSync(table, grades),
    ])
      for (const [k, label] of order.entries()) {
        const gradient = model.inputGradient(probe, label).column('size');
        const moved = (by: number) => model.predictProba(probe.map((row) => ({ ...row, size: row.size + by })));
        const [above, below] = [moved(0.02), moved(-0.02)];
        gradient.forEach((slope, i) => expect(Math.abs(slope - (above.row(i)[k]! - below.row(i)[k]!) / 0.04)).toBeLessThan(2e-3));
      }
    const { base, values, predictions } = explain(clf, probe, { background: table.slice(0, 30), output: 'mid' });
    predictions.forEach((p, i) => {
      expect(p).toBeCloseTo(proba.row(i)[1]!, 5);
      expect(base + values.row(i)[0]! + values.row(i)[1]!).toBeCloseTo(p, 6);
    });
  });

  test('rises in its classes with a monotone column: no class at most another becomes likelier', () => {
    const own = new MLPClassifier({ ...plain, hiddenLayers: [8, 8], ordinal: order, monotone: { size: 1 }, epochs: 10 }).fitSync(
      table,
      grades,
    );
    const line = own.predictProba(Array.from({ length: 120 }, (_, i) => ({ size: i / 4 - 10, noise: 0.3 })));
    for (let i = 1; i < 120; i++)
      for (let k = 1; k < 4; k++) {
        const atMost = (row: number) =>
          Array.from(line.row(row))
            .slice(0, k)
            .reduce((a, b) => a + b, 0);
        expect(atMost(i)).toBeLessThanOrEqual(atMost(i - 1) + 1e-6);
      }
  });

  test('takes numbers in their order, two classes, conformal sets, and refuses the rest by name', () => {
    const numbers = new MLPClassifier({ ...plain, ordinal: true, epochs: 5 }).fitSync(
      table,
      grades.map((grade) => order.indexOf(grade)),
    );
    expect(numbers.classes).toEqual([0, 1, 2, 3]);
    expect(
      numbers
        .conformalize(
          table,
          grades.map((grade) => order.indexOf(grade)),
        )
        .predictSet(table)[0]!.length,
    ).toBeGreaterThan(0);
    const two = new MLPClassifier({ ...plain, ordinal: ['small', 'large'], epochs: 20 }).fitSync(
      table,
      table.map(({ size }) => (size > 5 ? 'large' : 'small')),
    );
    expect([two.classes, two.ordered]).toEqual([['small', 'large'], false]);
    expect(loadEstimator(two.save()).predict(table as never)).toEqual(two.predict(table));
    for (const [name, write] of Object.entries({ exportModule, exportWasm, exportOnnx })) {
      const { code, message } = refusal(() => write(clf));
      expect([name, code]).toEqual([name, 'ERR_UNSUPPORTED']);
      expect(message).toMatch(
        new RegExp(`^${name}: the network of a classifier with the option ordinal .* Export its model alone\\.$`),
      );
    }
    // In whole numbers it keeps its order; as code these are refused too (tests/quantize/exports.test.ts).
    const small = quantize(clf, table, { maxLoss: 0.1 });
    expect([small.classes, small.predict(table as never).length]).toEqual([clf.classes, table.length]);
    // Its model alone gives what the thresholds say: the probability that the class is at most each of them.
    expect(exportOnnx(clf.model).length).toBeGreaterThan(100);
    expect(exportModule(clf.model).code).toContain('export function predict');
    expect(exportWasm(clf.model).wasm.length).toBeGreaterThan(100);
    const of = (options: object) => refusal(() => new MLPClassifier(options)).message;
    expect(of({ ordinal: ['a'] })).toContain('ordinal: expected true, or different labels');
    expect(of({ ordinal: ['a', 1] })).toContain('ordinal: expected true');
    expect(of({ ordinal: true, preset: 'quick' })).toContain("ordinal: preset: 'quick' settles it");
    expect(refusal(() => new MLPClassifier({ ...plain, ordinal: ['low', 'mid', 'high'] }).fitSync(table, grades)).code).toBe(
      'ERR_LABEL',
    );
    expect(
      refusal(() =>
        new MLPClassifier({ ...plain, ordinal: true }).fitSync(
          table,
          table.map(() => [1, 0]),
        ),
      ).message,
    ).toContain('ordinal: ');
    expect(
      refusal(() => new MLPClassifier({ ...plain, ordinal: order, labelSmoothing: 0.1 }).fitSync(table, grades)).message,
    ).toContain('labelSmoothing');
  });
});

/** Rows as the network behind a classifier takes them. */
function scaled(clf: MLPClassifier) {
  return clf.scaler!.transform(table.map(({ size, noise }) => [size, noise]));
}
