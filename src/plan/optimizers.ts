// The optimizers: for each its options, what its rule needs (constants and slots), the facts others go by, and the function of its
// name. All that this file exports by name is public; the table is its default export. resolveOptimizer.ts reads it. Rules run in
// assembly/functions/optimizers/ (fast) and src/baseline/optimizers.ts (plain). In every rule g is the gradient, w the weight, lr the
// learning rate, t the step from 1; `weightDecay` wd is coupled (g += wd w, what PyTorch calls weight_decay) unless the rule says otherwise.

import { Optimizer, OptimizerField } from '../../assembly/abi.js';
import { exp, log } from '../data/elementary.js';
import { fail } from '../errors.js';
import { choice, flag, number, tiny, whole, type Given } from '../options.js';
import { changing, row, type CommonOptimizerOptions } from './optimizerRow.js';

export type { ChangingNumber, CommonOptimizerOptions } from './optimizerRow.js';

const share = { min: 0, max: 1, maxExclusive: true } as const;
const momentum = changing({ ...share, default: 0 });
const weightDecay = changing({ min: 0, default: 0 });
const beta1 = changing({ ...share, default: 0.9 });
const beta2 = changing({ ...share, default: 0.999 });
const epsilon = (preset: number) => changing({ min: tiny, default: preset });
const form = choice(['pytorch', 'velocity', 'ema'], 'pytorch');
const off = flag(false);

