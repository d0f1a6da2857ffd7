// What the strongest classical rival would need: a tensor of Chebyshev polynomials, how many calls of the function its nodes would cost for a given
// error. Told from how fast coefficients decay along each axis, which are fitted by least squares to points that were paid for already.
//
// See: Trefethen 2013, Approximation Theory and Approximation Practice, chapters 7 and 8: coefficients of a function with k derivatives fall as a
// power of the degree, those of an analytic one geometrically.

import type { Float64Rows } from '../data/matrix.js';

/** The forecast for a Chebyshev tensor. */
export interface ChebyshevForecast {
  /** Calls of the function: the product over the axes of degree + 1. */
  readonly evaluations: number;
  /** Polynomial degree along each axis, in the order of the domain. */
  readonly degrees: readonly number[];
  /** How coefficients fall along each axis: 'geometric', as those of analytic functions do, 'algebraic', as at kinks, or 'polynomial', which end. */
  readonly decay: readonly ('geometric' | 'algebraic' | 'polynomial')[];
}

/** Rows that the fit reads at most, and terms it has at most. */
const MOST_ROWS = 4096;
const MOST_TERMS = 300;
/** Degrees beyond this are no forecast any more. */
const MOST_DEGREE = 1e6;

/**
 * The forecast for `error`, from points `u` [rows][inputs] in [-1, 1], spread evenly, and values [rows][outputs]; of several outputs for the one that
 * needs the most.
 */
export function forecastChebyshev(u: Float64Rows, y: Float64Rows, error: number): ChebyshevForecast {
  const rows = Math.min(u.shape[0], MOST_ROWS);
  const inputs = u.shape[1];
  const terms = termsFor(inputs, rows);
  const design = designOf(u.data, rows, inputs, terms);
  const factor = factorOf(design, rows, terms.length);
  let worst: ChebyshevForecast | undefined;
  for (let o = 0; o < y.shape[1]; o++) {
    const target = Float64Array.from({ length: rows }, (_, i) => y.data[i * y.shape[1] + o]!);
    const fit = solve(design, factor, target, rows, terms.length);
    const axes = Array.from({ length: inputs }, (_, j) => degreeFor(decayAlong(j, terms, fit), error / inputs));
    const degrees = axes.map(({ degree }) => degree);
    const evaluations = degrees.reduce((product, degree) => product * (degree + 1), 1);
    if (worst === undefined || evaluations > worst.evaluations)
      worst = { evaluations, degrees, decay: axes.map(({ decay }) => decay) };
  }
  return worst!;
}

/**
 * Degrees of the terms: all whose (k_1 + 1) (k_2 + 1) … stays below a bound (a hyperbolic cross, which goes far along each axis), as many as rows and
 * time allow. Along an axis no further than the root of the rows, beyond which least squares on scattered points is ill-posed.
 */
function termsFor(inputs: number, rows: number): number[][] {
  const most = Math.min(MOST_TERMS, Math.floor(rows / 6));
  const longest = Math.floor(0.8 * Math.sqrt(rows));
  let terms: number[][] = [new Array<number>(inputs).fill(0)];
  for (let bound = 2; bound <= longest + 1; bound++) {
    const wider = cross(inputs, bound, most + 1);
    if (wider.length > most) break;
    terms = wider;
  }
  return terms;
}

/** Every list of degrees with that product bound; stops once there are `most`. */
function cross(inputs: number, bound: number, most: number): number[][] {
  const out: number[][] = [];
  const extend = (degrees: number[], left: number) => {
    if (out.length >= most) return;
    if (degrees.length === inputs) {
      out.push(degrees);
      return;
    }
    for (let k = 0; k + 1 <= left; k++) extend([...degrees, k], Math.floor(left / (k + 1)));
  };
  extend([], bound);
  return out;
}

/** [rows][terms]: products of T_k(u) = cos(k arccos u), scaled so that each has mean square 1 under Chebyshev's own weight. */
function designOf(u: Float64Array, rows: number, inputs: number, terms: readonly (readonly number[])[]): Float64Array {
  const highest = Math.max(1, ...terms.map((degrees) => Math.max(...degrees)));
  const along = new Float64Array(inputs * (highest + 1));
  const design = new Float64Array(rows * terms.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < inputs; j++) {
      const x = u[i * inputs + j]!;
      const at = j * (highest + 1);
      along[at] = 1;
      along[at + 1] = x;
      for (let k = 2; k <= highest; k++) along[at + k] = 2 * x * along[at + k - 1]! - along[at + k - 2]!;
    }
    terms.forEach((degrees, t) => {
      let product = 1;
      for (let j = 0; j < inputs; j++) product *= along[j * (highest + 1) + degrees[j]!]!;
      design[i * terms.length + t] = product;
    });
  }
  return design;
}

/** The Cholesky factor of A^T A, with a ridge that only rounding notices. */
function factorOf(a: Float64Array, rows: number, terms: number): Float64Array {
  const gram = new Float64Array(terms * terms);
  for (let i = 0; i < rows; i++)
    for (let s = 0; s < terms; s++) {
      const value = a[i * terms + s]!;
      for (let t = 0; t <= s; t++) gram[s * terms + t] = gram[s * terms + t]! + value * a[i * terms + t]!;
    }
  for (let s = 0; s < terms; s++) {
    for (let t = 0; t <= s; t++) {
      let sum = gram[s * terms + t]! + (s === t ? 1e-10 * rows : 0);
      for (let k = 0; k < t; k++) sum -= gram[s * terms + k]! * gram[t * terms + k]!;
      gram[s * terms + t] = s === t ? Math.sqrt(Math.max(sum, 1e-12 * rows)) : sum / gram[t * terms + t]!;
    }
  }
  return gram;
}

