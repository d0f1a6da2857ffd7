// One name, one formula: what a model reports is what metrics.* gives for its predictions, on random outputs with several
// columns, ties, weights and several labels per row. The values of metrics.* are scikit-learn's (tests/data/metrics.test.ts).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MLP, dense, metrics, type LossLike } from '../../src/entries/index.js';
import { metricNames } from '../../src/plan/metrics.js';
import { codeOf, refusal } from '../support/errors.js';

/** A model whose outputs are its inputs. */
function mirror(columns: number, loss: LossLike, names: readonly string[], fromActivation = {}): MLP {
  const model = new MLP({
    inputs: columns,
    layers: [dense(columns, { bias: false, ...fromActivation })],
    loss,
    metrics: names as never,
  });
  const eye = Array.from({ length: columns * columns }, (_, k) => (k % (columns + 1) === 0 ? 1 : 0));
  model.parameters()[0]!.set(eye);
  return model;
}

const numeric = ['meanSquaredError', 'rootMeanSquaredError', 'meanAbsoluteError', 'meanAbsolutePercentageError', 'r2'] as const;
/** Numbers that tie often, and are exact in float32. */
const value = fc.integer({ min: -12, max: 12 }).map((n) => n / 4);
const rowsOf = <T>(columns: number, cell: fc.Arbitrary<T>, rows: number) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });
const shape = fc.record({ rows: fc.integer({ min: 2, max: 40 }), columns: fc.integer({ min: 1, max: 4 }) });
const weightsOf = (rows: number) =>
  fc.option(
    fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: rows, maxLength: rows })
      .map((w) => w.map((v, i) => (i === 0 ? v + 1 : v))),
    { nil: undefined },
  );

const close = (actual: number | undefined, expected: number) => {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else expect(Math.abs(actual! - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
};

describe('one metric name is one formula', () => {
  test('of numbers, with one or several outputs, weighted or not, in one batch or several', () => {
    fc.assert(
      fc.property(
        shape.chain(({ rows, columns }) => fc.tuple(rowsOf(columns, value, rows), rowsOf(columns, value, rows), weightsOf(rows))),
        fc.integer({ min: 1, max: 9 }),
        ([y, predicted, sampleWeight], batchSize) => {
          const names = [...numeric, 'maxError'];
          const evaluation = mirror(y[0]!.length, 'meanSquaredError', names).evaluate(predicted, y, { sampleWeight, batchSize });
          for (const name of numeric) close(evaluation[name], metrics[name](y, predicted, { sampleWeight }));
          close(evaluation['maxError'], metrics.maxError(y, predicted));
        },
      ),
      { numRuns: 150, seed: 1 },
    );
  });

  test('of classes by id and by one-hot rows, ties included', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 7 })
          .chain((columns) =>
            fc
              .integer({ min: 2, max: 30 })
              .chain((rows) =>
                fc.tuple(
                  rowsOf(columns, value, rows),
                  fc.array(fc.integer({ min: 0, max: columns - 1 }), { minLength: rows, maxLength: rows }),
                  weightsOf(rows),
                ),
              ),
          ),
        ([scores, ids, sampleWeight]) => {
          const columns = scores[0]!.length;
          const classes = Array.from({ length: columns }, (_, c) => c);
          const oneHot = ids.map((id) => classes.map((c) => (c === id ? 1 : 0)));
          const names = ['accuracy', 'topKAccuracy'];
          const byId = mirror(columns, { name: 'sparseCategoricalCrossEntropy', fromLogits: true }, names).evaluate(scores, ids, {
            sampleWeight,
          });
          const byRow = mirror(columns, { name: 'categoricalCrossEntropy', fromLogits: true }, names).evaluate(scores, oneHot, {
            sampleWeight,
          });
          const byNumber = mirror(columns, 'meanSquaredError', names).evaluate(scores, oneHot, { sampleWeight });
          const best = scores.map((row) => row.indexOf(Math.max(...row)));
          for (const evaluation of [byId, byRow, byNumber]) {
            close(evaluation['accuracy'], metrics.accuracy(ids, best, { sampleWeight }));
            close(evaluation['topKAccuracy'], metrics.topKAccuracy(ids, scores, { classes, sampleWeight }));
          }
        },
      ),
      { numRuns: 100, seed: 2 },
    );
  });

  test('of several labels per row: a row is right when all its labels are', () => {
    fc.assert(
      fc.property(
        shape.chain(({ rows, columns }) =>
          fc.tuple(rowsOf(columns, value, rows), rowsOf(columns, fc.integer({ min: 0, max: 1 }), rows), weightsOf(rows)),
        ),
        ([scores, y, sampleWeight]) => {
          const model = mirror(y[0]!.length, { name: 'binaryCrossEntropy', fromLogits: true }, ['accuracy']);
          const said = scores.map((row) => row.map((v) => (v > 0 ? 1 : 0)));
          const right = y.map((row, i) => (row.every((v, j) => v === said[i]![j]) ? 1 : 0) * (sampleWeight?.[i] ?? 1));
          const total = sampleWeight?.reduce((a, b) => a + b, 0) ?? y.length;
          const accuracy = right.reduce((a, b) => a + b, 0) / total;
          close(model.evaluate(scores, y, { sampleWeight }).accuracy, accuracy);
        },
      ),
      { numRuns: 100, seed: 3 },
    );
    const y = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    const never = mirror(3, { name: 'binaryCrossEntropy', fromLogits: true }, ['accuracy']);
    const silent = y.map((row) => row.map(() => -1));
    expect(never.evaluate(silent, y).accuracy).toBe(0);
    expect(
      metrics.accuracy(
        y,
        y.map((row) => row.map(() => 0)),
      ),
    ).toBe(0);
  });

  test('r2 of several outputs is the mean of theirs, however far apart they lie', () => {
    const model = mirror(2, 'meanSquaredError', ['r2']);
    const y = [
      [1001, 1],
      [1002, 2],
      [1003, 3],
      [1004, 4],
    ];
    const predicted = y.map(() => [1002.5, 2.5]);
    expect(model.evaluate(predicted, y)['r2']).toBe(0);
    expect(metrics.r2(y, predicted)).toBe(0);
  });

  test('every metric of a model is one of metrics', () => {
    for (const name of metricNames) expect(metrics, name).toHaveProperty(name);
  });

  test('while a model trains its metrics do not count weights, and sums of an interrupted epoch go on', async () => {
    const options = { inputs: 2, layers: [dense(2)], metrics: ['r2', 'rootMeanSquaredError'] as never, seed: 4 };
    const X = Array.from({ length: 10 }, (_, i) => [Math.sin(i), Math.cos(i)]);
    const whole = new MLP(options);
    const expected = whole.fitSync(X, X, { epochs: 1, batchSize: 2 }).epochs[0]!;
    const parts = new MLP(options);
    const controller = new AbortController();
    const hooks = { onBatchEnd: (log: { batch: number }) => log.batch === 2 && controller.abort() };
    await parts.fit(X, X, { epochs: 1, batchSize: 2, signal: controller.signal, ...hooks }).catch(() => {});
    const loaded = MLP.load(parts.save({ optimizer: true }));
    expect(loaded.fitSync(X, X, { epochs: 1, batchSize: 2 }).epochs[0]!['r2']).toBe(expected['r2']);
  });
});

