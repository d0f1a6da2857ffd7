// One training of an estimator: what it is made of, and the rows and weights that go into it.

import type { Finding } from '../data/findings.js';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { Scaler } from '../data/scalers/index.js';
import { fail, show } from '../errors.js';
import type { Callbacks, Model } from '../model/model.js';
import type { EpochLog } from '../training/history.js';
import type { EstimatorFitOptions } from './fitOptions.js';
import type { InputColumns } from './inputs.js';
import type { StoppingRule } from './options.js';

/** Rows to measure on after each epoch. */
export interface WatchedRows {
  readonly X: MatrixLike;
  readonly y: Matrix;
  readonly values: Float64Array;
  readonly weights: ArrayLike<number> | undefined;
}

/** One training: everything checked and scaled, nothing changed yet. */
export interface Run<Head> {
  readonly model: Model;
  readonly columns: InputColumns;
  readonly scaler: Scaler | undefined;
  readonly head: Head;
  readonly X: MatrixLike;
  readonly y: Matrix;
  readonly rows: number;
  readonly fingerprint: number;
  readonly validation: WatchedRows | undefined;
  readonly before:
    | { readonly losses: readonly number[]; readonly validationLosses: readonly number[]; readonly seconds: number }
    | undefined;
  readonly logs: EpochLog[];
  readonly findings: readonly Finding[];
  /** Whether the weights of the best epoch come back at the end. */
  readonly restores: boolean;
  readonly started: number;
  readonly options: Parameters<Model['fit']>[1] & object;
}

/** Fit's own callbacks and limits, as given, behind one that keeps the log of every epoch. */
export function callbacksOf(options: EstimatorFitOptions, logs: EpochLog[]) {
  const { callbacks, signal, timeBudget, verbose, onTrainBegin, onEpochBegin, onEpochEnd, onBatchEnd, onTrainEnd } = options;
  const own = { onTrainBegin, onEpochBegin, onEpochEnd, onBatchEnd, onTrainEnd, signal, timeBudget, verbose };
  return {
    ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
    callbacks: [
      { onEpochEnd: (log: EpochLog) => void logs.push(log) },
      ...(callbacks === undefined ? [] : [callbacks].flat()),
    ] as Callbacks[],
  };
}

/** Rows that are held out to watch. */
export function rowsToWatch(rows: number, { validationFraction }: StoppingRule): number {
  return Math.min(rows - 1, Math.max(1, Math.ceil(validationFraction * rows)));
}

/** Fit's options for rows to watch, and for stopping by them. */
export function watching({ X, y, weights }: WatchedRows, rule: StoppingRule | undefined) {
  const validationData = { X, y, ...(weights === undefined ? {} : { sampleWeight: weights }) };
  if (rule === undefined) return { validationData };
  const { patience, minDelta, restoreBest } = rule;
  return { validationData, earlyStopping: { patience, minDelta, restoreBest } }; // of valLoss, or as the preset has it
}

/** The targets of some rows, or of all. */
export function pickValues(
  { values, columns }: { values: Float64Array; columns: number },
  indices: Uint32Array | undefined,
): Float64Array {
  if (indices === undefined) return values;
  const out = new Float64Array(indices.length * columns);
  for (let k = 0; k < indices.length; k++)
    for (let j = 0; j < columns; j++) out[k * columns + j] = values[indices[k]! * columns + j]!;
  return out;
}

/** The numbers of some rows. */
export function pick(values: ArrayLike<number>, indices: Uint32Array): Float64Array {
  return Float64Array.from(indices, (i) => values[i]!);
}

/** Weights of rows times those of their classes. @throws ERR_SHAPE, ERR_OPTION. */
export function combineWeights(
  given: ArrayLike<number> | undefined,
  byClass: Float64Array | undefined,
  rows: number,
): Float64Array | undefined {
  if (given === undefined) return byClass;
  if (typeof given?.length !== 'number') fail('ERR_TYPE', `sampleWeight: expected a list of numbers, got ${show(given)}.`);
  if (given.length !== rows) fail('ERR_SHAPE', `sampleWeight has ${given.length} numbers, but X has ${rows} rows.`);
  return Float64Array.from({ length: rows }, (_, i) => {
    const weight = given[i];
    if (typeof weight !== 'number' || !(weight >= 0 && weight < Infinity))
      fail('ERR_OPTION', `sampleWeight: row ${i} is ${show(weight)}; weights are finite and not negative.`, {
        row: i,
        value: weight,
      });
    return weight * (byClass?.[i] ?? 1);
  });
}
