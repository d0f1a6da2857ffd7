// Networks from PyTorch: the weights of a network that calls one module after the other, as safetensors. Weights alone do not say
// what is called with them, nor how often, nor what a forward of one's own does between modules; so the snippet of docs/files.md
// runs the network once and writes its calls down beside the weights. It stops where anything but the listed modules has a hand
// in the result.

import { fail, show } from '../errors.js';
import { given, has, readOptions, type Schema } from '../options.js';
import type { LayerSpec } from '../plan/layers.js';
import { resolveNetwork, type TensorRole } from '../plan/network.js';
import { assemble, type Part } from './assemble.js';
import { type Json, parseJson } from './json.js';
import { activationCalled } from './names.js';
import type { ImportedNetwork, Tensor } from './imported.js';
import { readSafetensors, type SafeTensor } from './safetensors.js';

/** Options of fromPyTorch: what a state_dict does not tell. */
export interface FromPyTorchOptions {
  /** The layers, where the file does not describe them: dense, batchNorm, layerNorm and prelu take the modules in order. */
  readonly layers?: readonly LayerSpec[];
  /** With `layers`: the modules with weights, in order. Default: as numbered, which is right for nn.Sequential. */
  readonly modules?: readonly string[];
  /**
   * For files whose metadata lists `modules` and not `calls`: false says that no module is used twice. Such a list names a module
   * once, however often it is called, so without this it is refused where it holds a function that a network could use again.
   */
  readonly sharedModules?: false;
}

const optionRows = {
  layers: given<readonly LayerSpec[]>(),
  modules: given<readonly string[]>(),
  sharedModules: given<false>((value, name) => {
    if (value !== false) fail('ERR_OPTION', `fromPyTorch: ${name} can only be false, got ${show(value)}.`);
  }),
} satisfies Schema<FromPyTorchOptions>;

/**
 * A network from the weights of a PyTorch network in a safetensors file: any that calls one module after the other, as nn.Sequential
 * does. `calls` in the file's metadata lists what is called, in order; `modules`, of files written by older snippets, lists the
 * modules of an nn.Sequential: read with `sharedModules: false`.
 * @throws ERR_FORMAT, ERR_SHAPE for weights that do not fit; ERR_UNSUPPORTED naming a module that no layer stands for,
 * and for a list of modules that may leave out a second use of one;
 * ERR_OPTION when the file does not describe the modules and `layers` is missing.
 * @example
 * const model = build(MLP, fromPyTorch(readFileSync('torch.safetensors')));
 */
export function fromPyTorch(bytes: Uint8Array | ArrayBuffer, options: FromPyTorchOptions = {}): ImportedNetwork {
  readOptions(optionRows, options, 'fromPyTorch');
  const { tensors, metadata } = readSafetensors(bytes, { convert: 'float32' });
  const state = new Map([...tensors].filter(([name]) => !name.endsWith('num_batches_tracked')));
  for (const [name, { dtype }] of state)
    if (dtype !== 'F32') fail('ERR_FORMAT', `fromPyTorch: ${show(name)} is of dtype ${dtype}; expected floating point.`);
  if (options.layers !== undefined) return intoLayers(state, options.layers, options.modules);
  const called = metadata.get('calls');
  const described = called ?? metadata.get('modules');
  if (described === undefined)
    return fail(
      'ERR_OPTION',
      `fromPyTorch: the file does not say what stands between its weights (${listModules(state)}). Save it with its calls in the metadata (see docs/files.md), or pass layers: [dense(…), …].`,
    );
  const taken = new Set<string>();
  const listed = readModules(described, called === undefined ? 'modules' : 'calls');
  if (called === undefined && options.sharedModules === undefined) refuseDoubt(listed, state);
  const parts = (called === undefined ? inSequence(listed) : listed).flatMap((module) => partsOf(module, state, taken));
  for (const name of state.keys())
    if (!taken.has(name)) fail('ERR_FORMAT', `fromPyTorch: ${show(name)} belongs to no module of the list.`);
  return assemble(parts, undefined);
}

/** @throws ERR_UNSUPPORTED where a list of modules holds one without weights: that it is called once, the list cannot say. */
function refuseDoubt(listed: readonly Module[], state: ReadonlyMap<string, unknown>): void {
  const weighted = (path: string) => [...state.keys()].some((name) => name.startsWith(`${path}.`));
  const once = listed.find(({ path, type }) => path !== '' && type !== 'Sequential' && type !== 'Identity' && !weighted(path));
  if (once === undefined) return;
  fail(
    'ERR_UNSUPPORTED',
    `fromPyTorch: the file lists its modules, not its calls: whether ${once.path} (${once.type}) is used a second time, it does not say. Write the file again with the snippet in docs/files.md, or pass sharedModules: false if no module is used twice.`,
  );
}

