// What one training pass and one step look like from each layer: gradients, changes, and the spread of its outputs.

import type { Floats } from '../data/allocate.js';
import { LayerKind } from '../../assembly/abi.js';
import { activationRow, describeActivation } from '../plan/activations.js';
import type { LayerPlan } from '../plan/network.js';
import type { Rows } from '../training/rows.js';
import type { Trainer } from '../training/trainer.js';

/** Figures of one layer on the rows given. */
export interface LayerDiagnosis {
  /** 'layers.0', 'layers.2.layers.1', … */
  readonly layer: string;
  /** 'dense relu', 'batchNorm', … */
  readonly kind: string;
  /** Norm of the gradient of the layer's parameters; NaN without any. */
  readonly gradientNorm: number;
  /** Root mean square of the gradient over the layer's weights, to compare layers of different size; NaN without any. */
  readonly gradientPerWeight: number;
  /** Norm of what one step changes over the norm of the weights; NaN without any. A healthy one is near 1e-3. */
  readonly updateRatio: number;
  /** Mean of the layer's outputs. */
  readonly activationMean: number;
  /** Standard deviation of the layer's outputs. */
  readonly activationDeviation: number;
  /** Share of outputs where a bounded activation is flat; NaN for unbounded ones. */
  readonly saturated: number;
  /** Share of units that put out 0 for every row; NaN where that means nothing. */
  readonly dead: number;
  /**
   * Share of outputs from where the activation is all but a straight line: near the middle of a curved one, and for ReLU and the like
   * units that stay on one side of their bend for every row. NaN without an activation. A network of straight layers is a linear model.
   */
  readonly straight: number;
  /** How alike the outputs for different rows are: the share of their mean square that all rows have in common. 1: the layer cannot tell rows apart. */
  readonly rowsAlike: number;
  /** Whether all of its units put out the same for every row, so that they get the same gradients for ever. */
  readonly unitsEqual: boolean;
}

export interface Measured {
  readonly layers: readonly LayerDiagnosis[];
  readonly plans: readonly LayerPlan[];
  readonly loss: number;
  /** What the network's first weights see, rows x inputs: X, or what a rescale layer in front makes of it. */
  readonly seen: Floats;
  readonly rescaled: boolean;
}

/** Figures of the layers and the loss, of a trainer that ends as it began. */
export function measureLayers(trainer: Trainer, rows: Rows): Measured {
  const { backend, plan, progress } = trainer;
  const n = rows.rows;
  trainer.roomToTrain(n, n);
  trainer.loadRows(rows, undefined, 0, n);
  backend.zeroGradients();
  const counters = backend.readCounters();
  backend.forward(0, n, true);
  const loss = trainer.loss(n, rows.weights !== undefined, n);
  const activations = plan.layers.map((_, i) => backend.readActivations(i));
  backend.backward(false, true);
  const gradients = plan.tensors.map((tensor, i) => (tensor.trainable ? normOf(backend.readGradient(i)) : 0));
  const before = plan.tensors.map((_, i) => backend.readTensor(i));
  const snapshot = backend.snapshot();
  trainer.step(n);
  progress.steps--;
  const changes = plan.tensors.map((_, i) => normOf(backend.readTensor(i), before[i]));
  backend.restore(snapshot);
  backend.writeCounters(counters); // the same masks again
  backend.zeroGradients();

  const layers: LayerDiagnosis[] = [];
  const plans: LayerPlan[] = [];
  plan.layers.forEach((layer, i) => {
    if (silent.has(layer.kind)) return;
    const own = Object.values(layer.tensors).filter((t) => plan.tensors[t]!.trainable);
    const weight = [layer.tensors.weight, layer.tensors.gamma, layer.tensors.gain].find(
      (t) => t !== undefined && plan.tensors[t]!.trainable,
    );
    const values = activations[i]!;
    const { mean, deviation } = spread(values);
    plans.push(layer);
    layers.push({
      layer: layer.path,
      kind: kindOf(layer),
      gradientNorm: own.length === 0 ? NaN : Math.hypot(...own.map((t) => gradients[t]!)),
      gradientPerWeight: weight === undefined ? NaN : gradients[weight]! / Math.sqrt(before[weight]!.length),
      updateRatio: weight === undefined ? NaN : changes[weight]! / Math.max(normOf(before[weight]!), 1e-30),
      activationMean: mean,
      activationDeviation: deviation,
      saturated: saturatedShare(layer, values),
      dead: deadShare(layer, values),
      straight: straightShare(layer, values),
      rowsAlike: likeness(values, layer.outputs),
      unitsEqual: equalUnits(values, layer.outputs),
    });
  });
  const front = plan.layers.findIndex((layer) => layer.rescale?.centered);
  return { layers, plans, loss, seen: front < 0 ? rows.x : activations[front]!, rescaled: front >= 0 };
}

