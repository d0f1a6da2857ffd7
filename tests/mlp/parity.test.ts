// The core against the plain-JS baseline: the same network, data and steps, in float32 on both builds and in float64 as
// the oracle. Enumerates the tables, so a new activation, loss or optimizer is covered unedited.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { Random } from '../../src/data/random.js';
import { CoreBackend } from '../../src/core/backend.js';
import type { Backend } from '../../src/training/backend.js';
import { activations, activationNames } from '../../src/plan/activations.js';
import {
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  noise,
  rescale,
  residual,
  activation,
  type LayerSpec,
} from '../../src/plan/layers.js';
import { lossNames, losses, type LossLike, type LossName, type LossSpec } from '../../src/plan/losses.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../../src/plan/network.js';

const builds = [
  ['simd', true],
  ['relaxed', false],
] as const;

/** Fills the window with seeded rows and targets that suit the loss. */
function fill(backend: Backend, plan: NetworkPlan, rows: number): void {
  const random = new Random(7);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < plan.inputs; j++) backend.x[i * backend.xStride + j] = Math.fround(random.between(-2, 2));
    let sum = 0;
    for (let j = 0; j < plan.targetColumns; j++) {
      const u = random.uniform();
      const kind = plan.loss.targets;
      const value =
        kind === 'class'
          ? Math.floor(u * plan.outputs)
          : kind === 'sign'
            ? u < 0.5
              ? -1
              : 1
            : kind === 'count'
              ? Math.floor(u * 4)
              : kind === 'real'
                ? 4 * u - 2
                : u;
      backend.targets[i * backend.targetStride + j] = value;
      sum += value;
    }
    if (plan.loss.targets === 'simplex')
      for (let j = 0; j < plan.targetColumns; j++) backend.targets[i * backend.targetStride + j]! /= sum;
    backend.sampleWeights[i] = Math.fround(random.between(0.5, 2));
  }
}

interface Run {
  losses: number[];
  tensors: (Float32Array | Float64Array)[];
  outputs: number[];
}

/** `steps` training steps on one batch, then a prediction. */
function run(backend: Backend, rows: number, steps: number, rate: number, weighted = false, accumulate = 1): Run {
  const { plan } = backend;
  const batchSize = Math.ceil(rows / accumulate);
  backend.reserve(rows, batchSize, true);
  fill(backend, plan, rows);
  const found: number[] = [];
  for (let s = 0; s < steps; s++) {
    backend.rates[0] = rate;
    const done = backend.train({ rows, batchSize, accumulate, weighted, keepOutputs: false, ignoreDivergence: true });
    for (let b = 0; b < done; b++) found.push(backend.losses[b]!);
  }
  backend.reserve(rows, rows, true);
  fill(backend, plan, rows);
  backend.forward(0, rows, false);
  const outputs: number[] = [];
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < plan.outputs; j++) outputs.push(backend.outputs[i * backend.outputStride + j]!);
  return { losses: found, tensors: plan.tensors.map((_, i) => backend.readTensor(i)), outputs };
}

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string): void {
  expect(actual.length, what).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs(actual[i]! - wanted[i]!) / (1 + Math.abs(wanted[i]!));
    if (!(off <= tolerance)) expect.fail(`${what}[${i}]: ${actual[i]} against ${wanted[i]} (off by ${off})`);
  }
}

/** The core after a few steps is where the float64 baseline is, within float32 error. */
function expectParity(
  options: MLPOptions,
  deterministic: boolean,
  { rows = 7, steps = 3, rate = 0.01, tolerance = 2e-5, weighted = false, accumulate = 1 } = {},
): void {
  const plan = resolveNetwork({ ...options, deterministic });
  const core = run(new CoreBackend(plan), rows, steps, rate, weighted, accumulate);
  const plain = run(new PlainBackend(plan, { precision: 'float64' }), rows, steps, rate, weighted, accumulate);
  expectClose(core.losses, plain.losses, tolerance, 'losses');
  plan.tensors.forEach((tensor, i) => expectClose(core.tensors[i]!, plain.tensors[i]!, tolerance, tensor.name));
  expectClose(core.outputs, plain.outputs, tolerance * 5, 'outputs');
}

const trainable = activationNames.filter((name) => !('flat' in activations[name]));

const lossName = (loss: LossLike) => (typeof loss === 'string' ? loss : (loss as LossSpec).name) as LossName;

/** The losses that fit an output activation: those resolveNetwork accepts. */
function fitting(output: string): LossLike[] {
  const candidates: LossLike[] = lossNames.flatMap((name): LossLike[] =>
    'fromLogits' in ((losses[name] as { options?: object }).options ?? {})
      ? [name, { name, fromLogits: true } as LossLike]
      : [name],
  );
  return candidates.filter((loss) => {
    if (losses[lossName(loss)].targets === 'count' && !['softplus', 'sigmoid', 'hardSigmoid', 'softmax'].includes(output))
      return false; // the logarithm of a negative
    try {
      resolveNetwork({ inputs: 3, layers: [dense(2, { activation: output as 'relu' })], loss });
      return true;
    } catch {
      return false;
    }
  });
}

