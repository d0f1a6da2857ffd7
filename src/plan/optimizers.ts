// The table of optimizers: names, options, ids, and for each what its rule needs: constants by name and slots. Rules run in
// assembly/functions/optimizers/ (fast) and src/baseline/optimizers.ts (plain). In every rule g is the gradient, w the weight, lr the learning rate, t the step
// from 1; `weightDecay` wd is coupled (g += wd w, what PyTorch calls weight_decay) unless the rule says otherwise.

import { Optimizer, type OptimizerField } from '../../assembly/abi.js';
import { exp, log } from '../data/elementary.js';
import { fail, show } from '../errors.js';
import { checkBoolean, checkChoice, checkKeys, checkNumber, has, tiny, unknownName, type Range } from '../options.js';
import { resolveRate, type LearningRate, type ResolvedRate } from './schedules.js';

export type OptimizerName =
  | 'gd'
  | 'sgd'
  | 'adagrad'
  | 'adadelta'
  | 'rmsprop'
  | 'adam'
  | 'adamw'
  | 'adamax'
  | 'nadam'
  | 'lion'
  | 'lbfgs';

/** An optimizer as plain data: `{ name: 'adam', learningRate: 0.001 }`. */
export interface OptimizerSpec {
  readonly name: OptimizerName;
  readonly learningRate?: LearningRate;
  readonly [option: string]: unknown;
}

export type OptimizerLike = OptimizerName | OptimizerSpec;

/** The names of a rule's constants: members of OptimizerField (assembly/abi.ts), the first letter small. */
export type OptimizerConstant = Uncapitalize<
  Exclude<keyof typeof OptimizerField, 'Rule' | 'WeightDecay' | 'Slots' | 'Slot0' | 'Slot1' | 'Slot2' | 'Count'>
>;

/** A rule's own numbers by name; 0 where it has no use for one, and for what is switched off. */
export type OptimizerConstants = Readonly<Record<OptimizerConstant, number>>;

/** An optimizer ready for a backend. */
export interface ResolvedOptimizer {
  readonly name: OptimizerName;
  readonly rule: Optimizer;
  readonly learningRate: ResolvedRate;
  readonly constants: OptimizerConstants;
  /** Arrays as long as the parameters that the rule keeps, at most 3, and the value each starts from. */
  readonly slots: readonly number[];
  readonly weightDecay: number;
  /** One batch is the whole data set. */
  readonly fullBatch: boolean;
  /** Every option with its value: what save() writes. */
  readonly options: Readonly<Record<string, unknown>>;
}

type Options = Readonly<Record<string, number | boolean | string>>;

interface OptimizerRow {
  readonly learningRate: number;
  readonly defaults: Options;
  readonly rule: (o: Options) => { rule: Optimizer; constants?: Partial<OptimizerConstants>; slots?: readonly number[] };
  readonly fullBatch?: true;
}

const share: Range = { min: 0, max: 1, maxExclusive: true };
const zeroUp: Range = { min: 0 };
const ranges: Readonly<Record<string, Range>> = {
  momentum: share,
  dampening: { min: 0, max: 1 },
  weightDecay: zeroUp,
  rho: share,
  beta1: share,
  beta2: share,
  epsilon: { min: tiny },
  initialAccumulator: zeroUp,
  momentumDecay: zeroUp,
  historySize: { min: 1, max: 100, integer: true },
  maxLineSearch: { min: 1, max: 100, integer: true },
  tolerance: zeroUp,
};

const num = (o: Options, name: string): number => Number(o[name]);

const noConstants: OptimizerConstants = {
  momentum: 0,
  dampening: 0,
  nesterov: 0,
  biasCorrection: 0,
  rho: 0,
  beta1: 0,
  beta2: 0,
  epsilon: 0,
  epsilonInside: 0,
  epsilonHat: 0,
  centered: 0,
  momentumFade: 0,
};

/** Options that are constants under their own names, as numbers. */
function pick(o: Options, ...names: OptimizerConstant[]): Partial<OptimizerConstants> {
  return Object.fromEntries(names.map((name) => [name, num(o, name)]));
}

