// The table of activations: what each is called, its parameters, its id in the core and how layers before it are
// initialised. Formulas: assembly/functions/activations.ts (fast) and src/baseline/activations.ts (plain).

import { Activation } from '../../assembly/abi.js';
import { show, fail } from '../errors.js';
import { flag, float32, given, has, number, readOptions, tiny, unknownName, type Given, type Option } from '../options.js';

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
  /** At most two numbers reach the core, in this order, and `shared`. */
  readonly options?: Readonly<Record<string, Option<number | boolean>>>;
}

const any = (preset: number) => number({ ...float32, default: preset });
const alpha = number({ min: tiny, max: float32.max, default: 1 });
const flat = 'its derivative is zero wherever it has one, so no gradient passes through it';

const linearOptions = {
  /** What z is multiplied by, default 1. */
  scale: any(1),
  /** What is added, default 0. */
  shift: any(0),
};
const leakyReluOptions = {
  /** Below 0, >= 0, default 0.01. */
  slope: number({ min: 0, max: float32.max, default: 0.01 }),
};
const preluOptions = {
  /** The slope below 0 that training begins with, default 0.25. */
  init: any(0.25),
  /** true (default): one slope for the layer; false: one for each unit. */
  shared: flag(true),
};
const eluOptions = {
  /** > 0, default 1: values lie above -alpha. */
  alpha,
};

// biome-ignore format: a table, columns lined up
export const activations = {
  identity:    { id: Activation.Identity,    init: 'glorotUniform', range: 'real' },
  linear:      { id: Activation.Linear,      init: 'glorotUniform', range: 'real', options: linearOptions },
  sign:        { id: Activation.Sign,        init: 'glorotUniform', range: 'real', flat },
  step:        { id: Activation.Step,        init: 'glorotUniform', range: 'unit', flat },
  sigmoid:     { id: Activation.Sigmoid,     init: 'glorotUniform', range: 'unit', bounds: [0, 1] },
  tanh:        { id: Activation.Tanh,        init: 'glorotUniform', range: 'real', bounds: [-1, 1] },
  relu:        { id: Activation.Relu,        init: 'heNormal',      range: 'real', canDie: true },
  leakyRelu:   { id: Activation.LeakyRelu,   init: 'heNormal',      range: 'real', options: leakyReluOptions },
  prelu:       { id: Activation.Prelu,       init: 'heNormal',      range: 'real', keepsInput: true, options: preluOptions },
  elu:         { id: Activation.Elu,         init: 'heNormal',      range: 'real', options: eluOptions },
  celu:        { id: Activation.Celu,        init: 'heNormal',      range: 'real', options: eluOptions },
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
  hardSwish:   { id: Activation.HardSwish,   init: 'heNormal',      range: 'real', keepsInput: true },
} satisfies Record<string, ActivationRow>;

type Table = typeof activations;

/** The names of the activations. */
export type ActivationName = keyof Table;

type OptionsOf<Name extends ActivationName> = Table[Name] extends {
  readonly options: infer Rows extends Readonly<Record<string, Option<unknown>>>;
}
  ? Given<Rows>
  : unknown;

/** An activation with its parameters, as plain data: `{ name: 'leakyRelu', slope: 0.2 }`. */
export type ActivationSpec = {
  [Name in ActivationName]: {
    /** Which activation. */
    readonly name: Name;
  } & OptionsOf<Name>;
}[ActivationName];

/** A name where the defaults do ('swish' is silu), else `{ name, … }` or what the function of that name makes. */
export type ActivationLike = ActivationName | 'swish' | ActivationSpec;

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

/** The parameters of activations where a preset has its own. */
export type ActivationDefaults = { readonly [Name in ActivationName]?: OptionsOf<Name> };

/** Looks an activation up and checks its parameters; `defaults` come before its own. `path` is what messages call it. @throws ERR_OPTION. */
export function resolveActivation(value: unknown, path: string, defaults: ActivationDefaults = {}): ResolvedActivation {
  const asked: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof asked !== 'object' || asked === null)
    fail('ERR_OPTION', `${path}: expected the name of an activation, got ${show(value)}.`);
  const called = (asked as { name?: unknown }).name;
  const name = called === 'swish' ? 'silu' : called;
  if (!has(activations, name)) unknownName(called, [...activationNames, 'swish'], path, 'activation');
  const row: ActivationRow = activations[name];
  const filled: Record<string, unknown> = { ...asked };
  for (const [key, value] of Object.entries(defaults[name] ?? {})) filled[key] ??= value;
  const {
    shared = true,
    name: _,
    ...numbers
  } = readOptions({ name: given<string>(), ...row.options }, filled, path, `${path}.`) as Record<string, unknown>;
  const [a = 0, b = 0] = Object.values(numbers) as number[];
  return { name, id: row.id, a, b, shared: shared === true };
}

/** The value of the parameter that users call `name`: 'slope', 'alpha', … */
export function parameterOf(activation: ResolvedActivation, name: string): number {
  const { options = {} }: ActivationRow = activations[activation.name];
  return Object.keys(options)[0] === name ? activation.a : activation.b;
}

/** As plain data again: a name where the defaults do. */
export function activationSpec(activation: ResolvedActivation): ActivationLike {
  const { options }: ActivationRow = activations[activation.name];
  if (options === undefined) return activation.name;
  const { a, b, shared } = activation;
  const values = Object.keys(options).map((name, i) => [name, name === 'shared' ? shared : i === 0 ? a : b]);
  return { name: activation.name, ...Object.fromEntries(values) };
}

/**
 * The activation scale z + shift (default z).
 *
 * @example
 * const half = dense(1, { activation: linear({ scale: 0.5 }) });
 */
export const linear = (options: OptionsOf<'linear'> = {}): ActivationSpec => ({ name: 'linear', ...options });
/**
 * The activation z for z > 0, slope z below; `slope` >= 0, default 0.01.
 *
 * @example
 * const hidden = dense(16, { activation: leakyRelu({ slope: 0.2 }) });
 */
export const leakyRelu = (options: OptionsOf<'leakyRelu'> = {}): ActivationSpec => ({ name: 'leakyRelu', ...options });
/**
 * The activation z for z > 0, a learned slope times z below. The slope starts at `init` (default 0.25): one for the layer, or with
 * `shared: false` one per unit; parameter 'layers.0.slope'. See: https://arxiv.org/abs/1502.01852
 *
 * @example
 * const hidden = dense(16, { activation: prelu({ shared: false }) });
 */
export const prelu = (options: OptionsOf<'prelu'> = {}): ActivationSpec => ({ name: 'prelu', ...options });
/**
 * The activation z for z > 0, alpha (e^z - 1) below; `alpha` > 0, default 1. See: https://arxiv.org/abs/1511.07289
 *
 * @example
 * const hidden = dense(16, { activation: elu({ alpha: 0.5 }) });
 */
export const elu = (options: OptionsOf<'elu'> = {}): ActivationSpec => ({ name: 'elu', ...options });
/**
 * The activation z for z > 0, alpha (e^(z / alpha) - 1) below: smooth at 0 for every `alpha` > 0 (default 1).
 * See: https://arxiv.org/abs/1704.07483
 *
 * @example
 * const hidden = dense(16, { activation: celu({ alpha: 0.5 }) });
 */
export const celu = (options: OptionsOf<'celu'> = {}): ActivationSpec => ({ name: 'celu', ...options });
