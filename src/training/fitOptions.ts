// The options of fit: names, ranges and defaults, all checked before anything happens.

import { fail, show } from '../errors.js';
import { checkFunction, choice, flag, given, group, handler, number, readOptions, whole, type Schema } from '../options.js';
import type { NetworkPlan } from '../plan/network.js';
import type { ResolvedRate } from '../plan/resolveRate.js';
import type { Callbacks } from './callbacks.js';
import type { DerivativeOptions } from './derivatives.js';
import { checkMonitor, resolveEarlyStopping, type EarlyStoppingOptions, type EarlyStoppingRule } from './earlyStopping.js';
import { validationName, type EpochLog } from './history.js';
import type { ClassWeight, LabelledRows } from './rows.js';
import type { ModelState } from './state.js';

/** Saving while training. */
export interface CheckpointOptions {
  /** Epochs between two saves. Default 1. */
  readonly every?: number;
  /**
   * Gets the state of the training, for restoreState of a model of the same options, and the epoch's figures, measured on it.
   * May return a promise.
   */
  readonly save: (state: ModelState, log: EpochLog) => unknown;
}

export interface FitOptions<M = unknown> extends Callbacks<M>, DerivativeOptions {
  /** Passes over the data. Default 1 (compat 'sklearn': 200); without a limit when there is a timeBudget. 0 does nothing. */
  readonly epochs?: number;
  /** Rows per optimizer step. Default 32; more than there are rows is all of them. */
  readonly batchSize?: number;
  /** A new order each epoch, fixed by the seed. Default true. */
  readonly shuffle?: boolean;
  /**
   * Share of the rows, the last ones as given, held out to measure on, in (0, 1); rounded up to whole rows. Rows that are sorted by class
   * or by size of y must be shuffled first (trainTestSplit does), or what is held out is of another kind than what is learnt. compat
   * 'sklearn' draws them at random, each class by its share. sampleWeight and classWeight are for training: held-out rows count alike.
   */
  readonly validationSplit?: number;
  readonly validationData?: LabelledRows;
  /** How much each row counts: its loss is multiplied by it (the mean still divides by rows). */
  readonly sampleWeight?: ArrayLike<number>;
  /** Multiplies the loss of each class's rows. 'balanced' counts the rows that train; refused where they come in portions. */
  readonly classWeight?: ClassWeight;
  /** Objects with any of onTrainBegin, onEpochBegin, onEpochEnd, onBatchEnd, onTrainEnd. */
  readonly callbacks?: Callbacks<M> | readonly Callbacks<M>[];
  /** Aborting rejects with an AbortError after the batch in hand; the weights are as after it. */
  readonly signal?: AbortSignal;
  /** Seconds after which training ends, after the batch in hand. */
  readonly timeBudget?: number;
  readonly earlyStopping?: boolean | EarlyStoppingOptions;
  /** Batches whose gradients are added up before each step. Default 1. */
  readonly accumulate?: number;
  /** At a loss that is not finite: 'stop' with ERR_DIVERGED (default), or 'continue'. */
  readonly onDivergence?: 'stop' | 'continue';
  readonly checkpoint?: CheckpointOptions;
  /** Prints a line per epoch. */
  readonly verbose?: boolean;
  /** Whether the model's metrics are measured on training rows too. Default true. */
  readonly reportMetrics?: boolean;
  /** How long fit works before it lets other things run. Default 10. */
  readonly sliceMilliseconds?: number;
  /**
   * > 0: training ends with the step at whose start the Euclidean norm of the whole gradient (of the loss on all rows with its penalties: l1, l2, and
   * weightDecay unless it is decoupled; of all that trains, together) is at most this. For steps on all rows: gd, lbfgs (whose own `tolerance` is of the
   * largest component), or a batchSize times accumulate of all rows; others are refused. `stoppedBy` is then 'gradientTolerance'.
   */
  readonly gradientTolerance?: number;
  /** false lets NaN and infinities in X and y through. Default true. */
  readonly checkFinite?: boolean;
  /**
   * false: where X is { data: Float32Array, shape }, it is read where it lies, for half the memory; it must not change before
   * fit is done. Default true: X is copied at the call.
   */
  readonly copy?: boolean;
}

/** Fit's options with every default filled in. */
export interface FitRules<M = unknown> {
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly callbacks: readonly Callbacks<M>[];
  readonly signal: AbortSignal | undefined;
  readonly timeBudget: number;
  readonly earlyStopping: EarlyStoppingRule | undefined;
  readonly accumulate: number;
  readonly gradientTolerance: number | undefined;
  readonly ignoreDivergence: boolean;
  readonly checkpoint: { readonly every: number; readonly save: CheckpointOptions['save'] } | undefined;
  readonly verbose: boolean;
  readonly reportMetrics: boolean;
  readonly sliceMilliseconds: number;
  /** The figure a reduceOnPlateau watches. */
  readonly plateauMonitor: string;
}

const hook = handler<never>();

/** The callbacks of every fit. */
export const hookRows = {
  onTrainBegin: hook,
  onEpochBegin: hook,
  onEpochEnd: hook,
  onBatchEnd: hook,
  onTrainEnd: hook,
} satisfies Schema<Callbacks>;

export const hookNames = Object.keys(hookRows) as (keyof Callbacks)[];

const above0 = { min: 0, minExclusive: true } as const;

const checkpointRows = {
  every: whole({ min: 1, default: 1 }),
  save: (value, name) => {
    checkFunction(value, name, 'a function of the state');
    return value as CheckpointOptions['save'];
  },
} satisfies Schema<CheckpointOptions>;

