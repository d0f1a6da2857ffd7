// Pruners by name: which candidates stop before their end. Decisions are made at barriers, on all that was recorded until then, so that
// they do not depend on who came first.

import { fail, show } from '../errors.js';
import { checkFunction, choice, number, readOptions, unknownName, whole, type Schema } from '../options.js';
import type { CandidateRecord, Pruner, PruningRequest, Step } from './contract.js';
import { median, race, racingPlan } from './racing.js';

/** Stops a candidate whose best loss so far is worse than the median of what candidates that ended had at that epoch. */
export interface MedianOptions {
  /** Which pruner these are the options of. */
  readonly name: 'median';
  /** Candidates that have to end before any is stopped (default 5). */
  readonly startup?: number;
  /** Epochs between decisions, at least 1 (default: a tenth of all). */
  readonly interval?: number;
  /** Epochs before the first decision (default: one interval). */
  readonly warmup?: number;
}

/** Successive halving: a candidate goes on past an epoch only as one of the best of all that came so far, the best quarter by default. */
export interface HalvingOptions {
  /** Which pruner these are the options of. */
  readonly name: 'halving';
  /** One candidate out of so many goes on, and its epochs grow by as much: at least 2 (default 4). */
  readonly factor?: number;
  /** Epochs until the first decision (default: a hundredth of all, at least 1). */
  readonly least?: number;
}

/** Stops a candidate after some of the folds, where a paired test gives it little chance to beat the best so far over all of them. */
export interface RacingOptions {
  /** Which pruner these are the options of. */
  readonly name: 'racing';
  /** Folds until the first decision, at least 1 (default 1): what one difference may vary by is known from those of other candidates. */
  readonly first?: number;
  /**
   * The least chance to beat the best that is worth going on for, in (0, 0.5] (default: twice that of a new candidate, which is 1 / (n + 1) after n
   * candidates: the time is worth more there).
   */
  readonly chance?: number;
}

/** A pruner by its name, with options, or one of your own. */
export type PrunerLike = 'none' | 'median' | 'halving' | 'racing' | MedianOptions | HalvingOptions | RacingOptions | Pruner;

const names = ['none', 'median', 'halving', 'racing'] as const;

const medianRows = {
  name: choice(['median'], 'median'),
  startup: whole({ min: 0, default: 5 }),
  interval: whole({ min: 1 }),
  warmup: whole({ min: 0 }),
} satisfies Schema<MedianOptions>;

const halvingRows = {
  name: choice(['halving'], 'halving'),
  factor: whole({ min: 2, default: 4 }),
  least: whole({ min: 1 }),
} satisfies Schema<HalvingOptions>;

const racingRows = {
  name: choice(['racing'], 'racing'),
  first: whole({ min: 1, default: 1 }),
  chance: number({ min: 0, minExclusive: true, max: 0.5 }),
} satisfies Schema<RacingOptions>;

const noneRows = { name: choice(['none'], 'none') };

/**
 * The pruner of a name or of options; without any, none stops a candidate. One of your own is taken as it is.
 * @throws ERR_OPTION for a pruner or an option that there is not.
 */
export function readPruner(pruner: unknown = 'none'): Pruner {
  if (typeof pruner === 'object' && pruner !== null && 'keep' in pruner) {
    checkFunction(pruner.keep, 'pruner.keep');
    checkFunction((pruner as Partial<Pruner>).plan, 'pruner.plan');
    return pruner as Pruner;
  }
  const name = typeof pruner === 'object' && pruner !== null && 'name' in pruner ? pruner.name : pruner;
  if (typeof name !== 'string' || !names.includes(name as never)) {
    if (typeof pruner === 'object')
      fail(
        'ERR_OPTION',
        `pruner: expected one of ${names.join(', ')}, or an object with one of these as name, got ${show(pruner)}.`,
      );
    unknownName(pruner, names, 'pruner');
  }
  return makers[name as (typeof names)[number]](typeof pruner === 'object' ? pruner : { name });
}

