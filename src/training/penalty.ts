// What the weights themselves cost: the penalties L1 and L2 add to the loss.

import { penaltyOn } from '../plan/penalties.js';
import type { Trainer } from './trainer.js';

/**
 * Sum over the tensors of l1 |w| + (l2 / 2) w^2; in compat 'sklearn' also alpha / (2 rows) w^2 over all weight matrices, as
 * scikit-learn writes its alpha.
 */
export function penaltyOf({ backend, plan }: Trainer, rows: number): number {
  let sum = 0;
  plan.tensors.forEach((tensor, i) => {
    const { l1, l2 } = penaltyOn(tensor, rows);
    if (l1 === 0 && l2 === 0) return;
    let magnitudes = 0;
    let squares = 0;
    for (const w of backend.readTensor(i)) {
      magnitudes += Math.abs(w);
      squares += w * w;
    }
    sum += l1 * magnitudes + 0.5 * l2 * squares;
  });
  return sum;
}
