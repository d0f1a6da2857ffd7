// What crosses between a WorkerMLP and the model in its worker: requests, replies and errors as plain data.
//
//     this side                                       the worker
//     WorkerMLP -> Connection    -- HostApi -->       ModelHost -> MLP
//     RemoteFit <- Connection    <-- Listener --      ModelHost <- callbacks, batches, states
//
// and likewise for WorkerClassifier and WorkerRegressor, with EstimatorHost and RemoteEstimatorFit.
//
// Either side asks the other over one channel, so that messages arrive in the order they were sent.

import { isArrayBuffer, isError } from '../brands.js';
import { abortError } from '../platform.js';
import type { InitOptions } from '../engine/engine.js';
import { FeedforwardError, type ErrorCode } from '../errors.js';
import type { Callbacks } from '../training/callbacks.js';
import type { FitOptions } from '../training/fitOptions.js';
import { History, type EpochLog, type StopReason } from '../training/history.js';
import type { ModelState } from '../training/state.js';
import type { Warning } from '../estimators/options.js';

/** What the worker does when asked. */
export interface HostApi {
  open(opening: Opening): Promise<Reply<undefined>>;
  call(request: CallRequest): Promise<Reply<unknown>>;
  fit(request: AnyFitRequest): Promise<Reply<unknown>>;
  abort(id: number): void;
}

/** What this side does when the worker asks. */
export interface Listener {
  hook(name: HookName, value: unknown, standing: unknown): HookAnswer | Promise<HookAnswer>;
  checkpoint(state: ModelState, log: EpochLog): HookAnswer | Promise<HookAnswer>;
  /** Opens the stream of an epoch. */
  batches(epoch: number): HookAnswer | Promise<HookAnswer>;
  nextBatch(): BatchAnswer | Promise<BatchAnswer>;
  closeBatches(): void;
  /** The state to go on from, should the worker die. */
  keep(state: unknown): void;
  /** An estimator has something to tell that is no error. */
  warn(warning: Warning): void;
}

export type HookName = keyof Callbacks;

/** What the worker makes. */
export type Kind = 'MLP' | 'MLPClassifier' | 'MLPRegressor';

export interface Opening {
  readonly kind: Kind;
  /** Of its constructor, or of an estimator's load; without functions. */
  readonly options: object;
  /** Whether `state` is a file that says the options. */
  readonly load: boolean;
  /** What to go on from: a ModelState, or the file of an estimator. */
  readonly state: unknown;
  readonly engine: InitOptions | undefined;
}

export interface CallRequest {
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface FitRequest {
  readonly id: number;
  /** Undefined for a stream. */
  readonly rows: PlainPair | undefined;
  /** Without functions, signal and data that `rows` holds. */
  readonly options: FitOptions;
  readonly hooks: readonly HookName[];
  /** Epochs between two checkpoints; 0 for none. */
  readonly checkpointEvery: number;
  readonly aborted: boolean;
}

/** A fit of an estimator: rows as estimatorCrossing.ts makes them, options without functions, signal and what stands beside them. */
export interface EstimatorFitRequest {
  readonly id: number;
  readonly X: unknown;
  readonly y: unknown;
  readonly validation: readonly [X: unknown, y: unknown] | undefined;
  /** Of a fitted encoder. */
  readonly encoder: unknown;
  readonly options: object;
  readonly hooks: readonly HookName[];
  readonly aborted: boolean;
}

export type AnyFitRequest = FitRequest | EstimatorFitRequest;

/** Rows with their targets, as they cross. */
export interface PlainPair {
  readonly X: unknown;
  readonly y: unknown;
  readonly sampleWeight?: unknown;
  readonly inputGradients?: unknown;
}

/** `stop`: model.stop() was called. `threw`: this side keeps what was thrown, and rejects with it when the fit ends. */
export interface HookAnswer {
  readonly stop: boolean;
  readonly threw: boolean;
  readonly aborted: boolean;
}

export interface BatchAnswer {
  readonly batch: PlainPair | undefined;
  readonly threw: boolean;
}

/** Where a model's training stands: with every reply. */
export interface Standing {
  readonly epoch: number;
  readonly steps: number;
  readonly learningRate: number;
}

export type Reply<T> = { readonly standing: unknown } & ({ readonly value: T } | { readonly error: PackedError });

export interface PlainHistory {
  readonly epochs: readonly EpochLog[];
  readonly stoppedBy: StopReason;
  readonly samplesPerSecond: number;
  readonly bestEpoch: number;
  readonly notes: readonly string[];
}

export const plainHistory = ({ epochs, stoppedBy, samplesPerSecond, bestEpoch, notes }: History): PlainHistory => ({
  epochs,
  stoppedBy,
  samplesPerSecond,
  bestEpoch,
  notes,
});

export const historyOf = (plain: PlainHistory): History => Object.assign(new History(), plain);

// ---- errors ----------------------------------------------------------------------------------------------------

/** An error as plain data. `code`: of a FeedforwardError. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: PackedError;
}

export function packError(error: unknown): PackedError {
  if (!isError(error)) return { name: 'Error', message: String(error), stack: undefined };
  const { name, message, stack, cause } = error;
  const packed = { name, message, stack, cause: cause === undefined ? undefined : packError(cause) };
  if (!(error instanceof FeedforwardError)) return packed;
  const details = Object.entries(error.details).map(([key, value]) => [
    key,
    value instanceof History ? plainHistory(value) : value,
  ]);
  return { ...packed, code: error.code, details: Object.fromEntries(details.filter(([, value]) => typeof value !== 'function')) };
}

export function unpackError({ name, message, stack, code, details, cause }: PackedError): Error {
  if (name === 'AbortError') return abortError(message);
  const reason = cause && unpackError(cause);
  if (code === undefined) return Object.assign(new Error(message, reason && { cause: reason }), { name, stack });
  const facts: Record<string, unknown> = { ...details };
  if (facts['history'] !== undefined) facts['history'] = historyOf(facts['history'] as PlainHistory);
  return Object.assign(new FeedforwardError(code, message, facts, reason), { stack });
}

// ---- buffers ---------------------------------------------------------------------------------------------------

/** The buffers inside of plain data that is ours, to be moved instead of copied. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value;
    if (isArrayBuffer(buffer) && buffer.byteLength > 0) found.add(buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) buffersOf(item, found);
  } else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) buffersOf(item, found);
  return [...found];
}
