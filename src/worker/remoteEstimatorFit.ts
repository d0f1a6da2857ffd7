// An estimator's fit as seen from this side: its rows and options on their way to the worker, its callbacks and signal here. What a
// callback throws stays here: the worker's fit ends, and the promise rejects with the very same thing.

import type { Features } from '../estimators/features.js';
import { fitRows, type EstimatorFitOptions } from '../estimators/fitOptions.js';
import { fail, show } from '../errors.js';
import { readOptions, type OptionRows } from '../options.js';
import { checkSignal, hookNames, resolveCallbacks } from '../training/fitOptions.js';
import type { Callbacks } from '../training/callbacks.js';
import { copyFeatures, copyTargets } from './estimatorCrossing.js';
import { historyOf, type EstimatorFitRequest, type HookAnswer, type HookName, type PlainHistory } from './protocol.js';
import type { RemoteTraining } from './connection.js';

/** Options of an estimator's fit in a worker. `M`: what callbacks are handed. */
export interface RemoteEstimatorFitOptions<M> extends Omit<EstimatorFitOptions, keyof Callbacks | 'callbacks'>, Callbacks<M> {
  /** Called on this side in their order, before those of the options themselves. */
  readonly callbacks?: Callbacks<M> | readonly Callbacks<M>[];
}

/** Functions, signals and what stands beside the options of a request: they do not cross with them. */
const kept = new Set<string>([...hookNames, 'callbacks', 'signal', 'validationData', 'encoder']);

/** Options of fit whose values are data. */
const data = new Set<string>(['sampleWeight', 'classes', 'featureNames', 'keep']);

let nextId = 1;

/** One fit that runs in the worker. `M`: the estimator on this side, which callbacks are handed. */
export class RemoteEstimatorFit<M> implements RemoteTraining {
  readonly request: Omit<EstimatorFitRequest, 'aborted'>;
  readonly owned: unknown;
  /** What a callback threw. */
  failure: { readonly error: unknown } | undefined;
  /** Set by stop(): with the next answer the worker knows, before the message comes. */
  stopped = false;
  private readonly callbacks: readonly Callbacks<M>[];
  private readonly signal: AbortSignal | undefined;

  /** Copies the data; options are checked in the worker. @throws as fit rejects where X is no rows. */
  constructor(
    private readonly estimator: M,
    X: Features,
    y: unknown,
    options: RemoteEstimatorFitOptions<M>,
    moreRows: OptionRows,
  ) {
    readOptions({ ...fitRows, ...moreRows }, options, 'fit');
    const { validationData, encoder } = options;
    this.signal = checkSignal(options.signal);
    this.callbacks = resolveCallbacks(options);
    const crossing = Object.entries(options).filter(([name, value]) => !kept.has(name) && value !== undefined);
    const plain = crossing.map(([name, value]) => [name, data.has(name) ? copyTargets(value) : value]);
    const rows = copyFeatures(X);
    const targets = copyTargets(y);
    const validation = validationData === undefined ? undefined : copyPair(validationData);
    this.request = {
      id: nextId++,
      X: rows,
      y: targets,
      validation,
      encoder: encoder?.toJSON(),
      options: Object.fromEntries(plain),
      hooks: hookNames.filter((name) => this.callbacks.some((list) => list[name] !== undefined)),
    };
    this.owned = [rows, targets, validation, plain.map(([, value]) => value)];
  }

  get aborted(): boolean {
    return this.signal?.aborted ?? false;
  }

  /** Calls `abort` when the signal says so. Returns how to stop listening. */
  onAbort(abort: () => void): () => void {
    const { signal } = this;
    signal?.addEventListener('abort', abort);
    return () => signal?.removeEventListener('abort', abort);
  }

  async hook(name: HookName, value: unknown): Promise<HookAnswer> {
    const told = name === 'onTrainEnd' ? historyOf(value as PlainHistory) : value;
    const values = name === 'onTrainBegin' ? [this.estimator] : [told, this.estimator];
    try {
      for (const list of this.callbacks)
        await (list[name] as ((...values: unknown[]) => unknown) | undefined)?.apply(list, values);
    } catch (error) {
      this.failure ??= { error };
    }
    return { stop: this.stopped, threw: this.failure !== undefined, aborted: this.aborted };
  }
}

function copyPair(pair: unknown): readonly [X: unknown, y: unknown] {
  if (!Array.isArray(pair) || pair.length !== 2) fail('ERR_OPTION', `validationData: expected [X, y], got ${show(pair)}.`);
  return [copyFeatures(pair[0] as Features, 'validationData X'), copyTargets(pair[1])];
}
