// What the registers alone can do: the yardstick of bench/tiles.mjs. The sums at p go through x and y, themselves read at p.

import { madd } from '../../assembly/kernels/lanes';

/** Twelve multiply-adds of four lanes a turn, on twelve sums. */
export function registerPeak(p: usize, turns: i32): void {
  const x = v128.load32_splat(p),
    y = v128.load32_splat(p, 4);
  let c0 = v128.load(p),
    c1 = v128.load(p, 16),
    c2 = v128.load(p, 32),
    c3 = v128.load(p, 48);
  let c4 = v128.load(p, 64),
    c5 = v128.load(p, 80),
    c6 = v128.load(p, 96),
    c7 = v128.load(p, 112);
  let c8 = v128.load(p, 128),
    c9 = v128.load(p, 144),
    c10 = v128.load(p, 160),
    c11 = v128.load(p, 176);
  while (true) {
    c0 = madd(c0, x, y);
    c1 = madd(c1, x, y);
    c2 = madd(c2, x, y);
    c3 = madd(c3, x, y);
    c4 = madd(c4, x, y);
    c5 = madd(c5, x, y);
    c6 = madd(c6, x, y);
    c7 = madd(c7, x, y);
    c8 = madd(c8, x, y);
    c9 = madd(c9, x, y);
    c10 = madd(c10, x, y);
    c11 = madd(c11, x, y);
    if (--turns == 0) break;
    c0 = madd(c0, x, y);
    c1 = madd(c1, x, y);
    c2 = madd(c2, x, y);
    c3 = madd(c3, x, y);
    c4 = madd(c4, x, y);
    c5 = madd(c5, x, y);
    c6 = madd(c6, x, y);
    c7 = madd(c7, x, y);
    c8 = madd(c8, x, y);
    c9 = madd(c9, x, y);
    c10 = madd(c10, x, y);
    c11 = madd(c11, x, y);
    if (--turns == 0) break;
  }
  v128.store(p, c0);
  v128.store(p, c1, 16);
  v128.store(p, c2, 32);
  v128.store(p, c3, 48);
  v128.store(p, c4, 64);
  v128.store(p, c5, 80);
  v128.store(p, c6, 96);
  v128.store(p, c7, 112);
  v128.store(p, c8, 128);
  v128.store(p, c9, 144);
  v128.store(p, c10, 160);
  v128.store(p, c11, 176);
}

/** Twenty-four a turn, in adjacent pairs: for V8's 256-bit pass, which makes them twelve of eight lanes. */
export function registerPeakWide(p: usize, turns: i32): void {
  const x = v128.load32_splat(p),
    y = v128.load32_splat(p, 4);
  let c0 = v128.load(p),
    c1 = v128.load(p, 16),
    c2 = v128.load(p, 32),
    c3 = v128.load(p, 48);
  let c4 = v128.load(p, 64),
    c5 = v128.load(p, 80),
    c6 = v128.load(p, 96),
    c7 = v128.load(p, 112);
  let c8 = v128.load(p, 128),
    c9 = v128.load(p, 144),
    c10 = v128.load(p, 160),
    c11 = v128.load(p, 176);
  let c12 = v128.load(p, 192),
    c13 = v128.load(p, 208),
    c14 = v128.load(p, 224),
    c15 = v128.load(p, 240);
  let c16 = v128.load(p, 256),
    c17 = v128.load(p, 272),
    c18 = v128.load(p, 288),
    c19 = v128.load(p, 304);
  let c20 = v128.load(p, 320),
    c21 = v128.load(p, 336),
    c22 = v128.load(p, 352),
    c23 = v128.load(p, 368);
  while (true) {
    c0 = madd(c0, x, y);
    c1 = madd(c1, x, y);
    c2 = madd(c2, x, y);
    c3 = madd(c3, x, y);
    c4 = madd(c4, x, y);
    c5 = madd(c5, x, y);
    c6 = madd(c6, x, y);
    c7 = madd(c7, x, y);
    c8 = madd(c8, x, y);
    c9 = madd(c9, x, y);
    c10 = madd(c10, x, y);
    c11 = madd(c11, x, y);
    c12 = madd(c12, x, y);
    c13 = madd(c13, x, y);
    c14 = madd(c14, x, y);
    c15 = madd(c15, x, y);
    c16 = madd(c16, x, y);
    c17 = madd(c17, x, y);
    c18 = madd(c18, x, y);
    c19 = madd(c19, x, y);
    c20 = madd(c20, x, y);
    c21 = madd(c21, x, y);
    c22 = madd(c22, x, y);
    c23 = madd(c23, x, y);
    if (--turns == 0) break;
    c0 = madd(c0, x, y);
    c1 = madd(c1, x, y);
    c2 = madd(c2, x, y);
    c3 = madd(c3, x, y);
    c4 = madd(c4, x, y);
    c5 = madd(c5, x, y);
    c6 = madd(c6, x, y);
    c7 = madd(c7, x, y);
    c8 = madd(c8, x, y);
    c9 = madd(c9, x, y);
    c10 = madd(c10, x, y);
    c11 = madd(c11, x, y);
    c12 = madd(c12, x, y);
    c13 = madd(c13, x, y);
    c14 = madd(c14, x, y);
    c15 = madd(c15, x, y);
    c16 = madd(c16, x, y);
    c17 = madd(c17, x, y);
    c18 = madd(c18, x, y);
    c19 = madd(c19, x, y);
    c20 = madd(c20, x, y);
    c21 = madd(c21, x, y);
    c22 = madd(c22, x, y);
    c23 = madd(c23, x, y);
    if (--turns == 0) break;
  }
  v128.store(p, c0);
  v128.store(p, c1, 16);
  v128.store(p, c2, 32);
  v128.store(p, c3, 48);
  v128.store(p, c4, 64);
  v128.store(p, c5, 80);
  v128.store(p, c6, 96);
  v128.store(p, c7, 112);
  v128.store(p, c8, 128);
  v128.store(p, c9, 144);
  v128.store(p, c10, 160);
  v128.store(p, c11, 176);
  v128.store(p, c12, 192);
  v128.store(p, c13, 208);
  v128.store(p, c14, 224);
  v128.store(p, c15, 240);
  v128.store(p, c16, 256);
  v128.store(p, c17, 272);
  v128.store(p, c18, 288);
  v128.store(p, c19, 304);
  v128.store(p, c20, 320);
  v128.store(p, c21, 336);
  v128.store(p, c22, 352);
  v128.store(p, c23, 368);
}
