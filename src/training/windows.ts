// Rows of an epoch through the backend: cut into windows of whole effective batches, one call each, as many batches as fit
// the time slice. How rows are cut into windows never changes a bit: only batchSize and accumulate do.

import { floats } from '../data/allocate.js';
import type { Key } from '../data/random.js';
import type { Sums } from '../data/metrics/sums.js';
import { countBatches, joinSmall, largestBatch, leastRows, nextBatch, rowsOfBatch } from './batches.js';
import { EpochRows } from './epochRows.js';
import type { Rows } from './rows.js';
import type { Slices, Work } from './slices.js';
import type { Trainer } from './trainer.js';

/** Numbers in a window: 1 MiB of float32. */
const windowNumbers = 262144;
const windowRows = 16384;
/** Larger batches go through in pieces whose gradients are added up: bounded memory, and pauses in between. */
const pieceRows = 2048;

/** A batch whose loss, or whose step, was not finite. */
export interface Divergence {
  /** The optimizer step of the epoch, from 1. */
  readonly batch: number;
  readonly loss: number;
  /** Its rows are [first, first + rows) of the window. */
  readonly first: number;
  readonly rows: number;
}

/** How rows are cut into steps, and windows into time. */
export interface WindowRules {
  /** Rows per batch: of the options, or of the batch at hand in a stream. */
  readonly batchSize: number;
  /** Batches per step. */
  readonly accumulate: number;
  readonly ignoreDivergence: boolean;
  /** Whether windows are made to fit the time slice; else each is as long as memory allows. */
  readonly paced: boolean;
  /** How long a slice is. */
  readonly sliceMilliseconds: number;
}

/** What the loop around needs to know after each window. */
export interface WindowEvents {
  /** Whether to stop before the next one. */
  readonly stops: () => boolean;
  /** Called with the seconds that rows took, and how many they were. */
  readonly spent: (seconds: number, rows: number) => void;
  readonly diverged: (divergence: Divergence) => never;
}

/** Walks over rows, window by window, once for each run. */
export class WindowLoop {
  private readonly least: number;
  private readonly piecewise: boolean;
  private readonly sizes: readonly number[] | undefined;
  private readonly rows: number;
  /** Effective batches in a window at most, and in the next one. */
  private most = 1;
  private wanted = 1;
  private feed: EpochRows | undefined;

  /** `sizes`: the rows of each of the batches that make up the one step there is, if they are not all alike. */
  constructor(
    private readonly trainer: Trainer,
    private readonly slices: Slices,
    private readonly rules: WindowRules,
    private readonly events: WindowEvents,
    sizes: readonly number[] = [],
  ) {
    const { plan } = trainer;
    const { batchSize } = rules;
    this.least = leastRows(plan);
    if (sizes.length > 1 && (plan.loss.custom !== undefined || plan.usesBatchStatistics))
      this.sizes = joinSmall(sizes, this.least);
    this.piecewise =
      plan.loss.custom !== undefined || (batchSize > pieceRows && !plan.usesBatchStatistics) || this.sizes !== undefined;
    this.rows = Math.min(windowRows, Math.floor(windowNumbers / (plan.inputs + plan.targetColumns)));
  }

  /**
   * Trains on the rows from `from` on, shuffled where there is a key to do so by. Leaves progress at the last step done, early when
   * told to stop. `batchDone`: called once per optimizer step, whose windows are then one step long.
   */
  *run(
    data: Rows,
    key: Key | undefined,
    from: number,
    metrics: Sums | undefined,
    batchDone?: (loss: number, rows: number, rate: number) => Work<void>,
  ): Work<void> {
    const { trainer, slices, events, rules, piecewise } = this;
    const { progress } = trainer;
    this.most =
      batchDone !== undefined || piecewise ? 1 : Math.max(1, Math.floor(this.rows / (rules.batchSize * rules.accumulate)));
    this.wanted = rules.paced ? Math.min(this.wanted, this.most) : this.most;
    let at = from;
    if (data.gradients !== undefined) trainer.wantDerivatives();
    if (this.feed?.data !== data) this.feed = new EpochRows(trainer, data, piecewise ? 0 : this.rows, windowNumbers);
    while (at < data.rows && !events.stops()) {
      const started = performance.now();
      const rows = this.rowsOfWindow(data.rows - at);
      const rate = trainer.rateAt(0);
      const before = progress.lossSum;
      if (piecewise) {
        if (!(yield* this.step(this.feed, key, at, rows, metrics))) return;
      } else this.window(this.feed, key, at, rows, metrics);
      at += rows;
      progress.position += rows;
      const elapsed = performance.now() - started;
      events.spent(elapsed / 1000, rows);
      this.adapt(elapsed, rows);
      if (batchDone !== undefined) yield* batchDone((progress.lossSum - before) / rows, rows, rate);
      if (slices.due) {
        yield;
        slices.resume();
      }
    }
  }

  /** Whole effective batches; the rest of the data when less is left, or when one row would be left alone. */
  private rowsOfWindow(left: number): number {
    const group = this.rules.batchSize * this.rules.accumulate;
    return nextBatch(left, (this.piecewise ? 1 : this.wanted) * group, this.least);
  }

  /** Batches per window for about half a slice of work: at most four times as many as in the window before. */
  private adapt(milliseconds: number, rows: number): void {
    const { paced, batchSize, accumulate, sliceMilliseconds } = this.rules;
    if (!paced) return;
    const perBatch = milliseconds / Math.ceil(rows / (batchSize * accumulate));
    const fit = Math.floor(sliceMilliseconds / 2 / perBatch);
    this.wanted = Math.max(1, Math.min(this.most, fit, 4 * this.wanted));
  }

