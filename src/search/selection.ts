// Which options are best: cross-validation, and searches over options by it. Trials are plain data, drawn from the seed alone, so a
// search gives the same result on one thread and on many, in one go and resumed from its file.

import { Random } from '../data/random.js';
import { fail, show } from '../errors.js';
import { readOptions, type Read } from '../options.js';
import type { Features } from '../estimators/features.js';
import { Perceptron } from '../estimators/perceptron.js';
import { freshOf, type Estimator, type Trainable } from '../estimators/trainable.js';
import { evaluate } from './candidates.js';
import { isError, spread } from './scores.js';
import {
  crossValidationRows,
  randomSearchRows,
  searchRows,
  type CrossValidationOptions,
  type RandomSearchOptions,
  type SearchOptions,
} from './searchOptions.js';
import { checkNames, drawFrom, type SearchRange } from './searchSpace.js';

export type { CrossValidationOptions, RandomSearchOptions, ScoringLike, SearchOptions, SearchProgress } from './searchOptions.js';
export type { SearchRange } from './searchSpace.js';

/** What crossValidate found: the score on each held-out fold. */
export interface CrossValidation {
  /** The score on each fold. */
  readonly scores: readonly number[];
  /** Their mean. */
  readonly mean: number;
  /** Their standard deviation. */
  readonly deviation: number;
  /** More of each fold, in order. */
  readonly folds: readonly {
    /** The score on the rows held out. */
    readonly score: number;
    /** Rows trained on. */
    readonly trainRows: number;
    /** Rows scored on. */
    readonly testRows: number;
    /** Epochs that the training took. */
    readonly epochs: number;
    /** Seconds that it took. */
    readonly fitSeconds: number;
  }[];
}

/** One candidate of a search. */
export interface SearchTrial {
  /** Its number, from 0. */
  readonly trial: number;
  /** The options that were tried, on top of the estimator's own. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The score on each fold; NaN where training failed. */
  readonly scores: readonly number[];
  /** Their mean; NaN when a fold failed. */
  readonly mean: number;
  /** Their standard deviation. */
  readonly deviation: number;
  /** Seconds of all its fits. */
  readonly seconds: number;
  /** Why a fold failed, if one did. */
  readonly error: string | undefined;
}

/** What a search found: every trial, and the best of them. */
export interface SearchResult<E> {
  /** The candidate with the best mean score; the first of equals. */
  readonly best: SearchTrial;
  /** All candidates, in the order of their numbers. */
  readonly trials: readonly SearchTrial[];
  /** Fitted on all rows with the best options; undefined with refit: false. */
  readonly estimator: E | undefined;
}

/**
 * Scores of an estimator's options by k-fold cross-validation: each part of the rows is predicted by a model trained on the others. The
 * estimator itself stays as it is.
 * @throws ERR_LABEL, ERR_SHAPE, ERR_OPTION, ERR_DIVERGED and whatever else fit throws; AbortError by `signal`; ERR_WORKER.
 *
 * @example
 * const { mean, deviation } = await crossValidate(new MLPClassifier({ epochs: 20, seed: 1 }), X, y, { folds: 5 });
 */
export async function crossValidate(
  estimator: Estimator,
  X: Features,
  y: unknown,
  options: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const read = readOptions(crossValidationRows, options, 'crossValidate');
  const { outcomes, folds } = await evaluate(estimator, X, y, [{}], read, undefined);
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed !== undefined) fail('ERR_DIVERGED', `Fold ${failed.fold}: ${failed.error!.message}`);
  const scores = outcomes.map(({ score }) => score!);
  return {
    scores,
    ...spread(scores),
    folds: outcomes.map(({ score, epochs, fitSeconds, fold }) => ({
      score: score!,
      epochs,
      fitSeconds,
      trainRows: folds[fold]!.train.length,
      testRows: folds[fold]!.test.length,
    })),
  };
}

