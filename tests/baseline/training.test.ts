// Training on the baseline: batches, accumulation, masks, divergence, state; the course's closed forms; faults of its own.

import { describe, expect, test } from 'vitest';
import { Counter, LayerKind } from '../../assembly/abi.js';
import type { PlainBackend } from '../../src/baseline/backend.js';
import { MLP } from '../../src/baseline/mlp.js';
import { gradientCheck } from '../../src/model/inspections.js';
import { activation, batchNorm, dense, dropout, embedding, layerNorm, noise, rescale, residual } from '../../src/plan/layers.js';
import type { OptimizerLike } from '../../src/plan/optimizers.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { codeOf } from '../support/errors.js';
import { expectClose, fill, outputsOf } from '../support/golden.js';
import { backendOf, rowsOf, request, weights, predict } from '../support/plainBackend.js';

describe('batches', () => {
  const layers = [
    dense(5, { activation: 'tanh' }),
    noise(0.3),
    dropout(0.4),
    dense(4, { activation: 'relu' }),
    dropout(0.2),
    dense(2),
  ];

  test('accumulated micro-batches take the step of the whole batch, masks and noise included', () => {
    const whole = backendOf({ inputs: 3, layers, seed: 5 });
    const parts = backendOf({ inputs: 3, layers, seed: 5 });
    const x = rowsOf(22, 3, 2);
    const y = rowsOf(22, 2, 3);
    for (const [backend, more] of [
      [whole, request(22, 8)],
      [parts, request(22, 2, { accumulate: 4 })],
    ] as const) {
      fill(backend, x, y);
      backend.rates.fill(0.01);
      expect(backend.train(more)).toBe(more === undefined ? 0 : Math.ceil(22 / more.batchSize));
    }
    expect(whole.readCounters()[Counter.Draws]).toBe(3);
    expect(parts.readCounters()[Counter.Steps]).toBe(3);
    whole.plan.tensors.forEach((t, i) => {
      expectClose(parts.readTensor(i), [...whole.readTensor(i)], 1e-12, 1e-14, t.name);
    });
    // The loss of a batch is that of its own rows.
    const means = (of: PlainBackend, n: number, size: number) => of.losses.subarray(0, n).reduce((a, b) => a + b) / size;
    expectClose([means(parts, 4, 4)], [whole.losses[0]!], 1e-12, 0);
  });

  test('each draw has masks of its own; the same draw, seed and layer have the same', () => {
    const options = { inputs: 50, layers: [dropout(0.5)], seed: 3 };
    const draw = (seed: number, draws: number) => {
      const backend = backendOf({ ...options, seed });
      fill(backend, new Array<number>(100).fill(1));
      backend.writeCounters([0, draws, 1, 1, 1, 1]);
      backend.forward(0, 2, true);
      expect(backend.readCounters()[Counter.Draws]).toBe(draws + 1);
      return outputsOf(backend, 2);
    };
    expect(draw(3, 7)).toEqual(draw(3, 7));
    expect(draw(3, 7)).not.toEqual(draw(3, 8));
    expect(draw(3, 7)).not.toEqual(draw(4, 7));
    const twice = draw(3, 7);
    expect(twice.slice(0, 50)).not.toEqual(twice.slice(50));
    expect(new Set(twice)).toEqual(new Set([0, 2]));
  });

  test('dropout drops its share, scales the rest, passes their gradients only, and drops what is not finite', () => {
    const backend = backendOf({ inputs: 1000, layers: [dropout(0.3)] });
    const rows = 20;
    fill(backend, new Array<number>(rows * 1000).fill(2), new Array<number>(rows * 1000).fill(0));
    backend.forward(0, rows, true);
    const y = outputsOf(backend, rows);
    const kept = y.filter((v) => v !== 0);
    expect(Math.abs(kept.length / y.length - 0.7)).toBeLessThan(0.015); // 4.6 standard errors
    expect(new Set(kept)).toEqual(new Set([2 * Math.fround(1 / 0.7)]));
    backend.setOutputGradient(new Float64Array(rows * 1000).fill(1));
    backend.backward(true, true);
    expect([...backend.inputGradients()].map((g) => g * 2)).toEqual(y);
    fill(backend, new Array<number>(1000).fill(Infinity));
    backend.forward(0, 1, true);
    expect(new Set(outputsOf(backend, 1))).toEqual(new Set([0, Infinity]));
    backend.forward(0, 1, false);
    expect(new Set(outputsOf(backend, 1))).toEqual(new Set([Infinity]));
  });

  test('with batch norm a last batch of one row joins the one before it', () => {
    const backend = backendOf({ inputs: 2, layers: [dense(3), batchNorm(), dense(1)] });
    fill(backend, rowsOf(9, 2), rowsOf(9, 1));
    backend.rates.fill(0.01);
    expect(backend.train(request(9, 4, { keepOutputs: true }))).toBe(2);
    expect(backend.readActivations(0).length).toBe(5 * 3);
    const plain = backendOf({ inputs: 2, layers: [dense(3), layerNorm(), dense(1)] });
    fill(plain, rowsOf(9, 2), rowsOf(9, 1));
    plain.rates.fill(0.01);
    expect(plain.train(request(9, 4))).toBe(3);
  });

  test('kept outputs are those each batch was judged by', () => {
    const backend = backendOf({ inputs: 2, layers: [dense(3, { activation: 'tanh' }), dense(2)] });
    fill(backend, rowsOf(5, 2), rowsOf(5, 2, 9));
    backend.rates.fill(0.1);
    backend.train(request(5, 2, { keepOutputs: true }));
    for (const [batch, [from, to]] of [
      [0, 2],
      [2, 4],
      [4, 5],
    ].entries()) {
      let sum = 0;
      for (let k = from! * 2; k < to! * 2; k++) sum += (backend.windowOutputs[k]! - backend.targets[k]!) ** 2;
      expectClose([backend.losses[batch]!], [sum / (2 * (to! - from!))], 1e-13, 0);
    }
  });

  test('sample weights multiply a row’s loss and gradient; a row of weight 0 is absent whatever it holds', () => {
    for (const loss of [
      'meanSquaredError',
      'klDivergence',
      'categoricalCrossEntropy',
      'sparseCategoricalCrossEntropy',
    ] as const) {
      const backend = backendOf({ inputs: 2, layers: [dense(3, { activation: 'softmax' })], loss });
      const x = rowsOf(3, 2);
      const y =
        loss === 'sparseCategoricalCrossEntropy'
          ? [0, 2, 1]
          : [
              [0, 1, 0],
              [0.2, 0.3, 0.5],
              [1, 0, 0],
            ];
      fill(backend, x, y, [2, 1, 0]);
      backend.forward(0, 3, true);
      backend.zeroGradients();
      const loss3 = backend.loss(0, true, 3);
      backend.backward(false, true);
      const gradient = backend.readGradient(0);
      fill(backend, [x[0]!, x[0]!, x[1]!], [y[0]!, y[0]!, y[1]!]);
      backend.forward(0, 3, true);
      backend.zeroGradients();
      expectClose([backend.loss(0, false, 3)], [loss3], 1e-14, 0, loss);
      backend.backward(false, true);
      expectClose(backend.readGradient(0), [...gradient], 1e-12, 1e-15, loss);
      fill(backend, [x[0]!, x[1]!, [NaN, Infinity]], y, [2, 1, 0]);
      backend.forward(0, 3, true);
      expect(backend.loss(0, true, 3)).toBe(loss3);
      expect([...backend.readDeltas(0).subarray(6)]).toEqual([0, 0, 0]);
    }
  });
});