  /** One call of the backend's train(). */
  private window(feed: EpochRows, key: Key | undefined, from: number, rows: number, metrics: Sums | undefined): void {
    const { trainer } = this;
    const { data } = feed;
    const { backend, progress } = trainer;
    const { batchSize, accumulate, ignoreDivergence } = this.rules;
    const most = Math.min(data.rows, this.most * batchSize * accumulate) + 1;
    feed.load(key, from, rows, Math.max(rows, most), largestBatch(Math.min(batchSize, rows), this.least));
    const batches = countBatches(rows, batchSize, this.least);
    const done = trainer.trainWindow({
      rows,
      batchSize,
      accumulate: Math.min(accumulate, batches),
      weighted: data.weights !== undefined,
      keepOutputs: metrics !== undefined,
      ignoreDivergence,
      derivatives: data.gradients !== undefined,
    });
    const weightsDiverged = !ignoreDivergence && backend.weightsDiverged;
    if (done < batches || weightsDiverged) {
      const bad = weightsDiverged ? done - 1 : done;
      const size = rowsOfBatch(bad, batches, rows, batchSize);
      const steps = Math.floor(bad / accumulate);
      const counted = steps * batchSize * accumulate;
      for (let b = 0; b < steps * accumulate; b++) progress.lossSum += backend.losses[b]! * batchSize;
      if (metrics !== undefined)
        metrics.add(backend.targets, backend.targetStride, backend.windowOutputs, backend.outputStride, counted);
      progress.batches += steps;
      progress.position += counted;
      this.events.diverged({ batch: progress.batches + 1, loss: backend.losses[bad]!, first: bad * batchSize, rows: size });
    }
    for (let b = 0; b < batches; b++) progress.lossSum += backend.losses[b]! * rowsOfBatch(b, batches, rows, batchSize);
    progress.batches += Math.ceil(batches / accumulate);
    metrics?.add(backend.targets, backend.targetStride, backend.windowOutputs, backend.outputStride, rows);
  }

  /** One optimizer step from batches, or pieces of one large batch, passed one at a time. False when told to stop halfway. */
  private *step(feed: EpochRows, key: Key | undefined, from: number, rows: number, metrics: Sums | undefined): Work<boolean> {
    const { trainer, slices, events } = this;
    const { data } = feed;
    const { backend, progress, plan } = trainer;
    const piece = plan.loss.custom !== undefined ? this.rules.batchSize : pieceRows;
    const most = Math.min(rows, largestBatch(largest(this.sizes) ?? piece, this.least));
    let sum = 0;
    backend.zeroGradients();
    for (let at = 0, k = 0; at < rows; k++) {
      const n = nextBatch(rows - at, this.sizes?.[k] ?? piece, this.least);
      feed.load(key, from + at, n, most, most); // a later piece must find room: the first changes running statistics
      backend.forward(0, n, true);
      const loss = trainer.lossToLearn(n, data.weights !== undefined, rows, data.gradients !== undefined);
      if (!Number.isFinite(loss) && !this.rules.ignoreDivergence)
        events.diverged({ batch: progress.batches + 1, loss, first: 0, rows: n });
      backend.backward(false, true);
      metrics?.add(backend.targets, backend.targetStride, backend.outputs, backend.outputStride, n);
      sum += loss * n;
      at += n;
      if (at < rows && slices.due) {
        yield;
        slices.resume();
        if (events.stops()) return false;
      }
    }
    trainer.step(rows);
    if (!this.rules.ignoreDivergence && backend.weightsDiverged)
      events.diverged({ batch: progress.batches + 1, loss: sum / rows, first: 0, rows: 1 });
    progress.lossSum += sum;
    progress.batches++;
    return true;
  }
}

/** The largest of them; undefined without any. */
function largest(sizes: readonly number[] | undefined): number | undefined {
  return sizes?.reduce((most, size) => Math.max(most, size), 0);
}

/** Mean loss and metrics over rows, in chunks, pausing when due. Metrics count each row by its weight, unless not `weighted`. */
export function* evaluateRows(
  trainer: Trainer,
  data: Rows,
  slices: Slices,
  chunk = trainer.chunk,
  weighted = true,
): Work<{ loss: number; metrics: Record<string, number> }> {
  const { backend, plan } = trainer;
  const metrics = plan.metrics.length > 0 ? trainer.newMetrics() : undefined;
  const custom = plan.loss.custom !== undefined;
  const outputs = custom ? floats(data.rows * plan.outputs, 'Outputs of all rows') : undefined;
  let sum = 0;
  let derivativeSum = 0;
  if (data.gradients !== undefined) trainer.wantDerivatives();
  for (let from = 0; from < data.rows; from += chunk) {
    const n = Math.min(chunk, data.rows - from);
    trainer.roomToTrain(n, n);
    trainer.stage = 'none';
    trainer.loadRows(data, undefined, from, n);
    backend.forward(0, n, false);
    if (outputs === undefined) sum += backend.loss(0, data.weights !== undefined, n) * n;
    else trainer.keepOutputs(outputs, from, n);
    if (data.gradients !== undefined) derivativeSum += backend.derivatives!.loss(0, data.weights !== undefined, n, false) * n;
    const weights = weighted && data.weights !== undefined ? backend.sampleWeights : undefined;
    metrics?.add(backend.targets, backend.targetStride, backend.outputs, backend.outputStride, n, weights);
    if (from + n < data.rows && slices.due) {
      yield;
      slices.resume();
    }
  }
  const loss = outputs === undefined ? sum / data.rows : trainer.customLoss(data.y, outputs, data.rows);
  return { loss: loss + derivativeSum / data.rows, metrics: metrics?.values() ?? {} };
}
