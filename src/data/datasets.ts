// Toy data sets from our own generator: the same seed gives the same rows on every engine, to the last bit.

import { fail, show } from '../errors.js';
import { checkNumber, flag, given, number, readOptions, whole, type Option, type Read, type Schema } from '../options.js';
import { cosTurn, exp, log, sinTurn } from './elementary.js';
import { Matrix } from './matrix.js';
import { Random, seedOption } from './random.js';

/** Rows with targets. */
export interface Dataset {
  /** [samples][features] */
  X: Matrix;
  /** [samples][targets]; class ids 0, 1, … for classification. */
  y: Matrix;
  /** Names of the columns of X. */
  featureNames: string[];
  /** Names of the classes, or of the columns of y. */
  targetNames: string[];
}

/** Options of the toy data for classification: rows, noise and seed. */
export interface ClassOptions {
  /** Rows in all, shared as evenly as can be among the classes (default 200). */
  samples?: number;
  /** Standard deviation of the normal noise added to both coordinates, >= 0. */
  noise?: number;
  /** What is drawn is drawn from this whole number: the same seed, the same result (default 0). */
  seed?: number;
}

const classRows = { samples: samplesOption(200), noise: number({ min: 0 }), seed: seedOption } satisfies Schema<ClassOptions>;

/**
 * The four points of exclusive or: 0 0 -> 0, 0 1 -> 1, 1 0 -> 1, 1 1 -> 0.
 *
 * @example
 * const { X, y } = datasets.xor();
 * y.toArray();  // [[0], [1], [1], [0]]
 */
export function xor(): Dataset {
  return {
    X: new Matrix(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), 4, 2),
    y: new Matrix(Float32Array.of(0, 1, 1, 0), 4, 1),
    featureNames: ['a', 'b'],
    targetNames: ['a xor b'],
  };
}

/**
 * Two half circles of radius 1 that reach into each other; classes 0 and 1. Noise 0.1 by default. As scikit-learn's `make_moons`.
 * @throws ERR_OPTION for bad options.
 *
 * @example
 * const { X, y } = datasets.moons({ samples: 500, noise: 0.2 });
 * X.shape;  // [500, 2]
 */
export function moons(options: ClassOptions = {}): Dataset {
  return planar('moons', 2, readOptions(classRows, options, 'moons', 'moons.'), 0.1, (c, share) => {
    const x = cosTurn(share / 2);
    const y = sinTurn(share / 2);
    return c === 0 ? [x, y] : [1 - x, 0.5 - y];
  });
}

/** Options of circles. */
export interface CircleOptions extends ClassOptions {
  /** Radius of the inner circle, in (0, 1) (default 0.5); the outer one has radius 1. */
  factor?: number;
}

const circleRows = {
  ...classRows,
  factor: number({ min: 0, max: 1, minExclusive: true, maxExclusive: true, default: 0.5 }),
} satisfies Schema<CircleOptions>;

/**
 * Two circles, one within the other; class 0 outside, class 1 inside. Noise 0.05 by default. As scikit-learn's `make_circles`.
 * @throws ERR_OPTION for bad options.
 *
 * @example
 * const { X, y } = datasets.circles({ samples: 500, factor: 0.3 });
 */
export function circles(options: CircleOptions = {}): Dataset {
  const read = readOptions(circleRows, options, 'circles', 'circles.');
  const { factor } = read;
  return planar('circles', 2, read, 0.05, (c, _, turn) => {
    const radius = c === 0 ? 1 : factor;
    return [radius * cosTurn(turn), radius * sinTurn(turn)];
  });
}

/** Options of spirals. */
export interface SpiralOptions extends ClassOptions {
  /** Number of arms, one class each, at least 1 (default 2). */
  classes?: number;
  /** Turns each arm makes, > 0 (default 1.5). */
  turns?: number;
}

const spiralRows = {
  ...classRows,
  classes: whole({ min: 1, max: 1000, default: 2 }),
  turns: number({ min: 0, minExclusive: true, default: 1.5 }),
} satisfies Schema<SpiralOptions>;

/**
 * Spiral arms that wind around each other from the origin to radius 1; class c is arm c. Noise 0.02 by default.
 * @throws ERR_OPTION for bad options.
 *
 * @example
 * const { X, y } = datasets.spirals({ classes: 3, turns: 1 });
 */
export function spirals(options: SpiralOptions = {}): Dataset {
  const read = readOptions(spiralRows, options, 'spirals', 'spirals.');
  const { classes, turns } = read;
  return planar('spirals', classes, read, 0.02, (c, share) => {
    const angle = turns * share + c / classes;
    return [share * cosTurn(angle), share * sinTurn(angle)];
  });
}

