// Bins of numbers: piecewise-linear encodings in front of a preset's nets, and in the network that they become.

import { describe, expect, test } from 'vitest';
import { LayerKind } from '../../assembly/abi.js';
import { matrix } from '../../src/data/matrix.js';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import { exportOnnx } from '../../src/entries/onnx.js';
import { exportModule } from '../../src/entries/standalone.js';
import { binLayers, binsOf, setBins } from '../../src/estimators/bins.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor as BaselineRegressor } from '../../src/estimators/plain.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, dense, embedding } from '../../src/plan/layers.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';
import { drawnNet, expectMergedMean, rowsWithCategories } from '../support/mergedNets.js';
import { load } from '../support/standalone.js';

const quick = { preset: 'quick', seed: 1, deterministic: true, onWarning: false } as const;

/** A number that goes with the steps of one column, the other and a group. */
function steps(rows: number, seed = 1): Table {
  const random = new Random(seed, 'steps');
  const records = Array.from({ length: rows }, () => {
    const [a, b, group] = [random.uniform(), random.normal(), random.below(12)];
    return { a, b, flag: random.below(2), group: `g${group}`, y: Math.floor(6 * a) % 2 === 0 ? b : group / 6 };
  });
  return Table.fromRecords(records);
}

/** Share q of sorted values, by linear interpolation. */
function quantileOf(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

describe('the layers of bins', () => {
  test('give each column, then 0 below each of its bins, 1 above it and the share of the way within, bins between quantiles', () => {
    const random = new Random(7, 'rows');
    // Two columns of numbers, an indicator, a constant, and mostly zeros.
    const X = Array.from({ length: 300 }, (_, i) => [
      random.normal(),
      random.uniform() * 0.4,
      i % 2,
      0.25,
      i % 10 === 0 ? random.uniform() : 0,
    ]);
    const bins = binsOf(matrix(X, { name: 'X' }), 4, [])!;
    const layers = [activation('tanh'), ...binLayers(bins, 5, { learningRateScale: 6 })];
    const net = setBins(new MLP({ inputs: 5, layers }), bins, (column) => column);
    const float = (value: number) => Math.tanh(Math.fround(value));
    const expected = X.map((row) => row.map(float));
    for (const column of [0, 1, 4]) {
      const sorted = X.map((row) => Math.fround(row[column]!)).sort((a, b) => a - b);
      const edges = [...new Set([0, 1, 2, 3, 4].map((k) => Math.tanh(quantileOf(sorted, k / 4))))];
      if (edges.length < 3) continue;
      edges.slice(1).forEach((high, k) => {
        const low = edges[k]!;
        for (const [i, row] of expected.entries()) {
          const x = float(X[i]![column]!);
          row.push(x < low ? 0 : x >= high ? 1 : (x - low) / (high - low));
        }
      });
    }
    // The quartiles of the last column are all 0: one bin of it would say what the column says.
    expect(bins.all.map(({ column }) => column)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    const { data, shape } = net.predict(X);
    expect(shape).toEqual([300, 13]);
    // Rounding of slopes times columns.
    expected.flat().forEach((value, k) => expect(Math.abs(data[k]! - value)).toBeLessThan(1e-5));
  });

  test.each([0, 3, 4])(
    'stand once in a network that is the mean of several nets with them and a share of a linear model, with indicators for columns of at most %i categories',
    (oneHot) => {
      const random = new Random(3, 'nets');
      const numbers = [
        embedding({ column: 3, categories: 4, size: 2 }),
        embedding({ column: 1, categories: 3, size: 3 }),
        activation('tanh'),
      ];
      const numbered = [1, 3].map((column) => ({ column, categories: column === 1 ? 3 : 4 }));
      const X = rowsWithCategories(40, random);
      const bins = binsOf(matrix(X, { name: 'X' }), 5, numbered)!;
      expect(bins.all.length).toBe(10);
      const layers = [...numbers, ...binLayers(bins, 7, { learningRateScale: 6 }), dense(5, { activation: 'mish' }), dense(2)];
      const nets = [1, 2, 3].map((seed) =>
        setBins(drawnNet(layers, random, seed), bins, (column) => (column === 0 ? 0 : 4)),
      ) as MLP[];
      // Float32 sums, and a carried linear model that is lifted above 24 and back.
      expectMergedMean(nets, X, oneHot, random, 2e-5);
    },
  );
});

describe('an estimator with bins', () => {
  const table = steps(800);
  const fresh = steps(400, 2);
  const model = new MLPRegressor({ ...quick, bins: 12 }).fitSync(table, 'y');

  test('learns steps that it would else smooth over', () => {
    const plain = new MLPRegressor(quick).fitSync(table, 'y');
    expect(1 - model.score(fresh, 'y')).toBeLessThan(0.6 * (1 - plain.score(fresh, 'y')));
  });

  test('is one network, which files, predictors, ONNX and code take to the same answers', async () => {
    const answers = model.predict(fresh);
    expect(model.model.plan.layers.filter(({ kind }) => kind === LayerKind.Rescale).length).toBe(1);
    expect(model.model.plan.layers.filter(({ kind }) => kind === LayerKind.Embedding).length).toBe(0);
    expect(MLPRegressor.load(model.save(), { onWarning: false }).predict(fresh)).toEqual(answers);
    const records = [{ a: 0.3, b: -1.2, flag: 1, group: 'g3' }];
    expect(loadPredictor(model.save()).predict(records)).toEqual(model.predict(Table.fromRecords(records)));
    expect(exportOnnx(model).length).toBeGreaterThan(0);
    const module = await load(exportModule(model.model).code);
    const rows = Array.from({ length: 5 }, () =>
      Array.from({ length: model.model.inputs }, (_, j) => (j % 2 === 0 ? 0.2 : -0.1)),
    );
    const { data } = model.model.predict(rows);
    module.predict(rows).forEach((row, i) => expect(Math.abs(row[0]! - data[i]!)).toBeLessThan(1e-4));
  });

  test('goes on after an interruption, to the same bits', async () => {
    const stop = new AbortController();
    const broken = new MLPRegressor({ ...quick, bins: 12 });
    const onEpochEnd = ({ epoch }: { epoch: number }) => epoch === 33 && stop.abort();
    await broken.fit(table, 'y', { signal: stop.signal, onEpochEnd }).catch(() => undefined);
    expect(broken.stoppedBy).toBe('abort');
    const resumed = MLPRegressor.load(broken.save({ optimizer: true }), { onWarning: false });
    await resumed.fit(table, 'y', { resume: true });
    expect(resumed.predict(fresh)).toEqual(model.predict(fresh));
  });

  test('learns on in portions, and its bins stay', () => {
    const more = MLPRegressor.load(model.save({ optimizer: true }), { onWarning: false });
    const named = (of: MLPRegressor, index: number) =>
      of.model.parameters().filter(({ name }) => name.startsWith(`layers.${index}.`));
    more.partialFit(fresh, 'y');
    for (const [k, { values }] of named(more, 1).entries()) expect(values).toEqual(named(model, 1)[k]!.values);
    expect(named(more, 3)[0]!.values).not.toEqual(named(model, 3)[0]!.values);
    expect(named(more, 1).length).toBe(2);
  });

  test('answers on plain JavaScript as on the core', () => {
    const some = steps(60);
    const options = { ...quick, bins: 3, hiddenLayers: [8], epochs: 4 };
    const [core, plain] = [new MLPRegressor(options), new BaselineRegressor(options)].map((of) =>
      of.fitSync(some, 'y').predict(some),
    );
    // Float32 rounding over some 60 steps.
    core!.forEach((value, i) => expect(Math.abs(value - plain![i]!)).toBeLessThan(1e-3));
  });

  test('of a table without numbers to bin, of few rows and of classes is as any other', () => {
    const words = Table.fromRecords(Array.from({ length: 80 }, (_, i) => ({ word: `w${i % 3}`, y: i % 3 === 0 ? 'p' : 'q' })));
    const options = { ...quick, epochs: 8 };
    const [none, binned] = [{}, { bins: 8 }].map((more) => new MLPClassifier({ ...options, ...more }).fitSync(words, 'y'));
    expect(binned!.predictProba(words)).toEqual(none!.predictProba(words));
    const few = Array.from({ length: 30 }, (_, i) => [i]);
    const labels = few.map(([x]) => (x! >= 10 && x! < 20 ? 'in' : 'out'));
    const middle = new MLPClassifier({ ...quick, bins: 6 }).fitSync(few, labels);
    expect(middle.score(few, labels)).toBeGreaterThan(0.85);
  });

  test('refuses bins where there is nothing to make them of', () => {
    const code = (options: object) => {
      const { code, message } = refusal(() =>
        new MLPRegressor({ onWarning: false, ...options }).fitSync([[1], [2], [3]], [1, 2, 3]),
      );
      return `${code}: ${message}`;
    };
    expect(code({ bins: 1 })).toMatch(/ERR_OPTION: .*bins: expected a whole number/);
    expect(code({ bins: 65 })).toMatch(/ERR_OPTION: .*bins/);
    expect(code({ bins: 8, hiddenLayers: [4] })).toMatch(/ERR_OPTION: bins: .*Add preset/);
    expect(code({ bins: 8, preset: 'quick', scale: 'robust' })).toMatch(/ERR_OPTION: bins: .*Leave out bins or scale/);
    const early = refusal(() => new MLPRegressor({ bins: 8, onWarning: false }).partialFit([[1], [2]], [1, 2]));
    expect(early.message).toMatch(/^bins: partialFit before fit/);
  });
});