const optimizers = {
  gd: row({
    learningRate: 0.01,
    options: {
      /** Default 'none': every step is as long as the learning rate says. 'armijo': each tries the learning rate (1 by default) and halves it until the loss falls enough. */
      lineSearch: choice(['none', 'armijo'], 'none'),
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    fit: (preset, asked) => (asked['lineSearch'] === 'armijo' ? { ...preset, learningRate: 1 } : preset),
    rule: ({ lineSearch }) => ({ rule: lineSearch === 'armijo' ? Optimizer.None : Optimizer.Sgd }),
    fullBatch: true,
    usualRates: [0.3, 0.1, 0.03],
  }),
  sgd: row({
    learningRate: 0.01,
    options: {
      /** In [0, 1), default 0. Or a schedule, or a function of (step, epoch). */
      momentum,
      /** How momentum is written, default 'pytorch'. */
      form,
      /** In [0, 1], default 0: the share of each gradient that momentum leaves out. Or a schedule, or a function of (step, epoch). */
      dampening: changing({ min: 0, max: 1, default: 0 }),
      /** Default false: the step looks ahead along the momentum. */
      nesterov: off,
      /** Default false: of the form 'ema', divided by 1 - momentum^t. */
      biasCorrection: off,
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    // A preset may look ahead where its momentum, form and dampening hold; what was asked may not go with that.
    fit(preset, asked) {
      const { momentum, form, dampening } = { ...preset, ...asked };
      const without = momentum === 0 || form === 'ema' || (dampening !== undefined && dampening !== 0);
      return without ? { ...preset, nesterov: false } : preset;
    },
    rule: ({ momentum, form, dampening, nesterov, biasCorrection }) => {
      if (nesterov && (momentum === 0 || dampening !== 0))
        fail('ERR_OPTION', 'sgd.nesterov: needs momentum > 0 and dampening 0.');
      if (nesterov && form === 'ema') fail('ERR_OPTION', 'sgd.nesterov: has the forms "pytorch" and "velocity", not "ema".');
      if (momentum === 0) return { rule: Optimizer.Sgd };
      if (form === 'velocity')
        return {
          rule: Optimizer.Velocity,
          constants: { [OptimizerField.Momentum]: momentum, [OptimizerField.Nesterov]: Number(nesterov) },
          slots: [0],
        };
      if (form === 'ema')
        return {
          rule: Optimizer.Average,
          constants: { [OptimizerField.Momentum]: momentum, [OptimizerField.BiasCorrection]: Number(biasCorrection) },
          slots: [0],
        };
      return {
        rule: Optimizer.Momentum,
        constants: {
          [OptimizerField.Momentum]: momentum,
          [OptimizerField.Dampening]: dampening,
          [OptimizerField.Nesterov]: Number(nesterov),
        },
        slots: [0],
      };
    },
    presets: {
      sklearn: { learningRate: 1e-3, momentum: 0.9, nesterov: true, form: 'velocity' },
      keras: { learningRate: 0.01, momentum: 0, form: 'velocity' },
      pytorch: { learningRate: 1e-3 },
    },
    usualRates: ({ momentum, form }) => (momentum !== 0 && form !== 'ema' ? [0.01, 1e-3, 0.05, 1e-4] : [0.03, 0.1, 3e-3, 3e-4]),
  }),
  adagrad: row({
    learningRate: 0.01,
    options: {
      /** > 0, default 1e-10. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-10),
      /** >= 0, default 0: what the sums of squares start from. */
      initialAccumulator: number({ min: 0, default: 0 }),
      /** Default false: epsilon is added inside the square root. */
      epsilonInside: off,
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ epsilon, initialAccumulator, epsilonInside }) => ({
      rule: Optimizer.Adagrad,
      constants: { [epsilonInside ? OptimizerField.EpsilonInside : OptimizerField.Epsilon]: epsilon },
      slots: [initialAccumulator],
    }),
    presets: {
      keras: { learningRate: 1e-3, initialAccumulator: 0.1, epsilon: 1e-7, epsilonInside: true },
      pytorch: { learningRate: 0.01, initialAccumulator: 0, epsilon: 1e-10 },
    },
    usualRates: [0.03, 0.1, 3e-3],
  }),
  adadelta: row({
    learningRate: 1,
    options: {
      /** In [0, 1), default 0.9: the share of the averages that each step keeps. Or a schedule, or a function of (step, epoch). */
      rho: changing({ ...share, default: 0.9 }),
      /** > 0, default 1e-6. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-6),
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ rho, epsilon }) => ({
      rule: Optimizer.Adadelta,
      constants: { [OptimizerField.Rho]: rho, [OptimizerField.Epsilon]: epsilon },
      slots: [0, 0],
    }),
    presets: { keras: { learningRate: 1e-3, rho: 0.95, epsilon: 1e-7 } },
    usualRates: [1, 10, 0.1],
  }),
  rmsprop: row({
    learningRate: 1e-3,
    options: {
      /** In [0, 1), default 0.9: the share of the averages that each step keeps. Or a schedule, or a function of (step, epoch). */
      rho: changing({ ...share, default: 0.9 }),
      /** > 0, default 1e-8. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-8),
      /** Default false: epsilon is added inside the square root. */
      epsilonInside: off,
      /** Default false: subtracts the squared mean gradient. */
      centered: off,
      /** In [0, 1), default 0. Or a schedule, or a function of (step, epoch). */
      momentum,
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ rho, epsilon, epsilonInside, centered, momentum }) => ({
      rule: Optimizer.Rmsprop,
      constants: {
        [OptimizerField.Rho]: rho,
        [OptimizerField.Centered]: Number(centered),
        [OptimizerField.Momentum]: momentum,
        [epsilonInside ? OptimizerField.EpsilonInside : OptimizerField.Epsilon]: epsilon,
      },
      slots: centered || momentum > 0 ? [0, 0, 0] : [0],
    }),
    presets: {
      keras: { learningRate: 1e-3, rho: 0.9, epsilon: 1e-7, epsilonInside: true },
      pytorch: { learningRate: 0.01, rho: 0.99, epsilon: 1e-8 },
    },
    adaptive: true,
  }),
  adam: row({
    learningRate: 1e-3,
    options: {
      /** In [0, 1), default 0.9: the share of the mean gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta1,
      /** In [0, 1), default 0.999: the share of the mean squared gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta2,
      /** > 0, default 1e-8. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-8),
      /** Default false: epsilon is added before the root is corrected, as scikit-learn and Keras have it. */
      epsilonHat: off,
      /** Default false: divides by the largest mean squared gradient so far. */
      amsgrad: off,
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ beta1, beta2, epsilon, epsilonHat, amsgrad }) => ({
      rule: amsgrad ? Optimizer.AmsGrad : Optimizer.Adam,
      constants: {
        [OptimizerField.Beta1]: beta1,
        [OptimizerField.Beta2]: beta2,
        [epsilonHat ? OptimizerField.EpsilonHat : OptimizerField.Epsilon]: epsilon,
      },
      slots: amsgrad ? [0, 0, 0] : [0, 0],
    }),
    presets: {
      sklearn: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, epsilonHat: true },
      keras: { epsilon: 1e-7, epsilonHat: true },
      pytorch: { epsilon: 1e-8 },
    },
    fitsNtk: true,
    adaptive: true,
  }),
  adamw: row({
    learningRate: 1e-3,
    options: {
      /** In [0, 1), default 0.9: the share of the mean gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta1,
      /** In [0, 1), default 0.999: the share of the mean squared gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta2,
      /** > 0, default 1e-8. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-8),
      /** Default false: epsilon is added before the root is corrected, as scikit-learn and Keras have it. */
      epsilonHat: off,
      /** >= 0, default 0.01: each step first multiplies the weights by 1 - learningRate weightDecay. Or a schedule, or a function of (step, epoch). */
      weightDecay: changing({ min: 0, default: 0.01 }),
    },
    rule: ({ beta1, beta2, epsilon, epsilonHat }) => ({
      rule: Optimizer.AdamW,
      constants: {
        [OptimizerField.Beta1]: beta1,
        [OptimizerField.Beta2]: beta2,
        [epsilonHat ? OptimizerField.EpsilonHat : OptimizerField.Epsilon]: epsilon,
      },
      slots: [0, 0],
    }),
    presets: { keras: { epsilon: 1e-7, epsilonHat: true, weightDecay: 0.004 }, pytorch: { epsilon: 1e-8, weightDecay: 0.01 } },
    decaysApart: true,
    fitsNtk: true,
    adaptive: true,
  }),
  adamax: row({
    learningRate: 2e-3,
    options: {
      /** In [0, 1), default 0.9: the share of the mean gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta1,
      /** In [0, 1), default 0.999: the share of the largest gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta2,
      /** > 0, default 1e-8. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-8),
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ beta1, beta2, epsilon }) => ({
      rule: Optimizer.Adamax,
      constants: { [OptimizerField.Beta1]: beta1, [OptimizerField.Beta2]: beta2, [OptimizerField.Epsilon]: epsilon },
      slots: [0, 0],
    }),
    presets: { keras: { learningRate: 1e-3, epsilon: 1e-7 } },
    fitsNtk: true,
    adaptive: true,
  }),
  nadam: row({
    learningRate: 2e-3,
    options: {
      /** In [0, 1), default 0.9: the share of the mean gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta1,
      /** In [0, 1), default 0.999: the share of the mean squared gradient that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta2,
      /** > 0, default 1e-8. Or a schedule, or a function of (step, epoch). */
      epsilon: epsilon(1e-8),
      /** >= 0, default 0.004: how fast the momentum grows towards beta1. */
      momentumDecay: number({ min: 0, default: 0.004 }),
      /** >= 0, default 0: added to the gradient times the weight. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ beta1, beta2, epsilon, momentumDecay }) => ({
      rule: Optimizer.Nadam,
      // The momentum of step t is beta1 (1 - 0.96^(t momentumDecay) / 2): rules multiply 0.96^momentumDecay up.
      constants: {
        [OptimizerField.Beta1]: beta1,
        [OptimizerField.Beta2]: beta2,
        [OptimizerField.Epsilon]: epsilon,
        [OptimizerField.MomentumFade]: exp(momentumDecay * log(0.96)),
      },
      slots: [0, 0],
    }),
    presets: { keras: { learningRate: 1e-3, epsilon: 1e-7, momentumDecay: 1 } },
    fitsNtk: true,
    adaptive: true,
  }),
  lion: row({
    learningRate: 1e-4,
    options: {
      /** In [0, 1), default 0.9: the share of the momentum in the sign that is stepped along. Or a schedule, or a function of (step, epoch). */
      beta1,
      /** In [0, 1), default 0.99: the share of the momentum that each step keeps. Or a schedule, or a function of (step, epoch). */
      beta2: changing({ ...share, default: 0.99 }),
      /** >= 0, default 0: each step first multiplies the weights by 1 - learningRate weightDecay. Or a schedule, or a function of (step, epoch). */
      weightDecay,
    },
    rule: ({ beta1, beta2 }) => ({
      rule: Optimizer.Lion,
      constants: { [OptimizerField.Beta1]: beta1, [OptimizerField.Beta2]: beta2 },
      slots: [0],
    }),
    presets: { keras: { learningRate: 1e-3 } },
    decaysApart: true,
    fitsNtk: true,
    adaptive: true,
    usualRates: [1e-3, 3e-4, 1e-4],
  }),
  lbfgs: row({
    learningRate: 1,
    options: {
      /** From 1 to 100, default 10: pairs of steps and gradients that the curvature is estimated from. */
      historySize: whole({ min: 1, max: 100, default: 10 }),
      /** From 1 to 100, default 25: the most evaluations of one line search. */
      maxLineSearch: whole({ min: 1, max: 100, default: 25 }),
      /** >= 0, default 1e-9: training ends when the largest gradient, or the change of the loss, is below it. */
      tolerance: number({ min: 0, default: 1e-9 }),
      /** >= 0, default 0: added to the gradient times the weight. */
      weightDecay: number({ min: 0, default: 0 }),
    },
    rule: ({ historySize }) => ({ rule: Optimizer.None, constants: { [OptimizerField.HistorySize]: historySize } }),
    fullBatch: true,
    adaptive: true,
    usualRates: [],
  }),
};

