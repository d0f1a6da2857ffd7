// What the last pass in training dropped: drawn anew from what it was drawn from, so nothing is kept for it.

import { Counter, LayerKind } from '../../assembly/abi.js';
import { floats } from '../data/allocate.js';
import { Matrix } from '../data/matrix.js';
import { fail } from '../errors.js';
import { keptOf } from '../plan/drops.js';
import type { Trainer } from '../training/trainer.js';

/** What one layer dropped. */
export interface Dropped {
  /** 'layers.1', … as in parameters(). */
  readonly layer: string;
  /** 'units' of a dropout layer, 'connections' of a dense one with dropConnect. */
  readonly what: 'units' | 'connections';
  /** The probability that each was dropped. */
  readonly rate: number;
  /** 1 kept, 0 dropped: [rows, units], or of connections [inputs, units]. */
  readonly kept: Matrix;
}

/** The masks of the last pass in training: of units those of the first `rows` rows of its step. @throws ERR_STATE before there was one. */
export function droppedBy({ backend, plan }: Trainer, rows: number): Dropped[] {
  const draw = backend.readCounters()[Counter.Draws]! - 1;
  if (draw < 0) fail('ERR_STATE', 'dropped: nothing was dropped yet. Call it after a step, or after forward(X) in training.');
  return plan.layers.flatMap((layer) => {
    if (layer.dropRate === 0) return [];
    const units = layer.kind === LayerKind.Dropout;
    const height = units ? rows : layer.inputs;
    const kept = floats(height * layer.outputs, 'dropped');
    kept.set(keptOf(layer, plan.key, draw, height));
    return [
      {
        layer: layer.path,
        what: units ? ('units' as const) : ('connections' as const),
        rate: layer.dropRate,
        kept: new Matrix(kept, height, layer.outputs),
      },
    ];
  });
}