/**
 * Tries every combination of the values given for some options, by cross-validation. A training that diverges counts as the worst.
 * @throws ERR_OPTION for options there are not, before anything runs; ERR_FILE for a result file of another search; ERR_DIVERGED when no candidate can be
 * trained; ERR_LABEL, ERR_SHAPE and whatever else fit throws for X and y; AbortError by `signal`; ERR_WORKER.
 *
 * @example
 * const { best, estimator } = await gridSearch(new MLPClassifier({ epochs: 20 }), { hiddenLayers: [[16], [64]], l2: [0, 1e-2] }, X, y);
 */
export async function gridSearch<E extends Estimator>(
  estimator: E,
  grid: Readonly<Record<string, readonly unknown[]>>,
  X: Features,
  y: unknown,
  options: SearchOptions = {},
): Promise<SearchResult<E>> {
  const read = readOptions(searchRows, options, 'gridSearch');
  checkNames(grid, 'grid');
  let candidates: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    if (!Array.isArray(values) || values.length === 0)
      fail('ERR_OPTION', `grid.${name}: expected a list of values to try, got ${show(values)}.`);
    candidates = candidates.flatMap((candidate) => values.map((value: unknown) => ({ ...candidate, [name]: value })));
  }
  return search(estimator, candidates, X, y, read);
}

/**
 * Tries `trials` combinations (default 20) drawn at random. See: Bergstra and Bengio, "Random search for hyper-parameter optimization" (2012).
 * @throws ERR_OPTION for options there are not, before anything runs; ERR_FILE for a result file of another search; ERR_DIVERGED when no candidate can be
 * trained; ERR_LABEL, ERR_SHAPE and whatever else fit throws for X and y; AbortError by `signal`; ERR_WORKER.
 *
 * @example
 * const space = { learningRate: { logUniform: [1e-4, 1e-1] }, hiddenLayers: [[32], [64, 32]], dropout: { uniform: [0, 0.5] } };
 * const { best } = await randomSearch(new MLPRegressor({ epochs: 20 }), space, X, y, { trials: 5, seed: 1, results: 'search.jsonl' });
 */
export async function randomSearch<E extends Estimator>(
  estimator: E,
  space: Readonly<Record<string, SearchRange>>,
  X: Features,
  y: unknown,
  options: RandomSearchOptions = {},
): Promise<SearchResult<E>> {
  const { trials, ...read } = readOptions(randomSearchRows, options, 'randomSearch');
  checkNames(space, 'space');
  const candidates = Array.from({ length: trials }, (_, i) => {
    const random = new Random(options.seed ?? 0, `trial ${i}`);
    return Object.fromEntries(Object.entries(space).map(([name, range]) => [name, drawFrom(range, random, `space.${name}`)]));
  });
  return search(estimator, candidates, X, y, read);
}

async function search<E extends Estimator>(
  estimator: E,
  candidates: readonly Record<string, unknown>[],
  X: Features,
  y: unknown,
  options: Read<typeof searchRows>,
): Promise<SearchResult<E>> {
  const { outcomes, folds } = await evaluate(estimator, X, y, candidates, options, options.results);
  const sign = isError(options.scoring) ? -1 : 1;
  const trials = candidates.map((tried, trial): SearchTrial => {
    const own = outcomes.slice(trial * folds.length, (trial + 1) * folds.length);
    const scores = own.map(({ score }) => score ?? Number.NaN);
    return {
      trial,
      options: tried,
      scores,
      ...spread(scores),
      seconds: own.reduce((sum, { fitSeconds }) => sum + fitSeconds, 0),
      error: own.find(({ error }) => error !== undefined)?.error?.message,
    };
  });
  const best = trials.reduce((a, b) =>
    sign * b.mean > sign * a.mean || (Number.isNaN(a.mean) && !Number.isNaN(b.mean)) ? b : a,
  );
  if (Number.isNaN(best.mean)) fail('ERR_DIVERGED', `No candidate could be trained. The first: ${best.error}`);
  const winner = options.refit ? freshOf(estimator, best.options) : undefined;
  const trainable: Trainable | undefined = winner;
  const { signal } = options;
  await trainable?.fit(X, y, ...(signal === undefined || winner instanceof Perceptron ? [] : [{ signal }]));
  return { best, trials, estimator: winner };
}
