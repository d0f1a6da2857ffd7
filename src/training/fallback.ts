// The weights to go back to when training diverges. Copies are kept while it goes well, at little cost; which of them is the best
// is measured only when it matters, on weights as they are. Never leaves worse ones than training began with.

import type { ProgressNumbers } from './progress.js';
import type { Trainer } from './trainer.js';

interface Kept {
  readonly snapshot: ArrayBuffer;
  readonly progress: ProgressNumbers;
}

/** Rows between two copies of the weights, at most; networks cheaper to copy are copied more often. */
const safetyRows = 1024;

export class Fallback {
  private start: Kept | undefined;
  /** What the last epoch, or the last but a few, ended with; and the best of those before it. */
  private last: Kept | undefined;
  private best: Kept | undefined;
  /** A copy that is no longer needed: the next one is written over it. */
  private spare: Kept | undefined;
  private leastLoss = Infinity;
  private rowsSince = 0;

  constructor(private readonly trainer: Trainer) {}

  /** Keeps what training begins with. */
  begin(): void {
    this.start = this.copy();
  }

  /** An epoch over `rows` rows ended; `loss`, its mean while the weights moved, speaks of the weights it began with. */
  epochEnded(loss: number, rows: number): void {
    this.rowsSince += rows;
    if (this.last !== undefined && loss < this.leastLoss) {
      this.leastLoss = loss;
      if (this.best !== this.last) this.spare = this.best;
      this.best = this.last;
    } else if (this.last !== this.best) this.spare = this.last;
    if (this.rowsSince < Math.min(safetyRows, this.trainer.plan.parameterCount / 16)) return;
    this.rowsSince = 0;
    this.last = this.copy(this.spare);
    this.spare = undefined;
  }

  private copy(over?: Kept): Kept {
    return { snapshot: this.trainer.backend.snapshot(over?.snapshot), progress: this.trainer.progress.numbers() };
  }

  /**
   * Puts back whichever weights measure best: those as they stand, those of an epoch that went well, those training began with.
   * `measure` gives the loss of the weights in the backend (not finite: it says nothing). Returns which they are, in words.
   */
  recover(measure: () => number): string {
    const { trainer } = this;
    const { backend } = trainer;
    const now = backend.weightsDiverged ? undefined : this.copy();
    let chosen: Kept | undefined;
    let least = Infinity;
    for (const kept of new Set([now, this.last, this.best, this.start])) {
      if (kept === undefined) continue;
      backend.restore(kept.snapshot);
      const loss = measure();
      if (!(loss < least)) continue;
      least = loss;
      chosen = kept;
    }
    chosen ??= now ?? this.last ?? this.start!;
    backend.restore(chosen.snapshot);
    trainer.progress.take(chosen.progress);
    if (chosen === now) return 'of the last step before it';
    return chosen.progress.epoch === 0 && chosen.progress.position === 0
      ? 'training began with'
      : chosen === this.start
        ? 'this fit began with'
        : `epoch ${chosen.progress.epoch} ended with`;
  }
}
