// The network as a table: what each layer is, what comes out of it, how many numbers it learns.

import { sizeOf } from '../data/allocate.js';
import { alignColumns, columnWidths } from '../data/textColumns.js';
import { LayerKind } from '../../assembly/abi.js';
import { describeActivation } from '../plan/activations.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';
import { NO_WEIGHT } from '../plan/signs.js';
import { optimizerSpec } from '../plan/resolveOptimizer.js';

interface Rule {
  readonly frozen: boolean;
}

export function summarise(plan: NetworkPlan, rules: readonly Rule[]): string {
  const rows = [['layer', 'kind', 'output', 'parameters']];
  for (const layer of plan.layers) {
    const indent = '  '.repeat(layer.path.split('.layers.').length - 1);
    const own = Object.values(layer.tensors);
    const learned = own.reduce((sum, i) => sum + (plan.tensors[i]!.trainable ? sizeOf(plan.tensors[i]!.shape) : 0), 0);
    const frozen = own.some((i) => plan.tensors[i]!.trainable && rules[i]!.frozen) ? ' (frozen)' : '';
    rows.push([
      indent + layer.path,
      describeLayer(layer) + connectionsOf(layer, plan) + sourceOf(layer, plan),
      String(layer.kind === LayerKind.Edge ? layer.inputs : layer.outputs),
      `${learned > 0 ? learned.toLocaleString('en') : ''}${frozen}`,
    ]);
  }
  const frozen = plan.tensors.reduce(
    (sum, tensor, i) => sum + (tensor.trainable && rules[i]!.frozen ? sizeOf(tensor.shape) : 0),
    0,
  );
  const products = plan.layers.reduce(
    (sum, { kind, projection, inputs, outputs }) => sum + (kind === LayerKind.Dense || projection ? inputs * outputs : 0),
    0,
  );
  const optimizer = optimizerSpec(plan.optimizer);
  const rate = typeof optimizer.learningRate === 'number' ? `, learning rate ${optimizer.learningRate}` : '';
  const lines = [
    `${plan.inputs} inputs`,
    ...table(rows),
    `${plan.parameterCount.toLocaleString('en')} parameters${frozen > 0 ? `, ${frozen.toLocaleString('en')} of them frozen` : ''} (${bytes(plan.parameterCount * 4)}), ${products.toLocaleString('en')} multiply-adds a row`,
    `loss ${plan.loss.name}, optimizer ${plan.optimizer.name}${rate}, seed ${plan.seed}`,
  ];
  return lines.join('\n');
}

/** Where an edge comes from. */
function sourceOf({ kind, partner }: LayerPlan, { layers }: NetworkPlan): string {
  if (kind !== LayerKind.Edge) return '';
  return ` ${layers[partner]?.path ?? 'the inputs'}`;
}

/** How many connections a dense layer has, where it lacks some. */
function connectionsOf({ tensors }: LayerPlan, plan: NetworkPlan): string {
  const signs = plan.tensors[tensors.weight ?? -1]?.signs;
  const missing = signs?.reduce((count, sign) => count + Number(sign === NO_WEIGHT), 0) ?? 0;
  const of = signs?.length ?? 0;
  return missing === 0 ? '' : `, ${(of - missing).toLocaleString('en')} of ${of.toLocaleString('en')} connections`;
}

/** A layer in a few words: 'dense relu', 'dropout 0.2'. */
export function describeLayer(layer: LayerPlan): string {
  const activation = layer.activation.name === 'identity' ? '' : ` ${describeActivation(layer.activation)}`;
  switch (layer.kind) {
    case LayerKind.Dense:
      return `dense${activation}${layer.bias ? '' : ', no bias'}${layer.dropRate > 0 ? `, dropConnect ${layer.dropRate}` : ''}`;
    case LayerKind.Activation:
      return describeActivation(layer.activation);
    case LayerKind.BatchNorm:
      return 'batchNorm';
    case LayerKind.LayerNorm:
      return 'layerNorm';
    case LayerKind.Rescale:
      return 'rescale';
    case LayerKind.Embedding:
      return `embedding, ${layer.categories} categories`;
    case LayerKind.Dropout:
      return `dropout ${layer.dropRate}`;
    case LayerKind.Noise:
      return `noise ${layer.deviation}`;
    case LayerKind.Edge:
      return layer.column === 0 ? 'reads' : 'and';
    case LayerKind.ResidualBegin:
      return 'residual block';
    case LayerKind.ResidualEnd:
      return layer.projection ? 'end of block, + projection' : 'end of block, + input';
  }
}

/** Lines of a table under a rule, columns to the left. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const [head, ...body] = alignColumns(rows, Infinity) as [string, ...string[]];
  const rule = columnWidths(rows).map((width) => '-'.repeat(width));
  return [head, rule.join('  '), ...body];
}

function bytes(n: number): string {
  if (n < 1024) return `${n} bytes`;
  return n < 1024 ** 2 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1024 ** 2).toFixed(1)} MiB`;
}
