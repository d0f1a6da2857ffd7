// The options of single calls: predict, the step loop, trainStep, evaluate and partialFit; a row for each that checks it.

import { flag, given, readOptions, whole, type Schema } from '../options.js';
import type { DerivativeOptions } from '../training/derivatives.js';
import type { ClassWeight } from '../training/rows.js';

/** Options of predict and inputGradient. */
export interface PredictOptions {
  /** false lets NaN and infinities through, and NaN out. Default true. */
  readonly checkFinite?: boolean;
}

/** Options of forward. */
export interface ForwardOptions extends PredictOptions {
  /** Whether dropout, noise and batch statistics work as in training. Default true. */
  readonly training?: boolean;
}

/** Options of loss. */
export interface StepOptions extends PredictOptions {
  /** How much each row counts. */
  readonly sampleWeight?: ArrayLike<number>;
}

/** Options of trainStep. */
export interface TrainStepOptions extends StepOptions, DerivativeOptions {}

/**
 * Options of evaluate. With sampleWeight, `loss` is the sum of weight times loss divided by the number of rows, as in training; metrics are
 * divided by the sum of the weights.
 */
export interface EvaluateOptions extends TrainStepOptions {
  /** Rows passed through at a time; it only bounds memory. */
  readonly batchSize?: number;
}

/** Options of partialFit. */
export interface PartialFitOptions extends TrainStepOptions {
  /** Rows per optimizer step. Default 32; more than there are rows is all of them. */
  readonly batchSize?: number;
  /** Whether the rows are trained on in a new order. Default true. */
  readonly shuffle?: boolean;
  /** How much the rows of each class count. */
  readonly classWeight?: ClassWeight;
}

const checkFinite = flag(true);

export const predictRows = { checkFinite } satisfies Schema<PredictOptions>;
export const forwardRows = { training: flag(true), checkFinite } satisfies Schema<ForwardOptions>;
export const stepRows = { sampleWeight: given<ArrayLike<number>>(), checkFinite } satisfies Schema<StepOptions>;
export const trainStepRows = {
  ...stepRows,
  inputGradients: given(),
  derivativeWeight: given(),
} satisfies Schema<TrainStepOptions>;
export const evaluationRows = { ...trainStepRows, batchSize: whole({ min: 1 }) } satisfies Schema<EvaluateOptions>;
/** Those behind checkFinite are checked by fit. */
export const partialFitRows = {
  ...trainStepRows,
  batchSize: given(),
  shuffle: given(),
  classWeight: given(),
} satisfies Schema<PartialFitOptions>;

// Calls without options are the rule, and some are made a million times a second: what holds for them stands ready.
const always: { readonly checkFinite: boolean } & Pick<TrainStepOptions, 'sampleWeight' | 'inputGradients' | 'derivativeWeight'> =
  {
    checkFinite: true,
    sampleWeight: undefined,
    inputGradients: undefined,
    derivativeWeight: undefined,
  };

/** @throws ERR_OPTION. */
export const readStep = (options: TrainStepOptions | undefined, who: string) =>
  options === undefined ? always : readOptions(trainStepRows, options, who);

/** @throws ERR_OPTION. */
export const readPredict = (options: PredictOptions | undefined, who: string): { readonly checkFinite: boolean } =>
  options === undefined ? always : readOptions(predictRows, options, who);
