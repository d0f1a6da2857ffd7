// The standard normal distribution.

import { exp, log } from './elementary.js';

/** The number that a standard normal one stays below with probability p in (0, 1). */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  // A first guess, good to 0.0005 (Abramowitz & Stegun 26.2.23), and Halley's steps from there.
  const t = Math.sqrt(-2 * log(1 - p));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 3; step++) {
    const density = exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    // 1/2 + density (z + z^3 / 3 + z^5 / 15 + …), Abramowitz & Stegun 26.2.11.
    let [sum, term] = [0, z];
    for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
      sum += term;
      term *= (z * z) / n;
    }
    const miss = (0.5 + density * sum - p) / density;
    z -= miss / (1 + (z * miss) / 2);
  }
  return z;
}
