// The table of activations: what each is called, its parameters, its id in the core and how layers before it are
// initialised. Formulas: assembly/functions/activations.ts (fast) and src/baseline/activations.ts (plain).

import { Activation } from '../../assembly/abi.js';
import { show, fail } from '../errors.js';
import { checkBoolean, checkKeys, checkNumber, float32, has, tiny, unknownName, type Range } from '../options.js';

export type ActivationName =
  | 'identity'
  | 'linear'
  | 'sign'
  | 'step'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'prelu'
  | 'elu'
  | 'celu'
  | 'selu'
  | 'gelu'
  | 'geluTanh'
  | 'silu'
  | 'softplus'
  | 'softsign'
  | 'mish'
  | 'hardSigmoid'
  | 'softmax'
  | 'logSoftmax';

/** An activation with its parameters, as plain data: `{ name: 'leakyRelu', slope: 0.2 }`. */
export type ActivationSpec =
  | { readonly name: 'linear'; readonly scale?: number; readonly shift?: number }
  | { readonly name: 'leakyRelu'; readonly slope?: number }
  | { readonly name: 'prelu'; readonly init?: number; readonly shared?: boolean }
  | { readonly name: 'elu' | 'celu'; readonly alpha?: number }
  | { readonly name: Exclude<ActivationName, 'linear' | 'leakyRelu' | 'prelu' | 'elu' | 'celu'> };

/** A name where the defaults do ('swish' is silu), or the small function of the same name. */
export type ActivationLike = ActivationName | 'swish' | ActivationSpec;

interface Parameter {
  readonly name: string;
  readonly value: number | boolean;
  readonly range?: Range;
}

export interface ActivationRow {
  readonly id: Activation;
  /** Default initialiser of the weights that feed it. */
  readonly init: 'heNormal' | 'glorotUniform' | 'lecunNormal';
  /** Values it can give: 'unit' is [0, 1], 'simplex' rows that sum to 1, 'log' their logarithms. */
  readonly range: 'real' | 'unit' | 'simplex' | 'log';
  /** Its derivative is computed from z, which is therefore kept; else from y alone, which may then overwrite z. */
  readonly keepsInput?: true;
  /** The values it flattens out at, below and above: near them hardly any gradient passes. */
  readonly bounds?: readonly [low: number, high: number];
  /** It is 0 for all of z < 0, so that a unit that is 0 for every row no longer learns. */
  readonly canDie?: true;
  /** Why it cannot be trained through, if it cannot. */
  readonly flat?: string;
  /** At most two numbers reach the core, in this order. */
  readonly parameters?: readonly Parameter[];
}

const positive: Range = { min: tiny, max: float32.max };
const flat = 'its derivative is zero wherever it has one, so no gradient passes through it';

// biome-ignore format: a table, columns lined up
export const activations = {
  identity:    { id: Activation.Identity,    init: 'glorotUniform', range: 'real' },
  linear:      { id: Activation.Linear,      init: 'glorotUniform', range: 'real', parameters: [{ name: 'scale', value: 1, range: float32 }, { name: 'shift', value: 0, range: float32 }] },
  sign:        { id: Activation.Sign,        init: 'glorotUniform', range: 'real', flat },
  step:        { id: Activation.Step,        init: 'glorotUniform', range: 'unit', flat },
  sigmoid:     { id: Activation.Sigmoid,     init: 'glorotUniform', range: 'unit', bounds: [0, 1] },
  tanh:        { id: Activation.Tanh,        init: 'glorotUniform', range: 'real', bounds: [-1, 1] },
  relu:        { id: Activation.Relu,        init: 'heNormal',      range: 'real', canDie: true },
  leakyRelu:   { id: Activation.LeakyRelu,   init: 'heNormal',      range: 'real', parameters: [{ name: 'slope', value: 0.01, range: { min: 0, max: float32.max } }] },
  prelu:       { id: Activation.Prelu,       init: 'heNormal',      range: 'real', keepsInput: true, parameters: [{ name: 'init', value: 0.25, range: float32 }, { name: 'shared', value: true }] },
  elu:         { id: Activation.Elu,         init: 'heNormal',      range: 'real', parameters: [{ name: 'alpha', value: 1, range: positive }] },
  celu:        { id: Activation.Celu,        init: 'heNormal',      range: 'real', parameters: [{ name: 'alpha', value: 1, range: positive }] },
  selu:        { id: Activation.Selu,        init: 'lecunNormal',   range: 'real' },
  gelu:        { id: Activation.Gelu,        init: 'heNormal',      range: 'real', keepsInput: true },
  geluTanh:    { id: Activation.GeluTanh,    init: 'heNormal',      range: 'real', keepsInput: true },
  silu:        { id: Activation.Silu,        init: 'heNormal',      range: 'real', keepsInput: true },
  softplus:    { id: Activation.Softplus,    init: 'heNormal',      range: 'real' },
  softsign:    { id: Activation.Softsign,    init: 'glorotUniform', range: 'real', bounds: [-1, 1] },
  mish:        { id: Activation.Mish,        init: 'heNormal',      range: 'real', keepsInput: true },
  hardSigmoid: { id: Activation.HardSigmoid, init: 'glorotUniform', range: 'unit', bounds: [0, 1] },
  softmax:     { id: Activation.Softmax,     init: 'glorotUniform', range: 'simplex' },
  logSoftmax:  { id: Activation.LogSoftmax,  init: 'glorotUniform', range: 'log' },
} satisfies Record<ActivationName, ActivationRow>;

