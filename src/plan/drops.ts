// What layers drop in training, as masks: a function of the model's key, the layer, the number of the pass and the place, the same that both
// backends draw. Dropout drops values, row by row; a dense layer with dropConnect drops weights, one mask for the whole pass.

import { LayerKind } from '../../assembly/abi.js';
import { bits, derive, mix, type Key } from '../data/random.js';
import type { LayerPlan } from './network.js';

/** 1 where the number is kept and 0 where it is dropped, for `rows` rows of the layer's outputs (dropout), or of its weights (inputs of them). */
export function keptOf({ path, outputs, dropRate }: LayerPlan, key: Key, draw: number, rows: number, firstRow = 0): Uint8Array {
  const [key0, key1] = derive(key, path);
  const drawn = mix(key1 ^ draw);
  const threshold = Math.floor(dropRate * 4294967296);
  return Uint8Array.from({ length: rows * outputs }, (_, k) => Number(bits(key0, drawn, firstRow * outputs + k) >= threshold));
}

/** Whether the layer drops weights. */
export const dropsWeights = ({ kind, dropRate }: LayerPlan): boolean => kind === LayerKind.Dense && dropRate > 0;