/**
 * Points of a curve per class, evenly spaced, with noise, in random order. `share` runs from 0 to 1 along a class, both ends included;
 * `turn` likewise with the end left out. `silent` is the noise where the options say none.
 */
function planar(
  who: string,
  classes: number,
  { samples, noise: asked, seed }: Read<typeof classRows>,
  silent: number,
  point: (c: number, share: number, turn: number) => [x: number, y: number],
): Dataset {
  const noise = asked ?? silent;
  const random = new Random(seed, `datasets.${who}`);
  const X = new Float32Array(2 * samples);
  const y = new Float32Array(samples);
  const places = random.permutation(samples);
  for (let c = 0, k = 0; c < classes; c++) {
    const count = Math.floor(samples / classes) + (c < samples % classes ? 1 : 0);
    for (let i = 0; i < count; i++) {
      const [px, py] = point(c, count > 1 ? i / (count - 1) : 0, i / count);
      const row = places[k++]!;
      X[2 * row] = px + noise * random.normal();
      X[2 * row + 1] = py + noise * random.normal();
      y[row] = c;
    }
  }
  return { X: new Matrix(X, samples, 2), y: new Matrix(y, samples, 1), featureNames: ['x', 'y'], targetNames: ['class'] };
}

/** Options of gaussians. */
export interface GaussianOptions {
  /** Rows in all (default 200). */
  samples?: number;
  /** Number of clouds, one class each (default 2). */
  classes?: number;
  /** Columns (default 2). */
  features?: number;
  /** The clouds' centres [classes][features] (default: drawn from [-10, 10], as scikit-learn's `make_blobs` does). */
  centers?: readonly (readonly number[])[];
  /** Standard deviation of every cloud in every direction, >= 0 (default 1). */
  deviation?: number;
  /** What is drawn is drawn from this whole number: the same seed, the same result (default 0). */
  seed?: number;
}

const gaussianRows = {
  samples: samplesOption(200),
  classes: given<number>(),
  features: given<number>(),
  centers: given<GaussianOptions['centers']>(),
  deviation: number({ min: 0, default: 1 }),
  seed: seedOption,
} satisfies Schema<GaussianOptions>;

/**
 * Normal clouds around centres; class c is cloud c. As scikit-learn's `make_blobs`.
 * @throws ERR_OPTION for bad options.
 *
 * @example
 * const { X, y } = datasets.gaussians({ centers: [[0, 0], [3, 3]], deviation: 0.5 });
 */
export function gaussians(options: GaussianOptions = {}): Dataset {
  const { centers, samples, deviation, seed } = readOptions(gaussianRows, options, 'gaussians', 'gaussians.');
  const classes = checkNumber(options.classes ?? centers?.length ?? 2, 'gaussians.classes', {
    min: 1,
    max: samples,
    integer: true,
  });
  const features = checkNumber(options.features ?? centers?.[0]?.length ?? 2, 'gaussians.features', { min: 1, integer: true });
  const random = new Random(seed, 'datasets.gaussians');
  if (centers !== undefined && (centers.length !== classes || centers.some((center) => center.length !== features)))
    fail('ERR_SHAPE', `gaussians.centers: expected ${classes} rows of ${features} numbers.`);
  const drawn = centers ?? Array.from({ length: classes }, () => Array.from({ length: features }, () => random.between(-10, 10)));
  const X = new Float32Array(samples * features);
  const y = new Float32Array(samples);
  const places = random.permutation(samples);
  for (let i = 0; i < samples; i++) {
    const row = places[i]!;
    const c = i % classes;
    for (let j = 0; j < features; j++) X[row * features + j] = drawn[c]![j]! + deviation * random.normal();
    y[row] = c;
  }
  const featureNames = Array.from({ length: features }, (_, j) => `x${j}`);
  return { X: new Matrix(X, samples, features), y: new Matrix(y, samples, 1), featureNames, targetNames: ['class'] };
}

/** Options of fromFunction. */
export interface FunctionOptions {
  /** Rows (default 200). */
  samples?: number;
  /** Number of inputs of f (default: the number of ranges, or 1). */
  inputs?: number;
  /** Range of every input, or one per input (default [-1, 1]). */
  domain?: readonly [low: number, high: number] | readonly (readonly [low: number, high: number])[];
  /** Standard deviation of the normal noise added to f, >= 0 (default 0). */
  noise?: number;
  /** Evenly spaced points, both ends included, instead of random ones; for one input only (default false). */
  grid?: boolean;
  /** What is drawn is drawn from this whole number: the same seed, the same result (default 0). */
  seed?: number;
}