/** Epsilon outside the root, or where the option `moved` says so under its name. */
function epsilon(o: Options, moved: 'epsilonInside' | 'epsilonHat'): Partial<OptimizerConstants> {
  return { [o[moved] ? moved : 'epsilon']: num(o, 'epsilon') };
}

const table = {
  gd: { learningRate: 0.01, defaults: { weightDecay: 0 }, rule: () => ({ rule: Optimizer.Sgd }), fullBatch: true },
  sgd: {
    learningRate: 0.01,
    defaults: { momentum: 0, form: 'pytorch', dampening: 0, nesterov: false, biasCorrection: false, weightDecay: 0 },
    rule: (o) => {
      if (o['nesterov'] && (num(o, 'momentum') === 0 || num(o, 'dampening') !== 0))
        fail('ERR_OPTION', 'sgd.nesterov: wants momentum > 0 and dampening 0.');
      if (o['nesterov'] && o['form'] === 'ema')
        fail('ERR_OPTION', 'sgd.nesterov: has the forms "pytorch" and "velocity", not "ema".');
      if (num(o, 'momentum') === 0) return { rule: Optimizer.Sgd };
      if (o['form'] === 'velocity') return { rule: Optimizer.Velocity, constants: pick(o, 'momentum', 'nesterov'), slots: [0] };
      if (o['form'] === 'ema') return { rule: Optimizer.Average, constants: pick(o, 'momentum', 'biasCorrection'), slots: [0] };
      return { rule: Optimizer.Momentum, constants: pick(o, 'momentum', 'dampening', 'nesterov'), slots: [0] };
    },
  },
  adagrad: {
    learningRate: 0.01,
    defaults: { epsilon: 1e-10, initialAccumulator: 0, epsilonInside: false, weightDecay: 0 },
    rule: (o) => ({
      rule: Optimizer.Adagrad,
      constants: epsilon(o, 'epsilonInside'),
      slots: [num(o, 'initialAccumulator')],
    }),
  },
  adadelta: {
    learningRate: 1,
    defaults: { rho: 0.9, epsilon: 1e-6, weightDecay: 0 },
    rule: (o) => ({ rule: Optimizer.Adadelta, constants: pick(o, 'rho', 'epsilon'), slots: [0, 0] }),
  },
  rmsprop: {
    learningRate: 1e-3,
    defaults: { rho: 0.9, epsilon: 1e-8, epsilonInside: false, centered: false, momentum: 0, weightDecay: 0 },
    rule: (o) => ({
      rule: Optimizer.Rmsprop,
      constants: { ...pick(o, 'rho', 'centered', 'momentum'), ...epsilon(o, 'epsilonInside') },
      slots: o['centered'] || num(o, 'momentum') > 0 ? [0, 0, 0] : [0],
    }),
  },
  adam: {
    learningRate: 1e-3,
    defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, epsilonHat: false, amsgrad: false, weightDecay: 0 },
    rule: (o) => ({
      rule: o['amsgrad'] ? Optimizer.AmsGrad : Optimizer.Adam,
      constants: { ...pick(o, 'beta1', 'beta2'), ...epsilon(o, 'epsilonHat') },
      slots: o['amsgrad'] ? [0, 0, 0] : [0, 0],
    }),
  },
  adamw: {
    learningRate: 1e-3,
    defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, epsilonHat: false, weightDecay: 0.01 },
    rule: (o) => ({
      rule: Optimizer.AdamW,
      constants: { ...pick(o, 'beta1', 'beta2'), ...epsilon(o, 'epsilonHat') },
      slots: [0, 0],
    }),
  },
  adamax: {
    learningRate: 2e-3,
    defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    rule: (o) => ({ rule: Optimizer.Adamax, constants: pick(o, 'beta1', 'beta2', 'epsilon'), slots: [0, 0] }),
  },
  nadam: {
    learningRate: 2e-3,
    defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentumDecay: 0.004, weightDecay: 0 },
    rule: (o) => ({
      rule: Optimizer.Nadam,
      // The momentum of step t is beta1 (1 - 0.96^(t momentumDecay) / 2): rules multiply 0.96^momentumDecay up.
      constants: { ...pick(o, 'beta1', 'beta2', 'epsilon'), momentumFade: exp(num(o, 'momentumDecay') * log(0.96)) },
      slots: [0, 0],
    }),
  },
  lion: {
    learningRate: 1e-4,
    defaults: { beta1: 0.9, beta2: 0.99, weightDecay: 0 },
    rule: (o) => ({ rule: Optimizer.Lion, constants: pick(o, 'beta1', 'beta2'), slots: [0] }),
  },
  lbfgs: {
    learningRate: 1,
    defaults: { historySize: 10, maxLineSearch: 25, tolerance: 1e-9, weightDecay: 0 },
    rule: () => ({ rule: Optimizer.None }),
    fullBatch: true,
  },
} satisfies Record<OptimizerName, OptimizerRow>;

