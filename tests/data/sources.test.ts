// Tables from what other code hands over, and matrices whose rows do not stand one after the other.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv, readCsv } from '../../src/data/csv/index.js';
import { parseJsonLines, readJsonLines } from '../../src/data/jsonLines.js';
import { readLabels } from '../../src/data/labels.js';
import { matrix } from '../../src/data/matrix.js';
import { r2 } from '../../src/data/metrics/index.js';
import { readParquet } from '../../src/data/parquet.js';
import { splitIndices, takeRows, trainTestSplit } from '../../src/data/split.js';
import { Table } from '../../src/data/table.js';
import { dense } from '../../src/plan/layers.js';
import { MLP } from '../../src/mlp/mlp.js';
import { codeOf, refusal, rejection } from '../support/errors.js';

describe('Table.from', () => {
  test('sparse records have the columns of all records, and missing cells', () => {
    const table = Table.fromRecords([{ r: 0.03, g: 0.7 }, { r: 0.16, b: 0.2 }, { kind: 'x' }]);
    expect(table.names).toEqual(['r', 'g', 'b', 'kind']);
    expect(table.records()).toEqual([
      { r: 0.03, g: 0.7, b: null, kind: null },
      { r: 0.16, g: null, b: 0.2, kind: null },
      { r: null, g: null, b: null, kind: 'x' },
    ]);
  });

  const wanted = [
    { size: 1.5, color: 'red', sold: true },
    { size: 2, color: null, sold: false },
  ];
  const columns = { size: Float32Array.of(1.5, 2), color: ['red', null], sold: [true, false] };
  // The shapes of Apache Arrow 21, arquero 8 and danfo.js 1: what of them is read.
  class Vector {
    constructor(private readonly cells: Iterable<unknown>) {}
    *[Symbol.iterator]() {
      yield* this.cells;
    }
  }
  const arrow = {
    schema: { fields: Object.keys(columns).map((name) => ({ name })) },
    getChild: (name: keyof typeof columns) => new Vector(columns[name]),
  };
  const arquero = { columnNames: () => Object.keys(columns), array: (name: keyof typeof columns) => columns[name] };
  const danfo = {
    columns: Object.keys(columns),
    values: [
      [1.5, 'red', true],
      [2, undefined, false],
    ],
    shape: [2, 3],
  };
  test.each([
    ['values by name', columns],
    ['an Arrow table', arrow],
    ['an arquero table', arquero],
    ['a danfo.js frame', danfo],
    ['records', wanted],
  ])('reads %s', (_, given) => {
    expect(Table.from(given).records()).toEqual(wanted);
  });

  test('new Table takes values by name, and says what is wrong with anything else', () => {
    expect(new Table({ a: [1], b: ['x'] }).records()).toEqual([{ a: 1, b: 'x' }]);
    expect(refusal(() => new Table([{ a: 1 }] as never)).message).toContain('Table.from reads records');
    expect(refusal(() => Table.from({ a: 1 } as never)).message).toContain('expected a list of cells');
    expect(refusal(() => Table.from({ a: [1], b: [1, 2] })).code).toBe('ERR_SHAPE');
    expect(codeOf(() => Table.from({}))).toBe('ERR_EMPTY');
    expect(codeOf(() => Table.from(5 as never))).toBe('ERR_TYPE');
  });

  test('whole numbers of 64 bits are read where a double holds them, and refused where not', () => {
    expect(Table.from({ n: BigInt64Array.of(5n, -3n) }).numbers('n')).toEqual(Float64Array.of(5, -3));
    expect(refusal(() => Table.from({ n: BigInt64Array.of(2n ** 60n) })).message).toContain('1152921504606846976n');
  });
});

