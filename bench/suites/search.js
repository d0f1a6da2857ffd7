// What a search by TPE with fold racing saves: epochs of training until it has found a candidate as good as the best of a random search that has
// spent all of its own, by the same folds. Medians over seeds. Both search the suggested space with preset 'quick'; 5 folds.
//
//   npm run bench -- search [--tables FOLDER] [--seeds N] [--trials N]    without FOLDER, four tables that scikit-learn has or makes

import { MLPClassifier, MLPRegressor } from '../../dist/index.js';
import { search, suggestedSpace, workers } from '../../dist/search.js';
import { table as lines } from '../support/report.js';
import { someTables } from '../support/tables.js';

const OWN = ['breast_cancer', 'diabetes', 'friedman1', 'blobs'];
const MOST_ROWS = 2000;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/** Epochs and seconds of a search until its best is as good as `target`, or of all of it; at most `budget` epochs. */
async function searched({ table, target: column, task }, seed, options, { target = Infinity, budget = Infinity } = {}) {
  const { space, options: own } = suggestedSpace(task, { rows: table.rows, preset: 'quick' });
  const estimator = new (task === 'classification' ? MLPClassifier : MLPRegressor)({ ...own, onWarning: false });
  const enough = new AbortController();
  const found = { epochs: 0, best: Number.NEGATIVE_INFINITY, candidates: 0, seconds: 0 };
  const began = performance.now();
  try {
    await search(space, estimator, {
      ...{ data: { X: table, y: column }, seed, folds: 5, refit: false, signal: enough.signal, runner: workers() },
      ...options,
      onProgress: ({ last, best, ended }) => {
        if (enough.signal.aborted) return;
        found.epochs += last.epochs;
        found.best = best?.value ?? found.best;
        found.candidates = ended;
        if (found.best >= target || found.epochs >= budget) enough.abort();
      },
    });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
  found.seconds = (performance.now() - began) / 1000;
  return found;
}

export async function searches({ tables: folder, seeds: asked, trials: many }) {
  const seeds = Number(asked ?? 10);
  const trials = Number(many ?? 24);
  const result = {};
  const rows = [['table', 'rows', 'epochs, random', 'epochs, TPE and racing', 'share', 'as good', 'candidates', 'seconds']];
  const began = performance.now();
  for (const one of someTables(folder, OWN, MOST_ROWS)) {
    const runs = [];
    for (let seed = 0; seed < seeds; seed++) {
      const random = await searched(one, seed, { sampler: 'random', pruner: 'none', trials });
      const racing = { sampler: 'tpe', pruner: 'racing', trials: 10 * trials };
      const tpe = await searched(one, seed, racing, { target: random.best, budget: random.epochs });
      runs.push({
        seed,
        random,
        tpe,
        asGood: tpe.best >= random.best,
        share: tpe.best >= random.best ? tpe.epochs / random.epochs : 1,
      });
    }
    const share = median(runs.map((run) => run.share));
    result[one.name] = { share, runs };
    rows.push([
      one.name,
      one.table.rows,
      median(runs.map(({ random }) => random.epochs)),
      median(runs.map(({ tpe }) => tpe.epochs)),
      share.toFixed(2),
      `${runs.filter(({ asGood }) => asGood).length} of ${seeds}`,
      median(runs.map(({ tpe }) => tpe.candidates)),
      (runs.reduce((sum, { random, tpe }) => sum + random.seconds + tpe.seconds, 0) / seeds).toFixed(1),
    ]);
  }
  console.log(
    `\nsearch: ${trials} random candidates, ${seeds} seeds; medians; where TPE was not as good within the same epochs the share counts as 1`,
  );
  console.log(lines(rows));
  console.log(`${((performance.now() - began) / 60000).toFixed(1)} minutes`);
  return result;
}