describe('divergence', () => {
  test('training stops before stepping on a loss that is not finite, and says how many batches were done', () => {
    const backend = backendOf({ inputs: 1, layers: [dense(1)], optimizer: 'sgd' });
    fill(backend, [1, 1, Infinity, 1], [0, 0, 0, 0]);
    backend.rates.fill(0.1);
    const steps: number[] = [];
    expect(backend.train(request(4, 1))).toBe(2);
    steps.push(backend.readCounters()[Counter.Steps]!);
    expect(backend.losses[2]).toBe(Infinity);
    expect(backend.weightsDiverged).toBe(false);
    expect(weights(backend).every((w) => w.every(Number.isFinite))).toBe(true);
    expect(backend.train(request(4, 1, { ignoreDivergence: true }))).toBe(4);
    expect(steps).toEqual([2]);
  });

  test('and after the step that made a weight non-finite', () => {
    const backend = backendOf({ inputs: 1, layers: [dense(1)], optimizer: 'sgd' }, 'float32');
    fill(backend, [1e18, 1, 1], [1e18, 0, 0]);
    backend.rates.fill(1e10);
    expect(backend.train(request(3, 1))).toBe(1);
    expect(Number.isFinite(backend.losses[0])).toBe(true);
    expect(backend.weightsDiverged).toBe(true);
  });
});

