// Parts of the light loadPredictor: what needs one is refused by its name without it, and answers with it as the model itself does; and the one of
// feedforward/predict, which has them all.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { approximate } from '../../src/approximate/approximate.js';
import { Table } from '../../src/data/table.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { loadPredictor } from '../../src/predict/light.js';
import { loadPredictor as loadAny } from '../../src/predict/parts/loadAny.js';
import type { PredictorParts } from '../../src/predict/parts.js';
import { approximations } from '../../src/predict/parts/approximations.js';
import { dates } from '../../src/predict/parts/dates.js';
import { gradients } from '../../src/predict/parts/gradients.js';
import { integers } from '../../src/predict/parts/integers.js';
import { intervals } from '../../src/predict/parts/intervals.js';
import { wholeCore } from '../../src/predict/wholeCore.js';
import { quantize } from '../../src/quantize/quantize.js';

/** All of them, by name: one more without a row below is a test that fails. */
const parts: Required<PredictorParts> = { gradients, intervals, integers, dates, approximations };

const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
const model = new MLP({ inputs: 2, layers: [dense(9, { activation: 'tanh' }), dense(3)], seed: 1 });

/** What says that a part is missing: its name, and how to hand it over. */
const refusal = (part: string) =>
  expect.objectContaining({
    code: 'ERR_UNSUPPORTED',
    message: expect.stringContaining(
      ` needs ${part} of "feedforward/predict/light": loadPredictor(bytes, { ${part} }). "feedforward/predict" reads everything.`,
    ),
  });

test('the core put together of its two texts is the module that the package has, byte for byte', () => {
  expect(Buffer.compare(wholeCore.read(false), readFileSync(new URL('../../build/predict.wasm', import.meta.url)))).toBe(0);
});

test('outputs are the same bits with the light core and with the whole one', () => {
  for (const deterministic of [true, false]) {
    const own = new MLP({ inputs: 2, layers: [dense(9, { activation: 'gelu' }), dense(3)], seed: 2, deterministic });
    const file = own.save();
    expect(loadPredictor(file).predict(X)).toEqual(own.predict(X));
    expect(loadPredictor(file, { gradients }).predict(X)).toEqual(own.predict(X));
  }
});

test('inputGradient needs gradients', () => {
  const file = model.save();
  expect(() => loadPredictor(file).inputGradient(X, 1)).toThrow(refusal('gradients'));
  expect(loadPredictor(file, { gradients }).inputGradient(X, 1).data).toEqual(model.inputGradient(X, 1).data);
  const module = new WebAssembly.Module(wholeCore.read(false));
  expect(() => loadPredictor(file, { module }).inputGradient(X, 1)).toThrow(refusal('gradients'));
  expect(loadPredictor(file, { module, gradients }).inputGradient(X, 1).shape).toEqual([60, 2]);
});

test('a model of whole numbers needs integers, and has no derivatives whatever it is given', () => {
  const small = quantize(model, X, { maxLoss: 1 });
  expect(() => loadPredictor(small.save())).toThrow(refusal('integers'));
  const predictor = loadPredictor(small.save(), { integers });
  expect(predictor.predict(X)).toEqual(small.predict(X));
  for (const asked of [predictor, loadAny(small.save()), small])
    expect(() => asked.inputGradient(X)).toThrow(/a model of whole numbers has no derivatives/);
});

test('columns of dates need dates, which the refusal says with the name of the column', () => {
  const day = (i: number) => new Date(Date.UTC(2024, i % 12, 11));
  const records = Array.from({ length: 48 }, (_, i) => ({ when: day(i), size: i % 5, price: (i % 12) + (i % 5) }));
  const table = Table.fromRecords(records, { when: 'date' });
  const own = new MLPRegressor({ hiddenLayers: [4], epochs: 2, seed: 1, onWarning: false }).fitSync(table, 'price');
  expect(() => loadPredictor(own.save())).toThrow(refusal('dates'));
  expect(() => loadPredictor(own.save())).toThrow(/its column "when" holds dates/);
  const asked = [{ when: '2024-03-09', size: 2 }, { when: null, size: 1 }, { size: 0 }];
  expect(loadPredictor(own.save(), { dates }).predict(asked)).toEqual(own.predict(Table.fromRecords(asked)));
});

