// The way to a model or an estimator in its worker: starts the worker at the first question, asks, and answers for it when it dies.
// Holds no WorkerMLP but while a fit runs, so that one that was dropped can be collected and its worker ended.

import type { Remote } from 'comlink';
import { expose, transfer, wrap } from 'comlink/dist/esm/comlink.mjs';
import type { InitOptions } from '../engine/engine.js';
import { FeedforwardError } from '../errors.js';
import { flag, given, type Schema } from '../options.js';
import type { Warning } from '../estimators/options.js';
import {
  buffersOf,
  unpackError,
  type AnyFitRequest,
  type BatchAnswer,
  type HookAnswer,
  type HookName,
  type HostApi,
  type Kind,
  type Listener,
  type Reply,
} from './protocol.js';
import { scripts, startThread, type Script, type Thread } from './thread.js';
import type { WorkerApi } from './serve.js';

/** Options of a worker's model: where its script is, and what happens without workers. */
export interface WorkerOptions {
  /** Where the worker's script is, for bundlers that do not find it by themselves: that of `feedforward/worker-entry`. */
  readonly url?: URL | string;
  /** Where no worker can start: true (default) trains on this thread, with one warning; false rejects with ERR_WORKER. */
  readonly fallback?: boolean;
  /** init() in the worker: threads for large networks, a compiled module. */
  readonly engine?: InitOptions;
}

export const settingRows = { url: given(), fallback: flag(), engine: given() } satisfies Schema<WorkerOptions>;

type Host = HostApi | Remote<WorkerApi>;

type Call = (subject: never, ...args: never[]) => unknown;
/** What can be asked, by name: the calls of a host. */
export type CallTable = Readonly<Record<string, Call>>;
export type CallArguments<C extends Call> = C extends (subject: never, ...args: infer A) => unknown ? A : never;

/** A fit that runs in the worker, as the worker sees this side of it. */
export interface RemoteTraining {
  readonly request: Omit<AnyFitRequest, 'aborted'>;
  /** The parts of the request whose buffers are ours to move. */
  readonly owned: unknown;
  readonly aborted: boolean;
  hook(name: HookName, value: unknown): Promise<HookAnswer>;
  checkpoint?(state: never, log: never): Promise<HookAnswer>;
  batches?(epoch: number): Promise<HookAnswer>;
  nextBatch?(): Promise<BatchAnswer>;
  closeBatches?(): void;
}

/** What a connection is for. Holds nothing that would keep a WorkerMLP from being collected. */
export interface Subject {
  readonly kind: Kind;
  /** Its class on this side, for messages. */
  readonly className: string;
  /** Of its constructor, or of an estimator's load; without functions. */
  readonly options: object;
  /** Whether the state to begin with is a file that says the options. */
  readonly load: boolean;
  /** What restart() goes on from, in words and as details of the error. */
  from(kept: unknown): { readonly text: string; readonly epoch?: number | undefined };
  /** Takes the warnings of an estimator. */
  warn?(warning: Warning): void;
}

/** Milliseconds a worker has to answer for the first time. */
const startMilliseconds = 30_000;

/** Why there is no worker. */
class NoWorker extends Error {}

let warned = false;

/** `Calls`: what can be asked. `Kept`: the state to go on from. `Now`: what is told of it with replies. */
export class Connection<Calls extends CallTable, Kept, Now> {
  /** The fit that runs. */
  training: RemoteTraining | undefined;
  /** What the worker told when it last answered. */
  standing: Now | undefined;
  /** Whether the model works on this thread because no worker could start. */
  fellBack = false;
  private thread: Thread | undefined;
  private host: Host | undefined;
  private opening: Promise<void> | undefined;
  private opened = false;
  /** Set once the worker is gone: what every question is answered with. */
  private over: Error | undefined;
  private readonly pending = new Set<(error: Error) => void>();

  /** @param kept The state to begin with; later the last one the worker sent. */
  constructor(
    private readonly subject: Subject,
    private readonly settings: WorkerOptions,
    public kept: Kept | undefined,
  ) {}

  /** Starts the worker, if that was not done. */
  ready(): Promise<void> {
    this.opening ??= this.open();
    return this.opening;
  }

  /**
   * `owned`: the part of the arguments whose buffers are ours to move.
   * @throws what the model throws; ERR_WORKER when the worker dies first; the error given to end().
   */
  ask<Name extends keyof Calls & string>(
    name: Name,
    args: CallArguments<Calls[Name]>,
    owned?: unknown,
  ): Promise<ReturnType<Calls[Name]>> {
    const request = { name, args };
    return this.answer((host) => host.call(transfer(request, buffersOf(owned))) as Promise<Reply<ReturnType<Calls[Name]>>>);
  }

  /** What the host's fit gives. @throws as ask. */
  fit<Result>(training: RemoteTraining): Promise<Result> {
    return this.answer((host) => {
      const request = { ...training.request, aborted: training.aborted } as AnyFitRequest;
      return host.fit(transfer(request, buffersOf(training.owned))) as Promise<Reply<Result>>;
    });
  }

  abort(id: number): void {
    void this.host?.abort(id);
  }

  /** Whether it works and nothing is asked of it. */
  get idle(): boolean {
    return this.opened && this.over === undefined && this.pending.size === 0;
  }

  /** Ends the worker. Whatever waits for an answer gets `error`. */
  async end(error: Error): Promise<void> {
    if (this.over === undefined || this.over instanceof NoWorker) this.over = error;
    this.refuseAll(this.over);
    const { thread } = this;
    this.thread = undefined;
    this.host = undefined;
    await thread?.stop();
  }

  // ---- asking ----------------------------------------------------------------------------------------------------

