// What answers for one model or estimator, whichever it is: named calls, one fit at a time with the other side's callbacks, the
// state to go on from, replies. Runs in a worker, or, where none can start, on the same thread as the one who asks; it cannot
// tell which. What the calls are, and how a fit goes, is for ModelHost and EstimatorHost.

import { transfer } from 'comlink/dist/esm/comlink.mjs';
import { init } from '../core/init.js';
import type { Callbacks } from '../training/callbacks.js';
import type { EpochLog, History } from '../training/history.js';
import {
  buffersOf,
  packError,
  plainHistory,
  type AnyFitRequest,
  type CallRequest,
  type HookAnswer,
  type HookName,
  type HostApi,
  type Listener,
  type Opening,
  type Reply,
} from './protocol.js';

/** Milliseconds between two states sent over, at the least; twenty times what making one took, if that is more. */
const keepMilliseconds = 100;

/** Stands for what a callback or a stream on the other side threw. */
export class ThrownThere extends Error {}

/** `Subject`: what is asked. `Kept`: its state as it is sent over. `Now`: what is told of it with replies. */
export abstract class Host<Subject, Kept, Now> implements HostApi {
  protected subject: Subject | undefined;
  private readonly fits = new Map<number, AbortController>();
  private stale = false;
  private sending = false;
  private sendAfter = 0;
  private timer: unknown;

  constructor(protected readonly listener: Listener) {}

  /** What it can be asked, by name; arguments and results are plain data. */
  protected abstract readonly calls: Readonly<Record<string, (subject: Subject, ...args: never[]) => unknown>>;
  /** After these the state to go on from is another. */
  protected abstract readonly changing: ReadonlySet<string>;
  protected abstract make(opening: Opening): Subject;
  protected abstract train(subject: Subject, request: AnyFitRequest, controller: AbortController): Promise<unknown>;
  /** The state to go on from; undefined while there is none to be had. */
  protected abstract snapshot(subject: Subject): Kept | undefined;
  protected abstract standing(subject: Subject): Now | undefined;
  /** Ends a running fit after the step in hand. */
  protected abstract stop(): void;

  /** Makes what is asked from then on. The first thing to ask. */
  async open(opening: Opening): Promise<Reply<undefined>> {
    return this.reply(async () => {
      if (opening.engine !== undefined) await init(opening.engine);
      this.subject = this.make(opening);
      return undefined;
    });
  }

  async call({ name, args }: CallRequest): Promise<Reply<unknown>> {
    return this.reply((subject) => {
      const value = (this.calls[name] as (subject: Subject, ...args: readonly unknown[]) => unknown)(subject, ...args);
      if (this.changing.has(name)) this.keep();
      return value;
    });
  }

  async fit(request: AnyFitRequest): Promise<Reply<unknown>> {
    return this.reply(async (subject) => {
      const { id } = request;
      const controller = new AbortController();
      if (request.aborted) controller.abort();
      this.fits.set(id, controller);
      try {
        return await this.train(subject, request, controller);
      } finally {
        this.fits.delete(id);
        this.keep();
      }
    });
  }

  abort(id: number): void {
    this.fits.get(id)?.abort();
  }

  // ---- the other side's callbacks, while a fit runs -----------------------------------------------------------

  /** Callbacks that ask the other side's. `afterEpoch` comes before them. */
  protected callbacksOf(hooks: readonly HookName[], controller: AbortController, afterEpoch?: () => void): Callbacks {
    const ask = (name: HookName, value: unknown) =>
      this.follow(this.listener.hook(name, value, this.standing(this.subject as Subject)), controller);
    const asked = (name: HookName) => hooks.includes(name);
    const callbacks: Callbacks = {
      onEpochEnd: (log: EpochLog) => {
        afterEpoch?.();
        return asked('onEpochEnd') ? ask('onEpochEnd', log) : undefined;
      },
    };
    if (asked('onTrainBegin')) callbacks.onTrainBegin = () => ask('onTrainBegin', undefined);
    if (asked('onEpochBegin')) callbacks.onEpochBegin = (epoch) => ask('onEpochBegin', epoch);
    if (asked('onBatchEnd')) callbacks.onBatchEnd = (log) => ask('onBatchEnd', log);
    if (asked('onTrainEnd')) callbacks.onTrainEnd = (history: History) => ask('onTrainEnd', plainHistory(history));
    return callbacks;
  }

  /** Waits for what a callback on the other side answered, and does as it says: goes on, stops, or ends with its error. */
  protected async follow(asked: HookAnswer | Promise<HookAnswer>, controller: AbortController): Promise<void> {
    const { stop, threw, aborted } = await asked;
    if (threw) throw new ThrownThere();
    if (aborted) controller.abort();
    if (stop) this.stop();
  }

  // ---- the state to go on from ----------------------------------------------------------------------------------

  /** The state is another: it is sent over now, or as soon as that takes no more than a twentieth of the time. */
  protected keep(): void {
    this.stale = true;
    this.send();
  }

  private send(): void {
    const { subject } = this;
    const now = performance.now();
    if (subject === undefined || !this.stale || this.sending) return;
    if (now < this.sendAfter) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        if (this.fits.size === 0) this.send(); // a fit sends its own, between epochs
      }, this.sendAfter - now);
      return;
    }
    const state = this.snapshot(subject);
    this.stale = false;
    if (state === undefined) return;
    this.sending = true;
    const sent = () => {
      this.sending = false;
      if (this.fits.size === 0) this.send();
    };
    Promise.resolve(this.listener.keep(transfer(state, buffersOf(state))) as unknown).then(sent, sent);
    this.sendAfter = now + Math.max(keepMilliseconds, 20 * (performance.now() - now));
  }

  // ---- replies --------------------------------------------------------------------------------------------------

  private async reply<T>(work: (subject: Subject) => T | Promise<T>): Promise<Reply<T>> {
    try {
      const value = await work(this.subject as Subject);
      return transfer({ value, standing: this.now() }, buffersOf(value));
    } catch (error) {
      return { error: packError(error), standing: this.now() };
    }
  }

  private now(): Now | undefined {
    return this.subject && this.standing(this.subject);
  }
}
