// European options in the model of Black, Scholes and Merton: price and Greeks in closed form.

import { below, density } from './normal.js';

/**
 * A call or put: price, and its derivatives in spot (delta), twice in spot (gamma), in volatility (vega), in maturity (- theta, per year), in the rate
 * (rho). Maturity in years, volatility, rate and yield per year, continuous. See: Black & Scholes 1973.
 */
export function blackScholes({ spot, strike, maturity, volatility, rate, dividendYield = 0, put = false }) {
  const sign = put ? -1 : 1;
  const root = volatility * Math.sqrt(maturity);
  const d1 = (Math.log(spot / strike) + (rate - dividendYield + 0.5 * volatility * volatility) * maturity) / root;
  const d2 = d1 - root;
  const [grown, discount] = [Math.exp(-dividendYield * maturity), Math.exp(-rate * maturity)];
  const [n1, n2] = [below(sign * d1), below(sign * d2)];
  const vega = spot * grown * density(d1) * Math.sqrt(maturity);
  return {
    price: sign * (spot * grown * n1 - strike * discount * n2),
    delta: sign * grown * n1,
    gamma: (grown * density(d1)) / (spot * root),
    vega,
    maturityDerivative:
      (vega * volatility) / (2 * maturity) + sign * (rate * strike * discount * n2 - dividendYield * spot * grown * n1),
    rho: sign * strike * maturity * discount * n2,
  };
}

/** A call per unit of strike as a function of (moneyness = spot / strike, maturity, volatility, rate), with its gradient. */
export function callOnGrid([moneyness, maturity, volatility, rate]) {
  const of = blackScholes({ spot: moneyness, strike: 1, maturity, volatility, rate });
  return { value: of.price, gradient: [of.delta, of.maturityDerivative, of.vega, of.rho] };
}
