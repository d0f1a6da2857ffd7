// An epoch's order drawn in the core is that of Random.shuffle, word for word, and rows follow it whole.

import { expect, test } from 'vitest';
import { keyOf, Random } from '../../src/data/random.js';
import { MLP } from '../../src/mlp/mlp.js';
import { trainerOf } from '../../src/model/stepLoop.js';
import { dense } from '../../src/plan/layers.js';

/** A window with `rows` rows behind the first rows + 4, each of them told by its numbers. */
function window(rows: number, inputs: number, outputs: number, deterministic = false) {
  const { backend } = trainerOf(new MLP({ inputs, layers: [dense(outputs)], deterministic }));
  const kept = rows + 4;
  backend.reserve(kept + rows, 1, true);
  const { xStride, targetStride } = backend;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < inputs; j++) backend.x[(kept + i) * xStride + j] = i + j / 64;
    for (let j = 0; j < outputs; j++) backend.targets[(kept + i) * targetStride + j] = -i - j / 64;
    backend.sampleWeights[kept + i] = i + 0.5;
  }
  return { backend, kept };
}

/** Whether the rows at the start of the window are those of `order` from `from` on. */
function follows({ backend }: ReturnType<typeof window>, order: Uint32Array, inputs: number, outputs: number, weighted: boolean) {
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    for (let j = 0; j < inputs; j++) if (backend.x[i * backend.xStride + j] !== row + j / 64) return false;
    for (let j = 0; j < outputs; j++) if (backend.targets[i * backend.targetStride + j] !== -row - j / 64) return false;
    if (weighted && backend.sampleWeights[i] !== row + 0.5) return false;
  }
  return true;
}

test.each([true, false])('every size from 1 to 40 and some larger ones (deterministic: %s)', (deterministic) => {
  for (const rows of [...Array.from({ length: 40 }, (_, i) => i + 1), 511, 512, 513, 514, 1000, 1029])
    for (const [inputs, outputs] of [
      [1, 1],
      [2, 1],
      [5, 3],
      [18, 4],
    ] as const) {
      const at = window(rows, inputs, outputs, deterministic);
      for (const seed of [1, -7, 2 ** 40]) {
        at.backend.orderRows!(at.kept, rows, keyOf(seed));
        at.backend.gatherRows!(at.kept, 0, rows, true);
        const order = new Random(seed).permutation(rows);
        expect(follows(at, order, inputs, outputs, true), `${rows} rows of ${inputs} and ${outputs}, seed ${seed}`).toBe(true);
        const from = Math.floor(rows / 3);
        at.backend.gatherRows!(at.kept, from, rows - from, false);
        expect(follows(at, order.subarray(from), inputs, outputs, false), `from row ${from} of ${rows}`).toBe(true);
        at.backend.gatherRows!(at.kept, 0, rows, true); // the rows that are kept were not written to
        expect(follows(at, order, inputs, outputs, true), `again ${rows}`).toBe(true);
      }
    }
});

test('words that would favour small numbers are passed over, wherever they come', () => {
  const rows = 8000;
  const at = window(rows, 1, 1);
  for (const seed of [99, 200, 434, 592, 757]) {
    const random = new Random(seed);
    let passed = 0;
    for (let n = rows; n > 1; ) {
      if (random.next() >= 4294967296 - (4294967296 % n)) passed++;
      else n--;
    }
    expect(passed, `seed ${seed}`).toBeGreaterThan(0);
    at.backend.orderRows!(at.kept, rows, keyOf(seed));
    at.backend.gatherRows!(at.kept, 0, rows, true);
    expect(follows(at, new Random(seed).permutation(rows), 1, 1, true), `seed ${seed}`).toBe(true);
  }
});
