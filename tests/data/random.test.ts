import { describe, expect, test } from 'vitest';
import { bits, derive, keyOf, mix, Random } from '../../src/data/random.js';
import { codeOf } from '../support/errors.js';

/** Pearson's chi-square of counts against equal expectation, as standard deviations from its mean. */
function surprise(counts: ArrayLike<number>): number {
  const cells = counts.length;
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const expected = total / cells;
  const chi = Array.from(counts).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chi - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

// Seeds are fixed, so these pass or fail for ever; 4 standard deviations is what a good generator stays within.
const LIMIT = 4;

describe('random', () => {
  test('every byte of a word is uniform', () => {
    const random = new Random(1);
    const counts = [0, 1, 2, 3].map(() => new Uint32Array(256));
    for (let i = 0; i < 200_000; i++) {
      const word = random.next();
      for (let byte = 0; byte < 4; byte++) counts[byte]![(word >>> (8 * byte)) & 255]!++;
    }
    for (const count of counts) expect(Math.abs(surprise(count))).toBeLessThan(LIMIT);
  });

  test('consecutive words are independent: pairs of their top bits fill the square evenly', () => {
    for (const lag of [1, 2, 64]) {
      const random = new Random(2);
      const words = Array.from({ length: 200_000 }, () => random.next());
      const counts = new Uint32Array(1024);
      for (let i = lag; i < words.length; i++) counts[((words[i - lag]! >>> 27) << 5) | (words[i]! >>> 27)]!++;
      expect(Math.abs(surprise(counts))).toBeLessThan(LIMIT);
    }
  });

  test('one flipped bit of the counter or of a key flips about half of the word (avalanche)', () => {
    const trials = 2000;
    for (let bit = 0; bit < 32; bit++) {
      const flips = [0, 0, 0];
      for (let i = 0; i < trials; i++) {
        const [a, b] = derive([i, 77], 'avalanche');
        const word = bits(a, b, i);
        flips[0]! += ones(word ^ bits(a, b, i ^ (1 << bit)));
        flips[1]! += ones(word ^ bits(a ^ (1 << bit), b, i));
        flips[2]! += ones(word ^ bits(a, b ^ (1 << bit), i));
      }
      for (const count of flips) expect(Math.abs(count / (32 * trials) - 0.5)).toBeLessThan(0.02);
    }
  });

  test('uniform numbers lie in [0, 1), with mean 1/2 and variance 1/12', () => {
    const random = new Random(3);
    const n = 200_000;
    let sum = 0;
    let squares = 0;
    const counts = new Uint32Array(100);
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      if (!(u >= 0 && u < 1)) throw new Error(`out of range: ${u}`);
      sum += u;
      squares += (u - 0.5) ** 2;
      counts[Math.floor(100 * u)]!++;
    }
    expect(sum / n).toBeCloseTo(0.5, 2);
    expect(squares / n).toBeCloseTo(1 / 12, 3);
    expect(Math.abs(surprise(counts))).toBeLessThan(LIMIT);
  });

  test('normal numbers have mean 0, deviation 1, no skew, kurtosis 3, and the right share beyond 2', () => {
    const random = new Random(4);
    const n = 200_000;
    const moments = [0, 0, 0, 0];
    let beyond = 0;
    for (let i = 0; i < n; i++) {
      const z = random.normal();
      for (let power = 0; power < 4; power++) moments[power]! += z ** (power + 1) / n;
      if (Math.abs(z) > 2) beyond++;
    }
    expect(moments[0]).toBeCloseTo(0, 1);
    expect(Math.abs(moments[0]!)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(moments[1]! - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moments[2]!)).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moments[3]! - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    expect(beyond / n).toBeCloseTo(0.0455, 2);
  });

  test('below(n) is uniform for every small n, powers of two or not', () => {
    for (const n of [1, 2, 3, 5, 7, 10, 16, 100]) {
      const random = new Random(5, n);
      const counts = new Uint32Array(n);
      for (let i = 0; i < 50_000; i++) counts[random.below(n)]!++;
      if (n > 1) expect(Math.abs(surprise(counts))).toBeLessThan(LIMIT);
    }
    for (const n of [0, -1, 1.5, Number.NaN]) expect(codeOf(() => new Random(5).below(n))).toBe('ERR_OPTION');
    expect(new Random(5).below(2 ** 40)).toBeLessThan(2 ** 40);
  });

  test('all 24 orders of four items are equally likely', () => {
    const counts = new Map<string, number>();
    const random = new Random(6);
    for (let i = 0; i < 48_000; i++) {
      const order = random.permutation(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.abs(surprise([...counts.values()]))).toBeLessThan(LIMIT);
  });

  test.each([0, 1, 2, 3, 9, 1000, 70_000])(
    'a shuffle of %i items swaps with below(n), as Fisher and Yates do, also where the counter begins anew',
    (count) => {
      for (const position of [0, 5, 2 ** 32 - 2 * count, 2 ** 32 + 7]) {
        const random = new Random(3, 'order');
        const other = new Random(3, 'order');
        random.position = other.position = position;
        const expected = Array.from({ length: count }, (_, i) => i);
        for (let n = count; n > 1; n--) {
          const j = other.below(n);
          [expected[n - 1], expected[j]] = [expected[j]!, expected[n - 1]!];
        }
        expect([...random.permutation(count)]).toEqual(expected);
        expect(random.position).toBe(other.position);
      }
    },
  );

  test('a shuffle keeps every item and returns the array it was given', () => {
    const items = Array.from({ length: 1000 }, (_, i) => i);
    const same = new Random(8).shuffle(items);
    expect(same).toBe(items);
    expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  test('streams of different purposes and seeds are independent', () => {
    const streams = [
      new Random(0, 'split'),
      new Random(0, 'weights'),
      new Random(0, 0),
      new Random(0, 1),
      new Random(0),
      new Random(1),
      new Random(-1),
      new Random(2 ** 32),
      new Random(2 ** 40 + 1),
    ];
    const n = 20_000;
    const draws = streams.map((stream) => Float64Array.from({ length: n }, () => stream.uniform() - 0.5));
    for (let i = 0; i < draws.length; i++)
      for (let j = 0; j < i; j++) {
        let product = 0;
        for (let k = 0; k < n; k++) product += 12 * draws[i]![k]! * draws[j]![k]!;
        expect(Math.abs(product / Math.sqrt(n))).toBeLessThan(LIMIT); // a correlation of 0 within 4 / sqrt(n)
      }
  });

  test('keys of many seeds and purposes do not collide', () => {
    const keys = new Set<string>();
    for (let seed = 0; seed < 500; seed++)
      for (const purpose of ['a', 'b', 'ab', 'ba', '', 'layers.0.weight', 'layers.1.weight', 0, 1, 10])
        keys.add(derive(keyOf(seed), purpose).join());
    expect(keys.size).toBe(500 * 10);
  });

  test('key and position are the whole state, also past 2^32 words', () => {
    const first = new Random(9, 'state');
    for (let i = 0; i < 10; i++) first.next();
    const second = new Random(first.key);
    second.position = first.position;
    expect(second.next()).toBe(first.next());

    const far = new Random(9, 'state');
    far.position = 2 ** 32 - 1;
    const last = far.next();
    const next = far.next();
    expect(next).not.toBe(new Random(9, 'state').next());
    far.position = 2 ** 32 - 1;
    expect([far.next(), far.next()]).toEqual([last, next]);
  });

  test('fault 68: the same seed twice gives the same numbers', () => {
    const draw = () => {
      const random = new Random(123, 'again');
      return [random.next(), random.uniform(), random.normal(), random.below(10), ...random.permutation(5)];
    };
    expect(draw()).toEqual(draw());
  });

  test('fault 69: seeds are whole numbers within 2^53, each its own stream; everything else is ERR_OPTION', () => {
    const seeds = [0, 1, -1, 4294967295, 4294967296, 2 ** 53 - 1, -(2 ** 53 - 1)];
    expect(new Set(seeds.map((seed) => new Random(seed).next())).size).toBe(seeds.length);
    for (const seed of [Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53, '1', null, undefined, true, 1n, {}])
      expect(codeOf(() => new Random(seed as number))).toBe('ERR_OPTION');
  });

  test('fault 70: a patched Math.random has no effect', () => {
    const wanted = new Random(3).normal();
    const original = Math.random;
    Math.random = () => 0;
    try {
      expect(new Random(3).normal()).toBe(wanted);
    } finally {
      Math.random = original;
    }
  });

  test('the numbers are pinned: a seed means the same in every version', () => {
    expect([0, 1, 2, 0xffffffff].map(mix)).toEqual([0, 1753845952, 3507691905, 1734902346]);
    const random = new Random(42, 'golden');
    expect(random.key).toEqual([2903159892, 139291520]);
    expect([random.next(), random.next(), random.next()]).toEqual([144721604, 965762914, 3491665433]);
    expect(random.uniform()).toBe(0.5531360608639334);
    expect(random.normal()).toBe(-0.5052061701064189);
    expect(random.below(1000)).toBe(860);
    expect([...random.permutation(8)]).toEqual([1, 2, 3, 0, 7, 5, 6, 4]);
  });
});

function ones(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}