test('intervals, quantiles and sets need intervals; predictions of the same files do not', () => {
  const y = X.map(([a, b]) => a! + b!);
  const own = new MLPRegressor({ hiddenLayers: [4], epochs: 2, seed: 1, onWarning: false }).fitSync(X, y);
  own.conformalize(X, y);
  const light = loadPredictor(own.save());
  expect(light.predict(X)).toEqual(own.predict(X));
  expect(() => light.predictInterval(X)).toThrow(refusal('intervals'));
  expect(loadPredictor(own.save(), { intervals }).predictInterval(X)).toEqual(own.predictInterval(X));
  const quantiles = new MLPRegressor({ hiddenLayers: [4], epochs: 2, quantiles: [0.1, 0.5, 0.9], onWarning: false }).fitSync(
    X,
    y,
  );
  expect(() => loadPredictor(quantiles.save()).predictQuantiles(X)).toThrow(refusal('intervals'));
  expect(loadPredictor(quantiles.save(), { intervals }).predictQuantiles(X)).toEqual(quantiles.predictQuantiles(X));
  const labels = y.map((value) => (value > 0 ? 'up' : 'down'));
  const classifier = new MLPClassifier({ hiddenLayers: [4], epochs: 2, onWarning: false }).fitSync(X, labels);
  classifier.conformalize(X, labels);
  expect(() => loadPredictor(classifier.save()).predictSet(X)).toThrow(refusal('intervals'));
  expect(loadPredictor(classifier.save(), { intervals }).predictSet(X)).toEqual(classifier.predictSet(X));
});

test('an approximation needs approximations, which guard its domain', async () => {
  const wave = await approximate(({ x }: { x: number }) => Math.sin(x), { domain: { x: [0, 3] }, tolerance: 1, samples: 64 });
  expect(() => loadPredictor(wave.save())).toThrow(refusal('approximations'));
  const predictor = loadPredictor(wave.save(), { approximations });
  expect(predictor.predict([{ x: 1 }] as never)).toEqual(wave.predict([{ x: 1 }]));
  expect(() => predictor.predict([[7]])).toThrow(/was made, and its errors measured, for x from 0 to 3/);
  expect(() => predictor.predictInterval([[1]])).toThrow(refusal('intervals'));
  expect(loadPredictor(wave.save(), { approximations, intervals }).predictInterval([[1]])).toEqual(wave.predictInterval([[1]]));
});

test('what the light one refuses without a part, feedforward/predict answers as the model that was saved', async () => {
  const y = X.map(([a, b]) => a! + b!);
  const labels = y.map((value) => (value > 0 ? 'up' : 'down'));
  const few = { hiddenLayers: [4], epochs: 2, seed: 1, onWarning: false } as const;
  const regressor = new MLPRegressor(few).fitSync(X, y);
  regressor.conformalize(X, y);
  const quantiles = new MLPRegressor({ ...few, quantiles: [0.1, 0.5, 0.9] }).fitSync(X, y);
  const classifier = new MLPClassifier(few).fitSync(X, labels);
  classifier.conformalize(X, labels);
  const small = quantize(model, X, { maxLoss: 1 });
  const records = X.map(([a], i) => ({ when: new Date(Date.UTC(2024, i % 12, 11)), size: a, price: i }));
  const dated = new MLPRegressor(few).fitSync(Table.fromRecords(records, { when: 'date' }), 'price');
  const asked = [{ when: '2024-03-09', size: 2 }];
  const wave = await approximate(({ x }: { x: number }) => Math.sin(x), { domain: { x: [0, 3] }, tolerance: 1, samples: 64 });
  type Asked = ReturnType<typeof loadAny>;
  const kinds: [kind: string, file: Uint8Array, ask: (predictor: Asked) => unknown, own: unknown][] = [
    ['gradients', model.save(), (from) => from.inputGradient(X, 1).data, model.inputGradient(X, 1).data],
    ['intervals', regressor.save(), (from) => from.predictInterval(X), regressor.predictInterval(X)],
    ['intervals', quantiles.save(), (from) => from.predictQuantiles(X), quantiles.predictQuantiles(X)],
    ['intervals', classifier.save(), (from) => from.predictSet(X), classifier.predictSet(X)],
    ['integers', small.save(), (from) => from.predict(X), small.predict(X)],
    ['dates', dated.save(), (from) => from.predict(asked), dated.predict(Table.fromRecords(asked))],
    ['approximations', wave.save(), (from) => from.predict([[1]]), wave.predict([[1]])],
  ];
  for (const [part, file, ask, own] of kinds) {
    expect(() => ask(loadPredictor(file)), part).toThrow(refusal(part));
    expect(ask(loadAny(file)), part).toEqual(own);
  }
  expect([...new Set(kinds.map(([part]) => part))].sort()).toEqual(Object.keys(parts).sort());
  expect(loadAny(wave.save()).predictInterval([[1]])).toEqual(wave.predictInterval([[1]]));
  const module = new WebAssembly.Module(wholeCore.read(false));
  expect(loadAny(model.save(), { module }).inputGradient(X, 1).shape).toEqual([60, 2]);
});
