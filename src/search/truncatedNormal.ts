// Normal distributions cut to an interval, in logarithms, so that nothing vanishes far from the mean. Made of elementary.ts alone: the same
// bits on every engine.

import { exp, log } from '../data/elementary.js';
import { normalQuantile } from '../data/normal.js';
import { erfc } from '../data/special.js';

const LOG_ROOT_2PI = 0.5 * log(2 * Math.PI);

/** The share of the standard normal distribution below z. */
function below(z: number): number {
  return 0.5 * erfc(-z * Math.SQRT1_2, exp);
}

/** ln(1 + x) for x > -1, without losing a small x against the 1. See: Kahan, in Goldberg, "What every computer scientist should know" (1991). */
function log1p(x: number): number {
  const sum = 1 + x;
  return sum === 1 ? x : log(sum) * (x / (sum - 1));
}

/** ln of the share below z, also where that share is less than any number. See: Abramowitz & Stegun 26.2.12. */
function logBelow(z: number): number {
  if (z > 6) return log1p(-below(-z));
  if (z > -20) return log(below(z));
  const inverse = 1 / (z * z);
  let [sum, term] = [1, 1];
  for (let n = 1; n < 20 && Math.abs(term) > 1e-17; n++) {
    term *= -(2 * n - 1) * inverse;
    sum += term;
  }
  return -0.5 * z * z - log(-z) - LOG_ROOT_2PI + log(sum);
}

/** ln of the share of the standard normal distribution between a and b, a <= b. */
export function logMass(a: number, b: number): number {
  if (a > 0) return logMass(-b, -a); // the left tail is the exact one
  if (b > 0) return log1p(-below(a) - below(-b));
  const right = logBelow(b);
  return right + log1p(-exp(logBelow(a) - right));
}

/** ln of the standard normal density at z. */
export function logDensity(z: number): number {
  return -0.5 * z * z - LOG_ROOT_2PI;
}

/** The number in [a, b] that a share u in [0, 1) of the standard normal distribution between a <= 0 and b >= 0 lies below. */
export function quantileBetween(a: number, b: number, u: number): number {
  const [left, right] = [below(a), below(-b)];
  const share = left + u * (1 - left - right);
  // Where the share is next to nothing, or to all, the interval ends anyway.
  return Math.min(Math.max(normalQuantile(Math.min(Math.max(share, 1e-15), 1 - 1e-15)), a), b);
}
