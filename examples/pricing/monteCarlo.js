// Options by simulation of geometric Brownian motion: European, Asian with its geometric twin as control variate. Every estimate comes with its
// standard error, and depends on its seed alone.

import { Random } from '../../dist/index.js';
import { below } from './normal.js';

let drawn = { name: '', numbers: new Float64Array(0) };

/** So many normal numbers of a seed: kept for the next call, since whoever prices many options draws the same ones for each. */
export function normals(seed, purpose, count) {
  const name = `${purpose} ${seed}`;
  if (drawn.name !== name || drawn.numbers.length < count) {
    const random = new Random(seed, purpose);
    drawn = { name, numbers: Float64Array.from({ length: count }, () => random.normal()) };
  }
  return drawn.numbers;
}

/** Mean and standard error of `count` draws. */
export function estimate(count, draw) {
  let [mean, squares] = [0, 0];
  for (let n = 1; n <= count; n++) {
    const value = draw();
    const off = value - mean;
    mean += off / n;
    squares += off * (value - mean);
  }
  return { price: mean, standardError: Math.sqrt(squares / (count - 1) / count) };
}

/**
 * Mean and standard error of draws [value, control] whose control's mean is known: value - slope (control - mean), slope by least squares.
 * See: Glasserman 2003, Monte Carlo Methods in Financial Engineering, section 4.1.
 */
export function controlled(count, controlMean, draw) {
  let [mean, control, covariance, variance, squares] = [0, 0, 0, 0, 0];
  for (let n = 1; n <= count; n++) {
    const [value, twin] = draw();
    const [off, offTwin] = [value - mean, twin - control];
    mean += off / n;
    control += offTwin / n;
    covariance += off * (twin - control);
    variance += offTwin * (twin - control);
    squares += off * (value - mean);
  }
  const slope = variance > 0 ? covariance / variance : 0;
  const left = Math.max(squares - slope * covariance, 0);
  return { price: mean - slope * (control - controlMean), standardError: Math.sqrt(left / (count - 2) / count) };
}

/** A European call or put, each draw the mean of two paths that mirror each other. */
export function europeanByMonteCarlo(
  { spot, strike, maturity, volatility, rate, dividendYield = 0, put = false },
  { paths = 100_000, seed = 0 } = {},
) {
  const z = normals(seed, 'european', paths / 2);
  let next = 0;
  const drift = (rate - dividendYield - 0.5 * volatility * volatility) * maturity;
  const root = volatility * Math.sqrt(maturity);
  const discount = Math.exp(-rate * maturity);
  const sign = put ? -1 : 1;
  const payoff = (z) => Math.max(sign * (spot * Math.exp(drift + root * z) - strike), 0);
  return estimate(paths / 2, () => {
    const shock = z[next++];
    return 0.5 * discount * (payoff(shock) + payoff(-shock));
  });
}

/** The fixing times of an average: `fixings` of them, evenly spaced to maturity, the first now (`fromNow`) or one step from now. */
export function fixingTimes(maturity, fixings, fromNow) {
  return Array.from({ length: fixings }, (_, i) =>
    fromNow ? (i * maturity) / Math.max(fixings - 1, 1) : ((i + 1) * maturity) / fixings,
  );
}

/** A call or put on the geometric mean of the spot at fixing times, in closed form: the mean is lognormal. See: Kemna & Vorst 1990. */
export function geometricAsian({ spot, strike, maturity, volatility, rate, dividendYield = 0, put = false }, times) {
  const n = times.length;
  const mean = Math.log(spot) + (rate - dividendYield - 0.5 * volatility * volatility) * (times.reduce((a, b) => a + b, 0) / n);
  // cov(W(s), W(t)) = min(s, t): of ascending times the i-th (from 0) is the smaller of 2 (n - 1 - i) + 1 pairs.
  const variance = (volatility * volatility * times.reduce((sum, t, i) => sum + t * (2 * (n - 1 - i) + 1), 0)) / (n * n);
  const sign = put ? -1 : 1;
  const deviation = Math.sqrt(variance);
  const forward = Math.exp(mean + 0.5 * variance);
  const d1 = (mean - Math.log(strike) + variance) / deviation;
  return sign * Math.exp(-rate * maturity) * (forward * below(sign * d1) - strike * below(sign * (d1 - deviation)));
}

/** A call or put on the arithmetic mean of the spot, simulated with the geometric mean as control variate. */
export function asianByMonteCarlo(option, { fixings = 12, fromNow = false, paths = 20_000, seed = 0 } = {}) {
  const { spot, strike, maturity, volatility, rate, dividendYield = 0, put = false } = option;
  const times = fixingTimes(maturity, fixings, fromNow);
  const z = normals(seed, 'asian', paths * fixings);
  let next = 0;
  const steps = times.map((t, i) => t - (times[i - 1] ?? 0));
  const drifts = steps.map((dt) => (rate - dividendYield - 0.5 * volatility * volatility) * dt);
  const roots = steps.map((dt) => volatility * Math.sqrt(dt));
  const discount = Math.exp(-rate * maturity);
  const sign = put ? -1 : 1;
  return controlled(paths, geometricAsian(option, times), () => {
    let log = Math.log(spot);
    let [sum, logs] = [0, 0];
    for (let i = 0; i < fixings; i++) {
      log += drifts[i] + roots[i] * z[next++];
      sum += Math.exp(log);
      logs += log;
    }
    const payoff = (mean) => discount * Math.max(sign * (mean - strike), 0);
    return [payoff(sum / fixings), payoff(Math.exp(logs / fixings))];
  });
}
