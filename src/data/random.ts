// The one source of randomness: a counter-based generator, so that the n-th number of a stream is a function of
// (seed, stream, n) and nothing else. The same mixing runs in assembly/kernels/random.ts (dropout masks), lane by
// lane. Never Math.random.

import { unsigned } from './allocate.js';
import { cosTurn, log } from './elementary.js';
import { fail, show } from '../errors.js';
import type { Option } from '../options.js';

/** 32-bit finaliser with low bias (two multiply-xorshift rounds). See: https://nullprogram.com/blog/2018/07/31/ */
export function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The generator itself: 32 random bits for a counter under a 64-bit key. */
export function bits(key0: number, key1: number, counter: number): number {
  return mix(mix((counter + key0) | 0) ^ key1) >>> 0;
}

/** The key of a named stream under a key: every purpose (layer, epoch, split, …) draws from a stream of its own. */
export function derive(key: Key, purpose: string | number): Key {
  let low = key[0];
  let high = key[1];
  const text = String(purpose);
  for (let i = 0; i < text.length; i++) {
    low = mix((low + Math.imul(text.charCodeAt(i) + 1, 0x9e3779b9)) | 0);
    high = mix((high ^ low) + 0x85ebca6b);
  }
  return [low, high];
}

export type Key = readonly [number, number];

/** Words that shuffle draws at a time. */
const ahead = new Uint32Array(512);

/** The key of a seed. Seeds are whole numbers from -(2^53 - 1) to 2^53 - 1. @throws ERR_OPTION otherwise. */
export function keyOf(seed: unknown, name = 'seed'): Key {
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed))
    fail('ERR_OPTION', `${name}: expected a whole number between -(2^53 - 1) and 2^53 - 1, got ${show(seed)}.`);
  const low = mix(seed | 0);
  const high = mix(Math.floor(seed / 4294967296) ^ 0x5bd1e995);
  return [low, mix(high ^ low)];
}

/** The row of an option that is a seed (default 0). @throws ERR_OPTION */
export const seedOption: Option<number> = (value, name) => {
  const seed = value ?? 0;
  keyOf(seed, name);
  return seed as number;
};

/**
 * A stream of random numbers. Streams of the same seed and purpose are equal, on every engine, to the last bit: number n of a stream is a function of seed,
 * purpose and n. Not for secrets.
 *
 * @example
 * const random = new Random(1, 'my shuffles');
 * random.uniform() === new Random(1, 'my shuffles').uniform();  // true
 * random.permutation(5).length;  // 5
 */
export class Random {
  /** The 64 bits that fix the sequence, as two 32-bit numbers. */
  readonly key: Key;
  /** How many 32-bit words were drawn: with the key, the whole state. */
  position = 0;

  /** A stream of random numbers from a seed (a whole number); `purpose` makes streams of one seed different. @throws ERR_OPTION for a seed that is no whole number. */
  constructor(seed: number | Key, purpose?: string | number) {
    const key = Array.isArray(seed) ? (seed as Key) : keyOf(seed);
    this.key = purpose === undefined ? key : derive(key, purpose);
  }

  /** 32 random bits, an integer in [0, 2^32). */
  next(): number {
    const n = this.position++;
    const lap = n < 4294967296 ? 0 : mix(Math.floor(n / 4294967296)); // each lap of the counter has a key of its own
    return bits(this.key[0], this.key[1] ^ lap, n >>> 0);
  }

  /** Uniform on [0, 1), 53 bits. */
  uniform(): number {
    return ((this.next() >>> 5) * 67108864 + (this.next() >>> 6)) / 9007199254740992;
  }

  /** Uniform on [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number in [0, n), without bias. @throws ERR_OPTION unless n is a whole number >= 1. */
  below(n: number): number {
    if (!(n >= 1 && Number.isSafeInteger(n))) fail('ERR_OPTION', `below: expected a whole number >= 1, got ${show(n)}.`);
    if (n > 4294967296) return Math.floor(this.uniform() * n);
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const word = this.next();
      if (word < limit) return word % n;
    }
  }

  /** Standard normal, by Box and Muller's method. */
  normal(): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()));
    return radius * cosTurn(this.uniform());
  }

  /** Shuffles in place, every order equally likely (Fisher and Yates). Returns the array. */
  shuffle<
    T extends {
      /** How many items there are. */
      length: number;
      [i: number]: unknown;
    },
  >(items: T): T {
    // An epoch draws one number for each of its rows, so this is below(n) with the position in a register. Words are drawn ahead:
    // processors then have many of them in the making at once, and find the items to swap sooner (0.6 of the time).
    let last = items.length - 1;
    let { position } = this;
    const key0 = this.key[0] | 0;
    const key1 = this.key[1] | 0;
    const near = position + 4 * items.length >= 4294967296; // the end of the counter's lap
    while (last > 0) {
      const count = Math.min(last, ahead.length);
      for (let i = 0; i < count; i++) ahead[i] = near ? this.next() : mix(mix((position++ + key0) | 0) ^ key1);
      for (let i = 0; i < count; i++) {
        const word = ahead[i]!;
        const n = last + 1;
        const j = (word - Math.imul((word / n) >>> 0, n)) >>> 0; // word % n
        if ((word - j) >>> 0 > -n >>> 0) continue; // from the last multiple of n in 2^32 on: they would favour small numbers
        const kept = items[last];
        items[last] = items[j];
        items[j] = kept;
        last--;
      }
    }
    if (!near) this.position = position;
    return items;
  }

  /** A random order of 0 … n - 1. */
  permutation(n: number): Uint32Array {
    const order = unsigned(n, `The order of ${n} rows`);
    for (let i = 0; i < n; i++) order[i] = i;
    return this.shuffle(order);
  }
}
