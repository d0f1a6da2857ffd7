// The elementary functions of the core against float64, over floats of every exponent. Bounds are those stated in
// assembly/kernels/math.ts and tanh.ts. Both builds must agree bit for bit, so one comparison with the oracle serves both.

import { describe, expect, test } from 'vitest';
import { Random, bits } from '../../src/data/random.js';
import { builds, loadProbe } from '../support/loadProbe.js';

type Sweep = (y: number, x: number, n: number) => void;
type Draw = (y: number, key0: number, key1: number, counter: number, n: number) => void;

interface Functions {
  exps: Sweep;
  expm1s: Sweep;
  logs: Sweep;
  log1ps: Sweep;
  tanhs: Sweep;
  sigmoids: Sweep;
  gelus: Sweep;
  geluTanhs: Sweep;
  silus: Sweep;
  mishes: Sweep;
  softpluses: Sweep;
  bitsOf: Draw;
  masksOf(y: number, key0: number, key1: number, counter: number, threshold: number, n: number): void;
  normalsOf: Draw;
}

const simd = loadProbe<Functions>('simd');
const relaxed = loadProbe<Functions>('relaxed');
const BLOCK = 1 << 16; // floats at a time
const X = 1 << 16;
const Y = X + 4 * BLOCK;
for (const probe of [simd, relaxed]) probe.reserve(Y + 4 * BLOCK);

/** erf in float64: a series of positive terms, e^-x^2 (2 / sqrt pi) sum of 2^n x^(2n+1) / (1 3 5 … (2n+1)). */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = 0;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf(x) to full relative accuracy: Laplace's continued fraction where the subtraction would cancel. */
function erfc(x: number): number {
  if (x < 2) return 1 - erf(x);
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** x times a factor that is 0 at -Infinity. */
const times = (x: number, factor: number) => (x === -Infinity ? -0 : x * factor);

interface Row {
  ulp: number;
  oracle: (x: number) => number;
}

const table: Record<Exclude<keyof Functions, 'bitsOf' | 'masksOf' | 'normalsOf'>, Row> = {
  exps: { ulp: 1, oracle: Math.exp },
  expm1s: { ulp: 1.7, oracle: Math.expm1 },
  logs: { ulp: 1, oracle: Math.log },
  log1ps: { ulp: 1, oracle: Math.log1p },
  tanhs: { ulp: 2, oracle: Math.tanh },
  sigmoids: { ulp: 2, oracle: sigmoid },
  gelus: { ulp: 4, oracle: (x) => times(x, erfc(-x * Math.SQRT1_2) / 2) },
  geluTanhs: { ulp: 4, oracle: (x) => times(x, sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))) },
  silus: { ulp: 4, oracle: (x) => times(x, sigmoid(x)) },
  mishes: {
    ulp: 4,
    oracle: (x) => {
      const e = Math.exp(-Math.abs(x));
      return x < 0 ? times(x, (e * (e + 2)) / (e * (e + 2) + 2)) : (x * (1 + 2 * e)) / (1 + 2 * e + 2 * e * e);
    },
  },
  softpluses: { ulp: 4, oracle: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
};

const double = new Float64Array(1);
const pattern = new Uint32Array(double.buffer);

/** |y - reference| in units in the last place of a float32 of the reference's size, 2^-149 for subnormals. */
function ulpsOff(y: number, reference: number): number {
  if (Object.is(reference, y) || reference === y) return 0;
  if (reference !== reference || y !== y) return Infinity;
  if (Math.abs(y) === Infinity && Math.fround(reference) === y) return 0;
  double[0] = reference;
  const exponent = ((pattern[1]! >>> 20) & 0x7ff) - 1023;
  const unit = 2 ** (Math.min(Math.max(exponent, -126), 127) - 23);
  // Overflow counts from where the next float would be.
  if (Math.abs(y) === Infinity && y * reference > 0) return Math.abs(2 ** 128 - Math.abs(reference)) / unit;
  return Math.abs(y - reference) / unit;
}

