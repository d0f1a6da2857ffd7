// Whether the learning rate fits: one step at a tenth of it, at it, and at powers of ten times it, and the loss after each.

import type { Rows } from '../training/rows.js';
import type { Trainer } from '../training/trainer.js';

export interface RateProbe {
  readonly rate: number;
  /** Loss of the same rows after one step at rate / 10, and at the rate. */
  readonly tenth: number;
  readonly once: number;
  /** The power of ten, from 10 to a million, times the rate that lowers the loss most, and the loss it lowers it to. */
  readonly bestFactor: number;
  readonly best: number;
}

/** The rows are in the window, the gradients are theirs, and their loss is `loss`. The weights end as they began. */
export function probeRates(trainer: Trainer, rows: Rows, loss: number): RateProbe {
  const { backend } = trainer;
  const n = rows.rows;
  const snapshot = backend.snapshot();
  const counters = backend.readCounters();
  const rate = trainer.rateAt(0);
  const after = (factor: number): number => {
    backend.step(rate * factor, n);
    backend.writeCounters(counters); // the same masks
    backend.forward(0, n, true);
    const value = trainer.loss(n, rows.weights !== undefined, n);
    backend.restore(snapshot);
    return Number.isFinite(value) ? value : Infinity;
  };
  const tenth = after(0.1);
  const once = after(1);
  let best = Infinity;
  let bestFactor = 10;
  for (let factor = 10, last = once; factor <= 1e6 && last <= 2 * Math.abs(loss); factor *= 10) {
    last = after(factor);
    if (last >= best) break;
    best = last;
    bestFactor = factor;
  }
  return { rate, tenth, once, bestFactor, best };
}
