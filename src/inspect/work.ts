// What one prediction and one training step cost by count: products and traffic, from the plan of a network alone.
//
// An operation reads each element of its operands once and writes each element of its result once, however often a kernel goes back to them in
// cache. Operations: the matrix product of a dense layer with its bias, an activation, a normalisation, a sum of residual branches, the loss, and
// their ways back; the optimizer's sweep over the parameters. Numbers are float32, 4 bytes.

import { sizeOf } from '../data/allocate.js';
import { LayerKind, Optimizer } from '../../assembly/abi.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';

/** What is done, by count. */
export interface WorkCount {
  /** Products that are added to a sum, in the matrix products of dense layers and projections. */
  readonly multiplyAdds: number;
  /** Bytes of the operands that operations read, 4 a number. */
  readonly bytesRead: number;
  /** Bytes of the results that operations write, 4 a number. */
  readonly bytesWritten: number;
}

/** What workOf gives. */
export interface Work {
  /** Of predict on that many rows. */
  readonly predict: WorkCount;
  /** Of trainStep on that many rows. */
  readonly step: WorkCount;
}

interface Rule {
  readonly frozen: boolean;
}

/** Sums of numbers read and written, and of products. */
class Tally {
  private multiplyAdds = 0;
  private read = 0;
  private written = 0;

  /** An operation: elements of its operands, elements of its result. */
  operation(read: number, written: number, multiplyAdds = 0): void {
    this.read += read;
    this.written += written;
    this.multiplyAdds += multiplyAdds;
  }

  get count(): WorkCount {
    return { multiplyAdds: this.multiplyAdds, bytesRead: 4 * this.read, bytesWritten: 4 * this.written };
  }
}

export function countWork(plan: NetworkPlan, rules: readonly Rule[], rows: number): Work {
  const predict = new Tally();
  for (const layer of plan.layers) forward(predict, layer, plan, rows, false);
  const step = new Tally();
  for (const layer of plan.layers) forward(step, layer, plan, rows, true);
  step.operation(rows * (plan.outputs + plan.targetColumns), rows * plan.outputs); // the loss and its gradient
  backward(step, plan, rules, rows);
  update(step, plan, rules);
  return { predict: predict.count, step: step.count };
}

/** Numbers that stand for a category. */
const sizeOfEmbedding = ({ inputs, outputs }: LayerPlan) => outputs - inputs + 1;

/** Numbers of an activation's own parameters. */
const slopesOf = ({ tensors }: LayerPlan, plan: NetworkPlan) =>
  tensors.slope === undefined ? 0 : sizeOf(plan.tensors[tensors.slope]!.shape);

function forward(tally: Tally, layer: LayerPlan, plan: NetworkPlan, rows: number, training: boolean): void {
  const { kind, inputs, outputs } = layer;
  const [x, y] = [rows * inputs, rows * outputs];
  switch (kind) {
    case LayerKind.Dense:
      tally.operation(x + inputs * outputs + (layer.bias ? outputs : 0), y, x * outputs);
      break;
    case LayerKind.BatchNorm:
      // Statistics of the batch: x is read once, its normalised rows are kept for the way back, running statistics move on.
      if (training) tally.operation(x + 4 * outputs, 2 * y + 2 * outputs);
      else tally.operation(x + 4 * outputs, y);
      break;
    case LayerKind.LayerNorm:
      tally.operation(x + 2 * outputs, training ? 2 * y : y);
      break;
    case LayerKind.Rescale:
      tally.operation(x + 3 * outputs, y);
      break;
    case LayerKind.Embedding:
      tally.operation(x + rows * sizeOfEmbedding(layer), y); // a category's numbers for each row
      break;
    case LayerKind.Dropout:
    case LayerKind.Noise:
      if (training) tally.operation(x, y);
      break;
    case LayerKind.Edge:
      tally.operation(x, x); // copied side by side with what the others gave
      break;
    case LayerKind.ResidualEnd:
      if (layer.projection) tally.operation(y + x + inputs * outputs, y, x * outputs);
      else tally.operation(2 * y, y);
  }
  if (activates(layer)) tally.operation(y + slopesOf(layer, plan), y);
}

