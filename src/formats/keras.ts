// Networks from Keras: the weights of a Sequential model as safetensors, and its description beside them (write() is in
// pytorch.ts; safetensors' save_file does as well):
//
//     write('net.safetensors', {v.path: v.numpy() for v in net.weights}, {'keras': net.to_json()})

import { fail, show } from '../errors.js';
import { has } from '../options.js';
import { assemble, type Part } from './assemble.js';
import { type Json, parseJson } from './json.js';
import { activationCalled } from './names.js';
import type { ImportedNetwork } from './network.js';
import { readSafetensors, type SafetensorsFile, type SafeTensor } from './safetensors.js';

/**
 * A network from the weights of a Keras Sequential model in a safetensors file whose metadata holds `model.to_json()` as "keras".
 * @throws ERR_FORMAT for weights that do not fit; ERR_UNSUPPORTED naming a layer or activation that this library does not have.
 * @example
 * const model = build(MLP, fromKeras(readFileSync('net.safetensors')));
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
  const reader = new KerasReader(file);
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

class KerasReader {
  private readonly taken = new Set<string>();
  private depth = 0;

  constructor(private readonly file: SafetensorsFile) {}

  model(model: Config): Part[] {
    if (model['class_name'] !== 'Sequential')
      fail(
        'ERR_UNSUPPORTED',
        `fromKeras: a model of class ${show(model['class_name'])}; only Sequential ones are a chain of layers. Others travel as ONNX: see importOnnx.`,
      );
    if (++this.depth > 64) fail('ERR_UNSUPPORTED', 'fromKeras: models are nested more than 64 deep.');
    const { layers } = asObject(model['config'], 'config');
    if (!Array.isArray(layers)) return fail('ERR_FORMAT', 'fromKeras: config.layers is no list.');
    const parts = (layers as Json[]).flatMap((layer) => this.layer(asObject(layer, 'a layer')));
    this.depth--;
    return parts;
  }

  private layer(layer: Config): Part[] {
    const type = layer['class_name'];
    if (type === 'Sequential') return this.model(layer);
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
    return kerasLayers[type]!({
      config,
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
    for (const [name, tensor] of this.file.tensors) {
      const path = name.replace(/:0$/, '').split('/');
      if (path[path.length - 1] !== role || path[path.length - 2] !== layer) continue;
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
      if (!this.taken.has(name) && !/(seed_generator_state|(^|\/)count(:0)?)$/.test(name))
        fail('ERR_FORMAT', `fromKeras: ${show(name)} belongs to no layer of the model.`);
  }
}

interface KerasLayer {
  readonly config: Config;
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

const kerasLayers: Readonly<Record<string, (layer: KerasLayer) => Part[]>> = {
  InputLayer: () => [],
  Flatten: () => [],
  Dense: ({ config, from, need, weight }) => {
    const kernel = need('kernel');
    if (kernel.shape.length !== 2) return fail('ERR_FORMAT', `fromKeras: ${from}/kernel has ${kernel.shape.length} dimensions.`);
    const [inputs, outputs] = kernel.shape as [number, number];
    return [
      { kind: 'dense', inputs, outputs, weight: values(kernel)!, bias: values(weight('bias')), from },
      ...kerasActivation(config['activation'], from),
    ];
  },
  Activation: ({ config, from }) => kerasActivation(config['activation'], from),
  ReLU: ({ config, from, number }) => {
    if ((config['max_value'] ?? null) !== null) refuseSetting(from, 'max_value', config['max_value']);
    if (number('threshold', 0) !== 0) refuseSetting(from, 'threshold', config['threshold']);
    const slope = number('negative_slope', 0);
    return [{ kind: 'activation', activation: slope === 0 ? 'relu' : { name: 'leakyRelu', slope }, from }];
  },
  LeakyReLU: ({ config, from, number }) => [
    {
      kind: 'activation',
      activation: { name: 'leakyRelu', slope: 'alpha' in config ? number('alpha', 0.3) : number('negative_slope', 0.3) },
      from,
    },
  ],
  PReLU: ({ from, need }) => {
    const slope = values(need('alpha'))!;
    return [{ kind: 'activation', activation: { name: 'prelu', shared: slope.length === 1 }, slope, from }];
  },
  ELU: ({ from, number }) => [{ kind: 'activation', activation: { name: 'elu', alpha: number('alpha', 1) }, from }],
  Softmax: ({ config, from }) => {
    const axis = [config['axis'] ?? -1].flat();
    if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== 1)) refuseSetting(from, 'axis', config['axis']);
    return [{ kind: 'activation', activation: 'softmax', from }];
  },
  BatchNormalization: ({ from, need, weight, number }) => {
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
  LayerNormalization: ({ config, from, weight, number }) => {
    const axis = [config['axis'] ?? -1].flat();
    if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== 1)) refuseSetting(from, 'axis', config['axis']);
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
  Normalization: ({ config, from, need }) => {
    if (config['invert'] === true) refuseSetting(from, 'invert', true);
    const mean = values(need('mean'))!;
    const scale = Float64Array.from(values(need('variance'))!, (v) => 1 / Math.max(Math.sqrt(v), 1e-7));
    return [{ kind: 'affine', scale, shift: scale.map((s, j) => -mean[j]! * s), from }];
  },
  Rescaling: ({ from, number }) => [{ kind: 'affine', scale: [number('scale', 1)], shift: [number('offset', 0)], from }],
  Dropout: ({ from, number }) => [{ kind: 'dropout', rate: number('rate', 0.5), from }],
  GaussianNoise: ({ from, number }) => [{ kind: 'noise', rate: number('stddev', 0), from }],
};

/** An activation as a name, or as Keras writes functions and layers: { class_name, config }. */
function kerasActivation(json: Json | undefined, from: string): Part[] {
  let name = json ?? 'linear';
  if (typeof name === 'object' && !Array.isArray(name)) {
    const { class_name, config } = name as Config;
    if (
      class_name !== 'function' &&
      typeof class_name === 'string' &&
      ['ReLU', 'LeakyReLU', 'ELU', 'Softmax'].includes(class_name)
    ) {
      const options = asObject(config, 'config');
      const number = (option: string, preset: number) => {
        const value = options[option] ?? preset;
        return typeof value === 'number' ? value : refuseSetting(from, option, value);
      };
      const none = () => fail('ERR_UNSUPPORTED', `fromKeras: the activation of ${show(from)} has weights.`);
      return kerasLayers[class_name]!({ config: options, from, number, weight: none, need: none });
    }
    name = config ?? '';
  }
  const activation = activationCalled('keras', name);
  if (activation === undefined) return refuseSetting(from, 'activation', name);
  return activation === 'identity' ? [] : [{ kind: 'activation', activation, from }];
}
