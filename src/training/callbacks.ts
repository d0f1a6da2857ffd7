// What training tells while it runs. Callbacks run between steps: they may predict, evaluate, diagnose, save and change the
// learning rate; training on the same model from inside one is ERR_BUSY. Whoever offers fit says what they are handed (M).

import type { EpochLog, History } from './history.js';

/** Figures of one optimizer step. */
export interface BatchLog {
  /** The epoch it belongs to, from 1. */
  readonly epoch: number;
  /** The step's place in the epoch, from 1. */
  readonly batch: number;
  /** Rows it was made of. */
  readonly rows: number;
  /** Their mean loss before the step. */
  readonly loss: number;
  /** The learning rate of the step, > 0. */
  readonly learningRate: number;
}

/**
 * All optional. A promise is waited for (by fit); other return values mean nothing, so that `log.epoch % 10 === 0 &&
 * console.log(log)` is harmless. To end training call model.stop(). `M` is what callbacks are handed: the model, or the
 * worker's model on this side.
 */
export interface Callbacks<M = unknown> {
  /** Before the first epoch of a fit. */
  onTrainBegin?(model: M): unknown;
  /** Before each epoch; the first is 1, and a later fit counts on. */
  onEpochBegin?(epoch: number, model: M): unknown;
  /** After each epoch and its validation, with the epoch's figures. */
  onEpochEnd?(log: EpochLog, model: M): unknown;
  /**
   * After every optimizer step. With it each step is a call of its own into the core (instead of one for about ten
   * milliseconds of steps): below a microsecond each, plus what the callback takes.
   */
  onBatchEnd?(log: BatchLog, model: M): unknown;
  /** After the last epoch, with the record of the fit. */
  onTrainEnd?(history: History, model: M): unknown;
}

/** Whether something is a promise, of whatever make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
