// The baseline where a result can be had with pencil and paper, and its functions at the ends of the number line.

import { describe, expect, test } from 'vitest';
import { activate, activateBackward } from '../../src/baseline/activations.js';
import { normal } from '../../src/baseline/noise.js';
import { bits } from '../../src/data/random.js';
import { activationNames, resolveActivation } from '../../src/plan/activations.js';
import { activation, dense } from '../../src/plan/layers.js';
import type { OptimizerLike } from '../../src/plan/optimizers.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { codeOf } from '../support/errors.js';
import { expectClose, fill, outputsOf } from '../support/golden.js';
import { backendOf, rowsOf, request, weights, predict, set } from '../support/plainBackend.js';

describe('closed forms of the course', () => {
  test('two steep sigmoids make a step: 1 between 0 and 1, 0 outside', () => {
    const backend = backendOf({ inputs: 1, layers: [dense(2, { activation: 'sigmoid' }), dense(1)] });
    set(backend, {
      'layers.0.weight': [1000, 1000],
      'layers.0.bias': [0, -1000],
      'layers.1.weight': [1, -1],
      'layers.1.bias': [0],
    });
    expectClose(predict(backend, [-2, -0.1, 0.1, 0.5, 0.9, 1.1, 3]), [0, 0, 1, 1, 1, 0, 0], 0, 1e-40);
    expect(predict(backend, [0, 1])).toEqual([0.5, 0.5]);
  });

  test('three ReLUs make a triangle on [-1, 1], to the bit', () => {
    const backend = backendOf({ inputs: 1, layers: [dense(3, { activation: 'relu' }), dense(1)] });
    set(backend, {
      'layers.0.weight': [1, 1, 1],
      'layers.0.bias': [1, 0, -1],
      'layers.1.weight': [1, -2, 1],
      'layers.1.bias': [0],
    });
    expect(predict(backend, [-2, -1, -0.75, -0.5, 0, 0.25, 0.5, 1, 2])).toEqual([0, 0, 0.25, 0.5, 1, 0.75, 0.5, 0, 0]);
  });

  test('XOR is solved exactly by two ReLUs', () => {
    const backend = backendOf({ inputs: 2, layers: [dense(2, { activation: 'relu' }), dense(1, { bias: false })] });
    set(backend, { 'layers.0.weight': [1, -1, -1, 1], 'layers.0.bias': [0, 0], 'layers.1.weight': [1, 1] });
    expect(
      predict(backend, [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]),
    ).toEqual([0, 1, 1, 0]);
  });

  test('a perceptron with a step computes AND, OR and NAND', () => {
    const backend = backendOf({ inputs: 2, layers: [dense(3, { activation: 'step' })] });
    set(backend, { 'layers.0.weight': [1, 1, -1, 1, 1, -1], 'layers.0.bias': [-2, -1, 1] });
    expect(
      predict(backend, [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]),
    ).toEqual([0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0]);
  });

  test('gradient descent on a linear unit takes the textbook’s step', () => {
    const backend = backendOf({ inputs: 1, layers: [dense(1)], optimizer: { name: 'gd' } });
    set(backend, { 'layers.0.weight': [2], 'layers.0.bias': [1] });
    fill(backend, [1, 3], [0, 0]);
    backend.rates[0] = 0.1;
    expect(backend.train(request(2, 2))).toBe(1);
    expect(backend.losses[0]).toBe((3 * 3 + 7 * 7) / 2);
    expectClose(backend.readTensor(0), [2 - (0.1 * 2 * (3 * 1 + 7 * 3)) / 2], 1e-15, 0);
    expectClose(backend.readTensor(1), [1 - (0.1 * 2 * (3 + 7)) / 2], 1e-15, 0);
  });
});

describe('functions', () => {
  test('fault 64: -0, the smallest subnormal, the largest float and infinities through every activation', () => {
    const tiny = 1.401298464324817e-45;
    const huge = 3.4028234663852886e38;
    const z = Float64Array.of(0, -0, tiny, -tiny, huge, -huge, Infinity, -Infinity);
    for (const name of activationNames) {
      const f = resolveActivation(name, name);
      const slopes = name === 'prelu' ? Float64Array.of(0.25) : undefined;
      if (/softmax|polynomial/i.test(name)) continue; // the last has no bound: squares of the largest float overflow
      const y = new Float64Array(z.length);
      const dz = new Float64Array(z.length);
      activate(f, slopes, y, z, 1, z.length);
      activateBackward(f, slopes, dz, new Float64Array(z.length).fill(1), z, y, 1, z.length);
      expect([...y].some(Number.isNaN), `${name}: ${y}`).toBe(false);
      expect(
        [...dz].some((d) => !Number.isFinite(d)),
        `${name}': ${dz}`,
      ).toBe(false);
      expect(y[0] === y[1], `${name}: -0 is 0`).toBe(true);
      const bounded = ['sigmoid', 'tanh', 'sign', 'step', 'softsign', 'hardSigmoid'].includes(name);
      expect(y[6], `${name}(infinity)`).toBe(bounded ? 1 : Infinity);
      activate(f, slopes, y, Float64Array.of(NaN), 1, 1);
      expect(y[0], `${name}(NaN)`).toBe(NaN);
    }
    const y = new Float64Array(3);
    activate(resolveActivation('softmax', ''), undefined, y, Float64Array.of(huge, -huge, huge), 1, 3);
    expect([...y]).toEqual([0.5, 0, 0.5]);
  });

  test('normal numbers have mean 0, deviation 1 and the tails of a normal distribution', () => {
    let sum = 0;
    let squares = 0;
    let beyond = 0;
    const count = 100000;
    for (let k = 0; k < count; k++) {
      const z = normal(bits(1, 2, k));
      sum += z;
      squares += z * z;
      if (Math.abs(z) > 1.959964) beyond++;
    }
    // Standard errors: 0.0032 of the mean, 0.0045 of the variance, 0.0007 of the share.
    expect(Math.abs(sum / count)).toBeLessThan(0.01);
    expect(Math.abs(squares / count - 1)).toBeLessThan(0.015);
    expect(Math.abs(beyond / count - 0.05)).toBeLessThan(0.0025);
    expect([normal(0), normal(0xffffffff)]).toEqual([normal(0), -normal(0)]);
    expectClose([normal(0x7fffffff), normal(0x80000000)], [5.4199, -5.4199], 1e-4, 0);
  });
});

