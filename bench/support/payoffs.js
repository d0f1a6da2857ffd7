// Data of Huge and Savine's experiments: payoffs of simulated paths with their pathwise derivatives, and the true prices and deltas.
// See: https://arxiv.org/abs/2005.02347, and the notebook that its authors published beside it.

import { Random } from '../../dist/index.js';
import { bachelierBasket, cholesky } from '../../examples/pricing/baskets.js';
import { below } from '../../examples/pricing/normal.js';

const STRIKE = 1.1;
const VOLATILITY = 0.2;
/** How much further than in the market spots are spread at the first date. */
const SPREAD = 1.5;

const matrix = (rows, columns) => ({ data: new Float32Array(rows * columns), shape: [rows, columns] });

/** Correlations of `assets`, weights and volatilities such that the basket's is VOLATILITY. */
function basketOf(assets, random) {
  const factors = Array.from({ length: 2 * assets }, () => Array.from({ length: assets }, () => random.between(-1, 1)));
  const covariance = Array.from({ length: assets }, (_, i) =>
    Array.from({ length: assets }, (_, j) => factors.reduce((sum, row) => sum + row[i] * row[j], 0)),
  );
  const correlation = covariance.map((row, i) => row.map((c, j) => c / Math.sqrt(covariance[i][i] * covariance[j][j])));
  const raw = Array.from({ length: assets }, () => random.between(1, 10));
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((w) => w / total);
  const volatilities = Array.from({ length: assets }, () => random.between(5, 50));
  let variance = 0;
  for (let i = 0; i < assets; i++)
    for (let j = 0; j < assets; j++) variance += weights[i] * volatilities[i] * weights[j] * volatilities[j] * correlation[i][j];
  return { correlation, weights, volatilities: volatilities.map((v) => (v * VOLATILITY) / Math.sqrt(variance)) };
}

/** A call on a basket in Bachelier's model: spots after a year, the payoff of one path a year later, its derivative in every spot. */
export function bachelierPaths(assets, rows, seed, tests = 4096) {
  const random = new Random(seed, 'bachelier');
  const basket = basketOf(assets, random);
  const { correlation, weights, volatilities } = basket;
  const lower = cholesky(correlation).map((row, i) => row.map((c) => c * volatilities[i]));
  const X = matrix(rows, assets);
  const y = matrix(rows, 1);
  const gradients = matrix(rows, assets);
  const move = () => {
    const normals = lower.map(() => random.normal());
    return lower.map((row) => row.reduce((sum, c, k) => sum + c * normals[k], 0));
  };
  for (let i = 0; i < rows; i++) {
    const spots = move().map((step) => 1 + SPREAD * step);
    const later = move();
    const end = weights.reduce((sum, w, j) => sum + w * (spots[j] + later[j]), 0);
    X.data.set(spots, i * assets);
    y.data[i] = Math.max(0, end - STRIKE);
    if (end > STRIKE) gradients.data.set(weights, i * assets);
  }
  const half = 0.5 * (1 + 0.5 * Math.sqrt((assets - 1) / 12)); // of the test spots' range, which widens with the assets
  const test = { X: matrix(tests, assets), prices: new Float64Array(tests), deltas: new Float64Array(tests) };
  for (let i = 0; i < tests; i++) {
    const spots = Array.from({ length: assets }, () => random.between(1 - half, 1 + half));
    test.X.data.set(spots, i * assets);
    const { value, gradient } = bachelierBasket({ ...basket, spots, strike: STRIKE, maturity: 1 });
    test.prices[i] = value;
    test.deltas[i] = gradient[0];
  }
  return { X, y, gradients, test };
}

/** A call in the model of Black and Scholes, likewise; `antithetic`: each payoff is the mean of two mirrored paths. */
export function blackScholesPaths(rows, seed, antithetic) {
  const random = new Random(seed, 'black-scholes');
  const X = matrix(rows, 1);
  const y = matrix(rows, 1);
  const gradients = matrix(rows, 1);
  const grow = (volatility, normal) => Math.exp(-0.5 * volatility * volatility + volatility * normal);
  for (let i = 0; i < rows; i++) {
    const spot = grow(VOLATILITY * SPREAD, random.normal());
    const normal = random.normal();
    const growths = (antithetic ? [normal, -normal] : [normal]).map((n) => grow(VOLATILITY, n));
    X.data[i] = spot;
    for (const growth of growths) {
      y.data[i] += Math.max(0, spot * growth - STRIKE) / growths.length;
      if (spot * growth > STRIKE) gradients.data[i] += growth / growths.length;
    }
  }
  const tests = 100;
  const test = { X: matrix(tests, 1), prices: new Float64Array(tests), deltas: new Float64Array(tests) };
  for (let i = 0; i < tests; i++) {
    const spot = 0.35 + (1.3 * i) / (tests - 1);
    const d1 = Math.log(spot / STRIKE) / VOLATILITY + VOLATILITY / 2;
    test.X.data[i] = spot;
    test.prices[i] = spot * below(d1) - STRIKE * below(d1 - VOLATILITY);
    test.deltas[i] = below(d1);
  }
  return { X, y, gradients, test };
}
