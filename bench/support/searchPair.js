// One pair of searches of the search benchmark, a table and a seed: what random search finds, and TPE with racing in half of its epochs. Each pair is a
// thread's work, since epochs are counted and nothing is timed: how many run side by side makes no difference.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { worker } from 'workerpool';
import { kFold, MLPClassifier, MLPRegressor, stratifiedKFold } from '../../dist/index.js';
import { here, search, suggestedSpace } from '../../dist/search.js';
import { asGood, mean } from './scores.js';
import { someTables } from './tables.js';

/** Rows that are searched, at most half of a table's. */
const MOST_ROWS = 300;
const FOLDS = 5;
/** Candidates of a round of the racing search, and trainings that judge a configuration. */
const ROUND = 4;
const JUDGES = 5;

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
  const folder = mkdtempSync(join(tmpdir(), 'search-'));
  try {
    return await searchedIn(join(folder, 'outcomes.jsonl'), ground, seed, options, budget);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function searchedIn(storage, ground, seed, options, budget) {
  const enough = new AbortController();
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
      ...{ signal: enough.signal, runner: here(), storage, ...options },
      onProgress: ({ last }) => {
        epochs += last.epochs;
        if (epochs > budget) enough.abort(); // trials run one after the other, in the order that is counted in
      },
    });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
  const [, ...jobs] = readFileSync(storage, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
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

/** From when on the best so far is as good as `target`, as a share of `all`; Infinity where the last is not. */
function shareUntil(rises, target, all) {
  let from = Infinity;
  for (const [epochs, , , quality] of rises) {
    if (!asGood(quality, target)) from = Infinity;
    else if (from === Infinity) from = epochs;
  }
  return from / all;
}

const grounds = new Map();

/** Reads the tables once. */
function groundNamed(name, [folder, ...which]) {
  if (grounds.size === 0) for (const one of someTables(folder, ...which)) grounds.set(one.name, () => groundOf(one));
  const ground = grounds.get(name)();
  grounds.set(name, () => ground);
  return ground;
}

/** Both searches of a table with a seed. */
async function pair(name, seed, { tables, trials, without }) {
  const ground = groundNamed(name, tables);
  const { begin, judge } = ground;
  const recipe = judge(begin[0]);
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
  const { train, unseen } = ground;
  return { name, seed, rows: [train.rows, unseen], recipe, random, tpe, alone, quality, both };
}

worker({ pair });
