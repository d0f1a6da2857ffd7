// Averaged weights: how far each step moves the average towards the weights. assembly/functions/optimizers/afterwards.ts has the same rule.

import type { NetworkPlan } from './network.js';

/**
 * The share that step `steps` (from 1) takes of the weights: 1 - decay, and with warm-up at least 9 / (10 + steps), so that weights from
 * before training are soon forgotten. See: tf.train.ExponentialMovingAverage, num_updates.
 */
export function averagingShare({ averagingDecay, averagingWarmsUp }: NetworkPlan, steps: number): number {
  return 1 - (averagingWarmsUp ? Math.min(averagingDecay, (1 + steps) / (10 + steps)) : averagingDecay);
}
