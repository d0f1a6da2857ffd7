// One worker's work: a job comes, its study is opened once, its outcome is kept. A job can come twice, here and elsewhere: then the second
// finds the outcome of the first, or comes to the same and is compared with it.

import type * as BullMQ from 'bullmq';
import { FeedforwardError, fail, type ErrorCode } from '../../errors.js';
import { utf8 } from '../../platform.js';
import { fromBytes } from '../canonical.js';
import { here } from '../here.js';
import type { ModuleFunction, StudySpec } from '../objective.js';
import type { Checkpoints, Job, JobDeath, JobResult, Session, Study } from '../runner.js';
import { usefulWorkers, workersWithin } from '../threads.js';
import type { ByteStore } from './byteStore.js';
import { fingerprint } from './fingerprint.js';
import { attempts, getStudy, readQueued, refusal, stored, unstored } from './messages.js';
import { throughOutages } from './outages.js';

/** What a worker did with a job: it ended; another worker had ended it before; it failed, for now or for good; it was given back. */
export interface TrialNews {
  /** 'trial 3, fold 1'. */
  readonly title: string;
  /** How it ended here. */
  readonly state: 'done' | 'known' | 'failed' | 'returned';
  /** Since the worker took it. */
  readonly seconds: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** What a worker works with. */
interface Means {
  readonly store: ByteStore;
  readonly concurrency: number;
  readonly limitSeconds: number;
  readonly name: string;
  /** Aborted when the worker is to end. */
  readonly stop: AbortSignal;
  readonly objectives: { readonly module: string; readonly names: readonly string[] } | undefined;
  readonly told: (news: TrialNews) => void;
  /** BullMQ's own, which tell it what to do with a job. */
  readonly errors: { readonly Waiting: new () => Error; readonly Unrecoverable: new (message: string) => Error };
}

/** Studies that are kept open, with their rows and threads, beside those that have jobs running. */
const spare = 1;

/** Errors that are the worker's and not the job's: another worker may do better. */
const ours: readonly ErrorCode[] = ['ERR_WORKER', 'ERR_MEMORY', 'ERR_BUSY', 'ERR_STATE'];

interface OpenStudy {
  readonly session: Promise<Session>;
  days: number;
  running: number;
  used: number;
}

export class Shift {
  private readonly studies = new Map<string, OpenStudy>();
  /** Jobs that run, as BullMQ knows them, by their own id. */
  private readonly jobs = new Map<string, BullMQ.Job>();
  /** Checkpoints that were looked for with the outcomes, and what was found. */
  private readonly fetched = new Map<string, Uint8Array | undefined>();
  private mine: Promise<string> | undefined;
  private lastWork = performance.now();
  private count = 0;

  constructor(private readonly means: Means) {}

  /** Trials that this worker ended. */
  get trials(): number {
    return this.count;
  }

  /** How long there has been nothing to do. */
  get idleSeconds(): number {
    return this.jobs.size > 0 ? 0 : (performance.now() - this.lastWork) / 1000;
  }

  begin(): void {
    this.lastWork = performance.now();
  }

  /** Does a job of the queue. Throws what BullMQ is to know of it. */
  async take(queued: BullMQ.Job, token: string): Promise<void> {
    const started = performance.now();
    let title = queued.id ?? '';
    const tell = (state: TrialNews['state'], reason?: string) =>
      this.means.told({
        title,
        state,
        seconds: (performance.now() - started) / 1000,
        ...(reason === undefined ? {} : { reason }),
      });
    let id: string | undefined;
    try {
      const { job, study, days } = await readQueued(queued.id ?? '', queued.data);
      title = job.title;
      id = job.id;
      this.jobs.set(id, queued);
      tell(await this.work(queued, job, study, days));
      this.count++;
    } catch (error) {
      if (this.means.stop.aborted && !(error instanceof FeedforwardError && !ours.includes(error.code))) {
        await this.giveBack(queued, token);
        tell('returned');
        throw new this.means.errors.Waiting();
      }
      tell('failed', (error as Error).message);
      if (error instanceof FeedforwardError && !ours.includes(error.code))
        throw new this.means.errors.Unrecoverable(refusal(error.code, error.message));
      throw error;
    } finally {
      if (id !== undefined) this.jobs.delete(id);
      this.lastWork = performance.now();
    }
  }

  /** Ends the threads of all studies. */
  async end(): Promise<void> {
    const all = [...this.studies.values()];
    this.studies.clear();
    for (const { session } of all) await (await session.catch(() => undefined))?.close();
  }

  private async work(queued: BullMQ.Job, job: Job, studyId: string, days: number): Promise<'done' | 'known'> {
    const { store, stop, errors } = this.means;
    const begun = queued.attemptsStarted - forgiven(queued);
    if (begun > attempts)
      throw new errors.Unrecoverable(queued.failedReason ?? 'it went away without a word (killed, or out of memory)');
    const path = [job.id, ...(job.previous === undefined ? [] : [job.previous])];
    const [[known], checkpoints] = await Promise.all([store.get('outcome', [job.id]), store.get('checkpoint', path)]);
    if (known !== undefined) return 'known';
    path.forEach((id, i) => this.fetched.set(id, checkpoints[i]));
    const study = this.study(studyId, days);
    study.running++;
    this.tidy();
    try {
      let result: JobResult | JobDeath | undefined;
      const session = await study.session;
      stop.throwIfAborted();
      await session.run([job], {
        signal: stop,
        ended: async (ended) => {
          result = ended;
        },
      });
      if (result === undefined) throw new Error('the trial came to nothing');
      if ('reason' in result) throw new errors.Unrecoverable(result.reason);
      return await this.keep(job, result, days);
    } finally {
      for (const id of path) this.fetched.delete(id);
      study.running--;
      study.used = performance.now();
    }
  }

