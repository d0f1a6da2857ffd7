// What a search and its worker threads say to each other.

import type { ModuleFunction } from './objective.js';
import type { Job, JobResult } from './runner.js';

/** What a thread is given when it starts. */
export interface ThreadStart {
  readonly study: { readonly id: string; readonly bytes: Uint8Array };
  /** In memory that all threads share. */
  readonly data: Uint8Array | undefined;
  readonly module: ModuleFunction | undefined;
  readonly checkpointSeconds: number;
  /** Whether jobs have a limit: then the thread says when it begins one. */
  readonly timed: boolean;
  /** Its first number becomes 1 when the search stops. Shared. */
  readonly stop: Int32Array;
}

/** A job, and the checkpoint that it goes on from. */
export interface ThreadJob {
  readonly job: Pick<Job, 'id' | 'bytes'>;
  readonly checkpoint: Uint8Array | undefined;
}

/** What a thread answers: what the job came to, that it stopped, or an error that ends the search. */
export type ThreadAnswer =
  | { readonly result: JobResult }
  | { readonly stopped: true }
  | { readonly error: { readonly code: string | undefined; readonly message: string } };

/** A checkpoint that it saves while it runs a job. */
export interface ThreadNews {
  readonly checkpoint: Uint8Array;
}

/** What it says when it has taken a job up: the pool may have kept that waiting. */
export const begun = 'begun';

/** Threads, as the program beside the library keeps them (threadPool.ts). */
export interface Threads {
  /**
   * @param limit seconds without an end or a checkpoint after which the thread is ended, with whatever it does
   * @throws what the thread died of: nothing else makes it reject.
   */
  run(job: ThreadJob, onNews: (news: ThreadNews) => void, limit: number | undefined): Promise<ThreadAnswer>;
  /** Whether what run() threw says that the thread was ended at the limit. */
  overdue(error: unknown): boolean;
  /** Ends all threads, whatever they do. */
  end(): Promise<void>;
}

/** Makes threads. */
export type OpenThreads = (count: number, start: ThreadStart) => Threads;