export default optimizers;

type Table = typeof optimizers;

/** The names of the optimizers. */
export type OptimizerName = keyof Table;

/** The options of one optimizer: `OptimizerOptions<'adam'>`. */
export type OptimizerOptions<Name extends OptimizerName> = CommonOptimizerOptions & Given<Table[Name]['options']>;

/** An optimizer as plain data, with the options of its rule and no others: `{ name: 'adam', learningRate: 0.001 }`. */
export type OptimizerSpec = {
  [Name in OptimizerName]: {
    /** Which optimizer. */
    readonly name: Name;
  } & OptimizerOptions<Name>;
}[OptimizerName];

/** The name of an optimizer where its defaults do, else `{ name, … }` or what the function of that name makes. */
export type OptimizerLike = OptimizerName | OptimizerSpec;

/**
 * Gradient descent, w -= lr g, each step on the whole data set: an epoch is one step. Learning rate 0.01 by default; `weightDecay` (default 0)
 * times w is added to g.
 *
 * `lineSearch: 'armijo'` looks for the length of each step: lr (1 by default), halved until J(w - lr g) <= J(w) - 1e-4 lr |g|^2, J being the loss
 * with all penalties and g its gradient. A trial is a forward and a backward pass; training ends where no length will do (`stoppedBy` 'plateau'). The
 * history's learningRate is then the length found. Like lbfgs it refuses dropout, noise, clipping, maxNorm and signs, takes no notice of
 * learningRateScale, and has no step() of its own. See: Armijo 1966; Nocedal & Wright, algorithm 3.1.
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(1)], optimizer: gd({ learningRate: 0.1 }) });
 * const searching = new MLP({ inputs: 2, layers: [dense(1)], optimizer: gd({ lineSearch: 'armijo' }) });
 */
