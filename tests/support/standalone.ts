// Running what exportModule and exportWasm write, and comparing it with the model it was written from.

import { expect } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { randomNetwork } from './network.js';

export interface Exported {
  predict(rows: ArrayLike<number>[]): number[][];
  classify(rows: ArrayLike<number>[]): unknown[];
  selfTest(): number;
  inputs: number;
  outputs: number;
  labels: unknown[];
  featureNames: string[];
}

/** A model with the random parameters of the test networks. */
export function randomModel(options: MLPOptions): MLP {
  const made = new MLP(options);
  const { parameters } = randomNetwork(options);
  for (const p of made.parameters()) p.set(parameters().find(({ name }) => name === p.name)!.values);
  return made;
}

/** The ES module that `code` is. */
export const load = (code: string) =>
  import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`) as Promise<Exported>;

/** The network behind a .wasm and its loader. */
export async function start({ wasm, code }: { wasm: Uint8Array; code: string }): Promise<Exported> {
  const loader = (await load(code)) as unknown as { load(source: unknown): Promise<Exported> };
  return loader.load(wasm);
}

export const rowsOf = (x: Float32Array, columns: number) =>
  Array.from({ length: x.length / columns }, (_, i) => x.subarray(i * columns, (i + 1) * columns));

/** Relative to what is wanted where that is beyond 1. */
export function largestDifference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got.length).toBe(want.length);
  return Math.max(...Array.from(want, (w, i) => Math.abs(got[i]! - w) / Math.max(1, Math.abs(w))));
}
