// What a finished lab 6 finds out: the student's functions on a real proxy. Trains and measures by instruments that it is handed, so that a page can run it.

import { normalDistribution } from '../data/special.js';
import { Draw } from './network.js';
import { measures, type Costs, type Estimate, type ScaledNetwork, type Scaler, type Scalers } from './proxy.js';
import type { StudentModule } from './student.js';

export interface Measured {
  readonly seconds: number;
  readonly joules: number;
  /** 'rapl' where it was measured, else 'estimate'. */
  readonly method: string;
}

export interface Instruments {
  /** A network that has learnt from scaled rows and scaled prices. */
  readonly learn: (X: number[][], y: number[]) => ScaledNetwork;
  /** Seconds and joules of one run of a piece of work. */
  readonly measure: (work: () => unknown) => Promise<Measured>;
}

/** What one price, or learning once, costs in seconds and in joules. */
type Of = 'call' | 'prediction' | 'training';

export interface Findings {
  readonly paths: number;
  /** Mean standard error of a price by simulation on the test rows. */
  readonly standardError: number;
  readonly sizes: readonly number[];
  /** Root mean squared errors of the price by size. */
  readonly errors: readonly number[];
  /** Root mean squared error of delta at the largest size, against Black and Scholes. */
  readonly deltaError: number;
  readonly costs: Readonly<Record<Of, Measured>>;
  /** Prices after which the proxy pays. */
  readonly paysInTime: number;
  readonly paysInEnergy: number;
}

interface Functions {
  readonly monteCarlo: (option: object, normals: number[]) => Estimate;
  readonly fitScaler: (X: number[][]) => Scaler;
  readonly price: (network: ScaledNetwork, scalers: Scalers, row: number[]) => number;
  readonly delta: (network: ScaledNetwork, scalers: Scalers, row: number[]) => number;
  readonly errorsByRows: (learn: unknown, costly: unknown, X: number[][], test: number[][], sizes: number[]) => number[];
  readonly breakEven: (costs: Costs) => number;
}

const market = { strike: 1, rate: 0.03, volatility: 0.2 };
const sizes = [16, 64, 256];
const pairs = 1000;

/** The delta of a call. See: Black & Scholes 1973. */
function exactDelta([spot, maturity]: readonly number[]): number {
  const { strike, rate, volatility } = market;
  const d1 = (Math.log(spot! / strike) + (rate + volatility ** 2 / 2) * maturity!) / (volatility * Math.sqrt(maturity!));
  return normalDistribution(d1);
}

/** Runs a student's functions, which are right, on calls of spot 0.7 to 1.3 of the strike and 0.25 to 2 years. */
export async function experiment(module: StudentModule, { learn, measure }: Instruments): Promise<Findings> {
  const own = (module['monteCarlo'] === undefined ? module['default'] : module) as unknown as Functions;
  const draw = new Draw(6, 'experiment');
  const normals = draw.normals(pairs);
  const some = (rows: number) => Array.from({ length: rows }, () => [draw.number(0.7, 1.3), draw.number(0.25, 2)]);
  const [X, test] = [some(sizes.at(-1)!), some(64)];
  const estimate = ([spot, maturity]: number[]) => own.monteCarlo({ ...market, spot, maturity }, normals);
  const costly = (row: number[]) => estimate(row).price;
  const proxyOf = (rows: number[][], prices: number[]) => {
    const x = own.fitScaler(rows);
    const { mean, scale } = own.fitScaler(prices.map((price) => [price]));
    const scalers: Scalers = { x, y: { mean: mean[0]!, scale: scale[0]! } };
    const network = learn(
      rows.map((row) => row.map((v, j) => (v - x.mean[j]!) / x.scale[j]!)),
      prices.map((price) => (price - mean[0]!) / scale[0]!),
    );
    return { network, scalers };
  };
  const errors = own.errorsByRows(
    (rows: number[][], prices: number[]) => {
      const { network, scalers } = proxyOf(rows, prices);
      return (row: number[]) => own.price(network, scalers, row);
    },
    costly,
    X,
    test,
    sizes,
  );
  const prices = X.map(costly);
  const { network, scalers } = proxyOf(X, prices);
  const deltaError = measures.rms(test.map((row) => own.delta(network, scalers, row) - exactDelta(row)));
  const costs = {
    call: await measure(() => costly(test[0]!)),
    prediction: await measure(() => own.price(network, scalers, test[0]!)),
    training: await measure(() => proxyOf(X, prices)),
  };
  const pays = (unit: 'seconds' | 'joules') =>
    own.breakEven({
      rows: X.length,
      call: costs.call[unit],
      prediction: costs.prediction[unit],
      training: costs.training[unit],
    });
  const standardError = test.reduce((sum, row) => sum + estimate(row).standardError, 0) / test.length;
  return {
    ...{ paths: 2 * pairs, standardError, sizes, errors, deltaError, costs },
    ...{ paysInTime: pays('seconds'), paysInEnergy: pays('joules') },
  };
}
