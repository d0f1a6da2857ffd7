// The training of one trial, in stretches: it pauses to bytes after some seconds, at an epoch that is asked for, or when the search
// stops, and goes on from such bytes to the same bits, wherever they were saved.

import { fail } from '../errors.js';
import { loadEstimator } from '../estimators/load.js';
import { Perceptron } from '../estimators/perceptron.js';
import type { Estimator, Trainable } from '../estimators/trainable.js';
import { readModelFile } from '../formats/modelFile.js';

/** When to pause, and where to. */
export interface Pauses {
  /** Train up to this epoch; undefined: to the end. */
  readonly epochs: number | undefined;
  /** Of this trial, from before. */
  readonly checkpoint: Uint8Array | undefined;
  /** Seconds of training between two checkpoints. */
  readonly seconds: number;
  readonly save: (checkpoint: Uint8Array) => Promise<void>;
  /** Aborted when the search stops. */
  readonly signal: AbortSignal;
}

/** A training that ended, or paused where it should. */
export interface Trained {
  readonly estimator: Estimator;
  /** Epochs that it has behind it, those of all its nets where a preset trains several. */
  readonly epochs: number;
  /** Whether nothing is left to train. */
  readonly finished: boolean;
}

/** Rows as an estimator's fit takes them. */
export interface FitRows {
  readonly X: unknown;
  readonly y: unknown;
  readonly names: readonly string[] | undefined;
}

/**
 * Trains, from the checkpoint or from the beginning. A perceptron trains in one go.
 * @throws what fit throws; the signal's reason when it is aborted, with a checkpoint saved.
 */
export async function train(fresh: Estimator, { X, y, names }: FitRows, pauses: Pauses): Promise<Trained> {
  if (fresh instanceof Perceptron) {
    pauses.signal.throwIfAborted();
    await (fresh as Trainable).fit(X, y);
    return { estimator: fresh, epochs: fresh.epochs, finished: true };
  }
  let estimator: Exclude<Estimator, Perceptron> = fresh;
  let epochs = 0;
  if (pauses.checkpoint !== undefined) {
    estimator = loadEstimator(pauses.checkpoint, { onWarning: false });
    epochs = epochsIn(pauses.checkpoint);
  }
  const wanted = pauses.epochs ?? Infinity;
  for (;;) {
    if (estimator.isFitted && (estimator.stoppedBy !== 'abort' || epochs >= wanted)) break;
    pauses.signal.throwIfAborted();
    const pause = new AbortController();
    const begun = performance.now();
    const hooks = {
      signal: pause.signal,
      onEpochEnd: ({ epoch }: { readonly epoch: number }) => {
        epochs = epoch;
        if (epoch >= wanted || performance.now() - begun > 1000 * pauses.seconds) pause.abort();
      },
    };
    const stop = () => pause.abort();
    pauses.signal.addEventListener('abort', stop, { once: true });
    const resume = estimator.isFitted;
    try {
      await (estimator as Trainable).fit(X, y, { ...hooks, resume, ...(names === undefined ? {} : { featureNames: names }) });
    } catch (error) {
      if (!pause.signal.aborted || (error as Error | undefined)?.name !== 'AbortError') throw error;
      if (estimator.stoppedBy === 'abort' && epochs < wanted) await pauses.save(saved(estimator, epochs));
    } finally {
      pauses.signal.removeEventListener('abort', stop);
    }
  }
  return { estimator, epochs, finished: estimator.stoppedBy !== 'abort' };
}

/** A trial as bytes, to go on from. */
export function saved(estimator: Exclude<Estimator, Perceptron>, epochs: number): Uint8Array {
  return estimator.save({ optimizer: true, sections: { search: { epochs } } });
}

function epochsIn(checkpoint: Uint8Array): number {
  const { search } = readModelFile(checkpoint).sections as { readonly search?: { readonly epochs?: unknown } };
  if (typeof search?.epochs !== 'number') fail('ERR_FORMAT', 'These bytes are no checkpoint of a trial.');
  return search.epochs;
}