/** Kinds that are told of by others: what they pass on has its figures there. */
const silent: ReadonlySet<LayerKind> = new Set([LayerKind.ResidualBegin, LayerKind.Dropout, LayerKind.Noise, LayerKind.Edge]);

function kindOf(layer: LayerPlan): string {
  const activation = layer.activation.name === 'identity' ? '' : describeActivation(layer.activation);
  switch (layer.kind) {
    case LayerKind.Dense:
      return `dense ${activation}`.trim();
    case LayerKind.BatchNorm:
      return 'batchNorm';
    case LayerKind.LayerNorm:
      return 'layerNorm';
    case LayerKind.Rescale:
      return 'rescale';
    case LayerKind.Embedding:
      return 'embedding';
    case LayerKind.ResidualEnd:
      return 'residual';
    default:
      return activation;
  }
}

/** |a|, or |a - b|. */
function normOf(a: Floats, b?: Floats): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - (b?.[k] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function spread(values: Floats): { mean: number; deviation: number } {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let k = 0; k < values.length; k++) squares += (values[k]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** How near a bound counts as saturated: 2 % of the range. */
const nearBound = 0.02;
/** How near its middle, in shares of half its range, a bounded activation counts as straight; and how near 0 an unbounded curved one. */
const nearMiddle = 0.25;
const nearZero = 0.1;

function saturatedShare({ activation }: LayerPlan, values: Floats): number {
  const { bounds } = activationRow(activation.name);
  if (bounds === undefined) return NaN;
  const [low, high] = bounds;
  const margin = nearBound * (high - low);
  return shareOf(values, (value) => value < low + margin || value > high - margin);
}

function straightShare({ activation, outputs }: LayerPlan, values: Floats): number {
  const { name } = activation;
  const { bounds, range } = activationRow(name);
  if (name === 'identity' || name === 'linear') return NaN;
  if (bounds !== undefined) {
    const [low, high] = bounds;
    const middle = (low + high) / 2;
    const reach = nearMiddle * (high - middle);
    return shareOf(values, (value) => Math.abs(value - middle) < reach);
  }
  if (name === 'relu' || name === 'leakyRelu' || name === 'prelu') {
    let straight = 0;
    for (let j = 0; j < outputs; j++) {
      let above = false;
      let below = false;
      for (let k = j; k < values.length; k += outputs) {
        if (values[k]! > 0) above = true;
        else below = true;
      }
      if (above !== below) straight++;
    }
    return straight / outputs;
  }
  return range === 'real' && name !== 'softplus' ? shareOf(values, (value) => Math.abs(value) < nearZero) : NaN;
}

function shareOf(values: Floats, counts: (value: number) => boolean): number {
  let count = 0;
  for (let k = 0; k < values.length; k++) if (counts(values[k]!)) count++;
  return count / values.length;
}

function deadShare({ activation, outputs }: LayerPlan, values: Floats): number {
  if (!activationRow(activation.name).canDie) return NaN;
  let dead = 0;
  for (let j = 0; j < outputs; j++) {
    let alive = false;
    for (let k = j; k < values.length && !alive; k += outputs) alive = values[k]! !== 0;
    if (!alive) dead++;
  }
  return dead / outputs;
}

function likeness(values: Floats, columns: number): number {
  const rows = values.length / columns;
  let common = 0;
  let all = 0;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let k = j; k < values.length; k += columns) {
      sum += values[k]!;
      all += values[k]! ** 2;
    }
    common += sum ** 2 / rows;
  }
  return all === 0 ? 1 : Math.min(1, common / all);
}

function equalUnits(values: Floats, columns: number): boolean {
  if (columns < 2) return false;
  for (let k = 0; k < values.length; k++) {
    const first = values[k - (k % columns)]!;
    if (!(Math.abs(values[k]! - first) <= 1e-6 * Math.abs(first))) return false;
  }
  return true;
}
