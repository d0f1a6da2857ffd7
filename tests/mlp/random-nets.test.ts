// Two thousand random networks of all layer kinds: the core's outputs, losses and gradients, in the parameters and in the inputs,
// against the baseline's in float64, which tests/baseline/gradients.test.ts holds against central differences.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { Random } from '../../src/data/random.js';
import { CoreBackend } from '../../src/core/backend.js';
import type { Backend } from '../../src/training/backend.js';
import { activationNames, activations, type ActivationLike, type ActivationName } from '../../src/plan/activations.js';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  noise,
  rescale,
  residual,
  type LayerSpec,
} from '../../src/plan/layers.js';
import type { LossLike } from '../../src/plan/losses.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../../src/plan/network.js';
import { randomState } from '../support/differences.js';
import { outputsOf } from '../support/golden.js';

const trainable = activationNames.filter((name) => !('flat' in activations[name]));

const withParameters: Partial<Record<ActivationName, ActivationLike>> = {
  linear: { name: 'linear', scale: -1.5, shift: 0.25 },
  leakyRelu: { name: 'leakyRelu', slope: 0.2 },
  prelu: { name: 'prelu', shared: false },
  elu: { name: 'elu', alpha: 0.7 },
  celu: { name: 'celu', alpha: 1.3 },
};

/** Losses, each with an output activation it may stand behind. */
const endings: readonly (readonly [LossLike, ActivationLike])[] = [
  ['meanSquaredError', 'identity'],
  ['huber', 'tanh'],
  ['logCosh', 'softplus'],
  ['binaryCrossEntropy', 'sigmoid'],
  [{ name: 'binaryCrossEntropy', fromLogits: true, labelSmoothing: 0.1 }, 'identity'],
  ['categoricalCrossEntropy', 'softmax'],
  [{ name: 'categoricalCrossEntropy', labelSmoothing: 0.2 }, 'logSoftmax'],
  ['sparseCategoricalCrossEntropy', 'softmax'],
  [{ name: 'sparseCategoricalCrossEntropy', labelSmoothing: 0.15 }, 'softmax'],
  ['squaredHinge', 'identity'],
  ['poisson', 'softplus'],
];

/** Network n: its options and how many rows to run it on. */
function randomNetwork(n: number): { options: MLPOptions; random: Random } {
  const random = new Random(n, 'random network');
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const width = () => pick([1, 2, 3, 5, 7, 9, 13, 17, 31]);
  const anyActivation = () => {
    const name = pick(trainable);
    return withParameters[name] ?? name;
  };
  const layer = (depth: number): LayerSpec => {
    const kind = random.below(depth > 2 ? 10 : 13);
    if (kind < 4) return dense(width(), { activation: anyActivation(), bias: random.uniform() < 0.7 });
    if (kind === 4) return activation(anyActivation());
    if (kind === 5) return random.uniform() < 0.5 ? batchNorm({ epsilon: 0.1 }) : layerNorm({ epsilon: 0.1 });
    if (kind === 6) return dropout(pick([0.1, 0.5, 0.8]));
    if (kind === 7) return noise(0.2);
    if (kind === 8)
      return rescale({
        center: pick([0, -0.7, 2]),
        scale: pick([1, 0.5, -3]),
        gain: pick([1, 0.5]),
        trainable: random.uniform() < 0.5,
      });
    if (kind === 9) return embedding({ categories: width(), size: width() });
    return residual(sequence(depth + 1), { projection: random.uniform() < 0.3 ? true : 'auto' });
  };
  const sequence = (depth: number): LayerSpec[] => Array.from({ length: 1 + random.below(3) }, () => layer(depth));
  const [loss, output] = pick(endings);
  const last = dense(Math.max(2, width()), { activation: output });
  const inputNoise = random.uniform() < 0.2 ? { inputNoise: 0.1 } : {};
  return { options: { inputs: width(), layers: [...sequence(0), last], loss, seed: n, ...inputNoise }, random };
}

