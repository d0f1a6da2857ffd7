// Candidates that are known beforehand, each trained and scored on every fold: a search of one round that no pruner cuts short.

import { Perceptron } from '../estimators/perceptron.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { freshOf, type Estimator } from '../estimators/trainable.js';
import type { Features } from '../estimators/features.js';
import { asNeeded } from './asNeeded.js';
import { canonical, hashed, isPlain, sha256 } from './canonical.js';
import { conduct } from './conduct.js';
import type { Candidate } from './contract.js';
import { encodeDataSet } from './dataSet.js';
import { readGoals } from './goals.js';
import { here } from './here.js';
import type { Identity } from './journal.js';
import { kindOf, type LocalObjective, type ObjectiveSpec, type StudySpec } from './objective.js';
import { readPruner } from './pruners.js';
import type { Recorded } from './recorded.js';
import type { Tracked } from './rounds.js';
import { checkScoring, isError, spread, type scoreBy } from './scores.js';
import type { CrossValidationOptions, SearchProgress, TrialOutcome } from './searchOptions.js';
import { usefulWorkers, workers } from './threads.js';
import { readData, readFolds } from './trialData.js';
import type { Fold } from '../data/split.js';
import { utf8 } from '../platform.js';

type Options = Omit<CrossValidationOptions, 'workers'> & { readonly workers: number | 'auto' };

/** Seconds between two checkpoints of a trial. */
const checkpointSeconds = 10;

/** The outcome of every candidate on every fold, in order; those that `file` holds are not run again. */
export async function evaluate(
  estimator: Estimator,
  X: Features,
  y: unknown,
  candidates: readonly Record<string, unknown>[],
  options: Options,
  file: string | undefined,
): Promise<{ outcomes: TrialOutcome[]; folds: readonly Fold[] }> {
  const kind = kindOf(estimator);
  const { scoring, seed = 0, onProgress, signal } = options;
  const classes = !(estimator instanceof MLPRegressor);
  checkScoring(scoring, classes);
  for (const candidate of candidates) freshOf(estimator, candidate); // refuses bad options before anything runs
  const rows = readData(X, y, classes);
  const folds = readFolds(options.folds ?? 5, rows, classes, seed);
  const data = encodeDataSet({ data: rows, folds });
  const dataId = await sha256(data);

  const travels =
    kind !== undefined &&
    typeof scoring !== 'function' &&
    candidates.every((candidate) => isPlain({ ...estimator.options, ...candidate, onWarning: undefined }));
  const local = travels ? undefined : localOf(estimator, candidates, options);
  const objective: ObjectiveSpec = travels ? { estimator: kind, options: plain(estimator.options) } : { local: local!.name };
  const spec: StudySpec = {
    ...{ format: 1, objective, seed, measures: [], data: dataId },
    scoring: typeof scoring === 'string' ? scoring : null,
  };
  // What cannot travel has the number of its candidate in the place of its options.
  const proposed = (travels ? candidates : candidates.map((_, number) => ({ number }))) as readonly Candidate[];
  const study = {
    ...(await hashed(spec, 'options')),
    data: { id: dataId, bytes: data },
    ...{ checkpointSeconds, module: undefined, local: local?.objective },
  };
  const identity: Identity = {
    data: dataId,
    'options or score': study.id,
    candidates: await sha256(utf8(travels ? canonical(candidates, 'candidates') : local!.name)),
  };
  const total = candidates.length * folds.length;
  const threads = options.workers === 'auto' ? travels && total > 1 && (await usefulWorkers()) > 0 : options.workers > 0;
  const runner = !threads ? here() : options.workers === 'auto' ? asNeeded() : workers(options.workers);
  const started = performance.now();
  const goals = readGoals(undefined, isError(scoring), true);
  let best = Number.NaN;
  const { candidates: done } = await conduct(
    {
      ...{
        study,
        pruner: readPruner('none'),
        folds: folds.length,
        epochs: undefined,
        seed,
        objectives: goals,
        verify: 0,
        check: () => {},
      },
      sampler: { settings: null, propose: ({ round }) => (round === 0 ? proposed : []) },
      trials: candidates.length,
      roundSize: candidates.length,
    },
    {
      runner,
      ...{ storage: file, storageName: 'results', identity, signal, budget: undefined },
      ended: (last, rounds, fresh) => {
        if (onProgress === undefined) return;
        best = bestOf(best, rounds.candidates[last.trial]!, folds.length, isError(scoring));
        const ended = rounds.slotsDone;
        const seconds = (performance.now() - started) / 1000;
        onProgress({
          ...{ done: ended, total, last: outcomeOf(last), bestScore: best, seconds },
          secondsLeft: (seconds / fresh) * (total - ended),
        } satisfies SearchProgress);
      },
    },
    async () => undefined,
  );
  return { outcomes: done.flatMap(({ number, steps }) => steps[0]!.map((one) => ({ ...outcomeOf(one), trial: number }))), folds };
}

function outcomeOf({ trial, fold, score, epochs, seconds, error }: Recorded): TrialOutcome {
  return { trial, fold, score, epochs, fitSeconds: seconds, ...(error === undefined ? {} : { error }) };
}

/** The best mean so far, with a candidate of which a fold has just ended. */
function bestOf(best: number, { final }: Tracked, folds: number, error: boolean): number {
  if (final.size < folds) return best;
  const { mean } = spread([...final.values()].map(({ score }) => score ?? Number.NaN));
  return Number.isNaN(mean) || (error ? mean >= best : mean <= best) ? best : mean;
}

/** For a subclass, options that are functions, or a score of the caller's own. */
function localOf(
  estimator: Estimator,
  candidates: readonly object[],
  { scoring }: Options,
): { name: string; objective: LocalObjective } {
  const functions = (_: string, value: unknown) => (typeof value === 'function' ? value.toString() : value);
  const name = JSON.stringify([estimator.constructor.name, String(scoring), estimator.options, candidates], functions);
  const make = ({ number }: Candidate) => {
    const quiet = estimator instanceof Perceptron ? {} : { onWarning: false as const };
    return freshOf(estimator, { ...candidates[number as number], ...quiet });
  };
  if (typeof scoring !== 'function') return { name, objective: { make } };
  const score: typeof scoreBy = (_, fitted, testX, testY) => scoring(fitted, testX as never, testY as never);
  return { name, objective: { make, score } };
}

/** Options without those that are functions, which only say what is told to whom. */
export function plain(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function'));
}
