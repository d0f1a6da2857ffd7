// Candidates of a search, each trained and scored on every fold. Trials are plain data, so they run here or in worker threads alike.

import { isMap } from '../brands.js';
import type { Fold } from '../data/split.js';
import { fail, show } from '../errors.js';
import { unknownName } from '../options.js';
import { MLPClassifier } from './classifier.js';
import type { Features } from './features.js';
import { Perceptron } from './perceptron.js';
import { MLPRegressor } from './regressor.js';
import { fingerprintOf, ResultFile } from './resultFile.js';
import type { CrossValidationOptions, ScoringLike } from './searchOptions.js';
import {
  freshOf,
  scoreBy,
  scorings,
  scoringsFor,
  type Estimator,
  type EstimatorKind,
  type Scoring,
  type Trial,
  type TrialOutcome,
} from './trial.js';
import { readData, readFolds } from './trialData.js';
import { runTrials, usefulWorkers } from './trialRunner.js';

/** The outcome of every candidate on every fold, in order; those that `file` holds are not run again. */
export async function evaluate(
  estimator: Estimator,
  X: Features,
  y: unknown,
  candidates: readonly Record<string, unknown>[],
  options: Omit<CrossValidationOptions, 'workers'> & { readonly workers: number | 'auto' },
  file: string | undefined,
): Promise<{ outcomes: TrialOutcome[]; folds: readonly Fold[] }> {
  const kind = kindOf(estimator);
  const { scoring, seed = 0, onProgress, signal } = options;
  const custom = typeof scoring === 'function' ? scoring : undefined;
  if (scoring !== undefined && custom === undefined && !Object.hasOwn(scorings, scoring as string))
    unknownName(scoring, scoringsFor(!(estimator instanceof MLPRegressor)), 'scoring');
  for (const candidate of candidates) freshOf(estimator, candidate); // refuses bad options before anything runs
  const data = readData(X, y, estimator);
  const folds = readFolds(options.folds ?? 5, data, estimator, seed);
  const own =
    kind !== undefined &&
    custom === undefined &&
    candidates.every((candidate) => isPlain({ ...estimator.options, ...candidate, onWarning: undefined }));

  const trials = candidates.flatMap((candidate, trial) =>
    folds.map(
      (fold, f): Trial => ({
        trial,
        fold: f,
        ...fold,
        estimator: kind ?? 'MLPClassifier',
        options: { ...plain(estimator.options), ...candidate },
        scoring: custom === undefined ? (scoring as Scoring | undefined) : undefined,
      }),
    ),
  );
  const outcomes = new Map<string, TrialOutcome>();
  const keyOf = ({ trial, fold }: { trial: number; fold: number }) => `${trial} ${fold}`;
  const log = file === undefined ? undefined : await ResultFile.open(file, fingerprintOf(data, trials, scoring));
  for (const outcome of log?.outcomes ?? []) outcomes.set(keyOf(outcome), outcome);
  const left = trials.filter((trial) => !outcomes.has(keyOf(trial)));
  const before = outcomes.size;
  const started = performance.now();

  const asked = options.workers;
  const wanted = asked !== 'auto' ? asked : own && left.length > 1 ? await usefulWorkers() : 0;
  if (wanted > 0 && !own)
    fail(
      'ERR_OPTION',
      'workers: a scoring function, a subclass or an option that is a function cannot be sent to a worker thread. Use workers: 0.',
    );
  try {
    await runTrials(data, left, {
      workers: wanted,
      signal,
      make: ({ trial }) => {
        const options = kind === 'Perceptron' ? candidates[trial]! : { ...candidates[trial], onWarning: false as const };
        return freshOf(estimator, options);
      },
      score: custom === undefined ? scoreBy : (_, fitted, testX, testY) => custom(fitted, testX as never, testY as never),
      done: async (outcome) => {
        outcomes.set(keyOf(outcome), outcome);
        await log?.append(outcome, candidates[outcome.trial]!);
        const seconds = (performance.now() - started) / 1000;
        const fresh = outcomes.size - before;
        onProgress?.({
          done: outcomes.size,
          total: trials.length,
          last: outcome,
          bestScore: bestSoFar(outcomes, candidates.length, folds.length, isError(scoring)),
          seconds,
          secondsLeft: (seconds / fresh) * (trials.length - outcomes.size),
        });
      },
    });
  } finally {
    await log?.close();
  }
  return { outcomes: trials.map((trial) => outcomes.get(keyOf(trial))!), folds };
}

function kindOf(estimator: unknown): EstimatorKind | undefined {
  if (typeof estimator !== 'object' || estimator === null || typeof (estimator as Estimator).clone !== 'function')
    fail('ERR_TYPE', `estimator: expected an MLPClassifier, an MLPRegressor or a Perceptron, got ${show(estimator)}.`);
  if (estimator.constructor === MLPClassifier) return 'MLPClassifier';
  if (estimator.constructor === MLPRegressor) return 'MLPRegressor';
  if (estimator.constructor === Perceptron) return 'Perceptron';
  return undefined;
}

/** Whether less of the score is better. */
export function isError(scoring: ScoringLike | undefined): boolean {
  return typeof scoring === 'string' && 'error' in scorings[scoring];
}

function bestSoFar(outcomes: ReadonlyMap<string, TrialOutcome>, candidates: number, folds: number, error: boolean): number {
  let best = Number.NaN;
  for (let trial = 0; trial < candidates; trial++) {
    let sum = 0;
    for (let fold = 0; fold < folds; fold++) sum += outcomes.get(`${trial} ${fold}`)?.score ?? Number.NaN;
    const mean = sum / folds;
    if (!Number.isNaN(mean) && !(error ? mean >= best : mean <= best)) best = mean;
  }
  return best;
}

export function spread(scores: readonly number[]): { mean: number; deviation: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return { mean, deviation: Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length) };
}

/** Whether a value is JSON and nothing else. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'function') return false;
  if (isMap(value)) return true; // structured clone takes it
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isPlain);
  return true;
}

function plain(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function'));
}