interface Module {
  readonly path: string;
  readonly type: string;
  /** What extra_repr says: 'in_features=3, out_features=4, bias=True'. */
  readonly settings: ReadonlyMap<string, string>;
}

function readModules(text: string, what: string): Module[] {
  const json = parseJson(text, `fromPyTorch, ${what}`);
  if (
    !Array.isArray(json) ||
    !json.every((m) => Array.isArray(m) && m.length === 3 && m.every((s: Json) => typeof s === 'string'))
  )
    return fail('ERR_FORMAT', `fromPyTorch: ${what} in the metadata must be a list of [name, type, settings].`);
  return (json as string[][]).map(([path, type, settings]) => ({ path: path!, type: type!, settings: readSettings(settings!) }));
}

/**
 * The modules of a list in the order nn.Sequential calls them: those it holds. A class of its own may stand around one Sequential.
 * @throws ERR_UNSUPPORTED where a module is left out of the list because it is listed before, or the order of calls is not known.
 */
function inSequence(listed: readonly Module[]): Module[] {
  const containers = listed.filter(({ type }) => type === 'Sequential');
  const [first, second] = listed;
  let modules = listed;
  if (first?.path === '' && first.type !== 'Sequential' && !has(moduleRules, first.type) && listed.length > 1) {
    const inner = second!;
    if (inner.type !== 'Sequential' || listed.slice(2).some(({ path }) => !path.startsWith(`${inner.path}.`)))
      return unsupported(first, 'a list of its modules does not say how it calls them. Write its calls down: see docs/files.md');
    modules = listed.slice(1);
  }
  for (const container of containers) {
    const start = container.path === '' ? '' : `${container.path}.`;
    const children = modules.flatMap(({ path }) => {
      const name = path.startsWith(start) ? path.slice(start.length) : '';
      return name === '' || name.includes('.') ? [] : [name];
    });
    const gap = children.findIndex((name, i) => /^\d+$/.test(name) && Number(name) !== i);
    if (gap >= 0)
      unsupported(
        container,
        `its module ${gap} is not in the list: one that is used twice must be listed twice (remove_duplicate=False)`,
      );
  }
  return modules.filter(({ type }) => type !== 'Sequential');
}

/** 'a=1, b=True' as a map; values without a name are numbered. */
function readSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [i, item] of (text === '' ? [] : text.split(/,\s*(?![^(]*\))/)).entries()) {
    const at = item.indexOf('=');
    settings.set(at < 0 ? String(i) : item.slice(0, at), item.slice(at + 1));
  }
  return settings;
}

interface ModuleRule {
  /** Settings that its name in the list may come with. Others are refused: they could change what it computes. */
  readonly settings: readonly string[];
  readonly parts: (module: Module, take: (name: string) => SafeTensor | undefined) => Part[];
}

/** y = x held to [low, high]: hardSigmoid, which is that for 0 and 1, between affine maps. */
function clipped(low: number, high: number, from: string): Part[] {
  const rate = 6 / (high - low);
  return [
    { kind: 'affine', scale: [rate], shift: [-3 - low * rate], from },
    { kind: 'activation', activation: 'hardSigmoid', from },
    { kind: 'affine', scale: [high - low], shift: [low], from },
  ];
}

const overColumns = (activation: 'softmax' | 'logSoftmax'): ModuleRule => ({
  settings: ['dim'],
  parts: (module) => {
    const dim = module.settings.get('dim');
    if (dim !== '1' && dim !== '-1') unsupported(module, `its dim is ${dim}`);
    return [{ kind: 'activation', activation, from: module.type }];
  },
});

