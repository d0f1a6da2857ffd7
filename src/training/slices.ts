// Long work in short pieces. Training and evaluation are generators: they yield where work may pause, and a promise where
// they must wait for one. Run through at once they make fitSync, run a slice at a time they make fit.

import { fail } from '../errors.js';
import { isThenable } from './callbacks.js';

/** Work that yields undefined where it may pause, or a promise whose value it needs back. */
export type Work<T> = Generator<unknown, T, unknown>;

/** Runs work to its end without a pause. @throws ERR_OPTION when it has to wait for a promise. */
export function runThrough<T>(work: Work<T>, name: string): T {
  let turn = work.next();
  while (!turn.done) {
    if (isThenable(turn.value)) {
      turn.value.then(undefined, () => {});
      try {
        fail(
          'ERR_OPTION',
          `${name} cannot wait: a callback returned a promise, or the data comes asynchronously. Use await model.fit(…).`,
        );
      } catch (error) {
        turn = work.throw(error);
        continue;
      }
    }
    turn = work.next();
  }
  return turn.value;
}

/** Work that a signal may end. */
export interface Abortable {
  readonly signal: AbortSignal | undefined;
  readonly abortError: () => Error;
}

/** Runs work, letting other tasks of the page or process in wherever it pauses. What it waits for, a signal cuts short. */
export async function runInSlices<T>(work: Work<T>, abortable: Abortable): Promise<T> {
  let turn = work.next();
  while (!turn.done) {
    if (!isThenable(turn.value)) {
      await nextTask();
      turn = work.next();
      continue;
    }
    let value: unknown;
    try {
      value = await orAborted(turn.value, abortable);
    } catch (error) {
      turn = work.throw(error);
      continue;
    }
    turn = work.next(value);
  }
  return turn.value;
}

/** The promise's value, or a rejection as soon as the signal is aborted. */
async function orAborted(promise: PromiseLike<unknown>, { signal, abortError }: Abortable): Promise<unknown> {
  if (signal === undefined) return await promise;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(abortError());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** When work should pause: after about half a slice, so that a pause and the piece before it stay within one and a half. */
export class Slices {
  private started = performance.now();

  constructor(private readonly milliseconds: number) {}

  /** Whether it is time to pause. */
  get due(): boolean {
    return this.milliseconds < Infinity && performance.now() - this.started >= this.milliseconds / 2;
  }

  /** To be called after a pause. */
  resume(): void {
    this.started = performance.now();
  }
}

/** Resolves in a task of its own, so that timers, input and painting come first; microtasks would hold them up. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (f: () => void) => void };
    if (setImmediate !== undefined) setImmediate(resolve);
    else if (typeof MessageChannel === 'undefined') setTimeout(resolve, 0);
    else {
      // Timers would wait 4 ms each; a message does not.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }
  });
}