describe.each(builds)('on the %s build', (_, deterministic) => {
  test('every activation inside, with every optimizer, trains as the baseline does', () => {
    for (const name of trainable)
      for (const optimizer of optimizerNames) {
        if (optimizer === 'lbfgs') continue; // its step is computed outside
        // Rules that divide by a root of tiny gradients magnify rounding: a larger epsilon keeps the comparison sharp.
        const soft = /ada|rms|nadam/.test(optimizer) ? { name: optimizer, epsilon: 1e-3 } : { name: optimizer };
        const tolerance = optimizer === 'lion' ? 1e-3 : 5e-5;
        try {
          expectParity({ inputs: 3, layers: [dense(5, { activation: name }), dense(2)], optimizer: soft }, deterministic, {
            tolerance,
            rate: optimizer === 'lion' ? 1e-4 : 0.01,
          });
        } catch (error) {
          throw new Error(`${name} with ${optimizer}: ${(error as Error).message}`);
        }
      }
  });

  test('every activation at the output, with every loss that fits it, trains as the baseline does', () => {
    let pairs = 0;
    for (const output of trainable)
      for (const loss of fitting(output)) {
        pairs++;
        for (const weighted of [false, true])
          try {
            expectParity(
              { inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(2, { activation: output })], loss, optimizer: 'sgd' },
              deterministic,
              { weighted, tolerance: 5e-5 },
            );
          } catch (error) {
            throw new Error(`${output} with ${JSON.stringify(loss)}: ${(error as Error).message}`);
          }
      }
    expect(pairs).toBeGreaterThan(120);
  });

  test('every form of every optimizer trains as the baseline does', () => {
    const forms: Record<string, unknown>[] = [
      { name: 'gd', weightDecay: 0.1 },
      { name: 'sgd', weightDecay: 0.1 },
      { name: 'sgd', momentum: 0.9 },
      { name: 'sgd', momentum: 0.9, dampening: 0.3 },
      { name: 'sgd', momentum: 0.9, nesterov: true },
      { name: 'sgd', momentum: 0.9, form: 'velocity' },
      { name: 'sgd', momentum: 0.9, form: 'velocity', nesterov: true },
      { name: 'sgd', momentum: 0.9, form: 'ema' },
      { name: 'sgd', momentum: 0.9, form: 'ema', biasCorrection: true },
      { name: 'adagrad', epsilon: 1e-3, initialAccumulator: 0.1 },
      { name: 'adagrad', epsilon: 1e-3, epsilonInside: true },
      { name: 'rmsprop', epsilon: 1e-3, epsilonInside: true },
      { name: 'rmsprop', epsilon: 1e-3, centered: true },
      { name: 'rmsprop', epsilon: 1e-3, momentum: 0.9 },
      { name: 'rmsprop', epsilon: 1e-3, centered: true, momentum: 0.9 },
      { name: 'adam', epsilon: 1e-3, amsgrad: true },
      { name: 'adam', epsilon: 1e-3, epsilonHat: true },
      { name: 'adam', epsilon: 1e-3, weightDecay: 0.1 },
      { name: 'adamw', epsilon: 1e-3, weightDecay: 0.1 },
      { name: 'nadam', epsilon: 1e-3, momentumDecay: 0.1 },
      { name: 'lion', weightDecay: 0.1 },
    ];
    for (const optimizer of forms)
      try {
        expectParity(
          { inputs: 5, layers: [dense(6, { activation: 'tanh' }), dense(3)], optimizer: optimizer as never },
          deterministic,
          { steps: 10, rate: optimizer['name'] === 'lion' ? 1e-4 : 0.01, tolerance: optimizer['name'] === 'lion' ? 2e-3 : 5e-5 },
        );
      } catch (error) {
        throw new Error(`${JSON.stringify(optimizer)}: ${(error as Error).message}`);
      }
  });

  const sigmoidal = { activation: 'tanh' } as const;
  const nets: [string, LayerSpec[], Partial<MLPOptions>?][] = [
    ['batch normalisation', [dense(5), batchNorm(), activation('relu'), dense(2)]],
    ['batch normalisation of the inputs', [batchNorm({ momentum: 0.3 }), dense(2)]],
    ['layer normalisation', [dense(6), layerNorm(), activation('gelu'), dense(2)]],
    ['layer normalisation last', [dense(3), layerNorm()]],
    ['rescaling by fixed numbers', [rescale({ center: [0.1, -1, 3], scale: [2, 0.5, 4] }), dense(5, sigmoidal), dense(2)]],
    [
      'rescaling with gains that are trained',
      [
        rescale({ center: 0.5, scale: [2, -0.5, 4], gain: [1, 3, 0.5], trainable: true, learningRateScale: 2 }),
        dense(5, sigmoidal),
        rescale({ center: [0.1, 0.2, 0.3, 0.4, 0.5], trainable: true }),
        dense(2),
      ],
      { weightAveraging: { decay: 0.5 } },
    ],
    ['embeddings', [embedding({ column: 2, categories: 2, size: 3 }), embedding({ categories: 1, size: 18 }), dense(2)]],
    [
      'an embedding behind layers, with penalties and its rate',
      [dense(5, sigmoidal), embedding({ column: 1, categories: 1, size: 2, l2: 0.1, learningRateScale: 3 }), dense(2)],
      { weightAveraging: { decay: 0.5 }, l1: 0.01 },
    ],
    ['an embedding last', [dense(2), embedding({ column: 1, categories: 2, size: 1, weightInit: 'ones' })]],
    ['rescaling last', [dense(3), rescale({ center: 0.2, scale: 3, trainable: true })]],
    ['rescaling alone', [rescale({ center: 0.2, scale: 3, trainable: true })]],
    ['dropout', [dense(9, sigmoidal), dropout(0.4), dense(2)]],
    ['noise', [dense(5, sigmoidal), noise(0.3), dense(2)]],
    ['input noise', [dense(5, sigmoidal), dense(2)], { inputNoise: 0.2 }],
    ['a residual block', [dense(5, sigmoidal), residual([dense(5, sigmoidal), dense(5)]), dense(2)]],
    ['a residual block first', [residual([dense(3, sigmoidal)]), dense(2)]],
    ['a residual block last, with projection', [residual([dense(4, sigmoidal), dense(2)])]],
    ['a forced projection', [residual([dense(3, sigmoidal)], { projection: true }), dense(2)]],
    [
      'nested residual blocks',
      [
        residual([dense(4, sigmoidal), residual([batchNorm(), residual([dense(5, sigmoidal)]), dense(4)]), layerNorm()]),
        dense(2),
      ],
    ],
    ['residual of a residual', [residual([residual([dense(3, sigmoidal)])]), dense(2)]],
    ['PReLU per unit as a layer', [dense(5), activation({ name: 'prelu', shared: false, init: 0.1 }), dense(2)]],
    ['softmax inside', [dense(5, { activation: 'softmax' }), activation('logSoftmax'), dense(2)]],
    ['an identity layer', [activation('identity'), dense(5), activation('identity'), dense(2), activation('identity')]],
    [
      'L1, L2 and max-norm',
      [dense(9, { activation: 'tanh', l1: 0.1, maxNorm: 0.5 }), dense(2, { l2: 0.3 })],
      { l1: 0.01, l2: 0.02 },
    ],
    ['clipping by value', [dense(5, sigmoidal), dense(2)], { clip: { value: 0.05 } }],
    ['clipping by norm', [dense(5, sigmoidal), dense(2)], { clip: { norm: 0.05 } }],
    ['global clipping', [dense(5, sigmoidal), dense(2)], { clip: { globalNorm: 0.05 } }],
    ['all three clippings', [dense(5, sigmoidal), dense(2)], { clip: { value: 0.1, norm: 0.2, globalNorm: 0.05 } }],
    ['max-norm with weight averaging', [dense(9, sigmoidal), dense(2)], { maxNorm: 0.5, weightAveraging: { decay: 0.5 } }],
    ['weight averaging', [dense(5, sigmoidal), dense(2)], { weightAveraging: { decay: 0.5 } }],
    [
      'frozen layers and rates',
      [dense(5, { activation: 'tanh', trainable: false }), dense(5, { activation: 'tanh', learningRateScale: 0.1 }), dense(2)],
    ],
    ['a frozen middle', [dense(5, sigmoidal), dense(5, { activation: 'tanh', trainable: false }), dense(2)]],
    ['no bias', [dense(5, { bias: false, activation: 'tanh' }), dense(2, { bias: false })]],
    ["scikit-learn's alpha", [dense(5, sigmoidal), dense(2)], { compat: 'sklearn' }],
  ];

  test.each(nets)('%s trains as the baseline does', (_name, layers, options = {}) => {
    for (const rows of [2, 7, 33])
      expectParity({ inputs: 3, layers, optimizer: { name: 'adam', epsilon: 1e-3 }, ...options }, deterministic, {
        rows,
        steps: 5,
        tolerance: 1e-4,
      });
  });

  test('every width and batch from 1 to 9 trains as the baseline does', () => {
    for (let width = 1; width <= 9; width++)
      for (let rows = 1; rows <= 9; rows++)
        expectParity(
          { inputs: 10 - width, layers: [dense(width, { activation: 'tanh' }), dense(10 - rows)], optimizer: 'sgd' },
          deterministic,
          { rows, steps: 2 },
        );
  });

  test('gradients accumulated over small batches are those of the whole batch, bit for bit', () => {
    const plan = resolveNetwork({
      inputs: 3,
      layers: [dense(17, { activation: 'tanh' }), dropout(0.3), dense(2)],
      optimizer: 'adam',
      deterministic,
    });
    const whole = run(new CoreBackend(plan), 30, 4, 0.01);
    const parts = run(new CoreBackend(plan), 30, 4, 0.01, false, 5);
    expect(parts.tensors).toEqual(whole.tensors);
  });
});
