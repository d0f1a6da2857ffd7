// Threads: the same bits with any number of them, and no hang when one goes missing.

import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { init } from '../../src/core/init.js';
import { engineInfo } from '../../src/engine/engine.js';
import { patience } from '../../src/engine/threads.js';
import { MLP } from '../../src/mlp/mlp.js';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  rescale,
  residual,
  type LayerSpec,
} from '../../src/plan/layers.js';

const wave = (rows: number, columns: number) => ({
  data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
  shape: [rows, columns],
});
const classes = (rows: number) => ({ data: Float32Array.from({ length: rows }, (_, i) => i % 10), shape: [rows, 1] });

const classifier = (layers: LayerSpec[], inputs: number, deterministic: boolean) =>
  new MLP({
    inputs,
    layers,
    loss: 'sparseCategoricalCrossEntropy',
    optimizer: 'adam',
    clip: { globalNorm: 1 },
    seed: 3,
    deterministic,
  });

/** Weights after a few steps on `rows` rows, and a prediction. */
function trained(layers: LayerSpec[], inputs: number, rows: number, deterministic: boolean) {
  const model = classifier(layers, inputs, deterministic);
  for (let s = 0; s < 4; s++) model.trainStep(wave(rows, inputs), classes(rows));
  return { weights: model.parameters().map((p) => p.values), outputs: model.predict(wave(rows, inputs)).data };
}

const nets: [string, LayerSpec[], number, number][] = [
  [
    'dense layers',
    [dense(300, { activation: 'relu' }), dense(257, { activation: 'tanh' }), dense(10, { activation: 'softmax' })],
    100,
    96,
  ],
  [
    'every kind of layer',
    [
      embedding({ column: 59, categories: 40, size: 19 }),
      rescale({ center: 0.1, scale: 0.5, trainable: true }),
      embedding({ column: 7, categories: 2, size: 5 }),
      dense(200, { activation: 'prelu' }),
      rescale({ center: -0.1, scale: 0.7, trainable: true }),
      batchNorm(),
      activation({ name: 'prelu', shared: false }),
      dropout(0.2),
      residual([dense(200, { activation: 'gelu' }), layerNorm()]),
      residual([dense(130, { activation: 'mish' })]),
      dense(10, { activation: 'softmax' }),
    ],
    60,
    101,
  ],
];

afterEach(async () => {
  patience(300);
  vi.restoreAllMocks();
  await init({ threads: 1 });
});

describe('threads', () => {
  test.each(nets)('%s end in the same bits with 1, 2, 3 and 4 threads, on both builds', async (_, layers, inputs, rows) => {
    for (const deterministic of [true, false]) {
      await init({ threads: 1 });
      const alone = trained(layers, inputs, rows, deterministic);
      for (const threads of [2, 3, 4]) {
        const info = await init({ threads });
        expect(info.threads).toBe(threads);
        const posted = vi.spyOn(Worker.prototype, 'postMessage');
        expect(trained(layers, inputs, rows, deterministic), `${threads} threads`).toEqual(alone);
        expect(
          posted.mock.calls.some(([message]) => (message as { call?: string }).call === 'train'),
          'the work was shared',
        ).toBe(true);
        posted.mockRestore();
      }
    }
  });

  test('small networks never leave their thread', async () => {
    await init({ threads: 2 });
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    trained([dense(16, { activation: 'tanh' }), dense(10, { activation: 'softmax' })], 4, 32, false);
    expect(posted).not.toHaveBeenCalled();
  });

  test('a worker that never answers gives ERR_WORKER within its patience, and models go on with one thread', async () => {
    const [, layers, inputs, rows] = nets[0]!;
    const alone = trained(layers, inputs, rows, true);
    await init({ threads: 2 });
    patience(3);
    const model = classifier(layers, inputs, true);
    const real = Worker.prototype.postMessage;
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, message: unknown) {
      if ((message as { call?: string }).call === undefined) real.call(this, message);
    });
    expect(() => model.trainStep(wave(rows, inputs), classes(rows))).toThrow(expect.objectContaining({ code: 'ERR_WORKER' }));
    vi.restoreAllMocks();
    expect(engineInfo().threads).toBe(1);
    for (let s = 0; s < 4; s++) model.trainStep(wave(rows, inputs), classes(rows));
    // Nothing had changed before the worker was missed: the model is where it would be.
    expect(model.parameters().map((p) => p.values)).toEqual(alone.weights);
  });

  test('a model made for two threads goes on with none, and with two again', async () => {
    const [, layers, inputs, rows] = nets[0]!;
    const alone = trained(layers, inputs, rows, true);
    await init({ threads: 2 });
    const model = classifier(layers, inputs, true);
    model.trainStep(wave(rows, inputs), classes(rows));
    await init({ threads: 1 });
    model.trainStep(wave(rows, inputs), classes(rows));
    await init({ threads: 2 });
    model.trainStep(wave(rows, inputs), classes(rows));
    model.trainStep(wave(rows, inputs), classes(rows));
    expect(model.parameters().map((p) => p.values)).toEqual(alone.weights);
  });

  test('fault 47: without SharedArrayBuffer one thread works, with the same digest and a reason', async () => {
    const [, layers, inputs, rows] = nets[0]!;
    const alone = trained(layers, inputs, rows, true);
    const kept = globalThis.SharedArrayBuffer;
    try {
      // @ts-expect-error: an engine without it
      delete globalThis.SharedArrayBuffer;
      const info = await init({ threads: 2 });
      expect(info.threads).toBe(1);
      expect(info.reasons.join(' ')).toMatch(/SharedArrayBuffer is missing/);
      expect(trained(layers, inputs, rows, true)).toEqual(alone);
    } finally {
      globalThis.SharedArrayBuffer = kept;
    }
  });

  test.each([0, -1, 1.5, 17, Number.NaN, '2'])('init({ threads: %s }) is refused', async (threads) => {
    await expect(init({ threads: threads as number })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});