describe('accuracy cuts where targets and outputs are', () => {
  const tanh = () => mirror(1, 'meanSquaredError', ['accuracy'], { activation: 'tanh' });

  test('targets of -1 and +1 by sign, of 0 and 1 at one half', () => {
    expect(tanh().evaluate([[0.2], [-0.2], [0.3], [-3]], [[1], [-1], [1], [-1]]).accuracy).toBe(1);
    expect(tanh().evaluate([[0.2], [-0.2], [0.3], [-3]], [[-1], [-1], [1], [-1]]).accuracy).toBe(0.75);
    expect(mirror(1, 'meanSquaredError', ['accuracy']).evaluate([[0.4], [0.6], [-3], [9]], [[0], [1], [0], [0]]).accuracy).toBe(
      0.75,
    );
  });

  test('targets that are no classes are refused before anything is trained', () => {
    const model = mirror(1, 'huber', ['accuracy']);
    const weights = model.parameters()[0]!.values;
    for (const y of [
      [[0.5], [1]],
      [[2], [3]],
      [[0], [2]],
      [[-1], [0.5]],
    ]) {
      expect(codeOf(() => model.evaluate([[1], [2]], y))).toBe('ERR_LABEL');
      expect(codeOf(() => model.fitSync([[1], [2]], y, { epochs: 1 }))).toBe('ERR_LABEL');
    }
    expect(refusal(() => model.evaluate([[1], [2]], [[1], [2.5]])).message).toMatch(/row 1 is 2\.5.*"r2"/);
    expect(model.parameters()[0]!.values).toEqual(weights);
  });

  test('soft targets of logits are cut at one half', () => {
    const model = mirror(1, { name: 'binaryCrossEntropy', fromLogits: true }, ['accuracy']);
    expect(model.evaluate([[-2], [2]], [[0.1], [0.9]]).accuracy).toBe(1);
  });
});
