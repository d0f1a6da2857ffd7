// A process that does trials with no queue: what two workers can reach at most.

import './relaxed.js';
import { MLPClassifier } from '../../dist/index.js';
import { here } from '../../dist/search.js';
import { searched } from './queueProcesses.js';

/** Trials of a tenth of a second. */
export const slow = new MLPClassifier({
  ...{ hiddenLayers: [64, 64], epochs: 80, batchSize: 16 },
  ...{ earlyStopping: false, onWarning: false, seed: 1 },
});
export const samples = 1000;

/** Candidates that nobody has tried yet, all of them as much work: rates that hardly differ. */
export const rates = (first) => ({
  settings: { first },
  propose: ({ round, size }) =>
    Array.from({ length: size }, (_, i) => ({ learningRate: 0.01 + 1e-7 * (first + round * size + i) })),
});

process.on('message', async ({ first, trials }) => {
  await searched(slow, samples, trials, { sampler: rates(first), runner: here() });
  process.send(trials);
});
