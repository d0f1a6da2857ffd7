// The nets of a preset: which rows each watches, what is kept of each, and how they become one network. Nets of one shape stand side by
// side in a network k times as wide, whose matrices are zero between them; its output is the mean of theirs (of classes: of their logits).

import { Random } from '../data/random.js';
import { rowsByClass, type Fold } from '../data/holdOut.js';
import { exp } from '../data/elementary.js';
import { fail } from '../errors.js';
import type { Model } from '../model/model.js';
import { dense, embedding, rescale, type DenseSpec, type LayerSpec } from '../plan/layers.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';
import { LayerKind } from '../../assembly/abi.js';
import { activationSpec } from '../plan/activations.js';
import { columnsBack, fixedLayer, isFixed, passing } from './bins.js';

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
  /** What linear models that learnt from its rows answer to those: one of each kind that was tried beside it. */
  readonly rivals: readonly (Float32Array | undefined)[] | undefined;
}

/** A net's answers to the rows it watched. */
export interface Watched {
  /** Outputs [rows][columns], after the last activation. */
  readonly outputs: Float32Array;
  readonly columns: number;
  /** Class ids; 0 and 1 for each output; or numbers as the net learns them, for each output. */
  readonly truth: ArrayLike<number>;
  readonly weights: ArrayLike<number> | undefined;
  /** Whether the outputs are numbers, not probabilities. */
  readonly numbers: boolean;
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

/** A linear model with a share in a network of nets. */
export interface Straight {
  readonly plan: NetworkPlan;
  readonly tensors: readonly Float32Array[];
  readonly share: number;
}

/** Activations that are a line from some number on, with its slope: what a sum passes unchanged. To float32, mish(24) = 24. */
const lines: Readonly<Record<string, { readonly from: number; readonly slope: number }>> = {
  selu: { from: 0, slope: 1.0507009873554805 },
  mish: { from: 24, slope: 1 },
  relu: { from: 0, slope: 1 },
};

/** Whether a network of such nets can hold a share of a linear model: the columns are bounded, and every hidden layer passes sums unchanged. */
export function holdsLinear(plan: NetworkPlan): boolean {
  const denses = trainedDenses(plan);
  return (
    plan.layers.some(({ kind, activation }) => kind === LayerKind.Activation && activation.name === 'tanh') &&
    denses.slice(0, -1).every(({ activation }) => activation.name in lines)
  );
}

/** The dense layers, but for that of bins. */
function trainedDenses(plan: NetworkPlan): readonly LayerPlan[] {
  return plan.layers.filter((layer) => layer.kind === LayerKind.Dense && !isFixed(plan, layer));
}

/** Weights [of, units] and biases of a dense layer's part. */
interface Sums {
  readonly w: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly of: number;
}

/**
 * What carries the outputs of a linear model through the dense layers of nets: the first adds to each more than its weights and bias can come to,
 * since the columns lie in [-1, 1], so that the activations pass it as a line does; the last takes that away again.
 */
function carrier({ plan, tensors }: Straight, at: number, denses: readonly LayerPlan[]): Sums {
  const own = plan.layers.at(-1)!;
  const [w, b] = [tensors[own.tensors.weight!]!, tensors[own.tensors.bias!]!];
  const units = b.length;
  const passed = denses.slice(0, -1).map(({ activation }) => lines[activation.name]!);
  const lift = Float64Array.from(b, (bias, j) => {
    let most = passed.reduce((highest, { from }) => Math.max(highest, from), 0) + Math.abs(bias);
    for (let k = j; k < w.length; k += units) most += Math.abs(w[k]!);
    return most;
  });
  if (at === 0) return { w, b: lift.map((value, j) => value + b[j]!), of: own.inputs };
  const isLast = at === denses.length - 1;
  const factor = isLast ? passed.reduce((share, { slope }) => share / slope, 1) : 1;
  return {
    w: Float64Array.from({ length: units * units }, (_, k) => (k % (units + 1) === 0 ? factor : 0)),
    b: isLast ? lift.map((value) => -value) : new Float64Array(units),
    of: units,
  };
}

/** What stands side by side. */
interface Part {
  /** Tensors, in the order of its own plan's layers. */
  readonly tensors: readonly Float32Array[];
  /** Its embeddings, in the order of the nets'. */
  readonly embeddings: readonly LayerPlan[];
}

/**
 * Layers of one network that is the mean of `members` nets of this plan, divided by a temperature, its tensors by name, and how many columns it
 * reads: in the place of a column of at most `oneHot` embedded categories an indicator of each. With `straight` a share of it is a linear
 * model of the columns as the nets read them: a unit for each output in every hidden layer carries it, lifted to where the activation is a line.
 */
export function merge(
  plan: NetworkPlan,
  members: readonly Pick<Member, 'tensors'>[],
  temperature = 1,
  oneHot = 0,
  straight?: Straight,
): { layers: LayerSpec[]; tensors: Map<string, Float32Array>; inputs: number } {
  const layers: LayerSpec[] = [];
  const tensors = new Map<string, Float32Array>();
  const count = members.length;
  const denses = trainedDenses(plan);
  const last = denses.at(-1);
  const embedded = (of: NetworkPlan) => of.layers.filter(({ kind }) => kind === LayerKind.Embedding);
  const nets = members.map((own): Part => ({ tensors: own.tensors, embeddings: embedded(plan) }));
  const parts = straight === undefined ? nets : [...nets, { tensors: straight.tensors, embeddings: embedded(straight.plan) }];
  const carried = straight === undefined ? 0 : plan.layers.at(-1)!.outputs;
  let gain: number | undefined;
  const spread = (layer: LayerPlan) => layer.kind === LayerKind.Embedding && layer.categories <= oneHot;
  // Embeddings go from the last column to the first, so that each counts columns as X does.
  const spans = Array.from(
    { length: plan.inputs },
    (_, j) => plan.layers.find((of) => spread(of) && of.column === j)?.categories ?? 1,
  );
  const columns = spans.reduce((sum, span) => sum + span, 0);
  let width = columns;
  let places = parts.map(() => spans.map((_, j): Place => ({ at: spans.slice(0, j).reduce((sum, span) => sum + span, 0) })));
  let bend = (value: number) => value;
  let passed = 0;
  for (const layer of plan.layers) {
    if (layer.kind === LayerKind.Embedding) {
      const { column, categories } = layer;
      const { at } = places[0]![column]!;
      const tables = parts.map(({ tensors: own, embeddings }) => {
        const of = embeddings[passed]!;
        return { size: of.outputs - of.inputs + 1, weight: own[of.tensors.weight!]! };
      });
      passed++;
      if (spread(layer)) {
        tables.forEach(({ size, weight }, m) => {
          const numbers = Array.from({ length: size }, (_, j) => weight.filter((_, k) => k % size === j));
          places[m]!.splice(column, 1, ...numbers.map((values) => ({ at, values })));
        });
        continue;
      }
      const all = tables.reduce((sum, { size }) => sum + size, 0);
      const weight = new Float32Array(categories * all);
      let beside = 0;
      places = tables.map(({ size, weight: own }, m) => {
        for (let c = 0; c < categories; c++) weight.set(own.subarray(c * size, (c + 1) * size), c * all + beside);
        const moved = places[m]!.map((place) => (place.at > at ? { ...place, at: place.at + all - 1 } : place));
        const first = at + beside;
        moved.splice(column, 1, ...Array.from({ length: size }, (_, j) => ({ at: first + j })));
        beside += size;
        return moved;
      });
      tensors.set(`layers.${layers.length}.weight`, weight);
      layers.push(embedding({ column: at, categories, size: all }));
      width += all - 1;
      continue;
    }
    if (layer.kind === LayerKind.Rescale) gain = layer.tensors.gain!;
    else if (layer.kind === LayerKind.Activation) {
      layers.push({ type: 'activation', activation: activationSpec(layer.activation) });
      if (layer.activation.name === 'tanh') bend = (value) => 1 - 2 / (exp(2 * value) + 1);
      else if (oneHot > 0) fail('ERR_UNSUPPORTED', `${layer.path}: indicators cannot take the place of what it bends.`);
    } else if (isFixed(plan, layer)) {
      // Nets have the same bins, which read columns of their own: one for all of them, and columns pass as they are.
      const { inputs, outputs } = layer;
      const bins = outputs - inputs;
      const units = width + bins;
      const weight = passing(width, units);
      const bias = new Float32Array(units);
      const [own, ownBias] = [members[0]!.tensors[layer.tensors.weight!]!, members[0]!.tensors[layer.tensors.bias!]!];
      for (let i = 0; i < inputs; i++)
        for (let b = 0; b < bins; b++) {
          const slope = own[i * outputs + inputs + b]!;
          if (slope !== 0) weight[places[0]![i]!.at * units + width + b] = slope;
        }
      bias.set(ownBias.subarray(inputs), width);
      const path = `layers.${layers.length}`;
      tensors.set(`${path}.weight`, weight);
      tensors.set(`${path}.bias`, bias);
      tensors.set(`layers.${layers.length + 1}.gain`, new Float32Array(units).fill(1));
      layers.push(fixedLayer(units), rescale(columnsBack(width, bins)));
      const beside = Array.from({ length: bins }, (_, b): Place => ({ at: width + b }));
      places = places.map((own, m) => (m < count ? [...own, ...beside] : own));
      width = units;
    } else if (layer.kind === LayerKind.Dense) {
      const first = layer === denses[0];
      const { inputs, outputs } = layer;
      const units = layer === last ? outputs : count * outputs + carried;
      const rows = first ? width : count * inputs + carried;
      const weight = new Float32Array(rows * units);
      const bias = new Float64Array(units);
      const add = (part: number, [from, to]: readonly [number, number], { w, b, of }: Sums, factors: (i: number) => number) => {
        const each = b.length;
        for (let i = 0; i < of; i++) {
          const { at: start, values } = first ? places[part]![i]! : ({ at: from + i } as Place);
          for (let c = 0; c < (values?.length ?? 1); c++) {
            const factor = values === undefined ? factors(i) : (factors(i) * bend(values[c]!)) / bend(1);
            for (let j = 0; j < each; j++) {
              const at = (start + c) * units + to + j;
              // A network of one dense layer has it first and last: there the nets' weights add up, as do those of one category's numbers.
              weight[at] = weight[at]! + factor * w[i * each + j]!;
            }
          }
        }
        for (let j = 0; j < each; j++) bias[to + j] = bias[to + j]! + factors(-1) * b[j]!;
      };
      members.forEach(({ tensors: own }, m) => {
        const share = layer === last ? (1 - (straight?.share ?? 0)) / (count * temperature) : 1;
        const gains = first && gain !== undefined ? own[gain]! : undefined;
        const sums = { w: own[layer.tensors.weight!]!, b: own[layer.tensors.bias!]!, of: inputs };
        add(m, [m * inputs, layer === last ? 0 : m * outputs], sums, (i) => share * (gains?.[i] ?? 1));
      });
      if (straight !== undefined) {
        const share = layer === last ? straight.share / temperature : 1;
        const sums = carrier(straight, denses.indexOf(layer), denses);
        add(count, [count * inputs, layer === last ? 0 : count * outputs], sums, () => share);
      }
      const path = `layers.${layers.length}`;
      layers.push(dense(units, { activation: activationSpec(layer.activation) } as Partial<DenseSpec>));
      tensors.set(`${path}.weight`, weight);
      tensors.set(`${path}.bias`, Float32Array.from(bias));
    } else if (layer.kind !== LayerKind.Dropout)
      fail('ERR_UNSUPPORTED', `${layer.path}: nets with such a layer cannot stand side by side.`);
  }
  return { layers, tensors, inputs: columns };
}

/** The mean of members' curves; where some ended early, of those that went on. */
export function meanCurve(curves: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, e) => {
    const there = curves.filter((curve) => e < curve.length);
    return there.reduce((sum, curve) => sum + curve[e]!, 0) / there.length;
  });
}

/** Answers to several parts as one. */
export function together(parts: readonly Watched[]): Watched {
  const flat = (lists: readonly ArrayLike<number>[]) => lists.flatMap((list) => Array.from(list));
  const weights = parts.flatMap((part) => (part.weights === undefined ? [] : [part.weights]));
  return {
    ...{ columns: parts[0]!.columns, numbers: parts[0]!.numbers },
    outputs: Float32Array.from(flat(parts.map(({ outputs }) => outputs))),
    truth: flat(parts.map(({ truth }) => truth)),
    weights: weights.length === 0 ? undefined : flat(weights),
  };
}