/** Every float32 whose bits are start, start + step, … (as unsigned numbers, below end), block by block. */
function* floats(start: number, end: number, step: number): Generator<Float32Array> {
  const block = new Float32Array(BLOCK);
  const words = new Uint32Array(block.buffer);
  for (let next = start; next < end; ) {
    let n = 0;
    for (; n < BLOCK && next < end; n++, next += step) words[n] = next;
    words.fill(words[n - 1]!, n);
    yield block;
  }
}

/** f of a block in both builds, which must agree in every bit (NaNs apart, whose bits wasm leaves open). */
function evaluate(name: keyof typeof table, x: Float32Array): Float32Array {
  const results = [simd, relaxed].map((probe) => {
    new Float32Array(probe.memory.buffer, X, x.length).set(x);
    probe[name](Y, X, (x.length + 3) & ~3);
    return new Float32Array(probe.memory.buffer, Y, x.length).slice();
  });
  const [a, b] = results as [Float32Array, Float32Array];
  const words = results.map((r) => new Uint32Array(r.buffer)) as [Uint32Array, Uint32Array];
  for (let i = 0; i < x.length; i++)
    if (words[0][i] !== words[1][i] && (a[i] === a[i] || b[i] === b[i]))
      expect.fail(`${name}(${x[i]}): ${a[i]} in the simd build, ${b[i]} in the relaxed one`);
  return a;
}

function evaluateOne(name: keyof typeof table, x: number): number {
  return evaluate(name, new Float32Array([x, x, x, x]))[0]!;
}

// Floats by their bits: the whole line in steps of a prime, then the range where something happens, more densely.
const RANGES: [start: number, end: number, step: number][] = [
  [0, 2 ** 32, 1511],
  [0x3c000000, 0x43000000, 173], // 2^-7 to 128
  [0xbc000000, 0xc3000000, 173],
];

describe.each(Object.keys(table) as (keyof typeof table)[])('%s', (name) => {
  const { ulp, oracle } = table[name];

  test(`stays within ${ulp} ulp over floats of every exponent, subnormals included, the same in both builds`, () => {
    let worst = 0;
    let at = 0;
    for (const range of RANGES) {
      for (const x of floats(...range)) {
        const y = evaluate(name, x);
        for (let i = 0; i < x.length; i++) {
          const off = ulpsOff(y[i]!, oracle(x[i]!));
          if (off > worst) {
            worst = off;
            at = x[i]!;
          }
        }
      }
    }
    expect(worst, `${name}(${at}): ${evaluateOne(name, at)} for ${oracle(at)}`).toBeLessThanOrEqual(ulp);
  });

  test('is exact at the ends: NaN, infinities, zeros, the smallest and the largest floats', () => {
    const limits: Record<keyof typeof table, [number, number, number, number]> = {
      //       -Infinity       -0          0          Infinity
      exps: [0, 1, 1, Infinity],
      expm1s: [-1, -0, 0, Infinity],
      logs: [Number.NaN, -Infinity, -Infinity, Infinity],
      log1ps: [Number.NaN, -0, 0, Infinity],
      tanhs: [-1, -0, 0, 1],
      sigmoids: [0, 0.5, 0.5, 1],
      gelus: [0, -0, 0, Infinity],
      geluTanhs: [-0, -0, 0, Infinity],
      silus: [-0, -0, 0, Infinity],
      mishes: [-0, -0, 0, Infinity],
      softpluses: [0, Math.fround(Math.LN2), Math.fround(Math.LN2), Infinity],
    };
    const [atMinusInfinity, atMinusZero, atZero, atInfinity] = limits[name];
    expect(evaluateOne(name, -Infinity)).toBe(atMinusInfinity);
    expect(evaluateOne(name, -0)).toBe(atMinusZero);
    expect(evaluateOne(name, 0)).toBe(atZero);
    expect(evaluateOne(name, Infinity)).toBe(atInfinity);
    expect(evaluateOne(name, Number.NaN)).toBeNaN();
    for (const x of [2 ** -149, 2 ** -126, 3.4028234663852886e38])
      for (const signed of [x, -x])
        expect(ulpsOff(evaluateOne(name, signed), oracle(signed)), `${name}(${signed})`).toBeLessThanOrEqual(0.51);
  });
});

