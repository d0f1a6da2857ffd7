// Whether the learning rate fits: one step at a tenth of it, at it, and at ten and a hundred times it, and the loss after.

import type { Rows } from './rows.js';
import type { Trainer } from './trainer.js';

export interface RateProbe {
  readonly rate: number;
  /** Loss of the same rows after one step at rate / 10, rate, 10 rate and 100 rate. */
  readonly tenth: number;
  readonly once: number;
  readonly tenfold: number;
  readonly hundredfold: number;
}

/** The rows are in the window and the gradients are theirs. The weights end as they began. */
export function probeRates(trainer: Trainer, rows: Rows, _loss: number): RateProbe {
  const { backend } = trainer;
  const n = rows.rows;
  const snapshot = backend.snapshot();
  const rate = trainer.rateAt(0);
  const after = (factor: number): number => {
    backend.step(rate * factor, n);
    backend.writeCounters(counters);
    backend.forward(0, n, true);
    const loss = trainer.loss(n, rows.weights !== undefined, n);
    backend.restore(snapshot);
    return Number.isFinite(loss) ? loss : Infinity;
  };
  const counters = backend.readCounters();
  return { rate, tenth: after(0.1), once: after(1), tenfold: after(10), hundredfold: after(100) };
}