const functionRows = {
  samples: samplesOption(200),
  inputs: given<number>(),
  domain: given<FunctionOptions['domain']>(),
  noise: number({ min: 0, default: 0 }),
  grid: flag(false),
  seed: seedOption,
} satisfies Schema<FunctionOptions>;

/**
 * Samples of a function of one or several inputs, drawn uniformly from a box. f gets the inputs as separate numbers and returns one number
 * or a list of them.
 * @throws ERR_OPTION for bad options, ERR_NONFINITE where f is not finite.
 *
 * @example
 * const { X, y } = datasets.functionSamples((x) => Math.sin(x), { domain: [-Math.PI, Math.PI], samples: 100 });
 */
export function functionSamples(f: (...inputs: number[]) => number | readonly number[], options: FunctionOptions = {}): Dataset {
  const { samples, noise, grid, seed } = readOptions(functionRows, options, 'functionSamples', 'functionSamples.');
  if (typeof f !== 'function') fail('ERR_TYPE', `functionSamples: expected a function, got ${show(f)}.`);
  const ranges = readDomain(options.domain ?? [-1, 1], options.inputs);
  const inputs = ranges.length;
  if (grid && inputs > 1) fail('ERR_OPTION', `functionSamples.grid: for one input only, got ${inputs}.`);
  const random = new Random(seed, 'datasets.functionSamples');

  const X = new Float32Array(samples * inputs);
  const rows: (readonly number[])[] = [];
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < inputs; j++) {
      const [low, high] = ranges[j]!;
      const share = grid ? i / Math.max(1, samples - 1) : random.uniform();
      X[i * inputs + j] = low + (high - low) * share;
    }
    const value = f(...X.subarray(i * inputs, (i + 1) * inputs)); // of the rounded inputs, so that X and y agree
    const row = typeof value === 'number' ? [value] : value;
    if (!Array.isArray(row) || row.length === 0 || (i > 0 && row.length !== rows[0]!.length))
      fail('ERR_TYPE', `functionSamples: f must return a number, or lists of equal length, got ${show(value)}.`);
    for (const number of row)
      if (!Number.isFinite(number))
        fail(
          'ERR_NONFINITE',
          `functionSamples: f(${[...X.subarray(i * inputs, (i + 1) * inputs)].join(', ')}) is ${show(number)}.`,
        );
    rows.push(row);
  }
  const targets = rows[0]!.length;
  const y = new Float32Array(samples * targets);
  rows.forEach((row, i) => {
    row.forEach((value, t) => {
      y[i * targets + t] = noise === 0 ? value : value + noise * random.normal();
    });
  });
  return {
    X: new Matrix(X, samples, inputs),
    y: new Matrix(y, samples, targets),
    featureNames: Array.from({ length: inputs }, (_, j) => (inputs === 1 ? 'x' : `x${j}`)),
    targetNames: Array.from({ length: targets }, (_, t) => (targets === 1 ? 'y' : `y${t}`)),
  };
}

function readDomain(domain: unknown, inputs: number | undefined): (readonly [number, number])[] {
  const isRange = (range: unknown): range is readonly [number, number] =>
    Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1];
  if (isRange(domain)) {
    const count = checkNumber(inputs ?? 1, 'functionSamples.inputs', { min: 1, max: 1000, integer: true });
    return new Array<readonly [number, number]>(count).fill(domain);
  }
  if (!Array.isArray(domain) || domain.length === 0 || !domain.every(isRange))
    fail('ERR_OPTION', `functionSamples.domain: expected [low, high] with low < high, or a list of them, got ${show(domain)}.`);
  if (inputs !== undefined && inputs !== domain.length)
    fail('ERR_OPTION', `functionSamples.inputs: ${show(inputs)}, but domain has ${domain.length} ranges.`);
  return domain;
}

// ---- Black and Scholes ------------------------------------------------------------------------------------

/** Options of blackScholes: rows, seed, and the range of each input. */
export interface BlackScholesOptions {
  /** Rows (default 1000). */
  samples?: number;
  /** What is drawn is drawn from this whole number: the same seed, the same result (default 0). */
  seed?: number;
  /** Ranges that inputs are drawn from, uniformly (default: spot and strike 50 to 150, maturity 0.1 to 2 years, volatility 0.05 to 0.6, rate 0 to 0.08). */
  spot?: readonly [low: number, high: number];
  /** The range of the strike price, > 0. */
  strike?: readonly [low: number, high: number];
  /** The range of the time to maturity, in years, > 0. */
  maturity?: readonly [low: number, high: number];
  /** The range of the volatility per year, > 0. */
  volatility?: readonly [low: number, high: number];
  /** The range of the interest rate per year. */
  rate?: readonly [low: number, high: number];
}

