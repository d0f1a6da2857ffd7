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
// Epochs are counted in the order of rounds, folds and candidates, so that figures do not depend on the number of threads.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kFold, MLPClassifier, MLPRegressor, stratifiedKFold } from '../../dist/index.js';
import { search, suggestedSpace, workers } from '../../dist/search.js';
import { table as lines } from '../support/report.js';
import { someTables } from '../support/tables.js';

const OWN = ['breast_cancer', 'diabetes', 'friedman1', 'blobs'];
/** Rows that are searched, at most half of a table's, and rows that it is read from. */
const MOST_ROWS = 300;
const MOST_READ = 2000;
const FOLDS = 5;
/** Candidates of a round of the racing search, and trainings that judge a configuration. */
const ROUND = 4;
const JUDGES = 5;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/** A table as both searches see it, and what judges their configurations. */
function groundOf({ table, target, task }) {
  const rows = Math.min(MOST_ROWS, Math.floor(table.rows / 2));
  const searched = Array.from({ length: rows }, (_, i) => Math.floor((i * table.rows) / rows));
  const seen = new Set(searched);
  const [train, rest] = [
    table.take(searched),
    table.take(Array.from({ length: table.rows }, (_, i) => i).filter((i) => !seen.has(i))),
  ];
  const classes = task === 'classification';
  const { space, options, begin } = suggestedSpace(task, { rows, preset: 'quick' });
  const make = (more) => new (classes ? MLPClassifier : MLPRegressor)({ ...options, ...more, onWarning: false });
  const judged = new Map();
  const judge = (candidate) => {
    const key = JSON.stringify(candidate);
    if (!judged.has(key)) {
      const { 'learningRate.rate': rate, ...others } = candidate;
      const scores = Array.from({ length: JUDGES }, (_, seed) =>
        make({ ...others, learningRate: { ...options.learningRate, rate }, seed: 1000 + seed })
          .fitSync(train, target)
          .score(rest, target),
      );
      judged.set(key, scores);
    }
    return judged.get(key);
  };
  const folds = (seed) => [
    ...(classes ? stratifiedKFold(train.labels(target), { folds: FOLDS, seed }) : kFold(rows, { folds: FOLDS, seed })),
  ];
  return { train, target, space, begin, make, judge, folds, unseen: table.rows - rows };
}

