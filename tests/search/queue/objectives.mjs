// Objective functions of the queue's tests: what an operator lists for workers.

/** Less than nothing can go wrong. */
export const square = ({ x }) => -(x * x);

/** Fails wherever it runs. */
export function poison({ x }) {
  if (x === 3) throw new Error('x must not be 3');
  return x;
}

/** Takes its time, and is not the same twice. */
export async function fickle() {
  await new Promise((resolve) => setTimeout(resolve, 700));
  return performance.now();
}
