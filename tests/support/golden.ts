// From golden values to a running backend: models as the fixtures write them, weights by name, rows into windows,
// comparison of nested arrays. Works for any Backend.

import { expect } from 'vitest';
import type { Backend } from '../../src/training/backend.js';
import * as spec from '../../src/entries/parts/plan.js';
import type { NetworkPlan } from '../../src/plan/network.js';
import type { LayerSpec, LossLike, MLPOptions, OptimizerLike } from '../../src/entries/parts/plan.js';

/** A number, "NaN" or "Infinity", or arrays of them. */
export type Golden = number | string | null | readonly Golden[];

/** `["dense", 5, { "activation": "tanh" }]` */
export type LayerCall = readonly [string, ...unknown[]];

export interface GoldenModel {
  readonly inputs: number;
  readonly layers: readonly LayerCall[];
  readonly loss?: unknown;
}

/** dense(5, { activation: 'tanh' }) from its call; "ACTIVATION" stands for `activation`. */
export function layerOf([name, ...parameters]: LayerCall, activation?: unknown): LayerSpec {
  const given = parameters.map((p) => fillIn(p, activation));
  switch (name) {
    case 'dense':
      return spec.dense(given[0] as number, given[1] as object);
    case 'activation':
      return spec.activation(given[0] as 'tanh');
    case 'batchNorm':
      return spec.batchNorm(given[0] as object);
    case 'layerNorm':
      return spec.layerNorm(given[0] as object);
    case 'residual':
      return spec.residual(
        (parameters[0] as LayerCall[]).map((l) => layerOf(l, activation)),
        given[1] as object,
      );
    default:
      throw new Error(`fixture: no layer called ${name}`);
  }
}

function fillIn(parameter: unknown, activation: unknown): unknown {
  if (parameter === 'ACTIVATION') return activation;
  if (typeof parameter !== 'object' || parameter === null || Array.isArray(parameter)) return parameter;
  return Object.fromEntries(Object.entries(parameter).map(([key, value]) => [key, fillIn(value, activation)]));
}

/** Options of a model as the fixtures write it. */
export function optionsOf(model: GoldenModel, optimizer?: unknown, activation?: unknown): MLPOptions {
  return {
    inputs: model.inputs,
    layers: model.layers.map((l) => layerOf(l, activation)),
    loss: (model.loss ?? 'meanSquaredError') as LossLike,
    ...(optimizer === undefined ? {} : { optimizer: optimizer as OptimizerLike }),
  };
}

/** A plan in compat 'sklearn' with another alpha than the preset's. */
export function withAlpha(plan: NetworkPlan, alpha: number): NetworkPlan {
  const tensors = plan.tensors.map((tensor) => ({ ...tensor, l2PerRow: tensor.role === 'weight' ? alpha : 0 }));
  return { ...plan, tensors, defaults: { ...plan.defaults, l2: { preset: alpha, perRow: true } } };
}

/** All numbers of a nested array, in order. `null` becomes undefined. */
export function flat(golden: Golden): (number | undefined)[] {
  if (Array.isArray(golden)) return golden.flatMap(flat);
  return [golden === null ? undefined : Number(golden)];
}

/** Rows and targets into the backend's windows, with room to train on them all at once. Returns the number of rows. */
export function fill(backend: Backend, x: Golden, y?: Golden, sampleWeights?: readonly number[]): number {
  const inputs = flat(x) as number[];
  const { plan } = backend;
  const rows = inputs.length / plan.inputs;
  backend.reserve(rows, rows, true);
  place(backend.x, backend.xStride, inputs, plan.inputs);
  if (y !== undefined) place(backend.targets, backend.targetStride, flat(y) as number[], plan.targetColumns);
  if (sampleWeights !== undefined) backend.sampleWeights.set(sampleWeights);
  return rows;
}

function place(window: Float32Array | Float64Array, stride: number, values: readonly number[], columns: number): void {
  values.forEach((value, k) => {
    window[Math.floor(k / columns) * stride + (k % columns)] = value;
  });
}

/** The outputs of the last forward's rows, packed. */
export function outputsOf(backend: Backend, rows: number): number[] {
  return Array.from({ length: rows * backend.plan.outputs }, (_, k) => {
    const row = Math.floor(k / backend.plan.outputs);
    return backend.outputs[row * backend.outputStride + (k % backend.plan.outputs)]!;
  });
}

/** Index of a tensor by name. */
export function tensor(backend: Backend, name: string): number {
  const i = backend.plan.tensors.findIndex((t) => t.name === name);
  if (i < 0) throw new Error(`no tensor called ${name}`);
  return i;
}

/** Overwrites tensors by name; names the model has no tensor for are passed over. */
export function load(backend: Backend, values: Readonly<Record<string, Golden>>): void {
  backend.plan.tensors.forEach(({ name }, i) => {
    if (values[name] === undefined) throw new Error(`the fixture has no ${name}`);
    backend.writeTensor(i, flat(values[name]) as number[]);
  });
}

/** Every element within relative * |expected| + absolute; undefined matches anything, NaN NaN. */
export function expectClose(actual: ArrayLike<number>, golden: Golden, relative: number, absolute: number, what = ''): void {
  const expected = flat(golden);
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = '';
  let excess = 0;
  expected.forEach((e, k) => {
    if (e === undefined) return;
    const a = actual[k]!;
    if (Object.is(a, e) || a === e) return;
    const off = Math.abs(a - e) / (relative * Math.abs(e) + absolute);
    if (!(off <= 1) && !(off <= excess)) {
      excess = off;
      worst = `${what}[${k}]: ${a} instead of ${e}, ${off} times the tolerance`;
    }
  });
  expect(worst).toBe('');
}

/** The same for tensors by name. */
export function expectTensors(
  backend: Backend,
  golden: Readonly<Record<string, Golden>>,
  relative: number,
  absolute: number,
  what = '',
): void {
  backend.plan.tensors.forEach(({ name }, i) => {
    if (golden[name] !== undefined) expectClose(backend.readTensor(i), golden[name], relative, absolute, `${what} ${name}`);
  });
}

/** One step on all rows in the window, as train() takes it, with nothing checked. Returns the loss. */
export function trainAll(backend: Backend, rows: number, rate: number): number {
  backend.rates[0] = rate;
  backend.train({ rows, batchSize: rows, accumulate: 1, weighted: false, keepOutputs: false, ignoreDivergence: true });
  return backend.losses[0]!;
}
