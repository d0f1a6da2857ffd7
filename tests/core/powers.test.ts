// The powers of beta that Adam and others keep count of: subnormal ones would slow every step, and are 0 to every weight.

import { expect, test } from 'vitest';
import { Counter } from '../../assembly/abi.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { bitsOf, regression } from '../support/models.js';

test.each(['adam', 'adamax'] as const)('%s: they become 0, and a training taken up before goes the same way', (name) => {
  const { X, y } = regression(4);
  const model = new MLP({ inputs: 4, layers: [dense(2), dense(1)], optimizer: { name, learningRate: 1e-3 }, seed: 1 });
  const train = (model: MLP, steps: number) => {
    for (let s = 0; s < steps; s++) model.trainStep(X, y);
    return model;
  };
  const file = train(model, 6700).save({ optimizer: true });
  const before = model.state().counters;
  expect(before[Counter.Power1]).toBeGreaterThan(0);
  train(model, 200);
  const { counters } = model.state();
  expect(counters[Counter.Power1]).toBe(0);
  for (const value of counters) expect(value === 0 || Math.abs(value) > 2.3e-308).toBe(true);
  expect(bitsOf(train(MLP.load(file), 200))).toEqual(bitsOf(model));
});
