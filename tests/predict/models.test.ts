// The predictor on files of plain models: the bits of MLP, in both builds, forward and back; and what it refuses.

import { describe, expect, test } from 'vitest';
import { LayerField, LayerKind } from '../../assembly/abi.js';
import { matrix } from '../../src/data/matrix.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activationIds, activationNames, activationRow } from '../../src/plan/activations.js';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  noise,
  rescale,
  residual,
  type LayerSpec,
} from '../../src/plan/layers.js';
import { layerRows, modelRows } from '../../src/plan/modelOptions.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { MODEL_OPTIONS } from '../../src/predict/file.js';
import { kinds } from '../../src/predict/layers.js';
import { regression } from '../support/models.js';
import { changeFile, changeSection } from '../support/modelFiles.js';

const { X, y } = regression(37, 5);

/** A network with a layer of every kind, around one of the given activation. */
const everyKind = (name: (typeof activationNames)[number]): LayerSpec[] => [
  rescale({ center: [1, 2, 3, 4, 5], scale: 2, trainable: true }),
  embedding({ column: 4, categories: 2, size: 3 }),
  embedding({ categories: 1, size: 20 }),
  dense(33, { activation: name === 'prelu' ? { name, shared: false } : name }),
  batchNorm(),
  dropout(0.2),
  noise(0.1),
  residual([dense(20, { activation: 'prelu' }), layerNorm(), residual([dense(20, { bias: false })]), activation('gelu')]),
  rescale({ center: 0.5, scale: [...Array(20).keys()].map((j) => j + 1) }),
  dense(3, { activation: name }),
];

function trained(options: MLPOptions): MLP {
  const model = new MLP(options);
  const targets = X.map((_, i) => Array.from({ length: model.outputs }, (_, j) => y[i]![0]! * (j + 1)));
  if (model.plan.untrainable === undefined) model.fitSync(X, targets, { epochs: 2, batchSize: 8 });
  return model;
}

describe.each([true, false])('with deterministic: %s a predictor gives the bits of MLP', (deterministic) => {
  test.each(activationNames)('through every kind of layer and %s, forward and back', (name) => {
    const model = trained({ inputs: 5, layers: everyKind(name), deterministic, inputNoise: 0.1 });
    const predictor = loadPredictor(model.save());
    expect(predictor.predict(X)).toEqual(model.predict(X));
    for (const output of [0, 2])
      if (name === 'sign' || name === 'step') expect(() => predictor.inputGradient(X, output)).toThrow(/no gradient passes/);
      else expect(predictor.inputGradient(X, output)).toEqual(model.inputGradient(X, output));
  });

  test('for every width from 1 to 9 and past a panel, and every number of rows from 1 to 9', () => {
    for (const width of [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 300]) {
      const model = new MLP({
        inputs: 5,
        layers: [dense(width, { activation: 'tanh' }), dense(width)],
        seed: width,
        deterministic,
      });
      const predictor = loadPredictor(model.save());
      for (let rows = 1; rows <= 9; rows++) {
        const some = X.slice(0, rows);
        expect(predictor.predict(some), `${width} units, ${rows} rows`).toEqual(model.predict(some));
        expect(predictor.inputGradient(some, width - 1)).toEqual(model.inputGradient(some, width - 1));
      }
    }
  });

  test('from averaged weights where the model keeps them, whatever else the file holds', () => {
    const model = trained({
      inputs: 5,
      layers: [batchNorm(), dense(9, { activation: 'relu' }), dense(1)],
      weightAveraging: { decay: 0.9 },
      deterministic,
    });
    for (const optimizer of [true, false]) expect(loadPredictor(model.save({ optimizer })).predict(X)).toEqual(model.predict(X));
  });
});

test('a row far from 0 is centred in float64 by a rescale layer in front, as MLP does', () => {
  const rows = [[1.7e9 + 0.25], [1.7e9 + 90.5]];
  const model = new MLP({
    inputs: 1,
    layers: [rescale({ center: 1.7e9, scale: 60 }), dense(4, { activation: 'tanh' }), dense(1)],
  });
  const predictor = loadPredictor(model.save());
  expect(predictor.predict(rows)).toEqual(model.predict(rows));
  expect(predictor.predict({ data: Float64Array.from(rows.flat()), shape: [2, 1] })).toEqual(model.predict(rows));
});

test('many rows go through in windows, and predictInto gives the numbers of predict', () => {
  const model = new MLP({ inputs: 300, layers: [dense(7, { activation: 'silu' }), dense(2)] });
  const predictor = loadPredictor(model.save());
  const data = Float32Array.from(regression(2000, 300).X.flat());
  const wanted = model.predict({ data, shape: [2000, 300] });
  expect(predictor.predict({ data, shape: [2000, 300] })).toEqual(wanted);
  const out = new Float32Array(4000);
  expect(predictor.predictInto(data, out)).toBe(out);
  expect(out).toEqual(wanted.data);
  expect([...predictor.predictInto(data.subarray(600, 900), new Float64Array(2))]).toEqual([...wanted.row(2)]);
});

test('several predictors live side by side, and one may be loaded from part of a larger buffer', () => {
  const models = [1, 2, 3].map((seed) => new MLP({ inputs: 5, layers: [dense(4, { activation: 'tanh' }), dense(1)], seed }));
  const predictors = models.map((model) => {
    const file = model.save();
    const larger = new Uint8Array(file.length + 20);
    larger.set(file, 7);
    return loadPredictor(larger.subarray(7, 7 + file.length));
  });
  models.forEach((model, i) => {
    expect(predictors[i]!.predict(matrix(X))).toEqual(model.predict(X));
  });
});

