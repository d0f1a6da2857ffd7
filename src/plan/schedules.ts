// Learning rates over time: plain data for the usual schedules, or any function of (step, epoch). Rates are float64
// from + - * / and our own cos and exp, so a schedule gives the same bits on every engine. All that this file exports by name is
// public; the table of schedules of t alone is its default export. resolveRate.ts reads it.

import { cosTurn, log, pow } from '../data/elementary.js';
import { number, type Given, type Read } from '../options.js';
import { above0, needed, row } from './scheduleRow.js';

/** The learning rate at optimizer step `step` (from 0) in epoch `epoch` (from 0). */
export type RateFunction = (step: number, epoch: number) => number;

/** A number (> 0), a schedule, or a function. */
export type LearningRate = number | ScheduleSpec | RateFunction;

const share = { min: 0, max: 1, minExclusive: true } as const;
const rate = needed(above0);
const end = number({ min: 0, default: 0 });

/** From `from` (share 0) to `to` (share 1) along half a cosine. */
function halfCosine(from: number, to: number, share: number): number {
  return to + (from - to) * 0.5 * (1 + cosTurn(share / 2));
}

const schedules = {
  constant: row({
    needed: {
      /** > 0. */
      rate,
    },
    optional: {},
    rate: ({ rate }) => rate,
  }),
  step: row({
    needed: {
      /** The first rate, > 0. */
      rate,
    },
    optional: {
      /** Epochs (or steps) between two cuts, >= 1, default 10. */
      every: number({ min: 1, default: 10 }),
      /** What each cut multiplies the rate by, in (0, 1], default 0.1. */
      factor: number({ ...share, default: 0.1 }),
    },
    rate: ({ rate, every, factor }, t) => rate * pow(factor, Math.floor(t / every)),
  }),
  exponential: row({
    needed: {
      /** The first rate, > 0. */
      rate,
    },
    optional: {
      /** What each epoch (or step) multiplies the rate by, in (0, 1], default 0.95. */
      factor: number({ ...share, default: 0.95 }),
    },
    rate: ({ rate, factor }, t) => rate * pow(factor, t),
  }),
  inverseTime: row({
    needed: {
      /** The first rate, > 0. */
      rate,
    },
    optional: {
      /** >= 0, default 1. */
      decay: number({ min: 0, default: 1 }),
    },
    rate: ({ rate, decay }, t) => rate / (1 + decay * t),
  }),
  polynomial: row({
    needed: {
      /** The first rate, > 0. */
      rate,
      /** Epochs (or steps) until the rate is `end`, >= 1. */
      over: needed({ min: 1 }),
    },
    optional: {
      /** The last rate, >= 0, default 0. */
      end,
      /** > 0, default 1: a straight line. */
      power: number({ ...above0, default: 1 }),
    },
    rate: ({ rate, over, end, power }, t) => end + (rate - end) * pow(1 - Math.min(1, t / over), power),
  }),
  cosine: row({
    needed: {
      /** The first rate, > 0. */
      rate,
      /** Epochs (or steps) until the rate is `end`, >= 1. */
      over: needed({ min: 1 }),
    },
    optional: {
      /** The last rate, >= 0, default 0. */
      end,
    },
    rate: ({ rate, over, end }, t) => halfCosine(rate, end, Math.min(1, t / over)),
  }),
  cosineRestarts: row({
    needed: {
      /** The rate each period starts from, > 0. */
      rate,
    },
    optional: {
      /** Epochs (or steps) of the first period, >= 1, default 10. */
      first: number({ min: 1, default: 10 }),
      /** How much longer each period is than the one before, >= 1, default 1. */
      factor: number({ min: 1, default: 1 }),
      /** The rate each period ends at, >= 0, default 0. */
      end,
    },
    rate: ({ rate, first, factor, end }, t) => {
      let period = first;
      let rest = t;
      if (factor === 1) rest = t - period * Math.floor(t / period);
      else
        while (rest >= period) {
          rest -= period;
          period *= factor;
        }
      return halfCosine(rate, end, rest / period);
    },
  }),
  coslog4: row({
    needed: {
      /** The largest rate, > 0. */
      rate,
      /** Epochs (or steps) of all four cycles, >= 1. */
      over: needed({ min: 1 }),
    },
    optional: {},
    rate: ({ rate, over }, t) => halfCosine(0, rate, 2 * (log(1 + 15 * Math.min(1, t / over)) / Math.LN2)),
  }),
  flatCosine: row({
    needed: {
      /** The first rate, > 0. */
      rate,
      /** Epochs (or steps) until the rate is `end`, >= 1. */
      over: needed({ min: 1 }),
    },
    optional: {
      /** The share of them at the full rate, in (0, 1), default 0.5. */
      flat: number({ min: 0, max: 1, minExclusive: true, maxExclusive: true, default: 0.5 }),
      /** The last rate, >= 0, default 0. */
      end,
    },
    rate: ({ rate, over, flat, end }, t) => halfCosine(rate, end, Math.min(1, Math.max(0, t / over - flat) / (1 - flat))),
  }),
  oneCycle: row({
    needed: {
      /** The largest rate, > 0. */
      rate,
      /** Steps (or epochs) of the whole cycle, >= 2. */
      over: needed({ min: 2 }),
    },
    optional: {
      /** Share of them on the way up, in (0, 1), default 0.3. */
      up: number({ min: 0, max: 1, minExclusive: true, maxExclusive: true, default: 0.3 }),
      /** The first rate as a share of the largest, in (0, 1], default 0.04. */
      startFactor: number({ ...share, default: 0.04 }),
      /** The last rate as a share of the largest, in (0, 1], default 4e-6. */
      endFactor: number({ ...share, default: 4e-6 }),
    },
    rate: ({ rate, over, up, startFactor, endFactor }, t) => {
      const peak = up * over - 1;
      const last = over - 1;
      if (t <= peak) return halfCosine(rate * startFactor, rate, peak === 0 ? 1 : t / peak);
      return halfCosine(rate, rate * endFactor, Math.min(1, (t - peak) / (last - peak)));
    },
  }),
};