/** Modules that are not activations by name alone: those are in names.ts. */
const moduleRules: Readonly<Record<string, ModuleRule>> = {
  Flatten: {
    settings: ['start_dim', 'end_dim'],
    parts: (module) => {
      if (setting(module, 'start_dim', 1) !== 1) unsupported(module, `its start_dim is ${module.settings.get('start_dim')}`);
      if (![-1, 1].includes(setting(module, 'end_dim', -1)))
        unsupported(module, `its end_dim is ${module.settings.get('end_dim')}`);
      return [];
    },
  },
  Linear: {
    settings: ['in_features', 'out_features', 'bias'],
    parts: (module, take) => {
      const weight = take('weight');
      if (weight === undefined || weight.shape.length !== 2)
        return fail('ERR_FORMAT', `fromPyTorch: ${show(module.path)} has no matrix of weights.`);
      const bias = take('bias');
      if (bias === undefined && module.settings.get('bias') === 'True')
        return fail('ERR_FORMAT', `fromPyTorch: ${show(module.path)} has no bias.`);
      return [dense(weight, bias, module.path)];
    },
  },
  PReLU: {
    settings: ['num_parameters'],
    parts: (module, take) => {
      const slope = take('weight')?.data as Float32Array | undefined;
      if (slope === undefined) return fail('ERR_FORMAT', `fromPyTorch: ${show(module.path)} has no slope.`);
      return [{ kind: 'activation', activation: { name: 'prelu', shared: slope.length === 1 }, slope, from: module.type }];
    },
  },
  Softmax: overColumns('softmax'),
  LogSoftmax: overColumns('logSoftmax'),
  Softplus: {
    settings: ['beta', 'threshold'],
    parts: (module) => {
      const [beta, threshold] = [setting(module, 'beta', 1), setting(module, 'threshold', 20)];
      // Above the threshold it is the identity: from 15 on the difference is below what float32 keeps.
      if (threshold < 15) unsupported(module, `its threshold is ${threshold}`);
      if (!(beta > 0)) unsupported(module, `its beta is ${beta}`);
      const from = module.type;
      const soft: Part = { kind: 'activation', activation: 'softplus', from };
      if (beta === 1) return [soft];
      return [{ kind: 'affine', scale: [beta], shift: [0], from }, soft, { kind: 'affine', scale: [1 / beta], shift: [0], from }];
    },
  },
  LogSigmoid: {
    settings: [],
    parts: ({ type: from }) => [
      { kind: 'affine', scale: [-1], shift: [0], from },
      { kind: 'activation', activation: 'softplus', from },
      { kind: 'affine', scale: [-1], shift: [0], from },
    ],
  },
  ReLU6: { settings: ['inplace'], parts: ({ type }) => clipped(0, 6, type) },
  Hardtanh: {
    settings: ['min_val', 'max_val', 'inplace'],
    parts: (module) => {
      const [low, high] = [setting(module, 'min_val', -1), setting(module, 'max_val', 1)];
      if (!(high > low && high - low <= 20)) unsupported(module, `it holds values to [${low}, ${high}]`);
      return clipped(low, high, module.type);
    },
  },
  Dropout: {
    settings: ['p', 'inplace'],
    parts: (module) => [{ kind: 'dropout', rate: setting(module, 'p', 0.5), from: module.type }],
  },
  BatchNorm1d: {
    settings: ['0', 'eps', 'momentum', 'affine', 'track_running_stats', 'bias'],
    parts: (module, take) => {
      if (module.settings.get('track_running_stats') === 'False') unsupported(module, 'it keeps no running statistics');
      return [batchNorm(take, module.path, setting(module, 'eps', 1e-5), setting(module, 'momentum', 0.1))];
    },
  },
  LayerNorm: {
    settings: ['0', 'eps', 'elementwise_affine', 'bias'],
    parts: (module, take) => {
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
  },
};

/** Settings of modules that are activations; `inplace` changes nothing. */
const activationSettings = ['alpha', 'negative_slope', 'approximate', 'inplace', 'beta', 'threshold'];

function partsOf(module: Module, state: ReadonlyMap<string, SafeTensor>, taken: Set<string>): Part[] {
  if (!has(moduleRules, module.type)) return activationOf(module);
  const { settings, parts } = moduleRules[module.type]!;
  checkSettings(module, settings);
  return parts(module, (name) => {
    const full = module.path === '' ? name : `${module.path}.${name}`;
    taken.add(full);
    return state.get(full);
  });
}

function checkSettings(module: Module, known: readonly string[]): void {
  for (const [name, value] of module.settings)
    if (!known.includes(name)) unsupported(module, `it has a setting ${show(name)} (${value}) that is not known`);
}

function activationOf(module: Module): Part[] {
  const activation = activationCalled('pytorch', module.type, {
    read: (name, preset) => (typeof preset === 'number' ? setting(module, name, preset) : module.settings.get(name)),
    number: (name, preset) => setting(module, name, preset),
    refuse: (name, value) => unsupported(module, `its ${name} is ${show(value)}`),
  });
  if (activation === undefined) return unsupported(module, 'no layer stands for it. Other graphs travel as ONNX: see importOnnx');
  if (activation === 'identity') return [];
  checkSettings(module, activationSettings);
  return [{ kind: 'activation', activation, from: module.type }];
}

function unsupported(module: Module, why: string): never {
  return fail('ERR_UNSUPPORTED', `fromPyTorch: the module ${show(module.path)}, ${module.type}, is not supported: ${why}.`, {
    module: module.path,
  });
}

function setting(module: Module, name: string, preset: number): number {
  const text = module.settings.get(name);
  const value = text === undefined ? preset : text === '' ? Number.NaN : Number(text);
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
      return fail('ERR_SHAPE', `fromPyTorch: ${name} needs ${shape.join(' x ')} numbers, but there is no ${show(path)}.`);
    const wanted = role === 'weight' ? [...shape].reverse() : shape;
    if (tensor.shape.join() !== wanted.join())
      fail('ERR_SHAPE', `fromPyTorch: ${name} needs ${path} as [${wanted.join(', ')}], got [${tensor.shape.join(', ')}].`);
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
