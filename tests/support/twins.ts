// Random networks that have second derivatives, and what passes over their input gradients give.

import { Random } from '../../src/data/random.js';
import { activationNames, activations, type ActivationLike, type ActivationName } from '../../src/plan/activations.js';
import { activation, dense, rescale, residual, type LayerSpec } from '../../src/plan/layers.js';
import type { LossLike } from '../../src/plan/losses.js';
import type { MLPOptions } from '../../src/plan/network.js';
import type { Backend } from '../../src/training/backend.js';
import { outputsOf } from './golden.js';
import { randomState } from './differences.js';

/** Activations that bend. */
export const curved = activationNames.filter((name) => {
  const row = activations[name];
  return !('flat' in row) && !('straight' in row) && row.range !== 'simplex' && row.range !== 'log';
});

const withParameters: Partial<Record<ActivationName, ActivationLike>> = {
  linear: { name: 'linear', scale: -1.5, shift: 0.25 },
  elu: { name: 'elu', alpha: 0.7 },
  celu: { name: 'celu', alpha: 1.3 },
};

const endings: readonly (readonly [LossLike, ActivationLike])[] = [
  ['meanSquaredError', 'identity'],
  ['meanSquaredError', 'tanh'],
  ['huber', 'identity'],
  ['logCosh', 'softplus'],
  ['binaryCrossEntropy', 'sigmoid'],
  [{ name: 'binaryCrossEntropy', fromLogits: true }, 'identity'],
];

/** Network n. */
export function randomTwin(n: number): { options: MLPOptions; random: Random } {
  const random = new Random(n, 'random twin');
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const width = () => pick([1, 2, 3, 4, 5, 7, 9, 13, 17, 31]);
  const anyActivation = () => {
    const name = pick(curved);
    return withParameters[name] ?? name;
  };
  const layer = (depth: number): LayerSpec => {
    const kind = random.below(depth > 2 ? 7 : 9);
    if (kind < 5) return dense(width(), { activation: anyActivation(), bias: random.uniform() < 0.7 });
    if (kind === 5) return activation(anyActivation());
    if (kind === 6)
      return rescale({
        center: pick([0, -0.7, 2]),
        scale: pick([1, 0.5, -3]),
        gain: pick([1, 0.5]),
        trainable: random.uniform() < 0.5,
      });
    return residual(sequence(depth + 1), { projection: random.uniform() < 0.3 ? true : 'auto' });
  };
  const sequence = (depth: number): LayerSpec[] => Array.from({ length: 1 + random.below(3) }, () => layer(depth));
  const [loss, output] = pick(endings);
  const last =
    random.uniform() < 0.2 ? [dense(pick([1, 3])), activation(output)] : [dense(pick([1, 1, 2, 5]), { activation: output })];
  return { options: { inputs: width(), layers: [...sequence(0), ...last], loss, seed: n }, random };
}

/** Rows, targets, weights and input gradients to learn. */
export function twinState(backend: Backend, rows: number, random: Random): void {
  backend.derivatives!.want();
  randomState(backend, rows, random.below(1e6));
  const { targets, stride, weights } = backend.derivatives!;
  for (let i = 0; i < rows; i++) for (let k = 0; k < weights.length; k++) targets[i * stride + k] = random.normal();
  for (let k = 0; k < weights.length; k++) weights[k] = random.between(0.2, 2);
}

/** The state of `from` in `to`. */
export function copyTwin(to: Backend, from: Backend, rows: number): void {
  const { plan } = from;
  to.derivatives!.want();
  to.reserve(rows, rows, true);
  const copy = (target: Backend['x'], targetStride: number, source: Backend['x'], stride: number, columns: number) => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) target[i * targetStride + j] = source[i * stride + j]!;
  };
  copy(to.x, to.xStride, from.x, from.xStride, plan.inputs);
  copy(to.targets, to.targetStride, from.targets, from.targetStride, plan.targetColumns);
  copy(to.sampleWeights, 1, from.sampleWeights, 1, 1);
  const [a, b] = [to.derivatives!, from.derivatives!];
  copy(a.targets, a.stride, b.targets, b.stride, b.weights.length);
  copy(a.weights, 1, b.weights, 1, b.weights.length);
  plan.tensors.forEach((_, i) => {
    to.writeTensor(i, from.readTensor(i));
  });
}

/** The whole loss of the rows as they stand. */
export function wholeLoss(backend: Backend, rows: number, weighted: boolean): number {
  backend.forward(0, rows, true);
  return backend.loss(0, weighted, rows) + backend.derivatives!.loss(0, weighted, rows, false);
}

/** Everything a step computes, by name. */
export function twinPass(backend: Backend, rows: number, weighted: boolean): Map<string, ArrayLike<number>> {
  const { plan } = backend;
  backend.zeroGradients();
  backend.forward(0, rows, true);
  const found = new Map<string, ArrayLike<number>>([['outputs', outputsOf(backend, rows)]]);
  found.set('loss', [backend.loss(0, weighted, rows)]);
  found.set('loss on derivatives', [backend.derivatives!.loss(0, weighted, rows, true)]);
  backend.backward(true, true);
  found.set('the gradient of the inputs', backend.inputGradients());
  plan.tensors.forEach(({ name, trainable }, i) => {
    if (trainable) found.set(`the gradient of ${name}`, backend.readGradient(i));
  });
  return found;
}
