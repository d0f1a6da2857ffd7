// predictInto in a loop: once the engine has compiled it, not a byte of the heap for a call.

import { expect, test } from 'vitest';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { quantize } from '../../src/quantize/quantize.js';

const CALLS = 100_000;
const X = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(3 * i), i / 64]);
const quiet = { onWarning: false, epochs: 1, hiddenLayers: [4] } as const;
const model = new MLP({ inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(2)] });
const classifier = new MLPClassifier({ ...quiet, calibrate: false }).fitSync(
  X,
  X.map(([a]) => (a! > 0 ? 'yes' : 'no')),
);
const regressor = new MLPRegressor(quiet).fitSync(
  X,
  X.map(([a, b]) => a! + 10 * b!),
);

test.each([
  ['a model', model.save()],
  ['a classifier of two classes', classifier.save()],
  ['a regressor', regressor.save()],
  ['a model of whole numbers', quantize(model, X, { maxLoss: 1 }).save()],
])('of %s makes no garbage', (_, file) => {
  const predictor = loadPredictor(file);
  const x = Float32Array.of(0.1, 0.2, 0.3);
  const out = new Float32Array(predictor.outputs);
  const grown = () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i++) predictor.predictInto(x, out);
    return process.memoryUsage().heapUsed - before;
  };
  // Rounds in which the engine still interprets and compiles are left out: the least of several. An object of 16 bytes a call would be 1.6 MB.
  const least = Math.min(...Array.from({ length: 6 }, () => Math.abs(grown())));
  expect(least).toBeLessThan(CALLS);
});
