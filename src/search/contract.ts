// What samplers and pruners agree on with the search that asks them. Both are pure: they see what was recorded and nothing else, always in
// the order of candidates' numbers and never in the order in which workers ended. So one worker and a hundred make the same search.
//
// A search goes in rounds of a fixed size. A round's candidates are drawn at once, from the outcomes of all earlier rounds: a candidate
// never depends on how far another one of its round has come.
//
//   round 0   propose -> c0 c1 c2 c3 | step 0: every fold and candidate | barrier: keep? | step 1: those kept | barrier | …
//   round 1   propose(outcomes of c0 to c3) -> c4 c5 c6 c7 | …
//
// A trial, one candidate on one fold, is cut into steps at whose end it pauses to bytes. After each step there is a barrier: all that
// runs has ended, and the pruner says which candidates of the round go on. It compares them with each other and with all that earlier
// rounds left, which is what asynchronous halving (ASHA) sees when its jobs come in groups of a round's size. Its promotions depend
// on the order of arrival; these cannot, for at a barrier nothing is on its way.

import type { Json } from '../formats/json.js';

/** What is tried: a value for each option of a space that is in force, by name. Plain data. */
export type Candidate = Readonly<Record<string, Json>>;

/** How a candidate ended: all its folds ran; the pruner stopped it; training failed; or it did not end, since the search was stopped. */
export type CandidateState = 'complete' | 'pruned' | 'failed' | 'stopped';

/** One step of every trial: which folds run, and up to which epoch. */
export interface Step {
  /** Numbers of the folds, ascending, without repeats. */
  readonly folds: readonly number[];
  /** Epochs in all that the trials of these folds have behind them at the end of the step; undefined: to their own end. */
  readonly epochs: number | undefined;
}

/** What one step of a candidate came to. */
export interface StepRecord {
  /** Number of the step in the pruner's plan. */
  readonly step: number;
  /** First objective on each fold of the step, in the order of the step's folds. Less is better. */
  readonly losses: readonly number[];
}

/** A candidate and what has been recorded of it. */
export interface CandidateRecord {
  /** Its number in the search, from 0. */
  readonly number: number;
  /** Its round, from 0. */
  readonly round: number;
  /** What was tried. */
  readonly candidate: Candidate;
  /** The steps that ended, in order. */
  readonly steps: readonly StepRecord[];
}

/** A candidate of an earlier round: it has ended. */
export interface CandidateOutcome extends CandidateRecord {
  /** How it ended. */
  readonly state: CandidateState;
  /**
   * Mean of each objective over the folds that ran to their end, turned so that less is better; of a pruned candidate over those of its last
   * step. Empty for one that failed. Only objectives that are equal on every machine: no timings.
   */
  readonly losses: readonly number[];
}

/** What a sampler is asked. */
export interface ProposalRequest {
  /** The search's seed; draw from Random(seed, some words with the round's number). */
  readonly seed: number;
  /** Number of the round, from 0. */
  readonly round: number;
  /** How many candidates the round has: always the same in a search. */
  readonly size: number;
  /** All candidates of earlier rounds, by number. */
  readonly earlier: readonly CandidateOutcome[];
}

/** Draws candidates: the answer depends on nothing but the request. */
export interface Sampler {
  /** Its name and settings, and the space that it draws from: part of the search's id. */
  readonly settings: Json;
  /** The candidates of a round, at most `size`: fewer when no more are left, and none ends the search. */
  propose(request: ProposalRequest): readonly Candidate[];
}

/** What a pruner is asked at a barrier. */
export interface PruningRequest {
  /** Number of the step in the plan that just ended. It is never the last. */
  readonly step: number;
  /** The steps of every candidate, as the pruner planned them. */
  readonly plan: readonly Step[];
  /** Candidates of this round that ran the step, by number; those that failed are not among them. */
  readonly running: readonly CandidateRecord[];
  /** All candidates of earlier rounds, by number. */
  readonly earlier: readonly CandidateOutcome[];
}

/** Stops candidates early: the answer depends on nothing but the request. */
export interface Pruner {
  /** Its name and settings: part of the search's id. */
  readonly settings: Json;
  /**
   * The steps of every candidate, in order. Each fold's last step has epochs: undefined.
   * @param folds how many folds there are
   * @param epochs the most epochs that the objective trains for; undefined where it has none to cut
   * @throws ERR_OPTION where it needs epochs, or more folds
   */
  plan(folds: number, epochs: number | undefined): readonly Step[];
  /** Which of the running candidates go on, in their order. */
  keep(request: PruningRequest): readonly boolean[];
}
