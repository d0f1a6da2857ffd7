// The options of search: an interface for people, and a row for each member that checks it.

import type { Features } from '../estimators/features.js';
import { fail, show } from '../errors.js';
import { flag, given, handler, number, whole, type Schema } from '../options.js';
import { seedOption } from '../data/random.js';
import type { Candidate } from './contract.js';
import type { Goal, ObjectiveName } from './goals.js';
import type { PrunerLike } from './pruners.js';
import type { Runner } from './runner.js';
import type { SamplerLike } from './samplers.js';
import { checkSignal, type CrossValidationOptions, type ScoringLike } from './searchOptions.js';

/** Options of search. */
export interface SearchSettings {
  /** The rows that trials train and are scored on. An objective that is a function may do without. */
  readonly data?: {
    /** Rows of numbers, a table, or whatever reads as one. */
    readonly X: Features;
    /** Labels or numbers, one for each row, or the name of a column of a table. */
    readonly y: unknown;
  };
  /** What draws candidates (default 'tpe'). */
  readonly sampler?: SamplerLike;
  /**
   * Candidates that are tried before any that the sampler draws, each a point of the space (default none): what is known to be good, such as
   * `begin` of suggestedSpace. No search that runs these to their end is worse than the best of them.
   */
  readonly begin?: readonly Candidate[];
  /** What stops candidates early (default 'none'). */
  readonly pruner?: PrunerLike;
  /**
   * Who runs the trials (default: worker threads where there are any and the objective can be sent there, else this thread. Trainings on few rows run on
   * this thread until threads pay, from about a second of work on).
   */
  readonly runner?: Runner;
  /** Candidates in all, at least 1 (default: 20; a grid's all; with a budget no limit). */
  readonly trials?: number;
  /**
   * Candidates that are drawn at a time, at least 1 (default 8). So many, times the folds, can run side by side. It is part of what the search is:
   * another size gives other candidates, while the number of workers makes no difference.
   */
  readonly roundSize?: number;
  /** Seconds after which the search stops: trials that are running then pause, and the best so far is trained on all rows. */
  readonly budget?: number;
  /** What candidates and folds are drawn from: a whole number (default 0). */
  readonly seed?: number;
  /** The path of a file (Node) that outcomes are added to as they come, JSON lines; a search that was stopped goes on from it. */
  readonly storage?: string;
  /** Aborting rejects with an AbortError; outcomes and checkpoints stay in the storage, where there is one. */
  readonly signal?: AbortSignal;
  /** Number of folds, at least 2 (default 5), shuffled, with class proportions kept for labels; or the folds themselves. */
  readonly folds?: CrossValidationOptions['folds'];
  /** What to measure (default: the estimator's own score, accuracy or R^2). */
  readonly scoring?: ScoringLike;
  /**
   * What to make better, the first of which decides (default: ['score']): 'score', and of estimators 'bytes' (of the model's file), 'multiplyAdds' and
   * 'microsecondsPerRow' of a prediction. microsecondsPerRow differs from run to run, so it is in the front and samplers are not told of it.
   */
  readonly objectives?: readonly (ObjectiveName | Goal)[];
  /** The most epochs that an objective function trains for, for pruners that cut epochs. An estimator knows its own. */
  readonly epochs?: number;
  /** Seconds of training between two checkpoints of a trial, > 0 (default 10). */
  readonly checkpointSeconds?: number;
  /** Train the best candidate on all rows at the end (default true). */
  readonly refit?: boolean;
  /** Score what the best must beat on the same folds at the end: always the same answer, and a linear model (default true; estimators alone). */
  readonly baselines?: boolean;
  /**
   * The share of trials that run twice, the second time from the beginning and on any worker, from 0 to 1: score, epochs and the SHA-256 of the trained model
   * must be equal, or the search ends with ERR_FORMAT (default: 0.02 of an estimator's, 0 of a function's).
   */
  readonly verify?: number;
  /** Called after each step of a trial on a fold. */
  readonly onProgress?: (news: SearchNews) => void;
}

/** How far a search is. */
export interface SearchNews {
  /** Trials on folds (or steps of them, with a pruner) that ended. */
  readonly done: number;
  /** How many there will be in all, as far as can be told; Infinity without a limit on trials. */
  readonly total: number;
  /** Candidates that ended, in whatever way. */
  readonly ended: number;
  /** Candidates whose training failed. */
  readonly failed: number;
  /** Candidates that were stopped early. */
  readonly pruned: number;
  /** The best candidate of those that ran to their end; undefined before the first. */
  readonly best:
    | {
        /** Its number. */
        readonly number: number;
        /** What was tried. */
        readonly candidate: Candidate;
        /** Mean of the first objective over its folds. */
        readonly value: number;
      }
    | undefined;
  /** What just ended. */
  readonly last: {
    /** The candidate's number. */
    readonly number: number;
    /** The fold's number. */
    readonly fold: number;
    /** The score on the rows held out; null where training failed. */
    readonly score: number | null;
    /** Epochs that the trial has behind it. */
    readonly epochs: number;
    /** Seconds that it took. */
    readonly seconds: number;
    /** Why it failed, if it did. */
    readonly error: string | undefined;
  };
  /** Seconds since the search began. */
  readonly seconds: number;
  /** Estimate of the seconds left, the last training not counted. */
  readonly secondsLeft: number;
}

/** @throws ERR_OPTION. */
function checkRunner(value: unknown, name: string): void {
  if (typeof (value as Runner | null)?.open !== 'function')
    fail('ERR_OPTION', `${name}: expected a runner, such as here(), workers(4) or bullmq({ connection }), got ${show(value)}.`);
}

/** What is not checked here is where the objective and the rows are known. */
export const settingRows = {
  data: given<{ X: Features; y: unknown }>(),
  sampler: given<SamplerLike>(),
  begin: given<readonly Candidate[]>(),
  pruner: given<PrunerLike>(),
  runner: given<Runner>(checkRunner),
  trials: whole({ min: 1 }),
  roundSize: whole({ min: 1, default: 8 }),
  budget: number({ min: 0, minExclusive: true }),
  seed: seedOption,
  storage: given<string>(),
  signal: given<AbortSignal>(checkSignal),
  folds: given<CrossValidationOptions['folds']>(),
  scoring: given<ScoringLike>(),
  objectives: given<readonly (ObjectiveName | Goal)[]>(),
  epochs: whole({ min: 1 }),
  checkpointSeconds: number({ min: 0, minExclusive: true, default: 10 }),
  refit: flag(true),
  baselines: flag(true),
  verify: number({ min: 0, max: 1 }),
  onProgress: handler<(news: SearchNews) => void>(),
} satisfies Schema<SearchSettings>;
