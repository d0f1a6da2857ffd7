// What a search found, in words and figures for whoever asked for it.

import { fail } from '../errors.js';
import { comparedWith, type Baseline } from './baselines.js';
import type { Candidate, CandidateState } from './contract.js';
import type { Goal, ResolvedObjective } from './goals.js';
import { paretoFront } from './paretoFront.js';
import type { Recorded } from './recorded.js';
import type { Ending, Tracked } from './rounds.js';
import { spread } from './scores.js';
import type { Space } from './space.js';

/** One candidate of a search, and how it did. */
export interface TriedCandidate {
  /** Its number, from 0. */
  readonly number: number;
  /** The round it was drawn in, from 0. */
  readonly round: number;
  /** The options that were tried, on top of the objective's own. */
  readonly candidate: Candidate;
  /** 'complete', 'pruned' early, 'failed', or 'stopped' with the search. */
  readonly state: CandidateState;
  /** The score on each fold; NaN where it did not run to its end. */
  readonly scores: readonly number[];
  /** Mean of each objective over the folds that ran to their end, by name; NaN where none did. */
  readonly values: Readonly<Record<string, number>>;
  /** Standard deviation of the first objective over these folds. */
  readonly deviation: number;
  /** Mean of the first objective after each step of the pruner's plan that ended. */
  readonly steps: readonly {
    /** Epochs that its trials had behind them, the most of all folds. */
    readonly epochs: number;
    /** The mean over the step's folds. */
    readonly value: number;
  }[];
  /** Epochs of all its trials. */
  readonly epochs: number;
  /** Seconds of all its trials. */
  readonly seconds: number;
  /** Why it failed, if it did; of one that was stopped and did not end in time, that it was given up. */
  readonly error: string | undefined;
}

/** The best candidate, and the model that it makes of all rows. */
export interface BestCandidate extends TriedCandidate {
  /** The file of the model trained on all rows, for loadEstimator; undefined with refit: false. */
  readonly model: Uint8Array | undefined;
  /** SHA-256 of that file: equal for the same search, wherever and however its trials ran. */
  readonly sha256: string | undefined;
}

/** What a search found. */
export interface SearchFindings {
  /** The candidate that is best by the first objective; the first of equals. */
  readonly best: BestCandidate;
  /** All candidates, by number. */
  readonly trials: readonly TriedCandidate[];
  /** Those that no other candidate is better than by one objective without being worse by another, by number. */
  readonly paretoFront: readonly TriedCandidate[];
  /** Why the search ended: all trials ran; the sampler had no more candidates; the budget was used up. */
  readonly endedBy: 'trials' | 'exhausted' | 'budget';
  /** What the best must beat, on the same folds: empty for an objective that is a function. */
  readonly baselines: readonly Baseline[];
  /** How many trials (a candidate on one fold) ran twice, of those that ran now, and came to the same bits. */
  readonly verified: number;
  /** What is to be known before the best is used, in words: such as that a linear model does as well. */
  readonly notes: readonly string[];
  /** The objectives and which way is better, the first decides. */
  readonly objectives: readonly Goal[];
  /** The space that was searched. */
  readonly space: Space;
}

/** A candidate as it is told. */
function told(tracked: Tracked, objectives: readonly ResolvedObjective[], folds: number): TriedCandidate {
  const { number, round, candidate, state, final, steps, error } = tracked;
  const whole = [...final.keys()].sort((a, b) => a - b).map((fold) => final.get(fold)!);
  const [first] = objectives;
  const ran = ranOf(steps, final);
  return {
    ...{ number, round, candidate, error },
    state: state === 'running' ? 'stopped' : state,
    scores: Array.from({ length: folds }, (_, fold) => final.get(fold)?.score ?? Number.NaN),
    values: Object.fromEntries(objectives.map((one) => [one.name, spread(whole.map(one.valueOf)).mean])),
    deviation: spread(whole.map(first!.valueOf)).deviation,
    steps: steps.map((recorded) => ({
      epochs: Math.max(...recorded.map(({ epochs }) => epochs)),
      value: spread(recorded.map(first!.valueOf)).mean,
    })),
    epochs: sum(new Map(ran.map((one) => [one.fold, one.epochs])).values()),
    seconds: sum(ran.map(({ seconds }) => seconds)),
  };
}

/** Every outcome of a candidate once. */
function ranOf(steps: readonly (readonly Recorded[])[], final: ReadonlyMap<number, Recorded>): readonly Recorded[] {
  return [...new Set([...steps.flat(), ...final.values()])].sort((a, b) => a.step - b.step);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Number of the best candidate. @throws ERR_OPTION where the budget ended the search before any did, ERR_DIVERGED where none could be trained. */
export function bestOf(candidates: readonly Tracked[], [first]: readonly ResolvedObjective[]): number {
  let best: { readonly number: number; readonly loss: number } | undefined;
  for (const { number, state, final } of candidates) {
    if (state !== 'complete') continue;
    const { mean: loss } = spread([...final.values()].map(first!.lossOf));
    if (Number.isFinite(loss) && (best === undefined || loss < best.loss)) best = { number, loss };
  }
  if (best !== undefined) return best.number;
  const failed = candidates.find(({ state }) => state === 'failed');
  if (failed !== undefined)
    fail('ERR_DIVERGED', `No candidate could be trained. The first that failed, number ${failed.number}: ${failed.error}`);
  const late = candidates.find(({ error }) => error !== undefined);
  return fail(
    'ERR_OPTION',
    `budget: no candidate ran to its end within it. ${
      late === undefined
        ? 'Give it a larger budget: with a storage what ran is kept, and the same call goes on from there.'
        : `Number ${late.number}, ${late.error}`
    }`,
  );
}

/** Everything that a search found. */
export function findingsOf(
  candidates: readonly Tracked[],
  best: { readonly number: number; readonly model: Uint8Array | undefined; readonly sha256: string | undefined },
  about: {
    readonly objectives: readonly ResolvedObjective[];
    readonly folds: number;
    readonly ending: Ending;
    readonly space: Space;
    readonly baselines: readonly Baseline[];
    readonly verified: number;
  },
): SearchFindings {
  const { objectives, folds, ending, space, baselines, verified } = about;
  const trials = candidates.map((tracked) => told(tracked, objectives, folds));
  const complete = trials.filter(({ state }) => state === 'complete');
  const losses = complete.map(({ values }) =>
    objectives.map(({ name, goal }) => (goal === 'minimize' ? values[name]! : -values[name]!)),
  );
  return {
    best: { ...trials[best.number]!, model: best.model, sha256: best.sha256 },
    trials,
    paretoFront: paretoFront(losses).map((i) => complete[i]!),
    endedBy: ending === 'stopped' ? 'budget' : ending,
    objectives: objectives.map(({ name, goal }) => ({ name, goal })),
    ...{ space, baselines, verified },
    notes: comparedWith(baselines, trials[best.number]!.scores, objectives[0]!),
  };
}
