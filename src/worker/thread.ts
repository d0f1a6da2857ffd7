// A worker, in Node or on the web: how one starts, and how its end is noticed, whatever it died of.

import type { Endpoint, Remote } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { WorkerApi } from './serve.js';

export interface Thread {
  readonly endpoint: Endpoint;
  /** Whether it keeps the program from ending (Node). */
  keepAlive(on: boolean): void;
  /** Called once it answers: from then on its end is noticed even where no event tells of it. */
  watch(remote: Remote<WorkerApi>): Promise<void>;
  stop(): Promise<void>;
}

/** What is told of a worker's end: at most once, and not of an end by stop(). */
export type Ended = (why: string, cause?: unknown) => void;

const isNode = typeof process === 'object' && process.versions?.node !== undefined;

/** A worker running worker-entry.js (or `url`). @throws whatever the engine has against it; later failures come as `ended`. */
export async function startThread(url: URL | string | undefined, ended: Ended): Promise<Thread> {
  return isNode ? startNodeThread(url, ended) : startWebThread(url, ended);
}

// Bundlers look for `new URL(…, import.meta.url)`: the browser's worker is theirs to find, Node's is not.
const here = import.meta.url;
const nodeModule = 'node:worker_threads';

async function startNodeThread(url: URL | string | undefined, ended: Ended): Promise<Thread> {
  const { Worker } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ nodeModule
  )) as typeof import('node:worker_threads');
  const worker = new Worker(url ?? new URL('./worker-entry.js', here));
  let over = false;
  const end: Ended = (why, cause) => {
    if (over) return;
    over = true;
    ended(why, cause);
  };
  worker.on('error', (error: unknown) => end(error instanceof Error ? error.message : String(error), error));
  worker.on('messageerror', (error) => end(error.message, error));
  worker.on('exit', (code) => end(`it exited with code ${code}`));
  return {
    endpoint: nodeEndpoint(worker),
    keepAlive: (on) => (on ? worker.ref() : worker.unref()),
    watch: async () => {},
    stop: async () => {
      over = true;
      await worker.terminate();
    },
  };
}

async function startWebThread(url: URL | string | undefined, ended: Ended): Promise<Thread> {
  if (typeof Worker === 'undefined') throw new Error('this engine has no Worker');
  const worker =
    url === undefined
      ? new Worker(new URL('./worker-entry.js', import.meta.url), { type: 'module' })
      : new Worker(url, { type: 'module' });
  const stopped = new AbortController();
  const end: Ended = (why, cause) => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    worker.terminate();
    ended(why, cause);
  };
  worker.onerror = (event) => {
    event.preventDefault?.();
    end(event.message || 'its script could not be loaded', event.error ?? undefined);
  };
  worker.onmessageerror = () => end('a message could not be read');
  return {
    endpoint: worker,
    keepAlive: () => {},
    watch: (remote) => watchByLock(remote, stopped.signal, end),
    stop: async () => {
      stopped.abort();
      worker.terminate();
    },
  };
}

/**
 * A web worker may end without an event (close(), a crash). It holds a lock as long as it lives: whoever waits for the lock
 * gets it when the worker is gone. Pages without a secure context have no locks, and hear of errors only.
 */
async function watchByLock(remote: Remote<WorkerApi>, signal: AbortSignal, end: Ended): Promise<void> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return;
  const name = `feedforward worker ${crypto.randomUUID()}`;
  await remote.holdLock(name);
  locks.request(name, { signal }, () => end('it ended without a word')).catch(() => {}); // rejects when it is stopped
}
