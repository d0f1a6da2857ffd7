// A network in place of the price of a call, learnt from prices alone or from prices and their derivatives; and its Greeks, by the chain rule.

import { adam, cosineDecay, datasets, dense, MLP } from 'feedforward';

export type Teacher = 'prices' | 'derivatives';
export type Greek = 'price' | 'delta' | 'gamma';
const maturity = 0.5;
const rate = 0.03;
export const spots = { from: 0.5, to: 1.5 };
export const volatilities = { from: 0.1, to: 0.6 };

/** Calls with the strike 1: spot and volatility, price, d price / d spot and d price / d volatility. */
function calls(samples: number, seed: number, volatility: readonly [number, number] = [volatilities.from, volatilities.to]) {
  const { X, y, gradients } = datasets.blackScholes({
    ...{ samples, seed, volatility, maturity: [maturity, maturity], rate: [rate, rate] },
    ...{ spot: [spots.from, spots.to], strike: [1, 1] },
  });
  const columns = (data: Float32Array): number[][] => Array.from({ length: samples }, (_, i) => [data[5 * i]!, data[5 * i + 3]!]);
  return { X: columns(X.data), prices: y.toArray(), gradients: columns(gradients.data) };
}

const fresh = calls(2000, 77);
const step = 1e-2;
/** Epochs in which the learning rate falls to 0. */
export const last = 200;

/** Columns with mean 0 and deviation 1: of even spreads, which the domain is drawn from. */
const [spotScale, volatilityScale] = [0.29, 0.145];
const scaled = (X: readonly (readonly number[])[]): number[][] =>
  X.map(([spot, volatility]) => [(spot! - 1) / spotScale, (volatility! - 0.35) / volatilityScale]);

export interface Curve {
  readonly spot: number;
  readonly exact: number;
}
/** The closed form along the spot: prices, deltas, and gammas, which are vega / (spot^2 volatility maturity). */
export function exactCurve(greek: Greek, volatility: number): Curve[] {
  const { X, prices, gradients } = calls(400, 5, [volatility, volatility]);
  const value = (i: number): number => {
    const [delta, vega] = gradients[i] as [number, number];
    const spot = X[i]![0]!;
    return { price: prices[i]![0]!, delta, gamma: vega / (spot * spot * volatility * maturity) }[greek];
  };
  return X.map(([spot], i) => ({ spot: spot!, exact: value(i) })).sort((a, b) => a.spot - b.spot);
}

export interface Judged {
  readonly epochs: number;
  /** Root mean square errors on 2,000 other calls. */
  readonly price: number;
  readonly delta: number;
}

/** A network 2-32-32-1 that learns from so many calls. */
export class StandIn {
  readonly model: MLP;
  readonly #rows: ReturnType<typeof calls>;
  readonly #teacher: Teacher;
  #epochs = 0;

  constructor(samples: number, teacher: Teacher) {
    const hidden = () => dense(32, { activation: 'silu' });
    const optimizer = adam({ learningRate: cosineDecay(0.01, { over: last }) });
    this.model = new MLP({ inputs: 2, layers: [hidden(), hidden(), dense(1)], optimizer, seed: 1 });
    this.#rows = calls(samples, 1);
    this.#teacher = teacher;
  }

  advance(epochs: number): Judged {
    const { X, prices, gradients } = this.#rows;
    // By the chain rule a derivative by a scaled column is the column's scale times that by the column.
    const slopesOfScaled = gradients.map(([delta, vega]) => [delta! * spotScale, vega! * volatilityScale]);
    const taught = this.#teacher === 'derivatives' ? { inputGradients: slopesOfScaled } : {};
    if (epochs > 0) this.model.fitSync(scaled(X), prices, { epochs, batchSize: 16, reportMetrics: false, ...taught });
    this.#epochs += epochs;
    const predicted = this.model.predict(scaled(fresh.X)).data;
    const slopes = this.#deltas(fresh.X);
    const rms = (off: (i: number) => number): number =>
      Math.sqrt(fresh.X.reduce((sum, _, i) => sum + off(i) ** 2, 0) / fresh.X.length);
    return {
      epochs: this.#epochs,
      price: rms((i) => predicted[i]! - fresh.prices[i]![0]!),
      delta: rms((i) => slopes[i]! - fresh.gradients[i]![0]!),
    };
  }

  /** d price / d spot: the chain rule through the scaling. */
  #deltas(X: readonly (readonly number[])[]): number[] {
    const { data } = this.model.inputGradient(scaled(X));
    return X.map((_, i) => data[2 * i]! / spotScale);
  }

  /** The network's own price, delta, or gamma (differences of deltas) along the spot. */
  curve(greek: Greek, volatility: number, along: readonly number[]): number[] {
    const at = (shift: number): number[][] => along.map((spot) => [spot + shift, volatility]);
    if (greek === 'price') return [...this.model.predict(scaled(at(0))).data];
    if (greek === 'delta') return this.#deltas(at(0));
    const [up, down] = [this.#deltas(at(step)), this.#deltas(at(-step))];
    return up.map((delta, i) => (delta - down[i]!) / (2 * step));
  }
}
