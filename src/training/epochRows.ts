// Brings the rows of a data set into the window, epoch after epoch: as they come, or each time in another order. Rows that lie there
// already are left there. From its second epoch on a small data set that is shuffled stays in the backend's window, behind the rows
// to train on: its order is then drawn and followed there, in a fraction of the time. No way of bringing rows changes a bit of them.

import { unsigned } from '../data/allocate.js';
import { Random, type Key } from '../data/random.js';
import type { Rows } from './rows.js';
import type { Trainer } from './trainer.js';

/** Inputs and parameters of networks whose steps take so long that bringing rows to them does not show. */
const manyInputs = 64;
const manyParameters = 65536;

/** Brings the rows of one data set, for as long as a trainer trains on it. */
export class EpochRows {
  /** The first row of those that stay: bringing rows before it may write three numbers too many. */
  private readonly kept: number;
  private keeps = false;
  private order: Uint32Array | undefined;
  // A window is known by its number: a view of it would keep the memory of a model that was put away.
  private keptIn: number | undefined;
  private broughtInto: number | undefined;
  private key: Key | undefined;
  private broughtFrom = 0;
  private broughtRows = 0;

  /** `most`: rows that a window may have; `mostNumbers`: inputs, targets and outputs of a window that keeps rows. */
  constructor(
    private readonly trainer: Trainer,
    readonly data: Rows,
    private readonly most: number,
    private readonly mostNumbers: number,
  ) {
    this.kept = data.rows + 4;
  }

  /** Rows [from, from + rows) of an epoch, shuffled where there is a key to do so by, into a window of at least `room` rows in batches of `batch`. */
  load(key: Key | undefined, from: number, rows: number, room: number, batch: number): void {
    const { trainer, data, kept } = this;
    const { backend } = trainer;
    const drawn = key === this.key;
    if (!drawn && this.key !== undefined) this.keeps = this.canKeep();
    const used = trainer.takeRowsUsed();
    trainer.roomToTrain(this.keeps ? kept + data.rows : room, batch);
    trainer.takeRowsUsed(); // what it asked for itself
    const { windowsMade } = backend; // undefined where rows do not stay
    if (key === undefined) {
      const there = windowsMade !== undefined && this.broughtInto === windowsMade && used === 0;
      if (!there || !drawn || this.broughtFrom !== from || this.broughtRows !== rows)
        trainer.loadRows(data, undefined, from, rows);
    } else if (this.keeps) {
      const there = this.keptIn === windowsMade && used <= kept;
      if (!there) this.put();
      if (!there || !drawn) backend.orderRows!(kept, data.rows, key);
      backend.gatherRows!(kept, from, rows, data.weights !== undefined);
    } else {
      if (!drawn) this.shuffle(key);
      trainer.loadRows(data, this.order, from, rows);
    }
    this.broughtInto = windowsMade;
    this.key = key;
    this.broughtFrom = from;
    this.broughtRows = rows;
  }

  /** Whether the rows can stay behind those to train on, in no more memory than windows of large data take. */
  private canKeep(): boolean {
    const { data, trainer, kept, most, mostNumbers } = this;
    const { backend, plan } = trainer;
    const rows = kept + data.rows;
    return (
      backend.gatherRows !== undefined &&
      data.gradients === undefined &&
      rows <= most &&
      rows * (plan.inputs + plan.targetColumns + backend.outputStride) <= mostNumbers &&
      plan.inputs < manyInputs &&
      plan.parameterCount < manyParameters
    );
  }

  /** Puts all rows where they stay. */
  private put(): void {
    const { trainer, data, kept } = this;
    const { rows } = data;
    trainer.loadRows(data, undefined, 0, rows);
    const { x, xStride, targets, targetStride, sampleWeights, windowsMade } = trainer.backend;
    x.copyWithin(kept * xStride, 0, rows * xStride);
    targets.copyWithin(kept * targetStride, 0, rows * targetStride);
    sampleWeights.copyWithin(kept, 0, rows);
    this.keptIn = windowsMade;
  }

  /** The order of an epoch where rows do not stay. */
  private shuffle(key: Key): void {
    const { rows } = this.data;
    this.order ??= unsigned(rows, `The order of ${rows} rows`);
    const { order } = this;
    for (let i = 0; i < rows; i++) order[i] = i;
    new Random(key).shuffle(order);
  }
}
