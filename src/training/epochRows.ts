// Brings the rows of a data set into the window, epoch after epoch: as they come, or each time in another order. Rows that lie there
// already are left there. From its second epoch on a small data set that is shuffled stays in the backend's window, behind the rows
// to train on: its order is then drawn and followed there, in a fraction of the time. No way of bringing rows changes a bit of them.

import { unsigned } from '../data/allocate.js';
import { Random, type Key } from '../data/random.js';
import type { Backend } from './backend.js';
import type { Rows } from './rows.js';
import type { Trainer } from './trainer.js';

/** Inputs and parameters of networks whose steps take so long that bringing rows to them does not show. */
const manyInputs = 64;
const manyParameters = 65536;

export class EpochRows {
  /** Where rows stay: the last of those before it may be written with three numbers too many. */
  private readonly kept: number;
  private keeps = false;
  /** The window that they were put in. */
  private keptIn: Backend['x'] | undefined;
  private order: Uint32Array | undefined;
  /** What was brought last, and into which window. */
  private x: Backend['x'] | undefined;
  private key: Key | undefined;
  private from = 0;
  private rows = 0;

  /** `most`: rows that a window may have. */
  constructor(
    private readonly trainer: Trainer,
    readonly data: Rows,
    private readonly most: number,
  ) {
    this.kept = data.rows + 4;
  }

  /** Rows [from, from + rows) of an epoch, shuffled where there is a key to do so by, into a window of at least `room` rows in batches of `batch`. */
  load(key: Key | undefined, from: number, rows: number, room: number, batch: number): void {
    const { trainer, data, kept } = this;
    const { backend, rowsUsed } = trainer;
    const drawn = key === this.key;
    if (!drawn && this.key !== undefined) this.keeps = this.canKeep();
    trainer.roomToTrain(this.keeps ? kept + data.rows : room, batch);
    trainer.rowsUsed = 0;
    if (key === undefined) {
      const there = drawn && this.x === backend.x && rowsUsed === 0 && this.from === from && this.rows === rows;
      if (!there) trainer.loadRows(data, undefined, from, rows);
    } else if (this.keeps) {
      const there = this.keptIn === backend.x && rowsUsed <= kept;
      if (!there) this.put();
      if (!there || !drawn) backend.orderRows!(kept, data.rows, key);
      backend.gatherRows!(kept, from, rows, data.weights !== undefined);
    } else {
      if (!drawn) this.shuffle(key);
      trainer.loadRows(data, this.order, from, rows);
    }
    this.x = backend.x;
    this.key = key;
    this.from = from;
    this.rows = rows;
  }

  private canKeep(): boolean {
    const { data, trainer } = this;
    const { backend, plan } = trainer;
    return (
      backend.gatherRows !== undefined &&
      data.gradients === undefined &&
      this.kept + data.rows <= this.most &&
      plan.inputs < manyInputs &&
      plan.parameterCount < manyParameters
    );
  }

  private put(): void {
    const { trainer, data, kept } = this;
    const { rows } = data;
    trainer.loadRows(data, undefined, 0, rows);
    const { x, xStride, targets, targetStride, sampleWeights } = trainer.backend;
    x.copyWithin(kept * xStride, 0, rows * xStride);
    targets.copyWithin(kept * targetStride, 0, rows * targetStride);
    sampleWeights.copyWithin(kept, 0, rows);
    this.keptIn = x;
  }

  private shuffle(key: Key): void {
    const { rows } = this.data;
    this.order ??= unsigned(rows, `The order of ${rows} rows`);
    const { order } = this;
    for (let i = 0; i < rows; i++) order[i] = i;
    new Random(key).shuffle(order);
  }
}
