// The strong products against the textbook's triple loops, over every edge.

import { describe, expect, test } from 'vitest';
import { blocked, naive, type Products, type Values } from '../../src/baseline/products.js';
import { Random } from '../../src/data/random.js';

const kinds = ['forward', 'inputGradient', 'weightGradient'] as const;

/** The result, the two factors and their sizes, filled at random: what `kind` is called with. */
function operands(
  kind: (typeof kinds)[number],
  rows: number,
  inputs: number,
  outputs: number,
  seed: number,
): [Values, Values, Values] {
  const random = new Random(seed, 'products');
  const filled = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
  const sizes = {
    forward: [rows * outputs, rows * inputs, inputs * outputs],
    inputGradient: [rows * inputs, rows * outputs, inputs * outputs],
    weightGradient: [inputs * outputs, rows * inputs, rows * outputs],
  };
  return sizes[kind].map(filled) as [Values, Values, Values];
}

const run = (
  products: Products,
  kind: (typeof kinds)[number],
  [c, a, b]: [Values, Values, Values],
  rows: number,
  inputs: number,
  outputs: number,
) => {
  const result = c.slice();
  products[kind](result, a, b, rows, inputs, outputs);
  return result;
};

describe.each(kinds)('%s', (kind) => {
  test('blocked agrees with naive for every size 1..9 x 1..9 x 1..9, adding to what is there', () => {
    for (let rows = 1; rows <= 9; rows++)
      for (let inputs = 1; inputs <= 9; inputs++)
        for (let outputs = 1; outputs <= 9; outputs++) {
          const given = operands(kind, rows, inputs, outputs, 1);
          const expected = run(naive, kind, given, rows, inputs, outputs);
          const actual = run(blocked, kind, given, rows, inputs, outputs);
          // The same sums in the same order: in float64 not a bit differs.
          expect(actual, `${rows} x ${inputs} x ${outputs}`).toEqual(expected);
        }
  });

  test('blocked agrees with naive on large odd sizes, in float32 within rounding', () => {
    const [rows, inputs, outputs] = [37, 131, 67];
    const given = operands(kind, rows, inputs, outputs, 2).map((v) => Float32Array.from(v)) as [Values, Values, Values];
    const expected = run(naive, kind, given, rows, inputs, outputs);
    const actual = run(blocked, kind, given, rows, inputs, outputs);
    for (let k = 0; k < expected.length; k++) expect(Math.abs(actual[k]! - expected[k]!)).toBeLessThan(2e-5);
  });
});

test('a row multiplied alone is the same row of a batch, bit for bit, in float32', () => {
  for (const rows of [2, 3, 5, 8]) {
    const [inputs, outputs] = [11, 6];
    const [y, x, w] = operands('forward', rows, inputs, outputs, 3).map((v) => Float32Array.from(v)) as [Values, Values, Values];
    const batch = run(blocked, 'forward', [y, x, w], rows, inputs, outputs);
    for (let i = 0; i < rows; i++) {
      const own = run(
        blocked,
        'forward',
        [y.slice(i * outputs, (i + 1) * outputs), x.slice(i * inputs, (i + 1) * inputs), w],
        1,
        inputs,
        outputs,
      );
      expect(own).toEqual(batch.slice(i * outputs, (i + 1) * outputs));
    }
  }
});
