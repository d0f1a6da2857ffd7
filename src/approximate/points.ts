// Where a costly function is called next: evenly over the domain, at random, or around the places where the network erred most.

import type { Domain } from '../data/domain.js';
import type { Random } from '../data/random.js';
import { sobol } from '../data/sobol.js';

/** Points of the unit cube [rows][inputs] in the domain. */
function inDomain(u: Float64Array, { low, high }: Domain): Float64Array<ArrayBuffer> {
  const inputs = low.length;
  return Float64Array.from(u, (x, k) => low[k % inputs]! + (high[k % inputs]! - low[k % inputs]!) * x);
}

/** `rows` points of the Sobol sequence from number `first` on. */
export function evenly(domain: Domain, rows: number, seed: number, first: number): Float64Array<ArrayBuffer> {
  return inDomain(sobol(rows, domain.names.length, { seed, first }).data, domain);
}

/** Independent points, uniform over the domain. */
export function independently(domain: Domain, rows: number, random: Random): Float64Array<ArrayBuffer> {
  return inDomain(
    Float64Array.from({ length: rows * domain.names.length }, () => random.uniform()),
    domain,
  );
}

/** `rows` points normally scattered around `centers` in turn, each axis by `radius` of its length, mirrored into the domain. */
export function around(
  domain: Domain,
  centers: readonly Float64Array[],
  rows: number,
  radius: number,
  random: Random,
): Float64Array<ArrayBuffer> {
  const { low, high } = domain;
  const inputs = low.length;
  const out = new Float64Array(rows * inputs);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < inputs; j++) {
      const length = high[j]! - low[j]!;
      const u = (centers[i % centers.length]![j]! - low[j]!) / length + radius * random.normal();
      const folded = Math.abs(u % 2); // mirrored at 0 and at 1
      out[i * inputs + j] = low[j]! + length * (folded > 1 ? 2 - folded : folded);
    }
  return out;
}
