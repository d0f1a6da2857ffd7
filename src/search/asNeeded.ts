// The runner of searches that name none. Jobs run on this thread at first, where they begin at once: a worker thread takes a fifth of a second of a
// processor to load Node and the library, and runs them uncompiled for a while. When what is ahead is long, threads take it over: a job in hand pauses
// to its checkpoint and goes on there, to the same bits.

import { runsHandedIn } from '../core/handedIn.js';
import { utf8 } from '../platform.js';
import { canonical, fromBytes } from './canonical.js';
import { here } from './here.js';
import type { StudySpec } from './objective.js';
import type { Checkpoints, Job, JobDeath, JobResult, Runner, RunOptions, Session, Study } from './runner.js';
import { workers } from './threads.js';
import type { Measured } from './workplace.js';

/** Milliseconds of work ahead from which threads pay. */
const worthThreads = 1000;

/** Milliseconds of work after which it is reckoned what is ahead, and between two looks. */
const firstLook = 200;
const lookEvery = 50;

/** Bytes of rows that are too many for this thread: other tasks of it would wait while they are read and scaled. */
const largeData = 2 ** 19;

/** Whether a training is one piece, however long: neither a pause nor a signal would come through to this thread. */
function trainsAtOnce({ bytes }: Study): boolean {
  const { objective } = fromBytes(bytes) as StudySpec;
  return 'estimator' in objective && objective.estimator === 'Perceptron';
}

/** Whether threads run all jobs: functions, which may never end; many rows; trainings in one piece; and where this thread's core may make other bits. */
const needsThreads = (study: Study): boolean =>
  study.module !== undefined || (study.data?.bytes.length ?? 0) > largeData || trainsAtOnce(study) || runsHandedIn();

/** Runs jobs here, and on worker threads once these pay: on them from the start where they need threads. */
export function asNeeded(): Runner {
  return {
    name: 'this thread, and worker threads where they pay',
    open: async (study, checkpoints) =>
      needsThreads(study)
        ? workers().open(study, checkpoints)
        : new AsNeeded(study, checkpoints, await here().open(study, checkpoints)),
  };
}

class AsNeeded implements Session {
  private threads: Session | undefined;
  /** Milliseconds that jobs took here, and how many ended. */
  private spent = 0;
  private done = 0;
  /** The job that threads took over, and its seconds here. */
  private begun: { readonly id: string; readonly seconds: number } | undefined;

  constructor(
    private readonly study: Study,
    private readonly checkpoints: Checkpoints,
    private readonly here: Session,
  ) {}

  async run(jobs: readonly Job[], options: RunOptions): Promise<void> {
    const left = this.threads === undefined ? await this.runHere(jobs, options) : jobs;
    if (left.length === 0) return;
    this.threads ??= await workers().open(this.study, this.checkpoints);
    await this.threads.run(left, { ...options, ended: (result) => options.ended(this.inAll(result)) });
  }

  /** Runs jobs until threads pay. Returns those that are left to them. */
  private async runHere(jobs: readonly Job[], { signal, ended, gaveUp }: RunOptions): Promise<readonly Job[]> {
    const pause = new AbortController();
    const stop = () => pause.abort(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    let next = 0;
    let begun = performance.now();
    let telling = false;
    const look = () => {
      if (this.pays(jobs.length - next, performance.now() - begun)) pause.abort();
    };
    const looking = setInterval(look, lookEvery);
    try {
      while (next < jobs.length) {
        begun = performance.now();
        look();
        await this.here.run([jobs[next]!], {
          signal: pause.signal,
          ended: async (result) => {
            next++;
            this.done++;
            this.spent += performance.now() - begun;
            telling = true;
            await ended(result);
            telling = false;
          },
          gaveUp: (job) => {
            if (signal.aborted) gaveUp?.(job);
          },
        });
      }
    } catch (error) {
      if (telling || signal.aborted || !pause.signal.aborted) throw error; // else it is the pause
    } finally {
      clearInterval(looking);
      signal.removeEventListener('abort', stop);
    }
    if (next < jobs.length) this.begun = { id: jobs[next]!.id, seconds: (performance.now() - begun) / 1000 };
    return jobs.slice(next);
  }

  /** What a job came to, with its seconds on this thread. */
  private inAll(result: JobResult | JobDeath): JobResult | JobDeath {
    if (!('measured' in result) || result.id !== this.begun?.id) return result;
    const measured = fromBytes(result.measured) as Measured;
    const seconds = measured.seconds + this.begun.seconds;
    return { ...result, measured: utf8(canonical({ ...measured, seconds }, 'measured')) };
  }

  /** Whether threads pay, with so many jobs to end, of which the first runs for so long. Rounds to come may take as long as those before. */
  private pays(left: number, running: number): boolean {
    const { spent, done } = this;
    if (left === 0 || spent + running < firstLook) return false;
    const each = Math.max(running, done === 0 ? 0 : spent / done);
    return each * left >= worthThreads || (left > 1 && spent >= worthThreads);
  }

  async forget(jobs: readonly string[]): Promise<void> {
    await this.here.forget(jobs);
  }

  async close(): Promise<void> {
    await this.here.close();
    await this.threads?.close();
  }
}
