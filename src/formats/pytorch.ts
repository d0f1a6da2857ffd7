// Networks from PyTorch: the weights of nn.Sequential as safetensors. Weights alone do not say which activations stand between
// them; this writes that down beside them (and wants nothing but the standard library; safetensors' save_file does as well):
//
//     import json, struct
//     def write(path, tensors, metadata):                              # tensors: name -> float32 array
//         header, end = {'__metadata__': metadata}, 0
//         for name, t in tensors.items():
//             header[name] = {'dtype': 'F32', 'shape': list(t.shape), 'data_offsets': [end, end + t.nbytes]}
//             end += t.nbytes
//         text = json.dumps(header).encode()
//         with open(path, 'wb') as file:
//             file.write(struct.pack('<Q', len(text)) + text + b''.join(t.tobytes() for t in tensors.values()))
//
//     modules = [[name, type(m).__name__, m.extra_repr()] for name, m in net.named_modules()]
//     write('net.safetensors', {k: v.float().cpu().numpy() for k, v in net.state_dict().items()}, {'modules': json.dumps(modules)})

import { fail, show } from '../errors.js';
import { checkKeys, has } from '../options.js';
import type { LayerSpec } from '../plan/layers.js';
import { resolveNetwork, type TensorRole } from '../plan/network.js';
import { assemble, type Part } from './assemble.js';
import { type Json, parseJson } from './json.js';
import { activationCalled } from './names.js';
import type { ImportedNetwork, Tensor } from './network.js';
import { readSafetensors, type SafeTensor } from './safetensors.js';

export interface FromPyTorchOptions {
  /** The layers, where the file does not describe them: dense, batchNorm, layerNorm and prelu take the modules in order. */
  readonly layers?: readonly LayerSpec[];
  /** With `layers`: the modules with weights, in order. Default: as numbered, which is right for nn.Sequential. */
  readonly modules?: readonly string[];
}

/**
 * A network from the weights of PyTorch's nn.Sequential in a safetensors file.
 * @throws ERR_FORMAT, ERR_SHAPE for weights that do not fit; ERR_UNSUPPORTED naming a module that no layer stands for;
 * ERR_OPTION when the file does not describe the modules and `layers` is missing.
 * @example
 * const model = build(MLP, fromPyTorch(readFileSync('net.safetensors')));
 */
export function fromPyTorch(bytes: Uint8Array | ArrayBuffer, options: FromPyTorchOptions = {}): ImportedNetwork {
  checkKeys(options, ['layers', 'modules'], 'fromPyTorch');
  const { tensors, metadata } = readSafetensors(bytes, { convert: 'float32' });
  const state = new Map([...tensors].filter(([name]) => !name.endsWith('num_batches_tracked')));
  for (const [name, { dtype }] of state)
    if (dtype !== 'F32') fail('ERR_FORMAT', `fromPyTorch: ${show(name)} is of dtype ${dtype}; expected floating point.`);
  if (options.layers !== undefined) return intoLayers(state, options.layers, options.modules);
  const described = metadata.get('modules');
  if (described === undefined)
    return fail(
      'ERR_OPTION',
      `fromPyTorch: the file does not say what stands between its weights (${listModules(state)}). Save it with modules in its metadata, or pass layers: [dense(…), …].`,
    );
  const taken = new Set<string>();
  const parts = readModules(described).flatMap((module) => partsOf(module, state, taken));
  for (const name of state.keys())
    if (!taken.has(name)) fail('ERR_FORMAT', `fromPyTorch: ${show(name)} belongs to no module of the list.`);
  return assemble(parts, undefined);
}

interface Module {
  readonly path: string;
  readonly type: string;
  /** What extra_repr says: 'in_features=3, out_features=4, bias=True'. */
  readonly settings: ReadonlyMap<string, string>;
}

function readModules(text: string): Module[] {
  const json = parseJson(text, 'fromPyTorch, modules');
  if (
    !Array.isArray(json) ||
    !json.every((m) => Array.isArray(m) && m.length === 3 && m.every((s: Json) => typeof s === 'string'))
  )
    return fail('ERR_FORMAT', 'fromPyTorch: modules in the metadata must be a list of [name, type, settings].');
  return (json as string[][]).map(([path, type, settings]) => ({ path: path!, type: type!, settings: readSettings(settings!) }));
}

