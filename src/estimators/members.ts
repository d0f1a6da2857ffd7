// The nets of a preset: which rows each watches, what is kept of each, and how they become one network. Nets of one shape stand side by
// side in a network k times as wide, whose matrices are zero between them; its output is the mean of theirs (of classes: of their logits).

import { Random } from '../data/random.js';
import { rowsByClass, type Fold } from '../data/holdOut.js';
import { exp, log } from '../data/elementary.js';
import { fail } from '../errors.js';
import type { Model } from '../model/model.js';
import { dense, embedding, type DenseSpec, type LayerSpec } from '../plan/layers.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';
import { LayerKind } from '../../assembly/abi.js';
import { activationSpec } from '../plan/activations.js';

/** One trained net. */
export interface Member {
  /** Its tensors, in the order of its plan. */
  readonly tensors: readonly Float32Array[];
  readonly losses: readonly number[];
  readonly validationLosses: readonly number[];
  readonly bestEpoch: number;
  /** On the rows it watched. */
  readonly score: number;
  /** Its answers to them; undefined where it watched none. */
  readonly watched: Watched | undefined;
  /** The linear model beside it. */
  readonly rival: Rival | undefined;
}

/** A net's answers to the rows it watched. */
export interface Watched {
  /** Outputs [rows][columns], after the last activation. */
  readonly outputs: Float32Array;
  readonly columns: number;
  /** Class ids; 0 and 1 for each output; or numbers as the net learns them, for each output. */
  readonly truth: ArrayLike<number>;
  readonly weights: ArrayLike<number> | undefined;
}

/** A linear model that was trained on the rows of a net. */
export interface Rival {
  readonly tensors: readonly Float32Array[];
  /** Its answers to the rows that the net watched. */
  readonly outputs: Float32Array;
}

/**
 * Row indices for member j: those of fold j of `folds`, watched, and the rest. Each fold has its share of every class, and of a class of one
 * row none: it is always learnt. After `folds` members rows are dealt anew.
 */
export function memberFold(
  rows: number,
  member: number,
  folds: number,
  seed: number,
  labels: ArrayLike<number> | undefined,
): Fold {
  const random = new Random(seed, `folds ${Math.floor(member / folds)}`);
  const groups = labels === undefined ? [Array.from({ length: rows }, (_, i) => i)] : rowsByClass(labels as ArrayLike<number>);
  const fold = new Int8Array(rows).fill(-1);
  let dealt = 0;
  for (const group of groups) {
    if (labels !== undefined && group.length === 1) continue;
    for (const i of random.shuffle([...group])) fold[i] = dealt++ % folds;
  }
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  const watched = all.filter((i) => fold[i] === member % folds);
  return { train: all.filter((i) => fold[i] !== member % folds), test: watched };
}

/** The seed of member j. */
export function memberSeed(seed: number, member: number): number {
  return new Random(seed, `member ${member}`).next();
}

/** What is left of a trained net. */
export function tensorsOf(model: Model): Float32Array[] {
  return model.parameters().map(({ values }) => values);
}

/** Where in the merged network a column is that a net's first dense layer reads; or where the indicators begin of which it has `values`. */
interface Place {
  readonly at: number;
  readonly values?: Float32Array;
}

/**
 * Layers of one network that is the mean of `members` nets of this plan, divided by a temperature, its tensors by name, and how many columns it
 * reads: in the place of a column of at most `oneHot` embedded categories an indicator of each.
 */
