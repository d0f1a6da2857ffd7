// Normal numbers from random bits: the same formula as assembly/kernels/random.ts, so that both backends add the same noise.

import { log } from '../data/elementary.js';

// biome-ignore format: two lists of coefficients, from the highest power down
const centre = [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941];
// biome-ignore format: as above
const tail = [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682];

/**
 * A standard normal number from 32 random bits: sqrt(2) erfinv(u), u one of 2^24 equally likely places in (-1, 1), so at
 * most 5.42 in size. Relative error <= 1e-6. See: Giles, Approximating the erfinv function,
 * https://people.maths.ox.ac.uk/gilesm/files/gems_erfinv.pdf
 */
export function normal(bits: number): number {
  const u = ((bits >> 8) + 0.5) / 8388608;
  const w = -log((1 - u) * (1 + u));
  const near = w < 5;
  const x = near ? w - 2.5 : Math.sqrt(w) - 3;
  let sum = 0;
  for (const coefficient of near ? centre : tail) sum = sum * x + coefficient;
  return Math.SQRT2 * sum * u;
}
