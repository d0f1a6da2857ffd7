import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LabelEncoder, OneHotEncoder } from '../../src/data/encoders.js';
import { SimpleImputer, type ImputeStrategy } from '../../src/data/imputer.js';
import { classesOf, readLabels, type Label, type Labels } from '../../src/data/labels.js';
import { matrix } from '../../src/data/matrix.js';
import { PolynomialFeatures } from '../../src/data/polynomial.js';
import { StandardScaler } from '../../src/data/scalers/index.js';
import { codeOf, refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

interface Fixture {
  oneHot: {
    drop: 'none' | 'first' | 'ifBinary';
    x: Label[][];
    encoded: number[][];
    new: Label[][];
    newEncoded: number[][];
    names: string[];
  }[];
  labels: { y: Label[]; classes: Label[]; ids: number[] }[];
  imputers: { strategy: ImputeStrategy; x: (number | null)[][]; fill: number[]; filled: number[][] }[];
  polynomials: {
    degree: number;
    interactionOnly: boolean;
    includeBias: boolean;
    x: number[][];
    out: number[][];
    names: string[];
    powers: number[][];
  }[];
}

const golden = fixture<Fixture>('sklearn-encoders.json');
const withNaN = (rows: (number | null)[][]) => rows.map((row) => row.map((cell) => cell ?? Number.NaN));

describe('labels', () => {
  test('labels are read from lists, typed arrays and one-column matrices', () => {
    expect(readLabels(['b', 'a'])).toEqual(['b', 'a']);
    expect(readLabels([true, false])).toEqual([true, false]);
    expect(readLabels(new Uint8Array([1, 2]))).toEqual([1, 2]);
    expect(readLabels([[1], [2]])).toEqual([1, 2]);
    expect(readLabels([['x'], ['y']] as unknown as Labels)).toEqual(['x', 'y']);
    expect(readLabels(matrix([[3], [4]]))).toEqual([3, 4]);
    expect(readLabels({ data: [5, 6], shape: [2] })).toEqual([5, 6]);
  });

  test('classes are sorted by value, and -0 is 0', () => {
    expect(classesOf(readLabels([10, 9, 2, -1, 0, -0]))).toEqual([-1, 0, 2, 9, 10]);
    expect(classesOf(['b', 'B', 'a'])).toEqual(['B', 'a', 'b']);
    expect(classesOf([true, false, true])).toEqual([false, true]);
  });

  test('fault 16: NaN and infinite labels are ERR_LABEL with the row; null and undefined are ERR_TYPE', () => {
    expect(refusal(() => readLabels([1, Number.NaN])).message).toContain('y: row 1 is NaN');
    expect(codeOf(() => readLabels([1, Number.POSITIVE_INFINITY]))).toBe('ERR_LABEL');
    for (const value of [null, undefined, {}, 1n, Symbol('s')])
      expect(codeOf(() => readLabels([1, value as Label]))).toBe('ERR_TYPE');
    expect(codeOf(() => readLabels('text' as unknown as Labels))).toBe('ERR_TYPE');
  });

  test('labels of mixed kinds are ERR_LABEL with the first odd row', () => {
    expect(refusal(() => readLabels([1, 2, '3'])).message).toContain('row 2 is the string "3", but row 0 is the number 1');
    expect(codeOf(() => readLabels([true, 1]))).toBe('ERR_LABEL');
  });

  test('several columns, or no row, are refused', () => {
    expect(codeOf(() => readLabels([[1, 2]]))).toBe('ERR_SHAPE');
    expect(codeOf(() => readLabels(matrix([[1, 2]])))).toBe('ERR_SHAPE');
    expect(codeOf(() => readLabels([]))).toBe('ERR_EMPTY');
  });
});

describe('LabelEncoder', () => {
  test("gives scikit-learn's classes and ids", () => {
    for (const { y, classes, ids } of golden.labels) {
      const encoder = new LabelEncoder();
      expect([...encoder.fitTransform(y)]).toEqual(ids);
      expect(encoder.classes).toEqual(classes);
      expect(encoder.inverseTransform(encoder.transform(y))).toEqual(y);
    }
  });

  test('ids become labels again, whatever the labels', () => {
    const strings = fc.array(fc.string(), { minLength: 1 });
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
    const booleans = fc.array(fc.boolean(), { minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(strings, numbers, booleans), (y: Label[]) => {
        const encoder = new LabelEncoder().fit(y);
        const back = new LabelEncoder().fit(y).inverseTransform(encoder.transform(y));
        back.forEach((label, i) => {
          expect(label === y[i]).toBe(true);
        });
      }),
      { seed: 3 },
    );
  });

  test('is saved as JSON and comes back, and bad state is ERR_FORMAT', () => {
    const encoder = new LabelEncoder().fit(['b', 'a']);
    const back = LabelEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
    expect([...back.transform(['a', 'b'])]).toEqual([0, 1]);
    for (const classes of [[], ['b', 'a'], ['a', 'a'], ['a', 1], [null], 'ab', undefined])
      expect(codeOf(() => LabelEncoder.fromJSON({ type: 'LabelEncoder', classes }))).toBe('ERR_FORMAT');
  });

  test('fault 19: a label that the fit did not see is ERR_LABEL listing the known classes', () => {
    const error = refusal(() => new LabelEncoder().fit(['cat', 'dog']).transform(['dog', 'eel']));
    expect(error.code).toBe('ERR_LABEL');
    expect(error.message).toBe('y: row 1 is "eel", which is not among the known classes: "cat", "dog".');
  });

  test('fault 16: ids out of range are ERR_LABEL with the row', () => {
    const encoder = new LabelEncoder().fit(['a', 'b']);
    for (const id of [-1, 2, 0.5, Number.NaN]) expect(codeOf(() => encoder.inverseTransform([0, id]))).toBe('ERR_LABEL');
    expect(codeOf(() => encoder.inverseTransform(['constructor'] as unknown as number[]))).toBe('ERR_LABEL');
  });

  test('fault 58: used before fit is ERR_STATE', () => {
    expect(codeOf(() => new LabelEncoder().transform(['a']))).toBe('ERR_STATE');
    expect(codeOf(() => new LabelEncoder().classes)).toBe('ERR_STATE');
  });
});

describe('OneHotEncoder', () => {
  test("gives scikit-learn's columns, names and zeros for unseen categories", () => {
    for (const { drop, x, encoded, new: fresh, newEncoded, names } of golden.oneHot) {
      const encoder = new OneHotEncoder({ drop, handleUnknown: 'ignore' }).fit(x);
      expect(encoder.transform(x).toArray()).toEqual(encoded);
      expect(encoder.transform(fresh).toArray()).toEqual(newEncoded);
      expect(encoder.featureNames(names[0]!.startsWith('color') ? ['color', 'size'] : ['answer', 'count'])).toEqual(names);
      expect(encoder.inverseTransform(encoder.transform(x))).toEqual(x);
      expect(encoder.outputs).toBe(names.length);
    }
  });

  test('takes numbers, booleans and a Matrix, one kind per column', () => {
    expect(
      new OneHotEncoder()
        .fitTransform([
          [3, true],
          [1, false],
        ])
        .toArray(),
    ).toEqual([
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ]);
    expect(new OneHotEncoder().fit(matrix([[2], [0]])).categories).toEqual([[0, 2]]);
    expect(
      codeOf(() =>
        new OneHotEncoder().fit([
          ['a', 1],
          ['b', 'c'],
        ]),
      ),
    ).toBe('ERR_LABEL');
  });

  test('given categories keep their order, and rows that lack one are fine', () => {
    const encoder = new OneHotEncoder({ categories: [['small', 'large', 'huge']] }).fit([['large']]);
    expect(encoder.transform([['small'], ['large']]).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(codeOf(() => new OneHotEncoder({ categories: [['a']] }).fit([['b']]))).toBe('ERR_LABEL');
    expect(codeOf(() => new OneHotEncoder({ categories: [['a', 'a']] }))).toBe('ERR_OPTION');
    expect(codeOf(() => new OneHotEncoder({ categories: [['a']] }).fit([['a', 'b']]))).toBe('ERR_SHAPE');
  });

  test('every row of a column sums to 1, and comes back', () => {
    const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 4 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(rows, (x) => {
        const encoder = new OneHotEncoder().fit(x);
        const encoded = encoder.transform(x);
        for (const row of encoded.toArray()) expect(row.reduce((a, b) => a + b, 0)).toBe(2);
        expect(encoder.inverseTransform(encoded)).toEqual(x);
      }),
      { seed: 4 },
    );
  });

  test('is saved as JSON and comes back, and bad state is ERR_FORMAT', () => {
    const encoder = new OneHotEncoder({ drop: 'first', handleUnknown: 'ignore' }).fit([['b'], ['a']]);
    const back = OneHotEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
    expect(back.transform([['b'], ['zzz']]).toArray()).toEqual([[1], [0]]);
    const good = encoder.toJSON();
    for (const bad of [
      { ...good, drop: 'last' },
      { ...good, categories: [] },
      { ...good, categories: [['a', 1]] },
      { ...good, categories: [[]] },
    ])
      expect(codeOf(() => OneHotEncoder.fromJSON(bad))).toBe('ERR_FORMAT');
  });

  test('flat lists, holes, null and NaN are refused with row and column', () => {
    expect(refusal(() => new OneHotEncoder().fit(['a', 'b'] as unknown as string[][])).message).toContain("[['red'], ['blue']]");
    expect(refusal(() => new OneHotEncoder().fit([['a'], [null as unknown as string]])).message).toContain(
      'column 0: row 1 is null',
    );
    expect(codeOf(() => new OneHotEncoder().fit([[1], [Number.NaN]]))).toBe('ERR_LABEL');
    expect(codeOf(() => new OneHotEncoder().fit([['a'], ['b', 'c']]))).toBe('ERR_SHAPE');
    expect(codeOf(() => new OneHotEncoder().fit([]))).toBe('ERR_EMPTY');
  });

  test('fault 59: an unseen category is ERR_LABEL with row and column, or zeros with handleUnknown: ignore', () => {
    const x = [['a'], ['b']];
    const error = refusal(() => new OneHotEncoder().fit(x).transform([['a'], ['c']]));
    expect(error.code).toBe('ERR_LABEL');
    expect(error.message).toContain('X: row 1, column 0 is "c"');
    const ignoring = new OneHotEncoder({ handleUnknown: 'ignore' }).fit(x);
    expect(ignoring.transform([['c']]).toArray()).toEqual([[0, 0]]);
    expect(ignoring.inverseTransform([[0, 0]])).toEqual([[null]]);
  });

  test('fault 58: used before fit is ERR_STATE, with another width ERR_SHAPE', () => {
    expect(codeOf(() => new OneHotEncoder().transform([['a']]))).toBe('ERR_STATE');
    const encoder = new OneHotEncoder().fit([['a', 'b']]);
    expect(codeOf(() => encoder.transform([['a']]))).toBe('ERR_SHAPE');
    expect(codeOf(() => encoder.inverseTransform([[1]]))).toBe('ERR_SHAPE');
    expect(codeOf(() => encoder.featureNames(['one']))).toBe('ERR_SHAPE');
  });
});

describe('SimpleImputer', () => {
  test('seconds since 1970 are refused where float32 would take their digits; transform64 hands them to a scaler whole', () => {
    const X = [[1700000001], [NaN], [1700000003]];
    for (const strategy of ['mean', 'median', 'mostFrequent', 'constant'] as const) {
      const imputer = new SimpleImputer({ strategy, fillValue: 1700000002 });
      const error = refusal(() => imputer.fitTransform(X));
      expect(error.code).toBe('ERR_RANGE');
      expect(error.message).toContain('column 0');
      expect(error.message).toContain('SimpleImputer.transform64 keeps its digits');
      expect(codeOf(() => SimpleImputer.fromJSON(JSON.parse(JSON.stringify(imputer))).transform([[1700000001]]))).toBe(
        'ERR_RANGE',
      );
    }
    const Z = new StandardScaler().fitTransform(new SimpleImputer().fit(X).transform64(X)).toArray();
    [-Math.sqrt(1.5), 0, Math.sqrt(1.5)].forEach((z, i) => void expect(Z[i]![0]).toBeCloseTo(z, 6));
    expect(new SimpleImputer().fitTransform([[0.1], [NaN], [0.1]]).toArray()[1]![0]).toBeCloseTo(0.1, 7);
    expect(new SimpleImputer().fitTransform([[1e8], [NaN], [3.3e8]]).shape).toEqual([3, 1]);
  });

  test("fills with scikit-learn's values", () => {
    for (const { strategy, x, fill, filled } of golden.imputers) {
      const imputer = new SimpleImputer({ strategy }).fit(withNaN(x));
      fill.forEach((value, j) => {
        expect(Math.abs(imputer.fill[j]! - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
      });
      const ours = imputer.transform64(withNaN(x)).data;
      filled.flat().forEach((value, k) => {
        expect(Math.abs(ours[k]! - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
      });
    }
  });

  test('a constant fills any column, also one without values', () => {
    const imputer = new SimpleImputer({ strategy: 'constant', fillValue: -1 });
    expect(imputer.fitTransform([[Number.NaN], [Number.NaN]]).toArray()).toEqual([[-1], [-1]]);
    expect(codeOf(() => new SimpleImputer({ fillValue: Number.NaN }))).toBe('ERR_OPTION');
    expect(refusal(() => new SimpleImputer({ strategy: 'meen' as ImputeStrategy })).message).toContain('Did you mean "mean"');
  });

  test('a column without any value is ERR_EMPTY, an infinity ERR_NONFINITE', () => {
    expect(refusal(() => new SimpleImputer().fit([[1, Number.NaN]])).message).toContain('column 1 has no value at all');
    expect(codeOf(() => new SimpleImputer().fit([[Number.POSITIVE_INFINITY]]))).toBe('ERR_NONFINITE');
    expect(codeOf(() => new SimpleImputer().fitTransform([[1e300]]))).toBe('ERR_RANGE');
  });

  test('is saved as JSON and comes back', () => {
    const imputer = new SimpleImputer({ strategy: 'median' }).fit([[1], [5], [2]]);
    const back = SimpleImputer.fromJSON(JSON.parse(JSON.stringify(imputer)));
    expect(back.transform([[Number.NaN]]).toArray()).toEqual([[2]]);
    expect(codeOf(() => SimpleImputer.fromJSON({ type: 'SimpleImputer', strategy: 'x', fill: [1] }))).toBe('ERR_FORMAT');
  });

  test('fault 58: used before fit is ERR_STATE, with another width ERR_SHAPE', () => {
    expect(codeOf(() => new SimpleImputer().transform([[1]]))).toBe('ERR_STATE');
    expect(codeOf(() => new SimpleImputer().fit([[1]]).transform([[1, 2]]))).toBe('ERR_SHAPE');
  });
});

describe('PolynomialFeatures', () => {
  test("gives scikit-learn's columns in its order, with its names", () => {
    for (const { x, out, names, powers, ...options } of golden.polynomials) {
      const features = new PolynomialFeatures(options);
      expect(features.fitTransform(x).toArray()).toEqual(out.map((row) => row.map(Math.fround)));
      expect(features.featureNames()).toEqual(names);
      expect(features.powers).toEqual(powers);
      expect(features.outputs).toBe(names.length);
      const back = PolynomialFeatures.fromJSON(JSON.parse(JSON.stringify(features)));
      expect(back.transform(x).data).toEqual(features.transform(x).data);
    }
  });

  test('names come from the given ones', () => {
    expect(new PolynomialFeatures({ includeBias: false }).fit([[1, 2]]).featureNames(['a', 'b'])).toEqual([
      'a',
      'b',
      'a^2',
      'a b',
      'b^2',
    ]);
  });

  test('too many columns are refused before they are made, and overflow is ERR_RANGE', () => {
    const wide = [Array.from({ length: 100 }, () => 1)];
    expect(codeOf(() => new PolynomialFeatures({ degree: 8 }).fit(wide))).toBe('ERR_MEMORY');
    expect(
      codeOf(() =>
        PolynomialFeatures.fromJSON({
          type: 'PolynomialFeatures',
          degree: 30,
          interactionOnly: false,
          includeBias: true,
          columns: 1e9,
        }),
      ),
    ).toBe('ERR_MEMORY');
    expect(codeOf(() => new PolynomialFeatures().fitTransform([[1e30]]))).toBe('ERR_RANGE');
    for (const degree of [-1, 1.5, 31, Number.NaN]) expect(codeOf(() => new PolynomialFeatures({ degree }))).toBe('ERR_OPTION');
    expect(codeOf(() => new PolynomialFeatures().transform([[1]]))).toBe('ERR_STATE');
  });
});
