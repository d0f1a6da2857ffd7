// Threads: a pool of workers that run the same walk over the same shared memory as the main thread (see
// assembly/network/threads.ts). A worker holds an instance per shared model and runs one call at a time; the main
// thread takes part, as thread 0, and is the only one that talks to JavaScript.

import { FeedforwardError } from '../errors.js';
import { isNode, nodeModule } from '../platform.js';

/** A running worker, in Node or on the web. */
interface Thread {
  post(message: unknown): void;
  stop(): Promise<unknown>;
}

/** What a call across threads may be: exports that take (…, t, n) last. */
export type SharedCall = 'train' | 'forward';

/** The worker's whole code, self-contained: `on` and `post` are made for Node or for the web in front of it. */
const workerCode = `
const models = new Map();
on((message) => {
  const { id, module, memory, tiles, drop, call, values, t, n } = message;
  if (module) {
    const core = new WebAssembly.Instance(module, { env: { memory } }).exports;
    if (tiles) core.chooseTiles(...tiles);
    models.set(id, core);
  } else if (drop) models.delete(id);
  else if (call) models.get(id)[call](...values, t, n);
  else post('ready');
});
`;

let threads: Thread[] = [];
let failure: string | undefined;
let nextId = 1;

/** Threads that work now, the main one included. */
export function threadCount(): number {
  return failure === undefined ? threads.length + 1 : 1;
}

/** Why there are no threads, if they were asked for and there are none. */
export function threadFailure(): string | undefined {
  return failure;
}

let tenths = 300;

/** Tenths of a second to wait for a thread before it counts as lost: half a minute, unless a test is in a hurry. */
export function patience(set?: number): number {
  tenths = set ?? tenths;
  return tenths;
}

/** Whether thread 0 may sleep at a barrier: not on a page's main thread. */
export function mayBlock(): boolean {
  return typeof window === 'undefined';
}

/** Starts (or stops) workers so that `count` threads work, the main one included. Resolves when they are ready. */
export async function startThreads(count: number): Promise<void> {
  await stopThreads();
  failure = undefined;
  if (count <= 1) return;
  if (
    typeof SharedArrayBuffer !== 'function' ||
    (typeof crossOriginIsolated === 'boolean' && !crossOriginIsolated && typeof window !== 'undefined')
  ) {
    failure =
      'SharedArrayBuffer is missing (a page needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp): one thread works';
    return;
  }
  try {
    threads = await Promise.all(Array.from({ length: count - 1 }, startThread));
  } catch (error) {
    await stopThreads();
    failure = `a worker could not start (${(error as Error).message}): one thread works`;
  }
}

/** Ends all workers. Models go on with one thread. */
async function stopThreads(): Promise<void> {
  const ended = threads;
  threads = [];
  await Promise.all(ended.map((thread) => thread.stop()));
}

/** Works with one thread from now on: ends the others, and keeps why for engineInfo. */
function giveUpThreads(why: string): void {
  if (threads.length === 0) return;
  failure = why;
  const left = threads;
  threads = [];
  for (const thread of left) void thread.stop();
}

async function startThread(): Promise<Thread> {
  return isNode() ? startNodeThread() : startWebThread();
}

async function startNodeThread(): Promise<Thread> {
  const { Worker } = await nodeModule('node:worker_threads');
  const prelude = `const { parentPort } = require('node:worker_threads'); const on = (f) => parentPort.on('message', f); const post = (m) => parentPort.postMessage(m);`;
  const worker = new Worker(prelude + workerCode, { eval: true });
  let stopping = false;
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`it exited with code ${code}`)));
    worker.postMessage({});
  });
  worker.on('error', (error) => giveUpThreads(`a worker thread died (${error.message})`));
  worker.on('exit', (code) => {
    if (!stopping) giveUpThreads(`a worker thread exited with code ${code}`);
  });
  worker.unref(); // a pool never keeps a program alive
  return {
    post: (message) => worker.postMessage(message),
    stop: () => {
      stopping = true;
      return worker.terminate();
    },
  };
}

async function startWebThread(): Promise<Thread> {
  const prelude = 'const on = (f) => { onmessage = ({ data }) => f(data); }; const post = (m) => postMessage(m);';
  const url = URL.createObjectURL(new Blob([prelude + workerCode], { type: 'text/javascript' }));
  const worker = new Worker(url);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || 'it could not be loaded'));
      worker.postMessage({});
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  worker.onerror = (event) => giveUpThreads(`a worker died (${event.message})`);
  return { post: (message) => worker.postMessage(message), stop: async () => worker.terminate() };
}

/** A model's memory, known to the workers. */
export class SharedModel {
  private id = 0;
  private knownTo: Thread[] = [];

  constructor(
    private readonly module: WebAssembly.Module,
    private readonly memory: WebAssembly.Memory,
    private readonly tiles: () => { readonly forward: number; readonly gradient: number },
  ) {}

  /** Has the workers make `call`; the caller then makes it as thread 0. Returns how many threads take part. */
  start(call: SharedCall, values: readonly unknown[]): number {
    if (threads.length === 0) return 1;
    if (this.knownTo !== threads) {
      this.id = nextId++;
      const { forward, gradient } = this.tiles();
      for (const thread of threads)
        thread.post({ id: this.id, module: this.module, memory: this.memory, tiles: [forward, gradient] });
      this.knownTo = threads;
      registry?.register(this, { id: this.id, threads });
    }
    const n = threads.length + 1;
    for (let t = 1; t < n; t++) threads[t - 1]!.post({ id: this.id, call, values, t, n });
    return n;
  }

  /** The workers change tiles. */
  chooseTiles(forward: number, gradient: number): void {
    if (this.knownTo === threads)
      for (const thread of threads) thread.post({ id: this.id, call: 'chooseTiles', values: [forward, gradient] });
  }

  /** The workers forget the memory. */
  forget(): void {
    for (const thread of this.knownTo) if (threads === this.knownTo) thread.post({ id: this.id, drop: true });
    this.knownTo = [];
  }
}

/** Workers drop the memories of models that are garbage here. */
const registry =
  typeof FinalizationRegistry === 'function'
    ? new FinalizationRegistry<{ id: number; threads: Thread[] }>((held) => {
        if (held.threads === threads) for (const thread of threads) thread.post({ id: held.id, drop: true });
      })
    : undefined;

/** After a call in which a thread went missing. */
export function threadLost(): never {
  const why = failure ?? 'a worker thread stopped answering';
  giveUpThreads(why);
  throw new FeedforwardError(
    'ERR_WORKER',
    `${why[0]!.toUpperCase()}${why.slice(1)} while a model was running; the step in hand was given up. The pool is closed and models go on with one thread; init({ threads }) starts a new one.`,
  );
}