describe('faults', () => {
  test('fault 60: dead ReLUs and gradients of zero leave weights where they are, with every optimizer', () => {
    for (const name of optimizerNames) {
      const optimizers: OptimizerLike[] = [name];
      if (name === 'rmsprop') optimizers.push({ name, centered: true, momentum: 0.9 }, { name, epsilonInside: true });
      if (name === 'sgd')
        optimizers.push(
          { name, momentum: 0.9 },
          { name, momentum: 0.9, form: 'velocity' },
          { name, momentum: 0.9, form: 'ema', biasCorrection: true },
        );
      if (name === 'adam') optimizers.push({ name, amsgrad: true });
      for (const optimizer of optimizers) {
        const decays = { adamw: { name: 'adamw', weightDecay: 0 } as const }[name as string];
        const backend = backendOf({ inputs: 2, layers: [dense(3, { activation: 'relu' })], optimizer: decays ?? optimizer });
        set(backend, { 'layers.0.bias': [-100, -100, -100] });
        const before = weights(backend);
        fill(backend, rowsOf(4, 2), new Array<number>(12).fill(0));
        backend.rates.fill(0.1);
        for (let t = 0; t < 3; t++) backend.train(request(4, 4));
        expect(backend.weightsDiverged).toBe(false);
        expect(weights(backend), JSON.stringify(optimizer)).toEqual(before);
      }
    }
  });

  test('fault 61: logits of +-1e4 and +-3e38, and equal huge ones, give exact limits and finite gradients', () => {
    const huge = [1e4, -1e4, 3e38, -3e38];
    for (const precision of ['float64', 'float32'] as const) {
      const binary = backendOf(
        { inputs: 1, layers: [dense(1, { activation: 'sigmoid' })], loss: 'binaryCrossEntropy' },
        precision,
      );
      set(binary, { 'layers.0.weight': [1], 'layers.0.bias': [0] });
      fill(binary, huge, [1, 0, 1, 0]);
      binary.forward(0, 4, true);
      expect(outputsOf(binary, 4)).toEqual([1, 0, 1, 0]);
      expect(binary.loss(0, false, 4)).toBe(0);
      binary.backward(true, true);
      expect([...binary.inputGradients()].every((g) => g === 0)).toBe(true);
      fill(binary, huge, [0, 1, 0, 1]);
      binary.forward(0, 4, true);
      const largest = precision === 'float32' ? Math.fround(3e38) : 3e38;
      expectClose([binary.loss(0, false, 4)], [largest / 2], 1e-12, 0);
      binary.backward(true, true);
      expectClose(binary.inputGradients(), [0.25, -0.25, 0.25, -0.25], 1e-12, 0);

      const classes = backendOf({ inputs: 3, layers: [activation('softmax')], loss: 'sparseCategoricalCrossEntropy' }, precision);
      fill(
        classes,
        [
          [3e38, 3e38, -3e38],
          [1e4, -1e4, 0],
          [-3e38, -3e38, -3e38],
        ],
        [1, 1, 2],
      );
      classes.forward(0, 3, true);
      const third = precision === 'float32' ? Math.fround(1 / 3) : 1 / 3;
      expect(outputsOf(classes, 3)).toEqual([0.5, 0.5, 0, 1, 0, 0, third, third, third]);
      expectClose([classes.loss(0, false, 3)], [(Math.LN2 + 2e4 + Math.log(3)) / 3], 1e-9, 0);
      classes.backward(true, true);
      expectClose(classes.inputGradients(), [1 / 6, -1 / 6, 0, 1 / 3, -1 / 3, 0, 1 / 9, 1 / 9, -2 / 9], 1e-6, 0);
    }
  });

  test('fault 62: probabilities of exactly 0 and 1 cost at most -ln 1e-7 each, with finite gradients', () => {
    // hardSigmoid reaches 0 and 1 exactly, and is not fused with the loss.
    const backend = backendOf({ inputs: 1, layers: [activation('hardSigmoid')], loss: 'binaryCrossEntropy' });
    fill(backend, [9, -9, 9, -9], [1, 0, 0, 1]);
    backend.forward(0, 4, true);
    expect(outputsOf(backend, 4)).toEqual([1, 0, 1, 0]);
    expectClose([backend.loss(0, false, 4)], [-Math.log(1e-7) / 2], 1e-8, 1e-7);
    backend.backward(true, true);
    expect([...backend.inputGradients()].every(Number.isFinite)).toBe(true);
    expect([...backend.readDeltas(0)].map(Math.sign)).toEqual([-1, 1, 1, -1]);
  });

  test('more memory than the engine gives is ERR_MEMORY, and the backend works on', () => {
    const backend = backendOf({ inputs: 2 ** 24, layers: [activation('tanh')] });
    expect(codeOf(() => backend.reserve(2 ** 30, 2 ** 30, true))).toBe('ERR_MEMORY');
    backend.reserve(1, 1, true);
    backend.x[0] = 1;
    backend.forward(0, 1, false);
    expect(backend.outputs[0]).toBe(Math.tanh(1));
  });
});
