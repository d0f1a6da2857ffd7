// Constants of optimizers that change from step to step, and penalties on biases: against PyTorch, and against trainings that are
// cut in two where a constant jumps. Saved, resumed, refused.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { MLP } from '../../src/mlp/mlp.js';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { Model } from '../../src/model/model.js';
import type { SaveOptions } from '../../src/formats/encodeModel.js';
import { dense } from '../../src/plan/layers.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { lbfgs, sgd, type OptimizerSpec } from '../../src/plan/optimizers.js';
import { optimizerNames, optimizerRow } from '../../src/plan/resolveOptimizer.js';
import { cosineDecay, polynomialDecay, reduceOnPlateau, stepDecay, warmup } from '../../src/plan/schedules.js';
import { refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';
import { flat, optionsOf, type Golden, type GoldenModel } from '../support/golden.js';
import { bitsOf, makers, regression } from '../support/models.js';

const { model, x, y, initial, steps, cases } = fixture<{
  model: GoldenModel;
  x: number[][];
  y: number[][];
  initial: Record<string, Golden>;
  steps: number;
  cases: { title: string; optimizer: OptimizerSpec; options: object; drift: number; parameters: Record<string, Golden> }[];
}>('changing.json');

describe.each([
  ['the simd build', 2e-6, (options: MLPOptions) => new MLP({ ...options, deterministic: true })],
  ['the relaxed build', 2e-6, (options: MLPOptions) => new MLP(options)],
  ['the baseline in float32', 2e-6, (options: MLPOptions) => new PlainMLP(options)],
  [
    'the baseline in float64',
    0,
    (options: MLPOptions) => new Model(new PlainBackend(resolveNetwork(options), { precision: 'float64' })),
  ],
] as const)('PyTorch, on %s', (_, floor, make) => {
  test.each(cases)('$title', ({ optimizer, options, drift, parameters }) => {
    const trained = make({ ...optionsOf(model, optimizer as never), ...options } as MLPOptions);
    for (const parameter of trained.parameters()) parameter.set(flat(initial[parameter.name]!) as number[]);
    for (let t = 0; t < steps; t++) trained.trainStep(x, y);
    const tolerance = floor === 0 ? 1e-8 : floor + 20 * drift;
    for (const { name, values } of trained.parameters())
      flat(parameters[name]!).forEach((golden, k) => expect(Math.abs(values[k]! - golden!), name).toBeLessThan(tolerance));
  });
});

/** Through a file and back. */
const reloaded = (model: Model, options?: SaveOptions): MLP =>
  (model.constructor as typeof MLP).load((model as MLP).save(options));

/** Every constant that may change, with two values for it. */
const constants = optimizerNames.flatMap((name) =>
  Object.entries(optimizerRow(name).options).flatMap(([option, row]) =>
    'range' in row ? [{ name, option, values: option === 'epsilon' ? [0.02, 0.005] : [0.6, 0.3] }] : [],
  ),
);
const others: Record<string, object> = {
  dampening: { momentum: 0.9 },
  momentum: {},
};

describe.each(makers)('a constant that jumps, on $name', ({ make }) => {
  const { X, y } = regression(33);
  const options = (optimizer: object): MLPOptions => ({
    inputs: 4,
    layers: [dense(7, { activation: 'tanh' }), dense(1)],
    optimizer: optimizer as OptimizerSpec,
    weightAveraging: { decay: 0.9 },
    seed: 3,
  });

  test('there are constants of every optimizer but lbfgs', () => {
    expect(new Set(constants.map(({ name }) => name))).toEqual(new Set(optimizerNames.filter((name) => name !== 'lbfgs')));
    expect(constants.length).toBeGreaterThan(25);
  });

  test.each(constants)(
    '$name.$option: the training is that of two, cut where it jumps, to the bit',
    ({ name, option, values }) => {
      const fit = name === 'gd' ? { epochs: 3, shuffle: false } : { epochs: 3, batchSize: 10, shuffle: false };
      const jump = name === 'gd' ? 2 : 5; // of batches 10 10 10 3: in the middle of an epoch
      const more = others[option] ?? {};
      const asked: [number, number][] = [];
      const at = (step: number, epoch: number) => {
        asked.push([step, epoch]);
        return step < jump ? values[0]! : values[1]!;
      };
      const whole = make(options({ name, ...more, [option]: at }));
      whole.fitSync(X, y, fit);
      expect(asked.map(([step]) => step)).toEqual(Array.from({ length: name === 'gd' ? 3 : 12 }, (_, step) => step));
      expect(asked.every(([step, epoch]) => epoch === (name === 'gd' ? step : Math.floor(step / 4)))).toBe(true);

      const batches = name === 'gd' ? [[0, 33]] : [[0, 10], [10, 20], [20, 30], [30, 33]]; // biome-ignore format: rows
      const parts = [0, 1].map((part) => make(options({ name, ...more, [option]: values[part] })));
      for (let step = 0; step < asked.length; step++) {
        if (step === jump) parts[1]!.restoreState(parts[0]!.state());
        const [from, to] = batches[step % batches.length]!;
        parts[step < jump ? 0 : 1]!.trainStep(X.slice(from, to), y.slice(from, to));
      }
      expect(bitsOf(whole)).toEqual(bitsOf(parts[1]!));
      expect(whole.predict(X).data).toEqual(parts[1]!.predict(X).data);

      const still = make(options({ name, ...more, [option]: () => values[0]! }));
      const plain = make(options({ name, ...more, [option]: values[0] }));
      for (const one of [still, plain]) one.fitSync(X, y, fit);
      expect(bitsOf(still)).toEqual(bitsOf(plain));
    },
  );

  test('goes on where it was saved: mid-epoch, with accumulation, and in the written-out step loop', async () => {
    const optimizer = { name: 'sgd', momentum: warmup(polynomialDecay(0.5, { end: 0.95, over: 3 }), { steps: 4 }) };
    const fit = { epochs: 4, batchSize: 4, accumulate: 2 };
    const whole = make(options(optimizer));
    whole.fitSync(X, y, fit);
    const broken = make(options(optimizer));
    const stop = new AbortController();
    const onBatchEnd = () => void (broken.steps === 7 && stop.abort());
    await broken.fit(X, y, { ...fit, signal: stop.signal, onBatchEnd }).catch(() => undefined);
    expect(broken.steps).toBeGreaterThanOrEqual(7);
    const resumed = reloaded(broken, { optimizer: true });
    resumed.fitSync(X, y, { ...fit, epochs: 4 - resumed.epoch });
    expect(bitsOf(resumed)).toEqual(bitsOf(whole));

    const [loop, steps] = [make(options(optimizer)), make(options(optimizer))];
    for (let k = 0; k < 6; k++) {
      steps.trainStep(X, y);
      loop.zeroGrad();
      loop.forward(X, { training: true });
      loop.loss(y);
      loop.backward();
      loop.step();
    }
    expect(bitsOf(loop)).toEqual(bitsOf(steps));
  });

  test('a function is not in the file: predicting goes on, training says so by name and how to go on', () => {
    const optimizer = { name: 'adam', beta1: (step: number) => (step < 3 ? 0.5 : 0.9) };
    const model = make(options(optimizer));
    for (let k = 0; k < 4; k++) model.trainStep(X, y);
    const loaded = reloaded(model, { optimizer: true });
    expect(loaded.predict(X).data).toEqual(model.predict(X).data);
    const { code, message } = refusal(() => loaded.trainStep(X, y));
    expect(code).toBe('ERR_STATE');
    expect(message).toMatch(/saved with a beta1 that is a function.*restoreState\(loaded\.state\(\)\)/);
    const again = make(options(optimizer));
    again.restoreState(loaded.state());
    for (const one of [again, model]) one.trainStep(X, y);
    expect(bitsOf(again)).toEqual(bitsOf(model));
  });

  test('with betas that change, the bias of Adam is corrected by their product: a constant gradient gives steps of the learning rate', () => {
    // One weight whose gradient is always 1: m' = 1, v' = 1, so that each step is lr / (1 + epsilon), whatever the betas.
    const model = make({
      inputs: 1,
      layers: [dense(1, { bias: false })],
      loss: (_, yPred) => ({ value: yPred.data[0]!, gradient: { data: [1], shape: yPred.shape } }),
      optimizer: { name: 'adam', learningRate: 0.125, beta1: (t) => 0.5 + 0.04 * t, beta2: (t) => 0.9 / (1 + t) },
    });
    model.parameters()[0]!.set([2]);
    for (let t = 1; t <= 8; t++) {
      model.trainStep([[1]], [[0]]);
      expect(model.parameters()[0]!.values[0]).toBeCloseTo(2 - 0.125 * t, 5);
    }
  });

  test('refuses what is out of range by step, what is no schedule, and what never changes', () => {
    const late = make(options(sgd({ momentum: (step) => (step < 2 ? 0.9 : 1.5) })));
    late.trainStep(X, y);
    late.trainStep(X, y);
    const before = bitsOf(late);
    expect(refusal(() => late.trainStep(X, y)).message).toMatch(
      /^sgd\.momentum of step 2, epoch 0: expected a number in \[0, 1\), got 1\.5/,
    );
    expect(bitsOf(late)).toEqual(before);
    for (const [optimizer, message] of [
      [sgd({ momentum: cosineDecay(2, { over: 5 }) }), /^sgd\.momentum of step 0, epoch 0/],
      [sgd({ momentum: reduceOnPlateau(0.9) }), /^sgd\.momentum: "reduceOnPlateau"/],
      [sgd({ momentum: { schedule: 'stepp' } as never }), /^sgd\.momentum\.schedule: unknown schedule "stepp"/],
      [sgd({ momentum: [0.9] as never }), /^sgd\.momentum\.schedule/],
      [lbfgs({ tolerance: stepDecay(1) as never }), /^lbfgs\.tolerance: expected a number/],
      [sgd({ nesterov: (() => true) as never }), /^sgd\.nesterov: expected true or false/],
    ] as const)
      expect(refusal(() => make(options(optimizer))).message).toMatch(message);
    expect(make(options(sgd({ momentum: polynomialDecay(0.5, { end: 0.9, over: 5 }), nesterov: true }))).steps).toBe(0);
  });

  test('a function that uses its model in the middle of a step is refused', () => {
    const model: Model = make(options(sgd({ momentum: () => model.trainStep(X, y) })));
    expect(refusal(() => model.trainStep(X, y)).message).toMatch(
      /its momentum, a function of yours, is running|is training \(momentum\)/,
    );
  });
});

describe.each(makers)('penalties on biases, on $name', ({ make }) => {
  const { X, y } = regression(20);
  const layers = [dense(5, { activation: 'tanh', biasInit: 'fanInUniform' }), dense(1, { biasInit: 'ones' })];

  test.each(optimizerNames)('%s: the step is that of a loss with the penalty in it', (name) => {
    // Against the gradient of the whole objective by differences: of the first step of gradient descent it is the step itself.
    if (name === 'lbfgs') return;
    const [l1, l2] = [0.03, 0.2];
    const penalised = make({ inputs: 4, layers, optimizer: name, seed: 2, biasL1: l1, biasL2: l2 });
    const free = make({ inputs: 4, layers, optimizer: name, seed: 2 });
    const before = penalised.parameters().map(({ values }) => [...values]);
    const biases = before.filter((_, i) => penalised.parameters()[i]!.name.endsWith('bias')).flat();
    expect(penalised.penalty()).toBeCloseTo(
      biases.reduce((sum, b) => sum + l1 * Math.abs(b) + (l2 / 2) * b * b, 0),
      6,
    );
    for (const one of [penalised, free]) one.trainStep(X, y);
    penalised.parameters().forEach(({ name: tensor, values }, i) => {
      const other = free.parameters()[i]!.values;
      if (!tensor.endsWith('bias')) expect([...values], tensor).toEqual([...other]);
      else if (name === 'gd' || name === 'sgd')
        values.forEach((b, k) => {
          const start = before[i]![k]!;
          expect(b).toBeCloseTo(other[k]! - 0.01 * (l1 * Math.sign(start) + l2 * start), 6);
        });
    });
  });

  test('lambda / (2 m) of all of theta, as the lecture writes it: l1 = biasL1 = lambda / (2 m), l2 = biasL2 = lambda / m', () => {
    const [lambda, m] = [0.7, X.length];
    const theta = (model: Model) => model.parameters().flatMap(({ values }) => [...values]);
    const first = make({ inputs: 4, layers, seed: 2, l1: lambda / (2 * m), biasL1: lambda / (2 * m) });
    expect(first.penalty()).toBeCloseTo((lambda / (2 * m)) * theta(first).reduce((sum, w) => sum + Math.abs(w), 0), 6);
    const second = make({ inputs: 4, layers, seed: 2, l2: lambda / m, biasL2: lambda / m });
    expect(second.penalty()).toBeCloseTo((lambda / (2 * m)) * theta(second).reduce((sum, w) => sum + w * w, 0), 6);
  });

  test('a layer of its own comes before the model, norms have none, and files keep them', () => {
    const model = make({
      inputs: 4,
      layers: [
        dense(3, { biasL2: 0, biasInit: 'ones' }),
        dense(2, { biasInit: 'ones' }),
        dense(1, { biasL1: 5, biasInit: 'ones' }),
      ],
      biasL1: 1,
      biasL2: 2,
    });
    expect(model.penalty()).toBeCloseTo(3 * 1 + 2 * (1 + 1) + (5 + 1), 6);
    const loaded = reloaded(model);
    expect(loaded.penalty()).toBeCloseTo(13, 6);
    expect(refusal(() => make({ inputs: 1, layers: [dense(1, { biasL1: -1 })] })).message).toMatch(/^layers\[0\]\.biasL1/);
  });

  test('L-BFGS minimises with them: at its end the gradient of the loss and that of the penalty cancel', () => {
    const model = make({ inputs: 4, layers: [dense(1, { biasInit: 'ones' })], optimizer: lbfgs({ tolerance: 0 }), biasL2: 0.5 });
    model.fitSync(X, y, { epochs: 60 });
    model.zeroGrad();
    model.forward(X, { training: true });
    model.loss(y);
    model.backward();
    const [weight, bias] = model.gradients().map(({ values }) => values);
    for (const g of weight!) expect(Math.abs(g)).toBeLessThan(1e-4);
    expect(bias![0]! + 0.5 * model.parameters()[1]!.values[0]!).toBeCloseTo(0, 4);
  });
});
