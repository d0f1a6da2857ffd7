// Text columns of many categories: learnt as a few numbers for each, whatever the finished network reads.

import { describe, expect, test } from 'vitest';
import { LayerKind } from '../../assembly/abi.js';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import { TableEncoder } from '../../src/data/tabular.js';
import { exportOnnx } from '../../src/entries/onnx.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { activation, dense, embedding, rescale } from '../../src/plan/layers.js';
import { refusal } from '../support/errors.js';
import { drawnNet, expectMergedMean, rowsWithCategories } from '../support/mergedNets.js';

/** Trips between places; what they cost goes with the distance, the place and the driver. */
function trips(rows: number, places: number, drivers: number, seed = 1) {
  const random = new Random(seed, 'trips');
  const effect = Array.from({ length: Math.max(places, drivers) }, () => random.normal());
  const records = Array.from({ length: rows }, () => {
    const [place, driver] = [random.below(places), random.below(drivers)];
    const distance = random.uniform();
    const fare = 3 * distance + effect[place]! + 0.5 * effect[driver]! + 0.1 * random.normal();
    return { place: `place ${place}`, distance, driver: `d${driver}`, fare };
  });
  return Table.fromRecords(records);
}

const quick = { preset: 'quick', seed: 1, deterministic: true, onWarning: false, epochs: 6 } as const;
const kinds = (model: { readonly model: { readonly plan: { readonly layers: readonly { readonly kind: LayerKind }[] } } }) =>
  model.model.plan.layers.map(({ kind }) => kind);

describe('nets with embeddings side by side', () => {
  test.each([0, 3, 4])(
    'compute the mean of what each computes and a share of a linear model, with indicators for columns of at most %i categories',
    (oneHot) => {
      const random = new Random(3, 'nets');
      const layers = [
        embedding({ column: 3, categories: 4, size: 2 }),
        embedding({ column: 1, categories: 3, size: 3 }),
        activation('tanh'),
        rescale({}, { trainable: true }),
        dense(5, { activation: 'mish' }),
        dense(2),
      ];
      const nets = [1, 2, 3].map((seed) => drawnNet(layers, random, seed));
      expectMergedMean(nets, rowsWithCategories(20, random), oneHot, random, 1e-5);
    },
  );
});

