// What a search by TPE with fold racing saves: whether it has, after half of the epochs that a random search spends, a configuration as good as that
// one's best, and from when on. Both search the suggested space with preset 'quick', on the same folds; TPE begins with the preset's recipe, as
// the command does, and races with rounds of 4; beside it how often that is as good as a random search that begins with the recipe too. 10 seeds, which folds and candidates are drawn from.
//
// What is as good is not judged by the searches' own scores: the best of many scores on folds is the luckiest as well, the more so the more candidates
// ran on all folds, which is what racing saves. So each configuration that was a search's best is trained anew, with five seeds, on all rows that were
// searched, and scored on rows that no search saw: the same rows and seeds for all, more of them than folds have. One is as good as another whose mean is
// higher by no more than the standard error of their differences over the five trainings: many configurations are equal, and which of two such comes out
// ahead is a toss. How often the mean itself is no lower stands beside it. A share of the epochs is from when on the best so far was as good, up to the
// half: one that was as good for a while only does not count.
//
//   npm run bench -- search [--tables FOLDER] [--seeds N] [--trials N] [--only NAMES] [--without]
//
// Without FOLDER, four tables that scikit-learn has or makes; --without adds the racing search without the recipe.
//
// A thread for each core, which takes a table and a seed at a time: epochs are counted, in the order of rounds, folds and candidates, and nothing is
// timed, so that figures do not depend on how many run side by side.

import { availableParallelism } from 'node:os';
import { pool as poolOf } from 'workerpool';
import { table as lines } from '../support/report.js';
import { asGood, mean, median } from '../support/scores.js';
import { someTables } from '../support/tables.js';

const OWN = ['breast_cancer', 'diabetes', 'friedman1', 'blobs'];
/** Rows that a table is read from. */
const MOST_READ = 2000;

/** A table's row: medians over its runs. */
function rowOf(runs, without) {
  const seeds = runs.length;
  const [{ name, rows, recipe }] = runs;
  const figures = (of) => {
    const share = median(runs.map((run) => run[of].share));
    return [
      median(runs.map((run) => mean(run[of].best))).toFixed(4),
      `${runs.filter((run) => run[of].better).length} of ${seeds}`,
      `${runs.filter((run) => run[of].share <= 0.5).length} of ${seeds}`,
      share > 0.5 ? 'over 0.50' : share.toFixed(2),
    ];
  };
  return [
    name,
    rows.join(', '),
    median(runs.map(({ random }) => random.epochs)),
    median(runs.map(({ quality }) => mean(quality))).toFixed(4),
    mean(recipe).toFixed(4),
    ...figures('tpe'),
    `${runs.filter((run) => asGood(run.tpe.best, run.both)).length} of ${seeds}`,
    ...(without ? figures('alone') : []),
  ];
}

export async function searches({ tables: folder, seeds: asked, trials: many, only, without }) {
  const seeds = Number(asked ?? 10);
  const trials = Number(many ?? 16);
  const heads = [
    ...['table', 'searched, unseen', 'epochs', 'random', 'recipe'],
    ...['TPE, racing', 'no lower', 'as good', 'share'],
    'as random with it',
    ...(without ? ['without it', 'no lower', 'as good', 'share'] : []),
  ];
  const began = performance.now();
  const tables = [folder, OWN, MOST_READ];
  const wanted = only?.split(',');
  const names = someTables(...tables)
    .map(({ name }) => name)
    .filter((name) => wanted?.includes(name) ?? true);
  const threads = availableParallelism();
  const pool = poolOf(new URL('../support/searchPair.js', import.meta.url).pathname, {
    workerType: 'thread',
    maxWorkers: threads,
  });
  let ended;
  const said = ({ best, share }) => `${mean(best).toFixed(4)}, share ${share.toFixed(4)}`;
  const minutes = () => `${((performance.now() - began) / 60000).toFixed(1)} minutes`;
  try {
    ended = await Promise.all(
      names.map(async (name) => {
        const one = async (seed) => {
          const run = await pool.exec('pair', [name, seed, { tables, trials, without }]);
          const { quality, tpe, alone } = run;
          const other = alone === undefined ? '' : `; without the recipe ${said(alone)}`;
          console.log(
            `${name}, seed ${seed}: random ${mean(quality).toFixed(4)}; TPE with racing ${said(tpe)}${other} (${minutes()})`,
          );
          return run;
        };
        const runs = await Promise.all(Array.from({ length: seeds }, (_, seed) => one(seed)));
        const row = rowOf(runs, without);
        console.log(`\n${lines([heads, row])}\n`);
        return { name, row, recipe: runs[0].recipe, runs };
      }),
    );
  } finally {
    await pool.terminate(true);
  }
  console.log(
    `\nsearch: ${trials} random candidates; TPE with racing for half of their epochs; scores on unseen rows, medians of ${seeds} seeds`,
  );
  console.log(lines([heads, ...ended.map(({ row }) => row)]));
  console.log(`${minutes()}, ${threads} threads`);
  return Object.fromEntries(ended.map(({ name, recipe, runs }) => [name, { recipe, runs }]));
}
