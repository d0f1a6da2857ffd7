// Exported modules of estimators that were trained on a table: records give the answers of the estimator, with missing cells, categories that
// training did not see, dates and text for numbers, or are refused by name.

import { describe, expect, test } from 'vitest';
import ts from 'typescript';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { largestDifference, load, start, type Exported } from '../support/standalone.js';

// Sums in float32, then the deviation of prices over prices: that is what rounding comes to here.
const tolerance = 1e-5;

const random = new Random(3, 'houses');
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
const houses = Array.from({ length: 90 }, (_, i) => ({
  size: i % 9 === 4 ? null : 50 + Math.round(200 * random.uniform()),
  garden: random.below(2) === 1,
  town: i % 13 === 2 ? null : pick(['Aa', 'Bb', 'Cc']),
  // Milliseconds since 1970: float32 would be minutes off before the scaler.
  built: new Date(Date.UTC(1990 + random.below(30), random.below(12), 1 + random.below(28), random.below(24))),
  price: Math.exp(12 + random.normal()),
  kind: pick(['flat', 'house', 'boat']),
}));
const quiet = {
  onWarning: false,
  epochs: 3,
  hiddenLayers: [7],
  dateFeatures: ['year', 'month', 'weekday', 'dayOfYear', 'hour'],
} as const;
const regressor = new MLPRegressor(quiet).fitSync(Table.fromRecords(houses).drop(['kind']), 'price');
const classifier = new MLPClassifier({ ...quiet, scale: 'robust' }).fitSync(Table.fromRecords(houses).drop(['price']), 'kind');

const strange: Record<string, unknown>[] = [
  { size: '120.5', garden: 'yes', town: 'Zz', built: '2001-02-03' },
  { size: ' NA ', garden: 1, town: null, built: '2001-02-03 04:05:06.5' },
  { size: null, garden: undefined, town: '', built: null },
  { size: 7n, garden: 'FALSE', town: 'Aa', built: '1999-12-31T23:59Z' },
  { size: Number.NaN, garden: 'n', town: 'Bb', built: '?' },
];

type Records = Exported & { predict(rows: unknown[]): number[][]; classify(rows: unknown[]): string[] };
const kinds: Record<string, (model: MLPRegressor | MLPClassifier) => Promise<Records>> = {
  exportModule: (model) => load(exportModule(model).code) as Promise<Records>,
  exportWasm: (model) => start(exportWasm(model)) as Promise<Records>,
};