const activates = ({ activation }: LayerPlan) => activation.name !== 'identity';

function backward(tally: Tally, plan: NetworkPlan, rules: readonly Rule[], rows: number): void {
  const learns = (layer: LayerPlan) => Object.values(layer.tensors).some((i) => plan.tensors[i]!.trainable && !rules[i]!.frozen);
  const lowest = plan.layers.findIndex(learns);
  if (lowest < 0) return;
  for (let i = plan.layers.length - 1; i >= lowest; i--) {
    const layer = plan.layers[i]!;
    const { inputs, outputs, kind } = layer;
    const [x, y] = [rows * inputs, rows * outputs];
    const fused = plan.loss.fused && i === plan.layers.length - 1;
    if (activates(layer) && !fused) {
      const slopes = slopesOf(layer, plan);
      tally.operation(2 * y + slopes, y + (learns(layer) ? slopes : 0));
    }
    const further = i > lowest; // somebody below learns from dx
    switch (kind) {
      case LayerKind.Dense:
        if (learns(layer)) tally.operation(x + y, inputs * outputs + (layer.bias ? outputs : 0), x * outputs);
        if (further) tally.operation(y + inputs * outputs, x, x * outputs);
        break;
      case LayerKind.BatchNorm:
      case LayerKind.LayerNorm:
        tally.operation(2 * y + 2 * outputs, (learns(layer) ? 2 * outputs : 0) + (further ? x : 0));
        break;
      case LayerKind.Rescale:
        if (learns(layer)) tally.operation(2 * y, outputs);
        if (further) tally.operation(y + 2 * outputs, x);
        break;
      case LayerKind.Embedding: {
        const size = sizeOfEmbedding(layer);
        if (learns(layer)) tally.operation(rows * (1 + size), layer.categories * size);
        if (further) tally.operation(y, x);
        break;
      }
      case LayerKind.Dropout:
      case LayerKind.Noise:
        if (further) tally.operation(y, x);
        break;
      case LayerKind.Edge: {
        if (layer.partner < lowest) break;
        // Added to what came back to its source another way; the first is written there.
        const { kind: next, column } = plan.layers[layer.partner + 1]!;
        const later = plan.layers.slice(i + 1).some((other) => other.kind === LayerKind.Edge && other.partner === layer.partner);
        const first = next === LayerKind.Edge && column === 0 && !later;
        tally.operation(first ? x : 2 * x, x);
        break;
      }
      case LayerKind.ResidualEnd:
        if (layer.projection && learns(layer)) tally.operation(x + y, inputs * outputs, x * outputs);
        break;
      case LayerKind.ResidualBegin: {
        if (!further) break;
        // What came along the shortcut joins what came through the block.
        const end = plan.layers[layer.partner]!;
        const back = rows * end.outputs;
        if (end.projection) tally.operation(x + back + end.inputs * end.outputs, x, back * end.inputs);
        else tally.operation(x + back, x);
      }
    }
  }
}

function update(tally: Tally, plan: NetworkPlan, rules: readonly Rule[]): void {
  const { optimizer, clip } = plan;
  if (optimizer.rule === Optimizer.None) return;
  const learnt = plan.tensors.reduce(
    (sum, tensor, i) => sum + (tensor.trainable && !rules[i]!.frozen ? sizeOf(tensor.shape) : 0),
    0,
  );
  const slots = optimizer.slots.length;
  const averages = plan.averagingDecay > 0 ? 1 : 0;
  if (clip.globalNorm !== Infinity || clip.norm !== Infinity) tally.operation(learnt, 0);
  tally.operation((2 + slots + averages) * learnt, (1 + slots + averages) * learnt);
}
