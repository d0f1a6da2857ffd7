// What the costly functions of examples/pricing take and give.

interface Option {
  spot: number;
  strike: number;
  maturity: number;
  volatility: number;
  rate: number;
  dividendYield?: number;
  put?: boolean;
}
interface Simulated {
  price: number;
  standardError: number;
}
interface Simulation {
  paths?: number;
  seed?: number;
}
interface Basket {
  spots: number[];
  weights: number[];
  volatilities: number[];
  correlation: number[][];
  strike: number;
  maturity: number;
  rate?: number;
}

declare module '*/examples/pricing/normal.js' {
  export function below(x: number): number;
}
declare module '*/examples/pricing/blackScholes.js' {
  export function blackScholes(option: Option): {
    price: number;
    delta: number;
    gamma: number;
    vega: number;
    maturityDerivative: number;
    rho: number;
  };
  export function callOnGrid(point: number[]): { value: number; gradient: number[] };
}
declare module '*/examples/pricing/monteCarlo.js' {
  export function europeanByMonteCarlo(option: Option, simulation?: Simulation): Simulated;
  export function asianByMonteCarlo(option: Option, simulation?: Simulation & { fixings?: number; fromNow?: boolean }): Simulated;
  export function geometricAsian(option: Option, times: number[]): number;
  export function fixingTimes(maturity: number, fixings: number, fromNow: boolean): number[];
}
declare module '*/examples/pricing/baskets.js' {
  export function cholesky(correlation: number[][]): number[][];
  export function equalCorrelation(assets: number, rho: number): number[][];
  export function bachelierBasket(basket: Basket): { value: number; gradient: number[] };
  export function basketByMonteCarlo(basket: Basket, simulation?: Simulation): Simulated;
}
declare module '*/examples/pricing/heston.js' {
  export function heston(option: {
    spot: number;
    strike: number;
    maturity: number;
    rate: number;
    dividendYield?: number;
    variance: number;
    reversion: number;
    meanVariance: number;
    volatilityOfVariance: number;
    correlation: number;
  }): number;
}
declare module '*/examples/pricing/american.js' {
  export function binomialTree(option: Option & { american?: boolean }, steps: number): number;
  export function americanPut(option: Option, steps?: number): number;
}
