// Training on input gradients beside PyTorch's double backward: loss, gradients and Hessians times vectors, on both backends.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { CoreBackend } from '../../src/core/backend.js';
import { resolveNetwork } from '../../src/plan/network.js';
import type { Backend } from '../../src/training/backend.js';
import { fixture } from '../support/fixtures.js';
import { expectClose, fill, flat, load, optionsOf, type Golden, type GoldenModel } from '../support/golden.js';

type Tensors = Readonly<Record<string, Golden>>;

interface Case {
  readonly title: string;
  readonly model: GoldenModel;
  readonly initial: Tensors;
  readonly y: Golden;
  readonly inputGradients: number[][];
  readonly derivativeWeight: number[];
  readonly loss: number;
  readonly gradients: Tensors;
  readonly vectors: number[][];
  readonly products: Golden;
}

const { x, cases } = fixture<{ x: Golden; cases: Case[] }>('differential.json');

/** Rows into the window of input gradients. */
function place(backend: Backend, rows: readonly (readonly number[])[]): void {
  const { targets, stride } = backend.derivatives!;
  for (const [i, row] of rows.entries()) targets.set(row, i * stride);
}

const kinds: readonly (readonly [name: string, make: (c: Case) => Backend, relative: number, absolute: number])[] = [
  ['the core', (c) => new CoreBackend(resolveNetwork(optionsOf(c.model))), 2e-5, 2e-5],
  [
    'the core without fused multiply-add',
    (c) => new CoreBackend(resolveNetwork({ ...optionsOf(c.model), deterministic: true })),
    2e-5,
    2e-5,
  ],
  ['the baseline in float32', (c) => new PlainBackend(resolveNetwork(optionsOf(c.model))), 2e-5, 2e-5],
  ['the baseline in float64', (c) => new PlainBackend(resolveNetwork(optionsOf(c.model)), { precision: 'float64' }), 1e-8, 1e-9],
];

describe.each(kinds)('%s', (_, make, relative, absolute) => {
  test.each(cases.map((c) => [c.title, c] as const))('has the loss and the gradients of PyTorch: %s', (_title, c) => {
    const backend = make(c);
    backend.derivatives!.want();
    load(backend, c.initial);
    const rows = fill(backend, x, c.y);
    place(backend, c.inputGradients);
    backend.derivatives!.weights.set(c.derivativeWeight);
    backend.zeroGradients();
    backend.forward(0, rows, true);
    const loss = backend.loss(0, false, rows) + backend.derivatives!.loss(0, false, rows, true);
    expectClose([loss], [c.loss], relative, absolute, 'loss');
    backend.backward(false, true);
    for (const [i, { name }] of backend.plan.tensors.entries())
      expectClose(backend.readGradient(i), c.gradients[name]!, relative, absolute, name);
  });

  test.each(cases.map((c) => [c.title, c] as const))('has the Hessians times vectors of PyTorch: %s', (_title, c) => {
    const backend = make(c);
    backend.derivatives!.want();
    load(backend, c.initial);
    const rows = fill(backend, x);
    place(backend, c.vectors);
    backend.forward(0, rows, false);
    expectClose(backend.derivatives!.hessianProduct(0), c.products, relative, absolute, 'products');
    expect(flat(c.products).some((v) => Number(v) !== 0)).toBe(true);
  });
});
