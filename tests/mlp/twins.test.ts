// Training on input gradients in the core, against the baseline in float64: three hundred random networks.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { CoreBackend } from '../../src/core/backend.js';
import { resolveNetwork } from '../../src/plan/network.js';
import { copyTwin, randomTwin, twinPass, twinState } from '../support/twins.js';

const size = (values: ArrayLike<number>) => Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** The largest difference of a tensor over its own largest number plus a hundredth of the largest gradient in the network. */
function worst(actual: Map<string, ArrayLike<number>>, wanted: Map<string, ArrayLike<number>>): { error: number; where: string } {
  const largest = Math.max(0.5, ...[...wanted].map(([name, values]) => (name.includes('gradient') ? size(values) : 0)));
  let found = { error: 0, where: '' };
  for (const [name, values] of wanted) {
    const given = actual.get(name)!;
    const difference = size(Array.from(values, (v, k) => v - given[k]!));
    const error = difference / (size(values) + 0.01 * largest);
    if (!(error <= found.error)) found = { error, where: name };
  }
  return found;
}

describe('on random networks the core trains on input gradients as the baseline does', () => {
  for (const deterministic of [false, true])
    for (let from = 0; from < 300; from += 100)
      test(`networks ${from} to ${from + 99}${deterministic ? ', without fused multiply-add' : ''}`, () => {
        for (let n = from; n < from + 100; n++) {
          const { options, random } = randomTwin(n);
          const plan = resolveNetwork({ ...options, deterministic });
          const rows = [1, 2, 3, 5, 8, 9, 33][random.below(7)]!;
          const weighted = random.uniform() < 0.4;
          const core = new CoreBackend(plan);
          const exact = new PlainBackend(plan, { precision: 'float64' });
          twinState(core, rows, random);
          copyTwin(exact, core, rows);
          const { error, where } = worst(twinPass(core, rows, weighted), twinPass(exact, rows, weighted));
          expect(error, `network ${n}, ${where}`).toBeLessThan(2e-4);
        }
      });

  test('and so does the baseline in float32', () => {
    for (let n = 0; n < 100; n++) {
      const { options, random } = randomTwin(n);
      const plan = resolveNetwork(options);
      const single = new PlainBackend(plan);
      const exact = new PlainBackend(plan, { precision: 'float64' });
      twinState(single, 7, random);
      copyTwin(exact, single, 7);
      const { error, where } = worst(twinPass(single, 7, false), twinPass(exact, 7, false));
      expect(error, `network ${n}, ${where}`).toBeLessThan(2e-4);
    }
  });
});

describe('Hessians times vectors', () => {
  test('are those of the baseline in float64, on random networks', () => {
    for (let n = 0; n < 100; n++) {
      const { options, random } = randomTwin(n);
      const plan = resolveNetwork(options);
      const rows = 1 + random.below(9);
      const core = new CoreBackend(plan);
      const exact = new PlainBackend(plan, { precision: 'float64' });
      twinState(core, rows, random);
      copyTwin(exact, core, rows);
      const output = random.below(plan.outputs);
      const [actual, wanted] = [core, exact].map((backend) => {
        backend.forward(0, rows, false);
        return new Map([['products', backend.derivatives.hessianProduct(output)]]);
      });
      expect(worst(actual!, wanted!).error, `network ${n}`).toBeLessThan(2e-4);
    }
  });
});
