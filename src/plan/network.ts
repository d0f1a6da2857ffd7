// From what the user wrote to what a backend runs: every option checked, every default filled in, residual blocks laid
// end to end. A plan is plain data; both backends (the WebAssembly core and the plain-JS baseline) are built from it.

import { isFloat64 } from '../brands.js';
import { sizeOf } from '../data/allocate.js';
import { LayerKind } from '../../assembly/abi.js';
import { keyOf, type Key } from '../data/random.js';
import { fail, show } from '../errors.js';
import {
  activationRow,
  activationSpec,
  resolveActivation,
  type ActivationLike,
  type ActivationName,
  type ResolvedActivation,
} from './activations.js';
import { compatDefaults, type CompatDefaults } from './compat.js';
import { resolveInitializer, type InitializerLike, type ResolvedInitializer } from './initializers.js';
import type { DenseSpec, LayerSpec, ResidualSpec } from './layers.js';
import { resolveLoss, targetColumns, type ResolvedLoss } from './losses.js';
import type { MetricName } from './metrics.js';
import { orderedFor } from './ordered.js';
import { layerRows, maxUnits, modelRows, refuseMisplaced, type MLPOptions } from './modelOptions.js';
import { fitsNtk, optimizerNames, optimizerRow, resolveOptimizer, type ResolvedOptimizer } from './resolveOptimizer.js';
import { resolveConnections, type Connections } from './connections.js';
import { INPUT, refusePlaced, resolveEdges } from './edges.js';
import { resolveRescale, type RescalePlan } from './rescale.js';
import { readOptions, unknownName, type Read } from '../options.js';

export type { MLPOptions } from './modelOptions.js';

export type TensorRole = 'weight' | 'bias' | 'slope' | 'gamma' | 'beta' | 'gain' | 'runningMean' | 'runningVariance';

/** One named tensor of a layer. */
export interface TensorPlan {
  /** 'layers.0.weight', 'layers.2.projection.weight', … */
  readonly name: string;
  readonly role: TensorRole;
  /** [inputs, outputs] or [outputs]. */
  readonly shape: readonly number[];
  /** false for running statistics and fixed gains: read and set like parameters, but no optimizer touches them. */
  readonly trainable: boolean;
  /** The layer that owns it (index into plan.layers). */
  readonly layer: number;
  readonly init: ResolvedInitializer;
  readonly fanIn: number;
  readonly fanOut: number;
  /** How many of the numbers there are, in (0, 1], where a mask or sparse leaves some out: starting weights go by it. */
  readonly density: number;
  readonly l1: number;
  readonly l2: number;
  /** L2 that is divided by the rows of the step: scikit-learn's alpha, in compat 'sklearn'. */
  readonly l2PerRow: number;
  readonly maxNorm: number;
  readonly learningRateScale: number;
  readonly frozen: boolean;
  /** A number for each weight: 1 it stays >= 0, -1 <= 0, 0 either, 2 it stays 0. Undefined where all are 0. */
  readonly signs: Int8Array | undefined;
}

/**
 * One step of the walk: residual blocks are a ResidualBegin and a ResidualEnd with the block's layers between; a layer that reads others than the one
 * before it has as many Edges in front of it.
 */
export interface LayerPlan {
  readonly kind: LayerKind;
  /** 'layers.0', 'layers.2.layers.1', … */
  readonly path: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Dense and Activation; identity elsewhere. */
  readonly activation: ResolvedActivation;
  readonly bias: boolean;
  /** Dropout: share of the elements set to 0 in training; dense: share of the weights (dropConnect); 0 elsewhere. */
  readonly dropRate: number;
  /** Noise: standard deviation of what is added in training; 0 elsewhere. */
  readonly deviation: number;
  /** BatchNorm: how far running statistics move towards a batch's; 0 elsewhere. */
  readonly momentum: number;
  readonly epsilon: number;
  /** BatchNorm: the running variance divides by the rows of the batch, not by rows - 1. */
  readonly biasedVariance: boolean;
  /** ResidualBegin and ResidualEnd: index of the other. Edge: of the layer it comes from, -1 for the model's inputs. */
  readonly partner: number;
  /** ResidualEnd: x goes through a learned matrix. */
  readonly projection: boolean;
  /** Rescale: its fixed numbers. */
  readonly rescale: RescalePlan | undefined;
  /** Edge: where its columns begin. Embedding: of x, the column with categories, and how many there are. 0 elsewhere. */
  readonly column: number;
  readonly categories: number;
  /** Indices into plan.tensors, by role. */
  readonly tensors: Partial<Record<TensorRole, number>>;
}

