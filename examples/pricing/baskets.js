// Options on a weighted sum of assets: in Bachelier's model in closed form, in that of Black and Scholes by simulation.

import { below, density } from './normal.js';
import { controlled, normals } from './monteCarlo.js';

/** The lower triangle whose square is a correlation matrix. @throws RangeError for a matrix that is none. */
export function cholesky(correlation) {
  const lower = correlation.map((row) => row.map(() => 0));
  for (let i = 0; i < correlation.length; i++)
    for (let j = 0; j <= i; j++) {
      let sum = correlation[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      if (i === j && !(sum > 0)) throw new RangeError('the correlation matrix is not positive definite');
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
    }
  return lower;
}

/** Assets whose correlation with each other is `rho`. */
export const equalCorrelation = (assets, rho) =>
  Array.from({ length: assets }, (_, i) => Array.from({ length: assets }, (_, j) => (i === j ? 1 : rho)));

/** A call on a basket of assets that move by normal steps (absolute volatilities), without interest: price, and its derivative in every spot. */
export function bachelierBasket({ spots, weights, volatilities, correlation, strike, maturity }) {
  const scaled = weights.map((weight, i) => weight * volatilities[i]);
  let variance = 0;
  scaled.forEach((a, i) => {
    scaled.forEach((b, j) => {
      variance += a * b * correlation[i][j];
    });
  });
  const deviation = Math.sqrt(variance * maturity);
  const basket = weights.reduce((sum, weight, i) => sum + weight * spots[i], 0);
  const d = (basket - strike) / deviation;
  return { value: (basket - strike) * below(d) + deviation * density(d), gradient: weights.map((weight) => weight * below(d)) };
}

/** A call on a basket of lognormal assets, simulated with the basket's geometric mean as control variate. */
export function basketByMonteCarlo(
  { spots, weights, volatilities, correlation, strike, maturity, rate = 0 },
  { paths = 50_000, seed = 0 } = {},
) {
  const assets = spots.length;
  const lower = cholesky(correlation);
  const root = Math.sqrt(maturity);
  const discount = Math.exp(-rate * maturity);
  const total = spots.reduce((sum, spot, i) => sum + weights[i] * spot, 0);
  const shares = spots.map((spot, i) => (weights[i] * spot) / total);
  const drifts = volatilities.map((volatility) => (rate - 0.5 * volatility * volatility) * maturity);
  // The logarithm of the geometric mean, total e^(sum share_i log growth_i), is normal.
  let variance = 0;
  shares.forEach((a, i) => {
    shares.forEach((b, j) => {
      variance += a * b * volatilities[i] * volatilities[j] * correlation[i][j] * maturity;
    });
  });
  const mean = Math.log(total) + shares.reduce((sum, share, i) => sum + share * drifts[i], 0);
  const deviation = Math.sqrt(variance);
  const d1 = (mean - Math.log(strike) + variance) / deviation;
  const expected = discount * (Math.exp(mean + variance / 2) * below(d1) - strike * below(d1 - deviation));
  const draws = normals(seed, 'basket', paths * assets);
  let next = 0;
  return controlled(paths, expected, () => {
    const z = draws.subarray(next, next + assets);
    next += assets;
    let [sum, logs] = [0, 0];
    for (let i = 0; i < assets; i++) {
      let shock = 0;
      for (let k = 0; k <= i; k++) shock += lower[i][k] * z[k];
      const growth = drifts[i] + volatilities[i] * root * shock;
      sum += weights[i] * spots[i] * Math.exp(growth);
      logs += shares[i] * growth;
    }
    return [discount * Math.max(sum - strike, 0), discount * Math.max(total * Math.exp(logs) - strike, 0)];
  });
}
