// Objective functions of the queue's tests: what an operator lists for workers.

/** Less than nothing can go wrong. */
export const square = ({ x }) => -(x * x);

/** Takes its worker's process with it, wherever it runs. */
export function deadly({ x }) {
  if (x === 1) process.kill(process.pid, 'SIGKILL');
  return x;
}

/** Never comes to an end where x is 1 or 2; where it is 3, takes more than two seconds, with checkpoints on the way. */
export async function endless({ x }, { save }) {
  while (x === 1);
  if (x === 2) await new Promise(() => {});
  for (let part = 0; x === 3 && part < 6; part++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await save(Uint8Array.of(part));
  }
  return x;
}

/** Takes its time, and is not the same twice. */
export async function fickle() {
  await new Promise((resolve) => setTimeout(resolve, 700));
  return performance.now();
}
