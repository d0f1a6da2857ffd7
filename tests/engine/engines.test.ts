// The script behind `npm run test:engines` reaches everything it says it does: no name of the tables is left out, every tile and a
// resumed training give the same weights.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { activationNames } from '../../src/plan/activations.js';
import { initializerNames } from '../../src/plan/initializers.js';
import { lossNames } from '../../src/plan/losses.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import type { MLPOptions } from '../../src/plan/network.js';
import * as library from '../../src/entries/index.js';
// @ts-expect-error plain JavaScript, which browsers load as it is
import { runScript } from '../engines/script.js';

test('fault 68: the script for other engines reaches every activation, loss, optimizer, initializer, layer and schedule', async () => {
  const seen: string[] = [];
  class Recording extends library.MLP {
    constructor(options: MLPOptions) {
      super(options);
      seen.push(JSON.stringify(options));
    }
  }
  const sha256 = async (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const { parts } = (await runScript({ ...library, MLP: Recording }, { sha256 })) as { parts: Record<string, string> };
  const all = seen.join('\n');
  const layers = ['dense', 'activation', 'batchNorm', 'layerNorm', 'rescale', 'embedding', 'dropout', 'noise', 'residual'];
  const schedules = [
    'step',
    'exponential',
    'inverseTime',
    'polynomial',
    'cosine',
    'cosineRestarts',
    'warmup',
    'oneCycle',
    'coslog4',
    'flatCosine',
  ];
  const names = [...activationNames, ...lossNames, ...optimizerNames, ...initializerNames, ...layers, ...schedules];
  expect([...names, 'reduceOnPlateau'].filter((name) => !all.includes(`"${name}"`))).toEqual([]);
  expect(Object.keys(parts).filter((name) => name.startsWith('wide, tile')).length).toBe(7);
  expect(parts['every layer, broken off and resumed']).toBe(parts['every layer']);
});
