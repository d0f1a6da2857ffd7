// A search as it goes: rounds of candidates, steps of their trials, a barrier after each. What is decided depends on recorded outcomes in the
// order of candidates alone; which of them were run now, run before, or run twice makes no difference.

import { fail } from '../errors.js';
import { grace } from './grace.js';
import { hashed } from './canonical.js';
import type { Candidate, CandidateOutcome, CandidateRecord, CandidateState, Pruner, Sampler, Step } from './contract.js';
import { Doubles } from './doubles.js';
import type { ResolvedObjective } from './goals.js';
import type { JobSpec } from './objective.js';
import type { Job, Session, Study } from './runner.js';
import { recordOf, type Recorded } from './recorded.js';

/** Everything that decides what a search does. */
export interface Course {
  readonly study: Study;
  readonly sampler: Sampler;
  /** Candidates that are tried before any that the sampler draws, in a round of their own. */
  readonly begin?: readonly Candidate[];
  readonly pruner: Pruner;
  /** How many folds there are; 1 without data. */
  readonly folds: number;
  /** The most epochs that the objective trains for; undefined where there is nothing to cut. */
  readonly epochs: number | undefined;
  /** Candidates in all. */
  readonly trials: number;
  /** Candidates that are drawn at a time. */
  readonly roundSize: number;
  readonly seed: number;
  /** The first decides. */
  readonly objectives: readonly ResolvedObjective[];
  /** The share of jobs that are done twice, to be compared. */
  readonly verify: number;
  /** Refuses a candidate before any of its round runs. */
  readonly check: (candidate: Candidate) => void;
}

/** A candidate at work, or done with. */
export interface Tracked {
  readonly number: number;
  readonly round: number;
  readonly candidate: Candidate;
  state: CandidateState | 'running';
  /** By step, then in the order of the step's folds. */
  readonly steps: Recorded[][];
  /** Folds that ran to their end, by number. */
  readonly final: Map<number, Recorded>;
  /** Steps of folds that are done. */
  slots: number;
  error: string | undefined;
}

/** What a search is told and asked while it goes. */
export interface Watch {
  /** Outcomes that are known already, by job. */
  readonly known: Map<string, Recorded>;
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Called for each job that has ended now, one at a time, before anything is made of it. */
  readonly ended: (recorded: Recorded, candidates: readonly Tracked[]) => Promise<void>;
}

/** How a search ended: all trials ran; the sampler had no more; it was stopped. */
export type Ending = 'trials' | 'exhausted' | 'stopped';

/** Where a job's outcome belongs. */
interface Slot {
  readonly tracked: Tracked;
  readonly fold: number;
}

/** Runs a search. When it is stopped, what had ended until then is what it comes to. */
export class Rounds {
  readonly candidates: Tracked[] = [];
  private readonly plan: readonly Step[];

  constructor(
    private readonly course: Course,
    private readonly watch: Watch,
  ) {
    this.plan = course.pruner.plan(course.folds, course.epochs);
    checkPlan(this.plan, course.folds);
  }

  /** Trials, candidates on a fold, that were done twice and came to the same, by what `keyOf` makes of them. */
  private readonly twice = new Set<string>();

  get verified(): number {
    return this.twice.size;
  }

  /** What was given up when the search stopped, in words. */
  readonly givenUp: string[] = [];

  /** Folds and steps of candidates that are done. */
  get slotsDone(): number {
    return this.ended;
  }

  /** Those of candidates that have ended, and of those that run. */
  get slotsOfEnded(): number {
    return this.slotsOf((state) => state !== 'running');
  }
  get slotsOfRunning(): number {
    return this.slotsOf((state) => state === 'running');
  }

  get folds(): number {
    return this.course.folds;
  }

  private slotsOf(counts: (state: Tracked['state']) => boolean): number {
    return this.candidates.reduce((sum, { state, slots }) => sum + (counts(state) ? slots : 0), 0);
  }

  /** Jobs of a candidate that no pruner stops. */
  get jobsEach(): number {
    return this.plan.reduce((sum, { folds }) => sum + folds.length, 0);
  }