export interface NetworkPlan {
  readonly inputs: number;
  readonly outputs: number;
  /**
   * What is subtracted from each column of X, in float64, as rows are read: the center of a rescale layer that comes first,
   * or after noise alone. Undefined where there is none, or it is 0 throughout.
   */
  readonly inputCenter: Float64Array | undefined;
  readonly layers: readonly LayerPlan[];
  readonly tensors: readonly TensorPlan[];
  readonly loss: ResolvedLoss;
  readonly targetColumns: number;
  readonly optimizer: ResolvedOptimizer;
  readonly metrics: readonly MetricName[];
  readonly seed: number;
  readonly key: Key;
  readonly deterministic: boolean;
  readonly clip: { readonly value: number; readonly norm: number; readonly globalNorm: number };
  /** 0: no averaging. */
  readonly averagingDecay: number;
  /** Whether early steps keep less of the average. */
  readonly averagingWarmsUp: boolean;
  /** Why no derivative gets through the network, if none does (sign or step inside). */
  readonly untrainable: string | undefined;
  /** Statistics over the batch: a batch of one row cannot be trained on. */
  readonly usesBatchStatistics: boolean;
  /** Trainable numbers. */
  readonly parameterCount: number;
  readonly defaults: CompatDefaults;
  /** The options as given, for saving and cloning. */
  readonly options: MLPOptions;
}

const maxLayers = 10_000;
/** What a WebAssembly memory may hold, less a little for the model's own structures. */
const maxBytes = 2 ** 32 - 2 ** 20;

/** Checks everything and fills in every default. @throws ERR_OPTION, ERR_SHAPE, ERR_MEMORY. */
export function resolveNetwork(options: MLPOptions): NetworkPlan {
  if (options === undefined) fail('ERR_OPTION', 'new MLP(options): expected { inputs, layers, … }, got undefined.');
  refuseMisplaced(options);
  const read = readOptions(modelRows, options, 'MLP');
  const { inputs, metrics, deterministic, weightAveraging, inputNoise, compat = 'feedforward' } = read;
  if (!Array.isArray(options.layers)) fail('ERR_OPTION', `layers: expected an array of layers, got ${show(options.layers)}.`);
  if (options.layers.length === 0) fail('ERR_OPTION', 'layers: expected at least one layer, for instance [dense(1)].');
  const defaults = compatDefaults[compat];
  const specs = orderedFor(options.loss, options.layers);
  const key = keyOf(options.seed ?? 0);
  const builder = new Builder(read, defaults, `layers.${specs.length - 1}`, key);
  if (inputNoise !== undefined) builder.push('inputNoise', LayerKind.Noise, inputs, inputs, { deviation: inputNoise });
  const outputs = builder.graph(specs, inputs);
  const { layers, tensors } = builder;

  const bytes = 4 * tensors.reduce((sum, t) => sum + sizeOf(t.shape), 0);
  if (bytes > maxBytes)
    fail('ERR_MEMORY', `layers: the network's weights need ${bytes} bytes, and WebAssembly memory ends at 4 GiB.`, { bytes });
  const parameterCount = tensors.reduce((sum, t) => sum + (t.trainable ? sizeOf(t.shape) : 0), 0);
  const optimizer = resolveOptimizer(options.optimizer ?? 'adam', defaults.name);
  if (builder.ntk !== undefined && !fitsNtk(optimizer)) {
    const fitting = optimizerNames.filter((name) => optimizerRow(name).fitsNtk).join(', ');
    fail(
      'ERR_OPTION',
      `${builder.ntk}.parametrization: 'ntk' goes with ${fitting} (adamw and lion alone with weightDecay), got "${optimizer.name}".`,
    );
  }
  const loss = resolveLoss(options.loss ?? 'meanSquaredError', outputActivation(layers), outputs, defaults.lossScale);
  if (loss.each > 1 && metrics.length > 0)
    fail(
      'ERR_OPTION',
      `metrics: with the loss "${loss.name}" outputs are no guesses of the targets, one for each. Leave metrics out.`,
    );
  return {
    inputs,
    outputs,
    inputCenter: inputCenterOf(layers),
    layers,
    tensors,
    loss,
    targetColumns: targetColumns(loss, outputs),
    optimizer,
    metrics,
    seed: options.seed ?? 0,
    key,
    deterministic,
    clip: read.clip,
    averagingDecay: weightAveraging?.decay ?? 0,
    averagingWarmsUp: weightAveraging?.warmUp ?? false,
    untrainable: builder.untrainable,
    usesBatchStatistics: layers.some((l) => l.kind === LayerKind.BatchNorm),
    parameterCount,
    defaults,
    options: { ...options, layers: [...specs] },
  };
}

