// From a learning rate as users write it to one that can be asked for any step: its numbers checked by their rows.

import { fail, show } from '../errors.js';
import { checkNumber, choice, given, has, number, readOptions, unknownName, whole, type Read, type Schema } from '../options.js';
import { above0, needed, type ScheduleRow } from './scheduleRow.js';
import schedules, {
  type LearningRate,
  type PlateauSpec,
  type RateFunction,
  type ScheduleSpec,
  type WarmupSpec,
} from './schedules.js';

/** What a schedule may depend on. `plateau` is the factor a reduceOnPlateau has reached. */
export interface RateContext {
  readonly step: number;
  readonly epoch: number;
  readonly plateau: number;
}

type ScheduleName = ScheduleSpec['schedule'];

const rateRow = needed(above0);

const warmupRows = {
  schedule: given<'warmup'>(),
  after: given<LearningRate>(),
  steps: needed({ min: 1, integer: true }),
  startFactor: number({ min: 0, max: 1, default: 0 }),
} satisfies Schema<WarmupSpec>;

const plateauRows = {
  schedule: given<'reduceOnPlateau'>(),
  rate: rateRow,
  factor: number({ min: 0, max: 1, minExclusive: true, maxExclusive: true, default: 0.1 }),
  patience: whole({ min: 0, default: 10 }),
  minDelta: number({ min: 0, default: 1e-4 }),
  cooldown: whole({ min: 0, default: 0 }),
  minRate: number({ min: 0, default: 0 }),
  monitor: (value, name) => {
    if (value !== undefined && value !== null && typeof value !== 'string')
      return fail('ERR_OPTION', `${name}: expected the name of a figure of the history, got ${show(value)}.`);
    return value ?? '';
  },
} satisfies Schema<PlateauSpec>;

const names = [...Object.keys(schedules), 'warmup', 'reduceOnPlateau'] as ScheduleName[];

/** A checked learning rate, ready to be asked. */
export interface ResolvedRate {
  readonly spec: LearningRate;
  readonly rate: (context: RateContext) => number;
  /** The plateau rule, when there is one: the fit loop drives it once an epoch. */
  readonly plateau: PlateauRule | undefined;
  /** Whether every step has the same rate: no table of rates is needed then. */
  readonly constant: boolean;
}

/** When a reduceOnPlateau cuts the rate. */
export type PlateauRule = Read<typeof plateauRows>;

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
    const given = rateRow(value, path);
    return { spec: given, constant: true, plateau: undefined, rate: () => given };
  }
  const spec = value as ScheduleSpec;
  if (!names.includes(spec.schedule)) unknownName(spec.schedule, names, `${path}.schedule`, 'schedule');
  if (spec.schedule === 'warmup') return resolveWarmup(spec, path, depth);
  if (spec.schedule === 'reduceOnPlateau') return resolvePlateau(spec, path);
  if (!has(schedules, spec.schedule)) return fail('ERR_OPTION', `${path}.schedule: unknown ${show(spec.schedule)}.`);
  const row: ScheduleRow = schedules[spec.schedule];
  const rows = {
    schedule: (name: unknown) => name,
    per: choice(['epoch', 'step'], spec.schedule === 'oneCycle' ? 'step' : 'epoch'),
    ...row.needed,
    ...row.optional,
  };
  const { schedule, per, ...numbers } = readOptions(rows, spec, path, `${path}.`);
  return {
    spec,
    constant: schedule === 'constant',
    plateau: undefined,
    rate: ({ step, epoch }) => row.rate(numbers as Record<string, number>, per === 'epoch' ? epoch : step),
  };
}

function resolveWarmup(spec: WarmupSpec, path: string, depth: number): ResolvedRate {
  if (depth > 8) fail('ERR_OPTION', `${path}: warm-ups are nested more than 8 deep.`);
  const { steps, startFactor: start, after: then } = readOptions(warmupRows, spec, path, `${path}.`);
  const after = resolveRate(then, `${path}.after`, depth + 1);
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

function resolvePlateau(spec: PlateauSpec, path: string): ResolvedRate {
  const plateau = readOptions(plateauRows, spec, path, `${path}.`);
  return { spec, constant: false, plateau, rate: (context) => Math.max(plateau.minRate, plateau.rate * context.plateau) };
}
