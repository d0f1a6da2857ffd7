// Networks for the test of the 256-bit pass: between them every activation, loss, optimizer and kind of layer of the tables, at widths and
// batches that leave every remainder.

import type { LayerSpec } from '../plan/layers.js';
import type { LossName } from '../plan/losses.js';
import type { MLPOptions } from '../plan/network.js';
import type { OptimizerLike } from '../plan/optimizers.js';
import type { Parts } from './passParts.js';

/** What both modules compute of a network: it trains on the window, and is differentiated in its inputs. */
export interface Comparison {
  readonly options: MLPOptions;
  readonly rows: number;
  readonly batchSize: number;
  readonly weighted: boolean;
}

const widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 20, 31, 33, 48];
const batches = [1, 2, 3, 5, 6, 8, 13, 31, 32];

/** Rules with options of their own; every other optimizer comes by its name. */
const variants: readonly OptimizerLike[] = [
  { name: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  { name: 'sgd', momentum: 0.9, form: 'velocity' },
  { name: 'sgd', momentum: 0.9, form: 'ema', biasCorrection: true },
  { name: 'rmsprop', centered: true, momentum: 0.5 },
  { name: 'adam', amsgrad: true, weightDecay: 0.01 },
];

/** Layers that stand between two dense ones, in turn. */
function layersBetween(parts: Parts, i: number, width: number): LayerSpec[] {
  const { activation, batchNorm, dense, dropout, layerNorm, noise, rescale, residual } = parts;
  switch (i % 7) {
    case 1:
      return [batchNorm()];
    case 2:
      return [layerNorm()];
    case 3:
      return [dropout(0.3), noise(0.1)];
    case 4:
      return [residual([dense(width + 3, { activation: 'tanh', dropConnect: 0.2 }), dense(width)])];
    case 5:
      return [residual([dense(width + 1), layerNorm()], { projection: true })];
    case 6:
      return [rescale({ center: 0.25, scale: 1.5, gain: 2, trainable: true }), activation(width > 4 ? 'softmax' : 'softplus')];
    default:
      return [];
  }
}

export function networksToCompare(parts: Parts): Comparison[] {
  const { activationNames, activationRow, dense, embedding, losses, lossNames, optimizerNames, optimizerRow } = parts;
  const inner = activationNames.filter((name) => activationRow(name).flat === undefined);
  const trained = lossNames.filter((name) => !('flat' in losses[name]));
  const rules: OptimizerLike[] = [...optimizerNames.filter((name) => optimizerRow(name).fullBatch !== true), ...variants];
  const at = <T>(list: readonly T[], i: number): T => list[i % list.length]!;
  // Twice around: lists of different lengths meet in other pairs, and each rule runs with penalties and without.
  const count = 2 * Math.max(inner.length, trained.length, rules.length);
  const all = Array.from({ length: count }, (_, i): Comparison => {
    const loss = at(trained, i);
    const width = at(widths, i * 5 + 3);
    const name = at(inner, i);
    const batchSize = at(batches, i);
    const middle = layersBetween(parts, i, width);
    return {
      options: {
        inputs: at(widths, i * 3 + 1),
        layers: [
          ...(i % 5 === 2 ? [embedding({ categories: 5, size: 3 })] : []),
          dense(width, { activation: name, bias: i % 4 !== 1 }),
          ...middle,
          dense(at(widths, i * 7 + 9), { activation: at(inner, i + 7) }),
          ...outputOf(parts, loss, i),
        ],
        loss,
        optimizer: at(rules, i),
        l2: i % 3 === 0 ? 1e-3 : 0,
        l1: i % 4 === 0 ? 1e-3 : 0,
        ...(i % 4 === 1 ? { clip: { norm: 1, value: 0.5 } } : {}),
        ...(i % 7 === 2 ? { maxNorm: 1 } : {}),
        ...(i % 3 === 1 ? { weightAveraging: {} } : {}),
        seed: i,
      },
      rows: 37,
      batchSize: middle[0]?.type === 'batchNorm' ? Math.max(2, batchSize) : batchSize,
      weighted: i % 2 === 1,
    };
  });
  const searching: MLPOptions = { inputs: 5, layers: [dense(7, { activation: 'tanh' }), dense(3)], optimizer: 'lbfgs' };
  return [...all, { options: searching, rows: 37, batchSize: 32, weighted: false }];
}

/** A last layer that the loss takes, of a few outputs. */
function outputOf({ dense, losses }: Parts, loss: LossName, i: number): LayerSpec[] {
  const { targets } = losses[loss];
  if (targets === 'class' || targets === 'simplex') return [dense(2 + (i % 9), { activation: 'softmax' })];
  if (targets === 'unit') return [dense(1 + (i % 5), { activation: 'sigmoid' })];
  if (targets === 'count') return [dense(1 + (i % 5), { activation: 'softplus' })];
  return [dense(loss === 'gaussianNll' ? 6 : 1 + (i % 5))];
}