/** The activation whose output the loss sees: that of the last dense or activation layer, identity after anything else. */
function outputActivation(layers: readonly LayerPlan[]): ResolvedActivation {
  return layers[layers.length - 1]!.activation;
}

function inputCenterOf(layers: readonly LayerPlan[]): Float64Array | undefined {
  const center = layers.find((layer) => layer.rescale?.centered)?.rescale?.center;
  return center?.some((c) => c !== 0) ? center : undefined;
}

/** What a layer may say about its tensors. */
type TensorOptions = Pick<
  DenseSpec,
  'weightInit' | 'l1' | 'l2' | 'biasL1' | 'biasL2' | 'maxNorm' | 'learningRateScale' | 'trainable'
> & {
  readonly connections?: Connections;
};

interface LayerExtras {
  activation?: ResolvedActivation;
  bias?: boolean;
  dropRate?: number;
  deviation?: number;
  momentum?: number;
  epsilon?: number;
  partner?: number;
  projection?: boolean;
  rescale?: RescalePlan;
  column?: number;
  categories?: number;
}

class Builder {
  readonly layers: LayerPlan[] = [];
  readonly tensors: TensorPlan[] = [];
  untrainable: string | undefined;
  /** Where a layer in the NTK parametrisation is. */
  ntk: string | undefined;
  private readonly identity = resolveActivation('identity', 'activation');
  /** Of the last dense or activation layer so far. */
  private hidden: ActivationName = 'identity';
  /** Whether some layer reads the inputs, or noise, beside the one in hand. */
  private readsRaw = false;

  constructor(
    private readonly model: Pick<Read<typeof modelRows>, 'l1' | 'l2' | 'biasL1' | 'biasL2' | 'maxNorm'>,
    private readonly defaults: CompatDefaults,
    /** Of the output layer. */
    private readonly last: string,
    private readonly key: Key,
  ) {}

  push(path: string, kind: LayerKind, inputs: number, outputs: number, extras: LayerExtras = {}): LayerPlan {
    const layer: LayerPlan = {
      kind,
      path,
      inputs,
      outputs,
      activation: extras.activation ?? this.identity,
      bias: extras.bias ?? false,
      dropRate: extras.dropRate ?? 0,
      deviation: extras.deviation ?? 0,
      momentum: extras.momentum ?? 0,
      epsilon: extras.epsilon ?? 0,
      biasedVariance: kind === LayerKind.BatchNorm && this.defaults.batchNorm.biasedVariance,
      partner: extras.partner ?? -1,
      projection: extras.projection ?? false,
      rescale: extras.rescale,
      column: extras.column ?? 0,
      categories: extras.categories ?? 0,
      tensors: {},
    };
    this.layers.push(layer);
    if (this.layers.length > maxLayers) fail('ERR_OPTION', `${path}: the network has more than ${maxLayers} layers.`);
    return layer;
  }

