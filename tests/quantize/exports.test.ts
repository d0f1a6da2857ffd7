// Models of whole numbers as modules of code: their answers to the bit, by JavaScript and by WebAssembly; other exporters refuse them by name.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activations } from '../../src/plan/activations.js';
import { activation, batchNorm, dense, layerNorm, rescale, residual } from '../../src/plan/layers.js';
import { quantize } from '../../src/quantize/quantize.js';

/** Far out a polynomial is no straight line: quantize refuses it. */
const quantizable = (Object.keys(activations) as (keyof typeof activations)[]).filter((name) => name !== 'polynomial');

const random = new Random(3, 'rows');
const X = Array.from({ length: 60 }, () => Array.from({ length: 7 }, () => 3 * random.normal() + 1));
const quiet = { onWarning: false, epochs: 20, seed: 1 } as const;

interface Net {
  predict(rows: unknown): number[][];
  classify?(rows: unknown): unknown[];
  selfTest(): number;
}

const moduleOf = async (code: string) =>
  (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Net & { load(source: unknown): Promise<Net> };

/** The exported networks: JavaScript, WebAssembly from its bytes (the fastest way there is), and from a compiled module (plain SIMD). */
async function everyExport(model: Parameters<typeof exportModule>[0]): Promise<Net[]> {
  const { wasm, code } = exportWasm(model);
  const loader = await moduleOf(code);
  return [
    await moduleOf(exportModule(model).code),
    await loader.load(wasm),
    await loader.load(new Response(wasm)),
    await loader.load(new WebAssembly.Module(wasm)),
  ];
}

test.each(quantizable)('every kind of layer, with %s', async (name) => {
  const model = new MLP({
    inputs: 7,
    layers: [
      rescale({ center: 1, scale: 2 }),
      layerNorm(),
      residual([dense(9), batchNorm(), activation(name)]),
      batchNorm(),
      activation(name),
      dense(17, { activation: name }),
      dense(3, { activation: name }),
    ],
    seed: 4,
  });
  const small = quantize(model, X, { maxLoss: 1 });
  const expected = small.predict(X).toArray();
  for (const net of await everyExport(small)) {
    expect(net.predict(X)).toEqual(expected);
    expect(net.selfTest()).toBe(0);
  }
});

describe('estimators', () => {
  const records = Array.from({ length: 90 }, (_, i) => ({
    size: i % 11 === 3 ? null : (i * 7) % 40,
    colour: ['red', 'blue', 'green'][i % 3],
    price: ((i * 7) % 40) * 3 + (i % 3) * 20,
    kind: ['small', 'large', 'huge'][Math.floor(((i * 7) % 40) / 14)],
  }));
  const unseen = [
    { size: 5, colour: 'red' },
    { colour: 'violet', size: null },
    { size: 39, colour: 'blue' },
  ].map((record) => ({
    ...record,
    kind: 'huge',
    price: 50,
  }));

  test('a classifier takes records and says labels', async () => {
    const small = quantize(new MLPClassifier(quiet).fitSync(records, 'kind'), records, { maxLoss: 0.2 });
    for (const net of await everyExport(small)) {
      expect(net.predict(unseen)).toEqual(small.predictProba(unseen).toArray());
      expect(net.classify!(unseen)).toEqual(small.predict(unseen));
      expect(net.selfTest()).toBe(0);
    }
  });

  test.each(['standard', 'minMax', 'robust'] as const)(
    'a regressor scaled by %s answers in the units of its targets',
    async (scale) => {
      const small = quantize(new MLPRegressor({ ...quiet, scale }).fitSync(records, 'price'), records, { maxLoss: 0.2 });
      for (const net of await everyExport(small)) expect(net.predict(unseen).flat()).toEqual(Array.from(small.predict(unseen)));
    },
  );

  test('a classifier of two classes gives the probability of the second, calibrated as it is', async () => {
    const y = X.map(([a]) => (a! > 1 ? 'b' : 'a'));
    const clf = new MLPClassifier({ ...quiet, earlyStopping: true, calibrate: 'platt' }).fitSync(X, y);
    const small = quantize(clf, X, { maxLoss: 0.2 });
    for (const net of await everyExport(small)) {
      const { data } = small.predictProba(X);
      net.predict(X).forEach(([p], i) => {
        expect(p).toBeCloseTo(data[2 * i + 1]!, 5);
      });
      expect(net.classify!(X)).toEqual(small.predict(X));
    }
  });

  test('what an export cannot have is refused by name', () => {
    const y = X.map(([a]) => (a! > 1 ? 'b' : 'a'));
    const clf = new MLPClassifier({ ...quiet, earlyStopping: true, calibrate: 'isotonic' }).fitSync(X, y);
    expect(() => exportModule(quantize(clf, X, { maxLoss: 0.5 }))).toThrow(/isotonic/);
    const chosen = new MLPClassifier(quiet).fitSync(X, y);
    chosen.chooseThreshold(X, y, { costs: { falsePositive: 1, falseNegative: 9 } });
    expect(() => exportWasm(quantize(chosen, X, { maxLoss: 0.5 }))).toThrow(/threshold/);
    const grades = X.map(([a]) => (a! > 2 ? 'c' : a! > 0 ? 'b' : 'a'));
    const ordered = quantize(new MLPClassifier({ ...quiet, ordinal: ['a', 'b', 'c'] }).fitSync(X, grades), X, { maxLoss: 0.5 });
    const spread = quantize(
      new MLPRegressor({ ...quiet, loss: 'gaussianNll' }).fitSync(
        X,
        X.map(([a]) => a!),
      ),
      X,
      { maxLoss: 0.5 },
    );
    for (const [name, write] of Object.entries({ exportModule, exportWasm })) {
      expect(() => write(ordered)).toThrow(new RegExp(`^${name}: this classifier, whose classes have an order`));
      expect(() => write(spread)).toThrow(new RegExp(`^${name}: this regressor makes deviations`));
    }
  });

  test('quantiles of one target or two are in its units, a number for each level', async () => {
    for (const targets of [1, 2]) {
      const y = X.map(([a, b]) => [100 + 20 * a!, b! - 50].slice(0, targets));
      const options = { ...quiet, hiddenLayers: [8], quantiles: [0.1, 0.5, 0.8] };
      const reg = new MLPRegressor(options).fitSync(X, targets === 1 ? y.map(([first]) => first!) : y);
      const small = quantize(reg, X, { maxLoss: 0.5 });
      const wanted = small.predictQuantiles(X);
      for (const net of await everyExport(small)) {
        expect(net.selfTest()).toBeLessThan(1e-6);
        net.predict(X).forEach((row, i) => {
          expect(row.length).toBe(3 * targets);
          row.forEach((value, j) => expect(value).toBeCloseTo(wanted.row(i)[j]!, 4));
        });
      }
    }
  });
});

test('options have no place beside what the file says of itself', () => {
  const small = quantize(new MLP({ inputs: 7, layers: [dense(2)] }), X, { maxLoss: 1 });
  expect(() => exportModule(small, { labels: ['a', 'b'] })).toThrow(/exportModule\.labels: a model of whole numbers/);
});

test('exporters of float weights refuse whole numbers by name', () => {
  const small = quantize(new MLP({ inputs: 7, layers: [dense(2)] }), X, { maxLoss: 1 });
  expect(() => exportOnnx(small as never)).toThrow(/exportOnnx: a model of whole numbers/);
});

test('cells that are no finite numbers are refused, as the model refuses them: held to the range they would come to some answer', async () => {
  const clf = new MLPClassifier({ ...quiet, hiddenLayers: [5] }).fitSync(
    X,
    X.map(([a]) => (a! > 1 ? 'high' : 'low')),
  );
  const small = quantize(clf, X, { maxLoss: 1 });
  for (const { predict, classify } of await everyExport(small))
    for (const bad of [Number.NaN, Infinity, -Infinity, null]) {
      const row = [1, 2, 3, 4, 5, 6, bad];
      for (const ask of [predict, classify!])
        expect(() => ask([X[0], row])).toThrow(/rows\[1\]\[6\]: expected a finite number, got (NaN|-?Infinity|null)/);
    }
});

test('rows far from 0 keep their digits in what a module checks itself against', async () => {
  const far = X.map((row) => row.map((value, j) => (j % 2 === 0 ? 1e6 + 1e-2 * value : value)));
  const clf = new MLPClassifier({ ...quiet, hiddenLayers: [5], scale: 'robust' }).fitSync(
    far,
    X.map(([a]) => (a! > 1 ? 'high' : 'low')),
  );
  const small = quantize(clf, far, { maxLoss: 1 });
  for (const net of await everyExport(small)) {
    expect(net.selfTest()).toBeLessThan(1e-6);
    expect(net.classify!(far)).toEqual(small.predict(far));
  }
});
