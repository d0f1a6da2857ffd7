import { beforeAll, describe, expect, test } from 'vitest';
import * as ort from 'onnxruntime-web';
import { MinMaxScaler, RobustScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { exportOnnx, type OnnxExportOptions } from '../../src/formats/onnx/export.js';
import { readModel } from '../../src/formats/onnx/messages.js';
import { activationNames } from '../../src/plan/activations.js';
import { dense, rescale } from '../../src/plan/layers.js';
import { codeOf, refusal } from '../support/errors.js';
import {
  activationNetwork,
  everyNetwork,
  onnxNetworks,
  forward,
  randomNetwork,
  randomRows,
  type TestNetwork,
} from '../support/network.js';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

/** What onnxruntime-web makes of a model's bytes. */
async function run(bytes: Uint8Array, x: Float32Array, columns: number): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(bytes);
  const output = await session.run({ [session.inputNames[0]!]: new ort.Tensor('float32', x, [x.length / columns, columns]) });
  await session.release();
  return output[session.outputNames[0]!]!.data as Float32Array;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (v, i) => (Object.is(v, b[i]) ? 0 : Math.abs(v - b[i]!))));
}

async function difference(network: TestNetwork, options: OnnxExportOptions = {}, rows = 7): Promise<number> {
  const x = randomRows(rows, network.plan.inputs);
  return largestDifference(await run(exportOnnx(network, options), x, network.plan.inputs), forward(network, x));
}

// Float32 sums of a few dozen terms of size 1 to 5 are off by 1e-6 or so; 1e-5 is what the export promises.
const tolerance = 1e-5;