  /** Lays the layers of a model, each behind the edges that lead to it; returns the width of the last. */
  graph(specs: readonly LayerSpec[], inputs: number): number {
    const edges = resolveEdges(specs);
    const start = this.layers.length - 1; // what a source of -1 is: the inputs, behind their noise
    const ends: { at: number; width: number }[] = [];
    let width = inputs;
    for (const [i, spec] of specs.entries()) {
      const path = `layers.${i}`;
      const sources = edges[i]?.map((source) => (source === INPUT ? { at: start, width: inputs } : ends[source]!));
      if (sources !== undefined) {
        width = sources.reduce((sum, source) => sum + source.width, 0);
        if (width > maxUnits) fail('ERR_SHAPE', `layers[${i}].from: ${width} columns side by side are more than ${maxUnits}.`);
        let column = 0;
        for (const source of sources) {
          this.push(`${path}.from`, LayerKind.Edge, source.width, width, { partner: source.at, column });
          column += source.width;
        }
      }
      // Rows are read with the center subtracted only where nobody else reads them, or noise before it.
      this.readsRaw = edges.some((list) => list?.some((source) => source < i) ?? false);
      width = this.layer(spec, width, path, `layers[${i}]`, 0);
      ends.push({ at: this.layers.length - 1, width });
    }
    return width;
  }

  /** Lays layers end to end; returns the width of the last. */
  sequence(specs: readonly LayerSpec[], inputs: number, path: string, depth: number): number {
    if (depth > 64) fail('ERR_OPTION', `${path}: residual blocks are nested more than 64 deep.`);
    let width = inputs;
    for (let i = 0; i < specs.length; i++) width = this.layer(specs[i]!, width, `${path}.${i}`, `${path}[${i}]`, depth);
    return width;
  }

