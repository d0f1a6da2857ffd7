// Objective functions of the queue's tests: what an operator lists for workers.

/** Less than nothing can go wrong. */
export const square = ({ x }) => -(x * x);

/** Takes its worker's process with it, wherever it runs. */
export function deadly({ x }) {
  if (x === 1) process.kill(process.pid, 'SIGKILL');
  return x;
}

/** Takes its time, and is not the same twice. */
export async function fickle() {
  await new Promise((resolve) => setTimeout(resolve, 700));
  return performance.now();
}
