// Learning rates over time: plain data for the usual schedules, or any function of (step, epoch). Rates are float64
// from + - * / and our own cos and exp, so a schedule gives the same bits on every engine.

import { cosTurn, pow } from '../data/elementary.js';
import { fail, show } from '../errors.js';
import { checkChoice, checkKeys, checkNumber, has, unknownName, type Range } from '../options.js';

/** A schedule as plain data. `per` says what t counts: optimizer steps or epochs (default epochs). */
export interface ScheduleSpec {
  readonly schedule: ScheduleName;
  readonly [option: string]: number | string | boolean | ScheduleSpec | undefined;
}

/** The learning rate at optimizer step `step` (from 0) in epoch `epoch` (from 0). */
export type RateFunction = (step: number, epoch: number) => number;

/** A number (> 0), a schedule, or a function. */
export type LearningRate = number | ScheduleSpec | RateFunction;

export type ScheduleName =
  | 'constant'
  | 'step'
  | 'exponential'
  | 'inverseTime'
  | 'polynomial'
  | 'cosine'
  | 'cosineRestarts'
  | 'warmup'
  | 'oneCycle'
  | 'reduceOnPlateau';

/** What a schedule may depend on. `plateau` is the factor a reduceOnPlateau has reached. */
export interface RateContext {
  readonly step: number;
  readonly epoch: number;
  readonly plateau: number;
}

interface ScheduleRow {
  readonly defaults: Readonly<Record<string, number | undefined>>;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly rate: (o: Readonly<Record<string, number>>, t: number) => number;
}

const rateRange: Range = { min: 0, minExclusive: true };
const zeroUp: Range = { min: 0 };
const count: Range = { min: 1 };
const share: Range = { min: 0, max: 1, minExclusive: true };

const table = {
  constant: { defaults: { rate: undefined }, ranges: { rate: rateRange }, rate: (o) => o['rate']! },
  step: {
    defaults: { rate: undefined, every: 10, factor: 0.1 },
    ranges: { rate: rateRange, every: count, factor: share },
    rate: (o, t) => o['rate']! * pow(o['factor']!, Math.floor(t / o['every']!)),
  },
  exponential: {
    defaults: { rate: undefined, factor: 0.95 },
    ranges: { rate: rateRange, factor: share },
    rate: (o, t) => o['rate']! * pow(o['factor']!, t),
  },
  inverseTime: {
    defaults: { rate: undefined, decay: 1 },
    ranges: { rate: rateRange, decay: zeroUp },
    rate: (o, t) => o['rate']! / (1 + o['decay']! * t),
  },
  polynomial: {
    defaults: { rate: undefined, over: undefined, end: 0, power: 1 },
    ranges: { rate: rateRange, over: count, end: zeroUp, power: rateRange },
    rate: (o, t) => o['end']! + (o['rate']! - o['end']!) * pow(1 - Math.min(1, t / o['over']!), o['power']!),
  },
  cosine: {
    defaults: { rate: undefined, over: undefined, end: 0 },
    ranges: { rate: rateRange, over: count, end: zeroUp },
    rate: (o, t) => halfCosine(o['rate']!, o['end']!, Math.min(1, t / o['over']!)),
  },
  cosineRestarts: {
    defaults: { rate: undefined, first: 10, factor: 1, end: 0 },
    ranges: { rate: rateRange, first: count, factor: { min: 1 }, end: zeroUp },
    rate: (o, t) => {
      let period = o['first']!;
      let rest = t;
      if (o['factor'] === 1) rest = t - period * Math.floor(t / period);
      else
        while (rest >= period) {
          rest -= period;
          period *= o['factor']!;
        }
      return halfCosine(o['rate']!, o['end']!, rest / period);
    },
  },
  oneCycle: {
    defaults: { rate: undefined, over: undefined, up: 0.3, startFactor: 0.04, endFactor: 4e-6 },
    ranges: {
      rate: rateRange,
      over: { min: 2 },
      up: { min: 0, max: 1, minExclusive: true, maxExclusive: true },
      startFactor: share,
      endFactor: share,
    },
    rate: (o, t) => {
      const peak = o['up']! * o['over']! - 1;
      const last = o['over']! - 1;
      if (t <= peak) return halfCosine(o['rate']! * o['startFactor']!, o['rate']!, peak === 0 ? 1 : t / peak);
      return halfCosine(o['rate']!, o['rate']! * o['endFactor']!, Math.min(1, (t - peak) / (last - peak)));
    },
  },
} satisfies Record<Exclude<ScheduleName, 'warmup' | 'reduceOnPlateau'>, ScheduleRow>;

