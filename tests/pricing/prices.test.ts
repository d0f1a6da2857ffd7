// The costly functions of examples/pricing against values of the literature.

import { describe, expect, test } from 'vitest';
import { americanPut, binomialTree } from '../../examples/pricing/american.js';
import { bachelierBasket, basketByMonteCarlo, cholesky, equalCorrelation } from '../../examples/pricing/baskets.js';
import { blackScholes, callOnGrid } from '../../examples/pricing/blackScholes.js';
import { heston } from '../../examples/pricing/heston.js';
import { asianByMonteCarlo, europeanByMonteCarlo, fixingTimes, geometricAsian } from '../../examples/pricing/monteCarlo.js';
import { below } from '../../examples/pricing/normal.js';
import { normalDistribution } from '../../src/data/special.js';

describe('the normal distribution', () => {
  test('is that of the error function, to 1e-15 and in the tails to 1e-7 of themselves', () => {
    for (let x = -9; x <= 9; x += 0.037) expect(Math.abs(below(x) - normalDistribution(x))).toBeLessThan(1e-15);
    for (const x of [-8, -12, -20, -30]) expect(below(x) / normalDistribution(x)).toBeCloseTo(1, 6);
  });
});

describe('Black and Scholes', () => {
  test("prices Hull's call and put (S 42, K 40, r 0.1, volatility 0.2, half a year)", () => {
    const option = { spot: 42, strike: 40, maturity: 0.5, volatility: 0.2, rate: 0.1 };
    expect(blackScholes(option).price).toBeCloseTo(4.759422392871532, 12);
    expect(blackScholes({ ...option, put: true }).price).toBeCloseTo(0.8085993729000958, 12);
  });

  test('has the Greeks that differences of prices have, calls and puts, with a yield', () => {
    for (const put of [false, true]) {
      const option = { spot: 95, strike: 100, maturity: 0.7, volatility: 0.25, rate: 0.03, dividendYield: 0.02, put };
      const price = (change: object) => blackScholes({ ...option, ...change }).price;
      const slope = (name: keyof typeof option, h: number) =>
        (price({ [name]: (option[name] as number) + h }) - price({ [name]: (option[name] as number) - h })) / (2 * h);
      const own = blackScholes(option);
      expect(own.delta).toBeCloseTo(slope('spot', 1e-3), 8);
      expect(own.vega).toBeCloseTo(slope('volatility', 1e-5), 6);
      expect(own.maturityDerivative).toBeCloseTo(slope('maturity', 1e-5), 6);
      expect(own.rho).toBeCloseTo(slope('rate', 1e-5), 6);
      expect(own.gamma).toBeCloseTo((price({ spot: 96 }) + price({ spot: 94 }) - 2 * price({})) / 1, 4);
    }
  });

  test('gives the gradient of the call per unit of strike in the order of its inputs', () => {
    const point = [1.1, 0.5, 0.3, 0.02];
    const { gradient } = callOnGrid(point);
    point.forEach((_, j) => {
      const moved = (h: number) => callOnGrid(point.map((x, k) => (k === j ? x + h : x))).value;
      expect(gradient[j]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 7);
    });
  });
});

