// MLPClassifier and MLPRegressor against scikit-learn's on its toy data sets: five-fold cross-validation with scikit-learn's own
// folds, seeds 0 to 4, one hidden layer of 64 ReLU units, Adam 1e-3, batches of 32, 100 epochs. One core each.
//
//   node bench/estimators.js [--json FILE] [--python PATH] [--ours]      --ours: leave scikit-learn out

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineInfo, MLPClassifier, MLPRegressor } from '../dist/index.js';
import { machine } from './support/report.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    python: { type: 'string', default: '/usr/bin/python3' },
    ours: { type: 'boolean', default: false },
  },
});
const wanted = { digits: 0.973, iris: 0.943, wine: 0.96, breast_cancer: 0.969, diabetes: 0.41 };
const script = new URL('../scripts/fixtures/sklearn_estimators.py', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'estimators-'));
execFileSync(options.python, [script, '--export', join(folder, 'sets.json')]);
const sets = JSON.parse(readFileSync(join(folder, 'sets.json'), 'utf8'));
rmSync(folder, { recursive: true });

/** Mean score over seeds and folds, and the seconds of all fits. */
function measure({ task, x, y, folds }) {
  const Estimator = task === 'classification' ? MLPClassifier : MLPRegressor;
  let seconds = 0;
  const scores = folds.flatMap((tests, seed) =>
    tests.map((test) => {
      const held = new Set(test);
      const train = x.map((_, i) => i).filter((i) => !held.has(i));
      const pick = (rows, indices) => indices.map((i) => rows[i]);
      const began = performance.now();
      const model = new Estimator({ hiddenLayers: [64], epochs: 100, batchSize: 32, earlyStopping: false, seed });
      model.fitSync(pick(x, train), pick(y, train));
      seconds += (performance.now() - began) / 1000;
      return model.score(pick(x, test), pick(y, test));
    }),
  );
  return { score: scores.reduce((a, b) => a + b, 0) / scores.length, seconds };
}

const command = `node bench/estimators.js ${process.argv.slice(2).join(' ')}`.trim();
const { processor, cores, runtime, date } = machine();
console.log(`${processor}, ${cores} cores, ${runtime}, ${date}\n${command}\nengine: ${engineInfo().build}\n`);
measure(sets[1]); // warm-up
const ours = Object.fromEntries(sets.map((set) => [set.name, measure(set)]));
const theirs = options.ours
  ? {}
  : Object.fromEntries(
      execFileSync(options.python, [script, '--measure'], {
        encoding: 'utf8',
        env: { ...process.env, OPENBLAS_NUM_THREADS: '1' },
      })
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map((result) => [result.name, result]),
    );

console.log('data set        score  wanted    sklearn   seconds   sklearn   times as fast');
for (const { name } of sets) {
  const [a, b] = [ours[name], theirs[name]];
  const figures = [
    a.score.toFixed(4),
    wanted[name].toFixed(3),
    b?.score.toFixed(4) ?? '-',
    a.seconds.toFixed(2),
    b?.seconds.toFixed(2) ?? '-',
    b ? (b.seconds / a.seconds).toFixed(1) : '-',
  ];
  console.log(`${name.padEnd(14)}${figures.map((figure, i) => figure.padStart([7, 8, 11, 10, 10, 14][i])).join('')}`);
}
if (options.json !== undefined)
  writeFileSync(
    options.json,
    `${JSON.stringify({ machine: { ...machine(), command }, engine: engineInfo(), ours, theirs, wanted }, null, 2)}\n`,
  );
