// Jobs that are done twice on purpose: the same work under another id, from the beginning, wherever the runner puts it. What is promised to be
// equal to the bit is compared, now and then, with itself.

import { fail } from '../errors.js';
import { fromBytes, hashed } from './canonical.js';
import type { JobSpec } from './objective.js';
import type { Job, JobDeath, JobResult } from './runner.js';
import { recordOf, type Recorded, type Whose } from './recorded.js';

/** Whether a trial is one of those that are done twice: by the id of its first job, so that it is the same ones wherever the search runs. */
function isDoubled(id: string, share: number): boolean {
  return Number.parseInt(id.slice(0, 8), 16) < share * 2 ** 32;
}

/** The second of a job. It takes up no checkpoint of the first. */
async function doubleOf({ bytes, title }: Job): Promise<Job> {
  const spec: JobSpec = { ...(fromBytes(bytes) as JobSpec), again: true };
  return { ...(await hashed(spec, 'candidate')), previous: undefined, title: `${title}, again` };
}

/** The doubles of some jobs, and what they came to. */
export class Doubles {
  private readonly results = new Map<string, JobResult | JobDeath>();

  private readonly ids: ReadonlySet<string>;

  private constructor(private readonly jobsByFirst: ReadonlyMap<string, Job>) {
    this.ids = new Set(this.jobs.map(({ id }) => id));
  }

  /** @param firstOf the id of the first job of a job's trial */
  static async of(jobs: readonly Job[], share: number, firstOf: (job: Job) => string = ({ id }) => id): Promise<Doubles> {
    const pairs: [string, Job][] = [];
    for (const job of jobs) if (isDoubled(firstOf(job), share)) pairs.push([job.id, await doubleOf(job)]);
    return new Doubles(new Map(pairs));
  }

  get jobs(): readonly Job[] {
    return [...this.jobsByFirst.values()];
  }

  /** Keeps the result of a double. Returns whether it was one. */
  take(result: JobResult | JobDeath): boolean {
    const mine = this.ids.has(result.id);
    if (mine) this.results.set(result.id, result);
    return mine;
  }

  /**
   * The firsts of those that came to what the first had come to, by their ids. Where workers died there is nothing to compare.
   * @throws ERR_FORMAT for one that came to something else
   */
  compared(firstOf: (job: string) => Recorded & Whose): string[] {
    const equal: string[] = [];
    for (const [first, { id, title }] of this.jobsByFirst) {
      const result = this.results.get(id);
      const one = firstOf(first);
      if (result === undefined || 'reason' in result || one.error?.code === 'ERR_WORKER') continue;
      const other = recordOf(result, one);
      if (essence(one) !== essence(other))
        fail(
          'ERR_FORMAT',
          `${title.replace(/, again$/, '')} was done twice and came to two outcomes: ${said(one)} and ${said(other)}. Draw all that is random in an objective from its seed; machines of different kinds agree on estimators with deterministic: true. With verify: 0 nothing is done twice.`,
        );
      equal.push(first);
    }
    return equal;
  }
}

/** What must be equal. */
function essence({ score, values, epochs, finished, error, trained }: Recorded): string {
  const names = Object.keys(values).sort();
  return JSON.stringify([score, names.map((name) => [name, values[name]]), epochs, finished, error ?? null, trained ?? null]);
}

function said({ score, epochs, error, trained }: Recorded): string {
  const model = trained === undefined ? '' : `, model ${trained.slice(0, 12)}`;
  return `score ${score ?? error?.message} after ${epochs} epochs${model}`;
}
