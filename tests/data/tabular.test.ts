import { describe, expect, test } from 'vitest';
import { parseCsv, scanCsv } from '../../src/data/csv/index.js';
import { StandardScaler } from '../../src/data/scalers/index.js';
import { Table } from '../../src/data/table.js';
import { TableEncoder } from '../../src/data/tabular.js';
import { codeOf, refusal } from '../support/errors.js';

const TEXT = `size,color,sold,since
1,red,true,1970-01-11
3,blue,false,1970-01-21
,red,true,
4,,true,1970-01-01
`;

describe('Table', () => {
  test('selects, drops and takes, keeping lines', () => {
    const table = parseCsv(TEXT);
    expect(table.select(['sold', 'size']).names).toEqual(['sold', 'size']);
    expect(table.drop(['sold', 'since']).names).toEqual(['size', 'color']);
    const taken = table.take([3, 0]);
    expect(taken.records().map((record) => record['size'])).toEqual([4, 1]);
    expect([...taken.lines!]).toEqual([5, 2]);
    expect(table.dropMissing().rows).toBe(2);
    expect(table.dropMissing(['size']).rows).toBe(3);
    expect(codeOf(() => table.take([4]))).toBe('ERR_SHAPE');
    expect(codeOf(() => table.drop(['nothing']))).toBe('ERR_OPTION');
    expect(codeOf(() => table.cell(9, 'size'))).toBe('ERR_SHAPE');
  });

  test('summary says type, missing cells, range, mean and categories', () => {
    const [size, color, sold] = parseCsv(TEXT).summary();
    expect(size).toMatchObject({ name: 'size', type: 'numeric', rows: 4, missing: 1, min: 1, max: 4 });
    expect(size!.mean).toBeCloseTo(8 / 3);
    expect(size!.deviation).toBeCloseTo(Math.sqrt(14 / 9));
    expect(color).toEqual({
      name: 'color',
      type: 'categorical',
      rows: 4,
      missing: 1,
      categories: [
        { value: 'red', count: 2 },
        { value: 'blue', count: 1 },
      ],
    });
    expect(sold).toMatchObject({
      min: 0,
      max: 1,
      mean: 0.75,
      categories: [
        { value: 'true', count: 3 },
        { value: 'false', count: 1 },
      ],
    });
  });

  test('labels and numbers come out in their kinds', () => {
    const table = parseCsv('n,c,b\n1,x,true\n2,y,false');
    expect(table.labels('n')).toEqual([1, 2]);
    expect(table.labels('c')).toEqual(['x', 'y']);
    expect(table.labels('b')).toEqual([true, false]);
    expect([...table.numbers('b')]).toEqual([1, 0]);
  });

  test('records of objects become a table, with types from the first cell', () => {
    const table = Table.fromRecords([
      { n: 1, c: 'x', b: true, d: new Date(86400000) },
      { n: null, c: undefined, b: false, d: new Date(Number.NaN) },
      { n: Number.NaN, c: 'y' },
    ]);
    expect(table.columns.map(({ type }) => type)).toEqual(['numeric', 'categorical', 'boolean', 'date']);
    expect(table.records()).toEqual([
      { n: 1, c: 'x', b: true, d: 1 },
      { n: null, c: null, b: false, d: null },
      { n: null, c: 'y', b: null, d: null },
    ]);
    expect(refusal(() => Table.fromRecords([{ n: 1 }, { n: 'two' }])).message).toContain('records[1].n: "two" is not numeric');
    expect(codeOf(() => Table.fromRecords([]))).toBe('ERR_EMPTY');
    expect(codeOf(() => Table.fromRecords([[1]] as unknown as Record<string, unknown>[]))).toBe('ERR_TYPE');
    expect(codeOf(() => Table.fromRecords([{ n: Number.POSITIVE_INFINITY }]))).toBe('ERR_TYPE');
  });

  test('columns of different length, or two of one name, are refused', () => {
    const a = { name: 'a', type: 'numeric', values: Float64Array.of(1) } as const;
    expect(codeOf(() => new Table([a, { ...a, name: 'b', values: Float64Array.of(1, 2) }]))).toBe('ERR_SHAPE');
    expect(codeOf(() => new Table([a, a]))).toBe('ERR_SHAPE');
  });
});

