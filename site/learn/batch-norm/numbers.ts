// What batch normalisation does to one unit's net inputs on a batch, and to the slope of the sigmoid behind it.

import { activation, batchNorm, MLP, Random } from 'feedforward/baseline';

const rows = 64;
const random = new Random(4, 'data');
const noise = Array.from({ length: rows }, () => random.normal());

/** Net inputs of a batch with that mean and spread. */
export const batchOf = (mean: number, deviation: number): number[] => noise.map((z) => mean + deviation * z);

const epsilon = 1e-5;

/** The library's batch norm in training, and the sigmoid behind it. */
export function normalised(z: readonly number[], gamma: number, beta: number): { out: number[]; activations: number[] } {
  const model = new MLP({ inputs: 1, layers: [batchNorm({ epsilon }), activation('sigmoid')] }, { precision: 'float64' });
  const views = model.parameters();
  views[0]!.set([gamma]);
  views[1]!.set([beta]);
  const X = z.map((value) => [value]);
  model.zeroGrad();
  model.forward(X, { training: true });
  model.loss(z.map(() => [0]));
  model.backward();
  const [norm, sigmoid] = model.activations(X);
  return { out: [...norm!.activations.data], activations: [...sigmoid!.activations.data] };
}

/** gamma (z - mean) / sqrt(variance + epsilon) + beta. */
export function byHand(z: readonly number[], gamma: number, beta: number): number[] {
  const mean = z.reduce((sum, v) => sum + v, 0) / z.length;
  const variance = z.reduce((sum, v) => sum + (v - mean) ** 2, 0) / z.length;
  return z.map((v) => (gamma * (v - mean)) / Math.sqrt(variance + epsilon) + beta);
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** The mean slope of the sigmoid over a batch: how much of a gradient it passes on. */
export const slopeOf = (z: readonly number[]): number => z.reduce((sum, v) => sum + sigmoid(v) * (1 - sigmoid(v)), 0) / z.length;