  private async answer<T>(ask: (host: Host) => Promise<Reply<T>>): Promise<T> {
    if (this.over !== undefined) throw this.over;
    await this.ready();
    if (this.over !== undefined) throw this.over;
    return this.read(await this.unlessEnded(ask(this.host!)));
  }

  private read<T>(reply: Reply<T>): T {
    this.standing = (reply.standing as Now | undefined) ?? this.standing;
    if ('error' in reply) throw unpackError(reply.error);
    return reply.value;
  }

  /** What the promise becomes, or the worker's end if that comes first. A program is kept from ending meanwhile. */
  private unlessEnded<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const done = () => {
        this.pending.delete(reject);
        if (this.pending.size === 0) this.thread?.keepAlive(false);
      };
      if (this.pending.size === 0) this.thread?.keepAlive(true);
      this.pending.add(reject);
      promise.then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(cannotCross(error));
        },
      );
    });
  }

  private refuseAll(error: Error): void {
    for (const refuse of [...this.pending]) refuse(error);
    this.pending.clear();
  }

  // ---- starting --------------------------------------------------------------------------------------------------

  private async open(): Promise<void> {
    let failure = new NoWorker('there is no script for it');
    for await (const script of scripts(this.settings.url)) {
      try {
        await this.openWorker(script);
        return;
      } catch (error) {
        if (!(error instanceof NoWorker)) throw error;
        if (this.over === error) this.over = undefined;
        failure = error;
      }
    }
    if (this.over !== undefined) throw this.over;
    if (this.settings.fallback === false)
      throw new FeedforwardError('ERR_WORKER', `No worker could start: ${failure.message}. ${this.advice()}`, {}, failure.cause);
    await this.openHere(failure.message);
  }

  private async openWorker(script: Script): Promise<void> {
    const ended = (why: string, cause?: unknown) => this.lost(why, cause);
    let thread: Thread;
    try {
      thread = await startThread(script, ended);
    } catch (error) {
      throw new NoWorker((error as Error).message, { cause: error });
    }
    if (this.over !== undefined) {
      await thread.stop();
      throw this.over;
    }
    this.thread = thread;
    const remote = wrap<WorkerApi>(thread.endpoint);
    expose(this.listener, thread.endpoint);
    this.host = remote;
    const timer = setTimeout(
      () => this.lost(`it did not answer within ${startMilliseconds / 1000} seconds`, undefined),
      startMilliseconds,
    );
    try {
      const { subject, kept: state, settings } = this;
      const { kind, options, load } = subject;
      const reply: Reply<undefined> = await this.unlessEnded(
        remote.open({ kind, options, load, state, engine: settings.engine }) as Promise<Reply<undefined>>,
      );
      this.opened = true;
      this.read(reply);
      await this.unlessEnded(thread.watch(remote));
    } finally {
      clearTimeout(timer);
    }
  }

  /** All on this thread. */
  private async openHere(why: string): Promise<void> {
    if (!warned)
      console.warn(
        `feedforward/worker: no worker could start (${why}). Models train on this thread, a slice at a time. ${this.advice()}`,
      );
    warned = true;
    const { hostOf } = await import('./hosts.js');
    const { kind, options, load } = this.subject;
    const host = hostOf(kind, this.listener);
    this.fellBack = true;
    this.host = host;
    this.read(await host.open({ kind, options, load, state: this.kept, engine: undefined }));
  }

  /** The worker is gone. */
  private lost(why: string, cause: unknown): void {
    if (this.over !== undefined) return;
    if (!this.opened) {
      void this.end(new NoWorker(why, { cause }));
      return;
    }
    const { text: from, ...details } = this.subject.from(this.kept);
    const text = `The worker of this ${nounOf(this.subject.kind)} died (${why}). restart() starts another one, from ${from}.`;
    void this.end(new FeedforwardError('ERR_WORKER', text, { ...details, reason: why }, cause));
  }

  // ---- answering -------------------------------------------------------------------------------------------------

  private readonly listener: Listener = {
    hook: (name, value, standing) => {
      this.standing = (standing as Now | undefined) ?? this.standing;
      return this.training?.hook(name, value) ?? ignored;
    },
    checkpoint: (state, log) => this.training?.checkpoint?.(state as never, log as never) ?? ignored,
    batches: (epoch) => this.training?.batches?.(epoch) ?? ignored,
    nextBatch: () => this.training?.nextBatch?.() ?? { batch: undefined, threw: false },
    closeBatches: () => this.training?.closeBatches?.(),
    keep: (state) => {
      this.kept = state as Kept;
    },
    warn: (warning) => this.subject.warn?.(warning),
  };

  private advice(): string {
    return (
      `A bundler that does not find worker-entry.js needs its address (new ${this.subject.className}(options, { url }), of "feedforward/worker-entry"); ` +
      "a content security policy must allow worker-src 'self'."
    );
  }
}

/** What it is, in messages. */
export function nounOf(kind: Kind): string {
  return { MLP: 'model', MLPClassifier: 'classifier', MLPRegressor: 'regressor' }[kind];
}

/** Connections of what is garbage here: their workers are ended. */
export const unused =
  typeof FinalizationRegistry === 'function'
    ? new FinalizationRegistry<{ end(error: Error): Promise<void> }>(
        (connection) => void connection.end(new FeedforwardError('ERR_DISPOSED', 'Nothing refers to this worker any more.')),
      )
    : undefined;

/** To a worker whose fit nobody waits for any more. */
const ignored: HookAnswer = { stop: true, threw: false, aborted: true };

/** An argument that cannot be sent is a mistake of the caller's. */
function cannotCross(error: unknown): unknown {
  if ((error as Error | undefined)?.name !== 'DataCloneError') return error;
  return new FeedforwardError('ERR_TYPE', `This cannot cross to a worker: ${(error as Error).message}`, {}, error);
}
