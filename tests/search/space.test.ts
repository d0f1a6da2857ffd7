// Spaces: what each range means, and how mistakes in one are named.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import {
  makeCandidate,
  drawValue,
  exists,
  indexOf,
  readSpace,
  valueAt,
  valueAtIndex,
  type Parameter,
} from '../../src/search/space.js';
import { refusal } from '../support/errors.js';

const one = (range: unknown): Parameter => readSpace({ p: range })[0]!;
const message = (space: unknown) => {
  const error = refusal(() => readSpace(space));
  expect(error.code).toBe('ERR_OPTION');
  return error.message;
};
const values = (range: unknown) => {
  const parameter = one(range);
  return Array.from({ length: parameter.count }, (_, i) => valueAtIndex(parameter, i));
};

describe('a range', () => {
  test('of a list has the values of the list, also when it is called categorical', () => {
    expect(values(['relu', 'tanh'])).toEqual(['relu', 'tanh']);
    expect(values({ categorical: [[16], [64, 32]] })).toEqual([[16], [64, 32]]);
  });

  test('of whole numbers has both limits', () => {
    expect(values({ integer: [-1, 2] })).toEqual([-1, 0, 1, 2]);
    expect(values({ integer: [3, 3] })).toEqual([3]);
    expect(values({ logInteger: [1, 4] })).toEqual([1, 2, 3, 4]);
  });

  test('with a step has the numbers that steps from the lower limit meet, without the last places of a sum', () => {
    expect(values({ uniform: [0, 0.5], step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(values({ integer: [4, 15], step: 4 })).toEqual([4, 8, 12]);
    expect(values({ uniform: [0, 0.25], step: 0.1 })).toEqual([0, 0.1, 0.2]);
    expect(values({ uniform: [0, 1], step: 5 })).toEqual([0]);
  });

  test.each([
    [{ uniform: [-3, 5] }, (u: number) => -3 + 8 * u],
    [{ logUniform: [1e-4, 1] }, (u: number) => 10 ** (4 * (u - 1))],
  ])('without steps is the inverse of its distribution: %o', (range, expected) => {
    for (const u of [0, 0.1, 0.5, 0.999]) expect(valueAt(one(range), u)).toBeCloseTo(expected(u), 12);
  });

  test('takes equal parts of the line for each of its values', () => {
    for (const range of [['a', 'b', 'c'], { integer: [5, 7] }, { uniform: [0, 1], step: 0.5 }]) {
      const parameter = one(range);
      const drawn = [0, 0.33, 0.34, 0.66, 0.67, 1 - 2 ** -53].map((u) => indexOf(parameter, valueAt(parameter, u)));
      expect(drawn).toEqual([0, 0, 1, 1, 2, 2]);
    }
  });

  test('of logarithms of whole numbers makes doublings equally likely, and never leaves its limits', () => {
    const parameter = one({ logInteger: [1, 127] });
    const random = new Random(1);
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < 8000; i++) {
      const value = drawValue(parameter, random) as number;
      expect(Number.isInteger(value) && value >= 1 && value <= 127).toBe(true);
      counts[Math.floor(Math.log2(value + 0.5))]!++;
    }
    // From 2 on, [2^k, 2^(k+1) - 1] has the part from 2^k - 1/2 to 2^(k+1) - 1/2 of the line from 1/2 to 127.5. Five standard deviations.
    const line = Math.log(127.5 / 0.5);
    for (let k = 1; k < 7; k++) {
      const share = Math.log((2 ** (k + 1) - 0.5) / (2 ** k - 0.5)) / line;
      expect(Math.abs(counts[k]! - 8000 * share)).toBeLessThan(5 * Math.sqrt(8000 * share * (1 - share)));
    }
  });

  test('has an index for each value, and none for others', () => {
    const layers = one([[16], [64, 32], { name: 'adam', beta1: 0.9 }]);
    expect(indexOf(layers, [64, 32])).toBe(1);
    expect(indexOf(layers, { beta1: 0.9, name: 'adam' })).toBe(2); // members in another order
    expect(indexOf(layers, [64])).toBe(-1);
    expect(indexOf(one({ uniform: [0, 1], step: 0.1 }), 0.3)).toBe(3);
    expect(indexOf(one({ integer: [0, 9] }), 10)).toBe(-1);
    expect(indexOf(one({ integer: [0, 9] }), 'a')).toBe(-1);
  });
});

describe('a condition', () => {
  const space = {
    momentum: { uniform: [0, 1], when: { optimizer: ['sgd'] } },
    nesterov: { categorical: [true, false], when: { momentum2: [0.5, 1] } },
    momentum2: { uniform: [0, 1], step: 0.5, when: { optimizer: ['sgd', 'lion'] } },
    optimizer: ['sgd', 'adam', 'lion'],
  };
  const parameters = readSpace(space);

  test('puts a parameter after those that it depends on, and the rest in the order they are written in', () => {
    expect(parameters.map(({ name }) => name)).toEqual(['optimizer', 'momentum', 'momentum2', 'nesterov']);
  });

  test('leaves a parameter out unless every parameter it names exists and has one of the values', () => {
    const made = (choices: Record<string, number | string | boolean>) => makeCandidate(parameters, ({ name }) => choices[name]!);
    const all = { momentum: 0.25, momentum2: 0.5, nesterov: true };
    expect(made({ ...all, optimizer: 'adam' })).toEqual({ optimizer: 'adam' });
    expect(made({ ...all, optimizer: 'sgd' })).toEqual({ optimizer: 'sgd', ...all });
    expect(made({ ...all, optimizer: 'lion', momentum2: 0 })).toEqual({ optimizer: 'lion', momentum2: 0 });
    expect(exists(parameters[3]!, parameters, { optimizer: 'adam' })).toBe(false);
  });

  test('is refused where it names a parameter or a value that there is not, a range of any number, or itself', () => {
    const optimizer = ['sgd', 'adam'];
    expect(message({ optimizer, m: { uniform: [0, 1], when: { optimiser: ['sgd'] } } })).toMatch(
      /space\.m\.when: unknown parameter "optimiser"\. Did you mean "optimizer"\?/,
    );
    expect(message({ optimizer, m: { uniform: [0, 1], when: { optimizer: ['sgdd'] } } })).toMatch(
      /space\.m\.when\.optimizer\[0\]: "sgdd" is no value of optimizer/,
    );
    expect(message({ r: { uniform: [0, 1] }, m: { uniform: [0, 1], when: { r: [0.5] } } })).toMatch(
      /needs a list, whole numbers or a step/,
    );
    expect(message({ optimizer, m: { uniform: [0, 1], when: { optimizer: 'sgd' } } })).toMatch(
      /expected a list of values, such as/,
    );
    expect(message({ optimizer, m: { uniform: [0, 1], when: { optimizer: [] } } })).toMatch(/got none/);
    expect(message({ optimizer, m: { uniform: [0, 1], when: {} } })).toMatch(/space\.m\.when: expected lists of values/);
    expect(message({ a: { categorical: [1, 2], when: { b: [1] } }, b: { categorical: [1, 2], when: { a: [1] } } })).toMatch(
      /conditions go in a circle among a, b/,
    );
    expect(message({ a: { categorical: [1, 2], when: { a: [1] } } })).toMatch(/conditions go in a circle among a/);
  });
});

describe('mistakes are named', () => {
  test.each([
    [null, /space: expected an object of ranges/],
    [[1], /space: expected an object of ranges/],
    [{}, /space: names no parameter/],
    [{ p: 3 }, /space\.p: expected a list of values or an object with one of categorical, uniform/],
    [{ p: [] }, /space\.p: expected a list of values to try, got none/],
    [{ p: { categorical: 'relu' } }, /space\.p: expected a list of values to try, got "relu"/],
    [{ p: { unifrom: [0, 1] } }, /unknown kind of range "unifrom"\. Did you mean "uniform"\?/],
    [{ p: { uniform: [0, 1], integer: [0, 1] } }, /one of categorical, uniform/],
    [{ p: { uniform: [0, 1], setp: 0.1 } }, /unknown option "setp"\. Did you mean "step"\?/],
    [{ p: { logUniform: [1, 2], step: 1 } }, /unknown option "step"/],
    [{ p: { uniform: [0] } }, /space\.p\.uniform: expected the two limits/],
    [{ p: { uniform: [0, 1, 2] } }, /expected the two limits/],
    [{ p: { uniform: [1, 0] } }, /the range \[1, 0\] is empty/],
    [{ p: { uniform: [0, Number.NaN] } }, /space\.p\.uniform\[1\]: expected a number/],
    [{ p: { uniform: [0, Infinity] } }, /space\.p\.uniform\[1\]/],
    [{ p: { uniform: [-1.5e308, 1.5e308] } }, /too wide a range/],
    [{ p: { uniform: ['0', 1] } }, /space\.p\.uniform\[0\]: expected a number .*got "0"/],
    [{ p: { logUniform: [0, 1] } }, /space\.p\.logUniform\[0\]: a logarithm needs limits > 0, got 0/],
    [{ p: { logInteger: [-3, 8] } }, /a logarithm needs limits > 0, got -3/],
    [{ p: { logInteger: [0.5, 8] } }, /space\.p\.logInteger\[0\]: expected a whole number/],
    [{ p: { integer: [0, 1.5] } }, /space\.p\.integer\[1\]: expected a whole number/],
    [{ p: { integer: [0, 4], step: 0.5 } }, /space\.p\.step: expected a whole number/],
    [{ p: { uniform: [0, 1], step: 0 } }, /space\.p\.step: expected a number > 0/],
    [{ p: { uniform: [0, 1], step: 1e-300 } }, /more values/],
    [{ p: [() => 1] }, /space\.p\[0\]: expected plain data/],
    [{ p: [Number.NaN] }, /space\.p\[0\]: expected plain data/],
    [{ p: [undefined] }, /space\.p\[0\]: expected plain data/],
    [{ p: [new Map()] }, /space\.p\[0\]: expected plain data/],
    [{ p: [[1, new Date()]] }, /space\.p\[0\]: expected plain data/],
    [JSON.parse('{"__proto__": [1]}'), /cannot be called __proto__/],
  ])('%o', (space, expected) => {
    expect(message(space)).toMatch(expected);
  });
});