describe.each(Object.entries(kinds))('%s', (_, open) => {
  test('of a regressor takes records, and rows of numbers as before', async () => {
    const { predict, selfTest } = await open(regressor);
    expect(largestDifference(predict(houses).flat(), regressor.predict(houses))).toBeLessThan(tolerance);
    for (const record of strange)
      expect(
        largestDifference(predict([record]).flat(), regressor.predict([record])),
        JSON.stringify(record, (_, v) => (typeof v === 'bigint' ? String(v) : v)),
      ).toBeLessThan(tolerance);
    const rows = regressor.encoder!.transform64(Table.fromRecords(houses));
    const numbers = houses.map((_, i) => rows.data.subarray(i * rows.shape[1], (i + 1) * rows.shape[1]));
    expect(predict(numbers)).toEqual(predict(houses));
    expect(selfTest()).toBeLessThan(tolerance);
    expect(predict([])).toEqual([]);
  });

  test('of a classifier gives labels of records', async () => {
    const { classify } = await open(classifier);
    expect(classify(houses)).toEqual(classifier.predict(houses));
    for (const record of strange) expect(classify([record])).toEqual(classifier.predict([record]));
  });

  test('reads a column of text as the estimator does: other cells beside a text are their text, a Date that is none is missing', async () => {
    const { predict } = await open(regressor);
    const one = { ...houses[0]!, town: 'Aa' };
    const mixed: Record<string, unknown>[][] = [
      [one, { ...one, town: 7 }, { ...one, town: true }, { ...one, town: 12n }, { ...one, town: null }],
      [one, { ...one, town: new Date(Number.NaN), built: new Date(Number.NaN) }],
      [
        { ...one, size: '7' },
        { ...one, size: 120 },
      ],
    ];
    for (const records of mixed)
      expect(largestDifference(predict(records).flat(), regressor.predict(records))).toBeLessThan(tolerance);
    expect(() => predict([one, { ...one, town: new Date(0) }])).toThrow(
      /rows\[1\]\.town: expected a cell of one kind \(string\)/,
    );
  });

  test('refuses rows of numbers with a cell that is none, of every length', async () => {
    const { predict, classify } = await open(classifier);
    const { inputs } = await open(classifier).then((net) => ({ inputs: net.inputs ?? classifier.inputs }));
    for (const bad of [Number.NaN, Infinity, -Infinity, null, undefined, '3', 4n])
      for (const place of [0, inputs - 1]) {
        const row = new Array(inputs).fill(0.5);
        row[place] = bad;
        for (const ask of [predict, classify])
          expect(() => ask([new Array(inputs).fill(1), row])).toThrow(
            new RegExp(`rows\\[1\\]\\[${place}\\]: expected a finite number, got ${String(bad)}`),
          );
      }
  });

  test('refuses by name what it cannot read', async () => {
    const { predict } = await open(regressor);
    const one = { ...houses[0]! };
    expect(() => predict([{ ...one, size: 'large' }])).toThrow(/rows\[0\]\.size: expected a number, got "large"/);
    expect(() => predict([{ ...one, size: '1,200' }])).toThrow(/rows\[0\]\.size: expected a number/);
    expect(() => predict([one, { ...one, size: 'x' }])).toThrow(/rows\[1\]\.size: expected a cell of one kind \(number\)/);
    expect(() => predict([{ ...one, built: '31.12.1999' }])).toThrow(/built: expected a Date, or a date such as/);
    expect(() => predict([{ ...one, built: '2001-02-30' }])).toThrow(/built: expected a Date/);
    expect(() => predict([{ ...one, garden: 'maybe' }])).toThrow(/garden: expected true or false/);
    expect(() => predict([{ ...one, town: 7 }])).toThrow(/town: expected text, got 7/);
    expect(() => predict([{ town: 'Aa' }])).toThrow(/no record has "garden"; give null for a missing cell/);
    expect(() => predict([{ ...one, garden: undefined, size: undefined, Size: 3 }].map(({ size: _, ...rest }) => rest))).toThrow(
      /no record has "size"/,
    );
    expect(() => predict([one, [1]])).toThrow(/rows\[1\]: expected a record/);
    expect(() => predict([[1]])).toThrow(/expected 26 numbers, got 1|expected \d+ numbers, got 1/);
  });
});

test('text of a column that training spelled in another way is refused, numbers and Dates are read', async () => {
  const days = houses.map(({ built, price }) => ({
    built: built.toISOString().slice(0, 10).split('-').reverse().join('.'),
    size: String(price).replace('.', ','),
    price,
  }));
  const { parseCsv } = await import('../../src/data/csv/index.js');
  const table = parseCsv(['built;size;price', ...days.map((d) => `${d.built};${d.size};${d.price}`)].join('\n'));
  const model = new MLPRegressor({ onWarning: false, epochs: 1, hiddenLayers: [3] }).fitSync(table, 'price');
  const { predict } = (await load(exportModule(model).code)) as Records;
  expect(() => predict([{ built: '03.02.2001', size: 5 }])).toThrow(/built: expected a Date/);
  const record = { built: new Date(Date.UTC(2001, 1, 3)), size: 5 };
  expect(largestDifference(predict([record]).flat(), model.predict([record]))).toBeLessThan(tolerance);
});

test('the declaration says that rows may be records, and compiles', () => {
  const { declaration } = exportModule(classifier);
  expect(declaration).toContain('predict(rows: Iterable<ArrayLike<number> | Readonly<Record<string, unknown>>>): number[][];');
  expect(ts.transpileModule(declaration, { reportDiagnostics: true }).diagnostics).toEqual([]);
});
