// The norm of the whole gradient of a step on all rows: of the loss with its penalties, at the weights before the step.

import { penaltyOn } from '../plan/penalties.js';
import type { Trainer } from './trainer.js';

/** Made before the step, since penalties are of the weights that it moves; asked after it, when the backend still has the loss's gradient. */
export class StepGradient {
  /** What penalties add to the gradient of each tensor; undefined where there are none, or it does not train. */
  private readonly penalties: readonly (Float64Array | undefined)[];

  constructor(
    private readonly trainer: Trainer,
    rows: number,
  ) {
    const { backend, plan, rules } = trainer;
    const { weightDecay, decaysApart, changing } = plan.optimizer;
    const own = changing.find(({ name }) => name === 'weightDecay');
    const decay = decaysApart ? 0 : own === undefined ? weightDecay : trainer.constantAt(own, 0);
    this.penalties = plan.tensors.map((tensor, i) => {
      const { l1, l2 } = penaltyOn(tensor, rows, decay);
      if (!tensor.trainable || rules[i]!.frozen || (l1 === 0 && l2 === 0)) return undefined;
      return Float64Array.from(backend.readTensor(i), (w) => l1 * Math.sign(w) + l2 * w);
    });
  }

  /** The Euclidean norm. */
  norm(): number {
    const { backend, plan, rules } = this.trainer;
    let sum = 0;
    for (const [i, tensor] of plan.tensors.entries()) {
      if (!tensor.trainable || rules[i]!.frozen) continue;
      const penalty = this.penalties[i];
      const gradient = backend.readGradient(i);
      for (let k = 0; k < gradient.length; k++) sum += (gradient[k]! + (penalty?.[k] ?? 0)) ** 2;
    }
    return Math.sqrt(sum);
  }
}
