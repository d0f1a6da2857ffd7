// Ids that this build of the core does not know: a trap, in builds without assertions too, and never a silent pass.

import { describe, expect, test } from 'vitest';
import { Activation, LayerKind, Loss, Optimizer } from '../../assembly/abi.js';
import { builds, loadProbe } from '../support/loadProbe.js';

interface Layers {
  activate(id: number, y: number, z: number, stride: number, rows: number, width: number, a: number, b: number): void;
  activateBackward(id: number, dz: number, dy: number, z: number, y: number, ...sizes: number[]): void;
  lossRows(id: number, delta: number, y: number, stride: number, fused: boolean, targets: number, ...rest: number[]): void;
  forwardKind(kind: number): void;
  stepBy(rule: number): void;
}

/** Ids beside those of a table: below, right past the last, far away. */
const beside = (table: object) => [-1, Object.keys(table).filter((key) => !Number.isNaN(Number(key))).length, 1000];
const trap = expect.objectContaining({ name: 'RuntimeError', message: expect.stringMatching(/unreachable/) });

describe.each(builds)('on %s, an unknown id of', (build) => {
  const probe = loadProbe<Layers>(build);
  probe.reserve(1 << 20);
  const [A, B, C, D, E] = [1 << 16, 1 << 17, 3 << 16, 1 << 18, 5 << 16] as const;

  test.each(beside(Activation))('an activation traps, forward and backward: %i', (id) => {
    expect(() => probe.activate(id, A, B, 4, 1, 4, 0, 0)).toThrow(trap);
    expect(() => probe.activateBackward(id, A, B, C, D, 4, 1, 4, 0, 0)).toThrow(trap);
  });

  test.each([...beside(Loss), Loss.Custom])('a loss traps, and so does one that JavaScript computes: %i', (id) => {
    expect(() => probe.lossRows(id, A, B, 4, false, C, 4, D, E, 1, 4, 1, 0)).toThrow(trap);
  });

  test.each(beside(LayerKind))('a layer traps: %i', (kind) => {
    expect(() => probe.forwardKind(kind)).toThrow(trap);
  });

  test.each(beside(Optimizer))('an optimizer traps: %i', (rule) => {
    expect(() => probe.stepBy(rule)).toThrow(trap);
    expect(() => probe.stepBy(Optimizer.Adam)).not.toThrow();
  });
});
