/**
 * feedforward/search: which options are best. Searches over a space on this thread, on worker threads or on many machines, with one result.
 * @module
 */

export { FeedforwardError, type ErrorCode } from '../errors.js';
export { search, type Objective } from '../search/search.js';
export type { SearchNews, SearchSettings } from '../search/settings.js';
export type { Baseline } from '../search/baselines.js';
export type { BestCandidate, SearchFindings, TriedCandidate } from '../search/findings.js';
export type { Goal, ObjectiveName } from '../search/goals.js';
export type {
  LocalObjective,
  ModuleFunction,
  ObjectiveAnswer,
  ObjectiveContext,
  ObjectiveFunction,
  ObjectiveRows,
} from '../search/objective.js';
export { here } from '../search/here.js';
export { workers } from '../search/threads.js';
export { bullmq, type QueueOptions } from '../search/queue/bullmq.js';
export type { QueueServer } from '../search/queue/connection.js';
export { queueWorker, type QueueWorkerOptions, type QueueWorkerResult, type TrialNews } from '../search/queue/worker.js';
export { toOptunaJournal, trialsToCsv } from '../search/exports.js';
export { suggestedSpace, type SuggestedSpace, type SuggestedSpaceOptions } from '../search/suggestedSpace.js';
export type { Condition, Conditional, Space, SpaceRange } from '../search/space.js';
export type { SamplerLike, TpeOptions } from '../search/samplers.js';
export type { HalvingOptions, MedianOptions, PrunerLike, RacingOptions } from '../search/pruners.js';
export type {
  Candidate,
  CandidateOutcome,
  CandidateRecord,
  CandidateState,
  ProposalRequest,
  Pruner,
  PruningRequest,
  Sampler,
  Step,
  StepRecord,
} from '../search/contract.js';
export type { Bytes, Checkpoints, Job, JobDeath, JobResult, Runner, RunOptions, Session, Study } from '../search/runner.js';