  /** @throws what a job or the sampler was refused with; the signal's reason when it is aborted. */
  async run(): Promise<Exclude<Ending, 'stopped'>> {
    const { trials, roundSize, sampler, begin = [], seed, check } = this.course;
    const before = begin.length > 0 ? 1 : 0;
    for (let round = 0; this.candidates.length < trials; round++) {
      this.watch.signal.throwIfAborted();
      const earlier = this.candidates.map((tracked) => this.outcomeOf(tracked));
      const proposed = round < before ? begin : sampler.propose({ seed, round: round - before, size: roundSize, earlier });
      const drawn = proposed.slice(0, trials - this.candidates.length);
      if (drawn.length === 0) return 'exhausted';
      for (const candidate of drawn) check(candidate);
      const members = drawn.map((candidate, i): Tracked => {
        const number = this.candidates.length + i;
        return { number, round, candidate, state: 'running', steps: [], final: new Map(), slots: 0, error: undefined };
      });
      this.candidates.push(...members);
      await this.runRound(members, earlier);
    }
    return 'trials';
  }

  private async runRound(members: readonly Tracked[], earlier: readonly CandidateOutcome[]): Promise<void> {
    const { plan } = this;
    for (const [step, { folds }] of plan.entries()) {
      const running = members.filter(({ state }) => state === 'running');
      if (running.length === 0) return;
      await this.runStep(step, running);
      for (const tracked of running) {
        const recorded = folds.map((fold) => this.recorded(tracked, step, fold)!);
        tracked.steps.push(recorded);
        const wrong = recorded.find(({ error }) => error !== undefined);
        tracked.error = wrong?.error?.message;
        if (wrong !== undefined) tracked.state = 'failed';
      }
      const left = running.filter(({ state }) => state === 'running');
      if (step === plan.length - 1) for (const tracked of left) tracked.state = 'complete';
      else if (left.length > 0) {
        const keep = this.course.pruner.keep({ step, plan, running: left.map((tracked) => this.recordOf(tracked)), earlier });
        left.forEach((tracked, i) => {
          if (keep[i] !== true) tracked.state = 'pruned';
        });
      }
      await this.forget(running.filter(({ state }) => state !== 'running'));
    }
  }

  /** Jobs by the number of the candidate, the step and the fold. */
  private readonly jobs = new Map<string, Job>();
  private readonly byId = new Map<string, Recorded>();
  private readonly done = new Map<string, Recorded>();
  private ended = 0;

  private async runStep(step: number, running: readonly Tracked[]): Promise<void> {
    const { watch, plan } = this;
    const slots = new Map<string, Slot[]>();
    const jobs: Job[] = [];
    for (const tracked of running)
      for (const fold of plan[step]!.folds) {
        const before = this.before(tracked, step, fold);
        if (before?.recorded.finished) {
          this.take({ tracked, fold }, step, before.recorded); // it came to its end in an earlier step
          continue;
        }
        const job = await this.jobOf(tracked, step, fold, before?.job.id);
        this.jobs.set(keyOf(tracked, step, fold), job);
        const known = this.byId.get(job.id) ?? watch.known.get(job.id);
        if (known !== undefined) this.take({ tracked, fold }, step, known);
        else if (slots.has(job.id)) slots.get(job.id)!.push({ tracked, fold });
        else {
          slots.set(job.id, [{ tracked, fold }]);
          jobs.push(job);
        }
      }
    if (jobs.length === 0) return;
    const doubles = await Doubles.of(jobs, this.course.verify, (job) => this.firstOf(slots.get(job.id)![0]!));
    await watch.session.run([...jobs, ...doubles.jobs], {
      signal: watch.signal,
      ended: async (result) => {
        if (doubles.take(result)) return;
        const mine = slots.get(result.id);
        if (mine === undefined)
          fail('ERR_WORKER', `The runner reported a job that was not given to it, or one twice: ${result.id}.`);
        slots.delete(result.id);
        const [{ tracked, fold }] = mine as [Slot];
        const recorded = recordOf(result, { trial: tracked.number, fold, step, candidate: tracked.candidate });
        for (const slot of mine) this.take(slot, step, recorded);
        await watch.ended(recorded, this.candidates);
      },
      gaveUp: ({ id, title }) => {
        this.givenUp.push(title);
        for (const { tracked, fold } of slots.get(id) ?? []) tracked.error = `fold ${fold} was given up: ${unheard}.`;
      },
    });
    if (slots.size > 0) fail('ERR_WORKER', `The runner left ${slots.size} jobs without an outcome.`);
    for (const job of doubles.compared((first) => this.byId.get(first)!)) {
      const { trial, fold } = this.byId.get(job)!;
      this.twice.add(`${trial} ${fold}`);
    }
    if (doubles.jobs.length > 0) await watch.session.forget(doubles.jobs.map(({ id }) => id));
  }

