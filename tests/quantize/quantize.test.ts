// quantize: models and estimators of every kind in whole numbers, close to what they were, the same bits whatever computes them.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activations } from '../../src/plan/activations.js';
import { activation, batchNorm, dense, dropout, layerNorm, noise, rescale, residual } from '../../src/plan/layers.js';
import { quantize } from '../../src/quantize/quantize.js';
import { QuantizedModel } from '../../src/quantize/quantizedModel.js';
import { FeedforwardError } from '../../src/errors.js';
import { mutants, readAll, tampered } from '../support/fuzz.js';
import { changeFile, changeSection } from '../support/modelFiles.js';

/** Far out a polynomial is no straight line: quantize refuses it. */
const quantizable = (Object.keys(activations) as (keyof typeof activations)[]).filter((name) => name !== 'polynomial');

const random = new Random(3, 'rows');
const X = Array.from({ length: 200 }, () => Array.from({ length: 7 }, () => 3 * random.normal() + 1));
const quiet = { onWarning: false, epochs: 30, seed: 1 } as const;
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(FeedforwardError);
    return (error as FeedforwardError).code;
  }
};

/** The answers of a file by JavaScript and by WebAssembly. */
function everyBuild(file: Uint8Array): Float32Array[] {
  return (['javascript', 'simd'] as const).map((build) => {
    const model = QuantizedModel.load(file, { build });
    return model.predictInto(Float32Array.from(X.flat()), new Float32Array(X.length * model.outputs));
  });
}

describe('layers', () => {
  const jumps = ['sign', 'step'];
  test.each(quantizable)(
    '%s within, after and at the end: near the model, the same bits by JavaScript and WebAssembly',
    (name) => {
      const model = new MLP({
        inputs: 7,
        layers: [
          rescale({ center: 1, scale: 2 }),
          dense(33, { activation: name }),
          batchNorm(),
          residual([dense(20), batchNorm(), activation(name), noise(0.1)]),
          layerNorm(),
          dropout(0.1),
          residual([dense(20, { activation: name })]),
          dense(5, { activation: name }),
        ],
        seed: 4,
      });
      const small = quantize(model, X, { maxLoss: 1 });
      const [plain, simd] = everyBuild(small.save());
      expect(simd).toEqual(plain);
      expect(small.predict(X)).toMatchObject({ data: plain });
      // A jump answers a rounding by a whole step.
      if (!jumps.includes(name)) expect(small.report.loss).toBeLessThan(0.01);
    },
  );

  test('batch norm and rescaling are multiplied into the dense layer beside them: with 14 bits all that is left is the rounding of weights', () => {
    const model = new MLP({
      inputs: 7,
      layers: [rescale({ center: 1, scale: 2 }), dense(9), batchNorm(), activation('relu'), batchNorm(), dense(2)],
      seed: 2,
    });
    model.fitSync(
      X,
      X.map(([a, b]) => [a! * 2, b! - 1]),
      { epochs: 20 },
    );
    const small = quantize(model, X, { bits: 14 });
    expect(small.layers.stages.map(({ kind }) => kind)).toEqual(['dense', 'dense']);
    expect(small.report.loss).toBeLessThan(1e-3);
  });

  test('columns of very different size, constant ones and ones with outliers keep their own steps', () => {
    const rows = X.map(([a, b, c], i) => [1e6 * a!, 1e-3 * b!, 7, i === 3 ? 500 : c!]);
    const y = rows.map(([a, b, , d]) => [a! / 1e6 + 1e3 * b! + 0.1 * Math.min(d!, 9)]);
    const model = new MLP({
      inputs: 4,
      layers: [rescale({ center: [0, 0, 7, 0], scale: [1e6, 1e-3, 1, 1] }), dense(16, { activation: 'tanh' }), dense(1)],
      seed: 1,
    });
    model.fitSync(rows, y, { epochs: 60 });
    for (const bits of [7, 14] as const)
      expect(quantize(model, rows, { bits }).report.loss).toBeLessThan(bits === 7 ? 0.01 : 1e-3);
  });

  test('one output, one input, one row, weights that are all 0', () => {
    const model = new MLP({ inputs: 1, layers: [dense(1)], seed: 1 });
    expect(quantize(model, [[3]]).predict([[3]]).data[0]).toBeCloseTo(model.predict([[3]]).data[0]!, 6);
    model.parameters()[0]!.set([0]);
    model.parameters()[1]!.set([2.5]);
    expect(quantize(model, [[1], [2]]).predict([[100]]).data[0]).toBe(2.5);
  });

  test('inputs beyond the calibrated range are held to it', () => {
    const model = new MLP({ inputs: 7, layers: [dense(4)], seed: 1 });
    const small = quantize(model, X, { bits: 7 });
    const at = (x: number) => Array.from(small.predict([new Array<number>(7).fill(x)]).data);
    expect(at(3e38)).toEqual(at(1e6));
    expect(at(-3e38)).toEqual(at(-1e6));
  });
});

