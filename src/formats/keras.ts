// Networks from Keras: the weights of a Sequential model, or of a functional one that is a chain, as safetensors, and its description
// beside them. The snippet that writes them is in docs/files.md. A setting that is not known is refused, not passed over.

import { fail, show } from '../errors.js';
import { has } from '../options.js';
import { assemble, type Part } from './assemble.js';
import { type Json, parseJson } from './json.js';
import { activationCalled } from './names.js';
import type { ImportedNetwork } from './imported.js';
import { readSafetensors, type SafetensorsFile, type SafeTensor } from './safetensors.js';

/**
 * A network from the weights of a Keras model in a safetensors file whose metadata holds `model.to_json()` as "keras": a Sequential
 * model, or a functional one in which each layer follows the one before it. Files of Keras 2 and 3.
 * @throws ERR_FORMAT for weights that do not fit; ERR_UNSUPPORTED naming a layer or activation that this library does not have.
 * @example
 * const model = build(MLP, fromKeras(readFileSync('keras.safetensors')));
 */
export function fromKeras(bytes: Uint8Array | ArrayBuffer): ImportedNetwork {
  const file = readSafetensors(bytes, { convert: 'float32' });
  const text = file.metadata.get('keras');
  if (text === undefined)
    return fail(
      'ERR_FORMAT',
      'fromKeras: the file does not say what stands between its weights. Save it with { "keras": model.to_json() } in its metadata.',
    );
  const model = asObject(parseJson(text, 'fromKeras, the model'), 'the model');
  const reader = new KerasReader(file, versionOf(model));
  const parts = reader.model(model);
  reader.refuseOthers();
  return assemble(parts, undefined);
}

type Config = Readonly<Record<string, Json>>;

function asObject(json: Json | undefined, what: string): Config {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return fail('ERR_FORMAT', `fromKeras: ${what} is ${show(json)}, not an object.`);
  return json as Config;
}

/** Which Keras wrote the model: names mean different things in 2 and 3. Keras 3 does not say, but names the module of each class. */
function versionOf(model: Config): 2 | 3 {
  const version = model['keras_version'];
  const major = typeof version === 'string' ? Number.parseInt(version, 10) : 'module' in model ? 3 : 2;
  if (major === 2 || major === 3) return major;
  return fail('ERR_UNSUPPORTED', `fromKeras: the model is of Keras ${show(version)}; 2 and 3 are supported.`);
}

class KerasReader {
  private readonly taken = new Set<string>();
  private depth = 0;
  /** Numbers in a row while they stand in several dimensions, which only Flatten ends. */
  private folded: string | undefined;
  private groups: ReadonlyMap<string, string> | undefined;
  private readonly weighted: string[] = [];

  constructor(
    private readonly file: SafetensorsFile,
    private readonly version: 2 | 3,
  ) {}

  model(model: Config): Part[] {
    this.collect(model);
    return this.chain(model);
  }

  private chain(model: Config): Part[] {
    if (++this.depth > 64) fail('ERR_UNSUPPORTED', 'fromKeras: models are nested more than 64 deep.');
    const parts = layersOf(model).flatMap((layer) => this.layer(layer));
    this.depth--;
    return parts;
  }

  /** The layers with weights, in order. */
  private collect(model: Config, depth = 0): void {
    if (depth > 64) return;
    for (const layer of layersOf(model)) {
      const { name } = asObject(layer['config'], 'config');
      if (isModel(layer)) this.collect(layer, depth + 1);
      else if (typeof name === 'string' && hasWeights(layer)) this.weighted.push(name);
    }
  }

  /** What the tensors of a layer are called: by its name; by the name and a number after it, or in order, in files of Keras 2. */
  private groupOf(layer: string): string {
    this.groups ??= this.group();
    return this.groups.get(layer) ?? layer;
  }

