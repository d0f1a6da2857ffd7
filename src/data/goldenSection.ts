// The least value of a function of one number.

/** Where in [low, high] a function with one valley is least, by so many steps of golden section: each leaves 0.618 of the interval. */
export function goldenSection(cost: (at: number) => number, low: number, high: number, steps: number): number {
  const section = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [high - section * (high - low), low + section * (high - low)];
  let [costLeft, costRight] = [cost(left), cost(right)];
  for (let step = 0; step < steps; step++)
    if (costLeft <= costRight) {
      [high, right, costRight] = [right, left, costLeft];
      left = high - section * (high - low);
      costLeft = cost(left);
    } else {
      [low, left, costLeft] = [left, right, costRight];
      right = low + section * (high - low);
      costRight = cost(right);
    }
  return (low + high) / 2;
}
