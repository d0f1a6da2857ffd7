// Orders of rows, and rows by an order. Addresses are spelled out, since V8 before version 12 inlines no calls: with one for each the
// loops took twice as long.

import { bitsBy, storeMultipliers } from './random';

/**
 * A random order of 0 to n - 1 at `order`, to the bits of Random.shuffle (src/data/random.ts). Both there and at `words` is room for n
 * numbers and three more, and for eight at least. Words are drawn first, as there, and here also taken modulo the numbers left, two at a
 * time: which to swap is then known early. Constants pass through memory, where they are written first: an engine makes those that it
 * knows anew at every turn of a loop, and keeps loaded ones in registers (3.3 us for 1,000 rows in place of 4.3, Node 24).
 */
export function shuffle(order: usize, words: usize, n: i32, key0: u32, key1: u32): void {
  storeMultipliers(words);
  store<f64>(words, 4503599627370496, 8);
  store<f64>(words, 4294967296, 16);
  const first = v128.load32_splat(words);
  const second = v128.load32_splat(words, 4);
  const key0s = i32x4.splat(key0);
  const key1s = i32x4.splat(key1);
  const exact = v128.load64_splat(words, 8); // 2^52: whole numbers below it stand in the last bits of their sum with it
  const everyWord = v128.load64_splat(words, 16);
  for (let i = 0; i < n; i += 4) v128.store(order + ((i as usize) << 2), fourFrom(i));
  let drawn = 0;
  let left = n;
  while (left > 1) {
    const end = words + (((left - 1) as usize) << 2);
    for (let at = words; at < end; at += 16)
      v128.store(at, bitsBy(first, second, key0s, key1s, fourFrom(drawn + (((at - words) >> 2) as i32))));
    let sizes = f64x2.replace_lane(f64x2.splat(left as f64), 1, (left - 1) as f64);
    for (let at = words; at < end; at += 8) {
      const word = f64x2.sub(v128.or(v128.load32x2_u(at), exact), exact);
      const multiple = f64x2.mul(f64x2.floor(f64x2.div(word, sizes)), sizes);
      // From the last multiple of their size in 2^32 on words would favour small numbers: they become a number no row has.
      const useless = f64x2.gt(f64x2.add(multiple, sizes), everyWord);
      const other = v128.or(f64x2.add(f64x2.sub(word, multiple), exact), useless);
      v128.store32_lane(at, other, 0);
      v128.store32_lane(at, other, 2, 4);
      sizes = f64x2.sub(sizes, f64x2.splat(2));
    }
    for (let at = words; at < end; at += 4) {
      drawn++;
      const j = load<u32>(at);
      if (j == u32.MAX_VALUE) break; // the words behind it are for other numbers of rows now: they are drawn again
      left--;
      const last = order + ((left as usize) << 2);
      const other = order + ((j as usize) << 2);
      const row = load<i32>(last);
      store<i32>(last, load<i32>(other));
      store<i32>(other, row);
    }
  }
}

/** out[i] = source[order[i]], rows of `stride` numbers, in whole vectors, column by column of them: most networks this is for have one. */
export function gather(out: usize, source: usize, stride: i32, order: usize, rows: i32): void {
  const bytes = (stride as usize) << 2;
  const end = order + ((rows as usize) << 2);
  for (let column: usize = 0; column < bytes; column += 16) {
    let to = out + column;
    for (let at = order; at < end; at += 4) {
      v128.store(to, v128.load(source + column + load<u32>(at) * bytes));
      to += bytes;
    }
  }
}

function fourFrom(i: i32): v128 {
  return i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
}