describe('files of other kinds', () => {
  const HOUSES = [
    { size: 52.5, rooms: 2, color: 'red', sold: true, since: 19860 },
    { size: 80, rooms: 3, color: 'dark, blue', sold: false, since: 19359.25 },
    { size: null, rooms: 4, color: null, sold: true, since: -1 },
  ];

  test('Parquet is read through hyparquet, which may be handed over, and named where it is not there', async () => {
    const bytes = readFileSync(new URL('../fixtures/houses.parquet', import.meta.url));
    expect((await readParquet(bytes)).records()).toEqual(HOUSES);
    expect((await readParquet(bytes, { columns: ['rooms', 'size'] })).names).toEqual(['rooms', 'size']);
    expect((await readParquet(bytes, { hyparquet: await import('hyparquet') })).rows).toBe(3);
    expect((await rejection(readParquet(bytes.subarray(0, 300)))).code).toBe('ERR_FORMAT');
    expect((await rejection(readParquet(bytes, { hyparquet: {} }))).code).toBe('ERR_OPTION');
    expect((await rejection(readCsv(bytes, { source: 'h.parquet' }))).message).toContain('h.parquet is a Parquet file');
  });

  test('JSON lines give the same table, plain, in pieces and compressed', async () => {
    const text = '{"a": 1, "b": "x"}\n\n{"a": null, "c": true}\n';
    const wanted = [
      { a: 1, b: 'x', c: null },
      { a: null, b: null, c: true },
    ];
    const table = parseJsonLines(text);
    expect(table.records()).toEqual(wanted);
    expect([...table.lines!]).toEqual([1, 3]);
    expect((await readJsonLines([text.slice(0, 9), text.slice(9)])).records()).toEqual(wanted);
    expect((await readJsonLines(gzipSync(text))).records()).toEqual(wanted);
    expect(refusal(() => parseJsonLines('{"a": 1}\n{"a": 2', { source: 'd.jsonl' })).message).toContain(
      'd.jsonl line 2 is not JSON',
    );
    expect(refusal(() => parseJsonLines('[1]\n')).message).toContain('line 1: expected an object, got an array of 1');
    expect(codeOf(() => parseJsonLines('\n'))).toBe('ERR_EMPTY');
  });

  test('a compressed CSV is unpacked on the way, in pieces of any size, and refused where it is cut off', async () => {
    const text = `a,b\n${Array.from({ length: 500 }, (_, i) => `${i},"x ${i}"`).join('\n')}\n`;
    const packed = gzipSync(text);
    const wanted = parseCsv(text).records();
    for (const size of [1, 2, 100, packed.length]) {
      const pieces = Array.from({ length: Math.ceil(packed.length / size) }, (_, k) => packed.subarray(k * size, (k + 1) * size));
      expect((await readCsv(pieces)).records()).toEqual(wanted);
    }
    expect((await rejection(readCsv([packed.subarray(0, packed.length - 20)]))).code).toBe('ERR_FORMAT');
    expect(refusal(() => parseCsv(packed)).message).toContain('readCsv');
  });
});