export default schedules;

type Table = typeof schedules;
type TimeName = keyof Table;

/** The clock of a schedule: whether t in its formula, and `over`, count epochs or optimizer steps. */
export interface ScheduleClock {
  /** Whether t counts epochs or optimizer steps. Default 'epoch'; 'step' for oneCycle. */
  readonly per?: 'epoch' | 'step';
}

type NeededOf<Name extends TimeName> = Readonly<Read<Table[Name]['needed']>>;
/** What a schedule's function takes as its options: all but the rate. */
type OptionsOf<Name extends TimeName> = Omit<NeededOf<Name>, 'rate'> & Given<Table[Name]['optional']> & ScheduleClock;

/** Options of warmup: how many steps it takes, and where it begins. */
export interface WarmupOptions {
  /** Optimizer steps it takes, at least 1. */
  readonly steps: number;
  /** The share of the rate it begins with, in [0, 1], default 0. */
  readonly startFactor?: number;
}

/** Options of reduceOnPlateau: what is watched, how long, and how far each cut goes. */
export interface PlateauOptions {
  /** What each cut multiplies the rate by, in (0, 1), default 0.1. */
  readonly factor?: number;
  /** Epochs without an improvement that are waited for, >= 0, default 10. */
  readonly patience?: number;
  /** The least improvement that counts, as a share of the best figure, >= 0, default 1e-4. */
  readonly minDelta?: number;
  /** Epochs after a cut that do not count, >= 0, default 0. */
  readonly cooldown?: number;
  /** The rate is never below it, >= 0, default 0. */
  readonly minRate?: number;
  /** A figure of the history. Default valLoss with validation rows, else loss. */
  readonly monitor?: string;
}

