// American puts on a binomial tree.

/** One tree of Cox, Ross and Rubinstein with `steps` steps. See: Cox, Ross & Rubinstein 1979. */
export function binomialTree(
  { spot, strike, maturity, volatility, rate, dividendYield = 0, put = true, american = true },
  steps,
) {
  const dt = maturity / steps;
  const up = Math.exp(volatility * Math.sqrt(dt));
  const discount = Math.exp(-rate * dt);
  const p = (Math.exp((rate - dividendYield) * dt) - 1 / up) / (up - 1 / up);
  if (!(p > 0 && p < 1)) throw new RangeError(`${steps} steps are too few for this drift and volatility`);
  const [high, low] = [discount * p, discount * (1 - p)];
  const sign = put ? -1 : 1;
  // Spots of the tree: spot up^(2 j - n) for the j-th of n + 1 nodes. Node j of n is node j of n + 2, a row lower.
  const powers = Float64Array.from({ length: 2 * steps + 1 }, (_, i) => spot * up ** (i - steps));
  const values = Float64Array.from({ length: steps + 1 }, (_, j) => Math.max(sign * (powers[2 * j] - strike), 0));
  for (let n = steps - 1; n >= 0; n--)
    for (let j = 0; j <= n; j++) {
      const held = high * values[j + 1] + low * values[j];
      const exercised = american ? sign * (powers[2 * j + steps - n] - strike) : 0;
      values[j] = exercised > held ? exercised : held;
    }
  return values[0];
}

/** The mean of the trees of `steps` and `steps` + 1 steps, whose errors mostly cancel. See: Broadie & Detemple 1996. */
export function americanPut(option, steps = 500) {
  return 0.5 * (binomialTree(option, steps) + binomialTree(option, steps + 1));
}
