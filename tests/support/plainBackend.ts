// The baseline without a model around it: its backend, rows for it, its weights.

import { PlainBackend, type Precision } from '../../src/baseline/backend.js';
import { Random } from '../../src/data/random.js';
import type { TrainRequest } from '../../src/training/backend.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { fill, outputsOf, tensor, type Golden } from './golden.js';

export const backendOf = (options: MLPOptions, precision: Precision = 'float64') =>
  new PlainBackend(resolveNetwork(options), { precision });

export const rowsOf = (rows: number, columns: number, seed = 1) => {
  const random = new Random(seed, 'rows');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
};

export const request = (rows: number, batchSize: number, more: Partial<TrainRequest> = {}): TrainRequest => ({
  rows,
  batchSize,
  accumulate: 1,
  weighted: false,
  keepOutputs: false,
  ignoreDivergence: false,
  ...more,
});

/** Parameters of a backend, all of them, for comparison bit for bit. */
export const weights = (backend: PlainBackend) => backend.plan.tensors.map((_, i) => backend.readTensor(i));

export function predict(backend: PlainBackend, x: Golden): number[] {
  const rows = fill(backend, x);
  backend.forward(0, rows, false);
  return outputsOf(backend, rows);
}

export function set(backend: PlainBackend, values: Record<string, readonly number[]>): void {
  for (const [name, numbers] of Object.entries(values)) backend.writeTensor(tensor(backend, name), numbers);
}
