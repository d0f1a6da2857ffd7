// Graphs of layers and layers without all connections, in every format: they leave as they compute, or are refused by name.

import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier, MLPRegressor, quantize, workOf } from '../../src/entries/index.js';
import { draw } from '../../src/explain/draw.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { importOnnx } from '../../src/entries/onnx.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, batchNorm, dense, dropout, layerNorm, residual, type LayerSpec } from '../../src/plan/layers.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';
import { largestDifference, load, randomModel, start } from '../support/standalone.js';

const random = new Random(21, 'graph formats');
const rows = Array.from({ length: 9 }, () => Array.from({ length: 4 }, () => random.normal()));
const mask = Array.from({ length: 4 }, (_, i) => Array.from({ length: 6 }, (_, j) => Number((i + j) % 3 > 0)));

const graphs: Record<string, LayerSpec[]> = {
  'a skip': [dense(5, { activation: 'tanh', name: 'a' }), dense(3, { from: ['input', 'a'] })],
  'a dense layer that is read before its norm': [
    dense(5, { name: 'raw' }),
    dropout(0.2),
    batchNorm(),
    activation('relu', { name: 'a' }),
    layerNorm({ from: ['raw', 'a'], name: 'b' }),
    residual([dense(4, { activation: 'gelu' })], { from: ['b', 'input'], name: 'c' }),
    dense(2, { from: ['c', 'raw'], activation: 'prelu', name: 'd' }),
    activation('softmax', { from: ['d', 'input'] }),
  ],
  'two branches': [
    dense(3, { activation: 'softplus', name: 'a' }),
    dense(2, { activation: 'tanh', from: ['input'], name: 'b' }),
    dense(1, { activation: 'sigmoid', from: ['b', 'a'] }),
  ],
  'a branch that begins anew': [
    dense(3, { activation: 'tanh', name: 'a' }),
    dense(4, { activation: 'tanh', from: ['input'], name: 'b', dropConnect: 0.3 }),
    dense(2, { from: ['a'], name: 'c' }),
    dense(2, { from: ['c', 'b'], sparse: 0.5 }),
  ],
};