export function merge(
  plan: NetworkPlan,
  members: readonly Pick<Member, 'tensors'>[],
  temperature = 1,
  oneHot = 0,
): { layers: LayerSpec[]; tensors: Map<string, Float32Array>; inputs: number } {
  const layers: LayerSpec[] = [];
  const tensors = new Map<string, Float32Array>();
  const count = members.length;
  const denses = plan.layers.filter(({ kind }) => kind === LayerKind.Dense);
  const last = denses.at(-1);
  let gain: number | undefined;
  const spread = (layer: LayerPlan) => layer.kind === LayerKind.Embedding && layer.categories <= oneHot;
  // Embeddings go from the last column to the first, so that each counts columns as X does.
  const spans = Array.from(
    { length: plan.inputs },
    (_, j) => plan.layers.find((of) => spread(of) && of.column === j)?.categories ?? 1,
  );
  const columns = spans.reduce((sum, span) => sum + span, 0);
  let width = columns;
  let places = members.map(() => spans.map((_, j): Place => ({ at: spans.slice(0, j).reduce((sum, span) => sum + span, 0) })));
  let bend = (value: number) => value;
  for (const layer of plan.layers) {
    if (layer.kind === LayerKind.Embedding) {
      const { column, categories } = layer;
      const size = layer.outputs - layer.inputs + 1;
      const { at } = places[0]![column]!;
      if (spread(layer)) {
        members.forEach(({ tensors: own }, m) => {
          const w = own[layer.tensors.weight!]!;
          const numbers = Array.from({ length: size }, (_, j) => w.filter((_, k) => k % size === j));
          places[m]!.splice(column, 1, ...numbers.map((values) => ({ at, values })));
        });
        continue;
      }
      const weight = new Float32Array(categories * count * size);
      members.forEach(({ tensors: own }, m) => {
        const w = own[layer.tensors.weight!]!;
        for (let c = 0; c < categories; c++) weight.set(w.subarray(c * size, (c + 1) * size), (c * count + m) * size);
      });
      tensors.set(`layers.${layers.length}.weight`, weight);
      layers.push(embedding({ column: at, categories, size: count * size }));
      width += count * size - 1;
      places = places.map((own, m) => {
        const moved = own.map((place) => (place.at > at ? { ...place, at: place.at + count * size - 1 } : place));
        moved.splice(column, 1, ...Array.from({ length: size }, (_, j) => ({ at: at + m * size + j })));
        return moved;
      });
      continue;
    }
    if (layer.kind === LayerKind.Rescale) gain = layer.tensors.gain!;
    else if (layer.kind === LayerKind.Activation) {
      layers.push({ type: 'activation', activation: activationSpec(layer.activation) });
      if (layer.activation.name === 'tanh') bend = (value) => 1 - 2 / (exp(2 * value) + 1);
      else if (oneHot > 0) fail('ERR_UNSUPPORTED', `${layer.path}: indicators cannot take the place of what it bends.`);
    } else if (layer.kind === LayerKind.Dense) {
      const first = layer === denses[0];
      const { inputs, outputs } = layer;
      const units = layer === last ? outputs : count * outputs;
      const rows = first ? width : count * inputs;
      const weight = new Float32Array(rows * units);
      const bias = new Float64Array(units);
      members.forEach(({ tensors: own }, m) => {
        const share = layer === last ? 1 / (count * temperature) : 1;
        const [w, b] = [own[layer.tensors.weight!]!, own[layer.tensors.bias!]!];
        const atUnit = layer === last ? 0 : m * outputs;
        for (let i = 0; i < inputs; i++) {
          const factor = share * (first && gain !== undefined ? own[gain]![i]! : 1);
          const { at: start, values } = first ? places[m]![i]! : ({ at: m * inputs + i } as Place);
          for (let c = 0; c < (values?.length ?? 1); c++) {
            const part = values === undefined ? factor : (factor * bend(values[c]!)) / bend(1);
            for (let j = 0; j < outputs; j++) {
              const at = (start + c) * units + atUnit + j;
              // A network of one dense layer has it first and last: there the nets' weights add up, as do those of one category's numbers.
              weight[at] = weight[at]! + part * w[i * outputs + j]!;
            }
          }
        }
        for (let j = 0; j < outputs; j++) bias[atUnit + j] = bias[atUnit + j]! + share * b[j]!;
      });
      const path = `layers.${layers.length}`;
      layers.push(dense(units, { activation: activationSpec(layer.activation) } as Partial<DenseSpec>));
      tensors.set(`${path}.weight`, weight);
      tensors.set(`${path}.bias`, Float32Array.from(bias));
    } else if (layer.kind !== LayerKind.Dropout)
      fail('ERR_UNSUPPORTED', `${layer.path}: nets with such a layer cannot stand side by side.`);
  }
  return { layers, tensors, inputs: columns };
}

