// Parzen estimators over several parameters at once: a mixture of one kernel for each observation and one as wide as the space, the prior.
// Kernels are products: a normal distribution cut to the range for numbers, its share of a step where there are steps, and a table for
// categories. Weights, widths and clips are those of Optuna 5's multivariate TPE, which has them from BOHB and Hyperopt.
//
// One trait is that of Optuna 3.1: kernels of ranges without steps are not divided by their widths, so that the prior, which is the widest, counts
// for more than its weight, the more parameters there are. Later versions divide. Medians of 20 searches of 100 candidates, without and with the
// division: sphere in 5 dimensions 0.51 and 0.81, Hartmann in 6 -3.06 and -2.95, Rosenbrock in 3 2.15 and 2.08, Branin 0.51 and 0.47.
// See: Falkner et al. 2018, https://proceedings.mlr.press/v80/falkner18a.html; Bergstra et al. 2013; Watanabe 2023, arXiv:2304.11127.

import { exp, log, pow } from '../data/elementary.js';
import type { Random } from '../data/random.js';
import type { Json } from '../formats/json.js';
import { indexOf, valueAtIndex, type CategoricalParameter, type NumericParameter, type Parameter } from './space.js';
import { logDensity, logMass, quantileBetween } from './truncatedNormal.js';

/** Weight of the prior kernel, where an observation's is at most 1. */
const PRIOR_WEIGHT = 1;
/** Width of a kernel where there is one observation, as a share of the range. */
const WIDTH = 0.2;
/** Observations whose weight is 1, counted from the newest back; those before them count less the older they are. */
const FLAT = 25;

/** The kernels of one parameter, one for each observation and the prior's at the end. */
interface Kernels {
  /** A point of a kernel: the number or the index that `logDensityAt` takes. */
  draw(kernel: number, random: Random): number;
  /** ln of each kernel's density at a point is added to `sums`. */
  addLogDensities(point: number, sums: Float64Array): void;
}

/** A density over points, up to the widths of kernels: one number for each parameter, the index of a category or the value itself. */
export class ParzenEstimator {
  /** Of the observations, and the prior's at the end; their sum is 1. */
  readonly weights: Float64Array;
  /** Of each parameter, in their order. */
  readonly kernels: readonly (NumericKernels | CategoricalKernels)[];
  private readonly logWeights: Float64Array;
  private readonly sums: Float64Array;

  /**
   * @param observations points, the oldest first
   * @param weights of the observations; without them all are 1 but for those before the newest 25
   */
  constructor(parameters: readonly Parameter[], observations: readonly (readonly number[])[], weights?: readonly number[]) {
    this.weights = mixtureWeights(weights ?? agedWeights(observations.length));
    this.logWeights = this.weights.map(log);
    this.sums = new Float64Array(this.weights.length);
    this.kernels = parameters.map((parameter, j) => {
      const column = observations.map((point) => point[j]!);
      return parameter.kind === 'categorical'
        ? new CategoricalKernels(parameter, column)
        : new NumericKernels(parameter, column, kernelWidth(column.length, parameters.length));
    });
  }

  /** A point drawn from the density. */
  sample(random: Random): number[] {
    const kernel = pick(this.weights, random);
    return this.kernels.map((kernels) => kernels.draw(kernel, random));
  }

  /** ln of the density at a point, with kernels of ranges without steps as high as if their widths were 1. */
  logDensity(point: readonly number[]): number {
    const { sums } = this;
    sums.set(this.logWeights);
    this.kernels.forEach((kernels, j) => {
      kernels.addLogDensities(point[j]!, sums);
    });
    let largest = Number.NEGATIVE_INFINITY;
    for (const value of sums) largest = Math.max(largest, value);
    if (largest === Number.NEGATIVE_INFINITY) return largest;
    let total = 0;
    for (const value of sums) total += exp(value - largest);
    return largest + log(total);
  }
}

/** Weights of n observations, the oldest first: a ramp from 1 / n to 1, and 1 for the newest 25. */
export function agedWeights(n: number): number[] {
  const ramp = n - FLAT;
  return Array.from({ length: n }, (_, i) => {
    if (i >= ramp) return 1;
    return ramp === 1 ? 1 / n : 1 / n + (i / (ramp - 1)) * (1 - 1 / n);
  });
}

/** Those of the observations and the prior's, as shares of their sum. */
function mixtureWeights(observed: readonly number[]): Float64Array {
  const weights = Float64Array.of(...observed, PRIOR_WEIGHT);
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}

