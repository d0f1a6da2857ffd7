import { describe, expect, test } from 'vitest';
import {
  dense,
  MLP,
  MLPRegressor,
  MLPClassifier,
  partialDependence,
  Random,
  Table,
  type Matrix,
} from '../../src/entries/index.js';
import { fixture } from '../support/fixtures.js';
import { refusal } from '../support/errors.js';

interface Golden {
  X: number[][];
  cases: {
    feature: number;
    grid: number;
    percentiles: [number, number];
    values: number[];
    average: number[];
    individual: number[][] | null;
  }[];
}

const golden = fixture<Golden>('sklearn-dependence.json');
const written = (M: Matrix) => M.toArray().map(([a, b, c, d]) => a! * b! + Math.sin(c!) - Math.abs(d!));

describe('partialDependence', () => {
  test.each(golden.cases)("is scikit-learn's: feature $feature, grid $grid, percentiles $percentiles", (wanted) => {
    const { feature, grid, percentiles } = wanted;
    const found = partialDependence(written, golden.X, feature, { grid, percentiles, individual: true });
    expect(found.feature).toBe(`x${feature}`);
    expect(found.type).toBe('numeric');
    expect(found.grid.length).toBe(wanted.values.length);
    // A function is handed float32 rows: 6e-8 of values up to 9.
    wanted.values.forEach((value, k) => expect(found.grid[k]).toBeCloseTo(value, 7));
    wanted.average.forEach((value, k) => expect(found.values[k]).toBeCloseTo(value, 5));
    wanted.individual?.forEach((row, i) => row.forEach((value, k) => expect(found.individual!.row(i)[k]).toBeCloseTo(value, 5)));
    expect(partialDependence(written, golden.X, feature, { grid, percentiles }).individual).toBeUndefined();
  });

  const numbers = new Random(3, 'dependence');
  const rows = Array.from({ length: 240 }, () => ({
    size: numbers.between(1, 9),
    colour: ['red', 'green', 'blue'][numbers.below(3)]!,
    old: numbers.below(2) === 1,
    built: new Date(Date.UTC(2000 + numbers.below(20), 3, 1)),
  }));
  const y = rows.map(({ size, colour, old }) => 10 * size + (colour === 'red' ? 20 : 0) - (old ? 5 : 0));

  test('of a table gives categories, truth values, dates and numbers as they are, in the units of the target', async () => {
    const model = await new MLPRegressor({ seed: 1, epochs: 30, onWarning: false }).fit(rows, y);
    const table = Table.from(rows);
    const colour = partialDependence(model, table, 'colour', { individual: true });
    expect(colour.type).toBe('categorical');
    expect(colour.grid).toEqual(['blue', 'green', 'red']);
    for (const [k, value] of colour.grid.entries()) {
      const answers = model.predict(rows.map((row) => ({ ...row, colour: value })));
      expect(colour.values[k]).toBeCloseTo(answers.reduce((a, b) => a + b, 0) / rows.length, 9);
      expect(colour.individual!.row(7)[k]).toBe(answers[7]);
    }
    const old = partialDependence(model, rows, 'old');
    expect([old.type, old.grid]).toEqual(['boolean', [false, true]]);
    expect(old.values[0]).toBeGreaterThan(old.values[1]!);
    const size = partialDependence(model, rows, 0, { grid: 11 });
    expect(size.feature).toBe('size');
    expect(size.grid.length).toBe(11);
    const answers = model.predict(rows.map((row) => ({ ...row, size: size.grid[4] })));
    expect(size.values[4]).toBeCloseTo(answers.reduce((a, b) => a + b, 0) / rows.length, 9);
    const built = partialDependence(model, rows, 'built');
    expect(built.type).toBe('date');
    expect(built.grid[0]).toBeGreaterThanOrEqual(Date.UTC(2000, 3, 1) / 86_400_000);
  });

  test('of a classifier is of the class asked for, as probability or logit', async () => {
    const model = await new MLPClassifier({ seed: 1, epochs: 30, onWarning: false }).fit(
      rows,
      y.map((value) => value > 50),
    );
    const yes = partialDependence(model, rows, 'size', { output: true, grid: 5 });
    const no = partialDependence(model, rows, 'size', { output: false, grid: 5 });
    yes.values.forEach((p, k) => expect(p + no.values[k]!).toBeCloseTo(1, 9));
    expect(yes.values[4]).toBeGreaterThan(yes.values[0]!);
    const logit = partialDependence(model, rows.slice(0, 1), 'size', { output: true, scale: 'logit', grid: 2, individual: true });
    const proba = partialDependence(model, rows.slice(0, 1), 'size', { output: true, grid: 2 });
    proba.values.forEach((p, k) => expect(logit.values[k]).toBeCloseTo(Math.log(p / (1 - p)), 4));
  });

  test('of a group of inputs has its different rows for a grid', () => {
    const model = new MLP({ inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(1)], seed: 1 });
    const X = [
      [0, 1, 5],
      [1, 0, 6],
      [0, 1, 7],
      [0, 0, 8],
    ];
    const groups = [{ name: 'kind', from: 0, to: 2 }];
    const found = partialDependence(model, X, 'kind', { groups });
    expect(found.type).toBe('group');
    expect(found.grid).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    const answers = model.predict(X.map(([, , c]) => [0, 1, c!])).data;
    expect(found.values[1]).toBeCloseTo(answers.reduce((a, b) => a + b, 0) / 4, 9);
  });

  test('leaves missing cells off the grid', async () => {
    const gappy = rows.map((row, i) => ({
      ...row,
      size: i % 5 === 0 ? null : row.size,
      colour: i % 7 === 0 ? null : row.colour,
    }));
    const model = await new MLPRegressor({ seed: 1, epochs: 3, onWarning: false }).fit(gappy, y);
    expect(partialDependence(model, gappy, 'colour').grid).toEqual(['blue', 'green', 'red']);
    for (const value of partialDependence(model, gappy, 'size', { grid: 4 }).grid) expect(value).toBeGreaterThan(0);
  });

  test('refuses by name', () => {
    const fails = (action: () => unknown) => refusal(action).message;
    const X = golden.X;
    expect(fails(() => partialDependence(written, X, 'x9'))).toMatch(/unknown feature "x9"\. Did you mean/);
    expect(fails(() => partialDependence(written, X, 4))).toMatch(/from 0 to 3, got 4/);
    expect(fails(() => partialDependence(written, X, 0, { grid: 1 }))).toMatch(/grid/);
    expect(fails(() => partialDependence(written, X, 0, { percentiles: [0.9, 0.1] }))).toMatch(/the smaller first/);
    const stuck = X.map((row, i) => [i < 3 ? i : 0, ...row.slice(1)]);
    expect(fails(() => partialDependence(written, stuck, 0, { grid: 3, percentiles: [0.1, 0.6] }))).toMatch(/are both 0/);
  });
});
