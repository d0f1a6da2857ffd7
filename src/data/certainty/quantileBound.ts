// How large a quantile of errors can be, from independent draws of them alone: order statistics and the binomial distribution, whatever the errors'
// own distribution is.

/** The fewest draws whose largest bounds the `quantile` with that confidence: quantile^n <= 1 - confidence. 2,995 for 0.999 and 0.95. */
export function fewestDraws(quantile: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(quantile));
}

/**
 * How many of `draws` may lie above a bound on the `quantile` that holds with that confidence: the largest c with P(Bin(draws, 1 - quantile) <= c)
 * <= 1 - confidence; -1 where there are too few draws. The bound is then the (draws - c)-th smallest.
 * See: Conover 1999, Practical Nonparametric Statistics, section 3.2.
 */
export function allowedAbove(draws: number, quantile: number, confidence: number): number {
  const [inside, above] = [Math.log(quantile), Math.log(1 - quantile)];
  let logTerm = draws * inside; // of exactly k above, from k = 0
  let sum = Math.exp(logTerm);
  let k = 0;
  while (k < draws && sum <= 1 - confidence) {
    k++;
    logTerm += Math.log((draws - k + 1) / k) + above - inside;
    sum += Math.exp(logTerm);
  }
  return k - 1;
}
