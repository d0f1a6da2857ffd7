// What a diagnosis proposes, as plain data, and how it is applied: to the options of a model, and to rows.

import { doubles, floats, type Floats } from '../data/allocate.js';
import { activation, batchNorm, dense, residual, type LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';
import type { OptimizerName, OptimizerSpec } from '../plan/optimizers.js';
import type { Rows } from '../training/rows.js';

/** What to change, as plain data: each member is one change, and all that are there belong together. Empty: none was found. */
export interface Change {
  /** This learning rate, a constant one; with a name, that optimizer and its own defaults. */
  readonly optimizer?: {
    /** Another optimizer; left out, the one in use. */
    readonly name?: OptimizerName;
    /** Its learning rate, > 0. */
    readonly learningRate: number;
  };
  /** Where the weights of all dense layers start. 'default': by the rule of each activation, so leave weightInit out. */
  readonly weightInit?: 'default' | 'fanInUniform';
  /** Where their biases start. 'default': at 0, so leave biasInit out. */
  readonly biasInit?: 'default' | 'fanInUniform';
  /** The activation of all hidden layers. */
  readonly activation?: 'relu';
  /** In place of all layers before the last: this many dense layers of so many units with ReLU. */
  readonly hidden?: {
    /** How many layers. */
    readonly layers: number;
    /** Columns of each one's output. */
    readonly units: number;
  };
  /** The activation of the last layer. */
  readonly outputActivation?: 'identity';
  /** batchNorm() between each hidden layer's weights and its activation. */
  readonly batchNorm?: true;
  /** residual([…]) around each hidden layer that is as wide as what it is given. */
  readonly residual?: true;
  /** Without l1, l2, maxNorm, clip, weightDecay, dropout, dropConnect and noise. */
  readonly regularisation?: 'none';
  /** Each column of X to mean 0 and deviation 1 (StandardScaler), in place of a rescale layer in front. */
  readonly scaleInputs?: true;
  /** Each column of y to mean 0 and deviation 1 (StandardScaler), predictions back by inverseTransform. */
  readonly scaleTargets?: true;
  /** The options as they are, but weights that start anew. */
  readonly freshWeights?: true;
}

/**
 * The options of a model with a change applied, for a new model; what they say and the change does not, stays. `optimizer` is the one in
 * use, with all its numbers.
 */
export function applyChange(options: MLPOptions, change: Change, optimizer: OptimizerSpec): MLPOptions {
  const plain = change.regularisation === 'none';
  const { l1: _1, l2: _2, biasL1: _3, biasL2: _4, maxNorm: _5, clip: _6, inputNoise: _7, ...free } = options;
  const { hidden } = change;
  const given =
    hidden === undefined
      ? options.layers
      : [
          ...Array.from({ length: hidden.layers }, () => dense(hidden.units, { activation: 'relu' })),
          ...options.layers.slice(outputFrom(options.layers)).map(withoutBlocks),
        ];
  const layers = changeLayers(given, options.inputs, change, true);
  const decay = plain && 'weightDecay' in optimizer ? { weightDecay: 0 } : {};
  const { name, learningRate } = change.optimizer ?? {};
  const trained =
    name !== undefined && name !== optimizer.name
      ? { name, learningRate }
      : { ...optimizer, ...decay, ...(learningRate === undefined ? {} : { learningRate }) };
  return { ...(plain ? free : options), layers, optimizer: trained as OptimizerSpec };
}

/** Signs by blocks, masks and edges are of the layers they were made for. */
function withoutBlocks({ name: _1, from: _2, ...layer }: LayerSpec): LayerSpec {
  if (layer.type !== 'dense') return layer;
  const { signs, mask: _, ...rest } = layer;
  return typeof signs === 'object' && signs !== null ? rest : { ...rest, ...present({ signs }) };
}

/** Where the last dense layer stands; what follows it belongs to it. */
function outputFrom(layers: readonly LayerSpec[]): number {
  const at = layers.findLastIndex((layer) => layer.type === 'dense');
  return at < 0 ? 0 : at;
}

function changeLayers(layers: readonly LayerSpec[], inputs: number, change: Change, outermost: boolean): LayerSpec[] {
  const plain = change.regularisation === 'none';
  const firstWeights = layers.findIndex(({ type }) => type !== 'rescale' && type !== 'noise');
  let width = inputs;
  return layers.flatMap((layer, i): LayerSpec[] => {
    const last = outermost && i === layers.length - 1;
    const { name, from } = layer;
    const place = present({ name, from });
    const placed = name !== undefined || from !== undefined;
    // What others read by name stays, and does nothing.
    const none = placed ? [activation('identity', place)] : [];
    if (layer.type === 'dropout' || layer.type === 'noise') return plain ? none : [layer];
    if (layer.type === 'rescale') return change.scaleInputs && outermost && i < firstWeights ? none : [layer];
    if (layer.type === 'residual') return [{ ...layer, layers: changeLayers(layer.layers, width, change, false) }];
    const own = last ? change.outputActivation : change.activation;
    if (layer.type === 'activation') return [own === undefined ? layer : { ...layer, activation: own }];
    if (layer.type !== 'dense') return [layer];
    const given = width;
    width = layer.units;
    const { weightInit, biasInit, l1, l2, biasL1, biasL2, maxNorm, dropConnect, ...rest } = layer;
    const next = layers[i + 1]?.type;
    const bare =
      layer.activation === undefined &&
      (next === undefined || next === 'batchNorm' || next === 'layerNorm' || next === 'activation');
    const made = {
      ...rest,
      ...initOf('weightInit', weightInit, change.weightInit),
      ...initOf('biasInit', biasInit, change.biasInit),
      ...(plain ? {} : present({ l1, l2, biasL1, biasL2, maxNorm, dropConnect })),
      ...(own === undefined || (bare && !last) ? {} : { activation: own }),
    };
    if (last || bare) return [made];
    const { activation: f = 'identity', name: _, ...linear } = made;
    const inner: LayerSpec[] = change.batchNorm === true ? [linear, batchNorm(), activation(f, present({ name }))] : [made];
    return change.residual === true && outermost && !placed && given === layer.units ? [residual(inner)] : inner;
  });
}

function initOf(name: string, given: unknown, change: string | undefined): object {
  const value = change === undefined ? given : change === 'default' ? undefined : change;
  return value === undefined ? {} : { [name]: value };
}

function present(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The rows with the part of the change that is about data. */
export function changeRows(rows: Rows, inputs: number, targets: number, { scaleInputs, scaleTargets }: Change): Rows {
  return {
    ...rows,
    x: scaleInputs ? standardised(rows.x, rows.rows, inputs) : rows.x,
    y: scaleTargets ? standardised(rows.y, rows.rows, targets) : rows.y,
  };
}

function standardised(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = floats(values.length, 'Scaled rows');
  for (let j = 0; j < columns; j++) {
    const { mean, deviation } = columnFigures(values, rows, columns, j);
    const scale = deviation > 1e-12 * Math.abs(mean) ? deviation : 1;
    for (let i = 0; i < rows; i++) out[i * columns + j] = (values[i * columns + j]! - mean) / scale;
  }
  return out;
}

export interface ColumnFigures {
  readonly mean: number;
  readonly deviation: number;
  /** Largest magnitude. */
  readonly size: number;
}

export function columnFigures(values: Floats, rows: number, columns: number, j: number): ColumnFigures {
  const column = doubles(rows, 'A column');
  let sum = 0;
  let size = 0;
  for (let i = 0; i < rows; i++) {
    column[i] = values[i * columns + j]!;
    sum += column[i]!;
    size = Math.max(size, Math.abs(column[i]!));
  }
  const mean = sum / rows;
  const squares = column.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / rows), size };
}