  private group(): Map<string, string> {
    const found = new Set<string>();
    for (const name of this.file.tensors.keys()) {
      const path = name.replace(/:0$/, '').split('/');
      if (path.length > 1 && !ignored.test(name)) found.add(path[path.length - 2]!);
    }
    const { weighted } = this;
    for (const suffix of ['', ...Array.from({ length: 20 }, (_, i) => `_${i + 1}`)]) {
      const named = weighted.map((name) => `${name}${suffix}`);
      if (named.every((name) => found.has(name)) && new Set(named).size === found.size)
        return new Map(weighted.map((name, i) => [name, named[i]!]));
    }
    if (found.size !== weighted.length || weighted.some((name) => found.has(name))) return new Map();
    const inOrder = [...found].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return new Map(weighted.map((name, i) => [name, inOrder[i]!]));
  }

  private layer(layer: Config): Part[] {
    const type = layer['class_name'];
    if (isModel(layer)) return this.chain(layer);
    const config = asObject(layer['config'], 'config');
    const name = config['name'];
    if (typeof type !== 'string' || typeof name !== 'string')
      return fail('ERR_FORMAT', 'fromKeras: a layer has no class or no name.');
    if (!has(kerasLayers, type))
      return fail(
        'ERR_UNSUPPORTED',
        `fromKeras: the layer ${show(name)}, ${type}, is not supported. Other graphs travel as ONNX: see importOnnx.`,
        { layer: name },
      );
    const shape = config['batch_shape'] ?? config['batch_input_shape'] ?? null;
    if (Array.isArray(shape) && shape.length !== 2) this.folded = `[${shape.map((n: Json) => n ?? '?').join(', ')}]`;
    if (type === 'Flatten') this.folded = undefined;
    else if (this.folded !== undefined && type !== 'InputLayer')
      fail(
        'ERR_UNSUPPORTED',
        `fromKeras: the layer ${show(name)}, ${type}, works on ${this.folded}; only rows of features are supported (Flatten first).`,
        { layer: name },
      );
    const { settings, parts } = kerasLayers[type]!;
    checkConfig(name, config, settings);
    return parts({
      config,
      version: this.version,
      from: name,
      weight: (role) => this.weight(name, role),
      need: (role) => this.weight(name, role) ?? fail('ERR_FORMAT', `fromKeras: there is no tensor ${name}/${role}.`),
      number: (option, preset) => {
        const value = config[option] ?? preset;
        return typeof value === 'number' ? value : refuseSetting(name, option, value);
      },
    });
  }

  /** The tensor 'sequential/dense/kernel', or 'dense/kernel:0' from Keras 2. */
  private weight(layer: string, role: string): SafeTensor | undefined {
    const group = this.groupOf(layer);
    for (const [name, tensor] of this.file.tensors) {
      const path = name.replace(/:0$/, '').split('/');
      if (path[path.length - 1] !== role || path[path.length - 2] !== group) continue;
      if (this.taken.has(name)) fail('ERR_FORMAT', `fromKeras: ${show(name)} belongs to two layers.`);
      if (tensor.dtype !== 'F32')
        fail('ERR_FORMAT', `fromKeras: ${show(name)} is of dtype ${tensor.dtype}; expected floating point.`);
      this.taken.add(name);
      return tensor;
    }
    return undefined;
  }

  refuseOthers(): void {
    // Dropout and noise keep the state of their generator among the weights; Normalization counts.
    for (const name of this.file.tensors.keys())
      if (!this.taken.has(name) && !ignored.test(name))
        fail('ERR_FORMAT', `fromKeras: ${show(name)} belongs to no layer of the model.`);
  }
}

const ignored = /(seed_generator_state|(^|\/)count(:0)?)$/;

const isModel = ({ class_name: type }: Config): boolean => type === 'Sequential' || type === 'Functional' || type === 'Model';

/** Layers that have weights, by what their settings say. */
function hasWeights(layer: Config): boolean {
  const config = asObject(layer['config'], 'config');
  switch (layer['class_name']) {
    case 'Normalization':
      return (config['mean'] ?? null) === null;
    case 'LayerNormalization':
      return config['scale'] !== false || config['center'] !== false;
    default:
      return ['Dense', 'PReLU', 'BatchNormalization'].includes(String(layer['class_name']));
  }
}