describe('what a step does beside the rule', () => {
  const options = { inputs: 2, layers: [dense(3, { activation: 'tanh' }), dense(1)], optimizer: 'sgd' } as const;

  /** One step at rate 0.1 with the gradients of a fixed batch; the tensors before, after, and their gradients. */
  function step(given: MLPOptions, rule?: (backend: PlainBackend) => void) {
    const backend = backendOf({ ...given, seed: 4 });
    rule?.(backend);
    const before = weights(backend);
    fill(backend, rowsOf(4, 2), rowsOf(4, 1));
    backend.rates[0] = 0.1;
    backend.train(request(4, 4));
    return { backend, before, after: weights(backend), gradients: before.map((_, i) => backend.readGradient(i)) };
  }

  test('penalties act on weights, coupled weight decay on everything', () => {
    const { before, after, gradients, backend } = step({
      ...options,
      l1: 0.01,
      l2: 0.02,
      optimizer: { name: 'sgd', weightDecay: 0.03 },
    });
    backend.plan.tensors.forEach(({ role, name }, i) => {
      const [l1, l2] = role === 'weight' ? [0.01, 0.02] : [0, 0];
      const expected = [...before[i]!].map((w, k) => w - 0.1 * (gradients[i]![k]! + l1 * Math.sign(w) + (l2 + 0.03) * w));
      expectClose(after[i]!, expected, 1e-13, 1e-16, name);
    });
  });

  test('frozen tensors stay, are not decayed, and do not count in the global norm', () => {
    const clip = { globalNorm: 0.05 };
    const frozen = step({ ...options, clip, optimizer: { name: 'sgd', weightDecay: 0.1 } }, (backend) => {
      backend.setTensorRule(0, 1, true);
      backend.setTensorRule(1, 1, true);
    });
    expect(frozen.after.slice(0, 2)).toEqual(frozen.before.slice(0, 2));
    const own = frozen.gradients.slice(2);
    const norm = Math.hypot(...own.flatMap((g) => [...g]));
    expectClose(
      frozen.after[2]!,
      [...frozen.before[2]!].map((w, k) => w - 0.1 * ((own[0]![k]! * 0.05) / (norm + 1e-6) + 0.1 * w)),
      1e-12,
      0,
    );
  });

  test('a layer’s learning-rate scale multiplies its rate, and decoupled decay with it', () => {
    const { before, after, gradients } = step({
      ...options,
      layers: [dense(3, { learningRateScale: 0.5 }), dense(1)],
      optimizer: { name: 'lion', weightDecay: 0.2 },
    });
    expectClose(
      after[0]!,
      [...before[0]!].map((w, k) => w * (1 - 0.05 * 0.2) - 0.05 * Math.sign(gradients[0]![k]!)),
      1e-13,
      0,
    );
    expectClose(
      after[2]!,
      [...before[2]!].map((w, k) => w * (1 - 0.1 * 0.2) - 0.1 * Math.sign(gradients[2]![k]!)),
      1e-13,
      0,
    );
  });

  test('averaged weights start as a copy, follow by 1 - decay, and are what prediction uses', () => {
    const { backend, before, after } = step({ ...options, weightAveraging: { decay: 0.9, warmUp: false } });
    before.forEach((w, i) => {
      expectClose(
        backend.readAverage(i),
        [...w].map((start, k) => start + 0.1 * (after[i]![k]! - start)),
        1e-12,
        1e-15,
      );
    });
    const averaged = predict(backend, rowsOf(3, 2));
    before.forEach((_, i) => {
      backend.writeTensor(i, backend.readAverage(i));
    });
    expect(predict(backend, rowsOf(3, 2))).toEqual(averaged);
  });
});

describe('state', () => {
  const everything = (optimizer: OptimizerLike): MLPOptions => ({
    inputs: 3,
    layers: [
      rescale({ center: 0.5, scale: [1, 2, 3], trainable: true }),
      dense(5, { name: 'first' }),
      batchNorm(),
      activation('prelu'),
      dropout(0.3),
      residual([layerNorm(), dense(4, { activation: 'gelu' })]),
      noise(0.1),
      embedding({ column: 1, categories: 2, size: 3, name: 'last' }),
      dense(2, { from: ['last', 'first'] }),
    ],
    optimizer,
    weightAveraging: { decay: 0.9 },
    clip: { globalNorm: 1 },
    seed: 2,
  });
  const optimizers: OptimizerLike[] = [
    ...optimizerNames.filter((n) => n !== 'lbfgs'),
    { name: 'sgd', momentum: 0.9, dampening: 0.2 },
    { name: 'sgd', momentum: 0.9, form: 'ema', biasCorrection: true },
    { name: 'adam', amsgrad: true },
    { name: 'rmsprop', centered: true, momentum: 0.5 },
  ];

  function trainOn(backend: PlainBackend, from: number): void {
    fill(backend, rowsOf(10, 3, from), rowsOf(10, 2, from + 100));
    backend.rates.fill(0.01);
    backend.train(request(10, 4));
  }

  test.each(optimizers.map((o) => [JSON.stringify(o), o] as const))(
    '%s: restored from a snapshot, or rebuilt tensor by tensor, training goes on to the same bits',
    (_, optimizer) => {
      for (const precision of ['float32', 'float64'] as const) {
        const backend = backendOf(everything(optimizer), precision);
        trainOn(backend, 1);
        const snapshot = backend.snapshot();
        const rebuilt = backendOf({ ...everything(optimizer) }, precision);
        backend.plan.tensors.forEach(({ trainable }, i) => {
          rebuilt.writeTensor(i, backend.readTensor(i));
          if (!trainable) return;
          rebuilt.writeAverage(i, backend.readAverage(i));
          for (const s of backend.plan.optimizer.slots.keys()) rebuilt.writeSlot(s, i, backend.readSlot(s, i));
        });
        rebuilt.writeCounters(backend.readCounters());
        trainOn(backend, 2);
        const expected = [...weights(backend), ...backend.plan.tensors.map((_t, i) => backend.readAverage(i))];
        backend.restore(snapshot);
        for (const other of [backend, rebuilt]) {
          trainOn(other, 2);
          expect([...weights(other), ...other.plan.tensors.map((_t, i) => other.readAverage(i))]).toEqual(expected);
        }
      }
    },
  );

  test('every kind of layer is in the test above', () => {
    const kinds = new Set(resolveNetwork(everything('adam')).layers.map((l) => l.kind));
    expect(kinds.size).toBe(Object.values(LayerKind).filter((v) => typeof v === 'number').length);
  });
});

