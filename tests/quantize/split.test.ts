// Units that drown the weights of all others in the next layer: made several, the network is the same, and its whole numbers are as good as
// those of networks without such a unit.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import type { FoldedDense } from '../../src/quantize/fold.js';
import { quantize } from '../../src/quantize/quantize.js';
import { splitUnits } from '../../src/quantize/split.js';

const random = new Random(5, 'split');
const normal = (length: number, factor = 1) => Float64Array.from({ length }, () => factor * random.normal());

/** x through a layer, in float64; of a bend with the slopes below 0. */
function through({ inputs, outputs, weight, bias, curve }: FoldedDense, x: ArrayLike<number>): number[] {
  return Array.from({ length: outputs }, (_, j) => {
    let sum = bias[j]!;
    for (let i = 0; i < inputs; i++) sum += weight[j * inputs + i]! * x[i]!;
    if (curve.form !== 'bend' || sum >= 0) return sum;
    return sum * curve.slopes[curve.slopes.length === 1 ? 0 : j]!;
  });
}

describe('a unit made several', () => {
  const widths = [1, 2, 3, 5, 8, 9].flatMap((units) => [1, 2, 7].map((outputs) => [units, outputs] as const));
  test.each(widths)(
    'leaves the function of %i units and %i outputs as it was, with slopes of their own too',
    (units, outputs) => {
      for (const slopes of [1, units]) {
        const before: FoldedDense = {
          kind: 'dense',
          path: 'a',
          inputs: 4,
          outputs: units,
          weight: normal(4 * units),
          bias: normal(units),
          curve: { form: 'bend', slopes: Float32Array.from({ length: slopes }, () => random.uniform()) },
        };
        const weight = normal(units * outputs);
        weight[units - 1] = 300; // of the last unit, in the first output
        const after: FoldedDense = {
          kind: 'dense',
          path: 'b',
          inputs: units,
          outputs,
          weight,
          bias: normal(outputs),
          curve: { form: 'none' },
        };
        const [first, second] = splitUnits(before, after, new Array(units).fill(1));
        expect(first.outputs).toBe(second.inputs);
        if (units > 2) expect(first.outputs).toBeGreaterThan(units);
        for (let k = 0; k < 5; k++) {
          const x = normal(4);
          const wanted = through(after, through(before, x));
          through(second, through(first, x)).forEach((y, j) => expect(y).toBeCloseTo(wanted[j]!, 9));
        }
      }
    },
  );
});

test.each(['softmax', 'logSoftmax'] as const)('is not done to units of %s, which are one function together', (form) => {
  const before: FoldedDense = {
    ...{ kind: 'dense', path: 'a', inputs: 4, outputs: 9, weight: normal(36), bias: normal(9), curve: { form } },
  };
  const weight = normal(9);
  weight[2] = 300;
  const after: FoldedDense = { ...before, path: 'b', inputs: 9, outputs: 1, weight, bias: normal(1), curve: { form: 'none' } };
  expect(splitUnits(before, after, new Array(9).fill(1))).toEqual([before, after]);
});

test('is not done to layers whose weights are of one kind, nor where many units would be needed', () => {
  const layer = (inputs: number, outputs: number, weight: Float64Array): FoldedDense => ({
    ...{ kind: 'dense', path: 'a', inputs, outputs, weight, bias: normal(outputs), curve: { form: 'none' } },
  });
  const before = layer(3, 200, normal(600));
  const usual = layer(200, 5, normal(1000));
  expect(splitUnits(before, usual, new Array(200).fill(1))).toEqual([before, usual]);
  const uneven = layer(
    200,
    5,
    normal(1000).map((w, i) => (i % 3 === 0 ? 1000 * w : w)),
  );
  expect(splitUnits(before, uneven, new Array(200).fill(1))).toEqual([before, uneven]);
});

test('a linear model that a unit carries past the others leaves their weights their steps', () => {
  const model = new MLP({ inputs: 5, layers: [dense(65, { activation: 'relu' }), dense(1)], seed: 3 });
  const parameters = model.parameters();
  const [weight, bias, last] = parameters.map(({ values }) => Float32Array.from(values));
  // The last unit: 30 + a sum of the inputs, always above 0; it counts 40 times as much as any other.
  for (let i = 0; i < 5; i++) weight![i * 65 + 64] = 3;
  bias![64] = 40;
  last![64] = 5;
  [weight!, bias!, last!].forEach((values, k) => parameters[k]!.set(values));
  const X = Array.from({ length: 300 }, () => Array.from(normal(5)));
  const small = quantize(model, X, { maxLoss: 1 });
  // Of answers that span some 100; with one scale for all weights as they are it is 2.8 and more.
  expect(small.report.largestDifference).toBeLessThan(0.6);
  expect(small.report.bits).toEqual([14, 14]);
});
