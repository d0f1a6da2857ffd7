import { describe, expect, test } from 'vitest';
import { float64Rows, float64Targets, Matrix, matrix, type MatrixLike } from '../../src/data/matrix.js';
import { codeOf, refusal } from '../support/errors.js';

// Wrong on purpose: the type checker must not stop what JavaScript callers can do.
const wrong = (values: unknown) => values as MatrixLike;

const rows = [
  [1, 2, 3],
  [4, 5, 6],
];

describe('matrix', () => {
  test('matrix copies rows of numbers into one row-major Float32Array', () => {
    const x = matrix(rows);
    expect(x).toBeInstanceOf(Matrix);
    expect(x.shape).toEqual([2, 3]);
    expect([...x.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(x.toArray()).toEqual(rows);
    expect([...x.row(1)]).toEqual([4, 5, 6]);
  });

  test('a row is a view, and asking for a row that is not there is refused', () => {
    const x = matrix(rows);
    x.row(0)[2] = 30;
    expect(x.data[2]).toBe(30);
    for (const i of [-1, 2, 0.5, Number.NaN]) expect(codeOf(() => x.row(i))).toBe('ERR_SHAPE');
  });

  test('matrix of a Matrix is a copy, so later changes do not show', () => {
    const first = matrix(rows);
    const second = matrix(first);
    first.data[0] = 99;
    expect(second.data[0]).toBe(1);
  });

  test('values are rounded to float32 once', () => {
    expect(matrix([[0.1, 16777217]]).data[0]).toBe(Math.fround(0.1));
    expect(matrix([[0.1, 16777217]]).data[1]).toBe(16777216);
  });

  test('a float64 copy keeps what float32 would round away, and numbers beyond float32', () => {
    const { data, shape } = float64Rows([[1e6 + 0.001, 1e300]]);
    expect([...data]).toEqual([1e6 + 0.001, 1e300]);
    expect(shape).toEqual([1, 2]);
  });

  test('float64Targets reads a flat list as one column', () => {
    for (const values of [[1, 2, 3], new Float64Array([1, 2, 3]), { data: [1, 2, 3], shape: [3] }, [[1], [2], [3]]])
      expect(float64Targets(values as MatrixLike)).toEqual({ data: new Float64Array([1, 2, 3]), shape: [3, 1] });
    expect(codeOf(() => float64Targets([]))).toBe('ERR_EMPTY');
    expect(codeOf(() => float64Targets(wrong([1, [2]])))).toBe('ERR_TYPE');
    expect(codeOf(() => float64Targets(wrong('12')))).toBe('ERR_TYPE');
  });

  test('a float64 copy lets NaN through as a missing value only when asked, and infinities never', () => {
    expect(codeOf(() => float64Rows([[Number.NaN]]))).toBe('ERR_NONFINITE');
    expect(float64Rows([[Number.NaN]], { allowMissing: true }).data[0]).toBeNaN();
    expect(codeOf(() => float64Rows([[Number.POSITIVE_INFINITY]], { allowMissing: true }))).toBe('ERR_NONFINITE');
  });
});

describe('faults in data', () => {
  test('fault 1: NaN in X is ERR_NONFINITE with row and column, unless the check is off', () => {
    const error = refusal(() =>
      matrix(
        [
          [1, 2],
          [3, Number.NaN],
        ],
        { name: 'x' },
      ),
    );
    expect(error.code).toBe('ERR_NONFINITE');
    expect(error.message).toContain('x: row 1, column 1 is NaN');
    expect(error.details).toMatchObject({ row: 1, column: 1 });
    expect(matrix([[Number.NaN]], { allowNonFinite: true }).data[0]).toBeNaN();
    expect(codeOf(() => matrix(new Matrix(new Float32Array([Number.NaN]), 1, 1)))).toBe('ERR_NONFINITE');
  });

  test('fault 2: an infinity in X is ERR_NONFINITE with row and column', () => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(refusal(() => matrix([[0], [value]])).details).toMatchObject({ row: 1, column: 0 });
  });

  test('fault 4: a double beyond float32 is ERR_RANGE, not silent Infinity', () => {
    expect(refusal(() => matrix([[1e39]])).message).toContain('row 0, column 0 is 1e+39');
    expect(codeOf(() => matrix({ data: new Float64Array([1, -1e39]), shape: [1, 2] }))).toBe('ERR_RANGE');
    expect(matrix([[3.4e38]]).data[0]).toBe(Math.fround(3.4e38));
  });

  test('fault 6: no rows is ERR_EMPTY', () => {
    expect(codeOf(() => matrix([]))).toBe('ERR_EMPTY');
    expect(codeOf(() => matrix({ data: [], shape: [0, 3] }))).toBe('ERR_EMPTY');
  });

  test('fault 7: ragged rows are ERR_SHAPE with the first bad row and both lengths', () => {
    const error = refusal(() => matrix([[1, 2], [3, 4], [5], [6, 7, 8]]));
    expect(error.code).toBe('ERR_SHAPE');
    expect(error.message).toContain('row 2 has 1 columns, but row 0 has 2');
  });

  test('fault 9: zero features is ERR_SHAPE', () => {
    expect(codeOf(() => matrix([[], []]))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix([new Float32Array(0)]))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix({ data: [], shape: [3, 0] }))).toBe('ERR_SHAPE');
  });

  test('fault 10: a flat array or three dimensions are ERR_SHAPE, and a typed array needs a shape', () => {
    expect(refusal(() => matrix(wrong([1, 2, 3]))).message).toContain('flat array of 3 numbers');
    expect(codeOf(() => matrix(wrong(new Float32Array(6))))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix(wrong([[[1]], [[2]]])))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix({ data: new Float32Array(8), shape: [2, 2, 2] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix({ data: new Float32Array(5), shape: [2, 3] }))).toBe('ERR_SHAPE');
    for (const shape of [
      [-1, -6],
      [1.5, 4],
      [Number.NaN, 1],
      ['2', '3'],
    ])
      expect(codeOf(() => matrix(wrong({ data: new Float32Array(6), shape })))).toBe('ERR_SHAPE');
  });

  test('fault 11: holes, undefined, null, strings, booleans and BigInt are ERR_TYPE, never coerced', () => {
    // biome-ignore lint/suspicious/noSparseArray: holes are the subject
    const holes = [1, , 3];
    for (const row of [holes, [1, undefined, 3], [1, null, 3], [1, '3', 3], [1, true, 3], [1, 3n, 3], [1, {}, 3]]) {
      const error = refusal(() => matrix(wrong([[1, 2, 3], row])));
      expect(error.code).toBe('ERR_TYPE');
      expect(error.details).toMatchObject({ row: 1, column: 1 });
    }
    // biome-ignore lint/suspicious/noSparseArray: holes are the subject
    for (const values of [[[1], , [2]], [[1], null], [[1], 2], 'text', null, undefined, 5, () => 1, { data: 3, shape: [1, 1] }])
      expect(codeOf(() => matrix(wrong(values)))).toBe('ERR_TYPE');
    expect(codeOf(() => matrix(wrong({ data: new BigInt64Array(2), shape: [1, 2] })))).toBe('ERR_TYPE');
    expect(codeOf(() => matrix(wrong([new DataView(new ArrayBuffer(8))])))).toBe('ERR_TYPE');
  });

  test('fault 12: typed arrays of every kind give the same result as plain numbers', () => {
    const wanted = matrix([
      [1, 2],
      [3, 4],
    ]);
    for (const kind of [Float64Array, Float32Array, Int32Array, Uint8Array, Int16Array, Uint8ClampedArray]) {
      expect(matrix({ data: new kind([1, 2, 3, 4]), shape: [2, 2] })).toEqual(wanted);
      expect(matrix([new kind([1, 2]), new kind([3, 4])])).toEqual(wanted);
    }
  });

  test('fault 13: views at odd offsets give the same result as a copy', () => {
    const long = Float32Array.from({ length: 9 }, (_, i) => i);
    const view = long.subarray(3, 9);
    expect(matrix({ data: view, shape: [2, 3] })).toEqual(matrix({ data: view.slice(), shape: [2, 3] }));
    expect(matrix([long.subarray(1, 3), long.subarray(5, 7)]).toArray()).toEqual([
      [1, 2],
      [5, 6],
    ]);
  });

  test('fault 14: a detached buffer is ERR_TYPE, a SharedArrayBuffer is copied', () => {
    const data = new Float32Array([1, 2]);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(refusal(() => matrix({ data, shape: [1, 2] })).message).toContain('detached');
    expect(codeOf(() => matrix({ data, shape: [1, 2] }))).toBe('ERR_TYPE');
    expect(codeOf(() => matrix([data]))).toBe('ERR_TYPE');
    expect(codeOf(() => float64Targets(data))).toBe('ERR_TYPE');

    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([5, 6]);
    const x = matrix({ data: shared, shape: [1, 2] });
    expect(x.toArray()).toEqual([[5, 6]]);
    expect(x.data.buffer).toBeInstanceOf(ArrayBuffer);
  });

  test('fault 67: frozen input works and nothing of it changes', () => {
    const frozen = Object.freeze([Object.freeze([1, 2]), Object.freeze([3, 4])]) as unknown as number[][];
    expect(matrix(frozen).toArray()).toEqual(frozen);
    expect(float64Rows(frozen).shape).toEqual([2, 2]);
  });
});
