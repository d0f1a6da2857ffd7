import { describe, expect, test } from 'vitest';
import type { Label, Labels } from '../../src/data/labels.js';
import { matrix } from '../../src/data/matrix.js';
import * as metrics from '../../src/data/metrics/index.js';
import { codeOf, refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

type Averages = Record<metrics.Average, { precision: number; recall: number; f1: number; f1One: number }>;
interface ClassValues {
  accuracy: number;
  averages: Averages;
  balancedAccuracy?: number;
  confusion?: number[][];
  confusion_true?: number[][];
  confusion_pred?: number[][];
  confusion_all?: number[][];
}
interface BinaryValues {
  rocAuc: number;
  logLoss: number;
  brier: number;
  top1: number;
}
type NumberName = 'r2' | 'meanAbsoluteError' | 'meanSquaredError' | 'rootMeanSquaredError' | 'meanAbsolutePercentageError';
type NumberValues = Record<NumberName, number> & { maxError?: number };

interface Fixture {
  classes: { true: Label[]; predicted: Label[]; weight?: number[]; plain: ClassValues; weighted?: ClassValues }[];
  multilabel: { true: number[][]; predicted: number[][]; plain: ClassValues }[];
  binary: ({ true: number[]; scores: number[]; weight: number[]; plain: BinaryValues; weighted: BinaryValues } & Record<
    string,
    unknown
  >)[];
  multiclass: {
    true: number[];
    scores: number[][];
    weight: number[];
    logLoss: number;
    logLossWeighted: number;
    ovr_macro: number;
    ovr_weighted: number;
    ovo_macro: number;
    ovo_weighted: number;
    ovr_sampleWeight: number;
    indicators: number[][];
    multilabelAuc: number;
    multilabelAucWeighted: number;
    topK: number[];
  }[];
  extreme: { true: number[]; scores: number[] | number[][]; classes?: number[]; logLoss: number }[];
  numbers: {
    true: number[] | number[][];
    predicted: number[] | number[][];
    weight?: number[];
    plain: NumberValues;
    weighted?: NumberValues;
  }[];
}

const golden = fixture<Fixture>('sklearn-metrics.json');

/** Equal up to the order of summation, which scikit-learn and we choose differently. */
function same(ours: number, theirs: number): void {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(theirs)));
}
function sameMatrix(ours: number[][], theirs: number[][]): void {
  expect(ours.length).toBe(theirs.length);
  ours.forEach((row, i) => {
    row.forEach((value, j) => {
      same(value, theirs[i]![j]!);
    });
  });
}

function expectClassValues(yTrue: Labels, yPred: Labels, wanted: ClassValues, sampleWeight?: number[]): void {
  same(metrics.accuracy(yTrue, yPred, { sampleWeight }), wanted.accuracy);
  for (const [average, values] of Object.entries(wanted.averages) as [metrics.Average, Averages['macro']][]) {
    same(metrics.precision(yTrue, yPred, { average, sampleWeight }), values.precision);
    same(metrics.recall(yTrue, yPred, { average, sampleWeight }), values.recall);
    same(metrics.f1(yTrue, yPred, { average, sampleWeight }), values.f1);
    same(metrics.f1(yTrue, yPred, { average, sampleWeight, zeroDivision: 1 }), values.f1One);
  }
  if (wanted.balancedAccuracy === undefined) return;
  same(metrics.balancedAccuracy(yTrue, yPred, { sampleWeight }), wanted.balancedAccuracy);
  sameMatrix(metrics.confusionMatrix(yTrue, yPred, { sampleWeight }).counts, wanted.confusion!);
  sameMatrix(metrics.confusionMatrix(yTrue, yPred, { sampleWeight, normalize: 'true' }).counts, wanted.confusion_true!);
  sameMatrix(metrics.confusionMatrix(yTrue, yPred, { sampleWeight, normalize: 'predicted' }).counts, wanted.confusion_pred!);
  sameMatrix(metrics.confusionMatrix(yTrue, yPred, { sampleWeight, normalize: 'all' }).counts, wanted.confusion_all!);
}