test('exp underflows gradually and overflows at the right float', () => {
  expect(evaluateOne('exps', -103.97)).toBe(2 ** -149);
  expect(evaluateOne('exps', -103.98)).toBe(0);
  expect(evaluateOne('exps', Math.fround(88.72283))).toBeLessThan(Infinity);
  expect(evaluateOne('exps', Math.fround(88.72284))).toBe(Infinity);
  expect(evaluateOne('sigmoids', -100)).toBe(Math.fround(Math.exp(-100)));
  expect(evaluateOne('tanhs', 20)).toBe(1);
  expect(evaluateOne('tanhs', -20)).toBe(-1);
});

test('tanh and sigmoid never leave their range, and tanh is odd to the bit', () => {
  for (const x of floats(0, 0x7f800000, 4099)) {
    const mirrored = x.map((v) => -v);
    const y = evaluate('tanhs', x);
    const z = evaluate('tanhs', mirrored);
    for (let i = 0; i < x.length; i++) if (!(y[i]! <= 1 && y[i] === -z[i]!)) expect.fail(`tanh(${x[i]}) = ${y[i]}, ${z[i]}`);
    const s = evaluate('sigmoids', mirrored);
    for (let i = 0; i < x.length; i++) if (!(s[i]! >= 0 && s[i]! <= 0.5)) expect.fail(`sigmoid(${mirrored[i]}) = ${s[i]}`);
  }
});

describe.each(builds)('the generator on four lanes, %s', (build) => {
  const probe = build === 'simd' ? simd : relaxed;
  const words = (n: number) => new Uint32Array(probe.memory.buffer, Y, n);

  test('draws the bits of src/data/random.ts for the same key and counter', () => {
    const keys = new Random(7, 'keys');
    for (let k = 0; k < 50; k++) {
      const [key0, key1, counter] = [keys.next(), keys.next(), k === 0 ? 0xfffffffe : keys.next()]; // also across the wrap
      probe.bitsOf(Y, key0, key1, counter, 64);
      expect(Array.from(words(64))).toEqual(Array.from({ length: 64 }, (_, i) => bits(key0, key1, (counter + i) >>> 0)));
    }
  });

  test('keeps a lane of a dropout mask when its bits reach the threshold', () => {
    for (const threshold of [0, 1, 0x40000000, 0x80000000, 0xc0000001, 0xffffffff]) {
      probe.masksOf(Y, 1, 2, 3, threshold, 1024);
      const expected = Array.from({ length: 1024 }, (_, i) => (bits(1, 2, 3 + i) >= threshold ? 0xffffffff : 0));
      expect(Array.from(words(1024))).toEqual(expected);
    }
  });

  test('normal numbers are the inverse distribution function of the bits', () => {
    const n = 1 << 14;
    probe.normalsOf(Y, 11, 12, 0, n);
    const draws = new Float32Array(probe.memory.buffer, Y, n);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const u = ((bits(11, 12, i) | 0) >> 8) + 0.5;
      // Phi(draw) against the uniform number it came from, in units of the smaller tail: 4e-6 is an error of 1e-6
      // relative where the tail falls fastest (draw^2 relative), at |draw| of about 2 to 4.
      const tail = (1 - Math.abs(u) / 2 ** 23) / 2;
      const x = Math.abs(draws[i]!);
      expect(Math.abs(erfc(x * Math.SQRT1_2) / 2 / tail - 1)).toBeLessThan(4e-6 * (1 + x * x));
      expect(Math.sign(draws[i]!)).toBe(Math.sign(u));
      sum += draws[i]!;
      squares += draws[i]! ** 2;
    }
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n)); // four standard errors
    expect(Math.abs(squares / n - 1)).toBeLessThan((4 * Math.SQRT2) / Math.sqrt(n));
  });
});
