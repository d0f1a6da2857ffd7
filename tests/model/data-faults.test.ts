// Rows of docs/faults.md about X and y, on both backends: refused by every method that takes them, nothing having changed.

import { describe, expect, test } from 'vitest';
import type { MatrixLike } from '../../src/data/matrix.js';
import type { Model } from '../../src/model/model.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { dense } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';
import { codeOf, refusal } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

const options: MLPOptions = {
  inputs: 4,
  layers: [dense(6, { activation: 'relu' }), dense(1)],
  seed: 5,
  optimizer: adam({ learningRate: 0.01 }),
};

describe.each(makers)('faults on $name', ({ make }) => {
  const { X, y } = regression(24);
  const withValue = (row: number, column: number, value: unknown) =>
    X.map((r, i) => r.map((v, j) => (i === row && j === column ? value : v))) as number[][];

  /** Refused by every entry that takes X and y, with this code, and nothing changes; with a working X and y afterwards. */
  function refusesEverywhere(badX: unknown, badY: unknown, code: string, pattern?: RegExp) {
    const model = make(options);
    model.trainStep(X, y);
    const before = bitsOf(model);
    const entries: ((m: Model) => unknown)[] = [
      (m) => m.fitSync(badX as MatrixLike, badY as MatrixLike),
      (m) => m.trainStep(badX as MatrixLike, badY as MatrixLike),
      (m) => m.evaluate(badX as MatrixLike, badY as MatrixLike),
      (m) => m.partialFit(badX as MatrixLike, badY as MatrixLike),
      (m) => m.diagnose(badX as MatrixLike, badY as MatrixLike),
      (m) => {
        m.forward(badX as MatrixLike);
        m.loss(badY as MatrixLike);
      },
    ];
    for (const entry of entries) {
      const error = refusal(() => entry(model));
      expect(error.code, entry.toString()).toBe(code);
      if (pattern !== undefined) expect(error.message).toMatch(pattern);
    }
    expect(bitsOf(model)).toEqual(before);
    expect(model.steps).toBe(1);
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
  }

  test('fault 1, 2: NaN and infinities in X name row and column', () => {
    refusesEverywhere(withValue(17, 2, Number.NaN), y, 'ERR_NONFINITE', /X: row 17, column 2 is NaN/);
    refusesEverywhere(withValue(3, 0, -Infinity), y, 'ERR_NONFINITE', /X: row 3, column 0 is -Infinity/);
    const data = Float32Array.from(X.flat());
    data[9] = NaN;
    refusesEverywhere({ data, shape: [24, 4] }, y, 'ERR_NONFINITE', /X: row 2, column 1 is NaN/);
  });

  test('fault 3: NaN and infinities in y', () => {
    refusesEverywhere(
      X,
      y.map((r, i) => (i === 5 ? [NaN] : r)),
      'ERR_NONFINITE',
      /y: row 5, column 0 is NaN/,
    );
    refusesEverywhere(
      X,
      Float32Array.from(y.flat(), (v, i) => (i === 5 ? Infinity : v)),
      'ERR_NONFINITE',
      /y: row 5/,
    );
  });

  test('fault 4: a finite double beyond float32', () => {
    refusesEverywhere(withValue(1, 1, 1e39), y, 'ERR_RANGE', /row 1, column 1 is 1e\+39/);
  });

  test('fault 5: NaN at predict is an error; with checks off NaN comes out, for its row alone', () => {
    const model = make(options);
    expect(codeOf(() => model.predict(withValue(7, 1, NaN)))).toBe('ERR_NONFINITE');
    const out = model.predict(withValue(7, 1, NaN), { checkFinite: false });
    expect(out.data[7]).toBeNaN();
    expect(out.data.filter(Number.isNaN)).toHaveLength(1);
    expect(out.data[6]).toBe(model.predict(X).data[6]);
    const large = regression(3000);
    large.X[2900]![3] = NaN;
    expect(refusal(() => model.predict(large.X)).message).toMatch(/row 2900, column 3/);
    const softmax = make({ inputs: 4, layers: [dense(3, { activation: 'softmax' })] });
    expect([...softmax.predict([[1, NaN, 0, 0]], { checkFinite: false }).data].every(Number.isNaN)).toBe(true);
  });

  test('fault 6: empty X, empty y, both', () => {
    refusesEverywhere([], y, 'ERR_EMPTY', /X has no rows/);
    refusesEverywhere(X, [], 'ERR_EMPTY', /y has no rows/);
    refusesEverywhere([], [], 'ERR_EMPTY');
    expect(codeOf(() => make(options).predict([]))).toBe('ERR_EMPTY');
  });

  test('fault 7, 8: ragged rows, and X and y of different length', () => {
    refusesEverywhere(
      X.map((r, i) => (i === 4 ? r.slice(1) : r)),
      y,
      'ERR_SHAPE',
      /row 4 has 3 columns/,
    );
    refusesEverywhere(X, y.slice(1), 'ERR_SHAPE', /X has 24 rows, but y has 23/);
  });

  test('fault 9, 10: no features, a flat array where rows are wanted, three dimensions', () => {
    refusesEverywhere(
      X.map(() => []),
      y,
      'ERR_SHAPE',
    );
    refusesEverywhere(X.flat(), y, 'ERR_SHAPE', /Wrap each sample/);
    refusesEverywhere(Float32Array.from(X.flat()), y, 'ERR_SHAPE', /shape: \[rows, columns\]/);
    refusesEverywhere(
      X.map((r) => r.map((v) => [v])),
      y,
      'ERR_SHAPE',
      /three/,
    );
    const wide = make({ inputs: 4, layers: [dense(2)] });
    expect(refusal(() => wide.trainStep(X, y.flat())).message).toMatch(/expected rows of 2 targets/);
  });

  test('fault 11: holes, undefined, null, strings, booleans, BigInt', () => {
    const holes = X.map((r) => [...r]);
    delete (holes[2] as unknown[])[1];
    refusesEverywhere(holes, y, 'ERR_TYPE', /row 2, column 1/);
    for (const value of [undefined, null, '3', true, 3n])
      refusesEverywhere(withValue(2, 1, value), y, 'ERR_TYPE', /row 2, column 1/);
    refusesEverywhere(
      X,
      y.map((r, i) => (i === 3 ? ['1'] : r)),
      'ERR_TYPE',
      /y: row 3/,
    );
    refusesEverywhere(X, undefined, 'ERR_TYPE');
    refusesEverywhere('X', y, 'ERR_TYPE');
  });

  test('fault 12, 13: other typed arrays and unaligned views give what numbers give', () => {
    const whole = X.map((r) => r.map((v) => Math.round(8 * v)));
    const flat = whole.flat();
    const bytes = new Uint8Array(4 + 4 * flat.length + 4);
    new Float32Array(bytes.buffer, 4, flat.length).set(flat);
    const forms: MatrixLike[] = [
      ...[Float64Array, Int32Array, Int8Array, Float32Array].map((Kind) => ({ data: Kind.from(flat), shape: [24, 4] })),
      { data: flat, shape: [24, 4] },
      { data: new Float32Array(bytes.buffer, 4, flat.length), shape: [24, 4] },
      whole.map((r) => Float32Array.from(r)),
      whole.map((r) => Int16Array.from(r)),
    ];
    const reference = make(options);
    reference.fitSync(whole, y, { epochs: 2 });
    reference.trainStep(whole, y);
    for (const form of forms) {
      const model = make(options);
      model.fitSync(form, Float64Array.from(y.flat()), { epochs: 2 });
      model.trainStep(form, { data: Float32Array.from(y.flat()), shape: [24, 1] });
      expect(bitsOf(model)).toEqual(bitsOf(reference));
      expect(model.predict(form).data).toEqual(reference.predict(whole).data);
    }
  });

  test('fault 14: a detached buffer is ERR_TYPE, a shared one is read', () => {
    const data = Float32Array.from(X.flat());
    structuredClone(data.buffer, { transfer: [data.buffer] });
    refusesEverywhere({ data, shape: [24, 4] }, y, 'ERR_TYPE', /detached/);
    const targets = Float32Array.from(y.flat());
    structuredClone(targets.buffer, { transfer: [targets.buffer] });
    refusesEverywhere(X, targets, 'ERR_TYPE', /detached/);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 96));
    shared.set(X.flat());
    expect(make(options).predict({ data: shared, shape: [24, 4] }).data).toEqual(make(options).predict(X).data);
  });

  test('fault 15: the wrong number of columns says expected and got', () => {
    refusesEverywhere(
      X.map((r) => r.slice(1)),
      y,
      'ERR_SHAPE',
      /X has 3 columns, but this model has 4 inputs\./,
    );
    expect(refusal(() => make(options).predict([[1]])).message).toBe('X has 1 column, but this model has 4 inputs.');
    refusesEverywhere(
      X,
      y.map(([v]) => [v, v]),
      'ERR_SHAPE',
      /y has 2 columns, but meanSquaredError on 1 output needs 1 column/,
    );
    expect(codeOf(() => make(options).predictInto(new Float32Array(7), new Float32Array(2)))).toBe('ERR_SHAPE');
    expect(codeOf(() => make(options).predictInto(new Float32Array(8), new Float32Array(1)))).toBe('ERR_SHAPE');
  });

  test('fault 16, 19: labels out of range name the row', () => {
    const model = make({ inputs: 4, layers: [dense(3, { activation: 'softmax' })], loss: 'sparseCategoricalCrossEntropy' });
    const ids = X.map((_, i) => i % 3);
    const before = bitsOf(model);
    for (const bad of [-1, 3, 1.5]) {
      const wrong = ids.map((id, i) => (i === 11 ? bad : id));
      expect(refusal(() => model.fitSync(X, wrong)).code).toBe('ERR_LABEL');
      expect(refusal(() => model.trainStep(X, wrong)).message).toMatch(/row 11/);
      expect(codeOf(() => model.evaluate(X, wrong))).toBe('ERR_LABEL');
    }
    for (const action of [
      () =>
        model.fitSync(
          X,
          ids.map(() => NaN),
        ),
      () =>
        model.trainStep(
          X,
          ids.map(() => NaN),
        ),
    ])
      expect(codeOf(action)).toBe('ERR_NONFINITE');
    expect(
      codeOf(() =>
        model.fitSync(
          X,
          ids.map(() => NaN),
          { checkFinite: false },
        ),
      ),
    ).toBe('ERR_NONFINITE');
    expect(bitsOf(model)).toEqual(before);
    expect(
      refusal(() =>
        model.trainStep(
          X,
          ids.map((id) => [0, 1, 2].map((k) => Number(k === id))),
        ),
      ).message,
    ).toMatch(/one column of class ids.*categoricalCrossEntropy/);
  });

  test('fault 17, 18: a single class trains, and so does a class that never comes up', () => {
    const model = make({
      inputs: 4,
      layers: [dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: adam({ learningRate: 0.1 }),
    });
    model.fitSync(
      X,
      X.map(() => 1),
      { epochs: 200 },
    );
    expect(
      model
        .predict(X)
        .toArray()
        .every((row) => row[1]! > 0.9),
    ).toBe(true);
  });

  test('fault 20: one-hot rows that do not sum to 1, and negative targets', () => {
    const model = make({ inputs: 4, layers: [dense(2, { activation: 'softmax' })], loss: 'categoricalCrossEntropy' });
    expect(
      refusal(() =>
        model.trainStep(
          X,
          X.map((_, i) => (i === 2 ? [1, 1] : [0, 1])),
        ),
      ).message,
    ).toMatch(/row 2 sums to 2/);
    expect(
      codeOf(() =>
        model.fitSync(
          X,
          X.map(() => [-1, 2]),
        ),
      ),
    ).toBe('ERR_LABEL');
    expect(
      refusal(() =>
        model.fitSync(
          X,
          X.map(() => 1),
        ),
      ).message,
    ).toMatch(/sparseCategoricalCrossEntropy/);
  });

  test('fault 21: hinge takes 0/1 for -1/+1, and refuses others', () => {
    const signs = y.map(([v]) => [v! > 0 ? 1 : -1]);
    const zeroOne = make({ inputs: 4, layers: [dense(1)], loss: 'hinge' });
    const plusMinus = make({ inputs: 4, layers: [dense(1)], loss: 'hinge' });
    zeroOne.fitSync(
      X,
      signs.map(([s]) => [s === 1 ? 1 : 0]),
      { epochs: 3 },
    );
    plusMinus.fitSync(X, signs, { epochs: 3 });
    zeroOne.trainStep(
      X,
      signs.map(([s]) => [s === 1 ? 1 : 0]),
    );
    plusMinus.trainStep(X, signs);
    expect(bitsOf(zeroOne)).toEqual(bitsOf(plusMinus));
    expect(
      codeOf(() =>
        zeroOne.trainStep(
          X,
          X.map(() => [2]),
        ),
      ),
    ).toBe('ERR_LABEL');
  });
});