  /** Keeps an outcome, unless there is one, which must be the same. */
  private async keep(job: Job, result: JobResult, days: number): Promise<'done'> {
    const { store } = this.means;
    if (result.model !== undefined) await store.put('model', job.id, result.model, days);
    const before = await store.putOnce('outcome', job.id, stored(result), days);
    if (before !== undefined && !equal(unstored(job.id, before).outcome, result.outcome))
      fail(
        'ERR_FORMAT',
        `${job.title} was done twice and came to two outcomes. Draw all that is random in the objective from its seed; machines of different kinds agree on estimators with deterministic: true.`,
      );
    return 'done';
  }

  /** Back into the queue, at no cost of attempts. */
  private async giveBack(queued: BullMQ.Job, token: string): Promise<void> {
    await forgive(queued);
    await queued.moveToWait(token);
  }

  // ---- studies -----------------------------------------------------------------------------------------------------------------

  private study(id: string, days: number): OpenStudy {
    let open = this.studies.get(id);
    if (open === undefined) {
      open = { session: this.open(id, days), days, running: 0, used: 0 };
      const opened = open;
      this.studies.set(id, opened);
      opened.session.catch(() => this.studies.get(id) === opened && this.studies.delete(id));
    }
    open.days = days;
    return open;
  }

  private async open(id: string, days: number): Promise<Session> {
    const { store, concurrency, limitSeconds } = this.means;
    const study: Study = { ...(await getStudy(store, id)), module: undefined, local: undefined };
    const module = this.moduleOf(study.bytes);
    await this.agree(study, days);
    const checkpoints: Checkpoints = {
      load: async (job) => {
        if (!this.fetched.has(job)) return store.one('checkpoint', job);
        const fetched = this.fetched.get(job);
        this.fetched.delete(job); // the next attempt looks for a newer one
        return fetched;
      },
      save: async (job, bytes) => {
        await store.put('checkpoint', job, bytes, this.studies.get(id)?.days ?? 1);
        const queued = this.jobs.get(job);
        if (queued !== undefined)
          await throughOutages(
            () => forgive(queued),
            () => this.means.stop.aborted,
          );
      },
      remove: (job) => store.remove('checkpoint', [job]),
    };
    // Checkpoints of an estimator are further apart than checkpointSeconds, by up to an epoch.
    const limit = module === undefined ? Math.max(limitSeconds, 2 * study.checkpointSeconds) : limitSeconds;
    const runner = (await usefulWorkers()) > 0 ? workersWithin(limit, concurrency) : here();
    return runner.open({ ...study, module }, checkpoints);
  }

  /** Refuses to train to other bits than the worker that began the study. */
  private async agree({ id, bytes }: Study, days: number): Promise<void> {
    const { objective } = fromBytes(bytes) as StudySpec;
    if (!('estimator' in objective) || objective.estimator === 'Perceptron' || objective.options['deterministic'] === true)
      return;
    this.mine ??= fingerprint();
    const mine = utf8(await this.mine);
    const first = await this.means.store.putOnce('fingerprint', id, mine, days);
    if (first !== undefined && !equal(first, mine))
      fail(
        'ERR_UNSUPPORTED',
        `Worker ${this.means.name} trains to other bits than the worker that began this search: its Node, its flags or its version of the library differ. Give the estimator deterministic: true (the command: --deterministic), or run the same on all machines.`,
      );
  }

  /** The function that a study names, if the operator of this worker listed it. */
  private moduleOf(bytes: Uint8Array): ModuleFunction | undefined {
    const { objective } = fromBytes(bytes) as StudySpec;
    if (!('function' in objective)) return undefined;
    const { objectives, name } = this.means;
    if (!objectives?.names.includes(objective.function)) {
      const has =
        objectives === undefined ? 'It was started without a list of functions' : `It has ${objectives.names.join(', ')}`;
      fail(
        'ERR_OPTION',
        `objective: worker ${name} has no function "${objective.function}". ${has}: start it with --objectives MODULE.`,
      );
    }
    return { module: objectives.module, name: objective.function };
  }

  /** Closes studies that nobody uses any more. */
  private tidy(): void {
    const idle = [...this.studies].filter(([, { running }]) => running === 0).sort(([, a], [, b]) => b.used - a.used);
    for (const [id, { session }] of idle.slice(spare)) {
      this.studies.delete(id);
      void session.then((open) => open.close()).catch(() => undefined);
    }
  }
}

/** Times that a job was begun which do not count: it was given back, or got as far as a checkpoint. */
function forgiven({ progress }: BullMQ.Job): number {
  const counted = (progress as { readonly forgiven?: unknown } | undefined)?.forgiven;
  return typeof counted === 'number' ? counted : 0;
}

async function forgive(queued: BullMQ.Job): Promise<void> {
  if (forgiven(queued) !== queued.attemptsStarted) await queued.updateProgress({ forgiven: queued.attemptsStarted });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