/** The row of an activation, with all that a row may hold. */
export function activationRow(name: ActivationName): ActivationRow {
  return activations[name];
}

export const activationNames = Object.keys(activations) as ActivationName[];

/** An activation ready for a backend: its id and its two numbers. */
export interface ResolvedActivation {
  readonly name: ActivationName;
  readonly id: Activation;
  readonly a: number;
  readonly b: number;
  /** PReLU: one slope for the layer, or one per unit. */
  readonly shared: boolean;
}

/** Looks an activation up and checks its parameters. `path` is what messages call it. @throws ERR_OPTION. */
export function resolveActivation(value: unknown, path: string): ResolvedActivation {
  const given: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof given !== 'object' || given === null)
    fail('ERR_OPTION', `${path}: expected the name of an activation, got ${show(value)}.`);
  const called = (given as { name?: unknown }).name;
  const name = called === 'swish' ? 'silu' : called;
  if (!has(activations, name)) unknownName(called, [...activationNames, 'swish'], path, 'activation');
  const row: ActivationRow = activations[name];
  const parameters = row.parameters ?? [];
  const options = checkKeys(given, ['name', ...parameters.map((p) => p.name)], path);
  const numbers = [0, 0];
  let shared = true;
  parameters.forEach((parameter, i) => {
    const option = options[parameter.name] ?? parameter.value;
    if (typeof parameter.value === 'boolean') shared = checkBoolean(option, `${path}.${parameter.name}`);
    else numbers[i] = checkNumber(option, `${path}.${parameter.name}`, parameter.range);
  });
  return { name, id: row.id, a: numbers[0]!, b: numbers[1]!, shared };
}

/** The value of the parameter that users call `name`: 'slope', 'alpha', … */
export function parameterOf(activation: ResolvedActivation, name: string): number {
  const row: ActivationRow = activations[activation.name];
  return row.parameters?.[0]?.name === name ? activation.a : activation.b;
}

/** As plain data again: a name where the defaults do. */
export function activationSpec(activation: ResolvedActivation): ActivationLike {
  const row: ActivationRow = activations[activation.name];
  if (row.parameters === undefined) return activation.name;
  const spec: Record<string, unknown> = { name: activation.name };
  row.parameters.forEach((p, i) => {
    spec[p.name] = typeof p.value === 'boolean' ? activation.shared : i === 0 ? activation.a : activation.b;
  });
  return spec as unknown as ActivationSpec;
}

/** a z + b. */
export const linear = (options: { scale?: number; shift?: number } = {}): ActivationSpec => ({ name: 'linear', ...options });
/** z for z > 0, slope z below. */
export const leakyRelu = (options: { slope?: number } = {}): ActivationSpec => ({ name: 'leakyRelu', ...options });
/** z for z > 0, a learned slope times z below: one slope for the layer (`shared`), or one per unit. See: https://arxiv.org/abs/1502.01852 */
export const prelu = (options: { init?: number; shared?: boolean } = {}): ActivationSpec => ({ name: 'prelu', ...options });
/** z for z > 0, alpha (e^z - 1) below. See: https://arxiv.org/abs/1511.07289 */
export const elu = (options: { alpha?: number } = {}): ActivationSpec => ({ name: 'elu', ...options });
/** z for z > 0, alpha (e^(z / alpha) - 1) below: smooth at 0 for every alpha. See: https://arxiv.org/abs/1704.07483 */
export const celu = (options: { alpha?: number } = {}): ActivationSpec => ({ name: 'celu', ...options });
