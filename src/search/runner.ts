// What runs a search's jobs: this thread, worker threads, a queue of many machines. A job is bytes in and bytes out, under an id that
// is the hash of what it is about; the same job run twice, anywhere, gives the same bytes. So a runner may run a job more than once
// (at-least-once delivery is harmless), give it to another worker when one dies, and take up a trial from any of its checkpoints: all
// of them lie on the one path that training takes.

import type { LocalObjective, ModuleFunction } from './objective.js';

/** What all jobs of a search share. It does not change while the search runs. */
export interface Study {
  /** SHA-256 of `bytes`, 64 hexadecimal digits. */
  readonly id: string;
  /** The objective, the folds and what is measured, as JSON in UTF-8. Names the data by its id. */
  readonly bytes: Uint8Array;
  /** The rows that every trial takes its folds from: sent to a worker once, by id. Absent for an objective without data. */
  readonly data: Bytes | undefined;
  /** Seconds of training after which a running trial saves a checkpoint. */
  readonly checkpointSeconds: number;
  /** The module of the objective, where it is a function: for threads of this process. What runs elsewhere has a list of its own. */
  readonly module: ModuleFunction | undefined;
  /** What cannot leave this thread. Runners elsewhere refuse a study that has it. */
  readonly local: LocalObjective | undefined;
}

/** Bytes under the SHA-256 of them. */
export interface Bytes {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** What the id is the hash of. */
  readonly bytes: Uint8Array;
}

/** One step of one trial, or the last training of the best candidate on all rows. */
export interface Job {
  /** SHA-256 of `bytes`, 64 hexadecimal digits. The job's checkpoints and its outcome are kept under it. */
  readonly id: string;
  /** What to do, as JSON in UTF-8: study, candidate, fold, epochs, seed. */
  readonly bytes: Uint8Array;
  /** The job of the same trial's step before, whose last checkpoint it goes on from; undefined for a first step. */
  readonly previous: string | undefined;
  /** What people call it: 'trial 3, fold 1'. */
  readonly title: string;
}

/** What a job came to. */
export interface JobResult {
  /** The job's id. */
  readonly id: string;
  /** JSON in UTF-8: equal to the byte wherever and however often the job ran. */
  readonly outcome: Uint8Array;
  /** What differs from run to run, as JSON: seconds, microseconds per row. */
  readonly measured: Uint8Array;
  /** The trained model's file, of the last training alone. */
  readonly model?: Uint8Array | undefined;
}

/** A job whose workers died each time, that its worker ended at a limit of time, or whose error has to do with the worker and not the job. */
export interface JobDeath {
  /** The job's id. */
  readonly id: string;
  /** How often it was tried. */
  readonly attempts: number;
  /** How the last attempt ended, in words. */
  readonly reason: string;
  /** Whether its worker ended it, because it neither ended nor saved a checkpoint within the worker's limit of time (default: false). */
  readonly overdue?: boolean;
}

/** Where checkpoints lie, by the id of their job. */
export interface Checkpoints {
  /** The newest of a job; undefined where there is none. */
  load(job: string): Promise<Uint8Array | undefined>;
  /** Keeps one instead of those before it. */
  save(job: string, bytes: Uint8Array): Promise<void>;
  /** Forgets those of a job; one that there is not is no error. */
  remove(job: string): Promise<void>;
}

/** What a runner is given with its jobs. */
export interface RunOptions {
  /** Aborted when the search is to stop: running jobs save a checkpoint and end, and run() rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called once for each job that ended, in whatever order. Not called again before its promise is kept. */
  readonly ended: (result: JobResult | JobDeath) => Promise<void>;
  /** Called for each job that went on for longer than 10 seconds after `signal` was aborted, and that the runner has given up. */
  readonly gaveUp?: (job: Job) => void;
}

/** A runner at work for one search. */
export interface Session {
  /**
   * Runs all of the jobs. Ends when each has been reported to `ended`.
   * @throws what a job was refused with: wrong data or options are not outcomes, and end the search.
   */
  run(jobs: readonly Job[], options: RunOptions): Promise<void>;
  /** Forgets the checkpoints of jobs whose trial has ended. */
  forget(jobs: readonly string[]): Promise<void>;
  /** Ends workers, connections and the like. */
  close(): Promise<void>;
}

/** Runs jobs. */
export interface Runner {
  /** What people call it: 'this thread', '4 worker threads'. */
  readonly name: string;
  /**
   * Ready for the jobs of a study.
   * @param checkpoints where to keep checkpoints, for a runner that has no store of its own
   * @throws ERR_OPTION, ERR_UNSUPPORTED, ERR_WORKER where it cannot run this study
   */
  open(study: Study, checkpoints: Checkpoints): Promise<Session>;
}