export const gd = (options: OptimizerOptions<'gd'> = {}): OptimizerSpec => ({ name: 'gd', ...options });

/**
 * Stochastic gradient descent, a step per batch: w -= lr g, lr 0.01 by default; with momentum m one of three forms. 'pytorch': v = m v + (1 - dampening) g, w -= lr v (first step v = g).
 * 'velocity', the heavy ball as Keras writes it: v = m v - lr g, w += v. 'ema', the averaged gradient of the course:
 * v = m v + (1 - m) g, w -= lr v, with `biasCorrection` v / (1 - m^t).
 * With `nesterov`: w -= lr (g + m v), or w += m v - lr g in the velocity form.
 * The forms agree for a constant learning rate ('ema' needs lr / (1 - m)) and differ once it changes. Momentum, like dampening and weight decay,
 * may change from step to step: a schedule, or a function of (step, epoch), both from 0.
 *
 * @example
 * const optimizer = sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true });
 * const growing = sgd({ momentum: polynomialDecay(0.5, { end: 0.95, over: 500, per: 'step' }) }); // a straight line, upwards
 * const own = sgd({ momentum: (step) => 1 - 3 / (step + 5) });
 */
export const sgd = (options: OptimizerOptions<'sgd'> = {}): OptimizerSpec => ({ name: 'sgd', ...options });

/**
 * Adagrad: a rate for each weight that falls with the squares of its gradients. s += g^2, w -= lr g / (sqrt(s) + epsilon), lr 0.01; `epsilonInside`: sqrt(s + epsilon), as in Keras.
 * Defaults are PyTorch's; Keras starts s at 0.1 with rate 1e-3 and epsilon 1e-7. See: Duchi, Hazan & Singer 2011.
 *
 * @example
 * const optimizer = adagrad({ learningRate: 0.1 });
 */
export const adagrad = (options: OptimizerOptions<'adagrad'> = {}): OptimizerSpec => ({ name: 'adagrad', ...options });

/**
 * Adadelta: steps in the units of the weights. s = rho s + (1 - rho) g^2, d = sqrt(u + epsilon) / sqrt(s + epsilon) g, u = rho u + (1 - rho) d^2, w -= lr d.
 * Defaults are PyTorch's; Keras has rate 1e-3, rho 0.95, epsilon 1e-7. See: https://arxiv.org/abs/1212.5701
 *
 * @example
 * const optimizer = adadelta({ rho: 0.95 });
 */
export const adadelta = (options: OptimizerOptions<'adadelta'> = {}): OptimizerSpec => ({ name: 'adadelta', ...options });