describe('estimators', () => {
  const records = Array.from({ length: 120 }, (_, i) => ({
    size: i % 11 === 3 ? null : (i * 7) % 40,
    colour: ['red', 'blue', 'green'][i % 3],
    price: ((i * 7) % 40) * 3 + (i % 3) * 20,
    kind: (i * 7) % 40 > 19 ? 'large' : 'small',
  }));
  const unseen = [{ size: 5, colour: 'red' }, { colour: 'violet' }, { size: 39, colour: 'blue' }];

  test('a classifier of records keeps encoder, scaler, labels and calibration', () => {
    const clf = new MLPClassifier({ ...quiet, hiddenLayers: [16], earlyStopping: true, calibrate: 'platt' }).fitSync(
      records,
      'kind',
    );
    const small = quantize(clf, records, { maxLoss: 0.05, y: records.map(({ kind }) => kind) });
    expect(small.kind).toBe('MLPClassifier');
    expect(small.classes).toEqual(['large', 'small']);
    expect(small.report).toMatchObject({ score: 'accuracy', against: 'y', rows: 120, bits: [14, 14] });
    expect(small.report.before).toBe(
      clf.score(
        records,
        records.map(({ kind }) => kind),
      ),
    );
    const proba = clf.predictProba(unseen).data;
    small.predictProba(unseen).data.forEach((p, k) => {
      expect(p).toBeCloseTo(proba[k]!, 1);
    });
    expect(small.predict(unseen)).toEqual(clf.predict(unseen));
    // Through the file, by feedforward/predict: the same bits.
    expect(loadPredictor(small.save()).predictProba(unseen)).toEqual(small.predictProba(unseen));
  });

  test('a regressor answers in the units of its targets, a preset with its networks side by side', () => {
    const y = X.map(([a, b]) => 100 * a! + 30 * Math.abs(b!) + 1000);
    const reg = new MLPRegressor({ ...quiet, preset: 'default', hiddenLayers: [24] }).fitSync(X, y);
    const small = quantize(reg, X, { y });
    expect(small.report.score).toBe('r2');
    expect(small.report.loss).toBeLessThan(0.01);
    const [plain, simd] = everyBuild(small.save());
    expect(simd).toEqual(plain);
    expect(small.predict(X)).toHaveLength(X.length);
  });

  test('a multilabel classifier gives rows of 0 and 1', () => {
    const y = X.map(([a, b]) => [Number(a! > 1), Number(b! > 1)]);
    const clf = new MLPClassifier(quiet).fitSync(X, y);
    const small = quantize(clf, X, { maxLoss: 0.1, y });
    expect(small.predict(X.slice(0, 2))).toEqual(clf.predict(X.slice(0, 2)));
  });

  test('two probabilities of a binary classifier add up, and the small one is told from 0', () => {
    const clf = new MLPClassifier({ ...quiet, epochs: 200 }).fitSync(
      X,
      X.map(([a]) => (a! > 1 ? 'b' : 'a')),
    );
    const [first, second] = quantize(clf, X, { maxLoss: 0.1 }).predictProba([[1000, 1, 1, 1, 1, 1, 1]]).data;
    expect(first).toBeGreaterThan(0);
    expect(first! + second!).toBeCloseTo(1, 6);
  });
});

