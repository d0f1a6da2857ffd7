// Sharing a step among threads: who does what, and the barrier where they wait for each other. All threads run the same
// walk over the same memory, so they meet at the same barriers; a single thread passes every barrier at once.

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

// How long a thread spins before it sleeps, a tenth of a second at a time, `model.patience` times at most before it gives
// the others up. A page's main thread may not sleep: it goes on spinning, about as long.
const SPINS: i32 = 20000;
const SPINS_OF_A_SLEEP: i64 = 60000000;

/**
 * Returns once all n threads are here. When some thread never comes the model is marked lost: then every barrier lets
 * everybody through, and train() and forwardShared() report it.
 */
export function barrier(model: Model, n: i32): void {
  if (n == 1 || lost(model)) return;
  const arrived = changetype<usize>(model) + offsetof<Model>('arrived');
  const generation = changetype<usize>(model) + offsetof<Model>('generation');
  const mine = atomic.load<i32>(generation);
  if (atomic.add<i32>(arrived, 1) == n - 1) {
    atomic.store<i32>(arrived, 0);
    atomic.add<i32>(generation, 1);
    atomic.notify(generation, n);
    return;
  }
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(generation) != mine) return;
  if (model.mayWait) {
    for (let i = 0; i < model.patience; i++) {
      atomic.wait<i32>(generation, mine, 100000000);
      if (atomic.load<i32>(generation) != mine || lost(model)) return;
    }
  } else {
    for (let i: i64 = 0; i < (model.patience as i64) * SPINS_OF_A_SLEEP; i++)
      if (atomic.load<i32>(generation) != mine || lost(model)) return;
  }
  atomic.store<i32>(changetype<usize>(model) + offsetof<Model>('lost'), 1);
}

/** Whether some thread was given up for lost. */
export function lost(model: Model): bool {
  return atomic.load<i32>(changetype<usize>(model) + offsetof<Model>('lost')) != 0;
}

/** Whether a thread went missing; forgets it, so that the next call starts afresh. */
export function takeLost(model: Model): bool {
  const gone = lost(model);
  model.arrived = 0;
  model.lost = 0;
  return gone;
}