  private take({ tracked, fold }: Slot, step: number, recorded: Recorded): void {
    this.byId.set(recorded.job, recorded);
    this.done.set(keyOf(tracked, step, fold), recorded);
    this.ended++;
    tracked.slots++;
    if (recorded.finished && recorded.error === undefined) tracked.final.set(fold, recorded);
  }

  private recorded(tracked: Tracked, step: number, fold: number): Recorded | undefined {
    return this.done.get(keyOf(tracked, step, fold));
  }

  /** The step before in which the fold ran. */
  private before(tracked: Tracked, step: number, fold: number): { readonly job: Job; readonly recorded: Recorded } | undefined {
    for (let earlier = step - 1; earlier >= 0; earlier--) {
      const recorded = this.recorded(tracked, earlier, fold);
      const job = this.jobs.get(keyOf(tracked, earlier, fold));
      if (recorded !== undefined && job !== undefined) return { job, recorded };
    }
    return undefined;
  }

  /** The job of the trial's first step: it stands for the trial. */
  private firstOf({ tracked, fold }: Slot): string {
    const step = this.plan.findIndex(({ folds }) => folds.includes(fold));
    return this.jobs.get(keyOf(tracked, step, fold))!.id;
  }

  private async jobOf(tracked: Tracked, step: number, fold: number, previous: string | undefined): Promise<Job> {
    const epochs = this.plan[step]!.epochs ?? null;
    return makeJob(
      this.course.study,
      { candidate: tracked.candidate, fold, step, epochs },
      previous,
      `trial ${tracked.number}, fold ${fold}`,
    );
  }

  /** Checkpoints of trials that have ended are of no use any more, nor are their jobs. */
  private async forget(ended: readonly Tracked[]): Promise<void> {
    const ids: string[] = [];
    for (const tracked of ended)
      for (const [step, { folds }] of this.plan.entries())
        for (const fold of folds) {
          const key = keyOf(tracked, step, fold);
          const job = this.jobs.get(key);
          if (job !== undefined) ids.push(job.id);
          this.jobs.delete(key);
          this.done.delete(key);
        }
    if (ids.length > 0) await this.watch.session.forget(ids);
  }

  private recordOf({ number, round, candidate, steps }: Tracked): CandidateRecord {
    const [objective] = this.course.objectives;
    return {
      ...{ number, round, candidate },
      steps: steps.map((recorded, step) => ({ step, losses: recorded.map((one) => objective!.lossOf(one)) })),
    };
  }

  private outcomeOf(tracked: Tracked): CandidateOutcome {
    const { state, final, steps } = tracked;
    const whole = [...final.keys()].sort((a, b) => a - b).map((fold) => final.get(fold)!);
    const told = state === 'failed' ? [] : whole.length > 0 ? whole : (steps.at(-1) ?? []);
    const mean = (of: (one: Recorded) => number) => told.reduce((sum, one) => sum + of(one), 0) / told.length;
    return {
      ...this.recordOf(tracked),
      state: state === 'running' ? 'stopped' : state,
      losses: told.length === 0 ? [] : this.course.objectives.flatMap((one) => (one.measured ? [] : [mean(one.lossOf)])),
    };
  }
}

/** Of a trial that was given up. */
const unheard = `it had not ended ${grace / 1000} seconds after the search was stopped. An objective stops in time by its signal`;

const keyOf = ({ number }: Tracked, step: number, fold: number) => `${number} ${step} ${fold}`;

/** A job and its id. */
export async function makeJob(
  study: Study,
  spec: Omit<JobSpec, 'study'>,
  previous: string | undefined,
  title: string,
): Promise<Job> {
  const full: JobSpec = { study: study.id, ...spec };
  return { ...(await hashed(full, 'candidate')), previous, title };
}

function checkPlan(plan: readonly Step[], folds: number): void {
  const last = new Map<number, Step>();
  for (const step of plan) for (const fold of step.folds) last.set(fold, step);
  for (let fold = 0; fold < folds; fold++)
    if (last.get(fold) === undefined || last.get(fold)!.epochs !== undefined)
      fail('ERR_OPTION', `pruner: its plan does not take fold ${fold} to its end.`);
}