const range = given<readonly [number, number]>();
const blackScholesRows = {
  samples: samplesOption(1000),
  seed: seedOption,
  spot: range,
  strike: range,
  maturity: range,
  volatility: range,
  rate: range,
} satisfies Schema<BlackScholesOptions>;

export interface BlackScholesDataset extends Dataset {
  /** d price / d spot [samples][1]. */
  deltas: Matrix;
  /** d price / d input [samples][5], in the order of X: delta, d / d strike, d / d maturity (per year), vega, rho (per unit of rate). */
  gradients: Matrix;
}

const INPUTS = ['spot', 'strike', 'maturity', 'volatility', 'rate'] as const;

/**
 * Prices of European calls: X holds spot, strike, maturity (years), volatility and rate (per year, continuous), y the price in the units of
 * spot. The price is worked out in float64 from the float32 inputs and rounded once. Source: Black and Scholes 1973.
 * @throws ERR_OPTION for bad options.
 *
 * @example
 * const { X, y, featureNames } = datasets.blackScholes({ samples: 1000 });
 * featureNames;  // ['spot', 'strike', 'maturity', 'volatility', 'rate']
 */
export function blackScholes(options: BlackScholesOptions = {}): BlackScholesDataset {
  const { samples, seed } = readOptions(blackScholesRows, options, 'blackScholes', 'blackScholes.');
  const defaults = { spot: [50, 150], strike: [50, 150], maturity: [0.1, 2], volatility: [0.05, 0.6], rate: [0, 0.08] } as const;
  const ranges = INPUTS.map((name) => {
    const range = options[name] ?? defaults[name];
    const fits = Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] <= range[1];
    if (!fits || (name !== 'rate' && !(range[0] > 0)))
      fail('ERR_OPTION', `blackScholes.${name}: expected [low, high]${name === 'rate' ? '' : ' above 0'}, got ${show(range)}.`);
    return range;
  });
  const random = new Random(seed, 'datasets.blackScholes');
  const X = new Float32Array(5 * samples);
  const y = new Float32Array(samples);
  const deltas = new Float32Array(samples);
  const gradients = new Float32Array(5 * samples);
  for (let i = 0; i < samples; i++) {
    ranges.forEach(([low, high], j) => {
      X[5 * i + j] = random.between(low!, high!);
    });
    const { price, gradient } = callPrice(X[5 * i]!, X[5 * i + 1]!, X[5 * i + 2]!, X[5 * i + 3]!, X[5 * i + 4]!);
    y[i] = price;
    deltas[i] = gradient[0];
    gradients.set(gradient, 5 * i);
  }
  return {
    X: new Matrix(X, samples, 5),
    y: new Matrix(y, samples, 1),
    deltas: new Matrix(deltas, samples, 1),
    gradients: new Matrix(gradients, samples, 5),
    featureNames: [...INPUTS],
    targetNames: ['price'],
  };
}

/** C = S N(d1) - K e^(-rT) N(d2), and its derivatives by S, K, T, volatility and r. */
function callPrice(spot: number, strike: number, maturity: number, volatility: number, rate: number) {
  const root = Math.sqrt(maturity);
  const d1 = (log(spot / strike) + (rate + 0.5 * volatility * volatility) * maturity) / (volatility * root);
  const d2 = d1 - volatility * root;
  const discount = exp(-rate * maturity);
  const n1 = normalBelow(d1);
  const n2 = normalBelow(d2);
  const density = exp(-0.5 * d1 * d1) / Math.sqrt(2 * Math.PI);
  const gradient: [number, number, number, number, number] = [
    n1,
    -discount * n2,
    (spot * density * volatility) / (2 * root) + rate * strike * discount * n2,
    spot * density * root,
    strike * maturity * discount * n2,
  ];
  return { price: spot * n1 - strike * discount * n2, gradient };
}

/**
 * Probability that a standard normal number is below x. Error below 1e-13 relative. Series around 0, continued fraction in the tails.
 * See: Abramowitz and Stegun 26.2.11 and 26.2.14.
 */
function normalBelow(x: number): number {
  const size = Math.abs(x);
  if (size > 39) return x < 0 ? 0 : 1;
  const density = exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (size < 3) {
    let term = x;
    let sum = x;
    for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
      term *= (x * x) / n;
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = size;
  for (let n = 80; n >= 1; n--) fraction = size + n / fraction;
  return x < 0 ? density / fraction : 1 - density / fraction;
}

/** How many rows are made. */
function samplesOption(preset: number): Option<number> {
  return whole({ min: 1, max: 2 ** 28, default: preset });
}
