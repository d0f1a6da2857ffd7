// Batches that come one by one, from anything iterable, synchronous or not: data larger than memory.

import { floats } from '../data/allocate.js';
import { fail, show } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';
import { refuseLoneRow } from './batches.js';
import { isThenable } from './callbacks.js';
import { weighDerivatives } from './derivatives.js';
import { readPair, type ClassWeight, type LabelledRows, type Rows } from './rows.js';
import type { Work } from './slices.js';

/** Batches, [X, y] or { X, y }: an iterable (one epoch's worth), or a function that gives one for each epoch (from 0). */
export type BatchSource =
  | AsyncIterable<LabelledRows>
  | Iterable<LabelledRows>
  | ((epoch: number) => AsyncIterable<LabelledRows> | Iterable<LabelledRows> | Promise<AsyncIterable<LabelledRows>>);

export interface Stream {
  readonly source: BatchSource;
  readonly classWeight: ClassWeight | undefined;
  readonly derivativeWeight: unknown;
  readonly checkFinite: boolean;
}

/** Whether X is a stream rather than a matrix. A list of batches is one, unless targets come beside it. */
export function isBatchSource(X: unknown, y?: unknown): X is BatchSource {
  if (typeof X === 'function') return true;
  if (Array.isArray(X)) return isBatch(X[0]) && !isTargets(y);
  return isIterable(X) && !ArrayBuffer.isView(X);
}

function isIterable(X: unknown): X is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof X === 'object' && X !== null && (Symbol.asyncIterator in X || Symbol.iterator in X);
}

/** @throws ERR_TYPE unless what a function of batches returned can be iterated over. */
export function checkIterable(source: unknown): asserts source is Iterable<unknown> | AsyncIterable<unknown> {
  if (!isIterable(source))
    fail('ERR_TYPE', `The function of batches must return something to iterate over, got ${show(source)}.`);
}

/** [X, y] or { X, y }, and no row of numbers. */
function isBatch(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  if (Array.isArray(item)) return item.length === 2 && item.every((part) => typeof part === 'object' && part !== null);
  return 'X' in item && 'y' in item;
}

function isTargets(y: unknown): boolean {
  return Array.isArray(y) || ArrayBuffer.isView(y) || (typeof y === 'object' && y !== null && 'data' in y);
}

/** Batches for one optimizer step, joined, and how many rows each has. */
interface StreamItem {
  readonly data: Rows;
  readonly sizes: readonly number[];
}

export interface OpenStream {
  /** The next `items` batches together, or undefined at the end. */
  next(plan: NetworkPlan, items: number): Work<StreamItem | undefined>;
  /** Lets the source clean up when it was not read to its end. */
  close(): void;
}

export function openStream(stream: Stream, epoch: number): OpenStream {
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  let index = 0;
  let ended = false;

  function* open(): Work<AsyncIterator<unknown> | Iterator<unknown>> {
    let { source } = stream as { source: unknown };
    if (typeof source === 'function') {
      source = (source as (epoch: number) => unknown)(epoch);
      if (isThenable(source)) source = yield source;
    }
    checkIterable(source);
    const make =
      (source as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] ?? (source as Iterable<unknown>)[Symbol.iterator];
    const made: unknown = typeof make === 'function' ? make.call(source) : undefined;
    if (typeof made !== 'object' || made === null || typeof (made as { next?: unknown }).next !== 'function')
      return fail('ERR_TYPE', `The batches are not iterable after all: their iterator is ${show(made)}.`);
    return made as AsyncIterator<unknown> | Iterator<unknown>;
  }

  return {
    *next(plan, items) {
      iterator ??= yield* open();
      const parts: Rows[] = [];
      while (parts.length < items && !ended) {
        let result: unknown = iterator.next();
        if (isThenable(result)) result = yield result;
        if (typeof result !== 'object' || result === null)
          fail('ERR_TYPE', `batch ${index}: the iterator's next() gave ${show(result)}, not { done, value }.`);
        const { done, value } = result as IteratorResult<unknown>;
        if (done === true) ended = true;
        else {
          const part = readPair(value, plan, `batch ${index++}`, stream);
          parts.push(part.gradients === undefined ? part : weighDerivatives(part, stream.derivativeWeight, plan));
        }
      }
      if (parts.length === 0) return undefined;
      const data = parts.length === 1 ? parts[0]! : joinRows(parts);
      refuseLoneRow(plan, data.rows, `batch ${index - 1}`);
      return { data, sizes: parts.map(({ rows }) => rows) };
    },
    close() {
      if (iterator === undefined || ended) return;
      ended = true;
      const closing: unknown = iterator.return?.();
      if (isThenable(closing)) closing.then(undefined, () => {});
    },
  };
}

function joinRows(parts: readonly Rows[]): Rows {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const weighted = parts.some((part) => part.weights !== undefined);
  const learning = parts.filter((part) => part.gradients !== undefined);
  if (learning.length > 0 && learning.length < parts.length)
    fail('ERR_SHAPE', 'inputGradients: some batches of one step have them and some do not. Give them with each, or with none.');
  const join = (pick: (part: Rows) => Float32Array): Float32Array => {
    const arrays = parts.map(pick);
    const length = arrays.reduce((sum, array) => sum + array.length, 0);
    const out = floats(length, 'The batches of one step');
    let at = 0;
    for (const array of arrays) {
      out.set(array, at);
      at += array.length;
    }
    return out;
  };
  return {
    rows,
    x: join((part) => part.x),
    y: join((part) => part.y),
    weights: weighted ? join((part) => part.weights ?? new Float32Array(part.rows).fill(1)) : undefined,
    gradients: learning.length > 0 ? join((part) => part.gradients!) : undefined,
    gradientWeights: parts[0]!.gradientWeights,
  };
}