describe('MLP', () => {
  const X = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const y = [[0], [1], [1], [0]];

  test.each(['float32', 'float64'] as const)('learns XOR to a loss below 0.01 within 2000 steps, seed 1, in %s', (precision) => {
    const model = new MLP(
      {
        inputs: 2,
        layers: [dense(8, { activation: 'tanh' }), dense(1)],
        optimizer: { name: 'adam', learningRate: 0.01 },
        seed: 1,
      },
      { precision },
    );
    model.fitSync(X, y, { epochs: 2000 });
    expect(model.evaluate(X, y).loss).toBeLessThan(0.01);
    expect([...model.predict(X).data].map((p) => p > 0.5)).toEqual([false, true, true, false]);
  });

  test('fault 72: a row predicted alone is the same row of a batch, bit for bit', () => {
    const model = new MLP({
      inputs: 7,
      layers: [dense(13, { activation: 'gelu' }), layerNorm(), residual([dense(9)]), dense(3, { activation: 'softmax' })],
      loss: 'categoricalCrossEntropy',
    });
    const rows = rowsOf(10, 7);
    const together = model.predict(rows);
    for (const [i, row] of rows.entries()) expect(model.predict([row]).data).toEqual(together.row(i));
  });

  test('a model of either precision passes its own gradient check, and its clone keeps its precision and goes on alike', () => {
    for (const precision of ['float32', 'float64'] as const) {
      const options = {
        inputs: 2,
        layers: [dense(4, { activation: 'silu' }), residual([layerNorm(), dense(3)]), dense(1)],
        seed: 3,
      } as const;
      const model = new MLP(options, { precision });
      model.fitSync(X, y, { epochs: 3 });
      expect(gradientCheck(model, X, y).ok).toBe(true);
      const clone = model.clone();
      expect(clone.precision).toBe(precision);
      for (const one of [model, clone]) one.fitSync(X, y, { epochs: 3 });
      expect(clone.predict(X).data).toEqual(model.predict(X).data);
    }
  });

  test('save and load give the same predictions and go on training to the same bits', () => {
    const options = {
      inputs: 2,
      layers: [dense(4, { activation: 'prelu' }), batchNorm(), dropout(0.2), dense(1)],
      weightAveraging: {},
      seed: 6,
    };
    const model = new MLP(options);
    model.fitSync(X, y, { epochs: 5 });
    const loaded = MLP.load(model.save({ optimizer: true }));
    expect(loaded.predict(X).data).toEqual(model.predict(X).data);
    for (const one of [model, loaded]) one.fitSync(X, y, { epochs: 5 });
    expect(loaded.predict(X).data).toEqual(model.predict(X).data);
  });

  test('setting weights of an averaging model is seen by the next prediction', () => {
    const model = new MLP({ inputs: 2, layers: [dense(1)], weightAveraging: {} });
    for (const parameter of model.parameters()) parameter.set(parameter.values.map(() => 2));
    expect([...model.predict([[1, 1]]).data]).toEqual([6]);
  });

  test('precision is float32 or float64', () => {
    expect(codeOf(() => new MLP({ inputs: 1, layers: [dense(1)] }, { precision: 'float16' as 'float32' }))).toBe('ERR_OPTION');
    expect(codeOf(() => new MLP({ inputs: 1, layers: [dense(1)] }, { precisoin: 'float32' } as object))).toBe('ERR_OPTION');
  });
});