describe('what it cost', () => {
  const model = new MLP({
    inputs: 7,
    layers: [dense(40, { activation: 'relu' }), dense(3, { activation: 'softmax' })],
    loss: 'categoricalCrossEntropy',
    seed: 1,
  });
  const labels = X.map((_, i) => i % 3);

  test('is the share of answers that changed, or of right answers, as class ids or one-hot rows', () => {
    const own = quantize(model, X, { maxLoss: 0.2 }).report;
    expect(own).toMatchObject({ score: 'accuracy', against: 'model', before: 1 });
    const given = quantize(model, X, { y: labels, maxLoss: 1 }).report;
    const oneHot = quantize(model, X, { y: labels.map((k) => [0, 1, 2].map((j) => Number(j === k))), maxLoss: 1 }).report;
    expect(oneHot).toEqual(given);
    const right = labels.filter(
      (label, i) => model.predict([X[i]!]).data.indexOf(Math.max(...model.predict([X[i]!]).data)) === label,
    );
    expect(given.before).toBe(right.length / X.length);
  });

  test('above maxLoss it is refused with the figures, after 14 bits were tried', () => {
    const rough = new MLP({ inputs: 7, layers: [dense(64, { activation: 'sign' }), dense(1)], seed: 3 });
    const refused = () => quantize(rough, X, { maxLoss: 0 });
    expect(codeOf(refused)).toBe('ERR_UNSUPPORTED');
    expect(refused).toThrow(/whole numbers cost .* of the R2 on 200 rows .* more than maxLoss: 0/);
  });

  test('the file is small, and says so', () => {
    const wide = new MLP({
      inputs: 64,
      layers: [dense(256, { activation: 'relu' }), dense(256, { activation: 'relu' }), dense(4)],
    });
    const rows = Array.from({ length: 50 }, () => Array.from({ length: 64 }, () => random.normal()));
    const small = quantize(wide, rows, { maxLoss: 1 });
    expect(small.byteLength).toBe(small.save().length);
    expect(small.report.bytesAfter).toBe(small.byteLength);
    expect(small.report.bytesBefore / small.byteLength).toBeGreaterThan(3.5);
  });
});

describe('refusals', () => {
  const model = new MLP({ inputs: 2, layers: [dense(3, { activation: 'tanh' }), dense(1)] });
  test.each<[string, string, () => unknown]>([
    ['NaN in X', 'ERR_NONFINITE', () => quantize(model, [[1, Number.NaN]])],
    ['infinity in X', 'ERR_NONFINITE', () => quantize(model, [[1, Infinity]])],
    ['no rows', 'ERR_EMPTY', () => quantize(model, [])],
    ['rows of another width', 'ERR_SHAPE', () => quantize(model, [[1, 2, 3]])],
    ['y of another length', 'ERR_SHAPE', () => quantize(model, [[1, 2]], { y: [1, 2] })],
    ['y that is no list', 'ERR_TYPE', () => quantize(model, [[1, 2]], { y: 'yes' as never })],
    ['an unknown option', 'ERR_OPTION', () => quantize(model, [[1, 2]], { maxloss: 1 } as never)],
    ['bits that there are not', 'ERR_OPTION', () => quantize(model, [[1, 2]], { bits: 8 as never })],
    ['a loss that is none', 'ERR_OPTION', () => quantize(model, [[1, 2]], { maxLoss: Number.NaN })],
    ['something else than a model', 'ERR_TYPE', () => quantize({} as never, [[1, 2]])],
    ['an estimator before fit', 'ERR_STATE', () => quantize(new MLPClassifier(), [[1, 2]])],
    [
      'a network without a dense layer',
      'ERR_UNSUPPORTED',
      () => quantize(new MLP({ inputs: 2, layers: [activation('tanh')] }), [[1, 2]]),
    ],
    ['a model of whole numbers', 'ERR_TYPE', () => quantize(quantize(model, [[1, 2]]) as never, [[1, 2]])],
    ['NaN at predict', 'ERR_NONFINITE', () => quantize(model, [[1, 2]]).predict([[Number.NaN, 1]])],
    ['derivatives', 'ERR_UNSUPPORTED', () => quantize(model, [[1, 2]]).inputGradient([[1, 2]])],
    [
      'a build that is none',
      'ERR_OPTION',
      () => QuantizedModel.load(quantize(model, [[1, 2]]).save(), { build: 'fast' as never }),
    ],
  ])('%s: %s', (_, code, act) => {
    expect(codeOf(act)).toBe(code);
  });

  test('readers of models that train name what the file holds', () => {
    const file = quantize(
      model,
      X.map(([a, b]) => [a!, b!]),
    ).save();
    for (const load of [() => MLP.load(file), () => loadEstimator(file), () => MLPClassifier.load(file)])
      expect(load).toThrow(/whole numbers \(quantize\)/);
    expect(() => QuantizedModel.load(model.save())).toThrow(/float32 weights/);
  });
});

