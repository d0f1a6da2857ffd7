// The layers of a network, from the options in a model file to the records the core reads: one row for each kind of layer. What only
// training reads is passed over by name; anything else that is not known here is refused, so that a file of a later version is never
// computed wrongly.

import { Activation, LayerField, LayerKind } from '../../assembly/abi.js';
import { SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { type ActivationName, activationIds, MOST_COEFFICIENTS } from '../plan/activations.js';
import type { LayerSpec } from '../plan/layers.js';

/** The record of a layer: a number for each LayerField. */
type LayerRecord = number[];

/** A tensor of the network, in the order of the core. */
export interface Tensor {
  /** What it is called in the file; '' for numbers that are made from the options. */
  readonly name: string;
  /** [inputs, outputs], or [columns]. */
  readonly shape: readonly number[];
  /** Whether there is an average of it where averages are kept. */
  readonly trained: boolean;
  /** Numbers that are not in the file: rows of `shape`. */
  readonly values: Float32Array | undefined;
}

/** A network as the core takes it. */
export interface Layers {
  readonly records: readonly LayerRecord[];
  readonly tensors: readonly Tensor[];
  readonly inputs: number;
  readonly outputs: number;
  /** What is subtracted from every row in float64 before it is rounded: a rescale layer that comes first. */
  readonly center: Float64Array | undefined;
}

interface Kind {
  /** Options that decide what it predicts. */
  readonly reads: string;
  /** Options that only training reads. */
  readonly ignores?: string;
  /** Adds its records and tensors; returns how many columns leave it. */
  lay(walk: Walk, saved: SavedState, inputs: number, path: string): number;
}

type ActivationRow = readonly [id: Activation, a?: string, b?: string];

/** How each kind of layer is laid. */
export const kinds: Readonly<Record<LayerSpec['type'], Kind>> = {
  dense: {
    reads: 'units activation bias',
    ignores:
      'weightInit biasInit l1 l2 biasL1 biasL2 maxNorm signs mask sparse dropConnect learningRateScale biasLearningRateScale parametrization trainable',
    lay(walk, saved, inputs, path) {
      const units = walk.width(saved.count('units'), path);
      const record = walk.layer(LayerKind.Dense, inputs, units);
      record[LayerField.Weight] = walk.tensor(`${path}.weight`, [inputs, units]);
      if (saved.boolean('bias')) record[LayerField.Bias] = walk.tensor(`${path}.bias`, [units]);
      walk.activation(record, saved, units, path);
      return units;
    },
  },
  activation: {
    reads: 'activation',
    lay(walk, saved, inputs, path) {
      walk.activation(walk.layer(LayerKind.Activation, inputs, inputs), saved, inputs, path);
      return inputs;
    },
  },
  batchNorm: {
    reads: 'epsilon',
    ignores: 'momentum learningRateScale trainable',
    lay(walk, saved, inputs, path) {
      const record = walk.norm(LayerKind.BatchNorm, saved, inputs, path);
      record[LayerField.RunningMean] = walk.tensor(`${path}.runningMean`, [inputs], false);
      record[LayerField.RunningVariance] = walk.tensor(`${path}.runningVariance`, [inputs], false);
      return inputs;
    },
  },
  layerNorm: {
    reads: 'epsilon',
    ignores: 'learningRateScale trainable',
    lay(walk, saved, inputs, path) {
      walk.norm(LayerKind.LayerNorm, saved, inputs, path);
      return inputs;
    },
  },
  rescale: {
    reads: 'center scale gain trainable',
    ignores: 'learningRateScale',
    lay(walk, saved, inputs, path) {
      const first = !walk.readsRaw && walk.records.every((before) => before[LayerField.Kind] === LayerKind.Noise);
      const trained = saved.raw('trainable') === true;
      const record = walk.layer(LayerKind.Rescale, inputs, inputs);
      record[LayerField.Gain] = walk.tensor(`${path}.gain`, [inputs], trained);
      const center = saved.numbers('center', inputs);
      const scale = saved.numbers('scale', inputs);
      if (scale.includes(0)) saved.refuse('scale', 'numbers other than 0', 0);
      // | center | what float32 loses of it | scale |, see assembly/layers/rescale.ts.
      const width = (inputs + 3) & ~3;
      const values = new Float32Array(3 * width).fill(1, 2 * width);
      if (first) walk.center = center;
      else
        center.forEach((c, j) => {
          values[j] = c;
          values[width + j] = c - values[j]!;
        });
      values.set(scale, 2 * width);
      record[LayerField.Constants] = walk.tensor('', [3, inputs], false, values);
      return inputs;
    },
  },
  embedding: {
    reads: 'categories size column',
    ignores: 'weightInit l1 l2 learningRateScale trainable',
    lay(walk, saved, inputs, path) {
      const size = walk.width(saved.count('size'), path);
      const categories = walk.width(saved.count('categories'), path);
      const column = saved.count('column');
      if (column >= inputs) saved.refuse('column', `one of ${inputs} columns`, column);
      const record = walk.layer(LayerKind.Embedding, inputs, inputs - 1 + size);
      record[LayerField.Column] = column;
      record[LayerField.Categories] = categories;
      record[LayerField.Weight] = walk.tensor(`${path}.weight`, [categories, size]);
      return inputs - 1 + size;
    },
  },
  dropout: { reads: '', ignores: 'rate', lay: (walk, _, inputs) => walk.passed(LayerKind.Dropout, inputs) },
  noise: { reads: '', ignores: 'deviation', lay: (walk, _, inputs) => walk.passed(LayerKind.Noise, inputs) },
  residual: {
    reads: 'layers projection',
    lay(walk, saved, inputs, path) {
      const begin = walk.records.length;
      const opening = walk.layer(LayerKind.ResidualBegin, inputs, inputs);
      const outputs = walk.sequence(saved.list('layers'), inputs, `${path}.layers`);
      const projects = saved.boolean('projection') || outputs !== inputs;
      opening[LayerField.Partner] = walk.records.length;
      const record = walk.layer(LayerKind.ResidualEnd, inputs, outputs);
      record[LayerField.Partner] = begin;
      record[LayerField.Projects] = Number(projects);
      if (projects) record[LayerField.Weight] = walk.tensor(`${path}.projection.weight`, [inputs, outputs]);
      return outputs;
    },
  },
};

/** Most columns of a layer, as models have it. */
const MOST_UNITS = 2 ** 24;

class Walk {
  readonly records: LayerRecord[] = [];
  readonly tensors: Tensor[] = [];
  center: Float64Array | undefined;

  /** Whether some layer reads the inputs, or noise, beside the one in hand: then rows are read as they are. */
  readsRaw = false;

  /** The layers of a model; returns how many columns leave the last. */
  model(specs: readonly unknown[], inputs: number): number {
    for (const spec of specs) if ((spec as { from?: unknown } | null)?.from !== undefined) return this.graph(specs, inputs);
    return this.sequence(specs, inputs, 'layers', 'name from');
  }

  /** Layers, each behind the edges that lead to it (src/plan/edges.ts). Sources are counted from the inputs on: that of layer i has number i + 1. */
  private graph(specs: readonly unknown[], inputs: number): number {
    const placed = specs.map((spec) => (spec ?? {}) as { name?: unknown; from?: unknown });
    const names = ['input', ...placed.map(({ name }) => name)];
    const edges = placed.map(({ from }, i) => {
      if (from === undefined) return [];
      const list = Array.isArray(from) ? from.map((name) => names.indexOf(name)) : [];
      if (list.length === 0 || list.some((source) => source < 0 || source > i))
        refuseUnknown(`layers.${i}.from is ${show(from)}`);
      return list.length === 1 && list[0] === i ? [] : list;
    });
    const first = Math.min(...edges.flat());
    const ends = [{ at: this.records.length - 1, width: inputs }];
    let width = inputs;
    edges.forEach((list, i) => {
      let column = 0;
      for (const source of list) column += ends[source]!.width;
      if (column > 0) width = this.width(column, `layers.${i}.from`);
      column = 0;
      for (const source of list) {
        const end = ends[source]!;
        const edge = this.layer(LayerKind.Edge, end.width, width);
        edge[LayerField.Partner] = end.at;
        edge[LayerField.Column] = column;
        column += end.width;
      }
      this.readsRaw = first <= i;
      width = this.one(specs[i], width, `layers.${i}`, 'name from');
      ends.push({ at: this.records.length - 1, width });
    });
    return width;
  }

  /** Layers end to end; returns how many columns leave the last. */
  sequence(specs: readonly unknown[], inputs: number, path: string, place = ''): number {
    let width = inputs;
    for (let i = 0; i < specs.length; i++) width = this.one(specs[i], width, `${path}.${i}`, place);
    return width;
  }

  private one(spec: unknown, inputs: number, path: string, place = ''): number {
    const saved = new SavedState(spec, path, true);
    const type = saved.string('type');
    if (!Object.hasOwn(kinds, type)) refuseUnknown(`${path} is a layer of type ${show(type)}`);
    const { reads, ignores = '', lay } = kinds[type as LayerSpec['type']];
    refuseOthers(spec as object, `type ${reads} ${ignores} ${place}`, path);
    return lay(this, saved, inputs, path);
  }

  layer(kind: LayerKind, inputs: number, outputs: number): LayerRecord {
    const record: LayerRecord = new Array(LayerField.Count).fill(0);
    record.fill(-1, LayerField.Weight, LayerField.Signs + 1); // where its tensors are: nowhere yet
    record[LayerField.Kind] = kind;
    record[LayerField.Inputs] = inputs;
    record[LayerField.Outputs] = outputs;
    this.records.push(record);
    return record;
  }

  /** A layer that does nothing at prediction. */
  passed(kind: LayerKind, inputs: number): number {
    this.layer(kind, inputs, inputs);
    return inputs;
  }

  tensor(name: string, shape: readonly number[], trained = true, values?: Float32Array): number {
    return this.tensors.push({ name, shape, trained, values }) - 1;
  }

  norm(kind: LayerKind, saved: SavedState, inputs: number, path: string): LayerRecord {
    const record = this.layer(kind, inputs, inputs);
    record[LayerField.Epsilon] = saved.number('epsilon');
    record[LayerField.Gamma] = this.tensor(`${path}.gamma`, [inputs]);
    record[LayerField.Beta] = this.tensor(`${path}.beta`, [inputs]);
    return record;
  }

  activation(record: LayerRecord, saved: SavedState, width: number, path: string): void {
    const spec = saved.raw('activation');
    const own = typeof spec === 'string' ? undefined : new SavedState(spec, `${path}.activation`, true);
    const name = own === undefined ? (spec as string) : own.string('name');
    if (!Object.hasOwn(activationIds, name)) refuseUnknown(`${path} has the activation ${show(name)}`);
    const row: ActivationRow = activationIds[name as ActivationName];
    record[LayerField.Activation] = row[0];
    if (own !== undefined || row[1] !== undefined)
      this.options(record, row, own ?? new SavedState({}, `${path}.activation`, true), width, path);
  }

  /** The options of an activation. */
  private options(record: LayerRecord, [id, a, b]: ActivationRow, own: SavedState, width: number, path: string): void {
    refuseOthers(own.fields, `name ${a ?? ''} ${b ?? ''} ${id === Activation.Prelu ? 'shared' : ''}`, `${path}.activation`);
    if (id === Activation.Polynomial) {
      const coefficients = own.numbers('coefficients');
      record[LayerField.ActivationA] = coefficients.length - 1;
      if (coefficients.length < 2 || coefficients.length > MOST_COEFFICIENTS)
        fail('ERR_FORMAT', `Model file: ${path} has ${coefficients.length} coefficients.`);
      for (const [k, c] of coefficients.entries()) record[LayerField.Coefficient0 + k] = c;
      return;
    }
    if (a !== undefined) record[LayerField.ActivationA] = own.number(a);
    if (b !== undefined) record[LayerField.ActivationB] = own.number(b);
    if (id !== Activation.Prelu) return;
    const shared = own.boolean('shared');
    record[LayerField.SharesSlope] = Number(shared);
    record[LayerField.Slope] = this.tensor(`${path}.slope`, [shared ? 1 : width]);
  }

  width(units: number, path: string): number {
    if (units < 1 || units > MOST_UNITS) fail('ERR_FORMAT', `Model file: ${path} has ${units} units.`);
    return units;
  }
}

/** @throws ERR_FORMAT for a member that is not named in `known`. */
export function refuseOthers(object: object, known: string, where: string): void {
  const names = known.split(' ');
  for (const key of Object.keys(object)) if (!names.includes(key)) refuseUnknown(`${where} has ${show(key)}`);
}

/** @throws ERR_UNSUPPORTED. */
export function refuseUnknown(what: string): never {
  return fail('ERR_UNSUPPORTED', `Model file: ${what}, which this version of feedforward does not know. Update it.`);
}

/** The layers of the options in a model file. @throws ERR_FORMAT, ERR_UNSUPPORTED. */
export function layersOf(model: SavedState): Layers {
  const walk = new Walk();
  const inputs = walk.width(model.count('inputs'), 'inputs');
  if (model.raw('inputNoise') !== undefined) walk.passed(LayerKind.Noise, inputs);
  const outputs = walk.model(model.list('layers'), inputs);
  const { records, tensors, center } = walk;
  if (records.length === 0) model.refuse('layers', 'at least one layer', []);
  return { records, tensors, inputs, outputs, center };
}
