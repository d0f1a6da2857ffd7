// A job that its worker ended at a limit of time. A queue keeps the reason alone of how a job ended, so that it is known again by its first words.

import type { JobDeath } from './runner.js';

const firstWords = 'Time limit: ';

/** What is reported of a job that neither ended nor saved a checkpoint for so long. */
export function overdue(id: string, seconds: number): JobDeath {
  return overdueBy(id, `${firstWords}it neither ended nor saved a checkpoint for ${seconds} seconds`);
}

/** What is reported of such a job by the reason that a queue kept. */
export function overdueBy(id: string, reason: string): JobDeath {
  return { id, attempts: 1, reason, overdue: true };
}

/** Whether a reason that a queue kept is that of such a job. */
export const isOverdue = (reason: string): boolean => reason.startsWith(firstWords);