  private layer(spec: LayerSpec, inputs: number, path: string, where: string, depth: number): number {
    if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
      fail('ERR_OPTION', `${where}: expected a layer such as dense(16), got ${show(spec)}.`);
    if (depth > 0) refusePlaced(spec, where);
    switch (spec.type) {
      case 'dense': {
        const { units, bias, biasLearningRateScale, parametrization, mask, sparse, signs, dropConnect, ...options } = readOptions(
          layerRows.dense,
          spec,
          where,
          `${where}.`,
        );
        const ntk = parametrization === 'ntk';
        this.ntk ??= ntk ? where : undefined;
        const activation = resolveActivation(spec.activation ?? 'identity', `${where}.activation`, this.defaults.activation);
        this.checkTrainable(activation, where);
        const layer = this.push(path, LayerKind.Dense, inputs, units, { activation, bias, dropRate: dropConnect });
        const connections = resolveConnections(spec, inputs, units, where, this.key, path);
        this.dense(
          layer,
          `${path}.weight`,
          {
            ...options,
            connections,
            weightInit: spec.weightInit ?? (ntk ? 'lecunNormal' : undefined),
            learningRateScale: options.learningRateScale / (ntk ? Math.sqrt(inputs) : 1),
          },
          where,
          activation,
        );
        if (bias)
          this.tensor(
            layer,
            'bias',
            `${path}.bias`,
            [units],
            spec.biasInit ?? this.defaults.biasInit(activation.name, this.hiddenBefore(path)),
            where,
            { ...options, learningRateScale: options.learningRateScale * biasLearningRateScale },
            { fanIn: inputs * connections.density, fanOut: units * connections.density },
          );
        this.slope(layer, activation, options, where);
        this.hidden = activation.name;
        return units;
      }
      case 'activation': {
        readOptions(layerRows.activation, spec, where);
        const activation = resolveActivation(spec.activation, `${where}.activation`, this.defaults.activation);
        this.checkTrainable(activation, where);
        const layer = this.push(path, LayerKind.Activation, inputs, inputs, { activation });
        this.slope(layer, activation, {}, where);
        this.hidden = activation.name;
        return inputs;
      }
      case 'batchNorm':
      case 'layerNorm': {
        const batch = spec.type === 'batchNorm';
        const preset = batch ? this.defaults.batchNorm : this.defaults.layerNorm;
        const options = readOptions(layerRows[spec.type], spec, where, `${where}.`);
        const { epsilon = preset.epsilon } = options;
        const momentum = batch ? ((options as { momentum?: number }).momentum ?? this.defaults.batchNorm.momentum) : 0;
        const layer = this.push(path, batch ? LayerKind.BatchNorm : LayerKind.LayerNorm, inputs, inputs, { momentum, epsilon });
        this.tensor(layer, 'gamma', `${path}.gamma`, [inputs], 'ones', where, options);
        this.tensor(layer, 'beta', `${path}.beta`, [inputs], 'zeros', where, options);
        if (batch) {
          this.tensor(layer, 'runningMean', `${path}.runningMean`, [inputs], 'zeros', where, options);
          this.tensor(layer, 'runningVariance', `${path}.runningVariance`, [inputs], 'ones', where, options);
        }
        return inputs;
      }
      case 'rescale': {
        const options = readOptions(layerRows.rescale, spec, where, `${where}.`);
        const first = this.layers.every((before) => before.kind === LayerKind.Noise) && !this.readsRaw;
        const { rescale, gain } = resolveRescale(spec, inputs, where, first);
        const layer = this.push(path, LayerKind.Rescale, inputs, inputs, { rescale });
        this.tensor(layer, 'gain', `${path}.gain`, [inputs], gain, where, options);
        return inputs;
      }
      case 'embedding': {
        const { size, column, categories, ...options } = readOptions(layerRows.embedding, spec, where, `${where}.`);
        if (column >= inputs) fail('ERR_SHAPE', `${where}.column: expected one of columns 0 to ${inputs - 1}, got ${column}.`);
        const layer = this.push(path, LayerKind.Embedding, inputs, inputs - 1 + size, { column, categories });
        const { weightInit = { name: 'normal', deviation: 1 } } = spec;
        this.tensor(layer, 'weight', `${path}.weight`, [categories, size], weightInit, where, options);
        return layer.outputs;
      }
      case 'dropout':
        this.push(path, LayerKind.Dropout, inputs, inputs, {
          dropRate: readOptions(layerRows.dropout, spec, where, `${where}.`).rate,
        });
        return inputs;
      case 'noise':
        this.push(path, LayerKind.Noise, inputs, inputs, {
          deviation: readOptions(layerRows.noise, spec, where, `${where}.`).deviation,
        });
        return inputs;
      case 'residual':
        return this.residual(spec, inputs, path, where, depth);
      default:
        return unknownName((spec as { type?: unknown }).type, Object.keys(layerRows), `${where}.type`, 'layer');
    }
  }

  private residual(spec: ResidualSpec, inputs: number, path: string, where: string, depth: number): number {
    readOptions(layerRows.residual, spec, where);
    if (!Array.isArray(spec.layers) || spec.layers.length === 0)
      fail('ERR_OPTION', `${where}.layers: expected at least one layer inside the block.`);
    const choice = spec.projection ?? 'auto';
    if (choice !== 'auto' && typeof choice !== 'boolean')
      fail('ERR_OPTION', `${where}.projection: expected 'auto', true or false, got ${show(choice)}.`);
    const begin = this.layers.length;
    const opening = this.push(path, LayerKind.ResidualBegin, inputs, inputs);
    const outputs = this.sequence(spec.layers, inputs, `${path}.layers`, depth + 1);
    if (choice === false && outputs !== inputs)
      fail(
        'ERR_SHAPE',
        `${where}: the block turns ${inputs} columns into ${outputs}, which cannot be added without a projection. Use projection: 'auto', or make the widths equal.`,
      );
    const projection = choice === true || outputs !== inputs;
    (opening as { partner: number }).partner = this.layers.length;
    const layer = this.push(path, LayerKind.ResidualEnd, inputs, outputs, { partner: begin, projection });
    if (projection) this.dense(layer, `${path}.projection.weight`, {}, where, this.identity);
    return outputs;
  }

