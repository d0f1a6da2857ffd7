// European calls under Heston's stochastic volatility, by Lewis's integral over the characteristic function.

/** Nodes and weights of Gauss and Legendre's rule on [-1, 1], by Newton's method. */
function gaussLegendre(n) {
  const nodes = [];
  for (let i = 1; i <= n; i++) {
    let x = Math.cos((Math.PI * (i - 0.25)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      let [before, p] = [0, 1];
      for (let k = 1; k <= n; k++) [before, p] = [p, ((2 * k - 1) * x * p - (k - 1) * before) / k];
      slope = (n * (x * p - before)) / (x * x - 1);
      const move = p / slope;
      x -= move;
      if (Math.abs(move) < 1e-16) break;
    }
    nodes.push([x, 2 / ((1 - x * x) * slope * slope)]);
  }
  return nodes;
}

const RULE = gaussLegendre(24);

/** Complex numbers as [real, imaginary]. */
const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
const over = ([a, b], [c, d]) => {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
};
const root = ([a, b]) => {
  const size = Math.hypot(a, b);
  const real = Math.sqrt((size + a) / 2);
  return [real, Math.sign(b || 1) * Math.sqrt(Math.max((size - a) / 2, 0))];
};
const logOf = ([a, b]) => [Math.log(Math.hypot(a, b)), Math.atan2(b, a)];
const exponential = ([a, b]) => [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)];

/**
 * The characteristic function of ln(spot at maturity / forward) at u - i/2, in the form whose logarithm is continuous.
 * See: Albrecher et al. 2007, The little Heston trap.
 */
function characteristic(u, { maturity, variance, reversion, meanVariance, volatilityOfVariance: xi, correlation }) {
  // i (u - i/2) = 1/2 + i u; the square of u - i/2 is u^2 - 1/4 - i u.
  const beta = [reversion - xi * correlation * 0.5, -xi * correlation * u];
  const square = times(beta, beta);
  const d = root([square[0] + xi * xi * (u * u + 0.25), square[1]]);
  const minus = [beta[0] - d[0], beta[1] - d[1]];
  const g = over(minus, [beta[0] + d[0], beta[1] + d[1]]);
  const decay = exponential([-d[0] * maturity, -d[1] * maturity]);
  const gone = times(g, decay);
  const quotient = over([1 - gone[0], -gone[1]], [1 - g[0], -g[1]]);
  const log = logOf(quotient);
  const scale = (reversion * meanVariance) / (xi * xi);
  const D = times([minus[0] / (xi * xi), minus[1] / (xi * xi)], over([1 - decay[0], -decay[1]], [1 - gone[0], -gone[1]]));
  return exponential([
    scale * (minus[0] * maturity - 2 * log[0]) + variance * D[0],
    scale * (minus[1] * maturity - 2 * log[1]) + variance * D[1],
  ]);
}

/**
 * A European call: d variance = reversion (meanVariance - variance) dt + volatilityOfVariance sqrt(variance) dW, dW correlated with the spot's.
 * The integral runs over panels of Gauss and Legendre's rule until what is left is below 1e-14. See: Lewis 2001, A simple option formula for
 * general jump-diffusion and other exponential Lévy processes; Heston 1993.
 */
export function heston(option) {
  const { spot, strike, maturity, rate, dividendYield = 0 } = option;
  const forward = spot * Math.exp((rate - dividendYield) * maturity);
  const k = Math.log(forward / strike);
  const widest = 16 / (Math.abs(k) + 0.02); // a few oscillations of e^(iuk) in a panel
  let sum = 0;
  for (let from = 0, width = 1; from < 1e6; ) {
    let [panel, size] = [0, 0];
    for (const [x, weight] of RULE) {
      const u = from + (width / 2) * (x + 1);
      const [real, imaginary] = characteristic(u, option);
      const value = (Math.cos(u * k) * real - Math.sin(u * k) * imaginary) / (u * u + 0.25);
      panel += weight * value;
      size = Math.max(size, Math.hypot(real, imaginary) / (u * u + 0.25));
    }
    sum += (panel * width) / 2;
    if (size * width < 1e-14) break;
    from += width;
    width = Math.min(2 * width, widest);
  }
  return Math.exp(-rate * maturity) * (forward - (Math.sqrt(forward * strike) / Math.PI) * sum);
}