/** The layers of a model, each working on what the one before it gives. @throws ERR_UNSUPPORTED for any other graph. */
function layersOf(model: Config): Config[] {
  const type = model['class_name'];
  const config = asObject(model['config'], 'config');
  if (!isModel(model))
    return fail(
      'ERR_UNSUPPORTED',
      `fromKeras: a model of class ${show(type)}; expected Sequential or Functional. Others travel as ONNX: see importOnnx.`,
    );
  if (!Array.isArray(config['layers'])) return fail('ERR_FORMAT', 'fromKeras: config.layers is no list.');
  const layers = (config['layers'] as Json[]).map((layer) => asObject(layer, 'a layer'));
  if (type === 'Sequential') return layers;
  const nameOf = (layer: Config) => layer['name'] ?? asObject(layer['config'], 'config')['name'];
  const branches = (why: string) =>
    fail('ERR_UNSUPPORTED', `fromKeras: the functional model is no chain: ${why}. Other graphs travel as ONNX: see importOnnx.`);
  const followers = new Map<Json | undefined, Config>();
  for (const layer of layers) {
    const calls = Array.isArray(layer['inbound_nodes']) ? (layer['inbound_nodes'] as Json[]) : [];
    if (calls.length === 0) {
      if (followers.has(undefined)) branches('it has several inputs');
      followers.set(undefined, layer);
      continue;
    }
    const sources = historiesOf(calls[0]);
    if (calls.length > 1 || sources.length !== 1)
      branches(`${show(nameOf(layer))} works on ${calls.length > 1 ? 'several values in turn' : `${sources.length} values`}`);
    if (JSON.stringify(calls[0]).includes('"training":true')) branches(`${show(nameOf(layer))} is called in training mode`);
    const [source] = sources;
    if (followers.has(source)) branches(`${show(source)} is read twice`);
    followers.set(source, layer);
  }
  const outputs = historiesOf(config['output_layers']);
  const chain: Config[] = [];
  for (let at = followers.get(undefined); at !== undefined; at = followers.get(nameOf(at))) chain.push(at);
  if (chain.length !== layers.length) branches('not every layer follows from its input');
  if (outputs.length !== 1 || outputs[0] !== nameOf(chain[chain.length - 1]!)) branches('its output is not its last layer');
  return chain;
}

/** Names of the layers whose outputs a call reads: ["dense", 0, 0], wherever it stands. */
function historiesOf(json: Json | undefined): string[] {
  if (Array.isArray(json)) {
    const [name, node, tensor] = json as Json[];
    if (typeof name === 'string' && typeof node === 'number' && typeof tensor === 'number') return [name];
    return (json as Json[]).flatMap(historiesOf);
  }
  return typeof json === 'object' && json !== null ? Object.values(json as Config).flatMap(historiesOf) : [];
}

/** Settings that change nothing a trained layer computes. */
const harmless =
  /^(name|trainable|dtype|batch_shape|batch_input_shape|input_shape|ragged|sparse|optional|autocast|seed|lora_\w+|quantization_\w+|\w*_(initializer|regularizer|constraint))$/;

function checkConfig(layer: string, config: Config, settings: readonly string[]): void {
  for (const [name, value] of Object.entries(config))
    if (!settings.includes(name) && !harmless.test(name) && value !== null && value !== false) refuseSetting(layer, name, value);
  if ((config['quantization_mode'] ?? config['quantization_config'] ?? null) !== null) refuseSetting(layer, 'quantization', true);
}

interface KerasLayer {
  readonly config: Config;
  readonly version: 2 | 3;
  readonly from: string;
  weight(role: string): SafeTensor | undefined;
  need(role: string): SafeTensor;
  number(option: string, preset: number): number;
}

function refuseSetting(layer: string, option: string, value: unknown): never {
  return fail('ERR_UNSUPPORTED', `fromKeras: the layer ${show(layer)} has ${option} ${show(value)}, which is not supported.`, {
    layer,
  });
}

const values = (tensor: SafeTensor | undefined): Float32Array | undefined => tensor?.data as Float32Array | undefined;

interface KerasRule {
  /** Settings that are read, or change nothing at prediction. Others are refused. */
  readonly settings: readonly string[];
  readonly parts: (layer: KerasLayer) => Part[];
}

function overColumns({ config, from }: KerasLayer): void {
  const axis = [config['axis'] ?? -1].flat();
  if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== 1)) refuseSetting(from, 'axis', config['axis']);
}

