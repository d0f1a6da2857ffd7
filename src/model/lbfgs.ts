// L-BFGS (placeholder while the first version goes out).
import type { Rows } from './rows.js';
import type { Slices, Work } from './slices.js';
import type { Trainer } from './trainer.js';
export class LbfgsRun {
  constructor(private readonly trainer: Trainer, private readonly data: Rows, private readonly slices: Slices) { void this.trainer; void this.slices; }
  get rows(): number { return this.data.rows; }
  *iterate(_stops: () => boolean): Work<{ loss: number; evaluations: number; converged: boolean } | undefined> { return undefined; }
}
