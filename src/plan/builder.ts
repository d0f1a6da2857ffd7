// The layers of a network laid end to end, each with its tensors: residual blocks and edges as steps of their own.

import { LayerKind } from '../../assembly/abi.js';
import { isFloat64 } from '../brands.js';
import { sizeOf } from '../data/allocate.js';
import type { Key } from '../data/random.js';
import { fail, show } from '../errors.js';
import { readOptions, unknownName, type Read } from '../options.js';
import { activationRow, resolveActivation, type ActivationName, type ResolvedActivation } from './activations.js';
import type { CompatDefaults } from './compat.js';
import { resolveConnections, type Connections } from './connections.js';
import { INPUT, refusePlaced, resolveEdges } from './edges.js';
import { resolveInitializer, type InitializerLike } from './initializers.js';
import type { DenseSpec, LayerSpec, ResidualSpec } from './layers.js';
import { layerRows, maxUnits, type modelRows } from './modelOptions.js';
import type { LayerPlan, TensorPlan, TensorRole } from './networkPlan.js';
import { resolveRescale, type RescalePlan } from './rescale.js';

const maxLayers = 10_000;
/** What a WebAssembly memory may hold, less a little for the model's own structures. */
export const maxBytes = 2 ** 32 - 2 ** 20;

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

/** Lays the layers of a model one behind the other, and lists their tensors. */
export class Builder {
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
