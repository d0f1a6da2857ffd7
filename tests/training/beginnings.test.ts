// How networks start when nobody says: they must learn on raw inputs.

import { describe, expect, test } from 'vitest';
import { spirals } from '../../src/data/datasets.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';

const { X, y } = spirals({ samples: 400, noise: 0.1, seed: 1 });

describe.each(['tanh', 'softsign', 'relu', 'silu', 'gelu'] as const)('two spirals, 2-32-32-1 %s, raw inputs', (activation) => {
  test('are told apart from every seed by default', { timeout: 60_000 }, () => {
    for (const seed of [0, 1, 2]) {
      const model = new MLP({
        inputs: 2,
        layers: [dense(32, { activation }), dense(32, { activation }), dense(1, { activation: 'sigmoid' })],
        loss: 'binaryCrossEntropy',
        optimizer: adam({ learningRate: 0.01 }),
        metrics: ['accuracy'],
        seed,
      });
      model.fitSync(X, y, { epochs: 200 });
      expect(model.evaluate(X, y).accuracy, `seed ${seed}`).toBeGreaterThan(0.88);
    }
  });
});

test('biases start near 0 in hidden layers of tanh and softsign, at 0 in others, in the last layer and as frameworks have it', () => {
  const biases = (options: object) => {
    const layers = ['tanh', 'softsign', 'sigmoid', 'relu', 'tanh'].map((activation) =>
      dense(16, { activation: activation as 'tanh' }),
    );
    const model = new MLP({ inputs: 4, layers, ...options });
    return model
      .parameters()
      .filter(({ name }) => name.endsWith('bias'))
      .map(({ values }) => Math.max(...values.map(Math.abs)));
  };
  const [tanh, softsign, ...others] = biases({});
  // U(-1 / sqrt(inputs), 1 / sqrt(inputs)) of 4 and 16 inputs: the largest of 16 draws is above half of that but for one time in 65,000.
  expect(tanh).toBeGreaterThan(0.25);
  expect(tanh).toBeLessThanOrEqual(0.5);
  expect(softsign).toBeGreaterThan(0.125);
  expect(softsign).toBeLessThanOrEqual(0.25);
  expect(others).toEqual([0, 0, 0]);
  expect(biases({ compat: 'keras' })).toEqual([0, 0, 0, 0, 0]);
});
