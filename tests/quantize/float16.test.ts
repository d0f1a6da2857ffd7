// Weights as float16: every pattern of bits and every edge between two of them, files read back, and what is refused.

import { describe, expect, test } from 'vitest';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { FeedforwardError } from '../../src/errors.js';
import { fromFloat16, toFloat16 } from '../../src/formats/float16.js';
import { inFloat16 } from '../../src/entries/index.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { MLP } from '../../src/mlp/mlp.js';
import { batchNorm, dense } from '../../src/plan/layers.js';
import { quantize } from '../../src/quantize/quantize.js';
import { mutants, readAll } from '../support/fuzz.js';

describe('rounding', () => {
  test('every finite number of 16 bits is itself, with either sign', () => {
    for (let bits = 0; bits < 0x7c00; bits++)
      for (const sign of [0, 0x8000]) expect(toFloat16(fromFloat16(sign | bits))).toBe(sign | bits);
    expect(Object.is(fromFloat16(0x8000), -0)).toBe(true);
    expect([toFloat16(Infinity), toFloat16(-Infinity)]).toEqual([0x7c00, 0xfc00]);
    expect(fromFloat16(toFloat16(Number.NaN))).toBeNaN();
  });

  test('between any two neighbours the nearer one, half way the even one', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [fromFloat16(bits), fromFloat16(bits + 1)];
      const half = (low + high) / 2;
      expect(toFloat16(half)).toBe(bits % 2 === 0 ? bits : bits + 1);
      expect(toFloat16(half * (1 - 2 ** -40))).toBe(bits);
      expect(toFloat16(half * (1 + 2 ** -40))).toBe(bits + 1);
    }
  });

  test('from 65520 on it is infinite, below that 65504', () => {
    expect(toFloat16(65519.999)).toBe(0x7bff);
    expect(toFloat16(65520)).toBe(0x7c00);
    expect(toFloat16(2 ** -25)).toBe(0);
    expect(toFloat16(2 ** -25 * (1 + 2 ** -40))).toBe(1);
    expect(toFloat16(Number.MIN_VALUE)).toBe(0);
  });
});

describe('files', () => {
  const model = new MLP({
    inputs: 40,
    layers: [dense(30, { activation: 'tanh' }), batchNorm(), dense(2)],
    seed: 3,
    weightAveraging: { decay: 0.9 },
  });
  const X = [Array.from({ length: 40 }, (_, j) => Math.sin(j))];

  test('hold matrices in half as many bytes; MLP.load and loadPredictor give the same bits', () => {
    const [whole, half] = [model.save(), inFloat16(model.save())];
    const { tensors } = readSafetensors(half);
    const types = (list: typeof tensors) =>
      Object.fromEntries([...list].map(([name, { shape, dtype }]) => [name, shape.length === 2 ? 'F16' : dtype]));
    expect(Object.fromEntries([...tensors].map(([name, { dtype }]) => [name, dtype]))).toEqual(
      types(readSafetensors(whole).tensors),
    );
    const loaded = MLP.load(half);
    expect(loadPredictor(half).predict(X)).toEqual(loaded.predict(X));
    for (const [k, { name, shape, values }] of model.parameters().entries()) {
      const read = loaded.parameters()[k]!.values;
      expect(Array.from(read)).toEqual(Array.from(values, (v) => (shape.length === 2 ? fromFloat16(toFloat16(v)) : v)));
      expect(loaded.parameters()[k]!.name).toBe(name);
    }
    // What is loaded can be saved so again without another rounding.
    expect(inFloat16(loaded.save())).toEqual(half);
  });

  test('of estimators too', () => {
    const rows = Array.from({ length: 40 }, (_, i) => [i, (i * 7) % 5]);
    const clf = new MLPClassifier({ epochs: 3, onWarning: false }).fitSync(
      rows,
      rows.map(([a]) => (a! > 20 ? 'b' : 'a')),
    );
    const half = inFloat16(clf.save());
    expect(loadPredictor(half).predictProba(rows)).toEqual((loadEstimator(half) as MLPClassifier).predictProba(rows));
  });

  test.each<[string, string, () => unknown]>([
    [
      'a weight beyond the largest float16',
      'ERR_RANGE',
      () => {
        const large = new MLP({ inputs: 1, layers: [dense(1)] });
        large.parameters()[0]!.set([7e4]);
        return inFloat16(large.save());
      },
    ],
    ["the optimizer's state", 'ERR_STATE', () => inFloat16(model.save({ optimizer: true }))],
    ['whole numbers', 'ERR_UNSUPPORTED', () => inFloat16(quantize(model, X, { maxLoss: 1 }).save())],
    ['no file', 'ERR_FORMAT', () => inFloat16(new Uint8Array(9))],
    ['no bytes', 'ERR_TYPE', () => inFloat16('model.ff' as never)],
  ])('%s: %s', (_, code, act) => {
    try {
      act();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FeedforwardError);
      expect((error as FeedforwardError).code).toBe(code);
    }
  });

  test('bytes changed, cut and doubled: refused, or the same file', () => {
    const outcomes = readAll((bytes) => void [MLP.load(bytes), loadPredictor(bytes)], mutants(inFloat16(model.save()), 200));
    expect(outcomes.get('ERR_FORMAT')).toBeGreaterThan(60);
  });
});
