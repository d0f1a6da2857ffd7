// A costly function in worker threads: each imports the module that exports it, gets points a few at a time, and answers with what it gave.

import { isError } from '../brands.js';
import { FeedforwardError, fail } from '../errors.js';
import { isNode, nodeModule } from '../platform.js';
import type { FunctionModule } from './options.js';

/** What a thread runs, in Node and on the web: text, since it stands in no file that bundlers would have to find. */
const PROGRAM = `
const node = typeof require === 'function' && typeof process === 'object';
const port = node ? require('node:worker_threads').parentPort : self;
const post = (message) => port.postMessage(message);
let f;
const answer = async ({ module, name, points }) => {
  try {
    if (module !== undefined) {
      f = (await import(module))[name];
      if (typeof f !== 'function') throw new TypeError('it exports no function called ' + name);
      return post({ answers: [] });
    }
  } catch (error) {
    return post({ answers: [], error: (error && error.message) || String(error) });
  }
  const answers = [];
  try {
    for (const point of points) answers.push(await f(point));
    post({ answers });
  } catch (error) {
    post({ answers, error: (error && error.message) || String(error) });
  }
};
if (node) port.on('message', answer);
else self.onmessage = (event) => answer(event.data);
`;

/** Of points that a thread was given: the answers, and what the function threw at the one after them, if it threw. */
interface Message {
  readonly answers: readonly unknown[];
  readonly error?: string;
}

/** One thread, which does one thing at a time. */
interface Thread {
  ask(message: object): Promise<Message>;
  stop(): void;
}

/** Threads that call a function. */
export class FunctionThreads {
  private constructor(
    private readonly threads: readonly Thread[],
    private readonly idle: Thread[],
  ) {}

  /** @throws ERR_WORKER where threads cannot be had, or the module cannot be loaded. */
  static async start({ module, name = 'default' }: FunctionModule, count: number | undefined): Promise<FunctionThreads> {
    const wanted = count ?? (await processors());
    const threads: Thread[] = [];
    try {
      for (let k = 0; k < wanted; k++) threads.push(await startThread());
      const ready = await Promise.all(threads.map((thread) => thread.ask({ module: String(module), name })));
      for (const { error } of ready)
        if (error !== undefined) fail('ERR_WORKER', `The module ${String(module)} cannot be used: ${error}.`);
    } catch (error) {
      for (const thread of threads) thread.stop();
      throw error;
    }
    return new FunctionThreads(threads, [...threads]);
  }

  get count(): number {
    return this.threads.length;
  }

  /** What the function gives for points, by one thread that is idle: callers ask for no more at a time than there are threads. */
  async call(points: readonly object[]): Promise<Message> {
    const thread = this.idle.pop()!;
    try {
      return await thread.ask({ points });
    } finally {
      this.idle.push(thread);
    }
  }

  stop(): void {
    for (const thread of this.threads) thread.stop();
  }
}

async function processors(): Promise<number> {
  if (!isNode()) return (globalThis.navigator as Navigator | undefined)?.hardwareConcurrency ?? 1;
  const { availableParallelism } = await nodeModule('node:os');
  return availableParallelism();
}

const died = (why: string, cause?: unknown) =>
  new FeedforwardError('ERR_WORKER', `A thread that called the function ended: ${why}.`, {}, cause);

async function startThread(): Promise<Thread> {
  let answered: (message: Message) => void = () => {};
  let failed: (error: Error) => void = () => {};
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended = error;
    failed(error);
  };
  const asking = (post: (message: object) => void) => (message: object) =>
    new Promise<Message>((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      [answered, failed] = [resolve, reject];
      post(message);
    });
  if (isNode()) {
    const { Worker } = await nodeModule('node:worker_threads');
    const worker = new Worker(PROGRAM, { eval: true });
    worker.on('message', (message: Message) => answered(message));
    worker.on('error', (error: unknown) => end(died(isError(error) ? error.message : String(error), error)));
    worker.on('exit', (code) => end(died(`it exited with code ${code}`)));
    return { ask: asking((message) => worker.postMessage(message)), stop: () => void worker.terminate() };
  }
  if (typeof Worker === 'undefined')
    fail('ERR_WORKER', 'This engine has no worker threads. Pass the function itself instead of its module.');
  const url = URL.createObjectURL(new Blob([PROGRAM], { type: 'text/javascript' }));
  const worker = new Worker(url);
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // it is read in its own time
  worker.onmessage = (event: MessageEvent<Message>) => answered(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    end(died(event.message || 'its script could not be run'));
  };
  return { ask: asking((message) => worker.postMessage(message)), stop: () => worker.terminate() };
}
