// A search's side of the queue. Outcomes are kept in the queue's server under the ids of their jobs, and that is where they are looked for:
// BullMQ's events only say when to look. So an event that is missed, a server that starts again, a job done twice, or a search that
// goes on elsewhere change nothing.
//
//   jobs not in the queue yet -> at most `inQueue` of them in it -> outcome in the store -> ended()

import type { Queue, QueueEvents } from 'bullmq';
import { FeedforwardError, fail, type ErrorCode } from '../../errors.js';
import { sha256 } from '../canonical.js';
import type { Job, JobResult, RunOptions, Session, Study } from '../runner.js';
import { ByteStore } from './byteStore.js';
import type { Connection } from './connection.js';
import { attempts, failureOf, jobOf, modelOf, putStudy, queued, queueId, unstored, type Refusal } from './messages.js';
import { throughOutages } from './outages.js';
import type { QueueServerLink } from './server.js';
import { troubleOf, unreachable } from './trouble.js';

/** How a search uses its queue. */
interface SessionOptions {
  readonly connection: Connection;
  readonly inQueue: number;
  readonly days: number;
  /** Told of what is wrong, and what the search goes on after. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** Milliseconds between two tries of a job that throws. */
const backoff = 1000;

/** Milliseconds between two looks for outcomes whose event was missed: from a few, ever less often. */
const looks = { first: 50, last: 5000 };

/** Milliseconds for taking back what still waits, of a search that is stopped. */
const grace = 5000;

export class QueueSession implements Session {
  private readonly told = new Set<string>();
  private readonly failed = new Map<string, string>();
  private wake: () => void = () => undefined;
  private closing = false;
  private readonly listening: Promise<void>;
  /** What a finished search takes out of the server when nothing is to be kept. */
  private readonly traces = new Set<string>();
  private finished = true;

  private constructor(
    private readonly study: Study,
    private readonly options: SessionOptions,
    private readonly store: ByteStore,
    private readonly queue: Queue,
    private readonly events: QueueEvents,
  ) {
    const mine = (id: string) => jobOf(id) ?? '';
    events.on('completed', ({ jobId }) => this.hear(mine(jobId)));
    events.on('failed', ({ jobId, failedReason }) => {
      this.failed.set(mine(jobId), failedReason);
      this.hear(mine(jobId));
    });
    this.listening = this.listen();
  }

  static async open(study: Study, link: QueueServerLink, options: SessionOptions): Promise<QueueSession> {
    const store = new ByteStore(link.values);
    try {
      const queue = link.queue({});
      const events = link.events({ autorun: false });
      const { connection, onTrouble } = options;
      const tell = (error: Error) => onTrouble?.(troubleOf(connection, error));
      link.troubled(tell);
      for (const one of [queue, events] as readonly { on(event: 'error', listener: (error: Error) => void): unknown }[])
        one.on('error', tell);
      await queue.waitUntilReady();
      await putStudy(store, study, options.days);
      return new QueueSession(study, options, store, queue, events);
    } catch (error) {
      await store.close();
      throw error instanceof FeedforwardError ? error : unreachable(options.connection, error);
    }
  }

  async run(jobs: readonly Job[], { signal, ended }: RunOptions): Promise<void> {
    const flight = new Map<string, Job>();
    const { inQueue, days } = this.options;
    this.finished = false;
    const withSignal = <T>(work: Promise<T>) => raced(work, signal);
    const report = async (results: readonly JobResult[]) => {
      for (const result of results) {
        flight.delete(result.id);
        await ended(await this.withModel(result));
      }
    };
    let next = 0;
    let pause = looks.first;
    try {
      for (;;) {
        signal.throwIfAborted();
        if (next < jobs.length && flight.size <= inQueue / 2) {
          const batch = jobs.slice(next, next + inQueue - flight.size);
          next += batch.length;
          const known = await withSignal(this.outcomes(batch.map(({ id }) => id)));
          const fresh = batch.filter((_, i) => known[i] === undefined);
          for (const job of fresh) flight.set(job.id, job);
          if (days === 0) for (const { id } of batch) this.traces.add(id);
          await withSignal(this.add(fresh));
          await report(known.filter((one) => one !== undefined));
          continue;
        }
        if (flight.size === 0) break;
        const ids = this.heard(flight);
        if (ids.length === 0 && (await this.news(pause, signal))) continue;
        // Nothing was heard: look at all of them, at first for outcomes alone.
        const looked = ids.length === 0 ? [...flight.keys()] : ids;
        const found = (await withSignal(this.outcomes(looked))).filter((one) => one !== undefined);
        await report(found);
        const missing = looked.filter((id) => flight.has(id));
        if (ids.length > 0 || pause >= looks.last)
          await this.inquire(
            missing.map((id) => flight.get(id)!),
            flight,
            { signal, ended },
          );
        pause = found.length > 0 ? looks.first : Math.min(2 * pause, looks.last);
      }
      this.finished = true;
    } finally {
      if (flight.size > 0) await Promise.race([this.withdraw([...flight.keys()]).catch(() => undefined), sleep(grace)]);
    }
    signal.throwIfAborted();
  }

