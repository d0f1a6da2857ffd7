// What a step costs beside the arithmetic. A file of its own: code that has run on other backends too is compiled less well.

import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { prelu } from '../../src/plan/activations.js';
import { batchNorm, dense, dropout, layerNorm, noise, residual } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';
import { cosineDecay } from '../../src/plan/schedules.js';
import { regression } from '../support/models.js';

describe('the hot path', () => {
  test('fault 85: a step makes no object, nor does predictInto', () => {
    const { X, y } = regression(32);
    const model = new MLP({ inputs: 4, layers: [dense(16, { activation: 'tanh' }), dense(1)] });
    const data = { data: Float32Array.from(X.flat()), shape: [32, 4] };
    const targets = { data: Float32Array.from(y.flat()), shape: [32, 1] };
    const out = new Float32Array(32);
    // What every call makes is in every sample; one with a collection in it shrinks, one before the compiler is done grows.
    const bytesPerCall = (call: () => void) => {
      let least = Infinity;
      for (let sample = 0; sample < 100 && least >= 100; sample++) {
        const before = process.memoryUsage().heapUsed;
        for (let i = 0; i < 1000; i++) call();
        const bytes = (process.memoryUsage().heapUsed - before) / 1000;
        if (bytes >= 0) least = Math.min(least, bytes);
      }
      return least;
    };
    // A number costs 16 bytes in a box, in code not optimised yet; a view on memory takes more than a hundred.
    expect(bytesPerCall(() => void model.trainStep(data, targets))).toBeLessThan(100);
    expect(bytesPerCall(() => void model.trainStep(X, y))).toBeLessThan(100);
    expect(bytesPerCall(() => model.predictInto(data.data, out))).toBeLessThan(100);
    const everything = new MLP({
      inputs: 4,
      layers: [
        dense(8, { activation: prelu(), l1: 1e-4, maxNorm: 3 }),
        batchNorm(),
        dropout(0.2),
        residual([dense(6, { activation: 'gelu' }), layerNorm(), residual([dense(6)])]),
        noise(0.1),
        dense(1),
      ],
      optimizer: adam({ learningRate: cosineDecay(1e-3, { over: 1e6, per: 'step' }), amsgrad: true }),
      l2: 1e-4,
      clip: { value: 1, norm: 1, globalNorm: 1 },
      weightAveraging: { decay: 0.99 },
      inputNoise: 0.1,
    });
    expect(bytesPerCall(() => void everything.trainStep(data, targets))).toBeLessThan(100);
  });

  test('predictInto costs less than half a microsecond beside the arithmetic', () => {
    const model = new MLP({ inputs: 1, layers: [dense(1)] });
    const x = new Float32Array(1);
    const out = new Float32Array(1);
    let best = Infinity;
    for (let repeat = 0; repeat < 20; repeat++) {
      const started = performance.now();
      for (let i = 0; i < 10_000; i++) model.predictInto(x, out);
      best = Math.min(best, (performance.now() - started) / 10);
    }
    expect(best).toBeLessThan(0.5); // the best of twenty, in microseconds: the machine may be busy
  });
});
