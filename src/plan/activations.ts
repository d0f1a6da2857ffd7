// All that is said of an activation apart from its code: name, id in the core, parameters, how layers before it are initialised,
// and its formula, from which the exporters print JavaScript and ONNX (src/formats/expression) and by which what an
// ONNX graph computes is recognised. The core (assembly/functions/activations/) and the baseline (src/baseline/activations.ts),
// where weights are learned, have functions of their own beside their derivatives; tests compare them with the formulas.

import { Activation } from '../../assembly/abi.js';
import { show, fail } from '../errors.js';
import {
  checkFunction,
  checkNumber,
  flag,
  float32,
  given,
  has,
  number,
  readOptions,
  tiny,
  unknownName,
  type Given,
  type Option,
} from '../options.js';
import {
  abs,
  add,
  choose,
  div,
  erf,
  expm1,
  max,
  min,
  mul,
  normalCdf,
  sigmoid,
  sign,
  softplus,
  tanh,
  z,
  type Expression,
  type Operand,
} from './expressions.js';

/** Id in the core, and what its numbers are called, in order: all that predicting needs to know. PReLU's slope is a tensor; a polynomial's coefficients are a list. */
export const activationIds = {
  identity: [Activation.Identity],
  linear: [Activation.Linear, 'scale', 'shift'],
  sign: [Activation.Sign],
  step: [Activation.Step],
  sigmoid: [Activation.Sigmoid],
  tanh: [Activation.Tanh],
  relu: [Activation.Relu],
  leakyRelu: [Activation.LeakyRelu, 'slope'],
  prelu: [Activation.Prelu, 'init'],
  elu: [Activation.Elu, 'alpha'],
  celu: [Activation.Celu, 'alpha'],
  selu: [Activation.Selu],
  gelu: [Activation.Gelu],
  geluTanh: [Activation.GeluTanh],
  silu: [Activation.Silu],
  softplus: [Activation.Softplus],
  softsign: [Activation.Softsign],
  mish: [Activation.Mish],
  hardSigmoid: [Activation.HardSigmoid],
  softmax: [Activation.Softmax],
  logSoftmax: [Activation.LogSoftmax],
  hardSwish: [Activation.HardSwish],
  polynomial: [Activation.Polynomial, 'coefficients'],
} satisfies Record<string, readonly [id: Activation, a?: string, b?: string]>;

/** The names of the activations. */
export type ActivationName = keyof typeof activationIds;

/** Coefficients that the core has room for. */
export const MOST_COEFFICIENTS = 8;

export interface ActivationRow {
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
  /** It is made of straight pieces: its second derivative is 0 wherever there is one. */
  readonly straight?: true;
  /** Why it cannot be trained through, if it cannot. */
  readonly flat?: string;
  /** The numbers of `activationIds`, and `shared`. */
  readonly options?: Readonly<Record<string, Option<number | boolean | readonly number[]>>>;
}

const any = /* @__NO_SIDE_EFFECTS__ */ (preset: number, min: number = float32.min) =>
  number({ ...float32, min, default: preset });
const alpha = any(1, tiny);
const flat = 'its derivative is zero wherever it has one, so no gradient passes through it';

const linearOptions = {
  /** What z is multiplied by, default 1. */
  scale: any(1),
  /** What is added, default 0. */
  shift: any(0),
};
const leakyReluOptions = {
  /** Below 0, >= 0, default 0.01. */
  slope: any(0.01, 0),
};
const preluOptions = {
  /** The slope below 0 that training begins with, default 0.25. */
  init: any(0.25),
  /** true (default): one slope for the layer; false: one for each unit. */
  shared: flag(true),
};
const square = [0, 0, 1];
const polynomialOptions = {
  /** Of z^0, z^1, z^2, …: 2 to 8 numbers, default [0, 0, 1], the square. */
  coefficients: (value: unknown, name: string): readonly number[] => {
    const list: unknown = value ?? square;
    if (!Array.isArray(list) || list.length < 2 || list.length > MOST_COEFFICIENTS)
      return fail(
        'ERR_OPTION',
        `${name}: expected 2 to ${MOST_COEFFICIENTS} numbers, those of z^0, z^1, z^2, …, such as [0, 0.5, 0.25], got ${show(value)}.`,
      );
    return list.map((c: unknown, k) => checkNumber(c, `${name}[${k}]`, float32));
  },
};
const eluOptions = {
  /** > 0, default 1: values lie above -alpha. */
  alpha,
};