export const optimizerNames = Object.keys(table) as OptimizerName[];

/** Looks an optimizer up and checks its options. @throws ERR_OPTION. */
export function resolveOptimizer(value: unknown, overrides: Options & { learningRate?: number } = {}): ResolvedOptimizer {
  const given: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof given !== 'object' || given === null)
    fail('ERR_OPTION', `optimizer: expected a name or an optimizer, got ${show(value)}.`);
  const name = (given as { name?: unknown }).name;
  if (!has(table, name)) unknownName(name, optimizerNames, 'optimizer', 'optimizer');
  const row: OptimizerRow = table[name];
  const options = checkKeys(given, ['name', 'learningRate', ...Object.keys(row.defaults)], name);
  const learningRate = resolveRate(options['learningRate'] ?? overrides.learningRate ?? row.learningRate, `${name}.learningRate`);
  const checked: Record<string, number | boolean | string> = {};
  for (const [key, preset] of Object.entries(row.defaults)) {
    const option = options[key] ?? overrides[key] ?? preset;
    const path = `${name}.${key}`;
    if (typeof preset === 'boolean') checked[key] = checkBoolean(option, path);
    else if (typeof preset === 'string') checked[key] = checkChoice(option, ['pytorch', 'velocity', 'ema'], path);
    else checked[key] = checkNumber(option, path, ranges[key]);
  }
  const { rule, constants, slots = [] } = row.rule(checked);
  return {
    name,
    rule,
    learningRate,
    constants: { ...noConstants, ...constants },
    slots,
    weightDecay: num(checked, 'weightDecay'),
    fullBatch: row.fullBatch ?? false,
    options: checked,
  };
}

/** As plain data again. A learning rate given as a function has none: its place is left out. */
export function optimizerSpec(optimizer: ResolvedOptimizer): OptimizerSpec {
  const { spec } = optimizer.learningRate;
  return { name: optimizer.name, ...(typeof spec === 'function' ? {} : { learningRate: spec }), ...optimizer.options };
}

interface Common {
  /** A number > 0, a schedule, or a function of (step, epoch). */
  learningRate?: LearningRate;
  /** >= 0. */
  weightDecay?: number;
}

/** w -= lr g, each step on the whole data set. */
export const gd = (options: Common = {}): OptimizerSpec => ({ name: 'gd', ...options });

/**
 * w -= lr g; with momentum m one of three forms. 'pytorch': v = m v + (1 - dampening) g, w -= lr v (first step v = g).
 * 'velocity', the heavy ball as Keras writes it: v = m v - lr g, w += v. 'ema', the averaged gradient of the course:
 * v = m v + (1 - m) g, w -= lr v, with `biasCorrection` v / (1 - m^t).
 * With `nesterov`: w -= lr (g + m v), or w += m v - lr g in the velocity form.
 * The forms agree for a constant learning rate ('ema' needs lr / (1 - m)) and differ once it changes.
 */
export const sgd = (
  options: Common & {
    momentum?: number;
    form?: 'pytorch' | 'velocity' | 'ema';
    dampening?: number;
    nesterov?: boolean;
    biasCorrection?: boolean;
  } = {},
): OptimizerSpec => ({ name: 'sgd', ...options });

/**
 * s += g^2, w -= lr g / (sqrt(s) + epsilon); `epsilonInside`: sqrt(s + epsilon), as in Keras.
 * Defaults are PyTorch's; Keras starts s at 0.1 with rate 1e-3 and epsilon 1e-7. See: Duchi, Hazan & Singer 2011.
 */