describe('ONNX export, judged by onnxruntime-web', () => {
  test.each(activationNames)('fault 84: %s, in the middle and at the end', async (name) => {
    const network = randomNetwork(activationNetwork(name));
    // At the jump of sign and step a rounding of the sum decides: one more reason to look at many rows.
    // Squares of squares make outputs some ten times as large as those of the others.
    expect(await difference(network, {}, 40)).toBeLessThan(name === 'polynomial' ? 10 * tolerance : tolerance);
  });

  test.each(Object.entries(onnxNetworks))('fault 84: %s, batch norm folded and not', async (_, options) => {
    const network = randomNetwork(options);
    expect(await difference(network)).toBeLessThan(tolerance);
    expect(await difference(network, { foldBatchNorm: false })).toBeLessThan(tolerance);
    expect(await difference(network, {}, 1)).toBeLessThan(tolerance);
  });

  test('fault 84: extreme values come out as in the definition', async () => {
    for (const name of activationNames) {
      const network = randomNetwork({ inputs: 1, layers: [dense(1, { activation: name, bias: false })] });
      network.parameters()[0]!.values.fill(1);
      const x = new Float32Array([0, -0, 1e-30, -1e-30, 20, -20, 90, -90, 1e4, -1e4]);
      const got = await run(exportOnnx(network), x, 1);
      const want = forward(network, x);
      got.forEach((value, i) => {
        expect([name, x[i], Math.abs(value - want[i]!) <= tolerance * Math.max(1, Math.abs(want[i]!))]).toEqual([
          name,
          x[i],
          true,
        ]);
      });
    }
  });

  test('batch norm after a dense layer is folded away unless asked not to', () => {
    const ops = (options: OnnxExportOptions) =>
      readModel(exportOnnx(randomNetwork(everyNetwork['batch norm after dropout after dense']!), options)).nodes.map((n) => n.op);
    expect(ops({})).toEqual(['Gemm', 'Sigmoid', 'Mul', 'Gemm']);
    expect(ops({ foldBatchNorm: false })).toEqual(['Gemm', 'BatchNormalization', 'Sigmoid', 'Mul', 'Gemm']);
  });

  test('a scaler goes in front, columns around a million keep their digits, and a target scaler is undone behind', async () => {
    const network = randomNetwork({ inputs: 3, layers: [dense(5, { activation: 'tanh' }), dense(2)] });
    const rows = Array.from({ length: 50 }, (_, i) => [Math.sin(i) * 3 + 5, 1e6 + Math.fround(Math.cos(3 * i)) + 0.3, i / 7]);
    const x = Float32Array.from(rows.flat());
    const given = Array.from({ length: 50 }, (_, i) => Array.from(x.subarray(3 * i, 3 * i + 3)));
    const targets = Array.from({ length: 50 }, (_, i) => [100 + i, Math.sin(i)]);
    for (const scaler of [
      new StandardScaler(),
      new StandardScaler({ withMean: false }),
      new StandardScaler({ withStd: false }),
      new MinMaxScaler({ range: [-1, 2] }),
      new MinMaxScaler({ clip: true }),
      new RobustScaler(),
    ]) {
      scaler.fit(rows);
      // Far from 0 in every unit: nothing to compare there but saturated tanh, unless the column is centred.
      const want = forward(network, Float32Array.from(scaler.transform64(given).data));
      const inputType = 'float32';
      const bytes = exportOnnx(network, { scaler, inputType });
      expect(largestDifference(await run(bytes, x, 3), want)).toBeLessThan(tolerance);
      expect(exportOnnx(network, { scaler: scaler.toJSON(), inputType })).toEqual(bytes);

      const targetScaler = new StandardScaler().fit(targets);
      const back = targetScaler.inverseTransform({ data: Float32Array.from(want), shape: [50, 2] }).data;
      const got = await run(exportOnnx(network, { scaler, targetScaler, inputType }), x, 3);
      expect(largestDifference(got, back)).toBeLessThan(tolerance * 50);
    }
  });

  describe('what lies far from 0', () => {
    // Ten minutes of unix seconds: float32 rounds to 128 of them.
    const rows = Array.from({ length: 40 }, (_, i) => [1_700_000_000 + 15.1 * i, Math.sin(i)]);
    const layers = [dense(5, { activation: 'tanh' }), dense(2)];
    const center = [1_700_000_300, 0.1];
    const scale = [175, 0.7];
    const scaler = new StandardScaler().fit(rows);
    const given = Float64Array.from(rows.flat());
    const inFront = randomNetwork({ inputs: 2, layers: [rescale({ center, scale }), ...layers] });
    const cases: [string, TestNetwork, OnnxExportOptions, () => ArrayLike<number>][] = [
      [
        'a scaler',
        randomNetwork({ inputs: 2, layers }),
        { scaler },
        () => forward(randomNetwork({ inputs: 2, layers }), scaler.transform64(rows).data),
      ],
      ['a rescale layer', inFront, {}, () => forward(inFront, given)],
    ];

    test.each(cases)('%s: the export is refused until the type of its input is chosen', (_, network, options) => {
      const { code, message } = refusal(() => exportOnnx(network, options));
      expect(code).toBe('ERR_RANGE');
      expect(message).toMatch(/column 0 lies around 1700000\d+.*inputType: 'float64'/);
      expect(codeOf(() => exportOnnx(network, { ...options, inputType: 'double' as 'float64' }))).toBe('ERR_OPTION');
      exportOnnx(network, { ...options, inputType: 'float32' });
    });

    test.each(cases)('%s: a float64 input is subtracted from in float64', async (_, network, options, want) => {
      const bytes = exportOnnx(network, { ...options, inputType: 'float64' });
      const session = await ort.InferenceSession.create(bytes);
      const { y } = await session.run({ x: new ort.Tensor('float64', given, [40, 2]) });
      expect(largestDifference(y!.data as Float32Array, want())).toBeLessThan(tolerance);
    });

    test('a float64 input without anything in front is rounded by the graph', async () => {
      const network = randomNetwork({ inputs: 2, layers });
      const session = await ort.InferenceSession.create(exportOnnx(network, { inputType: 'float64' }));
      const x = Float64Array.from(randomRows(5, 2));
      const { y } = await session.run({ x: new ort.Tensor('float64', x, [5, 2]) });
      expect(largestDifference(y!.data as Float32Array, forward(network, x))).toBeLessThan(tolerance);
    });

    test('clipping and the range of a MinMaxScaler come after the cast', async () => {
      const clipped = new MinMaxScaler({ range: [-1, 2], clip: true }).fit(rows.slice(5, 30));
      const network = randomNetwork({ inputs: 2, layers });
      const session = await ort.InferenceSession.create(exportOnnx(network, { scaler: clipped, inputType: 'float64' }));
      const { y } = await session.run({ x: new ort.Tensor('float64', given, [40, 2]) });
      expect(largestDifference(y!.data as Float32Array, forward(network, clipped.transform64(rows).data))).toBeLessThan(
        tolerance,
      );
    });

    test('years and other columns that float32 holds well need no choice', () => {
      const years = new StandardScaler().fit(Array.from({ length: 20 }, (_, i) => [2000 + i, i]));
      exportOnnx(randomNetwork({ inputs: 2, layers }), { scaler: years });
    });
  });

  test('names of inputs and outputs, labels and feature names are in the file', async () => {
    const network = randomNetwork(everyNetwork['a classifier']!);
    const labels = ['setosa', 'versicolor', 'virginica'];
    const featureNames = ['a', 'b', 'c', 'd'];
    const bytes = exportOnnx(network, { inputName: 'features', outputName: 'probabilities', labels, featureNames });
    const session = await ort.InferenceSession.create(bytes);
    expect([session.inputNames, session.outputNames]).toEqual([['features'], ['probabilities']]);
    const { metadata, opsets } = readModel(bytes);
    expect(JSON.parse(metadata.get('labels')!)).toEqual(labels);
    expect(JSON.parse(metadata.get('featureNames')!)).toEqual(featureNames);
    expect(opsets.get('')).toBe(13);
  });

  test('fault 83: a layer or an activation that ONNX export does not know is refused by name, never left out', () => {
    const network = randomNetwork(everyNetwork['a classifier']!);
    const layers = network.plan.layers.map((layer, i) => (i === 1 ? { ...layer, kind: 99 } : layer));
    const error = refusal(() => exportOnnx({ ...network, plan: { ...network.plan, layers } }));
    expect([error.code, error.message]).toEqual([
      'ERR_UNSUPPORTED',
      'exportOnnx: layers.1 is of a kind (99) that ONNX export does not know.',
    ]);
    expect(refusal(() => exportOnnx(randomNetwork(everyNetwork['a category alone']!))).message).toContain('(Embedding)');
    const other = network.plan.layers.map((layer) => ({
      ...layer,
      activation: { ...layer.activation, name: 'toString' as 'relu' },
    }));
    expect(refusal(() => exportOnnx({ ...network, plan: { ...network.plan, layers: other } })).message).toContain('"toString"');
  });

  test('what does not fit is refused: weights that are not numbers, scalers of another width, names, options', () => {
    const network = randomNetwork(everyNetwork['a classifier']!);
    const wide = new StandardScaler().fit([[1, 2]]);
    expect(codeOf(() => exportOnnx(network, { scaler: wide }))).toBe('ERR_SHAPE');
    expect(codeOf(() => exportOnnx(network, { scaler: { type: 'Other' } as never }))).toBe('ERR_FORMAT');
    expect(codeOf(() => exportOnnx(network, { labels: ['a'] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => exportOnnx(network, { featureNames: ['a'] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => exportOnnx(network, { inputName: 'a/b' }))).toBe('ERR_OPTION');
    expect(codeOf(() => exportOnnx(network, { outputName: 'x' }))).toBe('ERR_OPTION');
    expect(codeOf(() => exportOnnx(network, { foldBatchnorm: true } as never))).toBe('ERR_OPTION');
    expect(codeOf(() => exportOnnx({} as never))).toBe('ERR_TYPE');
    network.parameters()[0]!.values[3] = Number.NaN;
    expect(refusal(() => exportOnnx(network)).message).toContain('layers.0.weight[3] is NaN');
  });
});