describe("metrics give scikit-learn's values", () => {
  test('of classes: accuracy, balanced accuracy, precision, recall, F1 in every average, confusion matrices, with and without weights', () => {
    for (const { true: yTrue, predicted, weight, plain, weighted } of golden.classes) {
      expectClassValues(yTrue, predicted, plain);
      if (weighted !== undefined) expectClassValues(yTrue, predicted, weighted, weight);
    }
  });

  test('of several labels per row', () => {
    for (const { true: yTrue, predicted, plain } of golden.multilabel) {
      expectClassValues(yTrue, predicted, plain);
      expectClassValues(matrix(yTrue), matrix(predicted), plain);
    }
  });

  test('of scores for two classes: ROC AUC with ties, log loss, Brier, top-1, with and without weights', () => {
    for (const { true: yTrue, scores, weight, plain, weighted } of golden.binary)
      for (const [values, sampleWeight] of [
        [plain, undefined],
        [weighted, weight],
      ] as const) {
        same(metrics.rocAuc(yTrue, scores, { sampleWeight }), values.rocAuc);
        same(metrics.logLoss(yTrue, scores, { sampleWeight }), values.logLoss);
        same(metrics.brierScore(yTrue, scores, { sampleWeight }), values.brier);
        same(metrics.topKAccuracy(yTrue, scores, { k: 1, sampleWeight }), values.top1);
        const twoColumns = scores.map((p) => [1 - p, p]);
        same(metrics.rocAuc(yTrue, twoColumns, { sampleWeight }), values.rocAuc);
        same(metrics.logLoss(yTrue, twoColumns, { sampleWeight }), values.logLoss);
        same(metrics.brierScore(yTrue, twoColumns, { sampleWeight }), 2 * values.brier);
      }
  });

  test('of calibration, in equal and in quantile bins', () => {
    for (const row of golden.binary)
      for (const strategy of ['uniform', 'quantile'] as const)
        for (const bins of [1, 4, 10]) {
          const wanted = row[`${strategy}${bins}`] as { fraction: number[]; mean: number[] };
          const table = metrics.calibrationTable(row.true, row.scores, { bins, strategy });
          expect(table).toHaveLength(wanted.mean.length);
          table.forEach((bin, b) => {
            same(bin.meanPredicted, wanted.mean[b]!);
            same(bin.fractionPositive, wanted.fraction[b]!);
          });
          expect(table.reduce((sum, { count }) => sum + count, 0)).toBe(row.true.length);
        }
  });

  test('of scores for several classes: ROC AUC one against the rest and by pairs, log loss, top-k with ties, multilabel', () => {
    for (const row of golden.multiclass) {
      same(metrics.logLoss(row.true, row.scores), row.logLoss);
      same(metrics.logLoss(row.true, row.scores, { sampleWeight: row.weight }), row.logLossWeighted);
      for (const multiclass of ['ovr', 'ovo'] as const)
        for (const average of ['macro', 'weighted'] as const)
          same(metrics.rocAuc(row.true, row.scores, { multiclass, average }), row[`${multiclass}_${average}`]);
      same(metrics.rocAuc(row.true, row.scores, { sampleWeight: row.weight }), row.ovr_sampleWeight);
      same(metrics.rocAuc(row.indicators, row.scores), row.multilabelAuc);
      same(metrics.rocAuc(row.indicators, row.scores, { average: 'weighted' }), row.multilabelAucWeighted);
      row.topK.forEach((value, i) => {
        same(metrics.topKAccuracy(row.true, row.scores, { k: i + 1 }), value);
      });
      const oneHot = row.true.map((c) => row.scores[0]!.map((_, j) => (j === c ? 1 : 0)));
      same(metrics.logLoss(oneHot, row.scores), row.logLoss);
    }
  });

  test('of probabilities 0 and 1, classes that do not occur, and one class only with classes named', () => {
    for (const { true: yTrue, scores, classes, logLoss } of golden.extreme)
      same(metrics.logLoss(yTrue, scores, { classes }), logLoss);
  });

  test('of numbers: R2, errors, percentages, one or several columns, mean 1e6, constants, with and without weights', () => {
    const { r2, meanAbsoluteError, meanSquaredError, rootMeanSquaredError, meanAbsolutePercentageError } = metrics;
    const functions = { r2, meanAbsoluteError, meanSquaredError, rootMeanSquaredError, meanAbsolutePercentageError };
    const names = Object.keys(functions) as NumberName[];
    for (const { true: yTrue, predicted, weight, plain, weighted } of golden.numbers) {
      for (const name of names) {
        same(functions[name](yTrue, predicted), plain[name]);
        if (weighted !== undefined) same(functions[name](yTrue, predicted, { sampleWeight: weight }), weighted[name]);
      }
      if (plain.maxError !== undefined) same(metrics.maxError(yTrue, predicted), plain.maxError);
    }
  });
});

