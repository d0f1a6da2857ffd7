import { effect, untracked } from '@preact/signals';

/** Calls `act` each time that a signal which `read` reads has changed; not at first. */
export function onChange(read: () => unknown, act: () => void): void {
  let first = true;
  effect(() => {
    read();
    if (!first) untracked(act);
    first = false;
  });
}
