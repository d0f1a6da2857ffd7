// Which penalties a tensor has in a step: the one rule that the baseline's optimizers, L-BFGS and the reported penalty read.
// The core adds up the same numbers where it sweeps over the gradients.

import type { TensorPlan } from './network.js';

/** l1 |w| + (l2 / 2) w^2 for each w: adds l1 sign(w) + l2 w to its gradient. */
export interface Penalty {
  readonly l1: number;
  readonly l2: number;
}

/** The penalty on a tensor in a step over `rows` rows. `decay`: coupled weight decay, which acts on biases and norms too. */
export function penaltyOn({ l1, l2, l2PerRow }: TensorPlan, rows: number, decay = 0): Penalty {
  return { l1, l2: l2 + l2PerRow / rows + decay };
}