/** 'a=1, b=True' as a map; values without a name are numbered. */
function readSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [i, item] of text.split(/,\s*(?![^(]*\))/).entries()) {
    const at = item.indexOf('=');
    settings.set(at < 0 ? String(i) : item.slice(0, at), item.slice(at + 1));
  }
  return settings;
}

type ModuleRule = (module: Module, take: (name: string) => SafeTensor | undefined) => Part[];

const overColumns =
  (activation: 'softmax' | 'logSoftmax'): ModuleRule =>
  (module) => {
    const dim = module.settings.get('dim');
    if (dim !== '1' && dim !== '-1') unsupported(module, `its dim is ${dim}`);
    return [{ kind: 'activation', activation, from: module.type }];
  };

/** Modules that are not activations by name alone: those are in names.ts. */
const modules: Readonly<Record<string, ModuleRule>> = {
  Sequential: () => [],
  Flatten: () => [],
  Linear: (module, take) => {
    const weight = take('weight');
    if (weight === undefined || weight.shape.length !== 2)
      return fail('ERR_FORMAT', `fromPyTorch: ${show(module.path)} has no matrix of weights.`);
    return [dense(weight, take('bias'), module.path)];
  },
  PReLU: (module, take) => {
    const slope = take('weight')?.data as Float32Array | undefined;
    if (slope === undefined) return fail('ERR_FORMAT', `fromPyTorch: ${show(module.path)} has no slope.`);
    return [{ kind: 'activation', activation: { name: 'prelu', shared: slope.length === 1 }, slope, from: module.type }];
  },
  Softmax: overColumns('softmax'),
  LogSoftmax: overColumns('logSoftmax'),
  Dropout: (module) => [{ kind: 'dropout', rate: setting(module, 'p', 0.5), from: module.type }],
  BatchNorm1d: (module, take) => [batchNorm(take, module.path, setting(module, 'eps', 1e-5), setting(module, 'momentum', 0.1))],
  LayerNorm: (module, take) => {
    if (!/^\(\d+,\)$/.test(module.settings.get('0') ?? '')) unsupported(module, 'it normalises more than columns');
    const [gamma, beta] = [take('weight'), take('bias')].map((tensor) => tensor?.data as Float32Array | undefined);
    return [
      {
        kind: 'layerNorm',
        gamma,
        beta: beta ?? (gamma && new Float32Array(gamma.length)),
        epsilon: setting(module, 'eps', 1e-5),
        from: module.path,
      },
    ];
  },
};

function partsOf(module: Module, state: ReadonlyMap<string, SafeTensor>, taken: Set<string>): Part[] {
  if (!has(modules, module.type)) return activationOf(module);
  return modules[module.type]!(module, (name) => {
    const full = module.path === '' ? name : `${module.path}.${name}`;
    taken.add(full);
    return state.get(full);
  });
}

function activationOf(module: Module): Part[] {
  const activation = activationCalled('pytorch', module.type, {
    read: (name, preset) => (typeof preset === 'number' ? setting(module, name, preset) : module.settings.get(name)),
    number: (name, preset) => setting(module, name, preset),
    refuse: (name, value) => unsupported(module, `its ${name} is ${show(value)}`),
  });
  if (activation === undefined) return unsupported(module, 'no layer stands for it. Other graphs travel as ONNX: see importOnnx');
  return activation === 'identity' ? [] : [{ kind: 'activation', activation, from: module.type }];
}

function unsupported(module: Module, why: string): never {
  return fail('ERR_UNSUPPORTED', `fromPyTorch: the module ${show(module.path)}, ${module.type}, is not supported: ${why}.`, {
    module: module.path,
  });
}

function setting(module: Module, name: string, preset: number): number {
  const text = module.settings.get(name);
  const value = text === undefined ? preset : Number(text);
  return Number.isFinite(value) ? value : unsupported(module, `its ${name} is ${show(text)}`);
}

/** PyTorch keeps matrices as [outputs][inputs]. */
function dense({ data, shape }: SafeTensor, bias: SafeTensor | undefined, from: string): Part & { kind: 'dense' } {
  const [outputs, inputs] = shape as [number, number];
  const turned = data as Float32Array;
  const weight = Float32Array.from(turned, (_, k) => turned[(k % outputs) * inputs + Math.floor(k / outputs)]!);
  return { kind: 'dense', inputs, outputs, weight, bias: bias?.data as Float32Array | undefined, from };
}

