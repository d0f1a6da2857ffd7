// What the estimators do to columns before training: numbers are scaled, indicators are left alone, and what is held out teaches nothing.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv/index.js';
import { RobustScaler, SmoothClipScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { fitScaler } from '../../src/estimators/scaling.js';

const rare = Array.from({ length: 300 }, (_, i) => ({
  size: i % 7,
  color: i === 5 ? 'mauve' : i % 2 === 0 ? 'red' : 'blue',
  sold: i % 50 === 0,
}));
const text = `size,color,sold,y\n${rare.map(({ size, color, sold }, i) => `${size},${color},${sold},${(i * 7) % 13}`).join('\n')}\n`;

const alones = {
  standard: () => new StandardScaler(),
  robust: () => new RobustScaler(),
  smoothClip: () => new SmoothClipScaler(),
};

describe('columns before training', () => {
  test.each(['standard', 'robust', 'smoothClip'] as const)(
    'with scale: %s categories and booleans stay 0 and 1, numbers are scaled',
    async (scale) => {
      const model = await new MLPRegressor({ scale, epochs: 1, earlyStopping: false }).fit(parseCsv(text), 'y');
      const { scaler, featureNames } = model;
      expect(featureNames).toEqual(['size', 'color_blue', 'color_mauve', 'color_red', 'sold']);
      const Z = scaler!
        .transform([
          [3, 0, 1, 0, 1],
          [5, 1, 0, 0, 0],
        ])
        .toArray();
      expect(Z.map((row) => row.slice(1))).toEqual([
        [0, 1, 0, 1],
        [1, 0, 0, 0],
      ]);
      const numbers = rare.map(({ size }) => [size]);
      const alone = alones[scale]().fit(numbers);
      expect(Z.map((row) => row[0])).toEqual(
        alone
          .transform([[3], [5]])
          .toArray()
          .flat(),
      );
    },
  );

  test('rows of numbers with indicators among them, as OneHotEncoder makes them, are treated alike', () => {
    const rows = Array.from({ length: 400 }, (_, i) => [i, i === 0 ? 1 : 0, i % 3]);
    const { mean, scale } = fitScaler({}, rows) as StandardScaler;
    expect([mean[1], scale[1]]).toEqual([0, 1]);
    expect(mean[0]).toBe(199.5);
    expect(mean[2]).toBeCloseTo(0.9975, 12); // 134 zeros, 133 ones, 133 twos
  });

  test('a preset scales every column by the recipe of its framework', () => {
    const rows = Array.from({ length: 400 }, (_, i) => [i, i === 0 ? 1 : 0]);
    const scaler = fitScaler({ compat: 'sklearn' }, rows) as StandardScaler;
    expect([...scaler.scale]).toEqual([...new StandardScaler().fit(rows).scale]);
  });

  test('with scale: robust a column of mostly zeros is divided by half its range, as in RealMLP, not by 1', () => {
    const rows = Array.from({ length: 100 }, (_, i) => [i < 90 ? 0 : 500, 2 * i]);
    const { center, scale } = fitScaler({ scale: 'robust' }, rows) as RobustScaler;
    expect([...center]).toEqual([0, 99]);
    expect([...scale]).toEqual([250, 99]); // the second: quartiles 49.5 and 148.5
  });

  test('with scale: smoothClip an outlier becomes less than 3, and a saved model scales as it did', async () => {
    // the curve of arXiv 2407.04491, section 3: z / sqrt(1 + (z / 3)^2), for z = (x - median) / (distance of the quartiles)
    const rows = Array.from({ length: 101 }, (_, i) => [i === 100 ? 1e9 : i, i % 2, 5]);
    const y = rows.map((_, i) => i);
    const model = await new MLPRegressor({ scale: 'smoothClip', epochs: 2, hiddenLayers: [4] }).fit(rows, y);
    const z = (75 - 50) / 50;
    const scaled = model.scaler!.transform64([
      [75, 1, 5],
      [1e9, 0, 7],
    ]).data;
    expect(scaled[0]).toBeCloseTo(z / Math.sqrt(1 + (z / 3) ** 2), 12);
    expect([...scaled.slice(1, 3)]).toEqual([1, 0]);
    expect(scaled[3]).toBeGreaterThan(2.999999);
    expect(scaled[3]).toBeLessThan(3);
    const loaded = MLPRegressor.load(model.save());
    expect(loaded.scaler!.toJSON()).toEqual(model.scaler!.toJSON());
    expect([...loaded.predict(rows)]).toEqual([...model.predict(rows)]);
    expect(loaded.scaler!.inverseTransform64([[...scaled.slice(0, 3)]]).data[0]).toBeCloseTo(75, 9);
  });

  test('categories and means are learnt from the training rows alone, not from those that early stopping watches', async () => {
    // every row has a category of its own pair; a category that stands in held-out rows only gets no input
    const rows = Array.from({ length: 400 }, (_, i) => `${i % 5},k${i >> 1 < 190 ? i % 15 : i},${i % 2 === 0 ? 'a' : 'b'}`);
    const table = parseCsv(`x,kind,y\n${rows.join('\n')}\n`);
    const model = await new MLPClassifier({ epochs: 1, earlyStopping: { validationFraction: 0.5 }, seed: 3 }).fit(table, 'y');
    const inputs = model.featureNames.filter((name) => name.startsWith('kind_'));
    expect(inputs.length).toBeLessThan(35); // 15 + 20 kinds in all
    expect(inputs.length).toBeGreaterThan(15);
  });

  test('an estimator saved by 0.1.0 predicts as it did: what it scaled then, it scales now', () => {
    const { bytes, rows, predicted } = JSON.parse(
      readFileSync(new URL('../fixtures/formats/estimator-0.1.0.json', import.meta.url), 'utf8'),
    ) as { bytes: string; rows: string; predicted: number[] };
    const model = MLPRegressor.load(Uint8Array.from(Buffer.from(bytes, 'base64')));
    const answers = model.predict(parseCsv(rows, { types: model.encoder!.types }));
    predicted.forEach((value, i) => expect(answers[i]).toBeCloseTo(value, 5));
    expect((model.scaler as StandardScaler).scale[2]).toBeCloseTo(Math.sqrt((1 / 270) * (269 / 270)), 12); // one mauve among 270 training rows
  });
});

describe('a cell so far from all others', () => {
  const y = Array.from({ length: 60 }, (_, i) => (i * 7) % 11);
  const notes = (values: readonly number[], options = {}) =>
    new MLPRegressor({ epochs: 1, onWarning: false, ...options })
      .fitSync(
        values.map((v, i) => [v, i % 5]),
        y,
      )
      .notes.join(' ');
  const ages = Array.from({ length: 60 }, (_, i) => 20 + (i % 50));

  test('that scaling makes the others nearly one value is named, at either end, alone or twice', () => {
    expect(notes([...ages.slice(1), 1e30])).toContain('Column "x0": 1.00e+30 in one row lies so far from the others (20 to 69)');
    expect(notes([-1e30, ...ages.slice(1)])).toContain('-1.00e+30 in one row');
    expect(notes([1e30, 2e30, ...ages.slice(2)])).toContain('in two rows');
    // what the note says: the others end within a thousandth of each other
    const column = [...ages.slice(1), 1e30].map((v) => [v]);
    const scaled = new StandardScaler().fit(column).transform64(column).data.slice(0, 59);
    expect(Math.max(...scaled) - Math.min(...scaled)).toBeLessThan(1e-3);
  });

  test('ordinary outliers, rare indicators and the scale that takes them are not noted', () => {
    expect(notes([...ages.slice(1), 900])).not.toContain('lies so far');
    expect(notes([...ages.slice(1).map(() => 0), 1])).not.toContain('lies so far');
    expect(notes([...ages.slice(1).map(() => 0), 1e9])).not.toContain('lies so far');
    expect(notes([...ages.slice(1), 1e30], { scale: 'smoothClip' })).not.toContain('lies so far');
  });
});

test('maxCategories merges the rarer categories of a table, and says so by its own name', async () => {
  const model = await new MLPRegressor({ maxCategories: 2, epochs: 1, earlyStopping: false, onWarning: false }).fit(
    parseCsv(text),
    'y',
  );
  expect(model.featureNames).toEqual(['size', 'color_blue', 'color_red', 'color_(other)', 'sold']);
  expect(model.notes.join()).toContain('; maxCategories: 3 keeps all');
  expect(() => new MLPRegressor({ maxCategories: 0 })).toThrow(/maxCategories/);
});

test('partialFit warns of the first portion as fit does, and of missing cells that no portion before had', () => {
  const said: string[] = [];
  const model = new MLPRegressor({ onWarning: ({ message }) => said.push(message) });
  const rows = (cells: readonly unknown[]) =>
    parseCsv(`a,b,y\n${cells.map((a, i) => `${String(a)},${i % 3},${(i * 7) % 5}`).join('\n')}\n`);
  model.partialFit(rows([...ages20, 1e30]), 'y');
  expect(said.join()).toContain('lies so far from the others');
  said.length = 0;
  model.partialFit(rows(['', 21.5, 22, 23, 24, 25]), 'y');
  expect(said.join()).toContain('missing cells');
});
const ages20 = Array.from({ length: 20 }, (_, i) => 20.5 + ((i * 3) % 17));