const fitRows = {
  epochs: whole({ min: 0 }),
  batchSize: whole({ min: 1 }),
  shuffle: flag(true),
  validationSplit: number({ ...above0, max: 1, maxExclusive: true }),
  validationData: given(),
  sampleWeight: given(),
  classWeight: given(),
  inputGradients: given(),
  derivativeWeight: given(),
  callbacks: given(),
  signal: (value) => checkSignal(value),
  timeBudget: number(above0),
  gradientTolerance: number(above0),
  earlyStopping: given(),
  accumulate: whole({ min: 1, default: 1 }),
  onDivergence: choice(['stop', 'continue'], 'stop'),
  checkpoint: group(checkpointRows),
  verbose: flag(false),
  reportMetrics: flag(true),
  sliceMilliseconds: number({ ...above0, default: 10 }),
  checkFinite: flag(true),
  copy: flag(true),
  ...hookRows,
} satisfies Schema<FitOptions>;

/** What may be said about data alone: enough to read it. */
export interface DataRules {
  readonly validationSplit: number;
  readonly checkFinite: boolean;
  readonly copy: boolean;
}

/** @throws ERR_OPTION. */
export function resolveDataRules<M>(options: FitOptions<M>): DataRules {
  const { validationSplit = 0, checkFinite, copy } = readOptions(fitRows, options, 'fit');
  if (validationSplit > 0 && options.validationData !== undefined)
    fail('ERR_OPTION', 'fit: give validationSplit or validationData, not both.');
  return { validationSplit, checkFinite, copy };
}

/** `rows`: training rows, or undefined for a stream. @throws ERR_OPTION. */
export function resolveFit<M>(
  options: FitOptions<M>,
  plan: NetworkPlan,
  rate: ResolvedRate,
  rows: number | undefined,
  validates: boolean,
): FitRules<M> {
  const { defaults, optimizer } = plan;
  const read = readOptions(fitRows, options, 'fit');
  const {
    timeBudget = Infinity,
    batchSize: asked,
    accumulate,
    shuffle,
    signal,
    verbose,
    reportMetrics,
    sliceMilliseconds,
  } = read;
  const epochs = read.epochs ?? (timeBudget < Infinity ? 2 ** 31 : (defaults.epochs ?? 1));
  const batchSize = optimizer.fullBatch
    ? (rows ?? 0)
    : Math.min(asked ?? (rows === undefined ? 0 : defaults.batchSize(rows)), rows ?? 2 ** 31);
  if (optimizer.fullBatch && asked !== undefined && asked < (rows ?? 0))
    fail(
      'ERR_OPTION',
      `batchSize: "${optimizer.name}" steps on the whole data set (${rows} rows). Leave batchSize out, or use "sgd".`,
    );
  const { gradientTolerance } = read;
  if (gradientTolerance !== undefined && (rows === undefined || batchSize * accumulate < rows))
    fail(
      'ERR_OPTION',
      `gradientTolerance: needs steps on all rows, and ${rows === undefined ? 'a stream comes in parts' : `steps here see ${batchSize * accumulate} of ${rows}`}. Use "gd" or "lbfgs", ${rows === undefined ? 'and pass X and y' : `or batchSize: ${rows}`}.`,
    );
  const figures = figureNames(plan, reportMetrics, validates);
  const { plateau } = rate;
  return {
    epochs,
    batchSize,
    accumulate,
    gradientTolerance,
    reportMetrics,
    timeBudget,
    shuffle,
    callbacks: resolveCallbacks(options),
    signal,
    earlyStopping: resolveEarlyStopping(options.earlyStopping, figures, plan.defaults.earlyStopping),
    ignoreDivergence: read.onDivergence === 'continue',
    checkpoint: read.checkpoint,
    verbose,
    sliceMilliseconds,
    plateauMonitor: plateau === undefined ? 'loss' : checkMonitor(plateau.monitor, figures, 'reduceOnPlateau.monitor'),
  };
}

/** The figures the history will have. */
function figureNames(plan: NetworkPlan, reportMetrics: boolean, validates: boolean): string[] {
  const names = ['loss', ...(reportMetrics ? plan.metrics : [])];
  return validates ? [...names, 'valLoss', ...plan.metrics.map(validationName)] : names;
}

/** The lists of callbacks among the options of a fit, in the order in which they are called. @throws ERR_OPTION. */
export function resolveCallbacks<M>(options: Pick<FitOptions<M>, 'callbacks' | keyof Callbacks>): Callbacks<M>[] {
  const given = options.callbacks;
  const list = given === undefined ? [] : Array.isArray(given) ? (given as readonly Callbacks<M>[]) : [given as Callbacks<M>];
  for (const [i, callback] of list.entries()) {
    const where = Array.isArray(given) ? `callbacks[${i}]` : 'callbacks';
    if (typeof callback !== 'object' || callback === null)
      fail('ERR_OPTION', `${where}: expected an object with ${hookNames.join(', ')}, got ${show(callback)}.`);
    for (const name of hookNames) hook(callback[name], `${where}.${name}`);
  }
  const own = hookNames.some((name) => options[name] !== undefined);
  return own ? [...list, options] : [...list];
}

/** @throws ERR_OPTION for what is no signal. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (typeof signal !== 'object' || signal === null || typeof (signal as AbortSignal).aborted !== 'boolean')
    fail('ERR_OPTION', `signal: expected an AbortSignal (new AbortController().signal), got ${show(signal)}.`);
  return signal as AbortSignal;
}
