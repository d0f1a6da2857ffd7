// The error function and its relations against values to more digits: mpmath, Python's math and decimal modules.

import { describe, expect, test } from 'vitest';
import { erf, erfc, normalDistribution, sigmoid, softplus } from '../../src/data/special.js';

/** Relative distance; 0 to 0 is 0. */
const apart = (got: number, value: number) => (got === value ? 0 : Math.abs((got - value) / value));

describe('special functions', () => {
  test('erfc has relative error below 1e-15 in both tails', () => {
    // From mpmath.
    const known: [number, number][] = [
      [-3, 1.9999779095030015],
      [-1, 1.8427007929497148],
      [-0.5, 1.5204998778130465],
      [0, 1],
      [1e-9, 0.99999999887162083],
      [0.5, 0.4795001221869535],
      [0.84375, 0.23277433876765838],
      [1, 0.15729920705028513],
      [1.25, 0.07709987174354177],
      [2, 0.004677734981047266],
      [2.9, 4.109787809945886e-5],
      [5, 1.5374597944280349e-12],
      [10, 2.088487583762545e-45],
      [26, 5.663192408856143e-296],
    ];
    for (const [x, value] of known) expect(Math.abs(erfc(x) - value) / value, `erfc(${x})`).toBeLessThan(1e-15);
    expect([erfc(Infinity), erfc(-Infinity), erfc(NaN), erfc(30)]).toEqual([0, 2, NaN, 0]);
  });

  test('erf has relative error below 1e-15, near 0 too, and is odd', () => {
    const known: [number, number][] = [
      [1e-9, 1.1283791670955127e-9],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [3, 0.9999779095030014],
    ];
    for (const [x, value] of known) {
      expect(apart(erf(x), value), `erf(${x})`).toBeLessThan(1e-15);
      expect(erf(-x)).toBe(-erf(x));
    }
    expect([erf(0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, 1, -1, NaN]);
  });

  test('the normal distribution has relative error below 1e-14 as far as doubles reach', () => {
    const known: [number, number][] = [
      [-37.5, 4.605353009581715e-308],
      [-10, 7.619853024160498e-24],
      [-3, 0.001349898031630093],
      [0, 0.5],
      [1, 0.841344746068543],
      [5, 0.9999997133484281],
    ];
    // z / sqrt(2) is rounded: half an ulp of z^2 / 2 in the exponent of the tail.
    for (const [z, value] of known) expect(apart(normalDistribution(z), value), `z = ${z}`).toBeLessThan(1e-15 * (2 + z * z));
    expect([normalDistribution(-Infinity), normalDistribution(Infinity), normalDistribution(NaN)]).toEqual([0, 1, NaN]);
  });

  test('sigmoid and softplus have relative error below 1e-15 and never overflow', () => {
    const known: [number, number, number][] = [
      [-700, 9.85967654375977e-305, 9.85967654375977e-305],
      [-40, 4.248354255291589e-18, 4.248354255291589e-18],
      [-3, 0.04742587317756678, 0.04858735157374206],
      [0, 0.5, 0.6931471805599453],
      [1e-9, 0.50000000025, 0.6931471810599453],
      [2.5, 0.9241418199787564, 2.5788897342925496],
      [36, 0.9999999999999998, 36],
      [700, 1, 700],
    ];
    for (const [z, s, plus] of known) {
      expect(apart(sigmoid(z), s), `sigmoid(${z})`).toBeLessThan(1e-15);
      expect(apart(softplus(z), plus), `softplus(${z})`).toBeLessThan(1e-15);
    }
    expect([-Infinity, Infinity, NaN].map(sigmoid)).toEqual([0, 1, NaN]);
    expect([-Infinity, Infinity, NaN].map(softplus)).toEqual([0, Infinity, NaN]);
  });
});
