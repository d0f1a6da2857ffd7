// Piecewise-linear encodings of numbers: beside each column of numbers one for each of its bins, 0 below the bin, 1 above it and rising
// straight within. The bins lie between quantiles of the rows, so that a net can bend wherever rows are. As layers they are a dense
// one of hardSigmoid that never trains, which every backend, file and exporter knows, and a rescale: columns themselves pass it where it is straight.
// See: Gorishniy, Rubachev & Babenko 2022, https://arxiv.org/abs/2203.05556

import { LayerKind } from '../../assembly/abi.js';
import { exp } from '../data/elementary.js';
import type { Matrix } from '../data/matrix.js';
import { quantile, sortedColumns } from '../data/quantiles.js';
import type { Model } from '../model/model.js';
import { dense, rescale, type LayerSpec } from '../plan/layers.js';
import type { LayerPlan, NetworkPlan } from '../plan/networkPlan.js';
import type { InputColumns } from './inputs.js';

/** The bins of the columns of X, after the tanh that draws them in. */
export interface Bins {
  /** In the order of the columns, bins of one column from low to high; none of categories, indicators and columns of one value. */
  readonly all: readonly { readonly column: number; readonly from: number; readonly to: number }[];
}

/** Narrower bins would be made of rounding errors: a float32 in (-1, 1) has an error of up to 3e-8. */
const narrowest = 1e-4;
/** What hardSigmoid, z / 6 + 1/2 held to [0, 1], takes a bin by: -3 at its lower end, 3 at its upper. */
const half = 3;

/** The hyperbolic tangent, to the same bits on every engine. */
const drawnIn = (value: number) => 1 - 2 / (exp(2 * value) + 1);

/** At most `most` bins for each column of X [rows][columns], as the nets take it, between quantiles of the rows; undefined where no column has any. `numbered`: columns of categories. */
export function binsOf(X: Matrix, most: number, numbered: InputColumns['numbered']): Bins | undefined {
  const categories = new Set(numbered.map(({ column }) => column));
  const all = sortedColumns(X).flatMap((sorted, column) => {
    if (categories.has(column)) return [];
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    // Between two values every function is a straight line.
    if (!sorted.some((value) => value > low && value < high)) return [];
    const edges: number[] = [];
    for (let k = 0; k <= most; k++) {
      const edge = drawnIn(quantile(sorted, k / most));
      if (edges.length === 0 || edge - edges.at(-1)! >= narrowest) edges.push(edge);
    }
    // One bin from end to end says what the column says.
    if (edges.length < 3) return [];
    return edges.slice(1).map((to, k) => ({ column, from: edges[k]!, to }));
  });
  return all.length === 0 ? undefined : { all };
}

/** The layers that encode columns of (-1, 1), `width` of them, and the gain that nets begin with, which trains. */
export function binLayers({ all }: Bins, width: number, gain: { readonly learningRateScale: number }): LayerSpec[] {
  return [fixedLayer(width + all.length), rescale(columnsBack(width, all.length), { trainable: true, ...gain })];
}

/** The dense layer of bins: its weights are set, and stay. */
export function fixedLayer(units: number): LayerSpec {
  return dense(units, {
    activation: 'hardSigmoid',
    trainable: false,
    ...{ weightInit: 'zeros', biasInit: 'zeros', l1: 0, l2: 0, biasL1: 0, biasL2: 0 },
  });
}

/** What makes columns of what became of them, x / 2 + 1/2, and leaves bins alone. */
export function columnsBack(width: number, bins: number): { center: number[]; scale: number[] } {
  const values = Array.from({ length: width + bins }, (_, j) => (j < width ? 0.5 : 1));
  return { center: values.map((value, j) => (j < width ? value : 0)), scale: values };
}

/** Sets the weights of the layer of bins in a net. `places`: where the columns of X are in what that layer reads. */
export function setBins(model: Model, { all }: Bins, places: (column: number) => number): Model {
  const layer = model.plan.layers.find((of) => isFixed(model.plan, of))!;
  const { inputs, outputs } = layer;
  const [weight, bias] = [layer.tensors.weight!, layer.tensors.bias!].map((t) => model.parameters()[t]!);
  const w = passing(inputs, outputs);
  const b = new Float32Array(outputs);
  all.forEach(({ column, from, to }, k) => {
    const slope = (2 * half) / (to - from);
    w[places(column) * outputs + inputs + k] = slope;
    b[inputs + k] = -half - slope * from;
  });
  weight!.set(w);
  bias!.set(b);
  return model;
}

/** Weights [inputs][outputs] that pass columns of [-1, 1] through the straight part of hardSigmoid, and no bins yet. */
export function passing(inputs: number, outputs: number): Float32Array {
  const w = new Float32Array(inputs * outputs);
  for (let j = 0; j < inputs; j++) w[j * outputs + j] = half;
  return w;
}

/** Whether a layer of a preset's net is that of the bins. */
export function isFixed({ tensors }: NetworkPlan, { kind, tensors: own }: LayerPlan): boolean {
  return kind === LayerKind.Dense && tensors[own.weight!]!.frozen;
}

/** Where a column of X is after layers that put `size` numbers in the place of each numbered column. */
export function placeAfter(numbered: InputColumns['numbered'], size: number): (column: number) => number {
  return (column) => column + (size - 1) * numbered.filter((of) => of.column < column).length;
}