/** The core's rows, targets and tensors, in the other backend. */
function copyState(to: Backend, from: Backend, rows: number): void {
  const { plan } = from;
  to.reserve(rows, rows, true);
  const copy = (
    target: Float32Array | Float64Array,
    targetStride: number,
    source: Float32Array | Float64Array,
    stride: number,
    columns: number,
  ) => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) target[i * targetStride + j] = source[i * stride + j]!;
  };
  copy(to.x, to.xStride, from.x, from.xStride, plan.inputs);
  copy(to.targets, to.targetStride, from.targets, from.targetStride, plan.targetColumns);
  copy(to.sampleWeights, 1, from.sampleWeights, 1, 1);
  plan.tensors.forEach((_, i) => {
    to.writeTensor(i, from.readTensor(i));
  });
}

/** Everything a pass gives, by name. */
function pass(backend: Backend, rows: number, training: boolean, weighted: boolean): Map<string, ArrayLike<number>> {
  const { plan } = backend;
  backend.zeroGradients();
  backend.forward(0, rows, training);
  const found = new Map<string, ArrayLike<number>>([['outputs', outputsOf(backend, rows)]]);
  found.set('loss', [backend.loss(0, weighted, rows)]);
  backend.backward(true, true);
  found.set('the gradient of the inputs', backend.inputGradients());
  plan.tensors.forEach(({ name, trainable }, i) => {
    if (trainable) found.set(`the gradient of ${name}`, backend.readGradient(i));
    else found.set(name, backend.readTensor(i));
  });
  return found;
}

/**
 * The largest difference of a tensor over its own largest number plus a hundredth of the largest gradient in the network: in
 * front of a normalisation gradients cancel to nothing, and rounding errors of what they are made of are left. So they are where
 * a softmax is sure of itself: p - 1 has the rounding error of 1.
 */
function worst(actual: Map<string, ArrayLike<number>>, wanted: Map<string, ArrayLike<number>>): { error: number; where: string } {
  const size = (values: ArrayLike<number>) => Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const largest = Math.max(0.5, ...[...wanted].map(([name, values]) => (name.includes('gradient') ? size(values) : 0)));
  let found = { error: 0, where: '' };
  for (const [name, values] of wanted) {
    const given = actual.get(name)!;
    const scale = size(values) + (name.includes('gradient') ? 1e-2 * largest : 0.1);
    for (let k = 0; k < values.length; k++) {
      const error = Math.abs(given[k]! - values[k]!) / (scale + 1e-30);
      if (!(error <= found.error)) found = { error, where: `${name}[${k}]: ${given[k]} instead of ${values[k]}` };
    }
  }
  return found;
}

function check(
  plan: NetworkPlan,
  rows: number,
  seed: number,
  training: boolean,
  weighted: boolean,
): { error: number; where: string } {
  const core = new CoreBackend(plan);
  randomState(core, rows, seed);
  const plain = new PlainBackend(plan, { precision: 'float64' });
  copyState(plain, core, rows);
  return worst(pass(core, rows, training, weighted), pass(plain, rows, training, weighted));
}

describe.each([
  ['simd', true],
  ['relaxed', false],
] as const)('the %s build', (_, deterministic) => {
  test.each([0, 1, 2, 3])('quarter %i of two thousand networks has the gradients of the float64 baseline', (quarter) => {
    const errors: number[] = [];
    for (let n = 500 * quarter; n < 500 * (quarter + 1); n++) {
      const { options, random } = randomNetwork(n);
      const plan = resolveNetwork({ ...options, deterministic });
      const rows = plan.usesBatchStatistics ? 2 + random.below(9) : 1 + random.below(10);
      const training = random.uniform() < 0.8;
      const { error, where } = check(plan, rows, n, training, random.uniform() < 0.5);
      errors.push(error);
      expect(error, `network ${n}, ${rows} rows: ${where}\n${JSON.stringify(options)}`).toBeLessThan(5e-5);
    }
    errors.sort((a, b) => a - b);
    expect(errors[errors.length >> 1]!).toBeLessThan(1e-6);
  });
});