export const adagrad = (
  options: Common & { epsilon?: number; initialAccumulator?: number; epsilonInside?: boolean } = {},
): OptimizerSpec => ({ name: 'adagrad', ...options });

/**
 * s = rho s + (1 - rho) g^2, d = sqrt(u + epsilon) / sqrt(s + epsilon) g, u = rho u + (1 - rho) d^2, w -= lr d.
 * Defaults are PyTorch's; Keras has rate 1e-3, rho 0.95, epsilon 1e-7. See: https://arxiv.org/abs/1212.5701
 */
export const adadelta = (options: Common & { rho?: number; epsilon?: number } = {}): OptimizerSpec => ({
  name: 'adadelta',
  ...options,
});

/**
 * s = rho s + (1 - rho) g^2, w -= lr g / (sqrt(s) + epsilon); `epsilonInside`: sqrt(s + epsilon), as in Keras;
 * `centered` subtracts the squared mean gradient; with momentum b = m b + g / (…), w -= lr b, as in PyTorch.
 * PyTorch's defaults are rate 0.01 and rho (alpha) 0.99. See: Tieleman & Hinton 2012.
 */
export const rmsprop = (
  options: Common & { rho?: number; epsilon?: number; epsilonInside?: boolean; centered?: boolean; momentum?: number } = {},
): OptimizerSpec => ({ name: 'rmsprop', ...options });

/**
 * m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, w -= lr m' / (sqrt(v') + epsilon), with m' = m / (1 - beta1^t)
 * and v' = v / (1 - beta2^t); `amsgrad` divides by the largest v so far. `weightDecay` is coupled, as in PyTorch.
 * With `epsilonHat` epsilon joins the root before its correction, w -= lr' m / (sqrt(v) + epsilon), as scikit-learn and Keras
 * (epsilon 1e-7) have it. See: https://arxiv.org/abs/1412.6980, algorithm 1 and the remark after it.
 */
export const adam = (
  options: Common & { beta1?: number; beta2?: number; epsilon?: number; epsilonHat?: boolean; amsgrad?: boolean } = {},
): OptimizerSpec => ({ name: 'adam', ...options });

/** Adam after w *= 1 - lr wd: decay decoupled from the gradient. wd is 0.01 as in PyTorch (Keras: 0.004). See: https://arxiv.org/abs/1711.05101 */
export const adamw = (
  options: Common & { beta1?: number; beta2?: number; epsilon?: number; epsilonHat?: boolean } = {},
): OptimizerSpec => ({ name: 'adamw', ...options });

/** Adam with the largest decayed gradient in place of v: u = max(beta2 u, |g| + epsilon), w -= lr m' / u, as PyTorch has it (Keras adds epsilon to u). */
export const adamax = (options: Common & { beta1?: number; beta2?: number; epsilon?: number } = {}): OptimizerSpec => ({
  name: 'adamax',
  ...options,
});

/** Adam with Nesterov's look-ahead, momentum beta1 (1 - 0.96^(t momentumDecay) / 2), as PyTorch has it since 2.0
 * (1.13 multiplies one momentum too many into the correction; Keras fixes momentumDecay at 0.004). See: Dozat 2016. */
export const nadam = (
  options: Common & { beta1?: number; beta2?: number; epsilon?: number; momentumDecay?: number } = {},
): OptimizerSpec => ({ name: 'nadam', ...options });

/** w *= 1 - lr wd, w -= lr sign(beta1 m + (1 - beta1) g), m = beta2 m + (1 - beta2) g. Decay is decoupled; PyTorch has no Lion, Keras the same. See: https://arxiv.org/abs/2302.06675 */
export const lion = (options: Common & { beta1?: number; beta2?: number } = {}): OptimizerSpec => ({ name: 'lion', ...options });

/** L-BFGS with a strong Wolfe line search on the whole data set: one epoch is one iteration. See: Nocedal & Wright, algorithms 7.5 and 3.5. */
export const lbfgs = (
  options: Common & { historySize?: number; maxLineSearch?: number; tolerance?: number } = {},
): OptimizerSpec => ({ name: 'lbfgs', ...options });