describe('Monte Carlo', () => {
  test('comes to the closed form of a European option within three of its standard errors, calls and puts', () => {
    for (const put of [false, true]) {
      const option = { spot: 100, strike: 105, maturity: 1, volatility: 0.2, rate: 0.05, put };
      const { price, standardError } = europeanByMonteCarlo(option, { paths: 40_000, seed: 1 });
      expect(Math.abs(price - blackScholes(option).price)).toBeLessThan(3 * standardError);
      expect(standardError).toBeLessThan(0.1);
    }
  });

  test('does not depend on anything but its seed', () => {
    const option = { spot: 100, strike: 100, maturity: 1, volatility: 0.2, rate: 0.05 };
    const one = europeanByMonteCarlo(option, { paths: 100, seed: 3 });
    expect(europeanByMonteCarlo(option, { paths: 100, seed: 3 })).toEqual(one);
    expect(europeanByMonteCarlo(option, { paths: 100, seed: 4 })).not.toEqual(one);
  });

  test('prices geometric Asians as simulation of them does, and one fixing as a European', () => {
    const option = { spot: 100, strike: 95, maturity: 0.75, volatility: 0.3, rate: 0.04, dividendYield: 0.01 };
    expect(geometricAsian(option, [0.75])).toBeCloseTo(blackScholes(option).price, 12);
    expect(geometricAsian({ ...option, put: true }, [0.75])).toBeCloseTo(blackScholes({ ...option, put: true }).price, 12);
    expect(fixingTimes(1, 4, false)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(fixingTimes(1, 3, true)).toEqual([0, 0.5, 1]);
  });

  // S 90, K 87, q 0.06, r 0.025, T 11/12, volatility 0.13, the first fixing now. Levy 1997, as QuantLib's tests have them. Its
  // figures are off by 0.0003 (two fixings have a closed form, see below), from 26 fixings on by up to 0.003: they lie on no curve in 1 / fixings.
  test.each([
    [2, 1.3942835683, 4e-4],
    [4, 1.5852442983, 4e-4],
    [12, 1.6980019214, 4e-4],
    [26, 1.7255070456, 3e-3],
    [52, 1.7401553533, 3e-3],
  ])('prices the arithmetic Asian put on %i fixings of Levy', (fixings, expected, scatter) => {
    const option = { spot: 90, strike: 87, maturity: 11 / 12, volatility: 0.13, rate: 0.025, dividendYield: 0.06, put: true };
    const { price, standardError } = asianByMonteCarlo(option, { fixings, fromNow: true, paths: 8000, seed: 1 });
    expect(standardError).toBeLessThan(0.002); // 1 / 50 of what it is without the control variate
    expect(Math.abs(price - expected)).toBeLessThan(3 * standardError + scatter);
  });

  test('prices the Asian put on two fixings, now and at the end, as half a European put', () => {
    const option = { spot: 90, maturity: 11 / 12, volatility: 0.13, rate: 0.025, dividendYield: 0.06, put: true };
    const exact = 0.5 * blackScholes({ ...option, strike: 2 * 87 - 90 }).price;
    expect(Math.abs(exact - 1.3942835683)).toBeLessThan(4e-4); // the source is off by 0.0003 here
    const { price, standardError } = asianByMonteCarlo(
      { ...option, strike: 87 },
      { fixings: 2, fromNow: true, paths: 8000, seed: 5 },
    );
    expect(Math.abs(price - exact)).toBeLessThan(3 * standardError);
  });

  // Vecer's continuous averages: S, r, volatility, K, T. 200 fixings from now on are the trapezoid's rule but for its ends.
  test.each([
    [1.9, 0.05, 0.5, 2, 1, 0.193174],
    [2, 0.05, 0.5, 2, 1, 0.246416],
    [2.1, 0.05, 0.5, 2, 1, 0.30622],
    [2, 0.02, 0.1, 2, 1, 0.055986],
    [2, 0.0125, 0.25, 2, 2, 0.172269],
  ])(
    'nears the continuous Asian call of Vecer at S %f, r %f, volatility %f',
    (spot, rate, volatility, strike, maturity, expected) => {
      const option = { spot, strike, maturity, volatility, rate };
      const { price, standardError } = asianByMonteCarlo(option, { fixings: 200, fromNow: true, paths: 4000, seed: 2 });
      expect(Math.abs(price - expected)).toBeLessThan(3 * standardError + expected / 200);
    },
  );
});

describe('baskets', () => {
  // Four assets at 100, volatility 0.4, five years, weights 1/4, K 100. Choi 2018, as QuantLib's tests have them.
  test.each([
    [0.1, 21.6920964835],
    [0.5, 28.0073695445],
    [0.8, 32.0412264524],
    [0.95, 33.9186874338],
  ])('of lognormal assets with correlation %f have the price of the literature', (rho, expected) => {
    const { price, standardError } = basketByMonteCarlo(
      {
        spots: [100, 100, 100, 100],
        weights: [0.25, 0.25, 0.25, 0.25],
        volatilities: [0.4, 0.4, 0.4, 0.4],
        correlation: equalCorrelation(4, rho),
        strike: 100,
        maturity: 5,
      },
      { paths: 40_000, seed: 1 },
    );
    expect(Math.abs(price - expected)).toBeLessThan(3 * standardError);
    expect(standardError).toBeLessThan(0.15); // 0.3 and more without the control variate
  });

  test("have Bachelier's closed form, whose gradient differences confirm", () => {
    const basket = {
      weights: [0.5, 0.3, 0.2],
      volatilities: [20, 30, 10],
      correlation: [
        [1, 0.5, 0.2],
        [0.5, 1, -0.3],
        [0.2, -0.3, 1],
      ],
      strike: 100,
      maturity: 1,
    };
    const spots = [100, 110, 95];
    const { gradient } = bachelierBasket({ ...basket, spots });
    spots.forEach((_, j) => {
      const moved = (h: number) => bachelierBasket({ ...basket, spots: spots.map((s, k) => (k === j ? s + h : s)) }).value;
      expect(gradient[j]).toBeCloseTo((moved(1e-3) - moved(-1e-3)) / 2e-3, 8);
    });
    // One asset at the money: deviation / sqrt(2 pi).
    const one = bachelierBasket({ spots: [1], weights: [1], volatilities: [0.2], correlation: [[1]], strike: 1, maturity: 4 });
    expect(one.value).toBeCloseTo(0.4 / Math.sqrt(2 * Math.PI), 12);
  });

  test('need a correlation matrix that is one', () => {
    expect(() =>
      cholesky([
        [1, 2],
        [2, 1],
      ]),
    ).toThrow(RangeError);
  });
});

describe('Heston', () => {
  const option = {
    spot: 100,
    maturity: 1,
    rate: 0.01,
    dividendYield: 0.02,
    variance: 0.04,
    reversion: 4,
    meanVariance: 0.25,
    volatilityOfVariance: 1,
    correlation: -0.5,
  };

  // Lewis's reference prices (2019).
  test.each([
    [80, 26.77475874399886],
    [90, 20.93334900059671],
    [100, 16.070154917028834],
    [110, 12.132211516709845],
    [120, 9.02491348345784],
  ])('prices the call struck at %i to 1e-10', (strike, expected) => {
    expect(Math.abs(heston({ ...option, strike }) - expected)).toBeLessThan(1e-10);
  });

  test('prices four days to maturity', () => {
    const price = heston({ ...option, variance: 0.01, maturity: 0.01, strike: 100 });
    expect(Math.abs(price - 0.467782671512844)).toBeLessThan(1e-9);
  });

  test('becomes Black and Scholes where the variance hardly moves', () => {
    const still = { ...option, variance: 0.09, meanVariance: 0.09, volatilityOfVariance: 1e-3, correlation: 0, strike: 105 };
    const { price } = blackScholes({ ...still, volatility: 0.3 });
    expect(heston(still)).toBeCloseTo(price, 5);
  });
});

describe('American puts', () => {
  // K 40, r 0.06, continuous exercise: the grid of Longstaff and Schwartz 2001, by trees of 4,001 steps.
  test.each([
    [36, 0.2, 1, 4.4866],
    [40, 0.2, 1, 2.3195],
    [44, 0.2, 1, 1.113],
    [40, 0.2, 2, 2.8899],
    [36, 0.4, 1, 7.1089],
    [44, 0.4, 1, 3.9528],
    [40, 0.4, 2, 6.9234],
  ])(
    'at S %f, volatility %f, %f years come within 0.001 of the literature with 1,000 steps',
    (spot, volatility, maturity, expected) => {
      expect(Math.abs(americanPut({ spot, strike: 40, maturity, volatility, rate: 0.06 }, 1000) - expected)).toBeLessThan(1e-3);
    },
  );

  // S = K = 100, q 0.05, volatility 0.25, one year: what early exercise is worth. Andersen, Lake and Offengenden 2016.
  test.each([
    [0.05, 0.1069527],
    [0.075, 0.3671112],
  ])('are worth the early exercise of the literature at r %f', (rate, expected) => {
    const option = { spot: 100, strike: 100, maturity: 1, volatility: 0.25, rate, dividendYield: 0.05 };
    const european = { ...option, american: false };
    const premium = americanPut(option, 1000) - 0.5 * (binomialTree(european, 1000) + binomialTree(european, 1001));
    expect(premium).toBeCloseTo(expected, 3);
  });

  test('on a tree without early exercise are Black and Scholes', () => {
    const option = { spot: 95, strike: 100, maturity: 0.5, volatility: 0.3, rate: 0.05 };
    const trees = 0.5 * (binomialTree({ ...option, american: false }, 500) + binomialTree({ ...option, american: false }, 501));
    expect(trees).toBeCloseTo(blackScholes({ ...option, put: true }).price, 2);
    expect(() => binomialTree({ ...option, volatility: 0.001, rate: 0.5 }, 2)).toThrow(RangeError);
  });
});