/** Width of the kernels of `observations` points in a space of so many parameters, as a share of each range: Scott's rule. */
function kernelWidth(observations: number, parameters: number): number {
  return WIDTH * pow(Math.max(observations, 1), -1 / (parameters + 4));
}

/** An index by weights whose sum is 1. */
function pick(weights: ArrayLike<number>, random: Random): number {
  let left = random.uniform();
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i]!;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** Each observation's kernel holds its own category and a little of each, less the more observations there are. */
class CategoricalKernels implements Kernels {
  /** [kernels][categories] */
  readonly shares: readonly Float64Array[];
  private readonly logShares: readonly Float64Array[];

  constructor({ count }: CategoricalParameter, observed: readonly number[]) {
    const kernels = observed.length + 1;
    const base = PRIOR_WEIGHT / kernels;
    this.shares = [...observed, -1].map((own) => {
      const sum = base * count + (own < 0 ? 0 : 1);
      return Float64Array.from({ length: count }, (_, category) => (base + (category === own ? 1 : 0)) / sum);
    });
    this.logShares = this.shares.map((row) => row.map(log));
  }

  draw(kernel: number, random: Random): number {
    return pick(this.shares[kernel]!, random);
  }

  addLogDensities(category: number, sums: Float64Array): void {
    for (let k = 0; k < sums.length; k++) sums[k]! += this.logShares[k]![category]!;
  }
}

/** Normal distributions around the observations, cut to the range, of the logarithm where the range is logarithmic. */
class NumericKernels implements Kernels {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  private readonly low: number;
  private readonly high: number;
  /** ln of each kernel's share within the range, by which it is divided. */
  private readonly logScales: Float64Array;

  constructor(
    private readonly parameter: NumericParameter,
    observed: readonly number[],
    width: number,
  ) {
    const { low, high, step } = parameter;
    const half = step === undefined ? 0 : step / 2;
    this.low = this.onLine(low - half);
    this.high = this.onLine(high + half);
    const range = this.high - this.low;
    const kernels = observed.length + 1;
    // The magic clip of Bergstra et al.: kernels become no narrower than their number allows for.
    const deviation = Math.min(Math.max(width * range, range / Math.min(100, 1 + kernels)), range);
    this.means = Float64Array.from([...observed.map((value) => this.onLine(value)), 0.5 * (this.low + this.high)]);
    this.deviations = new Float64Array(kernels).fill(deviation);
    this.deviations[kernels - 1] = range;
    this.logScales = this.means.map((mean, k) => {
      const sigma = this.deviations[k]!;
      return logMass((this.low - mean) / sigma, (this.high - mean) / sigma);
    });
  }

  draw(kernel: number, random: Random): number {
    const [mean, sigma] = [this.means[kernel]!, this.deviations[kernel]!];
    const z = quantileBetween((this.low - mean) / sigma, (this.high - mean) / sigma, random.uniform());
    const { low, high, logarithmic, step, count } = this.parameter;
    const value = logarithmic ? exp(mean + sigma * z) : mean + sigma * z;
    if (step === undefined) return Math.min(Math.max(value, low), high);
    return valueAtIndex(this.parameter, Math.min(Math.max(Math.round((value - low) / step), 0), count - 1)) as number;
  }

  addLogDensities(value: number, sums: Float64Array): void {
    const { means, deviations, logScales } = this;
    const { step } = this.parameter;
    if (step === undefined) {
      const x = this.onLine(value);
      for (let k = 0; k < sums.length; k++) sums[k]! += logDensity((x - means[k]!) / deviations[k]!) - logScales[k]!;
      return;
    }
    const from = Math.max(this.onLine(value - step / 2), this.low);
    const to = Math.min(this.onLine(value + step / 2), this.high);
    for (let k = 0; k < sums.length; k++)
      sums[k]! += logMass((from - means[k]!) / deviations[k]!, (to - means[k]!) / deviations[k]!) - logScales[k]!;
  }

  private onLine(value: number): number {
    return this.parameter.logarithmic ? log(value) : value;
  }
}

/** What a point holds of a parameter's value: the index of a category, or the number itself. */
export function coordinateOf(parameter: Parameter, value: unknown): number {
  return parameter.kind === 'categorical' ? indexOf(parameter, value) : (value as number);
}

/** The value that a point's coordinate stands for. */
export function valueOfCoordinate(parameter: Parameter, coordinate: number): Json {
  return parameter.kind === 'categorical' ? parameter.values[coordinate]! : coordinate;
}
