// The Sobol sequence: points that fill a box more evenly than random ones do, scrambled so that they can stand in for random ones.
// Direction numbers are those of Joe and Kuo (new-joe-kuo-6); a scrambled point is a function of seed, index and dimension alone.

import { doubles } from './allocate.js';
import { bits, derive, keyOf, seedOption, type Key } from './random.js';
import { Rows64 } from './rows64.js';
import { fail } from '../errors.js';
import { checkNumber, flag, readOptions, whole, type Schema } from '../options.js';

/** Options of sobol. */
export interface SobolOptions {
  /** Scrambles are drawn from this whole number: the same seed, the same points (default 0). */
  readonly seed?: number;
  /** Whether points are scrambled (default true). Unscrambled ones are the same whatever the seed, and the first of them is the origin. */
  readonly scramble?: boolean;
  /** The index of the first point, to go on where an earlier call ended (default 0). */
  readonly first?: number;
}

const sobolRows = {
  seed: seedOption,
  scramble: flag(true),
  first: whole({ min: 0, max: 2 ** 32, default: 0 }),
} satisfies Schema<SobolOptions>;

/** What sobol gives: rows of float64 in [0, 1). */
export interface SobolPoints extends Rows64 {
  /** What is worth knowing about these points, in words: that their balance is broken. Mostly empty. */
  readonly notes: readonly string[];
}

/** Dimensions there are direction numbers for. */
const SOBOL_DIMENSIONS = 32;

/**
 * Points [rows][dimensions] of the Sobol sequence in [0, 1), in float64: samples of a unit cube for experiments, integrals and functions that cost much.
 * Of 2^k points from the start on, each half, quarter, … 2^k-th part of every axis holds equally many; other numbers of rows break that balance,
 * which `notes` then says. By default they are scrambled (nested uniform scrambling): each point by itself is uniform, the balance stays, and
 * the points of two seeds are independent.
 *
 * `rows` are 1 or more, `dimensions` 1 to 32. Direction numbers: Joe & Kuo 2008, https://web.maths.unsw.edu.au/~fkuo/sobol/. Scrambling: Owen 1995.
 * @throws ERR_OPTION for a number out of range, or more than 2^32 points; ERR_MEMORY.
 *
 * @example
 * const points = sobol(256, 3, { seed: 1 });
 * points.shape;  // [256, 3]
 * sobol(4, 2, { scramble: false }).toArray();  // [[0, 0], [0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]
 */
export function sobol(rows: number, dimensions: number, options: SobolOptions = {}): SobolPoints {
  checkNumber(rows, 'rows', { min: 1, max: 2 ** 32, integer: true });
  checkNumber(dimensions, 'dimensions', { min: 1, max: SOBOL_DIMENSIONS, integer: true });
  const { seed, scramble, first } = readOptions(sobolRows, options, 'sobol', 'sobol.');
  if (first + rows > 2 ** 32)
    fail('ERR_OPTION', `sobol: the sequence has 2^32 points, and first + rows is ${first + rows}. Take fewer rows.`);
  const data = doubles(rows * dimensions, `${rows} points of the Sobol sequence`);
  const key = derive(keyOf(seed), 'sobol');
  for (let j = 0; j < dimensions; j++) {
    const directions = directionsOf(j);
    const keyOfAxis = derive(key, j);
    let x = at(first, directions);
    for (let i = 0; i < rows; i++) {
      data[i * dimensions + j] = (scramble ? scrambled(x, keyOfAxis) : x) / 4294967296;
      // Neighbours in the order of Gray's code differ in one direction: that of the lowest 0 of the index.
      const index = first + i;
      x = (x ^ directions[31 - Math.clz32(~index & (index + 1))]!) >>> 0;
    }
  }
  return Object.assign(new Rows64(data, rows, dimensions), { notes: notesOn(first, rows) });
}

/** The point of an index, 32 bits. */
function at(index: number, directions: Uint32Array): number {
  let x = 0;
  for (let k = 0, gray = (index ^ (index >>> 1)) >>> 0; gray !== 0; k++, gray >>>= 1) if (gray & 1) x ^= directions[k]!;
  return x >>> 0;
}

/**
 * Nested uniform scrambling: each bit is flipped or not by a draw that belongs to the bits above it, so that points that share their leading bits
 * go on sharing as many, and nothing else. Intervals between dyadic numbers are thus permuted, level by level.
 */
function scrambled(x: number, [key0, key1]: Key): number {
  let flips = 0;
  for (let level = 0; level < 32; level++) {
    // The path from the root of a binary tree to this bit, with a 1 in front: 1 for the first, then 2 and 3, …
    const node = level === 0 ? 1 : ((1 << level) | (x >>> (32 - level))) >>> 0;
    flips |= (bits(key0, key1, node) >>> 31) << (31 - level);
  }
  return (x ^ flips) >>> 0;
}

function notesOn(first: number, rows: number): readonly string[] {
  const whole = Number.isInteger(Math.log2(rows)) && first % rows === 0;
  if (whole || (first > 0 && Number.isInteger(Math.log2(first + rows)))) return [];
  const next = 2 ** Math.ceil(Math.log2(rows));
  return [
    `${rows} points from number ${first} on are not balanced: take a power of two of them, such as ${next}, from a multiple of it on.`,
  ];
}

/** Degree and middle coefficients of a primitive polynomial over two elements, and initial numbers m: of dimensions 2 to 32, one after the other. */
const JOE_KUO =
  '1 0 1|2 1 1 3|3 1 1 3 1|3 2 1 1 1|4 1 1 1 3 3|4 4 1 3 5 13|5 2 1 1 5 5 17|5 4 1 1 5 5 5|5 7 1 1 7 11 19|5 11 1 1 5 1 1|5 13 1 1 1 3 11|' +
  '5 14 1 3 5 5 31|6 1 1 3 3 9 7 49|6 13 1 1 1 15 21 21|6 16 1 3 1 13 27 49|6 19 1 1 1 15 7 5|6 22 1 3 1 15 13 25|6 25 1 1 5 5 19 61|' +
  '7 1 1 3 7 11 23 15 103|7 4 1 3 7 13 13 15 69|7 7 1 1 3 13 7 35 63|7 8 1 3 5 9 1 25 53|7 14 1 3 1 13 9 35 107|7 19 1 3 1 5 27 61 31|' +
  '7 21 1 1 5 11 19 41 61|7 28 1 3 5 3 3 13 69|7 31 1 1 7 13 1 19 1|7 32 1 3 7 5 13 19 59|7 37 1 1 3 9 25 29 41|7 41 1 3 5 13 23 1 55|' +
  '7 42 1 3 7 3 13 59 17';

/** The 32 direction numbers of a dimension, from 0; of the first they are 1/2, 1/4, … */
function directionsOf(dimension: number): Uint32Array {
  const directions = Uint32Array.from({ length: 32 }, (_, k) => 2 ** (31 - k));
  if (dimension === 0) return directions;
  const [degree = 0, coefficients = 0, ...initial] = JOE_KUO.split('|')[dimension - 1]!.split(' ').map(Number);
  for (let k = 0; k < 32; k++) {
    if (k < degree) directions[k] = initial[k]! * 2 ** (31 - k);
    else {
      let v = directions[k - degree]! ^ (directions[k - degree]! >>> degree);
      for (let q = 1; q < degree; q++) if ((coefficients >>> (degree - 1 - q)) & 1) v ^= directions[k - q]!;
      directions[k] = v;
    }
  }
  return directions;
}