const makers = {
  none: (options) => {
    const { name } = readOptions(noneRows, options, 'pruner', 'pruner.');
    return {
      settings: { name },
      plan: (folds) => [{ folds: allOf(folds), epochs: undefined }],
      keep: ({ running }) => running.map(() => true),
    };
  },
  median: (options) => {
    const { name, startup, interval, warmup } = readOptions(medianRows, options, 'pruner', 'pruner.');
    return {
      settings: { name, startup, ...(interval === undefined ? {} : { interval }), ...(warmup === undefined ? {} : { warmup }) },
      plan: (folds, epochs) => {
        const all = epochsOf(epochs, name);
        const every = interval ?? Math.max(1, Math.round(all / 10));
        const stops: number[] = [];
        for (let epoch = Math.max(warmup ?? every, 1); epoch < all; epoch += every) stops.push(epoch);
        return stepsAt(stops, folds);
      },
      keep: (request) => keepByMedian(request, startup),
    };
  },
  halving: (options) => {
    const { name, factor, least } = readOptions(halvingRows, options, 'pruner', 'pruner.');
    return {
      settings: { name, factor, ...(least === undefined ? {} : { least }) },
      plan: (folds, epochs) => {
        const all = epochsOf(epochs, name);
        const stops: number[] = [];
        for (let epoch = least ?? Math.max(1, Math.floor(all / 100)); epoch < all; epoch *= factor) stops.push(epoch);
        return stepsAt(stops, folds);
      },
      keep: (request) => keepByHalving(request, factor),
    };
  },
  racing: (options) => {
    const { name, first, chance } = readOptions(racingRows, options, 'pruner', 'pruner.');
    return {
      settings: { name, first, ...(chance === undefined ? {} : { chance }) },
      plan: (folds) => racingPlan(folds, first),
      keep: (request) => race(request, chance ?? usualChance(request)),
    };
  },
} as const satisfies Record<(typeof names)[number], (options: unknown) => Pruner>;

function epochsOf(epochs: number | undefined, name: string): number {
  return (
    epochs ??
    fail(
      'ERR_OPTION',
      `pruner: "${name}" stops candidates at an epoch, and this objective has no number of epochs. Give it epochs, or take 'racing'.`,
    )
  );
}

/**
 * What racing asks of a candidate by default. After n candidates the next is the best of all with a chance of 1 / (n + 1), and mostly takes a fold or
 * two; one that goes on takes all of them. Chosen by what searches of 16 and of 50 candidates find in half of the epochs of a random one, on losses drawn
 * from normal, exponential and log-normal distributions with noise of a tenth, a third and all of their deviation, beside 0.05, 0.15, 0.25 and 1, 3 and
 * 5 / (n + 1): what they find differs little.
 */
function usualChance({ running, earlier }: PruningRequest): number {
  return Math.min(0.5, 2 / (earlier.length + running.length + 1));
}

/** All folds up to each of some epochs, and then to their end. */
function stepsAt(epochs: readonly number[], folds: number): Step[] {
  return [...epochs, undefined].map((epoch) => ({ folds: allOf(folds), epochs: epoch }));
}

function allOf(folds: number): number[] {
  return Array.from({ length: folds }, (_, fold) => fold);
}

/** Mean loss over folds at a step; undefined where the candidate did not come so far. */
function lossAt({ steps }: CandidateRecord, step: number): number | undefined {
  const losses = steps.find((record) => record.step === step)?.losses;
  return losses === undefined ? undefined : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** As Optuna's MedianPruner: the best of a candidate's losses so far against the median of the losses at this step. */
function keepByMedian({ step, running, earlier }: PruningRequest, startup: number): boolean[] {
  const complete = earlier.filter(({ state }) => state === 'complete');
  if (complete.length < Math.max(startup, 1)) return running.map(() => true);
  const known = complete.flatMap((record) => lossAt(record, step) ?? []).filter((loss) => !Number.isNaN(loss));
  return running.map((record) => {
    const losses = record.steps.map((_, i) => lossAt(record, i)!).filter((loss) => !Number.isNaN(loss));
    if (losses.length === 0) return false;
    return known.length === 0 || losses.reduce((a, b) => Math.min(a, b)) <= median(known);
  });
}

/** As Optuna's SuccessiveHalvingPruner (asynchronous halving, Li et al. 2018, arXiv:1810.05934), with this round's candidates all there at once. */
function keepByHalving({ step, running, earlier }: PruningRequest, factor: number): boolean[] {
  const known = [...earlier, ...running].flatMap((record) => lossAt(record, step) ?? []).filter((loss) => !Number.isNaN(loss));
  known.sort((a, b) => a - b);
  const limit = known[Math.max(Math.floor(known.length / factor) - 1, 0)];
  return running.map((record) => limit !== undefined && lossAt(record, step)! <= limit);
}