/** A linear rise of the learning rate to the first rate of another schedule, as plain data: what warmup() makes. */
export interface WarmupSpec extends WarmupOptions {
  /** Always 'warmup'. */
  readonly schedule: 'warmup';
  /** What comes after it. */
  readonly after: LearningRate;
}

/** A learning rate that is cut when a figure stops improving, as plain data: what reduceOnPlateau() makes. */
export interface PlateauSpec extends PlateauOptions {
  /** Always 'reduceOnPlateau'. */
  readonly schedule: 'reduceOnPlateau';
  /** The first rate, > 0. */
  readonly rate: number;
}

/** A schedule as plain data, with the numbers of its rule and no others: `{ schedule: 'cosine', rate: 0.1, over: 20 }`. */
export type ScheduleSpec =
  | {
      [Name in TimeName]: {
        /** Which schedule. */
        readonly schedule: Name;
      } & NeededOf<Name> &
        Given<Table[Name]['optional']> &
        ScheduleClock;
    }[TimeName]
  | WarmupSpec
  | PlateauSpec;

/**
 * A learning rate that is cut in steps: rate factor^floor(t / every), t in epochs (`per: 'step'`: optimizer steps), `every` 10 and `factor` 0.1 by
 * default.
 *
 * @example
 * const optimizer = sgd({ learningRate: stepDecay(0.1, { every: 20, factor: 0.5 }) });
 */
export const stepDecay = (rate: number, options: OptionsOf<'step'> = {}): ScheduleSpec => ({
  schedule: 'step',
  rate,
  ...options,
});
/**
 * A learning rate that falls by one factor: rate factor^t, t in epochs (`per: 'step'`: optimizer steps), `factor` 0.95 by default.
 *
 * @example
 * const optimizer = sgd({ learningRate: exponentialDecay(0.1, { factor: 0.99 }) });
 */
export const exponentialDecay = (rate: number, options: OptionsOf<'exponential'> = {}): ScheduleSpec => ({
  schedule: 'exponential',
  rate,
  ...options,
});
/**
 * A learning rate rate / (1 + decay t), t in epochs (`per: 'step'`: optimizer steps), `decay` 1 by default: the 1/t steps under which stochastic
 * gradient descent converges. See: Robbins & Monro 1951.
 *
 * @example
 * const optimizer = sgd({ learningRate: inverseTimeDecay(0.1, { decay: 0.01 }) });
 */
export const inverseTimeDecay = (rate: number, options: OptionsOf<'inverseTime'> = {}): ScheduleSpec => ({
  schedule: 'inverseTime',
  rate,
  ...options,
});
/**
 * A learning rate from `rate` to `end` (default 0) over `over` epochs: end + (rate - end) (1 - t / over)^power, `power` 1 (a straight line) by
 * default; with `per: 'step'` t and `over` count optimizer steps. After `over` it stays at `end`.
 *
 * @example
 * const optimizer = sgd({ learningRate: polynomialDecay(0.1, { over: 50 }) });
 */
export const polynomialDecay = (rate: number, options: OptionsOf<'polynomial'>): ScheduleSpec => ({
  schedule: 'polynomial',
  rate,
  ...options,
});
/**
 * A learning rate from `rate` to `end` (default 0) over `over` epochs, along half a cosine: end + (rate - end) (1 + cos(pi t / over)) / 2; with
 * `per: 'step'` t and `over` count optimizer steps. After `over` it stays at `end`. See: https://arxiv.org/abs/1608.03983
 *
 * @example
 * const optimizer = adam({ learningRate: cosineDecay(0.01, { over: 50 }) });
 */
export const cosineDecay = (rate: number, options: OptionsOf<'cosine'>): ScheduleSpec => ({
  schedule: 'cosine',
  rate,
  ...options,
});
/**
 * A learning rate that falls from `rate` to `end` (default 0) along half a cosine and starts again at `rate`: the first period is `first` epochs
 * (default 10), each other `factor` times the last (default 1); with `per: 'step'` optimizer steps. See: https://arxiv.org/abs/1608.03983
 *
 * @example
 * const optimizer = sgd({ learningRate: cosineRestarts(0.1, { first: 5, factor: 2 }) });
 */
