// Which net? Cross-validation says what a choice is worth, a random search tries many of them on all cores; its result file lets an
// interrupted search go on (run it twice: the second time everything is there already).
//
//   node examples/search.js

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crossValidate, datasets, MLPClassifier, randomSearch } from '../dist/index.js';

const { X, y } = datasets.spirals({ samples: 400, turns: 1.5, noise: 0.03, seed: 1 });

const plain = new MLPClassifier({ hiddenLayers: [8], epochs: 60, earlyStopping: false });
const { mean, deviation } = await crossValidate(plain, X, y.data, { folds: 5 });
console.log(`8 hidden units: accuracy ${mean.toFixed(3)} (deviation ${deviation.toFixed(3)} over 5 folds)`);

const space = {
  hiddenLayers: [[16], [64], [32, 32], [64, 64]],
  activation: ['relu', 'tanh', 'silu'],
  learningRate: { logUniform: [1e-3, 3e-2] },
  l2: { logUniform: [1e-6, 1e-2] },
};
const results = join(tmpdir(), 'feedforward-search.jsonl');
const { best, trials, estimator } = await randomSearch(plain, space, X, y.data, {
  trials: 12,
  folds: 3,
  seed: 1,
  results,
  onProgress: ({ done, total, bestScore }) =>
    done % 12 === 0 && console.log(`  ${done} of ${total} fits, best so far ${bestScore.toFixed(3)}`),
});

console.log('\n  accuracy  options');
for (const { mean: score, options } of [...trials].sort((a, b) => b.mean - a.mean).slice(0, 5))
  console.log(
    `  ${score.toFixed(3).padStart(8)}  ${JSON.stringify(options, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(2)) : value))}`,
  );
console.log(
  `\nthe best of ${trials.length}, fitted on all rows: ${estimator.options.activation}, ${estimator.options.hiddenLayers.join('-')}, ${estimator.epochs} epochs (cross-validated ${best.mean.toFixed(3)})`,
);