describe('graphs of layers in other formats', () => {
  test.each(Object.entries(graphs))(
    '%s: ES module, WebAssembly, ONNX and predictor give what the model gives',
    async (_, layers) => {
      const made = { inputs: 4, layers, deterministic: true };
      const model = layers.some((layer) => layer.type === 'dense' && layer.sparse) ? new MLP(made) : randomModel(made);
      const wanted = model.predict(rows);
      const module = (await load(exportModule(model, { gradient: true }).code)) as never as Awaited<ReturnType<typeof load>> & {
        inputGradient(rows: number[][], output: number): number[][];
      };
      expect(largestDifference(module.predict(rows).flat(), wanted.data)).toBeLessThan(1e-5);
      module.selfTest();
      const wasm = (await start(exportWasm(model, { gradient: true }))) as typeof module;
      expect(Float32Array.from(wasm.predict(rows).flat())).toEqual(wanted.data);
      const predictor = loadPredictor(model.save());
      expect(predictor.predict(rows)).toEqual(wanted);
      for (let output = 0; output < model.outputs; output++) {
        const slopes = model.inputGradient(rows, output).data;
        for (const own of [module, wasm])
          expect(largestDifference(own.inputGradient(rows, output).flat(), slopes)).toBeLessThan(1e-4);
      }
      const session = await ort.InferenceSession.create(exportOnnx(model));
      const input = new ort.Tensor('float32', Float32Array.from(rows.flat()), [9, 4]);
      const out = await session.run({ [session.inputNames[0]!]: input });
      expect(largestDifference(out[session.outputNames[0]!]!.data as Float32Array, wanted.data)).toBeLessThan(1e-5);
      expect(refusal(() => importOnnx(exportOnnx(model))).code).toBe('ERR_UNSUPPORTED');
      expect(refusal(() => quantize(model, rows, { maxLoss: 1 })).message).toMatch(/layers\.\d\.from: .*reads/);
    },
  );

  test('masks and sparse layers leave with their zeros; whole numbers keep them', async () => {
    const model = new MLP({
      inputs: 4,
      layers: [dense(6, { activation: 'relu', mask }), dense(5, { activation: 'tanh', sparse: 0.4 }), dense(1)],
      seed: 2,
    });
    const wanted = model.predict(rows);
    const module = await load(exportModule(model).code);
    expect(largestDifference(module.predict(rows).flat(), wanted.data)).toBeLessThan(1e-5);
    const session = await ort.InferenceSession.create(exportOnnx(model));
    const out = await session.run({
      [session.inputNames[0]!]: new ort.Tensor('float32', Float32Array.from(rows.flat()), [9, 4]),
    });
    expect(largestDifference(out[session.outputNames[0]!]!.data as Float32Array, wanted.data)).toBeLessThan(1e-5);
    const small = quantize(model, rows, { maxLoss: 1 });
    expect(largestDifference(small.predict(rows).data, wanted.data)).toBeLessThan(0.1);
  });

  test('workOf counts joins of rows, and masked products as whole ones', () => {
    const of = (layers: LayerSpec[]) => workOf(new MLP({ inputs: 4, layers }), { rows: 2 });
    const plain = of([dense(6), dense(1)]);
    expect(of([dense(6, { mask }), dense(1)])).toEqual(plain);
    const skip = of([dense(6, { name: 'a' }), dense(1, { from: ['a', 'input'] })]);
    expect(skip.predict.multiplyAdds).toBe(2 * (24 + 10));
    // Two rows of 6 and 4 columns copied side by side, and read again by a product with 4 weights more.
    expect(skip.predict.bytesRead - plain.predict.bytesRead).toBe(4 * (2 * 10 + 2 * 4 + 4));
    expect(skip.predict.bytesWritten - plain.predict.bytesWritten).toBe(4 * 2 * 10);
    expect(skip.step.multiplyAdds).toBe(2 * (2 * 24 + 3 * 10) - 2 * 24 + 2 * 24);
  });

  test('estimators take them as hidden layers, and keep them in their files', async () => {
    const y = rows.map(([a, b]) => a! - 2 * b!);
    const hiddenLayers = [
      dense(6, { activation: 'tanh', name: 'a', mask }),
      dense(3, { activation: 'relu', from: ['input', 'a'], dropConnect: 0.1 }),
    ];
    const reg = await new MLPRegressor({ hiddenLayers, epochs: 5 }).fit(rows, y);
    expect([...MLPRegressor.load(reg.save()).predict(rows)]).toEqual([...reg.predict(rows)]);
    expect([...(loadPredictor(reg.save()).predict(rows) as ArrayLike<number> as number[])]).toEqual([...reg.predict(rows)]);
    const clf = await new MLPClassifier({ hiddenLayers, epochs: 5 }).fit(
      rows,
      y.map((value) => (value > 0 ? 'yes' : 'no')),
    );
    const proba = clf.predictProba(rows);
    for (let i = 0; i < 9; i++) expect(proba.row(i)[0]! + proba.row(i)[1]!).toBeCloseTo(1, 5);
  });

  test('are drawn with a bow for each edge that passes a layer', () => {
    const model = new MLP({
      inputs: 2,
      layers: [dense(1, { activation: 'tanh', name: 'a' }), dense(1, { from: ['input', 'a'] })],
    });
    const picture = draw(model);
    expect(picture.split('<path').length - 1).toBe(2);
    expect(picture.split('<line').length - 1).toBe(3);
    expect(Math.min(...[...picture.matchAll(/Q[\d.]+ (-?[\d.]+)/g)].map(([, y]) => Number(y)))).toBeGreaterThan(-60);
  });

  test('diagnose lets copies of them train', () => {
    const model = new MLP({
      inputs: 4,
      layers: graphs['a branch that begins anew']!,
      optimizer: { name: 'sgd', learningRate: 1e-7 },
      seed: 1,
    });
    const targets = rows.map(([a, b]) => [a! * 3, b! - 1]);
    expect(model.diagnose(rows, targets).toString().length).toBeGreaterThan(20);
  });
});