/** y = x held to [0, high]: hardSigmoid, which is that for 0 and 1, between affine maps. */
function clipped(high: number, from: string): Part[] {
  return [
    { kind: 'affine', scale: [6 / high], shift: [-3], from },
    { kind: 'activation', activation: 'hardSigmoid', from },
    { kind: 'affine', scale: [high], shift: [0], from },
  ];
}

/** A list of numbers, however deep it is nested, or one number. */
function numbersIn(json: Json | undefined, from: string, option: string): number[] {
  const list = Array.isArray(json) ? (json as Json[]).flatMap((item) => numbersIn(item, from, option)) : [json];
  return list.every((v) => typeof v === 'number') ? (list as number[]) : refuseSetting(from, option, json);
}

const kerasLayers: Readonly<Record<string, KerasRule>> = {
  InputLayer: { settings: [], parts: () => [] },
  Flatten: { settings: ['data_format'], parts: () => [] },
  Dense: {
    settings: ['units', 'activation', 'use_bias'],
    parts: ({ config, version, from, need, weight }) => {
      const kernel = need('kernel');
      if (kernel.shape.length !== 2)
        return fail('ERR_FORMAT', `fromKeras: ${from}/kernel has ${kernel.shape.length} dimensions.`);
      const [inputs, outputs] = kernel.shape as [number, number];
      const bias = config['use_bias'] === false ? undefined : values(need('bias'));
      if (config['use_bias'] === false && weight('bias') !== undefined)
        return fail('ERR_FORMAT', `fromKeras: ${from} has a bias, though its use_bias is false.`);
      return [
        { kind: 'dense', inputs, outputs, weight: values(kernel)!, bias, from },
        ...kerasActivation(config['activation'], from, version),
      ];
    },
  },
  Activation: {
    settings: ['activation'],
    parts: ({ config, version, from }) => kerasActivation(config['activation'], from, version),
  },
  ReLU: {
    settings: ['max_value', 'threshold', 'negative_slope'],
    parts: ({ config, from, number }) => {
      if (number('threshold', 0) !== 0) refuseSetting(from, 'threshold', config['threshold']);
      const slope = number('negative_slope', 0);
      const high = number('max_value', 0);
      if (high !== 0 && !(high > 0 && high <= 20 && slope === 0)) refuseSetting(from, 'max_value', high);
      if (high !== 0) return clipped(high, from);
      return [{ kind: 'activation', activation: slope === 0 ? 'relu' : { name: 'leakyRelu', slope }, from }];
    },
  },
  LeakyReLU: {
    settings: ['alpha', 'negative_slope'],
    parts: ({ config, from, number }) => [
      {
        kind: 'activation',
        activation: { name: 'leakyRelu', slope: 'alpha' in config ? number('alpha', 0.3) : number('negative_slope', 0.3) },
        from,
      },
    ],
  },
  PReLU: {
    settings: ['shared_axes'],
    parts: ({ from, need }) => {
      const slope = values(need('alpha'))!;
      return [{ kind: 'activation', activation: { name: 'prelu', shared: slope.length === 1 }, slope, from }];
    },
  },
  ELU: {
    settings: ['alpha'],
    parts: ({ from, number }) => [{ kind: 'activation', activation: { name: 'elu', alpha: number('alpha', 1) }, from }],
  },
  Softmax: {
    settings: ['axis'],
    parts: (layer) => {
      overColumns(layer);
      return [{ kind: 'activation', activation: 'softmax', from: layer.from }];
    },
  },
  BatchNormalization: {
    settings: ['axis', 'momentum', 'epsilon', 'center', 'scale', 'synchronized', 'fused', 'renorm_momentum'],
    parts: (layer) => {
      overColumns(layer);
      const { from, need, weight, number } = layer;
      const [mean, variance] = [values(need('moving_mean'))!, values(need('moving_variance'))!];
      return [
        {
          kind: 'batchNorm',
          mean,
          variance,
          from,
          gamma: values(weight('gamma')) ?? new Float32Array(mean.length).fill(1),
          beta: values(weight('beta')) ?? new Float32Array(mean.length),
          epsilon: number('epsilon', 1e-3),
          momentum: Number((1 - number('momentum', 0.99)).toPrecision(12)), // Keras counts the share that is kept
        },
      ];
    },
  },
  LayerNormalization: {
    settings: ['axis', 'epsilon', 'center', 'scale'],
    parts: (layer) => {
      overColumns(layer);
      const { from, weight, number } = layer;
      const [gamma, beta] = [values(weight('gamma')), values(weight('beta'))];
      const count = gamma?.length ?? beta?.length ?? 0;
      if (count === 0) return [{ kind: 'layerNorm', epsilon: number('epsilon', 1e-3), from }];
      return [
        {
          kind: 'layerNorm',
          gamma: gamma ?? new Float32Array(count).fill(1),
          beta: beta ?? new Float32Array(count),
          epsilon: number('epsilon', 1e-3),
          from,
        },
      ];
    },
  },
  Normalization: {
    settings: ['axis', 'invert', 'mean', 'variance'],
    parts: (layer) => {
      const { config, from, need } = layer;
      if (config['axis'] !== null) overColumns(layer);
      if (config['invert'] === true) refuseSetting(from, 'invert', true);
      const given = (config['mean'] ?? null) !== null;
      const list = (role: 'mean' | 'variance'): ArrayLike<number> =>
        given ? numbersIn(config[role], from, role) : values(need(role))!;
      const [mean, variance] = [list('mean'), list('variance')];
      const scale = Float64Array.from(variance, (v) => 1 / Math.max(Math.sqrt(v), 1e-7));
      if (mean.length !== scale.length)
        return fail('ERR_FORMAT', `fromKeras: ${from} has ${mean.length} means and ${scale.length} variances.`);
      return [{ kind: 'affine', scale, shift: scale.map((s, j) => -mean[j]! * s), from }];
    },
  },
  Rescaling: {
    settings: ['scale', 'offset'],
    parts: ({ from, number }) => [{ kind: 'affine', scale: [number('scale', 1)], shift: [number('offset', 0)], from }],
  },
  Dropout: { settings: ['rate'], parts: ({ from, number }) => [{ kind: 'dropout', rate: number('rate', 0.5), from }] },
  GaussianNoise: { settings: ['stddev'], parts: ({ from, number }) => [{ kind: 'noise', rate: number('stddev', 0), from }] },
};

