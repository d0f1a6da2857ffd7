// A trainer that computes in float64, for derivatives by differences.

import type { Backend } from '../training/backend.js';
import { copyTensors } from '../training/state.js';
import { Trainer } from '../training/trainer.js';

/**
 * A trainer with the same weights on a backend that computes in float64: on `backend` (of the same network) where one is given,
 * else on the one its own backend knows of. Without either, the trainer itself.
 */
export function preciseTrainer(trainer: Trainer, backend: Backend | undefined = trainer.backend.precise?.()): Trainer {
  if (backend === undefined) return trainer;
  copyTensors(backend, trainer.backend);
  return new Trainer(backend);
}
