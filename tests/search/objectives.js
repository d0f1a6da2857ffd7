// Objectives of the tests' own, in a module that worker threads import.

import { existsSync, writeFileSync } from 'node:fs';

export const bowl = ({ x, y }) => ({ score: (x - 0.3) ** 2 + y ** 2, values: { height: x } });

/** Some epochs of work with a checkpoint after each. The thread dies in the middle of it the first time, by exit: `once` is a file that says so. */
export async function fragile({ x, once }, { checkpoint, save, epochs = 6 }) {
  let done = checkpoint === undefined ? { epoch: 0, sum: 0 } : JSON.parse(new TextDecoder().decode(checkpoint));
  while (done.epoch < epochs) {
    done = { epoch: done.epoch + 1, sum: done.sum + Math.sqrt(x + done.epoch) };
    await save(new TextEncoder().encode(JSON.stringify(done)));
    await new Promise((turn) => setTimeout(turn, 5));
    if (done.epoch === 4 && !existsSync(`${once}-${x}`)) {
      writeFileSync(`${once}-${x}`, String(done.epoch));
      await new Promise((turn) => setTimeout(turn, 50)); // the checkpoint is on its way
      process.exit(7);
    }
  }
  return { score: done.sum, epochs: done.epoch };
}

/** The thread dies each time. */
export function poison({ x }) {
  if (x === 2) process.exit(9);
  if (x === 3)
    setTimeout(() => {
      throw new Error('thrown where nobody waits');
    });
  return x === 3 ? new Promise(() => {}) : x;
}

export async function slow({ x }, { signal }) {
  await new Promise((turn) => setTimeout(turn, 40));
  signal.throwIfAborted();
  return x;
}
