// Where training stands: what fit(10) after fit(10), or a resumed training, goes on from. Plain numbers, so that it can be
// saved; together with the backend's weights, slots and counters it is the whole state of a training.

import type { Sums } from '../data/metrics/sums.js';
import type { ResolvedRate } from '../plan/resolveRate.js';
import { newWatch, type Watch } from './earlyStopping.js';

/** How an epoch is cut into steps. An interrupted epoch is finished only by a fit that cuts it the same way. */
export interface EpochShape {
  /** Rows of the epoch. */
  rows: number;
  /** Rows per batch. */
  batchSize: number;
  /** Batches per optimizer step, >= 1. */
  accumulate: number;
  /** Whether the rows come in a new order each epoch. */
  shuffle: boolean;
}

/** Progress as plain data. */
export interface ProgressNumbers {
  /** Epochs completed. */
  readonly epoch: number;
  /** Rows of an unfinished epoch already trained on; 0 between epochs. */
  readonly position: number;
  /** Optimizer steps of the unfinished epoch. */
  readonly batches: number;
  /** Sum over those rows of their loss. */
  readonly lossSum: number;
  /** Running sums of the training metrics. */
  readonly metricSums: readonly number[];
  /** How the epoch is cut into steps. */
  readonly shape: Readonly<EpochShape>;
  /** Optimizer steps in all. */
  readonly steps: number;
  /** What reduceOnPlateau multiplies the rate by so far. */
  readonly plateau: number;
  /** What reduceOnPlateau has seen of its figure. */
  readonly plateauWatch: Readonly<Watch>;
  /** What early stopping has seen of its figure. */
  readonly earlyWatch: Readonly<Watch>;
  /** What the stop at a stalled training loss has seen. */
  readonly stallWatch: Readonly<Watch>;
}

export class Progress {
  /** Epochs completed. */
  epoch = 0;
  /** Rows of the epoch in hand already trained on; 0 between epochs. */
  position = 0;
  /** Optimizer steps of the epoch in hand. */
  batches = 0;
  /** Sum over its rows of their loss. */
  lossSum = 0;
  /** Running sums of its training metrics, and what is adding to them at the moment. */
  metricSums: number[] = [];
  metrics: Sums | undefined;
  shape: EpochShape = { rows: 0, batchSize: 0, accumulate: 0, shuffle: true };
  /** Optimizer steps in all: a copy of the backend's counter. */
  steps = 0;
  /** What a reduceOnPlateau has made of the rate so far. */
  plateau = 1;
  plateauWatch: Watch = newWatch();
  earlyWatch: Watch = newWatch();
  /** The weights of early stopping's best epoch, when it will go back to them. */
  best: ArrayBuffer | undefined;
  stallWatch: Watch = newWatch();

  constructor(public rate: ResolvedRate) {}

  /** Whether an epoch of this shape was interrupted. */
  interrupted(shape: EpochShape): boolean {
    const { rows, batchSize, accumulate, shuffle } = this.shape;
    return (
      this.position > 0 &&
      rows === shape.rows &&
      batchSize === shape.batchSize &&
      accumulate === shape.accumulate &&
      shuffle === shape.shuffle
    );
  }

  beginEpoch(shape: EpochShape): void {
    this.position = 0;
    this.batches = 0;
    this.lossSum = 0;
    this.metricSums = [];
    this.shape = shape;
  }

  /** Counts the epoch and forgets its sums. */
  endEpoch(): void {
    this.epoch++;
    this.beginEpoch(this.shape);
  }

  /** A copy as plain data. */
  numbers(): ProgressNumbers {
    const { epoch, position, batches, lossSum, shape, steps, plateau, plateauWatch, earlyWatch, stallWatch } = this;
    return {
      epoch,
      position,
      batches,
      lossSum,
      steps,
      plateau,
      metricSums: this.metrics?.read() ?? [...this.metricSums],
      shape: { ...shape },
      plateauWatch: { ...plateauWatch },
      earlyWatch: { ...earlyWatch },
      stallWatch: { ...stallWatch },
    };
  }

  /** Goes on from a copy. */
  take(saved: ProgressNumbers): void {
    const { epoch, position, batches, lossSum, steps, plateau } = saved;
    Object.assign(this, { epoch, position, batches, lossSum, steps, plateau });
    this.metricSums = [...saved.metricSums];
    this.shape = { ...saved.shape };
    this.plateauWatch = { ...saved.plateauWatch };
    this.earlyWatch = { ...saved.earlyWatch };
    this.stallWatch = { ...saved.stallWatch };
  }

  /** Forgets what early stopping has seen: its training is over. */
  forgetStopping(): void {
    this.earlyWatch = newWatch();
    this.stallWatch = newWatch();
    this.best = undefined;
  }
}