/** Activations that can be written as layers of their own. */
const asLayers = ['ReLU', 'LeakyReLU', 'ELU', 'Softmax'];

/** An activation as a name, or as Keras writes functions and layers: { class_name, config }. */
function kerasActivation(json: Json | undefined, from: string, version: 2 | 3): Part[] {
  let name = json ?? 'linear';
  if (typeof name === 'object' && !Array.isArray(name)) {
    const { class_name: type, config, module } = name as Config;
    if (type !== 'function' && typeof type === 'string' && asLayers.includes(type)) {
      const options = asObject(config, 'config');
      const number = (option: string, preset: number) => {
        const value = options[option] ?? preset;
        return typeof value === 'number' ? value : refuseSetting(from, option, value);
      };
      const none = () => fail('ERR_UNSUPPORTED', `fromKeras: the activation of ${show(from)} has weights.`);
      const { settings, parts } = kerasLayers[type]!;
      checkConfig(from, options, settings);
      return parts({ config: options, version, from, number, weight: none, need: none });
    }
    // A function of the user's own may be called as one of Keras'.
    if (type === 'function' && module === 'builtins')
      return fail(
        'ERR_UNSUPPORTED',
        `fromKeras: the activation of ${show(from)}, ${show(config)}, is a function of its own, whose name alone is in the file.`,
      );
    name = config ?? '';
  }
  // clip(0.2 x + 0.5, 0, 1) in Keras 2, clip(x / 6 + 0.5, 0, 1) in Keras 3.
  if (name === 'hard_sigmoid' && version === 2)
    return [
      { kind: 'affine', scale: [1.2], shift: [0], from },
      { kind: 'activation', activation: 'hardSigmoid', from },
    ];
  if (name === 'relu6') return clipped(6, from);
  const activation = activationCalled('keras', name);
  if (activation === undefined) return refuseSetting(from, 'activation', name);
  return activation === 'identity' ? [] : [{ kind: 'activation', activation, from }];
}
