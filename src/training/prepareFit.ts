// What a fit is given, checked: rows or a stream of batches, what is held out, how rows count, and the rules of the training.
// Copies the data, and changes nothing.

import { fail } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';
import { refuseLoneRow } from './batches.js';
import { refuseBalancedDerivatives, weighDerivatives } from './derivatives.js';
import { Fit, type Source } from './fit.js';
import { resolveDataRules, resolveFit, type FitOptions } from './fitOptions.js';
import { sizeNotes, splitNotes } from './notes.js';
import { readPair, readRows, refuseBalanced, splitRows, weighClasses, type Rows } from './rows.js';
import { isBatchSource } from './streams.js';
import type { Trainer } from './trainer.js';

/** What was handed to a method that trains: X and y, or a stream and options in their places. */
export interface GivenToFit<M> {
  /** Whom callbacks are told of. */
  readonly model: M;
  readonly trainer: Trainer;
  /** The method. */
  readonly what: string;
  readonly X: unknown;
  readonly y: unknown;
  readonly options: unknown;
  /** Whether other tasks run in between. */
  readonly paced: boolean;
}

/**
 * A fit, ready to run.
 * @throws ERR_BUSY while training; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH, ERR_OPTION.
 */
export function prepareFit<M>({ model, trainer, what, X, y, options: given, paced }: GivenToFit<M>): Fit<M> {
  const { plan } = trainer;
  trainer.refuseBusy(what);
  trainer.refuseUntrainable();
  const streams = isBatchSource(X, y);
  const options = ((streams && given === undefined ? y : given) ?? {}) as FitOptions<M>;
  const { validationSplit, checkFinite, copy } = resolveDataRules(options);
  let source: Source;
  let validation: Rows | undefined;
  let notes: string[] = [];
  if (streams) {
    if (validationSplit > 0) fail('ERR_OPTION', 'validationSplit: a stream has no last rows to split off. Use validationData.');
    if (options.sampleWeight !== undefined)
      fail('ERR_OPTION', 'sampleWeight: give weights with each batch of the stream: { X, y, sampleWeight }.');
    refuseBalanced(options.classWeight, 'a stream');
    refuseBalancedDerivatives(options.derivativeWeight, 'a stream');
    if (options.inputGradients !== undefined)
      fail('ERR_OPTION', 'inputGradients: give them with each batch of the stream: { X, y, inputGradients }.');
    const { classWeight, derivativeWeight } = options;
    source = { stream: { source: X, classWeight, derivativeWeight, checkFinite } };
  } else {
    const { sampleWeight, classWeight, inputGradients, derivativeWeight } = options;
    let data = readRows(X, y, plan, { sampleWeight, inputGradients, checkFinite, copy });
    const noted = what !== 'partialFit';
    if (noted) notes = sizeNotes(data, plan);
    if (validationSplit > 0) {
      [data, validation] = splitRows(data, validationSplit, plan);
      if (noted) notes = [...notes, ...splitNotes(data, validation, plan)];
    }
    data = weighDerivatives(weighClasses(data, classWeight, plan), derivativeWeight, plan);
    refuseLoneRow(plan, data.rows);
    source = { data };
  }
  if (options.validationData !== undefined)
    validation = readPair(options.validationData, plan, 'validationData', { checkFinite, copy });
  if (validation?.gradients !== undefined) validation = weighLike(validation, source, options.derivativeWeight, plan);
  const rules = resolveFit(
    options,
    plan,
    trainer.progress.rate,
    'data' in source ? source.data.rows : undefined,
    validation !== undefined,
  );
  if (rules.batchSize === 1) refuseLoneRow(plan, 1);
  const fit = new Fit<M>(model, trainer, source, validation, rules, paced);
  for (const note of notes) fit.history.notes.push(note);
  return fit;
}

/** Validation rows with input gradients: these count as in training. */
function weighLike(validation: Rows, source: Source, weight: unknown, plan: NetworkPlan): Rows {
  const gradientWeights = 'data' in source ? source.data.gradientWeights : undefined;
  return gradientWeights === undefined ? weighDerivatives(validation, weight, plan) : { ...validation, gradientWeights };
}