/** A search of at most `budget` epochs: its best so far as [epochs, score, candidate] whenever that rose, and the score of each candidate. */
async function searched(ground, seed, options, budget = Infinity) {
  const enough = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'search-'));
  const storage = join(folder, 'outcomes.jsonl');
  let epochs = 0;
  const racing = options.pruner === 'racing';
  try {
    await search(ground.space, ground.make({ seed }), {
      ...{
        data: { X: ground.train, y: ground.target },
        seed,
        folds: ground.folds(seed),
        refit: false,
        baselines: false,
        verify: 0,
      },
      ...{ signal: enough.signal, runner: workers(), storage, ...options },
      onProgress: ({ last }) => {
        epochs += last.epochs;
        // What runs at the same time as the last within the budget is to end too.
        if (epochs > budget + 100 * ROUND) enough.abort();
      },
    });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
  const [, ...jobs] = readFileSync(storage, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  rmSync(folder, { recursive: true });
  const first = options.begin?.length ?? 0;
  const roundOf = ({ trial }) => (trial < first ? 0 : 1 + Math.floor((trial - first) / (options.roundSize ?? 8)));
  const order = (a, b) =>
    roundOf(a) - roundOf(b) || (racing ? a.fold - b.fold || a.trial - b.trial : a.trial - b.trial || a.fold - b.fold);
  const found = { epochs: 0, rises: [], whole: new Map(), fits: 0 };
  const scores = new Map();
  for (const { trial: number, fold, score, epochs: some, candidate } of jobs.sort(order)) {
    if (found.epochs + some > budget) break;
    found.epochs += some;
    found.fits++;
    if (!scores.has(number)) scores.set(number, []);
    const own = scores.get(number);
    own[fold] = score ?? Number.NaN;
    if (own.length < FOLDS || own.includes(undefined)) continue;
    const value = mean(own);
    found.whole.set(number, value);
    if (value > (found.rises.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY)) found.rises.push([found.epochs, value, candidate]);
  }
  return { ...found, candidates: scores.size };
}

/** Whether scores of a configuration are as good as those of another: no lower in the mean than by the standard error of their differences. */
function asGood(own, other) {
  const gains = own.map((score, i) => score - other[i]);
  const gain = mean(gains);
  const variance = gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / (gains.length - 1);
  return gain >= -Math.sqrt(variance / gains.length);
}

/** From when on the best so far is as good as `target`, as a share of `all`; Infinity where the last is not. */
function shareUntil(rises, target, all) {
  let from = Infinity;
  for (const [epochs, , , quality] of rises) {
    if (!asGood(quality, target)) from = Infinity;
    else if (from === Infinity) from = epochs;
  }
  return from / all;
}

export async function searches({ tables: folder, seeds: asked, trials: many, only, without }) {
  const seeds = Number(asked ?? 10);
  const trials = Number(many ?? 16);
  const result = {};
  const rows = [
    [
      'table',
      'searched, unseen',
      'epochs',
      'random',
      'recipe',
      ...['TPE, racing', 'no lower', 'as good', 'share'],
      'as random with it',
      ...(without ? ['without it', 'no lower', 'as good', 'share'] : []),
    ],
  ];
  const began = performance.now();
  const wanted = only?.split(',');
  for (const one of someTables(folder, OWN, MOST_READ)) {
    if (wanted !== undefined && !wanted.includes(one.name)) continue;
    const ground = groundOf(one);
    const { begin, judge } = ground;
    const recipe = judge(begin[0]);
    const runs = [];
    for (let seed = 0; seed < seeds; seed++) {
      const random = await searched(ground, seed, { sampler: 'random', pruner: 'none', trials });
      const [, score, candidate] = random.rises.at(-1);
      const quality = judge(candidate);
      const raced = async (more) => {
        const racing = { sampler: 'tpe', pruner: 'racing', roundSize: ROUND, trials: 10 * trials };
        const run = await searched(ground, seed, { ...racing, ...more }, random.epochs / 2);
        for (const rise of run.rises) rise.push(judge(rise[2]));
        const best = run.rises.at(-1)[3];
        return { ...run, best, better: mean(best) >= mean(quality), share: shareUntil(run.rises, quality, random.epochs) };
      };
      const tpe = await raced({ begin });
      const alone = without ? await raced({}) : undefined;
      // What random would have found, had it begun with the recipe too.
      const both = tpe.whole.get(0) >= score ? recipe : quality;
      runs.push({ seed, random, tpe, alone, quality, both });
      const said = ({ best, share }) => `${mean(best).toFixed(4)}, share ${share.toFixed(4)}`;
      const other = alone === undefined ? '' : `; without the recipe ${said(alone)}`;
      console.log(`${one.name}, seed ${seed}: random ${mean(quality).toFixed(4)}; TPE with racing ${said(tpe)}${other}`);
    }
    const figures = (of) => {
      const share = median(runs.map((run) => run[of].share));
      return [
        median(runs.map((run) => mean(run[of].best))).toFixed(4),
        `${runs.filter((run) => run[of].better).length} of ${seeds}`,
        `${runs.filter((run) => run[of].share <= 0.5).length} of ${seeds}`,
        share > 0.5 ? 'over 0.50' : share.toFixed(2),
      ];
    };
    result[one.name] = { recipe, runs };
    rows.push([
      one.name,
      `${ground.train.rows}, ${ground.unseen}`,
      median(runs.map(({ random }) => random.epochs)),
      median(runs.map(({ quality }) => mean(quality))).toFixed(4),
      mean(recipe).toFixed(4),
      ...figures('tpe'),
      `${runs.filter((run) => asGood(run.tpe.best, run.both)).length} of ${seeds}`,
      ...(without ? figures('alone') : []),
    ]);
  }
  console.log(
    `\nsearch: ${trials} random candidates; TPE with racing for half of their epochs; scores on unseen rows, medians of ${seeds} seeds`,
  );
  console.log(lines(rows));
  console.log(`${((performance.now() - began) / 60000).toFixed(1)} minutes`);
  return result;
}
