// What a search by TPE with fold racing saves: whether it has, after half of the epochs that a random search spends, a candidate as good as the best of
// that one. The same folds for both; 10 seeds. Both search the suggested space with preset 'quick'.
//
//   npm run bench -- search [--tables FOLDER] [--seeds N] [--trials N]    without FOLDER, four tables that scikit-learn has or makes

import { kFold, MLPClassifier, MLPRegressor, stratifiedKFold } from '../../dist/index.js';
import { search, suggestedSpace, workers } from '../../dist/search.js';
import { table as lines } from '../support/report.js';
import { someTables } from '../support/tables.js';

const OWN = ['breast_cancer', 'diabetes', 'friedman1', 'blobs'];
const MOST_ROWS = 500;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/** A search: the best score after so many epochs, as [epochs, score] whenever it rose. It ends after `budget` epochs. */
async function searched({ table, target: column, task }, seed, options, budget = Infinity) {
  const { space, options: own } = suggestedSpace(task, { rows: table.rows, preset: 'quick' });
  const classes = task === 'classification';
  const folds = classes ? stratifiedKFold(table.labels(column), { folds: 5 }) : kFold(table.rows, { folds: 5 });
  const estimator = new (classes ? MLPClassifier : MLPRegressor)({ ...own, onWarning: false });
  const enough = new AbortController();
  const found = { epochs: 0, best: Number.NEGATIVE_INFINITY, rises: [], candidates: 0, seconds: 0 };
  const began = performance.now();
  try {
    await search(space, estimator, {
      ...{ data: { X: table, y: column }, seed, folds: [...folds], refit: false, signal: enough.signal, runner: workers() },
      ...options,
      onProgress: ({ last, best, ended }) => {
        if (enough.signal.aborted) return;
        found.epochs += last.epochs;
        if (found.epochs > budget) return enough.abort();
        found.candidates = ended;
        if (best === undefined || best.value <= found.best) return;
        found.best = best.value;
        found.rises.push([found.epochs, best.value]);
      },
    });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
  found.seconds = (performance.now() - began) / 1000;
  return found;
}

/** Epochs until a search was as good as `target`, as a share of `all`; Infinity where it was not. */
const shareUntil = ({ rises }, target, all) => (rises.find(([, best]) => best >= target)?.[0] ?? Infinity) / all;

export async function searches({ tables: folder, seeds: asked, trials: many }) {
  const seeds = Number(asked ?? 10);
  const trials = Number(many ?? 16);
  const result = {};
  const rows = [
    [
      'table',
      'rows',
      'random: epochs',
      'best',
      'TPE, racing, half of them: best',
      'as good',
      'of all pairs',
      'share of epochs',
      'seconds',
    ],
  ];
  const began = performance.now();
  for (const one of someTables(folder, OWN, MOST_ROWS)) {
    const runs = [];
    for (let seed = 0; seed < seeds; seed++) {
      const random = await searched(one, seed, { sampler: 'random', pruner: 'none', trials });
      const racing = { sampler: 'tpe', pruner: 'racing', roundSize: 4, trials: 10 * trials };
      const tpe = await searched(one, seed, racing, random.epochs / 2);
      runs.push({ seed, random, tpe, share: shareUntil(tpe, random.best, random.epochs) });
      const said = [random.best, tpe.best, runs.at(-1).share].map((value) => value.toFixed(4));
      console.log(`${one.name}, seed ${seed}: random ${said[0]}, TPE with racing ${said[1]}, share ${said[2]}`);
    }
    const share = median(runs.map((run) => run.share));
    const pairs = runs.flatMap(({ random }) => runs.map(({ tpe }) => tpe.best >= random.best));
    result[one.name] = { share, pairs: pairs.filter(Boolean).length / pairs.length, runs };
    rows.push([
      one.name,
      one.table.rows,
      median(runs.map(({ random }) => random.epochs)),
      median(runs.map(({ random }) => random.best)).toFixed(4),
      median(runs.map(({ tpe }) => tpe.best)).toFixed(4),
      `${runs.filter((run) => run.share <= 0.5).length} of ${seeds}`,
      `${Math.round(100 * result[one.name].pairs)} %`,
      share > 0.5 ? 'over 0.50' : share.toFixed(2),
      Math.round(runs.reduce((sum, { random, tpe }) => sum + random.seconds + tpe.seconds, 0)),
    ]);
  }
  console.log(
    `\nsearch: ${trials} random candidates; ${seeds} seeds, by each of which both begin with the same candidates; medians. Pairs: random and TPE of any two seeds`,
  );
  console.log(lines(rows));
  console.log(`${((performance.now() - began) / 60000).toFixed(1)} minutes`);
  return result;
}
