// A network 2-2-2 (tanh, sigmoid) forward and backward: the library's numbers, those of the four equations written out, and differences.

import { dense, MLP } from 'feedforward/baseline';

const model = new MLP(
  { inputs: 2, layers: [dense(2, { activation: 'tanh' }), dense(2, { activation: 'sigmoid' })] },
  { precision: 'float64' },
);

/** All weights and biases as one vector: W1 by rows, b1, W2 by rows, b2. */
export const atFirst: readonly number[] = [0.5, -0.375, 0.25, 0.75, 0.125, -0.25, 0.75, -0.625, -0.5, 0.875, 0.25, -0.125];

export interface Passes {
  /** By layer and unit. */
  readonly z: readonly (readonly number[])[];
  readonly a: readonly (readonly number[])[];
  readonly deltas: readonly (readonly number[])[];
  /** One for each weight and bias, in the order of the vector. */
  readonly gradient: readonly number[];
  /** The mean over the two outputs of (a - t)^2, which here is 1/2 sum (a - t)^2. */
  readonly loss: number;
}

/** Forward, loss and backward of one row, by the library. */
export function passesOf(vector: readonly number[], x: readonly number[], t: readonly number[]): Passes {
  model.setVector(vector);
  model.zeroGrad();
  model.forward([[...x]], { training: true });
  const loss = model.loss([[...t]]);
  model.backward();
  const layers = model.activations([[...x]]);
  return {
    z: layers.map(({ netInputs }) => [...netInputs.data]),
    a: layers.map(({ activations }) => [...activations.data]),
    deltas: layers.map(({ deltas }) => [...deltas!.data]),
    gradient: model.gradients().flatMap(({ values }) => [...values]),
    loss,
  };
}

/** The same by the equations, in loops. */
export function byHand(vector: readonly number[], x: readonly number[], t: readonly number[]): Passes {
  const W = (layer: number, i: number, j: number) => vector[6 * layer + 2 * i + j]!;
  const b = (layer: number, j: number) => vector[6 * layer + 4 + j]!;
  const units = [0, 1];
  const z1 = units.map((j) => b(0, j) + x[0]! * W(0, 0, j) + x[1]! * W(0, 1, j));
  const a1 = z1.map(Math.tanh);
  const z2 = units.map((j) => b(1, j) + a1[0]! * W(1, 0, j) + a1[1]! * W(1, 1, j));
  const a2 = z2.map((z) => 1 / (1 + Math.exp(-z)));
  const delta2 = units.map((j) => (a2[j]! - t[j]!) * a2[j]! * (1 - a2[j]!)); // BP1
  const delta1 = units.map((i) => (delta2[0]! * W(1, i, 0) + delta2[1]! * W(1, i, 1)) * (1 - a1[i]! ** 2)); // BP2
  const of = (a: readonly number[], delta: readonly number[]) => [
    ...units.flatMap((i) => units.map((j) => a[i]! * delta[j]!)), // BP4
    ...delta, // BP3
  ];
  return {
    ...{ z: [z1, z2], a: [a1, a2], deltas: [delta1, delta2] },
    gradient: [...of(x, delta1), ...of(a1, delta2)],
    loss: units.reduce((sum, j) => sum + (a2[j]! - t[j]!) ** 2 / 2, 0),
  };
}

const step = 1e-5;

/** (C(w + h) - C(w - h)) / 2 h: two forward passes for one weight. */
export function difference(vector: readonly number[], x: readonly number[], t: readonly number[], k: number): number {
  const lossAt = (by: number) => {
    model.setVector(vector.map((w, i) => (i === k ? w + by : w)));
    return model.evaluate([[...x]], [[...t]]).loss;
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}

/** How far the gradients of two ways are apart at most. */
export const apart = (one: Passes, other: Passes): number =>
  one.gradient.reduce((most, value, k) => Math.max(most, Math.abs(value - other.gradient[k]!)), Math.abs(one.loss - other.loss));