  async forget(jobs: readonly string[]): Promise<void> {
    await this.store.remove('checkpoint', jobs);
  }

  async close(): Promise<void> {
    if (this.options.days === 0 && this.finished) {
      const ids = [...this.traces];
      for (const kind of ['outcome', 'model', 'checkpoint'] as const) await this.store.remove(kind, ids);
      for (const kind of ['study', 'fingerprint'] as const) await this.store.remove(kind, [this.study.id]);
      if (this.study.data !== undefined) await this.store.remove('data', [this.study.data.id]);
    }
    this.closing = true;
    await this.events.close().catch(() => undefined);
    await this.listening;
    await this.queue.close().catch(() => undefined);
    await this.store.close();
  }

  // ---- what is heard -------------------------------------------------------------------------------------------------------------

  /** Reads events, however often the server starts again. */
  private async listen(): Promise<void> {
    while (!this.closing) {
      await this.events.run().catch(() => undefined);
      if (!this.closing) await sleep(looks.first * 4);
    }
  }

  private hear(id: string): void {
    this.told.add(id);
    this.wake();
  }

  /** Those of these jobs that an event spoke of. What it said of jobs of other searches is forgotten. */
  private heard(flight: ReadonlyMap<string, Job>): string[] {
    const ids = [...this.told].filter((id) => flight.has(id));
    this.told.clear();
    for (const id of this.failed.keys()) if (!flight.has(id)) this.failed.delete(id);
    return ids;
  }

  /** Waits for an event or the time. Returns whether there was an event. */
  private async news(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = await raced(
      new Promise<boolean>((resolve) => {
        this.wake = () => resolve(true);
        timer = setTimeout(() => resolve(false), milliseconds);
        if (this.told.size > 0) resolve(true);
      }),
      signal,
    ).finally(() => clearTimeout(timer));
    return heard;
  }

  // ---- what is asked -------------------------------------------------------------------------------------------------------------

  private async outcomes(ids: readonly string[]): Promise<(JobResult | undefined)[]> {
    const found = await this.store.get('outcome', ids);
    return found.map((bytes, i) => bytes && unstored(ids[i]!, bytes));
  }

  private async withModel(result: JobResult): Promise<JobResult> {
    const hash = modelOf(result);
    if (hash === undefined) return result;
    const model = await this.store.one('model', result.id);
    if (model === undefined || (await sha256(model)) !== hash)
      fail('ERR_WORKER', `The model of job ${result.id} in the queue's server is not the one that its outcome speaks of.`);
    return { ...result, model };
  }

  private async add(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    const { days } = this.options;
    const opts = {
      attempts,
      backoff: { type: 'fixed', delay: backoff },
      removeOnComplete: true, // its outcome is in the store, and keeps it from being done again
      removeOnFail: { age: 86_400 * (days + 1) },
    };
    const bulk = jobs.map((job) => ({
      name: 'trial',
      data: queued(job, this.study.id, days),
      opts: { ...opts, jobId: queueId(job.id) },
    }));
    await this.patient(() => this.queue.addBulk(bulk));
  }

  /** What became of jobs without an outcome: they failed, they are in the queue, or the server forgot them when it started again. */
  private async inquire(jobs: readonly Job[], flight: Map<string, Job>, { signal, ended }: RunOptions): Promise<void> {
    if (jobs.length === 0) return;
    const lost: Job[] = [];
    for (const job of jobs) {
      const there = await raced(
        this.patient(() => this.queue.getJob(queueId(job.id))),
        signal,
      );
      const reason = this.failed.get(job.id) ?? (there?.finishedOn === undefined ? undefined : there.failedReason);
      if (reason !== undefined && (there === undefined || there.finishedOn !== undefined)) {
        flight.delete(job.id);
        this.failed.delete(job.id);
        await this.queue.remove(queueId(job.id)).catch(() => undefined);
        const failure = failureOf(job.id, reason, attempts);
        if ('code' in failure) throw refusalOf(failure);
        await ended(failure);
      } else if (there === undefined) lost.push(job);
    }
    if (lost.length === 0) return;
    // Between the look for its outcome and the look into the queue a job may have ended.
    const found = await raced(this.outcomes(lost.map(({ id }) => id)), signal);
    const again = lost.filter((_, i) => found[i] === undefined);
    if (again.length === 0) return;
    await raced(putStudy(this.store, this.study, this.options.days), signal);
    await raced(this.add(again), signal);
  }

  private async patient<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await throughOutages(work, () => this.closing);
    } catch (error) {
      throw unreachable(this.options.connection, error);
    }
  }

  /** Takes back what no worker has begun. */
  private async withdraw(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.queue.remove(queueId(id))));
  }
}

function refusalOf({ code, message }: Refusal): FeedforwardError {
  return new FeedforwardError(code as ErrorCode, message);
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Work that the signal ends, whatever becomes of it. */
async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
