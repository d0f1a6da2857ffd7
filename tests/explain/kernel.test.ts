// The kernel of coalitions against the plain way of whole rows through the model, over everything it takes.

import { describe, expect, test } from 'vitest';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  layerNorm,
  MLP,
  prelu,
  Random,
  rescale,
  residual,
  type ActivationLike,
  type LayerSpec,
} from '../../src/entries/index.js';
import { answeredRows } from '../../src/explain/background.js';
import { wholeRows, type Answered, type Coalitions } from '../../src/explain/coalitions.js';
import { kernelCoalitions, shallowChain } from '../../src/explain/kernel.js';
import { subjectOf, type OutputOptions } from '../../src/explain/subject.js';
import { activationNames } from '../../src/plan/activations.js';

const random = (seed: number, rows: number, columns: number, spread = 1) => {
  const numbers = new Random(seed, 'kernel test');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => spread * numbers.normal()));
};

/** The worth of all coalitions of all features, summed over the background, by both; the ends are nobody's business here. */
function bothWays(model: MLP, X: number[][], background: number[][], options: OutputOptions = {}) {
  const subject = subjectOf(model, options, X, 'test');
  const [rows, unknown] = answeredRows(subject, X, background, 0);
  const kernel = kernelCoalitions(subject, unknown);
  expect(kernel).toBeDefined();
  const play = (coalitions: Coalitions) => X.map((_, i) => playAll(coalitions, rows, i, unknown, subject.groups.length));
  return [play(kernel!), play(wholeRows(subject))] as const;
}

function playAll(coalitions: Coalitions, X: Answered, i: number, background: Answered, features: number): number[] {
  const players = Array.from({ length: features }, (_, g) => g);
  const worth = new Float64Array(2 ** features);
  for (let b = 0; b < background.rows; b++) coalitions.add(X, i, background, b, players, worth);
  coalitions.settle();
  return Array.from(worth.subarray(1, worth.length - 1));
}

function expectSame([kernel, whole]: readonly [number[][], number[][]], tolerance: number): void {
  for (const [i, row] of whole.entries())
    for (const [S, value] of row.entries()) {
      const off = Math.abs(kernel[i]![S]! - value);
      expect(off / Math.max(1, Math.abs(value)), `row ${i}, coalition ${S + 1}: ${kernel[i]![S]} for ${value}`).toBeLessThan(
        tolerance,
      );
    }
}

const elementwise = activationNames.filter(
  (name) => !['softmax', 'logSoftmax', 'sign', 'step', 'prelu', 'polynomial'].includes(name),
);

describe('the kernel gives what whole rows through the model give', () => {
  test.each([...elementwise, prelu()] as ActivationLike[])('for hidden units of %s', (hidden) => {
    for (const spread of [0.3, 30]) {
      const model = new MLP({ inputs: 6, layers: [dense(11, { activation: hidden }), dense(2)], seed: 3 });
      expectSame(bothWays(model, random(1, 2, 6, spread), random(2, 3, 6, spread), { output: 1 }), 1e-6 * Math.max(2, spread));
    }
  });

  test('for 2 to 9 features, 1 to 9 units, one to three layers', () => {
    for (let features = 2; features <= 9; features++) {
      const layers: LayerSpec[] = [dense(features, { activation: 'tanh' })];
      if (features % 3 > 0) layers.push(dense(((features * 5) % 9) + 1, { activation: 'relu' }));
      if (features % 3 > 1) layers.push(dense(3, { activation: 'sigmoid' }));
      layers.push(dense(1));
      const model = new MLP({ inputs: features, layers, seed: features });
      if (shallowChain(subjectOf(model, {}, [], 'test')) === undefined) continue;
      expectSame(bothWays(model, random(3, 2, features), random(4, 3, features)), 2e-6);
    }
  });

  test('for wide layers, and for a network without a hidden one', () => {
    expectSame(
      bothWays(new MLP({ inputs: 7, layers: [dense(300, { activation: 'relu' }), dense(1)] }), random(5, 1, 7), random(6, 2, 7)),
      4e-6,
    );
    expectSame(bothWays(new MLP({ inputs: 7, layers: [dense(3)] }), random(5, 1, 7), random(6, 2, 7), { output: 2 }), 2e-6);
  });

  test('for softmax outputs as probability and as log odds, and a sigmoid as probability and logit', () => {
    for (const [units, name] of [
      [4, 'softmax'],
      [2, 'sigmoid'],
    ] as const) {
      const model = new MLP({
        inputs: 6,
        layers: [dense(9, { activation: 'tanh' }), dense(units, { activation: name })],
        seed: 2,
      });
      for (const scale of ['output', 'logit'] as const)
        expectSame(bothWays(model, random(7, 2, 6, 2), random(8, 3, 6, 2), { output: 1, scale }), 4e-6);
    }
  });

  test('for batch norm before and after the activation, rescale in front, dropout and activations of their own', () => {
    const stacks: LayerSpec[][] = [
      [dense(10, { bias: false }), batchNorm(), activation('relu'), dense(1)],
      [dense(10, { activation: 'tanh' }), batchNorm(), dropout(0.5), dense(1), batchNorm()],
      [batchNorm(), rescale({ center: 2, scale: 3 }), dense(10, { activation: 'relu' }), dense(1)].slice(1),
      [batchNorm(), dense(10, { activation: 'relu' }), dense(1)],
    ];
    for (const layers of stacks) {
      const model = new MLP({ inputs: 5, layers, seed: 1, weightAveraging: { decay: 0.9 } });
      const X = random(9, 40, 5, 2);
      model.fitSync(
        X,
        X.map((row) => [row[0]! * row[1]!]),
        { epochs: 2 },
      ); // running statistics and averages of their own
      expectSame(bothWays(model, random(10, 2, 5), random(11, 3, 5)), 5e-6);
    }
  });

  test('for net inputs beyond what exponentials hold, tanh and sigmoid', () => {
    for (const name of ['tanh', 'sigmoid'] as const) {
      const model = new MLP({ inputs: 6, layers: [dense(8, { activation: name }), dense(1)], seed: 5 });
      for (const spread of [50, 500, 1e6])
        expectSame(bothWays(model, random(12, 2, 6, spread), random(13, 3, 6, spread)), 1e-3 * Math.min(1, spread / 1e5) + 1e-5);
    }
  });
});

test('the kernel leaves to the core what is no chain of dense layers, or has little in its first layer', () => {
  const chain = (layers: LayerSpec[]) => shallowChain(subjectOf(new MLP({ inputs: 4, layers }), {}, [], 'test'));
  expect(chain([dense(8, { activation: 'relu' }), dense(1)])).toHaveLength(2);
  expect(chain([dense(64, { activation: 'relu' }), dense(64, { activation: 'relu' }), dense(1)])).toBeUndefined();
  expect(chain([dense(8), layerNorm(), dense(1)])).toBeUndefined();
  expect(chain([dense(8), residual([dense(8)]), dense(1)])).toBeUndefined();
  expect(chain([dense(8, { activation: 'softmax' }), dense(1)])).toBeUndefined();
  expect(chain([dense(8, { activation: prelu({ shared: false }) }), dense(1)])).toBeUndefined();
  expect(chain([activation('relu'), dense(8), dense(1)])).toBeUndefined();
});
