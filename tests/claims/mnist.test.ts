// Short versions of what the MNIST examples claim in full (docs/course.md has the figures of the full runs): the same networks and
// data, fewer passes, and the cost of a step in forward passes.

import { beforeAll, describe, expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, batchNorm, dense, dropout, type LayerSpec } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';

interface Rows {
  readonly data: Float32Array;
  readonly shape: [rows: number, columns: number];
}

let digits: { XTrain: Rows; yTrain: Rows; XTest: Rows; yTest: Rows };
beforeAll(async () => {
  const { loadMnist } = (await import(new URL('../../examples/support/mnist.js', import.meta.url).href)) as {
    loadMnist: () => typeof digits;
  };
  digits = loadMnist();
});

const classifier = (layers: LayerSpec[], options: Partial<MLPOptions> = {}) =>
  new MLP({
    inputs: 784,
    layers: [...layers, dense(10, { activation: 'softmax' })],
    loss: 'sparseCategoricalCrossEntropy',
    metrics: ['accuracy'],
    deterministic: true,
    ...options,
  });

const errorOf = (model: MLP) => 100 * (1 - model.evaluate(digits.XTest, digits.yTest)['accuracy']!);

describe('MNIST', () => {
  // After five epochs 3.1 % is asked for; one is worth about 5 %.
  test('784-100-10 errs on less than 5.5 % of the test images after one epoch', () => {
    const model = classifier([dense(100, { activation: 'relu' })]);
    model.fitSync(digits.XTrain, digits.yTrain, { epochs: 1, reportMetrics: false });
    expect(errorOf(model)).toBeLessThan(5.5);
  });

  test('with dropout 784-256-128-10 is as good after one epoch, and tests better than it trains', () => {
    const hidden = (units: number) => dense(units, { activation: 'relu' });
    const model = classifier([dropout(0.2), hidden(256), dropout(0.4), hidden(128), dropout(0.3)]);
    const { loss } = model.fitSync(digits.XTrain, digits.yTrain, { epochs: 1, batchSize: 64, reportMetrics: false }).last!;
    expect(errorOf(model)).toBeLessThan(6);
    expect(model.evaluate(digits.XTest, digits.yTest).loss).toBeLessThan(loss);
  });
});

describe('the cost of a step of 784-128-10 at batch 32', () => {
  const relu = dense(128, { activation: 'relu' });
  const normalised = [dense(128, { bias: false }), batchNorm(), activation('relu')];

  /** Median microseconds of a call, measured turn by turn so that a busy machine slows all alike. */
  function medians<Name extends string>(calls: Record<Name, () => void>): Record<Name, number> {
    const names = Object.keys(calls) as Name[];
    const samples = names.map(() => [] as number[]);
    for (let turn = 0; turn < 300; turn++)
      names.forEach((name, k) => {
        const started = performance.now();
        calls[name]();
        samples[k]!.push(1000 * (performance.now() - started));
      });
    // The lower quartile: interruptions only ever add.
    return Object.fromEntries(names.map((name, k) => [name, samples[k]!.sort((a, b) => a - b)[75]!])) as Record<Name, number>;
  }

  test('is about three forward passes, and batch norm with dropout adds less than 30 %', () => {
    const X = { data: digits.XTrain.data.subarray(0, 32 * 784), shape: [32, 784] };
    const y = { data: digits.yTrain.data.subarray(0, 32), shape: [32, 1] };
    const optimizer = { name: 'sgd', learningRate: 1e-6 } as const;
    const plain = classifier([relu], { optimizer });
    const both = classifier([...normalised, dropout(0.5)], { optimizer });
    const out = new Float32Array(320);
    const times = medians({
      forward: () => plain.predictInto(X.data, out),
      step: () => plain.trainStep(X, y),
      both: () => both.trainStep(X, y),
    });
    expect(times.step / times.forward).toBeLessThan(3.3);
    expect(times.both / times.step).toBeLessThan(1.3);
  });

  test('fault 63: subnormal weights, inputs and averages are computed with, at less than twice the time', () => {
    const X = { data: digits.XTrain.data.subarray(0, 32 * 784), shape: [32, 784] };
    const y = { data: digits.yTrain.data.subarray(0, 32), shape: [32, 1] };
    const tiny = { data: X.data.map((value) => value * 1e-40), shape: X.shape };
    const scaled = (scale: number) => {
      const model = classifier([relu], { optimizer: { name: 'sgd', learningRate: 1e-30 } });
      for (const p of model.parameters()) p.set(p.values.map((value) => value * scale));
      return model;
    };
    const [normal, small] = [scaled(1), scaled(1e-39)];
    const adams = [
      [1e-3, 1e-6],
      [1e-42, 1e-41],
    ].map((values) => {
      const model = classifier([relu], { optimizer: { name: 'adam', learningRate: 1e-30 } });
      model.trainStep(X, y);
      const state = model.state();
      return {
        model,
        state: { ...state, slots: state.slots.map((slot, s) => slot.map((tensor) => tensor.map(() => values[s]!))) },
      };
    });
    const zeros = { data: new Float32Array(32 * 784), shape: X.shape };
    const times = medians({
      normal: () => void normal.trainStep(X, y),
      weights: () => void small.trainStep(X, y),
      inputs: () => void normal.trainStep(tiny, y),
    });
    // Some processors take a hundred times as long for a multiplication with a subnormal number: then nothing is to be seen here.
    if (slowdown() > 4) return;
    expect(times.weights / times.normal).toBeLessThan(2);
    expect(times.inputs / times.normal).toBeLessThan(2);
    // A step changes the averages, so each is timed once after they are set.
    const samples = adams.map(() => [] as number[]);
    for (let turn = 0; turn < 60; turn++)
      adams.forEach(({ model, state }, k) => {
        model.restoreState(state);
        const started = performance.now();
        model.trainStep(zeros, y);
        samples[k]!.push(performance.now() - started);
      });
    const [usual, subnormal] = samples.map((of) => of.sort((a, b) => a - b)[15]!);
    expect(subnormal! / usual!).toBeLessThan(2);
    // Gradual underflow: 784 x 1e-40 x 1e-3 sums are not zero.
    const sum = new MLP({ inputs: 4, layers: [dense(1, { bias: false })], deterministic: true });
    sum.parameters()[0]!.set(new Float32Array(4).fill(1e-40));
    expect(sum.predict([[1, 1, 1, 1]]).data[0]).toBeCloseTo(4e-40, 43);
    expect(sum.predict([[1, 1, 1, 1]]).data[0]).toBeGreaterThan(3.9e-40);
  });
});

/** How much longer this processor takes to multiply subnormal numbers, in plain JavaScript and float64. */
function slowdown(): number {
  const time = (value: number) => {
    const values = new Float64Array(1000).fill(value);
    let least = Infinity;
    for (let round = 0; round < 20; round++) {
      const start = performance.now();
      for (let k = 0; k < 200; k++) for (let i = 0; i < values.length; i++) values[i] = values[i]! * 0.5 + value * 0.5;
      least = Math.min(least, performance.now() - start);
    }
    return least;
  };
  return time(1e-310) / time(1);
}
