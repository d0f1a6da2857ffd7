// An outcome as it is recorded: one line of a search's file.

import { fail } from '../errors.js';
import { fromBytes } from './canonical.js';
import type { Candidate } from './contract.js';
import type { JobDeath, JobResult } from './runner.js';
import type { Measured, Outcome } from './workplace.js';

/** What a job came to, and whose job it was. */
export interface Recorded {
  readonly job: string;
  /** Number of the first candidate that the job was for. */
  readonly trial: number;
  readonly fold: number;
  readonly step: number;
  readonly candidate: Candidate;
  readonly score: number | null;
  readonly values: Readonly<Record<string, number>>;
  readonly epochs: number;
  readonly finished: boolean;
  readonly seconds: number;
  readonly microsecondsPerRow?: number;
  /** SHA-256 of the trained model's file, of an estimator. */
  readonly trained?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Whose job it was. */
export type Whose = Pick<Recorded, 'trial' | 'fold' | 'step' | 'candidate'>;

export function recordOf(result: JobResult | JobDeath, whose: Whose): Recorded {
  const { id } = result;
  if ('reason' in result) {
    const { attempts, reason, overdue = false } = result;
    const message = overdue ? `Its worker ended it. ${reason}` : `Its workers died ${attempts} times. The last one: ${reason}`;
    return {
      job: id,
      ...whose,
      score: null,
      values: {},
      epochs: 0,
      finished: true,
      seconds: 0,
      error: { code: 'ERR_WORKER', message },
    };
  }
  const { job, score, values, epochs, finished, error, trained } = fromBytes(result.outcome) as Outcome;
  if (job !== id) fail('ERR_WORKER', `The runner reported the outcome of job ${job} as that of ${id}.`);
  const { seconds, microsecondsPerRow } = fromBytes(result.measured) as Measured;
  return {
    ...{ job, ...whose, score, values, epochs, finished, seconds },
    ...(microsecondsPerRow === undefined ? {} : { microsecondsPerRow }),
    ...(trained === undefined ? {} : { trained }),
    ...(error === undefined ? {} : { error }),
  };
}
