// A fit as seen from this side: its data and options on their way to the worker, its callbacks, signal and stream here. What a
// callback throws stays here: the worker's fit ends, and the promise rejects with the very same thing.

import { transfer } from 'comlink/dist/esm/comlink.mjs';
import { isThenable } from '../training/callbacks.js';
import { countInputs } from '../training/feeding.js';
import { hookNames, resolveDataRules, resolveFit, type FitOptions, type FitRules } from '../training/fitOptions.js';
import type { EpochLog } from '../training/history.js';
import { refuseBalanced, trainingRows } from '../training/rows.js';
import type { ModelState } from '../training/state.js';
import { checkIterable, isBatchSource, type BatchSource } from '../training/streams.js';
import type { NetworkPlan } from '../plan/network.js';
import { copyNamedPair, copyPair, Mover } from './crossing.js';
import {
  buffersOf,
  historyOf,
  type BatchAnswer,
  type FitRequest,
  type HookAnswer,
  type HookName,
  type PlainHistory,
  type PlainPair,
} from './protocol.js';

/** The options of a fit in a worker. `M`: what callbacks are handed. */
export interface RemoteFitOptions<M> extends FitOptions<M> {
  /**
   * true moves the buffers of X, y and validationData to the worker instead of copying them: the caller's typed arrays are
   * empty afterwards (and refused with ERR_TYPE when used again), whatever becomes of the fit. Arrays of numbers are copied.
   */
  readonly transfer?: boolean;
}

/** Functions, signals and what RemoteFit puts in other places: they stay here. */
const kept = new Set<string>([
  ...hookNames,
  'callbacks',
  'signal',
  'checkpoint',
  'sampleWeight',
  'classWeight',
  'inputGradients',
  'validationData',
]);

let nextId = 1;

/** One fit that runs in the worker. `M`: the model on this side, which callbacks are handed. */
export class RemoteFit<M> {
  readonly request: Omit<FitRequest, 'aborted'>;
  /** The parts of the request whose buffers are ours to move. */
  readonly owned: readonly unknown[];
  /** What a callback, a checkpoint or the stream threw. */
  failure: { readonly error: unknown } | undefined;
  /** Set by model.stop(): with the next answer the worker knows, before the message comes. */
  stopped = false;
  private readonly rules: FitRules<M>;
  private readonly source: BatchSource | undefined;
  private iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  private batchIndex = 0;

  /** Checks everything and copies or moves the data. @throws everything that fit rejects with for its data and options, before anything is moved. */
  constructor(
    private readonly model: M,
    private readonly plan: NetworkPlan,
    X: unknown,
    y: unknown,
    private readonly options: FitOptions<M>,
    move: boolean,
  ) {
    const { validationSplit, checkFinite } = resolveDataRules(options);
    const { sampleWeight, classWeight, inputGradients } = options;
    this.source = isBatchSource(X, y) ? X : undefined;
    const streams = this.source !== undefined;
    const mover = move ? new Mover() : undefined;
    mover?.note([X, y, options.validationData]);
    // Copies first: they are checked in full, so that what is refused here has moved nothing.
    const copied = streams || mover ? undefined : copyPair(X, y, plan, { sampleWeight, inputGradients, checkFinite });
    const copiedValidation =
      options.validationData === undefined || mover
        ? undefined
        : copyNamedPair(options.validationData, plan, 'validationData', { checkFinite });
    if (streams) refuseBalanced(classWeight, 'a stream');
    const count = streams ? undefined : trainingRows(countInputs(X, plan), validationSplit);
    // The worker looks at the rate, and at what a plateau rule of it watches.
    const rate = { ...plan.optimizer.learningRate, plateau: undefined };
    this.rules = resolveFit(options, plan, rate, count, validationSplit > 0 || options.validationData !== undefined);
    const rows = streams ? undefined : (copied ?? mover!.pair(X as never, y as never, plan));
    const validation =
      copiedValidation ?? (mover && options.validationData && mover.namedPair(options.validationData, plan, 'validationData'));
    const hooks = hookNames.filter((name) => this.rules.callbacks.some((callback) => callback[name] !== undefined));
    this.request = {
      id: nextId++,
      rows: mover && rows ? { ...rows, sampleWeight, inputGradients } : rows,
      options: {
        ...Object.fromEntries(Object.entries(options).filter(([name]) => !kept.has(name))),
        ...(validation === undefined ? {} : { validationData: validation as never }),
        ...(streams || classWeight === undefined ? {} : { classWeight }), // balanced over the rows that train, known there
        ...(streams && sampleWeight !== undefined ? { sampleWeight } : {}), // refused there
        ...(streams && inputGradients !== undefined ? { inputGradients } : {}), // this too
        checkFinite: mover ? checkFinite : false, // copies are checked
        copy: false, // what arrives there belongs to nobody else
      },
      hooks,
      checkpointEvery: this.rules.checkpoint?.every ?? 0,
    };
    const own = [copied, copiedValidation].flatMap((pair) => [pair?.sampleWeight, pair?.inputGradients]);
    this.owned = [rows?.X, rows?.y, validation?.X, validation?.y, ...own];
  }

  get aborted(): boolean {
    return this.rules.signal?.aborted ?? false;
  }

  /** Calls `abort` when the signal says so. Returns how to stop listening. */
  onAbort(abort: () => void): () => void {
    const { signal } = this.rules;
    signal?.addEventListener?.('abort', abort);
    return () => signal?.removeEventListener?.('abort', abort);
  }

  // ---- what the worker asks --------------------------------------------------------------------------------------

  hook(name: HookName, value: unknown): Promise<HookAnswer> {
    return this.guard(async () => {
      const given = name === 'onTrainEnd' ? historyOf(value as PlainHistory) : value;
      const values = name === 'onTrainBegin' ? [this.model] : [given, this.model];
      for (const callback of this.rules.callbacks)
        await (callback[name] as ((...values: unknown[]) => unknown) | undefined)?.apply(callback, values);
    });
  }

  checkpoint(state: ModelState, log: EpochLog): Promise<HookAnswer> {
    return this.guard(() => this.rules.checkpoint?.save(state, log));
  }

  batches(epoch: number): Promise<HookAnswer> {
    return this.guard(async () => {
      let source: unknown = this.source;
      if (typeof source === 'function') source = await (source as (epoch: number) => unknown)(epoch);
      checkIterable(source);
      this.iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
      this.batchIndex = 0;
    });
  }

  async nextBatch(): Promise<BatchAnswer> {
    let batch: PlainPair | undefined;
    const { threw } = await this.guard(async () => {
      const { done, value } = (await this.iterator!.next()) as IteratorResult<unknown>;
      if (done !== true) {
        const { classWeight, checkFinite } = this.options;
        batch = copyNamedPair(value, this.plan, `batch ${this.batchIndex++}`, { classWeight, checkFinite });
      } else this.iterator = undefined;
    });
    return transfer({ batch, threw }, buffersOf(batch));
  }

  /** Lets the source clean up when it was not read to its end. */
  closeBatches(): void {
    const closing: unknown = this.iterator?.return?.();
    this.iterator = undefined;
    if (isThenable(closing)) closing.then(undefined, () => {});
  }

  private async guard(work: () => unknown): Promise<HookAnswer> {
    try {
      await work();
    } catch (error) {
      this.failure ??= { error };
    }
    return { stop: this.stopped, threw: this.failure !== undefined, aborted: this.aborted };
  }
}