/** Coefficients by least squares, and the size of a coefficient that is nothing but what the terms cannot follow. */
function solve(a: Float64Array, factor: Float64Array, y: Float64Array, rows: number, terms: number) {
  const coefficients = new Float64Array(terms);
  const residual = y.slice();
  // Twice more on what is left, against the ridge and the rounding of the normal equations.
  for (let turn = 0; turn < 3; turn++) {
    const x = new Float64Array(terms);
    for (let i = 0; i < rows; i++) for (let t = 0; t < terms; t++) x[t] = x[t]! + a[i * terms + t]! * residual[i]!;
    for (let s = 0; s < terms; s++) {
      for (let t = 0; t < s; t++) x[s] = x[s]! - factor[s * terms + t]! * x[t]!;
      x[s] = x[s]! / factor[s * terms + s]!;
    }
    for (let s = terms - 1; s >= 0; s--) {
      for (let t = s + 1; t < terms; t++) x[s] = x[s]! - factor[t * terms + s]! * x[t]!;
      x[s] = x[s]! / factor[s * terms + s]!;
    }
    for (let t = 0; t < terms; t++) coefficients[t] = coefficients[t]! + x[t]!;
    for (let i = 0; i < rows; i++) {
      let left = y[i]!;
      for (let t = 0; t < terms; t++) left -= a[i * terms + t]! * coefficients[t]!;
      residual[i] = left;
    }
  }
  const off = Math.sqrt(residual.reduce((sum, r) => sum + r * r, 0) / rows);
  const size = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { coefficients, noise: off / Math.sqrt(rows) + 1e-12 * size, rounding: off <= 1e-9 * size };
}

/** Sizes of the coefficients of degree 1, 2, … along an axis, as far as they stand out of the noise; each at least as large as those after it. */
interface Decay {
  readonly sizes: readonly number[];
  /** Whether they end there, as those of a polynomial do, to rounding. */
  readonly ends: boolean;
}

function decayAlong(
  axis: number,
  terms: readonly (readonly number[])[],
  fit: { coefficients: Float64Array; noise: number; rounding: boolean },
): Decay {
  const highest = Math.max(...terms.map((degrees) => degrees[axis]!));
  const squares = new Float64Array(highest + 1);
  const counts = new Float64Array(highest + 1);
  terms.forEach((degrees, t) => {
    squares[degrees[axis]!]! += fit.coefficients[t]! ** 2;
    counts[degrees[axis]!]!++;
  });
  const floor = (k: number) => 3 * fit.noise * Math.sqrt(counts[k]!);
  const sizes: number[] = [];
  for (let k = 1; k <= highest; k++) sizes.push(Math.sqrt(squares[k]!));
  // As far as there are no two in a row that drown: further up one that stands out does so by chance.
  let length = 0;
  for (let k = 1, drowned = 0; k <= highest && drowned < 2; k++) {
    drowned = sizes[k - 1]! > floor(k) ? 0 : drowned + 1;
    if (drowned === 0) length = k;
  }
  const known = sizes.slice(0, length);
  for (let k = length - 2; k >= 0; k--) known[k] = Math.max(known[k]!, known[k + 1]!); // odd or even functions miss every other one
  if (length === highest) return { sizes: known, ends: false };
  // What drowns in noise may be as large as the noise; where that is rounding alone, it is nothing.
  return fit.rounding
    ? { sizes: known, ends: true }
    : { sizes: [...known, Math.min(floor(length + 1), known.at(-1) ?? Infinity)], ends: false };
}

/** The degree from which what is left out stays below `error`, by the law that fits the sizes best. */
function degreeFor({ sizes, ends }: Decay, error: number): { degree: number; decay: ChebyshevForecast['decay'][number] } {
  const tail = (n: number) => sizes.slice(n).reduce((sum, size) => sum + size, 0);
  for (let n = 0; ends && n < sizes.length; n++) if (tail(n) <= error) return { degree: n, decay: 'polynomial' };
  if (ends) return { degree: sizes.length, decay: 'polynomial' };
  if (sizes.length < 2) return { degree: sizes[0]! <= error ? 0 : 1, decay: 'geometric' };
  const logs = sizes.map(Math.log);
  const geometric = line(
    sizes.map((_, k) => k + 1),
    logs,
  );
  const algebraic = line(
    sizes.map((_, k) => Math.log(k + 1)),
    logs,
  );
  const falls = -geometric.slope;
  const power = -algebraic.slope;
  if ((sizes.length < 4 || geometric.residual <= algebraic.residual) && falls > 0) {
    // The sum beyond n of e^(a - b k), k = n + 1, …
    const degree = Math.ceil((geometric.start - Math.log(error * (1 - Math.exp(-falls)))) / falls) - 1;
    return { degree: bounded(degree), decay: 'geometric' };
  }
  if (!(power > 1)) return { degree: MOST_DEGREE, decay: 'algebraic' };
  // Half of the sum beyond n of e^a k^-p, about e^a n^(1 - p) / (p - 1): coefficients of a kink swing between plus and minus their size.
  const degree = Math.exp((algebraic.start - Math.log(2 * error * (power - 1))) / (power - 1));
  return { degree: bounded(Math.ceil(degree)), decay: 'algebraic' };
}

const bounded = (degree: number) => Math.min(Math.max(degree, 0), MOST_DEGREE);

/** The straight line through points, by least squares, and how far they lie from it. */
function line(x: readonly number[], y: readonly number[]): { start: number; slope: number; residual: number } {
  const n = x.length;
  const [mx, my] = [x.reduce((a, b) => a + b) / n, y.reduce((a, b) => a + b) / n];
  const slope = x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  const start = my - slope * mx;
  return { start, slope, residual: y.reduce((sum, v, i) => sum + (v - start - slope * x[i]!) ** 2, 0) };
}