function batchNorm(take: (name: string) => SafeTensor | undefined, from: string, epsilon: number, momentum: number): Part {
  const [mean, variance, gamma, beta] = ['running_mean', 'running_var', 'weight', 'bias'].map(
    (name) => take(name)?.data as Float32Array | undefined,
  );
  if (mean === undefined || variance === undefined)
    return fail('ERR_FORMAT', `fromPyTorch: ${show(from)} has no running statistics.`);
  return {
    kind: 'batchNorm',
    mean,
    variance,
    epsilon,
    momentum,
    from,
    gamma: gamma ?? new Float32Array(mean.length).fill(1),
    beta: beta ?? new Float32Array(mean.length),
  };
}

/** Modules with weights, as numbered: '2' before '10'. */
function numbered(state: ReadonlyMap<string, SafeTensor>): string[] {
  const paths = new Set([...state.keys()].map((name) => name.slice(0, Math.max(0, name.lastIndexOf('.')))));
  return [...paths].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function listModules(state: ReadonlyMap<string, SafeTensor>): string {
  const shapes = numbered(state).map((path) => `${path}: ${state.get(`${path}.weight`)?.shape.join(' x ') ?? '?'}`);
  return shapes.length > 6 ? `${shapes.slice(0, 6).join(', ')}, …` : shapes.join(', ');
}

/** Layers in the words of this library, filled with modules in order. */
function intoLayers(
  state: ReadonlyMap<string, SafeTensor>,
  layers: readonly LayerSpec[],
  order: readonly string[] | undefined,
): ImportedNetwork {
  const paths = order ?? numbered(state);
  if (order === undefined && paths.some((path) => !/^\d+(\.\d+)*$/.test(path)))
    fail(
      'ERR_OPTION',
      `fromPyTorch: the modules have names (${paths.slice(0, 6).join(', ')}), not numbers. Pass modules: [names in order].`,
    );
  const first = state.get(`${paths[0]}.weight`) ?? fail('ERR_FORMAT', `fromPyTorch: ${show(paths[0])} has no weight.`);
  const inputs = first.shape[first.shape.length - 1]!;
  const { tensors, outputs } = resolveNetwork({ inputs, layers });
  const parameters = new Map<string, Tensor>();
  let next = 0;
  /** Tensors of one layer that come from one module; a prelu's slope is a module of its own. */
  const names: Readonly<Record<Exclude<TensorRole, 'gain'>, string>> = {
    weight: 'weight',
    bias: 'bias',
    slope: 'weight',
    gamma: 'weight',
    beta: 'bias',
    runningMean: 'running_mean',
    runningVariance: 'running_var',
  };
  const taken = new Set<string>();
  for (const { name, role, shape, init } of tensors) {
    if (role === 'gain') {
      parameters.set(name, { shape, values: Float32Array.from(init.values!) }); // no module of theirs: as the layers say
      continue;
    }
    if (role === 'weight' || role === 'slope' || role === 'gamma') next++;
    const path = `${paths[next - 1]}.${names[role]}`;
    const tensor = state.get(path);
    if (tensor === undefined)
      return fail('ERR_SHAPE', `fromPyTorch: ${name} wants ${shape.join(' x ')} numbers, but there is no ${show(path)}.`);
    const wanted = role === 'weight' ? [...shape].reverse() : shape;
    if (tensor.shape.join() !== wanted.join())
      fail('ERR_SHAPE', `fromPyTorch: ${name} wants ${path} as [${wanted.join(', ')}], got [${tensor.shape.join(', ')}].`);
    taken.add(path);
    const values = role === 'weight' ? dense(tensor, undefined, path).weight : tensor.data;
    parameters.set(name, { shape, values: values as Float32Array });
  }
  for (const name of state.keys())
    if (!taken.has(name))
      fail('ERR_SHAPE', `fromPyTorch: ${show(name)} has no place in the layers, which have ${outputs} outputs.`);
  for (const [name, { values }] of parameters) {
    const bad = values.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) fail('ERR_NONFINITE', `fromPyTorch: ${name}[${bad}] is ${values[bad]}.`);
  }
  return { options: { inputs, layers }, parameters };
}