/**
 * The temperature, in [1/8, 8], that makes the probabilities of the watched rows fit their classes best: by the least weighted sum of -ln p,
 * found by golden section. Of n rows each counts as one row in n + 2 of another class, so that few rows, all right, do not make a net sure of
 * everything. 1 without rows. See: https://arxiv.org/abs/1706.04599; for the share, Platt 1999.
 */
export function temperatureOf(parts: readonly Watched[]): number {
  const rows = parts.reduce((sum, { outputs, columns }) => sum + outputs.length / columns, 0);
  if (rows === 0) return 1;
  const other = 1 / (rows + 2);
  const logits = parts.map(logitsOf);
  const cost = (logTemperature: number) =>
    parts.reduce((sum, part, p) => sum + costOf(part, logits[p]!, exp(-logTemperature), other), 0);
  const section = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [-Math.LN2 * 3, Math.LN2 * 3];
  let [left, right] = [high - section * (high - low), low + section * (high - low)];
  let [costLeft, costRight] = [cost(left), cost(right)];
  for (let step = 0; step < 30; step++)
    if (costLeft <= costRight) {
      [high, right, costRight] = [right, left, costLeft];
      left = high - section * (high - low);
      costLeft = cost(left);
    } else {
      [low, left, costLeft] = [left, right, costRight];
      right = low + section * (high - low);
      costRight = cost(right);
    }
  return exp((low + high) / 2);
}

/** The mean of members' curves; where some ended early, of those that went on. */
export function meanCurve(curves: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, e) => {
    const there = curves.filter((curve) => e < curve.length);
    return there.reduce((sum, curve) => sum + curve[e]!, 0) / there.length;
  });
}

/** Whether the classes of a row exclude each other: class ids, an output for each. */
export function excludes({ outputs, columns, truth }: Watched): boolean {
  return columns > 1 && truth.length * columns === outputs.length;
}

/** Logits of probabilities: one for each output that is a yes or no of its own, else the logarithms of the softmax. */
function logitsOf(watched: Watched): Float64Array {
  const least = 1e-30;
  return excludes(watched)
    ? Float64Array.from(watched.outputs, (p) => log(Math.max(p, least)))
    : Float64Array.from(watched.outputs, (p) => log(Math.max(p, least)) - log(Math.max(1 - p, 2 ** -24)));
}

/** The weighted sum of -ln p of rows whose logits are multiplied by `sharpness`, a share of each row belonging to another class. */
function costOf(watched: Watched, logits: Float64Array, sharpness: number, other: number): number {
  const { truth, weights, columns } = watched;
  const exclusive = excludes(watched);
  let sum = 0;
  for (let i = 0; i < truth.length; i++) {
    const weight = weights?.[exclusive ? i : Math.floor(i / columns)] ?? 1;
    if (weight === 0) continue;
    if (!exclusive) {
      const z = (truth[i] === 1 ? 1 : -1) * sharpness * logits[i]!;
      sum += weight * (z > 0 ? log(1 + exp(-z)) + other * z : log(1 + exp(z)) - (1 - other) * z);
      continue;
    }
    const at = i * columns;
    let [most, all] = [-Infinity, 0];
    for (let j = 0; j < columns; j++) {
      const z = sharpness * logits[at + j]!;
      most = Math.max(most, z);
      all += z;
    }
    let total = 0;
    for (let j = 0; j < columns; j++) total += exp(sharpness * logits[at + j]! - most);
    const own = sharpness * logits[at + truth[i]!]!;
    sum += weight * (log(total) + most - (1 - other) * own - (other * (all - own)) / (columns - 1));
  }
  return sum;
}