describe('rows that do not stand one after the other', () => {
  /** A view as npm's ndarray has it. */
  const view = (data: Float32Array | number[], shape: number[], stride: number[], offset = 0) => ({
    data,
    shape,
    stride,
    offset,
    order: [1, 0],
  });

  test('transposed, reversed and cut-out views of ndarray are read by their strides', () => {
    const six = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(matrix(view(six, [3, 2], [1, 3])).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(matrix(view(six, [2, 3], [-3, 1], 3)).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(matrix(view(six, [2, 1], [3, 1], 1)).toArray()).toEqual([[2], [5]]);
    expect(matrix(view(six, [2, 3], [3, 1])).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test('any strides and offset give what indexing gives', () => {
    const shapes = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      columns: fc.integer({ min: 1, max: 5 }),
      a: fc.integer({ min: 1, max: 7 }),
      b: fc.integer({ min: 1, max: 7 }),
      offset: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(shapes, ({ rows, columns, a, b, offset }) => {
        const data = Array.from({ length: 80 }, (_, i) => i);
        const wanted = Array.from({ length: rows }, (_, i) =>
          Array.from({ length: columns }, (_, j) => data[offset + a * i + b * j]!),
        );
        expect(matrix(view(data, [rows, columns], [a, b], offset)).toArray()).toEqual(wanted);
      }),
      { seed: 4 },
    );
  });

  test.each([
    { order: 'column-major' },
    { order: 'F' },
    { fortranOrder: true },
    { columnMajor: true },
    { layout: 'column-major' },
  ])('column-major data is read so: %o', (mark) => {
    expect(matrix({ data: [1, 2, 3, 4, 5, 6], shape: [2, 3], ...mark }).toArray()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  test('labels, targets and splits read them too; a model refuses them with the way out', () => {
    const given = view([1, 9, 2, 9, 3, 9], [3, 1], [2, 1]);
    expect(readLabels(given as never)).toEqual([1, 2, 3]);
    expect(r2([1, 2, 4], view([1, 9, 2, 9, 4, 9], [3], [2]) as never)).toBe(1);
    expect(takeRows(view([1, 4, 2, 5, 3, 6], [2, 3], [1, 2]), [1])).toEqual({ data: [4, 5, 6], shape: [1, 3] });
    const model = new MLP({ inputs: 2, layers: [dense(1)] });
    const transposed = view(Float32Array.of(1, 2, 3, 4), [2, 2], [1, 2]);
    expect(refusal(() => model.predict(transposed)).message).toContain('Pass matrix(X)');
    expect(model.predict(matrix(transposed)).shape).toEqual([2, 1]);
    expect(model.predict(view(Float32Array.of(1, 2, 3, 4), [2, 2], [2, 1])).shape).toEqual([2, 1]);
  });

  test('strides that leave the data, or do not fit the shape, and unknown orders are refused', () => {
    expect(codeOf(() => matrix(view([1, 2, 3, 4], [2, 2], [3, 1], 2)))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix(view([1, 2, 3, 4], [2, 2], [2])))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix({ data: [1, 2, 3, 4], shape: [2, 2], offset: -1 } as never))).toBe('ERR_SHAPE');
    expect(codeOf(() => matrix({ data: [1, 2, 3, 4], shape: [2, 2], order: 'Z' } as never))).toBe('ERR_TYPE');
  });
});

describe('splits', () => {
  test('by time: the latest rows judge, rows of one moment stay together, and order is kept', () => {
    const table = parseCsv('d,x,y\n2024-01-03,1,a\n2024-01-01,2,b\n2024-01-02,3,a\n2024-01-03,4,b\n2024-01-04,5,a\n');
    const { XTrain, XTest, yTrain, yTest, testIndices } = trainTestSplit(table, 'y', { testSize: 0.4, splitBy: 'd' });
    expect([...testIndices]).toEqual([0, 3, 4]); // 0.4 of 5 rows is 2, but rows 0 and 3 are of one day
    expect(XTrain.records().map(({ x }) => x)).toEqual([2, 3]);
    expect([XTest.rows, yTrain, yTest]).toEqual([3, 'y', 'y']);
    const { train, test: judged } = splitIndices(6, { testSize: 2, splitBy: [5, 1, 4, 2, 3, 6] });
    expect([[...train], [...judged]]).toEqual([
      [1, 2, 3, 4],
      [0, 5],
    ]);
    expect(codeOf(() => splitIndices(3, { testSize: 1, splitBy: [1, 1, 1] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => splitIndices(3, { testSize: 1, splitBy: [1, Number.NaN, 2] }))).toBe('ERR_TYPE');
    expect(codeOf(() => splitIndices(3, { testSize: 1, splitBy: [1, 2] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => trainTestSplit([[1], [2]], [1, 2], { splitBy: 'd' }))).toBe('ERR_TYPE');
    expect(codeOf(() => trainTestSplit(table, 'y', { splitBy: 'x', stratify: true }))).toBe('ERR_OPTION');
  });

  test('a table splits with a column as its target, class proportions kept', () => {
    const table = Table.from({
      x: Array.from({ length: 40 }, (_, i) => i),
      y: Array.from({ length: 40 }, (_, i) => (i < 30 ? 'a' : 'b')),
    });
    const { XTest } = trainTestSplit(table, 'y', { testSize: 8, stratify: true });
    expect(XTest.labels('y').filter((label) => label === 'b').length).toBe(2);
  });
});