describe('of what it does not know it says the name', () => {
  const file = new MLP({ inputs: 2, layers: [dense(3, { activation: 'relu' }), dense(1)] }).save();
  const options = (change: (model: Record<string, unknown>) => void) => changeSection(file, 'model', change);
  const layer = (change: (layer: Record<string, unknown>) => void) =>
    options((model) => change((model['layers'] as Record<string, unknown>[])[0]!));

  test.each([
    ['a layer', layer((spec) => (spec['type'] = 'attention')), /layers\.0 is a layer of type "attention"/],
    ['an option of a layer', layer((spec) => (spec['forwardScale'] = 2)), /layers\.0 has "forwardScale"/],
    ['a source', layer((spec) => (spec['from'] = ['elsewhere'])), /layers\.0\.from/],
    ['an activation', layer((spec) => (spec['activation'] = 'snake')), /layers\.0 has the activation "snake"/],
    ['a parameter', layer((spec) => (spec['activation'] = { name: 'elu', alpha: 1, beta: 2 })), /activation has "beta"/],
    ['an option of the model', options((model) => (model['quantization'] = 8)), /the model has "quantization"/],
    [
      'an estimator',
      changeSection(file, 'estimator', (section) => (section['type'] = 'MLPForecaster')),
      /it holds a "MLPForecaster"/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => loadPredictor(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(message) }),
    );
  });

  test('and everything that a plan can hold today has a row', () => {
    for (const [kind, rows] of Object.entries(layerRows)) {
      const row = kinds[kind as keyof typeof kinds];
      expect(row, `layer ${kind}`).toBeDefined();
      expect(Object.keys(rows).sort(), kind).toEqual(
        `type name from ${row.reads} ${row.ignores ?? ''}`.split(' ').filter(Boolean).sort(),
      );
    }
    expect(Object.keys(modelRows).sort()).toEqual(MODEL_OPTIONS.split(' ').sort());
    expect(Object.keys(kinds).sort()).toEqual(Object.keys(layerRows).sort());
    for (const name of activationNames) {
      const { options = {} } = activationRow(name);
      const [, ...numbers] = activationIds[name];
      expect(numbers, name).toEqual(Object.keys(options).filter((option) => option !== 'shared'));
    }
  });

  test('and every field and kind of layer that the core knows is one that it was written for', () => {
    const names = (table: object) => Object.keys(table).filter((key) => Number.isNaN(Number(key)));
    // A new member here may need a row in src/predict/layers.ts: a field other than 0, or a layer of its own.
    expect(names(LayerKind)).toEqual(
      'Dense Activation BatchNorm LayerNorm Dropout Noise ResidualBegin ResidualEnd Rescale Embedding Edge'.split(' '),
    );
    expect(LayerField.Count).toBe(36);
  });
});

describe('it refuses', () => {
  const model = new MLP({ inputs: 2, layers: [dense(3, { activation: 'relu' }), dense(1)] });
  const predictor = loadPredictor(model.save());
  const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

  test.each([
    ['rows of another width', [[1, 2, 3]], 'ERR_SHAPE', /row 0 has 3 columns, but this model has 2 inputs/],
    ['a row that differs', [[1, 2], [1]], 'ERR_SHAPE', /row 1 has 1 columns/],
    ['no rows', [], 'ERR_EMPTY', /no rows/],
    ['a flat list', [1, 2], 'ERR_TYPE', /X\[0\]: expected a row of numbers, got 1/],
    ['text', [[1, 'a']], 'ERR_TYPE', /row 0, column 1 is "a", not a number/],
    [
      'NaN',
      [
        [1, 2],
        [Number.NaN, 2],
      ],
      'ERR_NONFINITE',
      /row 1, column 0 is NaN/,
    ],
    ['what float32 cannot hold', [[1, 1e39]], 'ERR_RANGE', /row 0, column 1 comes to 1e\+39/],
    ['records', [{ a: 1 }], 'ERR_TYPE', /records, but this model was trained on a matrix/],
    [
      'rows in another order',
      { data: [1, 2, 3, 4], shape: [2, 2], strides: [1, 2] },
      'ERR_TYPE',
      /\{ data, shape: \[rows, columns\] \} alone/,
    ],
    ['nothing', undefined, 'ERR_TYPE', /got undefined/],
  ])('%s', (_, rows, code, message) => {
    expect(() => predictor.predict(rows as never)).toThrow(refusal(code, message));
  });

  test('probabilities of a plain model, outputs there are not, and arrays that do not fit', () => {
    expect(() => predictor.predictProba([[1, 2]])).toThrow(refusal('ERR_STATE', /no classifier \(model\)/));
    expect(() => predictor.inputGradient([[1, 2]], 1)).toThrow(refusal('ERR_SHAPE', /output: expected 0 to 0, got 1/));
    expect(() => predictor.predictInto(new Float32Array(3), new Float32Array(1))).toThrow(refusal('ERR_SHAPE', /got 3 and 1/));
    expect(() => predictor.predictInto(Float32Array.of(1, Number.NaN), new Float32Array(1))).toThrow(
      refusal('ERR_NONFINITE', /row 0, column 1/),
    );
  });

  test('weights that are not numbers', () => {
    const broken = changeFile(model.save(), ({ tensors }) => tensors.get('layers.0.weight')!.data.fill(Number.NaN as never));
    expect(() => loadPredictor(broken)).toThrow(refusal('ERR_NONFINITE', /layers\.0\.weight\[0\] is NaN/));
  });
});
