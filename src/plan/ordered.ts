// Outputs in ascending order, by construction: differences of units of softplus, added up by a matrix of ones that never changes.

import { fail } from '../errors.js';
import { checkNumber } from '../options.js';
import { dense, type DenseSpec, type LayerSpec } from './layers.js';
import type { LossLike } from './losses.js';

/**
 * Last layers of a network whose outputs never descend: `columns` of them for each of `targets` (default 1), side by side. The first is the
 * difference of two units of softplus, each other one the output before it and a unit of softplus, which is never below 0. Sums run in
 * that order in float32 too, so the order is exact. Two dense layers, the second fixed: any exporter takes them. `options` are those of the first.
 * @throws ERR_OPTION for numbers of columns or targets that are no whole numbers from 1.
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), ...orderedOutputs(3)] });
 * model.outputs; // 3
 */
export function orderedOutputs(
  columns: number,
  {
    targets = 1,
    ...options
  }: Omit<DenseSpec, 'type' | 'units' | 'activation'> & { /** Default 1. */ readonly targets?: number } = {},
): LayerSpec[] {
  for (const [value, name] of [
    [columns, 'columns'],
    [targets, 'targets'],
  ] as const)
    checkNumber(value, `orderedOutputs: ${name}`, { min: 1, integer: true });
  return [
    dense(targets * (columns + 1), { ...options, activation: 'softplus' }),
    dense(targets * columns, { bias: false, trainable: false, weightInit: 'cumulative' }),
  ];
}

/** Layers whose last outputs are in order where the loss needs it: several levels of pinball. @throws ERR_OPTION where that cannot be. */
export function orderedFor(loss: LossLike | undefined, layers: readonly LayerSpec[]): readonly LayerSpec[] {
  if (typeof loss !== 'object' || loss === null || loss.name !== 'pinball') return layers;
  const levels = Array.isArray(loss.levels) ? loss.levels.length : 1;
  const last = layers[layers.length - 1];
  if (levels < 2 || last === undefined || isCumulative(last)) return layers;
  if (
    last.type !== 'dense' ||
    (last.activation ?? 'identity') !== 'identity' ||
    last.signs !== undefined ||
    last.mask !== undefined
  )
    fail(
      'ERR_OPTION',
      `loss: pinball with ${levels} levels needs outputs in ascending order. End the network in dense(${levels}) without activation, signs and mask, or in ...orderedOutputs(${levels}).`,
    );
  if (last.units % levels !== 0) return layers; // refused with the loss
  const { type: _, units, activation: __, ...options } = last;
  return [...layers.slice(0, -1), ...orderedOutputs(levels, { ...options, targets: units / levels })];
}

function isCumulative(layer: LayerSpec): boolean {
  if (layer.type !== 'dense' || layer.trainable !== false || layer.bias !== false) return false;
  const { weightInit } = layer;
  return (typeof weightInit === 'object' ? weightInit.name : weightInit) === 'cumulative';
}