describe('an estimator', () => {
  test('learns them by default with a preset, and ends with an input for each of at most 100', () => {
    const table = trips(600, 30, 12);
    const model = new MLPRegressor(quick).fitSync(table, 'fare');
    const [learnt, spread] = [
      new MLPRegressor({ ...quick, epochs: 40 }),
      new MLPRegressor({ ...quick, epochs: 40, embeddings: false }),
    ];
    for (const one of [learnt, spread]) one.fitSync(table, 'fare');
    expect(learnt.score(trips(300, 30, 12), 'fare')).toBeGreaterThan(0.9);
    expect(model.featureNames).toEqual(spread.featureNames);
    expect(kinds(model)).not.toContain(LayerKind.Embedding);
    expect(exportOnnx(model).length).toBeGreaterThan(0);
    const other = Table.fromRecords([{ place: 'nowhere', distance: 0.5, driver: 'd1' }]);
    expect(Number.isFinite(model.predict(other)[0])).toBe(true);
    const records = [{ place: 'place 3', distance: 0.2, driver: 'd4' }];
    expect(loadPredictor(model.save()).predict(records)).toEqual(model.predict(Table.fromRecords(records)));
  });

  test('keeps what it learnt of more than 100, in its file, in a predictor and after an interruption', async () => {
    const table = trips(900, 130, 12);
    const model = new MLPRegressor(quick).fitSync(table, 'fare');
    expect(model.model.inputs).toBe(2 + model.featureNames.filter((name) => name.startsWith('driver_')).length);
    expect(kinds(model)).toContain(LayerKind.Embedding);
    const records = [
      { place: 'place 3', distance: 0.2, driver: 'd4' },
      { place: 'nowhere', distance: 0.2, driver: 'd4' },
      { place: null, distance: 0.2, driver: 'd4' },
    ];
    const answers = model.predict(Table.fromRecords(records));
    expect(MLPRegressor.load(model.save(), { onWarning: false }).predict(Table.fromRecords(records))).toEqual(answers);
    expect(loadPredictor(model.save()).predict(records)).toEqual(answers);
    const { code, message } = refusal(() => exportOnnx(model));
    expect(code).toBe('ERR_UNSUPPORTED');
    expect(message).toMatch(/Embedding/);
    const stop = new AbortController();
    const broken = new MLPRegressor(quick);
    const onEpochEnd = ({ epoch }: { epoch: number }) => epoch === 8 && stop.abort();
    await broken.fit(table, 'fare', { signal: stop.signal, onEpochEnd }).catch(() => undefined);
    expect(broken.stoppedBy).toBe('abort');
    const resumed = MLPRegressor.load(broken.save({ optimizer: true }), { onWarning: false });
    await resumed.fit(table, 'fare', { resume: true });
    expect(resumed.predict(Table.fromRecords(records))).toEqual(answers);
  });

  test("of a network of one's own has them where it asks, and none beside shapes", () => {
    const table = trips(300, 130, 12);
    const own = { hiddenLayers: [8], epochs: 3, onWarning: false } as const;
    expect(kinds(new MLPRegressor(own).fitSync(table, 'fare'))).not.toContain(LayerKind.Embedding);
    const model = new MLPRegressor({ ...own, embeddings: { from: 100, size: 5 } }).fitSync(table, 'fare');
    expect(model.model.parameters()[0]!.shape[1]).toBe(5);
    const shaped = new MLPRegressor({ ...own, embeddings: true, monotone: { distance: 1 } });
    expect(refusal(() => shaped.fitSync(table, 'fare')).message).toMatch(/embeddings: a network with monotone or convex/);
    expect(() => new MLPClassifier({ embeddings: { from: 0 } })).toThrow(/from: expected a whole number/);
  });

  test('gives way to a linear model with them too', () => {
    const random = new Random(5, 'linear');
    const effect = Array.from({ length: 120 }, () => random.normal());
    const records = Array.from({ length: 400 }, (_, i) => {
      const x = random.normal();
      return { group: `g${i % 120}`, x, y: 40 * x + effect[i % 120]! + 0.01 * random.normal() };
    });
    const model = new MLPRegressor({ ...quick, epochs: 1 }).fitSync(Table.fromRecords(records), 'y');
    expect(model.notes.join(' ')).toMatch(/this is a linear model, trained on all rows/);
    expect(model.score(Table.fromRecords(records), 'y')).toBeGreaterThan(0.99);
  });
});

test('numbered columns: rare categories share a number, new ones take it, and the way back is there', () => {
  const words = ['a', 'a', 'a', 'b', 'b', 'b', 'c', undefined];
  const table = Table.fromRecords(words.map((word, i) => ({ word: word ?? null, n: i })));
  const encoder = new TableEncoder({ numberedFrom: 3 }).fit(table);
  expect(encoder.featureNames).toEqual(['word', 'n']);
  expect(encoder.numbered).toEqual([{ column: 0, categories: 4 }]);
  const codes = (some: Table) => Array.from({ length: some.rows }, (_, i) => encoder.transform(some).row(i)[0]);
  expect(codes(table)).toEqual([0, 0, 0, 1, 1, 1, 2, 3]);
  expect(codes(Table.fromRecords([{ word: 'z', n: 1 }]))).toEqual([2]);
  expect(encoder.inverseTransform(encoder.transform(table.take([0, 1, 2, 3]))).labels('word')).toEqual(['a', 'a', 'a', 'b']);
  expect(TableEncoder.fromJSON(encoder.toJSON()).transform(table)).toEqual(encoder.transform(table));
  expect(encoder.oneHot().featureNames).toEqual(['word_a', 'word_b', 'word_(other)', 'word_(missing)', 'n']);
  const none = new TableEncoder({ numberedFrom: 2 }).fit(
    Table.fromRecords(['a', 'a', 'a', 'b', 'b', 'b'].map((word) => ({ word }))),
  );
  expect(none.transform(Table.fromRecords([{ word: 'z' }])).data[0]).toBe(-1);
});
