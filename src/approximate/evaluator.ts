// Calls of a costly function: one after another, several at a time where it returns promises, or in threads. Other tasks run in between, a signal
// ends it, and what was answered before a failure is kept.

import { FeedforwardError } from '../errors.js';
import type { Domain } from '../data/domain.js';
import { nextTask, Slices } from '../training/slices.js';
import { abortError } from '../platform.js';
import { readAnswer } from './answers.js';
import type { CostlyFunction } from './options.js';
import type { FunctionThreads } from './threads.js';

/** Points and what the function gave for them. */
export interface Evaluated {
  readonly points: Float64Array;
  readonly values: Float64Array;
  /** [rows][outputs * inputs]; undefined where some point had none. */
  readonly gradients: Float64Array | undefined;
}

/** Points that one message to a thread holds. */
const PER_MESSAGE = 8;
/** A slice of calls before other tasks run, in milliseconds. */
const SLICE = 20;

export class Evaluator {
  /** Calls that were answered. */
  evaluations = 0;
  /** Seconds spent on them. */
  seconds = 0;
  /** Of a call of evaluate that failed: what was answered before, from the first point on without a gap. */
  kept: Evaluated | undefined;
  private outputs = 0;

  constructor(
    private readonly f: CostlyFunction | FunctionThreads,
    private readonly domain: Domain,
    private readonly concurrency: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Calls the function at each of `points` [rows][inputs]. */
  async evaluate(points: Float64Array): Promise<Evaluated> {
    const { names } = this.domain;
    const inputs = names.length;
    const rows = points.length / inputs;
    const answers: (ReturnType<typeof readAnswer> | undefined)[] = new Array(rows).fill(undefined);
    const slices = new Slices(SLICE);
    const began = performance.now();
    let next = 0;
    let over = false;
    this.kept = undefined;
    const take = (row: number, answer: unknown) => {
      const numbers = readAnswer(answer, names, points.subarray(row * inputs, (row + 1) * inputs), this.outputs);
      this.outputs = numbers.values.length;
      answers[row] = numbers;
    };
    const lane = async () => {
      while (next < rows && !over) {
        if (this.signal?.aborted) throw abortError('approximate was aborted.');
        const first = next;
        const count = typeof this.f === 'function' ? 1 : Math.min(PER_MESSAGE, rows - first);
        next += count;
        const given = Array.from({ length: count }, (_, k) => this.named(points, first + k));
        try {
          if (typeof this.f === 'function') {
            const got = this.called(this.f, given[0]!);
            take(first, isPromise(got) ? await this.orAborted(got, given[0]!) : got);
          } else {
            const { answers: got, error } = await this.orAborted(this.f.call(given), given[0]!);
            for (const [k, answer] of got.entries()) take(first + k, answer);
            if (error !== undefined) throw failedAt(given[got.length]!, new Error(error));
          }
        } catch (error) {
          over = true;
          throw error;
        }
        if (slices.due) {
          await nextTask();
          slices.resume();
        }
      }
    };
    try {
      const lanes = Array.from({ length: Math.min(this.concurrency, rows) }, lane);
      const ended = await Promise.allSettled(lanes);
      const failed = ended.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    } catch (error) {
      this.kept = this.whole(points, answers);
      throw error;
    } finally {
      this.seconds += (performance.now() - began) / 1000;
      this.evaluations += answers.filter((answer) => answer !== undefined).length;
    }
    return this.whole(points, answers);
  }

  /** What is there from the first point on, without a gap. */
  private whole(points: Float64Array, answers: readonly (ReturnType<typeof readAnswer> | undefined)[]): Evaluated {
    const end = answers.indexOf(undefined);
    const done = (end < 0 ? answers : answers.slice(0, end)) as ReturnType<typeof readAnswer>[];
    const inputs = this.domain.names.length;
    const values = new Float64Array(done.length * this.outputs);
    done.forEach((answer, i) => values.set(answer.values, i * this.outputs));
    const smooth = done.every(({ gradient }) => gradient !== undefined);
    const gradients = smooth ? new Float64Array(values.length * inputs) : undefined;
    if (gradients !== undefined) done.forEach(({ gradient }, i) => gradients.set(gradient!, i * this.outputs * inputs));
    return { points: points.slice(0, done.length * inputs), values, gradients };
  }

  private named(points: Float64Array, row: number): Record<string, number> {
    const { names } = this.domain;
    return Object.fromEntries(names.map((name, j) => [name, points[row * names.length + j]!]));
  }

  private called(f: CostlyFunction, point: Record<string, number>): unknown {
    try {
      return f(point);
    } catch (error) {
      throw failedAt(point, error);
    }
  }

  /** What the promise comes to, or an AbortError as soon as the signal says so. */
  private async orAborted<T>(given: PromiseLike<T>, point: object): Promise<T> {
    const { signal } = this;
    const promise = given.then(undefined, (error: unknown) => {
      throw error instanceof FeedforwardError ? error : failedAt(point, error);
    }) as Promise<T>;
    if (signal === undefined) return await promise;
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(abortError('approximate was aborted.'));
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

/** What the function threw, with the point it threw it at. */
function failedAt(point: object, error: unknown): FeedforwardError {
  const message = (error as { message?: unknown } | null)?.message ?? error;
  const at = Object.entries(point).map(([name, value]) => `${name} = ${value}`);
  return new FeedforwardError('ERR_STATE', `The function failed at ${at.join(', ')}: ${String(message)}.`, { point }, error);
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
