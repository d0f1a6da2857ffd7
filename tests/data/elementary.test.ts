import { describe, expect, test } from 'vitest';
import { cosTurn, exp, log, pow, sinTurn } from '../../src/data/elementary.js';
import { Random } from '../../src/data/random.js';
import { ulps } from '../support/ulps.js';

const random = new Random(7, 'elementary');

/** The largest distance to Math.* over random points. */
function worst(ours: (x: number) => number, theirs: (x: number) => number, draw: () => number, points = 100_000): number {
  let largest = 0;
  for (let i = 0; i < points; i++) {
    const x = draw();
    largest = Math.max(largest, ulps(ours(x), theirs(x)));
  }
  return largest;
}

describe('elementary functions', () => {
  test('exp is within 2 ulp of Math.exp, subnormal results included', () => {
    expect(worst(exp, Math.exp, () => random.between(-745.2, 709.78))).toBeLessThanOrEqual(2);
    expect(worst(exp, Math.exp, () => random.between(-2, 2))).toBeLessThanOrEqual(2);
    expect(worst(exp, Math.exp, () => random.between(-745.2, -700))).toBeLessThanOrEqual(2);
  });

  test('exp has the right limits', () => {
    for (const x of [0, -0, Infinity, -Infinity, NaN, -745.14, -746, -1e9, 709.79, 710, 1e9, 1e308])
      expect(exp(x)).toBe(Math.exp(x));
  });

  test('log is within 2 ulp of Math.log over all magnitudes and around 1', () => {
    expect(worst(log, Math.log, () => Math.exp(random.between(-744, 709.7)))).toBeLessThanOrEqual(2);
    expect(worst(log, Math.log, () => random.between(0.3, 3))).toBeLessThanOrEqual(2);
    expect(worst(log, Math.log, () => 1 + random.between(-1e-9, 1e-9))).toBeLessThanOrEqual(2);
    expect(worst(log, Math.log, () => random.uniform())).toBeLessThanOrEqual(2);
  });

  test('log has the right limits', () => {
    for (const x of [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308])
      expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(1);
    expect(log(0)).toBe(-Infinity);
    expect(log(1)).toBe(0);
  });

  test('exp and log undo each other', () => {
    let worstShare = 0; // of the bound
    for (let i = 0; i < 10_000; i++) {
      const x = random.between(-700, 700);
      worstShare = Math.max(worstShare, Math.abs(log(exp(x)) - x) / (4e-16 * Math.max(1, Math.abs(x))));
    }
    expect(worstShare).toBeLessThanOrEqual(1);
  });

  // One expect per test: a hundred thousand of them take seconds.
  test('pow is within 2 + 2 |y ln x| ulp for fractional exponents and |n| + 2 ulp for whole ones', () => {
    let worstShare = 0; // of the bound
    for (let i = 0; i < 50_000; i++) {
      const base = random.between(1e-3, 10);
      const exponent = random.between(-20, 20);
      const bound = 2 + 2 * Math.abs(exponent * Math.log(base));
      worstShare = Math.max(worstShare, ulps(pow(base, exponent), base ** exponent) / bound);
    }
    for (let i = 0; i < 20_000; i++) {
      const base = random.between(0.99, 1.01);
      const n = random.below(20_001) - 10_000;
      worstShare = Math.max(worstShare, ulps(pow(base, n), base ** n) / (Math.abs(n) + 2));
    }
    expect(worstShare).toBeLessThanOrEqual(1);
  });

  test('pow has the right limits and exact whole powers', () => {
    expect(pow(0, 0)).toBe(1);
    expect(pow(0, 2.5)).toBe(0);
    expect(pow(0, -0.5)).toBe(Infinity);
    expect(pow(0, -1)).toBe(Infinity);
    expect(pow(-2, 3)).toBe(-8);
    expect(pow(-2, -1)).toBe(-0.5);
    expect(pow(2, 1023)).toBe(2 ** 1023);
    expect(pow(2, -1074)).toBe(5e-324);
    expect(pow(2, 1024)).toBe(Infinity);
    expect(pow(0.5, 2000)).toBe(0);
    expect(pow(-2, 0.5)).toBeNaN();
    expect(pow(3, 20)).toBe(3486784401);
  });

  test('cosTurn and sinTurn are within 5e-16 of the circle, and exact at quarter turns', () => {
    let worstShare = 0; // of the bound
    for (let i = 0; i < 50_000; i++) {
      // Math.cos of 2 pi t is only a reference where 2 pi t is small: fold t into the first eighth of the turn.
      const t = random.between(0, 0.125);
      const cos = Math.cos(2 * Math.PI * t);
      const sin = Math.sin(2 * Math.PI * t);
      for (const turns of [0, 1, -3]) {
        const slack = 5e-16 + 2 * Math.PI * Math.abs(turns) * 2 ** -52; // t + turns is itself rounded
        const ahead = Math.max(Math.abs(cosTurn(turns + t) - cos), Math.abs(sinTurn(turns + t) - sin));
        const behind = Math.max(Math.abs(cosTurn(turns - t) - cos), Math.abs(sinTurn(turns - t) + sin));
        worstShare = Math.max(worstShare, ahead / slack, behind / slack);
      }
    }
    expect(worstShare).toBeLessThanOrEqual(1);
    expect([0, 0.25, 0.5, 0.75, 1, -0.25].map(cosTurn)).toEqual([1, 0, -1, 0, 1, 0]);
    expect([0, 0.25, 0.5, 0.75].map(sinTurn)).toEqual([0, 1, 0, -1]);
  });

  test('the bits are pinned: the same on every engine, version after version', () => {
    expect(exp(1)).toBe(2.7182818284590455);
    expect(exp(-0.37)).toBe(0.6907343306373547);
    expect(log(10)).toBe(2.302585092994046);
    expect(log(0.3)).toBe(-1.2039728043259361);
    expect(pow(1.7, 2.3)).toBe(3.388695291147646);
    expect(pow(0.999, 1000)).toBe(0.36769542477096695);
    expect(cosTurn(0.3)).toBe(-0.30901699437494734);
    expect(sinTurn(0.1)).toBe(0.587785252292473);
  });
});