describe('TableEncoder', () => {
  test('numbers as they are with missing cells filled, booleans as 0 and 1, categories one-hot', () => {
    const table = parseCsv(TEXT);
    const encoder = new TableEncoder();
    const X = encoder.fitTransform(table);
    expect(encoder.featureNames).toEqual(['size', 'color_blue', 'color_red', 'color_(missing)', 'sold', 'since']);
    expect(X.toArray()).toEqual([
      [1, 0, 1, 0, 1, 10],
      [3, 1, 0, 0, 0, 20],
      [Math.fround(8 / 3), 0, 1, 0, 1, 10],
      [4, 0, 0, 1, 1, 0],
    ]);
    expect(encoder.groups).toEqual([
      { name: 'size', from: 0, to: 1 },
      { name: 'color', from: 1, to: 4 },
      { name: 'sold', from: 4, to: 5 },
      { name: 'since', from: 5, to: 6 },
    ]);
    expect(encoder.types).toEqual({ size: 'numeric', color: 'categorical', sold: 'boolean', since: 'date' });
  });

  test('numbers go back to a table', () => {
    const table = parseCsv(TEXT).dropMissing();
    const encoder = new TableEncoder();
    expect(encoder.inverseTransform(encoder.fitTransform(table)).records()).toEqual(table.records());
    expect(codeOf(() => encoder.inverseTransform([[1]]))).toBe('ERR_SHAPE');
  });

  test('missing numbers may become the median or the most frequent value', () => {
    const table = parseCsv('x,y\n1,a\n1,a\n10,a\n30,a\n,a\n');
    const fill = (impute: 'median' | 'mostFrequent' | 'mean') => new TableEncoder({ impute }).fitTransform(table).row(4)[0];
    expect(fill('median')).toBe(5.5);
    expect(fill('mostFrequent')).toBe(1);
    expect(fill('mean')).toBe(10.5);
  });

  test('float64 is kept until scaled: mean 1e6 and deviation 1 keep their digits', () => {
    const table = Table.fromRecords(Array.from({ length: 100 }, (_, i) => ({ x: 1e6 + i / 64 + 1e-4 })));
    const scaled = new StandardScaler().fitTransform(new TableEncoder().fit(table).transform64(table));
    const direct = new StandardScaler().fitTransform(Array.from({ length: 100 }, (_, i) => [1e6 + i / 64 + 1e-4]));
    expect(scaled.data).toEqual(direct.data);
  });

  test('a fit on the schema of a first pass is the same as one on the table', async () => {
    const schema = await scanCsv(TEXT);
    const table = parseCsv(TEXT);
    expect(new TableEncoder().fitSummaries(schema.columns).toJSON()).toEqual(new TableEncoder().fit(table).toJSON());
    expect(codeOf(() => new TableEncoder({ impute: 'median' }).fitSummaries(schema.columns))).toBe('ERR_OPTION');
  });

  test('rare categories share one column, and so do unknown ones', () => {
    const kinds = ['a', 'a', 'a', 'b', 'b', 'c', 'd'];
    const table = Table.fromRecords(kinds.map((kind) => ({ kind })));
    const encoder = new TableEncoder({ maxCategories: 2 }).fit(table);
    expect(encoder.featureNames).toEqual(['kind_a', 'kind_b', 'kind_(other)']);
    expect(encoder.transform(Table.fromRecords([{ kind: 'c' }, { kind: 'zzz' }])).toArray()).toEqual([
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(encoder.inverseTransform([[0, 0, 1]]).cell(0, 'kind')).toBe('(other)');
  });

  test('columns without a value, and text that differs in every row, are left out with a note', () => {
    const table = Table.fromRecords(Array.from({ length: 50 }, (_, i) => ({ x: i, id: `person ${i}`, empty: null })));
    const encoder = new TableEncoder().fit(table);
    expect(encoder.featureNames).toEqual(['x']);
    expect(encoder.notes).toEqual([
      'Column "id" was left out: it holds 50 different texts in 50 rows.',
      'Column "empty" was left out: it has no value at all.',
    ]);
    expect(encoder.findings.map(({ kind, column }) => [kind, column])).toEqual([
      ['columnLeftOut', 'id'],
      ['columnLeftOut', 'empty'],
    ]);
    expect(codeOf(() => new TableEncoder().fit(table.select(['id', 'empty'])))).toBe('ERR_EMPTY');
  });

  test('findings name the column that keep takes back, and the one whose categories were merged, apart from the ways out', () => {
    const table = Table.fromRecords(Array.from({ length: 40 }, (_, i) => ({ x: i % 7, no: i, kind: `k${i % 9}` })));
    const encoder = new TableEncoder({ maxCategories: 3 }).fit(table);
    const [running, merged, ...others] = encoder.findings;
    expect(others).toEqual([]);
    expect(running).toMatchObject({ kind: 'rowNumber', column: 'no', fix: 'To keep it, pass keep: ["no"] or declare its type.' });
    expect(merged).toMatchObject({ kind: 'mergedCategories', column: 'kind' });
    expect(encoder.notes).toEqual([`${running!.message} ${running!.fix}`, merged!.message]);
    expect(new TableEncoder({ keep: ['no'], maxCategories: 9 }).fit(table).findings).toEqual([]);
    expect(TableEncoder.fromJSON(encoder.toJSON()).findings).toEqual([]);
  });

  test('is saved as plain JSON and comes back, and bad state is ERR_FORMAT', () => {
    const table = parseCsv(TEXT);
    const encoder = new TableEncoder().fit(table);
    const back = TableEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
    expect(back.transform(table).data).toEqual(encoder.transform(table).data);
    const good = encoder.toJSON();
    const [first] = good.columns;
    for (const columns of [
      [],
      [first, first],
      [null],
      [{ ...first, type: 'other' }],
      [{ ...first, fill: null }],
      [{ name: 'c', type: 'categorical', categories: [1] }],
      {},
    ])
      expect(codeOf(() => TableEncoder.fromJSON({ type: 'TableEncoder', columns }))).toBe('ERR_FORMAT');
  });

  test('what training did not see is reported: ranges, categories, missing cells', () => {
    const encoder = new TableEncoder().fit(parseCsv('x,kind\n1,a\n5,b\n'));
    const findings = encoder.check(parseCsv('x,kind\n9,c\n-2,c\n3,\n', { types: { kind: 'categorical' } }));
    expect(findings).toEqual([
      {
        column: 'x',
        count: 2,
        message: 'Column "x": values such as 9 outside the range of the training data (1 to 5) in 2 of 3 rows.',
      },
      {
        column: 'kind',
        count: 2,
        message: 'Column "kind": values such as "c" that the training data did not have in 2 of 3 rows.',
      },
      { column: 'kind', count: 1, message: 'Column "kind": missing cells, of which the training data had none, in 1 of 3 rows.' },
    ]);
    expect(encoder.check(parseCsv('x,kind\n2,a'))).toEqual([]);
  });

  test('fault 59: an unseen category becomes zeros, and the check names it', () => {
    const encoder = new TableEncoder().fit(Table.fromRecords([{ kind: 'a' }, { kind: 'b' }]));
    expect(encoder.transform(Table.fromRecords([{ kind: 'c' }])).toArray()).toEqual([[0, 0]]);
  });

  test('fault 15: a table that lacks a column is ERR_SHAPE, of another type ERR_TYPE with the way out', () => {
    const encoder = new TableEncoder().fit(parseCsv('x,kind\n1,a\n2,b\n'));
    expect(refusal(() => encoder.transform(parseCsv('x,k\n1,a\n'))).message).toContain(
      'no column "kind", which the model was trained with',
    );
    const error = refusal(() => encoder.transform(parseCsv('x,kind\n1,2\n')));
    expect(error.code).toBe('ERR_TYPE');
    expect(error.message).toContain('types: { "kind": \'categorical\' }');
    const read = parseCsv('x,kind\n1,2\n', { types: encoder.types });
    expect(encoder.transform(read).toArray()).toEqual([[1, 0, 0]]);
    expect(encoder.transform(parseCsv('x,kind\n1,\n2,\n')).toArray()[0]).toEqual([1, 0, 0]); // all missing: any type will do
  });

  test('fault 58: used before fit is ERR_STATE', () => {
    expect(codeOf(() => new TableEncoder().transform(parseCsv(TEXT)))).toBe('ERR_STATE');
    expect(codeOf(() => new TableEncoder().featureNames)).toBe('ERR_STATE');
  });

  test('fault 4: a number beyond float32 is ERR_RANGE with line and column', () => {
    const table = parseCsv('x\n1\n1e300\n');
    expect(refusal(() => new TableEncoder().fitTransform(table)).message).toContain('CSV line 3, column "x"');
  });
});
