// Lab 6 as on the blackboard: a call by simulation, scalers, a network on scaled values, its delta, errors against rows, and the point from which a proxy
// pays; with places where one thing at a time can be done wrongly.

/** A European call on a share, rates and volatility a year. */
export interface Call {
  readonly spot: number;
  readonly strike: number;
  readonly rate: number;
  readonly volatility: number;
  readonly maturity: number;
}

export interface Estimate {
  readonly price: number;
  readonly standardError: number;
}

/** What goes wrong in a simulation. */
export interface SimulationSlips {
  readonly undiscounted?: boolean;
  readonly discountedTwice?: boolean;
  readonly compounded?: boolean;
  readonly noCorrection?: boolean;
  readonly correctionAdded?: boolean;
  readonly noDrift?: boolean;
  readonly linearTime?: boolean;
  readonly varianceForVolatility?: boolean;
  readonly notAntithetic?: boolean;
  readonly put?: boolean;
  readonly noFloor?: boolean;
  readonly payoffOfMean?: boolean;
  readonly deviation?: boolean;
  readonly divisorN?: boolean;
  readonly pairsAsTwo?: boolean;
  readonly errorUndiscounted?: boolean;
  readonly summedPair?: boolean;
}

/** The mean of discounted payoffs over pairs of a draw and its mirror image. See: Glasserman 2003, section 4.2. */
export function simulate(
  { spot, strike, rate, volatility, maturity }: Call,
  normals: readonly number[],
  slip: SimulationSlips = {},
): Estimate {
  const correction = slip.noCorrection ? 0 : ((slip.correctionAdded ? 1 : -1) * volatility * volatility) / 2;
  const drift = ((slip.noDrift ? 0 : rate) + correction) * maturity;
  const spread =
    (slip.varianceForVolatility ? volatility * volatility : volatility) * (slip.linearTime ? maturity : Math.sqrt(maturity));
  const shareAt = (z: number) => spot * Math.exp(drift + spread * z);
  const gain = (share: number) => {
    const value = slip.put ? strike - share : share - strike;
    return slip.noFloor ? value : Math.max(0, value);
  };
  const discount = slip.undiscounted
    ? 1
    : Math.exp((slip.compounded ? 1 : -1) * rate * maturity) ** (slip.discountedTwice ? 2 : 1);
  const pair = (z: number) => {
    if (slip.notAntithetic) return gain(shareAt(z));
    if (slip.payoffOfMean) return gain((shareAt(z) + shareAt(-z)) / 2);
    return (gain(shareAt(z)) + gain(shareAt(-z))) / (slip.summedPair ? 1 : 2);
  };
  const draws = slip.pairsAsTwo ? normals.flatMap((z) => [gain(shareAt(z)), gain(shareAt(-z))]) : normals.map(pair);
  const n = draws.length;
  const mean = draws.reduce((sum, value) => sum + value, 0) / n;
  const squares = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = squares / (slip.divisorN ? n : n - 1);
  return {
    price: discount * mean,
    standardError: (slip.errorUndiscounted ? 1 : discount) * Math.sqrt(slip.deviation ? variance : variance / n),
  };
}

export interface Scaler {
  readonly mean: number[];
  readonly scale: number[];
}

/** What goes wrong with a scaler. */
export interface ScalerSlips {
  readonly sample?: boolean;
  readonly variance?: boolean;
  readonly inverse?: boolean;
  readonly range?: boolean;
  readonly together?: boolean;
  readonly aroundZero?: boolean;
  readonly zeroScale?: boolean;
  readonly noMean?: boolean;
}

/** Mean and standard deviation of each column; 1 for a column that is constant. */
export function scalerOf(rows: readonly (readonly number[])[], slip: ScalerSlips = {}): Scaler {
  const all = rows.flat();
  const of = (values: readonly number[]) => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const center = slip.aroundZero ? 0 : mean;
    const variance = values.reduce((sum, v) => sum + (v - center) ** 2, 0) / (values.length - (slip.sample ? 1 : 0));
    const spread = slip.range ? Math.max(...values) - Math.min(...values) : slip.variance ? variance : Math.sqrt(variance);
    const scale = spread === 0 && !slip.zeroScale ? 1 : slip.inverse ? 1 / spread : spread;
    return [slip.noMean ? 0 : mean, scale] as const;
  };
  const columns = rows[0]!.map((_, j) => of(slip.together ? all : rows.map((row) => row[j]!)));
  return { mean: columns.map(([mean]) => mean), scale: columns.map(([, scale]) => scale) };
}

export interface Scalers {
  readonly x: Scaler;
  readonly y: { readonly mean: number; readonly scale: number };
}

/** A function of scaled inputs that gives a scaled price, and its derivatives. */
export interface ScaledNetwork {
  readonly value: (x: number[]) => number;
  readonly gradient: (x: number[]) => number[];
}

/** One number for how far a proxy is off on some rows: the root mean squared error, and what is taken for it. */
export const measures = {
  rms: (off: readonly number[]) => Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length),
  meanSquare: (off: readonly number[]) => off.reduce((sum, e) => sum + e * e, 0) / off.length,
  meanAbsolute: (off: readonly number[]) => off.reduce((sum, e) => sum + Math.abs(e), 0) / off.length,
  mean: (off: readonly number[]) => off.reduce((sum, e) => sum + e, 0) / off.length,
  largest: (off: readonly number[]) => off.reduce((most, e) => Math.max(most, Math.abs(e)), 0),
  rootOfSum: (off: readonly number[]) => Math.sqrt(off.reduce((sum, e) => sum + e * e, 0)),
  sumOverRoot: (off: readonly number[]) => Math.sqrt(off.reduce((sum, e) => sum + e * e, 0)) / off.length,
};

/** What a proxy costs and what it stands for, all in seconds or all in joules. */
export interface Costs {
  /** Prices that the costly function computes for the proxy to learn from. */
  readonly rows: number;
  /** Of one price by the costly function. */
  readonly call: number;
  /** Of learning, once. */
  readonly training: number;
  /** Of one price by the proxy. */
  readonly prediction: number;
}

/** From how many prices on the proxy has cost no more than the function would have; Infinity where it never pays. */
export function paysFrom({ rows, call, training, prediction }: Costs): number {
  return prediction >= call ? Number.POSITIVE_INFINITY : Math.ceil((rows * call + training) / (call - prediction));
}
