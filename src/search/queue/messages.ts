// What a search and the workers of its queue write to each other: plain data, checked when read. An id is the hash of what it stands for,
// and whoever reads by an id makes sure of it: what lies in the queue can be wrong, but not unnoticed.

import { fail } from '../../errors.js';
import { textDecoder, utf8 } from '../../platform.js';
import { sha256 } from '../canonical.js';
import { isOverdue, overdueBy } from '../overdue.js';
import type { Job, JobDeath, JobResult, Study } from '../runner.js';
import type { ByteStore } from './byteStore.js';

/** How often a job is begun, without a checkpoint in between, before it is left alone. */
export const attempts = 3;

/** A job as it lies in the queue. */
export interface QueuedJob {
  readonly study: string;
  /** Its bytes, as text. */
  readonly job: string;
  readonly previous?: string;
  readonly title: string;
  /** Days that what comes of it is kept. */
  readonly days: number;
}

/** A study as it lies in the store. */
interface StoredStudy {
  readonly study: string;
  readonly data: string | null;
  readonly checkpointSeconds: number;
}

/** BullMQ's ids must not be all digits. */
export const queueId = (job: string): string => `t-${job}`;

/** The job of an id in the queue; undefined for what somebody else put there. */
export const jobOf = (id: string): string | undefined => (id.startsWith('t-') ? id.slice(2) : undefined);

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

export function queued(job: Job, study: string, days: number): QueuedJob {
  const { bytes, previous, title } = job;
  return { study, job: textDecoder().decode(bytes), ...(previous === undefined ? {} : { previous }), title, days };
}

/** A job of the queue, and the id of its study. @throws ERR_FORMAT for anything but a job under its own hash. */
export async function readQueued(
  id: string,
  data: unknown,
): Promise<{ readonly job: Job; readonly study: string; readonly days: number }> {
  const { study, job, previous, title, days } = (data ?? {}) as Partial<Record<keyof QueuedJob, unknown>>;
  const hash = jobOf(id);
  if (
    !(isHash(hash) && isHash(study) && (previous === undefined || isHash(previous)) && typeof job === 'string') ||
    !(typeof title === 'string' && typeof days === 'number' && days >= 0)
  )
    fail('ERR_FORMAT', `"${id}" in the queue is no job of a search of this version of the library.`);
  const bytes = utf8(job);
  if ((await sha256(bytes)) !== hash) fail('ERR_FORMAT', `Job ${id} in the queue is not what its id is the hash of.`);
  return { job: { id: hash, bytes, previous, title }, study, days };
}

/** Puts a study and its data in the store, where they are not there yet. */
export async function putStudy(store: ByteStore, study: Study, days: number): Promise<void> {
  const { id, bytes, data, checkpointSeconds } = study;
  if (data !== undefined && !(await store.has('data', data.id))) await store.put('data', data.id, data.bytes, days);
  const stored: StoredStudy = { study: textDecoder().decode(bytes), data: data?.id ?? null, checkpointSeconds };
  await store.put('study', id, utf8(JSON.stringify(stored)), days);
}

/** A study of the store. @throws ERR_FORMAT for one that is not what its id is the hash of; an Error for one that is not there. */
export async function getStudy(
  store: ByteStore,
  id: string,
): Promise<Pick<Study, 'id' | 'bytes' | 'data' | 'checkpointSeconds'>> {
  const found = await store.one('study', id);
  if (found === undefined) throw new Error(`study ${id} is not in the queue's server`);
  const { study, data, checkpointSeconds } = JSON.parse(textDecoder().decode(found)) as StoredStudy;
  const bytes = utf8(study);
  if ((await sha256(bytes)) !== id) fail('ERR_FORMAT', `Study ${id} in the queue's server is not what its id is the hash of.`);
  if (data === null) return { id, bytes, data: undefined, checkpointSeconds };
  const rows = await store.one('data', data);
  if (rows === undefined) throw new Error(`data ${data} are not in the queue's server`);
  if ((await sha256(rows)) !== data)
    fail('ERR_FORMAT', `Data ${data} in the queue's server are not what their id is the hash of.`);
  return { id, bytes, data: { id: data, bytes: rows }, checkpointSeconds };
}

/** An outcome as it is kept: two lines, of which the first is the same whoever did the job. */
export function stored({ outcome, measured }: Pick<JobResult, 'outcome' | 'measured'>): Uint8Array {
  const bytes = new Uint8Array(outcome.length + 1 + measured.length);
  bytes.set(outcome);
  bytes[outcome.length] = 10;
  bytes.set(measured, outcome.length + 1);
  return bytes;
}

/** What was kept. */
export function unstored(id: string, bytes: Uint8Array): JobResult {
  const end = bytes.indexOf(10);
  if (end < 0) fail('ERR_FORMAT', `The outcome of job ${id} in the queue's server is damaged.`);
  return { id, outcome: bytes.subarray(0, end), measured: bytes.subarray(end + 1) };
}

/** The hash of the model that an outcome speaks of. */
export function modelOf({ outcome }: JobResult): string | undefined {
  const { model } = JSON.parse(textDecoder().decode(outcome)) as { readonly model?: string };
  return model;
}

// ---- how jobs fail -------------------------------------------------------------------------------------------------------------

/** What a job was refused with: it ends the search. */
export interface Refusal {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** The reason that BullMQ keeps of a refusal. */
export const refusal = (code: string, message: string): string => `${code}: ${message}`;

/** What a reason that BullMQ kept means. */
export function failureOf(id: string, reason: string, attempts: number): JobDeath | Refusal {
  const refused = /^(ERR_[A-Z]+): ([\s\S]*)$/.exec(reason);
  if (refused === null && isOverdue(reason)) return overdueBy(id, reason);
  return refused === null ? { id, attempts, reason } : { id, code: refused[1]!, message: refused[2]! };
}