  private dense(layer: LayerPlan, name: string, spec: TensorOptions, where: string, activation: ResolvedActivation): void {
    const init =
      spec.weightInit ??
      this.defaults.weightInit(activation.name, this.hiddenBefore(layer.path)) ??
      activationRow(activation.name).init;
    this.tensor(layer, 'weight', name, [layer.inputs, layer.outputs], init, where, spec);
  }

  /** For the output layer the activation before it; undefined for the others. */
  private hiddenBefore(path: string): ActivationName | undefined {
    return path === this.last ? this.hidden : undefined;
  }

  private slope(layer: LayerPlan, activation: ResolvedActivation, spec: TensorOptions, where: string): void {
    if (activation.name !== 'prelu') return;
    this.tensor(
      layer,
      'slope',
      `${layer.path}.slope`,
      [activation.shared ? 1 : layer.outputs],
      { name: 'constant', value: activation.a },
      where,
      spec,
    );
  }

  private tensor(
    layer: LayerPlan,
    role: TensorRole,
    name: string,
    shape: readonly number[],
    init: InitializerLike | Float64Array,
    where: string,
    spec: TensorOptions,
    fans = { fanIn: layer.inputs, fanOut: layer.outputs },
  ): void {
    const bytes = 4 * sizeOf(shape);
    if (bytes > maxBytes)
      fail('ERR_MEMORY', `${where}: a ${shape.join(' x ')} ${role} needs ${bytes} bytes, and WebAssembly memory ends at 4 GiB.`, {
        bytes,
      });
    const weight = role === 'weight';
    const bias = role === 'bias';
    const { model } = this;
    const l1 = weight ? (spec.l1 ?? model.l1) : bias ? (spec.biasL1 ?? model.biasL1) : 0;
    const l2 = weight ? (spec.l2 ?? model.l2 ?? this.defaults.l2.preset) : bias ? (spec.biasL2 ?? model.biasL2) : 0;
    const { perRow } = this.defaults.l2;
    layer.tensors[role] = this.tensors.length;
    const path = bias ? `${where}.biasInit` : `${where}.weightInit`;
    this.tensors.push({
      name,
      role,
      shape,
      trainable: role === 'gain' ? spec.trainable === true : role !== 'runningMean' && role !== 'runningVariance',
      layer: this.layers.lastIndexOf(layer),
      init: isFloat64(init) ? { name: 'constant', options: {}, values: init } : resolveInitializer(init, path),
      fanIn: fans.fanIn,
      fanOut: fans.fanOut,
      l1,
      l2: perRow ? 0 : l2,
      l2PerRow: perRow ? l2 : 0,
      maxNorm: weight ? (spec.maxNorm ?? model.maxNorm) : Infinity,
      learningRateScale: spec.learningRateScale ?? 1,
      frozen: spec.trainable === false,
      density: spec.connections?.density ?? 1,
      signs: spec.connections?.signs,
    });
  }

  private checkTrainable(activation: ResolvedActivation, where: string): void {
    const { flat } = activationRow(activation.name);
    if (flat !== undefined)
      this.untrainable ??= `${where}: "${activation.name}" cannot be trained through: ${flat}. Use "tanh" or "sigmoid" to train, or set the weights by hand and predict.`;
  }
}

/** "relu", or "leakyRelu (slope 0.2)": for summaries. */
export function describeActivation(activation: ResolvedActivation): string {
  const spec: ActivationLike = activationSpec(activation);
  if (typeof spec === 'string') return spec;
  if (activation.custom !== undefined) return spec.name;
  const { name, ...numbers } = spec;
  return `${name} (${Object.entries(numbers)
    .map(([k, v]) => `${k} ${v}`)
    .join(', ')})`;
}
