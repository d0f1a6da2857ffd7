// What a fit reports: one entry per epoch, and how it ended.

import type { AnyMetrics, FigureOf, MetricLike } from '../plan/metrics.js';

type EpochFigures = {
  /** Epochs trained so far, this one included: the first is 1, and a later fit counts on. */
  readonly epoch: number;
  /**
   * Mean loss over the training rows, penalties not included: each batch's taken before its step, while the weights move. Where
   * it decides which weights are kept (early stopping on a figure of the training rows, checkpoints without validation rows) it is
   * measured after the epoch instead, and evaluate gives the same.
   */
  readonly loss: number;
  /** Mean loss over the validation rows after the epoch. */
  readonly valLoss?: number;
  /** The rate of the epoch's last step. */
  readonly learningRate: number;
  /** Seconds the epoch took, validation included. */
  readonly seconds: number;
};

/** Figures of one epoch. Those of metrics go by the metric's name, on validation rows with `val` in front: valAccuracy. */
export type EpochLog<Metrics extends MetricLike = AnyMetrics> = EpochFigures & {
  readonly [Figure in FigureOf<Metrics> | `val${Capitalize<FigureOf<Metrics>>}`]?: number;
};

/** Figures by names that are found at run time. */
export const figuresOf = (log: EpochLog): Readonly<Record<string, number | undefined>> => log;

/**
 * Why training ended: 'plateau' where the loss stalled (line searches, and presets that stop so), 'gradientTolerance' where the gradient was as small as
 * asked, 'callback' by model.stop().
 */
export type StopReason =
  | 'epochs'
  | 'earlyStopping'
  | 'abort'
  | 'timeBudget'
  | 'divergence'
  | 'plateau'
  | 'gradientTolerance'
  | 'callback';

/**
 * The record of one fit: figures of each epoch, why it ended, and how fast it was.
 *
 * @example
 * const history = model.fitSync(X, y, { epochs: 3 });
 * history.stoppedBy;      // 'epochs'
 * history.epochs.length;  // 3
 */
export class History<Metrics extends MetricLike = AnyMetrics> {
  /** The figures of each epoch, in order. */
  readonly epochs: EpochLog<Metrics>[] = [];
  /** Why training ended. */
  stoppedBy: StopReason = 'epochs';
  /** Rows trained per second, without the time of validation, callbacks and pauses. */
  samplesPerSecond = 0;
  /**
   * The epoch that ended with the best weights by the monitored figure (early stopping's, else valLoss), as evaluate measures it.
   * The epoch before this fit (0 for a new model) when none was better than the weights it began with; 0 when nothing was
   * measured after epochs: without validation rows, early stopping or checkpoints.
   */
  bestEpoch = 0;
  /**
   * What is worth knowing about this fit, a sentence each, with what to do: rows that validationSplit held out are of other classes, or of another
   * range, than those that trained (sorted rows); inputs or targets so large that learning slows or stops; a schedule of the learning rate that
   * ended at another time than the training. Mostly empty. With `verbose` they are printed.
   */
  readonly notes: string[] = [];

  /** One figure over the epochs: `history.values('valLoss')`. */
  values(figure: keyof EpochLog<Metrics>): number[] {
    return this.epochs.map((log) => figuresOf(log)[figure as string] ?? NaN);
  }

  /** The last epoch's figures. */
  get last(): EpochLog<Metrics> | undefined {
    return this.epochs[this.epochs.length - 1];
  }
}

/** valAccuracy for accuracy. */
export function validationName(figure: string): string {
  return `val${figure[0]!.toUpperCase()}${figure.slice(1)}`;
}

/** One line for people: `epoch 3/10  loss 0.1234  valLoss 0.2345  12 ms`. */
export function describeEpoch(log: EpochLog, last: number): string {
  const figures = Object.entries(log).filter(([name]) => name !== 'epoch' && name !== 'seconds' && name !== 'learningRate');
  const seconds = log.seconds < 1 ? `${Math.round(log.seconds * 1000)} ms` : `${log.seconds.toFixed(1)} s`;
  const epochs = Number.isFinite(last) ? `${log.epoch}/${last}` : `${log.epoch}`;
  return [`epoch ${epochs}`, ...figures.map(([name, value]) => `${name} ${formatFigure(value ?? NaN)}`), seconds].join('  ');
}

/** Four significant digits, without a tail of zeros. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