describe('metrics', () => {
  test('classes may be any labels, one-hot rows, class ids, or rows of scores', () => {
    expect(metrics.accuracy(['a', 'b'], ['a', 'a'])).toBe(0.5);
    expect(metrics.accuracy([true, false], [true, true])).toBe(0.5);
    expect(metrics.accuracy(new Int32Array([1, 2]), matrix([[1], [2]]))).toBe(1);
    const scores = [
      [0.7, 0.2, 0.1],
      [0.2, 0.3, 0.5],
      [0.1, 0.8, 0.1],
    ];
    const oneHot = [
      [1, 0, 0],
      [0, 0, 1],
      [1, 0, 0],
    ];
    expect(metrics.accuracy([0, 2, 0], scores)).toBeCloseTo(2 / 3);
    expect(metrics.accuracy(oneHot, scores)).toBeCloseTo(2 / 3);
    expect(metrics.accuracy(matrix(oneHot), matrix(scores))).toBeCloseTo(2 / 3);
    expect(metrics.accuracy(oneHot, [0, 2, 1])).toBeCloseTo(2 / 3);
    expect(metrics.confusionMatrix(oneHot, scores).counts).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 1],
    ]);
    expect(metrics.confusionMatrix(oneHot, scores, { classes: ['x', 'y', 'z'] }).classes).toEqual(['x', 'y', 'z']);
  });

  test('the positive class is the second of two, or the one asked for', () => {
    const yTrue = ['no', 'yes', 'yes', 'yes'];
    const yPred = ['no', 'yes', 'no', 'no'];
    expect(metrics.recall(yTrue, yPred)).toBeCloseTo(1 / 3);
    expect(metrics.recall(yTrue, yPred, { positive: 'no' })).toBe(1);
    expect(codeOf(() => metrics.recall(yTrue, yPred, { positive: 'nein' }))).toBe('ERR_OPTION');
    expect(metrics.rocAuc(yTrue, [0.9, 0.1, 0.2, 0.3])).toBe(0);
    expect(metrics.rocAuc(yTrue, [0.9, 0.1, 0.2, 0.3], { positive: 'no' })).toBe(1);
    expect(metrics.brierScore(yTrue, [0, 1, 1, 1])).toBe(0);
    expect(metrics.precision([true, true], [true, true])).toBe(1);
    expect(codeOf(() => metrics.precision(['a', 'a'], ['a', 'a']))).toBe('ERR_LABEL');
  });

  test('more than two classes need an average, and the error says so', () => {
    expect(refusal(() => metrics.f1([0, 1, 2], [0, 1, 2])).message).toContain("average: 'macro', 'micro' or 'weighted'");
  });

  test('the confusion matrix prints as a table', () => {
    expect(String(metrics.confusionMatrix(['cat', 'dog', 'dog'], ['cat', 'dog', 'cat']))).toBe(
      ['true \\ predicted  cat  dog', 'cat                 1    0', 'dog                 1    1'].join('\n'),
    );
  });

  test('the classification report has a row per class', () => {
    expect(metrics.classificationReport(['a', 'b', 'b'], ['a', 'b', 'a'])).toEqual([
      { label: 'a', precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
      { label: 'b', precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
    ]);
  });

  test('R2 of one row is NaN, as in scikit-learn', () => {
    expect(metrics.r2([1], [1])).toBeNaN();
  });

  test('float32 probabilities a rounding above 1 are forgiven, others outside [0, 1] are ERR_RANGE', () => {
    expect(metrics.logLoss([1, 0], [1 + 1e-7, 0])).toBeLessThan(1e-14);
    for (const p of [1.1, -0.1]) expect(refusal(() => metrics.logLoss([1, 0], [0.5, p])).message).toContain('row 1, column 0');
    expect(codeOf(() => metrics.brierScore([1, 0], [0.5, 2]))).toBe('ERR_RANGE');
  });

  test('classes that do not fit the columns are refused with a way out', () => {
    const three = [
      [0.1, 0.2, 0.7],
      [0.3, 0.3, 0.4],
    ];
    expect(metrics.topKAccuracy([2, 0], three, { k: 1 })).toBe(0.5); // class ids, class 1 does not occur
    expect(refusal(() => metrics.logLoss(['a', 'b'], three)).message).toContain('option classes');
    expect(metrics.topKAccuracy(['a', 'b'], three, { k: 1, classes: ['a', 'b', 'c'] })).toBe(0);
    expect(codeOf(() => metrics.logLoss(['a', 'b'], three, { classes: ['a', 'b'] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => metrics.logLoss(['a', 'd'], three, { classes: ['a', 'b', 'c'] }))).toBe('ERR_LABEL');
  });

  test('weights must be one per row, >= 0 and not all 0', () => {
    for (const [sampleWeight, code] of [
      [[1], 'ERR_SHAPE'],
      [[1, -1], 'ERR_OPTION'],
      [[0, 0], 'ERR_OPTION'],
      [[1, Number.NaN], 'ERR_NONFINITE'],
    ] as const) {
      expect(codeOf(() => metrics.accuracy([0, 1], [0, 1], { sampleWeight }))).toBe(code);
      expect(codeOf(() => metrics.r2([0, 1], [0, 1], { sampleWeight }))).toBe(code);
    }
  });

  test('a typo in an option is refused with the nearest name', () => {
    expect(refusal(() => metrics.accuracy([1], [1], { sampleWeights: [1] } as object)).message).toContain(
      'Did you mean "sampleWeight"',
    );
    expect(refusal(() => metrics.f1([1], [1], { average: 'makro' as 'macro' })).message).toContain('Did you mean "macro"');
  });
});

describe('faults in metrics', () => {
  test('fault 3: NaN in targets or predictions is an error with the row, never a NaN score', () => {
    expect(refusal(() => metrics.r2([1, Number.NaN], [1, 2])).message).toContain('yTrue: row 1, column 0 is NaN');
    expect(codeOf(() => metrics.meanSquaredError([1, 2], [1, Number.POSITIVE_INFINITY]))).toBe('ERR_NONFINITE');
    expect(codeOf(() => metrics.accuracy([1, Number.NaN], [1, 1]))).toBe('ERR_LABEL');
    expect(codeOf(() => metrics.rocAuc([0, 1], [0, Number.NaN]))).toBe('ERR_NONFINITE');
  });

  test('fault 6: empty input is ERR_EMPTY', () => {
    expect(codeOf(() => metrics.accuracy([], []))).toBe('ERR_EMPTY');
    expect(codeOf(() => metrics.meanAbsoluteError([], []))).toBe('ERR_EMPTY');
    expect(codeOf(() => metrics.logLoss([], []))).toBe('ERR_EMPTY');
  });

  test('fault 8: different lengths or widths are ERR_SHAPE with both', () => {
    expect(refusal(() => metrics.accuracy([1, 2, 3], [1, 2])).message).toBe('yTrue has 3 rows, but yPred has 2.');
    expect(codeOf(() => metrics.r2([1, 2, 3], [1, 2]))).toBe('ERR_SHAPE');
    expect(codeOf(() => metrics.r2([[1, 2]], [[1]]))).toBe('ERR_SHAPE');
    expect(codeOf(() => metrics.rocAuc([0, 1, 1], [0.1, 0.2]))).toBe('ERR_SHAPE');
    expect(codeOf(() => metrics.logLoss([0, 1, 1], [0.1, 0.2]))).toBe('ERR_SHAPE');
  });

  test('fault 11: strings and null among numbers are ERR_TYPE', () => {
    expect(codeOf(() => metrics.r2(['1', '2'] as unknown as number[], [1, 2]))).toBe('ERR_TYPE');
    expect(codeOf(() => metrics.accuracy([1, null as unknown as number], [1, 1]))).toBe('ERR_TYPE');
  });

  test('fault 16: labels that are no class of the columns are ERR_LABEL with the row', () => {
    const scores = [
      [0.6, 0.4, 0],
      [0.1, 0.8, 0.1],
    ];
    for (const label of [-1, 3, 1.5]) expect(codeOf(() => metrics.accuracy([0, label], scores))).toBe('ERR_LABEL');
    expect(codeOf(() => metrics.confusionMatrix([0, 1], [0, 5], { classes: [0, 1] }))).toBe('ERR_LABEL');
    expect(codeOf(() => metrics.accuracy(['a', 'b'], [0, 1]))).toBe('ERR_LABEL');
  });

  test('fault 16: probabilities where classes are wanted are ERR_LABEL with a way out, not a score of 0', () => {
    const error = refusal(() => metrics.accuracy([0, 1], [0.2, 0.9]));
    expect(error.code).toBe('ERR_LABEL');
    expect(error.message).toContain('p > 0.5');
    expect(
      codeOf(() =>
        metrics.accuracy(
          [
            [1, 1],
            [0, 1],
          ],
          [
            [0.5, 0.2],
            [0.1, 0.9],
          ],
        ),
      ),
    ).toBe('ERR_LABEL');
  });

  test('fault 17: one class only is a clear ERR_LABEL where the metric needs two, and a value elsewhere', () => {
    expect(refusal(() => metrics.rocAuc([1, 1], [0.1, 0.2])).message).toContain('one class only');
    expect(refusal(() => metrics.logLoss([1, 1], [0.1, 0.2])).message).toContain('option classes');
    expect(metrics.accuracy([1, 1], [1, 1])).toBe(1);
    expect(metrics.balancedAccuracy(['a', 'a'], ['a', 'b'])).toBe(0.5);
    expect(metrics.confusionMatrix([1, 1], [1, 1]).counts).toEqual([[2]]);
    expect(metrics.brierScore([1, 1], [1, 1])).toBe(0);
  });

  test('fault 18: a class that is declared but absent works', () => {
    const { classes, counts } = metrics.confusionMatrix(['a'], ['b'], { classes: ['c', 'b', 'a'] });
    expect(classes).toEqual(['c', 'b', 'a']);
    expect(counts[2]).toEqual([0, 1, 0]);
    expect(
      metrics.logLoss(
        [0, 1],
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ),
    ).toBeLessThan(1e-14);
  });

  test('fault 67: metrics leave their inputs as they were', () => {
    const yTrue = Object.freeze([0, 1, 1, 0]) as number[];
    const scores = new Float64Array([0.1, 0.2, 1.0000001, 0.4]);
    const before = [...scores];
    metrics.logLoss(yTrue, scores);
    metrics.rocAuc(yTrue, scores);
    metrics.calibrationTable(yTrue, scores, { strategy: 'quantile' });
    expect([...scores]).toEqual(before);
  });
});
