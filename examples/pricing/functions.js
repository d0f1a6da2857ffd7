// The costly functions as networks are to replace them: per unit of strike, of inputs by name. Worker threads import this file. Simulations draw the
// same numbers at every point, so that they are functions like any other; what their own error is the report says.

import { americanPut } from './american.js';
import { basketByMonteCarlo, equalCorrelation } from './baskets.js';
import { heston as hestonPrice } from './heston.js';
import { asianByMonteCarlo } from './monteCarlo.js';

/** A call under stochastic volatility, by Lewis's integral. */
export const heston = ({ moneyness, maturity, variance, correlation, volatilityOfVariance }) =>
  hestonPrice({
    ...{ spot: moneyness, strike: 1, maturity, rate: 0.02, variance, correlation, volatilityOfVariance },
    ...{ reversion: 2, meanVariance: 0.06 },
  });

/** An American put, by two trees of 200 and 201 steps. */
export const american = ({ moneyness, maturity, volatility, rate }) =>
  americanPut({ spot: moneyness, strike: 1, maturity, volatility, rate }, 200);

/** An Asian call on twelve fixings, by 2,000 paths with a control variate. */
export const asian = ({ moneyness, maturity, volatility }) =>
  asianByMonteCarlo({ spot: moneyness, strike: 1, maturity, volatility, rate: 0.03 }, { fixings: 12, paths: 2000, seed: 1 })
    .price;

/** A call on four assets, by 2,000 paths with a control variate. */
export const basket = ({ moneyness, volatility, correlation }) =>
  basketByMonteCarlo(
    {
      ...{
        spots: [moneyness, moneyness, moneyness, moneyness],
        weights: [0.25, 0.25, 0.25, 0.25],
        strike: 1,
        maturity: 1,
        rate: 0.03,
      },
      ...{ volatilities: [volatility, volatility, volatility, volatility], correlation: equalCorrelation(4, correlation) },
    },
    { paths: 2000, seed: 1 },
  ).price;

/** Where each is asked for, and how close a network is to come, in units of the strike. */
export const cases = {
  heston: {
    title: 'Heston call, Lewis’s integral',
    tolerance: 0.01,
    domain: {
      moneyness: [0.7, 1.3],
      maturity: [0.25, 2],
      variance: [0.01, 0.12],
      correlation: [-0.8, 0],
      volatilityOfVariance: [0.2, 0.8],
    },
  },
  american: {
    title: 'American put, averaged binomial trees',
    tolerance: 0.01,
    domain: { moneyness: [0.7, 1.3], maturity: [0.1, 2], volatility: [0.1, 0.5], rate: [0, 0.08] },
  },
  asian: {
    title: 'Asian call, Monte Carlo with control variate',
    tolerance: 0.01,
    domain: { moneyness: [0.7, 1.3], maturity: [0.1, 2], volatility: [0.1, 0.5] },
  },
  basket: {
    title: 'Basket call, Monte Carlo with control variate',
    tolerance: 0.01,
    domain: { moneyness: [0.7, 1.3], volatility: [0.1, 0.5], correlation: [0, 0.9] },
  },
};
