// Exponential moving averages of a noisy sequence, in three conventions.

import { ema, Random } from 'feedforward/baseline';

export const length = 80;

/** A sine and noise of that deviation. */
export function sequence(noise: number): number[] {
  const random = new Random(1, 'data');
  return Array.from({ length }, (_, k) => 1 + Math.sin(k / 12) + noise * random.normal());
}

export type Start = 'first' | 'zero' | 'corrected';

export function averageOf(y: readonly number[], beta: number, start: Start): number[] {
  if (start === 'first') return [...ema([...y], { beta })];
  return [...ema([...y], { beta, start: 'zero', biasCorrection: start === 'corrected' })];
}

/** What y(j) counts for in s(k), measured: the average of a sequence that is 1 at j and 0 elsewhere. */
export function weightsIn(k: number, beta: number, start: Start): number[] {
  return Array.from({ length: k + 1 }, (_, j) => {
    const impulse = Array.from({ length: k + 1 }, (_, i) => (i === j ? 1 : 0));
    return averageOf(impulse, beta, start)[k]!;
  });
}