describe('the file', () => {
  const clf = new MLPClassifier({ ...quiet, hiddenLayers: [6], activation: 'tanh' }).fitSync(
    X,
    X.map(([a]) => (a! > 1 ? 'b' : 'a')),
  );
  const files = {
    classifier: quantize(clf, X, { maxLoss: 1 }).save(),
    model: quantize(
      new MLP({
        inputs: 7,
        layers: [
          rescale({ center: 1, scale: 2 }),
          layerNorm(),
          residual([dense(5, { activation: 'prelu' })]),
          dense(2, { activation: 'gelu' }),
        ],
      }),
      X,
      { maxLoss: 1 },
    ).save(),
  };
  const runs = Number(process.env['FUZZ_RUNS'] ?? 300);
  const use = (bytes: Uint8Array) => {
    for (const predictor of [loadPredictor(bytes), QuantizedModel.load(bytes)]) {
      predictor.predictInto(new Float32Array(2 * predictor.inputs).fill(0.5), new Float32Array(2 * predictor.outputs));
      predictor.predict([new Array<number>(predictor.inputs).fill(1)]);
    }
  };

  test.each(Object.entries(files))('of a %s, its bytes changed, cut and doubled: refused, or the same file', (_, file) => {
    expect([...readAll(use, [file]).keys()]).toEqual(['read']);
    expect(readAll(use, mutants(file, runs)).get('ERR_FORMAT')).toBeGreaterThan(runs / 3);
  });

  test.each(Object.entries(files))('of a %s whose section model holds anything, with a checksum that fits', (_, file) => {
    let state: unknown;
    changeFile(file, ({ metadata }) => {
      state = JSON.parse(metadata.get('model')!);
    });
    const changed = function* () {
      for (const text of tampered(state, runs))
        yield changeFile(file, ({ metadata }) => metadata.set('model', new TextDecoder().decode(text)));
    };
    const outcomes = readAll(use, changed());
    expect((outcomes.get('ERR_FORMAT') ?? 0) + (outcomes.get('ERR_UNSUPPORTED') ?? 0)).toBeGreaterThan(runs / 20);
  });

  test.each<[string, string, (file: Uint8Array) => Uint8Array]>([
    [
      'a later version',
      'ERR_UNSUPPORTED',
      (file) =>
        changeSection(file, 'model', (model) => {
          model['integers'] = 2;
        }),
    ],
    [
      'a tensor too many',
      'ERR_FORMAT',
      (file) =>
        changeFile(file, ({ tensors }) => void tensors.set('more', { dtype: 'F32', shape: [1], data: new Float32Array(1) })),
    ],
    ['a tensor too few', 'ERR_FORMAT', (file) => changeFile(file, ({ tensors }) => void tensors.delete('tables.0'))],
    [
      'weights of another type',
      'ERR_FORMAT',
      (file) =>
        changeFile(
          file,
          ({ tensors }) => void tensors.set('layers.0.integers', { dtype: 'U8', shape: [6, 7], data: new Uint8Array(42) }),
        ),
    ],
    [
      'a scale that is NaN',
      'ERR_NONFINITE',
      (file) => changeFile(file, ({ tensors }) => void (tensors.get('layers.0.scale')!.data as Float32Array).fill(Number.NaN)),
    ],
  ])('with %s: %s', (_, code, change) => {
    const changed = change(files.classifier);
    expect(codeOf(() => loadPredictor(changed))).toBe(code);
    expect(codeOf(() => QuantizedModel.load(changed))).toBe(code);
  });
});