/**
 * RMSProp: steps divided by the root of the mean squared gradient. s = rho s + (1 - rho) g^2, w -= lr g / (sqrt(s) + epsilon), lr 1e-3; `epsilonInside`: sqrt(s + epsilon), as in Keras;
 * `centered` subtracts the squared mean gradient; with momentum b = m b + g / (…), w -= lr b, as in PyTorch.
 * PyTorch's defaults are rate 0.01 and rho (alpha) 0.99. See: Tieleman & Hinton 2012.
 *
 * @example
 * const optimizer = rmsprop({ learningRate: 1e-3, momentum: 0.9 });
 */
export const rmsprop = (options: OptimizerOptions<'rmsprop'> = {}): OptimizerSpec => ({ name: 'rmsprop', ...options });

/**
 * Adam: a step along the mean gradient, divided by its size. m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, w -= lr m' / (sqrt(v') + epsilon), with m' = m / (1 - beta1^t)
 * and v' = v / (1 - beta2^t); `amsgrad` divides by the largest v so far. `weightDecay` is coupled, as in PyTorch.
 * With `epsilonHat` epsilon joins the root before its correction, w -= lr' m / (sqrt(v) + epsilon), as scikit-learn and Keras
 * (epsilon 1e-7) have it. See: https://arxiv.org/abs/1412.6980, algorithm 1 and the remark after it.
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(8), dense(1)], optimizer: adam({ learningRate: cosineDecay(0.01, { over: 50 }) }) });
 */
export const adam = (options: OptimizerOptions<'adam'> = {}): OptimizerSpec => ({ name: 'adam', ...options });

/**
 * AdamW: first w *= 1 - lr wd, then Adam's step, w -= lr m' / (sqrt(v') + epsilon): weight decay apart from the gradient. wd (`weightDecay`) is
 * 0.01 by default as in PyTorch (Keras: 0.004), lr 1e-3. See: https://arxiv.org/abs/1711.05101
 *
 * @example
 * const optimizer = adamw({ weightDecay: 0.05 });
 */
export const adamw = (options: OptimizerOptions<'adamw'> = {}): OptimizerSpec => ({ name: 'adamw', ...options });

/**
 * Adamax: Adam with the largest decayed gradient in place of v. m = beta1 m + (1 - beta1) g, u = max(beta2 u, |g| + epsilon),
 * w -= lr m / ((1 - beta1^t) u), lr 2e-3, as PyTorch has it (Keras adds epsilon to u). See: https://arxiv.org/abs/1412.6980, algorithm 2.
 *
 * @example
 * const optimizer = adamax({ learningRate: 1e-3 });
 */
export const adamax = (options: OptimizerOptions<'adamax'> = {}): OptimizerSpec => ({ name: 'adamax', ...options });

/**
 * Nadam: Adam with Nesterov's look-ahead. Learning rate 2e-3, momentum beta1 (1 - 0.96^(t momentumDecay) / 2), as PyTorch has it since 2.0
 * (1.13 multiplies one momentum too many into the correction; Keras fixes momentumDecay at 0.004). See: Dozat 2016.
 *
 * @example
 * const optimizer = nadam({ learningRate: 1e-3 });
 */
export const nadam = (options: OptimizerOptions<'nadam'> = {}): OptimizerSpec => ({ name: 'nadam', ...options });

/**
 * Lion: steps of one size, by the sign of the momentum. w *= 1 - lr wd, w -= lr sign(beta1 m + (1 - beta1) g), m = beta2 m + (1 - beta2) g; lr 1e-4,
 * beta2 0.99, weight decay apart from the gradient, as in Keras. See: https://arxiv.org/abs/2302.06675
 *
 * @example
 * const optimizer = lion({ learningRate: 3e-4, weightDecay: 0.1 });
 */
export const lion = (options: OptimizerOptions<'lion'> = {}): OptimizerSpec => ({ name: 'lion', ...options });

/**
 * L-BFGS with a strong Wolfe line search: estimates curvature from the last `historySize` (10) steps, and looks at the whole data set for each step;
 * one epoch is one iteration. For small data and smooth networks; without dropout, noise, clip or maxNorm.
 * See: Nocedal & Wright, Numerical Optimization (2006), algorithms 7.5 and 3.5.
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: lbfgs() });
 * model.fitSync([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], { epochs: 50 });
 */
export const lbfgs = (options: OptimizerOptions<'lbfgs'> = {}): OptimizerSpec => ({ name: 'lbfgs', ...options });