const names = [...Object.keys(table), 'warmup', 'reduceOnPlateau'] as ScheduleName[];

/** From `from` (share 0) to `to` (share 1) along half a cosine. */
function halfCosine(from: number, to: number, share: number): number {
  return to + (from - to) * 0.5 * (1 + cosTurn(share / 2));
}

/** A checked learning rate, ready to be asked. */
export interface ResolvedRate {
  readonly spec: LearningRate;
  readonly rate: (context: RateContext) => number;
  /** The plateau rule, when there is one: the fit loop drives it once an epoch. */
  readonly plateau: PlateauRule | undefined;
  /** The same for every step: no table of rates is needed. */
  readonly constant: boolean;
}

export interface PlateauRule {
  readonly factor: number;
  readonly patience: number;
  readonly minDelta: number;
  readonly cooldown: number;
  readonly minRate: number;
  readonly monitor: string;
  readonly rate: number;
}

/** @throws ERR_OPTION for a rate that is not > 0, or a schedule that is not one. */
export function resolveRate(value: unknown, path = 'learningRate', depth = 0): ResolvedRate {
  if (typeof value === 'function') {
    const given = value as RateFunction;
    return {
      spec: given,
      constant: false,
      plateau: undefined,
      rate: ({ step, epoch }) => checkNumber(given(step, epoch), `${path}(${step}, ${epoch})`, { min: 0 }),
    };
  }
  if (typeof value === 'number' || typeof value !== 'object' || value === null) {
    const rate = checkNumber(value, path, rateRange);
    return { spec: rate, constant: true, plateau: undefined, rate: () => rate };
  }
  const spec = value as ScheduleSpec;
  if (!names.includes(spec.schedule)) unknownName(spec.schedule, names, `${path}.schedule`, 'schedule');
  if (spec.schedule === 'warmup') return resolveWarmup(spec, path, depth);
  if (spec.schedule === 'reduceOnPlateau') return resolvePlateau(spec, path);
  if (!has(table, spec.schedule)) return fail('ERR_OPTION', `${path}.schedule: unknown ${show(spec.schedule)}.`);
  const row: ScheduleRow = table[spec.schedule];
  checkKeys(spec, ['schedule', 'per', ...Object.keys(row.defaults)], path);
  const per = checkChoice(spec['per'] ?? (spec.schedule === 'oneCycle' ? 'step' : 'epoch'), ['epoch', 'step'], `${path}.per`);
  const options: Record<string, number> = {};
  for (const [name, fallback] of Object.entries(row.defaults))
    options[name] = checkNumber(spec[name] ?? fallback, `${path}.${name}`, row.ranges[name]);
  return {
    spec,
    constant: spec.schedule === 'constant',
    plateau: undefined,
    rate: ({ step, epoch }) => row.rate(options, per === 'epoch' ? epoch : step),
  };
}

function resolveWarmup(spec: ScheduleSpec, path: string, depth: number): ResolvedRate {
  if (depth > 8) fail('ERR_OPTION', `${path}: warm-ups are nested more than 8 deep.`);
  checkKeys(spec, ['schedule', 'steps', 'startFactor', 'after'], path);
  const steps = checkNumber(spec['steps'], `${path}.steps`, { min: 1, integer: true });
  const start = checkNumber(spec['startFactor'] ?? 0, `${path}.startFactor`, { min: 0, max: 1 });
  const after = resolveRate(spec['after'], `${path}.after`, depth + 1);
  return {
    spec,
    constant: false,
    plateau: after.plateau,
    rate: (context) => {
      const rate = after.rate(context);
      // With startFactor 0 the first step takes 1/steps of the rate: a step of exactly 0 would be wasted.
      if (context.step >= steps) return rate;
      return rate * (start + (1 - start) * ((context.step + (start === 0 ? 1 : 0)) / steps));
    },
  };
}

