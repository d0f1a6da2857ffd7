// Many models: alive at once, more than engines allow memories, and created and dropped by the thousand.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';

const rows = (k: number) => [0, 1, 2, 3].map((i) => [((i * 7 + k) % 11) / 11, ((i * 3 + k) % 5) / 5]);
const y = [[0], [1], [1], [0]];
const make = (seed: number) =>
  new MLP({ inputs: 2, layers: [dense(5, { activation: 'tanh' }), dense(1)], optimizer: adam({ learningRate: 0.01 }), seed });
const weights = (model: MLP) => model.parameters().flatMap(({ values }) => [...values]);

test('1,000 models alive at once, trained in turn, have the bits of models trained alone', () => {
  const models = Array.from({ length: 1000 }, (_, k) => make(k));
  for (let step = 0; step < 3; step++) for (const [k, model] of models.entries()) model.trainStep(rows(k), y);
  for (const [k, model] of models.entries()) {
    const alone = make(k);
    for (let step = 0; step < 3; step++) alone.trainStep(rows(k), y);
    expect(weights(model)).toEqual(weights(alone));
  }
});

test('fault 86: models of changing shapes, created and dropped in one loop, leave memory as it was (npm run test:models: 100,000)', () => {
  const out = execFileSync(process.execPath, [join(import.meta.dirname, '../support/manyModels.mjs'), '10000'], {
    encoding: 'utf8',
  });
  const { early, late } = JSON.parse(out.trim().split('\n').at(-1)!) as { early: number; late: number };
  expect(late, out).toBeLessThan(1.3 * early + 50); // the collector's rhythm
});