// biome-ignore format: a table, columns lined up
export const activations = {
  identity:    { init: 'glorotUniform', range: 'real' },
  linear:      { init: 'glorotUniform', range: 'real', options: linearOptions },
  sign:        { init: 'glorotUniform', range: 'real', flat },
  step:        { init: 'glorotUniform', range: 'unit', flat },
  sigmoid:     { init: 'glorotUniform', range: 'unit', bounds: [0, 1] },
  tanh:        { init: 'glorotUniform', range: 'real', bounds: [-1, 1] },
  relu:        { init: 'heNormal',      range: 'real', canDie: true, straight: true },
  leakyRelu:   { init: 'heNormal',      range: 'real', straight: true, options: leakyReluOptions },
  prelu:       { init: 'heNormal',      range: 'real', keepsInput: true, straight: true, options: preluOptions },
  elu:         { init: 'heNormal',      range: 'real', options: eluOptions },
  celu:        { init: 'heNormal',      range: 'real', options: eluOptions },
  selu:        { init: 'lecunNormal',   range: 'real' },
  gelu:        { init: 'heNormal',      range: 'real', keepsInput: true },
  geluTanh:    { init: 'heNormal',      range: 'real', keepsInput: true },
  silu:        { init: 'heNormal',      range: 'real', keepsInput: true },
  softplus:    { init: 'heNormal',      range: 'real' },
  softsign:    { init: 'glorotUniform', range: 'real', bounds: [-1, 1] },
  mish:        { init: 'heNormal',      range: 'real', keepsInput: true },
  hardSigmoid: { init: 'glorotUniform', range: 'unit', bounds: [0, 1], straight: true },
  softmax:     { init: 'glorotUniform', range: 'simplex' },
  logSoftmax:  { init: 'glorotUniform', range: 'log' },
  hardSwish:   { init: 'heNormal',      range: 'real', keepsInput: true },
  polynomial:  { init: 'glorotUniform', range: 'real', keepsInput: true, options: polynomialOptions },
} satisfies Record<ActivationName, ActivationRow>;

type Table = typeof activations;

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

/**
 * An activation of your own, for models of `feedforward/baseline` alone: the WebAssembly core calls nothing back. Models on the core, workers, `save`
 * and the exporters refuse it by name. It is applied to each number of a layer; weights before it start by Glorot's rule.
 *
 * @example
 * import { MLP, dense, gradientCheck } from 'feedforward/baseline';
 * const sine = { name: 'sine', value: Math.sin, derivative: Math.cos, second: (z: number) => -Math.sin(z) };
 * const waves = new MLP({ inputs: 2, layers: [dense(8, { activation: sine }), dense(1)] });
 * gradientCheck(waves, X, y).ok;  // true: the derivative is that of the value
 */
export interface CustomActivation {
  /** What messages, summaries and drawings call it: none of the built-in names. */
  readonly name: string;
  /** f(z) of one number. */
  readonly value: (z: number) => number;
  /** f'(z). */
  readonly derivative: (z: number) => number;
  /** f''(z), for training on input gradients and exact Hessians; without it they are refused. */
  readonly second?: (z: number) => number;
}

/** A name where the defaults do ('swish' is silu), else `{ name, … }`, what the function of that name makes, or one of your own (baseline alone). */
export type ActivationLike = ActivationName | 'swish' | ActivationSpec | CustomActivation;

const ownRow: ActivationRow = { init: 'glorotUniform', range: 'real', keepsInput: true };

/** The row of an activation, with all that a row may hold; of one of the user's own, what holds for any function. */
export function activationRow(name: ActivationName): ActivationRow {
  return has(activations, name) ? activations[name] : ownRow;
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
  /** Of a polynomial; empty elsewhere. */
  readonly coefficients: readonly number[];
  /** One of the user's own, which has another name than the built-in ones and no id. */
  readonly custom?: CustomActivation;
}

const customRows = {
  name: given<string>(),
  value: needs,
  derivative: needs,
  second: given((value, name) => checkFunction(value, name)),
};

function needs(value: unknown, name: string): unknown {
  checkFunction(value, name, 'a function of one number');
  return value;
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
  if ('value' in asked && typeof called === 'string' && !has(activations, name)) {
    const custom = readOptions(customRows, asked, path, `${path}.`) as unknown as CustomActivation;
    return { name: called as ActivationName, id: Activation.Identity, a: 0, b: 0, shared: true, coefficients: [], custom };
  }
  if (!has(activations, name)) unknownName(called, [...activationNames, 'swish'], path, 'activation');
  const row: ActivationRow = activations[name];
  const filled: Record<string, unknown> = { ...asked };
  for (const [key, value] of Object.entries(defaults[name] ?? {})) filled[key] ??= value;
  const {
    shared = true,
    name: _,
    ...numbers
  } = readOptions({ name: given<string>(), ...row.options }, filled, path, `${path}.`) as Record<string, unknown>;
  const coefficients = (numbers['coefficients'] ?? []) as readonly number[];
  const [a = 0, b = 0] = name === 'polynomial' ? [coefficients.length - 1] : (Object.values(numbers) as number[]);
  return { name, id: activationIds[name][0], a, b, shared: shared === true, coefficients };
}

/** The value of the parameter that users call `name`: 'slope', 'alpha', … */
export function parameterOf(activation: ResolvedActivation, name: string): number {
  const { options = {} } = activationRow(activation.name);
  return Object.keys(options)[0] === name ? activation.a : activation.b;
}

