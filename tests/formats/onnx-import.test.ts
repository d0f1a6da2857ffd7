// ONNX import: what others and we ourselves export comes back and says the same.

import { describe, expect, test } from 'vitest';
import { StandardScaler } from '../../src/data/scalers/index.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import { activationNames } from '../../src/plan/activations.js';
import { activationNetwork, everyNetwork, onnxNetworks, forward, randomNetwork, randomRows } from '../support/network.js';
import { bytesOf, expectClose, fixtures, predict } from './onnxFixtures.js';

describe('ONNX import, from the exporters people use', () => {
  test.each(Object.entries(fixtures))('%s: predicts what the network predicted there', (_, fixture) => {
    expectClose(predict(bytesOf(fixture), fixture.x), fixture.y);
    if (fixture.labels) expect(importOnnx(bytesOf(fixture)).labels).toEqual(fixture.labels);
  });

  test('what a net becomes: layers by name, activations by what they compute, losses by the last one', () => {
    const layersOf = (name: string) => importOnnx(bytesOf(fixtures[name]!)).options.layers;
    for (const exporter of ['torch 1.13.0 opset 13', 'torch 2.13.0 opset 17', 'torch 2.13.0 dynamo'])
      for (const [name, activation] of Object.entries({
        relu: 'relu',
        gelu: 'gelu',
        'gelu tanh': 'geluTanh',
        silu: 'silu',
        mish: 'mish',
        softsign: 'softsign',
        softplus: 'softplus',
        'hard sigmoid': 'hardSigmoid',
        selu: 'selu',
        'leaky relu': { name: 'leakyRelu', slope: 0.2 },
        elu: { name: 'elu', alpha: 0.7 },
        celu: { name: 'celu', alpha: 1.3 },
        prelu: { name: 'prelu', shared: true },
        'prelu per unit': { name: 'prelu', shared: false },
      }))
        expect([exporter, layersOf(`${exporter}: ${name}`)]).toEqual([
          exporter,
          [
            { type: 'dense', units: 4, activation },
            { type: 'dense', units: 2 },
          ],
        ]);
    const { options } = importOnnx(bytesOf(fixtures['torch 2.13.0 dynamo: softmax']!));
    expect(options.loss).toBe('categoricalCrossEntropy');
    expect(importOnnx(bytesOf(fixtures['torch 2.13.0 dynamo: one unit']!)).options.loss).toBe('binaryCrossEntropy');
    expect(layersOf('torch 1.13.0 opset 13: batch norm')[1]).toEqual({ type: 'batchNorm', epsilon: 1e-3, momentum: 0.2 });
    expect(layersOf('torch 1.13.0 opset 9: layer norm')[1]).toEqual({ type: 'layerNorm', epsilon: 1e-5 });
    expect(layersOf('torch 2.13.0 dynamo: residual projected')).toMatchObject([
      { type: 'residual', projection: true },
      { type: 'activation', activation: 'relu' },
      { type: 'residual', projection: false },
    ]);
    expect(layersOf('torch 2.13.0 dynamo: scaled')).toEqual([
      { type: 'dense', units: 2, activation: 'relu' },
      { type: 'activation', activation: { name: 'linear', scale: 2, shift: -0.5 } },
    ]);
  });
});

describe('ONNX import of our own export', () => {
  test('every network comes back with the same outputs', () => {
    for (const options of [...Object.values(onnxNetworks), ...activationNames.map(activationNetwork)])
      for (const foldBatchNorm of [true, false]) {
        const network = randomNetwork(options);
        const x = randomRows(9, network.plan.inputs);
        expectClose(predict(exportOnnx(network, { foldBatchNorm }), x), forward(network, x));
      }
  });

  test('layers, labels and exact weights come back', () => {
    const network = randomNetwork(everyNetwork['nested residual']!);
    const { options, parameters } = importOnnx(exportOnnx(network));
    expect(options.layers).toMatchObject([
      { type: 'dense', units: 8 },
      {
        type: 'residual',
        layers: [
          { units: 8 },
          { type: 'residual', layers: [{ type: 'layerNorm' }, { activation: 'relu' }] },
          { type: 'residual', projection: true },
        ],
      },
      { type: 'dense', units: 3 },
    ]);
    for (const { name, values } of network.parameters()) expect(parameters.get(name)!.values).toEqual(values);
    const labels = ['a', 'b', 'c'];
    expect(importOnnx(exportOnnx(randomNetwork(everyNetwork['a classifier']!), { labels })).labels).toEqual(labels);
  });

  test('a scaler comes back as a layer of fixed numbers that keeps the digits of large columns', () => {
    const network = randomNetwork({ inputs: 2, layers: everyNetwork['a binary classifier']!.layers });
    const rows = Array.from({ length: 20 }, (_, i) => [1e6 + Math.sin(i), 3 * Math.cos(i)]);
    const scaler = new StandardScaler().fit(rows);
    const x = Float32Array.from(rows.flat());
    const given = Array.from({ length: 20 }, (_, i) => [x[2 * i]!, x[2 * i + 1]!]);
    const bytes = exportOnnx(network, { scaler, inputType: 'float32' });
    expect(importOnnx(bytes).options.layers[0]).toMatchObject({ type: 'rescale' });
    // Float32 keeps the mean of the first column to 0.03 only.
    expectClose(predict(bytes, x), forward(network, scaler.transform(given).data), 0.1);
  });
});
