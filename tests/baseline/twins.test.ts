// The gradient of a loss on values and input gradients, by second-order passes in float64, against central differences of that loss.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { dense } from '../../src/plan/layers.js';
import { resolveNetwork } from '../../src/plan/network.js';
import type { Backend } from '../../src/training/backend.js';
import { Random } from '../../src/data/random.js';
import { curved, randomTwin, twinPass, twinState, wholeLoss } from '../support/twins.js';

/** The largest of |difference - gradient| / (1e-5 |gradient| + 1e-6) over all parameters and inputs: at most 1 is agreement. */
function worstDisagreement(backend: Backend, rows: number, weighted: boolean): { ratio: number; where: string } {
  const found = twinPass(backend, rows, weighted);
  let worst = { ratio: 0, where: '' };
  const compare = (gradient: number, set: (shift: number) => void, where: string) => {
    let ratio = Infinity;
    for (const h of [1e-5, 1e-6, 1e-4, 1e-7]) {
      set(h);
      const above = wholeLoss(backend, rows, weighted);
      set(-h);
      const difference = (above - wholeLoss(backend, rows, weighted)) / (2 * h);
      set(0);
      ratio = Math.min(ratio, Math.abs(difference - gradient) / (1e-5 * Math.abs(gradient) + 1e-6));
      if (ratio <= 1) break;
    }
    if (!(ratio <= worst.ratio)) worst = { ratio, where };
  };
  backend.plan.tensors.forEach(({ name, trainable }, i) => {
    if (!trainable) return;
    const values = backend.readTensor(i);
    values.forEach((w, k) => {
      const set = (shift: number) => {
        values[k] = w + shift;
        backend.writeTensor(i, values);
      };
      compare(found.get(`the gradient of ${name}`)![k]!, set, `${name}[${k}]`);
    });
  });
  const { inputs } = backend.plan;
  for (let k = 0; k < rows * inputs; k++) {
    const x = backend.x[k]!;
    const set = (shift: number) => {
      backend.x[k] = x + shift;
    };
    compare(found.get('the gradient of the inputs')![k]!, set, `x[${k}]`);
  }
  return worst;
}

describe('the gradient of a loss on values and derivatives is that of the loss', () => {
  test.each(curved)('%s', (name) => {
    const options = { inputs: 3, layers: [dense(4, { activation: name }), dense(3, { activation: name }), dense(1)] };
    const backend = new PlainBackend(resolveNetwork(options), { precision: 'float64' });
    twinState(backend, 5, new Random(1, name));
    expect(worstDisagreement(backend, 5, false)).toSatisfy(({ ratio }) => ratio <= 1);
  });

  test.each(Array.from({ length: 40 }, (_, n) => n))('random network %i', (n) => {
    const { options, random } = randomTwin(n);
    const backend = new PlainBackend(resolveNetwork(options), { precision: 'float64' });
    const rows = 1 + random.below(4);
    twinState(backend, rows, random);
    expect(worstDisagreement(backend, rows, random.uniform() < 0.4)).toSatisfy(({ ratio }) => ratio <= 1);
  });
});