export const cosineRestarts = (rate: number, options: OptionsOf<'cosineRestarts'> = {}): ScheduleSpec => ({
  schedule: 'cosineRestarts',
  rate,
  ...options,
});
/**
 * Four waves of the rate from 0 up to `rate` and back to 0, each twice as long as the one before: rate (1 - cos(2 pi log2(1 + 15 t / over))) / 2.
 * The low rates between waves are chances to stop early at settled weights. The very first step has rate 0; `over` usually counts steps,
 * epochs x batches of each, with `per: 'step'`. See: https://arxiv.org/abs/2407.04491
 *
 * @example
 * // 256 epochs of 1,000 rows in batches of 256.
 * const optimizer = adam({ learningRate: coslog4(0.04, { over: 256 * Math.ceil(1000 / 256), per: 'step' }), beta2: 0.95 });
 */
export const coslog4 = (rate: number, options: OptionsOf<'coslog4'>): ScheduleSpec => ({
  schedule: 'coslog4',
  rate,
  ...options,
});
/**
 * The learning rate `rate` for the first half (or the share `flat`) of `over` epochs, then down to `end` (default 0) along half a cosine.
 * See: https://arxiv.org/abs/2407.04491
 *
 * @example
 * const optimizer = adam({ learningRate: flatCosine(0.01, { over: 50 }) });
 */
export const flatCosine = (rate: number, options: OptionsOf<'flatCosine'>): ScheduleSpec => ({
  schedule: 'flatCosine',
  rate,
  ...options,
});
/**
 * The learning rate `after` (a number > 0 or a schedule), multiplied during the first `steps` optimizer steps by a factor that rises in a straight line
 * from `startFactor` (default 0) to 1.
 *
 * @example
 * const optimizer = adam({ learningRate: warmup(cosineDecay(0.01, { over: 50 }), { steps: 200 }) });
 */
export const warmup = (after: number | ScheduleSpec, options: WarmupOptions): ScheduleSpec => ({
  schedule: 'warmup',
  after,
  ...options,
});
/**
 * A learning rate that rises from `startFactor` (0.04) of `rate` over the share `up` (0.3) of the cycle, and falls to `endFactor` (4e-6) of it, along half
 * cosines. Unlike the other schedules' `over`, that of oneCycle counts optimizer
 * steps, not epochs: ceil(rows / batchSize) of them in each epoch. A training that ends before step `over` ends on a high rate; one that
 * goes on after it stays at the last. With `per: 'epoch'` it counts epochs. See: https://arxiv.org/abs/1708.07120
 *
 * @example
 * // 20 epochs of 1,000 rows in batches of 32: 20 x 32 steps.
 * const optimizer = sgd({ learningRate: oneCycle(0.1, { over: 20 * Math.ceil(1000 / 32) }), momentum: 0.9 });
 */
export const oneCycle = (rate: number, options: OptionsOf<'oneCycle'>): ScheduleSpec => ({
  schedule: 'oneCycle',
  rate,
  ...options,
});
/**
 * A learning rate that is multiplied by `factor` (default 0.1) after `patience` epochs (default 10) in which the monitored figure did not improve by
 * `minDelta` of itself (default 1e-4), never below `minRate` (default 0). The figure is valLoss where there are validation rows, else loss, or
 * `monitor`, a name in the history.
 *
 * @example
 * const optimizer = adam({ learningRate: reduceOnPlateau(0.01, { patience: 5, factor: 0.5 }) });
 */
export const reduceOnPlateau = (rate: number, options: PlateauOptions = {}): ScheduleSpec => ({
  schedule: 'reduceOnPlateau',
  rate,
  ...options,
});
