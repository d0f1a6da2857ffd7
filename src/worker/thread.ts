// A worker, in Node or on the web: how one starts, and how its end is noticed, whatever it died of.

import { isError } from '../brands.js';
import type { Endpoint, Remote } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { isNode, nodeModule } from '../platform.js';
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

/** What a worker runs: the script at an address, worker-entry.js where it stands beside this module, or a script as text. */
export type Script = { readonly url: URL | string } | 'beside' | { readonly text: string };

/** A worker running a script. @throws whatever the engine has against it; later failures come as `ended`. */
export async function startThread(script: Script, ended: Ended): Promise<Thread> {
  return isNode() ? startNodeThread(script, ended) : startWebThread(script, ended);
}

// Bundlers look for `new URL(…, import.meta.url)`: the browser's worker is theirs to find, Node's is not.
const here: string | undefined = import.meta.url;

/** Where workers get their code, in the order to try. `url`: where the caller says it is. */
export async function* scripts(url: URL | string | undefined): AsyncGenerator<Script> {
  if (url !== undefined) {
    yield { url };
    return;
  }
  if (here !== undefined) yield 'beside'; // a classic script and what some bundlers make of a module have no address
  const { text } = await import('./inlined.js').catch(() => ({ text: undefined }));
  if (text !== undefined) yield { text };
}

async function startNodeThread(script: Script, ended: Ended): Promise<Thread> {
  const { Worker } = await nodeModule('node:worker_threads');
  const worker =
    script === 'beside'
      ? new Worker(new URL('./worker-entry.js', here))
      : 'url' in script
        ? new Worker(script.url)
        : new Worker(script.text, { eval: true });
  let over = false;
  const end: Ended = (why, cause) => {
    if (over) return;
    over = true;
    ended(why, cause);
  };
  worker.on('error', (error: unknown) => end(isError(error) ? error.message : String(error), error));
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

async function startWebThread(script: Script, ended: Ended): Promise<Thread> {
  if (typeof Worker === 'undefined') throw new Error('this engine has no Worker');
  const worker =
    script === 'beside'
      ? new Worker(new URL('./worker-entry.js', import.meta.url), { type: 'module' })
      : 'url' in script
        ? workerAt(script.url)
        : workerOf(script.text);
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

/** A page may start workers of its own origin only: a script of another one, such as a CDN's, is imported by one of the page's own. */
function workerAt(url: URL | string): Worker {
  const { href, origin, protocol } = new URL(url, globalThis.document?.baseURI ?? location.href);
  const foreign = /^https?:$/.test(protocol) && origin !== globalThis.origin;
  return foreign ? workerOf(`import ${JSON.stringify(href)};`, 'module') : new Worker(url, { type: 'module' });
}

function workerOf(text: string, type: WorkerType = 'classic'): Worker {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(url, { type });
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // it is read in its own time
  return worker;
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