/** As plain data again: a name where the defaults do. */
export function activationSpec(activation: ResolvedActivation): ActivationLike {
  const { options } = activationRow(activation.name);
  if (options === undefined) return activation.custom ?? activation.name;
  const { a, b, shared, coefficients } = activation;
  if (coefficients.length > 0) return { name: 'polynomial', coefficients };
  const values = Object.keys(options).map((name, i) => [name, name === 'shared' ? shared : i === 0 ? a : b]);
  return { name: activation.name, ...Object.fromEntries(values) };
}

/** Activations that work number by number: all but those that read a whole row. */
export type ElementwiseActivation = Exclude<ActivationName, 'softmax' | 'logSoftmax'>;

/** The formula of an activation, given its numbers in the order of `ids` (PReLU's is its slope), and a polynomial's coefficients. */
export type Formula = (first: Operand, second: Operand, coefficients?: readonly number[]) => Expression;

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const GELU_RATE = 1.5957691216057308; // sqrt(8 / pi): tanh(u) = 2 sigmoid(2 u) - 1 takes sqrt(2 / pi) to this

// biome-ignore format: a table, one row per activation
export const formulas: Readonly<Record<ElementwiseActivation, Formula>> = {
  identity:    () => z,
  linear:      (scale, shift) => add(mul(scale, z), shift),
  sign:        () => sign(z),
  step:        () => choose(z, 1, 0),
  sigmoid:     () => sigmoid(z),
  tanh:        () => tanh(z),
  relu:        () => max(z, 0),
  leakyRelu:   (slope) => choose(z, z, mul(slope, z)),
  prelu:       (slope) => choose(z, z, mul(slope, z)),
  elu:         (alpha) => choose(z, z, mul(alpha, expm1(z))),
  celu:        (alpha) => choose(z, z, mul(alpha, expm1(div(z, alpha)))),
  selu:        () => mul(SELU_SCALE, choose(z, z, mul(SELU_ALPHA, expm1(z)))),
  gelu:        () => mul(mul(add(erf(mul(z, Math.SQRT1_2)), 1), z), 0.5),
  geluTanh:    () => mul(sigmoid(mul(add(mul(mul(z, z), 0.044715 * GELU_RATE), GELU_RATE), z)), z),
  silu:        () => mul(sigmoid(z), z),
  softplus:    () => softplus(z),
  softsign:    () => div(z, add(1, abs(z))),
  mish:        () => mul(tanh(softplus(z)), z),
  hardSigmoid: () => div(min(6, max(0, add(z, 3))), 6),
  hardSwish:   () => mul(div(min(6, max(0, add(z, 3))), 6), z),
  polynomial:  (_degree, _, coefficients = square) => coefficients.slice(0, -1).reduceRight<Operand>((sum, c) => add(mul(sum, z), c), coefficients.at(-1)!) as Expression,
};

/**
 * The form to compute with, where the formula loses digits: 1 + erf cancels far below 0. A target that knows a formula as a
 * whole (ONNX runtimes do gelu's) keeps the formula.
 */
export const stableFormulas: Readonly<Partial<Record<ElementwiseActivation, Formula>>> = {
  gelu: () => mul(normalCdf(z), z),
};

/** Whether an activation has a formula: softmax and logSoftmax have none, nor has a name that only a forged plan has. */
export function isElementwise(name: ActivationName): name is ElementwiseActivation {
  return Object.hasOwn(formulas, name);
}

/** The formula to compute an activation with; undefined for a name that is not one of them, as a forged plan may have. */
export function formulaToCompute(name: ActivationName): Formula | undefined {
  return isElementwise(name) ? (stableFormulas[name] ?? formulas[name]) : undefined;
}

/** Where a formula changes, in ascending order: elsewhere it is smooth. None where nothing is said. */
const kinks: Readonly<Partial<Record<ElementwiseActivation, readonly number[]>>> = {
  sign: [0],
  step: [0],
  relu: [0],
  leakyRelu: [0],
  prelu: [0],
  elu: [0],
  celu: [0],
  selu: [0],
  softsign: [0],
  hardSigmoid: [-3, 3],
  hardSwish: [-3, 3],
};

/** The points between which the formula of an activation is smooth. */
export function breakpointsOf(name: ElementwiseActivation): readonly number[] {
  return kinks[name] ?? [];
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
/**
 * The activation c0 + c1 z + c2 z^2 + … of 2 to 8 `coefficients` [c0, c1, c2, …] (default [0, 0, 1], the square). With it a network of any width and
 * given depth is a polynomial of bounded degree, the one kind of activation that cannot approximate every function. It grows without bounds: inputs
 * near 0 and small weights keep it in reach. See: Leshno, Lin, Pinkus & Schocken 1993, https://doi.org/10.1016/S0893-6080(05)80131-5
 *
 * @example
 * const cubic = dense(16, { activation: polynomial([0, 1, 0, -1 / 6]) });
 */
export const polynomial = (coefficients?: readonly number[]): ActivationSpec => ({
  name: 'polynomial',
  ...(coefficients === undefined ? {} : { coefficients }),
});

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