function resolvePlateau(spec: ScheduleSpec, path: string): ResolvedRate {
  checkKeys(spec, ['schedule', 'rate', 'factor', 'patience', 'minDelta', 'cooldown', 'minRate', 'monitor'], path);
  const rate = checkNumber(spec['rate'], `${path}.rate`, rateRange);
  const monitor = spec['monitor'] ?? '';
  if (typeof monitor !== 'string')
    fail('ERR_OPTION', `${path}.monitor: expected the name of a figure of the history, got ${show(monitor)}.`);
  const plateau: PlateauRule = {
    factor: checkNumber(spec['factor'] ?? 0.1, `${path}.factor`, { min: 0, max: 1, minExclusive: true, maxExclusive: true }),
    patience: checkNumber(spec['patience'] ?? 10, `${path}.patience`, { min: 0, integer: true }),
    minDelta: checkNumber(spec['minDelta'] ?? 1e-4, `${path}.minDelta`, zeroUp),
    cooldown: checkNumber(spec['cooldown'] ?? 0, `${path}.cooldown`, { min: 0, integer: true }),
    minRate: checkNumber(spec['minRate'] ?? 0, `${path}.minRate`, zeroUp),
    monitor,
    rate,
  };
  return { spec, constant: false, plateau, rate: (context) => Math.max(plateau.minRate, rate * context.plateau) };
}

/** Times `factor` every `every` epochs. */
export const stepDecay = (
  rate: number,
  options: { every?: number; factor?: number; per?: 'epoch' | 'step' } = {},
): ScheduleSpec => ({ schedule: 'step', rate, ...options });
/** Times `factor` each epoch. */
export const exponentialDecay = (rate: number, options: { factor?: number; per?: 'epoch' | 'step' } = {}): ScheduleSpec => ({
  schedule: 'exponential',
  rate,
  ...options,
});
/** rate / (1 + decay t): the 1/k steps under which SGD converges. See: Robbins & Monro 1951. */
export const inverseTimeDecay = (rate: number, options: { decay?: number; per?: 'epoch' | 'step' } = {}): ScheduleSpec => ({
  schedule: 'inverseTime',
  rate,
  ...options,
});
/** From `rate` to `end` over `over` epochs, as (1 - t / over)^power. */
export const polynomialDecay = (
  rate: number,
  options: { over: number; end?: number; power?: number; per?: 'epoch' | 'step' },
): ScheduleSpec => ({ schedule: 'polynomial', rate, ...options });
/** From `rate` to `end` along half a cosine. See: https://arxiv.org/abs/1608.03983 */
export const cosineDecay = (rate: number, options: { over: number; end?: number; per?: 'epoch' | 'step' }): ScheduleSpec => ({
  schedule: 'cosine',
  rate,
  ...options,
});
/** Half cosines that start again, each period `factor` times the last. See: https://arxiv.org/abs/1608.03983 */
export const cosineRestarts = (
  rate: number,
  options: { first?: number; factor?: number; end?: number; per?: 'epoch' | 'step' } = {},
): ScheduleSpec => ({ schedule: 'cosineRestarts', rate, ...options });
/** Linear from `startFactor` of the rate to all of it over the first `steps` steps, then `after`. */
export const warmup = (after: number | ScheduleSpec, options: { steps: number; startFactor?: number }): ScheduleSpec => ({
  schedule: 'warmup',
  after,
  ...options,
});
/** Up from `startFactor` of `rate` and down to `endFactor` of it, over `over` steps. See: https://arxiv.org/abs/1708.07120 */
export const oneCycle = (
  rate: number,
  options: { over: number; up?: number; startFactor?: number; endFactor?: number; per?: 'epoch' | 'step' },
): ScheduleSpec => ({ schedule: 'oneCycle', rate, ...options });
/** Times `factor` after `patience` epochs without the monitored figure improving by `minDelta` of itself. */
export const reduceOnPlateau = (
  rate: number,
  options: { factor?: number; patience?: number; minDelta?: number; cooldown?: number; minRate?: number; monitor?: string } = {},
): ScheduleSpec => ({ schedule: 'reduceOnPlateau', rate, ...options });
